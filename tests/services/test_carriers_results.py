"""Results of closed shifts, signed by two people, from the ministry PC to the centre and down to a university."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.exchange.device import SigningKey
from mab_desktop.services import centre_trust, persons, received_results, transfer, transfer_view, trusting
from mab_desktop.services.bench_carrier import put_students, student_records
from mab_desktop.services.context import Context
from mab_desktop.services.home_base import base_home
from mab_desktop.storage.tables.results import ResultScore, ScoreRow
from mab_desktop.storage.tables.students import Allotment, Shift
from tests.services.authority import CHEAP, issue
from tests.services.land import Land, refused
from tests.services.people import student

SUBJECTS = ("01", "02", "03", "04", "05")
PEOPLE = {"programmer": "бірінші құпия сөз", "chair": "екінші құпия сөз"}


def allot(ctx: Context, *, state: str = "planned") -> None:
    """Two students of 027 and one of 041 with codes in shift 1."""
    made = [student(number) for number in (1, 2, 3)]
    records = [dict(record) for record in student_records(made, "027", "013", "2011-03-01T09:00:00+06:00")]
    records[2]["university"] = "041"
    put_students(ctx, records)
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(Shift(number=1, exam_date=date(2011, 5, 16), start_time="09:00", state=state))
        tx.session.flush()
        for number, record in enumerate(records, 1):
            subjects = {f"subject{n}": code for n, code in enumerate(SUBJECTS, 1)}
            tx.session.add(Allotment(student=record["id"], code=f"10{number}", shift=1, building="1", hall="101",
                                     test_language="1", **subjects))  # fmt: skip
        tx.note("setting-changed", "allotted")


def score(ctx: Context) -> None:
    """Points of everybody; the appeal gave the second student one point more."""
    with ctx.store.write(ctx.actor) as tx:
        for number, row in enumerate(tx.session.scalars(select(Allotment).order_by(Allotment.code)).all()):
            before, added = [10 + number, 11, 12, 13, 14], [int(number == 1), 0, 0, 0, 0]
            tx.session.add(ScoreRow(
                student=row.student, shift=1, serial=f"s{number}", variant="0001", before=before, added=added,
                total_before=sum(before), total_after=sum(before) + sum(added),
            ))  # fmt: skip
        tx.note("setting-changed", "scored")


def sign_up(land: Land, *names: str) -> dict[str, list[SigningKey]]:
    """Two people of each workplace are let in by the centre."""
    centre = land.ctx("ntc")
    for name in names:
        ctx = land.ctx(name)
        for login, password in PEOPLE.items():
            persons.make_person_key(ctx, login, password, f"{login} {name}", params=CHEAP)
        transfer.load(centre, transfer.export(ctx, "enrolment", "ntc", land.drive).paths[0])
        for line in persons.persons(ctx):
            centre_trust.confirm(centre, line.person, line.fingerprint)
    land.trust_file.write_bytes(issue(centre))
    for name in names:
        trusting.adopt_from(land.ctx(name), land.trust_file)
    return {name: persons.signing_keys(land.ctx(name), PEOPLE) for name in names}


def points(ctx: Context) -> Sequence[tuple[str, str, int, int]]:
    """What was taken."""
    with ctx.store.read() as session:
        rows = session.scalars(select(ResultScore).order_by(ResultScore.code, ResultScore.subject))
        return [(row.code, row.subject, row.before, row.after) for row in rows]


def handed(base: Context) -> tuple[int, int]:
    """The step of the base university's home page: how many universities have theirs, of how many."""
    (step,) = (step for step in base_home(base).steps if step.key == "results")
    return step.done, step.total


def test_results_go_to_the_centre_and_down_to_the_universities(land: Land) -> None:
    keys = sign_up(land, "mp013", "bu013")
    ministry, base, network = land.ctx("mp013"), land.ctx("bu013"), land.ctx("nu027")
    for ctx in (ministry, base):
        allot(ctx)
    allot(network)
    with pytest.raises(Refused, match="No shift is closed yet"):
        transfer.export(ministry, "results", "bu013", land.drive, persons=keys["mp013"])
    with ministry.store.write(ministry.actor) as tx:
        tx.session.get_one(Shift, 1).state = "closed"
        tx.note("setting-changed", "closed")
    score(ministry)
    with refused("persons-missing"):
        transfer.export(ministry, "results", "bu013", land.drive, persons=keys["mp013"][:1])
    made = transfer_view.make(ministry, "results", ["ntc", "bu013"], PEOPLE)
    moved = transfer_view.put(ministry, made, land.drive)
    assert ("Points in all", "184") in moved[0].lines
    for ctx, one in zip((land.ctx("ntc"), base), moved, strict=True):
        seen = transfer_view.look(ctx, land.drive / one.path.rpartition("/")[2])
        assert seen.changes == ("Results of shifts: 1", "Students with points: 3")
        transfer_view.take(ctx, seen)
        assert len(points(ctx)) == 15
        assert ("102", "01", 11, 12) in points(ctx)
    assert handed(base) == (0, 2)
    # Each university gets its own students and no others.
    exported = transfer.export(base, "results", "nu027", land.drive, persons=keys["bu013"])
    assert exported.control_sums["students"] == 2
    assert handed(base) == (1, 2)
    transfer.load(network, exported.paths[0])
    assert {code for code, *_ in points(network)} == {"101", "102"}
    seen = {line.code: line for line in received_results.results(network)}
    assert seen.keys() == {"101", "102"}
    assert (seen["102"].shift, seen["102"].subjects) == (1, SUBJECTS)
    assert (seen["102"].total_before, seen["102"].added, seen["102"].total_after) == (61, 1, 62)
    assert len(received_results.results(base)) == 3
    with base.store.write(base.actor) as tx:  # a later file brought the student one point more
        tx.session.get_one(ResultScore, ("013", "101", "01")).after += 1
        tx.note("setting-changed", "results")
    assert handed(base) == (0, 2)


def test_results_of_strangers_are_refused(land: Land) -> None:
    keys = sign_up(land, "mp013")
    ministry, base = land.ctx("mp013"), land.ctx("bu013")
    allot(ministry, state="closed")
    score(ministry)
    exported = transfer.export(ministry, "results", "bu013", land.drive, persons=keys["mp013"])
    with pytest.raises(UserError, match="3 students that are not in this database"):
        transfer.load(base, exported.paths[0])
    assert points(base) == []
