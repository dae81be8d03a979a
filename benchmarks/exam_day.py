"""`python benchmarks/exam_day.py [--students 3000] [--halls 60] [--json FILE]`: a full shift at the ministry's PC.

A shift is seated, its envelopes are saved in two passes and merged by the real services; then every page is opened in
the real window (offscreen), result sheets are drawn, and two passes of a hall are compared. Milliseconds, by the wall
or by the processor.

Baselines of the same run: reading every answer sheet and seat of the shift by a bare `select`, and drawing the same
rows of the result sheets as plain text with a bare reportlab canvas.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

import cv2
from benchmarks.typing_stage import open_window
from PySide6.QtWidgets import QApplication
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select
from tests.services.exam_room import (
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    Room,
    filled,
    give_key,
    make_room,
    own_marks,
    password,
)

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.ministry_programmer.app import APP
from mab_desktop.omr.files import read_files
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading
from mab_desktop.services import (
    documents_analysis,
    documents_results,
    envelopes,
    keys,
    results,
    shifts,
)
from mab_desktop.services.context import Context
from mab_desktop.services.documents import previewing
from mab_desktop.services.reference import load_default_reference
from mab_desktop.services.scans import Seen
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.exam import AnswerSheet, Seat

PAGE_LIMIT, SHEETS_LIMIT, COMPARE_LIMIT = 200.0, 20_000.0, 1_000.0


def make_context(folder: Path) -> Callable[..., Context]:
    """Makes the workplace as the fixture of the tests does."""

    def make(role: Role, university: str = "") -> Context:
        clock = SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC))
        store = Store(folder / "mab.db", bytes(range(32)), clock)
        migrate.upgrade(store.engine)
        actor = Actor("programmer", "Асан Үсенұлы", "programmer", role, "dev1")
        with store.write(actor) as tx:
            load_default_reference(tx, {"013": ["013", "027", "041"]})
            tx.note("workplace-created", "dev1")
        season = Season(2011, "2011", official=False)
        return Context(store, actor, role, university, season, clock, "kk", SeededEntropy("exam-day"))

    return make


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and milliseconds of the wall."""
    start = time.perf_counter()
    made = work()
    return made, (time.perf_counter() - start) * 1000


def processor(work: Callable[[], Any]) -> float:
    """Milliseconds of this program's processor time: on a busy machine the truer number."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def scan(room: Room, halls: dict[str, int]) -> None:
    """Every envelope in two passes, saved by the real service.

    One sheet is drawn and read; the other pages bear its picture and scores, and the marks and serials of their own.
    """
    picture = room.folder / "sheet.png"
    picture.parent.mkdir(parents=True)
    cv2.imwrite(str(picture), filled(room.serial(1), own_marks(room.lines()[0])))
    for hall in halls:
        lines = room.lines(1, hall)
        envelopes.receive_envelope(room.ctx, 1, hall, len(lines), 0)
        for scan_pass in (1, 2):
            facts = envelopes.run_facts(room.ctx, 1, hall, scan_pass)
            (template,) = read_files([picture], facts.form)
            found = [Seen(_page(template, room.serial(n + 1, 1, hall), own_marks(line, wrong=n % 20)))
                     for n, line in enumerate(lines)]  # fmt: skip
            envelopes.save_run(room.ctx, facts, found, hall)


def _page(template: SheetReading, serial: str, marks: dict[str, str]) -> SheetReading:
    fields = {
        name: {n: _group(marks.get(name, ""), n, group) for n, group in columns.items()}
        for name, columns in template.fields.items()
    }
    return replace(template, serial=serial, fields=fields)


def _group(marks: str, place: int, group: GroupReading) -> GroupReading:
    return replace(group, values=(marks[place],)) if len(marks) > place else group


def open_pages(ctx: Context) -> dict[str, tuple[float, float, float, float]]:
    """Every page: the first time and coming back to it, each by the wall and by the processor."""
    shell = open_window(APP, ctx)

    def once(key: str) -> tuple[float, float]:
        def act() -> None:
            shell.open_page(key)
            QApplication.sendPostedEvents(None, 0)
            QApplication.processEvents()

        spent = 0.0

        def measured() -> None:
            nonlocal spent
            spent = processor(act)

        return round(timed(measured)[1], 1), round(spent, 1)

    found = {}
    for key in [spec.key for spec in shell.spec.pages]:
        first = once(key)
        once("log" if key != "log" else "people")
        found[key] = (*first, *once(key))
    shell.close()
    return found


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


def measure(students: int, hall_count: int) -> dict[str, Any]:
    """The shift from the morning to its results."""
    halls = {str(101 + n): students // hall_count for n in range(hall_count)}
    with tempfile.TemporaryDirectory() as name:
        room = make_room(make_context(Path(name)), Path(name) / "scans", halls)
        room.seat()
        room.day(FIRST_DAY, 12)
        shifts.open_shift(room.ctx, 1)
        morning = open_pages(room.ctx)
        scan(room, halls)
        scanned = open_pages(room.ctx)
        _, compared = timed(lambda: envelopes.comparison(room.ctx, 1, "101"))
        room.finish_identification()
        give_key(room)
        keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
        _, counted = timed(lambda: results.score_shift(room.ctx, 1))
        known = open_pages(room.ctx)
        with previewing():
            _, sheets = timed(lambda: documents_results.print_results(room.ctx, 1))
            _, statistics = timed(lambda: documents_analysis.print_statistics(room.ctx, 1))
            _, alike = timed(lambda: documents_analysis.print_likeness(room.representative, 1))
        base = bare(room.ctx)
    pages = {"shift open, nothing scanned": morning, "all envelopes scanned": scanned, "points counted": known}
    first, again = (
        max((times[place], f"{when}: {key}") for when, found in pages.items() for key, times in found.items())
        for place in (1, 3)
    )
    return {
        "what": "a shift at the ministry programmer's, milliseconds", "students": students, "halls": hall_count,
        "date": datetime.now(UTC).date().isoformat(), "machine": platform.machine(), "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
        "slowest page, first and again, processor": (first, again), "limit of a page": PAGE_LIMIT,
        "two passes of a hall compared": round(compared, 1), "limit of comparing": COMPARE_LIMIT,
        "result sheets of all, three copies": round(sheets, 1), "limit of result sheets": SHEETS_LIMIT,
        "points counted": round(counted, 1), "statistics paper": round(statistics, 1),
        "likeness report": round(alike, 1), "baselines": base,
        "pages: first wall, processor, again wall, processor": pages,
        "result sheets to bare reportlab": round(sheets / base["bare reportlab, three copies"], 2),
    }  # fmt: skip


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--halls", type=int, default=60)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    text = json.dumps(measure(asked.students, asked.halls), indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
