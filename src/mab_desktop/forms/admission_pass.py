"""Admission passes with stubs «Рұқсаттама», two to a sheet (p.24-25), the prohibitions of p.33 on the back.

The printed form of a pass is one form object placed twice on each sheet; only what differs is set for each student.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO, NamedTuple

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.forms.code import QrCode, place_qr, qr_code
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, SMALLEST, Words, put, put_lines, width, wrap
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


@dataclass(frozen=True, slots=True)
class PassSet:
    """Passes to print; with `backs` every sheet is followed by its back for printing on both sides (long edge)."""

    head: DocumentHead
    imprint: Imprint
    passes: Iterable[AdmissionPass]
    backs: bool = True


class _Box(NamedTuple):
    """A labelled place on the form: left, top, width in points from the form's lower left corner; lines it may take."""

    label: str
    left: float
    top: float
    width: float
    lines: int
    size: float
    font: str = BOLD


_HIGH = 134 * mm
_CUT = 62 * mm
_WIDE = 180 * mm
_SLIP = 66 * mm
_TEXT = _SLIP + 36 * mm
_TEXT_WIDE = _WIDE - _TEXT
_FULL = _WIDE - _SLIP
_PHOTO = (30 * mm, 40 * mm)
_SLIP_TOP = _HIGH - 18.5 * mm
_STUB_TOP = _HIGH - 15 * mm

_NAME = _Box(N_("Full name"), _TEXT, _SLIP_TOP, _TEXT_WIDE, 3, 11)
_CODE = _Box(N_("Personal code"), _TEXT, _SLIP_TOP - 18 * mm, 42 * mm, 1, 16)
_SPECIALTY_CIPHER = _Box(N_("Specialty cipher"), _TEXT + 44 * mm, _SLIP_TOP - 18 * mm, _TEXT_WIDE - 44 * mm, 1, 14)
_LANGUAGE = _Box(N_("Language of instruction"), _TEXT, _SLIP_TOP - 29 * mm, 38 * mm, 1, 10)
_FOREIGN = _Box(N_("Foreign language"), _TEXT + 44 * mm, _SLIP_TOP - 29 * mm, _TEXT_WIDE - 44 * mm, 1, 10)
_SUBJECTS = _Box(N_("Subjects"), _TEXT, _SLIP_TOP - 38.5 * mm, _TEXT_WIDE, 5, 9)
_GRID_TOP, _GRID_HIGH = _SLIP_TOP - 62 * mm, 13 * mm
_GRID = (
    (N_("Shift"), 11 * mm), (N_("Exam date"), 27 * mm), (N_("Start time"), 18 * mm), (N_("Hall"), 20 * mm),
    (N_("Seat No"), 19 * mm), (N_("Variant"), 19 * mm),
)  # fmt: skip
_BY_HAND = (N_("Seat No"), N_("Variant"))
_PLACES = (
    _Box(N_("Base university"), _SLIP, _SLIP_TOP - 77.5 * mm, _FULL, 2, 9),
    _Box(N_("Building and its address"), _SLIP, _SLIP_TOP - 89 * mm, _FULL, 2, 9),
    _Box(N_("Network university"), _SLIP, _SLIP_TOP - 100.5 * mm, _FULL, 3, 8.5, REGULAR),
)
_STUB_NAME = _Box(N_("Full name"), 0, _STUB_TOP - 43 * mm, 58 * mm, 3, 10)
_STUB_ROWS = (
    _Box(N_("Personal code"), 0, _STUB_TOP - 60 * mm, 26 * mm, 1, 12),
    _Box(N_("Specialty cipher"), 29 * mm, _STUB_TOP - 60 * mm, 29 * mm, 1, 11),
    _Box(N_("Shift, date, start"), 0, _STUB_TOP - 70.5 * mm, 40 * mm, 1, 9),
    _Box(N_("Hall"), 42 * mm, _STUB_TOP - 70.5 * mm, 16 * mm, 1, 10),
    _Box(N_("Language of instruction; foreign language"), 0, _STUB_TOP - 80 * mm, 58 * mm, 1, 9),
    _Box(N_("Base university, building"), 0, _STUB_TOP - 89.5 * mm, 58 * mm, 4, 8, REGULAR),
)
_STUB_SIGN = 6 * mm


def draw(*documents: PassSet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The passes as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: PassSet) -> None:
    passes = iter(data.passes)
    sheet.begin(TITLE, data.head, data.imprint, bare=True)
    pair = list(islice(passes, 2))
    while pair:
        _front(sheet, data, pair)
        if data.backs:
            sheet.next_bare_page()
            sheet.stamp("pass-backs", lambda: _backs(sheet))
        pair = list(islice(passes, 2))
        if pair:
            sheet.next_bare_page()


