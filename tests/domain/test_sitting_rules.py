"""Quorum, votes and the chair's casting vote (p.6), for every commission that can be."""

from __future__ import annotations

from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from mab_desktop.domain.commission import (
    AGAINST,
    FOR,
    SITTING,
    Votes,
    adopted,
    has_quorum,
    on_the_list,
    quorum,
    vote_problems,
)

COUNT = st.integers(0, 30)


@given(st.integers(1, 200), st.integers(0, 200))
def test_the_least_number_is_where_the_quorum_begins(members: int, present: int) -> None:
    assert has_quorum(present, members) is (present >= quorum(members))


@given(COUNT, COUNT, COUNT)
def test_a_decision_has_more_than_half_of_those_present(votes_for: int, against: int, abstained: int) -> None:
    assume(votes_for != against)
    votes = Votes(votes_for, against, abstained)
    present = votes_for + against + abstained
    assert vote_problems(votes, present, chair_present=True) == []
    assert adopted(votes, present) is (votes_for > present - votes_for)


@given(st.integers(1, 30), COUNT, st.sampled_from([FOR, AGAINST]))
def test_equal_votes_wait_for_the_chair_and_are_as_he_says(half: int, abstained: int, casting: str) -> None:
    present = 2 * half + abstained
    assert vote_problems(Votes(half, half, abstained), present, chair_present=True)
    assert vote_problems(Votes(half, half, abstained, casting), present, chair_present=True) == []
    assert adopted(Votes(half, half, abstained, casting), present) is (casting == FOR)
    assert vote_problems(Votes(half, half, abstained, casting), present, chair_present=False)
    assert vote_problems(Votes(half, half, abstained), present, chair_present=False) == []
    assert not adopted(Votes(half, half, abstained), present)


@given(COUNT, COUNT, COUNT, st.integers(0, 90))
def test_votes_are_as_many_as_people(votes_for: int, against: int, abstained: int, present: int) -> None:
    assume(votes_for + against + abstained != present)
    assert vote_problems(Votes(votes_for, against, abstained), present, chair_present=True)


def test_nobody_casts_a_vote_that_is_not_equal_or_is_no_word() -> None:
    assert vote_problems(Votes(4, 3, 0, FOR), 7, chair_present=True)
    assert vote_problems(Votes(0, 0, 7, FOR), 7, chair_present=True)
    assert vote_problems(Votes(3, 3, 1, "maybe"), 7, chair_present=True)
    assert vote_problems(Votes(8, -1, 0), 7, chair_present=True)


@given(st.dates(), st.dates(), st.dates())
def test_who_leaves_is_gone_on_that_day(joined: date, left: date, day: date) -> None:
    member = {"joined_on": joined, "left_on": left}
    assert on_the_list(member, day) is (joined <= day < left)
    assert on_the_list({"joined_on": None, "left_on": None}, day)


def test_a_sitting_begins_at_a_time_of_day() -> None:
    row = {"day": date(2011, 4, 20), "place": "Мәжіліс залы"}
    assert SITTING.problems({**row, "time": "1030"}) == []
    assert [p.field for p in SITTING.problems({**row, "time": "2461"})] == ["time"]
