"""The answer key and those who hold it: stand-ins, the centre's release, waits that no clock shortens, signed marks."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from mab_desktop.domain.answer_key import AnswerKey, encode_answer_key
from mab_desktop.domain.clock import SystemClock, gone_by
from mab_desktop.domain.errors import OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.printing import PrintOrder
from mab_desktop.domain.sealed import shift_name
from mab_desktop.exchange import key_envelope
from mab_desktop.exchange.key_envelope import CENTRE, CHAIR, CHAIR_DEPUTY, MINISTRY, MINISTRY_DEPUTY
from mab_desktop.services import (
    backups,
    closed_marks,
    documents_results,
    keys,
    print_jobs,
    results,
    shifts,
    trusting,
)
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.base_university import CommissionMember
from mab_desktop.storage.tables.core import Account, AuditEntry
from mab_desktop.storage.tables.results import KeyLetters, MarksClosed, SealedKey
from tests.canaries import lying_in_clear, spellings
from tests.conftest import KEY
from tests.services.exam_room import BASE, CHEAP, FIRST_DAY, Room, give_key, key_of, make_room, own_marks, password
from tests.services.final_stand import Contexts

WORDS = {
    MINISTRY: "AAAAA-AAAAA-AAA", CHAIR: "BBBBB-BBBBB-BBB", MINISTRY_DEPUTY: "CCCCC-CCCCC-CCC",
    CHAIR_DEPUTY: "DDDDD-DDDDD-DDD", CENTRE: "EEEEE-EEEEE-EEE",
}  # fmt: skip


@pytest.fixture(scope="module")
def identified(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Shift 1 identified and its marks closed; two students. Played once for all tests that look at keys."""
    contexts = Contexts(empty_database, tmp_path_factory.mktemp("identified"))
    made = make_room(contexts, contexts.folder / "scans", {"101": 2})
    made.seat()
    made.day(FIRST_DAY, 12)
    shifts.open_shift(made.ctx, 1)
    made.scan([(made.serial(n + 1), own_marks(line)) for n, line in enumerate(made.lines())])
    made.finish_identification()
    with made.ctx.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    yield made
    contexts.close()


@pytest.fixture
def room(identified: Room, tmp_path: Path) -> Iterator[Room]:
    """The same for one test alone."""
    database = tmp_path / "ministry.db"
    database.write_bytes(identified.ctx.store.path.read_bytes())
    clock = copy(identified.ctx.clock)
    ctx = replace(identified.ctx, store=Store(database, KEY, clock), clock=clock)
    yield replace(identified, ctx=ctx)
    ctx.store.close()


def seal_for(room: Room, *holders: str, key: AnswerKey | None = None) -> None:
    """The centre's key for these holders arrives."""
    given = {holder: password(WORDS[holder]) for holder in holders}
    envelope = key_envelope.make(
        encode_answer_key(key or key_of(1)), campaign=room.ctx.season.campaign, mode="test", shift=shift_name(BASE, 1),
        ways=key_envelope.pairs(given), params=CHEAP,
    )  # fmt: skip
    announced = key_envelope.read_header(envelope).commitment
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.merge(SealedKey(shift=1, commitment=announced, envelope=envelope.decode(), received_at=""))
        tx.note("exam-data-loaded", "key-1")


def open_with(room: Room, ministry: str, chair: str, centre: str = "") -> Any:
    return keys.open_key(
        room.ctx, 1, password(WORDS[ministry]), password(WORDS[chair]), "Төраға", centre and password(WORDS[centre]),
        present=(ministry, chair),
    )  # fmt: skip


@pytest.mark.parametrize(
    "present", [(MINISTRY, CHAIR_DEPUTY), (MINISTRY_DEPUTY, CHAIR), (MINISTRY_DEPUTY, CHAIR_DEPUTY)]
)
def test_any_one_of_each_side_opens_it_and_two_of_one_side_do_not(room: Room, present: tuple[str, str]) -> None:
    seal_for(room, MINISTRY, CHAIR, MINISTRY_DEPUTY, CHAIR_DEPUTY)
    assert len(keys.key_state(room.ctx, 1).holders) == 4
    for one_side in ((MINISTRY, MINISTRY_DEPUTY), (CHAIR, CHAIR_DEPUTY)):
        with pytest.raises(UserError, match="more people"):
            open_with(room, *one_side)
    assert open_with(room, *present) == key_of(1)
    assert keys.key_state(room.ctx, 1).opened_with == tuple(sorted(present))


