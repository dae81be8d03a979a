"""Our reader beside the detector of Auto Multiple Choice, on the same simulated scans, judged by the same rule.

    apt-get install --no-install-recommends auto-multiple-choice        (or unpack its package and name --detector)
    python benchmarks/compare_amc.py [--pages 100] [--kinds clean hard] [--detector FILE] [--json FILE]

The detector is driven as the program's own analysis drives it: one process a page, four corner marks, the share of
black dots in each bubble, black and white parted at 0.6. What it has no notion of is taken from it or given to it: no
page lies upside down, the form is known, the pictures of boxes that the program keeps are not asked for. It has no
class for doubt; a bubble counts as marked from a cut on, and every cut is shown, the best of all afterwards too.
"""

from __future__ import annotations

import argparse
import datetime
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import Bubble, SheetLayout, layout
from mab_desktop.omr.files import read_page
from mab_desktop.omr.load import decoding_seconds, list_pages
from mab_desktop.rehearsal.judging import Verdict, judge_sheet
from mab_desktop.rehearsal.sample_scans import KINDS, SampleScan, make_scans
from mab_desktop.services.bench import about_machine

DETECTOR = Path("/usr/libexec/AMC/exec/AMC-detect")
DOTS = 200 / 25.4  # per mm: the layout's unit, as in that program
CUTS = (0.15, 0.25, 0.5)  # its default and two higher ones
EVERY_CUT = [n / 100 for n in range(2, 80)]
INNER = 0.8  # part of a box that is measured


@dataclass(frozen=True)
class Group:
    """A group's reading in the judge's words."""

    state: str
    values: tuple[str, ...]


