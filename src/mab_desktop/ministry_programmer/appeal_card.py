"""The answer analysis card (p.40): five tables of four rows, drawn; appealed items are framed."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mab_desktop.domain.score import RIGHT
from mab_desktop.i18n import _, active
from mab_desktop.services.appeals import CardSubject
from mab_desktop.ui import theme

_ROW, _HEAD = 19, 20


class CardTables(QWidget):
    """Item numbers, key, answers read, result; an appealed item has a thick frame, a right one a soft ground."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: tuple[CardSubject, ...] = ()
        self.appealed: frozenset[tuple[int, int]] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Answer analysis card"))

    def show_card(self, subjects: tuple[CardSubject, ...], appealed: Iterable[tuple[int, int]]) -> None:
        """Show these subjects; `appealed` are (subject, item) from 1."""
        self.subjects, self.appealed = subjects, frozenset(appealed)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All tables under each other."""
        return QSize(theme.px(480), self._table_height() * max(1, len(self.subjects)))

    def minimumSizeHint(self) -> QSize:
        """Digits must stay legible."""
        return QSize(theme.px(430), self.sizeHint().height())

    def place_of(self, subject: int) -> QRect:
        """Where the table of a subject stands, from 1."""
        return QRect(0, (subject - 1) * self._table_height(), self.width(), self._table_height())

    def _table_height(self) -> int:
        return theme.px(_HEAD) + 4 * theme.px(_ROW) + theme.px(6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tables."""
        painter = QPainter(self)
        for number, subject in enumerate(self.subjects):
            self._table(painter, number + 1, subject, number * self._table_height())
        painter.end()

    def _table(self, painter: QPainter, number: int, subject: CardSubject, top: int) -> None:
        count = max(1, len(subject.key))
        head, row = theme.px(_HEAD), theme.px(_ROW)
        words = (_("Item"), _("Key"), _("Read"), _("Result"))
        measure = QFontMetrics(theme.font(8))
        left = max(theme.px(52), theme.px(8) + max(measure.horizontalAdvance(word) for word in words))
        wide = (self.width() - left - 2) / count
        painter.setPen(theme.qcolour("text"))
        painter.setFont(theme.font(9, bold=True))
        name = subject.name_ru if active() == "ru" else subject.name_kk
        title = _("{n}. {name}: points {points}").format(n=number, name=name, points=subject.points)
        painter.drawText(QRect(0, top, self.width(), head), int(Qt.AlignmentFlag.AlignVCenter), title)
        painter.setFont(theme.font(8))
        rows = ([str(item + 1) for item in range(count)], list(subject.key), list(subject.answers),
                list(subject.results))  # fmt: skip
        for line, (word, cells) in enumerate(zip(words, rows, strict=True)):
            y = top + head + line * row
            painter.setPen(theme.qcolour("text_muted"))
            painter.drawText(QRect(0, y, left - 4, row), int(Qt.AlignmentFlag.AlignVCenter), word)
            for item, text in enumerate(cells):
                box = QRect(left + round(item * wide), y, round((item + 1) * wide) - round(item * wide), row)
                if line and subject.results[item] == RIGHT:
                    painter.fillRect(box, theme.qcolour("done_soft"))
                painter.setPen(QPen(theme.qcolour("line"), 1))
                painter.drawRect(box)
                painter.setPen(theme.qcolour("text_muted" if not line else "text"))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.qcolour("accent"), theme.px(2)))
        for item in range(count):
            if (number, item + 1) in self.appealed:
                painter.drawRect(left + round(item * wide), top + head, round(wide), 4 * row)
