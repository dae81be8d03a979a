"""Nobody sees key or points while deciding (p.38): the whole work is done in a database that has no place for them.

And once the key is open nothing of it can be decided, taken back, issued or signed any more (p.39).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.domain.operational_day import operational_day
from mab_desktop.domain.shift import ShiftState
from mab_desktop.services import documents_exam, doubtful, envelopes, identification, keys, shifts
from mab_desktop.services.doubtful import MarkDecision
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.results import KeyLetters, ScoreRow, SealedKey
from tests.conftest import MakeContext
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, Room, give_key, make_room, own_marks, password
from tests.services.paper_run import scan_twice

HIDDEN = ("appeal_item", "key_letters", "opened_key", "result_score", "score_row", "sealed_key")
"""Every table in which a key or a point can stand (of an appeal only when it was decided is told elsewhere)."""


def without_key_and_points(store: Store) -> None:
    """Take the tables away: whoever asks for one of them from now on fails."""
    raw = store.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        for table in HIDDEN:
            cursor.execute(f"DROP TABLE {table}")
        raw.commit()
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        raw.close()


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """A hall of six: a wrong code, two who wrote each other's code, one away, a blank with a name, marks in doubt."""
    made = make_room(make_context, tmp_path / "scans", {"101": 6})
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    a, b, c, d, e, _away = made.lines()
    marks = {
        1: own_marks(a) | {"code": "99999999"}, 2: own_marks(b) | {"code": c.code}, 3: own_marks(c) | {"code": b.code},
        4: own_marks(d) | {"subject1": "?" + "B" * 24, "subject2": "??" + "C" * 23}, 5: {}, 6: {"subject1": "A"}, 7: {},
    }  # fmt: skip
    scan_twice(made.ctx, tmp_path / "paper", [(made.serial(n), found) for n, found in marks.items()], 5)
    assert e.seat == 5
    return made


def decide_everything(room: Room) -> list[int]:
    """The work of p.38 from the first protocol to the last version, with a word taken back on the way."""
    ctx = room.ctx
    a, b, c, d, e, away = room.lines()
    open_marks = doubtful.doubtful_marks(ctx, 1)
    assert [(m.serial, m.field, m.column) for m in open_marks] == [
        (room.serial(4), "subject1", 0), (room.serial(4), "subject2", 0), (room.serial(4), "subject2", 1),
    ]  # fmt: skip
    first, *rest = [MarkDecision(m.serial, m.field, m.column, ("A",)) for m in open_marks]
    ids = doubtful.decide_marks(ctx, [first])
    doubtful.undo_marks(ctx, ids)
    doubtful.decide_marks(ctx, [first, *rest])
    view = identification.hall_view(ctx, 1, "101")
    (exchange,) = view.result.exchanges
    identification.issue_protocol(ctx, 1, "101")
    documents_exam.print_protocol(ctx, 1, "101")
    room.sign()
    wrote_codes = next(way for way in exchange.ways if not way.needs_ground)
    alone = IdentityDecision(room.serial(1), a.code, a.seat, a.variant)
    identification.decide_identities(ctx, 1, "101", [alone, *wrote_codes.decisions])
    identification.undo(ctx, identification.decisions(ctx, 1, "101", standing_only=True)[-1].id)
    identification.decide_identities(ctx, 1, "101", wrote_codes.decisions)
    assert [image.serial for image in identification.unmarked_sheets(ctx, 1, "101")] == [room.serial(5), room.serial(7)]
    with pytest.raises(UserError, match="does not stand in version 1 of the protocol. State the ground"):
        identification.decide_identities(ctx, 1, "101", [IdentityDecision(room.serial(5), e.code, e.seat, e.variant)])
    by_hand = IdentityDecision(room.serial(5), e.code, e.seat, e.variant, "act 4: only the name")
    identification.decide_identities(ctx, 1, "101", [by_hand])
    identification.mark_unused(ctx, 1, "101", [room.serial(6)], "imprint")
    identification.mark_absent(ctx, 1, "101", [away.student])
    last = identification.issue_last(ctx, 1, "101")
    documents_exam.print_protocol(ctx, 1, "101", 1)
    documents_exam.print_protocol(ctx, 1, "101")
    assert (last.version, last.last, envelopes.balance(ctx, 1, "101").balanced) == (2, True, True)
    assert {m.serial: m.student for m in identification.hall_view(ctx, 1, "101").result.matches} == {
        room.serial(n): line.student for n, line in enumerate((a, b, c, d, e), 1)
    }
    return [line.id for line in identification.decisions(ctx, 1, "101", standing_only=True)]


