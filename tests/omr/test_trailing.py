"""A mark whose ink goes on far beyond its row is a question: the end of a line, of an arrow, of a flourish."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from omr_paper import PENS, Paper, Pen, Scan, fill_in
from omr_struck import SHEET, by_bubbles_alone, read, struck

from mab_desktop.omr.rules import State

FIELD, ROW = "subject4", 9
# From the middle of a bubble, in mm: lines too short, too bent or too lonely to be followed from row to row.
WAYS = {
    "end of a line": [(-1.1, -0.9), (1.0, 0.8), (3.5, 3.0), (5.5, 5.5)],
    "arrow": [(0.5, 0.5), (-4.0, -4.2)],
    "flourish": [(-0.9, -0.1), (-0.1, 0.9), (1.0, -1.0), (5.0, -4.0)],
}


def sheet_with(seed: int, pen: Pen, way: list[tuple[float, float]]) -> Paper:
    """A filled sheet with three rows left empty, over which a line goes on from the bubble in their middle."""
    paper = Paper(SHEET, np.random.default_rng(seed))
    for (field, row), members in SHEET.groups().items():
        if field != FIELD or abs(row - ROW) > 1:
            paper.mark(SHEET.bubbles[members[int(paper.rng.integers(len(members)))]], pen)
    bubble = next(b for b in SHEET.bubbles if (b.field, b.column, b.value) == (FIELD, ROW, "C"))
    paper.lines(np.array(way) + (bubble.x, bubble.y), pen.width, pen.ink, pen.even)
    return paper


@pytest.mark.parametrize(
    ("way", "pen", "scan"),
    [
        ("end of a line", PENS["ticks"], Scan()),
        ("end of a line", PENS["crosses"], Scan(turn=1.2, noise=5)),
        ("arrow", PENS["ticks"], Scan(upside_down=True)),
        ("arrow", replace(PENS["ticks"], ink=0.7), Scan(shade=0.2)),
        ("flourish", PENS["sloppy"], Scan()),
        ("flourish", PENS["ticks"], Scan(dpi=150)),
    ],
)
def test_ink_that_goes_on_far_beyond_its_row_is_no_answer(way: str, pen: Pen, scan: Scan) -> None:
    reading = read(sheet_with(4, pen, WAYS[way]), scan)
    assert reading.fields[FIELD][ROW].state is State.DOUBTFUL
    assert struck(reading) == {(FIELD, ROW)}
    # Its surroundings say so: by the bubbles alone it would be an answer.
    assert by_bubbles_alone(reading)[FIELD, ROW] is State.ONE


@pytest.mark.parametrize(
    "pen", [replace(PENS["black"], cover=1.5), replace(PENS["pencil"], cover=1.4, off=0.3), PENS["crosses"]]
)
def test_marks_that_touch_the_next_rows_or_lie_beside_frames_are_answers(pen: Pen) -> None:
    paper = Paper(SHEET, np.random.default_rng(5))
    fill_in(paper, pen, empty=0.0)
    assert struck(read(paper)) == set()


def test_whose_marks_all_go_on_far_is_read() -> None:
    """A tick with a long tail is this person's way."""
    paper = Paper(SHEET, np.random.default_rng(6))
    truth = {}
    for key, members in SHEET.groups().items():
        bubble = SHEET.bubbles[members[int(paper.rng.integers(len(members)))]]
        tail = paper.rng.normal((5.0, -3.6), 0.4)
        paper.lines(np.array([(-1.0, -0.2), (-0.1, 1.0), tail]) + (bubble.x, bubble.y), 0.5, 0.85)
        truth[key] = (bubble.value,)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert struck(reading) == set()


def sheet_with_tails(seed: int, pen: Pen, style: str) -> tuple[Paper, set[tuple[str, int]]]:
    """Rows left empty now and then, with the tail of the next row's mark ending in one of their bubbles."""
    paper, ended = Paper(SHEET, np.random.default_rng(seed)), set()
    groups = SHEET.groups()
    for (field, row), members in groups.items():
        if field.startswith("subject") and row % 5 == 2:
            ended.add((field, row))
            continue
        above = (field, row - 1)
        place = int(paper.rng.integers(len(members) - 1))
        bubble = SHEET.bubbles[members[place]]
        if above not in ended:
            paper.mark(bubble, pen)
            continue
        beside = SHEET.bubbles[groups[above][place + 1]]
        end = np.array([beside.x, beside.y]) + paper.rng.uniform(-0.4, 0.6, 2) * (1, -1)
        start, turn = {"tick": ((-1.2, -0.1), (-0.2, 1.2)), "cross": ((-1.3, 1.3), (0.0, 0.0))}[style]
        at = np.array([bubble.x, bubble.y])
        paper.lines(np.array([at + start, at + turn, end]), pen.width, pen.ink, pen.even)
        if style == "cross":
            paper.lines(np.array([at - (1.3, 1.3), at + (1.3, 1.3)]), pen.width, pen.ink, pen.even)
    return paper, ended


@pytest.mark.parametrize(
    ("style", "pen", "scan"),
    [
        ("tick", PENS["ticks"], Scan()),
        ("tick", replace(PENS["ticks"], ink=0.6), Scan(dpi=300)),
        ("tick", PENS["ticks"], Scan(turn=1.0, noise=5)),
        ("cross", PENS["crosses"], Scan(upside_down=True)),
        ("cross", PENS["crosses"], Scan(dpi=150)),
    ],
)
def test_the_end_of_the_next_rows_mark_is_no_answer(style: str, pen: Pen, scan: Scan) -> None:
    paper, ended = sheet_with_tails(7, pen, style)
    reading = read(paper, scan)
    assert {reading.fields[field][row].state for field, row in ended} <= {State.DOUBTFUL, State.NONE}
    # By the bubbles alone some of them would be answers.
    alone = by_bubbles_alone(reading)
    assert State.ONE in {alone[key] for key in ended}
    # A tail so long may be asked about at both of its ends.
    assert struck(reading) <= ended | {(field, row + 1) for field, row in ended}
