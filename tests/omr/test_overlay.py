"""Pictures that show why: upright, in scale, each sign where it belongs."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import Bubble, layout
from mab_desktop.omr.overlay import crop_name, draw_overlay, draw_reading, pack, under_caption
from mab_desktop.omr.overlay_signs import DOTS, Sign
from mab_desktop.omr.problems import PageProblem
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.registered import read_registered
from mab_desktop.omr.rules import State

SHEET = layout(default_profile())
PAGE = (round(297 * DOTS), round(210 * DOTS), 3)
PAGE_MM = (210, 297)
BUBBLES = {(b.field, b.column, b.value): b for b in SHEET.bubbles}


def picture(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def drawn(gray, reading):
    return draw_reading(gray, reading, SHEET.bubbles, SHEET.fiducials)


def has(shown, sign, x, y, half):
    """Whether a place in mm shows a sign's colour."""
    low, high = (round((at - half) * DOTS) for at in (y, x)), (round((at + half) * DOTS) + 1 for at in (y, x))
    (top, left), (bottom, right) = low, high
    window = shown[max(0, top) : bottom, max(0, left) : right].astype(int)
    return bool((np.abs(window - np.array(sign.value)).max(axis=2) < 12).any())


@pytest.fixture(scope="module")
def paper():
    """A sheet with handwriting, plain marks, two marks in item 1 and a weak second one in item 2."""
    paper = Paper(SHEET, np.random.default_rng(1))
    paper.handwriting()
    fill_in(paper, PENS["black"], empty=0.0)
    for bubble in SHEET.bubbles:
        if (bubble.field, bubble.column) == ("subject2", 0) and bubble.value == "A":
            paper.mark(bubble, PENS["black"])
        if (bubble.field, bubble.column) == ("subject2", 1):
            paper.half(bubble, PENS["pencil"])
    return paper


@pytest.mark.parametrize("scan", [Scan(), Scan(upside_down=True, turn=3.0, backing=10), Scan(dpi=300, turn=-1.0)])
def test_signs_lie_on_the_upright_page_whatever_the_scan(paper, scan):
    gray = paper.scan(scan)
    reading = read_image(gray, SHEET, dpi=scan.dpi)
    shown, signs = drawn(gray, reading)
    assert shown.shape == PAGE
    assert {Sign.GRID, Sign.MARK, Sign.MANY, Sign.DOUBT, Sign.SQUARE} == signs
    for mark in SHEET.fiducials:
        assert has(shown, Sign.SQUARE, mark.x, mark.y, mark.size / 2 + 1.3)
    own = {State.ONE: Sign.MARK, State.MANY: Sign.MANY, State.DOUBTFUL: Sign.DOUBT}
    for field, columns in reading.fields.items():
        for column, group in columns.items():
            members = [b for b in SHEET.bubbles if (b.field, b.column) == (field, column)]
            for bubble in members:
                marked = group.state is not State.NONE and bubble.value in group.values
                if marked:
                    assert has(shown, own[group.state], bubble.x, bubble.y, bubble.rx + 0.6)
                else:
                    assert has(shown, Sign.GRID, bubble.x, bubble.y, bubble.rx + 0.2)


def test_the_name_is_cropped_upright_whatever_the_scan(paper):
    names = []
    for scan in (Scan(), Scan(upside_down=True, turn=3.0)):
        gray = paper.scan(scan)
        reading = read_image(gray, SHEET, dpi=scan.dpi)
        names.append(cv2.cvtColor(picture(crop_name(gray, reading, SHEET)), cv2.COLOR_BGR2GRAY).astype(int))
    assert names[0].shape == names[1].shape
    assert np.corrcoef(names[0].ravel(), names[1].ravel())[0, 1] > 0.9


def test_a_sheet_on_its_side_is_shown_upright(paper):
    lying = np.ascontiguousarray(np.rot90(paper.scan(Scan()), -1))
    reading = read_image(lying, SHEET, dpi=200)
    assert "sideways" in reading.codes()
    shown, _ = drawn(lying, reading)
    assert has(shown, Sign.SQUARE, 15, 15, 4)
    assert shown[round(15 * DOTS), round(15 * DOTS)].max() < 120


