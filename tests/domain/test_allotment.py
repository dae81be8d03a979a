"""The allotment: one place each, never more than a hall holds, repeatable, honest when it cannot be done."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.allotment import (
    HallPlaces,
    draw_codes,
    even_needs,
    fewest_shifts,
    language_of_test,
    subjects_of,
)
from mab_desktop.domain.check_digit import check_digit
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError


@given(st.dictionaries(st.sampled_from("123"), st.integers(0, 90)), st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_shifts_that_are_filled_evenly_differ_by_one(languages: dict[str, int], shifts: int) -> None:
    needs = even_needs(languages, shifts)
    sizes = [sum(need.values()) for need in needs]
    assert max(sizes) - min(sizes) <= 1
    for language, count in languages.items():
        shares = [need.get(language, 0) for need in needs]
        assert sum(shares) == count
        assert max(shares) - min(shares) <= 1


def test_as_few_shifts_as_hold_the_students() -> None:
    halls = [HallPlaces("1", "101", 30), HallPlaces("1", "102", 20)]
    assert [fewest_shifts(n, halls) for n in (1, 50, 51, 100, 101)] == [1, 1, 2, 2, 3]


@given(st.integers(1, 300), st.text("abc", min_size=1))
@settings(max_examples=40, deadline=None)
def test_codes_are_unique_checked_and_not_taken(count: int, seed: str) -> None:
    taken = set(draw_codes(50, set(), 8, SeededEntropy(seed + "taken")))
    codes = draw_codes(count, taken, 8, SeededEntropy(seed))
    assert len(set(codes)) == count
    assert not taken & set(codes)
    assert all(len(code) == 8 and code[0] != "0" and is_checked(code) for code in codes)


def test_codes_say_nothing_of_their_order() -> None:
    codes = draw_codes(500, set(), 8, SeededEntropy("order"))
    rising = sum(a < b for a, b in zip(codes, codes[1:], strict=False))
    assert 200 < rising < 300


def test_too_few_digits_are_refused() -> None:
    with pytest.raises(UserError, match="3 digits do not suffice"):
        draw_codes(60, set(), 3, SeededEntropy("few"))


def is_checked(number: str) -> bool:
    return check_digit(number[:-1]) == number[-1]


@given(st.text("0123456789", min_size=1, max_size=9), st.data())
@settings(max_examples=200, deadline=None)
def test_one_wrong_digit_or_a_swap_never_gives_a_valid_number(body: str, data: st.DataObject) -> None:
    number = body + check_digit(body)
    assert is_checked(number)
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not is_checked(number[:place] + wrong + number[place + 1 :])
    swap = data.draw(st.integers(0, len(number) - 2))
    if number[swap] != number[swap + 1]:
        assert not is_checked(number[:swap] + number[swap + 1] + number[swap] + number[swap + 2 :])


def test_the_language_of_the_test_is_one_that_has_papers() -> None:
    assert language_of_test("1", ["kk", "ru"]) == "1"
    assert language_of_test("3", ["kk", "ru"]) == "2"
    assert language_of_test("3", ["kk", "ru", "en"]) == "3"


def test_a_direction_without_its_five_subjects_is_refused() -> None:
    assert subjects_of("01", {"01": ["A", "B", "C", "D", "E"]}) == ("A", "B", "C", "D", "E")
    with pytest.raises(UserError, match="Direction 02 must have 5 subjects"):
        subjects_of("02", {"02": ["A", "B"]})
