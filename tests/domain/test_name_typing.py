"""Names as they are typed: capitals that cost no key, letters of the other layout."""

from __future__ import annotations

import pytest

from mab_desktop.domain.name_typing import by_place, mend_capitals, plain_form
from mab_desktop.domain.names import mend_look_alikes


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("әбілова", "Әбілова"),
        ("ӘБІЛОВА", "Әбілова"),
        ("әБІЛОВА", "Әбілова"),
        ("Әбілова", "Әбілова"),
        ("ким-әлиева", "Ким-Әлиева"),
        ("мамед оглы", "Мамед оглы"),
        ("Мамед Оглы", "Мамед Оглы"),  # written so on the paper
        ("серік қызы", "Серік қызы"),
        ("анна мария", "Анна Мария"),
        ("МакКей", "МакКей"),
        ("О'КОННОР", "О'Коннор"),
        ("СА'ДИ", "Са'ди"),
        ("СЕРІК ҰЛЫ", "Серік ұлы"),
        ("МАМИН-СИБИРЯК", "Мамин-Сибиряк"),
        ("ұлы", "Ұлы"),  # the only part is a name
        ("", ""),
        ("–", "–"),
    ],
)
def test_capitals_are_put_right(typed: str, kept: str) -> None:
    assert mend_capitals(typed) == kept
    assert mend_capitals(kept) == kept


def test_signs_of_other_programs_are_those_of_names_here() -> None:
    assert mend_look_alikes("Əбдіров ѳмір") == "Әбдіров өмір"
    assert mend_look_alikes("Мамин–Сибиряк") == mend_look_alikes("Мамин‐Сибиряк") == "Мамин-Сибиряк"
    assert mend_look_alikes("О’Коннор") == mend_look_alikes("Оʼ" + "Коннор") == "О'Коннор"
    assert mend_look_alikes("–") == "–"  # the paper's stroke where nothing stands
    assert mend_look_alikes("D’Artagnan") == "D’Artagnan"  # no Cyrillic word


def test_a_russian_keyboard_finds_kazakh_names() -> None:
    assert plain_form("қазақ") == plain_form("казак") == "КАЗАК"
    assert plain_form("Үнді") == "УНДИ"


def test_the_latin_layout_is_read_by_the_places_of_its_keys() -> None:
    assert by_place("rfpf") == "КАЗА"
    assert by_place("[fy") == "ХАН"
