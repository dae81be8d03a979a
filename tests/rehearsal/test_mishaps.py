"""What people do besides filling bubbles, what a careful human says of it, and by which rule a reader is judged."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from printed_sheet import LAYOUT, PLACES, PROFILE, at_bubble, filled, printed, taken

from mab_desktop.rehearsal import answers, handwriting, mishaps, pen, traces
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.judging import Verdict, judge, judge_sheet

PLACE = ("subject2", "7")


@dataclass(frozen=True)
class Said:
    state: str
    values: tuple[str, ...] = ()


def befallen(kind: str, seed: object = 1) -> answers.SheetTruth:
    return mishaps.MISHAPS[kind](stream(kind, seed), filled(), PLACE)


def drawn(
    truth: answers.SheetTruth, own: pen.Pen | None = None, seed: object = 1
) -> tuple[np.ndarray, dict[str, float]]:
    """What came on the paper, and how dark each bubble of the place is."""
    before = printed()
    sheet = before.copy()
    traces.fill_sheet(sheet, LAYOUT, truth, own or pen.Pen(), handwriting.Hand(), stream("draw", seed))
    dark = taken(before, sheet)
    return dark, {v: at_bubble(dark, sheet, PLACES[(*PLACE, v)]) for v in PROFILE.options}


@pytest.mark.parametrize("kind", sorted(mishaps.MISHAPS))
def test_a_mishap_changes_its_place_alone_and_its_marks_are_one_plausible_reading(kind: str) -> None:
    before = filled()
    for seed in range(10):
        after = befallen(kind, seed)
        changed = {(f, c) for f in before.marks for c in before.marks[f] if before.marks[f][c] != after.marks[f][c]}
        assert changed <= {PLACE}
        assert set(after.ambiguous) <= {PLACE}
        assert tuple(after.marks[PLACE[0]][PLACE[1]]) in after.plausible(PLACE)
        assert len(set(after.plausible(PLACE))) == len(after.plausible(PLACE))
        assert before == filled()
        assert answers.truth_from(json.loads(json.dumps(after.as_json()))) == after


def test_a_crossed_out_mark_and_one_with_an_arrow_stay_marks() -> None:
    for kind in ("crossed-out", "arrow"):
        truth = befallen(kind)
        assert len(truth.marks[PLACE[0]][PLACE[1]]) == 2
        assert not truth.ambiguous


def test_where_a_human_would_be_unsure_several_readings_are_right() -> None:
    unsure = {kind for kind in mishaps.MISHAPS if befallen(kind).ambiguous}
    assert unsure == {"ring-beside", "between", "weak-beside", "half-erased-unsure", "half-erased-alone", "blot"}


@pytest.mark.parametrize("kind", ["arrow", "crossed-out"])
def test_two_marks_are_both_dark(kind: str) -> None:
    truth = befallen(kind)
    _, dark = drawn(truth)
    assert all((dark[v] > 0.35) == (v in truth.marks[PLACE[0]][PLACE[1]]) for v in PROFILE.options)


def test_a_ring_goes_around_its_bubble() -> None:
    for seed in range(5):
        truth = befallen("ring", seed)
        (value,) = truth.marks[PLACE[0]][PLACE[1]]
        dark, _ = drawn(truth, seed=seed)
        inside = at_bubble(dark, printed(), PLACES[(*PLACE, value)], 0.7)
        around = at_bubble(dark, printed(), PLACES[(*PLACE, value)], 1.6)
        assert inside < 0.12
        assert around > 0.1


def test_a_mark_half_outside_is_still_nearest_to_its_bubble_and_one_between_is_not_sure() -> None:
    for seed in range(8):
        truth = befallen("outside", seed)
        _, dark = drawn(truth, seed=seed)
        (value,) = truth.marks[PLACE[0]][PLACE[1]]
        assert dark[value] > 0.1
        assert max(dark.values()) == dark[value]
        unsure = befallen("between", seed)
        _, dark = drawn(unsure, seed=seed)
        first, second = sorted(dark.values())[-2:]
        assert first > 0.4 * second
        assert {v for reading in unsure.plausible(PLACE) for v in reading} == {v for v in dark if dark[v] > 0.02}


def test_what_is_left_of_an_erased_mark_is_paler_than_any_mark() -> None:
    for kind, low, high in (("half-erased", 0.03, 0.35), ("half-erased-unsure", 0.12, 0.6)):
        truth = befallen(kind)
        rest = truth.mishaps[0].value
        _, dark = drawn(truth)
        (mark,) = truth.marks[PLACE[0]][PLACE[1]]
        assert low < dark[rest] < high * dark[mark] / 0.7


def test_correction_fluid_and_tape_cover_mark_and_ring_and_take_a_new_mark() -> None:
    for kind in ("fluid", "tape", "fluid-alone"):
        truth = befallen(kind)
        dark, at = drawn(truth)
        covered = truth.mishaps[0].value
        assert at[covered] < 0.03
        ring = PLACES[(*PLACE, covered)]
        assert at_bubble(np.minimum(dark, 0), printed(), ring, 1.0) < -0.02  # the print is whiter now
    marked = befallen("fluid-marked")
    assert drawn(marked)[1][marked.marks[PLACE[0]][PLACE[1]][0]] > 0.4


def test_fluid_covers_coloured_ink_too() -> None:
    truth = befallen("fluid-alone")
    red = replace(pen.Pen(), colour=(55, 40, 205), ink=91)
    assert drawn(truth, red)[1][truth.mishaps[0].value] < 0.03


def test_words_run_through_bubbles_that_mean_nothing() -> None:
    touched = 0
    for seed in range(6):
        truth = befallen("words", seed)
        assert truth.marks == filled().marks
        _, dark = drawn(truth, seed=seed)
        touched += sum(dark[v] > 0.02 for v in dark if v not in truth.marks[PLACE[0]][PLACE[1]])
    assert touched >= 3


def test_a_wild_signature_leaves_its_frame() -> None:
    area = LAYOUT.sector(15).area
    left = 0
    for seed in range(4):
        before = printed()
        sheet = before.copy()
        blank = replace(filled(), marks={f: {c: [] for c in cs} for f, cs in filled().marks.items()}, written={})
        traces.fill_sheet(sheet, LAYOUT, blank, pen.Pen(strays=0.0), handwriting.Hand(), stream(seed),
                          wild_signature=True)  # fmt: skip
        ys, xs = np.nonzero(taken(before, sheet) > 0.3)
        mm = np.stack((xs, ys)) * 25.4 / sheet.dpi
        left += int((mm[0].min() < area.x - 2) or (mm[1].max() > area.bottom + 2) or (mm[1].min() < area.y - 2))
    assert left >= 3


def test_befall_touches_a_few_plain_places_and_follows_from_the_seed() -> None:
    counts = []
    for seed in range(120):
        truth = mishaps.befall(stream("befall", seed), filled(seed))
        assert truth == mishaps.befall(stream("befall", seed), filled(seed))
        places = [(m.field, m.column) for m in truth.mishaps]
        assert len(places) == len(set(places))
        struck = {(m.field, m.column) for m in truth.mishaps if m.kind == "struck-out"}
        assert not any(truth.marks[f][c] for f, c in struck)
        others = set(places) - struck
        assert all(truth.marks[f][c] or (f, c) in truth.ambiguous or "fluid" in truth.note for f, c in others)
        counts.append(len(places))
    assert 1 < np.mean(counts) < 12
    assert 0.1 < np.mean(np.array(counts) == 0) < 0.4
    unused = answers.unused_sheet(PROFILE, "1")
    assert mishaps.befall(stream(1), unused) == unused


@pytest.mark.parametrize(
    ("kind", "said", "verdict"),
    [
        ("crossed-out", Said("many"), Verdict.RIGHT),
        ("crossed-out", Said("one"), Verdict.WRONG),
        ("weak-beside", Said("one"), Verdict.RIGHT),
        ("weak-beside", Said("many"), Verdict.RIGHT),
        ("weak-beside", Said("none"), Verdict.WRONG),
        ("half-erased-alone", Said("none"), Verdict.RIGHT),
        ("fluid-alone", Said("none"), Verdict.RIGHT),
        ("fluid-alone", Said("one"), Verdict.WRONG),
        ("ring", Said("none"), Verdict.WRONG),
        *((kind, Said("doubtful"), Verdict.ASKED) for kind in sorted(mishaps.MISHAPS)),
    ],
)
def test_asking_is_never_wrong_and_being_sure_is_right_if_a_human_could_say_so(
    kind: str, said: Said, verdict: Verdict
) -> None:
    truth = befallen(kind)
    mark = filled().marks[PLACE[0]][PLACE[1]][0]
    values = {"one": (mark,), "many": tuple({mark, truth.mishaps[0].value, *truth.marks[PLACE[0]][PLACE[1]]})}
    assert judge(truth, PLACE, Said(said.state, values.get(said.state, ()))) is verdict


def test_more_among_many_changes_nothing_less_does() -> None:
    truth = replace(filled(), marks={"subject1": {"0": ["A", "B"]}})
    place = ("subject1", "0")
    assert judge(truth, place, Said("many", ("B", "A"))) is Verdict.RIGHT
    assert judge(truth, place, Said("many", ("B", "E", "A"))) is Verdict.RIGHT
    assert judge(truth, place, Said("many", ("B", "E"))) is Verdict.WRONG
    assert judge(truth, place, Said("one", ("A",))) is Verdict.WRONG
    one = replace(truth, marks={"subject1": {"0": ["A"]}})
    assert judge(one, place, Said("many", ("A", "B"))) is Verdict.WRONG
    assert [v for _, v in judge_sheet(one, {"subject1": {0: Said("one", ("A",))}})] == [Verdict.RIGHT]


def test_nasty_pens_are_thin_thick_and_coloured() -> None:
    drawn_pens = [pen.draw_pen(stream("pens", n), "nasty") for n in range(400)]
    assert min(p.width for p in drawn_pens) < 0.16
    assert max(p.width for p in drawn_pens) > 2.2
    hues = {max(range(3), key=lambda n, p=p: p.colour[n]) for p in drawn_pens if p.colour}  # type: ignore[misc]
    assert hues == {0, 1, 2}
    for population in ("ordinary", "careless", "hard"):
        usual = [pen.draw_pen(stream("pens", n), population) for n in range(100)]
        assert all(p.colour is None and 0.25 < p.width < 1.35 for p in usual)
