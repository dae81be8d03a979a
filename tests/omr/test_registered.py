"""Forms of others, straight and in scale already: their print, whatever it is, is told from marks."""

from __future__ import annotations

import gc
import weakref

import cv2
import numpy as np
import pytest

from mab_desktop.domain.sheet import Bubble
from mab_desktop.omr.form_doubts import AROUND_LEAST, found_beyond
from mab_desktop.omr.geometry import geometry_of
from mab_desktop.omr.marks import decide_again
from mab_desktop.omr.registered import FormReader, print_shifts, read_registered, registered_rules
from mab_desktop.omr.rules import DEFAULT_RULES, VARIED, State

SIZE = (120.0, 180.0)  # mm
TRUTH = {n: "1234"[n * 7 % 4] for n in range(40) if n % 9}
DENSE = 16.0  # pixels per mm while drawing


def form(rx: float = 2.4, ry: float = 2.0, gap: float = 3.2) -> list[Bubble]:
    """Two columns of twenty questions with four answers."""
    return [
        Bubble("q", n, value, 20.0 + (2 * rx + gap) * k + 48 * (n // 20), 14.0 + 8 * (n % 20), rx, ry)
        for n in range(40) for k, value in enumerate("1234")
    ]  # fmt: skip


def draw(bubbles: list[Bubble], outline: str, ink: int = 60) -> np.ndarray:
    """The empty form, dense."""
    page = np.full((int(SIZE[1] * DENSE), int(SIZE[0] * DENSE)), 245, np.uint8)
    for b in bubbles:
        x, y, half = round(b.x * DENSE), round(b.y * DENSE), (round(b.rx * DENSE), round(b.ry * DENSE))
        if outline == "box":
            cv2.rectangle(page, (x - half[0], y - half[1]), (x + half[0], y + half[1]), ink, 3)
        elif outline == "brackets":
            for side in (-1, 1):
                edge = x + side * half[0]
                ends = np.array([(edge - side * 12, y - half[1]), (edge, y - half[1]), (edge, y + half[1]),
                                 (edge - side * 12, y + half[1])])  # fmt: skip
                cv2.polylines(page, [ends], False, ink, 3)
        else:
            cv2.ellipse(page, (x, y), half, 0, 0, 360, ink, 8 if outline == "thick ring" else 3, cv2.LINE_AA)
        cv2.putText(page, b.value, (x - 13, y + 14), cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 3, cv2.LINE_AA)
    return page


def mark(page: np.ndarray, bubbles: list[Bubble], truth: dict[int, str], style: str = "fill", ink: int = 70) -> None:
    """Marks in place: ink only darkens what is printed there."""
    printed = page.copy()
    for b in bubbles:
        if truth.get(b.column) != b.value:
            continue
        x, y = round(b.x * DENSE), round(b.y * DENSE)
        rx, ry = round(0.85 * b.rx * DENSE), round(0.85 * b.ry * DENSE)
        if style == "fill":
            cv2.ellipse(page, (x, y), (rx, ry), 0, 0, 360, ink, -1)
        else:
            cv2.line(page, (x - rx, y - ry), (x + rx, y + ry), ink, 6, cv2.LINE_AA)
            cv2.line(page, (x - rx, y + ry), (x + rx, y - ry), ink, 6, cv2.LINE_AA)
    np.minimum(page, printed, out=page)


def scanned(page: np.ndarray, dpi: float, off: tuple[float, float] = (0, 0), wave: float = 0.0, seed: int = 1):
    """The page in the frame of the coordinates, true to `off` and a smooth `wave` (mm) only; with blur and grain."""
    dots = dpi / 25.4
    width, height = round(SIZE[0] * dots), round(SIZE[1] * dots)
    xs, ys = np.meshgrid((np.arange(width) + 0.5) / dots, (np.arange(height) + 0.5) / dots)
    across = xs + off[0] + wave * np.sin(ys / 28)
    down = ys + off[1] + wave * np.cos(xs / 35)
    blurred = cv2.GaussianBlur(page, (0, 0), 0.35 * DENSE / dots)
    values = cv2.remap(blurred, (across * DENSE - 0.5).astype(np.float32), (down * DENSE - 0.5).astype(np.float32),
                       cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    grain = np.random.default_rng(seed).normal(0, 4, values.shape)
    return np.clip(values.astype(np.float32) + grain, 0, 255).astype(np.uint8)


def answers(reading) -> dict[int, tuple[str, ...]]:
    return {n: g.values for n, g in reading.fields["q"].items() if g.state is not State.DOUBTFUL}


def meant(truth: dict[int, str]) -> dict[int, tuple[str, ...]]:
    return {n: (truth[n],) if n in truth else () for n in range(40)}


@pytest.mark.parametrize("outline", ["ring", "thick ring", "box", "brackets"])
@pytest.mark.parametrize("with_blank", [False, True])
def test_any_outline_half_a_millimetre_off(outline, with_blank):
    bubbles = form()
    empty = draw(bubbles, outline)
    filled = empty.copy()
    mark(filled, bubbles, TRUTH)
    blank = scanned(empty, 200, seed=2) if with_blank else None
    reading = read_registered(scanned(filled, 150, (0.4, -0.35), 0.25), bubbles, page_size=SIZE, blank=blank)
    assert answers(reading) == meant(TRUTH)


@pytest.mark.parametrize("dpi", [75, 100, 300])
def test_coarse_and_fine_images(dpi):
    bubbles = form()
    filled = draw(bubbles, "ring", ink=120)
    mark(filled, bubbles, TRUTH, "cross", ink=50)
    assert answers(read_registered(scanned(filled, dpi, (-0.3, 0.3)), bubbles, page_size=SIZE)) == meant(TRUTH)


def test_the_print_is_found_block_by_block():
    bubbles = form()
    page = scanned(draw(bubbles, "ring"), 200, (0.45, -0.3))
    shifts = print_shifts(page, geometry_of(bubbles), SIZE)
    np.testing.assert_allclose(shifts, np.broadcast_to((-0.45, 0.3), shifts.shape), atol=0.1)


def test_neighbours_that_all_but_touch_do_not_spoil_each_other():
    bubbles = form(rx=2.4, ry=2.0, gap=0.5)
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, TRUTH)
    assert answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE)) == meant(TRUTH)


