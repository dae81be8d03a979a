"""Which halls a language gets: never worse than trying everything; and who sits where after that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.allotment import Candidate, HallPlaces, hall_loads, missing_places, same_pairs
from mab_desktop.domain.errors import UserError
from mab_desktop.services.centre_allotment import place_students
from mab_desktop.services.hall_cover import Cover, Size, cover

SEED = bytes(range(32))
NEEDS = st.dictionaries(st.sampled_from("12"), st.integers(1, 25), min_size=1)
HALLS = st.lists(st.integers(1, 20), min_size=1, max_size=5)


def people(counts: Mapping[tuple[str, str], int]) -> list[Candidate]:
    """Students by direction and language, of three network universities."""
    return [
        Candidate(f"{direction}{language}{n:05d}", direction, language, f"{n % 3:03d}")
        for (direction, language), count in counts.items()
        for n in range(count)
    ]


def rooms(*seats: int) -> list[HallPlaces]:
    """Halls 001, 002 ... with so many seats."""
    return [HallPlaces("1", f"{n:03d}", count) for n, count in enumerate(seats, 1)]


def every_use(halls: Sequence[int], needs: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Mixed halls and halls in use, of every way to use the halls that seats everybody."""
    for uses in product(("", *needs, "mixed"), repeat=len(halls)):
        own = {language: sum(s for s, use in zip(halls, uses, strict=True) if use == language) for language in needs}
        together = sum(s for s, use in zip(halls, uses, strict=True) if use == "mixed")
        if sum(max(0, count - own[language]) for language, count in needs.items()) <= together:
            yield uses.count("mixed"), sum(use != "" for use in uses)


@given(NEEDS, HALLS)
@settings(max_examples=60, deadline=None)
def test_no_better_cover_can_be_found_by_trying_all(needs: dict[str, int], seats: list[int]) -> None:
    sizes = [Size(count, n) for count, n in Counter(seats).items()]
    if sum(needs.values()) > sum(seats):
        with pytest.raises(ValueError, match="too few seats"):
            cover(needs, sizes)
        return
    found = cover(needs, sizes)
    best = min(every_use(seats, needs))
    assert (sum(found.mixed.values()), found.sittings) == best
    assert (found.least_mixed, found.least_sittings) == best


def test_the_smaller_of_two_halls_that_do_is_taken() -> None:
    assert cover({"1": 25}, [Size(100, 1), Size(30, 1)]) == Cover({(1, "1"): 1}, {}, 1, 0)


@pytest.mark.parametrize("seats", [[], [30]])
@pytest.mark.parametrize("spread", [False, True])
def test_nobody_needs_no_hall(seats: list[int], spread: bool) -> None:
    assert place_students([], rooms(*seats), [1, 2], SEED, spread=spread) == ((), (0, 0))


groups = st.dictionaries(
    st.tuples(st.sampled_from(["01", "02", "03", "07"]), st.sampled_from(["1", "2"])), st.integers(1, 60), min_size=1
)


