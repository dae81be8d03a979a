"""Every Kazakh letter in every form: in a typeface that travels with the document, found as text, drawn as itself.

The data of each sample are filled with all eighteen letters, and what PDFium makes of the document is compared with the
letter as FreeType draws it from the typeface's own file: a box for a missing glyph, or К for Қ, would be found.
"""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import fontpkg_pt_sans
import numpy as np
import pypdfium2
import pypdfium2.raw as raw
import pytest
from numpy.typing import NDArray
from PIL import ImageFont

sys.path.insert(0, str(Path(__file__).parents[1] / "forms"))
import form_samples

from mab_desktop.services.sheets import blank_sheets

UPPER, LOWER = "ӘҒҚҢӨҰҮҺІ", "әғқңөұүһі"
KAZAKH = UPPER + LOWER
OTHERS = "ЭГКНОУХЕэгкноухеиыТт"  # what a wrong typeface puts in their place
SCALE = 5  # pixels a point
_PAGES, _PLACES = 1, 6  # looked at
_LEAST, _SURE = 0.6, 0.8  # likeness of a letter of 8 pt to its large self
FACES = {
    "PTSans-Regular": "PT_Sans-Web-Regular.ttf",
    "PTSans-Bold": "PT_Sans-Web-Bold.ttf",
    "PTSans-Italic": "PT_Sans-Web-Italic.ttf",
    "PTSans-BoldItalic": "PT_Sans-Web-BoldItalic.ttf",
}


