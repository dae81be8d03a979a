"""Item analysis against numbers reckoned by hand and by numpy's own correlation."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.item_analysis import LEAST_FOR_DISCRIMINATION, ItemLine, Remark
from mab_desktop.services.item_counts import item_lines, points_of

OPTIONS = ("A", "B", "C", "D", "E")


def _lines(key: str, answers: list[str], points: list[int] | None = None) -> list[ItemLine]:
    return item_lines("2104", "01", key, answers, points_of(answers, key) if points is None else points, OPTIONS)


def _class(true: str, students: int = 60) -> list[str]:
    """Students from weak to strong who know the true answers as far as they are strong."""
    chance = random.Random(7)
    known = [0.2 + 0.75 * n / students for n in range(students)]
    return ["".join(x if chance.random() < share else chance.choice(OPTIONS) for x in true) for share in known]


def test_a_wrong_key_is_pointed_at_and_no_right_one() -> None:
    true = "ABCDEABCDEABCDEABCDEABCDE"
    lines = _lines(true[:7] + "E" + true[8:], _class(true))
    assert [line.item for line in lines if line.remark is Remark.KEY] == [8]
    assert lines[7].discrimination is not None
    assert lines[7].discrimination < 0
    assert all((line.discrimination or 0) > 0 for line in lines if line.item != 8)


def test_what_was_chosen_adds_up_blanks_and_doubles_apart() -> None:
    (line,) = _lines("A", ["A", "B", "-", "*"])
    assert dict(line.shares) == {"A": 1, "B": 1, "C": 0, "D": 0, "E": 0, "-": 1, "*": 1}
    assert (line.answers, line.right, line.difficulty) == (4, 1, 0.25)


@given(st.lists(st.tuples(st.sampled_from("AB-"), st.integers(1, 25)), min_size=LEAST_FOR_DISCRIMINATION, max_size=40))
def test_discrimination_is_the_correlation_with_the_rest_of_the_sheet(given_and_rest: list[tuple[str, int]]) -> None:
    answers = [answer for answer, _rest in given_and_rest]
    hits, rest = [int(answer == "A") for answer in answers], [count for _answer, count in given_and_rest]
    (line,) = _lines("A", answers, [count + hit for count, hit in zip(rest, hits, strict=True)])
    if len(set(hits)) == 1 or len(set(rest)) == 1:
        assert line.discrimination is None
    else:
        assert line.discrimination == pytest.approx(np.corrcoef(hits, rest)[0, 1], abs=1e-9)


def test_few_answers_give_no_discrimination_and_no_remark() -> None:
    answers = _class("ABCDE", LEAST_FOR_DISCRIMINATION - 1)
    assert {(line.discrimination, line.remark) for line in _lines("ABCDE", answers)} == {(None, None)}
    assert _lines("A", [], []) == []


def test_answers_longer_than_the_key_are_no_answers_to_it() -> None:
    with pytest.raises(ValueError, match="same items"):
        points_of(["AB", "ABC"], "AB")