def test_everything_is_decided_in_a_database_without_key_and_points(room: Room) -> None:
    without_key_and_points(room.ctx.store)
    decide_everything(room)
    operational_day(shifts.season_facts(room.ctx))  # what the rail and the home page ask while the shift is open
    for table in (SealedKey, KeyLetters, ScoreRow):  # whoever did ask would be heard
        with room.ctx.store.read() as session, pytest.raises(OperationalError, match="no such table"):
            session.scalars(select(table)).all()


def test_once_the_key_is_open_nothing_is_decided_taken_back_issued_or_signed(room: Room) -> None:
    standing = decide_everything(room)
    give_key(room)
    room.finish_identification()
    for state in (ShiftState.IDENTIFIED, ShiftState.KEY_OPEN):
        if state == ShiftState.KEY_OPEN:
            keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
        assert [line.state for line in shifts.shifts(room.ctx)] == [state]
        for ask in _writing(room, standing):
            with pytest.raises(UserError):
                ask()
        assert [line.id for line in identification.decisions(room.ctx, 1, "101", standing_only=True)] == standing
        assert identification.issue_protocol(room.ctx, 1, "101").version == 2, "the last version is given again"


def _writing(room: Room, standing: list[int]) -> list[Callable[[], object]]:
    """Every door by which identification and doubtful marks could be changed."""
    ctx, lines = room.ctx, room.lines()
    a, away = lines[0], lines[-1]
    marks = [line.id for line in identification.decisions(ctx, 1, "101") if line.kind == "mark" and not line.undone_at]
    return [
        *(lambda number=number: identification.undo(ctx, number) for number in standing),
        lambda: doubtful.undo_marks(ctx, marks),
        lambda: doubtful.decide_mark(ctx, room.serial(4), "subject1", 0, ["B"]),
        lambda: identification.decide_identities(
            ctx, 1, "101", [IdentityDecision(room.serial(1), a.code, a.seat, a.variant, "act")]
        ),
        lambda: identification.mark_absent(ctx, 1, "101", [away.student]),
        lambda: identification.mark_unused(ctx, 1, "101", [room.serial(6)], "imprint"),
        lambda: identification.sign_protocol(ctx, 1, "101", 2, ["Бірінші", "Екінші"]),
        lambda: envelopes.discard_pass(ctx, 1, "101", 2, "again"),
    ]  # fmt: skip


def test_marks_are_decided_with_who_when_and_what_the_reader_said_beside_them(room: Room) -> None:
    ctx = room.ctx
    marks = doubtful.doubtful_marks(ctx, 1)
    ids = doubtful.decide_marks(ctx, [MarkDecision(m.serial, m.field, m.column, ("C",)) for m in marks])
    decided = doubtful.doubtful_marks(ctx, 1, decided=True)
    assert [(m.decided, m.read, m.word.id if m.word else 0) for m in decided] == [
        (("C",), "?AB", number) for number in ids
    ]
    assert {(m.word.by, m.word.at[:16]) for m in decided if m.word} == {(ctx.actor.login, "2011-05-10T12:00")}
    with pytest.raises(UserError, match="no such decision"):
        doubtful.undo_marks(ctx, [ids[0], 999_999])  # all or none
    assert len(doubtful.doubtful_marks(ctx, 1)) == 0
    doubtful.undo_marks(ctx, ids)
    assert len(doubtful.doubtful_marks(ctx, 1)) == 3
    kept = [line for line in identification.decisions(ctx, 1) if line.kind == "mark"]
    assert [bool(line.undone_at) for line in kept] == [True] * 3, "what was decided stays on record"
    with pytest.raises(UserError, match="no such decision"):
        doubtful.undo_marks(ctx, ids)


def test_every_version_is_kept_word_for_word(room: Room) -> None:
    decide_everything(room)
    first, last = identification.protocol_versions(room.ctx, 1, "101")
    assert identification.issued_versions(room.ctx, 1) == {"101": [2, 1]}
    assert (first.open_lines, first.last, last.open_lines, last.last) == (9, False, 0, True)
    assert [line["remark"] for line in first.content["students"]] == [""] * 5
    assert sorted(line["remark"] for line in last.content["students"]) == ["absent", *["corrected"] * 4]
    again = documents_exam.print_protocol(room.ctx, 1, "101", 1)
    assert again.key == "1-101-1"
    with pytest.raises(UserError, match="Issue the protocol first"):
        documents_exam.print_protocol(room.ctx, 1, "101", 3)
