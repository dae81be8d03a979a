"""The centre's second count of a whole base university: final data taken in and counted again.

    python benchmarks/second_count.py [--students 20000] [--json benchmarks/results/second-count.json]

Every student has two readings of his sheet; one mark in a thousand is doubtful in one scan and decided by eye, one
sheet in fifty is identified by the commission, one student in twenty appeals. Baseline: the same lines as JSON parsed
by the standard library and each student's letters compared with the key by plain Python, without scans or decisions.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import platform
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from mab_desktop.domain import seating
from mab_desktop.domain.answer_key import AnswerKey, encode_answer_key, key_commitment
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.exchange.key_envelope import commitment
from mab_desktop.services import centre_evidence, centre_final
from mab_desktop.services.carriers_ntc import _take_final_data
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.centre import CentreKey, KeyEnvelope, SeatingSeed, VariantHall
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.students import Allotment, Shift, Student

BASE, SHIFTS, SEATS = "013", 6, 120
SUBJECTS = ("SUB1", "SUB2", "SUB3", "SUB4", "SUB5")
VARIANTS = tuple(f"{1000 + 7 * n}" for n in range(10))
SECRET, LOCAL, SALT = bytes(32), bytes(range(32)), bytes(32)
Record = tuple[str, dict[str, Any]]


def key_of(shift: int) -> AnswerKey:
    """A key of drawn letters."""
    chance = random.Random(f"key-{shift}")
    pairs = [(variant, subject) for variant in VARIANTS for subject in SUBJECTS]
    return AnswerKey(shift, {pair: "".join(chance.choices("ABCDE", k=25)) for pair in pairs})


def people(count: int) -> list[dict[str, Any]]:
    """Allotments: halls of `SEATS` in every shift."""
    found = []
    for n in range(count):
        shift, place = n % SHIFTS + 1, n // SHIFTS
        found.append({
            "student": f"{n:032d}", "code": f"{10_000_000 + n}", "shift": shift, "building": "1",
            "hall": f"{101 + place // SEATS}", "test_language": "1",
            **{f"subject{i}": subject for i, subject in enumerate(SUBJECTS, 1)},
        })  # fmt: skip
    return found


def make_centre(folder: Path, allotted: list[dict[str, Any]]) -> Context:
    """A centre that allotted, laid, sealed and keyed the exam."""
    clock = SetClock(datetime.datetime(2011, 5, 20, 9, tzinfo=datetime.UTC))
    store = Store(folder / "centre.db", bytes(32), clock)
    migrate.upgrade(store.engine)
    actor = Actor("centre", "Centre", "programmer", "ntc", "ntc")
    halls = sorted({row["hall"] for row in allotted})
    same = {"university": "027", "base_university": BASE, "surname": "А", "first_name": "Ә", "created_by": "x",
            "created_at": "x", "changed_by": "x", "changed_at": "x", "search": "а", "sort_name": sort_key("А"),
            "version": 1}  # fmt: skip
    with store.write(actor) as tx:
        load_default_reference(tx, {BASE: ["027"]})
        session = tx.session
        session.add(Building(base_university=BASE, code="1", name="Бас корпус", address="Абай 1"))
        session.execute(insert(Hall), [
            {"base_university": BASE, "number": hall, "building": "1", "floor": 1, "kind": "h", "rows": 10,
             "places_in_row": 12, "seats": SEATS, "plan": {}} for hall in halls
        ])  # fmt: skip
        session.execute(insert(Student), [{"id": row["student"], **same} for row in allotted])
        for shift in range(1, SHIFTS + 1):
            content = encode_answer_key(key_of(shift))
            announced = commitment(content, SALT)
            session.add(Shift(number=shift, exam_date=datetime.date(2011, 5, 9 + shift), start_time="09:00", state="x"))
            session.add(CentreKey(shift=shift, content=content, commitment=key_commitment(content), made_at=""))
            session.add(SeatingSeed(base_university=BASE, shift=shift, seed=SECRET.hex(), sealed="", password="",
                                    commitment=seating.commitment(SECRET), made_at=""))  # fmt: skip
            session.add(KeyEnvelope(base_university=BASE, shift=shift, envelope="", commitment=announced, others={},
                                    password_ministry="", password_chair="", made_at=""))  # fmt: skip
            session.add_all(
                VariantHall(base_university=BASE, shift=shift, hall=hall, first_serial="0" * 12, sheets=SEATS,
                            variants=[VARIANTS[(n + int(hall)) % 10] for n in range(SEATS)])
                for hall in halls
            )  # fmt: skip
        session.flush()
        session.execute(insert(Allotment), allotted)
        tx.note("allotment-made", BASE)
    return Context(store, actor, Role.NTC, "", Season(2011, "2011", official=False), clock, "en")


def final_records(ctx: Context, allotted: list[dict[str, Any]]) -> Iterator[Record]:
    """What a ministry programmer would send, shift by shift."""
    by_student = {row["student"]: row for row in allotted}
    for shift in range(1, SHIFTS + 1):
        with ctx.store.read() as session:
            draw = centre_evidence.draw_again(session, BASE, shift, LOCAL)
        assert draw is not None
        yield "seating", {
            "shift": shift, "commitment": draw.frozen.commitment, "roster": draw.frozen.roster,
            "halls": draw.frozen.halls, "local": LOCAL.hex(), "code": draw.code,
            "result": seating.result_digest(draw.seats), "drawn_at": "x", "drawn_by": "x",
        }  # fmt: skip
        key = key_of(shift)
        for (variant, subject), letters in sorted(key.letters.items()):
            yield "key-letters", {"shift": shift, "variant": variant, "subject": subject, "letters": letters}
        digest = hashlib.sha256()
        for (hall, seat), student in sorted(draw.seats.items()):
            yield "seat", {"student": student, "shift": shift, "hall": hall, "seat": seat}
            yield from _sheet(by_student[student], seat, VARIANTS[(seat - 1 + int(hall)) % 10], key, digest)
        yield "marks-closed", {"shift": shift, "digest": digest.hexdigest(), "sheets": len(draw.seats), "at": "x",
                               "by": "x", "statement": "{}"}  # fmt: skip
        yield (
            "opened-key",
            {
                "shift": shift,
                "commitment": commitment(encode_answer_key(key), SALT),
                "salt": SALT.hex(),
                "holders": "chair,ministry",
                "chair": "x",
                "at": "x",
                "by": "x",
            },
        )


def _sheet(row: dict[str, Any], seat: int, variant: str, key: AnswerKey, digest: Any) -> Iterator[Record]:
    chance = random.Random(row["code"])
    shift, hall, code = row["shift"], row["hall"], row["code"]
    serial = f"{BASE}{shift:02d}{int(hall):03d}{seat:04d}"
    here = {"serial": serial, "shift": shift, "hall": hall}
    right = [key.letters[variant, subject] for subject in SUBJECTS]
    given = ["".join(c if chance.random() < 0.7 else chance.choice("ABCDE-") for c in text) for text in right]
    by_eye = chance.random() < 0.02
    read = "9" * 8 if by_eye else code
    marks = [f"code:{read} seat:{seat:03d} variant:{variant} "
             + " ".join(f"subject{n}:{text}" for n, text in enumerate(given, 1))] * 2  # fmt: skip
    decisions = []
    if chance.random() < 0.1:
        item = chance.randrange(25)
        seen = given[1][item]
        marks[1] = marks[1].replace(f"subject2:{given[1]}", f"subject2:{given[1][:item]}(?A){given[1][item + 1 :]}")
        value = {"values": [] if seen == "-" else [seen]}
        decisions.append(("mark", {"field": "subject2", "column": item, "value_json": json.dumps(value)}))
    if by_eye:
        value = {"code": code, "seat": seat, "variant": variant}
        decisions.append(("identity", {"value_json": json.dumps(value)}))
    number = int(code) * 10
    for n, text in enumerate(marks, 1):
        yield "reading", {**here, "page": number + n, "scan_pass": n, "position": seat, "attempt": 1, "ok": True,
                          "sha256": "0" * 64, "marks": text}  # fmt: skip
    for kind, more in decisions:
        yield "decision", {**here, "id": number, "kind": kind, "ground": "", "protocol_version": 1, "by": "x",
                           "at": "x", **more}  # fmt: skip
    yield "sheet", {**here, "passes": 2, "code": code, "seat": seat, "variant": variant, "answers": "".join(given)}
    yield "identification", {**here, "state": "visual" if by_eye else "auto", "code": code}
    digest.update(f"{hall}|{serial}|{row['student']}|{seat}|{variant}|{'|'.join(given)}\n".encode())
    before = [sum(a == b for a, b in zip(x, y, strict=True)) for x, y in zip(given, right, strict=True)]
    wrong = next((n for n in range(25) if given[0][n] != right[0][n]), None)
    appealed = wrong is not None and chance.random() < 0.05
    for n, subject in enumerate(SUBJECTS):
        yield "score", {"shift": shift, "code": code, "subject": subject, "before": before[n],
                        "after": before[n] + (appealed and n == 0)}  # fmt: skip
    if appealed:
        yield "appeal", {"id": f"a{code}", "shift": shift, "code": code, "number": 1, "received_at": "x",
                         "state": "decided"}  # fmt: skip
        yield "appeal-item", {"appeal": f"a{code}", "subject": SUBJECTS[0], "item": wrong + 1, "satisfied": True}


def baseline(lines: list[str], allotted: list[dict[str, Any]]) -> float:
    """Parse the lines and compare letters, nothing else; processor seconds."""
    start = time.process_time()
    keys = {shift: key_of(shift).letters for shift in range(1, SHIFTS + 1)}
    shifts = {row["code"]: row["shift"] for row in allotted}
    points = 0
    for line in lines:
        values = json.loads(line)
        if values.get("answers"):
            letters = keys[shifts[values["code"]]]
            for n, subject in enumerate(SUBJECTS):
                given, right = values["answers"][25 * n : 25 * n + 25], letters[values["variant"], subject]
                points += sum(a == b for a, b in zip(given, right, strict=True))
    assert points
    return time.process_time() - start


def main() -> None:
    """Make, take, count, say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    assert ExamProfile().items == 25
    allotted = people(args.students)
    with tempfile.TemporaryDirectory() as name:
        ctx = make_centre(Path(name), allotted)
        records = list(final_records(ctx, allotted))
        lines = [json.dumps(values, ensure_ascii=False) for _, values in records]
        plain = baseline(lines, allotted)
        arrived = Arrived("final-data", f"mp{BASE}", "f" * 64, {}, lambda: iter(_whole(records)))
        start = time.process_time()
        with ctx.store.write(ctx.actor) as tx:
            _take_final_data(ctx, tx, arrived)
            tx.note("carrier-accepted", "benchmark")
        taken = time.process_time() - start
        start = time.process_time()
        report = centre_final.recount(ctx, BASE)
        counted = time.process_time() - start
        ctx.store.close()
    # Nobody signed here, so six signatures are missed; everything else must agree.
    assert {d.what for d in report.differences} == {"signature"}, report.differences[:5]
    assert report.students == args.students
    told = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "machine": platform.machine(),
        "students": args.students, "records": len(records), "megabytes": round(sum(map(len, lines)) / 1e6, 1),
        "processor_seconds": {"take": round(taken, 2), "count": round(counted, 2), "baseline": round(plain, 2)},
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip
    print(json.dumps(told, indent=1))
    if args.json:
        args.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _whole(records: list[Record]) -> Iterator[Record]:
    from mab_desktop.domain.carrier_records import FINAL_DATA_RECORDS

    for kind, values in records:
        yield kind, {**dict.fromkeys(FINAL_DATA_RECORDS[kind].names), **values}


if __name__ == "__main__":
    main()
