"""What stands on the simulated paper is what the truth says, for every pen and population; scans keep their order."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout, parse_sheet_code
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.rehearsal import answers, handwriting, letters, paper, pen, scanner
from mab_desktop.rehearsal.chance import stream

PROFILE = default_profile()
LAYOUT = layout(PROFILE)
SERIALS = [f"01301102{n:04d}" for n in range(6)]
NAME = {"surname": "Құдайберген", "first_name": "Ұлжан", "patronymic": "Әлиқызы", "specialty": "050703"}


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return draw_sheets(LAYOUT, [SheetPrint(serial, 1, "102") for serial in SERIALS])


def printed(pdf: bytes, seed: object = 0, printer: paper.Printer | None = None, dpi: int = 200) -> paper.PaperSheet:
    return next(paper.print_pages(pdf, stream("print", seed), printer or paper.Printer(), dpi))


def filled(seed: object, scenario: str = "") -> answers.SheetTruth:
    truth = answers.fill_in(
        stream("fill", seed), PROFILE, serial=SERIALS[0], code="30581198", seat="5", variant="1004", shift="1",
        hall="102", language="1", foreign_language="2", key=["ABCDE" * 5] * 5, ability=1.0, written=NAME,
    )  # fmt: skip
    return answers.SCENARIOS[scenario](stream(seed), truth) if scenario else truth


def ink(sheet: paper.PaperSheet, before: paper.PaperSheet, share: float = 1.1) -> np.ndarray:
    """Light that was taken away within each bubble's ring, a number per bubble of the layout, 0..1."""
    paper_gray = before.seen().astype(np.float32)
    taken = (paper_gray - sheet.seen()) / np.maximum(paper_gray, 40)
    found = []
    for bubble in LAYOUT.bubbles:
        x, y = sheet.place(bubble.x, bubble.y)
        radius = bubble.rx * share * sheet.dots
        top, left = int(y - radius), int(x - radius)
        window = taken[top : top + int(2 * radius) + 1, left : left + int(2 * radius) + 1]
        yy, xx = np.mgrid[: window.shape[0], : window.shape[1]]
        found.append(float(window[np.hypot(xx + left - x, yy + top - y) <= radius].mean()))
    return np.array(found)


def meant(truth: answers.SheetTruth) -> np.ndarray:
    return np.array(
        [b.value in truth.marks[b.field][str(b.column)] and b.field not in truth.printed for b in LAYOUT.bubbles]
    )


def rivals(marked: np.ndarray) -> list[tuple[int, list[int]]]:
    """Each marked bubble with the unmarked ones of its row or column of digits."""
    return [
        (n, empty)
        for group in LAYOUT.groups().values()
        if (empty := [m for m in group if not marked[m]])
        for n in group
        if marked[n]
    ]


@pytest.mark.parametrize("population", pen.POPULATIONS)
def test_the_paper_shows_the_marks_of_the_truth_and_no_others(pdf: bytes, population: str) -> None:
    before = printed(pdf)
    for seed in range(8):
        rng, sheet, truth = stream(population, seed), before.copy(), filled(seed, "double-marks")
        pen.draw_marks(sheet, LAYOUT, truth, pen.draw_pen(rng, population), rng)
        found, marked = ink(sheet, before), meant(truth)
        assert found[marked].min() > 0.03
        rows = [(found[b].max(), found[a]) for a, b in rivals(marked)]
        assert all(other < 0.75 * mark for other, mark in rows)
        assert abs(float(np.median(found[~marked]))) < 0.005


@pytest.mark.parametrize("style", pen.STYLES)
def test_every_style_marks_the_bubble_it_means(pdf: bytes, style: str) -> None:
    before = printed(pdf)
    rng, sheet, truth = stream(style), before.copy(), filled(style)
    pen.draw_marks(sheet, LAYOUT, truth, pen.Pen(style=style), rng)
    found, marked = ink(sheet, before), meant(truth)
    assert found[marked].min() > 2 * found[~marked].max()


def test_full_bubbles_are_dark_and_ticks_are_not(pdf: bytes) -> None:
    def mean(style: str) -> float:
        before = printed(pdf)
        sheet, truth = before.copy(), filled(1)
        pen.draw_marks(sheet, LAYOUT, truth, pen.Pen(style=style), stream(style))
        return float(ink(sheet, before, 0.8)[meant(truth)].mean())

    assert mean("fill") > 0.55 > mean("half") > mean("tick")


