"""The representative's report to the centre (p.7, p.47): her words on each of her tasks, and the shifts in numbers.

She writes it here under her own log-in; it is printed for her signature and goes to the centre with the final data.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import FINAL_REPORT
from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.exam_act import HALLS_READY
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.forms.representative_report import TASKS, ShiftLine
from mab_desktop.i18n import N_
from mab_desktop.services import daily, readiness
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.day_work import REPORT
from mab_desktop.services.handlers import Record
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.tables.exam import ActRecord, DutyDraw
from mab_desktop.storage.tables.students import Shift

__all__ = [
    "LONGEST", "TASKS", "Report", "ShiftLine", "known", "records", "report", "report_of", "save", "shift_lines",
    "shifts",
]  # fmt: skip
LONGEST = 4000
_COUNTED = {ShiftState.IDENTIFIED, *KEY_KNOWN}


@dataclass(frozen=True, slots=True)
class Report:
    """What she wrote on each of `TASKS`, "" where nothing yet; who and when, "" before the first word."""

    texts: tuple[str, ...]
    by: str = ""
    at: str = ""

    @property
    def written(self) -> int:
        """How many tasks have a text."""
        return sum(1 for text in self.texts if text)


def report(ctx: Context) -> Report:
    """The report as it stands."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return report_of(session)


def report_of(session: Session) -> Report:
    """`report` within a session."""
    kept = setting(session, REPORT)
    texts = [str(text) for text in kept.get("texts", ())][: len(TASKS)]
    return Report((*texts, *("",) * (len(TASKS) - len(texts))), str(kept.get("by", "")), str(kept.get("at", "")))


def save(ctx: Context, texts: Sequence[str]) -> Report:
    """Keep her words; only she writes them. Refused names a text that is too long."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.REPRESENTATIVE)
    plain = ["\n".join(filter(None, (" ".join(line.split()) for line in normalize("NFC", text).splitlines())))
             for text in texts]  # fmt: skip
    if len(plain) != len(TASKS):
        raise ValueError(len(plain))
    now, wrong = {"by": ctx.actor.name, "at": stamp(ctx)}, []
    for task, text in enumerate(plain, 1):
        if len(text) > LONGEST:
            wrong.append(Problem("text", N_("Task {n}: at most {most} characters."), (("n", task), ("most", LONGEST))))
        lines = ({"task": task, "paragraph": n, "text": line, **now} for n, line in enumerate(text.splitlines(), 1))
        wrong += [problem for line in lines for problem in FINAL_REPORT.problems(line) if not wrong]
    if wrong:
        raise Refused(wrong)
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, REPORT, {"texts": plain, **now})
        tx.note("representative-report-saved", "", tasks=sum(1 for text in plain if text))
        return report_of(tx.session)


def shifts(ctx: Context) -> list[ShiftLine]:
    """`shift_lines` for whoever has no session."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return shift_lines(session)


def shift_lines(session: Session) -> list[ShiftLine]:
    """Every shift that is identified, in numbers."""
    lines = []
    for row in session.scalars(select(Shift).order_by(Shift.number)):
        if ShiftState(row.state) in _COUNTED:
            found = daily.daily_rows_of(session, row.number)
            lines.append(ShiftLine(
                row.number, row.exam_date, sum(r.planned for r in found), sum(r.present for r in found),
                sum(r.absent for r in found), sum(r.removed for r in found), sum(r.appeals for r in found),
                sum(r.appeal_satisfied for r in found),
            ))  # fmt: skip
    return lines


def known(ctx: Context) -> tuple[Problem | None, ...]:
    """What the program knows of each task, to write by: a sentence, None where it knows nothing."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        signed = readiness.last_report(session)
        draws = session.scalars(select(DutyDraw.shift).distinct().order_by(DutyDraw.shift)).all()
        acts = session.scalar(select(func.count()).select_from(ActRecord).where(ActRecord.withdrawn_at.is_(None))) or 0
        checked = session.scalars(
            select(ActRecord.shift).distinct().order_by(ActRecord.shift)
            .where(ActRecord.kind == HALLS_READY.kind, ActRecord.withdrawn_at.is_(None))
        ).all()  # fmt: skip
        rows = [r for line in shift_lines(session) for r in daily.daily_rows_of(session, line.shift)]
    ready = _told(N_("Report of readiness No {n} of {at}, {who}."), n=signed.n, at=_day(signed.at),
                  who=signed.confirmed_by) if signed else None  # fmt: skip
    drawn = _told(N_("Drawn for shifts {shifts}."), shifts=", ".join(map(str, draws))) if draws else None
    looked = ", ".join(map(str, checked))
    halls = _told(N_("Halls were checked for shifts {shifts}."), shifts=looked) if checked else None
    papers = _told(N_("Acts entered: {n}."), n=acts) if acts else None
    sheets = _told(
        N_("Sheets: {sheets}, identified automatically {automatic}, by eye {visual}; absent {absent}, removed {out}."),
        sheets=sum(r.sheets for r in rows), automatic=sum(r.automatic for r in rows),
        visual=sum(r.visual for r in rows), absent=sum(r.absent for r in rows), out=sum(r.removed for r in rows),
    ) if rows else None  # fmt: skip
    appeals = _told(
        N_("Applications: {n}, items {items}, satisfied {satisfied}."), n=sum(r.appeals for r in rows),
        items=sum(r.appeal_items for r in rows), satisfied=sum(r.appeal_satisfied for r in rows),
    ) if rows else None  # fmt: skip
    return (None, ready, None, halls, drawn, papers, sheets, appeals, None)


def records(session: Session) -> Iterator[Record]:
    """The report as it goes to the centre: a record for each paragraph."""
    found = report_of(session)
    for task, text in enumerate(found.texts, 1):
        for n, line in enumerate(text.splitlines(), 1):
            yield "representative-report", {"task": task, "paragraph": n, "text": line, "by": found.by, "at": found.at}


def _day(at: str) -> str:
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}"


def _told(text: str, **params: object) -> Problem:
    return Problem("task", text, tuple(params.items()))
