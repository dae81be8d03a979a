"""Photographs of students for their passes (p.21): cut to 3x4, sealed beside the database, found by their digest."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class Photo(Base):
    """A photograph as it lies here; of one student one stands, those before it have `gone_at`.

    `sha256` is of the JPEG kept and names its place in the vault, `origin` of the file that it was made from: the same
    file need not be made again. `source` is where that file was: a path, or the carrier's sender. `frame` is the part
    of the picture that was cut out, in its dots: left, top, width.
    """

    __tablename__ = "photo"
    __table_args__ = (
        Index("ix_photo_student", "student"),
        Index(
            "ux_photo_standing",
            "student",
            unique=True,
            sqlite_where=text("gone_at IS NULL"),
            postgresql_where=text("gone_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    frame: Mapped[list[float]] = mapped_column(JSON)
    face: Mapped[bool]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    gone_at: Mapped[str | None] = mapped_column(String(40))
