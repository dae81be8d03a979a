"""The signed list of contents of a carrier: who, to whom, what, and where in the order of the sender's files.

It holds no personal data: anybody who finds the drive may read it. Every text in it has a grammar in which no name
can be written: ids, digests, numbers, words without blanks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from mab_desktop.exchange import canonical
from mab_desktop.exchange.kinds import KINDS, CarrierKind
from mab_desktop.exchange.refusals import place_of, refuse
from mab_desktop.i18n import N_

FORMAT = "mab-carrier-1"
MANIFEST_LIMIT = 8 << 20
MAX_PIECE = 16 << 20  # plain bytes of one payload file
MAX_PARTS = 999
MAX_FILES = 13_000  # in one part: 1 GiB of images of 80 kB
UNLISTED_LIMIT = 64 << 10  # bytes that a sender whom nobody knows yet may bring
EVERYBODY = "all"

Id = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9]{1,16}(-[a-z0-9]{1,16}){0,2}\Z")]
KeyId = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
DigestOrNone = Annotated[str, msgspec.Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
Campaign = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9]{1,16}\Z")]
_STREAM = r"\A[a-z0-9-]{1,50}>[a-z0-9-]{1,50}/[a-z0-9-]{1,32}/[a-z0-9]{1,16}/[a-z]{1,16}\Z"
Stream = Annotated[str, msgspec.Meta(pattern=_STREAM)]
Word = Annotated[str, msgspec.Meta(pattern=r"\A(\*|[A-Za-z0-9][A-Za-z0-9._+/-]{0,63})\Z")]
# A sum that stands on the signed paper too: a number, a digest, a list of shifts.
SumName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_-]{0,63}\Z")]
SumText = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9.,_+-]{0,512}\Z")]
Number = Annotated[int, msgspec.Meta(ge=0, le=canonical.MAX_INTEGER)]
Integer = Annotated[int, msgspec.Meta(ge=-canonical.MAX_INTEGER, le=canonical.MAX_INTEGER)]
Ordinal = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every field is there and no other."""


class Sender(Frozen, frozen=True):
    """The workplace that made the carrier."""

    org: Id
    device: Id
    role: Word
    keyid: KeyId


class Recipient(Frozen, frozen=True):
    """An organisation and the key ids of its devices that can open the carrier."""

    org: Id
    devices: tuple[KeyId, ...]


class Checkpoint(Frozen, frozen=True):
    """How far the sender's log had come: entries, and the hash of the last."""

    n: Number
    hash: Digest


class Ack(Frozen, frozen=True):
    """The sender says what it has loaded from a stream of the recipient's."""

    stream: Stream
    epoch: Ordinal
    seq: Ordinal
    digest: Digest


class PayloadFile(Frozen, frozen=True):
    """One encrypted file of the carrier."""

    name: Word
    size: Number
    sha256: Digest
    plain_size: Number


class TrustReference(Frozen, frozen=True):
    """The trust list enclosed."""

    version: Ordinal
    sha256: Digest


class Manifest(Frozen, frozen=True):
    """All that is signed. `prev` is the digest of the signed manifest before this one in the stream ("" for none):
    for a part after the first, of the part before it. `counts` are records by type in the whole set."""

    format: Literal["mab-carrier-1"]
    schema: Ordinal
    kind: Word
    campaign: Campaign
    mode: Literal["test", "official"]
    content: Literal["snapshot", "append"]
    sender: Sender
    recipients: Annotated[tuple[Recipient, ...], msgspec.Meta(min_length=1, max_length=1000)]
    stream: Stream
    epoch: Ordinal
    seq: Ordinal
    prev: DigestOrNone
    set_id: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    part: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTS)]
    parts: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTS)]
    created: Annotated[str, msgspec.Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)\Z")]
    counts: Annotated[dict[Word, Number], msgspec.Meta(max_length=64)]
    control_sums: Annotated[dict[SumName, SumText | Integer], msgspec.Meta(max_length=64)]
    files: Annotated[tuple[PayloadFile, ...], msgspec.Meta(max_length=MAX_FILES)]
    checkpoint: Checkpoint | None
    acks: Annotated[tuple[Ack, ...], msgspec.Meta(max_length=5000)]
    trust: TrustReference
    app_version: Word

    @property
    def carrier_kind(self) -> CarrierKind:
        """The kind by name."""
        return KINDS[self.kind]

    @property
    def file_name(self) -> str:
        """What the file is called; for people only, never read back."""
        return file_name(self)

    def fields(self) -> dict[str, Any]:
        """As plain values, for the database."""
        return dict(msgspec.to_builtins(self))

    def payload(self) -> bytes:
        """What is signed."""
        return canonical.encode(self.fields())

    @property
    def digest(self) -> str:
        """SHA-256 of what is signed: how the stream and the receipts name this carrier."""
        return hashlib.sha256(self.payload()).hexdigest()


