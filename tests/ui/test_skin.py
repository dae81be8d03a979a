"""Colours can be read, icons exist, digits stand in columns, words fit both palettes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QRawFont
from PySide6.QtWidgets import QApplication

from mab_desktop.domain.names import KAZAKH_ONLY
from mab_desktop.ui import icons, theme
from mab_desktop.ui.states import GLYPHS, WORDS, Mark


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG contrast of two colours."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_pair_can_be_read(palette: dict[str, str]) -> None:
    low = {pair: round(contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in theme.PAIRS}
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_borders_of_controls_and_the_focus_ring_are_seen(palette: dict[str, str]) -> None:
    for edge in ("line_strong", "focus"):
        for ground in ("window", "surface"):
            assert contrast(palette[edge], palette[ground]) >= 3


def test_palettes_have_the_same_tokens() -> None:
    assert theme.LIGHT.keys() == theme.DARK.keys()


def test_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", sorted(icons.NAMES))
def test_icon_exists(qapp: QApplication, name: str) -> None:
    theme.apply(qapp)
    picture = icons.icon(name).pixmap(QSize(24, 24)).toImage()
    drawn = any(picture.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
    assert drawn


def test_marks_differ_in_shape_and_word(qapp: QApplication) -> None:
    theme.apply(qapp)
    marks = [mark for mark in Mark if mark is not Mark.NONE]
    shapes = set()
    for mark in marks:
        picture = icons.mark_icon(mark).pixmap(QSize(24, 24)).toImage()
        shapes.add(tuple(picture.pixelColor(x, y).alpha() > 127 for x in range(24) for y in range(24)))
    assert len(shapes) == len({WORDS[mark] for mark in marks}) == len({GLYPHS[mark] for mark in marks}) == len(marks)


def test_type_has_kazakh_letters_and_tabular_digits(qapp: QApplication) -> None:
    theme.apply(qapp)
    raw = QRawFont.fromFont(theme.font())
    letters = KAZAKH_ONLY + KAZAKH_ONLY.lower() + "№«»—…·"
    assert [letter for letter in letters if not raw.supportsCharacter(ord(letter))] == []
    metrics = QFontMetricsF(theme.font())
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("scale", [90, 100, 200])
def test_stylesheet_has_no_token_left(qapp: QApplication, scale: int) -> None:
    theme.apply(qapp, dark=scale == 200, scale=scale)
    text = theme.stylesheet()
    assert "@" not in text
    assert "px}" not in text.replace(" ", "") or "#4px" not in text
    assert theme.px(32) == round(32 * scale / 100)
    theme.apply(qapp)
