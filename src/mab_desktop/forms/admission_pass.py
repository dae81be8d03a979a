"""Admission passes with stubs «Рұқсаттама», two or three to a sheet (p.24-25), the prohibitions of p.33 on the back.

The printed form of a pass is one form object placed on each sheet; only what differs is set for each student.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.forms.code import place_qr, qr_code
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, Words, put, put_lines, width, words_fit, wrap
from mab_desktop.forms.page import (
    CENTRE,
    DUPLICATE,
    EDGE,
    HAIRLINE,
    MAB,
    MINISTRY,
    DocumentHead,
    Imprint,
    Sheet,
    printed,
    shown_date,
)  # fmt: skip
from mab_desktop.forms.pass_layout import (
    BY_HAND,
    CUT,
    FULL,
    LAYOUTS,
    PHOTO,
    SLIP,
    STUB_WIDE,
    Box,
    Layout,
)
from mab_desktop.i18n import N_

TITLE = N_("Pass for the exam")
STUB = N_("Stub of the pass")
FORBIDDEN = N_("In the hall it is forbidden:")
PROHIBITIONS = (
    N_("to change from one seat to another;"),
    N_("to open the exam materials without leave;"),
    N_("to exchange exam materials with other students;"),
    N_("to use a calculator, reference books (except Mendeleev's table and the table of solubility of salts), "
       "an electronic notebook, correcting fluid, a mobile phone, a pager;"),
    N_("to talk, to copy from other students;"),
    N_("to leave the hall in the first and the last hour of the test (in between only two students at a time "
       "may leave, with the corridor duty officer)."),
)  # fmt: skip
REMINDERS = (
    N_("Show this pass and your identity document at the door of the hall."),
    N_("Sit only at the seat named in the seating sheet and sign the sheet."),
    N_("Nobody is let in after the start of the exam is announced."),
    N_("A spoilt answer sheet is not replaced."),
)


@dataclass(frozen=True, slots=True)
class AdmissionPass:
    """What a pass and its stub carry (p.24); `payload` goes into the QR code, `photo` is a JPEG or PNG or empty."""

    number: int
    full_name: str
    code: str
    specialty_cipher: str
    specialty: str
    language: str
    subjects: tuple[str, ...]
    foreign_language: str
    shift: int
    day: date
    start: str
    base_university: str
    building: str
    address: str
    hall: str
    network_university: str
    payload: str
    photo: bytes = b""
    copy: int = 1


@dataclass(frozen=True, slots=True)
class PassSet:
    """Passes to print; with `backs` every sheet is followed by its back for printing on both sides (long edge).

    A pass whose `copy` is above 1 says «телнұсқа» with that number; a reprint as a whole says so without one.
    """

    head: DocumentHead
    imprint: Imprint
    passes: Iterable[AdmissionPass]
    backs: bool = True
    per_sheet: int = 2


def draw(*documents: PassSet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The passes as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: PassSet) -> None:
    layout, passes = LAYOUTS[data.per_sheet], iter(data.passes)
    sheet.begin(TITLE, data.head, data.imprint, bare=True)
    filled = list(islice(passes, layout.per_sheet))
    while filled:
        _front(sheet, data, layout, filled)
        if data.backs:
            sheet.next_bare_page()
            sheet.stamp(f"pass-backs-{layout.per_sheet}", lambda: _backs(sheet, layout))
        filled = list(islice(passes, layout.per_sheet))
        if filled:
            sheet.next_bare_page()


def _front(sheet: Sheet, data: PassSet, layout: Layout, filled: list[AdmissionPass]) -> None:
    count = len(filled)
    sheet.stamp(f"pass-forms-{layout.per_sheet}-{count}", lambda: _forms(sheet, data, layout, count))
    canvas = sheet.canvas
    for one, bottom in zip(filled, _bottoms(sheet, layout), strict=False):
        canvas.saveState()
        canvas.translate(sheet.left, bottom)
        _fill(canvas, sheet.words, layout, one, reprint=data.imprint.reprint)
        canvas.restoreState()


def _bottoms(sheet: Sheet, layout: Layout) -> tuple[float, ...]:
    """Where the forms stand on the sheet, the upper first."""
    top = sheet.height - EDGE + 4
    return tuple(top - n * (layout.high + 4) - layout.high for n in range(layout.per_sheet))


# -- what is the same on all


def _forms(sheet: Sheet, data: PassSet, layout: Layout, count: int) -> None:
    canvas, bottoms = sheet.canvas, _bottoms(sheet, layout)[:count]
    for bottom in bottoms:
        canvas.saveState()
        canvas.translate(sheet.left, bottom)
        _blank(canvas, sheet.words, data, layout)
        canvas.restoreState()
    canvas.setDash(4, 3)
    canvas.setLineWidth(HAIRLINE)
    for bottom in bottoms if count < layout.per_sheet else bottoms[:-1]:
        canvas.line(sheet.left - 8 * mm, bottom - 2, sheet.right + 8 * mm, bottom - 2)
    canvas.line(sheet.left + CUT, bottoms[0] + layout.high, sheet.left + CUT, bottoms[-1])


def _blank(canvas: Canvas, words: Words, data: PassSet, layout: Layout) -> None:
    year, high = f"{words(MAB)}-{data.head.year}", layout.high
    _heading(canvas, words, STUB, 0, STUB_WIDE, high - 7, year)
    issuer = f"{words(MINISTRY)} · {words(CENTRE)}"
    issuer = issuer if width(issuer, REGULAR, SMALLEST) <= FULL else words(CENTRE)
    put(canvas, SLIP + FULL / 2, high - 14, issuer, SMALLEST, REGULAR, "center")
    _heading(canvas, words, TITLE, SLIP, FULL, high - (14.5 if layout.close else 17), year)
    _photo_box(canvas, words, SLIP, layout.photo_tops[0], seal=True)
    _photo_box(canvas, words, 0, layout.photo_tops[1], seal=False)
    boxes = (layout.name, layout.code, layout.cipher, layout.language, layout.foreign, layout.subjects,
             *layout.places, *layout.stub)  # fmt: skip
    for box in boxes:
        if box.label:
            put_lines(canvas, box.left, box.top, (_label(words, box),), SMALLEST)
    _grid(canvas, words, layout)
    canvas.setLineWidth(HAIRLINE)
    canvas.line(0, layout.sign, STUB_WIDE, layout.sign)
    signature = words.both(N_("Student's signature"))
    put(canvas, STUB_WIDE / 2, layout.sign - 9, signature, SMALLEST, REGULAR, "center")


def _label(words: Words, box: Box) -> str:
    """The label in both languages where there is room, else in the first."""
    both = words.both(box.label)
    return both if width(both, REGULAR, SMALLEST) <= box.width else words(box.label)


def _heading(canvas: Canvas, words: Words, title: str, left: float, room: float, top: float, year: str) -> None:
    y = put_lines(canvas, left, top, wrap(words(title).upper(), room * 0.8, BOLD, 11), 11, BOLD)
    put_lines(canvas, left, y, (words.below(title),), SMALLEST + 0.5)
    narrow = room < FULL
    put_lines(canvas, left + room, top - (13 if narrow else 0), (year,), 9 if narrow else 11, BOLD, "right")


def _photo_box(canvas: Canvas, words: Words, left: float, top: float, seal: bool) -> None:
    wide, high = PHOTO
    canvas.setLineWidth(HAIRLINE)
    canvas.rect(left, top - high, wide, high)
    put(canvas, left + wide / 2, top - high / 2, "3 × 4", SMALLEST, REGULAR, "center")
    if seal:
        put(canvas, left + wide / 2, top - high + 6, words(N_("Place of seal")), SMALLEST, REGULAR, "center")


def _grid(canvas: Canvas, words: Words, layout: Layout) -> None:
    x, top, high = layout.grid
    for label, wide in layout.cells:
        by_hand = label in BY_HAND
        canvas.setLineWidth(1.4 if by_hand else 0.6)
        canvas.rect(x + (0.7 if by_hand else 0), top - high, wide - (1.4 if by_hand else 0), high)
        put(canvas, x + wide / 2, top - 9, words(label), SMALLEST, REGULAR, "center")
        x += wide


# -- what differs


def _fill(canvas: Canvas, words: Words, layout: Layout, one: AdmissionPass, *, reprint: bool) -> None:
    _put_in(canvas, layout.name, one.full_name)
    _put_in(canvas, layout.code, one.code)
    _put_in(canvas, layout.cipher, one.specialty_cipher)
    _put_in(canvas, layout.language, one.language)
    _put_in(canvas, layout.foreign, one.foreign_language or "–")
    _subjects(canvas, layout, one.subjects)
    day = shown_date(one.day)
    x, top, high = layout.grid
    for text, (_, wide) in zip((str(one.shift), day, one.start, one.hall), layout.cells, strict=False):
        put(canvas, x + wide / 2, top - high + 6, text, 13, BOLD, "center")
        x += wide
    seat_of_test = (one.base_university, f"{one.building}, {one.address}")
    places = (*((" · ".join(seat_of_test),) if layout.close else seat_of_test), one.network_university)
    for box, text in zip(layout.places, places, strict=True):
        _put_in(canvas, box, text)
    languages = " · ".join(part for part in (one.language, one.foreign_language) if part)
    stub = (one.full_name, one.code, one.specialty_cipher, f"{one.shift} · {day} · {one.start}", one.hall, languages,
            f"{one.base_university}, {one.building}")  # fmt: skip
    for box, text in zip(layout.stub, stub, strict=True):
        _put_in(canvas, box, text)
    _numbers(canvas, words, layout, one, reprint=reprint)
    _codes_and_photos(canvas, layout, one)


def _numbers(canvas: Canvas, words: Words, layout: Layout, one: AdmissionPass, *, reprint: bool) -> None:
    """The number of the pass on both parts, and beneath it which copy this is."""
    number = words(N_("No {no}"), no=f"{one.number:05d}")
    for right, y in layout.numbers:
        put(canvas, right, y, number, 9, BOLD, "right")
        if one.copy > 1 or reprint:
            copy = " ".join((words(DUPLICATE).upper(), *([words(N_("No {no}"), no=one.copy)] if one.copy > 1 else [])))
            left = right - width(number, BOLD, 9) - 6 if right > STUB_WIDE else right
            put(canvas, left, y if right > STUB_WIDE else y - 9, copy, SMALLEST, BOLD, "right")


def _codes_and_photos(canvas: Canvas, layout: Layout, one: AdmissionPass) -> None:
    wide, high = PHOTO
    code = qr_code(one.payload)
    for left, bottom, side in layout.codes:
        place_qr(canvas, code, left, bottom, side)
    if one.photo:
        picture = ImageReader(io.BytesIO(one.photo))
        for left, top in zip((SLIP, 0), layout.photo_tops, strict=True):
            canvas.drawImage(picture, left, top - high, wide, high, preserveAspectRatio=True, anchor="c")


def _put_in(canvas: Canvas, box: Box, text: str) -> None:
    """Set `text` under the box's label: smaller only while it does not fit in its lines, or a word would be broken."""
    size, lines = box.size, wrap(text, box.width, box.font, box.size)
    while (len(lines) > box.lines and size > 5) or (
        size > 6 and not words_fit(text, box.width, box.font, size)
    ):
        size -= 0.5
        lines = wrap(text, box.width, box.font, size)
    put_lines(canvas, box.left, _below_label(box), lines, size, box.font)


