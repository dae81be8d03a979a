"""Sheets that no feeder scanned: on beds, turned, mirrored, cut, photographed. Read rightly or refused by name."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.bed import cut_out, turned_back
from mab_desktop.omr.locate import MARKS, SIZES
from mab_desktop.omr.overlay import crop_area
from mab_desktop.omr.photograph import plane, slanted
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.rules import State
from mab_desktop.rehearsal import beds

SHEET = layout(default_profile())
DPI = 150


@cache
def scanned():
    paper = Paper(SHEET, np.random.default_rng(41))
    truth = fill_in(paper, PENS["black"])
    return paper.scan(Scan(dpi=DPI, jpeg=0)), truth


def right(reading: SheetReading) -> bool:
    """Whether nearly everything is read and nothing is wrong."""
    _, truth = scanned()
    said = {(name, n): group for name, columns in reading.fields.items() for n, group in columns.items()}
    sure = {key: set(group.values) for key, group in said.items() if group.state is not State.DOUBTFUL}
    return len(sure) > 0.97 * len(truth) and all(values == set(truth[key]) for key, values in sure.items())


def on_bed(name: str, level: int, angle: float) -> np.ndarray:
    return beds.on_bed(scanned()[0], DPI, np.random.default_rng(3), beds.BEDS[name], level, angle)


@pytest.mark.parametrize(
    ("bed", "level", "angle"),
    [("A3", 255, 0), ("A3", 8, 4), ("A3 lying", 128, 0), ("A3 lying", 60, 90), ("wide", 235, 27), ("A3", 60, -178)],
)
def test_a_sheet_anywhere_on_a_larger_bed_is_read(bed: str, level: int, angle: float) -> None:
    image = on_bed(bed, level, angle)
    reading = read_image(image, SHEET)
    assert reading.ok, reading.problems
    assert right(reading)
    # Where it lies is said of the image as it came.
    name = cv2.imdecode(np.frombuffer(crop_area(image, reading, SHEET.name_crop), np.uint8), cv2.IMREAD_GRAYSCALE)
    plain = crop_area(scanned()[0], read_image(scanned()[0], SHEET), SHEET.name_crop)
    expected = cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert float(np.corrcoef(name[:, : expected.shape[1]].ravel(), expected.ravel())[0, 1]) > 0.7


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_is_read_and_placed_in_its_own_image(quarters: int) -> None:
    image = beds.turned(scanned()[0], quarters)
    reading = read_image(image, SHEET)
    assert right(reading)
    there = read_image(scanned()[0], SHEET).matrix() @ [30.0, 60.0, 1.0]
    x, y = (turned_back(scanned()[0].shape[1], scanned()[0].shape[0], quarters) @ (reading.matrix() @ [30, 60, 1]))[:2]
    assert np.hypot(x - there[0], y - there[1]) < 1.5


@pytest.mark.parametrize(("quarters", "down"), [(0, False), (0, True), (1, False), (3, True)])
def test_a_mirrored_page_is_refused_by_name(quarters: int, down: bool) -> None:
    reading = read_image(beds.turned(beds.mirrored(scanned()[0], down=down), quarters), SHEET)
    assert not reading.ok
    assert reading.codes()[-1] == "mirrored"


def test_two_sheets_side_by_side_are_refused_by_name() -> None:
    reading = read_image(np.hstack([scanned()[0], scanned()[0]]), SHEET)
    assert reading.codes() == ("two-sheets",)


@pytest.mark.parametrize(("slant", "shade"), [(0.04, 0.3), (0.1, 0.5), (0.05, 0.85), (0.2, 0.7)])
def test_a_photograph_from_above_is_read(slant: float, shade: float) -> None:
    reading = read_image(beds.photographed(scanned()[0], np.random.default_rng(9), slant, shade, 2.0), SHEET)
    assert reading.ok, reading.problems
    assert right(reading)
    assert "perspective" in reading.codes()


@pytest.mark.parametrize(("lit", "asked"), [(0.35, 40), (0.65, 2)])
def test_a_hands_shadow_with_an_edge_is_seen_past_or_asked_about(lit: float, asked: int) -> None:
    image = beds.photographed(scanned()[0], np.random.default_rng(5), 0.12, 0.2, -3.0)
    shadow = np.ones(image.shape, np.float32)
    cv2.fillPoly(shadow, [np.array([(0, 400), (700, 900), (1100, 1900), (0, 1900)])], lit)
    dark = np.rint(image * cv2.GaussianBlur(shadow, (0, 0), 12)).astype(np.uint8)
    reading = read_image(dark, SHEET)
    assert reading.ok, reading.problems
    _, truth = scanned()
    said = {(name, n): group for name, columns in reading.fields.items() for n, group in columns.items()}
    sure = {key: set(group.values) for key, group in said.items() if group.state is not State.DOUBTFUL}
    assert len(truth) - len(sure) <= asked
    assert all(values == set(truth[key]) for key, values in sure.items())


def sides(page: np.ndarray) -> np.ndarray:
    """Of the squares as `page` shows them."""
    far = np.column_stack([MARKS + [0.5, 0], np.ones(6)]) @ page.T
    near = np.column_stack([MARKS - [0.5, 0], np.ones(6)]) @ page.T
    return SIZES * np.hypot(*(far[:, :2] / far[:, 2:] - near[:, :2] / near[:, 2:]).T)


def test_no_four_squares_without_the_two_between_them_are_a_sheet() -> None:
    corners = np.array([(10, 10, 24), (500, 40, 22), (30, 800, 25), (560, 780, 26), (300, 300, 20), (420, 90, 20)])
    assert slanted(corners.astype(np.float64)) is None
    page = plane(MARKS[:4], corners[None, :4, :2].astype(np.float64))[0]
    between = np.column_stack([MARKS[4:], np.ones(2)]) @ page.T
    points = np.vstack([corners[:4, :2], between[:, :2] / between[:, 2:]])
    for turn in (0, 1, 2, 3):
        angle = np.exp(1j * np.pi / 2 * turn)
        seen = (points[:, 0] + 1j * points[:, 1]) * angle
        spots = np.column_stack([seen.real, seen.imag, sides(page)])
        found = slanted(spots[::-1])
        assert found is not None
        assert (5 - found).tolist() == list(range(6))


def test_margins_may_be_cut_off_and_a_cut_through_squares_is_refused() -> None:
    assert right(read_image(beds.cropped(scanned()[0], DPI, (9, 9, 9, 9)), SHEET))
    cut = read_image(beds.cropped(scanned()[0], DPI, (0, 0, 0, 18)), SHEET)
    assert cut.codes() == ("missing-corners",)


def test_there_is_no_sheet_among_noise_and_none_on_white_paper() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1700, 1300), dtype=np.uint8)
    assert cut_out(np.full((1700, 1300), 240, np.uint8)) is None
    assert cut_out(cv2.GaussianBlur(noise, (0, 0), 4)) is None
