"""Students, their history, and what the centre allots to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class Student(Base):
    """A student record (p.18); columns of the form are named as in `domain.student.STUDENT`.

    A record that is only partly typed has `complete` false and may lack values. `base_version` is the version that
    the record had when it last crossed a border. `marks` say per field whose changes its value knows of
    (`domain.merge`). `search` is the search form of the name,
    `sort_name` sorts in Kazakh order.
    """

    __tablename__ = "student"
    # With `deleted_at` in them they answer without the row: what is asked after each saving.
    __table_args__ = (
        Index("ix_student_university_sort_name", "university", "sort_name"),
        Index("ix_student_to_code", "deleted_at", "to_code"),
        Index("ix_student_identity_document", "deleted_at", "identity_document"),
        Index("ix_student_standing", "deleted_at", "complete", "base_university", "photos"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    university: Mapped[str] = mapped_column(String(3))
    base_university: Mapped[str] = mapped_column(String(3))
    surname: Mapped[str | None] = mapped_column(String(40))
    first_name: Mapped[str | None] = mapped_column(String(40))
    patronymic: Mapped[str | None] = mapped_column(String(40))
    birth_date: Mapped[date | None] = mapped_column(index=True)
    citizenship: Mapped[str | None] = mapped_column(String(3))
    nationality: Mapped[str | None] = mapped_column(String(3))
    sex: Mapped[str | None] = mapped_column(String(1))
    specialty: Mapped[str | None] = mapped_column(String(6), index=True)
    course: Mapped[str | None] = mapped_column(String(1))
    study_language: Mapped[str | None] = mapped_column(String(1))
    study_form: Mapped[str | None] = mapped_column(String(1))
    payment: Mapped[str | None] = mapped_column(String(1))
    to_code: Mapped[str | None] = mapped_column(String(8))
    certificate: Mapped[str | None] = mapped_column(String(8))
    grant_certificate: Mapped[str | None] = mapped_column(String(8))
    identity_document: Mapped[str | None] = mapped_column(String(10))
    admission_year: Mapped[int | None]
    record_book: Mapped[str | None] = mapped_column(String(10))
    foreign_language: Mapped[str | None] = mapped_column(String(1))
    photos: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    base_version: Mapped[int] = mapped_column(default=0)
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[str] = mapped_column(String(40))
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[str] = mapped_column(String(40))
    deleted_at: Mapped[str | None] = mapped_column(String(40))
    search: Mapped[str] = mapped_column(String(130), index=True)
    sort_name: Mapped[str] = mapped_column(String(260), index=True)


class StudentChange(Base):
    """One changed field of a record: old and new value, ground, who, when (p.8, p.20); `mark` as in `domain.merge`."""

    __tablename__ = "student_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), index=True)
    version: Mapped[int]
    field: Mapped[str] = mapped_column(String(32))
    old: Mapped[str | None] = mapped_column(String(200))
    new: Mapped[str | None] = mapped_column(String(200))
    ground: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    mark: Mapped[str] = mapped_column(String(2000), default="")


class WrongData(Base):
    """A line of the list of students with wrong data (p.24, p.25): printed value against the right one."""

    __tablename__ = "wrong_data"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), index=True)
    university: Mapped[str] = mapped_column(String(3))
    field: Mapped[str] = mapped_column(String(32))
    printed_value: Mapped[str | None] = mapped_column(String(40))
    right_value: Mapped[str | None] = mapped_column(String(40))
    ground: Mapped[str] = mapped_column(String(200))
    application_number: Mapped[str] = mapped_column(String(20))
    application_date: Mapped[date]
    applied_at: Mapped[str | None] = mapped_column(String(40))
    applied_by: Mapped[str | None] = mapped_column(String(64))


class Shift(Base):
    """A shift (лек) of the season; its life at the ministry programmer's is in `state`."""

    __tablename__ = "shift"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    exam_date: Mapped[date]
    start_time: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(24), default="planned")


class Allotment(Base):
    """Code, subjects, shift and hall that the centre allotted to a student (p.24)."""

    __tablename__ = "allotment"
    __table_args__ = (Index("ix_allotment_shift_hall", "shift", "hall"),)
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    shift: Mapped[int] = mapped_column(ForeignKey("shift.number"))
    building: Mapped[str] = mapped_column(String(2))
    hall: Mapped[str] = mapped_column(String(3))
    test_language: Mapped[str] = mapped_column(String(1))
    subject1: Mapped[str] = mapped_column(String(8))
    subject2: Mapped[str] = mapped_column(String(8))
    subject3: Mapped[str] = mapped_column(String(8))
    subject4: Mapped[str] = mapped_column(String(8))
    subject5: Mapped[str] = mapped_column(String(8))