def test_a_lost_corner_is_crossed_where_it_should_be(paper):
    torn = replace_darkness(paper, slice(0, 300), slice(0, 300))
    gray = torn.scan(Scan(turn=1.5))
    reading = read_image(gray, SHEET, dpi=200)
    assert "corner-lost" in reading.codes()
    shown, _ = drawn(gray, reading)
    assert has(shown, Sign.LOST, 15, 15, 1.0)
    assert not any(has(shown, Sign.LOST, mark.x, mark.y, 5) for mark in SHEET.fiducials[1:])


def replace_darkness(paper, rows, columns):
    torn = Paper(SHEET, np.random.default_rng(1))
    torn.darkness = paper.darkness.copy()
    torn.darkness[rows, columns] = 0
    return torn


def test_a_page_without_its_corners_shows_which_were_found_and_where_the_others_were_sought(paper):
    torn = replace_darkness(paper, slice(0, 300), slice(None))
    gray = torn.scan(Scan(turn=2.0))
    reading = read_image(gray, SHEET, dpi=200)
    assert reading.codes() == ("missing-corners",)
    shown, signs = drawn(gray, reading)
    assert signs == {Sign.SQUARE, Sign.LOST, Sign.EDGE}
    for mark in SHEET.fiducials[:2]:  # askew, as the sheet lies
        assert has(shown, Sign.LOST, mark.x, mark.y, 7.0)
    assert not any(has(shown, Sign.LOST, mark.x, mark.y, 6) for mark in SHEET.fiducials[2:])
    _, signs = drawn(gray[:1400], reading)
    assert signs == {Sign.SQUARE}  # of two squares nobody can tell where the others would be


def test_streaks_are_shown_as_bands(paper):
    gray = paper.scan(Scan())
    gray[:, 748:751] = np.minimum(gray[:, 748:751], 150)
    reading = read_image(gray, SHEET, dpi=200)
    assert any(code.startswith("streak") for code in reading.codes())
    shown, signs = drawn(gray, reading)
    assert Sign.STREAK in signs
    band = shown[:, round(749.5 / 200 * 25.4 * DOTS)].astype(int)
    assert np.mean(band[:, 2] - band[:, 0] > 40) > 0.9
    beside = shown[:, round((749.5 / 200 * 25.4 + 2.5) * DOTS)].astype(int)
    assert np.mean(beside[:, 2] - beside[:, 0] > 40) < 0.2


def test_covered_bubbles_are_crossed(paper):
    covered = Paper(SHEET, np.random.default_rng(1))
    covered.darkness = paper.darkness.copy()
    spot = BUBBLES["subject3", 12, "C"]
    low, high = round((spot.y - 17) * 12), round((spot.y + 17) * 12)
    covered.darkness[low:high, round((spot.x - 14) * 12) : round((spot.x + 14) * 12)] = 0.02
    gray = covered.scan(Scan())
    reading = read_image(gray, SHEET, dpi=200)
    assert reading.codes() == ("covered",)
    shown, signs = drawn(gray, reading)
    assert Sign.UNSEEN in signs
    assert has(shown, Sign.UNSEEN, spot.x, spot.y, 1.0)
    far = BUBBLES["subject1", 2, "A"]
    assert not has(shown, Sign.UNSEEN, far.x, far.y, 1.5)


def test_a_registered_page_of_any_form_is_shown_in_its_own_size():
    bubbles = [Bubble("q", n, v, 15 + 12 * k, 12 + 8 * n, 2.6, 1.7) for n in range(10) for k, v in enumerate("ABC")]
    gray = np.full((900, 600), 235, np.uint8)  # 60 x 90 mm
    for bubble in bubbles:
        place = round(bubble.x * 10), round(bubble.y * 10)
        cv2.ellipse(gray, place, (26, 17), 0, 0, 360, 120, 2, cv2.LINE_AA)
        if bubble.value == "B":
            cv2.ellipse(gray, place, (22, 14), 0, 0, 360, 60, -1, cv2.LINE_AA)
    reading = read_registered(gray, bubbles, page_size=(60, 90))
    assert all(group.values == ("B",) for group in reading.fields["q"].values())
    shown, signs = draw_reading(gray, reading, bubbles, (), (60, 90))
    assert shown.shape == (round(90 * DOTS), round(60 * DOTS), 3)
    assert signs == {Sign.GRID, Sign.MARK}
    for bubble in bubbles:
        assert has(shown, Sign.MARK, bubble.x, bubble.y, 2.8) == (bubble.value == "B")


