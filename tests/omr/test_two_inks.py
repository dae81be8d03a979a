"""Erased answers of another person, or another sheet's that show through, are no answers however many they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from omr_paper import PENS, Paper, Pen, Scan
from omr_struck import SHEET, read

from mab_desktop.omr.rules import State


def sheet_used_twice(seed: int, pen: Pen, left: float, share: float) -> tuple[Paper, dict[tuple[str, int], str]]:
    """A sheet on which a part of the rows is answered, `share` of the others show what is left of a former answer."""
    paper, own = Paper(SHEET, np.random.default_rng(seed)), {}
    former = replace(PENS["black"], ink=left, even=0.3)
    for key, members in SHEET.groups().items():
        values = [SHEET.bubbles[n] for n in paper.rng.permutation(members)]
        if not key[0].startswith("subject") or paper.rng.uniform() < 0.35:
            paper.mark(values[0], pen)
            own[key] = values[0].value
        elif paper.rng.uniform() < share:
            paper.mark(values[1], former)
    return paper, own


@pytest.mark.parametrize(
    ("pen", "left", "share", "scan"),
    [
        (PENS["black"], 0.22, 0.9, Scan()),
        (PENS["gel"], 0.28, 0.8, Scan(dpi=150, noise=4)),
        (PENS["black"], 0.17, 0.5, Scan(dpi=300, turn=0.8)),
        (PENS["crosses"], 0.2, 0.9, Scan()),
    ],
)
def test_a_former_persons_answers_are_none(pen: Pen, left: float, share: float, scan: Scan) -> None:
    paper, own = sheet_used_twice(1, pen, left, share)
    reading = read(paper, scan)
    said = {(name, row): group for name, rows in reading.fields.items() for row, group in rows.items()}
    assert not [key for key, group in said.items() if group.state is State.ONE and group.values != (own.get(key),)]
    assert not [key for key in own if said[key].state is State.NONE]


def test_a_few_faint_marks_are_the_same_persons() -> None:
    paper = Paper(SHEET, np.random.default_rng(2))
    for number, members in enumerate(SHEET.groups().values()):
        paper.mark(SHEET.bubbles[members[0]], replace(PENS["black"], ink=0.3 if number % 25 == 0 else 0.85))
    states = [group.state for rows in read(paper).fields.values() for group in rows.values()]
    assert states.count(State.ONE) > 0.95 * len(states)
