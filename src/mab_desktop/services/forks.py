"""Two files with one number from one sender: both are kept and nothing more is taken, until the centre decides.

A fork means that a workplace was copied, put back without saying so, or that its key is in other hands. Neither the
sender nor the recipient can know which file is right, so neither may go on: the testing centre asks both and says by a
file that two of its people sign (`fork_decisions`) whether the second file counts.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from mab_desktop.exchange.carrier import Opened
from mab_desktop.exchange.refusals import refuse
from mab_desktop.services import waiting_room
from mab_desktop.services.carriers import private_folder
from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierIn, CarrierWaiting, StreamFork, StreamIn

OPEN, COUNTS, REFUSED = "open", "counts", "refused"
GROUPS = 16  # hexadecimal characters of a digest that are read out by telephone


@dataclass(frozen=True, slots=True)
class Fork:
    """A fork as people talk about it: the check groups of both files, and what was decided."""

    stream: str
    sender: str
    kind: str
    seq: int
    loaded: str
    second: str
    found_at: str
    state: str


def shown_groups(digest: str) -> str:
    """The first characters of a digest in groups of four."""
    return " ".join(digest[at : at + 4] for at in range(0, GROUPS, 4)).upper() if digest else ""


def typed_groups(text: str) -> str:
    """What was read out, as it begins a digest."""
    return "".join(text.lower().split()).replace("-", "")


def freeze(ctx: Context, opened: Opened) -> None:
    """Keep the second file as evidence and take nothing more of this stream."""
    manifest = opened.manifest
    evidence = private_folder(ctx, "evidence")
    for source, target in zip(opened.paths, _files(evidence, opened.digest, len(opened.paths)), strict=True):
        shutil.copyfile(source, target)
    with ctx.store.write(ctx.actor) as tx:
        state = tx.session.get_one(StreamIn, manifest.stream)
        state.frozen = True
        at_place = select(CarrierIn.digest).where(
            CarrierIn.stream == manifest.stream, CarrierIn.epoch == manifest.epoch, CarrierIn.seq == manifest.seq,
            CarrierIn.set_aside.is_(False),
        )  # fmt: skip
        loaded = tx.session.scalars(at_place).first() or state.digest
        tx.session.merge(
            StreamFork(
                digest=opened.digest, stream=manifest.stream, sender=manifest.sender.org, kind=manifest.kind,
                epoch=manifest.epoch, seq=manifest.seq, prev=manifest.prev, parts=len(opened.paths), loaded=loaded,
                manifest=manifest.fields(), found_at=stamp(ctx), state=OPEN,
            )
        )  # fmt: skip
        tx.note("stream-frozen", manifest.stream, disposition="refused", seq=manifest.seq, digest=opened.digest)


def refuse_set_aside(session: Session, digest: str, seq: int) -> None:
    """CarrierRefused for a file that the centre decided against."""
    fork, loaded = session.get(StreamFork, digest), session.get(CarrierIn, digest)
    if (fork is not None and fork.state == REFUSED) or (loaded is not None and loaded.set_aside):
        raise refuse("carrier-set-aside", seq=seq)


def known(ctx: Context) -> list[Fork]:
    """Every fork that was found here, the newest first."""
    with ctx.store.read() as session:
        rows = session.scalars(select(StreamFork).order_by(StreamFork.found_at.desc(), StreamFork.digest))
        return [
            Fork(row.stream, row.sender, row.kind, row.seq, row.loaded, row.digest, row.found_at, row.state)
            for row in rows
        ]


def settle(ctx: Context, tx: Transaction, stream: str, groups: str, *, counts: bool) -> bool:
    """Do what the centre decided about the second file that `groups` names; False where no such fork is open here.

    When it counts, what was loaded at its number and after it is set aside and it waits as the next one.
    """
    query = select(StreamFork).where(
        StreamFork.stream == stream, StreamFork.state == OPEN, StreamFork.digest.startswith(groups)
    )
    fork = tx.session.scalars(query).one_or_none()
    if fork is None:
        return False
    fork.state, fork.decided_at, fork.decided_by = COUNTS if counts else REFUSED, stamp(ctx), ctx.actor.login
    tx.session.flush()
    if counts:
        _step_back(ctx, tx, fork)
    still = select(StreamFork.digest).where(StreamFork.stream == stream, StreamFork.state == OPEN).limit(1)
    tx.session.get_one(StreamIn, stream).frozen = tx.session.scalar(still) is not None
    tx.note("stream-released", stream, file=fork.digest, counts=counts)
    return True


def _step_back(ctx: Context, tx: Transaction, fork: StreamFork) -> None:
    """Let the stream stand before the second file, which then waits for its turn."""
    from_there = tuple_(CarrierIn.epoch, CarrierIn.seq) >= (fork.epoch, fork.seq)
    tx.session.execute(update(CarrierIn).where(CarrierIn.stream == fork.stream, from_there).values(set_aside=True))
    tx.session.merge(
        StreamIn(stream=fork.stream, epoch=fork.epoch, seq=fork.seq - 1, digest=fork.prev, frozen=False, checkpoint={})
    )
    files = _files(private_folder(ctx, "evidence"), fork.digest, fork.parts)
    waiting_room.bring_in(ctx, fork.digest, files)
    waiting_room.admit(ctx, tx, CarrierWaiting(
        digest=fork.digest, kind=fork.kind, sender=fork.sender, stream=fork.stream, epoch=fork.epoch, seq=fork.seq,
        parts=fork.parts, file_name=files[0].name, manifest=fork.manifest, came_at=stamp(ctx),
    ))  # fmt: skip


def _files(folder: Path, digest: str, parts: int) -> Sequence[Path]:
    return [folder / f"{digest[:GROUPS]}-{part}.mab" for part in range(1, parts + 1)]
