"""`python benchmarks/exam_day.py [--students 3000] [--halls 60] [--season FOLDER] [--json FILE]`: a full shift.

At the ministry's PC a shift is seated, its envelopes are saved in two passes and merged by the real services, its
points are counted, it is closed. In each of its states every page is opened in the real window (offscreen) with its
real threads: for the first time, once more, and in the very moment after another service has written a word on a sheet.
With all of them open colours, size and language are switched. Then result sheets are drawn and the two passes of a hall
compared. Milliseconds, by the wall and by the processor time of the window's thread: on a busy machine the truer
number. The states are kept in the season's folder and taken from there the next time.

Baselines of the same run: reading every answer sheet and seat of the shift by a bare `select`, and drawing the same
rows of the result sheets as plain text with a bare reportlab canvas.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.typing_stage import open_window
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from reportlab.pdfgen.canvas import Canvas
from shiboken6 import delete
from sqlalchemy import select
from tests.services.big_shift import COUNTED, SCANNED, STATES, states, write_something
from tests.services.exam_room import BASE, make_room

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.ministry_programmer import season as ministry_season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.services import documents_analysis, documents_results, envelopes, results
from mab_desktop.services.context import Context
from mab_desktop.services.documents import previewing
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.exam import AnswerSheet, Seat
from mab_desktop.ui.workplace_app import make_ready

PAGE_LIMIT, SWITCH_LIMIT, SHEETS_LIMIT, COMPARE_LIMIT = 200.0, 300.0, 20_000.0, 1_000.0
CASES = ("first", "again", "after a change")


def context(folder: Path) -> Context:
    """The workplace that lies in a folder, at noon of the exam day."""
    store = Store(folder / "mab.db", bytes(range(32)), SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC)))
    migrate.upgrade(store.engine)
    actor = Actor("programmer", "Асан Үсенұлы", "programmer", Role.MINISTRY_PROGRAMMER, "dev1")
    season = Season(2011, "2011", official=False)
    return Context(store, actor, Role.MINISTRY_PROGRAMMER, BASE, season, store.clock, "kk", SeededEntropy("exam-day"))


def prepare(season: Path, students: int, hall_count: int) -> None:
    """Play the shift through its states and keep each in a folder of its own."""
    halls = {str(101 + n): students // hall_count for n in range(hall_count)}
    played = season / "played"

    def make(_role: Role, _university: str = "") -> Context:
        ctx = context(played)
        with ctx.store.write(ctx.actor) as tx:
            load_default_reference(tx, {BASE: [BASE, "027", "041"]})
            tx.note("workplace-created", "dev1")
        return ctx

    played.mkdir(parents=True)
    room = make_room(make, played / "scans", halls)
    for state in states(room, halls):
        room.ctx.store.settle()
        shutil.copytree(played, season / _folder(state), copy_function=_kept)
        (season / _folder(state)).with_suffix(".at").write_text(room.ctx.clock.now().isoformat(), "utf-8")
    room.ctx.store.close()
    shutil.rmtree(played)
    (season / "size.json").write_text(json.dumps([students, hall_count]), "utf-8")


def _folder(state: str) -> str:
    return f"{STATES.index(state)} {state}"


def _kept(source: str, target: str) -> None:
    """Images never change once they are there: one copy is enough for all states."""
    if Path(source).name.startswith("mab."):
        shutil.copy2(source, target)
    else:
        os.link(source, target)


@contextmanager
def at(season: Path, state: str) -> Iterator[Context]:
    """A copy of a state to work on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "workplace"
        shutil.copytree(season / _folder(state), folder)
        ctx = context(folder)
        ctx.clock.set(datetime.fromisoformat((season / _folder(state)).with_suffix(".at").read_text("utf-8")))
        yield ctx
        ctx.store.close()


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and milliseconds of the wall."""
    start = time.perf_counter()
    made = work()
    return made, (time.perf_counter() - start) * 1000


def open_pages(ctx: Context) -> dict[str, dict[str, tuple[float, float]]]:
    """Every page in each case: milliseconds by the wall and by the processor, until the window has shown it."""
    shell = open_window(APP, ctx)
    shell.tasks.inline = False  # as in the program: what may wait is made beside the window
    make_ready()

    def opened(key: str) -> tuple[float, float]:
        before = time.thread_time()
        _, wall = timed(lambda: (shell.open_page(key), _shown()))
        return round(wall, 1), round((time.thread_time() - before) * 1000, 1)

    def settled() -> None:  # marks that are read beside the window are not the next page's cost
        shell.tasks.wait()
        _shown()

    found = {}
    for key in [spec.key for spec in shell.specs()]:
        other = "log" if key != "log" else "people"
        times = [opened(key)]
        settled()
        opened(other)
        settled()
        times.append(opened(key))
        settled()
        opened(other)
        settled()
        write_something(ctx)
        times.append(opened(key))
        QTest.qWait(ministry_season.AHEAD + 50)  # nor what is worked out ahead
        settled()
        found[key] = dict(zip(CASES, times, strict=True))
    shell.close()
    delete(shell)  # a window that stays would be looked at with every change of the look
    return found


def switch(ctx: Context) -> dict[str, tuple[float, float]]:
    """Other colours, another size and another language with every page open, as `open_pages` counts."""
    shell = open_window(APP, ctx)
    shell.tasks.inline = False
    make_ready()
    found = {}
    changes: dict[str, Callable[[], None]] = {
        "colours": lambda: shell.set_look(True, 100), "size": lambda: shell.set_look(True, 125),
        "language": lambda: shell.set_language("ru"), "back": lambda: shell.set_look(False, 100),
    }  # fmt: skip
    for name, change in changes.items():
        for spec in shell.specs():
            shell.open_page(spec.key)
            _shown()
        before = time.thread_time()
        _, wall = timed(lambda change=change: (change(), _shown()))  # type: ignore[misc]
        found[name] = round(wall, 1), round((time.thread_time() - before) * 1000, 1)
    shell.tasks.wait()
    _shown()
    shell.close()
    delete(shell)
    return found


def _shown() -> None:
    QApplication.sendPostedEvents(None, QEvent.Type.None_.value)
    QApplication.processEvents()


def bare(ctx: Context) -> dict[str, float]:
    """The same rows read and drawn by the plainest means."""
    with ctx.store.read() as session:
        rows, read = timed(lambda: [tuple(row) for row in session.execute(
            select(Seat.hall, Seat.seat, Seat.student, AnswerSheet.marks).join(
                AnswerSheet, (AnswerSheet.hall == Seat.hall) & (AnswerSheet.position == Seat.seat)))])  # fmt: skip
    lines = results.results(ctx, 1, limit=100_000)

    def draw() -> None:
        canvas = Canvas(io.BytesIO())
        for _copy in range(3):
            for n, line in enumerate(lines):
                if n % 40 == 0:
                    canvas.showPage()
                words = (line.name, line.code, line.specialty, line.variant, *map(str, line.before))
                for place, word in enumerate(words):
                    canvas.drawString(30 + 50 * place, 800 - 18 * (n % 40), word)
        canvas.save()

    return {"rows": len(rows), "bare select": round(read, 1), "bare reportlab, three copies": round(timed(draw)[1], 1)}


def measure(season: Path) -> dict[str, Any]:
    """The shift from the morning to its results."""
    pages = {}
    for state in STATES:
        with at(season, state) as ctx:
            pages[state] = open_pages(ctx)
    with at(season, COUNTED) as ctx:
        switched = switch(ctx)
    with at(season, SCANNED) as ctx:
        _, compared = timed(lambda: envelopes.comparison(ctx, 1, "101"))
    with at(season, COUNTED) as ctx:
        representative = ctx.as_person("rep", "Өкіл Өкілов", "representative")
        _, counted = timed(lambda: results.score_shift(ctx, 1))
        with previewing():
            _, sheets = timed(lambda: documents_results.print_results(ctx, 1))
            _, statistics = timed(lambda: documents_analysis.print_statistics(ctx, 1))
            _, alike = timed(lambda: documents_analysis.print_likeness(representative, 1))
        base = bare(ctx)
    students, halls = json.loads((season / "size.json").read_text("utf-8"))
    slowest = {
        case: max((times[case][1], times[case][0], f"{state}: {key}") for state, found in pages.items()
                  for key, times in found.items())
        for case in CASES
    }  # fmt: skip
    return {
        "what": "a shift at the ministry programmer's, milliseconds", "students": students, "halls": halls,
        "date": datetime.now(UTC).date().isoformat(), "machine": platform.machine(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
        "slowest page in each case: processor, wall": slowest, "limit of a page": PAGE_LIMIT,
        "two passes of a hall compared": round(compared, 1), "limit of comparing": COMPARE_LIMIT,
        "result sheets of all, three copies": round(sheets, 1), "limit of result sheets": SHEETS_LIMIT,
        "points counted": round(counted, 1), "statistics paper": round(statistics, 1),
        "likeness report": round(alike, 1), "baselines": base,
        "switched with all pages open: wall, processor": switched, "limit of a switch": SWITCH_LIMIT,
        "pages, each case: wall, processor": pages,
        "result sheets to bare reportlab": round(sheets / base["bare reportlab, three copies"], 2),
    }  # fmt: skip


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--halls", type=int, default=60)
    parser.add_argument("--season", type=Path, help="where the shift's states are kept; made when it is not there")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        season = asked.season or Path(name) / "season"
        if not (season / "size.json").exists():
            prepare(season, asked.students, asked.halls)
        text = json.dumps(measure(season), indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