def _front(sheet: Sheet, data: PassSet, pair: list[AdmissionPass]) -> None:
    sheet.stamp(f"pass-forms-{len(pair)}", lambda: _forms(sheet, data, len(pair)))
    canvas = sheet.canvas
    for one, bottom in zip(pair, _bottoms(sheet), strict=False):
        canvas.saveState()
        canvas.translate(sheet.left, bottom)
        _fill(canvas, sheet.words, one)
        canvas.restoreState()


def _bottoms(sheet: Sheet) -> tuple[float, float]:
    """Where the upper and the lower form stand on the sheet."""
    return sheet.height - EDGE + 4 - _HIGH, sheet.height - EDGE + 4 - 2 * _HIGH - 4


# -- what is the same on all


def _forms(sheet: Sheet, data: PassSet, count: int) -> None:
    canvas, (upper, lower) = sheet.canvas, _bottoms(sheet)
    for bottom in (upper, lower)[:count]:
        canvas.saveState()
        canvas.translate(sheet.left, bottom)
        _blank(canvas, sheet.words, data)
        canvas.restoreState()
    canvas.setDash(4, 3)
    canvas.setLineWidth(HAIRLINE)
    canvas.line(sheet.left - 8 * mm, upper - 2, sheet.right + 8 * mm, upper - 2)
    canvas.line(sheet.left + _CUT, upper + _HIGH, sheet.left + _CUT, upper if count == 1 else lower)


def _blank(canvas: Canvas, words: Words, data: PassSet) -> None:
    year = f"{words(MAB)}-{data.head.year}"
    _heading(canvas, words, STUB, 0, 58 * mm, _HIGH - 7, year, data.imprint.reprint)
    issuer = f"{words(MINISTRY)} · {words(CENTRE)}"
    issuer = issuer if width(issuer, REGULAR, SMALLEST) <= _FULL else words(CENTRE)
    put(canvas, _SLIP + _FULL / 2, _HIGH - 14, issuer, SMALLEST, REGULAR, "center")
    _heading(canvas, words, TITLE, _SLIP, _FULL, _HIGH - 17, year, data.imprint.reprint)
    _photo_box(canvas, words, _SLIP, _SLIP_TOP, seal=True)
    _photo_box(canvas, words, 0, _STUB_TOP, seal=False)
    boxes = (_NAME, _CODE, _SPECIALTY_CIPHER, _LANGUAGE, _FOREIGN, _SUBJECTS, *_PLACES, _STUB_NAME, *_STUB_ROWS)
    for box in boxes:
        put_lines(canvas, box.left, box.top, (_label(words, box),), SMALLEST)
    _grid(canvas, words)
    canvas.setLineWidth(HAIRLINE)
    canvas.line(0, _STUB_SIGN, 58 * mm, _STUB_SIGN)
    put(canvas, 29 * mm, _STUB_SIGN - 9, words.both(N_("Student's signature")), SMALLEST, REGULAR, "center")


def _label(words: Words, box: _Box) -> str:
    """The label in both languages where there is room, else in the first."""
    both = words.both(box.label)
    return both if width(both, REGULAR, SMALLEST) <= box.width else words(box.label)


def _heading(
    canvas: Canvas, words: Words, title: str, left: float, room: float, top: float, year: str, reprint: bool
) -> None:
    y = put_lines(canvas, left, top, wrap(words(title).upper(), room * 0.8, BOLD, 11), 11, BOLD)
    y = put_lines(canvas, left, y, (words.below(title),), SMALLEST + 0.5)
    narrow = room < _FULL
    put_lines(canvas, left + room, top - (13 if narrow else 0), (year,), 9 if narrow else 11, BOLD, "right")
    if reprint:
        put_lines(canvas, left, y, (words.both(DUPLICATE).upper(),), SMALLEST, BOLD)


def _photo_box(canvas: Canvas, words: Words, left: float, top: float, seal: bool) -> None:
    wide, high = _PHOTO
    canvas.setLineWidth(HAIRLINE)
    canvas.rect(left, top - high, wide, high)
    put(canvas, left + wide / 2, top - high / 2, "3 × 4", SMALLEST, REGULAR, "center")
    if seal:
        put(canvas, left + wide / 2, top - high + 6, words(N_("Place of seal")), SMALLEST, REGULAR, "center")


def _grid(canvas: Canvas, words: Words) -> None:
    x = _SLIP
    for label, wide in _GRID:
        by_hand = label in _BY_HAND
        canvas.setLineWidth(1.4 if by_hand else 0.6)
        canvas.rect(x + (0.7 if by_hand else 0), _GRID_TOP - _GRID_HIGH, wide - (1.4 if by_hand else 0), _GRID_HIGH)
        put(canvas, x + wide / 2, _GRID_TOP - 9, words(label), SMALLEST, REGULAR, "center")
        x += wide