@pytest.mark.parametrize("population", pen.POPULATIONS)
def test_a_faint_mark_is_paler_than_the_others_but_darker_than_an_erased_one(pdf: bytes, population: str) -> None:
    before = printed(pdf)
    for seed in range(8):
        rng = stream("faint", population, seed)
        truth = answers.erased_and_remarked(rng, filled(seed, "faint-marks"))
        own = replace(pen.draw_pen(rng, population), style="fill", slips=0.0, strays=0.0)
        sheet = before.copy()
        pen.draw_marks(sheet, LAYOUT, truth, own, rng)
        found, marked = ink(sheet, before), meant(truth)
        faint = np.array([(b.field, str(b.column)) in truth.faint for b in LAYOUT.bubbles]) & marked
        gone = np.array([(b.field, str(b.column), b.value) in set(truth.erased) for b in LAYOUT.bubbles])
        assert found[marked & ~faint].mean() > found[faint].mean()
        assert found[faint].min() > 1.2 * found[gone].max()
        assert found[gone].min() > 0.008


def test_an_unused_sheet_stays_as_it_was_printed(pdf: bytes) -> None:
    before = printed(pdf)
    sheet, truth, rng = before.copy(), answers.unused_sheet(PROFILE, SERIALS[0], "1", "102"), stream("unused")
    pen.draw_marks(sheet, LAYOUT, truth, pen.draw_pen(rng, "hard"), rng)
    handwriting.write_sheet(sheet, LAYOUT, truth, pen.Pen(), handwriting.draw_hand(rng), rng)
    assert np.array_equal(sheet.gray, before.gray)


def test_a_field_without_print_is_marked_by_hand() -> None:
    bare = draw_sheets(LAYOUT, [SheetPrint("1")])
    before = printed(bare)
    sheet, truth = before.copy(), replace(filled(1), printed=())
    pen.draw_marks(sheet, LAYOUT, truth, pen.Pen(), stream("hand"))
    found = ink(sheet, before)
    shift = [found[n] for n, b in enumerate(LAYOUT.bubbles) if b.field == "shift" and b.value == "01"[b.column]]
    assert min(shift) > 0.3


def test_handwriting_stays_in_its_cells_and_differs_from_person_to_person(pdf: bytes) -> None:
    before = printed(pdf)
    pages = []
    for seed in range(2):
        rng, sheet = stream("hand", seed), before.copy()
        handwriting.write_sheet(sheet, LAYOUT, filled(1), pen.Pen(), handwriting.draw_hand(rng), rng)
        pages.append(sheet.gray)
        dark = before.gray.astype(int) - sheet.gray > 60
        assert ink(sheet, before).max() < 0.02  # no letter reaches a bubble
        for row in LAYOUT.cells:
            (x0, y0), (x1, y1) = sheet.place(row.x, row.y), sheet.place(row.x + row.width, row.y + row.height)
            first = dark[int(y0) : int(y1), int(x0) : int(x1)].mean()
            assert (first > 0.03) == (row.part in {*NAME, "code", "seat", "variant"})
    assert not np.array_equal(*pages)


def test_every_letter_and_digit_has_strokes() -> None:
    from mab_desktop.domain.names import ALPHABET

    for letter in ALPHABET + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-":
        drawn = letters.strokes(letter)
        assert drawn, letter
        points = np.vstack(drawn)
        assert -0.01 <= points[:, 0].min() <= points[:, 0].max() <= 1.01
        assert -0.35 <= points[:, 1].min() <= points[:, 1].max() <= 1.2
    cyrillic = [np.vstack(letters.strokes(c)).tobytes() for c in ALPHABET]
    assert len(set(cyrillic)) == len(ALPHABET)


def test_a_printers_scale_and_shift_are_where_it_says(pdf: bytes) -> None:
    sheet = printed(pdf, printer=paper.Printer(scale=0.99, shift=(1.5, -1.0)))
    for mark in LAYOUT.fiducials:
        x, y = sheet.place(mark.x, mark.y)
        half = int(0.75 * mark.size * sheet.dots)
        window = sheet.gray[int(y) - half : int(y) + half, int(x) - half : int(x) + half] < 128
        yy, xx = np.nonzero(window)
        assert abs(xx.mean() + int(x) - half - x) < 1.0
        assert abs(yy.mean() + int(y) - half - y) < 1.0


