"""The base university's papers: statistics, fax page, passes, registers, hall lists, duty list, acts (p.22-25)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.printing import Sides
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.reference import Lines, coded, named
from mab_desktop.domain.statistics import FINAL, StatisticsRow
from mab_desktop.domain.student import STUDENT
from mab_desktop.forms import (
    act,
    admission_pass,
    duty_list,
    hall_list,
    pass_register,
    statistics_fax,
    statistics_report,
    wrong_data_list,
)
from mab_desktop.forms.page import DocumentHead
from mab_desktop.forms.signature import BASE_COORDINATOR, REPRESENTATIVE
from mab_desktop.forms.table import Column
from mab_desktop.i18n import N_, translate
from mab_desktop.services import acceptance, base_board, passes, photos
from mab_desktop.services.commission import duty_officers
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint, official, university_name
from mab_desktop.services.pass_slips import slip
from mab_desktop.services.passes import PassLine
from mab_desktop.services.settings import reference_list
from mab_desktop.services.statistics import paper_groups, tabulate
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Shift

Lists = Mapping[str, Lines]
_SHOWN_LISTS = ("specialty", "study_language", "foreign_language", "subject", "university", "direction")

HAND_OVER = act.ActKind(
    N_("Act of hand-over of papers to the ministry representative"),
    N_("Before the testing the base university handed over to the ministry representative (p.24):"),
    (Column(N_("Papers"), 100), Column(N_("Quantity"), 30, "right"), Column(N_("Remark"), 50)),
    (BASE_COORDINATOR,), (REPRESENTATIVE,),
)  # fmt: skip


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
        coordinator = official(session, "coordinator")
    _require_any(rows, N_("No statistics of a network university have come yet."))

    def draw(printing: Printing) -> bytes:
        report = statistics_report.StatisticsReport(
            top, imprint(printing, 2), groups, final=stage == FINAL, as_of=ctx.clock.now().date(),
            coordinator="" if university else coordinator, programmer=ctx.actor.name, checksum=checksum,
        )  # fmt: skip
        return statistics_report.draw(report, lang=printing.lang)

    return print_document(ctx, "statistics", f"{stage}-{university or 'all'}", draw, copies=2)


def print_fax(ctx: Context) -> Document:
    """The page with the final statistics that goes to the centre by fax (p.23)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lines = _fax_lines(session, ctx.lang)
        expected = len(base_board.attached(session, ctx.university))
        top, coordinator = head(ctx, session), official(session, "coordinator")
        sent = session.scalars(
            select(CarrierOut).where(CarrierOut.kind == "base-students", CarrierOut.recipient == NTC_CODE)
            .order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc())
        ).first()  # fmt: skip
        name = sent.file_name if sent else ""
        checksum = str(sent.manifest.get("control_sums", {}).get("control_sum", "")) if sent else ""
    _require_any(lines, N_("No statistics of a network university have come yet."))

    def draw(printing: Printing) -> bytes:
        fax = statistics_fax.StatisticsFax(
            top, imprint(printing), lines, expected, name, checksum, coordinator=coordinator, programmer=ctx.actor.name
        )
        return statistics_fax.draw(fax, lang=printing.lang)

    return print_document(ctx, "statistics-fax", "", draw)


def print_passes(
    ctx: Context, university: str = "", *, hall: str = "", shift: int | None = None, student: str = "",
    backs: bool = True, progress: Progress = Silent(),
) -> Document:  # fmt: skip
    """Passes with stubs of a network university, hall, shift or single student (p.24); reprints say so."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lists = _lists(session)
        lines = list(passes.lines_in(session, ctx.university, university, hall, shift, student))
        base = university_name(session, ctx.university, ctx.lang)
        top = head(ctx, session, university)
        photographs = photos.photographs(ctx, session, {line.student for line in lines})
    _require_any(lines, N_("There are no allotted students to print passes for."))
    if any(not line.number for line in lines):
        raise OutOfOrder(N_("The passes are not numbered yet."))
    progress.stage(N_("Drawing passes"), len(lines))

    def slips(campaign: str) -> Iterator[admission_pass.AdmissionPass]:
        for line in lines:
            progress.step()
            photo = photographs[line.student]() if line.student in photographs else b""
            yield slip(line, lists, ctx.lang, base, campaign, photo)

    def draw(printing: Printing) -> bytes:
        whole = admission_pass.PassSet(top, imprint(printing), slips(ctx.season.campaign), backs)
        return admission_pass.draw(whole, lang=printing.lang)

    key = "-".join(part for part in (university, f"s{shift}" if shift else "", hall, student) if part) or "all"
    return print_document(ctx, "passes", key, draw, sides=Sides.LONG if backs else Sides.ONE)


def print_register(ctx: Context, university: str) -> Document:
    """The register of pass issue of a network university, in two copies: its own and the representative's (p.24)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lists = _lists(session)
        lines = list(passes.lines_in(session, ctx.university, university))
        top = head(ctx, session, university)
    _require_any(lines, N_("There are no allotted students of this university."))
    rows = [
        pass_register.PassLine(p.code, p.name, p.specialty, named(lists["study_language"], p.study_language, ctx.lang),
                               p.shift, p.day, p.hall)
        for p in lines
    ]  # fmt: skip

    def draw(printing: Printing) -> bytes:
        register = pass_register.PassRegister(top, imprint(printing, 2), rows, programmer=ctx.actor.name)
        return pass_register.draw(register, lang=printing.lang)

    return print_document(ctx, "pass-register", university, draw, copies=2)


