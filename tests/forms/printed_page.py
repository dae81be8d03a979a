"""Reading a PDF back: its texts, the boxes of its letters, its pictures, its typefaces."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


def page_count(pdf: bytes) -> int:
    with pdfium.PdfDocument(pdf) as document:
        return len(document)


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    with pdfium.PdfDocument(pdf) as document:
        return [_text(page) for page in document]


def _text(page: pdfium.PdfPage) -> str:
    reader = page.get_textpage()
    try:
        return str(reader.get_text_range()).replace("\r\n", "\n")
    finally:
        reader.close()
        page.close()


def letters(pdf: bytes) -> Iterator[tuple[int, tuple[float, float], str, Box, float]]:
    """Page number, page size, letter, its box (left, bottom, right, top) and its size, all in points, no blanks."""
    with pdfium.PdfDocument(pdf) as document:
        for no, page in enumerate(document):
            reader, size = page.get_textpage(), page.get_size()
            for i in range(reader.count_chars()):
                character = chr(raw.FPDFText_GetUnicode(reader.raw, i))
                if not character.isspace():
                    yield no, size, character, reader.get_charbox(i), raw.FPDFText_GetFontSize(reader.raw, i)
            reader.close()
            page.close()


def picture(pdf: bytes, page: int = 0, dpi: float = 60) -> NDArray[np.uint8]:
    """A page as grey levels."""
    with pdfium.PdfDocument(pdf) as document:
        one = document[page]
        bitmap = one.render(scale=dpi / 72, grayscale=True)
        array = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
        bitmap.close()
        one.close()
        return array


def typefaces(pdf: bytes) -> set[str]:
    return {name.decode() for name in re.findall(rb"/BaseFont /([^\s/]+)", pdf)}


def embedded(pdf: bytes) -> int:
    """How many typefaces are embedded."""
    return len(set(re.findall(rb"/FontFile2 (\d+ 0 R)", pdf)))


def streams(pdf: bytes) -> Iterator[bytes]:
    """The drawing operators of pages and form objects."""
    for compressed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            yield zlib.decompress(compressed.strip(b"\r\n"))
        except zlib.error:
            continue
