"""The long run: millions of simulated bubbles read, every silent error kept with its picture and its seed.

    python benchmarks/long_read.py --positions 30000000 --range record --lines FOLDER [--processes 2] [--keep FOLDER]
                                   [--json benchmarks/results/long-read.json] [--populations nasty] [--again SEED]

Each seed makes a batch: one printed form, filled in several times, each sheet scanned several times, each scan encoded,
decoded and read as from a scanner. Seeds come from a range of `seeds.md`; the record's were never used for tuning.
A line per batch goes to FOLDER/<range>.jsonl: a broken run goes on where it stopped, with the same sources only.
`--positions 0` sums the lines up without reading more.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import mab_desktop
from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.omr.files import read_page
from mab_desktop.omr.load import list_pages
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.rehearsal import answers
from mab_desktop.rehearsal.judging import ASKS, Verdict, judge_sheet
from mab_desktop.rehearsal.pen import POPULATIONS
from mab_desktop.rehearsal.scanned_pages import Page, make_pages

# First and last seed of each purpose; seeds.md explains them.
RANGES = {"tuning": (1, 99_999), "test": (100_000, 199_999), "record": (1_000_000, 1_999_999)}
GOOD = ("ordinary", "careless")  # nothing on their sheets gives a reader a reason to refuse
HEAVY = 0.05  # share of doubtful groups from which a page is told apart
GIT = ("git", "rev-parse", "HEAD"), ("git", "status", "--porcelain", "--", "src")


@dataclass
class Counts:
    """What one population gave; `asked_fairly` are doubtful places where the paper is ambiguous.

    The counters go by problem, by tag of the page, or (the last three) by what stands at a place of the paper.
    """

    pages: int = 0
    positions: int = 0
    groups: int = 0
    asked: int = 0
    asked_fairly: int = 0
    ambiguous: int = 0
    wrong: int = 0
    wrong_serial: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    asked_by: Counter[str] = field(default_factory=Counter)
    groups_by: Counter[str] = field(default_factory=Counter)
    refused_by: Counter[str] = field(default_factory=Counter)
    pages_by: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    asked_at: Counter[str] = field(default_factory=Counter)
    wrong_at: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Take another's counts in."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)


def draw_form(form: SheetLayout, serial: str, filled: bool) -> bytes:
    """A form as PDF, as the hall prints it."""
    return draw_sheets(form, [SheetPrint(serial, 1, "102") if filled else SheetPrint(serial)])


def run_batch(seed: int, populations: Sequence[str], keep: str) -> dict[str, Any]:
    """Make, read and judge a batch: plain data for a line."""
    cv2.setNumThreads(1)
    counts: dict[str, Counts] = {}
    wrong: list[dict[str, Any]] = []
    heavy: list[dict[str, Any]] = []
    reading = 0.0
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for page in make_pages(seed, draw_form, populations):
            file = Path(folder) / f"{page.name}.{'png' if page.data[:4] == PNG else 'jpg'}"
            file.write_bytes(page.data)
            before = time.perf_counter()
            read = read_page(list_pages(file)[0], page.sheet)
            reading += time.perf_counter() - before
            found = judge_page(page, read, counts.setdefault(page.population, Counts()))
            heavy += as_heavy(page, read)
            file.unlink()
            if found:
                wrong += found
            if found and keep:
                keep_page(Path(keep), page, read, found)
    spent = time.perf_counter() - started
    return {
        "seed": seed, "sources": sources(), "read_seconds": reading, "make_seconds": spent - reading,
        "counts": {name: vars(found) for name, found in counts.items()}, "wrong": wrong, "heavy": heavy,
    }  # fmt: skip


PNG = b"\x89PNG"


def judge_page(page: Page, read: SheetReading, counts: Counts) -> list[dict[str, Any]]:
    """Count a page in; gives its silent errors."""
    counts.pages += 1
    counts.pages_by.update(page.tags)
    for problem in read.problems:
        (counts.refused if problem.refuses else counts.warned)[problem.code] += 1
        if problem.refuses:
            counts.refused_by.update([f"{problem.code}: {tag}" for tag in page.tags])
    found: list[dict[str, Any]] = []
    if read.serial and read.serial != page.truth.sheet:
        counts.wrong_serial += 1
        found.append({"page": page.name, "serial": read.serial, "tags": page.tags})
    if not read.ok:
        return found
    counts.positions += len(page.sheet.bubbles)
    verdicts = Counter[Verdict]()
    for place, verdict in judge_sheet(page.truth, read.fields):
        verdicts[verdict] += 1
        kind = what_stands(page.truth, place)
        counts.places[kind] += 1
        counts.asked_at[kind] += verdict is Verdict.ASKED
        counts.wrong_at[kind] += verdict is Verdict.WRONG
        fair = place in page.truth.ambiguous
        counts.ambiguous += fair
        counts.asked_fairly += fair and verdict is Verdict.ASKED
        if verdict is Verdict.WRONG:
            found.append(as_error(page, read, place))
    groups = verdicts.total()
    counts.groups, counts.asked = counts.groups + groups, counts.asked + verdicts[Verdict.ASKED]
    counts.wrong += verdicts[Verdict.WRONG]
    for tag in page.tags:
        counts.groups_by[tag] += groups
        counts.asked_by[tag] += verdicts[Verdict.ASKED]
    return found


def what_stands(truth: answers.SheetTruth, place: answers.Place) -> str:
    """What the paper shows at a place, in a word."""
    for mishap in truth.mishaps:
        if (mishap.field, mishap.column) == place:
            return mishap.kind if place not in truth.ambiguous else f"{mishap.kind}, ambiguous"
    if place in truth.faint:
        return "faint mark"
    if any((name, column) == place for name, column, _ in truth.erased):
        return "mark beside an erased one"
    return ("blank", "mark", "two marks")[min(len(truth.marks[place[0]][place[1]]), 2)]


def as_heavy(page: Page, read: SheetReading) -> list[dict[str, Any]]:
    """A page that asks about more than `HEAVY` of its groups."""
    states = [said.state.value for columns in read.fields.values() for said in columns.values()]
    asked = states.count(ASKS)
    if asked <= HEAVY * max(len(states), 1):
        return []
    told = {"page": page.name, "population": page.population, "asked": asked, "groups": len(states)}
    return [told | {"tags": page.tags}]


def as_error(page: Page, read: SheetReading, place: answers.Place) -> dict[str, Any]:
    """All that is known of a silent error."""
    said = read.fields[place[0]][int(place[1])]
    here = [mishap.kind for mishap in page.truth.mishaps if (mishap.field, mishap.column) == place]
    return {
        "page": page.name, "population": page.population, "field": place[0], "column": place[1],
        "truth": page.truth.plausible(place), "state": said.state.value, "values": said.values, "mishaps": here,
        "faint": place in page.truth.faint, "erased": [v for f, c, v in page.truth.erased if (f, c) == place],
        "tags": page.tags,
    }  # fmt: skip


def keep_page(folder: Path, page: Page, read: SheetReading, found: Sequence[dict[str, Any]]) -> None:
    """The page as it was read, what was wrong, and a picture of each wrong place with its surroundings."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = "png" if page.data[:4] == PNG else "jpg"
    (folder / f"{page.name}.{suffix}").write_bytes(page.data)
    (folder / f"{page.name}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    image = cv2.imdecode(np.frombuffer(page.data, np.uint8), cv2.IMREAD_COLOR)
    for error in found:
        if "field" in error:
            crop = picture_of(image, page, read, error)
            cv2.imwrite(str(folder / f"{page.name}-{error['field']}-{error['column']}.png"), crop)


def picture_of(image: Any, page: Page, read: SheetReading, error: dict[str, Any]) -> Any:
    """A group's surroundings, three times as large, upright, the group framed."""
    own = [b for b in page.sheet.bubbles if (b.field, str(b.column)) == (error["field"], error["column"])]
    points = np.array([[b.x, b.y] for b in own])
    low, high = points.min(axis=0) - 3, points.max(axis=0) + 3
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]])
    matrix = np.array(read.placement).reshape(3, 3)
    outline = cv2.perspectiveTransform(corners[None].astype(np.float64), matrix)[0]
    first = np.floor(outline.min(axis=0) - 70).clip(0).astype(int)
    last = np.ceil(outline.max(axis=0) + 70).astype(int)
    crop = cv2.resize(image[first[1] : last[1], first[0] : last[0]], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    cv2.polylines(crop, [np.rint((outline - first) * 3).astype(np.int32)], True, (0, 0, 255), 2)
    if read.rotation == 180:
        crop = cv2.rotate(crop, cv2.ROTATE_180)
    label = f"{page.name} truth {error['truth']} read {error['state']} {''.join(error['values'])}"
    cv2.putText(crop, label, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 255), 2)
    return crop