def test_a_letter_marked_all_the_way_down_is_no_print():
    bubbles, same = form(), dict.fromkeys(range(40), "3")
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, same)
    assert answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE)) == meant(same)


def test_an_empty_form_is_empty():
    bubbles = form()
    page = scanned(draw(bubbles, "box"), 200, (0.3, 0.2))
    assert answers(read_registered(page, bubbles, page_size=SIZE)) == meant({})


def test_dark_print_that_only_the_empty_form_explains():
    """A bubble printed solid (a sample on the form) is no answer when the empty form shows it."""
    bubbles = [*form(), *(Bubble("sample", 0, v, 20.0 + 8 * k, 174.5, 2.4, 2.0) for k, v in enumerate("AB"))]
    empty = draw(bubbles, "ring")
    cv2.ellipse(empty, (round(20 * DENSE), round(174.5 * DENSE)), (30, 26), 0, 0, 360, 60, -1)
    filled = empty.copy()
    mark(filled, bubbles, TRUTH)
    read = FormReader(bubbles, SIZE, scanned(empty, 200, seed=3)).read(scanned(filled, 200))
    assert answers(read) == meant(TRUTH)
    assert read.fields["sample"][0].state is not State.ONE
    assert FormReader(bubbles, SIZE).read(scanned(filled, 200)).fields["sample"][0].values[0] == "A"


@pytest.mark.parametrize(("ink", "dpi"), [(185, 100), (205, 150)])
def test_marks_hardly_darker_than_print_and_grain_are_asked_about(ink, dpi):
    """A pale pen on a thick form in a grainy image: not one of its answers may be read as empty."""
    bubbles = form(rx=1.8, ry=1.5)
    filled = draw(bubbles, "thick ring", ink=130)
    mark(filled, bubbles, TRUTH, "cross", ink=ink)
    pale = scanned(filled, dpi, (0.4, 0.3)).astype(np.float32) * 0.7 + 245 * 0.3
    grainy = np.clip(pale + np.random.default_rng(8).normal(0, 7, pale.shape), 0, 255).astype(np.uint8)
    said = answers(read_registered(grainy, bubbles, page_size=SIZE))
    assert all(values == meant(TRUTH)[n] for n, values in said.items())


