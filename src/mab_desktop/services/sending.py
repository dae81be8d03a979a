"""Carriers out: collect, build and verify here, reserve the number (BUILT), write to a drive and read back (WRITTEN).

A drive that fails leaves the carrier BUILT: the same file is written again to the same or another drive, or along
with the next one of its stream, so that the recipient misses no number.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain.errors import EXIT_SYSTEM, CarrierRefused, Problem, Refused, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, durable
from mab_desktop.exchange import drive as drive_files
from mab_desktop.exchange.container import PART_LIMIT
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.drive import Drive
from mab_desktop.exchange.kinds import APPEND, KINDS, CarrierKind
from mab_desktop.exchange.manifest import Ack, Checkpoint, stream_of
from mab_desktop.exchange.trust import TrustStore, verify_list
from mab_desktop.i18n import N_
from mab_desktop.services import backups, own_keys, trusting
from mab_desktop.services.carrier_rights import may_carry
from mab_desktop.services.carriers import (
    BUILT,
    RECEIPTED,
    UNRECEIPTED,
    WRITTEN,
    as_drive,
    handler_for,
    handlers,
    is_of,
    mode,
    my_keys,
    outbox,
)
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.drive_work import WRITE, drive_work
from mab_desktop.services.handlers import Collected, Handler, Record, encode
from mab_desktop.services.settings import setting
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, StreamIn


@dataclass(frozen=True)
class Offer:
    """Something that this workplace may export: kind, recipient, and why it may not yet."""

    kind: str
    recipient: str
    obstacles: tuple[Problem, ...]


@dataclass(frozen=True)
class Made:
    """A carrier that is built here and has its number.

    `along` are earlier carriers of the same order that no drive had taken yet: the recipient loads them first.
    """

    digest: str
    kind: str
    recipient: str
    counts: Mapping[str, int]
    control_sums: Mapping[str, str | int]
    along: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exported:
    """A carrier that lies on a drive, written and read back; `along` are the earlier ones written with it."""

    paths: tuple[Path, ...]
    kind: str
    recipient: str
    digest: str
    counts: Mapping[str, int]
    control_sums: Mapping[str, str | int]
    along: tuple[Path, ...] = ()


def offers(ctx: Context) -> list[Offer]:
    """All that this workplace may export, to whom, with the obstacles that stand now."""
    found = []
    with ctx.store.read() as session:
        for kind, sides in handlers().items():
            for handler in sides:
                mine = ctx.role.value in KINDS[kind].sender_roles and handler.sender in (None, ctx.role)
                if mine and handler.collect and handler.recipients and may_carry(ctx, kind, sending=True):
                    found += [
                        Offer(kind, recipient, tuple(_obstacles(ctx, session, handler, recipient)))
                        for recipient in handler.recipients(ctx, session)
                    ]
    return found


def _obstacles(ctx: Context, session: Session, handler: Handler, recipient: str) -> list[Problem]:
    return handler.obstacles(ctx, session, recipient) if handler.obstacles else []


def export(
    ctx: Context, kind: str, recipient: str | Sequence[str], drive: Drive | Path, progress: Progress = Silent(),
    persons: Sequence[SigningKey] = (), part_limit: int = PART_LIMIT,
) -> Exported:  # fmt: skip
    """Build a carrier of `kind` for `recipient` and write it to `drive` (a folder stands for one).

    Refused with the obstacles that stand; a drive that fails leaves the export BUILT, and the next export to the
    same recipient brings it along, so that no number is missing.
    """
    return write(ctx, build(ctx, kind, recipient, progress, persons, part_limit), drive, progress)


# -- building


def build(
    ctx: Context, kind: str, recipient: str | Sequence[str], progress: Progress = Silent(),
    persons: Sequence[SigningKey] = (), part_limit: int = PART_LIMIT,
) -> Made:  # fmt: skip
    """Build a carrier in the outbox, verify it as its recipient will, and reserve its number; no drive is needed.

    What is larger than `part_limit` bytes becomes a set of parts.
    """
    handler = handler_for(ctx, kind, sending=True)
    recipients = [recipient] if isinstance(recipient, str) else list(recipient)
    backups.at_export(ctx)
    with durable.disk_words(ctx.store.path.parent):
        built, told, content = _build(ctx, handler, KINDS[kind], recipients, progress, persons, part_limit)
    _reserve(ctx, handler, built, recipients, told, content)
    with ctx.store.read() as session:
        waiting = _unwritten(session, built.manifest.stream)
    manifest = built.manifest
    return Made(
        built.digest, kind, ",".join(recipients), manifest.counts, manifest.control_sums,
        tuple(digest for digest in waiting if digest != built.digest),
    )  # fmt: skip


def _build(
    ctx: Context, handler: Handler, kind: CarrierKind, recipients: Sequence[str], progress: Progress,
    persons: Sequence[SigningKey], part_limit: int,
) -> tuple[carrier.Built, list[str], str]:  # fmt: skip
    """The carrier, the digests of what was taken from its recipients and is told by it, the digest of its content."""
    folder = outbox(ctx)
    log_n, log_hash = ctx.store.log_head()
    with ctx.store.read() as session:
        _tidy(session, folder)
        for recipient in recipients:
            if found := _obstacles(ctx, session, handler, recipient):
                raise Refused(found)
        assert handler.collect is not None
        collected = handler.collect(ctx, session, recipients[0])
        me, trust = my_keys(session), _trust(ctx, session, kind)
        content = _content(collected, trust)
        orgs = tuple(sorted(set(recipients)))
        name = stream_of(me.device, orgs, kind, ctx.season.campaign, mode(ctx))
        last = _last_out(session, name)
        epoch = int(setting(session, "epoch").get("epoch", 1))
        same_epoch = last is not None and last.epoch == epoch
        built = carrier.build(
            folder, kind=kind, sender=me, recipients=orgs, trust=trust, campaign=ctx.season.campaign, mode=mode(ctx),
            epoch=epoch, seq=last.seq + 1 if last and same_epoch else 1, prev=last.digest if last else "",
            created=stamp(ctx), app_version=__version__, records=_read_through(_encoded(collected.records), content),
            attachments=(carrier.Attachment(name, path) for name, path in collected.attachments),
            control_sums=collected.control_sums, persons=persons, progress=progress, part_limit=part_limit,
            checkpoint=Checkpoint(n=log_n, hash=log_hash) if log_n else None,
            acks=tuple(_acks(session, orgs)),
        )  # fmt: skip
        return built, untold(session, orgs), "" if collected.untold else content.hexdigest()


def unchanged(ctx: Context, kind: str, recipient: str | Sequence[str]) -> Made | None:
    """The newest carrier to a recipient where a new one would say the very same; else None.

    None too where it cannot be known: files travel along, its copy is gone, something was taken that it does not tell.
    """
    handler = handler_for(ctx, kind, sending=True)
    orgs = tuple(sorted({recipient} if isinstance(recipient, str) else set(recipient)))
    with ctx.store.read() as session:
        if any(_obstacles(ctx, session, handler, org) for org in orgs) or untold(session, orgs):
            return None
        name = stream_of(my_keys(session).device, orgs, KINDS[kind], ctx.season.campaign, mode(ctx))
        last = _last_out(session, name)
        epoch = int(setting(session, "epoch").get("epoch", 1))
        if last is None or not last.content or last.epoch != epoch:
            return None
        if not all((outbox(ctx) / file).is_file() for file in last.file_name.split("|")):
            return None
        assert handler.collect is not None
        collected = handler.collect(ctx, session, orgs[0])
        content = _content(collected, _trust(ctx, session, KINDS[kind]))
        for _record in _read_through(_encoded(collected.records), content):
            pass
        if content.hexdigest() != last.content:
            return None
        waiting = tuple(digest for digest in _unwritten(session, name) if digest != last.digest)
        manifest = last.manifest
        return Made(last.digest, kind, last.recipient, manifest["counts"], manifest["control_sums"], waiting)


def _content(collected: Collected, trust: TrustStore) -> hashlib._Hash:
    """The beginning of a content's digest: the trust list that goes along, and the control sums."""
    return hashlib.sha256(trust.data + repr(sorted(collected.control_sums.items())).encode())


