"""Open scans: JPEG, PNG, TIFF with many pages, PDF. What they are is seen from the content, never from the name.

Sizes are read from the header before anything is decoded. A JPEG that is a whole PDF page is taken out as it is,
which is quicker and truer than drawing the page.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from mab_desktop.omr.problems import PageRefused

Image = NDArray[np.uint8]

MAX_BYTES = 25_000_000
MAX_PIXELS = 80_000_000
MAX_SIDE = 12_000
MAX_TIFF_PAGES = 500
MAX_PDF_PAGES = 2_000
PDF_DPI = 200

_PDFIUM = threading.Lock()  # pdfium must not be entered by two threads


@dataclass(frozen=True)
class LoadedPage:
    """A page as gray values (rows, columns); `dpi` as the file says, 0 if not; `bilevel` for black and white."""

    gray: Image
    dpi: float
    bilevel: bool


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page of a file that can be loaded: JPEG and PNG have one, `page` counts from 1."""

    path: Path
    page: int
    kind: str


def list_pages(path: Path) -> list[PageSource]:
    """The pages of a file; PageRefused by name when it is not an image or is too large."""
    try:
        with path.open("rb") as opened:
            head = opened.read(16)
    except OSError as error:
        raise PageRefused("unreadable-file", detail=error.strerror or type(error).__name__) from error
    kind = _kind(head)
    if kind == "pdf":
        return [PageSource(path, n + 1, kind) for n in range(_pdf_pages(path))]
    if kind == "tiff":
        return [PageSource(path, n + 1, kind) for n in range(len(_tiff_headers(path.read_bytes())))]
    return [PageSource(path, 1, kind)]


def load_page(source: PageSource) -> LoadedPage:
    """Decode one page to gray; PageRefused by name when it cannot be."""
    if source.kind == "pdf":
        return _load_pdf(source)
    try:
        size = source.path.stat().st_size
        if size > MAX_BYTES * (MAX_TIFF_PAGES if source.kind == "tiff" else 1):
            raise PageRefused("too-large", detail=f"{size / 1e6:.0f} MB")
        if source.kind == "tiff":
            data = _whole_file(source.path, source.path.stat().st_mtime_ns, size)
        else:
            data = source.path.read_bytes()
    except OSError as error:
        raise PageRefused("unreadable-file", detail=error.strerror or type(error).__name__) from error
    return _load_tiff(data, source.page) if source.kind == "tiff" else decode_image(data)


@lru_cache(maxsize=2)
def _whole_file(path: Path, _changed: int, _size: int) -> bytes:
    """A file of many pages, read once for all of them while it stays as it is."""
    return path.read_bytes()


def load_pages(path: Path) -> Iterator[LoadedPage]:
    """All pages of a file, one after the other."""
    for source in list_pages(path):
        yield load_page(source)


def decode_image(data: bytes) -> LoadedPage:
    """A JPEG or PNG in memory to gray, its size checked first."""
    kind = _kind(data[:16])
    if kind == "tiff" or kind == "pdf":
        raise PageRefused("unreadable-file", detail="JPEG or PNG expected")
    width, height, dpi, bilevel = _jpeg_header(data) if kind == "jpeg" else _png_header(data)
    _check_size(width, height, len(data))
    return LoadedPage(_decode(data), dpi, bilevel)


def _decode(data: bytes) -> Image:
    try:
        gray = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error as error:
        raise PageRefused("unreadable-file", detail="damaged image") from error
    if gray is None:
        raise PageRefused("unreadable-file", detail="damaged image")
    return np.asarray(gray, dtype=np.uint8)


def _kind(head: bytes) -> str:
    if head[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    if b"%PDF-" in head:
        return "pdf"
    raise PageRefused("unreadable-file", detail="not JPEG, PNG, TIFF or PDF")


def _check_size(width: int, height: int, size: int) -> None:
    if size > MAX_BYTES:
        raise PageRefused("too-large", detail=f"{size / 1e6:.0f} MB")
    if width < 1 or height < 1:
        raise PageRefused("unreadable-file", detail="no picture in it")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PageRefused("too-large", detail=f"{width} x {height}")


def _jpeg_header(data: bytes) -> tuple[int, int, float, bool]:
    """Width, height, dots per inch (0: not said); walks the segments up to the frame."""
    at, dpi = 2, 0.0
    while at + 9 < len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0" and length >= 14:
            unit, across = data[at + 11], struct.unpack_from(">H", data, at + 12)[0]
            dpi = across * {1: 1.0, 2: 2.54}.get(unit, 0.0)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height, dpi, False
        at += 2 + length
    raise PageRefused("unreadable-file", detail="damaged JPEG")


def _png_header(data: bytes) -> tuple[int, int, float, bool]:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise PageRefused("unreadable-file", detail="damaged PNG")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    place = data.find(b"pHYs", 33, 4096)
    dpi = 0.0
    if place > 0 and place + 13 <= len(data) and data[place + 12] == 1:
        dpi = struct.unpack_from(">I", data, place + 4)[0] * 0.0254
    return width, height, dpi, depth == 1 and colour in (0, 3)


@dataclass(frozen=True, slots=True)
class _TiffHeader:
    width: int
    height: int
    bits: int
    dpi: float
    photometric: int


def _tiff_headers(data: bytes) -> list[_TiffHeader]:
    """Headers of all pages, following the chain of directories; loops and lies are refused."""
    order = "<" if data[:2] == b"II" else ">"
    pages: list[_TiffHeader] = []
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + "I", data, 4)
        while at:
            if at in seen or len(pages) >= MAX_TIFF_PAGES:
                raise PageRefused("too-large", detail=f"TIFF > {MAX_TIFF_PAGES}")
            seen.add(at)
            tags, at = _tiff_tags(data, order, at)
            unit = tags.get(296, 2)
            dpi = tags.get(282, 0.0) * (2.54 if unit == 3 else 1.0 if unit == 2 else 0.0)
            pages.append(
                _TiffHeader(int(tags.get(256, 0)), int(tags.get(257, 0)), int(tags.get(258, 1)), dpi,
                            int(tags.get(262, 1)))
            )  # fmt: skip
    except struct.error as error:
        raise PageRefused("unreadable-file", detail="damaged TIFF") from error
    if not pages:
        raise PageRefused("unreadable-file", detail="TIFF without a page")
    return pages