def print_hall_list(ctx: Context, shift: int, hall: str) -> Document:
    """The students of a hall in a shift, for the safe and the representative (p.24); seats are not drawn yet."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lists = _lists(session)
        lines = list(passes.lines_in(session, ctx.university, hall=hall, shift=shift))
        top = _hall_head(ctx, session, shift, hall)
        coordinator = official(session, "coordinator")
    _require_any(lines, N_("Nobody is allotted to this hall in this shift."))
    rows = _list_lines(lines, lists, ctx.lang)
    return _print_list(ctx, f"s{shift}-{hall}", top, rows, coordinator, by_university=False)


def print_hall_lists(ctx: Context, shift: int, progress: Progress = Silent()) -> Document:
    """The lists of every hall of a shift in one file, each with its own page numbers."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lists = _lists(session)
        by_hall: dict[str, list[PassLine]] = defaultdict(list)
        for line in passes.lines_in(session, ctx.university, shift=shift):
            by_hall[line.hall].append(line)
        tops = {hall: _hall_head(ctx, session, shift, hall) for hall in sorted(by_hall)}
        coordinator = official(session, "coordinator")
    _require_any(by_hall, N_("Nobody is allotted to this shift."))
    progress.stage(N_("Drawing hall lists"), len(tops))

    def draw(printing: Printing) -> bytes:
        documents = []
        for hall, top in tops.items():
            progress.step()
            rows = _list_lines(sorted(by_hall[hall], key=lambda p: sort_key(p.name)), lists, ctx.lang)
            documents.append(hall_list.HallList(top, imprint(printing), rows, coordinator=coordinator,
                                                programmer=ctx.actor.name))  # fmt: skip
        return hall_list.draw(*documents, lang=printing.lang)

    return print_document(ctx, "hall-lists", f"s{shift}", draw)


def print_university_list(ctx: Context, university: str) -> Document:
    """Where each student of a network university sits the test, for its coordinator (p.24, p.25)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        lists = _lists(session)
        lines = list(passes.lines_in(session, ctx.university, university))
        top = head(ctx, session, university)
    _require_any(lines, N_("There are no allotted students of this university."))
    return _print_list(ctx, university, top, _list_lines(lines, lists, ctx.lang), "", by_university=True)


def print_wrong_data(ctx: Context, university: str = "") -> Document:
    """The list of students with wrong data of one network university, or of all (p.24)."""
    require(ctx, Role.BASE_UNI)
    found = base_board.wrong_data(ctx, university)
    with ctx.store.read() as session:
        top = head(ctx, session, university)
    lines = tuple(
        wrong_data_list.WrongDataLine(w.university, w.code, w.name, STUDENT[w.field].label, w.printed_value,
                                      w.right_value, w.ground, w.application_number, w.application_date)
        for w in found
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        return wrong_data_list.draw(wrong_data_list.WrongDataList(top, imprint(printing, 4), lines), lang=printing.lang)

    return print_document(ctx, "wrong-data", university or "all", draw, copies=4)


def print_duty_list(ctx: Context) -> Document:
    """The duty officers by hall (p.24), a person with several shifts in one line."""
    require(ctx, Role.BASE_UNI)
    by_person: dict[tuple[str, str, str, str], list[int]] = {}
    for officer in duty_officers(ctx):
        key = (officer["full_name"], officer["post"] or "", officer["phone"] or "", officer["place"] or "")
        by_person.setdefault(key, []).extend([officer["shift"]] if officer["shift"] else [])
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, "coordinator")
    lines = tuple(
        duty_list.DutyLine(*key, ", ".join(str(shift) for shift in sorted(set(shifts))))
        for key, shifts in by_person.items()
    )

    def draw(printing: Printing) -> bytes:
        whole = duty_list.DutyList(top, imprint(printing), lines, coordinator=coordinator)
        return duty_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "duty-list", "", draw)


def print_stub_act(ctx: Context, university: str) -> Document:
    """The act on receiving stubs: by hall, stubs by the list, received, numbers of missing ones (p.24, p.25)."""
    require(ctx, Role.BASE_UNI)
    by_hall: dict[tuple[int, str], list[PassLine]] = defaultdict(list)
    for line in passes.pass_lines(ctx, university):
        by_hall[line.shift, line.hall].append(line)
    _require_any(by_hall, N_("There are no allotted students of this university."))
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session, university), official(session, "coordinator")
    rows = []
    for (shift, hall), lines in sorted(by_hall.items()):
        missing = [line.number for line in lines if not line.stub_at]
        place = _words(ctx)(N_("{hall}, shift {shift}")).format(hall=hall, shift=shift)
        rows.append((top.network_university, place, str(len(lines)), str(len(lines) - len(missing)),
                     ", ".join(missing) or "–"))  # fmt: skip
    return _print_act(ctx, act.PASS_STUBS, "stubs", university, top, tuple(rows), taken_by=(coordinator,))


def print_hand_over(ctx: Context) -> Document:
    """What the base university hands to the ministry representative before the testing, with counts (p.24)."""
    require(ctx, Role.BASE_UNI)
    counts = passes.counts(ctx)
    halls = passes.halls_used(ctx)
    words = _both_words(ctx)
    rows = (
        (words(N_("Stubs of admission passes")), str(sum(c.stubs for c in counts)), ""),
        (words(N_("Hall lists of students")), str(len(halls)), ""),
        (words(N_("Registers of pass issue (copies)")), str(len(counts)), ""),
        (words(N_("List of duty officers by hall: people")), str(len(duty_officers(ctx))), ""),
        (words(N_("List of students with wrong data: lines")), str(len(base_board.wrong_data(ctx))), ""),
    )
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, "coordinator")
    return _print_act(ctx, HAND_OVER, "hand-over", "", top, rows, given_by=(coordinator,))


def print_materials_act(ctx: Context) -> Document:
    """The act of acceptance and hand-over of exam materials, to be filled in by hand beside the seals (p.30)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, "coordinator")
    return _print_act(ctx, act.MATERIALS_RECEIVED, "materials", "", top, (), given_by=(coordinator,))


