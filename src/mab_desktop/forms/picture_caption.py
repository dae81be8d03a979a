"""The words above a picture of a scanned page: which page it is, what was found, what the signs in it mean."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.forms import fonts
from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.lettering import LEADING, put, put_lines, width, wrap

SIDE, GAP = 8 * mm, 2.2 * mm
TITLE, BODY, SMALL = 12.0, 10.5, 9.0
SIGN: float = 3.4 * mm
RED, AMBER, GREEN = (0.78, 0.1, 0.1), (0.85, 0.42, 0.0), (0.1, 0.5, 0.2)

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about the page in its tone: `RED`, `AMBER` or `GREEN`."""

    text: str
    tone: Colour


@dataclass(frozen=True, slots=True)
class Key:
    """A sign of the picture and what it means: a `ring`, `frame`, `crossed` frame, `cross` or `band`."""

    sign: str
    colour: Colour
    text: str


def draw_caption(title: str, remarks: Sequence[Remark], keys: Sequence[Key], page_width: float) -> bytes:
    """A PDF of one page `page_width` mm wide and as high as its words need."""
    fonts.register()
    wide = page_width * mm
    room = wide - 2 * SIDE
    titles = wrap(title, room, BOLD, TITLE)
    texts = [(remark.tone, wrap(remark.text, room - 5 * mm, REGULAR, BODY)) for remark in remarks]
    rows = _rows(keys, room)
    high = 2 * GAP + len(titles) * TITLE * LEADING + sum(len(lines) * BODY * LEADING + GAP / 2 for _, lines in texts)
    high += len(rows) * (SIGN + GAP) + GAP
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(wide, high), initialFontName=REGULAR)
    y = put_lines(canvas, SIDE, high - GAP, titles, TITLE, BOLD) - GAP / 2
    for tone, lines in texts:
        canvas.setFillColorRGB(*tone)
        canvas.rect(SIDE, y - BODY * 0.86, 2.2 * mm, 2.2 * mm, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        y = put_lines(canvas, SIDE + 5 * mm, y, lines, BODY) - GAP / 2
    for row in rows:
        y -= SIGN + GAP
        for x, key in row:
            _sign(canvas, SIDE + x, y + GAP / 2, key)
            put(canvas, SIDE + x + SIGN + 1.5 * mm, y + GAP / 2 + SIGN * 0.18, key.text, SMALL)
    canvas.setLineWidth(0.4)
    canvas.line(0, 0.2, wide, 0.2)
    canvas.save()
    return out.getvalue()


def _rows(keys: Sequence[Key], room: float) -> list[list[tuple[float, Key]]]:
    """The keys in rows that fit, each with its place from the left."""
    rows: list[list[tuple[float, Key]]] = []
    x = room
    for key in keys:
        wide = SIGN + 1.5 * mm + width(key.text, REGULAR, SMALL)
        if not rows or x + wide > room:
            rows.append([])
            x = 0.0
        rows[-1].append((x, key))
        x += wide + 6 * mm
    return rows


def _sign(canvas: Canvas, x: float, y: float, key: Key) -> None:
    canvas.saveState()
    canvas.setStrokeColorRGB(*key.colour)
    canvas.setFillColorRGB(*key.colour)
    canvas.setLineWidth(1.2)
    if key.sign == "ring":
        canvas.circle(x + SIGN / 2, y + SIGN / 2, SIGN / 2)
    elif key.sign == "band":
        canvas.setFillAlpha(0.5)
        canvas.rect(x + SIGN / 4, y, SIGN / 2, SIGN, stroke=0, fill=1)
    elif key.sign in ("frame", "crossed"):
        canvas.rect(x, y, SIGN, SIGN)
    if key.sign in ("crossed", "cross"):
        canvas.line(x, y, x + SIGN, y + SIGN)
        canvas.line(x, y + SIGN, x + SIGN, y)
    canvas.restoreState()
