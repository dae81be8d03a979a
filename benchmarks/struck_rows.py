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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from long_read import PNG, RANGES, commit, draw_form
from numpy.random import Generator

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.omr.files import read_page
from mab_desktop.omr.load import list_pages
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.rehearsal import mishaps, pen, scanned_pages
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.judging import judge_sheet

SCANS = 1  # of each filled sheet: the first is the same page however many follow


@contextmanager
def striking() -> Iterator[None]:
    """While pages are made, every sheet has some of its rows struck out and is scanned once."""
    make, scans = scanned_pages._make_truth, scanned_pages.SCANS

    def make_truth(rng: Generator, profile: ExamProfile, population: str, filled: bool) -> SheetTruth:
        return mishaps.strike_out(rng, make(rng, profile, population, filled))

    # The simulator has no place for it.
    setattr(scanned_pages, "_make_truth", make_truth)  # noqa: B010
    setattr(scanned_pages, "SCANS", SCANS)  # noqa: B010
    try:
        yield
    finally:
        setattr(scanned_pages, "_make_truth", make)  # noqa: B010
        setattr(scanned_pages, "SCANS", scans)  # noqa: B010


def measure(seeds: Sequence[int], population: str) -> dict[str, Any]:
    """Counts of one population."""
    counts, pages = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            for page in scanned_pages.make_pages(seed, draw_form, [population]):
                file = Path(folder) / f"page.{'png' if page.data[:4] == PNG else 'jpg'}"
                file.write_bytes(page.data)
                read = read_page(list_pages(file)[0], page.sheet)
                pages += read.ok
                rows = {(m.field, m.column) for m in page.truth.mishaps if m.kind == "struck-out"}
                for place, verdict in judge_sheet(page.truth, read.fields):
                    counts[f"{'struck' if place in rows else 'other'} {verdict.value}"] += 1
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
    with striking():
        populations = {name: measure(seeds, name) for name in options.populations}
    found = {"reader": READER_VERSION, "commit": commit(), "seeds": [seeds[0], seeds[-1]], "populations": populations}
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
