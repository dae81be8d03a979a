"""The test sheet through simulated printers and scanners: what is right passes, each fault is called by its name."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pypdfium2
import pytest

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.fit_sheet import (
    BARS,
    LINE_WIDTHS,
    WHITE,
    edge_bars,
    gray_patches,
    line_patches,
    pair_patches,
    rings,
)
from mab_desktop.domain.fit_sheet import PLAIN as PLAIN_AREAS
from mab_desktop.domain.sheet import FIDUCIALS, ORIENTATION, PAGE_HEIGHT, PAGE_WIDTH, QR, Rect, layout
from mab_desktop.forms.fit_sheet import draw_fit_sheet
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.omr.fit import FitReport, nominal_dpi, read_fit
from mab_desktop.omr.read import read_image
from mab_desktop.omr.remarks import VERDICTS, WORDS, Verdict
from mab_desktop.rehearsal.paper import Printer, draw_printer, print_pages
from mab_desktop.rehearsal.scanner import ScannerModel, draw_scanner, encode, scan

PLAIN = ScannerModel(skew=0.2, big_skew=0.0, slide=0.4, shadow=0.0, streaks=())
GOOD_PRINTER = Printer(wander=0.0)


@cache
def printed(printer: Printer = GOOD_PRINTER):
    return next(print_pages(draw_fit_sheet(), np.random.default_rng(11), printer))


def scanned(printer: Printer = GOOD_PRINTER, model: ScannerModel = PLAIN, seed: int = 3, *, turned=False) -> np.ndarray:
    data = encode(scan(printed(printer), model, np.random.default_rng(seed), turned=turned), model)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def check(printer: Printer = GOOD_PRINTER, model: ScannerModel = PLAIN, **more) -> FitReport:
    return read_fit(scanned(printer, model), **more)


def codes(report: FitReport) -> dict[str, str]:
    return {remark.code: remark.verdict.value for remark in report.remarks}


def test_a_good_printer_and_scanner_are_good():
    report = check()
    assert (report.verdict, report.remarks, report.code, report.bilevel) == (Verdict.GOOD, (), True, False)
    m = report.measures
    assert m["dpi"] == 200
    assert m["scale_x"] == pytest.approx(1, abs=0.003)
    assert m["scale_y"] == pytest.approx(1, abs=0.006)
    assert abs(m["shift_x"]) < 1.5
    assert m["wave"] < 0.2
    assert max(m[f"cut_{edge}"] for edge in edge_bars()) < 2.5
    assert m["ink"] > 0.9
    assert m["line"] == min(LINE_WIDTHS)
    assert report.steps == pytest.approx([n / 10 for n in range(11)], abs=0.03)


@pytest.mark.parametrize("dpi", [150, 300])
def test_other_resolutions_measure_the_same(dpi):
    report = check(model=replace(PLAIN, dpi=dpi))
    assert report.measures["dpi"] == dpi
    assert report.measures["scale_x"] == pytest.approx(1, abs=0.003)
    assert codes(report) == ({"low-dpi": "remark"} if dpi == 150 else {})


FAULTS = {
    "fit to page": (Printer(scale=0.94, shift=(6.3, 8.9), wander=0.0), PLAIN, {"small": "bad"}),
    "a little small": (Printer(scale=0.97, shift=(3.1, 4.4), wander=0.0), PLAIN, {"small": "remark"}),
    "too large": (Printer(scale=1.03, shift=(-3.1, -4.4), wander=0.0), PLAIN, {"large": "remark"}),
    "off the middle": (Printer(shift=(5.5, 0.0), wander=0.0), PLAIN, {"shift": "remark"}),
    "thin toner": (Printer(density=0.65, wander=0.0), PLAIN, {"pale": "remark"}),
    "next to no toner": (Printer(density=0.38, wander=0.0), PLAIN, {"pale": "bad"}),
    "tired drum": (Printer(pallor=1.0, wander=0.0), PLAIN, {"uneven": "remark"}),
    "gray paper": (Printer(paper=200, wander=0.0), PLAIN, {"dark-paper": "remark"}),
    "black and white": (GOOD_PRINTER, replace(PLAIN, bilevel=True, format="png"), {"bilevel": "bad"}),
    "black and white as JPEG": (GOOD_PRINTER, replace(PLAIN, bilevel=True), {"bilevel": "bad"}),
    "blurred": (GOOD_PRINTER, replace(PLAIN, blur=1.3), {"blurred": "remark"}),
    "stretched": (GOOD_PRINTER, replace(PLAIN, stretch=0.02), {"stretch": "remark"}),
    "noisy": (GOOD_PRINTER, replace(PLAIN, noise=16.0, quality=95), {"noise": "remark"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_called_by_its_name(name):
    printer, model, expected = FAULTS[name]
    report = check(printer, model)
    assert codes(report) == expected
    assert report.usable == ("bad" not in expected.values())
    for remark in report.remarks:
        for lang in ("kk", "ru", "en"):
            assert "{" not in remark.message(lang) + remark.advice(lang)
            assert remark.advice(lang)


def test_what_cannot_be_known_is_told_as_of_both_together():
    (small,) = check(FAULTS["fit to page"][0]).remarks
    assert "94 %" in small.message("en")
    assert "fit to page" in small.advice("en")
    assert "ruler" in small.advice("en")


def test_upside_down_and_on_its_side_is_measured_alike():
    upright = check().measures
    for image in (scanned(turned=True), np.rot90(scanned()), np.rot90(scanned(), -1)):
        report = read_fit(np.ascontiguousarray(image))
        assert report.verdict is Verdict.GOOD
        assert report.measures["scale_x"] == pytest.approx(upright["scale_x"], abs=0.002)
        assert report.steps == pytest.approx([n / 10 for n in range(11)], abs=0.03)


def test_the_side_that_the_printer_moved_to_is_told_rightly():
    right = check(Printer(shift=(5.5, 0.0), wander=0.0)).measures
    assert right["shift_x"] == pytest.approx(5.5, abs=0.9)
    turned = read_fit(scanned(Printer(shift=(5.5, 0.0), wander=0.0), turned=True)).measures
    assert turned["shift_x"] == pytest.approx(5.5, abs=0.9)


def test_a_dark_lid_around_the_sheet_is_no_fault():
    report = check(model=replace(PLAIN, lid=20, margin=5.0))
    assert report.verdict is Verdict.GOOD
    assert report.measures["dpi"] == 200
    assert report.measures["scale_x"] == pytest.approx(1, abs=0.003)


def test_margins_that_a_printer_leaves_are_measured_and_named():
    image = scanned()
    edge = round(4.2 * 200 / 25.4)
    for margin, expected in ((edge, {}), (2 * edge, {"cut": "remark"})):
        cut = image.copy()
        cut[:margin], cut[-margin:], cut[:, :margin], cut[:, -margin:] = 240, 240, 240, 240
        report = read_fit(cut)
        assert codes(report) == expected
        for name in edge_bars():
            assert report.measures[f"cut_{name}"] == pytest.approx(margin / 200 * 25.4, abs=1.3)
    (remark,) = report.remarks
    assert remark.message("en").startswith("Print begins only 8.")


def test_a_page_that_does_not_run_evenly_is_named():
    image = scanned()
    ys, xs = np.indices(image.shape, dtype=np.float32)
    bent = cv2.remap(image, xs + 5.5 * np.sin(ys / 130), ys, cv2.INTER_LINEAR)
    report = read_fit(bent)
    assert codes(report)["wave"] == "remark"
    assert 0.45 < report.measures["wave"] < 1.0


def test_lines_that_a_light_setting_drops_are_named():
    bright = np.clip(scanned().astype(np.float32) * 1.7, 0, 255).astype(np.uint8)
    report = read_fit(bright)
    assert {"washed-out": "remark"}.items() <= codes(report).items()


def test_what_is_no_test_sheet_is_refused_by_name():
    sheet = layout(default_profile())
    page = pypdfium2.PdfDocument(draw_sheets(sheet, [SheetPrint("000000000001")]))[0]
    image = page.render(scale=200 / 72, grayscale=True).to_numpy()
    report = read_fit(image.reshape(image.shape[:2]))
    assert list(codes(report)) == ["wrong-form", "unread"]
    assert (report.usable, report.measures) == (False, {})
    empty = read_fit(np.full((2339, 1654), 240, np.uint8))
    assert list(codes(empty)) == ["missing-corners", "unread"]
    tiny = read_fit(np.full((300, 200), 240, np.uint8))
    assert list(codes(tiny)) == ["resolution", "unread"]


def test_the_reader_of_answer_sheets_does_not_take_it_for_one():
    assert read_image(scanned(), layout(default_profile()), dpi=200).codes() == ("wrong-form",)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(12))
def test_usual_printers_and_scanners_are_never_called_unusable(seed):
    rng = np.random.default_rng([seed, 77])
    printer, model = draw_printer(rng), replace(draw_scanner(rng), streaks=(), big_skew=0.0)
    report = read_fit(scanned(printer, model, seed))
    assert report.usable
    assert not {"small", "large", "pale", "thin-lost", "lines-lost", "cut", "wave", "no-code"} & codes(report).keys()


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(12))
def test_worn_printers_and_scanners_are_found_and_measured(seed):
    rng = np.random.default_rng([seed, 78])
    printer, model = draw_printer(rng, "hard"), replace(draw_scanner(rng, "hard"), streaks=(), big_skew=0.0)
    report = read_fit(scanned(printer, model, seed))
    assert report.measures["scale_x"] == pytest.approx(printer.scale, abs=0.006)
    assert report.measures["scale_y"] == pytest.approx(printer.scale * (1 + model.stretch), abs=0.008)
    assert report.code


def test_the_resolution_is_guessed_only_where_it_is_not_said():
    page = np.zeros((2339, 1654), np.uint8)
    assert nominal_dpi(page, 0) == 200
    assert nominal_dpi(page, 204) == 204
    assert nominal_dpi(page, 72) == 200  # a file that cannot be right
    assert nominal_dpi(np.zeros((2417, 1732), np.uint8), 0) == 200  # 5 mm of lid around
    assert nominal_dpi(np.zeros((2573, 1819), np.uint8), 0) == pytest.approx(220, abs=0.2)


def test_nothing_on_the_sheet_stands_on_anything_else():
    squares = [Rect(f.x - f.size / 2, f.y - f.size / 2, f.size, f.size) for f in FIDUCIALS]
    circles = [Rect(b.x - b.rx, b.y - b.ry, 2 * b.rx, 2 * b.ry) for b in rings()]
    things = [
        *squares, ORIENTATION, QR, *BARS.values(), *(bar for bars in edge_bars().values() for bar in bars), *circles,
        *(area for _share, area in gray_patches()), *(patch.area for patch in (*line_patches(), *pair_patches())),
        *WHITE,
    ]  # fmt: skip
    boxes = np.array([(r.x, r.y, r.right, r.bottom) for r in things])
    assert boxes.min() >= 0
    assert boxes[:, 2].max() <= PAGE_WIDTH
    assert boxes[:, 3].max() <= PAGE_HEIGHT
    across = np.maximum(boxes[:, None, 0] - boxes[None, :, 2], boxes[None, :, 0] - boxes[:, None, 2])
    down = np.maximum(boxes[:, None, 1] - boxes[None, :, 3], boxes[None, :, 1] - boxes[:, None, 3])
    gap = np.maximum(across, down) + 100 * np.eye(len(boxes))
    assert gap.min() > 0.8
    page = pypdfium2.PdfDocument(draw_fit_sheet())[0].render(scale=4 * 25.4 / 72, grayscale=True).to_numpy()
    for area in WHITE:  # nor do letters stand where paper is measured
        part = page[int(area.y * 4) : int(area.bottom * 4), int(area.x * 4) : int(area.right * 4)]
        assert part.min() > 250


def test_a_streak_of_the_glass_is_told_with_its_place_and_what_to_do():
    for at in (20.4, 52.0, 110.0, 187.0, 195.0):  # beside and on the bars, across rings and gray steps
        report = check(model=replace(PLAIN, streaks=((at, 0.3, -40),)))
        assert codes(report) == {"fit-streak": "bad"}, at
        assert [round(streak.at) for streak in report.streaks] == [round(at + 0.15)], at
        (told,) = report.remarks
        assert f"{at + 0.15:.0f} mm from its left edge" in told.message("en")
        assert "glass" in told.advice("en")
    faint = check(model=replace(PLAIN, streaks=((110.0, 0.3, -9),)))
    assert codes(faint) == {"fit-streak": "remark"}


def test_streaks_are_found_on_a_sheet_that_lies_upside_down():
    gray = scanned(model=replace(PLAIN, streaks=((110.0, 0.3, -40),)), turned=True)
    assert [round(streak.at) for streak in read_fit(gray).streaks] == [110]


@pytest.mark.heavy
def test_streaks_are_found_and_never_invented_on_many_printers_and_scanners():
    invented, missed = [], []
    for seed in range(60):
        rng = np.random.default_rng([seed, 99])
        population = ("clean", "ordinary", "hard")[seed % 3]
        printer = draw_printer(rng, population)
        model = replace(draw_scanner(rng, population), streaks=(), big_skew=0.0)
        invented += [seed] if read_fit(scanned(printer, model, seed)).streaks else []
        at, thick, depth = float(rng.uniform(14, 196)), float(rng.uniform(0.1, 0.4)), int(rng.integers(15, 50))
        image = scanned(printer, replace(model, streaks=((at, thick, -depth),)), seed)
        place = at / PAGE_WIDTH * image.shape[1] / 200 * 25.4
        found = read_fit(image).streaks
        missed += [] if any(abs(streak.at - place) < 0.8 for streak in found) else [(seed, at, thick, depth)]
    assert (invented, missed) == ([], [])


def test_no_print_stands_where_streaks_are_looked_for():
    for training in (False, True):
        pdf = pypdfium2.PdfDocument(draw_fit_sheet(training=training))
        page = pdf[0].render(scale=10 * 25.4 / 72, grayscale=True).to_numpy()
        for area in PLAIN_AREAS:
            part = page[round(area.y * 10) : round(area.bottom * 10), round(area.x * 10) : round(area.right * 10)]
            assert part.min() > 250, area


def test_every_remark_has_words_and_advice():
    for text, advice in WORDS.values():
        assert text
        assert advice
    assert set(VERDICTS) == set(Verdict)


def test_the_report_is_plain_data():
    plain = check(FAULTS["fit to page"][0]).as_json()
    assert plain["verdict"] == "bad"
    assert plain["remarks"] == [{"code": "small", "verdict": "bad", "params": {"percent": 94, "percent_y": 94}}]
    assert plain["measures"]["scale_x"] == pytest.approx(0.94, abs=0.003)
    assert len(plain["steps"]) == 11
