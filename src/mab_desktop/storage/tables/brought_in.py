"""Tables from elsewhere that were brought in, and which record each of their rows made or changed."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class BroughtIn(Base):
    """A file of students that was brought in; `undone_at` is None while it stands."""

    __tablename__ = "brought_in"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    rows: Mapped[int]
    new: Mapped[int]
    changed: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    undone_at: Mapped[str | None] = mapped_column(String(40))
    undone_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))


class BroughtInRow(Base):
    """A record that a row of the file made (`version` 1) or changed; with another version since, it stays."""

    __tablename__ = "brought_in_row"
    brought_in: Mapped[str] = mapped_column(ForeignKey("brought_in.id"), primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    line: Mapped[int]
    version: Mapped[int]
