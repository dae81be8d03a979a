"""Pictures in memory, JPEG, PNG, BMP, WebP, GIF, JPEG 2000: what may be opened, and how colours become gray.

Sizes and kinds are read from the header before anything is decoded: a file can ask for no more memory than
`MAX_DECODED`, whatever it claims.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.i18n import N_
from mab_desktop.omr.headers import CUT_OFF, DAMAGED_IMAGE, HEADERS, Header, kind_of
from mab_desktop.omr.problems import PageRefused

__all__ = [
    "MAX_BYTES", "MAX_DECODED", "MAX_PIXELS", "MAX_SIDE", "UNEVEN", "Image", "LoadedPage", "check_bytes", "check_size",
    "decode_colour", "decode_picture", "gray_of_colour", "kind_of", "square_dots", "square_dpi",
]  # fmt: skip

Image = NDArray[np.uint8]

MAX_BYTES = 25_000_000
MAX_PIXELS = 80_000_000
MAX_SIDE = 12_000
MAX_DECODED = 320_000_000  # bytes of a decoded page: A4 of 600 dpi with four channels of 16 bits
MOST_PACKED = 1_040  # times that packing makes a picture smaller: deflate cannot do more, JPEG does half
UNEVEN = 1.1  # dots per inch one way against the other from which dots are made square
DARK = 64  # mean below which a JPEG for presses was understood the wrong way round
UNBOUND = ("webp", "gif", "jp2")  # kinds that may pack an empty page smaller still

NO_PICTURE = N_("no picture in it")


@dataclass(frozen=True)
class LoadedPage:
    """A page as gray values (rows, columns); `dpi` as the file says, 0 if not; `bilevel` for black and white."""

    gray: Image
    dpi: float
    bilevel: bool


def check_bytes(size: int, kind: str) -> None:
    """Refuse a file of so many bytes; a BMP is as large as its picture."""
    if size > (MAX_DECODED if kind == "bmp" else MAX_BYTES):
        raise PageRefused("too-large", detail=f"{size / 1e6:.0f} MB")


def check_size(width: int, height: int, pixel_bytes: float = 1.0) -> None:
    """Refuse a picture without area, and one that takes too much memory at so many bytes a pixel."""
    if width < 1 or height < 1:
        raise PageRefused("unreadable-file", detail=NO_PICTURE)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PageRefused("too-large", detail=f"{width} x {height}")
    if width * height * pixel_bytes > MAX_DECODED:
        raise PageRefused("too-large", detail=f"{width * height * pixel_bytes / 1e6:.0f} MB")


def gray_of_colour(red: NDArray[Any], green: NDArray[Any]) -> Image:
    """Colours as gray: the darker of red and green, never blue.

    Luminance lets red and pink pens fade and green light up. Every pen is dark in red or in green light; blue light
    shows only what no pen leaves (coffee, yellowed paper, highlighters) and is a scanner's noisiest. Channels as bytes.
    """
    return np.asarray(cv2.min(red, green), dtype=np.uint8)


def decode_picture(data: bytes) -> LoadedPage:
    """A picture in memory as gray, its size checked first; turned as its EXIF orientation says."""
    header = _checked(data)
    gray, dpi = _squared(_decode(data, header), header)
    return LoadedPage(gray, dpi, header.bits == 1 and header.channels != 4)


def decode_colour(data: bytes, height: int = 0) -> NDArray[np.uint8]:
    """The same in colour (rows, columns, 3: blue, green, red), in fewer dots where `height` of them are enough."""
    header = _checked(data)
    if header.transparent:
        return _squared(_on_white(_decoded(data, cv2.IMREAD_UNCHANGED)), header)[0]
    how = next((how for part, how in _REDUCED if 0 < height * part <= header.height), cv2.IMREAD_COLOR)
    return _squared(_colours(data, header, how), header)[0]


def square_dpi(across: float, down: float) -> float:
    """Dots per inch of a page once its dots are square: as the coarser way has where the two are far apart."""
    coarser = min(across, down)
    return coarser if coarser > 0 and max(across, down) > UNEVEN * coarser else across


def square_dots(values: NDArray[Any], across: float, down: float) -> tuple[NDArray[np.uint8], float]:
    """With square dots where the file says that they are not (faxes), and how many an inch.

    What a file says may be wrong: it is believed where it brings the picture nearer to the shape of a page.
    """
    height, width = values.shape[:2]
    dpi = square_dpi(across, down)
    if min(across, down) <= 0 or max(across, down) <= UNEVEN * dpi:
        return np.asarray(values, dtype=np.uint8), across
    size = (max(1, round(width * dpi / across)), max(1, round(height * dpi / down)))
    if _unlike_a_page(*size) >= _unlike_a_page(width, height):
        return np.asarray(values, dtype=np.uint8), across
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), dpi


def _unlike_a_page(width: int, height: int) -> float:
    """How far the sides are from those of A4, lying or standing."""
    return abs(math.log(max(width, height) / min(width, height) / math.sqrt(2)))


def _squared(values: NDArray[Any], header: Header) -> tuple[NDArray[np.uint8], float]:
    """With square dots; the picture may have been turned on its side as its EXIF orientation said."""
    lies = (values.shape[0] > values.shape[1]) != (header.height > header.width)
    return square_dots(values, *((header.down, header.dpi) if lies else (header.dpi, header.down)))


_REDUCED = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2))


def _checked(data: bytes) -> Header:
    """What the picture says of itself; PageRefused when it must not be decoded."""
    kind = kind_of(data[:16])
    if kind not in HEADERS:
        raise PageRefused("unreadable-file", detail=N_("JPEG, PNG or BMP expected"))
    check_bytes(len(data), kind)
    header = HEADERS[kind](data)
    check_size(header.width, header.height, header.channels * max(header.bits, 8) / 8)
    if kind not in UNBOUND and header.width * header.height * min(header.bits, 8) / 8 > len(data) * MOST_PACKED:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    return header


def _decode(data: bytes, header: Header) -> Image:
    if header.transparent:
        return _on_white(_decoded(data, cv2.IMREAD_UNCHANGED))
    if header.channels == 1:
        return np.asarray(_decoded(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    colour = _colours(data, header, cv2.IMREAD_COLOR)
    return gray_of_colour(cv2.extractChannel(colour, 2), cv2.extractChannel(colour, 1))


def _colours(data: bytes, header: Header, how: int) -> NDArray[Any]:
    """Blue, green, red. Presses store ink as light, telling it by a mark; without the mark only the picture tells."""
    colours = _decoded(data, how)
    if header.plain_cmyk and colours.mean() < DARK:
        raise PageRefused("unreadable-file", detail=N_("a JPEG in the colours of a printing press; save it as gray"))
    return colours


def _decoded(data: bytes, how: int) -> NDArray[Any]:
    try:
        values = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), how)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise PageRefused("unreadable-file", detail=DAMAGED_IMAGE) from error
    if values is None:
        raise PageRefused("unreadable-file", detail=DAMAGED_IMAGE)
    return np.asarray(values)


def _on_white(values: NDArray[Any]) -> Image:
    """A picture with transparency as it looks on white paper."""
    if values.dtype == np.uint16:
        values = (values >> 8).astype(np.uint8)
    if values.ndim == 2:
        return np.asarray(values, dtype=np.uint8)
    gray = gray_of_colour(cv2.extractChannel(values, 2), cv2.extractChannel(values, 1))
    if values.shape[2] < 4:
        return gray
    alpha = cv2.extractChannel(values, 3)
    return np.asarray(cv2.add(cv2.multiply(gray, alpha, scale=1 / 255), cv2.bitwise_not(alpha)), dtype=np.uint8)
