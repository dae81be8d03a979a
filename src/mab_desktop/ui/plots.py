"""Small plots beside numbers: bars or a line, painted, without axes; the numbers themselves stand in the tooltip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mab_desktop.ui import theme


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
