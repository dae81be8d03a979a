"""When a reading is right: the one rule by which simulated paper judges a reader.

To ask a person is never wrong, only slow. To be sure is right if a careful human could say the same of the paper: the
truth, or where the paper is ambiguous any of its plausible readings. All else is a silent error. Several marks have one
meaning, no answer: seeing what touches yet another bubble among them changes nothing, missing one of them does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from mab_desktop.rehearsal.answers import Place, SheetTruth

ASKS, MANY = "doubtful", "many"


class Verdict(StrEnum):
    """What a reading of one group is worth."""

    RIGHT = "right"
    ASKED = "asked"
    WRONG = "wrong"


class Said(Protocol):
    """What a reader says of a group: `state` one, none, many or doubtful, and the marked values."""

    @property
    def state(self) -> str:
        """Its state."""

    @property
    def values(self) -> Sequence[str]:
        """Marked values, none for a blank group."""


def judge(truth: SheetTruth, place: Place, said: Said) -> Verdict:
    """One group's verdict; the order of the values does not count."""
    if said.state == ASKS:
        return Verdict.ASKED
    seen = set(said.values)
    right = any(
        seen == set(reading) or (said.state == MANY and len(reading) > 1 and seen >= set(reading))
        for reading in truth.plausible(place)
    )
    return Verdict.RIGHT if right else Verdict.WRONG


def judge_sheet(truth: SheetTruth, fields: Mapping[str, Mapping[int, Said]]) -> Iterator[tuple[Place, Verdict]]:
    """All groups of a sheet that was read, in the reading's order."""
    for name, columns in fields.items():
        for column, said in columns.items():
            place = (name, str(column))
            yield place, judge(truth, place, said)