def run(options: argparse.Namespace) -> dict[str, Any]:
    """All batches that are still missing; the sum of all lines."""
    lines: Path = options.lines / f"{options.range}.jsonl"
    lines.parent.mkdir(parents=True, exist_ok=True)
    done = {line["seed"]: line for line in read_lines(lines)}
    total = sum_lines(list(done.values()))
    positions = sum(counts.positions for counts in total.values())
    first, last = RANGES[options.range]
    first = max(first, options.first or first)
    seeds = (seed for seed in range(first, last + 1) if seed not in done)
    begun, pages = time.perf_counter(), 0
    jobs = options.processes
    # A run that is told to end takes its processes with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool, lines.open("a", encoding="utf-8") as out:
        waiting: list[Any] = []
        keep = str(options.keep or "")
        while positions < options.positions or waiting:
            while positions < options.positions and len(waiting) < jobs * 2:
                waiting.append(pool.submit(run_batch, next(seeds), options.populations, keep))
            line = waiting.pop(0).result()
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()
            done[line["seed"]] = line
            positions += sum(counts["positions"] for counts in line["counts"].values())
            pages += sum(counts["pages"] for counts in line["counts"].values())
            tell(positions, options.positions, pages, time.perf_counter() - begun, done[line["seed"]])
    return result(list(done.values()), options, time.perf_counter() - begun, pages)


