"""Take a carrier in: verify everything that needs no secret, then who it is for, then decrypt and check each record.

The file is copied into a private folder first and judged there, so the drive cannot change it on the way. Plain text
stays in memory: what `Opened` gives is decrypted again from that copy, piece by piece.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, NoReturn, cast

from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import container, drive, durable, envelope, payload
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.exchange.ahead import ahead
from mab_desktop.exchange.container import Entry, Reader
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.growing import Growing
from mab_desktop.exchange.kinds import TRUST
from mab_desktop.exchange.manifest import EVERYBODY, MANIFEST_LIMIT, Manifest, PayloadFile, index_of, parse
from mab_desktop.exchange.payload import AttachmentInfo, Check
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.spare import Spare
from mab_desktop.exchange.trust import ANYBODY, TRUST_LIMIT, OrganisationEntry, TrustStore
from mab_desktop.i18n import N_

_WORTH_A_THREAD = 8 << 20
_UNKNOWN: Mapping[str, int] = MappingProxyType({})
_Found = tuple[PayloadFile, container.Taken]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A part that is sound and comes from where it says. `trust` is the newest list known now, to be kept.

    `sender` is None only for an enrolment. `persons` are the ids of the people who signed.
    """

    manifest: Manifest
    trust: TrustStore
    sender: OrganisationEntry | None
    persons: tuple[str, ...]
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A whole set that is sound, for this workplace, and holds what it says. `paths` are the private copies."""

    paths: tuple[Path, ...]
    verdicts: tuple[Verdict, ...]
    attachments: Mapping[str, AttachmentInfo]
    _pieces: Mapping[tuple[str, str], Sequence[tuple[int, int]]] = field(repr=False)
    _me: DeviceKeys = field(repr=False)

    @property
    def manifest(self) -> Manifest:
        """The first part's."""
        return self.verdicts[0].manifest

    @property
    def digest(self) -> str:
        """The digest of the last part: how stream and receipt name the set."""
        return self.verdicts[-1].manifest.digest

    @property
    def trust(self) -> TrustStore:
        """The newest trust list known now."""
        return self.verdicts[-1].trust

    @property
    def counts(self) -> Mapping[str, int]:
        """Records by type, as listed and as counted."""
        return self.manifest.counts

    def records(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every record as (type, fields), in the sender's order, one piece in memory at a time."""
        for piece in self._decrypt(payload.RECORDS):
            yield from payload.read_records(self.manifest.carrier_kind, piece.body, 1, None)

    def read(self, name: str) -> bytes:
        """The whole enclosed file `name`; KeyError for an unknown one."""
        self.attachments[name]
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The enclosed file `name` in pieces of some megabytes; nothing for an unknown one."""
        return (bytes(piece.body) for piece in self._decrypt(payload.ATTACHMENT, name))

    def each_attachment(self) -> Iterator[tuple[AttachmentInfo, bytes]]:
        """Every enclosed file with its bytes, in the sender's order, in one pass."""
        for name, info in self.attachments.items():
            yield info, self.read(name)

    def _decrypt(self, holds: str, name: str = "") -> Iterator[payload.Piece]:
        """Only the pieces that the first pass found to hold this."""
        for part, index in self._pieces.get((holds, name), ()):
            verdict = self.verdicts[part]
            yield _open_piece(self.paths[part], verdict, self._me, verdict.manifest.files[index - 1])


def read_trust(path: Path) -> bytes:
    """The trust list enclosed in a carrier, not judged: for the first start, where `trust.bootstrap` judges it."""
    with Reader(path) as reader:
        _mimetype(reader)
        return reader.take("trust.dsse.json", TRUST_LIMIT)


def peek(
    source: Path | BinaryIO, trust: TrustStore, today: date | None = None, *, whole: bool = False
) -> Verdict:
    """The signed part of a file, judged without reading the payload: quick, for the list of files on a drive.

    `whole` refuses what was cut short while it was copied: the signed list says how long the file is.
    """
    with Reader(source) as reader:
        head = _judge_head(reader, trust, today)
        if whole:
            reader.require_size((file.name, file.size) for file in head.manifest.files)
        return head


def verify(
    source: Path | BinaryIO, trust: TrustStore, today: date | None = None, crcs: Mapping[str, int] = _UNKNOWN
) -> Verdict:
    """Everything that can be told without a secret key: container, trust, signatures, rights of the sender, digests.

    `source` is a file, or its bytes opened in memory: one reader, one interpretation.
    `today` asks for a trust list that has not expired; without it no clock is believed. `crcs` are for the maker of a
    file alone, who counted them of the very bytes that he digested a moment ago: they tell what a disk did to them.
    """
    with Reader(source) as reader:
        head = _judge_head(reader, trust, today)
        _judge_files(reader, head.manifest.files, crcs)
        reader.finish()
        return Verdict(head.manifest, head.trust, head.sender, head.persons, tuple(reader.entries[3:]))


def _judge_files(reader: Reader, files: Sequence[PayloadFile], crcs: Mapping[str, int]) -> None:
    """Size, check sum and digest of each."""
    spare = Spare()

    def read(file: PayloadFile) -> container.Taken:
        return reader.take_into(spare, file.name, file.size)

    def judge(found: _Found) -> None:
        file, taken = found
        if taken.entry.size != file.size:
            raise refuse("container-names")
        taken.require_sum()
        if crcs.get(file.name) != taken.entry.crc:
            _require_digest(file, taken.data)
        spare.give_back(taken.memory)

    for _judged in _each(files, read, judge):
        continue


def _each(
    files: Sequence[PayloadFile], read: Callable[[PayloadFile], container.Taken], judge: Callable[[_Found], None]
) -> Iterator[_Found]:
    """Each file as it was read, when it was judged; from a few megabytes on one thread reads for two that judge."""
    if sum(file.size for file in files) >= _WORTH_A_THREAD:
        yield from (found for found, _ in ahead(judge, ahead(read, files), 2))
        return
    for file in files:
        found = file, read(file)
        judge(found)
        yield found


def _require_digest(file: PayloadFile, data: bytes | memoryview) -> None:
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise refuse("payload-digest")


def _mimetype(reader: Reader) -> None:
    if reader.take("mimetype", len(container.MIMETYPE)) != container.MIMETYPE:
        raise refuse("container-foreign")


def _judge_head(reader: Reader, trust: TrustStore, today: date | None) -> Verdict:
    _mimetype(reader)
    trust_data = reader.take("trust.dsse.json", TRUST_LIMIT)
    signed = envelope.verify(reader.take("manifest.dsse.json", MANIFEST_LIMIT), envelope.MANIFEST_TYPE)
    manifest = parse(signed.payload)
    if hashlib.sha256(trust_data).hexdigest() != manifest.trust.sha256:
        raise refuse("payload-digest")
    newest = _newest(trust, trust_data, manifest)
    if today is not None:
        newest.require_fresh(today)
    if manifest.sender.keyid not in signed.signers:
        raise refuse("signature-missing")
    sender = _judge_sender(manifest, newest)
    persons = _judge_persons(manifest, signed.signers, sender)
    return Verdict(manifest, newest, sender, persons)


def _newest(trust: TrustStore, data: bytes, manifest: Manifest) -> TrustStore:
    """The newer of the two lists. A sender may not have the newest one yet; a list sent as such must not be older."""
    carried = trust_rules.verify_list(data) if data != trust.data else trust
    if carried.version != manifest.trust.version:
        raise refuse("manifest-malformed", what="trust")
    if carried.version < trust.version and manifest.kind != TRUST.name:
        trust_rules.require_kin(trust, carried)
        return trust
    return trust_rules.adopt(trust, data)


def _judge_sender(manifest: Manifest, trust: TrustStore) -> OrganisationEntry | None:
    """The sender's entry in the trust list, after all of its rights; None for an unlisted device's enrolment."""
    kind, sender = manifest.carrier_kind, manifest.sender
    if sender.role not in kind.sender_roles:
        raise refuse("sender-role")
    found = trust.device(sender.keyid)
    if found is None:
        if not kind.unlisted:
            raise refuse("sender-unknown")
        _judge_recipients(manifest, trust, (ANYBODY,))
        return None
    org, device = found
    if (org.org, device.device, device.role) != (sender.org, sender.device, sender.role):
        raise refuse("sender-unknown")
    if not trust_rules.in_force(device.last_valid, manifest.stream, manifest.epoch, manifest.seq):
        raise refuse("sender-revoked")
    if kind.name not in org.may_send and ANYBODY not in org.may_send:
        raise refuse("sender-kind")
    _judge_recipients(manifest, trust, org.may_send_to)
    return org


def _judge_recipients(manifest: Manifest, trust: TrustStore, may_send_to: Sequence[str]) -> None:
    wanted = set(manifest.carrier_kind.recipients_of(manifest.sender.role))
    for recipient in manifest.recipients:
        entry = trust.org(recipient.org)
        if recipient.org not in may_send_to and ANYBODY not in may_send_to:
            raise refuse("sender-recipient")
        if entry is None or not wanted & set(entry.roles):
            raise refuse("sender-recipient")


def _judge_persons(manifest: Manifest, signers: Sequence[str], org: OrganisationEntry | None) -> tuple[str, ...]:
    """Who else signed: people of the sender only, in force, and two of them where the kind asks for two."""
    people = {person.keyid: person for person in org.persons} if org else {}
    found = []
    for keyid in signers:
        if keyid == manifest.sender.keyid:
            continue
        person = people.get(keyid)
        if person is None:
            raise refuse("sender-unknown")
        if not trust_rules.in_force(person.last_valid, manifest.stream, manifest.epoch, manifest.seq):
            raise refuse("sender-revoked")
        found.append(person.person)
    if manifest.carrier_kind.two_persons and len(found) < 2:
        raise refuse("persons-missing")
    return tuple(sorted(found))


def check_addressed(manifest: Manifest, me: DeviceKeys, campaign: str, mode: str) -> None:
    """CarrierRefused unless the carrier is for this workplace, its campaign and its mode."""
    if manifest.sender.keyid == me.keyid:
        raise refuse("own-carrier")
    mine = [recipient for recipient in manifest.recipients if recipient.org == me.org]
    if not mine:
        named = EVERYBODY if manifest.carrier_kind.broadcast else manifest.recipients[0].org
        raise refuse("recipient-other", recipient=named)
    if me.role not in manifest.carrier_kind.recipients_of(manifest.sender.role):
        raise refuse("recipient-role")
    if manifest.files and me.keyid not in mine[0].devices:
        raise refuse("recipient-device")
    if manifest.campaign != campaign:
        raise refuse("campaign-other", campaign=manifest.campaign)
    if manifest.mode != mode:
        raise refuse("mode-other")


def check_set(manifests: Sequence[Manifest]) -> tuple[int, ...]:
    """The order of the parts of one whole set, as indexes; CarrierRefused where parts lack or do not belong."""
    order = sorted(range(len(manifests)), key=lambda i: manifests[i].part)
    first = manifests[order[0]]
    missing = set(range(1, first.parts + 1)) - {manifest.part for manifest in manifests}
    same = {(m.set_id, m.stream, m.epoch, m.seq, m.parts, m.sender, m.recipients, m.trust) for m in manifests}
    counts_alike = all(m.counts == first.counts and m.control_sums == first.control_sums for m in manifests)
    if len(same) != 1 or not counts_alike:
        raise refuse("set-mixed")
    if missing:
        raise refuse("set-incomplete", missing=", ".join(str(part) for part in sorted(missing)))
    chained = all(manifests[b].prev == manifests[a].digest for a, b in zip(order, order[1:], strict=False))
    if len(manifests) != first.parts or not chained:
        raise refuse("set-mixed")
    return tuple(order)


@dataclass(frozen=True, slots=True)
class Copy:
    """A part in a private folder, verified there."""

    path: Path
    verdict: Verdict


def copy_in(
    paths: Sequence[Path], staging: Path, trust: TrustStore, today: date | None = None, progress: Progress = Silent()
) -> list[Copy]:
    """Private copies of a carrier's parts in `staging` (a local folder), each verified there; CarrierRefused if not.

    The drive cannot show one file to one check and another to the next. What lies in `staging` is not copied.
    """
    copies = []
    for number, path in enumerate(paths, 1):
        if path.parent == staging:
            copies.append(Copy(path, verify(path, trust, today)))
        else:
            copy = staging / f"{number:03d}{drive.SUFFIX}"  # not by a stranger's name: it may be too long, or no text
            copies.append(Copy(copy, _copied(path, copy, trust, today, progress)))
    return copies


def _copied(path: Path, copy: Path, trust: TrustStore, today: date | None, progress: Progress) -> Verdict:
    """From a few megabytes on the copy is verified while it grows; who refuses it ends the copying."""
    with drive.drive_errors():
        size = path.stat().st_size
    if not _WORTH_A_THREAD <= size <= container.PART_LIMIT:
        drive.copy_in(path, copy, container.PART_LIMIT, progress)
        return verify(copy, trust, today)
    growing = Growing(copy, size)
    with ThreadPoolExecutor(1) as other:
        copying = other.submit(_copy, path, copy, growing, progress)
        try:
            verdict = verify(cast(BinaryIO, growing), trust, today)
        finally:
            growing.close()
            copying.result()  # its own error says more than what a reader makes of half a file
    if copy.stat().st_size != size:
        raise refuse("container-tail")
    return verdict


def _copy(path: Path, copy: Path, growing: Growing, progress: Progress) -> None:
    try:
        drive.copy_in(path, copy, container.PART_LIMIT, progress, growing)
    finally:
        growing.end()


def open_carrier(
    copies: Sequence[Copy], *, me: DeviceKeys, campaign: str, mode: str, check: Check | None = None,
    progress: Progress = Silent(),
) -> Opened:  # fmt: skip
    """Take all parts of a carrier in; CarrierRefused with a code for whatever is wrong, and then nothing is used.

    `check(type, fields)` gives the problems of a record. The place in the stream is judged by `stream.judge`, before
    the records are used.
    """
    for copy in copies:
        check_addressed(copy.verdict.manifest, me, campaign, mode)
    ordered = [copies[i] for i in check_set([copy.verdict.manifest for copy in copies])]
    paths, verdicts = tuple(copy.path for copy in ordered), tuple(copy.verdict for copy in ordered)
    progress.stage(N_("Decrypting"), sum(len(verdict.manifest.files) for verdict in verdicts))
    spare = Spare()
    contents = _Contents(verdicts[0].manifest, check, spare)
    places: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for part, copy in enumerate(ordered):
        for index, piece in contents.add_all(_pieces(copy.path, copy.verdict, me, spare)):
            places.setdefault((piece.holds, (piece.attachment or {}).get("name", "")), []).append((part, index))
            progress.step()
    contents.close()
    return Opened(paths, verdicts, contents.attachments, places, me)


def _open_piece(path: Path, verdict: Verdict, me: DeviceKeys, file: PayloadFile) -> payload.Piece:
    """A piece of a private copy, compared with what was signed once more: what was checked is what is used."""
    index = index_of(file.name)
    with durable.disk_words(path.parent):
        data = container.read_at(path, verdict.entries[index - 1])
    _require_digest(file, data)
    return payload.decrypt(verdict.manifest, index, data, me.age_identity)


def _pieces(path: Path, verdict: Verdict, me: DeviceKeys, spare: Spare) -> Iterator[tuple[int, payload.Piece]]:
    """The same for all pieces of a part, in order and with their numbers; who takes them gives their memory back."""
    with durable.disk_words(path.parent), path.open("rb") as source:

        def read(file: PayloadFile) -> container.Taken:
            return container.take_again(source, verdict.entries[index_of(file.name) - 1], spare)

        def judge(found: _Found) -> None:
            file, taken = found
            _require_digest(file, taken.data)

        for index, (_, taken) in enumerate(_each(verdict.manifest.files, read, judge), 1):
            piece = payload.decrypt(verdict.manifest, index, taken.data, me.age_identity, spare)
            spare.give_back(taken.memory)
            yield index, piece


class _Contents:
    """Counts and checks what the pieces hold, in order; keeps nothing but names and sizes, and gives their memory back
    to `spare`."""

    def __init__(self, manifest: Manifest, check: Check | None, spare: Spare) -> None:
        self.attachments: dict[str, AttachmentInfo] = {}
        self._manifest, self._check, self._spare = manifest, check, spare
        self._counts: dict[str, int] = {}
        self._line = 1
        self._open: AttachmentInfo | None = None
        self._read, self._digest = 0, hashlib.sha256()

    def add_all(self, pieces: Iterable[tuple[int, payload.Piece]]) -> Iterator[tuple[int, payload.Piece]]:
        """Pieces with their numbers, each when it was added: files in a second thread, records in this one."""
        with ThreadPoolExecutor(1) as other:
            added: Future[None] | None = None
            for number, piece in pieces:
                if added is not None:
                    added.result()
                    added = None
                if piece.attachment is None:
                    self._add(piece)
                else:
                    added = other.submit(self._add, piece)
                yield number, piece
            if added is not None:
                added.result()

    def _add(self, piece: payload.Piece) -> None:
        if piece.attachment is not None:
            self._add_attachment(piece.attachment, piece.body)
        else:
            self._add_records(piece.body)
        self._spare.give_back(piece.memory)

    def _add_records(self, body: memoryview) -> None:
        if self._open or self.attachments:
            self._damaged()
        for record_type, _ in payload.read_records(self._manifest.carrier_kind, body, self._line, self._check):
            self._counts[record_type] = self._counts.get(record_type, 0) + 1
            self._line += 1

    def close(self) -> None:
        """After the last piece: nothing may be left open, and the counts must be those that were signed."""
        if self._open:
            self._damaged()
        if self._counts != self._manifest.counts:
            raise refuse("counts-differ")

    def _add_attachment(self, fields: Mapping[str, Any], body: memoryview) -> None:
        if not self._manifest.carrier_kind.encloses:
            raise refuse("attachment-unasked")
        info = AttachmentInfo(fields["name"], fields["size"], fields["sha256"])
        if self._open is None:
            if info.name in self.attachments:
                self._damaged(info.name)
            if info.size > payload.ATTACHMENT_LIMIT or len(self.attachments) == payload.MAX_ATTACHMENTS:
                raise refuse("container-too-large")
            self._open, self._read, self._digest = info, 0, hashlib.sha256()
        if info != self._open or fields["offset"] != self._read:
            self._damaged(info.name)
        self._digest.update(body)
        self._read += len(body)
        if self._read < info.size and body:
            return
        if self._read != info.size or self._digest.hexdigest() != info.sha256:
            self._damaged(info.name)
        self.attachments[info.name] = info
        self._open = None

    def _damaged(self, name: str = "") -> NoReturn:
        raise refuse("attachment-damaged", name=name or (self._open.name if self._open else "?"))
