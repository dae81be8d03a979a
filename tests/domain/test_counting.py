"""English words follow their number; Kazakh and Russian texts are made so that they need not."""

from __future__ import annotations

from typing import Any

import pytest

from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.i18n import fill, translate


@pytest.mark.parametrize(
    ("text", "params", "said"),
    [
        ("{n} students", {"n": 1}, "1 student"),
        ("{n} students", {"n": 21}, "21 students"),
        ("{n} students", {"n": "1"}, "1 student"),
        ("{n} specialties", {"n": 1}, "1 specialty"),
        ("{n} copies are damaged: {names}.", {"n": 1, "names": "a, b"}, "1 copy is damaged: a, b."),
        ("{n} students have no whole pass yet.", {"n": 1}, "1 student has no whole pass yet."),
        ("{n} scanned pages are thrown away; nothing is saved.", {"n": 1},
         "1 scanned page is thrown away; nothing is saved."),
        ("{n} marks of {sheets} sheets were read differently; {open} wait.", {"n": 3, "sheets": 1, "open": 1},
         "3 marks of 1 sheet were read differently; 1 waits."),
        ("Number the passes first: {n} have no number.", {"n": 1}, "Number the passes first: 1 has no number."),
        ("No quorum: {n} more are needed.", {"n": 1}, "No quorum: 1 more is needed."),
        ("One page is needed, {n} were given.", {"n": 1}, "One page is needed, 1 was given."),
        ("{n} of {all} databases have come, {signed} are signed.", {"n": 1, "all": 3, "signed": 1},
         "1 of 3 databases has come, 1 is signed."),
        ("{n} of {all} databases have come, {signed} are signed.", {"n": 2, "all": 3, "signed": 11},
         "2 of 3 databases have come, 11 are signed."),
        ("Hall {hall}: {n} of {all} wait", {"hall": 1, "n": 1, "all": 1}, "Hall 1: 1 of 1 waits"),
        ("There are {n} votes.", {"n": 1}, "There is 1 vote."),
        ("Noted of {n} people.", {"n": 1}, "Noted of 1 person."),
        ("Both passes of hall {hall} are scanned already.", {"hall": 1}, "Both passes of hall 1 are scanned already."),
        ("Hall {hall} has {seats} seats for {students} students.", {"hall": 1, "seats": 1, "students": 1},
         "Hall 1 has 1 seat for 1 student."),
        ("Shift {n} has no hall {hall}.", {"n": 1, "hall": 1}, "Shift 1 has no hall 1."),
        ("Until {day}: {n} days left.", {"day": "1", "n": 1}, "Until 1: 1 day left."),
        ("{count} voting members; {size:.1f} mm", {"count": 1, "size": 2}, "1 voting member; 2.0 mm"),
        ("At least {n} characters.", {"n": 1}, "At least 1 character."),
        ("{n} of its records have been changed since.", {"n": 1}, "1 of its records has been changed since."),
        ("came {n} times", {"n": 1}, "came 1 time"),
    ],
)  # fmt: skip
def test_nouns_and_verbs_agree_with_their_number(text: str, params: dict[str, Any], said: str) -> None:
    assert translate("en", text).format(**params) == said
    assert fill("en", text, params) == said
    assert Problem("x", text, tuple(params.items())).message("en") == said
    assert UserError(text, **params).message("en") == said


def test_other_languages_and_texts_without_a_number_stay() -> None:
    assert translate("en", "All students") == "All students"
    assert fill("ru", "листов: {n}", {"n": 1}) == "листов: 1"
