"""Pieces on their way out: records and enclosed files are cut, numbered by whoever places them, and encrypted.

The age library holds Python's lock while it encrypts. A few threads work on a piece each, from reading its file to
counting its cipher text; while one encrypts, the others read and hash, which the lock does not hinder.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from mab_desktop.exchange import canonical
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
    Recipient,
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


def recipients_of(ages: Iterable[str]) -> list[Recipient]:
    """Recipients as the age library wants them."""
    return [pyrage.x25519.Recipient.from_str(age) for age in ages]


def cipher_bound(plain: int, recipients: int) -> int:
    """The most bytes that an age file of `plain` bytes takes."""
    return plain + plain // 2048 + 4096 + 400 * recipients


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
        memory = self._spare.take(cipher_bound(plain, len(self._recipients)))
        source, sink = _Behind(header, body), _Sink(memory)
        pyrage.encrypt_io(source, sink, self._recipients)
        if sink.failed or not source.ended:  # the library may keep an error of either to itself
            raise ValueError("a piece was not encrypted whole")
        return Sealed(memory, sink.size, *sink.counted(), plain)


def _read_into(memory: bytearray, path: Path) -> int:
    """Read a file into memory as far as there is room; how many bytes."""
    done = 0
    with path.open("rb", buffering=0) as source, memoryview(memory) as whole:
        while count := source.readinto(whole[done:]):
            done += count
    return done


class _Sink:
    """What the library writes to: memory of ours, counted in steps.

    They are small enough for the processor's cache, and so large that the threads do not fight for the lock.
    """

    STEP = 512 << 10

    def __init__(self, memory: bytearray) -> None:
        self._memory, self.size, self._counted = memoryview(memory), 0, 0
        self._sha256, self._crc, self.failed = hashlib.sha256(), 0, False

    def write(self, data: bytes) -> int:
        """Take the next bytes; what has no room is an error that is kept."""
        end = self.size + len(data)
        if end > len(self._memory):
            self.failed = True
            raise ValueError("an age file is larger than it can be")
        self._memory[self.size : end] = data
        self.size = end
        if end - self._counted >= self.STEP:
            self._count()
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def counted(self) -> tuple[str, int]:
        """SHA-256 and CRC-32 of all that was written."""
        self._count()
        return self._sha256.hexdigest(), self._crc

    def _count(self) -> None:
        new = self._memory[self._counted : self.size]
        self._sha256.update(new)
        self._crc = zlib.crc32(new, self._crc)
        self._counted = self.size


class _Behind:
    """Reads two byte strings as if they were one."""

    def __init__(self, first: bytes, second: bytes | memoryview) -> None:
        self._left, self._at = [memoryview(second), memoryview(first)], 0

    @property
    def ended(self) -> bool:
        """True when all of it was asked for, the end too."""
        return not self._left

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        while self._left:
            data = self._left[-1][self._at : self._at + size]
            if data:
                self._at += len(data)
                return bytes(data)
            self._left.pop()
            self._at = 0
        return b""
