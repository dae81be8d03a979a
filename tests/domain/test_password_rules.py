"""Which passwords are taken, and why others are not."""

from __future__ import annotations

import pytest

from mab_desktop.domain.password_rules import LENGTH, LONGEST, problems

GOOD = (
    "ұзын құпия сөз", "көктемгі жаңбыр 7", "correct horse battery", "Kx7#mq2Lp9!z", "бір екі үш төрт", "1c4e 9f2b 77",
    "rehearsal nu027-op1 2011", "x" * 4 + "қоян тауда",
)  # fmt: skip
WRONG = {
    "": "At least 12", "қысқа сөз": "At least 12", "a" * LENGTH: "repeats itself", "121212121212": "repeats itself",
    "abcabcabcabc": "repeats itself", "қарқарқарқар": "repeats itself", "password1234": "tried first",
    "Password2011!": "tried first", "qwertyuiop12": "tried first", "йцукенгшщзхъ": "tried first",
    "ъхзщшгнекуцй": "tried first", "пароль123456": "tried first", "Қазақстан2011!": "tried first",
    "астана алматы": "tried first", "123456789012": "tried first", "әіңғ,.үұқөһқ": "tried first",
    "Programmer 2011 x": "must not hold its owner's name", "мен Үсенұлымын": "must not hold its owner's name",
    "асан келді бүгін": "must not hold its owner's name", "қ" + "аб" * LONGEST: "At most 200",
}  # fmt: skip


@pytest.mark.parametrize("password", GOOD)
def test_long_and_unlike_anything_is_good(password: str) -> None:
    assert problems(password, "operator-1", "Асан Үсенұлы") == []


@pytest.mark.parametrize("password", WRONG)
def test_each_weakness_is_told(password: str) -> None:
    words = [problem.message("en") for problem in problems(password, "programmer", "Асан Үсенұлы")]
    assert any(WRONG[password] in word for word in words), words
    assert all(problem.field == "password" for problem in problems(password, "programmer", "Асан Үсенұлы"))


def test_short_names_stand_in_a_password_by_chance() -> None:
    assert problems("опера мен балет кеші", "op1", "Ли Ан") == []


def test_letters_composed_otherwise_are_the_same_name() -> None:
    assert [p.message("en") for p in problems("и\u0306ошкар менің үйім", "", "Йошкар")] == [
        "The password must not hold its owner's name."
    ]
