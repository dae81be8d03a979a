"""Pages that no feeder scanned (`rehearsal/beds.py`): how many are read, refused by which name, wrong in silence.

    python benchmarks/odd_files.py [--pages 8] [--json FILE]

The paper is that of `long_read.py`'s ordinary population, on tuning seeds.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from long_read import commit, draw_form
from numpy.random import Generator

from mab_desktop.omr.picture import decode_picture
from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.rehearsal import beds
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.judging import Verdict, judge_sheet
from mab_desktop.rehearsal.paper import Gray
from mab_desktop.rehearsal.scanned_pages import Page, make_pages

DPI = 200
FIRST_SEED = 60_000
TAGS = (0, 200, 72, 300, 96)  # what the file says of its resolution, rightly or not
Odd = Callable[[Gray, Generator], Gray]


def cases() -> dict[str, list[Odd]]:
    """Ways to make a page odd, by kind."""
    found: dict[str, list[Odd]] = {}
    for name, size in beds.BEDS.items():
        skew = 0 if name == "letter" else 5
        found[f"bed {name}"] = [
            lambda g, r, size=size, level=level, skew=skew: beds.on_bed(g, DPI, r, size, level, r.uniform(-skew, skew))
            for level in beds.LEVELS
        ]
    for name in ("A3", "wide"):
        found[f"bed {name}, any turn"] = [
            lambda g, r, size=beds.BEDS[name], level=level: beds.on_bed(g, DPI, r, size, level, r.uniform(0, 360))
            for level in beds.LEVELS
        ]
    found["turned"] = [lambda g, _, n=n: beds.turned(g, n) for n in (1, 2, 3)]
    found["mirrored"] = [lambda g, _, n=n: beds.turned(beds.mirrored(g), n) for n in range(4)]
    found["margins cut"] = [lambda g, _, mm=mm: beds.cropped(g, DPI, (mm,) * 4) for mm in (5, 8, 10, 11)]
    found["resolutions"] = [lambda g, _, dpi=dpi: beds.resized(g, DPI, dpi) for dpi in (150, 240, 300, 400, 600)]
    for slant in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3):
        found[f"photograph, slant {slant}"] = [
            lambda g, r, slant=slant, shade=shade: beds.photographed(g, r, slant, shade, r.uniform(-4, 4))
            for shade in (0.2, 0.5, 0.7, 0.85)
        ]
    found["two sheets"] = [lambda g, _: np.hstack([g, g]), lambda g, _: np.vstack([g, g])]
    return found


def measure(pages: Sequence[Page], ways: Sequence[Odd], rng: Generator) -> dict[str, Any]:
    """Counts of one kind."""
    counts, refused = Counter[str](), Counter[str]()
    for n, page in enumerate(pages):
        for way in ways:
            image = way(decode_picture(page.data).gray, rng)
            read = read_image(image, page.sheet, dpi=TAGS[n % len(TAGS)])
            if not read.ok:
                refused[read.codes()[-1]] += 1
                continue
            counts["read"] += 1
            verdicts = Counter(verdict for _, verdict in judge_sheet(page.truth, read.fields))
            counts["groups"] += verdicts.total()
            counts["asked"] += verdicts[Verdict.ASKED]
            counts["silent errors"] += verdicts[Verdict.WRONG]
    return {**counts, "refused": dict(refused)}


def main() -> None:
    """Make, read, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + options.pages)
    pages = list(islice((page for seed in seeds for page in list(make_pages(seed, draw_form, ["ordinary"]))[::3]),
                        options.pages))  # fmt: skip
    rng = stream("odd files")
    kinds = {name: measure(pages, ways, rng) for name, ways in cases().items()}
    found = {"reader": READER_VERSION, "commit": commit(), "pages": len(pages), "kinds": kinds}
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
