"""Carriers in: copy to quarantine, verify, decrypt, check every record, preview, then one transaction.

What comes too early waits and is taken in its turn; two files with one number stop their stream until the centre has
decided (fork_decisions).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import CarrierRefused, Problem, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, durable, stream
from mab_desktop.exchange.drive import shown_name
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.stream import Place
from mab_desktop.i18n import N_
from mab_desktop.services import audit_log, backups, forks, receipts, trusting, waiting_room
from mab_desktop.services.carriers import CAME_AGAIN, handler_for, is_cumulative, mode, my_keys
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.drive_work import READ, drive_work
from mab_desktop.services.handlers import Arrived, Handler, Line, Record, checked, decode
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierIn, StreamIn


@dataclass(frozen=True)
class Incoming:
    """A carrier that was verified and opened, and what taking it would do; nothing has changed yet.

    `judged` is what the sender's stream says: next, the same again, a new epoch (the sender restored a backup), or a
    gap before a carrier that replaces the missing ones anyhow. The last two a person must confirm.
    """

    arrived: Arrived
    manifest: Manifest
    judged: stream.Judgement
    preview: tuple[Line, ...]
    known_since: str = ""
    opened: carrier.Opened = field(repr=False, kw_only=True)


@dataclass(frozen=True)
class Accepted:
    """A carrier that was loaded, now or before: what it changed.

    `followed` are carriers that had waited for this one and were taken after it; `stopped` is why one of them was not.
    """

    digest: str
    summary: tuple[Line, ...]
    known: bool
    manifest: Manifest = field(repr=False)
    followed: tuple[Accepted, ...] = ()
    stopped: UserError | None = None


def examine(ctx: Context, path: Path | Sequence[Path], progress: Progress = Silent()) -> Incoming:
    """Verify and open a carrier and say what taking it would change; CarrierRefused says why it is not taken.

    What was refused is noted in the log; nothing else changes, but that a carrier that comes too early is kept, and
    that a fork stops its stream.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    return _in_quarantine(ctx, paths, progress, from_drive=True)


def _in_quarantine(ctx: Context, paths: Sequence[Path], progress: Progress, *, from_drive: bool) -> Incoming:
    quarantine, names = _quarantine(ctx), [shown_name(path.name) for path in paths]
    shutil.rmtree(quarantine, ignore_errors=True)
    with durable.disk_words(quarantine.parent):
        quarantine.mkdir(mode=0o700)
    try:
        for path in paths:
            trusting.require_file(path)
        if from_drive:
            with drive_work(ctx, paths[0].parent.name, READ, names):
                copies = _copies(ctx, paths, quarantine, progress)
        else:
            copies = _copies(ctx, paths, quarantine, progress)
        return _examine(ctx, copies, progress)
    except UserError as error:
        shutil.rmtree(quarantine, ignore_errors=True)
        with ctx.store.write(ctx.actor) as tx:
            tx.note("carrier-refused", names[0], disposition="refused", code=getattr(error, "code", "not-taken"))
        raise


def _quarantine(ctx: Context) -> Path:
    return ctx.store.path.parent / "quarantine"


def _copies(ctx: Context, paths: Sequence[Path], quarantine: Path, progress: Progress) -> list[carrier.Copy]:
    with ctx.store.read() as session:
        trust = trusting.trust_store(session)
    return carrier.copy_in(paths, quarantine, trust, ctx.clock.now().date(), progress)


def _examine(ctx: Context, copies: Sequence[carrier.Copy], progress: Progress) -> Incoming:
    with ctx.store.read() as session:
        me = my_keys(session)
    first = copies[0].verdict.manifest
    carrier.check_addressed(first, me, ctx.season.campaign, mode(ctx))
    handler = handler_for(ctx, first.kind, sending=False)
    records = _Records(handler)
    opened = carrier.open_carrier(
        copies, me=me, campaign=ctx.season.campaign, mode=mode(ctx), progress=progress, check=records.check
    )
    arrived = _arrived(opened, records)
    with ctx.store.read() as session:
        judged = judge(session, opened.manifest, opened.digest)
        if judged.place is Place.SAME:
            known = session.get_one(CarrierIn, opened.digest)
            lines = tuple(Line(line["text"], line["params"]) for line in known.summary["lines"])
            return Incoming(arrived, opened.manifest, judged, lines, known.accepted_at, opened=opened)
    if judged.place is Place.FORK:
        forks.freeze(ctx, opened)
    kept = judged.place is Place.GAP and waiting_room.keep(ctx, opened)
    if judged.refusal is not None and not judged.skippable:
        raise _kept_words(judged.refusal) if kept else judged.refusal
    with ctx.store.read() as session:
        preview = tuple(handler.preview(ctx, session, arrived)) if handler.preview else ()
    return Incoming(arrived, opened.manifest, judged, preview, opened=opened)


