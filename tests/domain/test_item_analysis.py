"""The numbers of a group against numbers reckoned by hand and by numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.item_analysis import correlation, histogram, spread


@given(st.lists(st.integers(0, 125)), st.integers(1, 40))
def test_every_student_stands_in_one_step(points: list[int], bins: int) -> None:
    assert sum(histogram(points, 125, bins)) == len(points)


def test_the_steps_are_equal_and_the_best_stand_in_the_last() -> None:
    assert histogram([0, 24, 25, 99, 100, 125], 125, 5) == (2, 1, 0, 1, 2)


def test_the_numbers_of_a_group() -> None:
    found = spread([40, 50, 60, 90], threshold=50)
    assert (found.count, found.mean, found.least, found.median, found.greatest, found.below) == (4, 60, 40, 55, 90, 1)
    assert found.deviation == pytest.approx(np.std([40, 50, 60, 90]))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30))
def test_correlation_is_pearson_s(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    squares = (sum(x * x for x in first), sum(y * y for y in second))
    found = correlation(len(pairs), (sum(first), sum(second)), squares, sum(x * y for x, y in pairs))
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-9)
