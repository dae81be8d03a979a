"""The distance rule of candidates: whoever made one slip comes first, whatever slip it was."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from mab_desktop.domain.identification import Place, SheetNumbers, identify, nearest
from mab_desktop.domain.nearness import ANOTHERS_CODE, FAR, distance, slips

VARIANTS = ("1002", "1019", "1027", "1034", "1041", "1058", "1066", "1073", "1080")
SLIPS = ("digit", "changed places", "one column aside", "not read", "another's")


@pytest.mark.parametrize(
    ("read", "due", "far"),
    [
        ("12345678", "12345678", 0),
        ("1234567-", "12345678", 1),
        ("-*?45678", "12345678", 3),
        ("12345679", "12345678", 2),
        ("12345687", "12345678", 2),  # neighbours changed places
        ("82345671", "12345678", 2),  # the first and the last did
        ("21435678", "12345678", 4),  # two pairs did
        ("12-", "012", 2),  # written from the left
        ("-01", "012", 2),  # and too far right
        ("--------", "12345678", FAR),
        ("99999999", "12345678", FAR),
        ("9", "12345678", FAR),
    ],
)
def test_a_number_is_as_far_as_the_cheapest_slips_that_explain_it(read: str, due: str, far: int) -> None:
    assert distance(read, due) == far


def test_somebody_else_s_whole_number_is_one_explanation_and_a_slip_another() -> None:
    assert distance("017", "005", {"005", "017"}) == 3
    assert distance("007", "005", {"005", "007"}) == 2
    assert distance("77777777", "12345678", {"77777777"}, ANOTHERS_CODE) == ANOTHERS_CODE


def _hall(chance: Random, size: int) -> list[Place]:
    """Seats in order, variants that no neighbours share, codes so far apart that no slip makes another's."""
    codes: list[str] = []
    while len(codes) < size:
        code = f"{chance.randrange(10**8):08d}"
        if all(slips(code, known) > 4 for known in codes):
            codes.append(code)
    return [Place(n + 1, f"s{n}", f"Студент {n}", code, VARIANTS[n % len(VARIANTS)]) for n, code in enumerate(codes)]


def _slipped(chance: Random, kind: str, number: str, others: list[str]) -> str:
    """A number as a hand with one slip writes it; the number itself when this slip changes nothing."""
    at, other = chance.sample(range(len(number)), 2)
    digits = list(number)
    if kind == "digit":
        digits[at] = str((int(number[at]) + chance.randrange(1, 10)) % 10)
    elif kind == "changed places":
        digits[at], digits[other] = digits[other], digits[at]
    elif kind == "one column aside":
        return f"{number[1:]}-" if chance.random() < 0.5 else f"-{number[:-1]}"
    elif kind == "not read":
        for column in chance.sample(range(len(number)), chance.randrange(1, len(number) + 1)):
            digits[column] = chance.choice("-*?")
    else:
        return chance.choice(others)
    return "".join(digits)


@given(st.integers(0, 2**32), st.integers(2, 50), st.sampled_from(SLIPS), st.sampled_from(("code", "seat", "variant")))
def test_whoever_made_one_slip_comes_first(seed: int, size: int, kind: str, field: str) -> None:
    chance = Random(seed)
    places = _hall(chance, size)
    true = chance.choice(places)
    numbers = {"code": true.code, "seat": f"{true.seat:03d}", "variant": true.variant}
    strangers = [p for p in places if p.student != true.student and p.variant != true.variant]
    if kind == "another's" and not strangers:
        return
    theirs = {"code": [p.code for p in strangers], "seat": [f"{p.seat:03d}" for p in strangers],
              "variant": [p.variant for p in strangers]}  # fmt: skip
    numbers[field] = _slipped(chance, kind, numbers[field], theirs[field])
    free = [p for p in places if p == true or chance.random() < 0.7]
    first, *others = nearest(SheetNumbers("x", **numbers), free, places)
    event(f"{kind} in the {field}")
    assert first.student == true.student
    assert all(first.rank[:2] < other.rank[:2] for other in others), "nobody is as near as the right one"


@given(st.integers(0, 2**32), st.integers(2, 50))
def test_a_digit_of_the_code_and_a_neighbour_s_seat_still_name_the_right_one(seed: int, size: int) -> None:
    chance = Random(seed)
    places = _hall(chance, size)
    true = chance.choice(places)
    seat = next(p.seat for p in places if abs(p.seat - true.seat) == 1)
    code = _slipped(chance, "digit", true.code, [])
    found = nearest(SheetNumbers("x", code, f"{seat:03d}", true.variant), places, places)
    assert found[0].student == true.student


def test_only_those_without_a_sheet_are_candidates() -> None:
    places = _hall(Random(1), 4)
    a, b, c, d = places
    sheets = [
        SheetNumbers("a", a.code, f"{a.seat:03d}", a.variant), SheetNumbers("b", "00000000", f"{b.seat:03d}", b.variant)
    ]  # fmt: skip
    (line,) = identify(places, sheets, absent=[d.student]).sheets
    assert [found.student for found in line.candidates] == [b.student, c.student]