@pytest.mark.parametrize(("ink", "dpi", "least"), [(70, 200, 39), (110, 150, 36), (150, 100, 12)])
def test_letters_taller_than_their_bubbles_hide_no_mark(ink, dpi, least):
    """A mark may be asked about there, but none is read as empty or as another one."""
    bubbles = form(rx=1.9, ry=1.2, gap=3.0)
    filled = draw(bubbles, "ring", ink=40)
    for b in bubbles:
        at = round(b.x * DENSE) - 24, round(b.y * DENSE) + 26
        cv2.putText(filled, "MNVH"[int(b.value) - 1], at, cv2.FONT_HERSHEY_SIMPLEX, 2.4, 40, 6, cv2.LINE_AA)
    mark(filled, bubbles, TRUTH, "cross", ink=ink)
    said = answers(read_registered(scanned(filled, dpi, (0.3, -0.2)), bubbles, page_size=SIZE))
    assert all(values == meant(TRUTH)[n] for n, values in said.items())
    assert len(said) >= least


def test_decisions_are_taken_again_from_the_scores():
    bubbles = form()
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, TRUTH)
    read = read_registered(scanned(filled, 200), bubbles, page_size=SIZE)
    again = decide_again(read.scores, geometry_of(bubbles), registered_rules(DEFAULT_RULES))
    assert [g.values for g in again.groups] == [g.values for g in read.fields["q"].values()]


def shade(page: np.ndarray, bubbles: list[Bubble], by: int = 40) -> None:
    """Every second question on a gray stripe, lines and letters on it as dark as elsewhere."""
    for b in bubbles:
        if b.column % 2:
            top, left = round((b.y - 4) * DENSE), round((b.x - 4) * DENSE)
            part = page[top : top + round(8 * DENSE), left : left + round(8 * DENSE)]
            part[part > 245 - by] = 245 - by


@pytest.mark.parametrize("with_blank", [False, True])
def test_shaded_rows_are_paper_too(with_blank):
    """Pale crosses on a form with gray stripes; the empty form was copied lighter."""
    bubbles = form()
    empty = draw(bubbles, "ring")
    shade(empty, bubbles)
    filled = empty.copy()
    mark(filled, bubbles, TRUTH, "cross", ink=150)
    lighter = np.clip(empty.astype(np.float32) * 0.6 + 100, 0, 255).astype(np.uint8)
    blank = scanned(lighter, 200, (0.1, 0.1), seed=5) if with_blank else None
    said = answers(read_registered(scanned(filled, 200, (0.2, -0.1)), bubbles, page_size=SIZE, blank=blank))
    assert all(values == meant(TRUTH)[n] for n, values in said.items())
    assert len(said) >= 38


@pytest.mark.parametrize("outline", ["box", "thick ring"])
def test_a_ring_around_a_bubble_is_no_empty_group(outline):
    bubbles = form(rx=1.5, ry=1.5, gap=1.4)
    filled = draw(bubbles, outline)
    mark(filled, bubbles, {n: v for n, v in TRUTH.items() if n not in (4, 25)})
    for b in bubbles:
        if TRUTH.get(b.column) == b.value and b.column in (4, 25):
            half = round(1.2 * b.rx * DENSE), round(1.2 * b.ry * DENSE)
            cv2.ellipse(filled, (round(b.x * DENSE), round(b.y * DENSE)), half, 0, 0, 360, 110, 7, cv2.LINE_AA)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert 4 not in said
    assert 25 not in said
    assert len(said) == 38


@pytest.mark.parametrize(("ink", "wide"), [(210, 6), (225, 10)])
def test_a_pale_letter_all_the_way_down_is_a_question(ink, wide):
    """A pencil's crosses on one letter in every row are darker than print by less than letters differ."""
    bubbles, rng = form(), np.random.default_rng(3)
    filled = draw(bubbles, "ring")
    for b in bubbles:
        if b.value == "3":
            x, y, lean = round(b.x * DENSE), round(b.y * DENSE), rng.integers(-14, 15, 4).tolist()
            for way in (-1, 1):
                stroke = filled.copy()
                ends = (x - 28 + lean[0], y - 24 * way + lean[1]), (x + 28 + lean[2], y + 24 * way + lean[3])
                cv2.line(stroke, *ends, ink, wide, cv2.LINE_AA)
                np.minimum(filled, stroke, out=filled)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert all(values == ("3",) for values in said.values())


