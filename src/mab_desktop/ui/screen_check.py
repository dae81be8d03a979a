"""What an eye looks for on a screen, measured: words cut or in another language, parts over each other.

`findings(window)` is asked after `screens.settle`; `mab screens --check` asks it on every page in three languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSplitter,
    QSplitterHandle,
    QStackedWidget,
    QTableView,
    QWidget,
)

from mab_desktop.i18n import active
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import ElidedLabel
from mab_desktop.ui.record_table import RecordTable

_SLACK = 1  # pixels that rounding may take
_EXACT = ("code", "number", "date")  # kinds of cells that are never cut, tooltip or not
# Two Latin words, or one with a capital alone: Kazakh and Russian texts have none but names of keys and things.
_ENGLISH = re.compile(r"\b[A-Za-z][a-z]{2,} [a-z]{2,}\b|^[A-Z][a-z]{3,}(?:…|\.{3})?$")
_NAMES = re.compile(r"\b(?:English|Home|Enter|Esc|Delete|Shift|Ctrl|Alt|Windows|Linux|Excel|CUPS|Traceback)\b")
_MANY_COLUMNS = 12
_SEEN_BY_EYE = 60  # characters of a text that a finding quotes


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what, where (the widgets' kinds), and the words concerned."""

    kind: str
    where: str
    words: str
    measured: str = ""

    def line(self) -> str:
        """One line for a list."""
        shown = " ".join(self.words.split())[:_SEEN_BY_EYE]
        return " · ".join(
            part for part in (self.kind, self.where, f"“{shown}”" if shown else "", self.measured) if part
        )


def findings(window: QWidget) -> list[Finding]:
    """All that is wrong in what `window` shows now."""
    seen = [widget for widget in window.findChildren(QWidget) if _is_shown(widget)]
    found: list[Finding] = []
    for widget in seen:
        found += _cut(widget)
        found += _beside(widget)
        if active() != "en":
            found += _foreign(widget)
        sideways = isinstance(widget, QAbstractScrollArea) and widget.horizontalScrollBar().isVisible()
        if isinstance(widget, QAbstractScrollArea) and sideways and not _is_wide(widget):
            found.append(Finding("scrolls sideways", _path(widget), "", f"{widget.horizontalScrollBar().maximum()} px"))
        if isinstance(widget, QTableView):
            found += _table(widget)
    return list(dict.fromkeys(found))


def _is_wide(widget: QAbstractScrollArea) -> bool:
    """A table with as many columns as its paper, of which none can be narrower."""
    return isinstance(widget, RecordView) and len(widget.shown_columns()) >= _MANY_COLUMNS


def _is_shown(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _path(widget: QWidget) -> str:
    """The widget and those around it that have a kind of their own."""
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None and len(names) < 3:
        name = at.objectName() or type(at).__name__
        if at is widget or not name.startswith(("Q", "qt_")):
            names.append(name)
        at = at.parentWidget()
    return " in ".join(names)


# --- words that are cut -----------------------------------------------------------------------------------------------


def _cut(widget: QWidget) -> Iterator[Finding]:
    if isinstance(widget, ElidedLabel):
        return  # says all in its tooltip
    if isinstance(widget, QLabel) and widget.text():
        yield from _cut_label(widget)
    elif isinstance(widget, QPushButton | QCheckBox | QRadioButton) and widget.text():
        need, has = _button_needs(widget), widget.width()
        if need > has + _SLACK:
            yield Finding("cut", _path(widget), widget.text(), f"{need} > {has}")
    elif isinstance(widget, QComboBox) and not widget.isEditable():
        need, has = widget.fontMetrics().horizontalAdvance(widget.currentText()), widget.width() - 32
        if need > has + _SLACK and not widget.toolTip():
            yield Finding("cut", _path(widget), widget.currentText(), f"{need} > {has}")
    elif isinstance(widget, QLineEdit) and widget.placeholderText() and not widget.text():
        need = widget.fontMetrics().horizontalAdvance(widget.placeholderText())
        has = widget.width() - 20 - (24 if widget.actions() else 0)
        if need > has + _SLACK and not widget.toolTip():
            yield Finding("cut", _path(widget), widget.placeholderText(), f"{need} > {has}")


def _cut_label(widget: QLabel) -> Iterator[Finding]:
    if widget.wordWrap():
        need, has = widget.heightForWidth(widget.width()), widget.height()
        parts = QLabel.text(widget).replace("\u200b", " ").replace("/", " ").replace("-", " ").split()
        widest = max(map(widget.fontMetrics().horizontalAdvance, parts), default=0)
        if widest > widget.contentsRect().width() + _SLACK:
            yield Finding("a word cut", _path(widget), widget.text(), f"{widest} > {widget.contentsRect().width()}")
    else:
        lines = widget.text().splitlines() or [""]
        need, has = max(map(widget.fontMetrics().horizontalAdvance, lines)), widget.contentsRect().width()
    if need > has + _SLACK and not widget.toolTip():
        yield Finding("cut", _path(widget), widget.text(), f"{need} > {has}")


def _button_needs(widget: QAbstractButton) -> int:
    words = widget.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, widget.text()).width()
    beside = widget.iconSize().width() + 4 if not widget.icon().isNull() else 0
    if isinstance(widget, QCheckBox | QRadioButton):
        beside += 20
    return words + beside


