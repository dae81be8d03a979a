"""Carriers of the network university and the hall fund (F2-F6, F9, F10): what goes in, what taking one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import merge
from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.organisation import PREFIX, PersonRole, Role, parse_organisation
from mab_desktop.domain.student import STUDENT, WRONG_DATA, control_sum
from mab_desktop.i18n import N_
from mab_desktop.services import (
    carriers_photos,
    duplicates,
    halls,
    operators,
    passes_issue,
    second_draw,
    second_entry_carrier,
    specialties,
    statistics,
    students,
)
from mab_desktop.services import merge as merging
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.services.settings import base_of
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network import Conflict, SpecialtyTaught
from mab_desktop.storage.tables.second_entry import SecondEntry
from mab_desktop.storage.tables.students import Allotment, Shift, Student, WrongData

STUDENTS, CONTROL_SUM, STAGE = "students", "control_sum", "stage"


def is_operator_pc(ctx: Context) -> bool:
    """Whether this is an operator's PC and not the programmer's, which keeps the university's whole database."""
    return ctx.actor.role == PersonRole.OPERATOR or ctx.actor.device.startswith(f"{ctx.organisation}-")


# -- F2: contingent ----------------------------------------------------------------------------------------------------


def _preview_contingent(ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    now = sum(need.students for need in halls.contingent(session, ctx.university))
    total = sum(line["students"] for line in arrived.of_type("contingent"))
    return [Line(N_("Students expected: {n} (now {now})"), {"n": total, "now": now})]


def _take_contingent(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    total = halls.take_contingent(ctx, tx, list(arrived.of_type("contingent")))
    return [Line(N_("Students expected: {n}"), {"n": total})]


# -- F4: operators' portions and the programmer's corrections ----------------------------------------------------------


def _portion_recipients(ctx: Context, _session: Session) -> list[str]:
    return [ctx.organisation] if ctx.role is Role.NETWORK_UNI and is_operator_pc(ctx) else []


def _portion_obstacles(_ctx: Context, session: Session, _recipient: str) -> list[Problem]:
    typed = session.scalar(select(Student.id).limit(1)) or session.scalar(select(SecondEntry.id).limit(1))
    return [] if typed else [_nothing_typed()]


def _collect_portion(ctx: Context, session: Session, _recipient: str) -> Collected:
    """All that was ever typed on this PC: a portion that was lost on its way does no harm, the next one heals it."""
    days = [("operator-day", operators.day_record(day)) for day in operators.own_days(session)]
    second = second_entry_carrier.entry_records(session)
    return _portion(session, select(Student).order_by(Student.id), [*days, *second], students.pc(ctx))


def _correction_recipients(ctx: Context, _session: Session) -> list[str]:
    return [ctx.organisation] if ctx.role is Role.NETWORK_UNI and not is_operator_pc(ctx) else []


def _collect_corrections(ctx: Context, session: Session, _recipient: str) -> Collected:
    """The records that this PC has changed; an operator's PC takes those that it knows."""
    touched = Student.marks.cast(String).contains(f'"{students.pc(ctx)}"', autoescape=True)
    more = [*_taught_records(ctx, session), *duplicates.duplicate_records(session),
            *second_draw.wanted_records(session)]  # fmt: skip
    return _portion(session, select(Student).where(touched).order_by(Student.id), more)


def _correction_obstacles(ctx: Context, session: Session, recipient: str) -> list[Problem]:
    if _collect_corrections(ctx, session, recipient).records:
        return []
    return [Problem("", N_("Nothing was corrected here yet."))]


def _portion(session: Session, query: Any, more: list[Record], device: str = "") -> Collected:
    """`device` is the operator's PC that hands over; the programmer says only what stands."""
    ids = query.with_only_columns(Student.id).order_by(None)
    grounds = merging.grounds_of(session, ids)
    waiting = merging.waiting_for(session, ids) if device else {}
    deletions = merging.deletions_of(session, waiting)
    records: list[Record] = []
    for row in session.scalars(query):
        said, why = merging.side_of(_merged_columns(row), waiting.get(row.id, ())), grounds.get(row.id, {})
        if row.id in waiting:
            said = merge.handed_over(said, device)
        if said.values[merge.DELETED] and not row.deleted_at:
            why = why | {merge.DELETED: deletions[row.id]}
        records.append(("student", _portion_record(row, said, why)))
    sums: dict[str, str | int] = {STUDENTS: len(records), CONTROL_SUM: control_sum(values for _, values in records)}
    return Collected([*records, *more], control_sums=sums)


def _merged_columns(row: Student) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*merging.STORED, "marks", "deleted_at")}


