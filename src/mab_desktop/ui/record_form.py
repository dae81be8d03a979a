"""The entry form of a record: one column in the paper's order, by keyboard alone.

    form = RecordForm(STUDENT, lists={"specialty": [("5B070400", "..."), ...]}, parent=self)
    form.set_values(values, carried={"specialty", "course"})    # None, "" and missing are empty
    form.values() -> {"surname": "...", "birth_date": date(...) | None, ...}
    form.problems() / form.show_problems(refused.problems)
    form.saved -> Ctrl+Enter, the last Enter and the Save button, only when no problem stands
    form.changed(dict) -> after each change, for the draft

`lists` gives every reference list named by Field.choices as (code, name) pairs, or a callable that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from mab_desktop.domain.fields import Problem, RecordSpec

Lists = Mapping[str, Sequence[tuple[str, str]]]


class RecordForm(QWidget):
    """See the module."""

    changed = Signal(dict)
    saved = Signal(dict)

    def __init__(
        self,
        spec: RecordSpec,
        lists: Lists | Callable[[], Lists] = {},
        parent: QWidget | None = None,
        *,
        only: Sequence[str] = (),
        save_word: str = "",
    ) -> None:
        """`only` shows some of the fields; `save_word` is the message id of the button ("" for none)."""
        super().__init__(parent)

    def set_values(self, values: Mapping[str, Any], carried: Iterable[str] = ()) -> None:
        """Show a record; `carried` fields are marked as repeated from the record before."""

    def values(self) -> dict[str, Any]:
        """What is typed, as Python values by Kind; empty is None, for a flag False."""

    def begin_next(self) -> None:
        """Clear for the next record: fields with `carry` keep their value, marked as carried; focus on the first empty."""

    def problems(self) -> list[Problem]:
        """Every broken rule of what is typed now."""

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put each problem under its field (those of the whole record on top) and go to the first."""

    def save(self) -> bool:
        """Check; emit `saved` or show the problems. True when saved was emitted."""

    def is_dirty(self) -> bool:
        """True when something was typed since `set_values`."""

    def set_read_only(self, read_only: bool) -> None:
        """Show without letting type."""

    def editor(self, name: str) -> QWidget:
        """The editor of a field."""