def test_a_picture_is_packed_and_captioned():
    reading = SheetReading("f", 1, False, (PageProblem("missing-corners", (("found", 1),)), PageProblem("bilevel")))
    gray = np.full((990, 700), 255, np.uint8)
    # No codes above: words stand beside it.
    assert abs(picture(draw_overlay(gray, reading, SHEET)).shape[0] - PAGE[0]) <= 2
    with pytest.raises(ValueError, match="not found"):
        crop_name(gray, reading, SHEET)
    plain = np.full((10, 300, 3), 255, np.uint8)
    with pytest.raises(Exception, match="damaged or locked|unreadable"):
        under_caption(plain, b"no pdf")
    assert picture(pack(plain)).shape == plain.shape


def seen(gray, code):
    """The picture of a page that was refused with `code`, with the places of the sheet's code in it."""
    reading = read_image(gray, SHEET, dpi=200)
    assert code in reading.codes()
    return draw_reading(gray, reading, SHEET.bubbles, SHEET.fiducials, PAGE_MM, SHEET.qr)


def test_of_two_sheets_the_second_shows(paper):
    first, second = paper.scan(Scan(turn=1.0)), paper.scan(Scan())
    for below in (second[: round(33 / 25.4 * 200)], second[-round(33 / 25.4 * 200) :]):
        for gray in (np.vstack([first, below]), np.ascontiguousarray(np.vstack([first, below])[::-1, ::-1])):
            shown, signs = seen(gray, "two-sheets")
            assert {Sign.OTHER, Sign.EDGE} <= signs
            assert shown.shape[0] > PAGE[0] + 100
            assert has(shown, Sign.OTHER, 15, 312 if below is second[: round(33 / 25.4 * 200)] else 315, 12)


def test_squares_that_are_off_are_shown_beside_their_places(paper):
    gray = paper.scan(Scan())
    rows, columns = np.mgrid[0 : gray.shape[0], 0 : gray.shape[1]].astype(np.float32)
    bent = cv2.remap(gray, columns + 22 * np.sin(rows / gray.shape[0] * np.pi), rows, cv2.INTER_LINEAR, borderValue=240)
    shown, signs = seen(bent, "fit")
    assert {Sign.SQUARE, Sign.MOVED} <= signs
    assert has(shown, Sign.MOVED, *(SHEET.fiducials[4].x, SHEET.fiducials[4].y), 6)
    _, signs = seen(paper.scan(Scan(stretch=(1.0, 1.06))), "shape")
    assert Sign.MOVED in signs


def test_what_is_cut_away_lies_beside_the_image(paper):
    gray = paper.scan(Scan())
    for gone in (22, 30):
        cut, signs = seen(gray[:, : -round(gone / 25.4 * 200)], "missing-corners")
        assert signs == {Sign.LOST, Sign.EDGE, Sign.SQUARE}
        assert abs(cut.shape[1] - PAGE[1]) < 12
        assert has(cut, Sign.LOST, 195, 15, 2)
        assert not has(cut, Sign.LOST, 15, 15, 6)


