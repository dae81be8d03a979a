"""Forms of others between the squares of our sheet: found by the squares, read by their own print."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import PAGE_HEIGHT, PAGE_WIDTH, Bubble, layout
from mab_desktop.omr.geometry import geometry_of
from mab_desktop.omr.marks import decide_again
from mab_desktop.omr.read import read_image
from mab_desktop.omr.registered import FormReader, registered_rules
from mab_desktop.omr.rules import DEFAULT_RULES, State

SHEET = layout(default_profile())
DENSE = 10.0  # pixels per mm
TRUTH = {n: "ABCDE"[n * 3 % 5] for n in range(80) if n % 11}


def bubbles(down: float = 40.0, rx: float = 2.6) -> list[Bubble]:
    """Two columns of forty questions in brackets."""
    return [Bubble("q", n, v, 35 + 9.0 * k + 80 * (n // 40), down + 5.5 * (n % 40), rx, 1.8)
            for n in range(80) for k, v in enumerate("ABCDE")]  # fmt: skip


def page(form: list[Bubble], *, squares: bool = True, tone: int = 40) -> np.ndarray:
    """The form with its answers, `tone` the gray of the pen."""
    image = np.full((int(PAGE_HEIGHT * DENSE), int(PAGE_WIDTH * DENSE)), 240, np.uint8)

    def solid(x: float, y: float, width: float, height: float, gray: int) -> None:
        image[round(y * DENSE) : round((y + height) * DENSE), round(x * DENSE) : round((x + width) * DENSE)] = gray

    if squares:
        for mark in SHEET.fiducials:
            solid(mark.x - mark.size / 2, mark.y - mark.size / 2, mark.size, mark.size, 10)
        solid(SHEET.orientation.x, SHEET.orientation.y, SHEET.orientation.width, SHEET.orientation.height, 10)
    for b in form:
        for side in (-1, 1):
            edge, inner = (round((b.x + side * part * b.rx) * DENSE) for part in (1, 0.7))
            top, bottom = round((b.y - b.ry) * DENSE), round((b.y + b.ry) * DENSE)
            ends = np.array([(inner, top), (edge, top), (edge, bottom), (inner, bottom)])
            cv2.polylines(image, [ends], False, 120, 2)
        at = round(b.x * DENSE) - 9, round(b.y * DENSE) + 10
        cv2.putText(image, b.value, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 120, 2, cv2.LINE_AA)
        if TRUTH.get(b.column) == b.value:
            filled = image.copy()
            half = round(0.95 * b.rx * DENSE), round(0.95 * b.ry * DENSE)
            cv2.ellipse(filled, (round(b.x * DENSE), round(b.y * DENSE)), half, 0, 0, 360, tone, -1, cv2.LINE_AA)
            np.minimum(image, filled, out=image)
    return image


def scanned(image: np.ndarray, turn: float = 0.0, dpi: float = 200.0, *, upside_down: bool = False) -> np.ndarray:
    """As a feeder gives it: askew by `turn` degrees, blurred, with grain."""
    dots = dpi / 25.4
    size = round(PAGE_WIDTH * dots), round(PAGE_HEIGHT * dots)
    move = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), turn, 1.0)
    turned = cv2.warpAffine(image, move, image.shape[::-1], borderValue=240)
    small = cv2.resize(turned, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    grain = np.random.default_rng(1).normal(0, 4, small.shape)
    gray = np.clip(small + grain, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(gray[::-1, ::-1]) if upside_down else gray


def said(reading) -> dict[int, tuple[str, ...]]:
    return {n: g.values for n, g in reading.fields["q"].items() if g.state is not State.DOUBTFUL}


MEANT = {n: (TRUTH[n],) if n in TRUTH else () for n in range(80)}


@pytest.mark.parametrize(("turn", "dpi", "upside_down", "tone"), [
    (0.0, 150, False, 40), (1.5, 200, True, 40), (-3.0, 300, False, 150),
])  # fmt: skip
def test_brackets_between_the_squares_are_read(turn, dpi, upside_down, tone):
    image = scanned(page(bubbles(), tone=tone), turn, dpi, upside_down=upside_down)
    reading = read_image(image, SHEET, dpi=dpi, other=FormReader(bubbles()))
    assert reading.ok, reading.codes()
    assert said(reading) == MEANT
    assert reading.rotation == (180 if upside_down else 0)
    there = reading.matrix() @ [bubbles()[0].x, bubbles()[0].y, 1.0]
    assert (there[:2] < np.array(image.shape[::-1]) / 2).all() != upside_down
    again = decide_again(reading.scores, geometry_of(bubbles()), registered_rules(DEFAULT_RULES))
    assert [g.state for g in again.groups] == [reading.fields["q"][n].state for n in range(80)]


def test_a_form_without_the_squares_is_refused():
    assert read_image(scanned(page(bubbles(), squares=False)), SHEET, dpi=200, other=FormReader(bubbles())).codes() == (
        "missing-corners",)  # fmt: skip


def test_another_form_is_no_empty_sheet():
    """Its bubbles lie elsewhere: what is in their places is not alike."""
    others = [Bubble("q", n, v, 31.7 + 11.3 * k + 77 * (n // 40), 43 + 5.11 * (n % 40), 1.4, 1.4)
              for n in range(80) for k, v in enumerate("ABCDE")]  # fmt: skip
    reading = read_image(scanned(page(bubbles())), SHEET, dpi=200, other=FormReader(others))
    assert not reading.ok
    assert reading.codes() == ("wrong-form",)


def test_filled_boxes_as_large_as_the_squares_are_no_second_sheet():
    form = [Bubble("q", n, v, 40 + 11.0 * k + 80 * (n // 20), 40 + 9.0 * (n % 20), 3.0, 3.0)
            for n in range(40) for k, v in enumerate("ABCDE")]  # fmt: skip
    image = page(form)
    for b in form:
        if TRUTH.get(b.column) == b.value:
            left, top = round((b.x - 3) * DENSE), round((b.y - 3) * DENSE)
            image[top : top + 60, left : left + 60] = 30
    reading = read_image(scanned(image), SHEET, dpi=200, other=FormReader(form))
    assert reading.ok, reading.codes()
    assert said(reading) == {n: MEANT[n] for n in range(40)}