def test_a_key_delivered_early_needs_the_centre_too(room: Room) -> None:
    seal_for(room, MINISTRY, CHAIR, CENTRE)
    assert keys.key_state(room.ctx, 1).holders == (tuple(sorted((MINISTRY, CHAIR, CENTRE))),)
    with pytest.raises(UserError, match="more people"):
        open_with(room, MINISTRY, CHAIR)
    assert open_with(room, MINISTRY, CHAIR, CENTRE) == key_of(1)


def seat_commission(room: Room) -> None:
    """A state commission with a chair, a secretary, a member and an observer."""
    with room.ctx.store.write(room.ctx.actor) as tx:
        for n, (role, name) in enumerate(
            (("chair", "Төраға"), ("secretary", "Хатшы"), ("member", "Мүше"), ("observer", "Бақылаушы"))
        ):
            tx.session.add(CommissionMember(id=str(n), full_name=name, role=role))
        tx.note("exam-data-loaded", "test")


@pytest.mark.parametrize(
    ("present", "name", "why"),
    [
        ((MINISTRY, CHAIR), " {programmer} ", "write the name"), ((MINISTRY, CHAIR), "{PROGRAMMER}", "write the name"),
        ((MINISTRY, CHAIR), "Өкіл  өкілов", "works at this computer"), ((MINISTRY, CHAIR), "Мүше", "not in the list"),
        ((MINISTRY, CHAIR), "Бөтен Біреу", "not in the list"),
        ((MINISTRY, CHAIR_DEPUTY), "Бақылаушы", "not in the list"),
        ((MINISTRY, CHAIR_DEPUTY), "Төраға", "not in the list"),
    ],
)  # fmt: skip
def test_nobody_opens_it_for_both_sides_or_for_a_commission_that_he_is_not_of(
    room: Room, present: tuple[str, str], name: str, why: str
) -> None:
    seal_for(room, MINISTRY, CHAIR, CHAIR_DEPUTY)
    seat_commission(room)
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(Account(login="rep", full_name="Өкіл Өкілов", role="representative", created_at=""))
        tx.note("setting-changed", "test")
    programmer = room.ctx.actor.name
    typed = name.format(programmer=programmer, PROGRAMMER=programmer.upper())
    with pytest.raises(UserError, match=why):
        keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password(WORDS[present[1]]), typed, present=present)
    assert keys.key_state(room.ctx, 1).tries == 0
    who = "Төраға" if present[1] == CHAIR else "Мүше"
    keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password(WORDS[present[1]]), who, present=present)


def lying(ctx: Context, canaries: dict[bytes, str]) -> set[str]:
    """The tables of which a row shows one of the canaries, whatever its columns hold."""
    found = set()
    with ctx.store.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                told = "\0".join(str(value) for value in row).encode()
                blobs = b"\0".join(bytes(value) for value in row if isinstance(value, bytes))
                if any(form in told or form in blobs for form in canaries):
                    found.add(table.name)
    return found


