"""The network university's papers: operators, specialties, journals, statistics, the database, wrong data, stubs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import PREFIX, PersonRole, Role
from mab_desktop.domain.printing import Sides
from mab_desktop.domain.reference import Lines, coded, named
from mab_desktop.domain.statistics import CONTROL_DATES, FINAL
from mab_desktop.domain.student import STUDENT, value_from_text
from mab_desktop.forms import (
    act,
    admission_pass,
    application_journal,
    hall_list,
    operator_list,
    operators_journal,
    pass_register,
    second_errors,
    specialty_list,
    statistics_report,
    student_database,
    wrong_data_list,
)
from mab_desktop.forms.application_journal import JournalGroup, StudentLine
from mab_desktop.forms.page import DocumentHead, shown_date
from mab_desktop.forms.table import Row, Total
from mab_desktop.i18n import N_, translate
from mab_desktop.services import operators, pass_slips, passes, passes_issue, photos, specialties, statistics, students
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.documents import Document, Printing, finished, print_document
from mab_desktop.services.imprint import imprint, official, university_name
from mab_desktop.services.passes import PassLine
from mab_desktop.services.passes_issue import PassRow
from mab_desktop.services.second_errors import report as second_entry_report
from mab_desktop.services.settings import base_of, reference_list
from mab_desktop.services.students import StudentRow
from mab_desktop.storage.tables.core import CarrierOut, PrintJob
from mab_desktop.storage.tables.network import PassIssue

Lists = Mapping[str, Lines]
Notice = tuple[str, Mapping[str, object]]
_LISTS = ("citizenship", "nationality", "sex", "specialty", "direction", "course", "study_language", "study_form",
          "payment", "foreign_language")  # fmt: skip


def print_operator_list(ctx: Context) -> Document:
    """The list of operators (p.21)."""
    _may_print(ctx)
    people = tuple((row.full_name, row.login) for row in operators.operators(ctx) if row.active)
    _require_any(people, N_("No operator is on the list yet."))
    top, names = _top(ctx)

    def draw(printing: Printing) -> bytes:
        whole = operator_list.OperatorList(top, imprint(printing), people, names["coordinator"], names["programmer"])
        return operator_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "operator-list", "", draw)


def print_operators_journal(ctx: Context, first: date | None = None, last: date | None = None) -> Document:
    """The operators' journal of a day or of several (p.20); today's by default."""
    _may_print(ctx)
    first = first or ctx.clock.now().date()
    last = last or first
    found = operators.journal(ctx, first, last)
    _require_any(found, N_("Nobody worked on these days."))
    top, names = _top(ctx)
    days = tuple(
        operators_journal.OperatorDay(d.day, d.name, d.device, d.started, d.finished, d.new, d.changed, d.deleted,
                                      d.total, d.verified, d.errors, d.keys_per_hour)
        for d in found
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        whole = operators_journal.OperatorsJournal(top, imprint(printing), days, names["coordinator"],
                                                   names["programmer"])  # fmt: skip
        return operators_journal.draw(whole, lang=printing.lang)

    key = first.isoformat() if first == last else f"{first.isoformat()}-{last.isoformat()}"
    return print_document(ctx, "operators-journal", key, draw)


def print_second_errors(ctx: Context) -> Document:
    """Errors that second entries found, by person and field."""
    _may_print(ctx)
    found = second_entry_report(ctx)
    _require_any(found.people, N_("No record has been typed again and compared yet."))
    top, names = _top(ctx)
    people = tuple(
        second_errors.PersonLine(p.name, p.typed.records, p.typed.errors, p.typed.rate, p.verified.records,
                                 p.verified.errors, p.verified.rate)
        for p in found.people
    )  # fmt: skip
    fields = tuple(
        second_errors.FieldLine(STUDENT[f.field].label, f.differing, f.typist, f.verifier, f.open)
        for f in found.fields
    )

    def draw(printing: Printing) -> bytes:
        whole = second_errors.SecondErrors(top, imprint(printing), found.records, found.without, people, fields,
                                           names["coordinator"], names["programmer"])  # fmt: skip
        return second_errors.draw(whole, lang=printing.lang)

    return print_document(ctx, "second-errors", "", draw)


def print_specialty_list(ctx: Context) -> Document:
    """The list of specialties whose students take part (p.21)."""
    _may_print(ctx)
    taught = specialties.specialties(ctx, only_taught=True)
    _require_any(taught, N_("No specialty is chosen yet."))
    top, names = _top(ctx)
    with ctx.store.read() as session:
        directions = reference_list(session, "direction")
    lines = tuple(
        specialty_list.SpecialtyLine(s.cipher, s.name_kk, s.name_ru, coded(directions, s.direction, ctx.lang),
                                     s.kazakh, s.russian, s.other)
        for s in taught
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        whole = specialty_list.SpecialtyList(top, imprint(printing), lines, names["coordinator"], names["programmer"])
        return specialty_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "specialty-list", "", draw)


def print_application_journal(ctx: Context, specialty: str = "", study_language: str = "") -> Document:
    """Students by specialty and language, to check their data and sign (p.21)."""
    _may_print(ctx)
    rows = students.find(ctx, specialty=specialty, study_language=study_language)
    _require_any(rows, N_("No record is typed yet."))
    top, names = _top(ctx)
    groups = _groups(ctx, rows)

    def draw(printing: Printing) -> bytes:
        whole = application_journal.ApplicationJournal(top, imprint(printing), groups, names["coordinator"],
                                                       names["programmer"])  # fmt: skip
        return application_journal.draw(whole, lang=printing.lang)

    key = "-".join(part for part in (specialty, study_language) if part)
    return print_document(ctx, "application-journal", key, draw)


def print_statistics(ctx: Context, stage: str = "", base_university: str = "") -> Document:
    """The statistics of a stage (p.21), the one due now by default; in two copies."""
    _may_print(ctx)
    with ctx.store.read() as session:
        stage = stage or statistics.stage_now(ctx, session)
    report = statistics.report(ctx, stage, base_university)
    _require_any(report.rows, N_("No complete record is there to be counted."))
    top, names = _top(ctx, base_university)
    with ctx.store.read() as session:
        lists = _lists(session)
    groups = statistics.paper_groups(lists["direction"], lists["specialty"], report.table, ctx.lang)
    as_of = date(ctx.season.year, *CONTROL_DATES[stage]) if stage in CONTROL_DATES else ctx.clock.now().date()

    def draw(printing: Printing) -> bytes:
        whole = statistics_report.StatisticsReport(
            top, imprint(printing, 2), groups, final=stage == FINAL, as_of=as_of, coordinator=names["coordinator"],
            programmer=names["programmer"], by_network=True,
        )  # fmt: skip
        return statistics_report.draw(whole, lang=printing.lang)

    key = "-".join(part for part in (stage, base_university) if part)
    return print_document(ctx, "statistics", key, draw, copies=2)


def print_database(ctx: Context, base_university: str = "") -> Document:
    """The student database for the head to sign (p.21), with the record count and the sum that its file carries.

    Its key holds the sum: a paper of other data is no duplicate of the one before, it replaces it and says so.
    """
    _may_print(ctx)
    with ctx.store.read() as session:
        base = base_university or _only_base(ctx, session)
        records, checksum = students.database_sum(session, base)
        file_name, notices = _file_of(session, base, checksum)
        notices += _replaced(session, base, checksum)
    rows = students.find(ctx, base_university=base, partial=False)
    _require_any(rows, N_("No complete record is there to be printed."))
    top, names = _top(ctx, base)
    groups = _groups(ctx, rows)

    def draw(printing: Printing) -> bytes:
        whole = student_database.StudentDatabase(
            top, imprint(printing), groups, records, checksum, file_name, "", names["coordinator"],
            names["programmer"], tuple(notices),
        )  # fmt: skip
        return student_database.draw(whole, lang=printing.lang)

    return print_document(ctx, "student-database", f"{base}-{checksum}", draw)


def print_pass_register(ctx: Context, base_university: str = "") -> Document:
    """The register of issue that students sign when they get their pass (p.25); those issued have their day."""
    _may_print(ctx)
    rows, base, lists = _passes(ctx, base_university)
    top, names = _top(ctx, base)
    lines = [
        pass_register.PassLine(p.code, p.name, p.specialty, named(lists["study_language"], p.study_language, ctx.lang),
                               p.shift, p.exam_date, p.hall,
                               datetime.fromisoformat(p.issued_at).date() if p.issued_at else None)
        for p in rows
    ]  # fmt: skip

    def draw(printing: Printing) -> bytes:
        whole = pass_register.PassRegister(top, imprint(printing), lines, coordinator=names["coordinator"])
        return pass_register.draw(whole, lang=printing.lang)

    return print_document(ctx, "pass-register", base, draw)


def print_hall_list(ctx: Context, base_university: str = "") -> Document:
    """Where each student sits the test: the coordinator tells it to them, and divides the stubs by it (p.25)."""
    _may_print(ctx)
    lines, base, lists = _slips(ctx, base_university)
    top, names = _top(ctx, base)
    found = [
        hall_list.HallListLine(
            p.name, p.code, top.network_university, p.specialty,
            named(lists["study_language"], p.study_language, ctx.lang), p.shift, p.day, p.building_name, p.hall,
        )
        for p in lines
    ]  # fmt: skip

    def draw(printing: Printing) -> bytes:
        whole = hall_list.HallList(top, imprint(printing), found, True, names["coordinator"])  # noqa: FBT003
        return hall_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "university-list", base, draw)


def print_pass_duplicates(ctx: Context, chosen: Collection[str]) -> Document:
    """Passes of some students once more: the base university's are the originals, so each of these is a duplicate."""
    _may_print(ctx)
    lines, base, lists = _slips(ctx, "", chosen)
    top, _names = _top(ctx, base)
    with ctx.store.read() as session:
        pictures = photos.photographs(ctx, session, {line.student for line in lines})

    def slips() -> Iterator[admission_pass.AdmissionPass]:
        for line in lines:
            photo = pictures[line.student]() if line.student in pictures else b""
            yield pass_slips.slip(line, lists, ctx.lang, top.base_university, ctx.season.campaign, photo)

    def draw(printing: Printing) -> bytes:
        marked = replace(imprint(printing), reprint=True)
        return admission_pass.draw(admission_pass.PassSet(top, marked, slips()), lang=printing.lang)

    key = lines[0].number if len(lines) == 1 else f"{lines[0].number}-{len(lines)}"
    return print_document(ctx, "pass-duplicates", key, draw, sides=Sides.LONG)


