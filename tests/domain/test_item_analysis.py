"""Item analysis against numbers reckoned by hand and by numpy."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.item_analysis import (
    LEAST_FOR_DISCRIMINATION,
    Answered,
    Remark,
    correlation,
    histogram,
    item_lines,
    spread,
)

OPTIONS = ("A", "B", "C", "D", "E")


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


def _class(key: str, true: str, students: int = 60) -> list[Answered]:
    """Students from weak to strong who know the true answers as far as they are strong; scored by `key`."""
    chance = random.Random(7)
    sheets = []
    for n in range(students):
        known = 0.2 + 0.75 * n / students
        answers = "".join(x if chance.random() < known else chance.choice(OPTIONS) for x in true)
        sheets.append(Answered(answers, key, sum(a == k for a, k in zip(answers, key, strict=True))))
    return sheets


def test_a_wrong_key_is_pointed_at_and_no_right_one() -> None:
    true = "ABCDEABCDEABCDEABCDEABCDE"
    key = true[:7] + "E" + true[8:]
    lines = item_lines("2104", "01", _class(key, true), OPTIONS)
    assert [line.item for line in lines if line.remark is Remark.KEY] == [8]
    assert lines[7].discrimination is not None
    assert lines[7].discrimination < 0
    assert all((line.discrimination or 0) > 0 for line in lines if line.item != 8)


def test_what_was_chosen_adds_up_blanks_and_doubles_apart() -> None:
    sheets = [Answered("A", "A", 1), Answered("B", "A", 0), Answered("-", "A", 0), Answered("*", "A", 0)]
    (line,) = item_lines("2104", "01", sheets, OPTIONS)
    assert dict(line.shares) == {"A": 1, "B": 1, "C": 0, "D": 0, "E": 0, "-": 1, "*": 1}
    assert (line.answers, line.right, line.difficulty) == (4, 1, 0.25)


@given(st.lists(st.tuples(st.sampled_from("AB-"), st.integers(1, 25)), min_size=LEAST_FOR_DISCRIMINATION, max_size=40))
def test_discrimination_is_the_correlation_with_the_rest_of_the_sheet(given_and_rest: list[tuple[str, int]]) -> None:
    hits = [int(answer == "A") for answer, _rest in given_and_rest]
    rest = [count for _answer, count in given_and_rest]
    sheets = [Answered(answer, "A", count + hit) for (answer, count), hit in zip(given_and_rest, hits, strict=True)]
    (line,) = item_lines("2104", "01", sheets, OPTIONS)
    if len(set(hits)) == 1 or len(set(rest)) == 1:
        assert line.discrimination is None
    else:
        assert line.discrimination == pytest.approx(np.corrcoef(hits, rest)[0, 1], abs=1e-9)


def test_few_answers_give_no_discrimination_and_no_remark() -> None:
    sheets = _class("ABCDE", "ABCDE", LEAST_FOR_DISCRIMINATION - 1)
    assert {(line.discrimination, line.remark) for line in item_lines("2104", "01", sheets, OPTIONS)} == {(None, None)}
    assert item_lines("2104", "01", [], OPTIONS) == []