def test_a_page_without_the_forms_print_is_no_empty_sheet():
    """Of a black and white scan too light for print and pencil nothing is left but the numbers of the questions."""
    bubbles = form()
    page = np.full((int(SIZE[1] * 8), int(SIZE[0] * 8)), 255, np.uint8)
    for b in bubbles[::4]:
        at = round((b.x - 9) * 8), round((b.y + 1) * 8)
        cv2.putText(page, str(b.column), at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    assert answers(read_registered(page, bubbles, page_size=SIZE)) == {}


def tight(letters: str = "1234") -> list[Bubble]:
    """Rows 0.6 mm apart."""
    return [Bubble("q", n, v, 20.0 + 6 * k + 40 * (n // 20), 14.0 + 4.6 * (n % 20), 2.0, 2.0)
            for n in range(40) for k, v in enumerate(letters)]  # fmt: skip


def ring(page: np.ndarray, b: Bubble, ink: int) -> None:
    """A ring by hand around the bubble, wider than the printed one."""
    half = round(1.35 * b.rx * DENSE), round(1.4 * b.ry * DENSE)
    drawn = page.copy()
    cv2.ellipse(drawn, (round(b.x * DENSE), round(b.y * DENSE)), half, 0, 0, 360, ink, 10, cv2.LINE_AA)
    np.minimum(page, drawn, out=page)


@pytest.mark.parametrize("ink", [80, 160])
def test_a_sheet_of_rings_in_tight_rows_is_read(ink):
    """Rings reach into the rows above and below and would win there; nothing else is all around a bubble."""
    bubbles = tight()
    filled = draw(bubbles, "ring")
    for b in bubbles:
        if TRUTH.get(b.column) == b.value:
            ring(filled, b, ink)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert all(values == meant(TRUTH)[n] for n, values in said.items())
    assert len(said) >= 36


def test_two_rings_a_filled_bubble_and_an_erased_ring_among_rings_are_questions():
    bubbles, given = tight(), {n: v for n, v in TRUTH.items() if n not in (9, 31)}
    filled = draw(bubbles, "ring")
    for b in bubbles:
        if given.get(b.column) == b.value or (b.column == 20 and b.value in "14"):
            ring(filled, b, 80)
        # What an eraser left of a ring is paler than the rings that count.
        if (b.column, b.value) == (9, "3"):
            ring(filled, b, 140)
    mark(filled, bubbles, {31: "2"})
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert 20 not in said or len(said[20]) == 2
    assert 31 not in said
    assert 9 not in said
    assert all(values == meant(given)[n] for n, values in said.items() if n != 20)


@pytest.mark.parametrize("dpi", [100, 200])
def test_marks_that_run_over_into_the_next_bubble_are_no_second_ones(dpi):
    bubbles = tight()
    filled = draw(bubbles, "box")
    for b in bubbles:
        if TRUTH.get(b.column) == b.value:
            half = round(1.35 * b.rx * DENSE), round(1.3 * b.ry * DENSE)
            cv2.ellipse(filled, (round((b.x + 0.4) * DENSE), round(b.y * DENSE)), half, 0, 0, 360, 70, -1)
    assert answers(read_registered(scanned(filled, dpi), bubbles, page_size=SIZE)) == meant(TRUTH)


def test_a_second_mark_that_hangs_together_with_the_first_is_one():
    """It lies about the middle of its bubble."""
    bubbles = tight()
    filled = draw(bubbles, "box")
    mark(filled, bubbles, TRUTH)
    x, y = (round(v * DENSE) for v in (20.0, 14.0 + 4.6 * 4))
    assert TRUTH[4] == "1"
    cv2.line(filled, (x, y), (x + round(7.5 * DENSE), y - 6), 70, 14, cv2.LINE_AA)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert 4 not in said or len(said[4]) == 2


def test_a_black_pen_on_a_scan_too_light_for_the_print_is_read():
    bubbles = form()
    page = np.full((int(SIZE[1] * DENSE), int(SIZE[0] * DENSE)), 245, np.uint8)
    mark(page, bubbles, TRUTH, ink=10)
    lost = np.where(scanned(page, 200) > 128, 255, 0).astype(np.uint8)
    assert answers(read_registered(lost, bubbles, page_size=SIZE)) == meant(TRUTH)


@pytest.mark.parametrize(("ink", "sure"), [(60, True), (215, False)])
def test_few_dark_marks_on_a_form_whose_colour_is_dropped_hide_no_others(ink, sure):
    """A scanner that drops the form's colour shows marks alone; of a pale pen others may be lost with the print."""
    bubbles, few = form(), dict(list(TRUTH.items())[:21])
    page = np.full((int(SIZE[1] * DENSE), int(SIZE[0] * DENSE)), 245, np.uint8)
    mark(page, bubbles, few, ink=ink)
    said = answers(read_registered(scanned(page, 200), bubbles, page_size=SIZE))
    assert said == (meant(few) if sure else {n: (v,) for n, v in few.items() if n in said})


def test_specks_are_asked_about_and_leave_the_other_empty_groups_empty():
    bubbles, some = form(), dict(list(TRUTH.items())[:24])
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, some)
    specked = [n for n in range(40) if n not in some][::3]
    for b in bubbles:
        if b.column in specked and b.value == "2":
            cv2.circle(filled, (round((b.x + 0.8) * DENSE), round((b.y - 0.6) * DENSE)), round(0.25 * DENSE), 40, -1)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert len(specked) > 4
    assert said == {n: values for n, values in meant(some).items() if n in said}
    assert set() < set(range(40)) - set(said) <= set(specked)


def test_one_ring_around_a_box_among_filled_ones_is_a_question():
    """Of a pen that leaves gaps, on a form with thick boxes and letters: little of it lies on the box's own ground."""
    bubbles = form(rx=2.2, ry=2.2, gap=0.9)
    filled = draw(bubbles, "box", ink=80)
    mark(filled, bubbles, {n: v for n, v in TRUTH.items() if n not in (4, 25)})
    for b in bubbles:
        if TRUTH.get(b.column) == b.value and b.column in (4, 25):
            for begin in range(0, 360, 40):
                half = round(1.4 * b.rx * DENSE), round(1.4 * b.ry * DENSE)
                cv2.ellipse(
                    filled, (round(b.x * DENSE), round(b.y * DENSE)), half, 0, begin, begin + 34, 150, 5, cv2.LINE_AA
                )
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert 4 not in said
    assert 25 not in said
    assert len(said) >= 36


def test_crosses_that_hardly_show_are_no_empty_sheet():
    bubbles = form()
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, TRUTH, "cross", ink=236)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert sum(values == () for n, values in said.items() if n in TRUTH) == 0


def test_black_and_white_has_rules_of_its_own_also_as_dots_in_a_gray_file():
    bubbles = form()
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, TRUTH)
    gray = scanned(filled, 200)
    dots = np.where(gray > 150, 255, 0).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", dots, [cv2.IMWRITE_JPEG_QUALITY, 75])
    pages = {"gray": gray, "dots": dots, "coded": cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)}
    readings = {name: read_registered(page, bubbles, page_size=SIZE) for name, page in pages.items()}
    assert {name: reading.thresholds["varied"] for name, reading in readings.items()} == {
        "gray": 0.0, "dots": VARIED, "coded": VARIED}  # fmt: skip
    assert [answers(reading) for reading in readings.values()] == [meant(TRUTH)] * 3