def tell(positions: int, goal: int, pages: int, seconds: float, line: dict[str, Any]) -> None:
    """Progress, and each silent error as it comes."""
    for error in line["wrong"]:
        print(json.dumps(error, ensure_ascii=False), flush=True)
    if line["seed"] % 20 == 0:
        print(f"{positions:,} of {goal:,} positions, {pages / seconds:.1f} pages a second", file=sys.stderr, flush=True)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Lines of an earlier run with the same sources; a torn last one is left out, those of others are refused."""
    if not path.exists():
        return []
    kept: list[dict[str, Any]] = []
    texts = path.read_text(encoding="utf-8").split("\n")
    for text in texts[:-1]:
        kept.append(json.loads(text))
    if texts[-1]:
        path.write_text("".join(text + "\n" for text in texts[:-1]), encoding="utf-8")
    if any(line["sources"] != sources() for line in kept):
        raise SystemExit(f"{path} was written by another reader or simulator: take another folder")
    return kept


@cache
def sources() -> str:
    """A digest of the code that makes, reads and judges the pages."""
    found = [Path(__file__)]
    for part in ("domain/sheet.py", "forms/sheet*.py", "omr/*.py", "rehearsal/*.py"):
        found += sorted(Path(mab_desktop.__file__).parent.glob(part))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]


def sum_lines(lines: Sequence[dict[str, Any]]) -> dict[str, Counts]:
    """Counts of all lines by population."""
    total: dict[str, Counts] = {}
    for line in lines:
        for name, counts in line["counts"].items():
            known: dict[str, Any] = {key: Counter(v) if isinstance(v, dict) else v for key, v in counts.items()}
            total.setdefault(name, Counts()).add(Counts(**known))
    return total


def result(lines: Sequence[dict[str, Any]], options: argparse.Namespace, wall: float, pages: int) -> dict[str, Any]:
    """The whole run as data."""
    total = sum_lines(lines)
    whole = Counts()
    for counts in total.values():
        whole.add(counts)
    reading, making = (sum(line[name] for line in lines) for name in ("read_seconds", "make_seconds"))
    wrong = [error for line in lines for error in line["wrong"]]
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(), "machine": machine(),
        "reader": READER_VERSION, "commit": commit(), "sources": sources(), "range": options.range,
        "seeds": [min((line["seed"] for line in lines), default=0), max((line["seed"] for line in lines), default=0)],
        "batches": len(lines), "positions": whole.positions, "groups": whole.groups, "pages": whole.pages,
        "silent_errors": whole.wrong, "wrong_serials": whole.wrong_serial,
        "at_most_per_10_million": round(upper_bound(whole.wrong) / max(whole.positions, 1) * 1e7, 2),
        "false_refusals": sum(total[name].refused.total() for name in GOOD if name in total),
        "populations": {name: shares(total[name]) for name in sorted(total)},
        "pages_per_second": round(pages / wall, 1) if wall and pages else None,
        "read_ms_per_page": round(1000 * reading / max(whole.pages, 1), 1),
        "make_ms_per_page": round(1000 * making / max(whole.pages, 1), 1),
        "heavy_pages": Counter(page["population"] for line in lines for page in line["heavy"]),
        "errors": wrong[:200],
    }  # fmt: skip


def upper_bound(errors: int) -> float:
    """So many errors may be expected at most where `errors` were found (95 %, Poisson, close enough)."""
    return 3.0 if not errors else errors + 1.65 * errors**0.5 + 1.9


def shares(counts: Counts) -> dict[str, Any]:
    """A population's line of the table; the tags with the largest share of questions last."""
    plain = counts.groups - counts.ambiguous
    asked = {tag: counts.asked_by[tag] / groups for tag, groups in counts.groups_by.items() if groups >= 500}
    return {
        "pages": counts.pages, "positions": counts.positions, "groups": counts.groups, "silent_errors": counts.wrong,
        "wrong_serials": counts.wrong_serial,
        "doubtful_percent": round(100 * counts.asked / max(counts.groups, 1), 3),
        "doubtful_percent_of_unambiguous": round(100 * (counts.asked - counts.asked_fairly) / max(plain, 1), 3),
        "ambiguous": counts.ambiguous, "ambiguous_asked": counts.asked_fairly,
        "refused": dict(counts.refused.most_common()), "warned": dict(counts.warned.most_common()),
        "doubtful_percent_by": {t: round(100 * v, 2) for t, v in sorted(asked.items(), key=lambda i: -i[1])[:40]},
        "refused_by": dict(counts.refused_by.most_common(25)),
        "places": {kind: {"places": number, "asked": counts.asked_at[kind], "silent_errors": counts.wrong_at[kind]}
                   for kind, number in counts.places.most_common()},
    }  # fmt: skip


