"""What comes to the ministry programmer and what leaves: variants, keys, hand-over; statistics, final data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mab_desktop.domain.carrier_records import DAILY_STATISTICS_RECORDS, FINAL_DATA_RECORDS
from mab_desktop.domain.errors import OutOfOrder, UserError, WrongPassword
from mab_desktop.exchange.key_envelope import FREE_TRIES
from mab_desktop.services import attendance, carriers_exam, daily, identification, keys, results, seating, shifts
from mab_desktop.services.handlers import Arrived, Handler, encode, record_problems
from mab_desktop.storage.tables.base_university import CommissionMember, DutyOfficer, PassSlip
from mab_desktop.storage.tables.exam import SheetStack, ShiftSeal, VariantSeat
from mab_desktop.storage.tables.results import SealedKey
from tests.conftest import MakeContext
from tests.services.exam_room import (
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    Room,
    give_key,
    key_of,
    make_room,
    own_marks,
    password,
)


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The eve of shift 1: one hall of three."""
    return make_room(make_context, tmp_path, {"101": 3})


def handler(kind: str) -> Handler:
    return next(h for h in carriers_exam.HANDLERS if h.kind == kind)


def arrived(kind: str, sender: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> Arrived:
    def all_records() -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield from records

    return Arrived(kind, sender, "ab" * 32, {}, all_records)


def take(room: Room, kind: str, sender: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    file = arrived(kind, sender, records)
    with room.ctx.store.write(room.ctx.actor) as tx:
        function = handler(kind).take
        assert function is not None
        return [line.text.format(**line.params) for line in function(room.ctx, tx, file)]


def exam_records(room: Room) -> list[tuple[str, dict[str, Any]]]:
    with room.ctx.store.read() as session:
        seal = session.get(ShiftSeal, 1)
        assert seal is not None
        found: list[tuple[str, dict[str, Any]]] = [
            ("shift-seal", {"shift": 1, "commitment": seal.commitment, "sealed_seed": seal.sealed_seed})
        ]
        found += [
            ("variant-seat", {"shift": 1, "hall": v.hall, "seat": v.seat, "variant": v.variant})
            for v in session.scalars(select(VariantSeat))
        ]
        found += [
            ("sheet-stack", {"shift": 1, "hall": s.hall, "first_serial": s.first_serial, "count": s.count})
            for s in session.scalars(select(SheetStack))
        ]
    return found


def test_variants_may_be_sent_again_but_not_changed_after_the_freeze(room: Room) -> None:
    records = exam_records(room)
    assert "Seats with a variant: 5" in take(room, "variants", "ntc", records)
    seating.freeze_seating(room.ctx, 1)
    take(room, "variants", "ntc", records)
    changed = [(kind, values | {"variant": "9999"} if kind == "variant-seat" else values) for kind, values in records]
    with pytest.raises(OutOfOrder, match="frozen or drawn already"):
        take(room, "variants", "ntc", changed)
    resealed = [(kind, values | {"sealed_seed": "x"} if kind == "shift-seal" else values) for kind, values in records]
    with pytest.raises(OutOfOrder, match="frozen or drawn already"):
        take(room, "variants", "ntc", resealed)


def test_the_hand_over_replaces_the_older_lists(room: Room) -> None:
    student = next(iter(room.codes))
    member = {"id": "1", "full_name": "Мүше", "post": None, "organisation": None, "role": "member", "phone": None}
    officer = {"id": "2", "full_name": "Кезекші", "post": None, "phone": None, "place": "101", "shift": 1,
               "file_received": True, "trained": True}  # fmt: skip
    line = {"student": student, "number": "00000001", "issued": True}
    for _ in range(2):
        take(room, "hand-over", "bu013",
             [("commission-member", member), ("duty-officer", officer), ("register-line", line)])  # fmt: skip
    with room.ctx.store.read() as session:
        counts = [len(session.scalars(select(table)).all()) for table in (CommissionMember, DutyOfficer, PassSlip)]
    assert counts == [1, 1, 1]
    with pytest.raises(UserError, match="1 student that is not in this database"):
        take(room, "hand-over", "bu013", [("register-line", line | {"student": "f" * 32})])


def test_a_key_that_is_not_the_announced_one_is_refused(room: Room) -> None:
    give_key(room)
    with room.ctx.store.read() as session:
        sealed = session.get(SealedKey, 1)
        assert sealed is not None
        values = {"shift": 1, "commitment": sealed.commitment, "envelope": sealed.envelope}
    take(room, "answer-key", "ntc", [("sealed-key", values)])
    with pytest.raises(UserError, match="not the one announced"):
        take(room, "answer-key", "ntc", [("sealed-key", values | {"commitment": "0" * 64})])


def played(room: Room) -> None:
    """Shift 1 to the open key: one student absent, one removed."""
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    first, second, third = room.lines()
    attendance.remove_student(room.ctx, 1, second.code, "10:40", "ұялы телефон", "5")
    room.scan([(room.serial(1), own_marks(first, wrong=3)), (room.serial(2), own_marks(second)), (room.serial(3), {})])
    room.sign()
    identification.mark_absent(room.ctx, 1, "101", [third.student])
    room.finish_identification()
    give_key(room)


def test_the_key_opens_only_for_two_people_and_the_right_passwords(room: Room) -> None:
    played(room)
    ministry, chair = password(MINISTRY), password(CHAIR)
    for broken, why in (
        ((ministry, ministry, "Төраға"), "typed twice"),
        ((ministry, chair, ""), "write the name"),
        ((ministry, chair, room.ctx.actor.name), "write the name"),
        ((ministry, chair[:-1] + "!", "Төраға"), "mistyped"),
    ):
        with pytest.raises(UserError, match=why):
            keys.open_key(room.ctx, 1, *broken)
    assert keys.key_state(room.ctx, 1).tries == 0
    for n in range(FREE_TRIES):
        with pytest.raises(WrongPassword, match="together do not open"):
            keys.open_key(room.ctx, 1, ministry, password(f"{n:013d}"), "Төраға")
    assert keys.key_state(room.ctx, 1).wait_until is not None
    with pytest.raises(WrongPassword, match="After 5 wrong tries"):
        keys.open_key(room.ctx, 1, ministry, chair, "Төраға")
    room.ctx.clock.set(room.ctx.clock.now() + timedelta(seconds=16))  # type: ignore[attr-defined]
    opened = keys.open_key(room.ctx, 1, ministry, chair, "Төраға")
    assert opened == key_of(1)
    assert keys.answer_key(room.ctx, 1) == key_of(1)
    state = keys.key_state(room.ctx, 1)
    assert (state.chair, state.opened_by) == ("Төраға", room.ctx.actor.name)


def test_what_goes_to_the_centre_fits_its_specs(room: Room) -> None:
    played(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға")
    results.score_shift(room.ctx, 1)
    (row,) = daily.daily_rows(room.ctx, 1)
    assert (row.planned, row.present, row.absent, row.removed, row.sheets) == (3, 1, 1, 1, 2)
    assert (row.automatic, row.visual, row.points) == (2, 0, 247)
    final = handler("final-data")
    assert final.collect is not None
    assert final.obstacles is not None
    with room.ctx.store.read() as session:
        assert "is not closed" in final.obstacles(room.ctx, session, "ntc")[0].message("en")
        collected = final.collect(room.ctx, session, "ntc")
        records = list(collected.records)
    assert collected.control_sums == {"students": "2", "points-before": "247", "points-after": "247"}
    for kind, values in records:
        assert record_problems(FINAL_DATA_RECORDS, kind, encode((kind, values))) == []
    assert record_problems(DAILY_STATISTICS_RECORDS, "daily", encode(("daily", row.record()))) == []
    sheets = [values for kind, values in records if kind == "sheet"]
    assert [s["answers"] for s in sheets if s["code"] is None] == [""]
    kinds = Counter(kind for kind, _ in records)
    assert (kinds["reading"], kinds["decision"], kinds["seating"], kinds["key-letters"]) == (6, 1, 1, 45)
    assert (kinds["marks-closed"], kinds["opened-key"]) == (1, 1)
    assert {v["state"] for kind, v in records if kind == "presence"} == {"present", "absent", "removed"}


def test_attendance_never_exceeds_what_is_planned(room: Room) -> None:
    room.seat()
    room.day(FIRST_DAY, 9)
    shifts.open_shift(room.ctx, 1)
    (line,) = attendance.count_lines(room.ctx, 1, "101")
    assert (line.planned, line.present) == (3, None)
    with pytest.raises(UserError, match="4 present, but only 3"):
        attendance.save_count(room.ctx, 1, "101", {(line.specialty, line.test_language): 4})
    attendance.save_count(room.ctx, 1, "101", {(line.specialty, line.test_language): 2})
    assert attendance.count_lines(room.ctx, 1)[0].present == 2
