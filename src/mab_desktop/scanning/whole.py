"""Is this image file whole? Answered from its own marks of the end, without decoding it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

# Scanners and programs leave some bytes of padding behind the end mark.
_TAIL = 2048
_MAX_DIRECTORIES, _MAX_STRIPS = 10_000, 100_000
_SUFFIXES = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG\r\n\x1a\n", ".png"), (b"II*\0", ".tif"), (b"MM\0*", ".tif"),
             (b"%PDF-", ".pdf"), (b"BM", ".bmp"), (b"GIF8", ".gif"), (b"\xff\x4f\xff\x51", ".j2k"),
             (b"\0\0\0\x0cjP  ", ".jp2"), (b"RIFF", ".webp"))  # fmt: skip
# Compressed data of a JPEG cannot hold its end mark, so that one near the end is the end.
_ENDS = {".jpg": b"\xff\xd9", ".png": b"IEND\xaeB`\x82", ".pdf": b"%%EOF", ".gif": b"\x3b", ".jp2": b"\xff\xd9",
         ".j2k": b"\xff\xd9"}  # fmt: skip
_NO_PADDING = (".gif", ".jp2", ".j2k")  # whose end mark may stand within the picture
_END_WITHIN = 16


def suffix_of(head: bytes) -> str:
    """The suffix that belongs to a file with these first bytes, "" when it is no image of a page."""
    return next((suffix for magic, suffix in _SUFFIXES if head.startswith(magic)), "")


def is_whole(path: Path) -> bool:
    """True when the file is one that the reader takes, with its end; what cannot be opened yet is not whole."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            file.seek(0, 2)
            size = file.tell()
            kind = suffix_of(head)
            if kind == ".tif":
                return _tiff_is_whole(file, "<" if head.startswith(b"II") else ">", size)
            if kind in {".bmp", ".webp"}:
                return len(head) == 12 and _said_size(kind, head) <= size
            file.seek(max(0, size - (_END_WITHIN if kind in _NO_PADDING else _TAIL)))
            tail = file.read(_TAIL)
    except OSError:
        return False
    return kind in _ENDS and _ENDS[kind] in tail


def _said_size(kind: str, head: bytes) -> int:
    """How long the file is by its own first bytes."""
    if kind == ".bmp":
        return int(struct.unpack_from("<I", head, 2)[0])
    return int(struct.unpack_from("<I", head, 4)[0]) + 8


def _tiff_is_whole(file: BinaryIO, order: str, size: int) -> bool:
    """Every directory of the chain and every strip or tile of its picture lies within the file."""
    try:
        file.seek(4)
        (at,) = struct.unpack(f"{order}I", file.read(4))
        pages, pieces = 0, 0
        while at and pages < _MAX_DIRECTORIES and pieces < _MAX_STRIPS:
            file.seek(at)
            (count,) = struct.unpack(f"{order}H", file.read(2))
            body = file.read(12 * count + 4)
            (at,) = struct.unpack(f"{order}I", body[-4:])
            fitting = _pieces_that_fit(file, order, body[:-4], size) if len(body) == 12 * count + 4 else 0
            if not fitting:
                return False
            pages, pieces = pages + 1, pieces + fitting
    except struct.error:
        return False
    return pages > 0 and not at


def _pieces_that_fit(file: BinaryIO, order: str, entries: bytes, size: int) -> int:
    """How many strips or tiles the picture has; 0 when one of them does not lie within the file."""
    found: dict[int, list[int]] = {}
    for start in range(0, len(entries), 12):
        tag, kind, count, value = struct.unpack(f"{order}HHI4s", entries[start : start + 12])
        # 273/279 offsets and lengths of strips, 324/325 of tiles.
        if tag in {273, 279, 324, 325} and kind in {3, 4} and count <= _MAX_STRIPS:
            found[tag] = _numbers(file, order, kind, count, value)
    offsets, lengths = found.get(273) or found.get(324) or [], found.get(279) or found.get(325) or []
    fits = len(offsets) == len(lengths) and all(
        offset + length <= size for offset, length in zip(offsets, lengths, strict=True)
    )
    return len(offsets) if fits else 0


def _numbers(file: BinaryIO, order: str, kind: int, count: int, value: bytes) -> list[int]:
    letter, wide = ("H", 2) if kind == 3 else ("I", 4)
    if count * wide <= 4:
        return list(struct.unpack(f"{order}{count}{letter}", value[: count * wide]))
    file.seek(struct.unpack(f"{order}I", value)[0])
    return list(struct.unpack(f"{order}{count}{letter}", file.read(count * wide)))
