"""The base university's fourteen duties (p.6): day, person, note, done; how far they are where the program knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.board import DUTIES, CellState
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.statistics import FINAL
from mab_desktop.i18n import N_
from mab_desktop.services import base_board
from mab_desktop.services.carriers import BUILT, RECEIPTED, UNRECEIPTED
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.tables.base_university import DutyOfficer
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.network_register import BaseDuty

DUTY_RECORD = RecordSpec(
    "base-duty",
    N_("Duty of the base university"),
    (
        Field("due", N_("Last day"), Kind.DATE, hint=N_("Empty: the day of the order, where it gives one.")),
        Field("responsible", N_("Who is responsible"), max_length=120),
        Field("note", N_("Remark"), max_length=500),
    ),
)


class DutyStanding(StrEnum):
    """How a duty stands today."""

    DONE = "done"
    READY = "ready"  # all that the program knows of is done; a person has to confirm
    LATE = "late"
    DUE = "due"
    BEGUN = "begun"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Known:
    """How far a duty is as the program knows: `done` of `total`, in words (a message id and its parameters)."""

    done: int
    total: int
    words: Problem

    @property
    def complete(self) -> bool:
        """Nothing is left to be done."""
        return bool(self.total) and self.done >= self.total


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty; `of_order` is the order's own last day, `known` what the program can tell."""

    number: int
    title: str
    due: date | None
    of_order: date | None
    responsible: str
    note: str
    standing: DutyStanding
    known: Known | None
    done_on: date | None
    done_by: str


def duties(ctx: Context) -> list[DutyLine]:
    """The fourteen duties of p.6 in their order."""
    require(ctx, Role.BASE_UNI)
    today, year = ctx.clock.now().date(), ctx.season.year
    lines = base_board.board(ctx)
    with ctx.store.read() as session:
        rows = {row.number: row for row in session.scalars(select(BaseDuty))}
        known = _known(session, lines)
        found = []
        for duty in DUTIES:
            row = rows.get(duty.number)
            ordered = date(year, *duty.month_day) if duty.month_day else None
            due = row.due if row and row.due else ordered
            done_on = row.done_on if row else None
            standing = _standing(known.get(duty.number), due, today) if done_on is None else DutyStanding.DONE
            found.append(DutyLine(
                duty.number, duty.title, due, ordered, row.responsible if row else "", row.note if row else "",
                standing, known.get(duty.number), done_on, row.done_by if row else "",
            ))  # fmt: skip
        return found


def plan_duty(ctx: Context, number: int, values: Mapping[str, Any]) -> None:
    """Set a duty's day, person and remark."""
    require(ctx, Role.BASE_UNI)
    row: dict[str, Any] = {name: values.get(name) for name in DUTY_RECORD.names}
    if found := list(DUTY_RECORD.problems(row)):
        raise Refused(found)
    if row["due"] is not None and row["due"].year != ctx.season.year:
        raise Refused([Problem("due", N_("This day lies outside the year of the season."))])
    with ctx.store.write(ctx.actor) as tx:
        kept = _row(tx.session, number)
        kept.due = row["due"]
        kept.responsible, kept.note = (row["responsible"] or "").strip(), (row["note"] or "").strip()
        tx.note("duty-planned", str(number), due=str(kept.due or ""), responsible=kept.responsible)


def confirm_duty(ctx: Context, number: int, day: date | None = None, note: str = "") -> None:
    """Confirm that a duty is done, on `day` or today; `note` takes the place of the remark, when given."""
    require(ctx, Role.BASE_UNI)
    today = ctx.clock.now().date()
    if day is not None and day > today:
        raise Refused([Problem("day", N_("This day has not come yet."))])
    with ctx.store.write(ctx.actor) as tx:
        row = _row(tx.session, number)
        row.done_on, row.done_at, row.done_by = day or today, stamp(ctx), ctx.actor.login
        row.note = note.strip()[:500] or row.note
        tx.note("step-confirmed", f"duty:{number}", day=row.done_on.isoformat(), note=row.note)


def reopen_duty(ctx: Context, number: int) -> None:
    """Take a confirmation back."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _row(tx.session, number)
        if row.done_on is None:
            raise UserError(N_("Duty {number} is not confirmed."), number=number)
        row.done_on, row.done_at, row.done_by = None, "", ""
        tx.note("duty-reopened", str(number))


def _row(session: Session, number: int) -> BaseDuty:
    if number not in {duty.number for duty in DUTIES}:
        raise UserError(N_("There is no duty number {number}."), number=number)
    row = session.get(BaseDuty, number)
    if row is None:
        row = BaseDuty(number=number)
        session.add(row)
    return row


def _standing(known: Known | None, due: date | None, today: date) -> DutyStanding:
    if known is not None and known.complete:
        return DutyStanding.READY
    if due is not None and today > due:
        return DutyStanding.LATE
    if due is not None and (due - today).days <= 7:
        return DutyStanding.DUE
    return DutyStanding.BEGUN if known is not None and known.done else DutyStanding.OPEN


# -- what the program knows --------------------------------------------------------------------------------------------


def _known(session: Session, lines: list[base_board.BoardLine]) -> dict[int, Known]:
    """By number of the duty; those that happen outside the program are left out."""
    sent, told = _to_centre(session)
    officers, trained = (
        session.scalar(select(func.count()).select_from(DutyOfficer).where(*where)) or 0
        for where in ((), (DutyOfficer.trained.is_(True),))
    )
    found = {
        2: _universities(lines, "training", N_("Trained: {done} of {total} universities")),
        3: _passed_on(lines, FINAL, "statistics" in sent,
                      N_("Final statistics came: {done} of {total}; sent to the centre: {sent}")),
        4: _passed_on(lines, "database", "base-students" in sent,
                      N_("Databases came: {done} of {total}; sent to the centre: {sent}")),
        5: _universities(lines, "passes", N_("Passes and register given: {done} of {total} universities")),
        9: Known(told, max(len(sent), 1), Problem("", N_("Files sent to the centre: {total}, confirmed by it: {done}"),
                                                  (("total", len(sent)), ("done", told)))),
        12: _universities(lines, "program", N_("Program given and signed for: {done} of {total} universities")),
    }  # fmt: skip
    if officers:
        words = Problem("", N_("Duty officers trained: {done} of {total}"), (("done", trained), ("total", officers)))
        found[7] = Known(trained, officers, words)
    return found


def _universities(lines: list[base_board.BoardLine], item: str, text: str) -> Known:
    done = sum(line.cells[item].state in (CellState.DONE, CellState.LATE_DONE) for line in lines)
    return Known(done, len(lines), Problem("", text, (("done", done), ("total", len(lines)))))


def _passed_on(lines: list[base_board.BoardLine], item: str, sent: bool, text: str) -> Known:
    """Done when all came and went on; the going on counts as one more."""
    came = sum(bool(line.cells[item].at) for line in lines)
    words = Problem("", text, (("done", came), ("total", len(lines)), ("sent", "✓" if sent else "–")))
    return Known(came + sent, len(lines) + 1, words)


def _to_centre(session: Session) -> tuple[set[str], int]:
    """The kinds of files on drives for the centre, and how many of them it has confirmed in their newest state."""
    query = select(CarrierOut.kind, CarrierOut.state).where(
        CarrierOut.recipient == NTC_CODE, CarrierOut.state != BUILT, CarrierOut.kind.not_in(UNRECEIPTED)
    )
    newest = dict(session.execute(query.order_by(CarrierOut.epoch, CarrierOut.seq)).all())
    return set(newest), sum(state == RECEIPTED for state in newest.values())
