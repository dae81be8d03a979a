"""The answer key: one spelling, complete or refused, balanced letters."""

from __future__ import annotations

from collections import Counter

import pytest

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
