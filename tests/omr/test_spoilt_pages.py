"""What happens to sheets on desks and in scanners: read rightly, asked about, or refused by name; never guessed."""

import itertools
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import FIDUCIALS, layout
from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import State

SHEET = layout(default_profile())
MARKS = {mark.name: mark for mark in FIDUCIALS}
DOTS = 12  # of the drawn paper per mm


@cache
def filled():
    """A written sheet's darkness and what is marked on it."""
    paper = Paper(SHEET, np.random.default_rng(8100))
    paper.handwriting()
    truth = fill_in(paper, PENS["black"], double=0.02)
    return paper.darkness, truth


def sheet():
    paper = Paper(SHEET, np.random.default_rng(8101))
    paper.darkness = filled()[0].copy()
    return paper


def read(image, dpi=200.0):
    return read_image(image, SHEET, dpi=dpi)


def wrong(reading):
    """Groups that are read as sure and are not what was marked."""
    return [
        (key, values, group)
        for key, values in filled()[1].items()
        for group in [reading.fields[key[0]][key[1]]]
        if group.state is not State.DOUBTFUL and sorted(group.values) != sorted(values)
    ]


def doubtful(reading):
    return sum(g.state is State.DOUBTFUL for columns in reading.fields.values() for g in columns.values())


def blot(paper, left, top, right, bottom, darkness):
    left, top = max(left, 0), max(top, 0)
    paper.darkness[int(top * DOTS) : int(bottom * DOTS), int(left * DOTS) : int(right * DOTS)] = darkness


def torn_off(paper, mark, darkness):
    """The paper around a mark is gone: at a corner a triangle, at a side a bite."""
    ys, xs = np.ogrid[: paper.darkness.shape[0], : paper.darkness.shape[1]]
    x, y = (0 if mark.x < 105 else 210), (0 if mark.y < 100 else 297)
    at_side = 100 < mark.y < 200
    away = np.abs(xs / DOTS - x) + (0.5 * np.abs(ys / DOTS - mark.y) if at_side else np.abs(ys / DOTS - y))
    paper.darkness[away < (20 if at_side else 42)] = darkness


DAMAGE = {
    "torn-on-white": lambda paper, mark: torn_off(paper, mark, 0.0),
    "torn-on-black": lambda paper, mark: torn_off(paper, mark, 1.0),
    "half": lambda paper, mark: blot(paper, mark.x - 4, mark.y - 4, mark.x + 4, mark.y, 0.0),
    "ink": lambda paper, mark: blot(paper, mark.x - 7, mark.y - 6, mark.x + 5, mark.y + 7, 1.0),
    "speck": lambda paper, mark: blot(paper, mark.x - 0.8, mark.y - 0.8, mark.x + 0.8, mark.y + 0.8, 0.0),
}
SCANS = [
    Scan(turn=3.0),
    Scan(turn=-5.0, upside_down=True, backing=20),
    Scan(dpi=150, stretch=(0.985, 1.015)),
    Scan(dpi=300, shift=(4, -5), backing=10),
    Scan(stretch=(1.0, 0.97), turn=-1.0),
]


@pytest.mark.heavy
@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize(("damage", "scan"), list(zip(DAMAGE, SCANS, strict=True)))
def test_any_one_mark_may_be_lost(name, damage, scan):
    paper = sheet()
    DAMAGE[damage](paper, MARKS[name])
    reading = read(paper.scan(scan), scan.dpi)
    assert reading.ok, reading.codes()
    assert set(reading.codes()) <= {"corner-lost", "no-code"}
    assert damage == "speck" or "corner-lost" in reading.codes()
    assert (wrong(reading), doubtful(reading) <= 3) == ([], True)


@pytest.mark.heavy
@pytest.mark.parametrize("dpi", [150.0, 200.0, 300.0, 400.0])
@pytest.mark.parametrize(
    "scan",
    [{"turn": 5.0}, {"turn": -5.0, "upside_down": True}, {"stretch": (1.0, 1.03)}, {"stretch": (0.97, 1.0)},
     {"stretch": (1.0, 0.97), "turn": 5.0, "upside_down": True}],
)  # fmt: skip
def test_askew_turned_and_stretched_pages_are_read(dpi, scan):
    reading = read(sheet().scan(Scan(dpi=dpi, **scan)), dpi)
    assert reading.ok, reading.codes()
    assert reading.rotation == (180 if scan.get("upside_down") else 0)
    assert (wrong(reading), doubtful(reading) <= 1) == ([], True)


@pytest.mark.parametrize(("width", "left"), [(1, 0.5), (3, 0.7), (9, 0.4)])
def test_streaks_anywhere_are_said(width, left):
    page = sheet().scan(Scan(turn=1.0))
    for place in np.arange(3.0, 207.0, 6.3):
        image, column = page.copy(), int(place / 25.4 * 200)
        image[:, column : column + width] = (image[:, column : column + width] * left).astype(np.uint8)
        reading = read(image)
        if not reading.ok:
            assert {"streak", "orientation"} & set(reading.codes()), place
            continue
        assert {"streak-through", "streak-beside"} & set(reading.codes()), place
        assert (wrong(reading), doubtful(reading) <= 12) == ([], True), place


def strip(image, mm):
    """The first mm of an image, the last ones where negative."""
    rows = round(mm / 25.4 * 200)
    return image[:rows] if rows > 0 else image[rows:]