def _kept_words(refusal: CarrierRefused) -> CarrierRefused:
    return CarrierRefused(
        refusal.code, refusal.text, **refusal.params,
        next_step=N_("This file is kept here and is taken by itself when they come. Bring the missing ones."),
    )  # fmt: skip


def judge(session: Session, manifest: Manifest, digest: str) -> stream.Judgement:
    """Where a carrier stands in its sender's stream, by what was loaded here; `digest` is that of its last part.

    CarrierRefused for one that the centre set aside, and for a sender whose log became shorter.
    """
    forks.refuse_set_aside(session, digest, manifest.seq)
    row = session.get(StreamIn, manifest.stream)
    if row is None:
        _refuse_two_logs(session, manifest)
        return stream.judge(None, manifest, digest)
    counted = (CarrierIn.stream == manifest.stream, CarrierIn.set_aside.is_(False))
    loaded = session.execute(select(CarrierIn.epoch, CarrierIn.seq, CarrierIn.digest).where(*counted))
    history = {(epoch, seq): known for epoch, seq, known in loaded}
    state = stream.StreamState(row.epoch, row.seq, row.digest, history, row.frozen)
    judged = stream.judge(state, manifest, digest)
    in_order = judged.place in (Place.NEXT, Place.GAP) and not judged.new_epoch
    if in_order and not _extends(row.checkpoint, manifest):
        raise refuse("log-shorter")
    if judged.place in (Place.NEXT, Place.GAP):
        _refuse_two_logs(session, manifest)
    return judged


def _refuse_two_logs(session: Session, manifest: Manifest) -> None:
    """One PC keeps one log, whatever stream a file of it belongs to."""
    if audit_log.conflict(session, manifest):
        raise refuse("log-forked")


def _extends(kept: Mapping[str, Any], manifest: Manifest) -> bool:
    """True where the sender's log has grown, or stands where it stood."""
    now = manifest.checkpoint
    if not kept or now is None:
        return not kept
    return bool(now.n > kept["n"] or (now.n == kept["n"] and now.hash == kept["hash"]))


class _Records:
    """Decodes and checks each record once; one with more than `KEPT` of them is decoded anew each time it is read.

    Preview and taking look at a student database four times.
    """

    KEPT = 40_000

    def __init__(self, handler: Handler) -> None:
        self._specs = handler.specs
        self._kept: list[Record] = []
        self._count = 0

    def check(self, record_type: str, values: dict[str, Any]) -> list[Problem]:
        """What a record breaks; called for every record of the carrier in its order, before anything is used."""
        record, problems = checked(self._specs, record_type, values)
        self._count += 1
        if self._count <= self.KEPT:
            self._kept.append(record)
        else:
            self._kept.clear()
        return problems

    def each(self, opened: carrier.Opened) -> Iterator[Record]:
        """Every record in the sender's order."""
        if self._count <= self.KEPT:
            yield from self._kept
            return
        for record_type, values in opened.records():
            yield record_type, decode(self._specs[record_type], values)


def _arrived(opened: carrier.Opened, records: _Records) -> Arrived:
    manifest = opened.manifest
    return Arrived(
        manifest.kind, manifest.sender.org, opened.digest, manifest.fields(), lambda: records.each(opened),
        tuple(opened.attachments), opened.read,
    )  # fmt: skip


def accept(
    ctx: Context, incoming: Incoming, progress: Progress = Silent(), *, confirm_new_epoch: bool = False,
    confirm_gap: bool = False, backup: bool = True,
) -> Accepted:  # fmt: skip
    """Load a carrier in one transaction, after a backup; the same file again changes nothing, but is noted.

    `confirm_gap` loads a carrier that replaces the missing ones before it; otherwise CarrierRefused names them. Then
    those are taken that waited for this one. `backup` False: a copy was made for the whole batch.
    """
    if incoming.judged.place is Place.SAME:
        shutil.rmtree(_quarantine(ctx), ignore_errors=True)
        with ctx.store.write(ctx.actor) as tx:
            manifest = incoming.manifest
            tx.note(CAME_AGAIN, incoming.opened.digest, kind=manifest.kind, sender=manifest.sender.org)
        return Accepted(incoming.opened.digest, incoming.preview, known=True, manifest=incoming.manifest)
    _require_consent(incoming, confirm_new_epoch=confirm_new_epoch, confirm_gap=confirm_gap)
    if backup:
        backups.before_import(ctx)
    progress.stage(N_("Loading"))
    lines = _take(ctx, incoming)
    followed, stopped = _follow(ctx, progress)
    return Accepted(incoming.opened.digest, tuple(lines), False, incoming.manifest, followed, stopped)


