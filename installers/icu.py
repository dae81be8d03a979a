"""ICU's data without the languages and code pages that nobody here uses: Qt brings 31 MB of them on Linux.

Qt takes from ICU how words are put in order, upper and lower case, and names of time zones; what else a language needs
Qt has itself. Kept are Kazakh, Russian, English, the root that all languages fall back to, and ICU's own tables.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_COMMON = frozenset({"root", "pool", "res_index", "kk", "ru", "en", "en_US", "en_US_POSIX", "tzdbNames"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z0-9]+)*")
_FOLDERS = frozenset({"coll", "zone", "lang", "region", "curr"})  # the others spell numbers, break lines, transliterate
_ALIGNED = 16
_ASSEMBLY = """
    .section .rodata
    .balign 16
    .globl {symbol}
    .type {symbol}, @object
    .size {symbol}, {size}
{symbol}:
    .incbin "{data}"
    .section .note.GNU-stack,"",@progbits
"""


def stays(name: str) -> bool:
    """True for an item of the data that comes along: its name is PACKAGE/[FOLDER/]NAME.KIND."""
    *folders, last = name.split("/")[1:]
    stem, _dot, kind = last.rpartition(".")
    if folders:
        return folders[0] in _FOLDERS and (kind != "res" or stem in _COMMON)
    return kind != "cnv" and (kind != "res" or stem in _COMMON or not _is_language(stem))


def _is_language(stem: str) -> bool:
    return _LANGUAGE.fullmatch(stem) is not None


def slimmed(data: bytes) -> bytes:
    """The archive of ICU's data (its .dat format: a header, a table of names and places, the items) with what stays."""
    (header,) = struct.unpack_from("<H", data)
    kept = [(name, item) for name, item in _items(data, header) if stays(name)]
    names, places = bytearray(), []
    table = 4 + 8 * len(kept)
    for name, _item in kept:
        places.append(table + len(names))
        names += name.encode() + b"\0"
    body, toc = bytearray(), bytearray(struct.pack("<I", len(kept)))
    begin = _up(header + table + len(names)) - header
    for (_name, item), place in zip(kept, places, strict=True):
        toc += struct.pack("<II", place, begin + len(body))
        body += item + bytes(_up(len(item)) - len(item))
    head = data[:header] + bytes(toc) + bytes(names)
    return head + bytes(header + begin - len(head)) + bytes(body)


def _items(data: bytes, header: int) -> Iterator[tuple[str, bytes]]:
    (count,) = struct.unpack_from("<I", data, header)
    toc = [struct.unpack_from("<II", data, header + 4 + 8 * number) for number in range(count)]
    ends = [place for _name, place in toc[1:]] + [len(data) - header]
    for (name, place), end in zip(toc, ends, strict=True):
        words = data[header + name : data.index(b"\0", header + name)].decode()
        yield words, data[header + place : header + end]


def _up(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED


def slim(library: Path) -> int:
    """Put a library with the smaller data in the place of `libicudata.so.N`; the bytes that are saved."""
    before = library.stat().st_size
    symbol, data = _contents(library)
    with tempfile.TemporaryDirectory() as scratch:
        packed, source = Path(scratch, "icu.dat"), Path(scratch, "icu.s")
        fresh = slimmed(data)
        packed.write_bytes(fresh)
        source.write_text(_ASSEMBLY.format(symbol=symbol, size=len(fresh), data=packed), encoding="utf-8")
        subprocess.run(
            ["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-Wl,--build-id=none", "-Wl,-s",
             str(source), "-o", str(library)],
            check=True,
        )  # fmt: skip
    library.chmod(0o644)
    return before - library.stat().st_size


def _contents(library: Path) -> tuple[str, bytes]:
    """The one symbol of the library and the bytes behind it."""
    look = ["readelf", "-W", "--dyn-syms", "-S", str(library)]
    told = subprocess.run(look, capture_output=True, text=True, check=True)
    symbol = re.search(r": ([0-9a-f]+)\s+(\S+)\s+OBJECT.*\s(icudt\d+_dat)", told.stdout)
    section = re.search(r"\.rodata\s+PROGBITS\s+([0-9a-f]+)\s+([0-9a-f]+)", told.stdout)
    if symbol is None or section is None:
        raise SystemExit(f"{library} has changed: its data must be looked at anew.")
    address, offset = (int(number, 16) for number in section.groups())
    begin = int(symbol[1], 16) - address + offset
    return symbol[3], library.read_bytes()[begin : begin + int(symbol[2], 0)]
