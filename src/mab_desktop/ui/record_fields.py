"""The editors of single fields: text, digit cells, dates as eight digits, codes with a list, yes or no.

Every editor has `value()`, `set_value(value)`, `clear()`, `is_empty()` and the signals `edited` and `filled` (all
positions typed). A value that is not yet one (half a date, an unknown code) comes out as the text typed, and the
checks name it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QListView, QSizePolicy, QWidget

from mab_desktop.domain.fields import Field, Kind
from mab_desktop.domain.name_typing import by_place, mend_capitals, plain_form
from mab_desktop.domain.names import mend_look_alikes, search_form
from mab_desktop.i18n import _
from mab_desktop.ui import theme
from mab_desktop.ui.page import ElidedLabel

# Code and name, and what else the code may be found by: the name in other languages.
Choices = Sequence[tuple[str, ...]]
_WORD = re.compile(r"[a-z][a-z-]{2,}")  # a code that only this program knows, such as "observer"
# By how many lines of an open list a key goes on.
_STEPS: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class TextEditor(QLineEdit):
    """A line as wide as its positions; in names capitals and Latin look-alikes are put right when it is left.

    What was put right and then typed again as it was stays: the person knows better.
    """

    edited = Signal()
    filled = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.mended, self._wanted = "", ""
        self.too_long = self._rejected = False
        self._place = 0  # where the cursor stood when the field was left
        if field.max_length:
            self.setMaxLength(field.max_length)
        self.wide = _width_of(field.max_length or 32)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._typed)
        self.inputRejected.connect(self._reject)

    def sizeHint(self) -> QSize:
        """As wide as its positions; narrower only where the form has no room."""
        return QSize(self.wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        return QSize(min(self.wide, theme.px(100)), super().minimumSizeHint().height())

    def _typed(self, text: str) -> None:
        self.mended, self.too_long = "", self._rejected and len(text) >= self.maxLength()
        self._rejected = False
        if self.field.kind is Kind.NAME and len(text) == 1 and text.islower():
            self._put(text.upper())
        self.edited.emit()

    def _put(self, text: str) -> None:
        """Another text in the place of the whole, so that Ctrl+Z still knows the one before."""
        place = self.cursorPosition()
        with QSignalBlocker(self):
            self.selectAll()
            self.insert(text)
            self.setCursorPosition(place)

    def _reject(self) -> None:
        """More was typed or pasted than there are positions."""
        self._rejected = True
        if len(self.text()) >= self.maxLength():
            self.too_long = True
            self.edited.emit()

    def value(self) -> Any:
        """The text in NFC without spaces at its ends and without double ones; None when empty."""
        return " ".join(unicodedata.normalize("NFC", self.text()).split()) or None

    def set_value(self, value: Any) -> None:
        """Show a text."""
        self.mended, self._wanted, self.too_long = "", "", False
        self.setText("" if value is None else str(value))
        self._place = 0
        self.setCursorPosition(0)

    def is_empty(self) -> bool:
        """True when nothing is typed."""
        return not self.text().strip()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What is longer than the field shows its beginning: a name is known by it."""
        super().focusOutEvent(event)
        self._place = self.cursorPosition()
        self.home(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The cursor stands where it was."""
        if not self.hasSelectedText():
            self.setCursorPosition(self._place)
        super().focusInEvent(event)

    def settle(self) -> None:
        """The field is left: put look-alikes right and remember what was changed, to show it."""
        if self.field.kind not in (Kind.NAME, Kind.TEXT):
            return
        text = self.text()
        before = unicodedata.normalize("NFC", text)
        after = mend_look_alikes(before)
        latin = "".join(dict.fromkeys(a for a, b in zip(before, after, strict=True) if a != b and a.isalpha()))
        if self.field.kind is Kind.NAME:
            after = mend_capitals(after)
        if after not in (text, "") and before != self._wanted:
            self._wanted = before
            self._put(after)
            self.edited.emit()
            self.mended = latin


class IntegerEditor(TextEditor):
    """A whole number."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        digits = len(str(field.high)) if field.high is not None else 9
        self.setMaxLength(digits + (1 if (field.low or 0) < 0 else 0))
        self.wide = _width_of(max(5, digits))
        self._fixed = digits if digits > 1 and len(str(field.low)) == digits else 0  # a year: always four

    def _typed(self, text: str) -> None:
        super()._typed(text)
        if self._fixed and len(text) == self._fixed == self.cursorPosition():
            self.filled.emit()

    def value(self) -> Any:
        """The number, the text when it is none, None when empty."""
        text = self.text().strip()
        return int(text) if re.fullmatch(r"-?[0-9]+", text) else text or None


class CellsEditor(TextEditor):
    """Digits in even cells, one for each position; letters are not taken, pasted points and spaces fall out."""

    CELL = 22

    def __init__(self, field: Field, positions: int = 0, marks: tuple[int, ...] = ()) -> None:
        super().__init__(field)
        self.positions, self.marks = positions or field.max_length, marks
        self.setMaxLength(32767)  # room for a pasted "12.04.2006"; `_typed` keeps the digits that have a cell
        self.setProperty("cells", "true")
        self._lay_out()

    def _lay_out(self) -> None:
        letters = theme.font()
        digit = QFontMetricsF(letters).horizontalAdvance("0")
        cell = theme.px(self.CELL)
        letters.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, cell - digit)
        self.setFont(letters)
        half = round((cell - digit) / 2)
        self.setTextMargins(half, 0, -half - 4, 0)  # room for the cursor after the last digit: else the line scrolls
        self.setFixedWidth(cell * self.positions + 8)

    def _typed(self, text: str) -> None:
        every = re.sub(r"[^0-9]", "", text)
        digits, self.too_long = every[: self.positions], len(every) > self.positions  # pasted: what is lost is said
        if digits != text:
            place = self.cursorPosition()
            self.setText(digits)
            self.setCursorPosition(min(place, len(digits)))
        self.edited.emit()
        if len(digits) == self.positions == self.cursorPosition():
            self.filled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the borders of the cells over the line; groups (day, month, year) are parted more strongly."""
        super().paintEvent(event)
        painter = QPainter(self)
        cell = theme.px(self.CELL)
        for number in range(1, self.positions):
            strong = number in self.marks
            painter.setPen(QPen(theme.qcolour("line_strong" if strong else "line"), 1))
            x, gap = 4 + number * cell, 1 if strong else theme.px(7)
            painter.drawLine(x, gap, x, self.height() - gap - 1)
        painter.end()


class DateEditor(CellsEditor):
    """A date typed as eight digits, DDMMYYYY; an empty one stays empty."""

    def __init__(self, field: Field) -> None:
        super().__init__(field, 8, (2, 4))
        self.setAccessibleDescription(_("Day, month, year: eight digits"))

    def value(self) -> Any:
        """The date, the digits when they are none, None when empty."""
        text = self.text()
        if len(text) != 8:
            return text or None
        try:
            return date(int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            return text

    def set_value(self, value: Any) -> None:
        """Show a date, its ISO text, or the digits of an unfinished one."""
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            value = date.fromisoformat(value)
        super().set_value(value.strftime("%d%m%Y") if isinstance(value, date) else value)


class FlagEditor(QCheckBox):
    """Yes or no."""

    edited = Signal()
    filled = Signal()

    def __init__(self, field: Field) -> None:
        super().__init__(_(field.label))
        self.field = field
        self.mended = ""
        self.clicked.connect(self.edited)

    def value(self) -> Any:
        """True or False."""
        return self.isChecked()

    def set_value(self, value: Any) -> None:
        """Show yes or no."""
        self.setChecked(bool(value))

    def clear(self) -> None:
        """No."""
        self.setChecked(False)

    def is_empty(self) -> bool:
        """True for no."""
        return not self.isChecked()

    def settle(self) -> None:
        """Nothing to put right."""

    def setReadOnly(self, read_only: bool) -> None:
        """Show without letting change."""
        self.setEnabled(not read_only)


class CodeEditor(QWidget):
    """A code of a reference list: takes the code or the beginning of a name; the name stands beside it."""

    edited = Signal()
    filled = Signal()

    def __init__(self, field: Field, choices: Choices) -> None:
        super().__init__()
        self.field, self.mended = field, ""
        self.choices: Choices = ()
        self.names: Mapping[str, str] = {}
        self.line = _CodeLine(self)
        self.name = theme.named(ElidedLabel(), "muted")
        self.set_choices(choices)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.line)
        row.addWidget(self.name, 1)
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._typed)

    def set_choices(self, choices: Choices) -> None:
        """The codes that can be chosen, each with its name."""
        self.choices = tuple(choices)
        self.names = {code: name for code, name, *_others in self.choices}
        self._forms = [(code, search_form(code), [search_form(n) for n in names]) for code, *names in self.choices]
        self._plain = [(code, search_form(code), [plain_form(n) for n in names]) for code, *names in self.choices]
        self.worded = bool(self.names) and all(map(_WORD.fullmatch, self.names))
        self.line.fit_codes()
        self._show_name()

    def matches(self, typed: str) -> list[tuple[str, str]]:
        """The choices whose code begins with `typed`, then those with a word of the name that does, in any language.

        Where nothing does, Kazakh letters may be missing from the keyboard, or its layout be the Latin one.
        """
        words = search_form(typed)
        if not words:
            return [(code, name) for code, name, *_others in self.choices]
        for forms, wanted in ((self._forms, words), (self._plain, plain_form(words)),
                              (self._plain, plain_form(by_place(words)))):  # fmt: skip
            by_code = [code for code, form, _names in forms if form.startswith(wanted)]
            by_name = [code for code, _form, names in forms if any(name.startswith(wanted) for name in names)]
            inside = [code for code, _form, names in forms if any(f" {wanted}" in name for name in names)]
            if found := dict.fromkeys(by_code + by_name + inside):
                return [(code, self.names[code]) for code in found]
        return []

    def value(self) -> Any:
        """The code, the text when it is none, None when empty."""
        text = self.line.text().strip()
        if self.worded and (named := next((code for code, name in self.names.items() if name == text), "")):
            return named
        return next((code for code in (text, text.upper()) if code in self.names), text or None)

    def set_value(self, value: Any) -> None:
        """Show a code and its name; where codes are only this program's words, the name alone."""
        text = "" if value is None else str(value)
        self.line.setText(self.names.get(text, text) if self.worded else text)
        self.line.setCursorPosition(0)
        self._show_name()

    def take(self, code: str) -> None:
        """The person chose a code."""
        self.set_value(code)
        self.line.close_list()
        self.edited.emit()

    def clear(self) -> None:
        """Nothing chosen."""
        self.set_value(None)

    def is_empty(self) -> bool:
        """True when nothing is typed."""
        return not self.line.text().strip()

    def settle(self) -> None:
        """The field is left: a text that can mean only one code becomes that code."""
        if not self.is_empty() and self.value() not in self.names:
            found = self.matches(self.line.text())
            if len(found) == 1:
                self.take(found[0][0])
        self.line.close_list()

    def setReadOnly(self, read_only: bool) -> None:
        """Show without letting type."""
        self.line.setReadOnly(read_only)

    def _typed(self, text: str) -> None:
        self._show_name()
        self.edited.emit()
        exact = self.value() in self.names
        longer = [code for code in self.names if code.startswith(text.strip()) and code != text.strip()]
        if exact and not longer:
            self.line.close_list()
            self.filled.emit()
        else:
            self.line.open_list(self.matches(text))

    def _show_name(self) -> None:
        self.name.setText("" if self.worded else self.names.get(self.value() or "", ""))


