"""Statistics of the student database (p.21-23) at the network university, and their table for paper and screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import statistics
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.reference import Lines, coded
from mab_desktop.domain.statistics import CUTS, DirectionTable, StatisticsRow
from mab_desktop.domain.student import direction_of
from mab_desktop.forms.statistics_report import StatisticsGroup
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.settings import change_setting, reference_list, setting
from mab_desktop.storage.tables.students import Student

STAGE_SETTING = "statistics-stage"


@dataclass(frozen=True, slots=True)
class Report:
    """Statistics ready to show: rows, their table, and how many records are not complete and so are not counted."""

    stage: str
    rows: tuple[StatisticsRow, ...]
    table: tuple[DirectionTable, ...]
    students: int
    partial: int


def rows(session: Session, university: str, stage: str, base_university: str = "") -> list[StatisticsRow]:
    """The statistics rows of a network university's complete records; only of one base university when named."""
    cuts = [getattr(Student, cut) for cut in CUTS]
    query = select(*cuts, func.count()).where(
        Student.deleted_at.is_(None), Student.complete.is_(True), Student.university == university
    )
    if base_university:
        query = query.where(Student.base_university == base_university)
    numbers: Counter[tuple[str, ...]] = Counter()
    for *key, count in session.execute(query.group_by(*cuts)):
        numbers[tuple(key)] += count
    return statistics.counted(numbers, university, stage)


def stage_now(ctx: Context, session: Session) -> str:
    """The stage that statistics are made for: the one chosen, else the next control date (p.21)."""
    chosen = setting(session, STAGE_SETTING).get("stage")
    if chosen in statistics.STAGES:
        return str(chosen)
    return statistics.stage_on(ctx.clock.now().date(), ctx.season.year)


def choose_stage(ctx: Context, stage: str) -> None:
    """Fix the stage that statistics are made for (a late preliminary one, say); "" leaves it to the date again."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    if stage and stage not in statistics.STAGES:
        raise ValueError(stage)
    change_setting(ctx, STAGE_SETTING, {"stage": stage})


def report(ctx: Context, stage: str, base_university: str = "") -> Report:
    """This network university's statistics at a stage, counted now."""
    with ctx.store.read() as session:
        counted = rows(session, ctx.university, stage, base_university)
        partial = select(func.count()).where(Student.deleted_at.is_(None), Student.complete.is_(False))
        left_out = session.scalar(partial) or 0
        table = tabulate(session, counted)
    return Report(stage, tuple(counted), table, sum(row.students for row in counted), left_out)


def tabulate(session: Session, counted: Iterable[StatisticsRow]) -> tuple[DirectionTable, ...]:
    """Statistics rows of any number of universities as the table by direction and specialty (p.21-22)."""
    return statistics.tabulate(counted, direction_finder(session))


def direction_finder(session: Session) -> Callable[[str], str]:
    """A function that gives the direction of training of a specialty's cipher."""
    extras = {cipher: line.extra for cipher, line in reference_list(session, "specialty").items()}
    return lambda cipher: direction_of(cipher, extras)


def paper_groups(
    directions: Lines, specialties: Lines, tables: Iterable[DirectionTable], lang: str
) -> tuple[StatisticsGroup, ...]:
    """The table by direction and specialty as the form prints it, codes with their names."""
    return tuple(
        StatisticsGroup(
            coded(directions, table.direction, lang),
            tuple((coded(specialties, cipher, lang), counts) for cipher, counts in table.specialties),
        )
        for table in tables
    )