def stream_of(device: str, recipients: tuple[str, ...], kind: CarrierKind, campaign: str, mode: str) -> str:
    """The name of the numbered order of files in which a carrier stands."""
    to = EVERYBODY if kind.broadcast else recipients[0]
    return f"{device}>{to}/{kind.name}/{campaign}/{mode}"


def set_id_of(stream: str, epoch: int, seq: int, prev: str, created: str) -> str:
    """One name for all parts of a set."""
    return hashlib.sha256(canonical.encode([stream, epoch, seq, prev, created])).hexdigest()[:32]


def payload_name(index: int) -> str:
    """The name of payload file number `index`, counted from 1 in each part."""
    return f"payload/{index:04d}.age"


def index_of(name: str) -> int:
    """The number in a name that `payload_name` made."""
    return int(name[len("payload/") : -len(".age")])


def file_name(manifest: Manifest) -> str:
    """`2026-students-nu027-bu013-0004-p1of1.mab`; training files and files after a restored backup say so."""
    kind = manifest.carrier_kind
    campaign = manifest.campaign if manifest.mode == "official" else f"{manifest.campaign}-test"
    to = EVERYBODY if kind.broadcast else manifest.recipients[0].org
    number = f"{manifest.seq:04d}" if manifest.epoch == 1 else f"e{manifest.epoch}-{manifest.seq:04d}"
    return f"{campaign}-{kind.name}-{manifest.sender.device}-{to}-{number}-p{manifest.part}of{manifest.parts}.mab"


def parse(payload: bytes) -> Manifest:
    """The manifest of a signed payload, or CarrierRefused."""
    try:
        manifest = canonical.decode_as(payload, Manifest, N_("list of contents"))
    except msgspec.ValidationError as error:
        _refuse_newer(payload)
        raise refuse("manifest-malformed", what=place_of(error)) from error
    if manifest.kind not in KINDS:
        raise refuse("kind-unknown")
    if manifest.schema > manifest.carrier_kind.schema:
        raise refuse("manifest-newer")
    for what, holds in _rules(manifest).items():
        if not holds:
            raise refuse("manifest-malformed", what=what)
    return manifest


class _Head(msgspec.Struct, frozen=True):
    """The few fields that every version will have; the others are passed over."""

    format: str
    kind: str
    schema: int


def _refuse_newer(payload: bytes) -> None:
    """Tell a newer program's file from a wrong one."""
    try:
        head = msgspec.json.decode(payload, type=_Head, strict=True)
    except (ValueError, RecursionError):
        return
    if head.format != FORMAT and head.format.startswith("mab-carrier-"):
        raise refuse("manifest-newer")
    if head.kind not in KINDS:
        raise refuse("kind-unknown")
    if head.schema > KINDS[head.kind].schema:
        raise refuse("manifest-newer")


def _rules(manifest: Manifest) -> Mapping[str, bool]:
    """What binds several fields, by the name of the field that would be wrong."""
    kind = manifest.carrier_kind
    orgs = tuple(recipient.org for recipient in manifest.recipients)
    first = manifest.epoch == manifest.seq == manifest.part == 1
    return {
        "content": manifest.content == kind.mode,
        "recipients": orgs == tuple(sorted(set(orgs))) and (kind.broadcast or len(orgs) == 1),
        "devices": all(r.devices == tuple(sorted(set(r.devices))) for r in manifest.recipients),
        "stream": manifest.stream == stream_of(manifest.sender.device, orgs, kind, manifest.campaign, manifest.mode),
        "prev": (manifest.prev == "") if first else (manifest.prev != "" or _restarts(manifest)),
        "created": _is_moment(manifest.created),
        "part": manifest.part <= manifest.parts,
        "counts": set(manifest.counts) <= set(kind.record_types),
        "files": all(
            file.name == payload_name(index) and file.plain_size <= MAX_PIECE and file.size <= MAX_PIECE + (2 << 20)
            for index, file in enumerate(manifest.files, 1)
        ),
        "parts": not kind.unlisted or (manifest.parts == 1 and sum(f.size for f in manifest.files) <= UNLISTED_LIMIT),
    }


def _restarts(manifest: Manifest) -> bool:
    """A new epoch may begin without knowing what came before."""
    return manifest.epoch > 1 and manifest.seq == 1 and manifest.part == 1


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