def test_same_seed_same_scan_and_two_passes_differ(pdf: bytes) -> None:
    sheet = printed(pdf)
    model = scanner.draw_scanner(stream("scanner"))
    first, again, other = (scanner.encode(scanner.scan(sheet, model, stream("pass", n)), model) for n in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("population", ["clean", "ordinary", "hard"])
def test_corners_are_where_the_feed_put_them_within_five_degrees(pdf: bytes, population: str) -> None:
    sheet = printed(pdf)
    for seed in range(40):
        rng = stream(population, seed)
        matrix, (width, height) = scanner._feed(sheet, scanner.draw_scanner(rng, population), rng, False)
        assert abs(math.degrees(math.atan2(matrix[0, 1], matrix[0, 0]))) <= 5.01
        assert abs(width - 1654) <= 80
        assert abs(height - 2339) <= 80


def test_upside_down_is_the_same_page_turned(pdf: bytes) -> None:
    sheet = printed(pdf)
    model = scanner.ScannerModel(skew=0, big_skew=0, slide=0, stretch=0, noise=0, light=0, shadow=0)
    straight, turned = (scanner.scan(sheet, model, stream("turn"), turned=t) for t in (False, True))
    difference = cv2.absdiff(straight, cv2.rotate(turned, cv2.ROTATE_180))[20:-20, 20:-20]
    assert difference.mean() < 3


@pytest.mark.parametrize("image_format", scanner.FORMATS)
@pytest.mark.parametrize("dpi", [150, 300])
def test_every_format_and_resolution_can_be_opened(pdf: bytes, image_format: str, dpi: int) -> None:
    sheet = printed(pdf, dpi=dpi)
    model = replace(scanner.draw_scanner(stream("format"), "clean", dpi, image_format), bilevel=image_format == "png")
    image = cv2.imdecode(np.frombuffer(scanner.encode(scanner.scan(sheet, model, stream(1)), model), np.uint8), -1)
    assert image.shape == (round(297 / 25.4 * dpi), round(210 / 25.4 * dpi))
    if model.bilevel:
        assert set(np.unique(image)) == {0, 255}


def serial_of(path: Path) -> str:
    (code,) = zxingcpp.read_barcodes(cv2.imread(str(path), 0), zxingcpp.BarcodeFormat.QRCode)
    parsed = parse_sheet_code(code.text)
    assert parsed is not None
    return parsed[2]


def test_an_envelope_is_scanned_twice_in_its_order(pdf: bytes, tmp_path: Path) -> None:
    model = scanner.draw_scanner(stream("office"))
    sheets = paper.print_pages(pdf, stream("p"), paper.Printer())
    passes = [(model, tmp_path / f"pass-{n}", scanner.NO_FAULTS) for n in (1, 2)]
    done = scanner.scan_passes(sheets, stream("s"), passes)
    for files in done:
        assert [file.path.name for file in files] == [f"{n + 1:04d}.jpg" for n in range(len(SERIALS))]
        assert [serial_of(file.path) for file in files] == SERIALS
    assert done[0][0].path.read_bytes() != done[1][0].path.read_bytes()


def test_a_jam_a_double_feed_and_a_repeated_sheet(pdf: bytes, tmp_path: Path) -> None:
    faults = scanner.Faults(jam_after=4, torn_last=True, double_feeds=frozenset({1}), repeated=frozenset({3}))
    sheets = paper.print_pages(pdf, stream("p"), paper.Printer())
    files = scanner.scan_envelope(sheets, stream("s"), scanner.ScannerModel(), tmp_path, faults)
    assert [file.sheets for file in files] == [(0,), (1, 2), (3,), (3,), (4,)]
    heights = [cv2.imread(str(file.path), 0).shape[0] for file in files]
    assert heights[1] > 2400  # two sheets at once are longer
    assert heights[4] < 2000  # the jammed one is cut
    assert [serial_of(f.path) for f in files[:4]] == [SERIALS[0], SERIALS[1], SERIALS[3], SERIALS[3]]


def test_wear_leaves_its_traces_and_a_folded_corner_shows_the_lid(pdf: bytes) -> None:
    before = printed(pdf)
    sheet = before.copy()
    paper.wear_out(sheet, paper.Wear(creases=1, dog_ears=(12.0, 0, 0, 0), coffee=True, smudges=2), stream("wear"))
    assert not np.array_equal(sheet.gray, before.gray)
    model = scanner.ScannerModel(skew=0, big_skew=0, slide=0, stretch=0, noise=0, light=0, shadow=0, lid=20)
    image = scanner.scan(sheet, model, stream(1), turned=False)
    assert image[8, 8] < 40
    assert image[8, -8] > 180
