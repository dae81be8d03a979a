"""PDF: a scanned page is taken out as the image that it is; any other page is drawn."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from mab_desktop.i18n import N_
from mab_desktop.omr.headers import CUT_OFF, DAMAGED_IMAGE, TORN_FROM_HERE
from mab_desktop.omr.picture import UNEVEN, Image, LoadedPage, check_size, decode_picture, gray_of_colour, square_dpi
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.torn_pdf import TornPdf, mended

MAX_PDF_PAGES = 2_000
MAX_TORN = 200 << 20  # bytes of a file that breaks off: it is looked through in memory
PDF_DPI = 200
LEAST_DPI, MOST_DPI = 150, 400  # of a drawn page with images of other resolutions
MOST_OBJECTS = 500  # a page with more is no scan
EDGE = 0.03  # part of the page that an image may miss or pass at each side
# Colour spaces whose samples mean light: gray and RGB, calibrated or not, and tables of them.
LIGHT = {raw.FPDF_COLORSPACE_DEVICEGRAY, raw.FPDF_COLORSPACE_DEVICERGB, raw.FPDF_COLORSPACE_CALGRAY,
         raw.FPDF_COLORSPACE_CALRGB, raw.FPDF_COLORSPACE_ICCBASED, raw.FPDF_COLORSPACE_INDEXED}  # fmt: skip

_PDFIUM = threading.Lock()  # pdfium must not be entered by two threads


def pdf_pages(file: BinaryIO) -> int:
    """Number of pages."""
    with _opened(file) as document:
        count = len(document)
    if count > MAX_PDF_PAGES:
        raise PageRefused("too-large", detail=f"PDF > {MAX_PDF_PAGES}")
    return count


def load_pdf(file: BinaryIO, number: int) -> LoadedPage:
    """Page `number` (from 1): its one image in its own dots, else the page drawn as finely as its images are."""
    with _opened(file) as document:
        page = document[number - 1]
        images, whole = _contents(page)
        scan = _whole_page_image(page, images[0]) if whole else None
        if scan is None:
            _check_whole(images)
            return _draw(page, images)
        if not scan.jpeg:
            return LoadedPage(scan.laid(_gray(images[0].get_bitmap(render=False))), scan.dpi, scan.bilevel)
        data = bytes(images[0].get_data(decode_simple=True))
    return LoadedPage(scan.laid(decode_picture(data).gray), scan.dpi, bilevel=False)


def pdf_picture(file: BinaryIO, number: int) -> NDArray[np.uint8]:
    """Page `number` drawn in colour (rows, columns, 3: blue, green, red) in the same dots as `load_pdf` gives them."""
    with _opened(file) as document:
        page = document[number - 1]
        images, whole = _contents(page)
        scan = _whole_page_image(page, images[0]) if whole else None
        scale = (scan.dpi if scan else _dpi(page, images)) / 72
        return np.array(page.render(scale=scale).to_numpy()[..., :3], dtype=np.uint8)


def draw_page(data: bytes, width: int) -> NDArray[np.uint8]:
    """The first page of a PDF in memory in colour (rows, columns, 3: blue, green, red), so many dots wide."""
    with _opened(io.BytesIO(data)) as document:
        bitmap = document[0].render(scale=width / document[0].get_width())
        colour = bitmap.to_numpy()[..., :3]
        return np.array(cv2.resize(colour, (width, bitmap.height)), dtype=np.uint8)


class _Pages:
    """The pages of an open document, counted from 0; of a torn one those that are not whole are refused."""

    def __init__(self, document: Any, torn: TornPdf | None) -> None:
        self._document, self._torn = document, torn

    def __len__(self) -> int:
        return len(self._torn.whole) if self._torn else len(self._document)

    def __getitem__(self, place: int) -> Any:
        if self._torn and not self._torn.whole[place]:
            last = place == len(self) - 1
            raise PageRefused("unreadable-file", detail=TORN_FROM_HERE if last and not self._torn.counted else CUT_OFF)
        return self._document[place]


@contextmanager
def _opened(file: BinaryIO) -> Iterator[_Pages]:
    """The document, for one thread at a time. Scripts, forms and enclosed files are never looked at."""
    try:
        with _PDFIUM:
            document, torn = _document(file)
            try:
                yield _Pages(document, torn)
            finally:
                document.close()
    except (pypdfium2.PdfiumError, OSError, ValueError) as error:
        raise PageRefused("unreadable-file", detail=N_("damaged or locked PDF")) from error


def _document(file: BinaryIO) -> tuple[Any, TornPdf | None]:
    """The document; of one that does not open what can be saved of it."""
    try:
        return pypdfium2.PdfDocument(file), None
    except pypdfium2.PdfiumError:
        file.seek(0)
        data = file.read(MAX_TORN + 1)
        torn = mended(data) if len(data) <= MAX_TORN else None
        if torn is None:
            raise
        return pypdfium2.PdfDocument(torn.data), torn


@dataclass(frozen=True, slots=True)
class _Scan:
    """An image that is the whole page: its resolution, its size in inches and how it lies on the page."""

    dpi: float
    inches: tuple[float, float]
    jpeg: bool
    bilevel: bool
    lying: bool
    mirrored: tuple[bool, bool]

    def laid(self, gray: Image) -> Image:
        """The image as the page shows it, with square dots: a fax has only half as many down the page."""
        if self.lying:
            gray = gray.T
        across, down = (-1 if flip else 1 for flip in self.mirrored)
        seen = np.ascontiguousarray(gray[::down, ::across])
        wanted = (round(self.inches[0] * self.dpi), round(self.inches[1] * self.dpi))
        if all(abs(have / want - 1) < UNEVEN - 1 for have, want in zip(seen.shape[::-1], wanted, strict=True)):
            return seen
        return np.asarray(cv2.resize(seen, wanted, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _contents(page: Any) -> tuple[list[Any], bool]:
    """The images of a page, and whether it shows nothing but one; a searchable scan's unseen text does not count."""
    objects = list(islice(page.get_objects(max_depth=3), MOST_OBJECTS))
    images = [thing for thing in objects if thing.type == raw.FPDF_PAGEOBJ_IMAGE]
    unseen = raw.FPDF_TEXTRENDERMODE_INVISIBLE
    others = [thing for thing in objects if thing.type != raw.FPDF_PAGEOBJ_IMAGE
              and not (thing.type == raw.FPDF_PAGEOBJ_TEXT and raw.FPDFTextObj_GetTextRenderMode(thing) == unseen)]
    return images, len(images) == 1 and not others and len(objects) < MOST_OBJECTS


