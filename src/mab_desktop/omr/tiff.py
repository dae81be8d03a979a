"""TIFF of scanners and fax programs: many pages, classic and BigTIFF, any usual compression.

A page is copied out of its file as a small TIFF of its own and only that is given to the decoder: no page costs more
than itself, directories that lie or loop never reach the decoder, and what it may ask for is known before.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from mab_desktop.i18n import N_
from mab_desktop.omr.headers import CUT_OFF, TORN_FROM_HERE
from mab_desktop.omr.picture import (
    MAX_BYTES,
    MAX_DECODED,
    MAX_PIXELS,
    Image,
    LoadedPage,
    check_size,
    gray_of_colour,
    square_dots,
)
from mab_desktop.omr.problems import PageRefused

MAX_TIFF_PAGES = 500
MOST_TAGS, MOST_PIECES, MOST_VALUE = 400, 100_000, 1_000_000

WIDTH, HEIGHT, BITS, PACKING, PHOTOMETRIC, SAMPLES, ROWS = 256, 257, 258, 259, 262, 277, 278
STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 273, 279, 322, 323, 324, 325
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, SAMPLE_FORMAT, EXTRA = 274, 282, 283, 296, 339, 338
# Copied as they are: how the picture is packed and what its samples mean.
KEPT = (WIDTH, HEIGHT, BITS, PACKING, PHOTOMETRIC, 266, SAMPLES, ROWS, 284, 292, 293, 317, 320, TILE_WIDTH,
        TILE_HEIGHT, EXTRA, SAMPLE_FORMAT, 347, 529, 530, 531, 532)  # fmt: skip
VALUE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}
OLD_JPEG, WHITE_IS_ZERO, BLACK_IS_ZERO = 6, 0, 1

DAMAGED = N_("damaged TIFF")


@dataclass(frozen=True, slots=True)
class _Form:
    """How numbers stand in a file: byte order, and the wider fields of a BigTIFF."""

    order: str
    big: bool

    def unpack(self, code: str, data: bytes) -> tuple[Any, ...]:
        return struct.unpack(self.order + code, data)


Tags = dict[int, tuple[int, int, bytes]]  # tag -> type, count, value or where it stands


def tiff_pages(file: BinaryIO) -> list[int]:
    """Where the directory of each page stands in the file, in order.

    Where the chain breaks off behind a page, the place that cannot be read stands for what followed: it is refused.
    """
    form, at = _form(file)
    found: list[int] = []
    while at:
        if at in found:
            raise PageRefused("unreadable-file", detail=N_("a TIFF whose pages go in a circle"))
        if len(found) >= MAX_TIFF_PAGES:
            raise PageRefused("too-large", detail=f"TIFF > {MAX_TIFF_PAGES}")
        found.append(at)
        try:
            _, at = _directory(file, form, at)
        except PageRefused:
            if len(found) == 1:
                raise
            break
    if not found:
        raise PageRefused("unreadable-file", detail=N_("TIFF without a page"))
    return found


def load_tiff(file: BinaryIO, at: int) -> LoadedPage:
    """The page whose directory stands at `at`, as gray."""
    page, data = _page(file, at)
    gray, dpi = square_dots(_decode(data, page), page.dpi(X_RESOLUTION), page.dpi(Y_RESOLUTION))
    return LoadedPage(_turned(gray, page.number(ORIENTATION, 1)), dpi, page.bits == 1 and page.samples == 1)


def tiff_picture(file: BinaryIO, at: int) -> NDArray[np.uint8]:
    """The same page in colour (rows, columns, 3: blue, green, red), or gray where it has none."""
    page, data = _page(file, at)
    seen: NDArray[Any] = _coloured(data, page) if page.coloured() else _decode(data, page)
    seen, _ = square_dots(seen, page.dpi(X_RESOLUTION), page.dpi(Y_RESOLUTION))
    return _turned(seen, page.number(ORIENTATION, 1))


def _coloured(data: bytes, page: _Page) -> NDArray[Any]:
    """Blue, green, red; what shows through stands on white."""
    red, green, blue, alpha = cv2.split(_values(data, page))
    paper = cv2.bitwise_not(alpha) if EXTRA in page.tags else np.zeros_like(alpha)
    return np.asarray(cv2.merge([cv2.add(channel, paper) for channel in (blue, green, red)]))


def _page(file: BinaryIO, at: int) -> tuple[_Page, bytes]:
    """A page that may be decoded, and a TIFF of it alone."""
    form, first = _form(file)
    try:
        tags, _ = _directory(file, form, at)
    except PageRefused:
        if at == first:
            raise
        raise PageRefused("unreadable-file", detail=TORN_FROM_HERE) from None
    page = _Page(file, form, tags)
    page.check()
    return page, page.copied_out()


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    data = file.read(size)
    if len(data) < size:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    return data


def _form(file: BinaryIO) -> tuple[_Form, int]:
    """The form of the numbers and where the first directory stands."""
    head = _read(file, 0, 8)
    order = "<" if head[:2] == b"II" else ">"
    form = _Form(order, head[2 if order == "<" else 3] == 43)
    if not form.big:
        return form, int(form.unpack("I", head[4:])[0])
    if form.unpack("HH", head[4:]) != (8, 0):
        raise PageRefused("unreadable-file", detail=DAMAGED)
    return form, int(form.unpack("Q", _read(file, 8, 8))[0])


def _directory(file: BinaryIO, form: _Form, at: int) -> tuple[Tags, int]:
    """The tags of a directory and where the next one stands; of a tag said twice the first counts, as everywhere."""
    entry, field = (20, 8) if form.big else (12, 4)
    if at >= 1 << 62:
        raise PageRefused("unreadable-file", detail=DAMAGED)
    head = 8 if form.big else 2
    (count,) = form.unpack("Q" if form.big else "H", _read(file, at, head))
    if not 0 < count <= MOST_TAGS:
        raise PageRefused("unreadable-file", detail=DAMAGED)
    body = _read(file, at + head, count * entry + field)
    tags: Tags = {}
    for n in range(count):
        tag, kind, number = form.unpack("HHQ" if form.big else "HHI", body[n * entry : (n + 1) * entry - field])
        tags.setdefault(tag, (kind, number, body[(n + 1) * entry - field : (n + 1) * entry]))
    return tags, int(form.unpack("Q" if form.big else "I", body[count * entry :])[0])


class _Page:
    """One page of an open file."""

    def __init__(self, file: BinaryIO, form: _Form, tags: Tags) -> None:
        self.file, self.form, self.tags = file, form, tags
        self.width, self.height = self.number(WIDTH, 0), self.number(HEIGHT, 0)
        self.bits, self.samples = self.number(BITS, 1), self.number(SAMPLES, 1)
        self.photometric = self.number(PHOTOMETRIC, BLACK_IS_ZERO)

    def value(self, tag: int) -> bytes:
        """The bytes of a tag, b"" when it is missing."""
        kind, count, place = self.tags.get(tag, (1, 0, b""))
        size = VALUE_BYTES.get(kind, 1) * count
        if size > MOST_VALUE:
            raise PageRefused("unreadable-file", detail=DAMAGED)
        if size <= len(place):
            return place[:size]
        return _read(self.file, int(self.form.unpack("Q" if self.form.big else "I", place)[0]), size)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """All whole numbers of a tag."""
        kind, count, _ = self.tags.get(tag, (1, 0, b""))
        if count and kind not in NUMBERS:
            raise PageRefused("unreadable-file", detail=DAMAGED)
        return self.form.unpack(f"{count}{NUMBERS.get(kind, 'B')}", self.value(tag)) if count else ()

    def number(self, tag: int, default: int) -> int:
        """The first number of a tag."""
        found = self.numbers(tag)
        return found[0] if found else default

    def dpi(self, way: int) -> float:
        """Dots per inch across or down; 0 when it is not said."""
        if self.tags.get(way, (0, 0))[:2] != (5, 1):
            return 0.0
        above, below = self.form.unpack("II", self.value(way))
        unit = {2: 1.0, 3: 2.54}.get(self.number(RESOLUTION_UNIT, 2), 0.0)
        return above / below * unit if below else 0.0

    def check(self) -> None:
        """Refuse what cannot be decoded or would take too much memory."""
        # The decoder gives colours as four bytes a pixel.
        pixel = 4 if self.coloured() else self.bits / 8
        check_size(self.width, self.height, pixel_bytes=max(pixel, self.bits * self.samples / 8))
        if self.bits not in (1, 2, 4, 8, 16) or not 1 <= self.samples <= 8 or self.number(SAMPLE_FORMAT, 1) != 1:
            raise PageRefused("unreadable-file", detail=N_("a TIFF of an unusual kind"))
        if self.number(PACKING, 1) == OLD_JPEG:
            raise PageRefused("unreadable-file", detail=N_("a TIFF with JPEG of the old kind"))
        if self.number(TILE_WIDTH, 1) * self.number(TILE_HEIGHT, 1) > 2 * MAX_PIXELS:
            raise PageRefused("too-large", detail="TIFF")

    def coloured(self) -> bool:
        """Whether the samples need more than being taken as gray: colours, palettes, transparency, few bits."""
        return self.samples > 1 or self.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO) or self.bits in (2, 4)

    def copied_out(self) -> bytes:
        """A classic TIFF of this page alone."""
        tiled = TILES in self.tags
        at, sizes = (self.numbers(tag) for tag in ((TILES, TILE_BYTES) if tiled else (STRIPS, STRIP_BYTES)))
        if not sizes and len(at) == 1 and self.number(PACKING, 1) == 1:
            sizes = ((self.width * self.bits * self.samples + 7) // 8 * self.height,)
        if not at or len(at) != len(sizes) or len(at) > MOST_PIECES:
            raise PageRefused("unreadable-file", detail=DAMAGED)
        # What is not packed may be as large as its picture.
        if sum(sizes) > (MAX_DECODED if self.number(PACKING, 1) == 1 else MAX_BYTES):
            raise PageRefused("too-large", detail=f"{sum(sizes) / 1e6:.0f} MB")
        pieces = [_read(self.file, place, size) for place, size in zip(at, sizes, strict=True)]
        kept = {tag: (self.tags[tag][0], self.tags[tag][1], self.value(tag)) for tag in KEPT if tag in self.tags}
        return _written(self.form.order, kept, pieces, (TILES, TILE_BYTES) if tiled else (STRIPS, STRIP_BYTES))


def _written(order: str, tags: Tags, pieces: Sequence[bytes], names: tuple[int, int]) -> bytes:
    """A TIFF with one directory: `tags` with their values, and the pieces of the picture under two tags more."""
    count = len(pieces)
    sizes = [len(piece) for piece in pieces]
    tags = dict(tags)
    for name in names:
        tags[name] = (4, count, bytes(4 * count))
    values = 8 + 2 + 12 * len(tags) + 4
    places: dict[int, int] = {}
    for tag, (_, _, value) in sorted(tags.items()):
        if len(value) > 4:
            places[tag] = values
            values += len(value) + len(value) % 2
    starts = np.cumsum([values, *sizes[:-1]]).tolist()
    for name, numbers in zip(names, (starts, sizes), strict=True):
        tags[name] = (4, count, struct.pack(f"{order}{count}I", *numbers))
    head = [(b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8), struct.pack(order + "H", len(tags))]
    tail = []
    for tag, (kind, number, value) in sorted(tags.items()):
        inside = struct.pack(order + "I", places[tag]) if tag in places else value.ljust(4, b"\0")
        head.append(struct.pack(order + "HHI", tag, kind, number) + inside)
        tail.append(value + bytes(len(value) % 2) if tag in places else b"")
    return b"".join([*head, bytes(4), *tail, *pieces])


def _values(data: bytes, page: _Page) -> NDArray[Any]:
    try:
        values = np.asarray(imagecodecs.tiff_decode(data, index=0, asrgb=page.coloured()))
    except (imagecodecs.TiffError, IndexError, ValueError) as error:
        raise PageRefused("unreadable-file", detail=DAMAGED) from error
    if values.shape[:2] != (page.height, page.width):
        raise PageRefused("unreadable-file", detail=DAMAGED)
    return values


def _decode(data: bytes, page: _Page) -> Image:
    values = _values(data, page)
    if page.coloured():
        red, green, _, alpha = cv2.split(values)
        gray = gray_of_colour(red, green)
        # What shows through is multiplied in already: only the paper behind is missing.
        return np.asarray(cv2.add(gray, cv2.bitwise_not(alpha)), dtype=np.uint8) if EXTRA in page.tags else gray
    return _gray(values, page.photometric)


def _gray(values: NDArray[Any], photometric: int) -> Image:
    """Samples of one channel as gray; as stored, 0 may be white (faxes, most black and white scanners)."""
    if values.dtype == np.bool_:
        gray = values.view(np.uint8) * np.uint8(255)
    elif values.dtype == np.uint16:
        gray = (values >> 8).astype(np.uint8)
    elif values.dtype == np.uint8:
        gray = values
    else:
        raise PageRefused("unreadable-file", detail=f"TIFF, {values.dtype}")
    return np.asarray(~gray if photometric == WHITE_IS_ZERO else gray, dtype=np.uint8)


def _turned(values: NDArray[Any], orientation: int) -> Image:
    """The page as it is to be looked at (tag 274, counted as in EXIF)."""
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    across, down = {2: (-1, 1), 3: (-1, -1), 4: (1, -1), 6: (-1, 1), 7: (-1, -1), 8: (1, -1)}.get(orientation, (1, 1))
    return np.ascontiguousarray(values[::down, ::across], dtype=np.uint8)