def test_a_black_and_white_sheet_that_shows_no_mark_is_no_empty_one():
    bubbles = form()
    filled = draw(bubbles, "ring", ink=20)
    mark(filled, bubbles, TRUTH, ink=190)
    page = np.where(scanned(filled, 200) > 128, 255, 0).astype(np.uint8)
    said = answers(read_registered(page, bubbles, page_size=SIZE, bilevel=True))
    assert not said


@pytest.mark.parametrize("with_blank", [False, True])
def test_empty_rows_of_a_sheet_with_one_letter_all_down_are_no_answers(with_blank):
    bubbles, truth = form(rx=2.0, ry=2.0), {n: "3" for n in range(40) if n % 6}
    empty = draw(bubbles, "ring", ink=20)
    for b in bubbles:  # A letter far heavier than the others.
        x, y = round(b.x * DENSE) - 24, round(b.y * DENSE) + 20
        if b.value == "3":
            cv2.putText(empty, "W", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 20, 9)
    filled = empty.copy()
    mark(filled, bubbles, truth, ink=30)
    blank = scanned(empty, 200, seed=2) if with_blank else None
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE, blank=blank))
    assert {n: said[n] for n in truth if n in said} == dict.fromkeys(truth, ("3",))
    assert all(said.get(n, ()) == () for n in range(0, 40, 6))
    assert with_blank == (0 in said)


