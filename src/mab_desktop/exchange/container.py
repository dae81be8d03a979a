"""The carrier's outer shape: a ZIP file of stored entries in which every byte is determined by names and contents.

The reader goes forward only. It builds each header anew from what it expects and compares, so there is one
interpretation, no traversal, no decompression, and nothing before, between or after the entries (APPNOTE 6.3.10, 4.3).
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from mab_desktop.exchange import durable
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.spare import Spare

MIMETYPE = b"application/vnd.mab.carrier+zip"
PART_LIMIT = 1 << 30
MAX_ENTRIES = 65_000
CHUNK = 1 << 20

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION, _DATE = 10, 1 << 5 | 1  # stored only; 1980-01-01, the first day that ZIP knows


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it lies in the file; `offset` and `data` are positions of its header and of its first byte."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def data(self) -> int:
        """Where the contents begin."""
        return self.offset + _LOCAL.size + len(self.name)

    def local(self) -> bytes:
        """The header before the contents."""
        fixed = _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, self.crc, self.size, self.size, len(self.name), 0)
        return fixed + self.name.encode("ascii")

    def central(self) -> bytes:
        """The line of the directory at the end."""
        fixed = _CENTRAL.pack(
            b"PK\1\2", _VERSION, _VERSION, 0, 0, 0, _DATE, self.crc, self.size, self.size, len(self.name),
            0, 0, 0, 0, 0, self.offset,
        )  # fmt: skip
        return fixed + self.name.encode("ascii")


def size_of(entries: Iterable[tuple[str, int]]) -> int:
    """Bytes of a container with entries of these names and sizes."""
    return _END.size + sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) + size for name, size in entries)


class Body:
    """The last entries of a container, written before the first ones are known: the list of contents comes first in the
    file, and can be made only after them.

    They lie in files of some megabytes, each of which goes as soon as it is copied: disk and memory hold one carrier,
    not two.
    """

    FILE = 8 << 20

    def __init__(self, path: Path) -> None:
        self.entries = list[Entry]()
        self._path, self._files, self._size = path, list[Path](), 0
        self._out: BinaryIO | None = None

    def close(self) -> None:
        """No entry comes any more."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def add(self, name: str, data: bytes | memoryview, crc: int) -> None:
        """The next entry; `crc` as `crc_of` counts it."""
        if self._out is not None and self._out.tell() >= self.FILE:
            self.close()
        if self._out is None:
            self._files.append(self._path.with_name(f"{self._path.name}-{len(self._files) + 1}"))
            self._out = self._files[-1].open("xb")
        entry = replace(_write_entry(self._out, name, data, crc), offset=self._size)
        self._size += entry.data - entry.offset + entry.size
        self.entries.append(entry)

    def move_behind(self, out: BinaryIO, grown: Callable[[int], None]) -> None:
        """Write all of it to `out`, and keep nothing; `grown` hears now and then how much can be read there."""
        with memoryview(bytearray(CHUNK)) as memory:
            for path in self._files:
                start = out.tell()
                durable.reserve(out.fileno(), start, path.stat().st_size)
                with path.open("rb", buffering=0) as source:
                    while count := source.readinto(memory):
                        out.write(memory[:count])
                path.unlink()
                out.flush()
                durable.begin(out.fileno(), start, out.tell() - start)
                grown(out.tell())


