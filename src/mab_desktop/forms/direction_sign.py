"""A sign that shows the way (p.24): A4 across, an arrow or stairs, the halls it leads to, read from five metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.lettering import put, width, wrap
from mab_desktop.forms.page import EDGE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.i18n import N_

TITLE = N_("Direction sign")
ANGLES = {
    "right": 0, "up-right": 45, "up": 90, "up-left": 135, "left": 180, "down-left": 225, "down": 270, "down-right": 315,
}  # fmt: skip
_CAP = 0.7
# An arrow to the right in a square from -1 to 1.
_ARROW = ((-0.95, 0.2), (0.1, 0.2), (0.1, 0.62), (0.95, 0), (0.1, -0.62), (0.1, -0.2), (-0.95, -0.2))
_STEPS = 4


@dataclass(frozen=True, slots=True)
class DirectionSign:
    """Where it points (`ANGLES`, or stairs-up, stairs-down), the halls as text, the building of `head`, words below."""

    head: DocumentHead
    imprint: Imprint
    arrow: str
    halls: str
    words: str = ""
    place: str = ""


def draw(*documents: DirectionSign, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The signs as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def _body(sheet: Sheet, sign: DirectionSign) -> None:
    sheet.begin(TITLE, sign.head, sign.imprint, bare=True)
    bottom, top = sheet.bottom + 6, sheet.height - EDGE - 2
    sheet.canvas.setLineWidth(4)
    sheet.canvas.rect(sheet.left, bottom, sheet.right - sheet.left, top - bottom)
    if sign.place:  # for whoever hangs the signs up
        put(sheet.canvas, sheet.left + 10, bottom + 8, f"{sheet.words.both(N_('Where it hangs'))}: {sign.place}", 9)
    foot = _below(sheet, sign, bottom + 26)
    side = 230.0
    to_left = "left" in sign.arrow or "stairs" in sign.arrow or sign.arrow in ("up", "down")
    middle = (sheet.left + 22 + side / 2) if to_left else (sheet.right - 22 - side / 2)
    _pointer(sheet, sign.arrow, middle, (foot + top) / 2, side / 2)
    left, right = (sheet.left + side + 40, sheet.right - 20) if to_left else (sheet.left + 20, sheet.right - side - 40)
    _halls(sheet, sign.halls, left, right, foot, top - 10)


def _below(sheet: Sheet, sign: DirectionSign, foot: float) -> float:
    room = sheet.right - sheet.left - 40
    for text in (sign.words, sign.head.building):
        if text:
            for line in reversed(wrap(text, room, BOLD, 30)):
                put(sheet.canvas, sheet.width / 2, foot, line, 30, BOLD, "center")
                foot += 37
    return foot + 6


def _halls(sheet: Sheet, text: str, left: float, right: float, bottom: float, top: float) -> None:
    """The word above, then the ranges on as few lines as give the largest digits."""
    word = sheet.words.both(N_("Halls")).upper()
    put(sheet.canvas, (left + right) / 2, top - 34, word, min(32.0, (right - left) / width(word, BOLD, 1)), BOLD,
        "center")  # fmt: skip
    parts = [part.strip() for part in text.split(",") if part.strip()]
    room, high = right - left, top - 50 - bottom
    best = max((_layout(parts, count, room, high) for count in range(1, len(parts) + 1)), key=lambda found: found[0])
    size, lines = best
    y = bottom + (high + len(lines) * size * 0.95) / 2 - size * (_CAP + 0.1)
    for line in lines:
        put(sheet.canvas, (left + right) / 2, y, line, size, BOLD, "center")
        y -= size * 0.95


def _layout(parts: Sequence[str], count: int, room: float, high: float) -> tuple[float, list[str]]:
    """`parts` on `count` lines, and the size at which they fit."""
    each = -(-len(parts) // count)
    lines = [", ".join(parts[i : i + each]) for i in range(0, len(parts), each)]
    widest = max(width(line, BOLD, 1) for line in lines)
    return min(room / widest, high / (0.95 * len(lines)), 150.0), lines


def _pointer(sheet: Sheet, arrow: str, x: float, y: float, half: float) -> None:
    canvas = sheet.canvas
    canvas.saveState()
    canvas.translate(x, y)
    if arrow in ANGLES:
        canvas.rotate(ANGLES[arrow])
        _filled(sheet, [(px * half, py * half) for px, py in _ARROW])
    else:
        _stairs(sheet, half, up=arrow == "stairs-up")
    canvas.restoreState()


def _stairs(sheet: Sheet, half: float, *, up: bool) -> None:
    """Steps that rise to the right, and an arrow over them up or down."""
    step = 2 * half / _STEPS
    outline = [(-half, -half)]
    for n in range(_STEPS):
        height = -half + (n + 1) * step * 0.8
        outline += [(-half + n * step, height), (-half + (n + 1) * step, height)]
    _filled(sheet, [*outline, (half, -half)])
    sheet.canvas.saveState()
    sheet.canvas.translate(-half * 0.28, half * 0.52)
    sheet.canvas.rotate(38.66 if up else 218.66)
    _filled(sheet, [(px * half * 0.62, py * half * 0.5) for px, py in _ARROW])
    sheet.canvas.restoreState()


def _filled(sheet: Sheet, points: Sequence[tuple[float, float]]) -> None:
    path = sheet.canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    sheet.canvas.setFillGray(0)
    sheet.canvas.drawPath(path, stroke=0, fill=1)