def _tiff_tags(data: bytes, order: str, at: int) -> tuple[dict[int, float], int]:
    """The first value of each tag that matters here, and where the next directory begins."""
    (count,) = struct.unpack_from(order + "H", data, at)
    tags: dict[int, float] = {}
    for n in range(count):
        place = at + 2 + 12 * n
        tag, kind, number = struct.unpack_from(order + "HHI", data, place)
        if tag not in (256, 257, 258, 262, 282, 296) or number < 1:
            continue
        if kind == 3:
            where = place + 8 if number <= 2 else struct.unpack_from(order + "I", data, place + 8)[0]
            tags[tag] = struct.unpack_from(order + "H", data, where)[0]
        elif kind == 4:
            tags[tag] = struct.unpack_from(order + "I", data, place + 8)[0]
        elif kind == 5:
            (where,) = struct.unpack_from(order + "I", data, place + 8)
            above, below = struct.unpack_from(order + "II", data, where)
            tags[tag] = above / below if below else 0.0
    (following,) = struct.unpack_from(order + "I", data, at + 2 + 12 * count)
    return tags, following


def _load_tiff(data: bytes, page: int) -> LoadedPage:
    header = _tiff_headers(data)[page - 1]
    _check_size(header.width, header.height, 0)
    if header.photometric == 3:
        raise PageRefused("unreadable-file", detail="TIFF with a colour table")
    try:
        values = imagecodecs.tiff_decode(data, index=page - 1)
    except Exception as error:  # noqa: BLE001 - libtiff's bindings raise many kinds; the page is refused whatever it is
        raise PageRefused("unreadable-file", detail="damaged TIFF") from error
    gray = _to_gray(np.asarray(values))
    # The decoder gives samples as they are stored: 0 may be white (faxes, most black and white scanners).
    return LoadedPage(~gray if header.photometric == 0 else gray, header.dpi, header.bits == 1)


def _to_gray(values: NDArray[Any]) -> Image:
    """Decoded samples of any depth and number of channels as gray bytes."""
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype == np.uint16:
        values = (values >> 8).astype(np.uint8)
    if values.dtype != np.uint8 or values.ndim not in (2, 3):
        raise PageRefused("unreadable-file", detail=f"{values.dtype} TIFF")
    if values.ndim == 3:
        if values.shape[2] >= 3:
            return np.asarray(cv2.cvtColor(np.ascontiguousarray(values[..., :3]), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        values = values[..., 0]
    return np.ascontiguousarray(values)


def _pdf_pages(path: Path) -> int:
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(path)
            try:
                count = len(document)
            finally:
                document.close()
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        raise PageRefused("unreadable-file", detail="damaged or locked PDF") from error
    if count > MAX_PDF_PAGES:
        raise PageRefused("too-large", detail=f"PDF > {MAX_PDF_PAGES}")
    return count


def _load_pdf(source: PageSource) -> LoadedPage:
    try:
        with _PDFIUM:
            document = pypdfium2.PdfDocument(source.path)
            try:
                page = document[source.page - 1]
                found = _pdf_jpeg(page)
                if found is None:
                    return LoadedPage(_draw(page), PDF_DPI, False)
            finally:
                document.close()
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        raise PageRefused("unreadable-file", detail="damaged or locked PDF") from error
    data, dpi = found
    loaded = decode_image(data)
    return LoadedPage(loaded.gray, dpi, False)


def _draw(page: Any) -> Image:
    width, height = page.get_size()
    _check_size(int(width / 72 * PDF_DPI), int(height / 72 * PDF_DPI), 0)
    bitmap = page.render(scale=PDF_DPI / 72, grayscale=True)
    try:
        return np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
    finally:
        bitmap.close()


def _pdf_jpeg(page: Any) -> tuple[bytes, float] | None:
    """The one upright JPEG that fills the page, with its dots per inch; None when the page is anything else."""
    objects = list(page.get_objects(max_depth=2))
    if len(objects) != 1 or objects[0].type != pypdfium2.raw.FPDF_PAGEOBJ_IMAGE or page.get_rotation() != 0:
        return None
    image = objects[0]
    if image.get_filters() != ["DCTDecode"]:
        return None
    matrix, (width, height) = image.get_matrix(), page.get_size()
    upright = matrix.a > 0 and matrix.d > 0 and abs(matrix.b) < 1e-3 and abs(matrix.c) < 1e-3
    if not upright or matrix.a < 0.97 * width or matrix.d < 0.97 * height:
        return None
    pixels = image.get_px_size()[0]
    return bytes(image.get_data(decode_simple=False)), pixels / matrix.a * 72
