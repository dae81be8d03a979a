"""Filters by the value of a column: a menu, chips that take them off again; kept while the program runs.

What is filtered by may be somebody's name, so it is never written to the settings file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from mab_desktop.i18n import _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.messages import Question
from mab_desktop.ui.panels import clear, label
from mab_desktop.ui.record_table import Column, shown_value

_LONGEST = 44  # characters of a value on a chip or in the menu; the tooltip has all
Bound = date | float | None


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """Rows stay whose cell in `column` is `words`, is not, is empty or filled, or lies from `low` to `high`."""

    column: str
    kind: Literal["only", "without", "empty", "filled", "between"]
    words: str = ""
    low: Bound = None
    high: Bound = None

    def keeps(self, column: Column, value: Any) -> bool:
        """True when a row with `value` in the column stays."""
        if self.kind == "between":
            value = value.date() if isinstance(value, datetime) else value
            return value is not None and (
                (self.low is None or value >= self.low) and (self.high is None or value <= self.high)
            )
        words = shown_value(column, value)
        if self.kind in ("only", "without"):
            return (words == self.words) == (self.kind == "only")
        return bool(words) == (self.kind == "filled")

    def sentence(self, title: str) -> str:
        """What it does, for its chip."""
        if self.kind == "only":
            return _("{column}: {value}").format(column=title, value=self.words)
        if self.kind == "without":
            return _("{column}: not {value}").format(column=title, value=self.words)
        if self.kind == "between":
            low, high = _bound(self.low), _bound(self.high)
            return _("{column}: {low} – {high}").format(column=title, low=low, high=high)
        return (_("{column}: empty") if self.kind == "empty" else _("{column}: filled in")).format(column=title)

    def replaces(self, other: ColumnFilter) -> bool:
        """True when both cannot stand together: values may be left out one after the other, all else is said once."""
        return self.column == other.column and not ({self.kind, other.kind} <= {"without", "filled"} and self != other)


def _bound(value: Bound) -> str:
    if value is None:
        return "…"
    return shown_date(value) if isinstance(value, date) else shown_number(value)


def is_ranged(column: Column) -> bool:
    """True for dates and numbers, which can be asked for from … to …"""
    return column.kind in ("date", "number") and column.show is None


def short(words: str) -> str:
    """One line that fits a chip."""
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def fill_menu(menu: QMenu, column: Column, words: str, add: Callable[[ColumnFilter], None], ask: Callable[[], None],
              clear: Callable[[], None] | None) -> None:  # fmt: skip
    """What can be asked of a column whose cell under the cursor says `words`; `clear` when it is filtered already."""
    key = column.key
    if words:
        quoted = short(words).replace("&", "&&")
        menu.addAction(icons.icon("filter"), _("Only “{value}”").format(value=quoted),
                       lambda: add(ColumnFilter(key, "only", words)))  # fmt: skip
        menu.addAction(_("Without “{value}”").format(value=quoted), lambda: add(ColumnFilter(key, "without", words)))
    if is_ranged(column):
        menu.addAction(_("From … to …"), ask)
    menu.addAction(_("Only empty"), lambda: add(ColumnFilter(key, "empty")))
    menu.addAction(_("Only filled in"), lambda: add(ColumnFilter(key, "filled")))
    if clear is not None:
        menu.addAction(icons.icon("close"), _("Show all of this column again"), clear)


class FilterBar(QWidget):
    """The filters that hold, each a chip that takes it off; not there when there are none."""

    removed = Signal(object)
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(8))
        self.chips: list[QPushButton] = []
        self.hide()

    def show_filters(self, filters: Sequence[ColumnFilter], titles: dict[str, str]) -> None:
        """Show a chip for each."""
        clear(self._row)
        self.chips = [self._chip(one, titles[one.column]) for one in filters]
        for chip in self.chips:
            self._row.addWidget(chip)
        if len(self.chips) > 1:
            everything = QPushButton(_("Show all again"))
            everything.setProperty("kind", "flat")
            everything.clicked.connect(self.cleared)
            self._row.addWidget(everything)
        self._row.addStretch(1)
        self.setVisible(bool(filters))

    def _chip(self, one: ColumnFilter, title: str) -> QPushButton:
        words = one.sentence(_(title))
        chip = QPushButton(icons.icon("close", "accent"), short(words).replace("&", "&&"))
        chip.setCheckable(True)
        chip.setChecked(True)
        chip.setProperty("kind", "chip")
        chip.setToolTip(_("Take this filter off: {filter}").format(filter=words))
        chip.setAccessibleName(chip.toolTip())
        chip.clicked.connect(lambda: self.removed.emit(one))
        return chip


class RangeQuestion(Question):
    """From … to …, for a column of dates or numbers; either end may stay open."""

    def __init__(self, parent: QWidget, column: Column) -> None:
        words = _("Dates as DD.MM.YYYY or eight digits; an end that stays empty is open.")
        if column.kind == "number":
            words = _("An end that stays empty is open.")
        super().__init__(parent, _(column.name), words, _("Show these"))
        self._column = column
        self.low, self.high = QLineEdit(), QLineEdit()
        self._wrong = label("", "fieldError", wrap=True)
        for title, line in ((_("From"), self.low), (_("To"), self.high)):
            name = QLabel(title)
            name.setBuddy(line)
            self.fields.addWidget(name)
            self.fields.addWidget(line)
            line.textChanged.connect(self._check)
        self.fields.addWidget(self._wrong)
        self.low.setFocus()
        self._check()

    def _check(self) -> None:
        found = self._found()
        self.act_button.setEnabled(found is not None)
        wrong = found is None and bool(self.low.text().strip() or self.high.text().strip())
        self._wrong.setText(_("This is not a range yet.") if wrong else " ")

    def _found(self) -> tuple[Bound, Bound] | None:
        try:
            low, high = (_value(self._column, line.text()) for line in (self.low, self.high))
        except ValueError:
            return None
        if low is None and high is None:
            return None
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            return None
        return low, high

    def filter(self) -> ColumnFilter | None:
        """The filter that was asked for."""
        found = self._found()
        return ColumnFilter(self._column.key, "between", low=found[0], high=found[1]) if found else None


def _value(column: Column, words: str) -> Bound:
    plain = words.strip().replace("\u00a0", "").replace(" ", "")
    if not plain:
        return None
    if column.kind == "number":
        number = float(plain.replace(",", "."))
        return int(number) if number.is_integer() else number
    return datetime.strptime("".join(letter for letter in plain if letter.isdecimal()), "%d%m%Y").date()  # noqa: DTZ007
