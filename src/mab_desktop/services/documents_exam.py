"""The papers of the exam day (p.30-38): seating and variant sheets, answer sheets, covers, protocol, acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.identification import LINE_LABELS, LineState
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import layout
from mab_desktop.forms import (
    act,
    attendance,
    envelope_cover,
    identification_protocol,
    seating_sheet,
    sheet_form,
    variant_sheet,
)
from mab_desktop.forms.signature import DUTY_OFFICER
from mab_desktop.i18n import N_, translate
from mab_desktop.services import attendance as counts
from mab_desktop.services import hall_sheets, identification, seating, sheet_pictures
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document, times_printed
from mab_desktop.services.documents_appeals import (
    print_appeal_forms,
    print_appeal_journal,
    print_appeal_reports,
    print_cards,
    print_minutes,
    print_register,
)
from mab_desktop.services.documents_results import print_answer_key, print_daily, print_report, print_results
from mab_desktop.services.exam_heads import (
    commission,
    commission_chair,
    duty_names,
    representative_name,
    shift_head,
    short_language,
)
from mab_desktop.services.imprint import imprint
from mab_desktop.services.settings import reference_list
from mab_desktop.services.variant_check import check_variants_of
from mab_desktop.storage.tables.exam import SheetStack, VariantSeat

SEATING = "seating-sheet"
ACTS = {
    "materials-received": act.MATERIALS_RECEIVED, "materials-to-duty": act.MATERIALS_TO_DUTY,
    "materials-returned": act.MATERIALS_RETURNED, "opening": act.OPENING, "appeal-papers": act.APPEAL_PAPERS,
    "removal": act.REMOVAL, "technical-fault": act.TECHNICAL_FAULT, "pass-stubs": act.PASS_STUBS,
    "halls-ready": act.HALLS_READY,
}  # fmt: skip


def print_seating_sheets(ctx: Context, shift: int, hall: str = "") -> Document:
    """The seating sheets of a hall or of all halls, by seat (p.30); printed again they say «duplicate»."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        lines = seating.seat_lines_of(session, shift, hall)
        if not lines:
            raise OutOfOrder(N_("The seats of shift {n} are not drawn (p.30)."), n=shift)
        seats = hall_sheets.hall_seats(session, ctx.university)
        halls = sorted({line.hall for line in lines}, key=lambda h: (len(h), h))
        heads = {h: shift_head(ctx, session, shift, h) for h in halls}
        duty = {h: duty_names(session, shift, h) for h in halls}
        again = {h for h in halls if _printed_before(session, shift, h)}
        representative = representative_name(session)

    def draw(printing: Printing) -> bytes:
        sheets = [
            seating_sheet.SeatingSheet(
                heads[h], replace(imprint(printing), reprint=h in again), seats.get(h, 0),
                tuple(
                    seating_sheet.SeatLine(
                        s.seat, s.name, s.code, s.specialty, short_language(s.test_language, printing.lang)
                    )
                    for s in lines
                    if s.hall == h
                ),
                duty[h], representative,
            )
            for h in halls
        ]  # fmt: skip
        return seating_sheet.draw(*sheets, lang=printing.lang)

    return print_document(ctx, SEATING, _key(shift, hall), draw)


def print_variant_sheets(ctx: Context, shift: int, hall: str = "") -> Document:
    """The variant distribution sheets of a hall or of all halls (p.26, p.33): every seat that a student sits at."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        laid = _laid(session, shift, hall)
        if not laid:
            raise OutOfOrder(N_("The centre's variants of shift {n} are not loaded (p.26)."), n=shift)
        surplus = {one.hall: one.left_over for one in check_variants_of(session, ctx.university, shift)}
        heads = {h: shift_head(ctx, session, shift, h) for h in laid}
        duty = {h: duty_names(session, shift, h) for h in laid}

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        sheets = [variant_sheet.VariantSheet(heads[h], foot, tuple(laid[h]), duty[h], surplus.get(h)) for h in laid]
        return variant_sheet.draw(*sheets, lang=printing.lang)

    return print_document(ctx, "variant-sheet", _key(shift, hall), draw)


def print_answer_sheets(
    ctx: Context, shift: int, hall: str, progress: Progress = Silent(), *, filled: bool = True
) -> Document:
    """The hall's stack of answer sheets with their serials (p.26, p.33).

    With `filled` the printer puts shift and hall into sector 5; without, each student copies them from his slip.
    """
    return _print_stack(ctx, shift, hall, copies=False, filled=filled, progress=progress)


def print_sheet_copies(ctx: Context, shift: int, hall: str, progress: Progress = Silent()) -> Document:
    """As many copies as the hall has answer sheets: they stay with the students and are never scanned."""
    return _print_stack(ctx, shift, hall, copies=True, filled=True, progress=progress)


def print_covers(ctx: Context, shift: int, hall: str = "") -> Document:
    """The covers of the envelopes of a hall or of all halls."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        halls = [hall] if hall else hall_sheets.halls_of(session, shift)
        heads = {h: shift_head(ctx, session, shift, h) for h in halls}
        duty = {h: duty_names(session, shift, h) for h in halls}
        seats = hall_sheets.hall_seats(session, ctx.university)
        representative = representative_name(session)

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        covers = [
            envelope_cover.EnvelopeCover(
                heads[h], foot, seats.get(h, 0), duty_officers=duty[h], representative=representative
            )
            for h in halls
        ]
        return envelope_cover.draw(*covers, lang=printing.lang)

    return print_document(ctx, "envelope-cover", _key(shift, hall), draw)


