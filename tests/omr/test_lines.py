"""Rows that a person struck out with one line are empty or a question, whatever each bubble looks like by itself."""

from __future__ import annotations

import numpy as np
import pytest
from omr_paper import PENS, SCALE, Paper, Pen, Scan, fill_in
from omr_struck import by_bubbles_alone

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.geometry import geometry_of, layout_geometry
from mab_desktop.omr.lines import struck_bubbles
from mab_desktop.omr.locate import Placement
from mab_desktop.omr.marks import decide, decide_again
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.rules import State
from mab_desktop.omr.sample import STRUCK, Scores, sample

SHEET = layout(default_profile())
FIELD, ROWS = "subject3", range(12, 25)


def struck_sheet(seed: int, pen: str, way: str) -> tuple[Paper, dict[tuple[str, int], tuple[str, ...]]]:
    """A filled sheet whose last rows of a subject are left empty and struck out; what is marked on it."""
    whole = Paper(SHEET, np.random.default_rng(seed))
    clean = whole.darkness.copy()
    truth = fill_in(whole, PENS[pen], empty=0.0)
    own = [b for b in SHEET.bubbles if b.field == FIELD and b.column in ROWS]
    low, high = np.min([(b.x, b.y) for b in own], axis=0), np.max([(b.x, b.y) for b in own], axis=0)
    (left, top), (right, bottom) = ((low - 2.4) * SCALE).astype(int), ((high + 2.4) * SCALE).astype(int)
    whole.darkness[top:bottom, left:right] = clean[top:bottom, left:right]
    down = np.linspace(low[1] - 1.5, high[1] + 1.5, 60)
    across = {
        "straight": np.full(60, low[0] + 5.4), "slanting": np.linspace(high[0], low[0], 60),
        "wavy": low[0] + 9 + 6 * np.sin(down / 4), "trembling": low[0] + 10 + 1.5 * np.sin(down),
    }  # fmt: skip
    whole.lines(np.stack([across[way], down], axis=1), PENS[pen].width, PENS[pen].ink)
    return whole, truth | {(FIELD, column): () for column in ROWS}


def read(paper: Paper, scan: Scan = Scan()) -> SheetReading:
    return read_image(paper.scan(scan), SHEET, dpi=scan.dpi)


@pytest.mark.parametrize(
    ("way", "pen", "scan"),
    [
        ("straight", "ticks", Scan()),
        ("slanting", "crosses", Scan(turn=1.5, noise=5)),
        ("wavy", "blue", Scan()),
        ("trembling", "ticks", Scan(upside_down=True)),
        ("straight", "hard pencil", Scan()),
    ],
)
def test_no_row_that_was_struck_out_has_an_answer(pen: str, scan: Scan, way: str) -> None:
    paper, truth = struck_sheet(5, pen, way)
    reading = read(paper, scan)
    assert reading.ok, reading.codes()
    said = {(name, n): group for name, columns in reading.fields.items() for n, group in columns.items()}
    assert {said[FIELD, n].state for n in ROWS} <= {State.DOUBTFUL, State.NONE}
    others = [key for key in truth if key[0] != FIELD or key[1] not in ROWS]
    assert all(said[key].state is State.DOUBTFUL or said[key].values == truth[key] for key in others)
    assert sum(said[key].state is State.DOUBTFUL for key in others) <= 3
    # It is the line that says so: each bubble by itself would have been an answer somewhere.
    plain = by_bubbles_alone(reading)
    assert {State.ONE, State.MANY} & {plain[FIELD, n] for n in ROWS}


@pytest.mark.parametrize(("ink", "found"), [(0.8, True), (0.18, False)])
def test_a_fold_through_marked_rows_is_no_line_of_the_pen(ink: float, found: bool) -> None:
    """Every row is marked; what leads through them all is as dark as the pen, or pale as a fold or a streak is."""
    paper = Paper(SHEET, np.random.default_rng(11))
    fill_in(paper, PENS["crosses"], empty=0.0)
    own = np.array([(b.x, b.y) for b in SHEET.bubbles if b.field == FIELD])
    (left, top), (_, bottom) = own.min(axis=0), own.max(axis=0)
    down = np.linspace(top - 3, bottom + 3, 60)
    paper.lines(np.stack([np.linspace(left + 3, left + 9, 60), down], axis=1), 0.45, ink)
    scores = Scores.from_bytes(read(paper).scores)
    assert bool((scores.ring == STRUCK).any()) is found


