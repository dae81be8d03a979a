"""What happens to a form at the printer and on a desk: each effect is seen, in bounds, follows from its seed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from printed_sheet import LAYOUT, PLACES, at_bubble, filled, printed, taken

from mab_desktop.rehearsal import handwriting, paper, pen, stains, traces
from mab_desktop.rehearsal.chance import stream

RING = PLACES["subject3", "12", "C"]


def test_a_photocopy_has_thicker_softer_lines_and_a_haze() -> None:
    plain, copy = printed(), printed(paper.Printer(copied=0.9))
    rings = [[at_bubble(s.gray < 150, s, b) for b in LAYOUT.bubbles[::9]] for s in (plain, copy)]
    assert np.mean(rings[1]) > 1.15 * np.mean(rings[0])
    steep = [float(np.abs(np.diff(s.gray[300:900].astype(int), axis=1)).max()) for s in (plain, copy)]
    assert steep[1] < steep[0]
    assert 4 < np.median(plain.gray) - np.median(copy.gray) < 60


def test_low_toner_is_pale_but_still_there() -> None:
    light = [float(np.median(s.gray[_square(s)])) for s in (printed(), printed(paper.Printer(density=0.4, pallor=0.4)))]
    assert light[0] < 20
    assert 80 < light[1] < 200


def _square(sheet: paper.PaperSheet) -> tuple[slice, slice]:
    mark = LAYOUT.fiducials[0]
    x, y = sheet.place(mark.x, mark.y)
    return slice(int(y) - 10, int(y) + 10), slice(int(x) - 10, int(x) + 10)


def test_nasty_printers_differ_from_the_others_and_reach_the_declared_bounds() -> None:
    drawn = [paper.draw_printer(stream("printer", n), "nasty") for n in range(300)]
    assert 0.96 < min(p.scale for p in drawn) < 0.97
    assert 0.35 < min(p.density for p in drawn) < 0.45
    assert 0.9 < max(p.copied for p in drawn) <= 1
    for population in ("ordinary", "hard"):
        usual = [paper.draw_printer(stream("printer", n), population) for n in range(100)]
        assert not any(p.copied for p in usual)
        assert min(p.density for p in usual) > 0.5
        assert min(p.scale for p in usual) > 0.985


@pytest.mark.parametrize("population", ["ordinary", "careless", "hard"])
def test_only_the_nasty_population_has_stains(population: str) -> None:
    assert all(stains.draw_stains(stream(n), population) == stains.CLEAN for n in range(50))


def test_nasty_sheets_have_every_stain_now_and_then_and_about_half_have_none() -> None:
    drawn = [stains.draw_stains(stream("stains", n), "nasty") for n in range(600)]
    for part in fields(stains.Stains):
        share = sum(bool(getattr(s, part.name)) for s in drawn) / len(drawn)
        assert 0.02 < share < 0.2, part.name
    assert 0.4 < sum(s == stains.CLEAN for s in drawn) / len(drawn) < 0.7


def soiled(seed: object, **what: object) -> tuple[paper.PaperSheet, paper.PaperSheet]:
    before = printed()
    after = before.copy()
    stains.soil(after, stains.Stains(**what), stream("soil", seed), before.gray)  # type: ignore[arg-type]
    return before, after


@pytest.mark.parametrize(
    ("what", "most", "area"),
    [
        ({"back": 1.0}, 0.3, (0.01, 0.5)),
        ({"highlighter": 3}, 0.45, (0.001, 0.06)),
        ({"stamps": 1}, 0.95, (0.001, 0.02)),
        ({"crumple": 1.0}, 0.35, (0.1, 1.0)),
        ({"staple": True}, 0.6, (0.00005, 0.002)),
    ],
)
def test_a_stain_can_be_seen_and_stays_within_its_bounds(
    what: dict[str, object], most: float, area: tuple[float, float]
) -> None:
    for seed in range(3):
        before, after = soiled(seed, **what)
        dark = taken(before, after)
        covered = float(np.mean(dark > 0.03))
        assert dark.max() < most
        assert area[0] < covered < area[1], covered
        assert np.array_equal(after.seen(), soiled(seed, **what)[1].seen())
    assert not np.array_equal(soiled(0, **what)[1].seen(), soiled(1, **what)[1].seen())


def test_nothing_happens_to_a_clean_sheet() -> None:
    before, after = soiled(1)
    assert np.array_equal(before.gray, after.gray)
    assert after.tint is None
    assert not after.missing


def test_holes_are_punched_beside_the_form() -> None:
    _, after = soiled(1, holes=4)
    assert len(after.missing) == 4
    for outline in after.missing:
        x, y = outline.mean(axis=0) * 25.4 / after.dpi
        assert 9 < x < 15
        assert min(abs(y - hole) for hole in stains.HOLES[4]) < 2.5
    assert all(min(np.hypot(*(o - after.place(b.x, b.y)).T).min() for o in after.missing) > 20 for b in LAYOUT.bubbles)


def test_water_lets_ink_run_and_leaves_the_print() -> None:
    blank = printed()
    dry = blank.copy()
    traces.fill_sheet(dry, LAYOUT, filled(), pen.Pen(tool="gel"), handwriting.Hand(), stream("hand"))
    wet, unwritten = dry.copy(), blank.copy()
    for sheet in (wet, unwritten):
        stains.soil(sheet, stains.Stains(water=6), stream("water"), blank.gray)
    assert np.mean(taken(dry, wet) > 0.05) > 0.0005  # ink where there was none
    assert np.mean(taken(blank, dry) - taken(blank, wet) > 0.05) > 0.0002  # and less where it was
    assert taken(blank, unwritten).max() < 0.2  # tide lines alone


def test_light_of_one_colour_hides_its_own_ink() -> None:
    sheet = printed()
    red = replace(pen.Pen(), colour=(55, 40, 205), ink=91)
    pen.lay_marks(sheet, [RING], [1.0], red, stream("red"))
    under = {lamp: at_bubble(sheet.seen(lamp), sheet, RING, 0.7) for lamp in paper.LAMPS}
    assert under["green"] < under["white"] < under["red"]
    assert under["red"] > 170
    assert np.array_equal(sheet.copy().seen(), sheet.seen())
