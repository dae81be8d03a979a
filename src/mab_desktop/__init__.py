"""Software for the state intermediate control (МАБ): four offline applications and their tools."""

__version__ = "0.1.0"
