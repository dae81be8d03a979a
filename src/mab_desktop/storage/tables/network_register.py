"""What passes by hand between a base university and its network universities, and the databases it was handed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class NetworkHandOver(Base):
    """A line of the hand-over register (p.19, p.21, p.22); never changed, only withdrawn with a reason.

    `item` is one of `domain.network_register.ITEMS`: the program given, the database's signed print, the signed and
    sealed final statistics. `board_entry` is the line of the board with the database that a paper belongs to.
    """

    __tablename__ = "network_hand_over"
    __table_args__ = (Index("ix_network_hand_over_university_item", "university", "item"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    university: Mapped[str] = mapped_column(String(3))
    item: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]
    person: Mapped[str] = mapped_column(String(120))
    post: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    carrier: Mapped[str] = mapped_column(String(60))
    signed: Mapped[bool]
    sealed: Mapped[bool]
    note: Mapped[str] = mapped_column(String(200))
    count: Mapped[int]
    control_sum: Mapped[str] = mapped_column(String(32))
    board_entry: Mapped[int | None]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[str] = mapped_column(String(40), default="")
    withdrawn_by: Mapped[str] = mapped_column(String(64), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")


class Training(Base):
    """A meeting of the network universities' coordinators and programmers (p.19, p.20)."""

    __tablename__ = "training"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date]
    place: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(200))
    held_by: Mapped[str] = mapped_column(String(120))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))


class TrainingAttendance(Base):
    """Who came to a training for a university, in which office: coordinator or programmer."""

    __tablename__ = "training_attendance"
    training: Mapped[str] = mapped_column(ForeignKey("training.id"), primary_key=True)
    university: Mapped[str] = mapped_column(String(3), primary_key=True)
    office: Mapped[str] = mapped_column(String(16), primary_key=True)
    person: Mapped[str] = mapped_column(String(120))


class DatabaseVersion(Base):
    """A database of a network university as it was taken; `digest` is its carrier's, the numbers are against the one
    before it. `statistics` is the sum of its statistics (`domain.statistics.rows_sum`), `elsewhere` counts the
    university's students of other base universities, {code: students}."""

    __tablename__ = "database_version"
    university: Mapped[str] = mapped_column(String(3), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    students: Mapped[int]
    control_sum: Mapped[str] = mapped_column(String(32))
    statistics: Mapped[str] = mapped_column(String(16))
    new: Mapped[int]
    changed: Mapped[int]
    gone: Mapped[int]
    broken: Mapped[int]
    twins: Mapped[int]
    elsewhere: Mapped[dict[str, Any]]


class DatabaseDifference(Base):
    """A line of the list of differences between a version and the one before it; kept although records go on."""

    __tablename__ = "database_difference"
    __table_args__ = (Index("ix_database_difference_version", "university", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    university: Mapped[str] = mapped_column(String(3))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    student: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(130))
    field: Mapped[str] = mapped_column(String(32))
    old: Mapped[str] = mapped_column(String(200))
    new: Mapped[str] = mapped_column(String(200))


class BaseDuty(Base):
    """What the base university noted for one of its fourteen duties (p.6); `due` takes the place of the order's day."""

    __tablename__ = "base_duty"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due: Mapped[date | None]
    responsible: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    done_on: Mapped[date | None]
    done_at: Mapped[str] = mapped_column(String(40), default="")
    done_by: Mapped[str] = mapped_column(String(64), default="")
