"""The network university's application."""
