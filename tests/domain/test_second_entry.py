"""Second entries: what differs, who erred, who types which sheet again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain import second_entry
from mab_desktop.domain.second_entry import BOTH, NOBODY, SECOND_DIFFERENCE, TYPIST, VERIFIER
from mab_desktop.domain.student import STUDENT
from tests.services.people import student

IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
VALUES = st.sampled_from(["", "АХМЕТОВ", "Ахметов", "Ахметова", "Әбенов"])


def texts(**changes: Any) -> dict[str, str]:
    return second_entry.texts_of(student(1, **changes))


@given(st.dictionaries(st.sampled_from(STUDENT.names), st.text("абвәғ123", max_size=6)))
def test_exactly_the_fields_that_were_changed_differ(changed: dict[str, str]) -> None:
    first = texts()
    found = second_entry.differences(first, first | changed)
    wanted = [name for name in STUDENT.names if name in changed and changed[name] != first[name]]
    assert [line.field for line in found] == wanted
    assert all((line.first, line.second) == (first[line.field], changed[line.field]) for line in found)
    turned = second_entry.differences(first | changed, first)
    assert [(line.field, line.second, line.first) for line in turned] == [(d.field, d.first, d.second) for d in found]


@given(VALUES, VALUES, VALUES)
def test_who_gave_a_value_that_does_not_stand_has_erred(first: str, second: str, settled: str) -> None:
    found = second_entry.erred("surname", first, second, settled)
    assert (found in (TYPIST, BOTH)) is (first.upper() != settled.upper())
    assert (found in (VERIFIER, BOTH)) is (second.upper() != settled.upper())
    mirrored = second_entry.erred("surname", second, first, settled)
    assert mirrored == {TYPIST: VERIFIER, VERIFIER: TYPIST}.get(found, found)
    assert second_entry.erred("surname", first, second, first) in (VERIFIER, NOBODY)
    assert second_entry.erred("surname", first, second, second) in (TYPIST, NOBODY)


def test_capital_letters_are_no_error_in_words_only() -> None:
    assert second_entry.differences(texts(), texts(surname="АХМЕТОВ", record_book="09-0001")) == []
    assert [d.field for d in second_entry.differences(texts(), texts(birth_date=date(1991, 5, 15)))] == ["birth_date"]


def test_two_entries_are_of_one_sheet_when_a_number_or_the_name_agrees() -> None:
    stranger = {"surname": "Бекова", "first_name": "Айжан", "to_code": "99999999", "certificate": "99999998",
                "identity_document": "N1"}  # fmt: skip
    assert not second_entry.same_paper(texts(), texts(**stranger))
    for name in ("to_code", "certificate", "identity_document"):
        assert second_entry.same_paper(texts(), texts(**stranger | {name: student(1)[name]}))
    assert second_entry.same_paper(texts(), texts(**stranger | {"surname": "Ахметоб", "first_name": "Ерлан"}))
    assert not second_entry.same_paper(texts(to_code=None), texts(**stranger | {"to_code": None}))


@given(IDS, st.integers(0, 100), st.integers(0, 100))
def test_a_greater_share_keeps_what_was_drawn(record: str, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert not second_entry.is_drawn("seed", record, 0)
    assert second_entry.is_drawn("seed", record, 100)
    assert second_entry.is_drawn("seed", record, high) or not second_entry.is_drawn("seed", record, low)


def test_the_draw_takes_about_the_share_and_differs_with_the_seed() -> None:
    records = [f"{number:032x}" for number in range(4000)]
    drawn = {r for r in records if second_entry.is_drawn("seed", r, 10)}
    assert 320 < len(drawn) < 480
    other = {r for r in records if second_entry.is_drawn("another", r, 10)}
    assert len(drawn & other) < 100


@settings(max_examples=50)
@given(IDS, st.sets(st.sampled_from(["op1", "op2", "op3", "op4"]), min_size=1), st.sampled_from(["op1", "op5"]))
def test_one_operator_less_moves_only_his_own_sheets(record: str, people: set[str], gone: str) -> None:
    chosen = second_entry.verifier_of("seed", record, people)
    assert chosen in people
    if chosen != gone:
        assert second_entry.verifier_of("seed", record, people - {gone}) == chosen
    assert second_entry.verifier_of("seed", record, ()) == ""


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [({}, []), ({"field": "photos"}, ["field"]),
     ({"field": "birth_date", "first": "1991-02-30", "second": ""}, ["first"]),
     ({"choice": "mine"}, ["choice"]), ({"settled": "x" * 300}, ["settled"])],
)  # fmt: skip
def test_a_difference_that_travels_keeps_its_rules(changes: dict[str, str], wrong: list[str]) -> None:
    values = {"entry": "a" * 32, "field": "surname", "first": "А", "second": "Ә", "typist": "op1",
              "typed_at": "2011-03-10T09:00:00+00:00", **changes}  # fmt: skip
    assert [problem.field for problem in SECOND_DIFFERENCE.problems(values)] == wrong


def test_rates_are_in_a_hundred_values() -> None:
    found = second_entry.counted(10, 19)
    assert (found.values, found.rate) == (10 * len(STUDENT.names), 10.0)
    assert second_entry.counted(0, 0).rate == 0.0
