"""The base university's papers but those about passes: statistics, fax page, wrong data, duty list, acts (p.22-25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.organisation import NTC_CODE, PersonRole, Role
from mab_desktop.domain.reference import Lines, coded
from mab_desktop.domain.statistics import FINAL, StatisticsRow
from mab_desktop.domain.student import STUDENT, value_from_text
from mab_desktop.forms import (
    statistics_fax,
    statistics_report,
    wrong_data_list,
)
from mab_desktop.forms.page import shown_date
from mab_desktop.i18n import N_
from mab_desktop.services import acceptance, base_board, passes_issue, wrong_data_lists
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint, official, university_name
from mab_desktop.services.settings import reference_list
from mab_desktop.services.statistics import paper_groups, tabulate
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.halls import Hall

Lists = Mapping[str, Lines]
_SHOWN_LISTS = ("specialty", "study_language", "foreign_language", "subject", "university", "direction")


def print_statistics(ctx: Context, university: str = "", stage: str = FINAL) -> Document:
    """The statistics of one network university, or of all, for checking and signing over the seal (p.22)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        if university and stage == FINAL:  # of the database that was taken, whatever statistics were sent (p.22)
            rows, checksum = acceptance.own_statistics(session, university), base_board.held_sum(session, university)[1]
        else:
            rows, checksum = base_board.statistics_rows(session, stage, university), ""
        groups = _groups(session, rows, ctx.lang)
        top = head(ctx, session, university)
        coordinator = official(session, PersonRole.COORDINATOR)
    _require_any(rows, N_("No statistics of a network university have come yet."))

    def draw(printing: Printing) -> bytes:
        report = statistics_report.StatisticsReport(
            top, imprint(printing, 2), groups, final=stage == FINAL, as_of=ctx.clock.now().date(),
            coordinator="" if university else coordinator, programmer=ctx.actor.name, checksum=checksum,
        )  # fmt: skip
        return statistics_report.draw(report, lang=printing.lang)

    return print_document(ctx, "statistics", f"{stage}-{university or 'all'}", draw, copies=2)


def print_fax(ctx: Context) -> Document:
    """The page with the final statistics that goes to the centre by fax (p.23); what lacks stands on it, and why."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        state = base_board.complete_in(session, ctx.university)
        lines = _fax_lines(session, state, ctx.lang)
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)
        halls, seats = session.execute(
            select(func.count(), func.coalesce(func.sum(Hall.seats), 0)).where(Hall.base_university == ctx.university)
        ).one()
        said = None if state.complete else base_board.incomplete_in(session)
        name, checksum = _sent_file(session)
    if not state.received:
        raise OutOfOrder(N_("No database of a network university has come yet."))
    without = statistics_fax.Without(said.reason, said.by, datetime.fromisoformat(said.at)) if said else None

    def draw(printing: Printing) -> bytes:
        fax = statistics_fax.StatisticsFax(
            top, imprint(printing), lines, name, checksum, coordinator=coordinator, programmer=ctx.actor.name,
            halls=halls, seats=seats, without=without,
        )  # fmt: skip
        return statistics_fax.draw(fax, lang=printing.lang)

    return print_document(ctx, "statistics-fax", "", draw)


def _sent_file(session: Session) -> tuple[str, str]:
    """Name and control sum of the database's file that was made last."""
    sent = session.scalars(
        select(CarrierOut).where(CarrierOut.kind == "base-students", CarrierOut.recipient == NTC_CODE)
        .order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc())
    ).first()  # fmt: skip
    return (sent.file_name, str(sent.manifest.get("control_sums", {}).get("control_sum", ""))) if sent else ("", "")


def print_wrong_data(ctx: Context, university: str = "") -> Document:
    """The list of students with wrong data of one network university, or of all, with the applications (p.24)."""
    require(ctx, Role.BASE_UNI)
    found = wrong_data_lists.held_lines(ctx, university)
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session, university), official(session, PersonRole.COORDINATOR)
        lists = {name: reference_list(session, name) for name in {STUDENT[h.line.field].choices for h in found} - {""}}
    lines = tuple(
        wrong_data_list.WrongDataLine(
            held.line.university, held.line.code, held.line.name, STUDENT[held.line.field].label,
            shown_value(lists, held.line.field, held.line.printed_value, ctx.lang),
            shown_value(lists, held.line.field, held.line.right_value, ctx.lang), held.line.ground,
            held.line.application_number, held.line.application_date, held.late, bool(held.application_at),
        )
        for held in found
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        last = passes_issue.last_day(ctx)
        whole = wrong_data_list.WrongDataList(top, imprint(printing, 4), lines, coordinator, last)
        return wrong_data_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "wrong-data", university or "all", draw, copies=4)


def shown_value(lists: Lists, field: str, text: str, lang: str) -> str:
    """A value of the student form as it is printed: days as DD.MM.YYYY, codes with their names."""
    value, choices = value_from_text(field, text), STUDENT[field].choices
    if isinstance(value, date):
        return shown_date(value)
    return coded(lists[choices], text, lang) if choices and text else text or "–"


def _groups(
    session: Session, rows: Sequence[StatisticsRow], lang: str
) -> tuple[statistics_report.StatisticsGroup, ...]:
    lists = _lists(session)
    return paper_groups(lists["direction"], lists["specialty"], tabulate(session, rows), lang)


def _fax_lines(
    session: Session, state: base_board.Completeness, lang: str
) -> tuple[statistics_fax.UniversityCounts, ...]:
    """Every attached university: its students as the database that is held has them."""
    lines = []
    for code in state.expected:
        counts: Counter[str] = Counter()
        for row in acceptance.own_statistics(session, code) if code in state.received else ():
            counts[row.study_language] += row.students
        total = counts.total()
        lines.append(statistics_fax.UniversityCounts(
            university_name(session, code, lang), total if code in state.received else None, counts["1"], counts["2"],
            total - counts["1"] - counts["2"], code in state.confirmed,
        ))  # fmt: skip
    return tuple(lines)


def _lists(session: Session) -> Lists:
    return {name: reference_list(session, name) for name in _SHOWN_LISTS}


def _require_any(found: object, text: str) -> None:
    if not found:
        raise OutOfOrder(text)
