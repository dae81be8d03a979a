"""The final data at the centre: a second count from raw marks and the centre's own key, and the national sums."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mab_desktop.domain.carrier_records import DAILY
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.recount import Difference, second_count
from mab_desktop.domain.student import student_name
from mab_desktop.forms.representative_report import TASKS
from mab_desktop.i18n import N_, translate
from mab_desktop.services import centre_evidence
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.table_export import SheetColumn, note_export, write_table
from mab_desktop.storage.tables.centre import DailyFigure, FinalRecord, FinalScore, Recount
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True, slots=True)
class RecountReport:
    """A recount of a base university; with no differences every answer and point stands as it was reported."""

    base: str
    students: int
    total_before: int
    total_after: int
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """True when both counts are the same to the last answer and point."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class PointLine:
    """Reported points of a student in a subject."""

    code: str
    student: str
    name: str
    university: str
    shift: int
    subject: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class DailyLine:
    """Daily statistics of a shift of a base university, one direction and language."""

    base: str
    shift: int
    direction: str
    language: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BaseReport:
    """A representative's report: who wrote it, when, her tasks as message ids with her words, "" where none."""

    base: str
    by: str
    at: str
    tasks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BaseResult:
    """The sums of a base university's final data."""

    base: str
    students: int
    before: int
    after: int
    differences: int | None


def recount(ctx: Context, base: str, progress: Progress = Silent()) -> RecountReport:
    """Count a base university again: seats, whose sheets, effective answers, points; from what both scans saw.

    Seats come from the centre's own secret, variants, subjects and key from its own lists. OutOfOrder before the final
    data has come, UserError where its marks cannot be read. What differs is listed, kept and changes nothing.
    """
    require(ctx, Role.NTC)
    progress.stage(N_("Counting again"), 3)
    with ctx.store.read() as session:
        records = centre_evidence.records_of(session, base)
        told = centre_evidence.reported(session, base, records)
        if not told.points:
            raise OutOfOrder(N_("The final data of {code} has not come yet."), code=base)
        found, of_seats = centre_evidence.evidence(session, base, records)
        of_proofs = list(centre_evidence.proofs(ctx, session, base, records))
    progress.step()
    try:
        count = second_count(found, told)
    except ValueError as error:
        raise UserError(
            N_("The marks in the final data of {code} cannot be read: {what}."),
            next_step=N_("Ask the base university for its final data once more."), code=base, what=str(error)[:40],
        ) from error  # fmt: skip
    progress.step()
    differences = (*of_seats, *of_proofs, *count.differences)
    report = RecountReport(base, count.students, *count.totals, differences)
    _keep(ctx, report)
    progress.step()
    return report


def _keep(ctx: Context, report: RecountReport) -> None:
    """Write a recount down, unless the last one of the base university came to the very same."""
    found = [asdict(d) for d in report.differences]
    with ctx.store.write(ctx.actor) as tx:
        query = select(Recount).where(Recount.base_university == report.base).order_by(Recount.id.desc()).limit(1)
        last = tx.session.scalars(query).first()
        now = (report.students, report.total_before, report.total_after, json.loads(json.dumps(found)))
        if last is not None and (last.students, last.total_before, last.total_after, last.differences) == now:
            return
        tx.session.add(
            Recount(base_university=report.base, at=stamp(ctx), by=ctx.actor.login, students=report.students,
                    total_before=report.total_before, total_after=report.total_after, differences=found)
        )  # fmt: skip
        tx.note("final-data-recounted", report.base, students=report.students, differences=len(found))


def points(ctx: Context, base: str) -> list[PointLine]:
    """Reported points by code and subject, with the student's name."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        query = (
            select(FinalScore, Student.id, Student.surname, Student.first_name, Student.patronymic, Student.university)
            .join(Allotment, Allotment.code == FinalScore.code)
            .join(Student, Student.id == Allotment.student)
            .where(FinalScore.base_university == base)
            .order_by(FinalScore.code, FinalScore.subject)
        )
        return [
            PointLine(score.code, student, student_name({"surname": surname, "first_name": first, "patronymic": pat}),
                      university, score.shift, score.subject, score.before, score.after)
            for score, student, surname, first, pat, university in session.execute(query)
        ]  # fmt: skip


def daily(ctx: Context, base: str = "", shift: int | None = None) -> list[DailyLine]:
    """Daily statistics that have come, by base university and shift."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        query = select(DailyFigure)
        if base:
            query = query.where(DailyFigure.base_university == base)
        if shift is not None:
            query = query.where(DailyFigure.shift == shift)
        order = (DailyFigure.base_university, DailyFigure.shift, DailyFigure.direction, DailyFigure.language)
        return [
            DailyLine(row.base_university, row.shift, row.direction, row.language, dict(row.values))
            for row in session.scalars(query.order_by(*order))
        ]


def representative_reports(ctx: Context, base: str = "") -> list[BaseReport]:
    """The representatives' reports that came with the final data, by base university."""
    require(ctx, Role.NTC)
    query = (
        select(FinalRecord.base_university, FinalRecord.values)
        .where(FinalRecord.record_type == "representative-report")
        .order_by(FinalRecord.base_university, FinalRecord.n)
    )
    texts: dict[str, dict[int, list[str]]] = {}
    signed: dict[str, tuple[str, str]] = {}
    with ctx.store.read() as session:
        for sender, values in session.execute(query.where(FinalRecord.base_university == base) if base else query):
            texts.setdefault(sender, {}).setdefault(values["task"], []).append(values["text"])
            signed[sender] = (values["by"], values["at"])
    return [
        BaseReport(sender, *signed[sender], tuple(
            (task, "\n".join(found.get(n, ()))) for n, task in enumerate(TASKS, 1)))
        for sender, found in texts.items()
    ]  # fmt: skip


def write_daily(
    ctx: Context, file: Path, progress: Progress = Silent(), base: str = "", shift: int | None = None
) -> int:  # fmt: skip
    """Write daily statistics as XLSX or CSV, every figure that came; how many lines."""
    lines = daily(ctx, base, shift)
    figures = [field for field in DAILY.fields if field.name not in ("shift", "direction", "language")]
    titles = [translate(ctx.lang, head) for head in
              (N_("Base university"), *(DAILY[name].label for name in ("shift", "direction", "language")),
               *(field.label for field in figures))]  # fmt: skip
    rows = [
        (line.base, line.shift, line.direction, line.language, *(line.values.get(field.name) for field in figures))
        for line in lines
    ]
    name, columns = N_("Daily statistics"), [SheetColumn(title, 16) for title in titles]
    write_table(file, translate(ctx.lang, name), columns, rows, len(rows), progress,
                lambda: note_export(ctx, name, len(rows), titles, file))  # fmt: skip
    return len(rows)


def results(ctx: Context) -> list[BaseResult]:
    """The sums of every base university whose final data has come, with the last recount."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        sums = session.execute(
            select(FinalScore.base_university, func.count(func.distinct(FinalScore.code)), func.sum(FinalScore.before),
                   func.sum(FinalScore.after))
            .group_by(FinalScore.base_university).order_by(FinalScore.base_university)
        ).all()  # fmt: skip
        last = {row.base_university: row for row in session.scalars(select(Recount).order_by(Recount.id))}
        return [
            BaseResult(base, students, int(before), int(after),
                       len(last[base].differences) if base in last else None)
            for base, students, before, after in sums
        ]  # fmt: skip
