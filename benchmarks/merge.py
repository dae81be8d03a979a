"""Twenty operators' portions of a thousand records merged, beside a plain bulk insert of the same rows.

    python benchmarks/merge.py [--portions 20] [--records 1000] [--rounds 3] [--json benchmarks/results/merge.json]

Each portion is one transaction of the encrypted database with the program's own durability. Measured: the first merge,
the same portions again (nothing changes), and again with every tenth record corrected; each from decoded records, and
with the carrier's JSON decoded and checked (`opened`). `carried` is the whole way that the person waits for: each
portion as a signed and encrypted file of its operator's PC, copied from the drive, verified, decrypted, checked,
previewed and merged. Baseline: `executemany` of the rows that came of the first
merge into an empty database of the same kind, portion by portion. Seconds are the processor's; the middle of `rounds`.

As in the program (`ui.app.spare_the_collector`), Python's collector of garbage does not look through what was there
before: here those are the portions of all operators in memory, which no operator's programmer has.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.merge_stage import PortionsOnADrive
from sqlalchemy import func, select

from mab_desktop.domain import merge as marks
from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.reference import default_lines
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.people import make_students
from mab_desktop.services import bench_carrier, duplicates, merge
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import checked, encode
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.students import Student

NETWORK, BASE, KEY = "027", "013", bytes(range(32))
NOW = datetime.datetime(2011, 3, 10, 9, tzinfo=datetime.UTC)
Portion = list[dict[str, Any]]


def workplace(path: Path) -> Context:
    """A programmer's PC with nothing in it but the reference lists."""
    clock = SetClock(NOW)
    store = Store(path, KEY, clock)
    migrate.upgrade(store.engine)
    actor = Actor("programmer", "Асан Үсенұлы", "programmer", f"nu{NETWORK}", f"nu{NETWORK}")
    with store.write(actor) as tx:
        load_default_reference(tx, {BASE: [NETWORK]})
    return Context(store, actor, Role.NETWORK_UNI, NETWORK, Season(2011, "2011", official=False), clock)


def portions(count: int, size: int) -> list[Portion]:
    """Made-up students in the order in which their operators typed them."""
    ciphers = [line.code for line in default_lines() if line.list == "specialty"]
    return [
        [_typed(record, number, place) for place, record in enumerate(_students(number, size, ciphers))]
        for number in range(count)
    ]


def _students(number: int, size: int, ciphers: list[str]) -> Iterator[dict[str, Any]]:
    made = make_students(stream("merge", "students", str(number)), size, NETWORK, BASE, ciphers, 2011)
    return iter(bench_carrier.student_records(made, NETWORK, BASE, NOW.isoformat()))


def _typed(record: dict[str, Any], number: int, place: int) -> dict[str, Any]:
    """A record as the portion of operator `number` holds it; what names the student is his alone."""
    operator, own = f"op{number + 1}", f"{number:03d}{place:05d}"
    known = marks.marks_json(marks.first_marks(operator))
    return {
        **record, "id": own + record["id"][len(own):], "to_code": own, "identity_document": own, "version": 1,
        "base_version": 0, "complete": True, "deleted": False, "marks": known, "grounds": "",
        "created_at": record["changed_at"], "created_by": operator, "changed_by": operator,
    }  # fmt: skip


def corrected(typed: list[Portion]) -> list[Portion]:
    """Every tenth record with another record-book number."""
    return [
        [_changed(record) if number % 10 == 0 else record for number, record in enumerate(portion)]
        for portion in typed
    ]


def _changed(record: dict[str, Any]) -> dict[str, Any]:
    device = record["created_by"]
    touched = marks.touched(marks.first_marks(device), ["record_book"], device, 2)
    ground = {"record_book": marks.Ground(device, record["changed_at"], "сынақ кітапшасы")}
    return {**record, "version": 2, "record_book": f"Б{record['record_book']}"[:10],
            "marks": marks.marks_json(touched), "grounds": marks.grounds_json(ground)}  # fmt: skip


