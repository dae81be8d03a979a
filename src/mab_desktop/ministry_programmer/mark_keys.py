"""Keys that say what stands in a group of bubbles: a value, its number, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_CYRILLIC = range(0x0400, 0x0530)


def value_of(event: QKeyEvent, known: Sequence[str]) -> str | None:
    """The value that a key means for a group with the values `known`, "" for none; None when it means nothing."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier
    if held != Qt.KeyboardModifier.NoModifier:
        return None
    sign = chr(event.key()) if 32 < event.key() < 128 else ""
    if sign == "N" or event.key() == Qt.Key.Key_Minus:
        return ""
    if sign in known:
        return sign
    letters = bool(known) and not known[0].isdigit()
    return known[int(sign) - 1] if letters and sign.isdecimal() and 1 <= int(sign) <= len(known) else None


def is_cyrillic(event: QKeyEvent) -> bool:
    """Whether the keyboard writes Cyrillic: «В» looks like B and lies on the key of D, a guess would be a point."""
    return bool(event.text()) and ord(event.text()[0]) in _CYRILLIC
