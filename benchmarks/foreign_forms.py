"""Forms of others, read with `--registered`: how many of their groups are silently wrong, how many are asked about.

    python benchmarks/foreign_forms.py [--pages 50] [--first 1] [--forms circles squares ...] [--json FILE]

Six forms that look like none of ours (other outlines, typefaces, sizes; letters smaller and taller than their bubbles)
are printed, some photocopied, filled in by the simulator's people, and scanned at 100 to 300 dpi into the frame of
their coordinates, true to half a millimetre. Each page is read without and with a picture of the empty form
(`--blank`). Seeds are those of `seeds.md`; `--keep FOLDER` keeps the pages on which something was wrong.
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from long_read import RANGES, commit
from numpy.random import Generator
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.sheet import Bubble
from mab_desktop.omr.registered import FormReader
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.judging import Verdict, judge_sheet
from mab_desktop.rehearsal.paper import PaperSheet, Printer, draw_printer, print_pages
from mab_desktop.rehearsal.pen import LEAST, Pen, draw_pen, lay_marks

SIZE = (148.0, 210.0)  # mm: half of A4, so that a page costs less
QUESTIONS, FIELD = 60, "q"
DRAWN = 300  # dpi of the paper
BLANK_SHARE, TWO_SHARE = 0.08, 0.02  # of the questions
TOOLS = ("soft pencil", "hard pencil", "blue ballpoint", "black ballpoint", "needle")
STYLES = ("fill", "tick", "cross", "half", "hatch")
OFF, WAVE = 0.35, 0.15  # mm: together half a millimetre
FORM_OFF = 0.3  # mm: the empty form lies otherwise in its frame


@dataclass(frozen=True)
class Form:
    """One maker's form: half a bubble (mm), its outline, typeface and height of its letters (points), gray of all."""

    outline: str
    rx: float
    ry: float
    font: str
    points: float
    ink: float = 0.0
    line: float = 0.25
    options: str = "ABCDE"
    across: float = 7.0


FORMS = {
    "circles": Form("ring", 2.2, 2.2, "Helvetica", 8, options="ABCD"),
    "squares": Form("box", 1.8, 1.8, "Times-Roman", 7),
    "narrow": Form("ring", 1.15, 2.1, "Courier-Bold", 7, ink=0.35, across=5.0),
    "tall-letters": Form("ring", 2.0, 1.25, "Helvetica-Bold", 12),
    "brackets": Form("brackets", 2.0, 1.5, "Courier", 10, ink=0.2, options="12345"),
    "gray-letters": Form("ring", 1.7, 1.7, "Times-Bold", 13, ink=0.45, line=0.35, options="ABCD"),
}


