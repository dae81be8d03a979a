"""Plain plots for papers: black bars on white, labelled axes; they live through a photocopier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import STATE_DEFAULTS, Drawing, Line
from reportlab.lib import colors

from mab_desktop.forms.fonts import REGULAR
from mab_desktop.forms.lettering import SMALLEST
from mab_desktop.forms.page import Sheet

_HIGH, _LEFT, _BELOW = 110.0, 28.0, 20.0
_WIDEST = 46.0  # of a bar with its share of the gap, so that two bars are no two blocks


def draw_bars(
    sheet: Sheet, values: Sequence[float], labels: Sequence[str], *, highest: float | None = None,
    mark: float | None = None, keep: float = 0,
) -> None:  # fmt: skip
    """Bars side by side over the page's width from the cursor down, a label under each (an empty one for none).

    `highest` ends the axis (None: the largest value), `mark` is a place between 0 and 1 along the bars where a dashed
    line stands (a threshold).
    """
    wide = sheet.right - sheet.left
    sheet.need(_HIGH + keep)
    STATE_DEFAULTS["fontName"] = REGULAR  # a drawing begins by setting it, and would name a typeface that is not there
    drawing = Drawing(wide, _HIGH)
    chart = _chart(values, labels, wide, highest)
    drawing.add(chart)
    if mark is not None:
        x = chart.x + mark * chart.width
        drawing.add(Line(x, chart.y, x, chart.y + chart.height, strokeWidth=0.9, strokeDashArray=(3, 2)))
    renderPDF.draw(drawing, sheet.canvas, sheet.left, sheet.y - _HIGH)
    sheet.gap(_HIGH + 4)


def _chart(values: Sequence[float], labels: Sequence[str], wide: float, highest: float | None) -> Any:
    chart = VerticalBarChart()
    chart.x, chart.y = _LEFT, _BELOW
    chart.width, chart.height = min(wide - _LEFT - 4, _WIDEST * len(values)), _HIGH - _BELOW - 6
    chart.data = [tuple(values)]
    chart.bars[0].fillColor = colors.Color(0.35, 0.35, 0.35)
    chart.bars.strokeWidth = 0
    chart.groupSpacing = 2
    top = highest or max(values, default=1.0) or 1.0
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, top
    whole = top >= 4 or all(float(value).is_integer() for value in values)  # two and a quarter students are none
    chart.valueAxis.valueStep = max(1, round(top / 4)) if whole else top / 4
    chart.valueAxis.labelTextFormat = "%d" if whole else "%.1f"
    chart.valueAxis.visibleGrid = True
    chart.valueAxis.gridStrokeWidth, chart.valueAxis.gridStrokeColor = 0.25, colors.grey
    chart.categoryAxis.categoryNames = list(labels)
    for axis in (chart.valueAxis, chart.categoryAxis):
        axis.labels.fontName, axis.labels.fontSize, axis.strokeWidth = REGULAR, SMALLEST, 0.4
    chart.categoryAxis.visibleTicks = False
    return chart
