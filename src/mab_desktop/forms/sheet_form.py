"""The answer sheet and the student's copy of it (p.33), in Kazakh with Russian, for any black laser printer."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.organisation import TRAINING
from mab_desktop.domain.sheet import DIGIT_PITCH_X, LEFT, RIGHT, Bubble, CellRow, Rect, SheetLayout, sheet_code
from mab_desktop.forms import fonts
from mab_desktop.forms.sheet_page import HAIR_WIDTH, SheetPage, sheet_canvas
from mab_desktop.i18n import N_, translate

FOOT_TOP, RULES_LEFT = 267.4, 71.0
LEAST_LABEL = 14.0

TITLE = N_("ANSWER SHEET")
COPY_TITLE = N_("COPY OF THE ANSWER SHEET")
EXAM = N_("Intermediate state control of students")
LABELS = {
    "surname": N_("Surname"),
    "first_name": N_("First name"),
    "patronymic": N_("Patronymic"),
    "university": N_("University"),
    "code": N_("Student's code"),
    "seat": N_("Seat"),
    "variant": N_("Variant"),
    "shift": N_("Shift"),
    "hall": N_("Hall"),
    "foreign_language": N_("Foreign language"),
    "language": N_("Test language"),
    "specialty": N_("Specialty cipher"),
    "signature": N_("Student's signature"),
}
LANGUAGE_NAMES = {
    "kk": N_("Kazakh"),
    "ru": N_("Russian"),
    "en": N_("English"),
    "de": N_("German"),
    "fr": N_("French"),
}
RULES = (
    N_("Block letters in the cells; black ballpoint pen only, no gel pen, pencil or correction fluid."),
    N_("Fill one bubble of a column or row, and fill it whole. Two bubbles or a part of one give no point."),
    N_("Sector 4 is filled after the booklets are given out, sector 11 by those who sit a foreign language."),
    N_("Do not crease or soil the sheet. A spoilt sheet is not replaced."),
)
COPY_RULES = (
    N_("The copy stays with the student. It is not scanned and gives no points."),
    N_("Carry your answers over from the answer sheet before the end of the exam."),
)
PACK = N_("Test pack before the exam: marks are printed in")
FilledIn = Mapping[str, Mapping[int, Sequence[str]]]
"""Field -> column -> the values that are filled."""
RIGHT_WAY, WRONG_WAY = N_("Right"), N_("Wrong")


@dataclass(frozen=True, slots=True)
class SheetPrint:
    """One sheet to print: its serial, the shift and hall when they are known, and the subjects' names or none."""

    serial: str
    shift: int | None = None
    hall: str | None = None
    subjects: tuple[str, ...] = ()


def draw_sheets(layout: SheetLayout, sheets: Sequence[SheetPrint]) -> bytes:
    """Answer sheets as one PDF, a page each; shift and hall given are printed and filled in."""
    canvas, out = _canvas(layout)
    _begin_form(canvas, "sheet")
    _draw_common(_Page(canvas, layout))
    canvas.endForm()
    for sheet in sheets:
        canvas.doForm("sheet")
        _draw_one(_Page(canvas, layout), sheet)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw_pack(layout: SheetLayout, sheets: Sequence[tuple[SheetPrint, FilledIn]]) -> bytes:
    """The test pack: sheets whose marks are printed in, each bubble as dark and as large as a careful pen fills it."""
    canvas, out = _canvas(layout)
    _begin_form(canvas, "sheet")
    _draw_common(_Page(canvas, layout))
    canvas.endForm()
    for sheet, marks in sheets:
        canvas.doForm("sheet")
        page = _Page(canvas, layout)
        _draw_one(page, sheet)
        page.text(RULES_LEFT, 291.0, translate("kk", PACK), 7, bold=True)
        for bubble in layout.bubbles:
            if bubble.value in marks.get(bubble.field, {}).get(bubble.column, ()):
                page.circle(bubble.x, bubble.y, bubble.rx, fill=True)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def draw_copy(layout: SheetLayout, sheets: Sequence[SheetPrint]) -> bytes:
    """Copies that stay with the student: the same grids, no squares, so that no reader takes one for a sheet."""
    canvas, out = _canvas(layout)
    _begin_form(canvas, "copy")
    _draw_copy_common(_Page(canvas, layout))
    canvas.endForm()
    for sheet in sheets:
        canvas.doForm("copy")
        page = _Page(canvas, layout)
        _subject_names(page, sheet.subjects)
        _copy_numbers(page, sheet)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Page(SheetPage):
    """A page of a sheet's layout."""

    def __init__(self, canvas: Canvas, layout: SheetLayout) -> None:
        super().__init__(canvas, layout.height)
        self.layout = layout


