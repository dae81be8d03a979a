"""Simulated people pass the product's own rules, and their slips are the ones they say."""

from __future__ import annotations

from collections import defaultdict

import pytest

from mab_desktop.domain.names import ALPHABET, mend_look_alikes
from mab_desktop.domain.reference import default_lines
from mab_desktop.domain.student import CORRECTABLE, STUDENT
from mab_desktop.rehearsal import people
from mab_desktop.rehearsal.chance import stream

SPECIALTIES = [line.code for line in default_lines() if line.list == "specialty"]


def lists() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for line in default_lines():
        found[line.list].add(line.code)
    return found


def students(seed: int = 1, n: int = 1500) -> list[people.Record]:
    return people.make_students(stream(seed, "students"), n, "027", "013", SPECIALTIES, 2011)


def test_every_student_keeps_every_rule_of_the_record() -> None:
    codes = lists()
    assert [(s, p) for s in students() if (p := STUDENT.problems(s, codes))] == []


def test_all_fields_are_there_and_numbers_are_nobody_elses() -> None:
    everyone = students()
    assert {name for student in everyone for name in student} == set(STUDENT.names)
    for name in ("to_code", "certificate", "record_book"):
        assert len({student[name] for student in everyone}) == len(everyone)


def test_same_seed_same_people_other_seed_others() -> None:
    assert students(3, 40) == students(3, 40)
    assert students(3, 40) != students(4, 40)


def test_names_cover_the_alphabet_and_the_awkward_cases() -> None:
    everyone = students()
    letters = set("".join(f"{s['surname']}{s['first_name']}{s['patronymic'] or ''}" for s in everyone).upper())
    assert set(ALPHABET) <= letters
    assert any("-" in s["surname"] for s in everyone)
    assert any(s["patronymic"] is None for s in everyone)
    assert any(len(s["surname"]) > 20 for s in everyone)
    assert any(s["surname"].isascii() for s in everyone)


@pytest.mark.parametrize(
    ("father", "sex", "kazakh", "expected"),
    [
        ("Асқар", "1", True, "Асқарұлы"),
        ("Асқар", "2", True, "Асқарқызы"),
        ("Сергей", "2", False, "Сергеевна"),
        ("Дмитрий", "1", False, "Дмитрьевич"),
        ("Игорь", "1", False, "Игоревич"),
        ("Никита", "2", False, "Никитична"),
        ("Мұса", "1", False, "Мұсаевич"),
        ("Нұрлан", "2", False, "Нұрлановна"),
    ],
)
def test_patronymics(father: str, sex: str, kazakh: bool, expected: str) -> None:
    assert people.son_or_daughter(father, sex, kazakh=kazakh) == expected


def test_a_slip_changes_one_field_and_says_which() -> None:
    rng = stream(5)
    for student in students(n=200):
        slip = people.mistype(rng, student)
        assert {name for name in student if student[name] != slip.typed[name]} == {slip.field}
        assert slip.typed[slip.field] == slip.wrong
        assert student[slip.field] == slip.right


def test_look_alikes_are_caught_by_the_rules_and_mended() -> None:
    rng = stream(6)
    codes = lists()
    locals_ = [s for s in students(n=200) if s["citizenship"] == "398"]
    for student in locals_:
        slip = people.latin_look_alike(rng, student)
        if slip:
            assert STUDENT.problems(slip.typed, codes)
            assert mend_look_alikes(slip.wrong) == slip.right


def test_a_wrong_datum_is_one_that_may_be_corrected() -> None:
    rng = stream(7)
    assert {people.wrong_datum(rng, s).field for s in students(n=100)} <= set(CORRECTABLE)


def test_a_duplicate_is_the_same_person_with_another_record_book() -> None:
    student = students(n=1)[0]
    again = people.duplicate_of(stream(8), student)
    assert {name for name in student if student[name] != again[name]} == {"record_book"}
    assert STUDENT.problems(again, lists()) == []


def test_a_commission_has_different_people_with_posts() -> None:
    commission = people.make_commission(stream(9), 9)
    assert len({person.name for person in commission}) == 9
    assert all(person.position for person in commission)
