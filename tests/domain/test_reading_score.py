"""Marks, merging and points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain import reading
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import profile_from, profile_to
from mab_desktop.domain.score import key_of_sheet, right_items, score

MARKS = st.sampled_from(["A", "B", "C", "D", "E", "-", "*AB", "*CE", "?A", "?", "?AB"])


@given(st.lists(st.tuples(MARKS, MARKS), min_size=1, max_size=30))
def test_merging_never_says_more_than_both_passes_said(pairs: list[tuple[str, str]]) -> None:
    first, second = {"subject1": [a for a, _ in pairs]}, {"subject1": [b for _, b in pairs]}
    merged = reading.merge(first, second)["subject1"]
    for (a, b), mark in zip(pairs, merged, strict=True):
        assert mark == a if a == b else reading.state_of(mark) == "doubtful"
        assert set(reading.values_of(mark)) <= set(reading.values_of(a)) | set(reading.values_of(b))
    assert reading.merge(second, first)["subject1"] == merged
    assert {column for _, column in reading.differences(first, second)} == {
        n for n, (a, b) in enumerate(pairs) if a != b
    }


@given(MARKS)
def test_a_mark_counts_only_when_exactly_one_bubble_is_certain(mark: str) -> None:
    letter = reading.letter(mark)
    assert (letter in "ABCDE") == (reading.state_of(mark) == "one")
    assert reading.spell(reading.state_of(mark), reading.values_of(mark)) == mark


def test_decisions_stand_beside_the_reading() -> None:
    read = {"seat": ["0", "?3", "7"], "subject1": ["?AB", "C", "*DE"]}
    marks = reading.effective(read, {("seat", 1): ("3",), ("subject1", 0): ()})
    assert reading.number(read, "seat") == "0?7"
    assert reading.number(marks, "seat") == "037"
    assert reading.answers(marks, 1) == ("-C*",)
    assert read["subject1"][0] == "?AB"
    assert list(reading.doubtful(read)) == [(("seat", 1), "?3"), (("subject1", 0), "?AB")]


def test_a_blank_sheet_with_a_speck_or_a_printed_hall_is_not_used() -> None:
    blank = {"hall": ["1", "0", "1"], "code": ["-"] * 8, "subject1": ["-"] * 25}
    assert not reading.is_used(blank)
    assert not reading.is_used(blank | {"subject1": ["?A", "?B"] + ["-"] * 23})
    assert reading.is_used(blank | {"subject1": ["?A", "?B", "?C"] + ["-"] * 22})
    assert reading.is_used(blank | {"code": ["1"] + ["-"] * 7})


def test_serials_name_university_shift_and_hall() -> None:
    assert reading.parse_serial("013020450017") == reading.Serial("013", 2, 45, 17)
    assert reading.parse_serial("01302045017") is None
    assert reading.parse_serial("01302045001x") is None


@given(st.data())
def test_points_are_the_right_items_and_the_appeal_adds_each_item_once(data: st.DataObject) -> None:
    key = data.draw(st.lists(st.text("ABCDE", min_size=4, max_size=4), min_size=5, max_size=5))
    given_answers = data.draw(st.lists(st.text("ABCDE-*", min_size=4, max_size=4), min_size=5, max_size=5))
    items = data.draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 4)), max_size=8))
    points = score(given_answers, key, items + items)
    right = {(s + 1, i + 1) for s in range(5) for i in range(4) if key[s][i] == given_answers[s][i]}
    assert points.total_before == len(right)
    assert points.total_after == len(right | set(items))
    assert all(a <= 4 for a in points.after)


def test_nothing_but_the_one_right_letter_earns_a_point() -> None:
    assert right_items("A-*B", "ABCA") == "+–––"
    with pytest.raises(ValueError, match="zip"):
        right_items("AB", "A")


def test_a_key_without_the_variant_scores_nothing_at_all() -> None:
    with pytest.raises(UserError, match="no variant 1002 for subject PHYS"):
        key_of_sheet({("1001", "PHYS"): "A"}, "1002", ["PHYS"])


def test_points_are_below_a_threshold_in_all_or_in_one_subject() -> None:
    """Nobody is below what the ministry has not set; who has no sheet has no points to be below with."""
    none, total = profile_from({}), profile_from({"threshold_total": 60})
    each = profile_from({"threshold_total": 60, "threshold_per_subject": 8})
    weak = (25, 25, 25, 25, 7)
    assert [p.has_threshold for p in (none, total, each)] == [False, True, True]
    assert [p.below_threshold(0, (0,) * 5) for p in (none, total, each)] == [False, True, True]
    assert [p.below_threshold(107, weak) for p in (none, total, each)] == [False, False, True]
    assert [each.below_threshold(points, ()) for points in (60, 59, None)] == [False, True, False]


def test_a_grade_is_the_best_one_whose_points_are_reached() -> None:
    profile = profile_from({"grades": [["5", 100], ["4", 75], ["3", 50], ["2", 0]]})
    assert [profile.grade(points) for points in (125, 100, 99, 50, 0, None)] == ["5", "5", "4", "3", "2", ""]
    assert profile_from(profile_to(profile)) == profile
    assert profile_from({}).grade(80) == ""


@pytest.mark.parametrize(
    "grades", [[["5", 100], ["4", 100]], [["2", 0], ["5", 100]], [["5", 100]], [["5", 126], ["2", 0]], [["5"]], ["52"]]
)
def test_grades_that_cannot_be_are_refused(grades: list[Any]) -> None:
    with pytest.raises(UserError, match="grades must be pairs"):
        profile_from({"grades": grades})
