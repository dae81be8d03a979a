"""Papers about passes (p.24, p.25): passes with stubs, registers of issue, hall lists, acts, the balance.

Students are read some hundreds at a time while a document is drawn: 20,000 passes need no more memory than 2,000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import BinaryIO, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.printing import Sides
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.reference import Lines, coded, named
from mab_desktop.forms import act, admission_pass, hall_list, pass_register
from mab_desktop.forms.page import DocumentHead
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, NETWORK_COORDINATOR
from mab_desktop.forms.table import Column, Row, Total
from mab_desktop.i18n import N_, translate
from mab_desktop.services import pass_copies, passes, photos
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Pdf, Printing, print_document
from mab_desktop.services.imprint import head, imprint, official, university_name
from mab_desktop.services.pass_copies import Pieces
from mab_desktop.services.pass_slips import LISTS, slip
from mab_desktop.services.passes import PassChoice, PassKey, PassLine
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.sealed_paper import SealedPaper
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Shift

GIVEN = act.ActKind(
    N_("Act of handing over admission passes"),
    N_("After the final database came the base university handed over to the network university (p.24):"),
    (Column(N_("Papers"), 100), Column(N_("Quantity"), 30, "right"), Column(N_("Remark"), 50)),
    (BASE_COORDINATOR,), (NETWORK_COORDINATOR,),
)  # fmt: skip
SPOILT = act.ActKind(
    N_("Act on spoilt admission passes"),
    N_("These printed passes are spoilt and are not issued; new ones bear the mark of a copy:"),
    (Column(N_("Pass No"), 22, "right"), Column(N_("Copy No"), 16, "right"), Column(N_("Full name"), 62),
     Column(N_("Network university"), 20, "center"), Column(N_("Reason"), 60), Column(N_("Noted on"), 24, "center")),
    (BASE_PROGRAMMER, BASE_COORDINATOR),
)  # fmt: skip
BALANCE = act.ActKind(
    N_("Balance of admission passes"),
    N_("Printed passes are issued, spoilt or in stock; what was counted is compared:"),
    (Column(N_("Network university"), 44), Column(N_("Students"), 20, "right"), Column(N_("Printed"), 20, "right"),
     Column(N_("Given"), 18, "right"), Column(N_("Spoilt"), 18, "right"), Column(N_("In stock"), 18, "right"),
     Column(N_("Counted"), 19, "right"), Column(N_("Difference"), 20, "right"),
     Column(N_("Without a whole pass"), 22, "right")),
    (BASE_PROGRAMMER, BASE_COORDINATOR),
)  # fmt: skip

Lists = Mapping[str, Lines]


# -- passes


def print_passes(
    ctx: Context, choice: PassChoice, progress: Progress = Silent(), *, first_only: bool = False
) -> Document:
    """Passes with stubs of the choice (p.24), two or three to a sheet; copies say so. `first_only`: one sheet."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        layout = passes.layout_in(session)
        order = passes.order_in(session, choice, layout.per_sheet if first_only else 0)
        copies = pass_copies.copy_numbers(session, order.students)
        base, top = university_name(session, ctx.university, ctx.lang), head(ctx, session, choice.university)
        lists = _lists(session)
    _require_any(order.students, N_("There are no allotted students to print passes for."))
    if order.unnumbered:
        raise OutOfOrder(N_("The passes are not numbered yet."))
    progress.stage(N_("Drawing passes"), len(order.students))

    def slips() -> Iterator[admission_pass.AdmissionPass]:
        for lines in passes.parts(ctx, order.students):
            with ctx.store.read() as session:
                pictures = photos.photographs(ctx, session, {line.student for line in lines.values()})
            for place, line in lines.items():
                progress.step()
                photo = pictures[line.student]() if line.student in pictures else b""
                one = slip(line, lists, ctx.lang, base, ctx.season.campaign, photo)
                yield replace(one, copy=copies[place])

    def draw(printing: Printing) -> Pdf:
        marked = replace(imprint(printing), reprint=False)  # each pass says for itself which copy it is
        whole = admission_pass.PassSet(top, marked, slips(), layout.backs, layout.per_sheet)
        return _drawn(lambda out: admission_pass.draw(whole, lang=printing.lang, out=out))

    pieces = Pieces(order.students, copies, layout.per_sheet, 2 if layout.backs else 1)
    sides = Sides.LONG if layout.backs else Sides.ONE
    return print_document(ctx, "passes", choice.key, draw, sides=sides, pieces=pieces)


# -- registers and lists


def print_register(ctx: Context, choice: PassChoice, progress: Progress = Silent()) -> Document:
    """Registers of pass issue, one for each network university, in two copies: its own, the representative's (p.24)."""
    keys, lists = _chosen(ctx, choice, progress, N_("Drawing registers"))

    def line(p: PassLine) -> pass_register.PassLine:
        language = named(lists["study_language"], p.study_language, ctx.lang)
        return pass_register.PassLine(p.code, p.name, p.specialty, language, p.shift, p.day, p.hall)

    def draw(printing: Printing) -> Pdf:
        def documents() -> Iterator[pass_register.PassRegister]:
            for top, lines in _by_university(ctx, keys, progress):
                yield pass_register.PassRegister(top, imprint(printing, 2), map(line, lines),
                                                 programmer=ctx.actor.name)  # fmt: skip

        return _drawn(lambda out: pass_register.draw_each(documents(), lang=printing.lang, out=out))

    return print_document(ctx, "pass-register", choice.key, draw, copies=2)


