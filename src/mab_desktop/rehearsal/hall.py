"""In a hall: who comes, what each puts on his sheet, what goes wrong on purpose, how the envelope is scanned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.random import Generator

from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.rehearsal import answers, handwriting, paper, pen, scanner
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.chance import pick, stream

PASSES = (1, 2)
INK_BLOT, DRY_PEN = "ink-blot", "dry-pen"
POPULATION = "ordinary"  # of printers and scanners
HANDS = {"ordinary": 0.8, "careless": 0.15, "hard": 0.05}  # of people and their pens
# What the reader leaves to people is decided by eye; a season shows every scenario at least once a shift.
SPOILT_SHARE, ABSENT_SHARE = 0.12, 0.03


@dataclass(frozen=True)
class Seat:
    """A student at his seat, with all that he copies from slip and booklet."""

    hall: str
    seat: int
    code: str
    variant: str
    language: str
    foreign_language: str
    written: Mapping[str, str]
    key: tuple[str, ...]


def fill_hall(
    rng_of: Any, layout: SheetLayout, shift: int, hall: str, seats: Sequence[Seat], serials: Sequence[str],
    absent: frozenset[str],
) -> list[SheetTruth]:  # fmt: skip
    """The sheets of a hall in the order of the envelope: used ones by seat, then those that came back unused."""
    waiting = iter(serials)
    truths = []
    for seat in seats:
        if seat.code in absent:
            continue
        rng = rng_of("answers", seat.code)
        truths.append(
            answers.fill_in(
                rng, layout.profile, serial=next(waiting), code=seat.code, seat=str(seat.seat), variant=seat.variant,
                shift=str(shift), hall=hall, language=seat.language, foreign_language=seat.foreign_language,
                key=[list(letters) for letters in seat.key], ability=answers.draw_ability(rng), written=seat.written,
                printed=(),
            )
        )  # fmt: skip
    unused = [answers.unused_sheet(layout.profile, serial, printed=()) for serial in waiting]
    return [*truths, *unused]


def spoil_shift(
    rng: Generator, halls: Mapping[str, list[SheetTruth]], keys: Mapping[str, Sequence[str]]
) -> dict[str, list[SheetTruth]]:
    """Let things go wrong in a shift: scenarios, two swaps within a hall, one ink blot and one dry pen."""
    done = {}
    largest = max(halls, key=lambda hall: (sum(truth.used for truth in halls[hall]), hall))
    for hall, truths in halls.items():
        special = hall == largest
        kept = _blot_and_dry(rng, truths, keys) if special else {}
        others = [truth for at, truth in enumerate(truths) if at not in kept]
        spoilt = iter(answers.spoil(rng, others, SPOILT_SHARE, each_once=special, pairs=2 if special else 0))
        done[hall] = [kept[at] if at in kept else next(spoilt) for at in range(len(truths))]
    return done


def _blot_and_dry(rng: Generator, truths: list[SheetTruth], keys: Mapping[str, Sequence[str]]) -> dict[int, SheetTruth]:
    """One right answer of a student is spoilt by an ink blot, one of another by a pen that ran dry; by place."""
    found: dict[int, SheetTruth] = {}
    changes = [_blot, _dry]
    for at, truth in enumerate(truths):
        right = right_items(truth.marks, keys[truth.student]) if truth.student else []
        if right and changes:
            found[at] = changes.pop(0)(rng, truth, *right[int(rng.integers(len(right)))])
    return found


def _blot(rng: Generator, truth: SheetTruth, subject: int, item: int) -> SheetTruth:
    marked = truth.marks[f"subject{subject}"][str(item)]
    others = [letter for letter in truth.options if letter not in marked]
    blot = others[int(rng.integers(len(others)))]
    return _with_item(truth, subject, item, sorted([*marked, blot]), f"{INK_BLOT} {subject} {item} {blot}")


def _dry(_rng: Generator, truth: SheetTruth, subject: int, item: int) -> SheetTruth:
    meant = truth.marks[f"subject{subject}"][str(item)][0]
    return _with_item(truth, subject, item, [], f"{DRY_PEN} {subject} {item} {meant}")


def _with_item(truth: SheetTruth, subject: int, item: int, values: list[str], note: str) -> SheetTruth:
    marks = {name: dict(columns) for name, columns in truth.marks.items()}
    marks[f"subject{subject}"][str(item)] = values
    return replace(truth, marks=marks, note=note)


def right_items(marks: answers.Marks, key: Sequence[str]) -> list[tuple[int, int]]:
    """Items answered right on the paper: (subject from 1, item from 0)."""
    return [
        (subject, item)
        for subject, letters in enumerate(key, 1)
        for item, letter in enumerate(letters)
        if marks[f"subject{subject}"].get(str(item)) == [letter]
    ]


def write_truth(path: Path, shift: int, halls: Mapping[str, Sequence[SheetTruth]]) -> None:
    """`truth/shift-N.json`: per hall the sheets in the order of the envelope."""
    content = {"shift": shift, "halls": {hall: [truth.as_json() for truth in halls[hall]] for hall in sorted(halls)}}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def read_truth(path: Path) -> dict[str, list[SheetTruth]]:
    """The sheets that `write_truth` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {hall: [answers.truth_from(sheet) for sheet in sheets] for hall, sheets in content["halls"].items()}


def scan_hall(
    seed: str, shift: int, hall: str, layout: SheetLayout, pdf: bytes, truths: Sequence[SheetTruth], folder: Path
) -> None:
    """Fill the printed sheets in and scan the envelope twice into `folder/pass-1` and `pass-2`."""
    model = scanner.draw_scanner(stream(seed, "scanner", shift), POPULATION)
    passes = [(model, folder / f"pass-{number}", scanner.NO_FAULTS) for number in PASSES]
    for _, target, _ in passes:
        target.mkdir(parents=True, exist_ok=True)
    sheets = _filled(seed, shift, hall, layout, pdf, truths)
    scanner.scan_passes(sheets, stream(seed, "scan", shift, hall), passes)


def _filled(
    seed: str, shift: int, hall: str, layout: SheetLayout, pdf: bytes, truths: Sequence[SheetTruth]
) -> Iterator[paper.PaperSheet]:
    rng = stream(seed, "printer", shift, hall)
    printer = paper.draw_printer(rng, POPULATION)
    for sheet, truth in zip(paper.print_pages(pdf, rng, printer), truths, strict=True):
        person = stream(seed, "hand", shift, truth.sheet)
        hand = pick(person, HANDS)
        if truth.used:
            tool = pen.draw_pen(person, hand)
            pen.draw_marks(sheet, layout, truth, tool, person)
            handwriting.write_sheet(sheet, layout, truth, tool, handwriting.draw_hand(person), person)
        paper.wear_out(sheet, paper.draw_wear(person, hand), person)
        yield sheet
