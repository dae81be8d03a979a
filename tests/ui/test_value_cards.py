"""Two values side by side: what differs is underlined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mab_desktop.ui.panels import underlined, value_card


@pytest.mark.parametrize(("value", "beside", "shown"), [
    ("02927290", "02297290", "02<u>927</u>290"),
    ("Екатерина", "Ектерина", "Ек<u>а</u>терина"),
    ("Ектерина", "Екатерина", "Е<u>кт</u>ерина"),
    ("28.10.1991", "29.10.1991", "2<u>8</u>.10.1991"),
    ("Андрей", "Андреи", "Андре<u>й</u>"),
    ("Қазақ тілі", "050102", "Қазақ тілі"),
    ("same", "same", "same"),
    ("Ахметов", "—", "Ахметов"),
])  # fmt: skip
def test_what_differs_is_underlined(value: str, beside: str, shown: str) -> None:
    """Changed places, a lost letter on either side, another digit; two different values stay plain."""
    assert underlined(value, beside) == shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])), st.text("<&>Аb \"'"))
def test_no_sign_is_lost_or_taken_for_markup(value: str, beside: str) -> None:
    """Whatever stands in a field is read on the card as it is."""
    document = QTextDocument()
    document.setHtml(underlined(value, beside))
    assert document.toPlainText() == value


def test_a_card_says_its_value_to_who_does_not_see(qtbot: QtBot) -> None:
    """A screen reader hears the value, not the markup."""
    card = value_card("1", "02927290", "op1", chosen=False, beside="02297290")
    qtbot.addWidget(card)
    [words] = [each for each in card.findChildren(QLabel) if "<u>" in each.text()]
    assert words.accessibleName() == "02927290"