# -- what differs


def _fill(canvas: Canvas, words: Words, one: AdmissionPass) -> None:
    _put_in(canvas, _NAME, one.full_name)
    _put_in(canvas, _CODE, one.code)
    _put_in(canvas, _SPECIALTY_CIPHER, one.specialty_cipher)
    _put_in(canvas, _LANGUAGE, one.language)
    _put_in(canvas, _FOREIGN, one.foreign_language or "–")
    _subjects(canvas, one.subjects)
    day = shown_date(one.day)
    x = _SLIP
    for text, (_, wide) in zip((str(one.shift), day, one.start, one.hall), _GRID, strict=False):
        put(canvas, x + wide / 2, _GRID_TOP - _GRID_HIGH + 7, text, 13, BOLD, "center")
        x += wide
    for box, text in zip(
        _PLACES, (one.base_university, f"{one.building}, {one.address}", one.network_university), strict=True
    ):
        _put_in(canvas, box, text)
    _put_in(canvas, _STUB_NAME, one.full_name)
    languages = " · ".join(part for part in (one.language, one.foreign_language) if part)
    stub = (one.code, one.specialty_cipher, f"{one.shift} · {day} · {one.start}", one.hall, languages,
            f"{one.base_university}, {one.building}")  # fmt: skip
    for box, text in zip(_STUB_ROWS, stub, strict=True):
        _put_in(canvas, box, text)
    code = qr_code(one.payload)
    _codes_and_photos(canvas, words, one, code)


def _codes_and_photos(canvas: Canvas, words: Words, one: AdmissionPass, code: QrCode) -> None:
    wide, high = _PHOTO
    number = words(N_("No {no}"), no=f"{one.number:05d}")
    place_qr(canvas, code, _SLIP + 7 * mm, _SLIP_TOP - high - 19.2 * mm, 16 * mm)
    place_qr(canvas, code, 35 * mm, _STUB_TOP - 22 * mm, 20 * mm)
    put(canvas, _SLIP + _FULL, _HIGH - 40, number, 9, BOLD, "right")
    put(canvas, 35 * mm, _STUB_TOP - 29 * mm, number, 9, BOLD)
    if one.photo:
        picture = ImageReader(io.BytesIO(one.photo))
        for left, top in ((_SLIP, _SLIP_TOP), (0, _STUB_TOP)):
            canvas.drawImage(picture, left, top - high, wide, high, preserveAspectRatio=True, anchor="c")


def _put_in(canvas: Canvas, box: _Box, text: str) -> None:
    """Set `text` under the box's label: smaller only while it does not fit in its lines."""
    size, lines = box.size, wrap(text, box.width, box.font, box.size)
    while len(lines) > box.lines and size > 5:
        size -= 0.5
        lines = wrap(text, box.width, box.font, size)
    put_lines(canvas, box.left, box.top - SMALLEST * LEADING, lines, size, box.font)


def _subjects(canvas: Canvas, subjects: tuple[str, ...]) -> None:
    y = _SUBJECTS.top - SMALLEST * LEADING
    for no, subject in enumerate(subjects, 1):
        text, size = f"{no}. {subject}", _SUBJECTS.size
        while width(text, REGULAR, size) > _SUBJECTS.width and size > 5:
            size -= 0.5
        put_lines(canvas, _SUBJECTS.left, y, (text,), size)
        y -= _SUBJECTS.size * LEADING


# -- the back


def _backs(sheet: Sheet) -> None:
    """The rules behind each pass: on the left, for the sheet is turned over its long edge."""
    canvas = sheet.canvas
    for bottom in _bottoms(sheet):
        top = bottom + _HIGH - 4
        for words in _back_languages(sheet.words):
            top = _back(canvas, words, sheet.left, top, _FULL - 4) - 6


def _back_languages(words: Words) -> Iterator[Words]:
    yield Words(words.lang, bilingual=False)
    if words.bilingual:
        yield Words("ru", bilingual=False)


def _back(canvas: Canvas, words: Words, left: float, top: float, room: float) -> float:
    size = SMALLEST + 1
    y = put_lines(canvas, left, top, wrap(words(FORBIDDEN), room, BOLD, size), size, BOLD)
    for text in PROHIBITIONS:
        put_lines(canvas, left, y, ("–",), size)
        y = put_lines(canvas, left + 9, y, wrap(words(text), room - 9, REGULAR, size), size)
    y -= 2
    for text in REMINDERS:
        y = put_lines(canvas, left, y, wrap(words(text), room, REGULAR, size), size)
    return y
