"""`python benchmarks/bring_in.py [--students 20000] [--json FILE]`: a table of students brought in, step by step.

The baseline is the plain insert of the same rows into the same encrypted table, by the driver itself, in one
transaction. Processor time of this process; the reading of the file happens in a worker and is measured by the wall.
One row left out in the preview, or taken in again, is measured in the real window (offscreen) in milliseconds by the
wall and by the processor until it is painted, in the order of the file and in the order of names with a filter on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import delete

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.lists import felt, told
from benchmarks.typing_stage import open_page
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import translate
from mab_desktop.network_uni.bring_in_page import BringInPage
from mab_desktop.services import bring_in
from mab_desktop.services.bring_in_plan import Plan, look
from mab_desktop.services.bring_in_rows import Choice
from mab_desktop.services.bring_in_sheet import Sheet, open_sheet, suggested
from mab_desktop.services.context import Context
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.brought_in import BroughtInRow
from mab_desktop.storage.tables.students import Student

SYLLABLES = ("ба", "да", "ге", "қа", "ли", "мұ", "нұ", "ра", "са", "та", "жа", "өз")


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked.students)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    return 0


def measure(folder: Path, count: int) -> dict[str, Any]:
    """All steps once, and the baseline on a copy of the emptied table."""
    ctx, path = workplace(folder), table(folder / "students.xlsx", count)
    seconds: dict[str, dict[str, float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        seconds[name] = {"wall": round(time.perf_counter() - wall, 2), "cpu": round(time.process_time() - cpu, 2)}
        return result

    sheet = timed("open the file", lambda: open_sheet(path))
    plan = timed("preview", lambda: look(ctx, sheet, suggested(sheet)))
    toggling = toggles(ctx, sheet, plan)
    everybody = Choice(other_people=frozenset(line.number for line in plan.lines))  # similar names are other people
    brought = timed("bring in", lambda: bring_in.bring_in(ctx, plan, everybody))
    assert brought.new == count, brought
    again = timed("preview of the same file again", lambda: look(ctx, sheet, suggested(sheet)))
    assert not again.taken(Choice())
    rows = everything(ctx)
    other = timed("preview of changes in every row", lambda: look(ctx, sheet, changed(suggested(sheet))))
    timed("bring in changes in every row", lambda: bring_in.bring_in(ctx, other, Choice()))
    timed("take the changes back", lambda: bring_in.undo(ctx, bring_in.past(ctx)[0].id, "benchmark"))
    empty(ctx)
    timed("baseline: plain insert of the same rows", lambda: plain_insert(ctx, rows))
    ctx.store.close()
    base = seconds["baseline: plain insert of the same rows"]["cpu"]
    times = {name: round(one["cpu"] / base, 1) for name, one in seconds.items()}
    return {
        "students": count, "seconds": seconds, "times the baseline (cpu)": times,
        "a row left out in the preview (ms)": toggling,
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg(),
        "python": platform.python_version(), "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip


def toggles(ctx: Context, sheet: Sheet, plan: Plan) -> dict[str, dict[str, dict[str, float]]]:
    """Leave rows out of the preview and take them in again."""
    shell, _typing = open_page(ctx)
    shell.open_page("bring-in")
    page = shell.page()
    assert isinstance(page, BringInPage)
    page._show_columns(sheet, suggested(sheet))
    page._show_plan(plan)
    view, found = page.preview.view, {}
    while page.preview._idle.isActive():
        QApplication.processEvents()
    for name in ("file order", "by name, new ones only"):
        if name != "file order":
            view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
            page.preview.chips["left-out"].setChecked(False)
            page.preview.chips["new"].setChecked(True)
        wall, cpu = list[float](), list[float]()
        for row in range(0, 400, 10):
            view.setCurrentIndex(view.table.index(row % view.table.rowCount(), 0))
            for _out_and_in in range(2):
                used = time.process_time()
                wall.append(felt(page.preview.toggle_left_out))
                cpu.append((time.process_time() - used) * 1000)
        found[name] = {"wall": told(wall), "processor": told(cpu)}
    shell.hide()
    return found


def workplace(folder: Path) -> Context:
    """An encrypted database with the default reference data."""
    clock = SetClock(datetime(2011, 3, 1, 9, tzinfo=UTC))
    store = Store(folder / "mab.db", bytes(range(32)), clock)
    migrate.upgrade(store.engine)
    actor = Actor("programmer", "Programmer", "programmer", "nu027", "nu027")
    with store.write(actor) as tx:
        load_default_reference(tx, {"013": ["027"]})
    return Context(store, actor, Role.NETWORK_UNI, "027", Season(2011, "2011", official=False), clock, "kk",
                   SeededEntropy("benchmark"))  # fmt: skip


def table(path: Path, count: int) -> Path:
    """A workbook as a dean's office makes it: names and dates, lists by their names, numbers as texts."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("2-курс"), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, [translate("kk", field.label) for field in STUDENT.fields])
        for n in range(count):
            sheet.write_row(n + 1, 0, [name(n * 7) + "ов", name(n * 5 + 3)[:6], name(n * 3 + 1) + "ұлы"])
            sheet.write_datetime(n + 1, 3, datetime(1990, 1, 1) + timedelta(n * 7 % 900), day)  # noqa: DTZ001
            sheet.write_row(n + 1, 4, [
                "Қазақстан", "Қазақтар", "Ер", "050102", "2", "Қазақ тілі", "Күндізгі", "Ақылы", f"{20000000 + n}",
                f"{30000000 + n}", "", f"{100000000 + n}", 2009, f"09-{n:05d}", "Ағылшын тілі",
            ])  # fmt: skip
    return path


def name(n: int) -> str:
    """A name of four syllables."""
    base = len(SYLLABLES)
    return "".join(SYLLABLES[(n // base**place) % base] for place in range(4)).capitalize()


def changed(matching: Any) -> Any:
    """Another course for the whole file."""
    columns = {name: column for name, column in matching.columns.items() if name != "course"}
    return replace(matching, columns=columns, constants={"course": "3"})


def everything(ctx: Context) -> list[tuple[Any, ...]]:
    """The rows as the driver gives them."""
    with ctx.store.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql("SELECT * FROM student")]


def empty(ctx: Context) -> None:
    """The table without rows, indexes and all."""
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(delete(BroughtInRow))
        tx.session.connection().exec_driver_sql("DELETE FROM student_change")
        tx.session.execute(delete(Student))
        tx.note("setting-changed", "benchmark")


def plain_insert(ctx: Context, rows: list[tuple[Any, ...]]) -> None:
    """What SQLite itself takes for the rows."""
    marks = ",".join("?" * len(rows[0]))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.connection().exec_driver_sql(f"INSERT INTO student VALUES ({marks})", rows)  # noqa: S608
        tx.note("setting-changed", "benchmark")


if __name__ == "__main__":
    raise SystemExit(main())
