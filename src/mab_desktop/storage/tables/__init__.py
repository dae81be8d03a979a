"""ORM classes of every table, by noun; importing this package registers them all.

Rows never leave a transaction: services turn them into plain values.
"""

from mab_desktop.storage.tables import (
    base_university,
    brought_in,
    centre,
    core,
    exam,
    fund,
    halls,
    network,
    network_register,
    passes,
    photos,
    restored,
    results,
    second_entry,
    sittings,
    students,
)
from mab_desktop.storage.tables.core import Base

__all__ = [
    "Base", "base_university", "brought_in", "centre", "core", "exam", "fund", "halls", "network",
    "network_register", "passes", "photos", "restored", "results", "second_entry", "sittings", "students",
]  # fmt: skip
