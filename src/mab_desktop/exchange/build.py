"""Make a carrier: cut, encrypt, list, sign, and read the result back before anybody sees it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import age_file, container, durable, envelope, sealing
from mab_desktop.exchange.ahead import ahead
from mab_desktop.exchange.device import DeviceKeys, SigningKey
from mab_desktop.exchange.growing import Growing
from mab_desktop.exchange.intake import verify
from mab_desktop.exchange.kinds import CarrierKind
from mab_desktop.exchange.manifest import (
    EVERYBODY,
    FORMAT,
    MAX_FILES,
    Ack,
    Checkpoint,
    Manifest,
    PayloadFile,
    Recipient,
    Sender,
    TrustReference,
    parse,
    payload_name,
    set_id_of,
    stream_of,
)
from mab_desktop.exchange.payload import Attachment, Record
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.trust import TrustStore
from mab_desktop.i18n import N_

# Directory lines, signatures and the end of the file that come on top of the pieces of a part.
_PART_RESERVE = 4 << 20
_DIRECTORY_LINE = 400

_Placed = tuple[int, int, sealing.Cut]  # number of the part, number of the piece in it
_SEALERS = 2  # threads: a third only waits for the lock
_WORTH_A_THREAD = 8 << 20


@dataclass(frozen=True, slots=True)
class Built:
    """A finished set in local staging: its files in order, and the digest that the next carrier's `prev` repeats."""

    paths: tuple[Path, ...]
    manifests: tuple[Manifest, ...]

    @property
    def manifest(self) -> Manifest:
        """The first part's."""
        return self.manifests[0]

    @property
    def digest(self) -> str:
        """The digest of the last part, which holds all parts before it by their chain."""
        return self.manifests[-1].digest


@dataclass(slots=True)
class _Part:
    """One part's pieces, encrypted, waiting in staging for their manifest."""

    number: int
    body: container.Body
    files: list[PayloadFile] = field(default_factory=list)

    def add(self, sealed: sealing.Sealed) -> None:
        """The next piece."""
        name, plain = payload_name(len(self.files) + 1), sealed.plain_size
        self.files.append(PayloadFile(name=name, size=sealed.size, sha256=sealed.sha256, plain_size=plain))
        self.body.add(name, sealed.data, sealed.crc)


def build(
    out_dir: Path, *, kind: CarrierKind, sender: DeviceKeys, recipients: Sequence[str], trust: TrustStore,
    campaign: str, mode: str, epoch: int, seq: int, prev: str, created: str, app_version: str,
    records: Iterable[Record] = (), attachments: Iterable[Attachment] = (),
    control_sums: Mapping[str, str | int] | None = None, checkpoint: Checkpoint | None = None,
    acks: Sequence[Ack] = (), persons: Sequence[SigningKey] = (), part_limit: int = container.PART_LIMIT,
    progress: Progress = Silent(),
) -> Built:  # fmt: skip
    """Make the carrier at `epoch` and `seq` of its stream in `out_dir` (local, private) and verify it there.

    `recipients` are organisations: one, or for a broadcast kind any number. `mode` is "test" or "official", `created`
    ISO 8601 with seconds and zone, `prev` the digest of the stream's carrier before ("" for the first). Refuses what
    a recipient would refuse; ValueError for records that the kind does not know, FileExistsError for a set made before.
    """
    if sender.role not in kind.sender_roles:
        raise refuse("sender-role")
    progress.stage(N_("Encrypting"))
    to = tuple(_recipient(org, kind, sender, trust) for org in sorted(set(recipients)))
    stream = stream_of(sender.device, tuple(r.org for r in to), kind, campaign, mode)
    draft = Manifest(
        format=FORMAT, schema=kind.schema, kind=kind.name, campaign=campaign, mode=mode, content=kind.mode,  # type: ignore[arg-type]
        sender=Sender(org=sender.org, device=sender.device, role=sender.role, keyid=sender.keyid), recipients=to,
        stream=stream, epoch=epoch, seq=seq, prev=prev, set_id=set_id_of(stream, epoch, seq, prev, created),
        part=1, parts=1, created=created, counts={}, control_sums=dict(control_sums or {}), files=(),
        checkpoint=checkpoint, acks=tuple(acks), app_version=app_version,
        trust=TrustReference(version=trust.version, sha256=hashlib.sha256(trust.data).hexdigest()),
    )  # fmt: skip
    ages = [age_file.Recipient.load(found[1].age) for keyid in _keyids(to) if (found := trust.device(keyid))]
    work = out_dir / f"{draft.set_id}.work"
    work.mkdir(mode=0o700)
    try:
        counts: dict[str, int] = {}
        cut = sealing.pieces(kind, records, attachments, counts)
        placed = _placed(cut, len(ages), part_limit - _reserve(draft, trust))
        parts = _encrypt(work, draft, placed, ages, progress)
        draft = msgspec.structs.replace(draft, parts=len(parts), counts=counts)
        progress.stage(N_("Signing and reading back"), len(parts))
        made = list(_finish(work, draft, parts, trust, [sender.signing, *persons], progress))
        return _publish(out_dir, made)
    finally:
        for leftover in work.iterdir():
            leftover.unlink()
        work.rmdir()


