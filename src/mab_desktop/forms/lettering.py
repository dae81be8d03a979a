"""Measuring, wrapping and setting text in the typefaces of the forms; all lengths in points."""

from __future__ import annotations

from functools import cache, lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.forms import fonts
from mab_desktop.i18n import translate

SMALLEST = 8.0
"""No printed text is smaller (a fax must carry it)."""
LEADING = 1.2
_BASELINE = 0.93


class Words:
    """The language of one document: the text in it and, on bilingual forms in Kazakh, the Russian beneath."""

    def __init__(self, lang: str, bilingual: bool = True) -> None:
        self.lang = lang
        self.bilingual = bilingual and lang == "kk"

    def __call__(self, msgid: str, **params: object) -> str:
        """`msgid` in the document's language."""
        text = translate(self.lang, msgid)
        return text.format(**params) if params else text

    def below(self, msgid: str, **params: object) -> str:
        """`msgid` in Russian where it is printed too, and says something else; "" otherwise."""
        if not self.bilingual:
            return ""
        text = translate("ru", msgid)
        if params:
            text = text.format(**params)
        return "" if text == self(msgid, **params) else text

    def both(self, msgid: str, **params: object) -> str:
        """`msgid` in both languages on one line: «Лек / Поток»."""
        return " / ".join(part for part in (self(msgid, **params), self.below(msgid, **params)) if part)


@cache
def _widths(font: str) -> tuple[dict[int, float], float]:
    fonts.register()
    face = pdfmetrics.getFont(font).face
    return face.charWidths, face.defaultWidth


@cache
def _letters(font: str) -> frozenset[str]:
    fonts.register()
    return frozenset(map(chr, pdfmetrics.getFont(font).face.charToGlyph))


def printable(text: str, font: str = fonts.REGULAR) -> str:
    """`text` with every character the typeface lacks shown as a question mark, so that nothing vanishes silently."""
    known = _letters(font)
    if known.issuperset(text):
        return text
    return "".join(c if c in known else "?" for c in text)


@lru_cache(maxsize=8192)
def _thousandths(text: str, font: str) -> float:
    widths, other = _widths(font)
    return sum(widths.get(ord(c), other) for c in text)


def width(text: str, font: str, size: float) -> float:
    """The width of `text` on paper."""
    return _thousandths(text, font) * size / 1000


@lru_cache(maxsize=4096)
def wrap(text: str, room: float, font: str, size: float) -> tuple[str, ...]:
    """`text` in lines no wider than `room`: broken at spaces, else after hyphens, at worst between letters."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            joined = f"{line} {word}" if line else word
            if width(joined, font, size) <= room:
                line = joined
                continue
            if line:
                lines.append(line)
            *full, line = _pieces(word, room, font, size)
            lines.extend(full)
        lines.append(line)
    return tuple(lines)


def _pieces(word: str, room: float, font: str, size: float) -> list[str]:
    """A word that is wider than `room`, cut after hyphens and slashes first, between letters last."""
    if width(word, font, size) <= room:
        return [word]
    pieces, piece = [], ""
    for part in word.replace("-", "-\0").replace("/", "/\0").split("\0"):
        if width(piece + part, font, size) <= room:
            piece += part
            continue
        if piece:
            pieces.append(piece)
        piece = part
        while width(piece, font, size) > room and len(piece) > 1:
            cut = _longest(piece, room, font, size)
            pieces.append(piece[:cut])
            piece = piece[cut:]
    return [*pieces, piece] if piece else pieces


def _longest(word: str, room: float, font: str, size: float) -> int:
    cut = 1
    while cut < len(word) and width(word[: cut + 1], font, size) <= room:
        cut += 1
    return cut


def words_fit(text: str, room: float, font: str, size: float) -> bool:
    """Whether `text` can be wrapped in `room` without a break inside a word."""
    parts = text.replace("-", "- ").replace("/", "/ ").split()
    return all(width(part, font, size) <= room for part in parts)


def fitted(text: str, room: float, font: str, size: float) -> tuple[float, tuple[str, ...]]:
    """The size and lines of `text` in `room`: a word that cannot be broken is tried smaller, never below 8 pt."""
    while size > SMALLEST and not words_fit(text, room, font, size):
        size = max(SMALLEST, size - 0.5)
    return size, wrap(text, room, font, size)


def put(
    canvas: Canvas, x: float, y: float, text: str, size: float, font: str = fonts.REGULAR, align: str = "left"
) -> None:
    """Set one line with its baseline at `y`; `x` is its left, right or centre point by `align`."""
    if not text:
        return
    text = printable(text, font)
    if align != "left":
        x -= width(text, font, size) * (0.5 if align == "center" else 1)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def put_lines(
    canvas: Canvas,
    x: float,
    top: float,
    lines: tuple[str, ...],
    size: float,
    font: str = fonts.REGULAR,
    align: str = "left",
) -> float:
    """Set `lines` downwards from `top`; gives the y beneath them."""
    for line in lines:
        put(canvas, x, top - size * _BASELINE, line, size, font, align)
        top -= size * LEADING
    return top
