"""The answer key: one spelling, complete or refused, balanced letters; the second scorer."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.answer_key import (
    AnswerKey,
    decode_answer_key,
    draw_answer_key,
    encode_answer_key,
    key_commitment,
    key_problems,
)
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.recount import PointDifference, Points, SheetAnswers, differences, recount_sheet

PROFILE = ExamProfile()
VARIANTS, SUBJECTS = ("1006", "1017"), ("HIST", "INF")


def key(seed: str = "k") -> AnswerKey:
    return draw_answer_key(1, VARIANTS, SUBJECTS, PROFILE, SeededEntropy(seed))


def test_a_key_comes_back_as_it_was_and_has_one_spelling() -> None:
    data = encode_answer_key(key())
    assert decode_answer_key(data) == key()
    assert key_commitment(data) == key_commitment(encode_answer_key(decode_answer_key(data)))
    assert key_commitment(data) != key_commitment(encode_answer_key(key("other")))
    for spoilt in (b"", b"[]", b"{}", data.replace(b'"shift":1', b'"shift": 1'), data[:-1]):
        with pytest.raises(UserError, match="cannot be read"):
            decode_answer_key(spoilt)


def test_letters_are_balanced_and_complete() -> None:
    for letters in key().letters.values():
        assert Counter(letters) == dict.fromkeys("ABCDE", 5)
    assert key_problems(key(), VARIANTS, SUBJECTS, PROFILE) == []


def test_gaps_and_wrong_letters_are_listed() -> None:
    letters = dict(key().letters)
    del letters["1006", "INF"]
    letters["1017", "INF"] = "A" * 24 + "F"
    found = key_problems(AnswerKey(1, letters), VARIANTS, SUBJECTS, PROFILE)
    assert [p.message("en") for p in found] == [
        "Variant 1006, INF: the key is missing.", "Variant 1017, INF: the key is not complete.",
    ]  # fmt: skip


def test_only_the_asked_subjects_leave() -> None:
    assert key().only(["INF"]).subjects == ("INF",)
    assert key().only(["INF"]).variants == VARIANTS


@given(st.lists(st.sampled_from("ABCDE-*"), min_size=50, max_size=50), st.sets(st.integers(1, 25)))
@settings(max_examples=100, deadline=None)
def test_the_second_scorer_counts_letter_by_letter(answers: list[str], granted: set[int]) -> None:
    letters = key().letters
    sheet = SheetAnswers("12345674", "1017", SUBJECTS, "".join(answers))
    hist, inf = recount_sheet(sheet, letters, {"INF": granted})
    right = [a == b for a, b in zip(answers[25:], letters["1017", "INF"], strict=True)]
    assert inf.before == sum(right)
    assert inf.after == sum(r or n in granted for n, r in enumerate(right, 1))
    assert hist.before == hist.after


def test_a_missing_key_is_never_zero_points() -> None:
    with pytest.raises(KeyError):
        recount_sheet(SheetAnswers("1", "9999", SUBJECTS, "A" * 50), key().letters, {})


def test_every_difference_of_two_counts_is_named() -> None:
    ours = [Points("1", "A", 5, 6), Points("2", "A", 1, 1)]
    theirs = [Points("1", "A", 5, 7), Points("3", "A", 2, 2)]
    assert list(differences(theirs, ours)) == [
        PointDifference("1", "A", "after", 7, 6),
        PointDifference("2", "A", "before", None, 1), PointDifference("2", "A", "after", None, 1),
        PointDifference("3", "A", "before", 2, None), PointDifference("3", "A", "after", 2, None),
    ]  # fmt: skip
    assert list(differences(ours, ours)) == []
