"""What only a network university keeps: operators and their days, specialties, merging, issue of passes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class Operator(Base):
    """A person on the list of operators (p.21); `workplace` is the PC where he types."""

    __tablename__ = "operator"
    login: Mapped[str] = mapped_column(String(64), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(200))
    workplace: Mapped[str] = mapped_column(String(64), default="")
    active: Mapped[bool] = mapped_column(default=True)


class OperatorDay(Base):
    """A working day of an operator as his PC reported it in a portion (p.20)."""

    __tablename__ = "operator_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    operator: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    started: Mapped[str] = mapped_column(String(5))
    finished: Mapped[str] = mapped_column(String(5))
    new: Mapped[int]
    changed: Mapped[int]
    deleted: Mapped[int]
    total: Mapped[int]
    verified: Mapped[int] = mapped_column(default=0, server_default="0")
    keys: Mapped[int] = mapped_column(default=0, server_default="0")


class KeysPressed(Base):
    """The keys that a person pressed on a day at a PC while typing records that were saved (p.20)."""

    __tablename__ = "keys_pressed"
    day: Mapped[date] = mapped_column(primary_key=True)
    operator: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    keys: Mapped[int]


class SpecialtyTaught(Base):
    """A specialty whose students take part (p.21)."""

    __tablename__ = "specialty_taught"
    university: Mapped[str] = mapped_column(String(3), primary_key=True)
    specialty: Mapped[str] = mapped_column(String(6), primary_key=True)


class Conflict(Base):
    """A field that two sides changed without knowing of each other.

    `mine` stands in the record until somebody decides; `theirs` came with the carrier of `device`. `state` is "open",
    "decided", or "overtaken" when a newer value made the question pointless.
    """

    __tablename__ = "conflict"
    __table_args__ = (Index("ix_conflict_state_student", "state", "student"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"))
    field: Mapped[str] = mapped_column(String(32))
    base: Mapped[str | None] = mapped_column(String(200))
    mine: Mapped[str | None] = mapped_column(String(200))
    theirs: Mapped[str | None] = mapped_column(String(200))
    theirs_mark: Mapped[str] = mapped_column(String(2000))
    theirs_by: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16), default="open")
    choice: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[str | None] = mapped_column(String(40))


class Duplicate(Base):
    """Two records that may be one person, once a person has settled it: `keep` is "" when they are two people.

    `photo` is the photograph that the record that stays took over, `photo_before` the one that stood there.
    """

    __tablename__ = "duplicate"
    first: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    second: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    keep: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    photo: Mapped[str] = mapped_column(String(32), default="", server_default="")
    photo_before: Mapped[str] = mapped_column(String(32), default="", server_default="")


class PassIssue(Base):
    """A pass received from the base university, its issue against a signature, and its stub (p.25).

    A spoilt pass is not issued; the base university prints it anew.
    """

    __tablename__ = "pass_issue"
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    base_university: Mapped[str] = mapped_column(String(3))
    number: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[str | None] = mapped_column(String(40))
    issued_by: Mapped[str | None] = mapped_column(String(64))
    stub_at: Mapped[str | None] = mapped_column(String(40))
    spoilt_at: Mapped[str | None] = mapped_column(String(40))
    spoilt_why: Mapped[str] = mapped_column(String(200), default="", server_default="")