def _recipient(org: str, kind: CarrierKind, sender: DeviceKeys, trust: TrustStore) -> Recipient:
    """The organisation's devices that may open this kind; never the one that makes it."""
    openers = trust.openers(org, kind.recipients_of(sender.role))
    keyids = tuple(device.keyid for device in openers if device.keyid != sender.keyid)
    if not keyids and not kind.broadcast:
        raise refuse("recipient-none", recipient=org)
    return Recipient(org=org, devices=keyids)


def _keyids(recipients: Iterable[Recipient]) -> Iterator[str]:
    return (keyid for recipient in recipients for keyid in recipient.devices)


def _reserve(draft: Manifest, trust: TrustStore) -> int:
    """Bytes of a part that are not pieces: trust list, manifest (base64 makes 4 of 3), directory."""
    return _PART_RESERVE + len(trust.data) + 2 * len(draft.payload())


def _placed(cut: Iterable[sealing.Cut], ages: int, room: int) -> Iterator[_Placed]:
    """Where each piece goes.

    The part's number stands inside the cipher text, so this is judged before its size is known: the inner header names
    every organisation, and its numbers have no fixed length.
    """
    part, index, size = 1, 0, 0
    for piece in cut:
        if not ages:
            raise refuse("recipient-none", recipient=EVERYBODY)
        bound = age_file.size_of(piece.size + 2048 + 64 * ages, ages) + _DIRECTORY_LINE
        if index and (size + bound > room or index == MAX_FILES):
            part, index, size = part + 1, 0, 0
        index, size = index + 1, size + bound
        yield part, index, piece


def _encrypt(
    work: Path, draft: Manifest, placed: Iterable[_Placed], ages: Sequence[age_file.Recipient], progress: Progress
) -> list[_Part]:
    """The parts with their pieces; there is a first one even without any. A few pieces at a time are in memory."""
    sealer = sealing.Sealer(ages)

    def seal(placed: _Placed) -> sealing.Sealed:
        number, index, piece = placed
        return sealer.seal(msgspec.structs.replace(draft, part=number), index, piece)

    parts = [_Part(1, container.Body(work / "body-1"))]
    try:
        for (number, _index, _piece), sealed in ahead(seal, placed, _SEALERS):
            if number > len(parts):
                parts[-1].body.close()
                parts.append(_Part(number, container.Body(work / f"body-{number}")))
            parts[-1].add(sealed)
            sealer.give_back(sealed)
            progress.step()
    finally:
        parts[-1].body.close()
    return parts


def _finish(
    work: Path, draft: Manifest, parts: Sequence[_Part], trust: TrustStore, keys: Sequence[SigningKey],
    progress: Progress,
) -> Iterator[tuple[Path, Manifest]]:  # fmt: skip
    """Write each part and read it back with the reader that the recipient uses."""
    prev = draft.prev
    for part in parts:
        manifest = msgspec.structs.replace(draft, part=part.number, prev=prev, files=tuple(part.files))
        manifest = parse(manifest.payload())
        signed = envelope.sign(manifest.payload(), envelope.MANIFEST_TYPE, keys)
        path = work / manifest.file_name
        head = [("mimetype", container.MIMETYPE), ("trust.dsse.json", trust.data), ("manifest.dsse.json", signed)]
        if _written(path, head, part.body, trust) != manifest:
            raise refuse("drive-differs")
        prev = manifest.digest
        progress.step()
        yield path, manifest


def _written(path: Path, head: Sequence[tuple[str, bytes]], body: container.Body, trust: TrustStore) -> Manifest:
    """A part brought safely to the disk, and what the recipient's reader finds in it.

    From a few megabytes on it pays to read what is there while the rest is still written.
    """
    crcs = {entry.name: entry.crc for entry in body.entries}
    contents = [(name, len(data)) for name, data in head] + [(entry.name, entry.size) for entry in body.entries]
    growing = Growing(path, container.size_of(contents))
    if growing.size < _WORTH_A_THREAD:
        _write(path, head, body, growing)
        return verify(path, trust, crcs=crcs).manifest
    with ThreadPoolExecutor(1) as other:
        writing = other.submit(_write, path, head, body, growing)
        try:
            found = verify(cast(BinaryIO, growing), trust, crcs=crcs)
        finally:
            writing.result()  # its own error says more than what a reader makes of half a file
    return found.manifest


def _write(path: Path, head: Sequence[tuple[str, bytes]], body: container.Body, growing: Growing) -> None:
    try:
        with container.written(path, head, body, growing.grown) as descriptor:
            os.fsync(descriptor)
    finally:
        growing.end()


def _publish(out_dir: Path, made: Sequence[tuple[Path, Manifest]]) -> Built:
    targets = tuple(out_dir / path.name for path, _ in made)
    for target in targets:
        if target.exists():
            raise FileExistsError(target)
    for (path, _), target in zip(made, targets, strict=True):
        durable.move(path, target)
    return Built(targets, tuple(manifest for _, manifest in made))
