"""Scans of filled sheets for measuring: printed, filled in and scanned by the rehearsal's people and machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from numpy.random import Generator

from mab_desktop.domain.exam_profile import ExamProfile, default_profile
from mab_desktop.domain.sheet import SheetLayout, layout
from mab_desktop.rehearsal import answers, handwriting, paper, pen, scanner, stains, traces
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.scanned_pages import NAMES
from mab_desktop.services.sheets import blank_sheets

KINDS = ("clean", "ordinary", "hard")
"""New machines and careful people; an ordinary day; worn machines and the worst pens."""
PRINTED_AT_ONCE = 20


@dataclass(frozen=True)
class SampleScan:
    """A scanned page and what stands on it."""

    path: Path
    truth: answers.SheetTruth


def make_scans(
    folder: Path, kind: str, count: int, *, seed: int | str = 1, dpi: int = 200, profile: ExamProfile | None = None,
    turned: bool | None = None,
) -> Iterator[SampleScan]:  # fmt: skip
    """`count` gray JPEG files of `kind` in `folder`; a printer and a scanner of their own for every twenty sheets.

    `turned` lays all of them in upside down or none (None: as chance has it).
    """
    folder.mkdir(parents=True, exist_ok=True)
    profile = profile or default_profile()
    form = layout(profile)
    for begin in range(0, count, PRINTED_AT_ONCE):
        rng = stream(seed, "sample scans", kind, begin)
        many = min(PRINTED_AT_ONCE, count - begin)
        printer = paper.draw_printer(rng, "hard" if kind == "hard" else "ordinary")
        device = scanner.draw_scanner(rng, kind, dpi)
        printed = paper.print_pages(blank_sheets(many, profile), rng, printer, max(dpi, 200))
        for n, sheet in enumerate(printed):
            hand = stream(seed, "sample scans", kind, begin + n, "hand")
            truth = _filled(hand, f"{n + 1:012d}", profile, form, sheet, kind)
            path = folder / f"{begin + n + 1:04d}.jpg"
            path.write_bytes(scanner.encode(scanner.scan(sheet, device, hand, turned=turned), device))
            yield SampleScan(path, truth)


def _filled(
    rng: Generator, serial: str, profile: ExamProfile, form: SheetLayout, sheet: paper.PaperSheet, kind: str
) -> answers.SheetTruth:
    """Let a person fill the sheet in, in place; what he put on it."""
    numbers = {name: str(int(rng.integers(10**count))) for name, count in profile.digit_fields().items()}
    letters = [rng.choice(profile.options, profile.items).tolist() for _ in range(profile.subjects)]
    truth = answers.fill_in(
        rng, profile, serial=serial, key=letters, ability=answers.draw_ability(rng),
        language=str(rng.integers(1, 1 + len(profile.test_languages))), foreign_language=str(rng.integers(0, 4)),
        written={part: NAMES[int(rng.integers(len(NAMES)))] for part in ("surname", "first_name", "patronymic")},
        printed=(), **numbers,
    )  # fmt: skip
    population = "hard" if kind == "hard" else "ordinary"
    blank = sheet.gray.copy()
    traces.fill_sheet(sheet, form, truth, pen.draw_pen(rng, population), handwriting.draw_hand(rng), rng)
    if kind != "clean":
        stains.soil(sheet, stains.draw_stains(rng, population), rng, blank)
        paper.wear_out(sheet, paper.draw_wear(rng, population), rng)
    return truth
