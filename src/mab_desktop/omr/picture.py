"""Pictures in memory, JPEG, PNG and BMP: what may be opened at all, and how colours become gray.

Sizes and kinds are read from the header before anything is decoded: a file can ask for no more memory than
`MAX_DECODED`, whatever it claims.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.i18n import N_
from mab_desktop.omr.problems import PageRefused

Image = NDArray[np.uint8]

MAX_BYTES = 25_000_000
MAX_PIXELS = 80_000_000
MAX_SIDE = 12_000
MAX_DECODED = 320_000_000  # bytes of a decoded page: A4 of 600 dpi with four channels of 16 bits
MOST_PACKED = 1_040  # times that packing makes a picture smaller: deflate cannot do more, JPEG does half
MOST_SEGMENTS, MOST_SCANS = 2_000, 100  # of a JPEG: real ones have some tens
MOST_CHUNKS = 100_000

DAMAGED_JPEG, DAMAGED_PNG, DAMAGED_BMP = N_("damaged JPEG"), N_("damaged PNG"), N_("damaged BMP")
CUT_OFF, NO_PICTURE = N_("the file ends too early"), N_("no picture in it")


@dataclass(frozen=True)
class LoadedPage:
    """A page as gray values (rows, columns); `dpi` as the file says, 0 if not; `bilevel` for black and white."""

    gray: Image
    dpi: float
    bilevel: bool


@dataclass(frozen=True, slots=True)
class _Header:
    """What a picture says of itself: channels 1 gray, 3 colour, 4 with transparency or CMYK; bits a channel."""

    width: int
    height: int
    channels: int = 1
    bits: int = 8
    dpi: float = 0.0
    transparent: bool = False


def kind_of(head: bytes) -> str:
    """jpeg, png, bmp, tiff or pdf by the first bytes; PageRefused for anything else."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if b"%PDF-" in head:
        return "pdf"
    raise PageRefused("unreadable-file", detail=N_("not JPEG, PNG, BMP, TIFF or PDF"))


_STARTS = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"BM", "bmp"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"), (b"MM\0+", "tiff"),
)  # fmt: skip


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
    """A JPEG, PNG or BMP in memory as gray, its size checked first; turned as its EXIF orientation says."""
    header = _checked(data)
    return LoadedPage(_decode(data, header), header.dpi, header.bits == 1 and header.channels != 4)


def decode_colour(data: bytes, height: int = 0) -> NDArray[np.uint8]:
    """The same in colour (rows, columns, 3: blue, green, red), in fewer dots where `height` of them are enough."""
    header = _checked(data)
    if header.transparent:
        return _on_white(_decoded(data, cv2.IMREAD_UNCHANGED))
    how = next((how for part, how in _REDUCED if 0 < height * part <= header.height), cv2.IMREAD_COLOR)
    return np.asarray(_decoded(data, how), dtype=np.uint8)


_REDUCED = ((8, cv2.IMREAD_REDUCED_COLOR_8), (4, cv2.IMREAD_REDUCED_COLOR_4), (2, cv2.IMREAD_REDUCED_COLOR_2))


def _checked(data: bytes) -> _Header:
    """What the picture says of itself; PageRefused when it must not be decoded."""
    kind = kind_of(data[:16])
    if kind not in _HEADERS:
        raise PageRefused("unreadable-file", detail=N_("JPEG, PNG or BMP expected"))
    check_bytes(len(data), kind)
    header = _HEADERS[kind](data)
    check_size(header.width, header.height, header.channels * max(header.bits, 8) / 8)
    if header.width * header.height * min(header.bits, 8) / 8 > len(data) * MOST_PACKED:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    return header


def _decode(data: bytes, header: _Header) -> Image:
    if header.transparent:
        return _on_white(_decoded(data, cv2.IMREAD_UNCHANGED))
    if header.channels == 1:
        return np.asarray(_decoded(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    colour = _decoded(data, cv2.IMREAD_COLOR)
    return gray_of_colour(cv2.extractChannel(colour, 2), cv2.extractChannel(colour, 1))


def _decoded(data: bytes, how: int) -> NDArray[Any]:
    try:
        values = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), how)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise PageRefused("unreadable-file", detail=N_("damaged image")) from error
    if values is None:
        raise PageRefused("unreadable-file", detail=N_("damaged image"))
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


# --- headers ----------------------------------------------------------------------------------------------------------


def _jpeg_header(data: bytes) -> _Header:
    """Walks the segments up to the frame; a file cut off or made to take for ever is refused."""
    dpi = 0.0
    for marker, at in _jpeg_segments(data):
        if marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0" and len(data) >= at + 14:
            unit, across = data[at + 11], struct.unpack_from(">H", data, at + 12)[0]
            dpi = across * {1: 1.0, 2: 2.54}.get(unit, 0.0)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if data.rfind(b"\xff\xd9", at) < 0:
                raise PageRefused("unreadable-file", detail=CUT_OFF)
            # Each scan of a progressive JPEG goes over the whole picture.
            if marker in (0xC2, 0xC6, 0xCA, 0xCE) and data.count(b"\xff\xda", at) > MOST_SCANS:
                raise PageRefused("too-large", detail="JPEG")
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            return _Header(width, height, channels, bits, dpi)
    raise PageRefused("unreadable-file", detail=DAMAGED_JPEG)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of each segment before the picture itself."""
    at = 2
    for _ in range(MOST_SEGMENTS):
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 9 >= len(data) or data[at] != 0xFF or data[at + 1] == 0xDA:
            return
        yield data[at + 1], at
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])


def _png_header(data: bytes) -> _Header:
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise PageRefused("unreadable-file", detail=DAMAGED_PNG)
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    channels = {0: 1, 2: 3, 3: 3, 4: 4, 6: 4}.get(colour, 4)
    dpi, transparent = 0.0, channels == 4
    for name, at, size in _png_chunks(data):
        if name == b"pHYs" and size == 9 and data[at + 8] == 1:
            dpi = struct.unpack_from(">I", data, at)[0] * 0.0254
        transparent |= name == b"tRNS"
    return _Header(width, height, channels, bits, dpi, transparent)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of each chunk. Decoders believe the sizes: a chain that never ends is refused."""
    at, name = 8, b""
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data):
            break
        size, name = struct.unpack_from(">I4s", data, at)
        if at + 12 + size > len(data):
            break
        yield name, at + 8, size
        if name == b"IEND":
            return
        at += 12 + size
    raise PageRefused("unreadable-file", detail=CUT_OFF)


def _bmp_header(data: bytes) -> _Header:
    if len(data) < 54 or struct.unpack_from("<I", data, 14)[0] < 40:
        raise PageRefused("unreadable-file", detail=DAMAGED_BMP)
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, 18)
    if packing > 3 or struct.unpack_from("<I", data, 10)[0] >= len(data):
        raise PageRefused("unreadable-file", detail=DAMAGED_BMP)
    if packing == 0 and len(data) < (width * bits + 31) // 32 * 4 * abs(height):
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    dpi = struct.unpack_from("<i", data, 38)[0] * 0.0254
    return _Header(width, abs(height), 3, min(bits, 8), max(dpi, 0.0))


_HEADERS = {"jpeg": _jpeg_header, "png": _png_header, "bmp": _bmp_header}