def machine() -> dict[str, Any]:
    """What it ran on."""
    cpu = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")] if (
        cpu.exists()) else []  # fmt: skip
    return {"system": platform.platform(), "processor": names[0] if names else platform.processor(),
            "processors": os.cpu_count(), "python": platform.python_version(), "opencv": cv2.__version__,
            "numpy": np.__version__}  # fmt: skip


def commit() -> str:
    """The commit of this tree, marked when its sources differ from it."""
    here = Path(__file__).parent
    head, changed = (
        subprocess.run(order, cwd=here, capture_output=True, text=True, check=False).stdout for order in GIT
    )
    return head.strip() + ("+changes" if changed.strip() else "")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", type=int, default=30_000_000)
    parser.add_argument("--range", choices=sorted(RANGES), default="tuning")
    parser.add_argument("--lines", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--populations", nargs="+", choices=POPULATIONS, default=list(POPULATIONS))
    parser.add_argument("--first", type=int, help="begin at this seed of the range")
    parser.add_argument("--again", type=int, help="make one batch again and read it")
    options = parser.parse_args()
    if options.again is not None:
        print(json.dumps(run_batch(options.again, options.populations, str(options.keep or ""))["wrong"], indent=1))
        return
    done = result(read_lines(options.lines / f"{options.range}.jsonl"), options, 0, 0) if not options.positions else (
        run(options))  # fmt: skip
    print(json.dumps(done, ensure_ascii=False, indent=1))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(done, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
