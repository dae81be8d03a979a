"""The centre after the last exam: the national summary of 150,000 students, and the move of its tables to a server.

    python benchmarks/national.py [--students 150000] [--bases 40] [--json benchmarks/results/national.json]

A centre's encrypted file holds every student with a place, five subjects with points, presence and seat records, and
appeals of one in twenty. Then: the summary counted, printed and written as XLSX; all tables copied to a PostgreSQL that
is started for this; the summary counted there; the tables copied back. Seconds by the wall and of this program's
processor. Baseline of the summary: reading the same rows by a bare `select` without counting anything; of the move:
PostgreSQL's own COPY of the points alone, from memory. Needs PostgreSQL's programs.
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
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import func, insert, select
from tests.postgres import Server, running
from tests.services.centre_stand import record

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.names import search_form, sort_key
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.services import centre_server, centre_summary
from mab_desktop.services.context import Context
from mab_desktop.services.documents import pdf_parts, previewing
from mab_desktop.services.documents_centre import print_summary
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.centre import FinalRecord, FinalScore
from mab_desktop.storage.tables.students import Allotment, Shift, Student

KEY, SUBJECTS, PART = bytes(range(32)), ("HIST", "FL", "INF", "PED", "PSY"), 20_000


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What work gives, and its seconds."""
    wall, processor = time.perf_counter(), time.process_time()
    made = work()
    return made, {
        "wall": round(time.perf_counter() - wall, 2), "processor": round(time.process_time() - processor, 2)
    }  # fmt: skip


def open_centre(path: Path, clock: SetClock) -> Context:
    """The centre at its tables, wherever they lie."""
    actor = Actor("centre", "Орталық", "registrar", Role.NTC, "dev1")
    season = Season(2011, "2011", official=False)
    return Context(Store(path, KEY, clock), actor, Role.NTC, "", season, clock, "kk", SeededEntropy("national"))


def fill(ctx: Context, bases: list[str], count: int) -> None:
    """Everybody with a place, points and what the final data tells of him."""
    each = count // len(bases)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00"))
        tx.note("setting-changed", "shift")
    for place, base in enumerate(bases):
        with ctx.store.write(ctx.actor) as tx:
            session = tx.session
            session.execute(insert(Student), list(_students(base, place, each)))
            session.execute(insert(Allotment), list(_allotments(base, place, each)))
            session.execute(insert(FinalScore), list(_scores(base, place, each)))
            session.execute(insert(FinalRecord), list(_records(base, place, each)))
            tx.note("students-accepted", base, students=each)


def _identity(base: str, n: int) -> str:
    return f"{base}{n:029d}"


def _code(place: int, n: int) -> str:
    return f"{20_000_000 + place * 100_000 + n}"