def _require_consent(incoming: Incoming, *, confirm_new_epoch: bool, confirm_gap: bool) -> None:
    if not all(path.exists() for path in incoming.opened.paths):
        raise UserError(N_("Another file was looked at meanwhile. Nothing was changed. Look at this one again."))
    skipped = incoming.judged.skippable and (confirm_gap or is_cumulative(incoming.manifest.kind))
    if incoming.judged.refusal is not None and not skipped:
        raise incoming.judged.refusal
    if incoming.judged.new_epoch and not confirm_new_epoch:
        raise UserError(
            N_("The sender went back to a backup. Nothing was changed."),
            next_step=N_("Look at what would change and confirm it."),
        )


def _take(ctx: Context, incoming: Incoming) -> Sequence[Line]:
    """The one transaction: what the carrier brings, and where its stream stands now."""
    handler = handler_for(ctx, incoming.manifest.kind, sending=False)
    with ctx.store.write(ctx.actor) as tx:
        if judge(tx.session, incoming.manifest, incoming.opened.digest) != incoming.judged:
            raise refuse("stream-moved")
        assert handler.take is not None
        try:
            lines = handler.take(ctx, tx, incoming.arrived)
            tx.session.flush()
        except IntegrityError as error:
            # One record twice, or one that names what is not there: each is right by itself, together they are not.
            raise refuse("records-conflict") from error
        _remember(ctx, tx, incoming, lines)
        trusting.adopt_in(ctx, tx, incoming.opened.trust)
    shutil.rmtree(_quarantine(ctx), ignore_errors=True)
    waiting_room.sweep(ctx)
    return lines


def _follow(ctx: Context, progress: Progress) -> tuple[tuple[Accepted, ...], UserError | None]:
    """Take what has waited, as long as a turn has come, and why one was not taken.

    A file that is wrong in itself waits no longer; one that lacks something else here goes on waiting.
    """
    taken: list[Accepted] = []
    tried: list[str] = []
    stopped: UserError | None = None
    while (found := _next_waiting(ctx, tried)) is not None:
        digest, files = found
        tried.append(digest)
        try:
            incoming = _in_quarantine(ctx, files, progress, from_drive=False)
            lines = _take(ctx, incoming)
        except UserError as error:
            stopped = error
            if isinstance(error, CarrierRefused):
                waiting_room.turn_away(ctx, digest)
            continue
        taken.append(Accepted(incoming.opened.digest, tuple(lines), False, incoming.manifest))
    return tuple(taken), stopped


def _next_waiting(ctx: Context, tried: Sequence[str]) -> tuple[str, list[Path]] | None:
    with ctx.store.read() as session:
        row = waiting_room.next_in_line(session, tried)
        return (row.digest, waiting_room.files_of(ctx, row)) if row else None


def load(ctx: Context, path: Path | Sequence[Path], progress: Progress = Silent()) -> Accepted:
    """Examine and accept in one go, where nobody needs to look first."""
    return accept(ctx, examine(ctx, path, progress), progress)


def _remember(ctx: Context, tx: Transaction, incoming: Incoming, lines: Sequence[Line]) -> None:
    manifest, digest = incoming.manifest, incoming.opened.digest
    summary = [{"text": line.text, "params": dict(line.params)} for line in lines]
    tx.session.add(
        CarrierIn(
            digest=digest, kind=manifest.kind, sender=manifest.sender.org, stream=manifest.stream, epoch=manifest.epoch,
            seq=manifest.seq, file_name=manifest.file_name, manifest=manifest.fields(), summary={"lines": summary},
            accepted_at=stamp(ctx), accepted_by=ctx.actor.login,
        )
    )  # fmt: skip
    checkpoint = manifest.checkpoint
    tx.session.merge(
        StreamIn(
            stream=manifest.stream, epoch=manifest.epoch, seq=manifest.seq, digest=digest, frozen=False,
            checkpoint={"n": checkpoint.n, "hash": checkpoint.hash} if checkpoint else {},
        )
    )  # fmt: skip
    waiting_room.let_go(tx, manifest.stream, manifest.epoch, manifest.seq)
    receipts.take_acks(ctx, tx, manifest)
    tx.note("carrier-accepted", digest, kind=manifest.kind, sender=manifest.sender.org, seq=manifest.seq)
