"""A question mark over a row that is left empty is a question, whatever the pen; marks of another manner are not."""

from __future__ import annotations

import numpy as np
import pytest
from omr_paper import PENS, Paper, Pen, Scan, fill_in
from omr_struck import SHEET, by_bubbles_alone, read, struck

from mab_desktop.omr.rules import State

# So many that they look like each other, and pass for a manner of their own.
ROWS = [(f"subject{n}", row) for n in range(1, 6) for row in (6, 17)]


def hand(rng: np.random.Generator, height: float) -> list[np.ndarray]:
    """A question mark as a hand draws it, in mm from its middle: not quite the reader's own."""
    turn = np.linspace(np.pi * rng.uniform(0.85, 1.1), -np.pi * 0.45, 16)
    round_part = np.stack([0.26 * np.cos(turn), -0.24 - 0.24 * np.sin(turn)], axis=1)
    line = np.concatenate([round_part, [(0.03, 0.05), (0.0, 0.22)]]) + rng.normal(0, 0.012, (18, 2))
    return [line * height, np.array([(0.0, 0.46), (0.01, 0.5)]) * height]


def questioned_sheet(seed: int, pen: Pen) -> Paper:
    """A filled sheet with rows left empty but for a question mark."""
    paper = Paper(SHEET, np.random.default_rng(seed))
    for key, members in SHEET.groups().items():
        bubble = SHEET.bubbles[members[int(paper.rng.integers(len(members)))]]
        if key not in ROWS:
            paper.mark(bubble, pen)
            continue
        for line in hand(paper.rng, paper.rng.uniform(3.2, 4.1)):
            at = (bubble.x + paper.rng.uniform(-0.5, 0.5), bubble.y + paper.rng.uniform(-0.6, 0.0))
            paper.lines(line + at, pen.width * 0.8, pen.ink, pen.even)
    return paper


@pytest.mark.parametrize(
    ("pen", "scan"),
    [
        (PENS["black"], Scan()),
        (PENS["gel"], Scan(turn=1.2, noise=5)),
        (PENS["ticks"], Scan(dpi=300, upside_down=True)),
        (PENS["crosses"], Scan()),
    ],
)
def test_next_to_no_question_mark_is_an_answer(pen: Pen, scan: Scan) -> None:
    reading = read(questioned_sheet(3, pen), scan)
    said = {(name, n): group.state for name, columns in reading.fields.items() for n, group in columns.items()}
    assert sum(said[key] is State.ONE for key in ROWS) <= 1
    # What is drawn over a row reaches into the next one now and then.
    beside = struck(reading) - set(ROWS)
    assert len(beside) <= 2
    assert beside <= {(field, row + by) for field, row in ROWS for by in (-1, 1)}
    # By the bubbles alone many of them are answers.
    alone = by_bubbles_alone(reading)
    assert sum(alone[key] is State.ONE for key in ROWS) >= 3


@pytest.mark.parametrize("other", ["ticks", "crosses", "sloppy"])
def test_another_manner_of_the_same_pen_is_answers(other: str) -> None:
    paper = Paper(SHEET, np.random.default_rng(8))
    for members in SHEET.groups().values():
        bubble = SHEET.bubbles[members[int(paper.rng.integers(len(members)))]]
        paper.mark(bubble, PENS[other if paper.rng.random() < 0.08 else "black"])
    assert not struck(read(paper))


def test_sheets_of_thin_marks_have_no_question_marks() -> None:
    for seed, pen in enumerate(("ticks", "crosses")):
        paper = Paper(SHEET, np.random.default_rng(seed))
        fill_in(paper, PENS[pen], empty=0.05)
        assert not struck(read(paper))
