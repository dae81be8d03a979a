"""`python benchmarks/board.py [--universities 40] [--students 20000] [--json FILE]`: the board of network universities.

Milliseconds by the wall (and by the processor) in the real window, offscreen: the board opened for the first time and
again, the details of a university, the board's facts alone; and looking at a database before it is taken. Every
university has the program, a training, three statistics, two versions of its database and a signed paper.

Baseline of the same run: the same number of rows counted by university in one bare SQL statement.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtWidgets import QApplication
from sqlalchemy import text
from tests.services.centre_stand import put_students, record

from mab_desktop.base_uni.app import APP
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.reference import default_lines
from mab_desktop.i18n import use
from mab_desktop.services import acceptance, base_board, network_register
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived
from mab_desktop.services.network_register import Attendance
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.ui import qt_words, theme
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.tasks import Tasks
from mab_desktop.ui.workplace_app import WorkplaceShell

LIMIT, BASE = 200.0, "013"


def season(folder: Path, codes: list[str], each: int) -> Context:
    """A base university on 12 April with everything that its universities sent."""
    clock = SetClock(datetime(2011, 4, 12, 9, tzinfo=UTC))
    store = Store(folder / "base.db", bytes(range(32)), clock)
    migrate.upgrade(store.engine)
    actor = Actor("programmer", "Айгүл Серікқызы", "programmer", f"bu{BASE}", f"bu{BASE}")
    with store.write(actor) as tx:
        load_default_reference(tx, {BASE: codes})
        tx.note("reference-loaded", "default")
    ctx = Context(store, actor, Role.BASE_UNI, BASE, Season(2011, "2011", official=False), clock, "kk",
                  SeededEntropy("board"))  # fmt: skip
    held = {"day": date(2011, 3, 2), "place": "214", "topic": "Кешен", "held_by": "А"}
    training = network_register.save_training(ctx, held)
    network_register.save_attendance(ctx, training, [Attendance(code, "programmer", "Асан") for code in codes])
    for code in codes:
        given = {"university": code, "day": date(2011, 3, 1), "person": "Асан", "version": "1", "signed": True}
        network_register.give_program(ctx, given)
        hand_in(ctx, code, each)
    return ctx


def hand_in(ctx: Context, code: str, each: int) -> None:
    """Statistics, two versions of the database, the signed paper."""
    put_students(ctx, [record(n, code) for n in range(each)])
    with ctx.store.write(ctx.actor) as tx:
        for item in ("preliminary1", "preliminary2", "final"):
            base_board.add_entry(ctx, tx, code, item, count=each)
        for number in (1, 2):
            arrived = made(code, [record(n, code) for n in range(each - 2 + number)], number)
            seen = acceptance.preview(ctx, tx.session, arrived)
            acceptance.keep_version(ctx, tx, arrived, seen)
            base_board.add_entry(ctx, tx, code, "database", digest=arrived.digest, count=each)
    count, own = acceptance.held(ctx, code)
    base_board.confirm_statistics(ctx, code, count, own, base_board.Signed(person="Ректор"))


def made(code: str, records: list[dict[str, Any]], number: int) -> Arrived:
    """A database as it lies opened in quarantine."""
    return Arrived("university-students", f"nu{code}", f"{code}-{number}", {},
                   lambda: iter([("student", values) for values in records]))  # fmt: skip


def window(app: QApplication, ctx: Context) -> WorkplaceShell:
    """The application with `ctx` logged in."""
    use("kk")
    qt_words.speak()
    theme.apply(app, dark=False, scale=100)
    shell = WorkplaceShell(APP, ctx.store.path, ctx.clock, Settings(), Tasks(inline=True), 0)
    shell.spec = replace(shell.spec, authenticate=lambda _login, _word: ctx, first_run=None, close=None)
    shell.begin(ctx.actor.login, "-")
    shell.resize(1366, 768)
    shell.show()
    QApplication.processEvents()
    return shell


def felt(act: Callable[[], object], times: int = 1, before: Callable[[], object] = lambda: None) -> dict[str, float]:
    """Milliseconds until the act is done and painted; medians of several."""
    wall, cpu = [], []
    for _each in range(times):
        before()
        QApplication.processEvents()
        start, used = time.perf_counter(), time.process_time()
        act()
        QApplication.sendPostedEvents(None, 0)
        QApplication.processEvents()
        wall.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return {"wall": round(statistics.median(wall), 1), "processor": round(statistics.median(cpu), 1)}


def measure(universities: int, students: int) -> dict[str, Any]:
    """Everything, in one run."""
    codes = [line.code for line in default_lines() if line.list == "university"][:universities]
    each = students // len(codes)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    folder = Path(tempfile.mkdtemp())
    try:
        ctx = season(folder, codes, each)
        shell = window(app, ctx)
        first = felt(lambda: shell.open_page("board"))
        again = felt(lambda: shell.open_page("board"), 9, lambda: shell.open_page("duties"))
        page = shell.page()
        rows = iter(page.shown_rows())
        details = felt(lambda: page.go_to(next(rows)["university"]), 9)
        facts = felt(lambda: base_board.board(ctx), 9)
        newer = made(codes[0], [record(n, codes[0], record_book=f"Ж{n}") for n in range(each)], 3)
        looked = felt(lambda: acceptance.look(ctx, newer), 5)
        counted = text("SELECT university, count(*) FROM student WHERE deleted_at IS NULL GROUP BY university")
        with ctx.store.read() as session:
            bare = felt(lambda: session.execute(counted).all(), 9)
        shell.close()
        ctx.store.close()
    finally:
        shutil.rmtree(folder)
    return {
        "what": "the board of network universities, milliseconds", "universities": len(codes),
        "students": each * len(codes), "limit": LIMIT, "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(), "opened for the first time": first, "opened again": again,
        "details of a university": details, "the board's facts": facts,
        f"looking at a database of {each} students": looked,
        "baseline: students counted by university in bare SQL": bare,
    }  # fmt: skip


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--universities", type=int, default=40)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = json.dumps(measure(asked.universities, asked.students), indent=1, ensure_ascii=False)
    print(found)
    if asked.json:
        asked.json.write_text(found + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