@dataclass
class Result:
    """What one reader gave on one kind of scans."""

    pages: int = 0
    refused: int = 0
    groups: int = 0
    wrong: int = 0
    asked: int = 0
    wall: list[float] = field(default_factory=list)
    cpu: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain data; times in milliseconds a page."""
        wall = sorted(self.wall)
        return {
            "pages": self.pages, "refused": self.refused, "groups": self.groups, "silently_wrong": self.wrong,
            "asked": self.asked, "ms_median": round(wall[len(wall) // 2] * 1000, 1),
            "cpu_ms_mean": round(self.cpu / self.pages * 1000, 1),
        }  # fmt: skip


class Detector:
    """The other program's detector, as a process for one page."""

    def __init__(self, program: Path, sheet: SheetLayout) -> None:
        size = max(mark.size for mark in sheet.fiducials) * DOTS
        arguments = ["-x", f"{sheet.width * DOTS:.2f}", "-y", f"{sheet.height * DOTS:.2f}", "-d", f"{size:.2f}", "-p",
                     "0.2", "-m", "0.2", "-c", "4", "-t", "0.6", "-o", "1"]  # fmt: skip
        self._process = subprocess.Popen([program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True)  # fmt: skip

    def ask(self, command: str) -> list[str]:
        """The lines of its answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(command, file=stdin, flush=True)
        lines = []
        for line in stdout:
            if "__END__" in line:
                return lines
            lines.append(line.rstrip())
        raise RuntimeError(f"the detector stopped at: {command}")

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def measure_page(program: Path, path: Path, sheet: SheetLayout) -> dict[Bubble, float] | None:
    """The share of black dots of each bubble; None when its marks were not found."""
    detector = Detector(program, sheet)
    try:
        if any(line.startswith("! ") for line in detector.ask(f"load {path}")):
            return None
        corners = [sheet.fiducials[n] for n in (0, 1, 3, 2)]  # clockwise
        detector.ask("optim " + " ".join(f"{mark.x * DOTS:.2f},{mark.y * DOTS:.2f}" for mark in corners))
        return {bubble: _share(detector, bubble) for bubble in sheet.bubbles}
    finally:
        detector.close()


def _share(detector: Detector, bubble: Bubble) -> float:
    box = (bubble.x - bubble.rx, bubble.x + bubble.rx, bubble.y - bubble.ry, bubble.y + bubble.ry)
    for line in detector.ask(f"mesure0 {INNER} oval " + " ".join(f"{edge * DOTS:.2f}" for edge in box)):
        word, *numbers = line.split()
        if word == "PIX":
            return int(numbers[0]) / max(int(numbers[1]), 1)
    raise RuntimeError("the detector measured nothing")


def as_fields(shares: dict[Bubble, float], cut: float) -> dict[str, dict[int, Group]]:
    """What the shares say at a cut."""
    marked: dict[tuple[str, int], list[str]] = {}
    for bubble, share in shares.items():
        marked.setdefault((bubble.field, bubble.column), []).extend([bubble.value] if share > cut else [])
    fields: dict[str, dict[int, Group]] = {}
    for (name, column), values in marked.items():
        state = "none" if not values else "one" if len(values) == 1 else "many"
        fields.setdefault(name, {})[column] = Group(state, tuple(values))
    return fields


def read_ours(scans: Sequence[SampleScan], sheet: SheetLayout) -> Result:
    """Our reader, one page after the other, from the file."""
    result = Result()
    for scan in scans:
        before, used = time.perf_counter(), _of_reader()
        reading = read_page(list_pages(scan.path)[0], sheet)
        result.wall.append(time.perf_counter() - before)
        result.cpu += _of_reader() - used
        result.pages += 1
        result.refused += not reading.ok
        verdicts = Counter(verdict for _, verdict in judge_sheet(scan.truth, reading.fields))
        result.groups += verdicts.total()
        result.wrong += verdicts[Verdict.WRONG]
        result.asked += verdicts[Verdict.ASKED]
    return result


def read_theirs(program: Path, scans: Sequence[SampleScan], sheet: SheetLayout) -> tuple[Result, dict[float, int]]:
    """The other detector; silently wrong groups by cut."""
    result, wrong = Result(), Counter(dict.fromkeys(EVERY_CUT, 0))
    for scan in scans:
        before, used = time.perf_counter(), _of_children()
        shares = measure_page(program, scan.path, sheet)
        result.wall.append(time.perf_counter() - before)
        result.cpu += _of_children() - used
        result.pages += 1
        if shares is None:
            result.refused += 1
            continue
        for cut in EVERY_CUT:
            verdicts = [verdict for _, verdict in judge_sheet(scan.truth, as_fields(shares, cut))]
            wrong[cut] += verdicts.count(Verdict.WRONG)
        result.groups += len(verdicts)
    return result, dict(wrong)


def _of_reader() -> float:
    """Of this process and of the worker that opens and reads the pages."""
    return time.process_time() + decoding_seconds()


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A line of numbers for each kind of scans."""
    sheet = layout(replace(default_profile(), training=True))
    cv2.setNumThreads(1)
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as folder:
            scans = list(make_scans(Path(folder), kind, options.pages, seed=options.seed, turned=False))
            read_ours(scans[:3], sheet)
            ours = read_ours(scans, sheet)
            theirs, wrong = read_theirs(options.detector, scans, sheet)
        best = min(wrong, key=lambda cut: wrong[cut])
        by_cut = {f"{cut:.2f}": wrong[cut] for cut in CUTS}
        yield {"kind": kind, "ours": ours.as_json(), "amc": theirs.as_json() | {"silently_wrong": by_cut},
               "amc_best_cut": {"cut": best, "silently_wrong": wrong[best]}}  # fmt: skip


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["clean", "hard"])
    parser.add_argument("--seed", default="comparison")
    parser.add_argument("--detector", type=Path, default=DETECTOR)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.detector.exists():
        print(f"{options.detector} is not there: install the package auto-multiple-choice", file=sys.stderr)
        return 2
    lines = list(compare(options))
    about = about_machine() | {"date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    result = {"about": about, "seed": options.seed, "kinds": lines}
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
