"""A seating can be drawn again by anybody: with the proof, the centre's secret, openssl, sort and awk."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from mab_desktop.domain import seating as rules
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.seating_proof import SeatingProof, read_proof
from mab_desktop.services import seating
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import Seat, Seating
from tests.conftest import MakeContext
from tests.services.exam_room import SEAT_PASSWORD, SECRET, Room, make_room, password
from tests.services.final_stand import Contexts

SCRIPT = Path(__file__).parents[2] / "docs" / "tools" / "redraw-seats.sh"
RIGHT = password(SEAT_PASSWORD)


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """The eve of shift 1: three halls, one of them with a shorter number."""
    return make_room(make_context, tmp_path, {"101": 9, "102": 4, "9": 2})


def seats_of(ctx: Context) -> dict[tuple[str, int], str]:
    with ctx.store.read() as session:
        return {(row.hall, row.seat): row.student for row in session.scalars(select(Seat))}


def redraw(proof: Path, secret: str = SECRET.hex()) -> subprocess.CompletedProcess[str]:
    """The script, with nothing on its path but what it says it needs."""
    tools = {name: shutil.which(name) for name in ("sh", "openssl", "sort", "awk")}
    assert all(tools.values()), tools
    with tempfile.TemporaryDirectory() as folder:
        for name, place in tools.items():
            Path(folder, name).symlink_to(str(place))
        command = [str(tools["sh"]), str(SCRIPT), str(proof), secret]
        return subprocess.run(command, capture_output=True, text=True, env={"PATH": folder}, check=False)


def test_the_script_draws_the_same_seats(room: Room, tmp_path: Path) -> None:
    room.seat()
    path = tmp_path / seating.proof_name(room.ctx, 1)
    seating.save_proof(room.ctx, 1, path)
    done = redraw(path)
    assert (done.returncode, done.stderr) == (0, "")
    drawn = [line.split("|") for line in done.stdout.splitlines()]
    assert {(hall, int(seat)): student for hall, seat, student in drawn} == seats_of(room.ctx)
    with room.ctx.store.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc())).first()
        assert entry is not None
        assert (entry.event, entry.details) == ("seating-proof-saved", {"file": "seating-proof-013-1.txt"})


@pytest.mark.parametrize(("change", "said"), [
    (lambda text: text.replace("|11010000\n", "|11010001\n"), "list of students"),
    (lambda text: text.replace("9|4\n", "9|5\n"), "halls"),
    (lambda text: text.replace("code=", "code=0"), "twelve characters"),
    (lambda text: text.replace("result=", "result=0"), "digest of the seats"),
    (lambda text: text.replace("101|1|", "101|1|x"), "seats are not those"),
    (lambda text: text.replace("commitment=", "commitment=0"), "commitment"),
])  # fmt: skip
def test_what_was_changed_in_a_proof_shows_everywhere(
    room: Room, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    room.seat()
    text = seating.proof(room.ctx, 1).text()
    path = tmp_path / "proof.txt"
    path.write_text(change(text), encoding="utf-8")
    assert change(text) != text
    done = redraw(path)
    assert done.returncode == 1
    assert said in done.stderr


def test_another_secret_or_no_file_is_told(room: Room, tmp_path: Path) -> None:
    room.seat()
    path = tmp_path / "proof.txt"
    seating.save_proof(room.ctx, 1, path)
    assert "commitment" in redraw(path, "00" * 32).stderr
    assert redraw(path, "xyz").returncode == 1
    assert redraw(tmp_path / "no such file").returncode == 2
    with pytest.raises(UserError, match="cannot be used"):
        seating.save_proof(room.ctx, 1, tmp_path / "no folder" / "proof.txt")


def test_only_a_whole_proof_is_read(room: Room) -> None:
    room.seat()
    proof = seating.proof(room.ctx, 1)
    text = proof.text()
    assert read_proof(text) == proof
    for spoilt in ("", text[:-1], text + "\n", text.replace("[halls]", "[hall]"), text.replace("shift=1", "shift=01"),
                   text.replace("local=", "local=z"), text.replace("mab-seating-proof-1", "mab-seating-proof-2"),
                   text.replace("university=013\n", "")):  # fmt: skip
        with pytest.raises(UserError, match="not the proof"):
            read_proof(spoilt)


identifier = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)
rosters = st.lists(
    st.builds(rules.RosterLine, st.sampled_from(["1", "9", "101", "102"]), identifier, st.just("10000001")),
    min_size=1, max_size=40, unique_by=lambda line: line.student,
)  # fmt: skip


@given(rosters, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.randoms())
def test_any_list_has_one_outcome_and_its_proof_comes_back(roster, secret, local, chance) -> None:  # type: ignore[no-untyped-def]
    halls = dict.fromkeys(("1", "9", "101", "102"), 45)
    frozen = rules.freeze("013", 7, rules.commitment(secret), roster, halls, local)
    seats, problems = rules.rederive(secret, frozen, roster, halls)
    shuffled = [*roster]
    chance.shuffle(shuffled)
    assert problems == []
    assert rules.rederive(secret, frozen, shuffled, dict(reversed(halls.items()))) == (seats, [])
    code, result = rules.freeze_code(frozen), rules.result_digest(seats)
    proof = SeatingProof(frozen, code, result, "x", tuple(sorted(roster)), halls, seats)
    assert read_proof(proof.text()) == proof


class PulledPlug(BaseException):
    """The computer is gone."""


def draw_until(ctx: Context, copy: Path, statement: int | None) -> bool:
    """Draw on a copy of the frozen database; the plug is pulled before this statement. True when nothing was pulled."""
    left = [statement]

    def before(*_args: object) -> None:
        if left[0] is not None:
            left[0] -= 1
            if left[0] < 0:
                raise PulledPlug

    twin = Context(Store(copy, ctx.store.key, ctx.clock), ctx.actor, ctx.role, ctx.university, ctx.season, ctx.clock,
                   "en", ctx.entropy)  # fmt: skip
    try:
        event.listen(twin.store.engine, "before_cursor_execute", before)
        seating.draw_seating(twin, 1, RIGHT)
    except PulledPlug:
        return False
    finally:
        twin.store.close()
    return True


def outcome(ctx: Context, copy: Path) -> tuple[str, dict[tuple[str, int], str]]:
    """What stands after the next start, drawn again where nothing was: never half."""
    twin = Context(Store(copy, ctx.store.key, ctx.clock), ctx.actor, ctx.role, ctx.university, ctx.season, ctx.clock,
                   "en", ctx.entropy)  # fmt: skip
    with twin.store.read() as session:
        drawn = session.scalar(select(Seating.result).where(Seating.shift == 1))
    assert bool(drawn) == bool(seats_of(twin))
    result = drawn or seating.draw_seating(twin, 1, RIGHT).result
    found = (result, seats_of(twin))
    assert twin.store.verify_log() is None
    twin.store.close()
    return found


def frozen_copy(ctx: Context, folder: Path, n: int) -> Path:
    with ctx.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = folder / f"crash-{n}.db"
    copy.write_bytes(ctx.store.path.read_bytes())
    return copy


@pytest.mark.heavy
def test_a_crash_at_every_statement_gives_one_outcome(room: Room, tmp_path: Path) -> None:
    seating.freeze_seating(room.ctx, 1)
    whole = frozen_copy(room.ctx, tmp_path, -1)
    assert draw_until(room.ctx, whole, None)
    due = outcome(room.ctx, whole)
    statement = 0
    while True:
        copy = frozen_copy(room.ctx, tmp_path, statement)
        finished = draw_until(room.ctx, copy, statement)
        assert outcome(room.ctx, copy) == due, statement
        copy.unlink()
        if finished:
            break
        statement += 1
    assert statement > 20


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.dictionaries(st.sampled_from(["1", "42", "101"]), st.integers(1, 6), min_size=1), st.integers(0, 40))
def test_any_halls_and_any_crash_give_one_outcome(
    empty_database: Path, halls: Mapping[str, int], statement: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        contexts = Contexts(empty_database, Path(folder))
        room = make_room(contexts, Path(folder), halls)
        seating.freeze_seating(room.ctx, 1)
        results = []
        for n, pulled in enumerate((None, statement)):
            copy = frozen_copy(room.ctx, Path(folder), n)
            draw_until(room.ctx, copy, pulled)
            results.append(outcome(room.ctx, copy))
        assert results[0] == results[1]
        assert len(results[0][1]) == sum(halls.values())
        contexts.close()
