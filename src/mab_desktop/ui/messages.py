"""How the program speaks: the message bar, the question before what cannot be undone, the report of a bug.

`MessageBar.show_message(kind, text, safe="", next_step="")`, kind "info" | "warning" | "error".
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def ask_to_confirm(
    parent: QWidget | None, title: str, text: str, verb: str, type_to_confirm: str | None = None, *, cannot_undo: bool = True
) -> bool:
    """Ask before what cannot be undone. `title`, `text`, `verb` are ready words; True when the person did it.

    `type_to_confirm` is what must be typed first (the hall's number, the shift). Enter never presses the verb.
    """
    raise NotImplementedError


def ask_for_words(parent: QWidget | None, title: str, text: str, verb: str, *, secret: bool = False, label: str = "") -> str:
    """Ask for a line of text or a password; "" when the person went back."""
    raise NotImplementedError


def ask_for_reason(parent: QWidget | None, title: str, text: str, verb: str) -> str:
    """Ask for a reason in words (several lines); "" when the person went back."""
    raise NotImplementedError
