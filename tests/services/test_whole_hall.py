"""A whole hall through the services: what was planted is decided, every student gets the points of his own sheet."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.identification import Place
from mab_desktop.services import envelopes, identification, keys, results, shifts
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.exam import SheetStack
from tests.conftest import KEY, MakeContext
from tests.domain.hall_story import Story, tell
from tests.services.exam_room import (
    CHAIR,
    FIRST_DAY,
    MINISTRY,
    SUBJECTS,
    Room,
    give_key,
    key_of,
    make_room,
    own_marks,
    password,
)
from tests.services.paper_run import Marks, picture_of, scan_twice

STUDENTS, UNUSED = 14, 2


def marks_of(story: Story, serial: str) -> Marks:
    """What stands on a sheet: the story's numbers, and answers that are right for the booklet that really lay there."""
    sheet = next(s for s in story.sheets if s.serial == serial)
    true = story.truth[serial]
    variant = true.variant if true else story.places[0].variant
    letters = {f"subject{n}": key_of(1).letters[variant, subject] for n, subject in enumerate(SUBJECTS, 1)}
    return {"code": sheet.code, "seat": sheet.seat, "variant": sheet.variant, **letters}


def decide(room: Room, story: Story) -> None:
    """The commission's words from the signed protocol; before them no last version is issued."""
    found = identification.hall_view(room.ctx, 1, "101").result
    if not found.open_lines:
        return
    with pytest.raises(OutOfOrder, match=f"^{found.open_lines} lines of the protocol of hall 101 are open"):
        identification.issue_last(room.ctx, 1, "101")
    room.sign()
    decisions, unused, away = story.decisions(found)
    if decisions:
        identification.decide_identities(room.ctx, 1, "101", decisions)
    if unused:
        identification.mark_unused(room.ctx, 1, "101", unused, "act 4: spoilt, another sheet was given")
    if away:
        identification.mark_absent(room.ctx, 1, "101", away)


@pytest.mark.heavy
def test_every_sheet_belongs_to_its_student_none_twice_none_lost(make_context: MakeContext, tmp_path: Path) -> None:
    morning = make_room(make_context, tmp_path / "scans", {"101": STUDENTS, "102": 1})
    with morning.ctx.store.write(morning.ctx.actor) as tx:
        tx.session.get_one(SheetStack, (1, "101")).count = 3 * STUDENTS
        tx.note("exam-data-loaded", "test")
    morning.seat()
    morning.day(FIRST_DAY, 12)
    shifts.open_shift(morning.ctx, 1)
    give_key(morning)
    other = morning.lines(hall="102")[0]
    picture_of(tmp_path)
    with morning.ctx.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def whole_hall(seed: int) -> None:
        folder = tmp_path / f"hall-{seed}"
        folder.mkdir(exist_ok=True)
        path = folder / "mab.db"
        shutil.copy(morning.ctx.store.path, path)
        store = Store(path, KEY, morning.ctx.clock)
        try:
            room = replace(morning, ctx=replace(morning.ctx, store=store))
            lines = room.lines()
            places = [Place(line.seat, line.student, line.name, line.code, line.variant) for line in lines]
            story = tell(Random(seed), places, room.serial)
            _play(room, story, tmp_path, other.code)
        finally:
            store.close()
            shutil.rmtree(folder)

    whole_hall()


def _play(room: Room, story: Story, pictures: Path, foreign: str) -> None:
    sheets = [(s.serial, marks_of(story, s.serial)) for s in story.sheets]
    for n, (serial, marks) in enumerate(sheets):
        if marks["code"] == "99999999":  # a code of the next hall, as somebody reads it off a friend's pass
            sheets[n] = (serial, {**marks, "code": foreign})
    sheets += [(room.serial(len(sheets) + n + 1), {}) for n in range(UNUSED)]
    came = STUDENTS - len(story.away)
    with pytest.raises(UserError, match="belongs to hall 102"):
        scan_twice(room.ctx, pictures, [*sheets[:-1], (room.serial(1, hall="102"), {})], came)
    scan_twice(room.ctx, pictures, sheets, came)
    decide(room, story)
    last = identification.issue_last(room.ctx, 1, "101")
    assert last.last
    balance = envelopes.balance(room.ctx, 1, "101")
    assert balance.balanced, balance
    found = identification.hall_view(room.ctx, 1, "101").result
    by_code = {p.code: p.student for p in story.places}
    true = {s: (by_code[t.code], t.seat, t.variant) for s, t in story.truth.items() if t is not None}
    assert {m.serial: (m.student, m.seat, m.variant) for m in found.matches} == true
    next_door = (room.serial(1, hall="102"), own_marks(room.lines(hall="102")[0]))
    scan_twice(room.ctx, pictures, [next_door], 1, hall="102")
    _points(room, story)


def _points(room: Room, story: Story) -> None:
    """Whoever came has every answer right by his own booklet's key; whoever did not come has no points."""
    room.finish_identification()
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    totals = {line.code: line.total_before for line in results.results(room.ctx, 1) if line.hall == "101"}
    assert totals == {p.code: None if p.student in story.away else 125 for p in story.places}
