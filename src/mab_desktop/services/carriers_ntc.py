"""Carriers at the centre: reference package, contingent, final students, variants, keys out; funds and results in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import carrier_records as records
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.fund_change import What, change_words, fund_changes
from mab_desktop.domain.json_text import object_of
from mab_desktop.domain.organisation import Role, parse_organisation
from mab_desktop.domain.reference import ReferenceLine
from mab_desktop.domain.workplace_records import ENROLMENT_RECORDS
from mab_desktop.exchange.device import DevicePublic, PersonPublic
from mab_desktop.i18n import N_
from mab_desktop.services import carriers_plans, final_images, sent_incomplete
from mab_desktop.services.centre_secrets import CENTRE
from mab_desktop.services.centre_trust import register_device, register_person
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.final_students import (
    collect_final_students,
    hall_records,
    preview_final_students,
    put_halls,
    take_final_students,
)
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.services.reference import replace_lists
from mab_desktop.services.settings import put_setting, setting, ties
from mab_desktop.services.student_intake import Comparison, compare_students, take_students
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import (
    AllotmentRun,
    DailyFigure,
    DeviceEnrolment,
    FinalReading,
    FinalRecord,
    FinalScore,
    FinalSheet,
    KeyEnvelope,
    Organisation,
    PersonEnrolment,
    ReceivedFund,
    SeatingSeed,
    VariantHall,
)
from mab_desktop.storage.tables.core import ReferenceItem
from mab_desktop.storage.tables.halls import Contingent
from mab_desktop.storage.tables.students import Allotment, Student

_SHOWN = 30  # changes of a fund that a preview names one by one

# What the reference package brings beside the lists.
REFERENCE_SETTINGS = ("ties", "profile", "subjects_by_direction", "shifts")


def columns_of(spec: RecordSpec, row: Any) -> dict[str, Any]:
    """A stored row as a record of `spec`, column by column."""
    return {name: getattr(row, name) for name in spec.names}


def enrolled(session: Session, *roles: Role) -> list[str]:
    """Organisations with these roles that have a workplace in force."""
    query = (
        select(Organisation.id)
        .join(DeviceEnrolment, DeviceEnrolment.organisation == Organisation.id)
        .where(DeviceEnrolment.active, Organisation.role.in_([role.value for role in roles]))
        .distinct()
    )
    return sorted(session.scalars(query))


def sender_base(arrived: Arrived) -> str:
    """The university code of the carrier's sender."""
    return parse_organisation(arrived.sender)[1]


# -- F1: reference package


def _reference_recipients(_ctx: Context, session: Session) -> list[str]:
    return enrolled(session, *(role for role in Role if role is not Role.NTC))


def _reference_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    if not ties(session):
        return [Problem("ties", N_("The ties of base and network universities are not set yet."))]
    return []


def _collect_reference(ctx: Context, session: Session, _to: str) -> Collected:
    def lines() -> Iterator[Record]:
        season = {"year": ctx.season.year, "campaign": ctx.season.campaign, "official": ctx.season.official}
        for key in REFERENCE_SETTINGS:
            yield "setting", {"key": key, "json": _json(setting(session, key))}
        yield "setting", {"key": "season", "json": _json(season)}
        for row in session.scalars(select(ReferenceItem).order_by(ReferenceItem.list, ReferenceItem.position)):
            values = {name: getattr(row, name) for name in ("list", "code", "position", "name_kk", "name_ru")}
            yield "reference", {**values, "name_en": row.name_en, "extra_json": _json(row.extra) if row.extra else ""}

    return Collected(lines())


