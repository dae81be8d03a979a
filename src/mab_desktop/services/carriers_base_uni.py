"""Carriers at the base university: statistics, databases and wrong data in; all of it on to the centre; passes out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import carrier_records as records
from mab_desktop.domain.commission import commission_problems
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.organisation import NTC_CODE, Role, organisation_id, parse_organisation
from mab_desktop.domain.statistics import CUTS, FINAL, STAGE_LABELS, STAGES, StatisticsRow, rows_sum
from mab_desktop.domain.student import control_sum
from mab_desktop.i18n import N_, translate
from mab_desktop.services import acceptance, carriers_photos, sent_incomplete
from mab_desktop.services.base_board import (
    add_entry,
    attached,
    complete_in,
    incomplete_in,
    replace_statistics,
    statistics_rows,
)
from mab_desktop.services.context import Context
from mab_desktop.services.final_students import allotment_records, hall_records, shift_records
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.services.student_intake import student_records, take_students
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.base_university import CommissionMember, DutyOfficer, PassSlip
from mab_desktop.storage.tables.students import Allotment, Student, WrongData


def _is_base(ctx: Context) -> bool:
    return ctx.role is Role.BASE_UNI


def _to_centre(ctx: Context, _session: Session) -> list[str]:
    return [NTC_CODE] if _is_base(ctx) else []


# -- F5: statistics, from the network universities and on to the centre


def _collect_statistics(_ctx: Context, session: Session, _to: str) -> Collected:
    rows = statistics_rows(session)
    total = sum(row.students for row in rows if row.stage == FINAL)
    found = [("statistics-row", row.record()) for row in rows]
    return Collected(found, control_sums={"students": str(total)})


def _statistics_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    if not statistics_rows(session):
        return [Problem("statistics", N_("No statistics of a network university have come yet."))]
    return []


def _rows(arrived: Arrived) -> list[StatisticsRow]:
    return [
        StatisticsRow(university=v["university"], stage=v["stage"], students=v["students"],
                      **{cut: v[cut] for cut in CUTS})
        for v in arrived.of_type("statistics-row")
    ]


def _preview_statistics(ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    totals: Counter[tuple[str, str]] = Counter()
    for row in _rows(arrived):
        totals[row.university, row.stage] += row.students
    order = {stage: n for n, stage in enumerate(STAGES)}
    return [
        Line(N_("University {code}, {stage}: {count} students"),
             {"code": code, "stage": translate(ctx.lang, STAGE_LABELS.get(stage, stage)), "count": count})
        for (code, stage), count in sorted(totals.items(), key=lambda one: (one[0][0], order.get(one[0][1], 9)))
    ]  # fmt: skip


def _take_statistics(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """At the base university: one network university's; at the centre: those of a base university."""
    rows = _rows(arrived)
    role, code = parse_organisation(arrived.sender)
    base = ctx.university if _is_base(ctx) else code
    if role is Role.NETWORK_UNI and any(row.university != code for row in rows):
        raise UserError(N_("The file holds statistics of another university. Nothing was changed."))
    replace_statistics(tx, base, rows)
    if _is_base(ctx):
        for stage in sorted({row.stage for row in rows}):
            of_stage = [row for row in rows if row.stage == stage]
            add_entry(ctx, tx, code, stage, digest=arrived.digest, count=sum(row.students for row in of_stage),
                      note=rows_sum(of_stage))  # fmt: skip
    return _preview_statistics(ctx, tx.session, arrived)


# -- F6: the database of a network university


