"""The typefaces of every printed form: all Kazakh letters, embedded in the document."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import fontpkg_pt_sans
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, ITALIC, BOLD_ITALIC, SYMBOLS = "PTSans", "PTSans-Bold", "PTSans-Italic", "PTSans-BoldItalic", "Symbols"

_FILES = {
    REGULAR: "PT_Sans-Web-Regular.ttf",
    BOLD: "PT_Sans-Web-Bold.ttf",
    ITALIC: "PT_Sans-Web-Italic.ttf",
    BOLD_ITALIC: "PT_Sans-Web-BoldItalic.ttf",
}
_SYMBOL_PLACES = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "C:/Windows/Fonts/seguisym.ttf",
)


@cache
def register() -> None:
    """Make `PTSans` and its styles known to reportlab, and `Symbols` where the system has a font for ☐ ✓ ●.

    Forms must not depend on `Symbols`: draw boxes and ticks as lines; where it is missing the name stands for PT Sans.
    """
    folder = Path(fontpkg_pt_sans.__file__).parent / "files"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    for bold, italic, name in ((0, 0, REGULAR), (1, 0, BOLD), (0, 1, ITALIC), (1, 1, BOLD_ITALIC)):
        addMapping(REGULAR, bold, italic, name)
    symbols = next((place for place in _SYMBOL_PLACES if Path(place).exists()), str(folder / _FILES[REGULAR]))
    pdfmetrics.registerFont(TTFont(SYMBOLS, symbols))