def test_bubbles_that_reach_over_the_edge_are_crossed(paper):
    gray = paper.scan(Scan())
    last = max(SHEET.bubbles, key=lambda bubble: bubble.x)
    inside = round((last.x + 0.5) / 25.4 * 200)  # the middle of the last column lies on the image, its rim does not
    reading = read_image(gray, SHEET, dpi=200)
    flat = (200 / 25.4, 0, 0, 0, 200 / 25.4, 0, 0, 0, 1)
    cut = replace(reading, ok=False, problems=(PageProblem("cut-off"),), placement=flat)
    shown, signs = drawn(gray[:, :inside], cut)
    assert Sign.UNSEEN in signs
    assert has(shown, Sign.UNSEEN, last.x, last.y, 2)
    first = min(SHEET.bubbles, key=lambda bubble: bubble.x)
    assert not has(shown, Sign.UNSEEN, first.x, first.y, 2)


def test_mark_and_code_that_decided_are_framed(paper):
    gray = paper.scan(Scan())
    spot = SHEET.orientation
    wiped = whitened(whitened(gray, 10, 60, 18, 90), 163, 6, 191, 30)
    for image, code in ((np.ascontiguousarray(gray[:, ::-1]), "mirrored"), (wiped, "orientation")):
        shown, signs = seen(image, code)
        assert Sign.SPOT in signs
        assert has(shown, Sign.SPOT, spot.x - 1, spot.y + 5, 1.0)
    shown, signs = seen(whitened(gray, 163, 6, 191, 30), "no-code")
    assert has(shown, Sign.SPOT, SHEET.qr.x - 2, SHEET.qr.y + 5, 0.6)
    assert Sign.SPOT not in drawn(gray, read_image(gray, SHEET, dpi=200))[1]


def test_codes_that_disagree_are_framed_where_they_lie(paper):
    gray = paper.scan(Scan())
    reading = read_image(gray, SHEET, dpi=200)
    image = whitened(gray, 163, 6, 191, 30)
    places = [(60, 40), (110, 90)]  # mm: neither lies where the sheet has its own
    for number, (x, y) in enumerate(places):
        code = zxingcpp.create_barcode(f"{number}", zxingcpp.BarcodeFormat.QRCode)
        square = np.array(code.to_image(scale=5, add_quiet_zones=True))
        (left, top), side = np.rint(np.linalg.inv(np.diag([25.4 / 200] * 2)) @ (x, y)).astype(int), len(square)
        image[top : top + side, left : left + side] = square
    odd = replace(reading, ok=False, problems=(PageProblem("codes-disagree"),))
    shown, _ = draw_reading(image, odd, SHEET.bubbles, SHEET.fiducials, code=SHEET.qr)
    side *= 25.4 / 200
    for x, y in places:
        assert has(shown, Sign.SPOT, x + side / 2, y + side * 0.1, side * 0.1)
    assert not has(shown, Sign.SPOT, SHEET.qr.x - 2, SHEET.qr.y + 5, 0.6)
    shown, _ = draw_reading(whitened(gray, 163, 6, 191, 30), odd, SHEET.bubbles, SHEET.fiducials, code=SHEET.qr)
    assert has(shown, Sign.SPOT, SHEET.qr.x - 2, SHEET.qr.y + 5, 0.6)  # seen by none: its own place


def whitened(gray, left, top, right, bottom):
    """The image with a place of the sheet wiped out; mm."""
    wiped = gray.copy()
    low, high = (slice(round(a / 25.4 * 200), round(b / 25.4 * 200)) for a, b in ((top, bottom), (left, right)))
    wiped[low, high] = 235
    return wiped


def test_a_negative_is_shown_as_it_was_read(paper):
    gray = paper.scan(Scan())
    shown, signs = drawn(255 - gray, read_image(255 - gray, SHEET, dpi=200))
    assert Sign.LOST not in signs
    assert shown[5, 5].min() > 150


def test_traces_of_pale_ink_are_ringed():
    pale = Paper(SHEET, np.random.default_rng(12))
    pale.handwriting(0.12)
    truth = fill_in(pale, replace(PENS["black"], ink=0.05))
    shown, signs = seen(pale.scan(Scan()), "pale-ink")
    assert Sign.DOUBT in signs
    marked = [BUBBLES[field, column, value] for (field, column), values in truth.items() for value in values]
    ringed = [has(shown, Sign.DOUBT, b.x, b.y, b.rx + 0.6) for b in marked]
    assert sum(ringed) > 0.8 * len(ringed)