def _canvas(layout: SheetLayout) -> tuple[Canvas, io.BytesIO]:
    return sheet_canvas(f"{translate('kk', TITLE)} {layout.form_code}", layout.width, layout.height)


def _begin_form(canvas: Canvas, name: str) -> None:
    canvas.beginForm(name)
    canvas.setFont(fonts.REGULAR, 8)


def _draw_common(page: _Page) -> None:
    """What every sheet of the profile shares."""
    page.marks()
    _heading(page, TITLE)
    _name_sectors(page)
    _number_sectors(page)
    _language_sectors(page)
    _specialty_and_signature(page)
    _answer_sectors(page)
    for bubble in page.layout.bubbles:
        _bubble(page, bubble)
    _foot(page)


def _heading(page: _Page, title: str) -> None:
    page.text(LEFT, 17.6, translate("kk", title), 17, bold=True)
    width = stringWidth(translate("kk", title), fonts.BOLD, 17) / mm
    page.text(LEFT + width + 3.2, 17.6, translate("ru", title), 12, gray=0.2)
    page.text(LEFT, 22.2, translate("kk", EXAM), 8, bold=True, fit=140)
    page.text(LEFT, 25.6, translate("ru", EXAM), 7.2, gray=0.2, fit=140)
    if page.layout.profile.training:
        _training_mark(page, *((104.0, 10.4) if title == TITLE else (128.0, 19.6)))


def _training_mark(page: _Page, left: float, top: float) -> None:
    """In the head and under the foot, where nothing is read: this sheet counts in no exam."""
    kazakh, russian = (translate(lang, TRAINING).upper() for lang in ("kk", "ru"))
    page.box(Rect(left, top, 62.0, 9.2), width=0.5, gray=0.0)
    page.text(left + 31.0, top + 4.2, kazakh, 10, bold=True, align="centre", fit=58)
    page.text(left + 31.0, top + 8.0, russian, 8, align="centre", fit=58)
    page.text(LEFT, 291.0, f"{kazakh} / {russian}", 8, bold=True)


def _name_sectors(page: _Page) -> None:
    """Sectors 1 and 13: block letters in cells."""
    for row in page.layout.cells:
        if row.number not in (1, 13):
            continue
        page.cells(row)
        tabbed = row.part in ("surname", "university")
        if tabbed:
            page.sector_tab(row.number, 20.0, row.y + 0.4)
        page.label(25.2, row.y + 2.7, LABELS[row.part], row.x - 26.2, size=7.4, step=2.5)


def _number_sectors(page: _Page) -> None:
    """Sectors 2-5: cells above columns of bubbles."""
    numbers = {"code": 2, "seat": 3, "variant": 4, "shift": 5}
    for row in page.layout.cells:
        if row.part not in {*numbers, "hall"}:
            continue
        width = row.count * row.width
        page.cells(row)
        left = row.x
        if row.part in numbers:
            page.sector_tab(numbers[row.part], left, row.y - 5.6)
            left += 4.7
        page.label(left, row.y - 3.1, LABELS[row.part], row.x + width + 1.6 - left)
        page.box(Rect(row.x, row.y + row.height, width, 47.2), width=HAIR_WIDTH, gray=0.4)


def _language_sectors(page: _Page) -> None:
    """Sectors 11 and 12: one bubble of a list."""
    profile = page.layout.profile
    names = {"foreign_language": profile.foreign_languages, "language": profile.test_languages}
    for number, field in ((11, "foreign_language"), (12, "language")):
        area = page.layout.sector(number).area
        page.box(Rect(area.x, area.y + 6.0, area.width, area.height - 6.0))
        page.sector_tab(number, area.x, area.y + 0.4)
        page.label(area.x + 4.7, area.y + 2.9, LABELS[field], area.width - 4.7)
        for bubble in page.layout.bubbles:
            if bubble.field == field:
                language = names[field][int(bubble.value) - 1]
                name = LANGUAGE_NAMES.get(language, language)
                left = bubble.x + bubble.rx + 1.0
                page.label(left, bubble.y + 0.1, name, area.right - left - 0.6, size=6.4, step=2.1)


def _specialty_and_signature(page: _Page) -> None:
    """Sectors 14 and 15."""
    specialty, signature = page.layout.sector(14).area, page.layout.sector(15).area
    page.sector_tab(14, specialty.x, specialty.y + 0.4)
    page.label(specialty.x + 4.7, specialty.y + 2.9, LABELS["specialty"], specialty.width - 4.7)
    page.cells(next(row for row in page.layout.cells if row.part == "specialty"))
    page.sector_tab(15, signature.x, signature.y + 0.4)
    page.label(signature.x + 4.7, signature.y + 2.9, LABELS["signature"], signature.width - 4.7)
    page.box(Rect(signature.x, signature.y + 6.0, signature.width, signature.height - 6.0))