@pytest.mark.parametrize("mm", [-20.0, -33.0, -70.0, 18.0, 30.0, 80.0])
@pytest.mark.parametrize("backing", [15.0, 240.0])
def test_two_sheets_at_once_are_refused(mm, backing):
    upper, lower = sheet().scan(Scan(turn=2.0, backing=backing)), sheet().scan(Scan(turn=-1.0, backing=backing))
    parts = [strip(lower, mm), upper] if mm > 0 else [upper, strip(lower, mm)]
    assert "two-sheets" in read(np.vstack(parts)).codes()


@pytest.mark.parametrize("lid", [0.0, 1.0])
def test_punched_holes_are_no_squares_of_another_sheet(lid):
    paper = sheet()
    for x, y in ((9.0, 108.5), (9.0, 188.5)):
        cv2.circle(paper.darkness, (round(x * DOTS), round(y * DOTS)), round(3.3 * DOTS), lid, -1)
    page = paper.scan(Scan(turn=1.0))
    height, width = page.shape
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    slanted = cv2.getPerspectiveTransform(frame, frame + np.array([(18, 0), (-18, 0), (0, 0), (0, 0)], np.float32))
    seen = cv2.warpPerspective(page, slanted, (width, height), borderValue=(240,))
    for image, codes in ((page, ()), (seen, ("perspective",))):
        reading = read(image)
        assert reading.codes() == codes
        assert wrong(reading) == []


def test_a_long_image_is_a_warning_and_room_around_the_sheet_is_none():
    page = sheet().scan(Scan(turn=3.0))
    for backing in (15, 240):
        longer = cv2.copyMakeBorder(page, 0, 300, 0, 0, cv2.BORDER_CONSTANT, value=backing)
        roomy = cv2.copyMakeBorder(page, 45, 60, 50, 50, cv2.BORDER_CONSTANT, value=backing)
        assert read(longer).codes() == ("long-page",)
        assert read(roomy).codes() == ()
        assert wrong(read(longer)) == wrong(read(roomy)) == []


def folded(paper, corner, legs, gone):
    """A corner folded over: its back hides what lies under it, and where it was there is no paper (`gone` darkness)."""
    edge = np.array([(0, 0), (210, 0), (210, 297), (0, 297)][corner], dtype=float)
    inwards, (across, down) = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)][corner]), legs
    ends = [edge + inwards * (across, 0), edge + inwards * (0, down)]
    tip = edge + inwards * np.array([down, across]) * (2 * across * down / (across**2 + down**2))
    for shape, darkness in (([tip, *ends], 0.05), ([edge, *ends], gone)):
        cv2.fillConvexPoly(paper.darkness, np.rint(np.array(shape) * DOTS).astype(np.int32), darkness)


@pytest.mark.heavy
def test_corners_folded_over_bubbles_are_never_guessed():
    rng = np.random.default_rng(8200)
    refused = 0
    for n in range(24):
        paper = sheet()
        folded(paper, n % 4, rng.uniform(25, 110, 2), (0.0, 1.0)[n // 4 % 2])
        reading = read(paper.scan(Scan(turn=float(rng.uniform(-3, 3)), backing=(10, 240)[n // 4 % 2])))
        if reading.ok:
            assert wrong(reading) == []
        else:
            refused += 1
            assert {"covered", "orientation", "missing-corners"} & set(reading.codes())
    assert 0 < refused < 16


def test_one_bubble_that_is_painted_over_beside_a_mark_is_none_two_beside_each_other_are_asked_about():
    """Fluid covers the mark that was taken back; a tear, a fold or a label hides several."""
    paper = sheet()
    marked = [key for key, values in filled()[1].items() if len(values) == 1 and key[0].startswith("subject")]
    painted, torn = marked[3::29], marked[17::29]
    for key in painted + torn:
        others = [b for b in SHEET.bubbles if (b.field, b.column) == key and b.value not in filled()[1][key]]
        pairs = [(a, b) for a, b in itertools.pairwise(others) if abs(a.x - b.x) < 7]
        for bubble in pairs[0] if key in torn else others[:1]:
            blot(paper, bubble.x - 2.3, bubble.y - 2.3, bubble.x + 2.3, bubble.y + 2.3, 0.0)
    reading = read(paper.scan(Scan()))
    asked = [key for key in marked if reading.fields[key[0]][key[1]].state is State.DOUBTFUL]
    assert set(torn) <= set(asked)
    assert len(asked) <= len(torn) + 1
    assert wrong(reading) == []


def test_the_rim_of_a_cup_is_no_answer_of_a_pale_pen():
    """A stain as dark as the marks, through the empty rows of a sheet with pale print and a hard pencil."""
    paper = Paper(SHEET, np.random.default_rng(8102))
    truth = fill_in(paper, replace(PENS["hard pencil"], ink=0.25), empty=0.3)
    height, width = paper.darkness.shape
    ys, xs = np.ogrid[:height, :width]
    for x, y in ((60, 110), (120, 190), (150, 120), (70, 230)):
        away = np.abs(np.hypot(xs / DOTS - x, ys / DOTS - y) - 38)
        paper.darkness = np.maximum(paper.darkness, 0.24 * np.clip(2.2 - away, 0, 1).astype(np.float32))
    reading = read(paper.scan(Scan()))
    sure = [
        (key, values, group)
        for key, values in truth.items()
        for group in [reading.fields[key[0]][key[1]]]
        if group.state is not State.DOUBTFUL and sorted(group.values) != sorted(values)
    ]
    assert sure == []