def test_a_pale_letter_all_the_way_down_is_read_beside_the_empty_form_and_is_no_empty_sheet_without():
    bubbles, same = form(), {n: "3" for n in range(40) if n % 8}
    empty = draw(bubbles, "ring", ink=90)
    filled = empty.copy()
    mark(filled, bubbles, same, "cross", ink=165)
    page, blank = scanned(filled, 200), scanned(empty, 200, seed=2)
    assert not answers(read_registered(page, bubbles, page_size=SIZE))
    assert answers(read_registered(page, bubbles, page_size=SIZE, blank=blank)) == meant(same)


def test_what_an_eraser_left_beside_an_answer_is_no_second_one():
    bubbles = form()
    filled = draw(bubbles, "ring")
    other = {n: "1234"["4123".index(value)] for n, value in TRUTH.items() if n % 5 == 1}
    mark(filled, bubbles, other, ink=222)
    mark(filled, bubbles, TRUTH)
    assert answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE)) == meant(TRUTH)


def ticked(page: np.ndarray, bubbles: list[Bubble], truth: dict[int, str], ink: int = 90) -> None:
    """Slashes, which leave most of their bubble free."""
    printed = page.copy()
    for b in bubbles:
        if truth.get(b.column) == b.value:
            x, y, rx, ry = (round(part * DENSE) for part in (b.x, b.y, 0.9 * b.rx, 0.9 * b.ry))
            cv2.line(page, (x - rx, y + ry), (x + rx, y - ry), ink, 9, cv2.LINE_AA)
    np.minimum(page, printed, out=page)


def test_a_veil_beside_a_slash_is_no_second_mark_and_alone_no_answer():
    """An eraser leaves as much darkness in all as a thin stroke, and nowhere the pen's ink."""
    bubbles = form()
    filled = draw(bubbles, "ring")
    veiled = {n: "1234"["4123".index(value)] for n, value in TRUTH.items() if n % 5 == 1}
    mark(filled, bubbles, veiled | {9: "2", 27: "3"}, ink=196)
    ticked(filled, bubbles, TRUTH)
    reading = read_registered(scanned(filled, 200), bubbles, page_size=SIZE)
    fields = reading.fields["q"]
    assert {n: fields[n].values for n in TRUTH} == {n: (value,) for n, value in TRUTH.items()}
    assert {fields[n].state for n in (9, 27)} == {State.DOUBTFUL}


def test_a_paler_second_mark_as_firm_as_a_pen_is_a_question():
    bubbles = form()
    filled = draw(bubbles, "ring")
    second = {n: "1234"["4123".index(value)] for n, value in TRUTH.items() if n in (4, 22)}
    mark(filled, bubbles, second, ink=165)
    mark(filled, bubbles, TRUTH)
    fields = read_registered(scanned(filled, 200), bubbles, page_size=SIZE).fields["q"]
    assert {fields[n].state for n in second} <= {State.DOUBTFUL, State.MANY}


@pytest.mark.parametrize("down", [True, False])
def test_a_fold_along_a_row_or_a_column_hides_no_mark_and_is_none(down):
    bubbles = form()
    filled = draw(bubbles, "ring")
    printed = filled.copy()
    b = bubbles[6 if down else 4 * 7]
    x, y = round(b.x * DENSE), round((b.y + 0.9) * DENSE)
    ends = ((x, 0), (x, filled.shape[0])) if down else ((0, y), (filled.shape[1], y))
    cv2.line(filled, *ends, 150, 6, cv2.LINE_AA)
    np.minimum(filled, printed, out=filled)
    ticked(filled, bubbles, TRUTH, ink=60)
    fields = read_registered(scanned(filled, 200), bubbles, page_size=SIZE).fields["q"]
    answered = {n: fields[n].values for n in range(40) if fields[n].state is State.ONE}
    assert answered.items() <= meant(TRUTH).items()
    assert len(answered) > len(TRUTH) - 3


