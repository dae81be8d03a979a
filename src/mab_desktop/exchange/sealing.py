"""Pieces on their way out: records and enclosed files are cut, numbered by whoever places them, and encrypted.

Two threads work on a piece each, from reading its file to counting its cipher text. Python's lock hinders neither:
nothing holds it while it reads, hashes or encrypts.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from mab_desktop.exchange import age_file, canonical
from mab_desktop.exchange.age_file import Recipient
from mab_desktop.exchange.ahead import ahead
from mab_desktop.exchange.kinds import CarrierKind
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.payload import (
    ATTACHMENT,
    ATTACHMENT_LIMIT,
    LINE_LIMIT,
    MAX_ATTACHMENTS,
    NAME,
    RECORDS,
    TYPE,
    Attachment,
    AttachmentInfo,
    Record,
    inner_header,
)
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.spare import Spare

PIECE = 4 << 20  # plain bytes of records, or of one enclosed file, that go into one piece

@dataclass(frozen=True, slots=True)
class Cut:
    """A piece that has its size and not yet its place. What is a whole file is read when it is sealed."""

    holds: str
    size: int
    body: bytes = b""
    attachment: Mapping[str, Any] | None = None
    file: tuple[str, Path] | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A piece encrypted: the memory that its first `size` bytes are, what they count up to, and how many were plain."""

    memory: bytearray
    size: int
    sha256: str
    crc: int
    plain_size: int

    @property
    def data(self) -> memoryview:
        """Its bytes."""
        return memoryview(self.memory)[: self.size]


# -- cutting


def pieces(
    kind: CarrierKind, records: Iterable[Record], attachments: Iterable[Attachment], counts: dict[str, int]
) -> Iterator[Cut]:
    """Cut records and enclosed files into pieces; `counts` is filled with the records of each type on the way."""
    lines: list[bytes] = []
    size = 0
    for record_type, fields in records:
        line = record_line(kind, record_type, fields)
        if len(line) > LINE_LIMIT:
            raise refuse("record-too-long", line=sum(counts.values()) + 1)
        counts[record_type] = counts.get(record_type, 0) + 1
        if size + len(line) > PIECE:
            yield Cut(RECORDS, size, b"".join(lines))
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield Cut(RECORDS, size, b"".join(lines))
    for on_disk, files in groupby(_named(kind, attachments), lambda file: isinstance(file.source, Path)):
        cut = _of_files if on_disk else _read_ahead
        yield from cut(files)


def _named(kind: CarrierKind, attachments: Iterable[Attachment]) -> Iterator[Attachment]:
    """The files, each with a name of its own; ValueError for what cannot be enclosed."""
    names: set[str] = set()
    for attachment in attachments:
        if not kind.encloses:
            raise ValueError(f"{kind.name} encloses no files")
        if len(names) == MAX_ATTACHMENTS:
            raise ValueError("too many enclosed files")
        if attachment.name in names or not NAME.fullmatch(attachment.name):
            raise ValueError(f"{attachment.name!r} cannot name an enclosed file")
        names.add(attachment.name)
        yield attachment


def record_line(kind: CarrierKind, record_type: str, fields: Mapping[str, Any]) -> bytes:
    """One record as a JSON line; ValueError where the kind does not know its type."""
    if record_type not in kind.record_types or TYPE in fields:
        raise ValueError(f"{record_type} is no record of {kind.name}, or a field is named {TYPE}")
    return canonical.encode_record({**fields, TYPE: record_type}) + b"\n"


def _of_files(attachments: Iterable[Attachment]) -> Iterator[Cut]:
    """The pieces of files on the disk; one that is a piece by itself is not read yet."""
    for attachment in attachments:
        assert isinstance(attachment.source, Path)
        size = attachment.source.stat().st_size
        if size <= PIECE:
            yield Cut(ATTACHMENT, size, file=(attachment.name, attachment.source))
        else:
            yield from _cut(attachment)


