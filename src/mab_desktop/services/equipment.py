"""Printer, paper, scanner and its glass are checked before the exam; the last verdicts are kept with date and device.

Three checks: the test sheet (printer and scanner together, streaks of the glass too; it calibrates the scanner), the
white sheet (dirt and streaks) and a filled answer sheet (what the reader says of it). Each takes an image file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import select

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import layout
from mab_desktop.forms.fit_sheet import draw_fit_sheet
from mab_desktop.i18n import N_, fill, translate
from mab_desktop.omr.fit import FitReport
from mab_desktop.omr.fit import read_fit as measure_fit
from mab_desktop.omr.glass import GlassReport, Spot, check_glass
from mab_desktop.omr.load import list_pages, load_page
from mab_desktop.omr.locate import Image
from mab_desktop.omr.overlay import draw_overlay
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import read_image
from mab_desktop.omr.remarks import VERDICTS, Remark, Verdict, of_reader, unread, worst
from mab_desktop.omr.streaks import Streak
from mab_desktop.services import hall_sheets, scanners
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.images import short_lived
from mab_desktop.services.scanners import ScannerProfile
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.tables.core import PrintJob

FIT, GLASS, SHEET = "fit", "glass", "sheet"
CHECKS = {FIT: N_("Test sheet"), GLASS: N_("White sheet"), SHEET: N_("Test scan of an answer sheet")}
DOCUMENT = "fit-sheet"
_SETTING = "equipment-checks"
_MOST_KEPT = 30
PICTURE_DPI, INCH = 100, 25.4
STEP_NAMES = tuple(f"step{n}" for n in range(0, 110, 10))


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a check's picture, in its pixels, with words ready to show."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True)
class Check:
    """One check as it is kept: what was looked at, when and by whom, with which devices, and what was found."""

    kind: str
    verdict: Verdict
    remarks: tuple[Remark, ...]
    at: datetime
    by: str
    scanner: str = ""
    printer: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether nothing stands against the exam."""
        return self.verdict is not Verdict.BAD

    def verdict_words(self, lang: str) -> str:
        """The verdict in a sentence."""
        return translate(lang, VERDICTS[self.verdict])

    def findings(self, lang: str) -> tuple[tuple[Verdict, str, str], ...]:
        """How grave, what was found and what to do, a line for each remark."""
        return tuple((remark.verdict, remark.message(lang), remark.advice(lang)) for remark in self.remarks)

    def measure_lines(self, lang: str) -> tuple[tuple[str, str], ...]:
        """What was measured, as name and value."""
        return measure_lines(self.measures, lang)

    def problems(self, field: str) -> tuple[Problem, ...]:
        """What was found, as problems of `field` that every language can say later."""
        return tuple(Problem(field, *remark.spelled()) for remark in self.remarks)


@dataclass(frozen=True)
class Seen:
    """A check that was just made, with the picture (JPEG or PNG) and the places that were found on it."""

    check: Check
    picture: bytes
    places: tuple[Place, ...] = ()


# -- the test sheet without a workplace, for the command line


def fit_sheet() -> bytes:
    """The test sheet as PDF."""
    return draw_fit_sheet()


def read_fit(path: Path, dpi: int = 0) -> FitReport:
    """Measure a scanned test sheet (its first page); `dpi` as the scanner was set, 0 for what the file says."""
    try:
        page = load_page(list_pages(path)[0])
    except PageRefused as refused:
        return FitReport(Verdict.BAD, unread(refused.problem), {})
    return measure_fit(page.gray, dpi or page.dpi, bilevel=page.bilevel)


def read_white(path: Path, dpi: int = 0) -> GlassReport:
    """Look at the scan of an empty white sheet (its first page)."""
    try:
        page = load_page(list_pages(path)[0])
    except PageRefused as refused:
        return GlassReport(Verdict.BAD, of_reader([refused.problem]))
    return check_glass(page.gray, dpi or page.dpi)


def report_lines(report: FitReport | GlassReport, lang: str) -> list[str]:
    """A report for a terminal: the verdict, what was found and what to do, what was measured."""
    lines = [translate(lang, VERDICTS[report.verdict])]
    for remark in report.remarks:
        lines.append(f"- {remark.message(lang)} {remark.advice(lang)}".rstrip())
    measured = _fit_measures(report) if isinstance(report, FitReport) else _glass_measures(report)
    return lines + [f"  {name}: {value}" for name, value in measure_lines(measured, lang)]


# -- in a workplace


