"""White sheets through simulated scanners: clean glass gives no alarm, every streak and speck of dirt is found."""

import io
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.forms.fit_sheet import draw_fit_sheet
from mab_desktop.omr.glass import GlassReport, check_glass
from mab_desktop.omr.remarks import Verdict
from mab_desktop.rehearsal.paper import Printer, print_pages
from mab_desktop.rehearsal.scanner import ScannerModel, draw_scanner, encode, scan

PLAIN = ScannerModel(skew=0.2, big_skew=0.0, slide=0.4, shadow=0.0, streaks=())
DPI = 200


@cache
def blank() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595.276, 841.89))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@cache
def sheet(seed: int = 0, paper: int = 247):
    return next(print_pages(blank(), np.random.default_rng(seed), Printer(specks=0, paper=paper)))


def scanned(model: ScannerModel, seed: int, paper: int = 247) -> np.ndarray:
    data = encode(scan(sheet(seed % 4, paper), model, np.random.default_rng(seed)), model)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def check(model: ScannerModel, seed: int = 1) -> GlassReport:
    return check_glass(scanned(model, seed))


def codes(report: GlassReport) -> dict[str, str]:
    return {remark.code: remark.verdict.value for remark in report.remarks}


def clean_scanner(seed: int, population: str) -> ScannerModel:
    return replace(draw_scanner(np.random.default_rng([seed, 5]), population), streaks=())


def alarms(seeds: range) -> list[tuple[int, str, dict[str, str]]]:
    found = []
    for seed in seeds:
        population = ("clean", "ordinary")[seed % 2]
        report = check(clean_scanner(seed, population), seed)
        if report.verdict is not Verdict.GOOD or report.streaks or report.spots:
            found.append((seed, population, codes(report)))
    return found


def missed(seeds: range) -> list[tuple[int, float, float, int]]:
    """Streaks of 15 gray levels and more, 0.1-0.4 mm wide, anywhere bubbles are, on scanners of every state."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 6])
        at, thick, depth = float(rng.uniform(14, 196)), float(rng.uniform(0.1, 0.4)), int(rng.integers(15, 50))
        population = ("clean", "ordinary", "hard")[seed % 3]
        model = replace(draw_scanner(rng, population), streaks=((at, thick, -depth),))
        image = scanned(model, seed)
        place = at / 210 * image.shape[1] / DPI * 25.4
        report = check_glass(image)
        if not any(abs(streak.at - place) < 0.6 for streak in report.streaks) or report.verdict is Verdict.GOOD:
            found.append((seed, at, thick, depth))
    return found


def test_clean_glass_gives_no_alarm():
    assert alarms(range(8)) == []


@pytest.mark.heavy
def test_clean_glass_gives_no_alarm_on_two_hundred_scans():
    assert alarms(range(16, 216)) == []


def test_streaks_are_found_where_they_are():
    assert missed(range(6)) == []


@pytest.mark.heavy
def test_streaks_are_found_on_a_hundred_scans():
    assert missed(range(12, 112)) == []


def test_a_streak_is_told_with_its_place_width_and_depth():
    report = check(replace(PLAIN, streaks=((120.0, 0.3, -40),)))
    (streak,) = report.streaks
    assert streak.at == pytest.approx(120.15, abs=0.3)
    assert streak.width == pytest.approx(0.3, abs=0.15)
    assert streak.depth == pytest.approx(40, abs=8)
    assert codes(report) == {"glass-streak": "bad"}
    assert report.remarks[0].message("en").startswith("Streak at 120 mm from the left edge of the image: 0.3 mm wide")


def test_a_faint_streak_is_a_remark_and_many_are_counted():
    assert codes(check(replace(PLAIN, streaks=((60.0, 0.3, -8),)))) == {"glass-streak": "remark"}
    many = check(replace(PLAIN, streaks=tuple((20.0 + 20 * n, 0.3, -30) for n in range(8))))
    assert len(many.streaks) == 8
    assert codes(many)["glass-streaks"] == "bad"


def test_a_dark_lid_around_the_sheet_is_no_dirt():
    for lid in (20, 90):
        report = check(replace(PLAIN, lid=lid, margin=5.0, skew=0.6, slide=1.0))
        assert (report.verdict, report.streaks, report.spots, report.edges) == (Verdict.GOOD, (), (), ())
        dirty = check(replace(PLAIN, lid=lid, margin=5.0, streaks=((90.0, 0.3, -25),)))
        assert [round(streak.at) for streak in dirty.streaks] == [round(90.2 * 220 / 210)]


def test_dirt_on_the_glass_is_found_with_its_place():
    image = scanned(PLAIN, 1)
    cv2.circle(image, (round(70 / 25.4 * DPI), round(180 / 25.4 * DPI)), 4, 90, -1)
    cv2.line(image, (1200, 300), (1206, 304), 120, 2)
    report = check_glass(image)
    assert codes(report) == {"glass-spots": "remark"}
    assert len(report.spots) == 2
    assert min(abs(spot.x - 70) + abs(spot.y - 180) for spot in report.spots) < 1.0
    assert report.streaks == ()
    cv2.circle(image, (800, 1500), 14, 60, -1)
    assert codes(check_glass(image)) == {"glass-spots": "bad"}


def test_a_crease_or_a_thread_is_no_streak():
    image = scanned(PLAIN, 2)
    cv2.line(image, (400, 100), (700, 2200), 205, 3)
    assert check_glass(image).streaks == ()


def test_uneven_light_and_dark_edges_are_named():
    image = scanned(PLAIN, 1).astype(np.float32)
    ramp = np.linspace(0.78, 1.0, image.shape[1], dtype=np.float32)
    assert codes(check_glass((image * ramp).astype(np.uint8))) == {"light": "remark"}
    dark = image.astype(np.uint8)
    dark[:, : round(7 / 25.4 * DPI)] //= 2
    report = check_glass(dark)
    assert codes(report) == {"glass-edge": "remark"}
    assert report.edges[0] == ("left", pytest.approx(7.0, abs=0.4))
    assert "left edge" in report.remarks[0].message("en")


def test_noise_and_gray_paper_are_named():
    assert codes(check(replace(PLAIN, noise=16.0, quality=95))) == {"noise": "remark"}
    assert codes(check_glass(scanned(PLAIN, 1, paper=190))) == {"dark-paper": "remark"}


def test_a_printed_sheet_and_no_sheet_are_not_taken_for_a_white_one():
    printed = next(print_pages(draw_fit_sheet(), np.random.default_rng(1), Printer()))
    data = encode(scan(printed, PLAIN, np.random.default_rng(1)), PLAIN)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert codes(check_glass(image)) == {"not-white": "bad"}
    assert codes(check_glass(np.full((2339, 1654), 30, np.uint8))) == {"no-paper": "bad"}


def test_the_report_is_plain_data():
    plain = check(replace(PLAIN, streaks=((120.0, 0.3, -40),))).as_json()
    assert (plain["verdict"], len(plain["streaks"])) == ("bad", 1)
    assert plain["dpi"] == DPI
