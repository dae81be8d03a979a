"""Power cuts under SQLite with our pragmas and our schema; the whole application is cut in tests/long."""

from __future__ import annotations

from tests.faults.cut_database import FULL, NORMAL, Counts, Cutter


def test_nothing_acknowledged_is_lost() -> None:
    counts = Counts()
    for n in range(3):
        Cutter(f"quick-{n}", FULL, share=0.3, counts=counts).run(14)
    assert counts.cuts > 200
    assert (counts.lost, counts.broken) == (0, 0), counts.first


def test_the_rig_sees_what_a_weaker_pragma_loses() -> None:
    counts = Counts()
    for n in range(2):
        Cutter(f"weaker-{n}", NORMAL, share=0.2, counts=counts).run()
    assert counts.lost > 0
    assert counts.broken == 0, counts.first
