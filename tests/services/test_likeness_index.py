"""The likeness of two sheets: the tail is exact, honest neighbours are left in peace, copied sheets are found."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mab_desktop.services.likeness_index import Model, SheetAnswers, pairs_apart, upper_tail

OPTIONS = ("A", "B", "C", "D", "E")
SUBJECTS, ITEMS, VARIANTS = 5, 25, 10
ALL = SUBJECTS * ITEMS


@given(arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 7)), elements=st.floats(0, 1)), st.integers(0, 7))
def test_the_tail_is_that_of_trying_all_outcomes(chances: np.ndarray, least: int) -> None:
    rows, coins = chances.shape
    found = upper_tail(chances, np.full(rows, least))
    for row in range(rows):
        whole = 0.0
        for outcome in product((0, 1), repeat=coins):
            if sum(outcome) >= least:
                hits = zip(outcome, chances[row], strict=True)
                whole += float(np.prod([p if hit else 1 - p for hit, p in hits]))
        assert found[row] == pytest.approx(whole, abs=1e-9)


class Season:
    """A thousand students in rows: some know more, wrong answers lean to an option; neighbours have other variants."""

    def __init__(self, seed: int, students: int = 1000) -> None:
        chance = np.random.default_rng(seed)
        self.keys = chance.integers(0, 5, (VARIANTS, ALL))
        hard, lean = chance.normal(0, 1, (VARIANTS, ALL)), chance.dirichlet([1.2] * 5, (VARIANTS, ALL))
        self.variant = np.arange(students) * 3 % VARIANTS
        strong = chance.normal(0.2, 0.9, students)
        knows = chance.random((students, ALL)) < 1 / (1 + np.exp(-(strong[:, None] - hard[self.variant])))
        guess = (chance.random((students, ALL, 1)) > lean[self.variant].cumsum(axis=2)).sum(axis=2).clip(0, 4)
        self.marks = np.where(knows, self.keys[self.variant], guess)
        self.halls = [str(number // 50) for number in range(students)]
        self.near = np.array([(n, n + 1) for n in range(students - 1) if self.halls[n] == self.halls[n + 1]])
        self.chance = chance

    def copy(self, pairs: np.ndarray, share: float) -> None:
        """The second of each pair takes that share of his marks from the first."""
        for giver, taker in pairs:
            taken = self.chance.random(ALL) < share
            self.marks[taker, taken] = self.marks[giver, taken]

    def model(self) -> Model:
        return Model([self._sheet(number) for number in range(len(self.halls))], OPTIONS)

    def _sheet(self, number: int) -> SheetAnswers:
        variant = int(self.variant[number])
        return SheetAnswers(str(variant), ("01", "02", "03", "04", "05"), self._texts(self.marks[number]),
                            self._texts(self.keys[variant]))  # fmt: skip

    def _texts(self, marks: np.ndarray) -> tuple[str, ...]:
        letters = "".join(OPTIONS[mark] for mark in marks)
        return tuple(letters[start : start + ITEMS] for start in range(0, ALL, ITEMS))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_honest_neighbours_fall_under_a_limit_no_oftener_than_it_says(seed: int) -> None:
    season = Season(seed)
    model = season.model()
    near = model.compare(season.near)
    assert near.equal.mean() == pytest.approx(near.expected.mean(), rel=0.05)
    for limit in (0.05, 0.01):
        expected = limit * len(season.near)
        assert (near.tail <= limit).sum() <= expected + 4 * np.sqrt(expected)
    assert (near.tail * len(season.near) <= 0.05).sum() == 0


def test_who_takes_a_third_of_his_marks_from_his_neighbour_is_found() -> None:
    season = Season(4)
    thieves = season.near[::97]
    season.copy(thieves, 0.35)
    near = season.model().compare(season.near)
    limit = 0.05 / len(season.near)
    caught = {tuple(pair) for pair, tail in zip(season.near.tolist(), near.tail, strict=True) if tail <= limit}
    found = sum(tuple(pair) in caught for pair in thieves.tolist())
    assert found >= 0.8 * len(thieves)
    beside = {number for pair in thieves.tolist() for number in pair}
    assert all(set(pair) & beside for pair in caught)


def test_pairs_for_measuring_come_from_different_halls() -> None:
    season = Season(5)
    pairs = pairs_apart(season.halls, 4000, b"seed")
    assert len(pairs) == 4000
    assert all(season.halls[a] != season.halls[b] for a, b in pairs)
    assert np.array_equal(pairs, pairs_apart(season.halls, 4000, b"seed"))
    assert 0.001 < np.mean(season.model().compare(pairs).tail <= 0.01) < 0.03  # as many alarms as were allowed
    assert len(pairs_apart(["1", "1", "1"], 10, b"seed")) == 0


def test_no_pairs_give_nothing() -> None:
    nothing = Season(6, 60).model().compare(np.zeros((0, 2), dtype=np.intp))
    assert len(nothing.tail) == len(nothing.equal) == 0