def print_wrong_data(ctx: Context, base_university: str = "") -> Document:
    """The list of students with wrong data (p.25): copies for this university, the base, the centre, the ministry.

    An empty list is printed too, once the passes are here: the base university is told that nothing is wrong.
    """
    _may_print(ctx)
    found = passes_issue.wrong_data(ctx, base_university=base_university)
    if not found:
        _passes(ctx, base_university)
    top, names = _top(ctx, base_university)
    with ctx.store.read() as session:
        lists = _lists(session)
    lines = tuple(
        wrong_data_list.WrongDataLine(
            w.university, w.code, w.name, STUDENT[w.field].label, _shown(lists, w.field, w.printed_value, ctx.lang),
            _shown(lists, w.field, w.right_value, ctx.lang), w.ground, w.application_number, w.application_date, w.late,
        )
        for w in found
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        whole = wrong_data_list.WrongDataList(top, imprint(printing, 4), lines, names["coordinator"],
                                              passes_issue.last_day(ctx))  # fmt: skip
        return wrong_data_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "wrong-data", base_university, draw, copies=4)


def print_stub_act(ctx: Context, base_university: str = "") -> Document:
    """The act on the stubs handed to a base university (p.25): by shift and hall, so that all counts agree.

    Passes received are those issued, spoilt and not issued; a stub is there for each issued one or is named.
    """
    _may_print(ctx)
    rows, base, _ = _passes(ctx, base_university)
    by_hall: dict[tuple[int, str], list[PassRow]] = defaultdict(list)
    for row in rows:
        by_hall[row.shift, row.hall].append(row)
    top, names = _top(ctx, base)
    lines: list[Row] = []
    for (shift, hall), found in sorted(by_hall.items()):
        missing = ", ".join(row.number for row in found if not row.stub_at)
        lines.append((str(shift), hall, *_counted(found), missing or "–"))
    lines.append(Total(("", translate(ctx.lang, N_("In all")), *_counted(rows), "")))
    spoilt = "; ".join(f"{row.number} – {row.name}: {row.spoilt_why}" for row in rows if row.spoilt_at)
    story = f"{translate(ctx.lang, N_('Spoilt'))}: {spoilt}" if spoilt else ""

    def draw(printing: Printing) -> bytes:
        whole = act.Act(act.STUBS_HANDED_OVER, top, imprint(printing, 2), tuple(lines),
                        given_by=(names["coordinator"],), story=story)  # fmt: skip
        return act.draw(whole, lang=printing.lang)

    return print_document(ctx, "act-stubs", base, draw, copies=2)