def print_attendance(ctx: Context, shift: int, hall: str = "", surplus_booklets: int | None = None) -> Document:
    """The attendance form of the count 20-25 minutes after the start (p.33): of one hall or of the shift."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        top = shift_head(ctx, session, shift, hall)
        lines = counts.count_lines_of(session, shift, hall)
        directions, specialties = reference_list(session, "direction"), reference_list(session, "specialty")
        representative, chair = representative_name(session), commission_chair(session)
    by_specialty: dict[tuple[str, str], dict[str, attendance.Presence]] = {}
    for line in lines:
        cells = by_specialty.setdefault((line.direction, line.specialty), {})
        cells[line.test_language] = attendance.Presence(line.planned, line.present)

    def draw(printing: Printing) -> bytes:
        groups: dict[str, list[attendance.AttendanceLine]] = {}
        for (direction, specialty), cells in by_specialty.items():
            known = specialties.get(specialty)
            name = f"{specialty} {known.name(printing.lang)}" if known else specialty
            languages = tuple(cells.get(code, attendance.Presence(0, None)) for code in "123")
            groups.setdefault(direction, []).append(attendance.AttendanceLine(name, languages))  # type: ignore[arg-type]
        form = attendance.Attendance(
            top, imprint(printing),
            tuple(
                (directions[d].name(printing.lang) if d in directions else d, tuple(rows)) for d, rows in groups.items()
            ),
            surplus_booklets, representative, chair,
        )  # fmt: skip
        return attendance.draw(form, lang=printing.lang)

    return print_document(ctx, "attendance", _key(shift, hall), draw)


def print_protocol(ctx: Context, shift: int, hall: str, version: int = 0) -> Document:
    """Print a version of the hall's identification protocol word for word as it was issued, the newest for 0 (p.38)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    issued = {found.version: found for found in identification.protocol_versions(ctx, shift, hall)}
    if (version or max(issued, default=0)) not in issued:
        raise OutOfOrder(N_("Issue the protocol first (p.38)."))
    paper = issued[version or max(issued)]
    with ctx.store.read() as session:
        top = shift_head(ctx, session, shift, hall)
        serials = [row["serial"] for row in paper.content["sheets"]]
        images = identification.sheet_images(ctx, session, serials)
        scanned = len(hall_sheets.sheets(session, shift, hall).get(hall, ()))
        chair, secretary, members = commission(session)
    pictures = {
        serial: sheet_pictures.written_name(ctx, shot.image, shot.image_page, shot.placement)
        for serial, shot in images.items()
    }

    def draw(printing: Printing) -> bytes:
        protocol = identification_protocol.IdentificationProtocol(
            top, imprint(printing), paper.version, paper.last, scanned, paper.content["automatic"],
            paper.content["visual"], tuple(_missing(paper.content["students"], printing.lang)),
            tuple(_sheets(paper.content["sheets"], pictures, printing.lang)), chair, secretary, members,
            datetime.fromisoformat(paper.issued_at).strftime("%d.%m.%Y %H:%M"),
        )  # fmt: skip
        return identification_protocol.draw(protocol, lang=printing.lang)

    return print_document(ctx, "protocol", f"{shift}-{hall}-{paper.version}", draw)


