"""Records typed a second time by another operator, and what came of the comparison."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class SecondEntry(Base):
    """A record as a second operator typed it, hidden from the first values; `values` are texts by field.

    `version` is that of the record it was typed against. On another PC than the record's it waits to be compared
    (`state` as in `domain.second_entry`), so `student` need not be here.
    """

    __tablename__ = "second_entry"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    student: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[int]
    typist: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16))
    aside: Mapped[str] = mapped_column(String(200), default="")


class SecondDifference(Base):
    """A field in which two entries differ: `typist` gave its first value at `typed_at`; `choice` is "" while open."""

    __tablename__ = "second_difference"
    entry: Mapped[str] = mapped_column(ForeignKey("second_entry.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(32), primary_key=True)
    first: Mapped[str] = mapped_column(String(200))
    second: Mapped[str] = mapped_column(String(200))
    typist: Mapped[str] = mapped_column(String(64))
    typed_at: Mapped[str] = mapped_column(String(40))
    choice: Mapped[str] = mapped_column(String(16), default="")
    settled: Mapped[str] = mapped_column(String(200), default="")
    settled_by: Mapped[str] = mapped_column(String(64), default="")
    settled_at: Mapped[str] = mapped_column(String(40), default="")


class SecondWanted(Base):
    """A sheet that the programmer wants typed again, as an operator's PC knows of it."""

    __tablename__ = "second_wanted"
    student: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int]
    typist: Mapped[str] = mapped_column(String(64))
    typist_name: Mapped[str] = mapped_column(String(200))
    day: Mapped[date]
    sheet: Mapped[int]
    verifier: Mapped[str] = mapped_column(String(64), default="")
    again: Mapped[int] = mapped_column(default=0)
