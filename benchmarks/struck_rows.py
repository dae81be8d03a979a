"""Sheets of which somebody struck out the rows that he left empty: how many of them are read as answers.

    python benchmarks/struck_rows.py --first 77000 --batches 8 --populations ordinary hard [--json FILE]

The pages are those of `long_read.py` with a run of rows of one subject left empty and a line drawn through it:
straight, slanting, wavy or like a Z. Such a row is right as empty or as a question, wrong as an answer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from long_read import PNG, RANGES, commit, draw_form
from numpy.random import Generator
from numpy.typing import NDArray

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.omr.files import read_page
from mab_desktop.omr.load import list_pages
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.rehearsal import pen, scanned_pages, traces
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.judging import judge_sheet

LEAST, MOST = 3, 12  # rows struck out
AT_THE_END = 0.7
SCAN = 3  # one scan of each filled sheet is read


def struck_truth(rng: Generator, truth: SheetTruth, profile: ExamProfile) -> tuple[SheetTruth, str, list[str]]:
    """A truth without the answers of some rows of a subject, and which they are."""
    field, count = f"subject{rng.integers(1, profile.subjects + 1)}", int(rng.integers(LEAST, MOST + 1))
    last = profile.items - count
    begin = last if rng.random() < AT_THE_END else int(rng.integers(0, last + 1))
    columns = sorted(truth.marks[field], key=int)[begin : begin + count]
    gone = {(field, column) for column in columns}
    return replace(
        truth, marks=dict(truth.marks) | {field: {c: [] if c in columns else v for c, v in truth.marks[field].items()}},
        faint=type(truth.faint)(place for place in truth.faint if tuple(place) not in gone),
        erased=type(truth.erased)(one for one in truth.erased if tuple(one[:2]) not in gone),
        mishaps=tuple(m for m in truth.mishaps if (m.field, m.column) not in gone),
        ambiguous={place: said for place, said in truth.ambiguous.items() if place not in gone},
    ), field, columns  # fmt: skip


def line_through(rng: Generator, form: SheetLayout, field: str, columns: Sequence[str]) -> NDArray[np.float64]:
    """A pen's way through these rows, in mm."""
    own = np.array([(b.x, b.y) for b in form.bubbles if b.field == field and str(b.column) in columns])
    (left, top), (right, bottom) = own.min(axis=0) - (0, 1.5), own.max(axis=0) + (0, 1.5)
    down = np.linspace(top, bottom, 40)
    at = float(rng.uniform(left, right))
    ways = (
        np.linspace(right + rng.uniform(-2, 3), left - rng.uniform(-2, 3), 40),
        np.linspace(at, at + rng.uniform(-3, 3), 40),
        (left + right) / 2 + 0.45 * (right - left) * np.sin(down * rng.uniform(0.1, 0.5) + rng.uniform(0, 6)),
        at + rng.uniform(0.5, 3) * np.sin(down * rng.uniform(0.3, 1.2)),
    )
    kind = int(rng.integers(len(ways) + 1))
    if kind == len(ways):
        return np.array([[left, top], [right, top + 1], [left, bottom], [right, bottom - 1]])
    return np.stack([ways[kind], down], axis=1)


class Striking:
    """Stands between the makers of truths and of sheets while pages are made."""

    def __init__(self) -> None:
        self._make, self._fill = scanned_pages._make_truth, traces.fill_sheet
        self.rows: dict[int, tuple[SheetTruth, str, list[str]]] = {}
        setattr(scanned_pages, "_make_truth", self.make_truth)  # noqa: B010  the simulator has no place for it
        setattr(traces, "fill_sheet", self.fill_sheet)  # noqa: B010

    def make_truth(self, rng: Generator, profile: ExamProfile, population: str, filled: bool) -> SheetTruth:
        """As the simulator's, some rows left empty."""
        struck = struck_truth(rng, self._make(rng, profile, population, filled), profile)
        self.rows[id(struck[0])] = struck
        return struck[0]

    def fill_sheet(
        self, sheet: Any, form: SheetLayout, truth: SheetTruth, tool: Any, hand: Any, rng: Any, **more: Any
    ) -> None:
        """As the simulator's, and the line over it."""
        self._fill(sheet, form, truth, tool, hand, rng, **more)
        _, field, columns = self.rows[id(truth)]
        pen.draw_lines(sheet, [line_through(rng, form, field, columns)], tool, rng)


def measure(striking: Striking, seeds: Sequence[int], population: str) -> dict[str, Any]:
    """Counts of one population."""
    counts, pages = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            for page in list(scanned_pages.make_pages(seed, draw_form, [population]))[::SCAN]:
                file = Path(folder) / f"page.{'png' if page.data[:4] == PNG else 'jpg'}"
                file.write_bytes(page.data)
                read = read_page(list_pages(file)[0], page.sheet)
                pages += read.ok
                _, field, columns = striking.rows[id(page.truth)]
                for (name, column), verdict in judge_sheet(page.truth, read.fields):
                    struck = name == field and column in columns
                    counts[f"{'struck' if struck else 'other'} {verdict.value}"] += 1
    return {"pages": pages, **dict(sorted(counts.items()))}


def main() -> None:
    """Make, read, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=77_000)
    parser.add_argument("--batches", type=int, default=8)
    parser.add_argument("--populations", nargs="+", choices=pen.POPULATIONS, default=["ordinary", "careless", "hard"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.batches)
    if not any(first <= seeds[0] <= seeds[-1] <= last for first, last in RANGES.values()):
        raise SystemExit("seeds of one purpose only: see seeds.md")
    striking = Striking()
    found = {
        "reader": READER_VERSION, "commit": commit(), "seeds": [seeds[0], seeds[-1]],
        "populations": {name: measure(striking, seeds, name) for name in options.populations},
    }  # fmt: skip
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