def write(path: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write a new container of (name, bytes) pairs and bring it safely to the disk; the file must not exist."""
    with written(path, contents) as descriptor:
        os.fsync(descriptor)


@contextmanager
def written(
    path: Path, contents: Iterable[tuple[str, bytes]], body: Body | None = None,
    grown: Callable[[int], None] = lambda _there: None,
) -> Iterator[int]:  # fmt: skip
    """A new container of (name, bytes) pairs, and `body`, closed by now, moved behind them; the file must not exist.

    Whoever gets its descriptor brings it to the disk. `grown` hears how many bytes can be read already.
    """
    with path.open("xb") as out:
        entries = [_write_entry(out, name, data, crc_of(data)) for name, data in contents]
        if body is not None:
            start = out.tell()
            entries += [replace(entry, offset=entry.offset + start) for entry in body.entries]
            body.move_behind(out, grown)
        for piece in _directory(entries, out.tell()):
            out.write(piece)
        if out.tell() > PART_LIMIT or len(entries) > MAX_ENTRIES:
            raise ValueError("a part of a carrier is at most 1 GiB")
        out.flush()
        grown(out.tell())
        yield out.fileno()


def crc_of(data: bytes | memoryview) -> int:
    """The check sum that ZIP asks for."""
    return zlib.crc32(data)


def _write_entry(out: BinaryIO, name: str, data: bytes | memoryview, crc: int) -> Entry:
    entry = Entry(name, len(data), crc, out.tell())
    local = entry.local()
    durable.reserve(out.fileno(), entry.offset, len(local) + len(data))
    out.write(local)
    out.write(data)
    return entry


def _directory(entries: list[Entry], start: int) -> Iterator[bytes]:
    size = 0
    for entry in entries:
        line = entry.central()
        size += len(line)
        yield line
    yield _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), size, start, 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry in memory that is used again, not judged yet."""

    entry: Entry
    memory: bytearray

    @property
    def data(self) -> memoryview:
        """Its contents."""
        return memoryview(self.memory)[: self.entry.size]

    def require_sum(self) -> None:
        """CarrierRefused where the contents do not add up to what their header says."""
        with self.data as data:
            if crc_of(data) != self.entry.crc:
                raise refuse("container-damaged")


class Reader:
    """Reads a container forward, from a file or from memory. The caller says which entry comes next; anything else is
    refused."""

    def __init__(self, source: Path | BinaryIO) -> None:
        self._file: BinaryIO = source.open("rb") if isinstance(source, Path) else source
        self.entries: list[Entry] = []
        self._size = self._file.seek(0, os.SEEK_END)
        if self._size > PART_LIMIT:
            self._file.close()
            raise refuse("container-too-large")
        self._file.seek(0)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def take(self, name: str, limit: int) -> bytes:
        """The contents of the next entry, which must be `name` and at most `limit` bytes."""
        entry = self._header(name, limit)
        data = self._read(entry.size)
        if crc_of(data) != entry.crc:
            raise refuse("container-damaged")
        return data

    def take_into(self, spare: Spare, name: str, limit: int) -> Taken:
        """The same in memory that is used again; who takes it asks for its sum, in a thread of his own if he likes."""
        return _taken(self._file, self._header(name, limit), spare)

    def require_size(self, others: Iterable[tuple[str, int]]) -> None:
        """CarrierRefused unless the file is as long as the entries read so far and `others` make it."""
        whole = size_of([*((entry.name, entry.size) for entry in self.entries), *others])
        if self._size != whole:
            raise refuse("container-cut" if self._size < whole else "container-tail")

    def finish(self) -> None:
        """The directory, made anew and compared byte for byte, and then the end of the file."""
        for expected in _directory(self.entries, self._file.tell()):
            if self._read(len(expected)) != expected:
                raise refuse("container-damaged")
        if self._file.read(1):
            raise refuse("container-tail")

    def _header(self, name: str, limit: int) -> Entry:
        """The next header, only if it is the one that `name` and the size in it ask for."""
        offset = self._file.tell()
        code = "container-damaged" if self.entries else "container-foreign"
        found = self._read(_LOCAL.size + len(name)) if self.entries else self._file.read(_LOCAL.size + len(name))
        if len(found) < _LOCAL.size + len(name):
            raise refuse(code)
        _, _, _, _, _, _, crc, size, _, _, _ = _LOCAL.unpack(found[: _LOCAL.size])
        entry = Entry(name, size, crc, offset)
        if entry.local() != found:
            renamed = found[: _LOCAL.size] == entry.local()[: _LOCAL.size]
            raise refuse("container-names" if renamed and self.entries else code)
        if size > limit:
            raise refuse("container-too-large")
        self.entries.append(entry)
        return entry

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise refuse("container-cut")
        return data


def take_again(source: BinaryIO, entry: Entry, spare: Spare) -> Taken:
    """The contents of an entry that a Reader has seen in this file before, in memory that is used again."""
    source.seek(entry.data)
    return _taken(source, entry, spare)


def _taken(source: BinaryIO, entry: Entry, spare: Spare) -> Taken:
    memory = spare.take(entry.size)
    with memoryview(memory)[: entry.size] as data:
        if cast(io.BufferedIOBase, source).readinto(data) < entry.size:
            raise refuse("container-cut")
    return Taken(entry, memory)


def read_at(path: Path, entry: Entry) -> bytes:
    """The contents of an entry that a Reader has seen in this file before."""
    with path.open("rb") as source:
        source.seek(entry.data)
        return source.read(entry.size)