class _CodeLine(QLineEdit):
    """The line of a code field, with its list under it; the keys stay here."""

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__()
        self._editor = editor
        self._list: QListView | None = None
        self._found: list[tuple[str, str]] = []

    def fit_codes(self) -> None:
        """As wide as the longest code."""
        shown = self._editor.names.values() if self._editor.worded else self._editor.names
        longest = max(map(len, shown), default=self._editor.field.max_length or 8)
        self.setFixedWidth(_width_of(max(6, longest + 2)))

    def open_list(self, found: list[tuple[str, str]]) -> None:
        """Show the choices under the line; the first is the one that Enter takes."""
        self._found = found[:200]
        if not self._found:
            self.close_list()
            return
        shown = self._list or self._make_list()
        model = shown.model()
        assert isinstance(model, QStringListModel)
        worded = self._editor.worded
        model.setStringList([name if worded else f"{code}   {name}" for code, name in self._found])
        shown.setCurrentIndex(model.index(0))
        height = min(len(self._found), 8) * theme.px(28) + 4
        below = self.mapTo(self.window(), QPoint(0, self.height() + 2))
        if below.y() + height > self.window().height():
            below = self.mapTo(self.window(), QPoint(0, -height - 2))
        shown.setGeometry(below.x(), below.y(), max(self.width(), theme.px(520)), height)
        shown.show()
        shown.raise_()

    def _make_list(self) -> QListView:
        made = theme.named(QListView(self.window()), "choices")
        made.setModel(QStringListModel(made))
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        made.setUniformItemSizes(True)
        made.clicked.connect(lambda index: self._editor.take(self._found[index.row()][0]))
        self.destroyed.connect(made.deleteLater)
        self._list = made
        return made

    def close_list(self) -> None:
        """Take the list away."""
        if self._list is not None:
            self._list.hide()

    def list_is_open(self) -> bool:
        """True while the list is shown."""
        return self._list is not None and self._list.isVisible()

    def chosen(self) -> str:
        """The code under the list's cursor, "" when the list is closed."""
        if self._list is None or not self.list_is_open():
            return ""
        row = self._list.currentIndex().row()
        return self._found[row][0] if 0 <= row < len(self._found) else ""

    def event(self, event: QEvent) -> bool:
        """Esc belongs to an open list before it is the window's way back."""
        ours = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if ours and event.key() == Qt.Key.Key_Escape and self.list_is_open():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens the list and walks, Esc closes it."""
        step = _STEPS.get(event.key(), 0)
        if step and self._list is not None and self.list_is_open():
            row = min(max(self._list.currentIndex().row() + step, 0), len(self._found) - 1)
            self._list.setCurrentIndex(self._list.model().index(row, 0))
        elif event.key() == Qt.Key.Key_Down and not self.isReadOnly():
            self.open_list(self._editor.matches("" if self._editor.value() in self._editor.names else self.text()))
        elif event.key() == Qt.Key.Key_Escape and self.list_is_open():
            self.close_list()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The list goes with the focus."""
        self.close_list()
        super().focusOutEvent(event)


def _width_of(positions: int) -> int:
    wide = QFontMetricsF(theme.font()).horizontalAdvance("0") * 1.15
    return round(min(44, max(4, positions)) * wide) + theme.px(24)


def make_editor(field: Field, choices: Choices | None) -> Any:
    """The editor for a field."""
    if field.kind is Kind.FLAG:
        return FlagEditor(field)
    if field.kind is Kind.DATE:
        return DateEditor(field)
    if field.kind is Kind.INTEGER:
        return IntegerEditor(field)
    if choices is not None and (field.kind is Kind.CODE or field.choices):
        return CodeEditor(field, choices)
    if field.kind is Kind.DIGITS and 0 < field.max_length <= 16:
        return CellsEditor(field)
    return TextEditor(field)


__all__ = ["CellsEditor", "CodeEditor", "DateEditor", "FlagEditor", "IntegerEditor", "TextEditor", "make_editor"]