def _table(view: QTableView) -> Iterator[Finding]:
    """Headings, and the cells in sight: codes, numbers and dates are whole; other words may end in … with a tooltip."""
    model, header = view.model(), view.horizontalHeader()
    heads, metrics = QFontMetrics(header.font()), view.fontMetrics()
    for number in range(model.columnCount()):
        if view.isColumnHidden(number):
            continue
        title, has = str(model.headerData(number, Qt.Orientation.Horizontal) or ""), view.columnWidth(number)
        need = max(map(heads.horizontalAdvance, title.splitlines() or [""])) + 16
        tip = model.headerData(number, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        if need > has + _SLACK and not tip and header.isVisible():
            yield Finding("heading cut", _path(view), title, f"{need} > {has}")
        if active() != "en" and _is_english(title):
            yield Finding("not translated", _path(view), title)
        exact = isinstance(model, RecordTable) and model.columns[number].kind in _EXACT
        told = isinstance(model, RecordTable)  # its view shows in a tooltip what a cell has no room for
        for row in range(max(view.rowAt(0), 0), min(model.rowCount(), max(view.rowAt(0), 0) + 40)):
            words = str(model.index(row, number).data() or "")
            need = metrics.horizontalAdvance(words) + 8
            if need > has + _SLACK and (exact or not told) and not model.index(row, number).data(_TIP):
                yield Finding("cell cut", _path(view), words, f"{need} > {has}")
                break


_TIP = Qt.ItemDataRole.ToolTipRole

# --- parts over each other --------------------------------------------------------------------------------------------


def _beside(parent: QWidget) -> Iterator[Finding]:
    """Children that lie over each other, or stick out of what holds them."""
    layout = parent.layout()
    if layout is None or isinstance(parent, QAbstractScrollArea | QSplitter | QStackedWidget):
        return
    children = [child for child in parent.children() if isinstance(child, QWidget) and _stands(child, layout)]
    for place, child in enumerate(children):
        if not parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(child.geometry()):
            yield Finding("sticks out", _path(child), _words(child), _over(child.geometry(), parent.rect()))
        for other in children[place + 1 :]:
            shared = child.geometry() & other.geometry()
            if shared.width() > _SLACK and shared.height() > _SLACK:
                what = f"{_path(other)} {_words(other)!r}"
                yield Finding("overlap", _path(child), _words(child), f"{shared.width()}x{shared.height()} with {what}")


def _stands(child: QWidget, layout: object) -> bool:
    return (
        child.isVisible()
        and not child.isWindow()
        and not child.size().isEmpty()
        and not isinstance(child, QSplitterHandle)
        and getattr(child.parentWidget(), "layout", lambda: None)() is layout
        and not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    )


def _over(inner: QRect, outer: QRect) -> str:
    return f"{inner.getRect()} of {outer.width()}x{outer.height()}"


# --- words in another language ----------------------------------------------------------------------------------------


def _words(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    return widget.placeholderText() if isinstance(widget, QLineEdit) else ""


def _is_english(words: str) -> bool:
    return bool(_ENGLISH.search(_NAMES.sub("", words)))


def _foreign(widget: QWidget) -> Iterator[Finding]:
    for words in dict.fromkeys((_words(widget), widget.toolTip(), widget.accessibleName())):
        if words and _is_english(words):
            yield Finding("not translated", _path(widget), words)