@given(groups, st.lists(st.integers(1, 60), min_size=1, max_size=8), st.integers(1, 4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_everybody_gets_one_place_and_no_hall_overflows(
    counts: dict[tuple[str, str], int], seats: list[int], shifts: int, spread: bool
) -> None:
    candidates, halls, numbers = people(counts), rooms(*seats), range(1, shifts + 1)
    lacking = missing_places(len(candidates), halls, shifts)
    if lacking:
        with pytest.raises(UserError, match=f"{lacking} (place is|places are) missing"):
            place_students(candidates, halls, numbers, SEED, spread=spread)
        return
    places, (least, least_mixed) = place_students(candidates, halls, numbers, SEED, spread=spread)
    assert sorted(p.student for p in places) == sorted(c.student for c in candidates)
    loads = hall_loads(places, candidates, halls)
    assert all(0 < load.students <= load.seats for load in loads)
    assert sum(len(load.languages) > 1 for load in loads) <= least_mixed
    assert len(loads) == least
    sizes = Counter(p.shift for p in places)
    if spread:
        assert max(sizes.values()) - min(sizes.get(n, 0) for n in numbers) <= 1
    else:
        fewest = -(-len(candidates) // sum(seats))
        in_fewest = place_students(candidates, halls, range(1, fewest + 1), SEED)[1][1]
        assert len(sizes) == fewest or least_mixed < in_fewest, "one shift more only keeps languages apart"
    assert places == place_students(list(reversed(candidates)), halls, numbers, SEED, spread=spread)[0]


def test_languages_never_mix_when_there_are_halls_enough() -> None:
    candidates = people({("01", "1"): 50, ("02", "1"): 41, ("02", "2"): 29})
    places, bounds = place_students(candidates, rooms(*[30] * 5), [1], SEED)
    assert bounds == (5, 0)
    loads = hall_loads(places, candidates, rooms(*[30] * 5))
    assert all(len(load.languages) == 1 for load in loads)


def test_who_sits_beside_whom_comes_from_elsewhere() -> None:
    candidates = people({("01", "1"): 90, ("02", "1"): 90, ("03", "1"): 120})
    places, _ = place_students(candidates, rooms(*[30] * 10), [1], SEED)
    for group_of, halls in (
        ({c.student: c.university for c in candidates}, 10), ({c.student: c.direction for c in candidates}, 10),
    ):  # fmt: skip
        found, least = same_pairs(places, group_of, {c.student: c.language for c in candidates})
        assert least <= found <= 1.02 * least
        assert len({p.hall for p in places}) == halls


def test_halls_fill_evenly_rather_than_leaving_one_student_alone() -> None:
    candidates, halls = people({("01", "1"): 101}), rooms(100, 60)
    places, _ = place_students(candidates, halls, [1], SEED)
    loads = hall_loads(places, candidates, halls)
    assert sorted(load.students for load in loads) == [38, 63]


def test_few_halls_have_to_be_made_ready() -> None:
    """A hall that is used at all is used in every shift."""
    candidates, halls = people({("01", "1"): 300, ("01", "2"): 90}), rooms(*[30] * 12)
    places, bounds = place_students(candidates, halls, [1, 2, 3], SEED)
    assert bounds == (13, 0)
    assert {p.shift for p in places} == {1, 2}
    assert len({p.hall for p in places}) == 7


def test_another_seed_gives_another_order_within_a_group() -> None:
    candidates, halls = people({("01", "1"): 90}), rooms(30)
    places, _ = place_students(candidates, halls, [1, 2, 3], SEED)
    other, _ = place_students(candidates, halls, [1, 2, 3], bytes(32))
    assert {p.student for p in places if p.shift == 1} != {p.student for p in other if p.shift == 1}


def test_another_shift_keeps_languages_apart_and_none_more() -> None:
    """One hall for two languages: mixed within one shift, apart within two; a third would help nobody (p.23)."""
    candidates = [Candidate(f"{n:08d}", "01", "2" if n % 5 == 0 else "1", "013") for n in range(20)]
    halls = rooms(30)
    mixed, bounds = place_students(candidates, halls, [1], SEED)
    assert bounds == (1, 1)
    apart, bounds = place_students(candidates, halls, [1, 2, 3], SEED)
    assert bounds == (2, 0)
    assert {place.shift for place in mixed} == {1}
    languages = {c.student: c.language for c in candidates}
    assert len({(place.shift, languages[place.student]) for place in apart}) == 2
    assert {place.shift for place in apart} == {1, 2}
    one_more = [*candidates, *(Candidate(f"9{n:07d}", "01", "1", "013") for n in range(70))]
    places, bounds = place_students(one_more, halls, [1, 2, 3], SEED)
    assert len(places) == 90
    assert bounds[1] == 1, "every seat of every shift is taken: it cannot be helped"