def _answer_sectors(page: _Page) -> None:
    """Sectors 6-10: a frame per subject, numbers of the items, a hair line between fives."""
    layout = page.layout
    for n, field in enumerate(layout.profile.subject_fields()):
        sector = next(s for s in layout.sectors if s.name == field)
        area, first = sector.area, next(b for b in layout.bubbles if b.field == field)
        page.sector_tab(sector.number, area.x, area.y + 0.4)
        subject = N_("Subject {n}")
        width = page.text(area.x + 4.8, area.y + 3.1, translate("kk", subject).format(n=n + 1), 7, bold=True)
        page.text(area.x + 6.2 + width, area.y + 3.1, translate("ru", subject).format(n=n + 1), 6.2, gray=0.2)
        page.box(Rect(area.x, area.y + 9.0, area.width, area.height - 9.0))
        for bubble in layout.bubbles:
            if bubble.field == field and bubble.value == layout.profile.options[0]:
                page.text(first.x - first.rx - 1.0, bubble.y + 0.95, str(bubble.column + 1), 7.4, align="right")
                if bubble.column % 5 == 0 and bubble.column:
                    y = bubble.y - layout.pitch_y / 2 - (0.6 if layout.pitch_y >= 5 else 0.4)
                    page.line(area.x, y, area.right, y, gray=0.55)


def _bubble(page: _Page, bubble: Bubble) -> None:
    page.bubble(bubble, "" if bubble.field in ("language", "foreign_language") else bubble.value)


def _foot(page: _Page) -> None:
    """The sample of right and wrong filling and the rules, both languages."""
    for words, base in ((RIGHT_WAY, FOOT_TOP + 2.6), (WRONG_WAY, FOOT_TOP + 10.2)):
        page.text(LEFT, base, translate("kk", words), 7, bold=True)
        page.text(LEFT, base + 2.6, translate("ru", words), 6.2, gray=0.2)
    page.circle(38.0, FOOT_TOP + 2.8, 1.9, fill=True)
    _wrong_samples(page, 38.0, FOOT_TOP + 10.4)
    for n, rule in enumerate(RULES):
        base = FOOT_TOP + 1.6 + n * 5.1
        page.text(RULES_LEFT, base, translate("kk", rule), 6.6, bold=True, fit=RIGHT - RULES_LEFT)
        page.text(RULES_LEFT, base + 2.15, translate("ru", rule), 6.0, gray=0.2, fit=RIGHT - RULES_LEFT)


def _wrong_samples(page: _Page, x: float, y: float) -> None:
    """A tick, a cross, a dot, a half and a ring around: how a bubble must not be marked."""
    for n in range(5):
        page.circle(x + n * 6.0, y, 1.9)
    path = page.canvas.beginPath()
    path.moveTo((x - 1.2) * mm, page.y(y))
    path.lineTo((x - 0.2) * mm, page.y(y + 1.2))
    path.lineTo((x + 1.6) * mm, page.y(y - 1.6))
    page.canvas.setLineWidth(0.4 * mm)
    page.canvas.setStrokeGray(0)
    page.canvas.drawPath(path)
    page.line(x + 4.8, y - 1.2, x + 7.2, y + 1.2, width=0.4, gray=0)
    page.line(x + 4.8, y + 1.2, x + 7.2, y - 1.2, width=0.4, gray=0)
    page.circle(x + 12.0, y, 0.55, fill=True)
    page.canvas.setFillGray(0)
    page.canvas.wedge((x + 16.1) * mm, page.y(y + 1.9), (x + 19.9) * mm, page.y(y - 1.9), 90, 180, stroke=0, fill=1)
    page.circle(x + 24.0, y, 2.5, width=0.35)


def _draw_one(page: _Page, sheet: SheetPrint) -> None:
    """What is this sheet's own: code, serial, shift, hall, subjects."""
    layout = page.layout
    page.qr(layout.qr, sheet_code(layout, sheet.serial))
    page.text(layout.qr.x - 3.0, 25.6, f"№ {sheet.serial}", 8, bold=True, align="right")
    page.text(LEFT, 286.5, f"{layout.form_code}  № {sheet.serial}", 5.4, gray=0.35)
    _subject_names(page, sheet.subjects)
    if sheet.shift is not None:
        _prefill(page, "shift", str(sheet.shift))
    if sheet.hall:
        _prefill(page, "hall", sheet.hall)


