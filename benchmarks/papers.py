"""`python benchmarks/papers.py [--students 20000] [--json FILE]`: passes, registers, hall lists of a base university.

The baseline is a bare reportlab loop in the same run: a plain Canvas that sets every text of the same passes with
`drawString`, fronts and backs, and every box and line with `rect` and `line`, positions and line breaks given
beforehand; no QR code, no database, no marks. It keeps its pages in memory, as reportlab does. What it sets is read
from the PDF that our own run of the first passes made.

The loop draws a fifth of the passes, three to a sheet is drawn for a tenth: speeds are passes a second of processor
time. Each figure comes from a process of its own. Memory is the peak of the process during the run above what it had
before (Linux tells both).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as raw
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import insert

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.forms import fonts
from mab_desktop.services import documents_passes, passes
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, measured, pdf_parts, previewing
from mab_desktop.services.passes import PassChoice, PassLayout
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Allotment, Shift, Student

BASE, NETWORKS = "013", ("013", "027", "041", "045", "052", "063", "078", "081", "090", "095")
SHIFTS, HALLS = 8, 40
SYLLABLES = ("ба", "да", "ге", "қа", "ли", "мұ", "нұ", "ра", "са", "та", "жа", "өз")
KEY = bytes(range(32))
SAMPLE = 100  # passes whose texts the bare loop sets again and again
Text = tuple[float, float, str, float, str]
Box = tuple[float, float, float, float]


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", choices=sorted(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        print(json.dumps(STEPS[asked.step](workplace(asked.folder), asked.students)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked.students)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")
    return 0


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Every step in its own process."""
    ctx = workplace(folder)
    fill(ctx, count)
    ctx.store.close()
    steps = {step: run(folder, count, step) for step in STEPS}
    whole, few = steps["passes"], steps["passes of a tenth"]
    speed = {"two to a sheet": count / whole["cpu"], "three to a sheet": count / 10 / steps["three to a sheet"]["cpu"],
             "bare loop": count / 5 / steps["bare loop"]["cpu"]}  # fmt: skip
    lists = [steps[step]["cpu"] for step in ("registers", "hall lists", "lists of universities")]
    return {
        "students": count, "steps": steps, "passes a second": {name: round(value) for name, value in speed.items()},
        "speed against the bare loop": round(speed["two to a sheet"] / speed["bare loop"], 2),
        "speed against the bare loop, three to a sheet": round(speed["three to a sheet"] / speed["bare loop"], 2),
        "memory for ten times the passes (MiB)": round(whole["memory"] - few["memory"], 1),
        "all registers and lists (s)": round(sum(lists), 1),
        "machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg(),
        "python": platform.python_version(), "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip


def run(folder: Path, count: int, step: str) -> dict[str, float]:
    """A step in a process of its own."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--students", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    found: dict[str, float] = json.loads(done.stdout)
    print(step, found, file=sys.stderr)
    return found


# -- the steps


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The result of `work`, its seconds and the memory it took above what was there."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
    before, wall, cpu = memory("VmRSS"), time.perf_counter(), time.process_time()
    made = work()
    return made, {"cpu": round(time.process_time() - cpu, 2), "wall": round(time.perf_counter() - wall, 2),
                  "memory": round(memory("VmHWM") - before, 1)}  # fmt: skip


def memory(name: str) -> float:
    """Resident memory of this process, MiB: now ("VmRSS") or at its peak ("VmHWM")."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


def drawn(make: Callable[[], Document]) -> dict[str, float]:
    """One document drawn as the window draws it."""

    def work() -> Document:
        with previewing():
            return make()

    made, found = timed(work)
    return {**found, "pages": measured(made.pdf)[1], "MB": round(len(made.pdf) / 1e6, 1)}


def all_passes(ctx: Context, _count: int) -> dict[str, float]:
    """Every pass in one run."""
    return drawn(lambda: documents_passes.print_passes(ctx, PassChoice()))


def few_passes(ctx: Context, _count: int) -> dict[str, float]:
    """Those of one of the ten universities."""
    return drawn(lambda: documents_passes.print_passes(ctx, PassChoice(NETWORKS[0])))


def three_passes(ctx: Context, _count: int) -> dict[str, float]:
    """Those of one university, three to a sheet."""
    passes.choose_layout(ctx, PassLayout(3))
    try:
        return drawn(lambda: documents_passes.print_passes(ctx, PassChoice(NETWORKS[0])))
    finally:
        passes.choose_layout(ctx, PassLayout(2))


def first_page(ctx: Context, _count: int) -> dict[str, float]:
    """The first sheet of the whole run, drawn and rendered, in a program that has printed nothing yet."""

    def look() -> None:
        with previewing():
            made = documents_passes.print_passes(ctx, PassChoice(), first_only=True)
        with pypdfium2.PdfDocument(b"".join(pdf_parts(made.pdf))) as pdf:
            pdf[0].render(scale=96 / 72)

    return timed(look)[1]


def registers(ctx: Context, _count: int) -> dict[str, float]:
    """The register of every university."""
    return drawn(lambda: documents_passes.print_register(ctx, PassChoice()))


def hall_lists(ctx: Context, _count: int) -> dict[str, float]:
    """The list of every hall in every shift."""
    return drawn(lambda: documents_passes.print_hall_lists(ctx))


def university_lists(ctx: Context, _count: int) -> dict[str, float]:
    """The list of every university."""
    return drawn(lambda: documents_passes.print_university_list(ctx, PassChoice()))


def bare_loop(ctx: Context, count: int) -> dict[str, float]:
    """The same texts and boxes by reportlab alone."""
    sheets = sample(ctx)
    out = ctx.store.path.with_name("bare.pdf")

    def draw() -> None:
        canvas = Canvas(str(out), pagesize=A4, initialFontName=fonts.REGULAR)
        for texts, boxes in islice(cycle(sheets), count // 5):  # a front and a back for two passes
            for x, y, font, size, text in texts:
                canvas.setFont(font, size)
                canvas.drawString(x, y, text)
            for left, bottom, right, top in boxes:
                if right - left < 1 or top - bottom < 1:
                    canvas.line(left, bottom, right, top)
                else:
                    canvas.rect(left, bottom, right - left, top - bottom)
            canvas.showPage()
        canvas.save()

    return {**timed(draw)[1], "MB": round(out.stat().st_size / 1e6, 1)}


STEPS: dict[str, Callable[[Context, int], dict[str, float]]] = {
    "first page": first_page, "passes": all_passes, "passes of a tenth": few_passes, "three to a sheet": three_passes,
    "registers": registers, "hall lists": hall_lists, "lists of universities": university_lists, "bare loop": bare_loop,
}  # fmt: skip


# -- what the bare loop sets


def sample(ctx: Context) -> list[tuple[list[Text], list[Box]]]:
    """Texts and boxes of the pages of our own first passes."""
    keys = tuple(line.student for line in passes.pass_lines(ctx, NETWORKS[0])[:SAMPLE])
    with previewing():
        made = documents_passes.print_passes(ctx, PassChoice(students=keys))
    with pypdfium2.PdfDocument(b"".join(pdf_parts(made.pdf))) as pdf:
        return [on_page(page) for page in pdf]


def on_page(page: pypdfium2.PdfPage) -> tuple[list[Text], list[Box]]:
    """What a page shows, its forms taken apart; the QR codes, large paths of their own, are left out."""
    texts: list[Text] = []
    boxes: list[Box] = []
    reader = page.get_textpage()
    for thing in page.get_objects(max_depth=4):
        left, bottom, right, top = thing.get_bounds()
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            texts.append((left, bottom, face(thing), size(thing), words(thing, reader)))
        elif thing.type == raw.FPDF_PAGEOBJ_PATH and raw.FPDFPath_CountSegments(thing.raw) <= 8:
            boxes.append((left, bottom, right, top))
    reader.close()
    return texts, boxes


def face(thing: pypdfium2.PdfObject) -> str:
    """The typeface of a text."""
    buffer = ctypes.create_string_buffer(64)
    raw.FPDFFont_GetBaseFontName(raw.FPDFTextObj_GetFont(thing.raw), buffer, 64)
    return fonts.BOLD if b"Bold" in buffer.value else fonts.REGULAR


def size(thing: pypdfium2.PdfObject) -> float:
    """The size of a text in points."""
    found = ctypes.c_float()
    raw.FPDFTextObj_GetFontSize(thing.raw, found)
    return float(found.value)


def words(thing: pypdfium2.PdfObject, reader: pypdfium2.PdfTextPage) -> str:
    """The letters of a text."""
    count = raw.FPDFTextObj_GetText(thing.raw, reader.raw, None, 0)
    buffer = (ctypes.c_ushort * (count // 2 or 1))()
    raw.FPDFTextObj_GetText(thing.raw, reader.raw, buffer, count)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


# -- the base university


def workplace(folder: Path) -> Context:
    """An encrypted database with the default reference data; the same each time."""
    clock = SetClock(datetime(2011, 4, 21, 9, tzinfo=UTC))
    path, actor = folder / "mab.db", Actor("programmer", "Programmer", "programmer", "bu013", "bu013")
    new = not path.exists()
    store = Store(path, KEY, clock)
    if new:
        migrate.upgrade(store.engine)
        with store.write(actor) as tx:
            load_default_reference(tx, {BASE: list(NETWORKS)})
    return Context(store, actor, Role.BASE_UNI, BASE, Season(2011, "2011", official=True), clock, "kk",
                   SeededEntropy("benchmark"))  # fmt: skip


def fill(ctx: Context, count: int) -> None:
    """Students of ten universities, allotted to forty halls in eight shifts, their passes numbered."""
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        session.add(Building(base_university=BASE, code="1", name="Бас оқу корпусы",
                             address="Атырау қ., Студенттер көшесі, 212, бас кіреберіс"))  # fmt: skip
        session.add_all(Shift(number=n, exam_date=date(2011, 5, 15 + n), start_time="09:00")
                        for n in range(1, SHIFTS + 1))  # fmt: skip
        session.add_all(
            Hall(base_university=BASE, number=str(101 + n), building="1", floor=1, kind="Дәрісхана", rows=10,
                 places_in_row=8, seats=80, plan={}) for n in range(HALLS)
        )  # fmt: skip
        session.flush()
        session.execute(insert(Student), list(students(count)))
        session.execute(insert(Allotment), list(allotments(count)))
        tx.note("setting-changed", "benchmark")
    passes.number_passes(ctx)


def students(count: int) -> Iterator[dict[str, Any]]:
    """Records; each name is another."""
    for n in range(count):
        surname, first, patronymic = name(n * 7) + "ова", name(n * 5 + 3)[:6], name(n * 3 + 1) + "қызы"
        whole = f"{surname} {first} {patronymic}"
        yield {
            "id": f"{n:032d}", "university": NETWORKS[n % 10], "base_university": BASE, "surname": surname,
            "first_name": first, "patronymic": patronymic, "specialty": ("050102", "050703", "050901")[n % 3],
            "study_language": "1" if n % 3 else "2", "foreign_language": "1", "complete": True, "marks": {},
            "created_by": "x", "created_at": "x", "changed_by": "x", "changed_at": "x", "search": search_form(whole),
            "sort_name": sort_key(whole), "photos": 0, "version": 1, "base_version": 1,
        }  # fmt: skip


def name(n: int) -> str:
    """A name of four syllables."""
    base = len(SYLLABLES)
    return "".join(SYLLABLES[(n // base**place) % base] for place in range(4)).capitalize()


def allotments(count: int) -> Iterator[dict[str, Any]]:
    """Places shift by shift, hall by hall."""
    for n in range(count):
        yield {
            "student": f"{n:032d}", "code": f"{20000000 + n}", "shift": 1 + n % SHIFTS, "building": "1",
            "hall": str(101 + n // SHIFTS % HALLS), "test_language": "1", "subject1": "HIST", "subject2": "FL",
            "subject3": "PHIL", "subject4": "INF", "subject5": "ECON",
        }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