def test_an_empty_form_of_another_printing_asks_for_no_more_than_the_page_alone():
    bubbles = form()
    filled = draw(bubbles, "ring")
    mark(filled, bubbles, TRUTH, "cross", ink=190)
    # Printed so fat that it explains any mark.
    fat = scanned(cv2.erode(draw(bubbles, "ring"), np.ones((25, 25), np.uint8)), 200)
    assert answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE, blank=fat)) == meant(TRUTH)


def test_what_was_doubted_is_doubted_again_from_stored_scores():
    bubbles = form(rx=1.5, ry=1.5, gap=1.4)
    filled = draw(bubbles, "box")
    for b in bubbles[1::8]:
        half = round(1.2 * b.rx * DENSE), round(1.2 * b.ry * DENSE)
        cv2.ellipse(filled, (round(b.x * DENSE), round(b.y * DENSE)), half, 0, 0, 360, 110, 7, cv2.LINE_AA)
    reading = read_registered(scanned(filled, 200), bubbles, page_size=SIZE)
    again = decide_again(reading.scores, geometry_of(bubbles), registered_rules(DEFAULT_RULES))
    assert [g.state for g in again.groups] == [reading.fields["q"][n].state for n in range(40)]
    assert State.DOUBTFUL in {g.state for g in again.groups}


def test_arrays_of_many_forms_are_not_kept():
    first = weakref.ref(geometry_of(form(rx=1.01)))
    for n in range(40):
        geometry_of(form(rx=1.5 + n / 100))
    gc.collect()
    assert first() is None


def test_every_other_rows_shade_is_no_ink_around_a_bubble():
    """Whichever rows the marks of a letter are in."""
    geometry, side = geometry_of(form()), 31
    shaded = np.array([b.column % 2 for b in geometry.bubbles], dtype=np.float32)
    marked = np.array([(b.column % 2 == (b.value == "4")) and b.column < 12 for b in geometry.bubbles])
    ink = np.broadcast_to((0.15 * shaded + 0.3 * marked)[:, None, None], (len(shaded), side, side)).copy()
    ink += np.random.default_rng(1).normal(0, 0.004, ink.shape).astype(np.float32)
    nothing = np.zeros(len(ink), dtype=bool)
    rows = (~marked[geometry.first]).all(axis=1)
    around = found_beyond(ink, ink, geometry, nothing, 0.0).around[geometry.first[rows]]
    assert rows.sum() > 20
    assert around.max() - around.min() < AROUND_LEAST


def test_a_mark_at_the_rim_towards_the_row_above_is_not_that_rows():
    bubbles = tight()
    filled, given = draw(bubbles, "brackets"), TRUTH | {9: "2", 10: "2"}
    mark(filled, bubbles, {n: value for n, value in given.items() if n != 10}, ink=90)
    b = next(b for b in bubbles if (b.column, b.value) == (10, "2"))
    half = round(0.6 * b.rx * DENSE), round(0.6 * b.ry * DENSE)
    cv2.ellipse(filled, (round(b.x * DENSE), round((b.y - 0.75 * b.ry) * DENSE)), half, 0, 0, 360, 150, -1)
    said = answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE))
    assert said.get(10, ("2",)) == ("2",)


def test_few_answers_of_a_dark_pen_are_read_where_one_letter_is_printed_unevenly():
    bubbles, rng = form(), np.random.default_rng(1)
    filled, given = draw(bubbles, "brackets"), {n: TRUTH[n] for n in sorted(TRUTH)[:14]}
    for b in bubbles:
        if b.value == "2":
            x, y, ink = round(b.x * DENSE), round(b.y * DENSE), 60 + int(rng.integers(-10, 11))
            filled[y - 24 : y + 24, x - 20 : x + 20] = 245
            cv2.putText(filled, "2", (x - 13, y + 14), cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 3, cv2.LINE_AA)
    mark(filled, bubbles, given)
    assert answers(read_registered(scanned(filled, 200), bubbles, page_size=SIZE)) == meant(given)
