"""`python benchmarks/lists.py [--students 20000] [--json FILE]`: the list of students in the real window, as felt.

Milliseconds by the wall from the key or click until the event loop is free again and what changed is painted
(offscreen). Opening is the page made for the first time with the list's first rows and their whole number painted; the
other rows are read beside the window and made ready for search and sorting after that. `longest hold` is the longest
time in which the window could not answer a key meanwhile, what it does right after painting included.

Baselines of the same run: the same rows in a bare QAbstractTableModel (opened, filtered by `in` over ready strings) and
`sorted` over ready keys.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.typing_stage import open_page, people, workplace
from PySide6.QtCore import QAbstractTableModel, QElapsedTimer, QEvent, QEventLoop, QModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QTableView

from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.network_uni.students_page import FIRST, StudentsPage
from mab_desktop.services.students import StudentRow
from mab_desktop.ui.app import spare_the_collector
from mab_desktop.ui.column_filter import ColumnFilter
from mab_desktop.ui.workplace_app import WorkplaceShell

LIMIT = 50.0
WORDS = ("айдарұлы", "сұлтан 2", "19", "қ")
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class Plain(QAbstractTableModel):
    """The same rows with nothing done to them."""

    def __init__(self, rows: list[tuple[str, ...]]) -> None:
        super().__init__()
        self.rows = rows

    def rowCount(self, _parent: Any = None) -> int:
        return len(self.rows)

    def columnCount(self, _parent: Any = None) -> int:
        return len(self.rows[0]) if self.rows else 0

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self.rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None


def felt(act: Callable[[], object]) -> float:
    """Milliseconds until the act is done and what it changed is painted."""
    start = time.perf_counter()
    act()
    QApplication.sendPostedEvents(None, 0)
    QApplication.processEvents()
    return (time.perf_counter() - start) * 1000


class Pulse:
    """Beats every five milliseconds while the window is free; the longest pause is what a person feels as a hold."""

    def __init__(self) -> None:
        self.longest, self._since, self._timer = 0.0, QElapsedTimer(), QTimer(interval=5)
        self._timer.timeout.connect(self._beat)

    def _beat(self) -> None:
        self.longest = max(self.longest, self._since.nsecsElapsed() / 1e6)
        self._since.restart()

    def during(self, until: Callable[[], bool]) -> float:
        """Run the event loop until something is so; the longest hold in it."""
        self.longest = 0.0
        self._since.start()
        self._timer.start()
        while not until():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self._timer.stop()
        return self.longest


def told(times: list[float]) -> dict[str, float]:
    """The middle, the twentieth worst of a hundred, the worst."""
    ordered = sorted(times)
    return {"median": round(statistics.median(ordered), 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2),
            "max": round(ordered[-1], 2)}  # fmt: skip


def opening(shell: WorkplaceShell) -> tuple[StudentsPage, dict[str, float]]:
    """The page for the first time: shown, its rows there, ready for search; and coming back to it."""
    start = time.perf_counter()
    shell.open_page("students")
    QApplication.sendPostedEvents(None, 0)  # the painting is among them
    shown = (time.perf_counter() - start) * 1000
    page = shell.page()
    assert isinstance(page, StudentsPage)
    if not page.view.isVisible() or page.records.rowCount() < page.view.rowAt(page.view.viewport().height() - 1):
        raise SystemExit("the first rows are not there")
    pulse = Pulse()
    hold = pulse.during(lambda: page.records.total() > FIRST)
    rows = (time.perf_counter() - start) * 1000
    ready_hold = pulse.during(lambda: not page.is_preparing())
    ready = (time.perf_counter() - start) * 1000
    shell.open_page("home")
    QApplication.processEvents()
    again = felt(lambda: shell.open_page("students"))
    return page, {"first rows painted": round(shown, 2), "all rows there": round(rows, 2),
                  "longest hold": round(hold, 2), "search ready": round(ready, 2),
                  "longest hold while it is made ready": round(ready_hold, 2), "opened again": round(again, 2),
                  }  # fmt: skip


def searching(page: StudentsPage) -> list[float]:
    """Each letter typed and each taken back."""
    times = []
    page.search()
    for words in WORDS * 3:
        for key, letter in [(0, letter) for letter in words] + [(Qt.Key.Key_Backspace.value, "")] * len(words):
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, letter)
            times.append(felt(lambda event=event: QApplication.sendEvent(page.search_field, event)))
    return times


def sorting(page: StudentsPage) -> list[float]:
    """Every visible column both ways, twice."""
    return [felt(lambda n=number, o=order: page.view.sortByColumn(n, o))
            for _twice in range(2) for number in page.view.shown_columns() for order in (UP, DOWN)]  # fmt: skip


def filtering(page: StudentsPage) -> list[float]:
    """A filter by a column's value put on and taken off; the chips."""
    times = []
    for column in ("specialty", "surname", "course"):
        words = page.records.words_at(5, page.records.place_of(column))
        times += [felt(lambda c=column, w=words: page.add_filter(ColumnFilter(c, "only", w))), felt(page.clear_filters)]
    times += [felt(page.chip_buttons["partial"].click) for _each in range(4)]
    return times


def baselines(rows: list[StudentRow]) -> dict[str, Any]:
    """The same rows by the plainest means."""
    names = [field.name for field in fields(rows[0])][:24]
    plain = [tuple(str(getattr(row, name) or "") for name in names) for row in rows]
    keys = [sort_key(row.surname) for row in rows]
    texts = [search_form("\n".join(row)) for row in plain]
    mixed = random.Random(27).sample(range(len(keys)), len(keys))
    view = QTableView()
    view.resize(1114, 600)
    shown = felt(lambda: (view.setModel(Plain(plain)), view.show()))
    view.close()
    orders = [felt(lambda: sorted(mixed, key=keys.__getitem__)) for _each in range(10)]
    needles = [felt(lambda w=w: [n for n, text in enumerate(texts) if search_form(w) in text]) for w in WORDS * 5]
    return {"a bare QAbstractTableModel with the same rows shown": round(shown, 2),
            "sorted() over ready keys": told(orders), "`in` over ready strings": told(needles)}  # fmt: skip


def measure(count: int) -> dict[str, Any]:
    """Everything, in one run."""
    with tempfile.TemporaryDirectory() as folder:
        ctx = workplace(Path(folder), people(count))
        shell, _page = open_page(ctx)
        shell.open_page("home")
        QApplication.processEvents()
        shell.tasks.inline = False  # as in use: the list is read beside the window
        spare_the_collector()  # as the program does once its window is there
        page, opened = opening(shell)
        if page.records.total() != count:
            raise SystemExit("not every record is in the list")
        keys, orders, filters = told(searching(page)), told(sorting(page)), told(filtering(page))
        base = baselines(page.records.shown_rows())
        shell.close()
    return {
        "what": "the list of students, milliseconds as felt", "students": count, "limit": LIMIT,
        "date": datetime.now(UTC).date().isoformat(), "machine": platform.machine(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1), "python": platform.python_version(), "opening": opened,
        "keystroke of the search": keys, "sorting": orders, "filters": filters, "baselines": base,
        "ratios of medians": {
            "sorting to sorted()": round(orders["median"] / base["sorted() over ready keys"]["median"], 2),
            "keystroke to `in`": round(keys["median"] / base["`in` over ready strings"]["median"], 2),
        },
    }  # fmt: skip


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    text = json.dumps(measure(asked.students), indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