def print_university_list(ctx: Context, choice: PassChoice, progress: Progress = Silent()) -> Document:
    """Where each student of a network university sits the test, for its coordinator (p.24, p.25)."""
    keys, lists = _chosen(ctx, choice, progress, N_("Drawing hall lists"))

    def draw(printing: Printing) -> Pdf:
        def documents() -> Iterator[hall_list.HallList]:
            for top, lines in _by_university(ctx, keys, progress):
                shown = (_list_line(line, lists, ctx.lang) for line in lines)
                yield hall_list.HallList(top, imprint(printing), shown, by_university=True, programmer=ctx.actor.name)

        return _drawn(lambda out: hall_list.draw_each(documents(), lang=printing.lang, out=out))

    return print_document(ctx, "university-list", choice.key, draw)


def print_hall_list(ctx: Context, shift: int, hall: str) -> Document:
    """The students of a hall in a shift, for the safe and the representative (p.24); seats are not drawn yet."""
    return _print_halls(ctx, PassChoice(shift=shift, hall=hall), "hall-list", Silent())


def print_hall_lists(ctx: Context, shift: int | None = None, progress: Progress = Silent()) -> Document:
    """The lists of every hall of a shift, or of all shifts, in one file, each with its own page numbers."""
    return _print_halls(ctx, PassChoice(shift=shift), "hall-lists", progress)


def _print_halls(ctx: Context, choice: PassChoice, document: str, progress: Progress) -> Document:
    keys, lists = _chosen(ctx, choice, progress, N_("Drawing hall lists"), by_hall=True)
    with ctx.store.read() as session:
        coordinator = official(session, PersonRole.COORDINATOR)
        tops = {place: _hall_head(ctx, session, *place) for place in dict.fromkeys((k.shift, k.hall) for k in keys)}

    def draw(printing: Printing) -> Pdf:
        def documents() -> Iterator[hall_list.HallList]:
            for place, lines in groupby(_lines(ctx, keys, progress), key=lambda line: (line.shift, line.hall)):
                shown = (_list_line(line, lists, ctx.lang) for line in lines)
                yield hall_list.HallList(tops[place], imprint(printing), shown, coordinator=coordinator,
                                         programmer=ctx.actor.name)  # fmt: skip

        return _drawn(lambda out: hall_list.draw_each(documents(), lang=printing.lang, out=out))

    return print_document(ctx, document, choice.key, draw)


# -- acts


def print_stub_act(ctx: Context, university: str) -> Document:
    """The act on receiving stubs: by hall, stubs by the list, received, numbers of missing ones (p.24, p.25)."""
    require(ctx, Role.BASE_UNI)
    by_hall: dict[tuple[int, str], list[PassLine]] = {}
    for line in passes.pass_lines(ctx, university):
        by_hall.setdefault((line.shift, line.hall), []).append(line)
    _require_any(by_hall, N_("There are no allotted students of this university."))
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session, university), official(session, PersonRole.COORDINATOR)
    rows: list[Row] = []
    received = 0
    for (shift, hall), lines in sorted(by_hall.items()):
        missing = [line.number for line in lines if not line.stub_at]
        received += len(lines) - len(missing)
        place = translate(ctx.lang, N_("{hall}, shift {shift}")).format(hall=hall, shift=shift)
        rows.append((top.network_university, place, str(len(lines)), str(len(lines) - len(missing)),
                     ", ".join(missing) or "–"))  # fmt: skip
    total = sum(map(len, by_hall.values()))
    rows.append(Total((translate(ctx.lang, N_("In all")), "", str(total), str(received), "")))
    return _print_act(ctx, act.PASS_STUBS, "stubs", university, top, tuple(rows), taken_by=(coordinator,))


def print_given_act(ctx: Context, university: str) -> Document:
    """The act of what a network university is given: passes by their numbers, registers, statistics, list (p.24)."""
    require(ctx, Role.BASE_UNI)
    standing = pass_copies.standings(ctx)
    lines = passes.pass_lines(ctx, university)
    given = [line for line in lines if line.student in standing and standing[line.student].issued_at]
    _require_any(given, N_("No pass of this university has been noted as given yet."))
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session, university), official(session, PersonRole.COORDINATOR)
    words = _both_words(ctx)
    missing = len(lines) - len(given)
    without = words(N_("not given yet: {n}")).format(n=missing) if missing else ""
    remark = "\n".join(part for part in (number_ranges(line.number for line in given), without) if part)
    rows = (
        (words(N_("Admission passes with stubs, by their numbers")), str(len(given)), remark),
        (words(N_("Register of pass issue")), "2", ""),
        (words(N_("Final statistics of the student database")), "2", ""),
        (words(N_("Hall list of students")), "1", ""),
    )
    return _print_act(ctx, GIVEN, "given", university, top, rows, given_by=(coordinator,))


