"""Key, points and appeals at the ministry programmer's (p.39-45)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class SealedKey(Base):
    """The answer key of a shift as it came, shut under the passwords of its holders (p.39)."""

    __tablename__ = "sealed_key"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[str] = mapped_column(String(64))
    envelope: Mapped[str] = mapped_column(String(60000))
    received_at: Mapped[str] = mapped_column(String(40))


class PasswordTries(Base):
    """Tries at something sealed, counted and committed before the result of a try shows.

    `ticks` are the computer's milliseconds since it was started, at the last try: nobody can set them.
    """

    __tablename__ = "password_tries"
    subject: Mapped[str] = mapped_column(String(120), primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[str] = mapped_column(String(40))
    ticks: Mapped[int] = mapped_column(default=0, server_default="0")


class MarksClosed(Base):
    """The marks of a shift as they stood when the representative confirmed identification; no key was open then.

    `statement` says so over this PC's signature.
    """

    __tablename__ = "marks_closed"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    sheets: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(String(4000), default="", server_default="")


class OpenedKey(Base):
    """That a shift's key was opened, when, by whom, together with which chair or his deputy.

    `holders` are those whose passwords opened it; with `salt` anybody sees that `key_letters` are what was announced.
    """

    __tablename__ = "opened_key"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    commitment: Mapped[str] = mapped_column(String(64))
    chair: Mapped[str] = mapped_column(String(120))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(64), default="", server_default="")
    holders: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class KeyLetters(Base):
    """The right options of a variant and subject, item 1 first: what the points of the shift are counted by.

    Written in the transaction that opens the key, when it may be hung out (p.39), and never changed; an opened key
    stands nowhere else on the disk.
    """

    __tablename__ = "key_letters"
    shift: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    variant: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(String(8), primary_key=True)
    letters: Mapped[str] = mapped_column(String(60))


class ScoreRow(Base):
    """Points of a student by subject: by the key, and what the appeal added."""

    __tablename__ = "score_row"
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), primary_key=True)
    shift: Mapped[int] = mapped_column(index=True)
    serial: Mapped[str] = mapped_column(String(40))
    variant: Mapped[str] = mapped_column(String(8))
    before: Mapped[list[Any]]
    added: Mapped[list[Any]]
    total_before: Mapped[int]
    total_after: Mapped[int]


class AppealMember(Base):
    """A listed member of the appeal commission: subject and language taught; one is the chair (p.9)."""

    __tablename__ = "appeal_member"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str | None] = mapped_column(String(8))
    language: Mapped[str | None] = mapped_column(String(1))
    university: Mapped[str | None] = mapped_column(String(3))
    chair: Mapped[bool] = mapped_column(default=False)


class Appeal(Base):
    """An application in the journal; `number` runs within the shift in the order received (p.41, p.43)."""

    __tablename__ = "appeal"
    __table_args__ = (UniqueConstraint("shift", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    shift: Mapped[int]
    student: Mapped[str] = mapped_column(ForeignKey("student.id"), unique=True)
    number: Mapped[int]
    filed_at: Mapped[str] = mapped_column(String(40))
    received_by: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(16))
    present: Mapped[list[Any]] = mapped_column(default=list)
    entered_at: Mapped[str] = mapped_column(String(40))
    entered_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(64))


class AppealItem(Base):
    """An appealed item and the commission's decision; `subject` counts from 1 in the sheet's order."""

    __tablename__ = "appeal_item"
    appeal: Mapped[str] = mapped_column(ForeignKey("appeal.id"), primary_key=True)
    subject: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    satisfied: Mapped[bool | None]
    ground: Mapped[str | None] = mapped_column(String(1))
    reasons: Mapped[str] = mapped_column(String(4000), default="")
    literature: Mapped[str] = mapped_column(String(1000), default="")
    accepted: Mapped[str] = mapped_column(String(3), default="")
    votes_for: Mapped[int] = mapped_column(default=0)
    votes_against: Mapped[int] = mapped_column(default=0)
    member: Mapped[str] = mapped_column(String(120), default="")


class ResultScore(Base):
    """Points of a student in a subject as signed results brought them (p.44): at the universities and the centre."""

    __tablename__ = "result_score"
    base_university: Mapped[str] = mapped_column(String(3), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    subject: Mapped[str] = mapped_column(String(8), primary_key=True)
    shift: Mapped[int] = mapped_column(index=True)
    before: Mapped[int]
    after: Mapped[int]
    carrier: Mapped[str] = mapped_column(String(64))