def _below_label(box: Box) -> float:
    return box.top - SMALLEST * LEADING if box.label else box.top


def _subjects(canvas: Canvas, layout: Layout, subjects: tuple[str, ...]) -> None:
    """One beneath the other, or one after the other where there is less room."""
    box, numbered = layout.subjects, [f"{no}. {subject}" for no, subject in enumerate(subjects, 1)]
    if layout.close:
        _put_in(canvas, box, "; ".join(numbered))
        return
    y = _below_label(box)
    for text in numbered:
        size = box.size
        while width(text, REGULAR, size) > box.width and size > 5:
            size -= 0.5
        put_lines(canvas, box.left, y, (text,), size)
        y -= box.size * LEADING


# -- the back


def _backs(sheet: Sheet, layout: Layout) -> None:
    """The rules behind each pass: on the left, for the sheet is turned over its long edge."""
    canvas = sheet.canvas
    for bottom in _bottoms(sheet, layout):
        top = bottom + layout.high - 4
        for words in _back_languages(sheet.words):
            top = _back(canvas, words, sheet.left, top, layout) - 4


def _back_languages(words: Words) -> Iterator[Words]:
    yield Words(words.lang, bilingual=False)
    if words.bilingual:
        yield Words("ru", bilingual=False)


def _back(canvas: Canvas, words: Words, left: float, top: float, layout: Layout) -> float:
    size, step = (SMALLEST, SMALLEST * 1.02) if layout.close else (SMALLEST + 1, (SMALLEST + 1) * LEADING)
    room = FULL - 4

    def lines(y: float, text: str, indent: float = 0, font: str = REGULAR) -> float:
        for line in wrap(text, room - indent, font, size):
            put_lines(canvas, left + indent, y, (line,), size, font)
            y -= step
        return y

    y = lines(top, words(FORBIDDEN), font=BOLD)
    for text in PROHIBITIONS:
        put_lines(canvas, left, y, ("–",), size)
        y = lines(y, words(text), 9)
    y -= 2
    for text in REMINDERS:
        y = lines(y, words(text))
    return y
