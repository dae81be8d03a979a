"""Workers that crash, hang, hoard or lie lose one file and nothing else."""

from __future__ import annotations

import errno
import io
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mab_desktop.bounded import limits
from mab_desktop.bounded.child import WINDOW
from mab_desktop.bounded.pool import Bounds, Message, Pool, Refusal, Stopped

BOUNDS = Bounds(memory=200 << 20, area=8 << 20)
DATA = random.Random(1).randbytes(3 * WINDOW + 17)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool("tests.bounded.odd_worker", BOUNDS)
    yield made
    made.close()


def ask(pool: Pool, do: str, data: bytes = b"", seconds: float = 60.0, **more: Any) -> list[Message]:
    return list(pool.ask({"do": do, **more}, io.BytesIO(data), seconds, {"tool": b"a tool"}))


def test_a_file_is_read_whole_in_windows_and_in_pieces_from_anywhere(pool: Pool) -> None:
    assert ask(pool, "sum", DATA)[-1].fields["sum"] == sum(DATA)
    places = [len(DATA) - 5, 0, WINDOW - 2, 77, len(DATA) - 2, len(DATA) + 9]
    *parts, last = ask(pool, "pieces", DATA, at=places)
    assert [bytes(part.data) for part in parts] == [DATA[at : at + 5] for at in places]
    assert (last.last, parts[0].last) == (True, False)
    assert bytes(ask(pool, "asset")[0].data) == b"a tool"


@pytest.mark.parametrize(
    ("do", "seconds", "why"),
    [("die", 60.0, "crashed"), ("hang", 0.3, "slow"), ("hoard", 60.0, "memory"), ("stumble", 60.0, "failed")],
)
def test_what_dies_takes_one_file_with_it(pool: Pool, do: str, seconds: float, why: str) -> None:
    with pytest.raises(Stopped) as said:
        ask(pool, do, seconds=seconds)
    assert said.value.why == why
    assert ask(pool, "sum", b"\1\2")[-1].fields["sum"] == 3


def test_a_machine_that_gives_it_little_time_makes_no_worker_slow(pool: Pool) -> None:
    ask(pool, "sum")  # it has started
    assert ask(pool, "wait", seconds=0.2, wait=0.6)[-1].fields == {"waited": True}


def test_one_that_waits_for_ever_is_ended_by_the_clock(pool: Pool) -> None:
    ask(pool, "sum")
    with pytest.raises(Stopped) as said:
        ask(pool, "wait", seconds=0.1, wait=3600)
    assert said.value.why == "slow"
    assert ask(pool, "sum", b"\5")[-1].fields["sum"] == 5


def test_its_own_limit_ends_a_worker_whose_parent_does_not_look(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "used_seconds", lambda _process: 0.0)
    monkeypatch.setattr("mab_desktop.bounded.pool._MORE", 3600.0)
    monkeypatch.setattr("mab_desktop.bounded.pool._TIMES", 3600.0)
    with pytest.raises(Stopped) as said:
        ask(pool, "hang", seconds=0.1)
    assert said.value.why == "slow"


def test_a_refusal_is_told_with_its_words_and_the_worker_goes_on(pool: Pool) -> None:
    with pytest.raises(Refusal) as said:
        ask(pool, "refuse")
    assert (said.value.code, said.value.params) == ("too-large", {"detail": "9 m"})


def test_a_worker_writes_no_file(pool: Pool, tmp_path: Path) -> None:
    assert ask(pool, "write", path=str(tmp_path / "out"))[-1].fields["error"] == errno.EFBIG
    assert (tmp_path / "out").read_bytes() == b""


@pytest.mark.parametrize(
    "lie",
    [
        {"read": [-1, 5]}, {"read": [0, 1 << 40]}, {"read": "all"}, {"part": {}, "size": 1 << 40}, {"part": 3},
        {"done": {"size": -1}}, {"done": []}, {"refused": "x", "params": []}, {}, [],
    ],
)  # fmt: skip
def test_a_worker_that_a_file_has_taken_over_gets_nothing_by_lies(pool: Pool, lie: Any) -> None:
    with pytest.raises(Stopped):
        ask(pool, "lie", DATA, seconds=2.0, lie=lie)


def test_one_that_is_left_in_the_middle_is_not_used_again(pool: Pool) -> None:
    talk = pool.ask({"do": "pieces", "at": [0, 5, 10]}, io.BytesIO(DATA), 60.0)
    next(talk)
    talk.close()  # type: ignore[attr-defined]
    assert ask(pool, "sum", b"\7")[-1].fields["sum"] == 7


def test_many_at_once_each_get_their_own_answer(pool: Pool) -> None:
    def one(n: int) -> object:
        if n % 5 == 0:
            with pytest.raises(Stopped):
                ask(pool, "die")
            return None
        return ask(pool, "sum", bytes([n]) * n)[-1].fields["sum"]

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(one, range(12))) == [n * n if n % 5 else None for n in range(12)]
    assert pool.cpu_seconds > 0
