"""A whole hall, whatever goes wrong in it: decided truthfully, every sheet is its student's, and the balance agrees."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import event, given
from hypothesis import strategies as st

from mab_desktop.domain.attendance import Balance, balance_problems
from mab_desktop.domain.identification import CodeElsewhere, LineState, Method, Place, decision_problems, identify
from tests.domain.hall_story import VARIANTS, Story, tell

HALLS = st.tuples(st.integers(0, 2**32), st.integers(1, 30))


def story_of(seed: int, size: int) -> Story:
    chance = Random(seed)
    codes = chance.sample(range(10**7, 10**8), size)
    places = [
        Place(n + 1, f"s{n}", f"Студент {n}", f"{code:08d}", VARIANTS[n % len(VARIANTS)])
        for n, code in enumerate(codes)
    ]
    return tell(chance, places, "{:04d}".format)


@given(HALLS)
def test_decided_truthfully_every_sheet_is_its_student_s(hall: tuple[int, int]) -> None:
    story = story_of(*hall)
    # Whoever marked no number has marked answers all the same.
    used = [replace(s, used=True) for s in story.sheets]
    elsewhere = {"99999999": CodeElsewhere("207")}
    before = identify(story.places, used, elsewhere=elsewhere)
    assert all(line.reasons for line in before.sheets)
    decisions, unused, away = story.decisions(before)
    laid = {p.variant for p in story.places}
    seats = len(story.places)
    # Truthful words are never refused; all are entered together, as a swap needs.
    assert decision_problems(story.places, used, [], decisions, away, seats, laid) == []
    after = identify(story.places, used, decisions, away, unused, elsewhere)
    assert after.open_lines == 0
    by_code = {p.code: p.student for p in story.places}
    matches = {m.serial: (m.student, m.seat, m.variant) for m in after.matches}
    assert matches == {s: (by_code[t.code], t.seat, t.variant) for s, t in story.truth.items() if t is not None}
    assert len(matches) == len(after.matches) == len({m.student for m in after.matches}), "none twice, none lost"
    assert {m.student for m in after.matches} == {p.student for p in story.places} - story.away
    assert {line.place.student for line in after.missing if line.remark is LineState.ABSENT} == story.away
    came = seats - len(story.away)
    agreed = Balance(seats, came, 3, came + 3, came + 3, came, came, len(after.matches), len(story.away))
    assert balance_problems(agreed) == []
    event(f"by eye: {min(9, sum(m.method is Method.VISUAL for m in after.matches))}")


@given(HALLS)
def test_every_swap_is_named_and_one_of_its_ways_is_the_truth(hall: tuple[int, int]) -> None:
    story = story_of(*hall)
    found = identify(story.places, story.sheets)
    named = {frozenset(exchange.serials): exchange for exchange in found.exchanges}
    for pair, what in story.swaps.items():
        a, b = (next(s for s in story.sheets if s.serial == serial) for serial in pair)
        if what == "changed booklets" and (a.variant == b.variant or frozenset(pair) not in named):
            continue  # the same variant twice, or as near to somebody else's booklet
        event(what)
        assert frozenset(pair) in named, what
        assert story.told_by(named[frozenset(pair)]), what