def _portion_record(row: Student, said: merge.Side, grounds: Mapping[str, merge.Ground]) -> dict[str, Any]:
    names = (*STUDENT.names, "id", "university", "base_university", "photos", "version", "base_version", "complete",
             "created_at", "created_by", "changed_at", "changed_by")  # fmt: skip
    values = {name: getattr(row, name) for name in names}
    return values | {"deleted": said.values[merge.DELETED], "marks": merge.marks_json(said.marks),
                     "grounds": merge.grounds_json(grounds)}  # fmt: skip


def _preview_portion(ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    return _report_lines(merging.foresee(ctx, session, arrived.of_type("student"), only_known=is_operator_pc(ctx)))


def _take_portion(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    if is_operator_pc(ctx):
        raise UserError(N_("Portions are merged on the programmer's PC. Nothing was changed."))
    report = merging.merge_records(ctx, tx, arrived.of_type("student"), _device(arrived))
    days = operators.take_days(tx, arrived.of_type("operator-day"))
    second = second_entry_carrier.take_entries(
        tx, arrived.of_type("second-entry"), arrived.of_type("second-difference")
    )
    tx.note("portion-merged", _device(arrived), new=report.new, changed=report.changed, same=report.same,
            conflicts=report.conflicts, days=days, second_entries=second)  # fmt: skip
    return [*_report_lines(report), *_second_lines(second, N_("Records typed again: {count}"))]


def _take_corrections(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    report = merging.merge_records(ctx, tx, arrived.of_type("student"), _device(arrived), only_known=True)
    _take_taught(ctx, tx, arrived)
    duplicates.take_duplicates(tx, arrived.of_type("duplicate"))
    wanted = second_draw.take_wanted(tx, arrived.of_type("second-wanted"))
    tx.note("corrections-merged", _device(arrived), changed=report.changed, same=report.same,
            conflicts=report.conflicts, second_wanted=wanted)  # fmt: skip
    return [*_report_lines(report), *_second_lines(wanted, N_("Sheets to be typed again: {count}"))]


def _second_lines(count: int, text: str) -> list[Line]:
    return [Line(text, {"count": count})] if count else []


def _report_lines(report: merging.MergeReport) -> list[Line]:
    lines = [
        Line(N_("New: {count}"), {"count": report.new}),
        Line(N_("Changed: {count}"), {"count": report.changed}),
        Line(N_("Unchanged: {count}"), {"count": report.same}),
    ]
    if report.foreign:
        lines.append(Line(N_("Typed on other PCs and left out: {count}"), {"count": report.foreign}))
    if report.conflicts:
        lines.append(Line(N_("Changed on both sides, to be decided: {count}"), {"count": report.conflicts}))
    return lines


def _device(arrived: Arrived) -> str:
    return str(arrived.manifest["sender"]["device"])


# -- F5, F6: statistics and the database for the base university -------------------------------------------------------


def _base_recipients(ctx: Context, session: Session) -> list[str]:
    if ctx.role is not Role.NETWORK_UNI or is_operator_pc(ctx):
        return []
    return [PREFIX[Role.BASE_UNI] + base for base in base_of(session, ctx.university)]


def _statistics_obstacles(ctx: Context, session: Session, recipient: str) -> list[Problem]:
    stage = statistics.stage_now(ctx, session)
    if statistics.rows(session, ctx.university, stage, parse_organisation(recipient)[1]):
        return []
    return [Problem("", N_("No complete record is there to be counted."))]


def _collect_statistics(ctx: Context, session: Session, recipient: str) -> Collected:
    stage = statistics.stage_now(ctx, session)
    counted = statistics.rows(session, ctx.university, stage, parse_organisation(recipient)[1])
    sums: dict[str, str | int] = {STUDENTS: sum(row.students for row in counted), STAGE: stage}
    return Collected([("statistics-row", row.record()) for row in counted], control_sums=sums)


def _database_obstacles(ctx: Context, session: Session, recipient: str) -> list[Problem]:
    base = parse_organisation(recipient)[1]
    return hand_over_problems(ctx, session, base)


def hand_over_problems(ctx: Context, session: Session, base: str) -> list[Problem]:
    """Why the student database cannot be handed to a base university yet (p.21)."""
    mine = (Student.deleted_at.is_(None), Student.base_university == base)
    total = session.scalar(select(func.count()).where(*mine)) or 0
    partial = session.scalar(select(func.count()).where(*mine, Student.complete.is_(False))) or 0
    waiting = session.scalar(select(func.count()).select_from(Conflict).where(Conflict.state == "open")) or 0
    twice = _used_twice(session, Student.to_code) + _used_twice(session, Student.identity_document)
    given = select(Allotment.student).join(Student, Student.id == Allotment.student).where(*mine)
    allotted = session.scalar(given.limit(1))
    found = []
    if not specialties.taught(session, ctx.university):
        found.append(Problem("specialty", N_("Choose the specialties that take part first.")))
    if not total:
        found.append(_nothing_typed())
    if partial:
        found.append(Problem("", N_("Records not complete: {n}."), (("n", partial),)))
    if waiting:
        found.append(Problem("", N_("Fields changed on both sides that wait for a decision: {n}."), (("n", waiting),)))
    if twice:
        text = N_("TO codes or documents that stand in two records: {n}. Put the wrong one right in “Students”, also "
                  "where they are two people.")  # fmt: skip
        found.append(Problem("", text, (("n", twice),)))
    if allotted:
        found.append(Problem("", N_("The passes are here already: errors go to the list of students with wrong data.")))
    return found


def _used_twice(session: Session, column: Any) -> int:
    query = select(column).where(Student.deleted_at.is_(None), column.is_not(None)).group_by(column)
    return session.scalar(select(func.count()).select_from(query.having(func.count() > 1).subquery())) or 0


def _collect_database(ctx: Context, session: Session, recipient: str) -> Collected:
    found = students.records(session, base_university=parse_organisation(recipient)[1])
    sums: dict[str, str | int] = {STUDENTS: len(found), CONTROL_SUM: control_sum(found)}
    records: list[Record] = [("student", record) for record in found]
    photos = carriers_photos.outgoing(ctx, session, parse_organisation(recipient)[1])
    more = [*_taught_records(ctx, session), *_elsewhere_records(session, parse_organisation(recipient)[1])]
    return Collected([*records, *more, *photos.records], photos.attachments, sums)


def _elsewhere_records(session: Session, base: str) -> list[Record]:
    """How many students sit the test at other base universities."""
    alive = (Student.deleted_at.is_(None), Student.base_university != base)
    query = select(Student.base_university, func.count()).where(*alive).group_by(Student.base_university)
    rows = session.execute(query.order_by(Student.base_university))
    return [("students-elsewhere", {"base_university": code, "students": count}) for code, count in rows]


def _taught_records(ctx: Context, session: Session) -> list[Record]:
    ciphers = specialties.taught(session, ctx.university)
    return [("specialty-taught", {"university": ctx.university, "specialty": cipher}) for cipher in ciphers]


def _take_taught(ctx: Context, tx: Transaction, arrived: Arrived) -> None:
    lines = arrived.of_type("specialty-taught")
    ciphers = [line["specialty"] for line in lines if line["university"] == ctx.university]
    if ciphers:
        tx.session.execute(delete(SpecialtyTaught).where(SpecialtyTaught.university == ctx.university))
        tx.session.add_all(SpecialtyTaught(university=ctx.university, specialty=cipher) for cipher in ciphers)


# -- F9: passes --------------------------------------------------------------------------------------------------------


def _preview_passes(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    present, wanted = _known_students(session, arrived), {line["student"] for line in arrived.of_type("pass")}
    lines = [Line(N_("Passes: {count}"), {"count": len(wanted & present)})]
    if wanted - present:
        lines.append(Line(N_("For students who are not here: {count}"), {"count": len(wanted - present)}))
    return lines


def _take_passes(_ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    role, base = parse_organisation(arrived.sender)
    if role is not Role.BASE_UNI:
        raise UserError(N_("Passes come from the base university only. Nothing was changed."))
    present = _known_students(tx.session, arrived)
    for values in arrived.of_type("shift"):
        tx.session.merge(Shift(**values))
    for values in arrived.of_type("building"):
        tx.session.merge(halls.building_row(base, values))
    for values in arrived.of_type("hall"):
        tx.session.merge(halls.hall_row(base, values))
    tx.session.flush()
    _replace_allotments(tx, base, [line for line in arrived.of_type("allotment") if line["student"] in present])
    numbers = {line["student"]: line["number"] for line in arrived.of_type("pass")}
    taken = passes_issue.take_passes(tx, base, numbers, present)
    tx.note("passes-taken", arrived.sender, passes=taken, unknown=len(numbers) - taken)
    lines = [Line(N_("Passes: {count}"), {"count": taken})]
    if len(numbers) > taken:
        lines.append(Line(N_("For students who are not here: {count}"), {"count": len(numbers) - taken}))
    return lines


def _replace_allotments(tx: Transaction, base: str, lines: list[dict[str, Any]]) -> None:
    """Codes are unique and may have moved between students, so the base university's old ones go first."""
    of_base = select(Student.id).where(Student.base_university == base)
    tx.session.execute(delete(Allotment).where(Allotment.student.in_(of_base)))
    tx.session.add_all(Allotment(**line) for line in lines)
    tx.session.flush()


def _known_students(session: Session, arrived: Arrived) -> set[str]:
    wanted = {line["student"] for line in arrived.of_type("allotment")}
    return {student for student in session.scalars(select(Student.id)) if student in wanted}


# -- F10: wrong data ---------------------------------------------------------------------------------------------------


def _wrong_data_recipients(ctx: Context, session: Session) -> list[str]:
    return [PREFIX[Role.BASE_UNI] + base for base in _bases_of_passes(ctx, session)]


def _bases_of_passes(ctx: Context, session: Session) -> Iterator[str]:
    if ctx.role is Role.NETWORK_UNI and not is_operator_pc(ctx):
        for base in base_of(session, ctx.university):
            if passes_issue.pass_counts(session, base).received:
                yield base


def _collect_wrong_data(_ctx: Context, session: Session, recipient: str) -> Collected:
    query = (
        select(WrongData)
        .join(Student, Student.id == WrongData.student)
        .where(Student.base_university == parse_organisation(recipient)[1])
        .order_by(WrongData.id)
    )
    lines = [("wrong-data", {n: getattr(row, n) for n in WRONG_DATA.names}) for row in session.scalars(query)]
    return Collected(lines, control_sums={"lines": len(lines)})


def _nothing_typed() -> Problem:
    return Problem("", N_("No record is typed yet."))


HANDLERS: tuple[Handler, ...] = (
    Handler("contingent", RECORDS["contingent"], preview=_preview_contingent, take=_take_contingent),
    Handler(
        "operator-portion", RECORDS["operator-portion"], _portion_recipients, _portion_obstacles, _collect_portion,
        _preview_portion, _take_portion,
    ),
    Handler(
        "operator-corrections", RECORDS["operator-corrections"], _correction_recipients, _correction_obstacles,
        _collect_corrections, _preview_portion, _take_corrections,
    ),
    Handler("statistics", RECORDS["statistics"], _base_recipients, _statistics_obstacles, _collect_statistics,
            sender=Role.NETWORK_UNI),
    Handler("university-students", RECORDS["university-students"], _base_recipients, _database_obstacles,
            _collect_database),
    Handler("passes", RECORDS["passes"], preview=_preview_passes, take=_take_passes),
    Handler("wrong-data", RECORDS["wrong-data"], _wrong_data_recipients, None, _collect_wrong_data,
            sender=Role.NETWORK_UNI),
)  # fmt: skip
