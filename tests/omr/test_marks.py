"""Decisions on bare bubble lists: no squares, no sheet of ours."""

import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.geometry import geometry_of, layout_geometry
from mab_desktop.omr.marks import decide, decide_again
from mab_desktop.omr.rules import DEFAULT_RULES, State, stricter, without_empty
from mab_desktop.omr.sample import STRUCK, Scores

SHEET = layout(default_profile())
GEOMETRY = layout_geometry(SHEET)


def scores(marks, *, empty=0.02, noise=0.004, seed=0):
    """Scores of the default sheet: `marks` bubble index -> (darkness, inked share, well inked share)."""
    rng = np.random.default_rng(seed)
    count = len(SHEET.bubbles)
    mean, light, dark = rng.normal(empty, noise, count), np.full(count, 0.02), np.zeros(count)
    for index, (a, b, c) in marks.items():
        mean[index], light[index], dark[index] = a, b, c
    return Scores(
        *(np.clip(part * unit, 0, 255).astype(np.uint8) for part, unit in ((mean, 200), (light, 255), (dark, 255))),
        np.zeros(count, np.uint8),
        np.full(count, 200, np.uint8),
        *(np.full(count, 128, np.uint8) for _ in range(5)),
        *(np.zeros(count, np.uint8) for _ in range(3)),
    )


FULL, ERASED, TICK, HALF = (0.8, 0.95, 0.9), (0.10, 0.1, 0.0), (0.2, 0.3, 0.22), (0.4, 0.5, 0.45)


def all_marked(change):
    """Every group marked fully at its first bubble, with changes."""
    marks = {int(members[0]): FULL for members in GEOMETRY.members}
    marks.update(change)
    return marks


def group_of(decision, key):
    return decision.groups[GEOMETRY.keys.index(key)]


ITEM = SHEET.groups()["subject3", 7]


@pytest.mark.parametrize(
    ("change", "state", "values"),
    [
        ({}, State.ONE, ("A",)),
        ({ITEM[0]: (0.02, 0.0, 0.0)}, State.NONE, ()),
        ({ITEM[3]: FULL}, State.MANY, None),
        ({ITEM[3]: ERASED}, State.ONE, ("A",)),
        ({ITEM[3]: TICK}, State.DOUBTFUL, None),
        ({ITEM[0]: TICK}, State.DOUBTFUL, ("A",)),
        ({ITEM[0]: ERASED}, State.DOUBTFUL, ("A",)),
        ({ITEM[3]: HALF}, State.DOUBTFUL, None),
        ({ITEM[3]: (1.0, 1.0, 1.0)}, State.DOUBTFUL, None),
        ({ITEM[3]: (0.6, 0.75, 0.7)}, State.DOUBTFUL, None),
    ],
)
def test_groups_of_a_person_who_fills(change, state, values):
    group = group_of(decide(scores(all_marked(change)), GEOMETRY), ("subject3", 7))
    assert group.state is state
    if values is not None:
        assert group.values == values


def test_ticks_are_marks_where_the_person_ticks():
    marks = {int(members[1]): TICK for members in GEOMETRY.members}
    decision = decide(scores(marks), GEOMETRY)
    assert {group.state for group in decision.groups} == {State.ONE}
    assert decision.high < 0.2