def print_fit_sheet(ctx: Context) -> Document:
    """The test sheet as a document to print."""
    require(ctx, Role.MINISTRY_PROGRAMMER)

    def draw(printing: Printing) -> bytes:
        return draw_fit_sheet(training=printing.test_mode)

    return print_document(ctx, DOCUMENT, "", draw, file_name=DOCUMENT)


def run_check(
    ctx: Context, kind: str, path: Path, *, scanner: str = "", dpi: int = 0, progress: Progress = Silent()
) -> Seen:
    """Make one of CHECKS on the first page of an image file and keep its verdict; `scanner` is the device's name."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    progress.stage(CHECKS[kind])
    try:
        page = load_page(list_pages(path)[0])
    except PageRefused as refused:
        remarks = unread(refused.problem) if kind == FIT else of_reader([refused.problem])
        return Seen(_keep(ctx, kind, remarks, {}, scanner), b"")
    true_dpi = float(dpi or page.dpi)
    if kind == FIT:
        fit = measure_fit(page.gray, true_dpi, bilevel=page.bilevel)
        check = _keep(ctx, kind, fit.remarks, _fit_measures(fit), scanner)
        return Seen(check, *_picture(page.gray, fit.measures.get("dpi", true_dpi), fit.streaks, lang=ctx.lang))
    if kind == GLASS:
        glass = check_glass(page.gray, true_dpi)
        check = _keep(ctx, kind, glass.remarks, _glass_measures(glass), scanner)
        return Seen(check, *_picture(page.gray, glass.dpi, glass.streaks, glass.spots, lang=ctx.lang))
    return _look_at_sheet(ctx, page.gray, true_dpi, bilevel=page.bilevel, scanner=scanner)


def scan_and_check(ctx: Context, kind: str, scanner: ScannerProfile, progress: Progress = Silent()) -> Seen:
    """Scan one page with the scanner's settings and make a check on it; the image is not kept.

    The test sheet is scanned in a window of its own size: how far it lies off the middle is measured on it.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    if kind == FIT:
        scanner = scanners.with_settings(scanner, width=scanners.A4[0], height=scanners.A4[1])
    with short_lived(ctx) as folder:
        path = scanners.test_scan(scanner, folder, progress)
        return run_check(ctx, kind, path, scanner=scanner.label, dpi=scanner.settings.dpi, progress=progress)


def last_checks(ctx: Context) -> tuple[Check, ...]:
    """The newest check of each kind with each scanner, the newest first."""
    with ctx.store.read() as session:
        stored = setting(session, _SETTING).get("checks", [])
    return tuple(_restored(one) for one in stored)


def _look_at_sheet(ctx: Context, gray: Image, dpi: float, *, bilevel: bool, scanner: str) -> Seen:
    with ctx.store.read() as session:
        form = layout(hall_sheets.exam_profile(session))
    reading = read_image(gray, form, dpi=dpi, bilevel=bilevel)
    groups = [group for columns in reading.fields.values() for group in columns.values()]
    counts = {state: sum(group.state == state for group in groups) for state in ("one", "doubtful")}
    measures = {"marks": float(counts["one"]), "doubtful": float(counts["doubtful"])} if reading.ok else {}
    check = _keep(ctx, SHEET, of_reader(reading.problems), measures, scanner)
    return Seen(check, draw_overlay(gray, reading, form))


def _keep(
    ctx: Context, kind: str, remarks: Sequence[Remark], measures: Mapping[str, float], scanner: str
) -> Check:
    """Store a check in place of the one before it, with an event."""
    with ctx.store.write(ctx.actor) as tx:
        query = select(PrintJob.printer).where(PrintJob.document == DOCUMENT).order_by(PrintJob.id.desc()).limit(1)
        printer = (tx.session.scalar(query) or "") if kind == FIT else ""
        check = Check(
            kind, worst(remarks), tuple(remarks), datetime.fromisoformat(stamp(ctx)), ctx.actor.name, scanner, printer,
            dict(measures),
        )  # fmt: skip
        known = setting(tx.session, _SETTING).get("checks", [])
        others = [one for one in known if (one["kind"], one["scanner"]) != (kind, scanner)]
        plain = _plain(check)
        put_setting(tx, _SETTING, {"checks": [plain, *others][:_MOST_KEPT]})
        found = [remark.code for remark in check.remarks]
        tx.note("equipment-checked", kind, verdict=check.verdict.value, scanner=scanner, printer=printer, found=found,
                measures=plain["measures"])  # fmt: skip
    return check


def _plain(check: Check) -> dict[str, Any]:
    return {
        "kind": check.kind, "at": check.at.isoformat(), "by": check.by, "scanner": check.scanner,
        "printer": check.printer, "measures": {name: round(value, 4) for name, value in check.measures.items()},
        "remarks": [[r.code, r.verdict.value, dict(r.params)] for r in check.remarks],
    }  # fmt: skip