def with_all_letters(data: Any) -> Any:
    """The same data, every text of them in Cyrillic followed by all letters, each apart."""
    if isinstance(data, str):
        return f"{data} {' '.join(KAZAKH)}" if any("Ѐ" <= letter <= "ӿ" for letter in data) else data
    if isinstance(data, dict):
        return {key: with_all_letters(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(with_all_letters(value) for value in data)
    if isinstance(data, Iterator):
        return map(with_all_letters, data)
    if is_dataclass(data) and not isinstance(data, type):
        names = [field.name for field in fields(data) if field.init]
        return replace(data, **{name: with_all_letters(getattr(data, name)) for name in names})
    return data


@dataclass(frozen=True)
class Letter:
    """One letter of a page: its typeface, whether that is embedded, its box in points from the lower left.

    `apart`: no other letter touches its box.
    """

    text: str
    apart: bool
    face: str
    embedded: bool
    box: tuple[float, float, float, float]


def letters(page: pypdfium2.PdfPage) -> Iterator[Letter]:
    """All letters of a page but blanks."""
    reader = page.get_textpage()
    all_text = [chr(raw.FPDFText_GetUnicode(reader.raw, i)) for i in range(reader.count_chars())]
    for i, text in enumerate(all_text):
        if text.isspace() or raw.FPDFText_IsGenerated(reader.raw, i):
            continue
        font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(reader.raw, i))
        name = ctypes.create_string_buffer(64)
        raw.FPDFFont_GetBaseFontName(font, name, 64)
        face = name.value.decode().rpartition("+")[2]
        apart = all(other.isspace() for other in (*all_text[max(0, i - 1) : i], *all_text[i + 1 : i + 2]))
        yield Letter(text, apart, face, raw.FPDFFont_GetIsEmbedded(font) == 1, reader.get_charbox(i))
    reader.close()


@cache
def glyph(face: str, letter: str) -> NDArray[np.uint8]:
    """The letter alone, as FreeType draws it from the file of the typeface."""
    file = Path(fontpkg_pt_sans.__file__).parent / "files" / FACES[face]
    mask = ImageFont.truetype(str(file), 200).getmask(letter)
    return trimmed(np.asarray(mask, np.uint8).reshape(mask.size[1], mask.size[0]))


def trimmed(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the empty rows and columns around."""
    rows, columns = np.nonzero(ink.max(axis=1) > 40)[0], np.nonzero(ink.max(axis=0) > 40)[0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink[:1, :1]


def likeness(drawn: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    """How alike two letters are: the ink they share of the ink of both; another shape of the box counts against it."""
    high, wide = drawn.shape
    due = high * wanted.shape[1] / wanted.shape[0]
    ratio = wide / due if abs(wide - due) > 2 else 1.0  # the grey rim of a thin letter
    small = cv2.resize(wanted, (wide, high), interpolation=cv2.INTER_AREA).astype(int)
    both = np.maximum(drawn, small).sum()
    return float(np.minimum(drawn, small).sum() / max(1, both)) * min(ratio, 1 / ratio)


def picture(page: pypdfium2.PdfPage) -> NDArray[np.uint8]:
    """Ink of a page, 255 for black."""
    bitmap = page.render(scale=SCALE, grayscale=True)
    return 255 - bitmap.to_numpy().reshape(bitmap.height, bitmap.width)


def cut_out(ink: NDArray[np.uint8], height: float, box: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    left, bottom, right, top = box
    window = ink[
        max(0, int((height - top) * SCALE) - 1) : int(np.ceil((height - bottom) * SCALE)) + 1,
        max(0, int(left * SCALE) - 1) : int(np.ceil(right * SCALE)) + 1,
    ]
    return trimmed(window)


def check(pdf: bytes, *, apart: bool = True) -> set[str]:
    """The Kazakh letters found apart; AssertionError for one whose typeface is not there or that is drawn as another.

    The best of a few places counts: at others a line or the mark of a rehearsal runs through the letter.
    """
    best: dict[tuple[str, str], tuple[float, str]] = {}
    with pypdfium2.PdfDocument(pdf) as document:
        for number in range(min(_PAGES, len(document))):
            page = document[number]
            ink, height, places = picture(page), page.get_height(), Counter[tuple[str, str]]()
            for letter in letters(page):
                assert letter.embedded, letter
                assert letter.face in FACES, letter
                name = (letter.text, letter.face)
                if letter.text not in KAZAKH or apart > letter.apart or best.get(name, (0.0, ""))[0] > _SURE:
                    continue
                places[name] += 1
                if places[name] > _PLACES:
                    continue
                drawn = cut_out(ink, height, letter.box)
                alike = {other: likeness(drawn, glyph(letter.face, other)) for other in KAZAKH + OTHERS}
                if alike[letter.text] > best.get(name, (0.0, ""))[0]:
                    best[name] = (alike[letter.text], max(alike, key=lambda other: alike[other]))
            page.close()
    for (text, face), (alike, seen) in best.items():
        assert seen == text, (text, face, seen, alike)
        assert alike > _LEAST, (text, face, alike)
    return {text for text, _face in best}


ONLY_NUMBERS = {"seat_labels_10", "seat_labels_24"}  # the numbers of a hall and its seats, no words of people


@pytest.mark.heavy
@pytest.mark.parametrize("name", list(form_samples.SAMPLES))
def test_every_letter_of_every_form(name: str) -> None:
    letters = set() if name in ONLY_NUMBERS else set(KAZAKH)
    assert check(form_samples.SAMPLES[name](with_all_letters, lang="kk")) == letters


@pytest.mark.parametrize("copy", [False, True])
def test_letters_of_the_answer_sheet(copy: bool) -> None:
    assert check(blank_sheets(1, copy=copy), apart=False) >= set("қғәі")


def test_a_wrong_letter_would_be_found() -> None:
    """The likeness tells every letter from every other, in every face: a test that cannot fail proves nothing."""
    for face in FACES:
        for letter in KAZAKH:
            drawn = cv2.resize(glyph(face, letter), None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA)
            alike = {other: likeness(drawn, glyph(face, other)) for other in KAZAKH + OTHERS}
            assert max(alike, key=lambda other: alike[other]) == letter, (face, letter)
            box = np.zeros((len(drawn), len(drawn) * 3 // 5), np.uint8)  # as a missing glyph is shown
            box[0, :] = box[-1, :] = box[:, 0] = box[:, -1] = 255
            assert likeness(box, glyph(face, letter)) < _LEAST