# -- inside ------------------------------------------------------------------------------------------------------------


def _may_print(ctx: Context) -> None:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)


def _top(ctx: Context, base_university: str = "") -> tuple[DocumentHead, dict[str, str]]:
    """The head of a document, and the names of those who sign."""
    with ctx.store.read() as session:
        bases = [base_university] if base_university else base_of(session, ctx.university)
        base = university_name(session, bases[0], ctx.lang) if len(bases) == 1 else ""
        top = DocumentHead(ctx.season.year, base, university_name(session, ctx.university, ctx.lang))
        names = {role.value: official(session, role) for role in (PersonRole.COORDINATOR, PersonRole.PROGRAMMER)}
    names["programmer"] = names["programmer"] or ctx.actor.name
    return top, names


def _only_base(ctx: Context, session: Session) -> str:
    bases = base_of(session, ctx.university)
    if len(bases) != 1:
        raise OutOfOrder(N_("Choose the base university: {codes}."), codes=", ".join(bases))
    return bases[0]


def _passes(ctx: Context, base_university: str) -> tuple[list[PassRow], str, Lists]:
    with ctx.store.read() as session:
        base, lists = base_university or _only_base(ctx, session), _lists(session)
    rows = passes_issue.passes(ctx, base_university=base)
    _require_any(rows, N_("The passes have not come from the base university yet."))
    return rows, base, lists