def test_an_empty_group_without_its_print_is_doubtful():
    measured = scores(all_marked({ITEM[0]: (0.02, 0.0, 0.0)}))
    measured.ring[ITEM[2]] = 130
    assert group_of(decide(measured, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL
    assert group_of(decide(measured, GEOMETRY, replace(DEFAULT_RULES, ring=0)), ("subject3", 7)).state is State.NONE


def test_ink_beside_an_empty_group_is_doubtful():
    measured = scores(all_marked({ITEM[0]: (0.02, 0.0, 0.0)}))
    measured.near[ITEM[2]] = 90
    assert group_of(decide(measured, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL


def test_black_and_white_rules_ask_sooner():
    measured = scores(all_marked({ITEM[0]: (0.065, 0.06, 0.06)}))
    assert group_of(decide(measured, GEOMETRY, stricter(DEFAULT_RULES)), ("subject3", 7)).state is State.DOUBTFUL


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.25, 0.95), st.floats(0.0, 0.1))
def test_clear_marks_are_read_whatever_the_pen_and_the_paper(seed, ink, empty):
    rng = np.random.default_rng(seed)
    marks, truth = {}, []
    for members in GEOMETRY.members:
        real = members[members >= 0]
        chosen = rng.permutation(real)[: int(rng.choice([0, 1, 1, 1, 1, 1, 2]))]
        for index in chosen:
            marks[int(index)] = (empty + ink * rng.uniform(0.85, 1.0), 0.9, 0.9 if ink > 0.5 else 0.1)
        truth.append({SHEET.bubbles[i].value for i in chosen})
    decision = decide(scores(marks, empty=empty, seed=seed), GEOMETRY)
    assert [set(group.values) for group in decision.groups] == truth
    assert all(group.state is not State.DOUBTFUL for group in decision.groups)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([256, 60, 12, 1]))
def test_any_scores_are_decided_and_decided_alike_again(seed, top):
    parts = np.random.default_rng(seed).integers(0, top, (13, len(SHEET.bubbles))).astype(np.uint8)
    data = Scores(*parts).to_bytes()
    first = decide(Scores.from_bytes(data), GEOMETRY)
    assert decide_again(data, GEOMETRY) == first
    assert len(first.groups) == len(GEOMETRY.keys)
    for group in first.groups:
        assert (group.state is State.ONE) <= (len(group.values) == 1)
        assert (group.state is State.MANY) <= (len(group.values) >= 2)
        assert (group.state is State.NONE) <= (group.values == ())


def test_scores_of_a_wrong_length_are_refused():
    for data in (b"", b"123", zlib.compress(bytes(9)), Scores(*np.zeros((13, 3), np.uint8)).to_bytes()[:-3]):
        with pytest.raises(ValueError, match="scores"):
            decide_again(data, GEOMETRY)


def test_geometry_blocks_keep_neighbours_together():
    geometry = geometry_of(SHEET.bubbles)
    for number in range(geometry.block_count):
        rows = np.flatnonzero(geometry.block == number)
        assert 1 <= len(rows) <= 30
        assert len({SHEET.bubbles[r].field for r in rows}) == 1
        assert np.ptp(geometry.xy[rows], axis=0).max() < 46


ALIKE = (0.15, 0.21, 0.17)  # of the same ink as FULL where it is inked


def some_marked(look, count):
    """A person who fills marks `count` answers of the first subject otherwise; the groups of these."""
    keys = [("subject1", n) for n in range(0, 2 * count, 2)]
    changed = {SHEET.groups()[key][0]: look for key in keys}
    decision = decide(scores(all_marked(changed)), GEOMETRY)
    return [group_of(decision, key).state for key in keys]


def test_less_of_the_same_ink_is_a_mark_where_there_are_some_alike():
    assert some_marked(ALIKE, 3) == [State.ONE] * 3
    assert some_marked(ALIKE, 1) == [State.DOUBTFUL]


def test_less_ink_than_this_pen_leaves_is_asked_about_however_often():
    erased = (0.15, 0.6, 0.0)
    assert set(some_marked(erased, 4)) == {State.DOUBTFUL}


def test_a_mark_on_a_line_through_the_rows_is_a_question():
    measured = scores(all_marked({}))
    assert group_of(decide(measured, GEOMETRY), ("subject3", 7)).state is State.ONE
    measured.ring[ITEM[0]] = STRUCK
    assert group_of(decide(measured, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL


def with_near(known, near):
    """The scores with clear ink outside these bubbles: index -> share."""
    changed = known.near.copy()
    for index, share in near.items():
        changed[index] = round(share * 255)
    return replace(known, near=changed)


def test_a_ring_around_another_bubble_than_the_marked_one_is_a_question():
    marked = scores(all_marked({}))
    assert group_of(decide(with_near(marked, {ITEM[0]: 0.5}), GEOMETRY), ("subject3", 7)).values == ("A",)
    ringed = with_near(marked, {ITEM[3]: 0.5})
    assert group_of(decide(ringed, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL


def test_a_pale_ring_is_no_empty_row():
    marks = all_marked({})
    del marks[ITEM[0]]
    ringed = with_near(scores(marks), {ITEM[2]: 0.09})
    assert group_of(decide(ringed, GEOMETRY), ("subject3", 7)).state is State.NONE
    through = ringed.through.copy()
    through[ITEM[2]] = round(0.45 * 255)
    in_a_corner = replace(ringed, through=through)
    assert group_of(decide(in_a_corner, GEOMETRY), ("subject3", 7)).state is State.NONE, "the form's frame leaves rims"
    side = ringed.side.copy()
    side[ITEM[2]] = round(0.05 * 255)
    assert group_of(decide(replace(in_a_corner, side=side), GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL


def test_two_marks_with_ink_around_them_are_a_question():
    two = scores(all_marked({ITEM[3]: FULL}))
    assert group_of(decide(two, GEOMETRY), ("subject3", 7)).state is State.MANY
    assert group_of(decide(with_near(two, {ITEM[3]: 0.15}), GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL


def test_where_much_is_unsure_no_empty_row_is_sure():
    groups = len(GEOMETRY.members)
    marks = {int(members[0]): (FULL if n % 4 else ERASED) for n, members in enumerate(GEOMETRY.members)}
    del marks[ITEM[0]]
    known = scores(marks)
    decision = decide(known, GEOMETRY, replace(DEFAULT_RULES, unsure=0.0))
    asked = sum(group.state is State.DOUBTFUL for group in decision.groups) / groups
    assert DEFAULT_RULES.unsure < asked < 0.5
    assert group_of(decision, ("subject3", 7)).state is State.NONE
    assert group_of(decide(known, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL
    for share, state in ((0.9 * asked, State.DOUBTFUL), (1.1 * asked, State.NONE)):
        said = decide(known, GEOMETRY, replace(DEFAULT_RULES, unsure=share))
        assert group_of(said, ("subject3", 7)).state is state


def test_where_much_is_unsure_a_trace_beside_an_answer_is_a_question():
    """A thin tick over thick print leaves little: on such a sheet what stands out among the others may be a mark."""
    groups = len(GEOMETRY.members)
    marks = {int(members[0]): (FULL if n % 4 else ERASED) for n, members in enumerate(GEOMETRY.members)}
    marks[ITEM[0]] = marks[SHEET.groups()["subject3", 8][0]] = FULL
    marks[ITEM[3]] = (0.045, 0.02, 0.0)
    known = scores(marks)
    calm = replace(DEFAULT_RULES, unsure=0.0)
    asked = sum(group.state is State.DOUBTFUL for group in decide(known, GEOMETRY, calm).groups) / groups
    for share, state in ((0.9 * asked, State.DOUBTFUL), (1.1 * asked, State.ONE)):
        said = decide(known, GEOMETRY, replace(DEFAULT_RULES, unsure=share, outlying=2.5, lonely=1.0))
        assert group_of(said, ("subject3", 7)).state is state
        assert group_of(said, ("subject3", 8)).state is State.ONE


@pytest.mark.parametrize(("share", "sure"), [(0.4, True), (0.6, False)])
def test_of_a_sheet_that_is_a_question_for_the_most_part_nothing_is_sure(share, sure):
    """A ring that answers and a stroke that strikes another letter out are both marks: the stroke may win."""
    asked = round(share * len(GEOMETRY.members))
    decision = decide(scores(all_marked({int(members[3]): HALF for members in GEOMETRY.members[:asked]})), GEOMETRY)
    assert (decision.count(State.ONE) > 0) is sure
    assert decision.read > 0


def test_what_an_eraser_left_alone_in_a_row_is_no_answer_like_no_other():
    """Large and as dark on the whole as a sheet of dots or lines, but pale all over: nothing of the pen is in it."""
    dots = {int(members[0]): (0.16, 0.18, 0.2) for members in GEOMETRY.members}
    del dots[ITEM[0]]
    for dark, state in ((0.0, State.DOUBTFUL), (0.15, State.ONE)):
        said = decide(scores(dots | {ITEM[1]: (0.18, 0.58, dark)}), GEOMETRY)
        assert group_of(said, ("subject3", 7)).state is state


PALE_FULL, PALE_TICK = (0.16, 0.5, 0.0), (0.035, 0.11, 0.0)


def test_what_a_sharpening_scanner_blackens_in_letters_is_no_mark_beside_the_answer():
    known = scores(all_marked({}))
    others = np.setdiff1d(np.arange(len(known.mean)), GEOMETRY.members[:, 0])
    blackened = np.random.default_rng(1).choice(others, len(others) // 3, replace=False)
    mean, dark = known.mean.copy(), known.dark.copy()
    mean[blackened], dark[blackened] = round(0.05 * 200), round(0.08 * 255)
    sharpened = replace(known, mean=mean, dark=dark)
    assert decide(sharpened, GEOMETRY).count(State.ONE) == len(GEOMETRY.members)
    mean[ITEM[2]], dark[ITEM[2]] = round(0.15 * 200), round(0.25 * 255)
    assert group_of(decide(sharpened, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL, "a dot"


def test_a_pale_pens_tick_beside_its_full_mark_is_a_question():
    pale = {int(members[0]): PALE_FULL for members in GEOMETRY.members}
    known = scores(pale | {ITEM[3]: PALE_TICK}, empty=0.0)
    assert group_of(decide(known, GEOMETRY), ("subject3", 7)).state is State.DOUBTFUL
    black = scores(all_marked({ITEM[3]: PALE_TICK}), empty=0.0)
    assert group_of(decide(black, GEOMETRY), ("subject3", 7)).state is State.ONE, "what an eraser left"


@pytest.mark.parametrize(("darkness", "state"), [(0.065, State.ONE), (0.06, State.DOUBTFUL)])
def test_a_pale_pencils_weaker_mark_is_one(darkness, state):
    """It is judged by this pencil's own marks; the grain of paper leaves no more than a third of it."""
    firsts = [int(members[0]) for members in GEOMETRY.members]
    weaker = dict.fromkeys(firsts[::9], (darkness, 0.13, 0.0))
    known = scores(dict.fromkeys(firsts, (0.1, 0.3, 0.01)) | weaker, empty=0.0)
    decision = decide(known, GEOMETRY)
    assert {decision.groups[n].state for n in range(0, len(firsts), 9)} == {state}
    assert decision.groups[1].state is State.ONE


@pytest.mark.parametrize(
    ("filled", "outside", "state"),
    [
        pytest.param((0.95, 0.94, 1.0), 0.02, State.ONE, id="by the printer"),
        pytest.param((0.95, 0.94, 1.0), 0.15, State.DOUBTFUL, id="over its ring"),
        pytest.param((0.75, 0.85, 0.8), 0.02, State.DOUBTFUL, id="by hand"),
    ],
)
def test_a_printed_digit_beside_a_pale_pen_is_no_answer_crossed_out(filled, outside, state):
    """However uneven the paper is beside it: a hall's digit, filled before anybody wrote on the sheet."""
    marks = {int(members[0]): (0.2, 0.45, 0.05) for members in GEOMETRY.members}
    hall = SHEET.groups()["hall", 0]
    del marks[hall[0]]
    known = scores(marks | {hall[4]: filled, hall[7]: (0.045, 0.05, 0.0)}, empty=0.0)
    near = known.near.copy()
    near[hall[4]] = round(outside * 255)
    assert group_of(decide(replace(known, near=near), GEOMETRY), ("hall", 0)).state is state


def test_print_that_fades_in_strips_hides_nothing():
    left, right = (SHEET.bubbles[index].x for index in (ITEM[1], ITEM[4]))
    strips = [n for n, bubble in enumerate(SHEET.bubbles) if left - 0.3 < bubble.x < right + 0.3]
    known = scores(all_marked({}))
    for faded, state in ((strips, State.ONE), (list(ITEM[1:]), State.DOUBTFUL), ([ITEM[4]], State.ONE)):
        ring = known.ring.copy()
        ring[faded] = 128 + round(0.35 * 72)
        assert group_of(decide(replace(known, ring=ring), GEOMETRY), ("subject3", 7)).state is state


def test_where_pale_marks_leave_no_dot_no_group_is_surely_empty():
    marks = all_marked({})
    del marks[ITEM[0]]
    rules = stricter(DEFAULT_RULES)
    for used, state in ((rules, State.NONE), (without_empty(rules), State.DOUBTFUL)):
        decision = decide(scores(marks), GEOMETRY, used)
        assert group_of(decision, ("subject3", 7)).state is state
        assert decision.count(State.ONE) == len(GEOMETRY.members) - 1


def test_two_marks_that_only_this_pale_pen_makes_marks_are_a_question():
    firsts = [int(members[0]) for members in GEOMETRY.members]
    for darkness, state in ((0.066, State.DOUBTFUL), (0.095, State.MANY)):
        pale = scores(dict.fromkeys(firsts, (0.1, 0.3, 0.01)) | {ITEM[3]: (darkness, 0.28, 0.01)}, empty=0.0)
        assert group_of(decide(pale, GEOMETRY), ("subject3", 7)).state is state


@pytest.mark.parametrize(
    ("usual", "inked", "state"), [(0.8, 0.0, State.NONE), (0.8, 0.05, State.DOUBTFUL), (0.1, 0.0, State.DOUBTFUL)]
)
def test_what_runs_over_from_the_mark_beside_it_is_no_ink_of_an_empty_row(usual, inked, state):
    """Of a person whose marks do so: with a trace inside, or where marks keep within their rings, it is asked."""
    marks = all_marked({})
    del marks[ITEM[0]]
    known = scores(marks, empty=0.0, noise=0.0)
    edge = ITEM[0]  # the rows above and below are marked there
    near = dict.fromkeys((int(members[0]) for members in GEOMETRY.members), usual) | {edge: 0.2}
    side, mean = known.side.copy(), known.mean.copy()
    side[edge], mean[edge] = round(0.18 * 255), round(inked * 200)
    decision = decide(replace(with_near(known, near), side=side, mean=mean), GEOMETRY)
    assert group_of(decision, ("subject3", 7)).state is state


def test_what_runs_over_from_the_answer_is_no_second_one():
    firsts = [int(members[0]) for members in GEOMETRY.members]
    known = scores(all_marked({}), empty=0.0, noise=0.0)
    side = known.side.copy()
    for beside, state in ((ITEM[1], State.ONE), (ITEM[3], State.DOUBTFUL)):
        near = dict.fromkeys(firsts, 0.8) | {beside: 0.4}
        side[:] = 0
        side[beside] = round(0.15 * 255)
        decision = decide(replace(with_near(known, near), side=side), GEOMETRY)
        assert group_of(decision, ("subject3", 7)).state is state


FIRSTS = [int(members[0]) for members in GEOMETRY.members]


def test_two_marks_as_like_each_other_as_one_hand_makes_them_are_two():
    """Where a third of the marks are smaller or larger; a letter of a word beside a mark is less like it."""
    sizes = {0: (0.35, 0.45, 0.3), 1: (0.85, 0.98, 0.9), 2: (0.35, 0.45, 0.3), 3: (0.85, 0.98, 0.9)}
    mixed = {bubble: sizes.get(n % 11, (0.6, 0.75, 0.6)) for n, bubble in enumerate(FIRSTS)}
    for second, state in (((0.57, 0.72, 0.58), State.MANY), ((0.57, 0.72, 0.4), State.DOUBTFUL)):
        marks = mixed | {ITEM[0]: (0.6, 0.75, 0.6), ITEM[3]: second}
        assert group_of(decide(scores(marks), GEOMETRY), ("subject3", 7)).state is state


@pytest.mark.parametrize(
    ("usual", "other", "many", "state"),
    [
        pytest.param(FULL, (0.12, 0.25, 0.12), 6, State.ONE, id="thin ticks of the same ink among full marks"),
        pytest.param(FULL, (0.12, 0.25, 0.02), 6, State.DOUBTFUL, id="what an eraser left"),
        pytest.param((0.12, 0.32, 0.13), (0.045, 0.09, 0.043), 1, State.DOUBTFUL, id="a large speck"),
        pytest.param((0.1, 0.23, 0.12), (0.095, 0.11, 0.004), 8, State.DOUBTFUL, id="an even smear"),
        pytest.param((0.08, 0.12, 0.12), (0.04, 0.08, 0.012), 5, State.DOUBTFUL, id="a pale line beside black dots"),
        pytest.param((0.25, 0.3, 0.22), (0.11, 0.19, 0.12), 1, State.DOUBTFUL, id="part of a line beside thin marks"),
        pytest.param(FULL, (0.36, 0.5, 0.4), 1, State.ONE, id="half a mark among full ones"),
    ],
)
def test_a_mark_of_another_look_is_one_only_with_this_persons_ink(usual, other, many, state):
    """`many` such marks in groups that are empty otherwise, on a sheet of usual ones that vary by a few hundredths."""
    rng = np.random.default_rng(1)
    marks = {bubble: tuple(part * rng.uniform(0.9, 1.1) for part in usual) for bubble in FIRSTS}
    groups = GEOMETRY.members[40 : 40 + 12 * many : 12]
    for members in groups:
        del marks[int(members[0])]
        marks[int(members[2])] = other
    decision = decide(scores(marks, empty=0.005, noise=0.003), GEOMETRY)
    own = [decision.groups[int(GEOMETRY.group_of[members[0]])].state for members in groups]
    assert set(own) == {state}


@pytest.mark.parametrize(("noise", "states"), [(0.002, {State.ONE}), (0.0075, {State.DOUBTFUL})])
def test_beside_a_pen_hardly_darker_than_the_grain_half_a_mark_may_be_a_crease(noise, states):
    weaker = FIRSTS[40:100:6]
    marks = dict.fromkeys(FIRSTS, (0.115, 0.2, 0.035)) | dict.fromkeys(weaker, (0.08, 0.13, 0.02))
    decision = decide(scores(marks, empty=0.04, noise=noise), GEOMETRY)
    assert {decision.groups[int(GEOMETRY.group_of[bubble])].state for bubble in weaker} == states


@pytest.mark.parametrize(("elsewhere", "state"), [(True, State.NONE), (False, State.DOUBTFUL)])
def test_what_shows_through_beside_answers_is_no_trace_in_an_empty_row(elsewhere, state):
    trace = (0.058, 0.02, 0.0)
    change = {ITEM[0]: (0.02, 0.0, 0.0), ITEM[2]: trace}
    if elsewhere:
        change |= {int(members[1]): trace for members in GEOMETRY.members[::6] if members[1] >= 0}
    assert group_of(decide(scores(all_marked(change)), GEOMETRY), ("subject3", 7)).state is state


def test_half_a_usual_mark_of_a_pen_hardly_darker_than_paper_speaks_against_any_first():
    """Two marks, the first gone over again or under a smudge, on a sheet of lines that all but faded."""
    line = (0.095, 0.17, 0.06)
    marks = {int(members[0]): line for members in GEOMETRY.members}
    strong = (0.26, 0.58, 0.29)
    marks |= {int(members[0]): strong for members in GEOMETRY.members[::3]}  # gone over again, too
    marks |= {ITEM[3]: strong, ITEM[0]: (0.02, 0.0, 0.0), ITEM[1]: (0.062, 0.13, 0.03)}
    decision = decide(scores(marks, noise=0.009), GEOMETRY)
    assert decision.low > 0.5 * decision.pen
    assert group_of(decision, ("subject3", 7)).state is State.DOUBTFUL