def _read_ahead(attachments: Iterable[Attachment]) -> Iterator[Cut]:
    """The pieces of what only opens for reading, such as sealed images: they have no size before they are read."""
    for attachment, piece in ahead(_whole, attachments, 2):
        if piece is not None:
            yield piece
        else:
            yield from _cut(attachment)


def _whole(attachment: Attachment) -> Cut | None:
    """The one piece of what needs no more; None for more."""
    with attachment.open() as source:
        body = source.read(PIECE + 1)
    return Cut(ATTACHMENT, len(body), body, _described(attachment.name, body)) if len(body) <= PIECE else None


def _described(name: str, body: bytes | memoryview) -> dict[str, Any]:
    return {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest(), "offset": 0}


def _cut(attachment: Attachment) -> Iterator[Cut]:
    with attachment.open() as source:
        info = AttachmentInfo(attachment.name, *_measure(source))
        if info.size > ATTACHMENT_LIMIT:
            raise ValueError(f"{attachment.name} of {info.size} bytes is too large to enclose")
        source.seek(0)
        offset = 0
        while True:
            body = source.read(PIECE)
            fields = {"name": info.name, "size": info.size, "sha256": info.sha256, "offset": offset}
            yield Cut(ATTACHMENT, len(body), body, fields)
            offset += len(body)
            if offset >= info.size or not body:
                break
        if offset != info.size:
            raise _changed(attachment.name)


def _measure(source: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _changed(name: str) -> ValueError:
    return ValueError(f"{name} changed while it was read")


# -- sealing


class Sealer:
    """Encrypts pieces for the same recipients, in several threads at once."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        self._recipients = recipients
        self._spare = Spare()

    def seal(self, manifest: Manifest, index: int, piece: Cut) -> Sealed:
        """Piece `index` of the part that `manifest` describes; what it is sealed in is to be given back."""
        if piece.file is None:
            return self._seal(manifest, index, piece.holds, piece.body, piece.attachment)
        name, path = piece.file
        memory = self._spare.take(PIECE + 1)
        body = memoryview(memory)[: _read_into(memory, path)]
        if len(body) != piece.size:
            raise _changed(name)
        sealed = self._seal(manifest, index, piece.holds, body, _described(name, body))
        self._spare.give_back(memory)
        return sealed

    def give_back(self, sealed: Sealed) -> None:
        """Its bytes are not needed any more."""
        self._spare.give_back(sealed.memory)

    def _seal(
        self, manifest: Manifest, index: int, holds: str, body: bytes | memoryview, named: Mapping[str, Any] | None
    ) -> Sealed:
        header = canonical.encode(inner_header(manifest, index, holds, named)) + b"\n"
        plain = len(header) + len(body)
        size = age_file.size_of(plain, len(self._recipients))
        memory = self._spare.take(size)
        with memoryview(memory)[:size] as room:
            count = _Count(room)
            age_file.write(room, self._recipients, header, body, count.grown)
            return Sealed(memory, size, *count.ended(), plain)


def _read_into(memory: bytearray, path: Path) -> int:
    """Read a file into memory as far as there is room; how many bytes."""
    done = 0
    with path.open("rb", buffering=0) as source, memoryview(memory) as whole:
        while count := source.readinto(whole[done:]):
            done += count
    return done


class _Count:
    """SHA-256 and CRC-32 of memory that fills up, counted in steps that the processor's cache still holds."""

    STEP = 512 << 10

    def __init__(self, memory: memoryview) -> None:
        self._memory, self._at, self._end = memory, 0, 0
        self._sha256, self._crc = hashlib.sha256(), 0

    def grown(self, end: int) -> None:
        """So much is there."""
        self._end = end
        if end - self._at >= self.STEP:
            self._add()

    def ended(self) -> tuple[str, int]:
        """Both, of all that is there."""
        self._add()
        return self._sha256.hexdigest(), self._crc

    def _add(self) -> None:
        with self._memory[self._at : self._end] as new:
            self._sha256.update(new)
            self._crc = zlib.crc32(new, self._crc)
        self._at = self._end