def test_answers_lie_nowhere_before_the_opening_and_only_in_their_table_after_it(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of the workplace, its temporary folder and its copies, and every row: sealed, after a wrong try,
    opened, printed, backed up, closed."""
    temporary = tmp_path / "temp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    chance = random.Random("canaries")  # noqa: S311
    secret = AnswerKey(1, {pair: "".join(chance.choices("ABCDE", k=25)) for pair in key_of(1).letters})
    letters = sorted(set(secret.letters.values()))
    forms = spellings([*letters, *(" ".join(word[n : n + 5] for n in range(0, 25, 5)) for word in letters)])
    files = forms | {b"%PDF": "a paper"}
    answers = {form: what for form, what in forms.items() if what in letters}
    database = room.ctx.store.path
    wal = database.with_name(f"{database.name}-wal")

    def lies() -> tuple[list[str], set[str]]:
        assert wal.stat().st_size > 0  # what was written last stands there
        return lying_in_clear([tmp_path], files), lying(room.ctx, answers)

    seal_for(room, MINISTRY, CHAIR, key=secret)
    assert lies() == ([], set())
    with pytest.raises(WrongPassword):
        keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password("7" * 13), "Төраға")
    assert lies() == ([], set())
    open_with(room, MINISTRY, CHAIR)
    assert lies() == ([], {"key_letters"})
    paper = documents_results.print_answer_key(room.ctx, 1)
    print_jobs.begin(room.ctx, paper, PrintOrder("printer", (1,), copies=2), "Answer key")
    assert lies() == ([], {"key_letters"})
    copy_of_it = backups.back_up(room.ctx, "act")
    room.ctx.store.close()
    assert copy_of_it.is_relative_to(tmp_path)
    assert lying_in_clear([tmp_path], files) == []


def test_no_clock_shortens_or_lengthens_a_wait(room: Room) -> None:
    seal_for(room, MINISTRY, CHAIR)
    clock: Any = room.ctx.clock

    def must_wait() -> None:
        with pytest.raises(WrongPassword, match="After"):
            open_with(room, MINISTRY, CHAIR)

    for n in range(7):
        with pytest.raises(WrongPassword, match="together do not open"):
            keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password(f"{n:013d}"), "Төраға")
        clock.set(clock.now() + timedelta(seconds=61))
    with pytest.raises(WrongPassword, match="together do not open"):
        keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password("7" * 13), "Төраға")
    clock.put_hands(clock.now() + timedelta(days=400))
    must_wait()
    clock.put_hands(clock.now() - timedelta(days=4000))
    must_wait()
    state = keys.key_state(room.ctx, 1)
    assert state.wait_until is not None
    assert timedelta(seconds=90) < state.wait_until - clock.now() <= timedelta(seconds=120)
    clock.restart()
    must_wait()
    clock.set(clock.now() + timedelta(seconds=121))
    assert open_with(room, MINISTRY, CHAIR) == key_of(1)


def test_tries_survive_a_restart_of_the_program(room: Room, tmp_path: Path) -> None:
    seal_for(room, MINISTRY, CHAIR)
    for n in range(6):
        room.ctx.clock.set(room.ctx.clock.now() + timedelta(seconds=16))  # type: ignore[attr-defined]
        with pytest.raises(WrongPassword, match="together do not open"):
            keys.open_key(room.ctx, 1, password(WORDS[MINISTRY]), password(f"{n:013d}"), "Төраға")
    with room.ctx.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "again.db"
    copy.write_bytes(room.ctx.store.path.read_bytes())
    again = Context(Store(copy, room.ctx.store.key, room.ctx.clock), room.ctx.actor, room.ctx.role, BASE,
                    room.ctx.season, room.ctx.clock, "en", room.ctx.entropy)  # fmt: skip
    state = keys.key_state(again, 1)
    again.store.close()
    assert (state.tries, state.wait_until is not None, state.shut) == (6, True, False)


def test_the_computer_s_own_seconds_only_go_on() -> None:
    clock = SystemClock()
    first = clock.ticks()
    assert clock.ticks() >= first > 0
    assert [gone_by(*pair) for pair in ((1000, 4000), (5000, 300), (0, 0))] == [3000, 300, 0]


def test_the_marks_are_signed_when_they_are_closed(room: Room) -> None:
    with room.ctx.store.read() as session:
        row = session.get_one(MarksClosed, 1)
        record = {name: getattr(row, name) for name in ("shift", "digest", "sheets", "at", "by", "statement")}
        keyid = trusting.device_keys(session).keyid
    signed = closed_marks.is_signed
    assert signed(record, room.ctx.season.campaign, BASE, [keyid])
    assert keys.key_state(room.ctx, 1).marks == closed_marks.told_code(record["digest"])
    assert not signed(record, room.ctx.season.campaign, BASE, ["ab" * 32])
    assert not signed(record, "other", BASE, [keyid])
    for name, value in (("digest", "0" * 64), ("sheets", 1), ("at", "x"), ("by", "y"), ("statement", "{}")):
        assert not signed(record | {name: value}, room.ctx.season.campaign, BASE, [keyid])


def test_key_and_results_on_paper_carry_what_was_announced(room: Room) -> None:
    give_key(room)
    open_with(room, MINISTRY, CHAIR)
    results.score_shift(room.ctx, 1)
    announced = keys.key_state(room.ctx, 1).commitment[:12]
    for made in (documents_results.print_answer_key(room.ctx, 1), documents_results.print_results(room.ctx, 1)):
        pages = list(pypdfium2.PdfDocument(made.pdf))
        words = [page.get_textpage().get_text_range() for page in pages]
        assert announced in words[0]
        with room.ctx.store.read() as session:
            heads = {entry.hash[:12] for entry in session.scalars(select(AuditEntry))}
        assert all(any(head in text for head in heads) for text in words)


def test_points_are_counted_by_the_announced_letters_only(room: Room) -> None:
    give_key(room)
    open_with(room, MINISTRY, CHAIR)
    with room.ctx.store.engine.execution_options(mab_write=True).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER key_letters_no_update")
        connection.exec_driver_sql("UPDATE key_letters SET letters = 'A' || substr(letters, 2) WHERE subject = 'SUB1'")
    with room.ctx.store.read() as session:
        assert session.scalars(select(KeyLetters.letters)).first() != ""
    with pytest.raises(OutOfOrder, match="not the one that was opened"):
        results.score_shift(room.ctx, 1)