def _restored(plain: Mapping[str, Any]) -> Check:
    remarks = tuple(Remark(code, Verdict(v), tuple(params.items())) for code, v, params in plain["remarks"])
    return Check(
        plain["kind"], worst(remarks), remarks, datetime.fromisoformat(plain["at"]), plain["by"], plain["scanner"],
        plain["printer"], plain["measures"],
    )  # fmt: skip


# -- pictures and measures


def _picture(
    gray: Image, dpi: float, streaks: Sequence[Streak], spots: Sequence[Spot] = (), *, lang: str
) -> tuple[bytes, tuple[Place, ...]]:
    """The image made smaller, and where on it the glass is dirty."""
    factor = min(1.0, 1100 / max(1, gray.shape[0]))
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(small), [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise ValueError("the picture could not be packed")
    dots = dpi / INCH * factor
    words = translate(lang, N_("{mm:.0f} mm"))
    places = [
        Place((streak.at - 1.0) * dots, 2.0, 2.0 * dots, small.shape[0] - 4.0, words.format(mm=streak.at))
        for streak in streaks
    ]
    for spot in spots[:20]:
        side = max(spot.size, 2.0) * 1.6 * dots
        places.append(Place(spot.x * dots - side / 2, spot.y * dots - side / 2, side, side, ""))
    return data.tobytes(), tuple(places)


def _fit_measures(report: FitReport) -> dict[str, float]:
    return {**report.measures, **dict(zip(STEP_NAMES, report.steps, strict=False))}


def _glass_measures(report: GlassReport) -> dict[str, float]:
    if not report.white:
        return {}
    counts = {"streaks": float(len(report.streaks)), "spots": float(len(report.spots))}
    return {"dpi": report.dpi, "white": report.white, "light": report.light, "noise": report.noise, **counts}


def measure_lines(measures: Mapping[str, float], lang: str) -> tuple[tuple[str, str], ...]:
    """Measures by their names, as name and value in words of `lang`; pairs stand in one line."""
    lines = []
    for label, form, names in _LINES:
        if all(name in measures for name in names):
            told = {name: measures[name] for name in names}
            lines.append((translate(lang, label), fill(lang, translate(lang, form), told)))
    steps = [measures[name] for name in STEP_NAMES if name in measures]
    if steps:
        shown = " · ".join(f"{100 * max(step, 0):.0f}" for step in steps)
        lines.append((translate(lang, N_("Gray steps 0, 10, … 100 %")), shown))
    return tuple(lines)


_LINES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (N_("Resolution"), N_("{dpi:.0f} dots per inch"), ("dpi",)),
    (N_("Size, printer and scanner together"), N_("{scale_x:.1%} across, {scale_y:.1%} down"), ("scale_x", "scale_y")),
    (N_("Off the middle of the image"), N_("{shift_x:+z.1f} mm across, {shift_y:+z.1f} mm down"),
     ("shift_x", "shift_y")),
    (N_("Askew, aslant"), "{skew:+z.2f}°, {shear:+z.2f}°", ("skew", "shear")),
    (N_("Bent by at most"), N_("{wave:.2f} mm"), ("wave",)),
    (N_("Print begins from the edge: left, upper, right, lower"),
     N_("{cut_left:.1f} · {cut_top:.1f} · {cut_right:.1f} · {cut_bottom:.1f} mm"),
     ("cut_left", "cut_top", "cut_right", "cut_bottom")),
    (N_("Black of the image"), N_("{black:.0f} of 255"), ("black",)),
    (N_("White of the image"), N_("{white:.0f} of 255"), ("white",)),
    (N_("Darkness of black, unevenness of toner"), "{ink:.0%}, {even:.0%}", ("ink", "even")),
    (N_("Thin rings, against the usual"), "{rings:.0%}", ("rings",)),
    (N_("Thinnest line that shows"), N_("{line:.2f} mm"), ("line",)),
    (N_("Sharpness of 0.3 mm lines"), "{sharp:.0%}", ("sharp",)),
    (N_("Unevenness of light"), "{light:.1%}", ("light",)),
    (N_("Noise"), N_("{noise:.1f} gray levels"), ("noise",)),
    (N_("Streaks"), "{streaks:.0f}", ("streaks",)),
    (N_("Spots"), "{spots:.0f}", ("spots",)),
    (N_("Marks read, doubtful"), "{marks:.0f}, {doubtful:.0f}", ("marks", "doubtful")),
)  # fmt: skip
