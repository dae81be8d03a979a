"""The waiting room: carriers that came before earlier ones of their stream, kept encrypted until those have come."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from mab_desktop.exchange import durable
from mab_desktop.exchange.carrier import Opened
from mab_desktop.services.carriers import private_folder
from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierWaiting, StreamIn

RESERVE = 256 << 20  # bytes of the disk that waiting carriers never take


def keep(ctx: Context, opened: Opened) -> bool:
    """Keep a whole, verified carrier that is too early; False where the disk has no room for it."""
    manifest = opened.manifest
    with ctx.store.read() as session:
        if session.get(CarrierWaiting, opened.digest) is not None:
            return True
    room = private_folder(ctx, "waiting")
    if shutil.disk_usage(room).free < RESERVE + sum(path.stat().st_size for path in opened.paths):
        return False
    with durable.disk_words(room):
        bring_in(ctx, opened.digest, opened.paths)
    with ctx.store.write(ctx.actor) as tx:
        admit(ctx, tx, CarrierWaiting(
            digest=opened.digest, kind=manifest.kind, sender=manifest.sender.org, stream=manifest.stream,
            epoch=manifest.epoch, seq=manifest.seq, parts=len(opened.paths), file_name=manifest.file_name,
            manifest=manifest.fields(), came_at=stamp(ctx),
        ))  # fmt: skip
    return True


def admit(_ctx: Context, tx: Transaction, row: CarrierWaiting) -> None:
    """Write down a carrier whose files lie in the room already."""
    tx.session.merge(row)
    tx.note("carrier-waits", row.digest, kind=row.kind, sender=row.sender, seq=row.seq)


def bring_in(ctx: Context, digest: str, sources: Sequence[Path]) -> None:
    """Copy files into the room under the names that `files_of` gives."""
    room = private_folder(ctx, "waiting")
    for source, target in zip(sources, _files(room, digest, len(sources)), strict=True):
        _copy(source, target)


def next_in_line(session: Session, tried: Sequence[str] = ()) -> CarrierWaiting | None:
    """A waiting carrier not `tried` whose turn it is: the next number of its stream, in the epoch that stands."""
    query = (
        select(CarrierWaiting)
        .join(StreamIn, StreamIn.stream == CarrierWaiting.stream)
        .where(
            StreamIn.frozen.is_(False),
            CarrierWaiting.digest.not_in(tried),
            tuple_(CarrierWaiting.epoch, CarrierWaiting.seq) == tuple_(StreamIn.epoch, StreamIn.seq + 1),
        )
        .order_by(CarrierWaiting.came_at, CarrierWaiting.digest)
        .limit(1)
    )
    return session.scalars(query).first()


def files_of(ctx: Context, row: CarrierWaiting) -> list[Path]:
    """Where a waiting carrier's files lie."""
    return _files(private_folder(ctx, "waiting"), row.digest, row.parts)


def turn_away(ctx: Context, digest: str) -> None:
    """Take a carrier out that will never be taken."""
    with ctx.store.write(ctx.actor) as tx:
        tx.session.execute(delete(CarrierWaiting).where(CarrierWaiting.digest == digest))
        tx.note("carrier-waits", digest, disposition="refused")
    sweep(ctx)


def let_go(tx: Transaction, stream: str, epoch: int, seq: int) -> None:
    """Take everything off the list that a stream has passed by now; `sweep` removes the files."""
    passed = tuple_(CarrierWaiting.epoch, CarrierWaiting.seq) <= (epoch, seq)
    tx.session.execute(delete(CarrierWaiting).where(CarrierWaiting.stream == stream, passed))


def sweep(ctx: Context) -> None:
    """Remove files of the room that nothing waits for any more; what a failing disk keeps goes the next time."""
    with ctx.store.read() as session, contextlib.suppress(OSError):
        needed = {path for row in session.scalars(select(CarrierWaiting)) for path in files_of(ctx, row)}
        for path in private_folder(ctx, "waiting").iterdir():
            if path not in needed:
                path.unlink(missing_ok=True)


def _files(room: Path, digest: str, parts: int) -> list[Path]:
    return [room / f"{digest[:32]}-{part}.mab" for part in range(1, parts + 1)]


def _copy(source: Path, target: Path) -> None:
    """A second name for the same bytes where the file system knows that, a copy elsewhere; on the disk at the end."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    durable.sync_directory(target.parent)
