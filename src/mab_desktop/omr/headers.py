"""What a picture says of itself before anything of it is decoded: its kind, size and resolution.

Nothing is believed that would cost memory or time: segments and chunks are walked with bounds, and a file that ends
before its own end mark is refused here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mab_desktop.i18n import N_
from mab_desktop.omr.problems import PageRefused

MOST_SEGMENTS, MOST_SCANS = 2_000, 100  # of a JPEG: real ones have some tens
MOST_CHUNKS = 100_000
CODESTREAM = b"\xff\x4f\xff\x51"  # how the picture of a JPEG 2000 begins
CODESTREAM_WITHIN = 1 << 20  # what may stand before it: colour profiles

DAMAGED_JPEG, DAMAGED_PNG, DAMAGED_BMP = N_("damaged JPEG"), N_("damaged PNG"), N_("damaged BMP")
DAMAGED_IMAGE = N_("damaged image")
CUT_OFF = N_("the file ends too early")
# Of a file of many pages: the whole ones are read, and this stands in the place of the rest.
TORN_FROM_HERE = N_("the file breaks off here; whether more pages followed is not known")


@dataclass(frozen=True, slots=True)
class Header:
    """Channels: 1 gray, 3 colour, 4 with transparency or CMYK; bits a channel; dots per inch across and down, or 0.

    `plain_cmyk` is a JPEG that does not say that its colours are stored upside down, as nearly all are.
    """

    width: int
    height: int
    channels: int = 1
    bits: int = 8
    dpi: float = 0.0
    down: float = 0.0
    transparent: bool = False
    plain_cmyk: bool = False


# --- kinds ------------------------------------------------------------------------------------------------------------

_STARTS = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"BM", "bmp"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"), (b"MM\0+", "tiff"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (CODESTREAM, "jp2"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
)  # fmt: skip
# What is no page for us although it shows one elsewhere, and what to do then.
_HEIC = N_("HEIC, the format of some telephones; set the camera to JPEG (“Most compatible”) or save it as JPEG")
_ELSEWHERE = (
    (b"AT&TFORM", N_("DjVu; save it as PDF")),
    (b"\xff\x0a", N_("JPEG XL; save it as JPEG")), (b"\0\0\0\x0cJXL ", N_("JPEG XL; save it as JPEG")),
    (b"PK\x03\x04", N_("a ZIP archive or an Office document; unpack it, or save its pages as PDF")),
    (b"\xd0\xcf\x11\xe0", N_("an Office document; save its pages as PDF")),
    (b"Rar!", N_("an archive; unpack it first")), (b"7z\xbc\xaf", N_("an archive; unpack it first")),
)  # fmt: skip


def kind_of(head: bytes) -> str:
    """jpeg, png, bmp, webp, gif, jp2, tiff or pdf by the first 16 bytes; PageRefused for anything else."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if b"%PDF-" in head:
        return "pdf"
    if head[4:8] == b"ftyp":
        raise PageRefused("unreadable-file", detail=N_("AVIF; save it as JPEG") if head[8:11] == b"avi" else _HEIC)
    detail = next((words for start, words in _ELSEWHERE if head.startswith(start)),
                  N_("not JPEG, PNG, TIFF, PDF, BMP, WebP, GIF or JPEG 2000; save it as JPEG or PDF"))  # fmt: skip
    raise PageRefused("unreadable-file", detail=detail)


# --- headers ----------------------------------------------------------------------------------------------------------


def _jpeg_header(data: bytes) -> Header:
    """Walks the segments up to the frame; a file cut off or made to take for ever is refused."""
    dpi, down, adobe = 0.0, 0.0, False
    for marker, at in _jpeg_segments(data):
        if marker == 0xE0 and data[at + 4 : at + 9] == b"JFIF\0" and len(data) >= at + 16:
            unit = {1: 1.0, 2: 2.54}.get(data[at + 11], 0.0)
            dpi, down = (n * unit for n in struct.unpack_from(">HH", data, at + 12))
        adobe |= marker == 0xEE and data[at + 4 : at + 9] == b"Adobe"
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if data.rfind(b"\xff\xd9", at) < 0:
                raise PageRefused("unreadable-file", detail=CUT_OFF)
            # Each scan of a progressive JPEG goes over the whole picture.
            if marker in (0xC2, 0xC6, 0xCA, 0xCE) and data.count(b"\xff\xda", at) > MOST_SCANS:
                raise PageRefused("too-large", detail="JPEG")
            bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            return Header(width, height, channels, bits, dpi, down, plain_cmyk=channels == 4 and not adobe)
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


