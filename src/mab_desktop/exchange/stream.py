"""Where a carrier stands in the order of its sender's files, and what is to be done about it. Pure decisions.

A stream counts from 1 without gaps, each carrier names the one before by digest. A sender who restored a backup begins
a new epoch, again from 1; the first carrier of it may name the last one that the sender remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange.kinds import SNAPSHOT
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.refusals import refuse

MAX_GAP = 1000


class Place(StrEnum):
    """What a carrier is to the stream."""

    NEXT = "next"  # load it
    SAME = "same"  # loaded already, however long ago: nothing changes, the same receipt
    GAP = "gap"  # keep it until the missing ones come
    NEW_EPOCH = "new-epoch"  # a person confirms, conflicts are listed
    REPLAY = "replay"  # an older number, of which nothing is known here: refused
    OLD_EPOCH = "old-epoch"  # made before a restored backup: refused
    FORK = "fork"  # two files with one number: both kept, the stream frozen
    FROZEN = "frozen"  # forked before: refused
    FAR = "far"  # too many missing: refused


@dataclass(frozen=True, slots=True)
class StreamState:
    """What the recipient has loaded: the last place, and the digest at every (epoch, seq) it remembers."""

    epoch: int
    seq: int
    digest: str
    history: Mapping[tuple[int, int], str] = field(default_factory=dict)
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The place, and for words on the screen: the missing numbers, and the last one loaded.

    `new_epoch` says that the sender restored a backup, wherever in the new order the carrier stands; `unremembered` are
    numbers loaded here that he no longer knows of.
    `skippable` says that a person may load it without the missing ones: it replaces them anyhow.
    """

    place: Place
    seq: int
    last: int = 0
    missing: tuple[int, ...] = ()
    unremembered: tuple[int, ...] = ()
    new_epoch: bool = False
    skippable: bool = False

    @property
    def refusal(self) -> CarrierRefused | None:
        """What to raise when the carrier may not be loaded now; None for next, same and new-epoch."""
        code = _REFUSALS.get(self.place)
        missing = ", ".join(str(number) for number in self.missing[:20]) + (" …" if len(self.missing) > 20 else "")
        return refuse(code, seq=self.seq, last=self.last, missing=missing) if code else None


_REFUSALS = {
    Place.GAP: "stream-gap",
    Place.FAR: "stream-gap-large",
    Place.REPLAY: "stream-replay",
    Place.OLD_EPOCH: "stream-epoch-older",
    Place.FORK: "stream-fork",
    Place.FROZEN: "stream-frozen",
}


def judge(state: StreamState | None, manifest: Manifest, digest: str) -> Judgement:
    """The place of a set: `manifest` is its first part's, `digest` its last part's; `state` None for a new stream."""
    if state is None:
        return _first(manifest)
    known = state.history.get((manifest.epoch, manifest.seq))
    if (manifest.epoch, manifest.seq) == (state.epoch, state.seq):
        known = state.digest
    if known is not None and known != digest:
        return Judgement(Place.FROZEN if state.frozen else Place.FORK, manifest.seq, state.seq)
    if known is not None:
        return Judgement(Place.SAME, manifest.seq, state.seq)
    if state.frozen:
        return Judgement(Place.FROZEN, manifest.seq, state.seq)
    if manifest.epoch < state.epoch:
        return Judgement(Place.OLD_EPOCH, manifest.seq, state.seq)
    if manifest.epoch > state.epoch:
        return _new_epoch(state, manifest)
    return _same_epoch(state, manifest)


def _first(manifest: Manifest) -> Judgement:
    """Nothing came on this stream before. A snapshot stands alone, so a new workplace may begin anywhere."""
    if manifest.seq == 1 or manifest.content == SNAPSHOT:
        return Judgement(Place.NEXT, manifest.seq)
    return _gap(manifest, 0)


def _same_epoch(state: StreamState, manifest: Manifest) -> Judgement:
    if manifest.seq < state.seq:
        return Judgement(Place.REPLAY, manifest.seq, state.seq)
    if manifest.seq > state.seq + 1:
        return _gap(manifest, state.seq)
    fits = manifest.prev == state.digest
    return Judgement(Place.NEXT if fits else Place.FORK, manifest.seq, state.seq)


def _new_epoch(state: StreamState, manifest: Manifest) -> Judgement:
    """The first of an epoch says how far the sender remembers; a later one leaves that open."""
    if manifest.seq > 1:
        return replace(_gap(manifest, 0), new_epoch=True)
    remembered = {digest: place for place, digest in state.history.items()}
    remembered[state.digest] = (state.epoch, state.seq)
    back_to = remembered.get(manifest.prev, (state.epoch, 0))
    loaded = {*state.history, (state.epoch, state.seq)}
    lost = tuple(sorted(seq for epoch, seq in loaded if epoch == state.epoch and (epoch, seq) > back_to))
    return Judgement(Place.NEW_EPOCH, manifest.seq, state.seq, unremembered=lost, new_epoch=True)


def _gap(manifest: Manifest, last: int) -> Judgement:
    """The carrier waits for the numbers after `last`; more than a thousand cannot be right."""
    if manifest.seq - last - 1 > MAX_GAP:
        return Judgement(Place.FAR, manifest.seq, last)
    missing = tuple(range(last + 1, manifest.seq))
    return Judgement(Place.GAP, manifest.seq, last, missing, skippable=manifest.content == SNAPSHOT)