def print_spoilt_act(ctx: Context, university: str = "") -> Document:
    """The spoilt passes with number, copy and reason."""
    require(ctx, Role.BASE_UNI)
    found = pass_copies.spoilt_passes(ctx, university)
    _require_any(found, N_("No pass is noted as spoilt."))
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session, university), official(session, PersonRole.COORDINATOR)
    rows = tuple((s.number, str(s.copy), s.name, s.university, s.why, _day(s.at)) for s in found)
    return _print_act(ctx, SPOILT, "spoilt-passes", university or "all", top, rows,
                      given_by=(ctx.actor.name, coordinator))  # fmt: skip


def print_balance(ctx: Context) -> Document:
    """Printed = issued + spoilt + in stock, university by university."""
    require(ctx, Role.BASE_UNI)
    found = pass_copies.balances(ctx)
    _require_any(found, N_("The final database has not come from the centre yet (p.23)."))
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)
        universities = reference_list(session, "university")
    rows = tuple(
        (coded(universities, b.university, ctx.lang), *map(str, (b.allotted, b.printed, b.issued, b.spoilt, b.stock)),
         "–" if b.counted is None else str(b.counted), f"{b.difference:+d}" if b.difference else "–", str(b.waiting))
        for b in found
    )  # fmt: skip
    return _print_act(ctx, BALANCE, "pass-balance", "", top, rows, given_by=(ctx.actor.name, coordinator))


def number_ranges(numbers: Iterable[str]) -> str:
    """Pass numbers as "1–40, 42"."""
    parts: list[list[int]] = []
    for number in sorted(int(text) for text in numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("–".join(str(end) for end in (part[0], part[-1])[: len(part)]) for part in parts)


def _print_act(
    ctx: Context, kind: act.ActKind, name: str, key: str, top: DocumentHead, rows: tuple[Row, ...], *,
    given_by: tuple[str, ...] = (), taken_by: tuple[str, ...] = (),
) -> Document:  # fmt: skip
    def draw(printing: Printing) -> bytes:
        whole = act.Act(kind, top, imprint(printing, 2), rows, given_by=given_by, taken_by=taken_by)
        return act.draw(whole, lang=printing.lang)

    return print_document(ctx, f"act-{name}", key, draw, copies=2)


# -- reading a part at a time


def _chosen(
    ctx: Context, choice: PassChoice, progress: Progress, words: str, *, by_hall: bool = False
) -> tuple[list[PassKey], Lists]:
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        keys, lists = passes.keys_in(session, choice, by_hall=by_hall), _lists(session)
    _require_any(keys, N_("There are no allotted students here."))
    progress.stage(words, len(keys))
    return keys, lists


def _lines(ctx: Context, keys: Sequence[PassKey], progress: Progress) -> Iterator[PassLine]:
    for lines in passes.parts(ctx, [key.student for key in keys]):
        progress.step(len(lines))
        yield from lines.values()


def _by_university(
    ctx: Context, keys: list[PassKey], progress: Progress
) -> Iterator[tuple[DocumentHead, Iterator[PassLine]]]:
    keys.sort(key=lambda key: key.university)  # names stay in their order
    for university, own in groupby(keys, key=lambda key: key.university):
        with ctx.store.read() as session:
            top = head(ctx, session, university)
        yield top, _lines(ctx, list(own), progress)


def _list_line(p: PassLine, lists: Lists, lang: str) -> hall_list.HallListLine:
    return hall_list.HallListLine(
        p.name, p.code, coded(lists["university"], p.university, lang), p.specialty,
        named(lists["study_language"], p.study_language, lang), p.shift, p.day, p.building_name, p.hall,
    )  # fmt: skip


def _hall_head(ctx: Context, session: Session, shift: int, hall: str) -> DocumentHead:
    day: date | None = session.scalar(select(Shift.exam_date).where(Shift.number == shift))
    query = select(Building.name).join(
        Hall, (Hall.building == Building.code) & (Hall.base_university == Building.base_university)
    )
    building = session.scalar(query.where(Hall.number == hall, Hall.base_university == ctx.university)) or ""
    return head(ctx, session, shift=shift, day=day, building=building, hall=hall)


def _drawn(draw: Callable[[BinaryIO], object]) -> Pdf:
    out = SealedPaper()
    draw(cast("BinaryIO", out))
    return out.finished()


def _lists(session: Session) -> Lists:
    return {name: reference_list(session, name) for name in LISTS}


def _both_words(ctx: Context) -> Callable[[str], str]:
    """Kazakh over Russian, as the acts print their lines; one language alone in the others."""
    languages = (ctx.lang, *(["ru"] if ctx.lang == "kk" else []))
    return lambda text: "\n".join(translate(lang, text) for lang in languages)


def _day(stamp: str) -> str:
    return f"{stamp[8:10]}.{stamp[5:7]}.{stamp[:4]}" if stamp else ""


def _require_any(found: object, text: str) -> None:
    if not found:
        raise OutOfOrder(text)
