"""The test sheet of printer, paper and scanner, in Kazakh with Russian: printed, scanned and read before the exam."""

from __future__ import annotations

from mab_desktop.domain.fit_sheet import (
    BARS,
    FIT_CODE,
    LINE_WIDTHS,
    LINES_TOP,
    PAIRS_TOP,
    RULER_ACROSS,
    RULER_DOWN,
    LinePatch,
    edge_bars,
    gray_patches,
    line_patches,
    pair_patches,
    rings,
)
from mab_desktop.domain.organisation import TRAINING
from mab_desktop.domain.sheet import LEFT, QR
from mab_desktop.forms.sheet_page import SheetPage, sheet_canvas
from mab_desktop.i18n import N_, translate

TITLE = N_("TEST SHEET")
SUBTITLE = N_("Printer, paper and scanner of the answer sheets")
STEPS = (
    N_("1. Print this page at its true size (100 %) on the paper of the exam. Switch “fit to page” off."),
    N_("2. Scan it with the settings that the answer sheets are scanned with."),
    N_("3. Read it in the program: it says whether printer, paper and scanner are fit, and what to set."),
)
RULER = N_("This line is {mm} mm long when the printer prints at true size.")
PRINTER, PAPER, DATE = N_("Printer"), N_("Paper"), N_("Date")
SAMPLE = "Әдемі ғимарат, қоңыр өзен, жүрек, ұшқыш, Һәм: ӘҒҚҢӨҰҮҺІ 0123456789 № 8B 5S 1I"
SAMPLE_SIZES = (5.0, 6.0, 7.0, 8.0, 10.0)


def draw_fit_sheet(*, training: bool = False) -> bytes:
    """The sheet as a PDF of one page; `training` says so above the frame."""
    canvas, out = sheet_canvas(translate("kk", TITLE))
    page = SheetPage(canvas)
    page.marks()
    for area in (*BARS.values(), *(bar for bars in edge_bars().values() for bar in bars)):
        page.box(area, width=0, fill=0.0)
    page.qr(QR, FIT_CODE)
    for bubble in rings():
        page.bubble(bubble, bubble.value)
    for share, area in gray_patches():
        page.box(area, width=0.1, gray=0.6, fill=1 - share)
        page.text(area.x + area.width / 2, area.bottom + 2.4, f"{share:.0%}", 5.4, gray=0.3, align="centre")
    for patch in (*line_patches(), *pair_patches()):
        _lines(page, patch)
    _words(page)
    _rulers(page)
    _samples(page)
    if training:
        words = " / ".join(translate(lang, TRAINING).upper() for lang in ("kk", "ru"))
        page.text(166.0, 18.4, words, 9, bold=True, align="right", fit=60)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _lines(page: SheetPage, patch: LinePatch) -> None:
    area, at = patch.area, patch.pitch / 2
    page.canvas.setLineCap(0)
    while at < (area.width if patch.upright else area.height):
        if patch.upright:
            page.line(area.x + at, area.y, area.x + at, area.bottom, width=patch.width, gray=0)
        else:
            page.line(area.x, area.y + at, area.right, area.y + at, width=patch.width, gray=0)
        at += patch.pitch


def _words(page: SheetPage) -> None:
    width = page.text(LEFT, 18.4, translate("kk", TITLE), 17, bold=True)
    page.text(LEFT + width + 3.2, 18.4, translate("ru", TITLE), 12, gray=0.2)
    page.text(LEFT, 22.8, translate("kk", SUBTITLE), 8, bold=True, fit=140)
    page.text(LEFT, 26.2, translate("ru", SUBTITLE), 7.2, gray=0.2, fit=140)
    for n, step in enumerate(STEPS):
        page.text(30.0, 154.0 + n * 8.0, translate("kk", step), 7.4, bold=True, fit=116)
        page.text(30.0, 157.2 + n * 8.0, translate("ru", step), 6.8, gray=0.2, fit=116)
    for n, patch in enumerate(line_patches()):
        words = f"{LINE_WIDTHS[n % len(LINE_WIDTHS)]:g}"
        page.text(patch.area.x, LINES_TOP - 0.8, words, 5.4, gray=0.3)
    page.text(30.0, PAIRS_TOP - 0.8, f"{pair_patches()[0].width:g}", 5.4, gray=0.3)
    for n, words in enumerate((PRINTER, PAPER, DATE)):
        page.label(66.0 + n * 39.0, 102.0, words, 34.0)
        page.line(66.0 + n * 39.0, 108.6, 100.0 + n * 39.0, 108.6, gray=0.3)


def _rulers(page: SheetPage) -> None:
    x, y, long = RULER_ACROSS
    page.line(x, y, x + long, y, width=0.2, gray=0)
    for mark in range(int(long) + 1):
        page.line(x + mark, y, x + mark, y - (3.0 if mark % 10 == 0 else 2.0 if mark % 5 == 0 else 1.2), gray=0)
    page.text(x, y + 3.2, translate("kk", RULER).format(mm=f"{long:g}"), 7, bold=True)
    page.text(x, y + 6.0, translate("ru", RULER).format(mm=f"{long:g}"), 6.4, gray=0.2)
    x, y, long = RULER_DOWN
    page.line(x, y, x, y + long, width=0.2, gray=0)
    for mark in range(int(long) + 1):
        page.line(x, y + mark, x + (3.0 if mark % 10 == 0 else 2.0 if mark % 5 == 0 else 1.2), y + mark, gray=0)
    page.text(x + 4.0, y + long, f"{long:g} мм", 6.4, gray=0.2)


def _samples(page: SheetPage) -> None:
    """Small letters for the eye: which are still clear is a matter of the printer's toner and the scanner's focus."""
    top = 182.0
    for size in SAMPLE_SIZES:
        page.text(30.0, top, f"{size:g}", 5.4, gray=0.3)
        page.text(34.0, top, SAMPLE, size, fit=112)
        top += size * 0.353 + 2.0
