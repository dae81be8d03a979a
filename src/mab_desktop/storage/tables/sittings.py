"""What the state commission does (p.6): its plan of work, sittings with attendance and questions, corrections."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mab_desktop.storage.tables.core import Base


class PlanItem(Base):
    """A line of the plan of work that the chair approves; columns as in `domain.commission.PLAN_ITEM`."""

    __tablename__ = "plan_item"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    due: Mapped[date]
    text: Mapped[str] = mapped_column(String(500))
    responsible: Mapped[str | None] = mapped_column(String(120))
    done_on: Mapped[date | None]


class Sitting(Base):
    """A sitting; `closed_at` set, nothing of it changes any more. `minutes` is None where no quorum was there."""

    __tablename__ = "sitting"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    time: Mapped[str] = mapped_column(String(5))
    place: Mapped[str] = mapped_column(String(120))
    minutes: Mapped[int | None] = mapped_column(unique=True)
    closed_at: Mapped[str | None] = mapped_column(String(40))
    closed_by: Mapped[str | None] = mapped_column(String(64))


class SittingMember(Base):
    """Who stood on the list on the day of a sitting, as he stood there, and whether he came."""

    __tablename__ = "sitting_member"
    sitting: Mapped[int] = mapped_column(ForeignKey("sitting.number"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("commission_member.id"), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    post: Mapped[str | None] = mapped_column(String(120))
    present: Mapped[bool]


class SittingQuestion(Base):
    """A question of the agenda, the draft of its decision, and how it was voted on; `adopted` None: not yet."""

    __tablename__ = "sitting_question"
    sitting: Mapped[int] = mapped_column(ForeignKey("sitting.number"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(500))
    reporter: Mapped[str | None] = mapped_column(String(120))
    decision: Mapped[str] = mapped_column(String(1000))
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    abstained: Mapped[int | None]
    casting: Mapped[str | None] = mapped_column(String(8))
    adopted: Mapped[bool | None]


class SittingCorrection(Base):
    """What a closed sitting's minutes should have said, and on what ground; the minutes stay as they were."""

    __tablename__ = "sitting_correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    sitting: Mapped[int] = mapped_column(ForeignKey("sitting.number"))
    text: Mapped[str] = mapped_column(String(1000))
    ground: Mapped[str] = mapped_column(String(500))
    at: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(64))