def _slips(ctx: Context, base_university: str, chosen: Collection[str] = ()) -> tuple[list[PassLine], str, Lists]:
    """The passes of a base university that came, or the `chosen` ones of one, as their printing needs them."""
    with ctx.store.read() as session:
        issues = {row.student: row for row in session.scalars(select(PassIssue)) if not chosen or row.student in chosen}
        bases = {row.base_university for row in issues.values()}
        base = base_university or (bases.pop() if len(bases) == 1 else _only_base(ctx, session))
        lines = [
            replace(line, number=issues[line.student].number)
            for line in passes.lines_in(session, base, ctx.university)
            if line.student in issues and issues[line.student].base_university == base
        ]
        lists = {name: reference_list(session, name) for name in pass_slips.LISTS}
    _require_any(lines, N_("The passes have not come from the base university yet."))
    return lines, base, lists


def _counted(rows: Sequence[PassRow]) -> tuple[str, str, str, str, str]:
    issued = sum(1 for row in rows if row.issued_at)
    spoilt = sum(1 for row in rows if row.spoilt_at)
    stubs = sum(1 for row in rows if row.stub_at)
    return str(len(rows)), str(issued), str(spoilt), str(len(rows) - issued - spoilt), str(stubs)


def _file_of(session: Session, base: str, checksum: str) -> tuple[str, list[Notice]]:
    """The file that holds just this database; for an older one, a notice that it must be written anew."""
    sent = session.scalars(
        select(CarrierOut)
        .where(CarrierOut.kind == "university-students", CarrierOut.recipient == PREFIX[Role.BASE_UNI] + base)
        .order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc())
    ).first()
    if sent is None:
        return "", []
    sums = sent.manifest.get("control_sums", {})
    if sums.get("control_sum") == checksum:
        return sent.file_name, []
    text = N_("Changed since the file {file} was written: that one holds {n} records, checksum {checksum}. It must be "
              "written anew.")  # fmt: skip
    return "", [(text, {"file": sent.file_name, "n": sums.get("students", "?"),
                        "checksum": sums.get("control_sum", "?")})]  # fmt: skip


def _replaced(session: Session, base: str, checksum: str) -> list[Notice]:
    """The last paper of other data than this one."""
    last = session.scalars(
        select(PrintJob)
        .where(PrintJob.document == "student-database", PrintJob.key.startswith(f"{base}-"),
               PrintJob.key != f"{base}-{checksum}", finished())
        .order_by(PrintJob.id.desc())
    ).first()  # fmt: skip
    if last is None:
        return []
    printed = datetime.fromisoformat(last.at)
    text = N_("Replaces the paper printed {at}, checksum {checksum}: the database was changed since.")
    return [(text, {"at": printed.strftime("%d.%m.%Y %H:%M"), "checksum": last.key.partition("-")[2]})]


def _groups(ctx: Context, rows: Sequence[StudentRow]) -> list[JournalGroup]:
    """Students by specialty and language, each group in the order of `rows`."""
    with ctx.store.read() as session:
        lists = _lists(session)
    found: dict[tuple[str, str], list[StudentRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: sort_key(r.name)):
        found[row.specialty or "", row.study_language or ""].append(row)
    return [
        JournalGroup(
            coded(lists["specialty"], specialty, ctx.lang), named(lists["study_language"], language, ctx.lang),
            [_line(lists, row, ctx.lang) for row in members],
        )
        for (specialty, language), members in sorted(found.items())
    ]  # fmt: skip


def _line(lists: Lists, row: StudentRow, lang: str) -> StudentLine:
    def word(name: str) -> str:
        return named(lists[name], getattr(row, name) or "", lang)

    return StudentLine(
        row.name, row.birth_date, word("citizenship"), word("nationality"), word("sex"), word("course"),
        word("study_form"), word("payment"), row.to_code or "", row.certificate or "", row.grant_certificate or "",
        row.identity_document or "", str(row.admission_year or ""), row.record_book or "", word("foreign_language"),
    )  # fmt: skip


def _shown(lists: Lists, field: str, text: str, lang: str) -> str:
    """A stored value in words: dates as printed, codes with their names."""
    value = value_from_text(field, text)
    if isinstance(value, date):
        return shown_date(value)
    return coded(lists[field], text, lang) if field in lists and text else text or "–"


def _lists(session: Session) -> Lists:
    return {name: reference_list(session, name) for name in _LISTS}


def _require_any(found: object, text: str) -> None:
    if not found:
        raise OutOfOrder(text)