def take(ctx: Context, came: Sequence[Portion]) -> list[merge.MergeReport]:
    """Merge decoded portions."""
    reports = []
    for portion in came:
        with ctx.store.write(ctx.actor) as tx:
            reports.append(merge.merge_records(ctx, tx, portion, "benchmark"))
            tx.note("portion-merged", "benchmark")
    return reports


def opened(lines: list[str]) -> Iterator[dict[str, Any]]:
    """A portion's lines, decoded and checked as the carrier's reader does it."""
    for line in lines:
        obj = json.loads(line)
        (_, values), problems = checked(RECORDS["operator-portion"], obj["type"], obj)
        assert not problems, problems
        yield values


def spare_the_collector() -> None:
    """See the module."""
    gc.collect()
    gc.freeze()


def seconds(act: Callable[[], Any]) -> float:
    """Of the processor."""
    start = time.process_time()
    act()
    return time.process_time() - start


def insert_plainly(ctx: Context, rows: Sequence[Sequence[Any]], names: Sequence[str], size: int) -> None:
    """The baseline."""
    places = ", ".join("?" * len(names))
    for start in range(0, len(rows), size):
        with ctx.store.write(ctx.actor) as tx:
            bare = tx.session.connection().exec_driver_sql
            statement = f"INSERT INTO student ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - our own columns
            bare(statement, list(rows[start : start + size]))
            tx.note("portion-merged", "benchmark")


def measure(folder: Path, typed: list[Portion], again: list[Portion]) -> dict[str, float]:
    """One round."""
    lines = [[json.dumps(encode(("student", record)), ensure_ascii=False) for record in part] for part in typed]
    names = [column.name for column in Student.__table__.columns]
    ours, with_opening, plain = (workplace(folder / f"{name}.db") for name in ("ours", "opened", "plain"))
    try:
        told = {"new": seconds(lambda: take(ours, typed))}
        with ours.store.read() as session:
            query = f"SELECT {', '.join(names)} FROM student ORDER BY rowid"  # noqa: S608 - our own columns
            rows = [tuple(row) for row in session.connection().exec_driver_sql(query)]
        told["plain"] = seconds(lambda: insert_plainly(plain, rows, names, len(typed[0])))
        told["new, opened"] = seconds(lambda: take(with_opening, [list(opened(part)) for part in lines]))
        told["same"] = seconds(lambda: _all(take(ours, typed), same=len(rows)))
        told["tenth corrected"] = seconds(lambda: _all(take(ours, again), changed=len(rows) // 10))
        told["duplicates looked for"] = seconds(lambda: duplicates.find_duplicates(ours))
    finally:
        for ctx in (ours, with_opening, plain):
            ctx.store.close()
    told["carried"] = carried(folder / "stage", typed)
    return told


def carried(folder: Path, typed: list[Portion]) -> float:
    """The portions as files from the drive."""
    there = PortionsOnADrive(folder, typed, NETWORK, lambda ctx, portion: take(ctx, [portion]))
    try:
        spare_the_collector()
        used = seconds(there.load)
        with there.programmer.store.read() as session:
            assert session.scalar(select(func.count()).select_from(Student)) == sum(map(len, typed))
    finally:
        there.close()
    return used


def _all(reports: list[merge.MergeReport], **wanted: int) -> None:
    for name, count in wanted.items():
        assert sum(getattr(report, name) for report in reports) == count, (name, reports)


def main() -> None:
    """Make, measure, say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portions", type=int, default=20)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    typed = portions(args.portions, args.records)
    again, rounds, load = corrected(typed), list[dict[str, float]](), round(os.getloadavg()[0], 1)
    spare_the_collector()
    for _round in range(args.rounds):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(measure(Path(name), typed, again))
    middle = {what: statistics.median(told[what] for told in rounds) for what in rounds[0]}
    ratios = [statistics.median(told[what] / told["plain"] for told in rounds) for what in middle]
    result = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "machine": platform.machine(), "load": load,
        "portions": args.portions, "records": args.records, "rounds": args.rounds,
        "processor_seconds": {what: round(value, 3) for what, value in middle.items()},
        "times_plain_insert": {what: round(ratio, 2) for what, ratio in zip(middle, ratios, strict=True)},
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
