"""The proposal which halls to take: against every set of halls there is, on small cases; at size; always the same."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.hall_choice import Candidate, Proposal, divided, propose

HALLS = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=5).map(
    lambda found: [Candidate(f"{n:03}", seats, warned) for n, (seats, warned) in enumerate(found, 101)]
)
NEEDS = st.dictionaries(st.sampled_from(["1", "2", "3"]), st.integers(1, 14), min_size=1)


def unmixed(seats: list[int], needs: dict[str, int], shifts: int) -> bool:
    """Whether every sitting can go to one language: each way to give them out is tried."""
    sittings = [size for size in seats for _ in range(shifts)]
    for given_to in product(needs, repeat=len(sittings)):
        got = dict.fromkeys(needs, 0)
        for language, size in zip(given_to, sittings, strict=True):
            got[language] += size
        if all(got[language] >= count for language, count in needs.items()):
            return True
    return False


def best(halls: list[Candidate], needs: dict[str, int], shifts: int) -> tuple[int, bool, int, int] | None:
    """(warned, mixed, halls, seats) of the best set of halls; None when all together are too few."""
    enough = [
        (sum(hall.warned for hall in some), len(some), sum(hall.seats for hall in some), some)
        for count in range(1, len(halls) + 1)
        for some in combinations(halls, count)
        if sum(hall.seats for hall in some) * shifts >= sum(needs.values())
    ]
    if not enough:
        return None
    least = min(warned for warned, *_ in enough)
    found = sorted(
        ((count, seats, some) for warned, count, seats, some in enough if warned == least), key=lambda one: one[:2]
    )
    for count, seats, some in found:
        if unmixed([hall.seats for hall in some], needs, shifts):
            return least, False, count, seats
    return least, True, found[0][0], found[0][1]


@settings(max_examples=150, deadline=None)
@given(HALLS, NEEDS, st.integers(1, 2))
def test_no_set_of_halls_is_better_than_the_one_proposed(
    halls: list[Candidate], needs: dict[str, int], shifts: int
) -> None:
    found = propose(halls, needs, shifts)
    wanted = best(halls, needs, shifts)
    if wanted is None:
        assert found.missing == sum(needs.values()) - sum(hall.seats for hall in halls) * shifts
        assert set(found.taken) == {hall.number for hall in halls}
        return
    assert (found.warned, bool(found.mixed), len(found.taken), found.seats) == wanted
    _holds_together(found, halls, needs)


def _holds_together(found: Proposal, halls: list[Candidate], needs: dict[str, int]) -> None:
    seats = {hall.number: hall.seats for hall in halls}
    if not found.mixed:
        for language, count in needs.items():
            got = sum(given.get(language, 0) * seats[number] for number, given in found.sittings.items())
            assert got >= count
        assert all(sum(given.values()) == found.shifts for given in found.sittings.values())
    assert found.missing == 0
    assert found.spare == found.seats * found.shifts - sum(needs.values())


@settings(max_examples=100, deadline=None)
@given(HALLS, NEEDS, st.integers(1, 2), st.randoms())
def test_the_order_in_which_halls_were_entered_changes_nothing(
    halls: list[Candidate], needs: dict[str, int], shifts: int, chance: object
) -> None:
    turned = list(halls)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    assert propose(turned, dict(reversed(needs.items())), shifts) == propose(halls, needs, shifts)


def test_halls_that_are_warned_about_come_last() -> None:
    halls = [Candidate("101", 300, warned=True), Candidate("102", 40), Candidate("103", 40), Candidate("104", 40)]
    assert propose(halls, {"1": 100}, 1).taken == ("102", "103", "104")
    assert propose(halls, {"1": 130}, 1).taken == ("101",), "one that must be taken makes the others needless"


def test_one_hall_more_keeps_two_languages_apart() -> None:
    halls = [Candidate("101", 60), Candidate("102", 20), Candidate("103", 10)]
    found = propose(halls, {"1": 45, "2": 10}, 1)
    assert (found.taken, found.fewest, found.mixed) == (("101", "103"), 1, 0)
    assert propose(halls[:1], {"1": 45, "2": 10}, 1).mixed == 1, "where it cannot be helped they share one"


def test_a_large_fund_is_divided_exactly() -> None:
    halls = [Candidate(f"{n:03}", 18 + n * 7 % 37) for n in range(1, 121)]
    found = propose(halls, {"1": 9000, "2": 3100, "3": 240}, 4)
    assert (found.mixed, found.missing, found.warned) == (0, 0, 0)
    assert len(found.taken) == found.fewest
    assert found.spare < 20


def test_languages_beyond_all_tables_are_filled_one_after_the_other() -> None:
    needs = {str(n): 4000 for n in range(1, 6)}
    assert divided([100] * 250, needs, 1) is None
    found = propose([Candidate(f"{n:03}", 100) for n in range(1, 251)], needs, 1)
    assert (found.missing, len(found.taken)) == (0, 200)
