"""The import table of streams: what a carrier is to what came before."""

from __future__ import annotations

import msgspec
import pytest

from mab_desktop.exchange.stream import Place, StreamState, judge

A, B, C, D, X = (f"{n:064x}" for n in range(1, 6))
AT_3 = StreamState(1, 3, C, {(1, 1): A, (1, 2): B, (1, 3): C})
AT_2_1 = StreamState(2, 1, D, {(1, 1): A, (1, 2): B, (1, 3): C, (2, 1): D})
FROZEN = StreamState(1, 3, C, AT_3.history, frozen=True)


@pytest.fixture
def at(world):
    """A manifest at another place of the stream, an append unless told otherwise."""
    manifest = world.send().manifest
    return lambda epoch, seq, prev, content="append": msgspec.structs.replace(
        manifest, epoch=epoch, seq=seq, prev=prev, content=content
    )


@pytest.mark.parametrize(
    ("state", "epoch", "seq", "prev", "digest", "place", "missing"),
    [
        (None, 1, 1, "", A, Place.NEXT, ()),
        (None, 3, 1, "", A, Place.NEXT, ()),
        (None, 1, 3, B, C, Place.GAP, (1, 2)),
        (None, 1, 1002, B, C, Place.FAR, ()),
        (AT_3, 1, 4, C, D, Place.NEXT, ()),
        (AT_3, 1, 4, B, D, Place.FORK, ()),
        (AT_3, 1, 3, B, C, Place.SAME, ()),
        (AT_3, 1, 3, B, X, Place.FORK, ()),
        (AT_3, 1, 2, A, B, Place.SAME, ()),
        (AT_3, 1, 2, A, X, Place.FORK, ()),
        (AT_3, 1, 7, D, X, Place.GAP, (4, 5, 6)),
        (AT_3, 1, 1004, D, X, Place.GAP, tuple(range(4, 1004))),
        (AT_3, 1, 1005, D, X, Place.FAR, ()),
        (AT_3, 2, 1, B, X, Place.NEW_EPOCH, ()),
        (AT_3, 2, 2, B, X, Place.GAP, (1,)),
        (AT_2_1, 1, 3, B, C, Place.SAME, ()),
        (AT_2_1, 1, 4, C, X, Place.OLD_EPOCH, ()),
        (AT_2_1, 1, 2, A, X, Place.FORK, ()),
        (AT_2_1, 2, 2, D, X, Place.NEXT, ()),
        (FROZEN, 1, 4, C, D, Place.FROZEN, ()),
        (FROZEN, 1, 3, B, X, Place.FROZEN, ()),
        (FROZEN, 1, 3, B, C, Place.SAME, ()),
        (FROZEN, 2, 1, C, D, Place.FROZEN, ()),
        (StreamState(1, 7, C, {(1, 7): C}), 1, 3, B, X, Place.REPLAY, ()),
    ],
)
def test_table(at, state, epoch, seq, prev, digest, place, missing):
    found = judge(state, at(epoch, seq, prev), digest)
    assert (found.place, found.missing) == (place, missing)
    assert (found.refusal is None) == (place in (Place.NEXT, Place.SAME, Place.NEW_EPOCH))


def test_a_snapshot_stands_alone(at):
    assert judge(None, at(1, 7, B, "snapshot"), X).place == Place.NEXT
    found = judge(AT_3, at(1, 7, B, "snapshot"), X)
    assert (found.place, found.skippable) == (Place.GAP, True)
    assert not judge(AT_3, at(1, 7, B), X).skippable


def test_a_restored_backup_names_what_the_sender_forgot(at):
    assert judge(AT_3, at(2, 1, A), X).unremembered == (2, 3)
    assert judge(AT_3, at(2, 1, C), X).unremembered == ()
    assert judge(AT_3, at(2, 1, ""), X).unremembered == (1, 2, 3)


@pytest.mark.parametrize(
    ("code", "state", "epoch", "seq", "digest"),
    [
        ("stream-replay", StreamState(1, 7, C, {(1, 7): C}), 1, 3, X),
        ("stream-fork", AT_3, 1, 3, X),
        ("stream-frozen", FROZEN, 1, 4, X),
        ("stream-gap", AT_3, 1, 40, X),
        ("stream-gap-large", AT_3, 1, 4000, X),
        ("stream-epoch-older", AT_2_1, 1, 9, X),
    ],
)
def test_refusals_in_words(at, refused, code, state, epoch, seq, digest):
    with refused(code):
        raise judge(state, at(epoch, seq, A), digest).refusal