def _png_header(data: bytes) -> Header:
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise PageRefused("unreadable-file", detail=DAMAGED_PNG)
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    channels = {0: 1, 2: 3, 3: 3, 4: 4, 6: 4}.get(colour, 4)
    dpi, down, transparent = 0.0, 0.0, channels == 4
    for name, at, size in _png_chunks(data):
        if name == b"pHYs" and size == 9 and data[at + 8] == 1:
            dpi, down = (n * 0.0254 for n in struct.unpack_from(">II", data, at))
        transparent |= name == b"tRNS"
    return Header(width, height, channels, bits, dpi, down, transparent)


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


def _bmp_header(data: bytes) -> Header:
    if len(data) < 54 or struct.unpack_from("<I", data, 14)[0] < 40:
        raise PageRefused("unreadable-file", detail=DAMAGED_BMP)
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, 18)
    if packing > 3 or struct.unpack_from("<I", data, 10)[0] >= len(data):
        raise PageRefused("unreadable-file", detail=DAMAGED_BMP)
    if packing == 0 and len(data) < (width * bits + 31) // 32 * 4 * abs(height):
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    dpi, down = (max(n * 0.0254, 0.0) for n in struct.unpack_from("<ii", data, 38))
    return Header(width, abs(height), 3, min(bits, 8), dpi, down)


def _webp_header(data: bytes) -> Header:
    """Simple, lossless or extended; of a moving one the first picture counts."""
    if len(data) < 30:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    if 8 + int(struct.unpack_from("<I", data, 4)[0]) > len(data):
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    form = data[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return Header(width, height, 4, transparent=bool(data[20] & 0x10))
    if form == b"VP8L" and data[20] == 0x2F:
        size = int(struct.unpack_from("<I", data, 21)[0])
        return Header((size & 0x3FFF) + 1, (size >> 14 & 0x3FFF) + 1, 4, transparent=bool(size >> 28 & 1))
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", data, 26))
        return Header(width, height, 3)
    raise PageRefused("unreadable-file", detail=DAMAGED_IMAGE)


def _gif_header(data: bytes) -> Header:
    if b"\x3b" not in data[-16:] or len(data) < 20:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    width, height = struct.unpack_from("<HH", data, 6)
    return Header(width, height, 4, transparent=True)


def _jp2_header(data: bytes) -> Header:
    """The size that the codestream itself says; the boxes around it may say anything."""
    at = data.find(CODESTREAM, 0, CODESTREAM_WITHIN)
    if at < 0 or len(data) < at + 45:
        raise PageRefused("unreadable-file", detail=DAMAGED_IMAGE)
    if b"\xff\xd9" not in data[-16:]:
        raise PageRefused("unreadable-file", detail=CUT_OFF)
    right, below, left, above = struct.unpack_from(">IIII", data, at + 8)
    channels, bits = int(struct.unpack_from(">H", data, at + 40)[0]), (data[at + 42] & 0x7F) + 1
    if channels not in (1, 3) or bits > 16:
        raise PageRefused("unreadable-file", detail=N_("a JPEG 2000 of an unusual kind; save it as JPEG"))
    return Header(right - left, below - above, channels, bits)


HEADERS: Mapping[str, Callable[[bytes], Header]] = {
    "jpeg": _jpeg_header, "png": _png_header, "bmp": _bmp_header, "webp": _webp_header, "gif": _gif_header,
    "jp2": _jp2_header,
}  # fmt: skip
