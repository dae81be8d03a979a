"""Open scans: JPEG, PNG, BMP, TIFF with many pages, PDF. What they are is seen from the content, never from the name.

Sizes are read from the header before anything is decoded. A scan inside a PDF is taken out as it is, which is quicker
and truer than drawing the page. Colours become gray so that no pen fades (`picture.gray_of_colour`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.omr.pdf import load_pdf, pdf_pages
from mab_desktop.omr.picture import LoadedPage, check_bytes, decode_picture, kind_of
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.tiff import load_tiff, tiff_pages

__all__ = ["SUFFIXES", "LoadedPage", "PageSource", "list_pages", "load_page", "load_pages"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".pdf"})


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page of a file that can be loaded: `page` counts from 1, `at` is where a TIFF's page stands in its file."""

    path: Path
    page: int
    kind: str
    at: int = 0


def list_pages(path: Path) -> list[PageSource]:
    """The pages of a file; PageRefused by name when it is not an image or is too large."""
    try:
        with path.open("rb") as opened:
            kind = kind_of(opened.read(16))
        if kind == "pdf":
            return [PageSource(path, n + 1, kind) for n in range(pdf_pages(path))]
        if kind == "tiff":
            return [PageSource(path, n, kind, at) for n, at in enumerate(tiff_pages(path), 1)]
    except OSError as error:
        raise PageRefused("unreadable-file", detail=error.strerror or type(error).__name__) from error
    return [PageSource(path, 1, kind)]


def load_page(source: PageSource) -> LoadedPage:
    """Decode one page to gray; PageRefused by name when it cannot be."""
    try:
        if source.kind == "pdf":
            return load_pdf(source.path, source.page)
        if source.kind == "tiff":
            return load_tiff(source.path, source.at)
        check_bytes(source.path.stat().st_size, source.kind)
        return decode_picture(source.path.read_bytes())
    except OSError as error:
        raise PageRefused("unreadable-file", detail=error.strerror or type(error).__name__) from error


def load_pages(path: Path) -> Iterator[LoadedPage]:
    """All pages of a file, one after the other."""
    for source in list_pages(path):
        yield load_page(source)
