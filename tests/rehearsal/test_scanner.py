"""What a scanner adds: each of its troubles can be seen apart, stays in bounds, and follows from the seed."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from printed_sheet import LAYOUT, filled, printed

from mab_desktop.rehearsal import optics, pen, scanner
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.paper import Gray, PaperSheet

STILL = scanner.ScannerModel(skew=0, big_skew=0, slide=0, stretch=0, noise=0, light=0, shadow=0, blur=0, black=0,
                             white=255)  # fmt: skip


def scanned(sheet: PaperSheet | None = None, seed: object = 1, **changes: object) -> Gray:
    model = replace(STILL, **changes)  # type: ignore[arg-type]
    return scanner.scan(sheet or printed(), model, stream("scan", seed), turned=False)


def places(image: Gray) -> np.ndarray:
    """Where the four corner squares and the two at the sides lie (dots)."""
    found = []
    for mark in LAYOUT.fiducials:
        x, y, half = mark.x * 200 / 25.4, mark.y * 200 / 25.4, 36
        window = image[int(y) - half : int(y) + half, int(x) - half : int(x) + half] < 110
        _, labels, stats, centres = cv2.connectedComponentsWithStats(window.astype(np.uint8))
        found.append(centres[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))] + (int(x) - half, int(y) - half))
    return np.array(found)


def test_the_page_is_drawn_in_strips_without_seams() -> None:
    sheet = printed()
    model = replace(STILL, skew=0.8, slide=1.0)
    matrix, size = scanner._feed(sheet, model, stream("seams"), False)
    whole = cv2.warpAffine(sheet.gray, matrix, size, flags=cv2.INTER_LINEAR, borderValue=model.lid)
    difference = cv2.absdiff(whole, scanner._drawn_in(sheet.gray, matrix, size, model, model.lid))
    assert difference.mean() < 0.5
    assert np.percentile(difference, 99.9) < 12


def test_drift_changes_the_skew_along_the_page() -> None:
    at = places(scanned(drift=0.8))

    def slope(left: int, right: int) -> float:
        return math.degrees(math.atan2(*(at[right] - at[left])[::-1]))

    top, bottom = slope(0, 1), slope(2, 3)
    assert 0.5 < abs(bottom - top) < 0.9
    assert top * bottom < 0


def test_an_uneven_feed_moves_lines_by_so_much_and_no_more() -> None:
    still = np.arange(2339)
    for wave, slip in ((4.0, 0.0), (0.0, 1.0)):
        lines = optics.uneven_lines(2339, wave, 300, slip, stream("lines"))
        away = np.abs(lines - still)
        assert 1 <= away.max() <= max(1.6 * wave, 5 * slip)
        assert np.abs(np.diff(lines)).max() <= 3
    moved = places(scanned(wave=0.4, wave_length=30)) - places(scanned())
    assert np.abs(moved[:, 0]).max() < 1
    assert 0.5 < np.abs(moved[:, 1]).max() < 6


def test_sharpening_leaves_halos() -> None:
    plain, sharp = scanned(white=230), scanned(white=230, sharpen=1.5)
    assert int(sharp.max()) - int(np.percentile(plain, 99.9)) > 10
    assert np.abs(np.diff(sharp.astype(int), axis=1)).mean() > np.abs(np.diff(plain.astype(int), axis=1)).mean()


def test_auto_contrast_and_background_removal_whiten_the_paper_and_keep_the_ink() -> None:
    pale = {"black": 60, "white": 190}
    plain, stretched, dropped = (
        scanned(**pale), scanned(auto_contrast=True, **pale), scanned(background=0.9, **pale)
    )  # fmt: skip
    assert np.median(plain) < 195
    assert np.median(stretched) >= 250
    assert np.percentile(stretched, 1) < 15
    assert np.mean(dropped == 255) > 0.85
    assert 60 < np.percentile(dropped, 1) < 110


def test_moire_is_a_wave_of_its_depth() -> None:
    difference = scanned(white=235, moire=6).astype(int) - scanned(white=235)
    assert 5 <= difference.max() <= 7
    assert -7 <= difference.min() <= -5
    assert abs(difference.mean()) < 1


def test_colour_scans_show_coloured_ink_and_fringes() -> None:
    sheet = printed()
    pen.draw_marks(sheet, LAYOUT, filled(), pen.Pen(colour=(165, 70, 35), ink=70), stream("blue"))
    image = scanned(sheet, colour=True)
    assert image.shape[2] == 3
    blue, _, red = (image[..., n].astype(int) for n in range(3))
    assert np.mean(blue - red > 60) > 0.005
    assert np.abs(scanned(colour=True)[..., 0].astype(int) - scanned(colour=True)[..., 2]).max() < 3
    fringed = scanned(colour=True, fringe=1.0)
    assert np.abs(fringed[..., 0].astype(int) - fringed[..., 2]).max() > 100
    assert scanned(sheet).ndim == 2
    assert scanned(sheet, lamp="green").mean() < scanned(sheet, lamp="white").mean()


@pytest.mark.parametrize("screen", optics.BILEVEL)
def test_black_and_white_keeps_marks_and_paper_apart(screen: str) -> None:
    sheet = printed()
    pen.draw_marks(sheet, LAYOUT, filled(), pen.Pen(ink=20), stream("black"))
    image = optics.to_bilevel(scanned(sheet, white=235), screen, 0.75)
    assert set(np.unique(image)) == {0, 255}
    assert np.mean(image == 0) < 0.2
    mark = next(b for b in LAYOUT.bubbles if b.value in filled().marks[b.field][str(b.column)])
    x, y = (round(v) for v in sheet.place(mark.x, mark.y))
    assert np.mean(image[y - 6 : y + 7, x - 6 : x + 7] == 0) > 0.6


def test_diffusion_keeps_the_mean_of_gray() -> None:
    flat = np.full((300, 300), 190, np.uint8)
    assert abs(optics._diffuse(flat)[20:-20, 20:-20].mean() - 190) < 4


def test_streaks_black_and_white_go_through_the_whole_page() -> None:
    image = scanned(streaks=((50.0, 0.1, -255), (150.0, 0.1, 255)))
    dark, light = round(50 / 210 * image.shape[1]), round(150 / 210 * image.shape[1])
    assert image[:, dark].max() == 0
    assert image[:, light].min() == 255


def test_the_beds_edge_and_a_dark_lid_frame_the_page() -> None:
    image = scanned(bed=(2.0, 0.0, 0.0, 3.0), margin=4.0, lid=5)
    assert image[500, 8] == 12
    assert image[-10, 800] == 12
    assert image[5, 800] == 5
    assert np.median(image) > 200


def test_noise_is_as_strong_as_told_and_another_one_in_each_scan() -> None:
    first, second = (optics.add_noise(np.full((900, 900), 128, np.uint8), 5.0, stream("noise", n)) for n in (1, 2))
    assert 4.5 < first.std() < 5.5
    assert not np.array_equal(first, second)


def test_nasty_scanners_have_every_trouble_and_the_others_none_of_them() -> None:
    new = ("drift", "wave", "slip", "colour", "sharpen", "auto_contrast", "background", "moire", "bilevel")

    def share(population: str, name: str) -> float:
        return sum(bool(getattr(scanner.draw_scanner(stream(n), population), name)) for n in range(300)) / 300

    assert all(0.02 < share("nasty", name) < 0.3 for name in new)
    assert not any(share(population, name) for population in ("clean", "ordinary", "hard") for name in new)
    qualities = [scanner.draw_scanner(stream(n), "nasty").quality for n in range(300)]
    assert 40 <= min(qualities) < 45
    assert 90 < max(qualities) <= 95


def test_a_nasty_scan_follows_from_its_seed() -> None:
    for seed in range(3):
        model = scanner.draw_scanner(stream("nasty", seed), "nasty")
        first, again, other = (scanner.encode(scanner.scan(printed(), model, stream(n)), model) for n in (1, 1, 2))
        assert first == again
        assert first != other
