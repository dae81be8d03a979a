"""Seats: one outcome, the same on every machine, to be redone by anybody with openssl and sort."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain import seating
from mab_desktop.domain.seating import RosterLine
from mab_desktop.domain.spoken_code import shown_code

A, B, C, D = (letter * 32 for letter in "abcd")
ROSTER = [RosterLine("101", A, "10000001"), RosterLine("101", B, "10000002"), RosterLine("101", C, "10000003"),
          RosterLine("102", D, "10000004")]  # fmt: skip
HALLS = {"102": 2, "101": 3}
SECRET, LOCAL = bytes(range(32)), bytes(range(100, 132))


def test_the_draw_is_what_openssl_and_sort_give() -> None:
    # Every number below was made on a command line: sha256sum of both texts, openssl kdf HKDF, openssl dgst HMAC.
    frozen = seating.freeze("013", 1, seating.commitment(SECRET), ROSTER, HALLS, LOCAL)
    assert frozen.commitment == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    assert frozen.roster == "b379880ea1722a18ab493bc4375378358596641882f03d9e105f84ad3621b666"
    assert frozen.halls == "33160904ff046a6af1d8db6fedb6253631f7335a0937762cd2df0a40c8f1f1a6"
    assert seating.freeze_code(frozen) == "823SYM24GY2N"
    assert shown_code("823SYM24GY2N") == "823S-YM24-GY2N"
    seed = seating.draw_seed(SECRET, frozen)
    assert seed.hex() == "5847ffabb7bf0ab01afbb269ed56abe8d0586cf9d3f6e5177d239de2137158ff"
    assert seating.draw(seed, ROSTER, HALLS) == {("101", 1): C, ("102", 1): D, ("101", 2): B, ("101", 3): A}


def test_redoing_the_draw_tells_what_does_not_fit_the_freeze() -> None:
    frozen = seating.freeze("013", 1, seating.commitment(SECRET), ROSTER, HALLS, LOCAL)
    seats, problems = seating.rederive(SECRET, frozen, ROSTER, HALLS)
    assert problems == []
    assert seating.rederive(SECRET, frozen, reversed(ROSTER), dict(reversed(HALLS.items()))) == (seats, [])
    _, problems = seating.rederive(bytes(32), frozen, ROSTER[1:], HALLS | {"102": 9})
    assert [p.field for p in problems] == ["secret", "roster", "halls"]


@given(st.integers(0, 2**64), st.integers(1, 40), st.binary(min_size=32, max_size=32))
def test_everybody_gets_one_seat_of_his_hall_from_seat_one_on(salt: int, students: int, seed: bytes) -> None:
    roster = [RosterLine(str(101 + n % 3), f"{salt:016x}{n:016x}", str(n)) for n in range(students)]
    size = Counter(line.hall for line in roster)
    seats = seating.draw(seed, roster, dict(size))
    assert sorted(seats.values()) == sorted(line.student for line in roster)
    assert set(seats) == {(hall, n) for hall in size for n in range(1, size[hall] + 1)}
    assert all(seats[key] in {line.student for line in roster if line.hall == key[0]} for key in seats)


def test_who_sits_where_hangs_on_every_input() -> None:
    roster = [RosterLine("1", f"{n:032d}", str(n)) for n in range(30)]
    frozen = seating.freeze("013", 1, seating.commitment(SECRET), roster, {"1": 30}, LOCAL)
    seats = seating.rederive(SECRET, frozen, roster, {"1": 30})[0]
    for other in (
        seating.freeze("013", 2, frozen.commitment, roster, {"1": 30}, LOCAL),
        seating.freeze("013", 1, frozen.commitment, roster, {"1": 31}, LOCAL),
        seating.freeze("013", 1, frozen.commitment, roster, {"1": 30}, bytes(32)),
    ):
        assert seating.draw(seating.draw_seed(SECRET, other), roster, {"1": 31}) != seats
        assert seating.freeze_code(other) != seating.freeze_code(frozen)
    assert seating.draw(seating.draw_seed(bytes(32), frozen), roster, {"1": 30}) != seats


def test_a_hall_that_is_too_small_or_unknown_is_told_before_the_draw() -> None:
    problems = seating.size_problems(ROSTER, {"101": 2})
    assert [p.message("en") for p in problems] == [
        "Hall 101 has 2 seats for 3 students.", "Hall 102 is not in the hall fund.",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="101"):
        seating.draw(bytes(32), ROSTER, {"101": 2, "102": 1})