def _whole_page_image(page: Any, image: Any) -> _Scan | None:
    """How the image fills the page; None when the page has to be drawn."""
    facts = image.get_metadata()
    if facts.colorspace not in LIGHT or raw.FPDFPageObj_HasTransparency(image):
        return None
    seen, box = image.get_bounds(), page.get_cropbox()
    sides = (box[2] - box[0], box[3] - box[1]) * 2
    if any(abs(a - b) > EDGE * side for a, b, side in zip(seen, box, sides, strict=True)):
        return None
    m = image.get_matrix()
    right, up = _rotated((m.a, m.b), page.get_rotation()), _rotated((m.c, m.d), page.get_rotation())
    lying = abs(right[0]) < abs(right[1])
    if lying:  # turned over its diagonal its right is what was down, its up what was left
        right, up = (-up[0], -up[1]), (-right[0], -right[1])
    if abs(right[1]) > 1e-3 * abs(right[0]) or abs(up[0]) > 1e-3 * abs(up[1]):
        return None
    width, height = image.get_px_size()
    check_size(width, height, pixel_bytes=4)
    wide, high = (height, width) if lying else (width, height)
    inches = (abs(right[0]) / 72, abs(up[1]) / 72)
    dpi = square_dpi(wide / inches[0], high / inches[1])
    jpeg = image.get_filters()[-1:] == ["DCTDecode"]
    return _Scan(dpi, inches, jpeg, facts.bits_per_pixel == 1, lying, (right[0] < 0, up[1] < 0))


def _check_whole(images: list[Any]) -> None:
    """Refuse a page one of whose images cannot be decoded: it would be drawn without it, as an empty page."""
    for image in images:
        if image.get_metadata().bits_per_pixel == 0 and not raw.FPDFImageObj_GetBitmap(image):
            raise PageRefused("unreadable-file", detail=DAMAGED_IMAGE)


def _rotated(vector: tuple[float, float], degrees: int) -> tuple[float, float]:
    """A direction on the page after the page's own turn (clockwise)."""
    x, y = vector
    return {0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[degrees]


def _draw(page: Any, images: list[Any]) -> LoadedPage:
    """The page drawn as finely as its finest image, within reason; lines and letters alone at the usual resolution."""
    facts = [image.get_metadata() for image in images]
    dpi = _dpi(page, images)
    coloured = any(fact.bits_per_pixel >= 24 for fact in facts)
    gray = _gray(page.render(scale=dpi / 72, grayscale=not coloured))
    return LoadedPage(gray, float(dpi), bool(facts) and all(fact.bits_per_pixel == 1 for fact in facts))


def _dpi(page: Any, images: list[Any]) -> int:
    """How finely to draw; a page or an image of it that would take too much memory is refused."""
    for image in images:
        across, down = image.get_px_size()
        check_size(across, down, pixel_bytes=4)
    finest = max((image.get_metadata().horizontal_dpi for image in images), default=0.0)
    dpi = round(min(max(finest, LEAST_DPI), MOST_DPI)) if finest else PDF_DPI
    width, height = page.get_size()
    check_size(int(width / 72 * dpi), int(height / 72 * dpi), pixel_bytes=4)
    return dpi


def _gray(bitmap: Any) -> Image:
    values: NDArray[Any] = bitmap.to_numpy()
    if values.ndim == 2 or values.shape[2] == 1:
        return np.array(values, dtype=np.uint8).reshape(bitmap.height, bitmap.width)
    return gray_of_colour(cv2.extractChannel(values, 2), cv2.extractChannel(values, 1))
