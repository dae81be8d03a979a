"""What is encrypted: records as JSON lines and enclosed files in pieces, each piece with an inner header.

Every piece is encrypted and decrypted whole in memory, so nothing half authenticated and no plain text ever lies on a
disk, and no error of a file can be swallowed by a library. The inner header repeats what the manifest says, so
that nobody can put another sender's cipher text under a signature of his own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import pyrage

from mab_desktop.domain.errors import CarrierRefused, Problem
from mab_desktop.exchange import canonical
from mab_desktop.exchange.kinds import CarrierKind
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.refusals import REASONS, plain, refuse
from mab_desktop.exchange.spare import Spare
from mab_desktop.i18n import N_

FORMAT = "mab-payload-1"
LINE_LIMIT = 64 << 10
HEADER_LIMIT = 128 << 10  # a broadcast names up to a thousand organisations
ATTACHMENT_LIMIT = 64 << 20  # one enclosed file: a page is at most 25 MB, and it is read whole
MAX_ATTACHMENTS = 200_000  # in a set
RECORDS, ATTACHMENT = "records", "attachment"
TYPE = "type"

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,3}")
_LINE = re.compile(rb"([^\n]*)\n")

Record = tuple[str, Mapping[str, Any]]
Check = Callable[[str, dict[str, Any]], Sequence[Problem]]


class Enclosed(Protocol):
    """What can be enclosed: a path, or anything else that opens for reading as one does."""

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """A reader of the plain bytes that can go back to their begin."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to enclose: a name that is unique in the set (never a path on any disk), and where its bytes are."""

    name: str
    source: Path | bytes | Enclosed

    def open(self) -> BinaryIO:
        """A reader of its bytes."""
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """An enclosed file as its pieces describe it."""

    name: str
    size: int
    sha256: str


class RecordRefused(CarrierRefused):
    """A record that breaks a rule of its own kind; says which."""

    def __init__(self, line: int, record_type: str, problems: Sequence[Problem]) -> None:
        reason = REASONS["record-fields"]
        first = problems[0]
        super().__init__(
            "record-fields", reason.text, next_step=reason.next_step,
            line=line, type=record_type, field=plain(first.field, "") or record_type, problem=first.text,
        )  # fmt: skip
        self.problems = tuple(problems)

    def message(self, lang: str) -> str:
        """The sentence with the broken rule filled in."""
        self.params["problem"] = self.problems[0].message(lang)
        return super().message(lang)


def inner_header(manifest: Manifest, index: int, holds: str, attachment: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the first line of piece `index` must say."""
    return {
        "format": FORMAT,
        "kind": manifest.kind,
        "sender": {"org": manifest.sender.org, "device": manifest.sender.device, "keyid": manifest.sender.keyid},
        "recipients": [recipient.org for recipient in manifest.recipients],
        "stream": manifest.stream,
        "epoch": manifest.epoch,
        "seq": manifest.seq,
        "set_id": manifest.set_id,
        "part": manifest.part,
        "index": index,
        "holds": holds,
        "attachment": dict(attachment) if attachment else None,
    }


@dataclass(frozen=True, slots=True)
class Piece:
    """Plain contents of one piece without its header; `memory` holds them and is used again once nobody looks."""

    holds: str
    body: memoryview
    attachment: Mapping[str, Any] | None
    memory: bytearray


class _Read:
    """Cipher text for the age library, which reads files."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data, self._at = data, 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        found = bytes(self._data[self._at : self._at + size])
        self._at += len(found)
        return found


class _Written:
    """Where the age library writes. It may keep an error of its sink to itself, so this one has none and counts."""

    def __init__(self, memory: bytearray, room: int) -> None:
        self._memory, self._room, self.size = memory, room, 0

    def write(self, data: bytes) -> int:
        """Keep them; what is too much is only counted."""
        end = self.size + len(data)
        if end <= self._room:
            self._memory[self.size : end] = data
        self.size = end
        return len(data)

    def flush(self) -> None:
        """All is there."""


def decrypt(
    manifest: Manifest, index: int, data: bytes | memoryview, identity: str, spare: Spare | None = None
) -> Piece:
    """The contents of piece `index` of the part that `manifest` describes, its inner header compared."""
    size = manifest.files[index - 1].plain_size
    room = min(size, len(data))
    memory = (spare or Spare()).take(room)
    written = _Written(memory, room)
    try:
        pyrage.decrypt_io(_Read(data), written, [pyrage.x25519.Identity.from_str(identity)])
    except (pyrage.DecryptError, OSError) as error:  # the library's own: neither of the two files has any
        raise refuse("payload-locked") from error
    end = memory.find(b"\n", 0, min(room, HEADER_LIMIT))
    if end < 0 or written.size != size:
        raise refuse("payload-header")
    header = canonical.decode(bytes(memory[:end]), N_("head of a part"))
    if not isinstance(header, dict):
        raise refuse("payload-header")
    holds, attachment = header.get("holds"), header.get("attachment")
    named = _names_attachment(attachment) if holds == ATTACHMENT else holds == RECORDS and attachment is None
    if not named or header != inner_header(manifest, index, str(holds), attachment):
        raise refuse("payload-header")
    return Piece(str(holds), memoryview(memory)[end + 1 : size], attachment, memory)


def _names_attachment(fields: Any) -> bool:
    types = {"name": str, "size": int, "sha256": str, "offset": int}
    if not isinstance(fields, dict) or fields.keys() != types.keys():
        return False
    return all(type(fields[key]) is of for key, of in types.items()) and bool(NAME.fullmatch(fields["name"]))


def read_records(
    kind: CarrierKind, body: memoryview, first: int, check: Check | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a piece; `first` is the number of its first line in the set. CarrierRefused for a wrong one."""
    if bytes(body[-1:]) != b"\n":
        raise refuse("record-malformed", line=first)
    for number, found in enumerate(_LINE.finditer(body), first):
        line = found[1]
        if len(line) >= LINE_LIMIT:
            raise refuse("record-too-long", line=number)
        yield _record(kind, line, number, check)


def _record(kind: CarrierKind, line: bytes, number: int, check: Check | None) -> tuple[str, dict[str, Any]]:
    try:
        fields = canonical.decode_record(line, N_("record"))
    except CarrierRefused as error:
        raise refuse("record-malformed", line=number) from error
    record_type = fields.pop(TYPE, None) if isinstance(fields, dict) else None
    if not isinstance(record_type, str):
        raise refuse("record-malformed", line=number)
    if record_type not in kind.record_types:
        raise refuse("record-type", line=number, type=plain(record_type))
    problems = check(record_type, fields) if check else ()
    if problems:
        raise RecordRefused(number, record_type, problems)
    return record_type, fields
