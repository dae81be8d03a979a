"""Two programs on one database, started at the same moment, a hundred times: one gets in, the other is told why not."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.storage.store import Store
from tests.faults.runs import SCENARIOS, Child, Templates, in_words
from tests.faults.scenario import Say, database, opened
from tests.faults.students_work import MINE

ROUNDS = 100
TOLD = (
    "The database mab.db is open in another window or by another program. Nothing was changed. "
    "Go on working there, or close it and open the database again."
)


def contesting(path: Path, go: int, rounds: int) -> Callable[[Say], None]:
    """At each byte from the parent try to get in, at the next one leave."""

    def job(say: Say) -> None:
        for _ in range(rounds):
            os.read(go, 1)
            try:
                store = Store(path, bytes(32), SystemClock())
                say("in")
            except UserError as error:
                store = None
                say(in_words(error))
            os.read(go, 1)
            if store is not None:
                store.close()
            say("out")

    return job


def test_one_gets_in(templates: Templates, tmp_path: Path) -> None:
    path = database(templates.copy(SCENARIOS["typing"], tmp_path / "run"), MINE)
    gates = [os.pipe() for _ in range(2)]
    children = [Child(contesting(path, gate[0], ROUNDS)) for gate in gates]
    winners = set()
    for _ in range(ROUNDS):
        heard = []
        for _, gate in gates:
            os.write(gate, b".")
        heard = [child.line() for child in children]
        assert sorted(heard) == [TOLD, "in"]
        winners.add(heard.index("in"))
        for _, gate in gates:
            os.write(gate, b".")
        assert [child.line() for child in children] == ["out", "out"]
    assert not any(child.end().bug for child in children)
    assert len(winners) == 2  # else they would not meet
    for end in (end for gate in gates for end in gate):
        os.close(end)


def log_in_and_wait(folder: Path, wait: int) -> Callable[[Say], None]:
    """At work in the workplace until the parent says otherwise."""

    def job(say: Say) -> None:
        try:
            with opened(folder, MINE):
                say("in")
                os.read(wait, 1)
        except UserError as error:
            say(in_words(error))

    return job


def test_a_killed_one_makes_room(templates: Templates, tmp_path: Path) -> None:
    folder = templates.copy(SCENARIOS["typing"], tmp_path / "run")
    inside, outside = os.pipe()
    first, second = (Child(log_in_and_wait(folder, inside)) for _ in range(2))
    heard = {child.line(): child for child in (first, second)}
    assert set(heard) == {"in", TOLD}
    heard["in"].kill()
    assert heard["in"].end().killed == signal.SIGKILL
    with opened(folder, MINE) as ctx:
        assert ctx.store.verify_log() is None
    os.close(outside)
    os.close(inside)
    assert not heard[TOLD].end().bug
