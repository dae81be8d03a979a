"""The final data at the centre: a second count from raw answers and the centre's own key, and the national sums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import SUBJECT_FIELDS
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.recount import PointDifference, Points, SheetAnswers, differences, recount_sheet
from mab_desktop.domain.student import student_name
from mab_desktop.i18n import N_
from mab_desktop.services.centre_season import exam_profile
from mab_desktop.services.centre_secrets import centre_key
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.tables.centre import DailyFigure, FinalRecord, FinalScore, FinalSheet, Recount
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True, slots=True)
class RecountReport:
    """A recount of a base university; with no differences every point stands as it was reported."""

    base: str
    students: int
    total_before: int
    total_after: int
    differences: tuple[PointDifference, ...]

    @property
    def agrees(self) -> bool:
        """True when both counts are the same to the last point."""
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
class BaseResult:
    """The sums of a base university's final data."""

    base: str
    students: int
    before: int
    after: int
    recounted_at: str
    differences: int | None


def recount(ctx: Context, base: str, progress: Progress = Silent()) -> RecountReport:
    """Count every point of a base university again from the answers read and the centre's own key.

    OutOfOrder before its final data has come. What differs is listed, kept and changes nothing.
    """
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        reported = [Points(r.code, r.subject, r.before, r.after) for r in session.scalars(
            select(FinalScore).where(FinalScore.base_university == base))]  # fmt: skip
        if not reported:
            raise OutOfOrder(N_("The final data of {code} has not come yet."), code=base)
        recounted = _count_again(session, base, progress)
    found = tuple(differences(reported, recounted))
    report = RecountReport(base, len({p.code for p in recounted}), sum(p.before for p in recounted),
                           sum(p.after for p in recounted), found)  # fmt: skip
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(
            Recount(base_university=base, at=stamp(ctx), by=ctx.actor.login, students=report.students,
                    total_before=report.total_before, total_after=report.total_after,
                    differences=[asdict(d) for d in found])
        )  # fmt: skip
        tx.note("final-data-recounted", base, students=report.students, differences=len(found))
    return report


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
            BaseResult(base, students, int(before), int(after), last[base].at if base in last else "",
                       len(last[base].differences) if base in last else None)
            for base, students, before, after in sums
        ]  # fmt: skip


def _count_again(session: Session, base: str, progress: Progress) -> list[Points]:
    """Points from raw answers, key and satisfied appeal items alone; students without a sheet get none."""
    subjects = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = (
        select(FinalSheet.code, FinalSheet.shift, FinalSheet.variant, FinalSheet.answers, *subjects)
        .join(Allotment, Allotment.code == FinalSheet.code)
        .where(FinalSheet.base_university == base, FinalSheet.code.is_not(None))
        .order_by(FinalSheet.code)
    )
    rows = session.execute(query).all()
    progress.stage(N_("Counting again"), len(rows))
    per_item = exam_profile(session).points_per_item
    granted = _granted(session, base)
    keys = {shift: centre_key(session, shift).letters for shift in sorted({row[1] for row in rows})}
    found: list[Points] = []
    for code, shift, variant, answers, *own in rows:
        sheet = SheetAnswers(code, variant or "", tuple(own), answers or "")
        items = {subject: granted.get((code, subject), set()) for subject in own}
        found += recount_sheet(sheet, keys[shift], items, per_item)
        progress.step()
    return found


def _granted(session: Session, base: str) -> dict[tuple[str, str], set[int]]:
    """Items that the appeal commission gave a point for, by code and subject."""
    query = select(FinalRecord).where(FinalRecord.base_university == base)
    codes: dict[str, str] = {}
    items: list[dict[str, Any]] = []
    for row in session.scalars(query.where(FinalRecord.record_type.in_(("appeal", "appeal-item")))):
        if row.record_type == "appeal":
            codes[row.values["id"]] = row.values["code"]
        elif row.values.get("satisfied"):
            items.append(row.values)
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for item in items:
        found[codes[item["appeal"]], item["subject"]].add(int(item["item"]))
    return found
