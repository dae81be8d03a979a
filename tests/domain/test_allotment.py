"""The allotment: one place each, never more than a hall holds, repeatable, honest when it cannot be done."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.allotment import (
    Candidate,
    HallPlaces,
    allot_places,
    draw_codes,
    hall_loads,
    language_of_test,
    missing_places,
    subjects_of,
)
from mab_desktop.domain.check_digit import check_digit, is_checked
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError

SEED = bytes(range(32))


def people(counts: dict[tuple[str, str], int]) -> list[Candidate]:
    return [
        Candidate(f"{direction}{language}{n:05d}", direction, language, f"{n % 3:03d}")
        for (direction, language), count in counts.items()
        for n in range(count)
    ]


groups = st.dictionaries(
    st.tuples(st.sampled_from(["01", "02", "03", "07"]), st.sampled_from(["1", "2"])), st.integers(1, 60), min_size=1
)
funds = st.lists(st.integers(1, 60), min_size=1, max_size=8).map(
    lambda seats: [HallPlaces("1", f"{n:03d}", count) for n, count in enumerate(seats, 1)]
)


@given(groups, funds, st.integers(1, 4), st.binary(min_size=32, max_size=32))
@settings(max_examples=150, deadline=None)
def test_everybody_gets_one_place_and_no_hall_overflows(
    counts: dict[tuple[str, str], int], halls: list[HallPlaces], shifts: int, seed: bytes
) -> None:
    candidates = people(counts)
    lacking = missing_places(len(candidates), halls, shifts)
    if lacking:
        with pytest.raises(UserError, match=f"{lacking} places are missing"):
            allot_places(candidates, halls, range(1, shifts + 1), seed)
        return
    places = allot_places(candidates, halls, range(1, shifts + 1), seed)
    assert sorted(p.student for p in places) == sorted(c.student for c in candidates)
    for load in hall_loads(places, candidates, halls):
        assert 0 < load.students <= load.seats
    sizes = Counter(p.shift for p in places)
    assert max(sizes.values()) - min(sizes.get(n, 0) for n in range(1, shifts + 1)) <= 1
    assert places == allot_places(list(reversed(candidates)), halls, range(1, shifts + 1), seed)


@given(groups, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_languages_never_mix_when_there_are_halls_enough(counts: dict[tuple[str, str], int], shifts: int) -> None:
    candidates = people(counts)
    halls = [HallPlaces("1", f"{n:03d}", 30) for n in range(1, len(candidates) // 30 + 5)]
    places = allot_places(candidates, halls, range(1, shifts + 1), SEED)
    assert all(len(load.languages) == 1 for load in hall_loads(places, candidates, halls))


def test_a_direction_and_language_stays_in_one_shift_where_it_fits() -> None:
    candidates = people({("01", "1"): 30, ("02", "1"): 30, ("03", "2"): 30})
    halls = [HallPlaces("1", "101", 40)]
    places = allot_places(candidates, halls, [1, 2, 3], SEED)
    shift_of = {p.student: p.shift for p in places}
    assert all(len({shift_of[c.student] for c in candidates if c.direction == d}) == 1 for d in ("01", "02", "03"))


def test_halls_fill_evenly_rather_than_leaving_one_student_alone() -> None:
    candidates = people({("01", "1"): 101})
    halls = [HallPlaces("1", "001", 100), HallPlaces("1", "002", 60)]
    loads = hall_loads(allot_places(candidates, halls, [1], SEED), candidates, halls)
    assert sorted(load.students for load in loads) == [38, 63]


def test_no_student_needs_a_hall_that_stays_empty() -> None:
    candidates = people({("01", "1"): 25})
    halls = [HallPlaces("1", "001", 100), HallPlaces("1", "002", 30)]
    places = allot_places(candidates, halls, [1], SEED)
    assert {p.hall for p in places} == {"002"}


def test_another_seed_gives_another_order_within_a_group() -> None:
    candidates = people({("01", "1"): 90})
    halls = [HallPlaces("1", "001", 30)]
    first = allot_places(candidates, halls, [1, 2, 3], SEED)
    second = allot_places(candidates, halls, [1, 2, 3], bytes(32))
    assert {p.student for p in first if p.shift == 1} != {p.student for p in second if p.shift == 1}


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