def bubbles_of(form: Form) -> list[Bubble]:
    """Three columns of twenty questions."""
    return [
        Bubble(FIELD, n, value, 16.0 + form.across * at + 44 * (n // 20), 20.0 + 9 * (n % 20), form.rx, form.ry)
        for n in range(QUESTIONS) for at, value in enumerate(form.options)
    ]  # fmt: skip


def draw_form(form: Form) -> bytes:
    """The empty form as PDF."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=(SIZE[0] * mm, SIZE[1] * mm))
    page.setFillGray(form.ink)
    page.setStrokeGray(form.ink)
    page.setLineWidth(form.line * mm)
    for n in range(QUESTIONS):
        page.setFont(form.font, 8)
        page.drawRightString((12.0 + 44 * (n // 20)) * mm, (SIZE[1] - 21.0 - 9 * (n % 20)) * mm, str(n + 1))
    page.setFont(form.font, form.points)
    for bubble in bubbles_of(form):
        x, y, rx, ry = bubble.x * mm, (SIZE[1] - bubble.y) * mm, form.rx * mm, form.ry * mm
        if form.outline == "ring":
            page.ellipse(x - rx, y - ry, x + rx, y + ry)
        elif form.outline == "box":
            page.rect(x - rx, y - ry, 2 * rx, 2 * ry)
        else:
            for side in (-1, 1):
                page.lines([(x + side * rx, y - ry, x + side * rx, y + ry), *(
                    (x + side * rx, y + end * ry, x + side * (rx - mm), y + end * ry) for end in (-1, 1))])  # fmt: skip
        page.drawCentredString(x, y - 0.35 * form.points, bubble.value)
    page.showPage()
    page.save()
    return out.getvalue()


def draw_truth(rng: Generator, form: Form) -> SheetTruth:
    """What a person means: one answer, now and then none or two."""
    columns: dict[str, list[str]] = {}
    for n in range(QUESTIONS):
        chance = rng.random()
        count = 0 if chance < BLANK_SHARE else 2 if chance < BLANK_SHARE + TWO_SHARE else 1
        columns[str(n)] = sorted(rng.choice(list(form.options), count, replace=False).tolist())
    return SheetTruth("", None, None, None, {FIELD: columns}, options=tuple(form.options))


def fill_in(rng: Generator, sheet: PaperSheet, form: Form, truth: SheetTruth, pen: Pen) -> None:
    """The marks, none so faint that a careful human would overlook it."""
    marked = [b for b in bubbles_of(form) if b.value in truth.marks[FIELD][str(b.column)]]
    power = pen.darkness * (1 - pen.ink / 255) * (1 - pen.grain / 2)
    strength = [max(float(rng.normal(1, 0.04)), LEAST / power) for _ in marked]
    size = min(form.rx, form.ry) + 0.35 * abs(form.rx - form.ry)
    lay_marks(sheet, [replace(b, rx=size, ry=size) for b in marked], strength, pen, rng)


def scan(rng: Generator, sheet: PaperSheet, dpi: float, off: float = OFF, wave: float = WAVE) -> NDArray[np.uint8]:
    """The sheet straight and in scale, true to `off` and a slow `wave` (mm)."""
    dots = dpi / 25.4
    width, height = round(SIZE[0] * dots), round(SIZE[1] * dots)
    xs, ys = np.meshgrid((np.arange(width) + 0.5) / dots, (np.arange(height) + 0.5) / dots)
    turn, (dx, dy) = rng.uniform(0, 6.3), rng.uniform(-off, off, 2) * 0.7
    xs, ys = xs + dx + wave * np.sin(ys / 31 + turn), ys + dy + wave * np.cos(xs / 37 + turn)
    fine = sheet.dpi / 25.4
    soft = cv2.GaussianBlur(sheet.gray, (0, 0), (0.45 + 0.25 * rng.random()) * fine / dots)
    across, down = (((axis + shift) * fine - 0.5).astype(np.float32)
                    for axis, shift in zip((xs, ys), sheet.shift, strict=True))  # fmt: skip
    seen = cv2.remap(soft, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    white, black, noise = rng.uniform(225, 252), rng.uniform(5, 45), rng.uniform(1.5, 6)
    levels = black + seen / 255 * (white - black) + rng.normal(0, noise, seen.shape)
    _, coded = cv2.imencode(".jpg", np.clip(levels, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 78])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


Scan = NDArray[np.uint8]


def make_page(form: Form, pdf: bytes, seed: int, name: str) -> tuple[SheetTruth, Scan, Scan, tuple[str, ...]]:
    """What stands on a page, its scan, the empty form's, and what is worth knowing of it."""
    rng = stream("foreign form", name, seed)
    printer = replace(draw_printer(rng, "ordinary"), scale=1.0, shift=(0.0, 0.0), wander=0.0)
    copied = bool(rng.random() < 0.3)
    printer = replace(printer, copied=float(rng.uniform(0.3, 0.9))) if copied else printer
    (sheet,) = print_pages(pdf, rng, printer, DRAWN)
    (empty,) = print_pages(pdf, rng, Printer(wander=0.0), DRAWN)
    pen = steady(rng, TOOLS[seed % len(TOOLS)], STYLES[seed // len(TOOLS) % len(STYLES)])
    truth, dpi = draw_truth(rng, form), float(rng.choice([100, 150, 200, 300]))
    fill_in(rng, sheet, form, truth, pen)
    tags = (f"dpi {dpi:.0f}", f"pen {pen.tool}", f"style {pen.style}", "copied" if copied else "printed")
    blank = scan(rng, empty, 200, FORM_OFF, 0.0)
    return truth, scan(rng, sheet, dpi), blank, tags


def steady(rng: Generator, tool: str, style: str) -> Pen:
    """A careless person's hand with this tool, who marks in this style throughout but for a tenth."""
    while True:
        pen = draw_pen(rng, "nasty" if tool in ("needle", "hard pencil") else "careless")
        if pen.tool == tool:
            return replace(pen, style=style, lean=(0.4 * pen.lean[0], 0.4 * pen.lean[1]))


Keep = Callable[[str, Scan, list[Any]], None]


def measure(name: str, seeds: Sequence[int], keep: Keep) -> dict[str, Any]:
    """Counts of one form, without and with its empty picture."""
    form, pdf = FORMS[name], draw_form(FORMS[name])
    counts = {way: Counter[str]() for way in ("alone", "with blank")}
    wrong_by, asked_by, wrong = Counter[str](), Counter[str](), list[dict[str, Any]]()
    for seed in seeds:
        truth, page, blank, tags = make_page(form, pdf, seed, name)
        for way, count in counts.items():
            reader = FormReader(bubbles_of(form), SIZE, blank if way == "with blank" else None)
            read = reader.read(page)
            found = list(judge_sheet(truth, read.fields))
            count.update(verdict.value for _, verdict in found)
            asked = sum(verdict is Verdict.ASKED for _, verdict in found)
            bad = [(place[1], truth.plausible(place), read.fields[FIELD][int(place[1])]) for place, verdict in found
                   if verdict is Verdict.WRONG]  # fmt: skip
            asked_by.update({f"{way}: {tag}": asked for tag in tags})
            wrong_by.update({f"{way}: {tag}": len(bad) for tag in tags if bad})
            wrong += [{"seed": seed, "way": way, "column": column, "truth": said, "state": group.state.value,
                       "values": group.values, "tags": tags} for column, said, group in bad]  # fmt: skip
            if bad:
                keep(f"{name}-{seed}-{way.split()[-1]}", page, bad)
    return {
        "groups": QUESTIONS * len(seeds),
        **{way: {v.value: count[v.value] for v in Verdict} | {
            "asked_percent": round(100 * count[Verdict.ASKED.value] / max(count.total(), 1), 2)}
           for way, count in counts.items()},
        "wrong_by": dict(wrong_by.most_common(12)), "asked_by": dict(asked_by.most_common(24)), "errors": wrong[:40],
    }  # fmt: skip


def main() -> None:
    """Make, read, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=50, help="of each form; 25 are every pen with every style once")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="keep the pages on which something was wrong")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.pages)
    if not any(first <= seeds[0] <= seeds[-1] <= last for first, last in RANGES.values()):
        raise SystemExit("seeds of one purpose only: see seeds.md")
    cv2.setNumThreads(1)

    def keep(name: str, page: Scan, bad: list[Any]) -> None:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(options.keep / f"{name}.png"), page)
            (options.keep / f"{name}.txt").write_text("\n".join(map(str, bad)), "utf-8")

    forms = {name: measure(name, seeds, keep) for name in options.forms}
    found = {"reader": READER_VERSION, "commit": commit(), "seeds": [seeds[0], seeds[-1]], "forms": forms}
    for name, counts in forms.items():
        print(name, {kind: counts[kind] for kind in ("groups", "alone", "with blank", "wrong_by")})
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