def _print_act(
    ctx: Context, kind: act.ActKind, name: str, key: str, top: DocumentHead, rows: tuple[tuple[str, ...], ...], *,
    given_by: tuple[str, ...] = (), taken_by: tuple[str, ...] = (),
) -> Document:  # fmt: skip
    def draw(printing: Printing) -> bytes:
        whole = act.Act(kind, top, imprint(printing, 2), rows, given_by=given_by, taken_by=taken_by)
        return act.draw(whole, lang=printing.lang)

    return print_document(ctx, f"act-{name}", key, draw, copies=2)


def _print_list(
    ctx: Context, key: str, top: DocumentHead, rows: Sequence[hall_list.HallListLine], coordinator: str, *,
    by_university: bool,
) -> Document:  # fmt: skip
    def draw(printing: Printing) -> bytes:
        whole = hall_list.HallList(top, imprint(printing), rows, by_university, coordinator, ctx.actor.name)
        return hall_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "university-list" if by_university else "hall-list", key, draw)


def _groups(
    session: Session, rows: Sequence[StatisticsRow], lang: str
) -> tuple[statistics_report.StatisticsGroup, ...]:
    lists = _lists(session)
    return paper_groups(lists["direction"], lists["specialty"], tabulate(session, rows), lang)


def _fax_lines(session: Session, lang: str) -> tuple[statistics_fax.UniversityCounts, ...]:
    by_university: dict[str, Counter[str]] = defaultdict(Counter)
    for row in base_board.statistics_rows(session, FINAL):
        by_university[row.university][row.study_language] += row.students
    return tuple(
        statistics_fax.UniversityCounts(
            university_name(session, code, lang), counts.total(), counts["1"], counts["2"],
            counts.total() - counts["1"] - counts["2"],
        )
        for code, counts in sorted(by_university.items())
    )  # fmt: skip


def _list_lines(lines: Sequence[PassLine], lists: Lists, lang: str) -> list[hall_list.HallListLine]:
    return [
        hall_list.HallListLine(
            p.name, p.code, coded(lists["university"], p.university, lang), p.specialty,
            named(lists["study_language"], p.study_language, lang), p.shift, p.day, p.building_name, p.hall,
        )
        for p in lines
    ]  # fmt: skip


def _hall_head(ctx: Context, session: Session, shift: int, hall: str) -> DocumentHead:
    day: date | None = session.scalar(select(Shift.exam_date).where(Shift.number == shift))
    query = select(Building.name).join(
        Hall, (Hall.building == Building.code) & (Hall.base_university == Building.base_university)
    )
    building = session.scalar(query.where(Hall.number == hall, Hall.base_university == ctx.university)) or ""
    return head(ctx, session, shift=shift, day=day, building=building, hall=hall)


def _lists(session: Session) -> Lists:
    return {name: reference_list(session, name) for name in _SHOWN_LISTS}


def _words(ctx: Context) -> Callable[[str], str]:
    return lambda text: translate(ctx.lang, text)


def _both_words(ctx: Context) -> Callable[[str], str]:
    """Kazakh over Russian, as the acts print their lines; one language alone in the others."""
    second = "ru" if ctx.lang == "kk" else ""
    return lambda text: "\n".join([translate(ctx.lang, text), *([translate(second, text)] if second else [])])


def _require_any(found: object, text: str) -> None:
    if not found:
        raise OutOfOrder(text)