def _students(base: str, place: int, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        made = record(n, base, base, to_code=_code(place, n), identity_document=f"{place:03d}{n:07d}")
        name = f"{made['surname']} {made['first_name']}"
        yield made | {
            "created_at": "", "created_by": "", "search": search_form(name), "sort_name": sort_key(name)
        }  # fmt: skip


def _allotments(base: str, place: int, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "student": _identity(base, n), "code": _code(place, n), "shift": 1, "building": "1",
            "hall": f"{101 + n % 60}", "test_language": "1" if n % 3 else "2",
            **{f"subject{i}": subject for i, subject in enumerate(SUBJECTS, 1)},
        }  # fmt: skip


def _scores(base: str, place: int, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        if n % 25:
            for i, subject in enumerate(SUBJECTS):
                before = (7 * n + 3 * i) % 26
                yield {"base_university": base, "code": _code(place, n), "subject": subject, "shift": 1,
                       "before": before, "after": min(25, before + (n % 20 == 1))}  # fmt: skip


def _records(base: str, place: int, count: int) -> Iterator[dict[str, Any]]:
    number = 0
    for n in range(count):
        student, code = _identity(base, n), _code(place, n)
        found: list[tuple[str, dict[str, Any]]] = [
            ("presence", {"student": student, "state": "present" if n % 25 else "absent"}),
            ("seat", {"student": student, "shift": 1, "hall": f"{101 + n % 60}", "seat": n // 60 + 1}),
        ]
        if n % 20 == 1:
            found.append(("appeal", {"id": student, "code": code, "state": "decided"}))
            found.append(("appeal-item", {"appeal": student, "subject": "HIST", "item": 1, "satisfied": True}))
        for kind, values in found:
            number += 1
            yield {"base_university": base, "n": number, "record_type": kind, "values": values}


def read_plainly(ctx: Context) -> int:
    """The rows that the summary is counted from, read and let go."""
    rows = 0
    with ctx.store.read() as session:
        for query in (
            select(Allotment.code, Student.university, Student.specialty).join(Student),
            select(FinalScore.code, FinalScore.subject, FinalScore.before, FinalScore.after),
            select(FinalRecord.values).where(FinalRecord.record_type.in_(("presence", "appeal", "appeal-item"))),
        ):
            rows += sum(1 for _row in session.execute(query.execution_options(yield_per=PART)))
    return rows


def copied_plainly(server: Server, ctx: Context) -> dict[str, float]:
    """The points alone into an empty table, by PostgreSQL's own COPY."""
    import psycopg

    address = server.new_database().replace("postgresql+psycopg", "postgresql")
    with ctx.store.read() as session:
        columns = FinalScore.base_university, FinalScore.code, FinalScore.subject, FinalScore.before, FinalScore.after
        text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in session.execute(select(*columns))))

    def copy() -> None:
        with psycopg.connect(address) as link, link.cursor() as cursor:
            cursor.execute("CREATE TABLE points (base text, code text, subject text, before int, after int)")
            with cursor.copy("COPY points FROM STDIN") as into:
                into.write(text.getvalue())

    return timed(copy)[1]


def rows_of(ctx: Context) -> int:
    """Rows of the tables that were filled."""
    with ctx.store.read() as session:
        tables = (Student, Allotment, FinalScore, FinalRecord)
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def measure(count: int, base_count: int, folder: Path, server: Server) -> dict[str, Any]:
    """From an empty centre to its tables on the server and back."""
    clock, path = SetClock(datetime(2011, 6, 1, 9, tzinfo=UTC)), folder / "mab.db"
    bases = [f"{n:03d}" for n in range(1, base_count + 1)]
    store = Store(path, KEY, clock)
    migrate.upgrade(store.engine)
    store.close()
    ctx = open_centre(path, clock)
    with ctx.store.write(ctx.actor) as tx:
        load_default_reference(tx, {base: [base] for base in bases})
        tx.note("workplace-created", "dev1")
    _, filling = timed(lambda: fill(ctx, bases, count))
    size = round(path.stat().st_size / 2**20)
    rows, reading = timed(lambda: read_plainly(ctx))
    found, counting = timed(lambda: centre_summary.summary(ctx))
    with previewing():
        _, printing = timed(lambda: list(pdf_parts(print_summary(ctx, found).pdf)))
    _, writing = timed(lambda: centre_summary.write_summary(ctx, folder / "summary.xlsx"))
    every = rows_of(ctx)
    copying = copied_plainly(server, ctx)
    _, there = timed(lambda: centre_server.to_server(ctx, server.new_database()))
    ctx = open_centre(path, clock)
    again, on_server = timed(lambda: centre_summary.summary(ctx))
    assert (again.whole, again.cuts) == (found.whole, found.cuts)
    assert rows_of(ctx) == every
    _, back = timed(lambda: centre_server.to_file(ctx))
    ctx = open_centre(path, clock)
    assert rows_of(ctx) == every
    ctx.store.close()
    return {
        "what": "the centre after the last exam, seconds", "students": found.whole.students, "bases": base_count,
        "rows": every, "rows the summary reads": rows, "file, MB": size, "date": datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(), "filling": filling, "summary": counting, "summary on paper": printing,
        "summary as XLSX, counted again": writing, "summary on the server": on_server, "to the server": there,
        "back to the file": back,
        "baselines": {"bare select of the same rows": reading, "COPY of the points alone": copying},
    }  # fmt: skip


def main() -> None:
    """Measure, show, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=150_000)
    parser.add_argument("--bases", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running() as server:
        found = measure(options.students, options.bases, Path(folder), server)
    told = json.dumps(found, indent=1, ensure_ascii=False)
    sys.stdout.write(told + "\n")
    if options.json:
        options.json.write_text(told + "\n", "utf-8")


if __name__ == "__main__":
    main()
