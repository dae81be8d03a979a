"""`python benchmarks/typing_speed.py [--students 20000] [--records 15] [--json FILE]`: typing beside 20,000 records.

Real key events go to the real window, with all that follows from them: the rules and the search for likely duplicates
after every single key (in use they wait for a pause), the draft after every key too, the saving with its log, the page
as it is shown again. Painting offscreen is in the milliseconds; they are told by the wall, which other programs on the
machine and the disk share in, and by the processor.

Baselines of the same run: a bare QLineEdit that takes the same keys; one row inserted by the driver and committed with
the same durability into the same encrypted database.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import shiboken6
from benchmarks.keystrokes import Typist, paper
from benchmarks.typing_stage import open_page, people, workplace
from PySide6.QtWidgets import QApplication, QLineEdit
from sqlalchemy import text

from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.services import students
from mab_desktop.services.context import Context

LIMIT = 50.0


class Timed(Typist):
    """Measures each key, and what follows it."""

    def __init__(self, page: TypingPage) -> None:
        super().__init__(alt=False)
        self.page = page
        self.times: dict[str, list[Taken]] = {"key": [], "duplicates": [], "draft": [], "key with both": [], "save": [],
                                             "save, shown everywhere": []}  # fmt: skip

    def key(self, *pressed: Any) -> None:
        """A key; a record is saved where the form is empty after it."""
        saved_before = len(self.page.saved_here)
        key = taken(lambda: super(Timed, self).key(*pressed))
        if len(self.page.saved_here) > saved_before:
            self.times["save"].append(key)  # stored, and the next record can be typed
            self.times["save, shown everywhere"].append(key + taken(QApplication.processEvents))
            return
        key += taken(QApplication.processEvents)
        check, draft = taken(self.page.check), taken(self.page.keep_draft)
        shown = taken(QApplication.processEvents)
        for name, value in (("key", key), ("duplicates", check), ("draft", draft),
                            ("key with both", key + check + draft + shown)):  # fmt: skip
            self.times[name].append(value)


CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


class Taken(tuple[float, float]):
    """Milliseconds by the wall and by the processor."""

    def __add__(self, other: tuple[float, ...]) -> Taken:  # type: ignore[override]
        """Both together."""
        return Taken((self[0] + other[0], self[1] + other[1]))


def taken(act: Callable[[], object]) -> Taken:
    """What an act took."""
    starts = [clock() for clock in CLOCKS.values()]
    act()
    wall, processor = ((clock() - start) * 1000 for clock, start in zip(CLOCKS.values(), starts, strict=True))
    return Taken((wall, processor))


def bare_keys(records: list[dict[str, Any]]) -> list[Taken]:
    """The same letters into a line that does nothing with them."""
    line = QLineEdit()
    line.show()
    line.activateWindow()
    line.setFocus()
    QApplication.processEvents()
    typist, times = Typist(alt=False), []
    for values in records:
        for letter in "".join(map(paper, values.values())):
            times.append(taken(lambda letter=letter: (typist.word(letter), QApplication.processEvents())))
        line.clear()
    line.close()
    return times


def bare_inserts(ctx: Context, count: int) -> list[Taken]:
    """One row and a commit, by the driver."""
    times = []
    with ctx.store.engine.execution_options(mab_write=True).connect() as connection:
        connection.execute(text("CREATE TABLE bare AS SELECT * FROM student LIMIT 0"))
        connection.commit()
        for number in range(count):
            def insert(number: int = number) -> None:
                connection.execute(text("INSERT INTO bare SELECT * FROM student LIMIT 1 OFFSET :n"), {"n": number})
                connection.commit()
            times.append(taken(insert))
    return times


def told(times: list[Taken], clock: int) -> dict[str, float]:
    """The middle, the twentieth worst of a hundred, the worst."""
    ordered = sorted(one[clock] for one in times)
    return {"median": round(statistics.median(ordered), 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2),
            "max": round(ordered[-1], 2)}  # fmt: skip


def compared(times: dict[str, list[Taken]], clock: int) -> dict[str, Any]:
    """The milliseconds of one clock, against the baselines and the limit."""
    found = {name: told(several, clock) for name, several in times.items()}
    ratios = {
        f"{name} / {bare}": round(found[name]["median"] / found[bare]["median"], 1)
        for name, bare in (("key with both", "bare key"), ("save", "bare insert"))
    }
    within = max(found["key with both"]["p95"], found["save"]["p95"]) < LIMIT
    return {"ms": found, "ratios": ratios, "p95 within limit": within}


def measure(there: int, count: int) -> dict[str, Any]:
    """Type `count` records beside `there` others."""
    with tempfile.TemporaryDirectory() as folder:
        every = people(there + count)
        ctx = workplace(Path(folder), every[:there])
        shell, page = open_page(ctx)
        records, typist = every[there:], Timed(page)
        for values in records:
            typist.record(page, values)
        if students.counts(ctx).total != there + count:
            raise SystemExit("not every record was saved")
        shell.close()
        QApplication.processEvents()
        shiboken6.delete(shell)
        bare = {"bare key": bare_keys(records), "bare insert": bare_inserts(ctx, count)}
        ctx.store.close()
    clocks = {name: compared(typist.times | bare, number) for number, name in enumerate(CLOCKS)}
    return {"students": there, "records": count, "keys": len(typist.times["key"]), "limit": LIMIT, **clocks}


def main() -> None:
    """Measure, print, keep."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--students", type=int, default=20_000)
    ask.add_argument("--records", type=int, default=15)
    ask.add_argument("--json", type=Path)
    asked = ask.parse_args()
    found = measure(asked.students, asked.records) | {
        "date": datetime.now(UTC).date().isoformat(), "python": platform.python_version(), "load": os.getloadavg()[0],
    }  # fmt: skip
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