def print_act(
    ctx: Context, shift: int, hall: str, kind: str, *, number: str = "", rows: Sequence[Sequence[str]] = (),
    story: str = "", students: Sequence[str] = (),
) -> Document:  # fmt: skip
    """An act of the exam days in two copies: filled in, or with empty lines to write in by hand."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    if kind not in ACTS:
        raise UserError(N_("There is no act of the kind {kind}."), kind=kind)
    with ctx.store.read() as session:
        top = shift_head(ctx, session, shift, hall)
        duty = duty_names(session, shift, hall) if hall else ("", "")
        representative = representative_name(session)
    form = ACTS[kind]
    by_duty = duty if form.given_by and form.given_by[0] == DUTY_OFFICER else (representative,)
    to_duty = duty if form.taken_by and form.taken_by[0] == DUTY_OFFICER else (representative,)

    def draw(printing: Printing) -> bytes:
        paper = act.Act(
            form, top, imprint(printing, 2), tuple(tuple(row) for row in rows), by_duty if form.given_by else (),
            to_duty if form.taken_by else (), tuple(students), story, number,
        )  # fmt: skip
        return act.draw(paper, replace(paper, imprint=replace(paper.imprint, copy_no=2)), lang=printing.lang)

    return print_document(ctx, f"act-{kind}", _key(shift, hall) + (f"-{number}" if number else ""), draw, copies=2)


def _print_stack(
    ctx: Context, shift: int, hall: str, *, copies: bool, filled: bool, progress: Progress
) -> Document:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        stack = session.get(SheetStack, (shift, hall))
        if stack is None:
            raise OutOfOrder(N_("The centre's stack of answer sheets of hall {hall} is not loaded (p.26)."), hall=hall)
        form = layout(hall_sheets.exam_profile(session))
        first, count = int(stack.first_serial), stack.count
    progress.stage(N_("Drawing answer sheets"), count)
    place = (shift, hall) if filled else (None, None)
    sheets = [sheet_form.SheetPrint(f"{first + n:012d}", *place) for n in range(count)]

    def draw(_printing: Printing) -> bytes:
        return sheet_form.draw_copy(form, sheets) if copies else sheet_form.draw_sheets(form, sheets)

    return print_document(ctx, "sheet-copies" if copies else "answer-sheets", f"{shift}-{hall}", draw)


def _key(shift: int, hall: str) -> str:
    return f"{shift}-{hall}" if hall else str(shift)


def _printed_before(session: Session, shift: int, hall: str) -> bool:
    """True when this hall's seating sheet was printed alone or with all others."""
    return any(times_printed(session, SEATING, key) for key in (str(shift), f"{shift}-{hall}"))


def _laid(session: Session, shift: int, hall: str) -> dict[str, list[tuple[int, str]]]:
    """Hall -> (seat, variant) of the seats that students have, or of all before the draw."""
    seated = {(line.hall, line.seat) for line in seating.seat_lines_of(session, shift, hall)}
    query = select(VariantSeat).where(VariantSeat.shift == shift).order_by(VariantSeat.seat)
    found: dict[str, list[tuple[int, str]]] = {}
    for row in session.scalars(query.where(VariantSeat.hall == hall) if hall else query):
        if not seated or (row.hall, row.seat) in seated:
            found.setdefault(row.hall, []).append((row.seat, row.variant))
    return {h: found[h] for h in sorted(found, key=lambda h: (len(h), h))}


def _missing(rows: Iterable[Mapping[str, object]], lang: str) -> Iterable[identification_protocol.UnidentifiedStudent]:
    for row in rows:
        remark = translate(lang, LINE_LABELS[LineState(str(row["remark"]))])
        yield identification_protocol.UnidentifiedStudent(
            str(row["name"]), str(row["code"]), str(row["variant"]), str(row["seat"]), remark
        )


def _in_two_lines(serial: str) -> str:
    """A serial that breaks where the number within the hall begins."""
    return f"{serial[:-4]} {serial[-4:]}"


def _sheets(
    rows: Sequence[Mapping[str, object]], pictures: Mapping[str, bytes], lang: str
) -> Iterable[identification_protocol.UnidentifiedSheet]:
    for row in rows:
        wrong = row["wrong"]
        yield identification_protocol.UnidentifiedSheet(
            _in_two_lines(str(row["serial"])), str(row["code"]), str(row["seat"]), str(row["variant"]),
            frozenset(wrong if isinstance(wrong, list) else ()), pictures.get(str(row["serial"]), b""),
            str(row["name"]),
            str(row["right_code"]), str(row["right_seat"]), str(row["right_variant"]),
            translate(lang, LINE_LABELS[LineState(str(row["state"]))]),
        )  # fmt: skip


__all__ = [
    "ACTS", "print_act", "print_answer_key", "print_answer_sheets", "print_appeal_forms", "print_appeal_journal",
    "print_appeal_reports", "print_attendance", "print_cards", "print_covers", "print_daily", "print_minutes",
    "print_protocol", "print_register", "print_report", "print_results", "print_seating_sheets", "print_sheet_copies",
    "print_variant_sheets",
]  # fmt: skip
