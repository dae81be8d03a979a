"""Scanned pages of a population by seed: one printed form, filled in several times, each sheet scanned several times.

So a page costs little more than its scan, and still no two are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from numpy.random import Generator

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.sheet import SheetLayout, layout
from mab_desktop.rehearsal import answers, handwriting, mishaps, paper, pen, scanner, stains, traces
from mab_desktop.rehearsal.chance import pick, stream

# Draws a form as PDF: its layout, serial, and whether the printer fills in shift and hall.
DrawForm = Callable[[SheetLayout, str, bool], bytes]

ONE_BIT = "one-bit"  # black and white scans of any population are counted apart
FILLINGS, SCANS = 5, 3  # of a printed form, of a filled sheet
PNG_SHARE = 0.04
PROFILES = (
    ExamProfile(),
    ExamProfile(subjects=6, items=30, code_digits=10),
    ExamProfile(items=20, options=("A", "B", "C", "D")),
)
WHICH_PROFILE = {"0": 3.0, "1": 1.0, "2": 0.5}
SERIALS = ("10000001", "10000002")  # of the blank form and of the one with shift and hall printed
PREFILLED = 0.3
RESOLUTIONS = {"200": 8.0, "150": 1.0, "240": 0.5, "300": 1.0, "400": 0.25}
FINE = 240  # dots per inch from which the paper itself is drawn finer
NAMES = ("ҚҰДАЙБЕРГЕН", "ҮЛЖАН", "СӘРСЕНБАЙҰЛЫ", "АЙГЕРІМ", "ИВАНОВ", "ӘБДІРАХМАНОВА", "НҰРСҰЛТАН", "ЩЕРБАКОВ")
SLIPS = (
    "double-marks", "faint-marks", "blank-answers", "erased-and-remarked", "double-code-digit", "blank-code-column",
)  # fmt: skip
SCANNERS = {"ordinary": "ordinary", "careless": "ordinary", "hard": "hard", "nasty": "nasty"}
SHOWN = {"streaks", "drift", "wave", "slip", "lamp", "colour", "sharpen", "auto_contrast", "background", "moire", "bed"}


@dataclass(frozen=True)
class Page:
    """A scanned page, where it comes from, and what stands on it; `tags` are what is unusual about it."""

    name: str
    population: str
    sheet: SheetLayout
    truth: answers.SheetTruth
    tags: tuple[str, ...]
    data: bytes


def make_pages(seed: int, draw: DrawForm, populations: Sequence[str] = pen.POPULATIONS) -> Iterator[Page]:
    """The pages of a batch; all of them follow from the seed, which also chooses one of the populations."""
    rng = stream("long read", seed)
    population = populations[seed % len(populations)]
    number, filled = int(pick(rng, WHICH_PROFILE)), bool(rng.random() < PREFILLED)
    dpi = int(pick(rng, RESOLUTIONS if population != "ordinary" else {"200": 1.0}))
    form, pdf = _printed_form(draw, number, filled)
    printer = paper.draw_printer(rng, population)
    (printed,) = paper.print_pages(pdf, rng, printer, 300 if dpi > FINE else 200)
    about = {f"printer {name}" for name in _unusual(printer, paper.Printer())}
    for filling in range(FILLINGS):
        hand = rng.spawn(1)[0]
        truth = _make_truth(hand, PROFILES[number], population, filled)
        sheet = printed.copy()
        tags = _fill_sheet(hand, sheet, form, truth, population) | about
        for passed in range(SCANS):
            yield _scan_page(hand, f"{seed}.{filling}.{passed}", population, form, sheet, truth, tags, dpi)


@cache
def _printed_form(draw: DrawForm, profile: int, filled: bool) -> tuple[SheetLayout, bytes]:
    """A profile's layout, and its form as PDF."""
    form = layout(PROFILES[profile])
    return form, draw(form, SERIALS[filled], filled)


def _make_truth(rng: Generator, profile: ExamProfile, population: str, filled: bool) -> answers.SheetTruth:
    """What a person means to put on the sheet, and what goes wrong with it; `filled` as the form is printed."""
    digits = {name: str(int(rng.integers(10**count))) for name, count in profile.digit_fields().items()}
    if filled:
        digits |= {"shift": "1", "hall": "102"}
    letters = [rng.choice(profile.options, profile.items).tolist() for _ in range(profile.subjects)]
    words = {part: NAMES[int(rng.integers(len(NAMES)))] for part in ("surname", "first_name", "patronymic")}
    truth = answers.fill_in(
        rng, profile, serial=SERIALS[filled], key=letters, ability=answers.draw_ability(rng),
        language=str(rng.integers(1, 3)), foreign_language=str(rng.integers(0, 4)), written=words,
        printed=answers.PRINTED if filled else (), **digits,
    )  # fmt: skip
    for _ in range(int(rng.poisson(0.4))):
        truth = answers.SCENARIOS[SLIPS[int(rng.integers(len(SLIPS)))]](rng, truth)
    return mishaps.befall(rng, truth) if population == "nasty" else truth


def _fill_sheet(
    rng: Generator, sheet: paper.PaperSheet, form: SheetLayout, truth: answers.SheetTruth, population: str
) -> set[str]:
    """Let a person of the population fill it in and carry it about; tells what was unusual."""
    tool, blank = pen.draw_pen(rng, population), sheet.gray.copy()
    wild = population == "nasty" and bool(rng.random() < 0.1)
    traces.fill_sheet(sheet, form, truth, tool, handwriting.draw_hand(rng), rng, wild_signature=wild)
    dirt, wear = stains.draw_stains(rng, population), paper.draw_wear(rng, population)
    stains.soil(sheet, dirt, rng, blank)
    paper.wear_out(sheet, wear, rng)
    tags = {f"pen {tool.tool}", f"style {tool.style}"} | {f"mishap {mishap.kind}" for mishap in truth.mishaps}
    tags |= {f"slip {word}" for word in truth.note.split(", ") if word in SLIPS}
    tags |= {f"stain {name}" for name in _unusual(dirt, stains.CLEAN)}
    tags |= {f"wear {name}" for name in _unusual(wear, paper.Wear())}
    return tags | ({"wild signature"} if wild else set())


def _scan_page(
    rng: Generator, name: str, population: str, form: SheetLayout, sheet: paper.PaperSheet, truth: answers.SheetTruth,
    tags: set[str], dpi: int,
) -> Page:  # fmt: skip
    """One pass through a scanner of its own."""
    kind = "jpg" if population == "ordinary" or rng.random() > PNG_SHARE else "png"
    model = scanner.draw_scanner(rng, SCANNERS[population], dpi, kind)
    if model.bilevel:
        model = replace(model, format="png")
    data = scanner.encode(scanner.scan(sheet, model, rng), model)
    more = {f"scan {n}" for n in _unusual(model, scanner.ScannerModel()) if n in SHOWN} | {f"dpi {dpi}"}
    more |= {f"one-bit {model.screen}"} if model.bilevel else set()
    return Page(name, ONE_BIT if model.bilevel else population, form, truth, tuple(sorted(tags | more)), data)


def _unusual(made: Any, usual: Any) -> list[str]:
    """Names of what is on in one and off in the other."""
    names = [part.name for part in fields(usual) if not getattr(usual, part.name)]
    return [name for name in names if getattr(made, name)]
