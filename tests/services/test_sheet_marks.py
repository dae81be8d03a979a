"""A stored sheet gives the same numbers and answers whether its marks are taken apart or lifted out of the text."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain import reading
from mab_desktop.services.hall_sheets import Sheet

_LETTERS = st.sampled_from(["A", "Б", "Ә", "-", "?", "*AB", "?B", "?"])
_DIGITS = st.sampled_from(["0", "7", "-", "?", "*12", "?3"])
MARKS = st.fixed_dictionaries(
    {name: st.lists(_DIGITS, min_size=1, max_size=8) for name in reading.DIGIT_FIELDS}
    | {name: st.lists(_LETTERS, min_size=1, max_size=25) for name in reading.subject_fields(5)}
)


def _sheet(marks: dict[str, list[str]], eye: dict[reading.Group, tuple[str, ...]]) -> Sheet:
    return Sheet("013010010001", "101", 1, 2, 1, 0, True, json.dumps(marks), eye)


@given(MARKS, st.booleans())
def test_numbers_and_answers_are_those_of_the_marks(marks: dict[str, list[str]], looked: bool) -> None:
    eye = {("subject1", 0): ("B",), ("seat", 0): ("1",)} if looked else {}
    sheet = _sheet(marks, eye)
    numbers, counted = sheet.numbers(), reading.effective(marks, eye)
    assert sheet.answers(5) == reading.answers(counted, 5)
    assert (numbers.code, numbers.seat, numbers.variant) == tuple(
        reading.number(counted, name) for name in reading.DIGIT_FIELDS
    )
