"""How fast scans are read, stage by stage, beside bare decoding of the same files in the same run."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.omr.load import decoding_seconds
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import READER_VERSION
from mab_desktop.services.reading_pictures import doubtful_groups
from mab_desktop.services.readings import Form, Wishes, pages_of, read_pages

WARM_UP = 4
AROUND = "around"


@dataclass(frozen=True)
class ReadingSpeed:
    """One number of threads. Seconds are of the median round; `ms_by_stage` are medians over all pages.

    `AROUND` among them is what is left of a page: file and reading handed over, waiting, and the measuring itself.
    Two baselines of the same files: decoding to gray, which the reader needs, and `cv2.imread` as it is called without
    flags, which decodes to colour.
    On a machine with other work the processor's seconds count, not the wall's.
    """

    threads: int
    pages: int
    ms_by_stage: dict[str, float]
    wall_seconds: float
    cpu_seconds: float
    imread_seconds: float
    imread_cpu_seconds: float
    colour_seconds: float
    colour_cpu_seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain data, rates instead of seconds."""
        return {
            "threads": self.threads, "pages": self.pages,
            "pages_per_second": round(self.pages / self.wall_seconds, 1),
            "pages_per_second_and_core": round(self.pages / self.cpu_seconds, 1),
            "imread_pages_per_second": round(self.pages / self.imread_seconds, 1),
            "times_bare_imread": round(self.wall_seconds / self.imread_seconds, 3),
            "processor_times_bare_imread": round(self.cpu_seconds / self.imread_cpu_seconds, 3),
            "colour_imread_pages_per_second": round(self.pages / self.colour_seconds, 1),
            "times_colour_imread": round(self.wall_seconds / self.colour_seconds, 3),
            "processor_times_colour_imread": round(self.cpu_seconds / self.colour_cpu_seconds, 3),
            "ms_by_stage": {name: round(ms, 3) for name, ms in self.ms_by_stage.items()},
        }  # fmt: skip


def about_machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "machine": platform.machine(), "processor": _processor(), "cores": os.cpu_count(),
        "system": platform.system(), "python": platform.python_version(), "opencv": cv2.__version__,
        "reader": READER_VERSION,
    }  # fmt: skip


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text("utf-8").splitlines()
                 if line.startswith("model name")]  # fmt: skip
        return names[0] if names else ""
    return platform.processor()


def measure_reading(
    paths: Sequence[Path], form: Form, threads: Sequence[int], rounds: int = 3, progress: Progress = Silent()
) -> tuple[list[ReadingSpeed], list[SheetReading]]:
    """Read all files `rounds` times with each number of threads; the speeds, and the readings of the last round.

    UserError for a file with several pages or one that OpenCV cannot decode: bare decoding is the measure.
    """
    pages = pages_of(paths)
    files = [Path(str(page.source.path)) for page in pages]
    for file in files:
        if not _imread(file) or files.count(file) > 1:
            raise UserError(N_("{name} cannot be measured: only files with one image of a usual kind are."),
                            name=file.name)  # fmt: skip
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # a page to a thread: threads inside a page would stand in each other's way
    try:
        progress.stage(N_("Measuring the reader"), len(threads) * rounds)
        speeds, readings = [], list[SheetReading]()
        for number in threads:
            speed, readings = _measure(files, form, number, rounds, progress)
            speeds.append(speed)
    finally:
        cv2.setNumThreads(before)
    return speeds, readings


def _measure(
    files: Sequence[Path], form: Form, threads: int, rounds: int, progress: Progress
) -> tuple[ReadingSpeed, list[SheetReading]]:
    pages = pages_of(files)
    # Each thread's worker starts, loads its libraries and meets the form before the clock runs.
    list(read_pages(pages[: WARM_UP * threads], form, Wishes(threads=threads)))
    seconds: list[tuple[float, ...]] = []
    readings: list[SheetReading] = []
    stages: dict[str, list[float]] = {}
    for _ in range(rounds):
        colour, gray = [_bare(files, threads, cv2.IMREAD_COLOR)], [_bare(files, threads)]
        wall, cpu = time.perf_counter(), time.process_time() + decoding_seconds()
        readings = [page.reading for page in read_pages(pages, form, Wishes(threads=threads))]
        own = time.perf_counter() - wall, time.process_time() + decoding_seconds() - cpu
        gray.append(_bare(files, threads))
        colour.append(_bare(files, threads, cv2.IMREAD_COLOR))
        seconds.append((*own, *np.mean([gray, colour], axis=1).ravel().tolist()))
        for reading in readings:
            for name, ms in reading.stages.items():
                stages.setdefault(name, []).append(ms)
        around = own[0] * threads * 1000 - sum(reading.ms for reading in readings)
        stages.setdefault(AROUND, []).append(around / len(files))
        progress.step()
    usual = {name: statistics.median(ms) for name, ms in stages.items()}
    wall, cpu, *baselines = (statistics.median(found) for found in zip(*seconds, strict=True))
    return ReadingSpeed(threads, len(files), usual, wall, cpu, *baselines), readings


def _bare(files: Sequence[Path], threads: int, how: int = cv2.IMREAD_GRAYSCALE) -> tuple[float, float]:
    """Seconds of decoding alone, of the wall and of the processor."""
    started, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda file: _imread(file, how), files))
    return time.perf_counter() - started, time.process_time() - used


def _imread(file: Path, how: int = cv2.IMREAD_GRAYSCALE) -> bool:
    """Decode and forget; `cv2.IMREAD_COLOR` is what `imread` does without flags."""
    return cv2.imread(str(file), how) is not None


def asked_share(readings: Sequence[SheetReading]) -> float:
    """Part of the groups on pages that were read that a person has to decide."""
    groups = sum(len(columns) for reading in readings for columns in reading.fields.values())
    return sum(doubtful_groups(reading) for reading in readings) / groups if groups else 0.0
