"""Everything that is new on a drive, taken in one go and in the right order.

What needs a person's word (a new epoch, missing numbers before a file that replaces them) is left for looking at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Cancelled, CarrierRefused, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, stream
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.stream import Judgement, Place
from mab_desktop.exchange.trust import TrustStore
from mab_desktop.services import backups, forks, taking, trusting
from mab_desktop.services.carriers import handler_for, is_cumulative, list_carriers, mode, my_keys
from mab_desktop.services.context import Context
from mab_desktop.services.taking import Accepted
from mab_desktop.storage.tables.core import CarrierIn, CarrierWaiting, StreamIn


class Verdict(StrEnum):
    """What a file is to this workplace, as its signed head tells. The order is that of the list on the screen."""

    NEW = "new"  # takes its turn now, alone or after others of the drive
    RESTORED = "restored"  # the sender went back to a backup: a person confirms
    GAP = "gap"  # earlier ones are missing, but it replaces them: a person may take it without
    WAITING = "waiting"  # earlier ones are missing: it waits for them
    FORK = "fork"  # another file with this number was taken
    FROZEN = "frozen"  # nothing is taken from this sender until the centre has decided
    INCOMPLETE = "incomplete"  # parts of the set are not on the drive
    KNOWN = "known"
    OLDER = "older"
    OWN = "own"  # made on this computer, for others
    FOREIGN = "foreign"
    DAMAGED = "damaged"


_PLACES = {
    Place.NEXT: Verdict.NEW, Place.SAME: Verdict.KNOWN, Place.NEW_EPOCH: Verdict.RESTORED, Place.REPLAY: Verdict.OLDER,
    Place.OLD_EPOCH: Verdict.OLDER, Place.FORK: Verdict.FORK, Place.FROZEN: Verdict.FROZEN, Place.FAR: Verdict.FROZEN,
}  # fmt: skip


_Part = tuple[Path, Manifest]


@dataclass(frozen=True)
class Planned:
    """A carrier on a drive (all its parts that are there) and what it is to this workplace.

    `manifest` is None for a file that is no carrier of ours or is damaged; `reason` then says why. `judged` holds the
    missing numbers of one that waits.
    """

    paths: tuple[Path, ...]
    verdict: Verdict
    manifest: Manifest | None = None
    reason: CarrierRefused | None = None
    judged: Judgement | None = None
    known_since: str = ""
    in_room: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of one carrier of a batch: `accepted`, or `error` when it was not taken."""

    planned: Planned
    accepted: Accepted | None = None
    error: UserError | None = None


@dataclass(frozen=True)
class _Here:
    """What the database says of streams and carriers, read once for a whole drive."""

    states: Mapping[str, stream.StreamState]
    known: Mapping[str, str]  # when each digest was taken
    waiting: Mapping[tuple[str, int, int], str]  # digest by stream, epoch and number


def plan(ctx: Context, place: Path) -> list[Planned]:
    """Every carrier on the drive, each stream in its order, with what would become of it."""
    with ctx.store.read() as session:
        trust = trusting.trust_store(session)
        sets, found = _sets(list_carriers(place), trust)
        here = _here(session)
        addressed: dict[str, list[list[tuple[Path, Manifest]]]] = {}
        for parts in sets:
            try:
                _require_ours(ctx, session, parts[0][1])
            except UserError as error:
                reason = error if isinstance(error, CarrierRefused) else None
                own = reason is not None and reason.code == "own-carrier"
                found.append(Planned(_paths(parts), Verdict.OWN if own else Verdict.FOREIGN, parts[0][1], reason))
            else:
                addressed.setdefault(parts[0][1].stream, []).append(parts)
        for name, members in addressed.items():
            found += _plan_stream(session, members, here.states.get(name), here)
    return found


def in_order(planned: Iterable[Planned]) -> list[Planned]:
    """Those that take their turn now: by the order of the regulation's files, then by sender and number."""
    kinds = list(KINDS)
    new = [one for one in planned if one.verdict is Verdict.NEW and one.manifest is not None]
    return sorted(new, key=lambda one: _turn(one, kinds))


def _turn(one: Planned, kinds: Sequence[str]) -> tuple[int, str, int, int]:
    assert one.manifest is not None
    return kinds.index(one.manifest.kind), one.manifest.stream, one.manifest.epoch, one.manifest.seq


def take_all(ctx: Context, planned: Sequence[Planned], progress: Progress = Silent()) -> list[Taken]:
    """Take the new ones in order, each in its own transaction after one backup of all; Cancel keeps what was taken.

    A carrier that is refused stops its own stream only; Cancelled when nothing was taken at all.
    """
    done: list[Taken] = []
    stopped: set[str] = set()
    for one in in_order(planned):
        assert one.manifest is not None
        if one.manifest.stream in stopped:
            continue
        try:
            incoming = taking.examine(ctx, one.paths, progress)
            if not any(taken.accepted for taken in done):
                backups.before_import(ctx)
            done.append(Taken(one, taking.accept(ctx, incoming, progress, backup=False)))
        except UserError as error:
            stopped.add(one.manifest.stream)
            done.append(Taken(one, error=error))
        except Cancelled:
            if not done:
                raise
            break
    return done