def _preview_reference(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    lists = {values["list"] for values in arrived.of_type("reference")}
    count = sum(1 for _ in arrived.of_type("reference"))
    return [Line(N_("Reference data: {lists} lists, {count} lines"), {"lists": len(lists), "count": count})]


def _take_reference(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Put the package in place of the reference data here (every role)."""
    for values in arrived.of_type("setting"):
        put_setting(tx, values["key"], _object(values["json"]))
    lines = [
        ReferenceLine(v["list"], v["code"], v["name_kk"], v["name_ru"], v["name_en"] or "", _object(v["extra_json"]))
        for v in sorted(arrived.of_type("reference"), key=lambda v: (v["list"], v["position"]))
    ]
    count = replace_lists(tx, lines)
    tx.note("reference-loaded", arrived.digest, lines=count, official=ctx.season.official)
    return [Line(N_("Reference data: {lists} lists, {count} lines"),
                 {"lists": len({line.list for line in lines}), "count": count})]  # fmt: skip


# -- F2: contingent


def _contingent_recipients(_ctx: Context, session: Session) -> list[str]:
    return enrolled(session, Role.AUDIT_FUND, Role.BASE_UNI)


def _contingent_obstacles(_ctx: Context, session: Session, to: str) -> list[Problem]:
    base = parse_organisation(to)[1]
    if not session.scalar(select(func.count()).select_from(Contingent).where(Contingent.base_university == base)):
        return [Problem("contingent", N_("The contingent of {code} is not entered yet."), (("code", base),))]
    return []


def _collect_contingent(_ctx: Context, session: Session, to: str) -> Collected:
    base = parse_organisation(to)[1]
    query = select(Contingent).where(Contingent.base_university == base)
    rows = session.scalars(query.order_by(Contingent.direction, Contingent.language)).all()
    total = sum(row.students for row in rows)
    found = [("contingent", columns_of(records.CONTINGENT, row)) for row in rows]
    return Collected(found, control_sums={"students": str(total)})


# -- F3: hall fund


def _preview_fund(ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    """Which version came, and what it changes against the fund that is here, hall by hall."""
    base = sender_base(arrived)
    fund = [record for record in arrived.records() if record[0] in ("building", "hall")]
    changes = fund_changes(hall_records(session, base), fund)
    lines = [
        Line(N_("Version {number} of the hall fund"), {"number": version["number"]})
        for version in arrived.of_type("fund-version")
    ]
    lines += [
        Line(N_("Reason of the change: {reason}"), {"reason": version["reason"]})
        for version in arrived.of_type("fund-version")
        if version["reason"]
    ]
    lines += [
        Line(N_("Buildings: {count}"), {"count": sum(kind == "building" for kind, _values in fund)}),
        Line(N_("Halls: {count}, seats: {seats}"), {"count": changes.halls_after, "seats": changes.seats_after}),
        Line(N_("Halls new: {new}, changed: {changed}, gone: {gone}; seats: {seats}"),
             {"new": changes.count(What.ADDED), "changed": changes.count(What.CHANGED),
              "gone": changes.count(What.GONE), "seats": f"{changes.seats:+d}"}),
        *carriers_plans.preview(arrived),
    ]  # fmt: skip
    lines += sent_incomplete.lines(arrived)
    if changes.halls_before:
        lines += [Line("{words}", {"words": change_words(change, ctx.lang)}) for change in changes.lines[:_SHOWN]]
    return lines


def _take_fund(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    base = sender_base(arrived)
    lines = _preview_fund(ctx, tx.session, arrived)
    _refuse_after_allotment(tx.session, base)
    put_halls(tx, base, arrived)
    carriers_plans.take(ctx, tx, arrived, base)
    sent_incomplete.note_came(tx, arrived)
    count = sum(1 for _ in arrived.of_type("hall"))
    tx.session.merge(
        ReceivedFund(base_university=base, kind="hall-fund", count=count, digest=arrived.digest, at=stamp(ctx))
    )
    return lines


def _refuse_after_allotment(session: Session, base: str) -> None:
    allotted = (
        select(func.count()).select_from(Allotment).join(Student, Student.id == Allotment.student)
        .where(Student.base_university == base)
    )  # fmt: skip
    if session.get(AllotmentRun, base) is not None or session.scalar(allotted):
        raise OutOfOrder(
            N_("The students of {code} are allotted already, so its halls and students can no longer be replaced."),
            next_step=N_("Nothing was changed. Call the base university."), code=base,
        )  # fmt: skip


# -- F7: the base university's database


def _compare_base(session: Session, arrived: Arrived) -> Comparison:
    return compare_students(session, arrived.of_type("student"), [Student.base_university == sender_base(arrived)])


def _preview_base(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    return [*_compare_base(session, arrived).lines(), *sent_incomplete.lines(arrived)]


def _take_base(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    base = sender_base(arrived)
    _refuse_after_allotment(tx.session, base)
    wrong = sum(values["base_university"] != base for values in arrived.of_type("student"))
    if wrong:
        raise UserError(N_("{count} students in the file belong to another base university. Nothing was changed."),
                        count=wrong)  # fmt: skip
    found = _compare_base(tx.session, arrived)
    take_students(ctx, tx, found, arrived.sender, arrived.digest)
    tx.session.merge(
        ReceivedFund(base_university=base, kind="base-students", count=found.total, digest=arrived.digest,
                     at=stamp(ctx))
    )  # fmt: skip
    sent_incomplete.note_came(tx, arrived)
    return [*found.lines(), *sent_incomplete.lines(arrived)]


# -- F8: final students


def _final_recipients(_ctx: Context, session: Session) -> list[str]:
    allotted = set(session.scalars(select(AllotmentRun.base_university)))
    orgs = enrolled(session, Role.BASE_UNI, Role.MINISTRY_PROGRAMMER)
    return [org for org in orgs if parse_organisation(org)[1] in allotted]


# -- F12: variants, seating seals, stacks of sheets


def _exam_recipients(_ctx: Context, session: Session) -> list[str]:
    allotted = set(session.scalars(select(AllotmentRun.base_university)))
    return [org for org in enrolled(session, Role.MINISTRY_PROGRAMMER) if parse_organisation(org)[1] in allotted]


def _variants_obstacles(_ctx: Context, session: Session, to: str) -> list[Problem]:
    base = parse_organisation(to)[1]
    found = []
    for table, text in ((VariantHall, N_("Variants are not laid on the seats of {code} yet.")),
                        (SeatingSeed, N_("The seatings of {code} are not sealed yet."))):  # fmt: skip
        if not session.scalar(select(func.count()).select_from(table).where(table.base_university == base)):
            found.append(Problem("variants", text, (("code", base),)))
    return found


def _collect_variants(_ctx: Context, session: Session, to: str) -> Collected:
    base = parse_organisation(to)[1]

    def lines() -> Iterator[Record]:
        seeds = select(SeatingSeed).where(SeatingSeed.base_university == base).order_by(SeatingSeed.shift)
        for seed in session.scalars(seeds):
            yield "shift-seal", {"shift": seed.shift, "commitment": seed.commitment, "sealed_seed": seed.sealed}
        halls = select(VariantHall).where(VariantHall.base_university == base)
        for row in session.scalars(halls.order_by(VariantHall.shift, VariantHall.hall)):
            stack = {"shift": row.shift, "hall": row.hall, "first_serial": row.first_serial, "count": row.sheets}
            yield "sheet-stack", stack
            for seat, variant in enumerate(row.variants, 1):
                yield "variant-seat", {"shift": row.shift, "hall": row.hall, "seat": seat, "variant": variant}

    return Collected(lines())


# -- F14: sealed answer keys


def _key_obstacles(_ctx: Context, session: Session, to: str) -> list[Problem]:
    if not _released(session, parse_organisation(to)[1]):
        return [Problem("key", N_("No key is released: the representative must first confirm that the identification "
                                  "of the shift is finished (p.39)."))]  # fmt: skip
    return []


def _collect_keys(_ctx: Context, session: Session, to: str) -> Collected:
    """Every key that may go; the recipient knows the older ones already and changes nothing there."""
    rows = _released(session, parse_organisation(to)[1])
    found = [
        ("sealed-key", {"shift": row.shift, "commitment": row.commitment, "envelope": row.envelope}) for row in rows
    ]
    return Collected(found)


def _released(session: Session, base: str) -> list[KeyEnvelope]:
    """Keys that may be sent: released ones, and those that need the centre's own release code to open."""
    query = select(KeyEnvelope).where(KeyEnvelope.base_university == base).order_by(KeyEnvelope.shift)
    return [row for row in session.scalars(query) if row.released_at is not None or CENTRE in row.others]


# -- F15, F16: what comes back


def _preview_daily(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    shifts = sorted({values["shift"] for values in arrived.of_type("daily")})
    return [Line(N_("Daily statistics of shifts: {shifts}"), {"shifts": ", ".join(map(str, shifts))})]


def _take_daily(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    base = sender_base(arrived)
    for shift in {values["shift"] for values in arrived.of_type("daily")}:
        tx.session.execute(delete(DailyFigure).where(DailyFigure.base_university == base, DailyFigure.shift == shift))
    for values in arrived.of_type("daily"):
        shift, direction, language = (values.pop(name) for name in ("shift", "direction", "language"))
        figures = {name: value for name, value in values.items() if value is not None}
        tx.session.add(
            DailyFigure(base_university=base, shift=shift, direction=direction or "", language=language or "",
                        values=figures, received_at=stamp(ctx))
        )  # fmt: skip
    return _preview_daily(ctx, tx.session, arrived)


def _preview_final_data(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    counts: dict[str, int] = {}
    for record_type, _values in arrived.records():
        counts[record_type] = counts.get(record_type, 0) + 1
    return [
        Line(N_("Answer sheets: {count}"), {"count": counts.get("sheet", 0)}),
        Line(N_("Points by subject: {count} lines"), {"count": counts.get("score", 0)}),
        Line(N_("Appeal applications: {count}"), {"count": counts.get("appeal", 0)}),
        Line(N_("Corrections of student data: {count}"), {"count": counts.get("student-change", 0)}),
        Line(N_("Images of scanned pages: {count}"), {"count": counts.get("image", 0)}),
        Line(N_("Representative's report, paragraphs: {count}"), {"count": counts.get("representative-report", 0)}),
    ]


def _take_final_data(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Put the final data in place of what came before from the same ministry programmer."""
    base = sender_base(arrived)
    tables: dict[str, Any] = {"sheet": FinalSheet, "score": FinalScore, "reading": FinalReading}
    for table in (*tables.values(), FinalRecord):
        tx.session.execute(delete(table).where(table.base_university == base))
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
    others: list[dict[str, Any]] = []
    for record_type, values in arrived.records():
        if record_type == "image":
            continue
        if record_type in tables:
            rows[record_type].append({"base_university": base, **values})
        else:
            plain = {name: value for name, value in values.items() if value is not None}
            others.append({"base_university": base, "n": len(others) + 1, "record_type": record_type, "values": plain})
    for table, found in (*((tables[name], rows[name]) for name in tables), (FinalRecord, others)):
        if found:
            tx.session.execute(insert(table), found)
    final_images.take(ctx, tx, arrived, base)
    return _preview_final_data(ctx, tx.session, arrived)


# -- enrolment of a new workplace


def _preview_enrolment(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    """Whose groups are to be compared; of those who are in force nobody is asked once more."""
    return [
        *(_asks(session.get(DeviceEnrolment, public.keyid), {"device": public.device, "organisation": public.org,
                                                         "groups": public.fingerprint},
                N_("{device} of {organisation}: compare these groups by telephone: {groups}"),
                N_("{device} of {organisation} was compared before: {groups}"))
          for public in (DevicePublic(**values) for values in arrived.of_type("device"))),
        *(_asks(session.get(PersonEnrolment, public.keyid), {"name": public.name, "person": public.person,
                                                         "organisation": public.org, "groups": public.fingerprint},
                N_("{name} ({person}) signs for {organisation}: compare these groups by telephone: {groups}"),
                N_("{name} ({person}) signs for {organisation}, compared before: {groups}"))
          for public in (PersonPublic(**values) for values in arrived.of_type("person"))),
    ]  # fmt: skip


def _asks(
    row: DeviceEnrolment | PersonEnrolment | None, params: dict[str, str], ask: str, known: str
) -> Line:  # fmt: skip
    return Line(known if row is not None and row.active else ask, params)


def _take_enrolment(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Write workplace and persons down; they get into the trust list only when their groups were compared."""
    for record_type, values in arrived.records():
        if values["org"] != arrived.sender:
            raise UserError(N_("The file asks for another organisation than its sender's. Nothing was changed."))
        if record_type == "device":
            register_device(ctx, tx, DevicePublic(**values), active=False)
        else:
            register_person(ctx, tx, PersonPublic(**values), active=False)
    return _preview_enrolment(ctx, tx.session, arrived)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _object(text: str | None) -> dict[str, Any]:
    """The object of a JSON text, {} for none; UserError for what is no object."""
    if not text:
        return {}
    try:
        return object_of(text)
    except ValueError as error:
        raise UserError(N_("A value inside the file cannot be read. Nothing was changed.")) from error


NTC_HANDLERS: tuple[Handler, ...] = (
    Handler("reference", records.REFERENCE_RECORDS, _reference_recipients, _reference_obstacles, _collect_reference,
            _preview_reference, _take_reference),
    Handler("contingent", records.CONTINGENT_RECORDS, _contingent_recipients, _contingent_obstacles,
            _collect_contingent),
    Handler("hall-fund", records.HALL_FUND_RECORDS, preview=_preview_fund, take=_take_fund),
    Handler("base-students", records.BASE_STUDENTS_RECORDS, preview=_preview_base, take=_take_base),
    Handler("final-students", records.FINAL_STUDENTS_RECORDS, _final_recipients, None, collect_final_students,
            preview_final_students, take_final_students),
    Handler("variants", records.VARIANTS_RECORDS, _exam_recipients, _variants_obstacles, _collect_variants),
    Handler("answer-key", records.ANSWER_KEY_RECORDS, _exam_recipients, _key_obstacles, _collect_keys),
    Handler("daily-statistics", records.DAILY_STATISTICS_RECORDS, preview=_preview_daily, take=_take_daily),
    Handler("final-data", records.FINAL_DATA_RECORDS, preview=_preview_final_data, take=_take_final_data),
    Handler("enrolment", ENROLMENT_RECORDS, preview=_preview_enrolment, take=_take_enrolment),
)  # fmt: skip
