"""The student form: what counts as one database, one name, one value."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.student import (
    STUDENT,
    WRONG_DATA,
    control_sum,
    season_problems,
    season_warnings,
    similar_names,
    value_from_text,
    value_text,
)
from tests.services.people import student

numbers = st.lists(st.integers(1, 99_999_999), min_size=1, max_size=12, unique=True)


@given(numbers, st.randoms(use_true_random=False))
def test_the_control_sum_knows_records_not_their_order(found: list[int], random: Any) -> None:
    records = [student(n % 10_000_000) for n in found]
    shuffled = [*records]
    random.shuffle(shuffled)
    assert control_sum(shuffled) == control_sum(records)


@given(st.sampled_from(STUDENT.names))
def test_any_field_changed_changes_the_control_sum(name: str) -> None:
    changed = student() | {name: "0"}
    assert control_sum([changed]) != control_sum([student()])
    assert control_sum([student() | {"photos": 2, "id": "x"}]) == control_sum([student()])


def test_a_control_sum_is_readable() -> None:
    assert control_sum([]) == "E3B0-C442-98FC-1C14"


@given(st.sampled_from(STUDENT.names))
def test_values_survive_their_text(name: str) -> None:
    value = student(grant_certificate="12345678")[name]
    assert value_from_text(name, value_text(value)) == value
    assert value_from_text(name, value_text(None)) is None


def names(surname: str, first: str) -> dict[str, str]:
    return {"surname": surname, "first_name": first}


def test_similar_names() -> None:
    ahmetov = names("Ахметов", "Ерлан")
    for other in (names("Ахмедов", "Ерлан"), names("АХМЕТОВ", "ерлан"), names("Ахметов", "Ерланбек"[:6]),
                  names("Ерлан", "Ахметов"), names("Ахметова", "Ерлан")):  # fmt: skip
        assert similar_names(ahmetov, other)
        assert similar_names(other, ahmetov)
    for other in (names("Ахметов", "Асхат"), names("Бекова", "Ерлан"), names("", "Ерлан"), names("Ли", "Ерлан")):
        assert not similar_names(ahmetov, other)
    assert not similar_names(names("Ли", "Анна"), names("Ким", "Анна"))


def test_season_rules() -> None:
    assert season_problems(student(), 2011) == []
    assert [p.field for p in season_problems(student(admission_year=2012), 2011)] == ["admission_year"]
    assert [p.field for p in season_problems(student(), 2011, ["050703"])] == ["specialty"]
    assert season_problems(student(), 2011, ["050102"]) == []
    assert season_warnings(student(), 2011, "2") == []
    assert season_warnings(student(course="²"), 2011) == []  # a key of some keyboards; `problems` refuses it
    assert {w.field for w in season_warnings(student(course="3"), 2011, "2")} == {"course"}
    assert [w.field for w in season_warnings(student(course="2", admission_year=2010), 2011, "2")] == ["course"]


def wrong(**changes: Any) -> list[str]:
    line = {
        "id": "a" * 32, "student": "b" * 32, "university": "027", "field": "surname", "printed_value": "Ахметов",
        "right_value": "Ахмедов", "ground": "жеке куәлік", "application_number": "1",
        "application_date": date(2011, 4, 20),
    }  # fmt: skip
    return [problem.field for problem in WRONG_DATA.problems(line | changes)]


def test_a_line_of_wrong_data_must_say_something_right() -> None:
    assert wrong() == []
    assert wrong(field="patronymic", right_value=None) == []
    assert wrong(field="birth_date", printed_value="1991-05-14", right_value="1991-05-15") == []
    assert wrong(right_value="Ахметов") == ["right_value"]
    assert wrong(field="birth_date", right_value="14.05.1991") == ["right_value"]
    assert wrong(right_value=None) == ["right_value"]
    assert wrong(field="to_code") == ["field"]
    assert wrong(ground="") == ["ground"]