def _sets(paths: Sequence[Path], trust: TrustStore) -> tuple[list[list[tuple[Path, Manifest]]], list[Planned]]:
    """Parts together by set, in their order; what cannot be read apart. Of two copies of a part one is left."""
    sets: dict[str, dict[int, tuple[Path, Manifest]]] = {}
    unreadable = []
    for path in paths:
        try:
            manifest = carrier.peek(path, trust, whole=True).manifest
        except CarrierRefused as error:
            outdated = error.code == "trust-older"  # a list sent as such that a newer one has come after: no harm
            unreadable.append(Planned((path,), Verdict.OLDER if outdated else Verdict.DAMAGED, reason=error))
            continue
        parts = sets.setdefault(f"{manifest.set_id}/{manifest.sender.keyid}", {})
        parts[manifest.part] = _better(parts.get(manifest.part), (path, manifest), trust)
    return [[parts[number] for number in sorted(parts)] for parts in sets.values()], unreadable


def _better(known: _Part | None, found: _Part, trust: TrustStore) -> _Part:
    """Of two files that say they are one part, the one under its own name; where that is spoilt, the other."""
    if known is None:
        return found
    first, other = (found, known) if found[0].name == found[1].file_name else (known, found)
    return other if not _is_whole(first[0], trust) and _is_whole(other[0], trust) else first


def _is_whole(path: Path, trust: TrustStore) -> bool:
    try:
        carrier.verify(path, trust)
    except (CarrierRefused, OSError):
        return False
    return True


def _paths(parts: Sequence[tuple[Path, Manifest]]) -> tuple[Path, ...]:
    return tuple(path for path, _manifest in parts)


def _require_ours(ctx: Context, session: Session, manifest: Manifest) -> None:
    carrier.check_addressed(manifest, my_keys(session), ctx.season.campaign, mode(ctx))
    handler_for(ctx, manifest.kind, sending=False)


def _here(session: Session) -> _Here:
    loaded: dict[str, dict[tuple[int, int], str]] = {}
    known = {}
    rows = select(CarrierIn.stream, CarrierIn.epoch, CarrierIn.seq, CarrierIn.digest, CarrierIn.accepted_at)
    for name, epoch, seq, digest, at in session.execute(rows.where(CarrierIn.set_aside.is_(False))):
        loaded.setdefault(name, {})[epoch, seq] = digest
        known[digest] = at
    states = {
        row.stream: stream.StreamState(row.epoch, row.seq, row.digest, loaded.get(row.stream, {}), row.frozen)
        for row in session.scalars(select(StreamIn))
    }
    rows_waiting = session.scalars(select(CarrierWaiting))
    return _Here(states, known, {(row.stream, row.epoch, row.seq): row.digest for row in rows_waiting})


def _plan_stream(
    session: Session, members: Sequence[list[tuple[Path, Manifest]]], state: stream.StreamState | None, here: _Here
) -> list[Planned]:
    """Judge the carriers of one stream one after the other, as if each new one had been taken."""
    found = []
    for parts in sorted(members, key=lambda parts: (parts[0][1].epoch, parts[0][1].seq)):
        manifest, digest = parts[0][1], parts[-1][1].digest
        since = here.known.get(digest, "")
        if len(parts) < manifest.parts:
            found.append(Planned(_paths(parts), Verdict.INCOMPLETE, manifest))
            continue
        try:
            forks.refuse_set_aside(session, digest, manifest.seq)
        except CarrierRefused as error:
            found.append(Planned(_paths(parts), Verdict.OLDER, manifest, error))
            continue
        judged = stream.judge(state, manifest, digest)
        in_room = not since and digest in here.waiting.values()
        follows = in_room and judged.place in (Place.REPLAY, Place.SAME)  # taken by itself after those before it
        verdict = Verdict.WAITING if follows else _verdict(judged, manifest)
        reason = None if follows else judged.refusal
        one = Planned(_paths(parts), verdict, manifest, reason, judged, since, in_room)
        if one.verdict is Verdict.NEW:
            state = _after(state, manifest, digest, here)
        found.append(one)
    return found


def _verdict(judged: Judgement, manifest: Manifest) -> Verdict:
    if judged.place is not Place.GAP:
        return _PLACES[judged.place]
    if is_cumulative(manifest.kind):
        return Verdict.NEW
    return Verdict.GAP if judged.skippable else Verdict.WAITING


def _after(state: stream.StreamState | None, manifest: Manifest, digest: str, here: _Here) -> stream.StreamState:
    """The stream once this one was taken, and those that wait here for it."""
    history = {**(state.history if state else {}), (manifest.epoch, manifest.seq): digest}
    seq = manifest.seq
    while (waiting := here.waiting.get((manifest.stream, manifest.epoch, seq + 1))) is not None:
        seq, digest = seq + 1, waiting
        history[manifest.epoch, seq] = digest
    return stream.StreamState(manifest.epoch, seq, digest, history)