def _subject_names(page: _Page, subjects: tuple[str, ...]) -> None:
    """The subjects' names above their grids, long ones in two lines, or lines to write on."""
    for n, field in enumerate(page.layout.profile.subject_fields()):
        area = next(s for s in page.layout.sectors if s.name == field).area
        name = subjects[n] if n < len(subjects) else ""
        if not name:
            page.line(area.x, area.y + 7.6, area.right, area.y + 7.6, width=0.16, gray=0.35)
        elif stringWidth(name, fonts.BOLD, 8) / mm <= area.width * 1.06:
            page.text(area.x + 0.2, area.y + 7.6, name, 8, bold=True, fit=area.width - 0.4)
        else:
            first, last = _halves(name)
            page.text(area.x + 0.2, area.y + 6.05, first, 6.2, bold=True, fit=area.width - 0.4)
            page.text(area.x + 0.2, area.y + 8.25, last, 6.2, bold=True, fit=area.width - 0.4)


def _halves(words: str) -> tuple[str, str]:
    """A name broken at the space nearest to its middle; one long word stays whole."""
    spaces = [n for n, sign in enumerate(words) if sign == " "]
    if not spaces:
        return words, ""
    at = min(spaces, key=lambda n: abs(n - len(words) / 2))
    return words[:at], words[at + 1 :]


def _prefill(page: _Page, field: str, number: str) -> None:
    """Print a number into its cells and fill its bubbles; letters and longer numbers stay for the hand."""
    row = next(r for r in page.layout.cells if r.part == field)
    digits = _digits_in_cells(page, row, number)
    for bubble in page.layout.bubbles:
        if digits and bubble.field == field and bubble.value == digits[bubble.column]:
            page.circle(bubble.x, bubble.y, bubble.rx, fill=True)


def _digits_in_cells(page: _Page, row: CellRow, number: str) -> str:
    """The digits as printed, zeros leading; "" when the number is none or does not fit."""
    digits = number.zfill(row.count)
    if not number or len(digits) != row.count or not (digits.isascii() and digits.isdigit()):
        return ""
    for n, digit in enumerate(digits):
        page.text(row.x + (n + 0.5) * row.width, row.y + 4.8, digit, 12, bold=True, align="centre")
    return digits


def _draw_copy_common(page: _Page) -> None:
    """The copy: name, university, numbers, the grids and what it is for."""
    _heading(page, COPY_TITLE)
    for row in page.layout.cells:
        if row.number in (1, 13):
            page.cells(row)
            page.label(LEFT, row.y + 2.7, LABELS[row.part], row.x - LEFT - 1.0, size=7.4, step=2.5)
    for row in _copy_cells(page.layout):
        page.label(row.x, row.y - 3.6, LABELS[row.part], max(row.count * row.width, LEAST_LABEL))
        page.cells(row)
    page.label(LEFT, 84.4, LABELS["signature"], 50, size=7.4, step=2.5)
    page.line(58.0, 86.9, 128.0, 86.9, gray=0.3)
    page.box(Rect(LEFT, 93.0, RIGHT - LEFT, 21.0))
    for n, rule in enumerate(COPY_RULES):
        page.text(LEFT + 3.0, 98.2 + n * 9.4, translate("kk", rule), 9, bold=True, fit=RIGHT - LEFT - 6.0)
        page.text(LEFT + 3.0, 102.0 + n * 9.4, translate("ru", rule), 8, gray=0.2, fit=RIGHT - LEFT - 6.0)
    _answer_sectors(page)
    for bubble in page.layout.bubbles:
        if bubble.field.startswith("subject"):
            _bubble(page, bubble)


def _copy_numbers(page: _Page, sheet: SheetPrint) -> None:
    """Shift and hall in the copy's cells, where the sheet has them printed."""
    known = {"shift": str(sheet.shift or ""), "hall": sheet.hall or ""}
    for row in _copy_cells(page.layout):
        _digits_in_cells(page, row, known.get(row.part, ""))


def _copy_cells(layout: SheetLayout) -> list[CellRow]:
    """The copy's numbers in one row, spread over the width."""
    counts = layout.profile.digit_fields()
    widths = [max(count * DIGIT_PITCH_X, LEAST_LABEL) for count in counts.values()]
    gap = min(9.0, (RIGHT - LEFT - sum(widths)) / (len(widths) - 1))
    found: list[CellRow] = []
    x = LEFT
    for (part, count), width in zip(counts.items(), widths, strict=True):
        found.append(CellRow(0, part, x, 69.0, DIGIT_PITCH_X, 6.4, count))
        x += width + gap
    return found
