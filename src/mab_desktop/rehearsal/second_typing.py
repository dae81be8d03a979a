"""Operators type a share of the sheets again (p.18, p.21): slips of both entries are found and settled by the paper.

What the paper says only the simulated people know; the ledger counts how many slips lay in the sheets drawn and how
many the program found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mab_desktop.domain.second_entry import FIRST, OTHER, SECOND, alike, texts_of
from mab_desktop.rehearsal import people
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import second_draw, second_entry, second_errors, students
from mab_desktop.services.context import Context

SHARE = 30  # of a hundred sheets, so that a small season too has some in each pile
LARGE, LARGE_SHARE = 1000, 5
TYPING_TIME = timedelta(seconds=80)  # a practised operator, without looking for the codes
SLIP_EVERY = 5  # the verifier errs too

@dataclass(frozen=True)
class Typed:
    """A sheet of a pile: what it says, and what its first typist made of it."""

    paper: Mapping[str, Any]
    typed: Mapping[str, Any]


def set_share(stage: Stage, programmer: Context) -> None:
    """The programmer sets the share before anybody has typed."""
    second_draw.set_share(programmer, SHARE if stage.plan.students <= LARGE else LARGE_SHARE)


def verify(stage: Stage, programmer: str, pcs: Sequence[str], piles: Mapping[str, Typed]) -> None:
    """The list goes to the operators, their second entries come back, the programmer settles; then all know it.

    `piles` are the sheets by their records.
    """
    stage.hand_over(programmer, "operator-corrections", programmer, pcs)
    planted = sum(_type_again(stage, pc, piles) for pc in pcs)
    for pc in pcs:
        stage.hand_over(pc, "operator-portion", programmer, [programmer])
    ctx = stage.ctx(programmer)
    _settle(ctx, piles)
    report = second_errors.report(ctx)
    told = stage.memory.setdefault("second_entry", {"sheets": 0, "planted": 0, "found": 0, "open": 0})
    for name, count in (
        ("sheets", report.records), ("planted", planted), ("open", report.open),
        ("found", sum(line.typist + line.verifier for line in report.fields)),
    ):  # fmt: skip
        told[name] += count
    stage.hand_over(programmer, "operator-corrections", programmer, pcs)


def _type_again(stage: Stage, pc: str, piles: Mapping[str, Typed]) -> int:
    """The operator takes his sheets from the others' piles and now and then slips too; the slips in these sheets."""
    ctx, rng, planted = stage.ctx(pc), stream(stage.plan.seed, "second", pc), 0
    for number, sheet in enumerate(second_entry.queue(ctx)):
        stage.clock.set(stage.clock.moment + TYPING_TIME)
        pile = piles[sheet.student]
        typed = people.mistype(rng, pile.paper).typed if number % SLIP_EVERY == 1 else pile.paper
        second_entry.type_second(ctx, sheet.student, typed)
        planted += _slips(pile.paper, pile.typed, typed)
    return planted


def _slips(paper: Mapping[str, Any], first: Mapping[str, Any], second: Mapping[str, Any]) -> int:
    """Values of two entries that are not the paper's; where both say the same, nobody can see it."""
    right, one, other = (texts_of(students.clean(values)) for values in (paper, first, second))
    told = [name for name in right if not alike(name, one[name], other[name])]
    return sum(not alike(name, right[name], given[name]) for name in told for given in (one, other))


def _settle(ctx: Context, piles: Mapping[str, Typed]) -> None:
    """The programmer looks at the paper: the first value, the second, or what neither of them typed."""
    for line in second_entry.differences(ctx):
        if line.choice or line.gone:
            continue
        paper = students.clean(piles[line.student].paper)
        right = texts_of(paper)[line.field]
        if alike(line.field, right, line.first):
            second_entry.settle(ctx, line.entry, line.field, FIRST)
        elif alike(line.field, right, line.second):
            second_entry.settle(ctx, line.entry, line.field, SECOND)
        else:
            second_entry.settle(ctx, line.entry, line.field, OTHER, paper[line.field])
