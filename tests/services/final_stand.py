"""The end of a small exam: the ministry programmer's final data, and a centre that can count it again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from mab_desktop.domain.answer_key import encode_answer_key, key_commitment
from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.carrier_records import FINAL_DATA_RECORDS
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.spoken_code import spoken_code
from mab_desktop.services import (
    appeals,
    centre_trust,
    doubtful,
    envelopes,
    final_data,
    identification,
    keys,
    results,
    shifts,
    trusting,
)
from mab_desktop.services.carriers_ntc import _take_final_data
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, decode, encode, record_problems
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.centre import CentreKey, KeyEnvelope, SeatingSeed, VariantHall
from mab_desktop.storage.tables.exam import ShiftSeal, VariantSeat
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.results import MarksClosed, SealedKey
from mab_desktop.storage.tables.students import Allotment, Shift, Student
from tests.conftest import KEY, MakeContext
from tests.services import authority
from tests.services.exam_room import (
    BASE,
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    SECRET,
    Room,
    give_key,
    key_of,
    make_room,
    own_marks,
    password,
)

Record = tuple[str, dict[str, Any]]


class Contexts:
    """Makes workplaces like the fixture `make_context`, for an exam that several tests look at."""

    def __init__(self, empty_database: Path, folder: Path) -> None:
        self.folder = folder
        self._database = empty_database
        self._opened: list[Store] = []

    def __call__(self, role: Role, university: str = "") -> Context:
        """A workplace of its own with reference data."""
        path = self.folder / f"{role}-{len(self._opened)}.db"
        shutil.copy(self._database, path)
        clock = SetClock(datetime(2011, 3, 10, 9, tzinfo=UTC))
        store = Store(path, KEY, clock)
        self._opened.append(store)
        actor = Actor("programmer", "Асан Үсенұлы", "programmer", role, f"dev{len(self._opened)}")
        season = Season(2011, "2011", official=False)
        return Context(store, actor, role, university, season, clock, "en", SeededEntropy(f"final-{path.name}"))

    def close(self) -> None:
        """Let go of every database."""
        for store in self._opened:
            store.close()


@dataclass
class Final:
    """Both sides at the end, and what the exam left: code -> which student it was."""

    room: Room
    centre: Context
    records: list[Record]
    codes: Mapping[str, str]


def make_final(make_context: MakeContext, folder: Path) -> Final:
    """Four students: one plain, one with a doubtful mark decided by eye, one identified by eye, one absent.

    The plain one's first item was wrong and given by the appeal.
    """
    room = make_room(make_context, folder / "scans")
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    plain, doubt, unknown, absent = room.lines()
    marks = own_marks(doubt)
    room.scan([
        (room.serial(1), own_marks(plain, wrong=1)),
        (room.serial(2), marks | {"subject2": "-" + marks["subject2"][1:]}),
        (room.serial(3), own_marks(unknown) | {"code": "9" * len(unknown.code)}),
        (room.serial(4), {}),
    ])  # fmt: skip
    _see_differently(room, marks)
    room.sign()
    named = IdentityDecision(room.serial(3), unknown.code, unknown.seat, unknown.variant)
    identification.decide_identities(room.ctx, 1, "101", [named])
    identification.mark_absent(room.ctx, 1, "101", [absent.student])
    room.finish_identification()
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    room.print_as(shifts.RESULTS_BEFORE, 1)
    shifts.announce_results(room.ctx, 1)
    _appeal(room, plain.code)
    with room.ctx.store.read() as session:
        records = [(kind, dict(values)) for kind, values in final_data.final_records(session)]
    centre = make_centre(make_context, room)
    codes = {"plain": plain.code, "doubt": doubt.code, "unknown": unknown.code, "absent": absent.code}
    final = Final(room, centre, records, codes)
    deliver(final)
    return final


def _see_differently(room: Room, marks: Mapping[str, str]) -> None:
    """The second scan sees the empty item of the second sheet as marked: a person decides that it is."""
    lines = envelopes.page_lines(room.ctx, 1, "101", 2)
    (path,) = room.images([(room.serial(2), {**marks})], "again")
    envelopes.rescan_page(room.ctx, next(line.page for line in lines if line.serial == room.serial(2)), path)
    (open_mark,) = doubtful.doubtful_marks(room.ctx, 1)
    assert (open_mark.serial, open_mark.field, open_mark.column) == (room.serial(2), "subject2", 0)
    doubtful.decide_mark(room.ctx, room.serial(2), "subject2", 0, [marks["subject2"][0]], "act 4")


def _appeal(room: Room, code: str) -> None:
    names = ("Бірінші", "Екінші", "Үшінші")
    members = [appeals.save_member(room.ctx, {"full_name": name, "chair": not n}) for n, name in enumerate(names)]
    line = appeals.register_appeal(room.ctx, 1, code, [(1, 1)])
    room.day(FIRST_DAY + timedelta(days=1), 14)
    word = ItemDecision(1, 1, satisfied=True, ground=Ground.WRONG_ITEM, reasons="Дұрыс жауап жоқ", literature="Оқулық",
                        votes_for=3, votes_against=0)  # fmt: skip
    appeals.decide_appeal(room.ctx, line.id, [word], members)


def make_centre(make_context: MakeContext, room: Room) -> Context:
    """The centre that allotted, laid, sealed and keyed this exam, and knows its workplace."""
    centre = make_context(Role.NTC)
    found: list[tuple[Any, list[dict[str, Any]]]] = []
    with room.ctx.store.read() as session:
        for table in (Shift, Building, Hall, Student, Allotment):
            names = [column.key for column in table.__table__.columns]
            found.append((table, [{n: getattr(row, n) for n in names} for row in session.scalars(select(table))]))
        seal, sealed = session.get_one(ShiftSeal, 1), session.get_one(SealedKey, 1)
        laid: dict[str, list[str]] = {}
        for row in session.scalars(select(VariantSeat).order_by(VariantSeat.hall, VariantSeat.seat)):
            laid.setdefault(row.hall, []).append(row.variant)
        keys_of_room = trusting.device_keys(session)
        closed = session.get_one(MarksClosed, 1).digest
        session.expunge_all()
    content = encode_answer_key(key_of(1))
    with centre.store.write(centre.actor) as tx:
        for table, rows in found:
            tx.session.execute(insert(table), rows)
        tx.session.add(SeatingSeed(base_university=BASE, shift=1, seed=SECRET.hex(), commitment=seal.commitment,
                                   sealed=seal.sealed_seed, password="x", made_at=""))  # fmt: skip
        tx.session.add_all(
            VariantHall(base_university=BASE, shift=1, hall=hall, variants=variants, first_serial="0" * 12, sheets=9)
            for hall, variants in laid.items()
        )
        tx.session.add(CentreKey(shift=1, content=content, commitment=key_commitment(content), made_at=""))
        tx.session.add(KeyEnvelope(base_university=BASE, shift=1, envelope=sealed.envelope, others={},
                                   commitment=sealed.commitment, password_ministry="x", password_chair="y",
                                   made_at="", marks=spoken(closed)))  # fmt: skip
        tx.note("exam-data-loaded", "test")
    authority.make_authority(centre)
    centre_trust.enrol(centre, keys_of_room.public, keys_of_room.public.fingerprint)
    authority.issue(centre)
    return centre


def spoken(digest: str) -> str:
    """The code of closed marks as it is told."""
    return spoken_code(bytes.fromhex(digest))


def deliver(final: Final) -> None:
    """Put the records into the centre as a carrier would: written, checked against their specs, read."""
    lines = []
    for kind, values in final.records:
        written = encode((kind, values))
        assert record_problems(FINAL_DATA_RECORDS, kind, written) == []
        lines.append((kind, decode(FINAL_DATA_RECORDS[kind], written)))
    arrived = Arrived("final-data", f"mp{BASE}", "f" * 64, {}, lambda: iter(lines))
    with final.centre.store.write(final.centre.actor) as tx:
        _take_final_data(final.centre, tx, arrived)
        tx.note("carrier-accepted", "test")
