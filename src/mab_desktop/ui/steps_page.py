"""The operational day: the steps of up to two shifts side by side, each with its state, reason and button."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class DayStep:
    """One step of a shift's day; `verb` is the button's word ("" for none), `done` when and by whom, `reason` why not."""

    key: str
    title: str
    mark: Mark = Mark.NONE
    verb: str = ""
    reason: str = ""
    done: str = ""
    paragraph: str = ""


@dataclass(frozen=True, slots=True)
class DayShift:
    """One open shift and its steps in the regulation's order (p.35-37)."""

    key: str
    title: str
    subtitle: str
    steps: tuple[DayStep, ...]


class StepsView(QWidget):
    """Shows up to two shifts; emits `step_chosen(shift key, step key)` when a button is pressed."""

    step_chosen = Signal(str, str)

    def show_shifts(self, shifts: tuple[DayShift, ...]) -> None:
        """Show these shifts; what had the focus keeps it."""
