"""Scans without grays are read by stricter rules, or refused by name."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from omr_pages import SHEET, lose_two_corners, read, silent_errors, written
from omr_paper import PENS, Scan
from PIL import Image

from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import State


def test_black_and_white_scans_are_read_with_a_warning_or_refused():
    paper, truth = written(14)
    scan = Scan(bilevel=True, jpeg=0)
    reading = read(paper, scan)
    assert reading.codes() == ("bilevel",)
    assert silent_errors(reading, truth) == ([], 0)
    for ink in (0.4, 0.2):
        lost, _ = written(15, replace(PENS["pencil"], ink=ink))
        assert "bilevel-lost" in read(lost, scan).codes()


@pytest.mark.parametrize("pen", ["sloppy", "crosses"])
def test_where_a_scan_lost_the_print_rows_that_look_empty_are_questions(pen):
    """Of one who leaves no full marks: what is left of the palest may be nothing, as of the rings."""
    paper, truth = written(16, pen)
    reading = read(paper, Scan(bilevel=True, jpeg=0))
    assert reading.codes() == ("bilevel", "drops-ink")
    empty = {place for place, values in truth.items() if not values}
    asked = {(field, n) for field, groups in reading.fields.items() for n, group in groups.items()
             if group.state is State.DOUBTFUL}  # fmt: skip
    assert len(empty) > 0
    assert asked == empty
    assert silent_errors(reading, truth) == ([], len(empty))


def dithered(gray):
    """Black and white dots of an ordered pattern, as drivers give them of grays; paper is made white first."""
    steps = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 16 + 8
    bound = np.tile(steps, (gray.shape[0] // 4 + 1, gray.shape[1] // 4 + 1))[: gray.shape[0], : gray.shape[1]]
    return np.where(gray.astype(int) * 255 // 225 > bound, 255, 0).astype(np.uint8)


def diffused(gray):
    """Black and white dots, the error of each handed to the dots around it."""
    white = np.minimum(gray.astype(int) * 255 // 225, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(white).convert("1")).astype(np.uint8) * np.uint8(255)


@pytest.mark.parametrize("dots", [dithered, diffused])
@pytest.mark.parametrize("pen", ["black", "pencil", "ticks"])
def test_dithered_scans_are_read(dots, pen):
    paper, truth = written(20, pen)
    gray = paper.scan(Scan(jpeg=0, turn=0.7))
    reading = read_image(dots(gray), SHEET, dpi=200, bilevel=True)
    assert reading.codes() == ("bilevel",)
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 4


def test_black_and_white_scans_on_which_no_sheet_is_found_say_so():
    paper, _ = written(9)
    lose_two_corners(paper)
    assert read(paper, Scan(bilevel=True, jpeg=0)).codes() == ("bilevel", "missing-corners")


@pytest.mark.parametrize(("cut", "dpi"), [(150, 300), (190, 200), (205, 300)])
def test_black_marks_in_black_and_white_are_read_whatever_the_cut(cut, dpi):
    paper, truth = written(7604)
    gray = paper.scan(Scan(dpi=dpi, noise=3))
    image = np.where(gray > cut, 255, 0).astype(np.uint8)
    reading = read_image(image, SHEET, dpi=dpi, bilevel=True)
    assert reading.ok, reading.codes()
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 15


@pytest.mark.parametrize("quality", [0, 75])
def test_black_and_white_dots_in_a_file_of_grays_are_black_and_white(quality):
    paper, _truth = written(7614)
    gray = paper.scan(Scan(dpi=300, noise=3))
    image = np.where(gray > 170, 255, 0).astype(np.uint8)
    if quality:
        image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    assert "bilevel" in read_image(image, SHEET, dpi=300).codes()
    assert "bilevel" not in read_image(gray, SHEET, dpi=300).codes()