def _read_through(
    records: Iterable[tuple[str, dict[str, Any]]], content: hashlib._Hash
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    """Records on their way into a carrier, each added to the digest."""
    for record in records:
        content.update(repr(record).encode())
        yield record


def _trust(ctx: Context, session: Session, kind: CarrierKind) -> TrustStore:
    """The list that a carrier is made with. To ask to be let in needs no right yet; all else needs it in force."""
    return trusting.trust_store(session) if kind.unlisted else own_keys.require_usable(ctx, session)


def _tidy(session: Session, folder: Path) -> None:
    """Take away what was cut off before its number was reserved, and what every recipient confirmed.

    Copies of kinds that add to each other stay for the season: a recipient who went back to a backup needs them all.
    """
    needed: set[str] = set()
    for row in session.scalars(select(CarrierOut)):
        if row.state != RECEIPTED or KINDS[row.kind].mode == APPEND:
            needed.update(row.file_name.split("|"))
    for path in folder.iterdir():
        if path.name not in needed:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _encoded(records: Iterable[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    for record in records:
        values = encode(record)
        yield values.pop("type"), values


def _reserve(
    ctx: Context, handler: Handler, built: carrier.Built, recipients: Sequence[str], told: Sequence[str], content: str
) -> None:
    """Give the number away for good, before a drive sees the file."""
    manifest = built.manifest
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(
            CarrierOut(
                digest=built.digest, kind=manifest.kind, recipient=",".join(recipients), stream=manifest.stream,
                epoch=manifest.epoch, seq=manifest.seq, prev=manifest.prev, state=BUILT,
                file_name="|".join(path.name for path in built.paths), manifest=manifest.fields(),
                created_at=stamp(ctx), content=content,
            )
        )  # fmt: skip
        for digest in told:
            tx.session.get_one(CarrierIn, digest).receipt = built.digest
        if handler.sent:
            handler.sent(ctx, tx, recipients, built.digest)
        tx.note("carrier-built", built.digest, kind=manifest.kind, to=list(recipients), seq=manifest.seq)


def _unwritten(session: Session, stream_name: str) -> list[str]:
    query = select(CarrierOut.digest).where(CarrierOut.stream == stream_name, CarrierOut.state == BUILT)
    return list(session.scalars(query.order_by(CarrierOut.epoch, CarrierOut.seq)))


def _last_out(session: Session, name: str) -> CarrierOut | None:
    query = select(CarrierOut).where(CarrierOut.stream == name)
    return session.scalars(query.order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc()).limit(1)).first()


def _acks(session: Session, organisations: Sequence[str]) -> Iterator[Ack]:
    """What was loaded here from the recipients: the second way beside the receipt."""
    for row in session.scalars(select(StreamIn).order_by(StreamIn.stream)):
        if any(is_of(row.stream.partition(">")[0], org) for org in organisations):
            yield Ack(stream=row.stream, epoch=row.epoch, seq=row.seq, digest=row.digest)


def untold(session: Session, organisations: Sequence[str]) -> list[str]:
    """Digests of what was taken from these organisations and no carrier of ours says so yet."""
    query = select(CarrierIn.digest).where(
        CarrierIn.sender.in_(organisations), CarrierIn.receipt == "", CarrierIn.kind.not_in(UNRECEIPTED),
        CarrierIn.set_aside.is_(False),
    )  # fmt: skip
    return list(session.scalars(query))


# -- writing


def write(ctx: Context, made: Made, drive: Drive | Path, progress: Progress = Silent()) -> Exported:
    """Write a carrier that was built, and those before it that no drive has, to `drive`; the second drive too."""
    written = _write(ctx, (*made.along, made.digest), as_drive(drive), progress)
    return Exported(
        written[-1], made.kind, made.recipient, made.digest, made.counts, made.control_sums,
        tuple(path for paths in written[:-1] for path in paths),
    )  # fmt: skip


def made_before(ctx: Context, digest: str) -> Made:
    """A carrier made here before, for one more drive; UserError where there is none or its copy is gone."""
    with ctx.store.read() as session:
        _kept_files(ctx, session, digest)
        row = session.get_one(CarrierOut, digest)
        return Made(row.digest, row.kind, row.recipient, row.manifest["counts"], row.manifest["control_sums"])


def _write(ctx: Context, digests: Sequence[str], drive: Drive, progress: Progress) -> list[tuple[Path, ...]]:
    with ctx.store.read() as session:
        kept = [_kept_files(ctx, session, digest) for digest in digests]
    with durable.disk_words(outbox(ctx)):
        for digest, paths in zip(digests, kept, strict=True):
            _require_sound(digest, paths)
    files = [path for paths in kept for path in paths]
    total = sum(path.stat().st_size for path in files)
    with drive_work(ctx, drive.name, WRITE, [path.name for path in files], 2 * total):
        if len(files) > 1:
            drive_files.require_room(drive, files)
        written = [tuple(drive.write(path, progress) for path in paths) for paths in kept]
    with ctx.store.write(ctx.actor) as tx:
        for digest, put in zip(digests, written, strict=True):
            stored = tx.session.get_one(CarrierOut, digest)
            if stored.state == BUILT:
                stored.state = WRITTEN
            tx.note("carrier-written", digest, files=[path.name for path in put])
    return written


def _require_sound(digest: str, files: Sequence[Path]) -> None:
    """UserError where the copy in the outbox, maybe of weeks ago, is not any more what was signed.

    It is judged by the trust list that lies in it: what the sender may do now is its recipient's question.
    """
    try:
        found = [carrier.verify(path, verify_list(carrier.read_trust(path))).manifest for path in files]
        sound = [found[at] for at in carrier.check_set(found)][-1].digest == digest
    except CarrierRefused:
        sound = False
    if not sound:
        raise UserError(
            N_("The copy of {name} kept on this computer is damaged, so it is not written."),
            next_step=N_("Nothing was changed. Call the testing centre: the recipient is waiting for this number."),
            exit_code=EXIT_SYSTEM, name=", ".join(path.name for path in files),
        )  # fmt: skip


def _kept_files(ctx: Context, session: Session, digest: str) -> list[Path]:
    """The copies of a carrier in the outbox; UserError where the carrier or its copy is not there."""
    row = session.get(CarrierOut, digest)
    if row is None:
        raise UserError(N_("This workplace made no such file."))
    files = [outbox(ctx) / name for name in row.file_name.split("|")]
    for path in files:
        if not path.is_file():
            raise UserError(
                N_("The copy of {name} kept on this computer is gone, so it cannot be written."),
                next_step=N_("Nothing was changed. Call the testing centre: the recipient is waiting for this number."),
                exit_code=EXIT_SYSTEM, name=path.name,
            )  # fmt: skip
    return files
