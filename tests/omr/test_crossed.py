"""A lone mark that is crossed out is a question, whatever this person marks with; marks that run over are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from omr_paper import PENS, Paper, Pen, Scan, fill_in
from omr_struck import SHEET, by_bubbles_alone, read, struck

from mab_desktop.omr.geometry import layout_geometry
from mab_desktop.omr.marks import decide_again
from mab_desktop.omr.rules import State

# So many that they look like each other, and pass for a manner of their own.
CROSSED = [(f"subject{n}", row) for n in range(1, 6) for row in (4, 11, 18)]
WAYS = {
    "cross": ([(-1, -1), (1, 1)], [(1, -1), (-1, 1)]),
    "double line": ([(-1.3, -0.25), (1.3, -0.2)], [(-1.3, 0.25), (1.3, 0.2)]),
    "scrawl": ([(-0.4, -1.2), (0.7, 1.0), (-1.2, 0.6), (1.3, 0.1), (-1.0, -0.8), (0.9, -0.9), (-0.2, 1.3)],),
}


def crossed_sheet(seed: int, pen: Pen, way: str) -> Paper:
    """A filled sheet with some answers crossed out and nothing else in their rows."""
    paper = Paper(SHEET, np.random.default_rng(seed))
    truth = fill_in(paper, pen, empty=0.0)
    for bubble in SHEET.bubbles:
        if (bubble.field, bubble.column) in CROSSED and bubble.value in truth[bubble.field, bubble.column]:
            for line in WAYS[way]:
                reach = bubble.rx * paper.rng.uniform(1.5, 1.8)
                paper.lines(np.array(line) * reach + (bubble.x, bubble.y), pen.width, pen.ink, pen.even)
    return paper


@pytest.mark.parametrize(
    ("way", "pen", "scan"),
    [
        ("cross", PENS["black"], Scan()),
        ("cross", PENS["pencil"], Scan(turn=1.2, noise=5)),
        ("cross", PENS["ticks"], Scan(upside_down=True)),
        ("cross", replace(PENS["black"], cover=1.15), Scan(dpi=300)),
        ("cross", PENS["hard pencil"], Scan()),
        ("double line", PENS["pencil"], Scan()),
        ("scrawl", PENS["black"], Scan(shade=0.2)),
        ("scrawl", PENS["crosses"], Scan(dpi=150)),
    ],
)
def test_a_lone_mark_that_is_crossed_out_is_a_question(way: str, pen: Pen, scan: Scan) -> None:
    reading = read(crossed_sheet(3, pen, way), scan)
    said = {(name, n): group.state for name, columns in reading.fields.items() for n, group in columns.items()}
    assert {said[key] for key in CROSSED} == {State.DOUBTFUL}
    # What is drawn over a row reaches into the next one now and then.
    beside = struck(reading) - set(CROSSED)
    assert len(beside) <= 2
    assert beside <= {(field, row + by) for field, row in CROSSED for by in (-1, 1)}
    # Its surroundings say so: by the bubbles alone some of these marks are answers.
    alone = by_bubbles_alone(reading)
    assert State.ONE in {alone[key] for key in CROSSED}


@pytest.mark.parametrize(
    ("pen", "scan"),
    [
        (PENS["ticks"], Scan()),
        (replace(PENS["crosses"], off=0.5), Scan()),
        (replace(PENS["black"], cover=1.2, off=0.35), Scan(noise=5)),
        (PENS["sloppy"], Scan(dpi=150)),
        (replace(PENS["hard pencil"], cover=1.1), Scan(shade=0.3)),
    ],
)
def test_marks_that_run_over_are_not_crossed_out(pen: Pen, scan: Scan) -> None:
    paper = Paper(SHEET, np.random.default_rng(4))
    fill_in(paper, pen, empty=0.05)
    assert not struck(read(paper, scan))


def test_crosses_of_a_person_who_marks_with_crosses_are_answers() -> None:
    paper = Paper(SHEET, np.random.default_rng(5))
    fill_in(paper, PENS["black"], empty=1.0)
    for bubble in SHEET.bubbles:
        if bubble.value == "BCADE"[bubble.column % 5]:
            for line in WAYS["cross"]:
                paper.lines(np.array(line) * bubble.rx * 1.3 + (bubble.x, bubble.y), 0.5, 0.85)
    assert not struck(read(paper))


def test_that_an_answer_is_crossed_out_stays_with_the_scores() -> None:
    reading = read(crossed_sheet(6, PENS["black"], "cross"))
    again = decide_again(reading.scores, layout_geometry(SHEET))
    assert struck(reading) == set(CROSSED)
    states = dict(zip(layout_geometry(SHEET).keys, again.groups, strict=True))
    assert {states[key].state for key in CROSSED} == {State.DOUBTFUL}


@pytest.mark.parametrize(("pen", "scan"), [(PENS["black"], Scan()), (PENS["pencil"], Scan(dpi=300, noise=4))])
def test_a_bubble_filled_far_beyond_its_ring_is_an_answer(pen: Pen, scan: Scan) -> None:
    paper, far = Paper(SHEET, np.random.default_rng(8)), {("subject1", 6), ("subject3", 12), ("subject5", 20)}
    for key, members in SHEET.groups().items():
        bubble = SHEET.bubbles[members[1]]
        paper.mark(bubble, replace(pen, cover=1.65, off=0.0) if key in far else pen)
    reading = read(paper, scan)
    assert {reading.fields[field][row].values for field, row in far} == {("B",)}
    assert {reading.fields[field][row].state for field, row in far} == {State.ONE}


def test_answers_scratched_out_with_a_bar_look_like_each_other_and_are_questions() -> None:
    paper, pen = Paper(SHEET, np.random.default_rng(11)), PENS["gel"]
    for key, members in SHEET.groups().items():
        bubble = SHEET.bubbles[members[1]]
        paper.mark(bubble, replace(pen, ink=0.75, cover=0.8))
        if key in CROSSED[:8]:
            bar = np.array([(-3.0, 0.0), (3.0, 0.0)]) + (bubble.x, bubble.y)
            paper.lines(bar, 1.4, 0.9)
    reading = read(paper)
    assert {reading.fields[field][row].state for field, row in CROSSED[:8]} == {State.DOUBTFUL}