def test_a_line_as_broad_as_a_mark_is_found_in_a_few_rows() -> None:
    paper = Paper(SHEET, np.random.default_rng(12))
    clean = paper.darkness.copy()
    fill_in(paper, PENS["black"], empty=0.0)
    rows = range(20, 25)
    own = np.array([(b.x, b.y) for b in SHEET.bubbles if b.field == FIELD and b.column in rows])
    low, high = own.min(axis=0), own.max(axis=0)
    (left, top), (right, bottom) = ((low - 2.4) * SCALE).astype(int), ((high + 2.4) * SCALE).astype(int)
    paper.darkness[top:bottom, left:right] = clean[top:bottom, left:right]
    paper.lines(np.array([(low[0] + 10, low[1] - 1), (low[0] + 12, high[1] + 1)]), 2.2, 0.9)
    said = read(paper).fields[FIELD]
    assert {said[n].state for n in rows} <= {State.DOUBTFUL, State.NONE}


def test_broad_crosses_all_over_the_sheet_are_no_lines_through_its_rows() -> None:
    """They lead from nearly every row to the next, and are read; a broad straight line among them is found."""
    broad = Pen(style="cross", width=1.3, ink=0.8)
    paper = Paper(SHEET, np.random.default_rng(14))
    truth = {}
    for key, members in SHEET.groups().items():
        bubble = SHEET.bubbles[members[int(paper.rng.integers(len(members)))]]
        reach = 2.3 * bubble.rx
        for way in ([(-1, -1), (1, 1)], [(-1, 1), (1, -1)]):
            paper.lines(np.array(way) * reach * 0.7 + (bubble.x, bubble.y), broad.width, broad.ink)
        truth[key] = (bubble.value,)
    reading = read(paper)
    said = {(name, n): group for name, columns in reading.fields.items() for n, group in columns.items()}
    assert {key for key, values in truth.items() if (said[key].state, said[key].values) != (State.ONE, values)} == set()
    own = np.array([(b.x, b.y) for b in SHEET.bubbles if b.field == FIELD])
    (left, top), (_, bottom) = own.min(axis=0), own.max(axis=0)
    paper.lines(np.array([(left + 10, top - 1), (left + 11, bottom + 1)]), 2.2, 0.8)
    assert State.ONE not in {group.state for group in read(paper).fields[FIELD].values()}


def test_that_a_row_is_struck_out_stays_with_the_scores() -> None:
    paper, _ = struck_sheet(6, "black", "straight")
    reading = read(paper)
    again = decide_again(reading.scores, layout_geometry(SHEET))
    keys = layout_geometry(SHEET).keys
    assert {key: group.state for key, group in zip(keys, again.groups, strict=True)} == {
        (name, n): group.state for name, columns in reading.fields.items() for n, group in columns.items()
    }


def placed(paper: Paper) -> tuple[np.ndarray, Placement]:
    """A scan with nothing moved in it, and where its sheet lies."""
    scale = 200 / 25.4
    matrix = np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]])
    return paper.scan(Scan()), Placement(matrix, False, (True,) * 6, 0.0, scale, 35.0, 235.0)


def test_marks_of_neighbours_are_no_line_and_one_line_of_two_passes_counts() -> None:
    paper, _ = struck_sheet(7, "black", "straight")
    image, placement = placed(paper)
    geometry = layout_geometry(SHEET)
    sampled = sample(image, geometry, placement.to_pixels, placement.black)
    decision = decide(sampled.scores, geometry)
    struck = struck_bubbles(image, geometry, placement, sampled, decision.first, decision.marked)
    assert {geometry.bubbles[n].field for n in np.flatnonzero(struck)} == {FIELD}
    assert {geometry.bubbles[n].column for n in np.flatnonzero(struck)} == set(ROWS)
    both = sampled.scores.mean_of(sampled.scores.strike(struck))
    assert np.array_equal(both.ring == STRUCK, struck)
    nothing = np.zeros_like(decision.marked)
    assert not struck_bubbles(image, geometry, placement, sampled, decision.first, nothing).any()


def test_a_form_without_rows_under_each_other_has_no_lines() -> None:
    bubbles = [b for b in SHEET.bubbles if b.field == "code"]
    image, placement = placed(struck_sheet(8, "black", "straight")[0])
    geometry = geometry_of(bubbles)
    sampled = sample(image, geometry, placement.to_pixels, placement.black)
    decision = decide(sampled.scores, geometry)
    assert not struck_bubbles(image, geometry, placement, sampled, decision.first, decision.marked).any()
