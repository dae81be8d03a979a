"""What the base university keeps: who handed in what, statistics, passes, duty officers, the state commission."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class BoardEntry(Base):
    """One thing that a network university handed in, was given or confirmed, and when; never changed afterwards.

    `item` is one of `domain.board.ITEMS`; `digest` is the carrier's, "" for paper.
    """

    __tablename__ = "board_entry"
    __table_args__ = (Index("ix_board_entry_university_item", "university", "item"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    university: Mapped[str] = mapped_column(String(3))
    item: Mapped[str] = mapped_column(String(32))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), default="")
    count: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(500), default="")


class StatisticsRow(Base):
    """Students of a university counted in one cell of the statistics (p.21-23); also at the centre."""

    __tablename__ = "statistics_row"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    university: Mapped[str] = mapped_column(String(3), primary_key=True)
    stage: Mapped[str] = mapped_column(String(16), primary_key=True)
    specialty: Mapped[str] = mapped_column(String(6), primary_key=True)
    study_language: Mapped[str] = mapped_column(String(1), primary_key=True)
    study_form: Mapped[str] = mapped_column(String(1), primary_key=True)
    payment: Mapped[str] = mapped_column(String(1), primary_key=True)
    foreign_language: Mapped[str] = mapped_column(String(1), primary_key=True)
    sex: Mapped[str] = mapped_column(String(1), primary_key=True)
    students: Mapped[int]


class PassSlip(Base):
    """The admission slip of a student: its number, when it was given out, when its stub came back (p.24, p.25)."""

    __tablename__ = "pass_slip"
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(10), unique=True)
    issued_at: Mapped[str | None] = mapped_column(String(40))
    issued_by: Mapped[str | None] = mapped_column(String(64))
    stub_at: Mapped[str | None] = mapped_column(String(40))


class DutyOfficer(Base):
    """A place of a duty officer (p.6, p.24): columns as in `domain.carrier_records.DUTY_OFFICER`.

    Who serves in several places has a row for each; `person` is then the id of his first one.
    """

    __tablename__ = "duty_officer"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(120))
    post: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(40))
    shift: Mapped[int | None]
    file_received: Mapped[bool | None]
    trained: Mapped[bool | None]
    person: Mapped[str | None] = mapped_column(String(32))


class CommissionMember(Base):
    """A member or observer of the state commission (p.6); columns as in `domain.commission.MEMBER_RECORD`."""

    __tablename__ = "commission_member"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(120))
    post: Mapped[str | None] = mapped_column(String(120))
    organisation: Mapped[str | None] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    phone: Mapped[str | None] = mapped_column(String(40))
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_reason: Mapped[str | None] = mapped_column(String(200))
