"""Results (F16, p.44): points of closed shifts, signed by two people, to the centre and down to the universities."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.organisation import NTC_CODE, Role, organisation_id, parse_organisation
from mab_desktop.domain.shift import ShiftState
from mab_desktop.exchange.kinds import RESULTS
from mab_desktop.i18n import N_
from mab_desktop.services import final_data
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.results import ResultScore
from mab_desktop.storage.tables.students import Allotment, Shift, Student

# -- from the ministry programmer


def _first_recipients(ctx: Context, _session: Session) -> list[str]:
    return [NTC_CODE, organisation_id(Role.BASE_UNI, ctx.university)]


def _closed(session: Session) -> list[int]:
    query = select(Shift.number).where(Shift.state == ShiftState.CLOSED.value)
    return list(session.scalars(query.order_by(Shift.number)))


def _first_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    return [] if _closed(session) else [Problem("shift", N_("No shift is closed yet."))]


def _first_collect(_ctx: Context, session: Session, _to: str) -> Collected:
    """Every closed shift again: a file that was lost on its way is healed by the next."""
    return _sums([record for shift in _closed(session) for record in final_data.score_records(session, shift)])


def _sums(records: list[Record]) -> Collected:
    students = {values["code"] for _, values in records}
    sums: dict[str, str | int] = {"students": len(students), "points": sum(values["after"] for _, values in records)}
    return Collected(records, control_sums=sums)


# -- from the base university on to the network universities


def _next_recipients(_ctx: Context, session: Session) -> list[str]:
    query = (
        select(Student.university)
        .join(Allotment, Allotment.student == Student.id)
        .join(ResultScore, ResultScore.code == Allotment.code)
        .distinct()
    )
    return [organisation_id(Role.NETWORK_UNI, code) for code in sorted(session.scalars(query))]


def _next_collect(_ctx: Context, session: Session, to: str) -> Collected:
    query = (
        select(ResultScore)
        .join(Allotment, Allotment.code == ResultScore.code)
        .join(Student, Student.id == Allotment.student)
        .where(Student.university == parse_organisation(to)[1])
        .order_by(ResultScore.shift, ResultScore.code, ResultScore.subject)
    )
    names = RECORDS[RESULTS.name]["score"].names
    return _sums([("score", {name: getattr(row, name) for name in names}) for row in session.scalars(query)])


# -- taking


def _preview(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    lines = list(arrived.of_type("score"))
    base = parse_organisation(arrived.sender)[1]
    shifts = sorted({line["shift"] for line in lines})
    here = {
        (row.code, row.subject): (row.before, row.after)
        for row in session.scalars(select(ResultScore).where(ResultScore.base_university == base))
    }
    changed = sum(
        here.get((line["code"], line["subject"]), (line["before"], line["after"])) != (line["before"], line["after"])
        for line in lines
    )
    found = [
        Line(N_("Results of shifts: {shifts}"), {"shifts": ", ".join(map(str, shifts))}),
        Line(N_("Students with points: {count}"), {"count": len({line["code"] for line in lines})}),
    ]
    if changed:
        found.append(Line(N_("Points that differ from those taken before: {count}"), {"count": changed}))
    return found


def _take(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Put the results of these shifts in place of those that came before from the same base university."""
    base = parse_organisation(arrived.sender)[1]
    lines = list(arrived.of_type("score"))
    if ctx.role is not Role.NTC:
        codes = {line["code"] for line in lines}
        known = set(tx.session.scalars(select(Allotment.code)))
        if strangers := len(codes - known):
            raise UserError(N_("The file names {count} students that are not in this database. Nothing was changed."),
                            count=strangers)  # fmt: skip
    said = _preview(ctx, tx.session, arrived)
    shifts = {line["shift"] for line in lines}
    tx.session.execute(
        delete(ResultScore).where(ResultScore.base_university == base, ResultScore.shift.in_(shifts))
    )
    if lines:
        tx.session.execute(
            insert(ResultScore), [{"base_university": base, "carrier": arrived.digest, **line} for line in lines]
        )
    return said


HANDLERS: tuple[Handler, ...] = (
    Handler(RESULTS.name, RECORDS[RESULTS.name], _first_recipients, _first_obstacles, _first_collect, _preview, _take,
            Role.MINISTRY_PROGRAMMER),
    Handler(RESULTS.name, RECORDS[RESULTS.name], _next_recipients, None, _next_collect, sender=Role.BASE_UNI),
)  # fmt: skip
