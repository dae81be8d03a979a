"""What the long commands share: a place to work in, counts that go on where the last call stopped, results as JSON."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
_KEPT = 20
_HERE = Path(__file__).resolve().parents[2]


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder in memory where there is one: kills do not ask how lasting the disk is, and wear none out."""
    shared = Path("/dev/shm")  # noqa: S108 (made by tempfile below)
    folder = Path(tempfile.mkdtemp(prefix="mab-long-", dir=shared if shared.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def spread(n: int, count: int) -> int:
    """The `n`-th of `count` places: each once, and the first few already all over them."""
    stride = round(count * 0.618)
    while math.gcd(stride, count) != 1:
        stride += 1
    return n % count * stride % count


def spans(numbers: set[int]) -> str:
    """Numbers as their unbroken runs: "0-7 9"."""
    found: list[list[int]] = []
    for n in sorted(numbers):
        if found and found[-1][-1] == n - 1:
            found[-1][1:] = [n]
        else:
            found.append([n])
    return " ".join("-".join(map(str, span)) for span in found)


def without_places(told: str) -> str:
    """A traceback without the folders of the machine it came from: this project's, Python's, the workshop's."""
    for folder in (str(_HERE), sys.prefix, sys.base_prefix):
        told = told.replace(f"{folder}/", "")
    return re.sub(r"(/[\w.-]+)*/mab-long-\w+/", "", told)


class Tally:
    """Runs and failures by method of one scenario, kept in a file of the results folder and added to."""

    def __init__(self, kind: str, name: str, folder: Path = RESULTS) -> None:
        self.path = folder / f"{kind}-{name}.json"
        self.data: dict[str, Any] = {"scenario": name, "methods": {}, "failures": []}
        if self.path.exists():
            self.data = json.loads(self.path.read_text("utf-8"))
        self._commit = commit()

    def runs(self, method: str) -> int:
        """How many runs of a method are counted so far."""
        return int(self.data["methods"].get(method, {}).get("runs", 0))

    def add(self, method: str, where: str, wrong: str) -> None:
        """Count a run; of a failure keep what is wrong."""
        counted = self.data["methods"].setdefault(method, {"runs": 0, "failures": 0})
        counted["runs"] += 1
        self._of_commit(1)
        if wrong:
            counted["failures"] += 1
            self.data["failures"] = [*self.data["failures"], {
                "method": method, "where": where, "commit": self._commit,
                "wrong": without_places(wrong)[-1500:]}][-_KEPT:]  # fmt: skip

    def add_many(self, method: str, runs: int, *, lost: int, broken: int, first: str) -> None:
        """Count many cuts: how many lost something acknowledged, how many left something broken; the first of them."""
        counted = self.data["methods"].setdefault(method, {"runs": 0, "lost": 0, "broken": 0, "first": ""})
        counted["runs"] += runs
        counted["lost"] += lost
        counted["broken"] += broken
        counted["first"] = counted["first"] or first
        self._of_commit(runs)
        if counted["runs"] // 10_000 > (counted["runs"] - runs) // 10_000:
            self.save()

    def _of_commit(self, runs: int) -> None:
        commits = self.data.setdefault("runs_by_commit", {})
        commits[self._commit] = commits.get(self._commit, 0) + runs

    def covered(self, method: str, total: int) -> set[int]:
        """Which of `total` places a walk has been at; none where another program had another number of them.

        The same program may make a few more or fewer from one run to the next.
        """
        known = self.data["methods"].get(method, {})
        if "covered" not in known or (known["total"] != total and known.get("walked_at") != self._commit):
            return set()
        ends = [[int(n) for n in span.split("-")] for span in known["covered"].split()]
        return {n for span in ends for n in range(span[0], span[-1] + 1) if n < total}

    def walked(self, method: str, total: int, covered: set[int]) -> None:
        """Write down where a walk has been, and how far it is."""
        self.mark(method, total=total, places=len(covered), covered=spans(covered), walked_at=self._commit)

    def looked(self, outcomes: int) -> None:
        """Count how many different outcomes of a walk were looked at (tests/faults/walks.py)."""
        self.data["outcomes_looked_at"] = int(self.data.get("outcomes_looked_at", 0)) + outcomes

    def failures(self) -> int:
        """All failures counted so far."""
        return sum(int(found.get("failures", 0)) for found in self.data["methods"].values())

    def line(self) -> str:
        """The counts in one line."""
        runs = ", ".join(
            f"{name} {found['places']} of {found['total']} places" if "places" in found else f"{name} {found['runs']}"
            for name, found in self.data["methods"].items()
        )
        return f"{self.data['scenario']}: {runs}; {self.failures()} failed"

    def mark(self, method: str, **facts: Any) -> None:
        """Write down something about a method."""
        self.data["methods"].setdefault(method, {"runs": 0, "failures": 0}).update(facts)

    def save(self) -> None:
        """Bring the counts to the disk, whole."""
        self.data |= {"python": platform.python_version(), "system": platform.system()}
        self.path.parent.mkdir(exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(self.path)


def commit() -> str:
    """The commit that runs, short; what MAB_COMMIT says where there is no repository."""
    told = os.environ.get("MAB_COMMIT", "")
    if told or not (_HERE / ".git").exists():
        return told
    ask = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(ask, cwd=_HERE, capture_output=True, text=True, check=False).stdout.strip()
