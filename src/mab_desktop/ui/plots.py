"""Plots beside numbers, painted: small ones without axes, and bars with a label under each.

The numbers themselves stand in the tooltip.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mab_desktop.ui import theme

_MIDDLE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)


class SmallPlot(QWidget):
    """`values` as bars or as a line; the last one stands out."""

    def __init__(self, values: Sequence[float] = (), kind: str = "bars", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_values(values, kind)

    def show_values(self, values: Sequence[float], kind: str = "bars") -> None:
        """Change what is drawn; kind "bars" or "line"."""
        self.values, self.kind = tuple(values), kind
        self.setToolTip(" · ".join(f"{value:g}" for value in self.values))
        self.update()

    def sizeHint(self) -> QSize:
        """As high as two lines of text."""
        return QSize(theme.px(120), theme.px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bars or a line between zero and the highest value."""
        if not self.values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = max(*self.values, 0.0) or 1.0
        (self._bars if self.kind == "bars" else self._line)(painter, top)
        painter.end()

    def _bars(self, painter: QPainter, top: float) -> None:
        step = min(self.width() / len(self.values), theme.px(20))
        wide = max(2.0, step - theme.px(3))
        painter.setPen(Qt.PenStyle.NoPen)
        for number, value in enumerate(self.values):
            tall = max(2.0, (self.height() - 2) * value / top)
            last = number == len(self.values) - 1
            shade = theme.qcolour("accent")
            shade.setAlphaF(1.0 if last else 0.45)
            painter.setBrush(shade)
            painter.drawRect(QRectF(number * step, self.height() - tall, wide, tall))

    def _line(self, painter: QPainter, top: float) -> None:
        edge = theme.px(4)
        step = (self.width() - 2 * edge) / max(1, len(self.values) - 1)
        points = [
            QPointF(edge + number * step, self.height() - edge - (self.height() - 2 * edge) * value / top)
            for number, value in enumerate(self.values)
        ]
        painter.setPen(QPen(theme.qcolour("line_strong"), 1.0))
        painter.drawLine(QPointF(0, self.height() - 1), QPointF(self.width(), self.height() - 1))
        painter.setPen(QPen(theme.qcolour("accent"), max(1.5, theme.px(2))))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(theme.qcolour("accent"))
        painter.drawEllipse(points[-1], theme.px(3), theme.px(3))


class BarPlot(QWidget):
    """Bars with a label under each and the number above; some stand out, a dashed line marks a place along them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.values: tuple[int, ...] = ()
        self.labels: tuple[str, ...] = ()
        self._strong: frozenset[int] = frozenset()
        self._line: float | None = None

    def show_bars(
        self, values: Sequence[int], labels: Sequence[str], strong: Collection[int] = (), line: float | None = None
    ) -> None:
        """Draw these; `strong` are the places of bars that stand out, `line` a place from 0 to 1 across the bars."""
        self.values, self.labels, self._strong, self._line = tuple(values), tuple(labels), frozenset(strong), line
        words = [f"{name}: {value}" for name, value in zip(labels, values, strict=True) if name or value]
        self.setToolTip("\n".join(words))
        self.setAccessibleName(", ".join(words))
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the bars, the numbers and the labels."""
        return QSize(theme.px(240), theme.px(120))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars from a base line; numbers only where they find room."""
        if not self.values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.BASE_POINTS * 0.85))
        line = painter.fontMetrics().height()
        top, base = line + 2, self.height() - line - 3
        step = min(self.width() / len(self.values), theme.px(44))
        numbered = max(painter.fontMetrics().horizontalAdvance(str(value)) for value in self.values) <= step - 2
        for place, value in enumerate(self.values):
            box = QRectF(place * step, base, step, 0)
            self._bar(painter, box, (base - top) * value / (max(self.values) or 1), place)
            painter.setPen(theme.qcolour("text_muted"))
            painter.drawText(QRectF(box.left() - step, base + 2, 3 * step, line), _MIDDLE, self.labels[place])
            if numbered and value:
                over = base - (base - top) * value / (max(self.values) or 1) - line - 1
                painter.drawText(QRectF(box.left(), over, step, line), _MIDDLE, str(value))
        painter.setPen(QPen(theme.qcolour("line_strong"), 1.0))
        painter.drawLine(QPointF(0, base + 0.5), QPointF(step * len(self.values), base + 0.5))
        if self._line is not None:
            painter.setPen(QPen(theme.qcolour("text"), 1.2, Qt.PenStyle.DashLine))
            x = self._line * step * len(self.values)
            painter.drawLine(QPointF(x, top), QPointF(x, base))
        painter.end()

    def _bar(self, painter: QPainter, box: QRectF, tall: float, place: int) -> None:
        shade = theme.qcolour("accent")
        shade.setAlphaF(1.0 if place in self._strong else 0.45)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        gap = max(1.0, box.width() * 0.12)
        painter.drawRect(QRectF(box.left() + gap, box.top() - tall, box.width() - 2 * gap, tall))
