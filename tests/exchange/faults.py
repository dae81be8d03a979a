"""Everything that can happen to the bytes of a file, numbered, so that all of it or an even share can be tried."""

from __future__ import annotations

import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import combinations

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import carrier
from mab_desktop.exchange.trust import TrustStore

ACCEPTED = "ACCEPTED"


@dataclass(frozen=True)
class Family:
    """One sort of fault: how many there are for a file, and the file with fault number `i`, counted from 0."""

    name: str
    count: Callable[[bytes], int]
    make: Callable[[bytes, int], bytes]

    def share(self, data: bytes, most: int) -> Iterator[bytes]:
        """An even share of at most about `most`, the first and the last among them."""
        count = self.count(data)
        step = max(1, count // most)
        return (self.make(data, i) for i in sorted({*range(0, count, step), count - 1}) if i >= 0)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@dataclass(frozen=True)
class _Place:
    """Where an entry's contents lie, and the two places of its CRC-32."""

    start: int
    size: int
    sums: tuple[int, int]


@cache
def _places(data: bytes) -> tuple[_Place, ...]:
    """By the standard library's reader, which is not ours."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        line, found = archive.start_dir, []
        for info in archive.infolist():
            start = info.header_offset + 30 + len(info.filename)
            found.append(_Place(start, info.file_size, (info.header_offset + 14, line + 16)))
            line += 46 + len(info.filename)
    return tuple(found)


def _flip_with_care(data: bytes, bit: int) -> bytes:
    """A bit of the contents flipped by somebody who puts the check sums of the container right again."""
    for place in _places(data):
        if bit < 8 * place.size:
            changed = bytearray(_flip(data, 8 * place.start + bit))
            crc = zlib.crc32(changed[place.start : place.start + place.size])
            for at in place.sums:
                changed[at : at + 4] = crc.to_bytes(4, "little")
            return bytes(changed)
        bit -= 8 * place.size
    raise IndexError(bit)


def _sectors(size: int, sort: str, fill: Callable[[bytes, int], bytes]) -> Family:
    """Faults that change one sector: `fill(data, start)` is what stands there instead."""

    def make(data: bytes, i: int) -> bytes:
        start = i * size
        return data[:start] + fill(data, start)[: len(data) - start] + data[start + size :]

    return Family(f"sector of {size} {sort}", lambda data: -(-len(data) // size), make)


def _exchanged(size: int) -> Family:
    def pairs(data: bytes) -> list[tuple[int, int]]:
        return list(combinations(range(0, len(data) - size + 1, size), 2))

    def make(data: bytes, i: int) -> bytes:
        one, two = pairs(data)[i]
        changed = bytearray(data)
        changed[one : one + size], changed[two : two + size] = data[two : two + size], data[one : one + size]
        return bytes(changed)

    return Family(f"two sectors of {size} exchanged", lambda data: len(pairs(data)), make)


def _sector_families(size: int) -> tuple[Family, ...]:
    return (
        _sectors(size, "zeroed", lambda data, start: bytes(size)),
        _sectors(size, "of ones", lambda data, start: b"\xff" * size),
        _sectors(size, "random", lambda data, start: random.Random(f"{size}-{start}").randbytes(size)),
        _sectors(size, "repeated", lambda data, start: data[max(0, start - size) : max(0, start - size) + size]),
        Family(f"sector of {size} lost", lambda data: -(-len(data) // size),
               lambda data, i: data[: i * size] + data[(i + 1) * size :]),
        _exchanged(size),
    )  # fmt: skip


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("bit flipped", lambda data: 8 * len(data), _flip),
        Family("bit flipped, check sums put right", lambda data: 8 * sum(place.size for place in _places(data)),
               _flip_with_care),
        Family("cut short", len, lambda data, i: data[:i]),
        Family("beginning lost", lambda data: len(data) - 1, lambda data, i: data[i + 1 :]),
        Family("byte lost", len, lambda data, i: data[:i] + data[i + 1 :]),
        Family("byte doubled", len, lambda data, i: data[: i + 1] + data[i:]),
        Family("byte appended", lambda data: 256, lambda data, i: data + bytes([i])),
        Family("byte prepended", lambda data: 256, lambda data, i: bytes([i]) + data),
        Family("file appended to itself", lambda data: 1, lambda data, i: data + data),
        *_sector_families(512),
        *_sector_families(4096),
    )
}  # fmt: skip


def judge(data: bytes, trust: TrustStore) -> str:
    """The code by which the file is refused, or ACCEPTED. Any other exception is nobody's to catch."""
    try:
        carrier.verify(BytesIO(data), trust)
    except CarrierRefused as error:
        return error.code
    return ACCEPTED