def _preview_university(ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    """Counts, the control sum to compare with the signed paper, broken rules, students another university has too."""
    seen = acceptance.preview(ctx, session, arrived)
    return [*acceptance.preview_lines(ctx, seen), *carriers_photos.preview(arrived)]


def _take_university(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    sender = parse_organisation(arrived.sender)[1]
    if sender not in attached(tx.session, ctx.university):
        raise UserError(N_("University {code} is not attached to this base university."), code=sender)
    foreign = sum(
        values["university"] != sender or values["base_university"] != ctx.university
        for values in arrived.of_type("student")
    )
    if foreign:
        raise UserError(N_("{count} students in the file belong to another university. Nothing was changed."),
                        count=foreign)  # fmt: skip
    if tx.session.scalar(select(func.count()).select_from(Allotment)):
        raise UserError(
            N_("The final database is here already, so the students can no longer be replaced."),
            next_step=N_("Nothing was changed. What is wrong goes into the list of students with wrong data (p.24)."),
        )
    seen = acceptance.preview(ctx, tx.session, arrived)
    acceptance.require_own_sums(arrived, seen)
    lines = [*acceptance.preview_lines(ctx, seen), *carriers_photos.preview(arrived)]
    found = seen.comparison
    take_students(ctx, tx, found, arrived.sender, arrived.digest)
    carriers_photos.take(ctx, tx, arrived, sender)
    number = acceptance.keep_version(ctx, tx, arrived, seen)
    add_entry(ctx, tx, sender, "database", digest=arrived.digest, count=found.total, note=seen.control_sum)
    tx.note("students-accepted", sender, version=number, students=found.total, new=len(found.new),
            changed=len(found.changed), removed=len(found.removed))  # fmt: skip
    return lines


# -- F7: everything to the centre


def _base_obstacles(ctx: Context, session: Session, _to: str) -> list[Problem]:
    state = complete_in(session, ctx.university)
    if not state.received:
        return [Problem("database", N_("No database of a network university has come yet."))]
    if state.reason or state.complete:
        return []
    found = []
    if state.missing:
        found.append(
            Problem("database", N_("{received} of {expected} universities have handed in; missing: {missing}."),
                    (("received", len(state.received)), ("expected", len(state.expected)),
                     ("missing", ", ".join(state.missing))))
        )  # fmt: skip
    if state.unconfirmed:
        found.append(
            Problem("confirmed", N_("The final statistics are not signed and sealed yet: {codes}. They are confirmed "
                                    "on the page «Acceptance» (p.22)."),
                    (("codes", ", ".join(state.unconfirmed)),))
        )  # fmt: skip
    return found


def _collect_base(ctx: Context, session: Session, _to: str) -> Collected:
    query = select(Student).where(Student.base_university == ctx.university, Student.deleted_at.is_(None))
    found = student_records(session, query.order_by(Student.university, Student.sort_name, Student.id))
    sums = {"students": str(len(found)), "control_sum": control_sum(found)}
    state = complete_in(session, ctx.university)
    why: list[Record] = []
    said = None if state.complete else incomplete_in(session)
    if said is not None:  # the centre's list of what came shows it too, with the reason
        sums["without"] = ",".join(sorted({*state.missing, *state.unconfirmed}))
        why = [sent_incomplete.record(said.reason, said.by, said.at, missing=state.missing,
                                      unconfirmed=state.unconfirmed)]  # fmt: skip
    return Collected([*(("student", record) for record in found), *why], control_sums=sums)


def _sent_base(ctx: Context, tx: Transaction, _recipients: Sequence[str], digest: str) -> None:
    """Beside the file that went incomplete the log holds why, who said so and when (p.23)."""
    said = incomplete_in(tx.session)
    if said and not complete_in(tx.session, ctx.university).complete:
        tx.note("sent-incomplete", digest, reason=said.reason, by=said.by, at=said.at, missing=list(said.missing),
                unconfirmed=list(said.unconfirmed))  # fmt: skip


# -- F9: passes to the network universities


def _pass_recipients(ctx: Context, session: Session) -> list[str]:
    if not _is_base(ctx):
        return []
    query = select(Student.university).join(Allotment, Allotment.student == Student.id).distinct()
    return [organisation_id(Role.NETWORK_UNI, code) for code in sorted(session.scalars(query))]


def _pass_obstacles(_ctx: Context, session: Session, to: str) -> list[Problem]:
    code = parse_organisation(to)[1]
    query = (
        select(func.count()).select_from(Allotment).join(Student, Student.id == Allotment.student)
        .outerjoin(PassSlip, PassSlip.student == Student.id)
    )  # fmt: skip
    without = session.scalar(query.where(Student.university == code, PassSlip.student.is_(None))) or 0
    if without:
        return [Problem("pass", N_("{count} passes have no number yet."), (("count", without),))]
    return []


def _collect_passes(ctx: Context, session: Session, to: str) -> Collected:
    code = parse_organisation(to)[1]
    own = (Student.university == code, Student.deleted_at.is_(None))
    students = select(Student).join(Allotment, Allotment.student == Student.id).where(*own)
    found = student_records(session, students.order_by(Student.sort_name, Student.id))
    slips = select(PassSlip).join(Student, Student.id == PassSlip.student).where(*own)

    def lines() -> Iterator[Record]:
        yield from shift_records(session)
        yield from hall_records(session, ctx.university)
        for record in found:
            yield "student", record
        yield from allotment_records(session, *own)
        for slip in session.scalars(slips.order_by(func.length(PassSlip.number), PassSlip.number)):
            yield "pass", {"student": slip.student, "number": slip.number}

    return Collected(lines(), control_sums={"passes": str(len(found))})


# -- F10: wrong data, from the network universities and on


def _wrong_data_recipients(ctx: Context, _session: Session) -> list[str]:
    if not _is_base(ctx):
        return []
    return [NTC_CODE, organisation_id(Role.MINISTRY_PROGRAMMER, ctx.university)]


def _collect_wrong_data(_ctx: Context, session: Session, _to: str) -> Collected:
    rows = session.scalars(select(WrongData).order_by(WrongData.university, WrongData.student, WrongData.field)).all()
    names = records.WRONG_DATA_RECORDS["wrong-data"].names
    found = [("wrong-data", {name: getattr(row, name) for name in names}) for row in rows]
    return Collected(found, control_sums={"lines": str(len(found))})


def _preview_wrong_data(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    known = set(session.scalars(select(WrongData.id)))
    ids = [values["id"] for values in arrived.of_type("wrong-data")]
    return [
        Line(N_("Lines of wrong data: {count}"), {"count": len(ids)}),
        Line(N_("New: {count}"), {"count": len(set(ids) - known)}),
    ]


def _take_wrong_data(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Take the list over: a newer list of a sender replaces his older one, what was applied stays applied."""
    session = tx.session
    lines = _preview_wrong_data(ctx, session, arrived)
    found = {values["id"]: values for values in arrived.of_type("wrong-data")}
    known = set(session.scalars(select(Student.id)))
    strangers = {values["student"] for values in found.values()} - known
    if strangers:
        raise UserError(N_("The file names {count} students that are not in this database. Nothing was changed."),
                        count=len(strangers))  # fmt: skip
    role, code = parse_organisation(arrived.sender)
    if role is Role.NETWORK_UNI and any(values["university"] != code for values in found.values()):
        raise UserError(N_("The file holds students of another university. Nothing was changed."))
    scope = (
        select(WrongData).where(WrongData.university == code) if role is Role.NETWORK_UNI
        else select(WrongData).join(Student, Student.id == WrongData.student).where(Student.base_university == code)
    )  # fmt: skip
    for row in session.scalars(scope):
        if row.id not in found and row.applied_at is None:
            session.delete(row)
    for values in found.values():
        line = session.get(WrongData, values["id"])
        texts = {name: values[name] or "" for name in ("printed_value", "right_value")}
        if line is None:
            session.add(WrongData(**{**values, **texts}))
        else:
            for name, value in {**values, **texts}.items():
                setattr(line, name, value)
    if _is_base(ctx):
        content = sorted(json.dumps(line, sort_keys=True, default=str) for line in found.values())
        add_entry(ctx, tx, code, "wrong-data", digest=arrived.digest, count=len(found),
                  note=hashlib.sha256("\n".join(content).encode()).hexdigest()[:16])  # fmt: skip
    return lines


# -- F11: hand-over to the ministry representative


def _hand_over_recipients(ctx: Context, _session: Session) -> list[str]:
    return [organisation_id(Role.MINISTRY_PROGRAMMER, ctx.university)] if _is_base(ctx) else []


def _hand_over_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    standing = select(CommissionMember.role).where(CommissionMember.left_on.is_(None))
    members = [{"role": role} for role in session.scalars(standing)]
    found = commission_problems(members)
    if not session.scalar(select(func.count()).select_from(DutyOfficer)):
        found.append(Problem("duty", N_("There are no duty officers on the list yet.")))
    if not session.scalar(select(func.count()).select_from(PassSlip)):
        found.append(Problem("pass", N_("The passes are not numbered yet.")))
    return found


def _collect_hand_over(_ctx: Context, session: Session, _to: str) -> Collected:
    def lines() -> Iterator[Record]:
        for officer in session.scalars(select(DutyOfficer).order_by(DutyOfficer.id)):
            yield "duty-officer", {name: getattr(officer, name) for name in records.DUTY_OFFICER.names}
        standing = select(CommissionMember).where(CommissionMember.left_on.is_(None)).order_by(CommissionMember.id)
        for member in session.scalars(standing):
            yield "commission-member", {name: getattr(member, name) for name in records.COMMISSION_MEMBER.names}
        for slip in session.scalars(select(PassSlip).order_by(func.length(PassSlip.number), PassSlip.number)):
            yield "register-line", {"student": slip.student, "number": slip.number, "issued": slip.stub_at is not None}

    return Collected(lines())


BASE_HANDLERS: tuple[Handler, ...] = (
    Handler("statistics", records.STATISTICS_RECORDS, _to_centre, _statistics_obstacles, _collect_statistics,
            _preview_statistics, _take_statistics, Role.BASE_UNI),
    Handler("university-students", records.UNIVERSITY_STUDENTS_RECORDS, preview=_preview_university,
            take=_take_university),
    Handler("base-students", records.BASE_STUDENTS_RECORDS, _to_centre, _base_obstacles, _collect_base,
            sent=_sent_base),
    Handler("passes", records.PASSES_RECORDS, _pass_recipients, _pass_obstacles, _collect_passes),
    Handler("wrong-data", records.WRONG_DATA_RECORDS, _wrong_data_recipients, None, _collect_wrong_data,
            _preview_wrong_data, _take_wrong_data, Role.BASE_UNI),
    Handler("hand-over", records.HAND_OVER_RECORDS, _hand_over_recipients, _hand_over_obstacles, _collect_hand_over),
)  # fmt: skip
