"""The equalities of a hall: which one fails, by how much, and what to do (p.34, p.38)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mab_desktop.domain.attendance import Balance, balance_problems, equalities, remarks

WHOLE = Balance(
    seated=60, used=57, unused=5, read1=62, read2=62, used1=57, used2=57, identified=57, absent=2, removed=2,
    counted_present=58, removed_with_sheet=1, act_number="14", act_used=57, act_unused=5,
)  # fmt: skip


def said(b: Balance) -> list[str]:
    return [problem.message("en") for problem in balance_problems(b)]


def test_a_hall_that_agrees_has_no_problem_and_every_equality_is_shown() -> None:
    assert said(WHOLE) == []
    assert [one.field for one in equalities(WHOLE)] == [
        "act", "act", "counted", "pass1", "pass2", "used", "identified", "students",
    ]  # fmt: skip
    assert WHOLE.present == 56
    assert WHOLE.present + WHOLE.absent + WHOLE.removed == WHOLE.seated


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"read1": 61}, "Pass 1 read 61 sheets, the envelope holds 62, difference −1. Look for sheets that stuck"),
        ({"read2": 63}, "Pass 2 read 63 sheets, the envelope holds 62, difference +1."),
        ({"used1": 55, "used2": 55}, "55 sheets are written on, 57 are used by the envelope's counts, difference −2."),
        ({"act_used": 58}, "Used sheets: 57 in the envelope, 58 by the act, difference −1. Count them again"),
        ({"act_unused": 3}, "Unused sheets: 5 in the envelope, 3 by the act, difference +2."),
        ({"counted_present": 55}, "55 students were counted in the hall after the start, 57 sheets are used"),
        ({"absent": 1}, "Present, absent and removed together are 59, 60 are seated, difference −1."),
    ],
)
def test_what_fails_is_named_with_the_gap_and_what_to_do(change: dict[str, int], words: str) -> None:
    (problem,) = said(replace(WHOLE, **change))
    assert problem.startswith(words)


def test_a_sheet_nobody_is_identified_by_fails_twice() -> None:
    fields = [problem.field for problem in balance_problems(replace(WHOLE, identified=56))]
    assert fields == ["identified", "students"]


@pytest.mark.parametrize("counted", [56, 57, 58])
def test_the_count_may_be_before_or_after_somebody_was_sent_out(counted: int) -> None:
    assert said(replace(WHOLE, counted_present=counted)) == []


def test_nobody_counted_the_hall_and_it_agrees_all_the_same() -> None:
    assert said(replace(WHOLE, counted_present=None)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"used": None, "unused": None}, ["The counts of the act are not entered (p.34)."]),
        ({"read1": None, "read2": None, "used1": None, "used2": None}, ["The first pass is not scanned (p.38)."]),
        ({"read2": None, "used1": None, "used2": None}, ["The second pass is not scanned (p.38)."]),
    ],
)
def test_what_is_not_done_yet_is_said_first(change: dict[str, None], words: list[str]) -> None:
    assert said(replace(WHOLE, **change)) == words  # type: ignore[arg-type]


def test_passes_with_other_sheets_block_without_a_number_made_up() -> None:
    (problem,) = said(replace(WHOLE, used1=None, used2=None))
    assert problem.startswith("The two passes do not hold the same sheets yet")


def test_a_reason_lets_other_counts_than_the_acts_stand_and_stays_on_record() -> None:
    told = replace(WHOLE, act_used=58, act_unused=4, remark="the act took a blank sheet for a used one")
    assert said(told) == []
    (remark,) = remarks(told)
    assert remark.message("en").startswith("Act No 14 says 58 used and 4 unused sheets.")
    assert "took a blank sheet" in remark.message("en")
    assert remarks(WHOLE) == []


def test_an_empty_hall_needs_no_comparison() -> None:
    empty = Balance(seated=3, used=0, unused=0, read1=0, read2=0, absent=3)
    assert said(empty) == []
