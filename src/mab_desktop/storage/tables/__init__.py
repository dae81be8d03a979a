"""ORM classes of every table, by noun; importing this package registers them all.

Rows never leave a transaction: services turn them into plain values.
"""

from mab_desktop.storage.tables import core, halls, students
from mab_desktop.storage.tables.core import Base

__all__ = ["Base", "core", "halls", "students"]
