"""Two passes of an envelope: what balances, what is merged and what goes to a person."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.compare import merge_passes
from mab_desktop.omr.geometry import layout_geometry
from mab_desktop.omr.marks import as_fields, decide
from mab_desktop.omr.problems import PageProblem
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading, State
from mab_desktop.omr.sample import Scores

SHEET = layout(default_profile())
GEOMETRY = layout_geometry(SHEET)
ITEM = SHEET.groups()["subject1", 0]


def reading(serial, *, seed=1, change=(), ok=True):
    """A reading whose marks follow `seed`; `change` sets the darkness of single bubbles."""
    rng = np.random.default_rng(seed)
    mean = np.full(len(SHEET.bubbles), 4, np.uint8)
    for members in GEOMETRY.members:
        mean[rng.choice(members[members >= 0])] = 160
    mean[list(ITEM)] = (160, 4, 4, 4, 4)
    for index, value in change:
        mean[index] = value
    share = np.where(mean > 20, np.clip(mean.astype(int) * 3 // 2, 0, 255), 0).astype(np.uint8)
    centred = [*[np.full_like(mean, 128)] * 5, *[np.zeros_like(mean)] * 3]
    scores = Scores(mean, share, share, np.zeros_like(mean), np.full_like(mean, 200), *centred)
    decision = decide(scores, GEOMETRY)
    fields = as_fields(decision, GEOMETRY) if ok else {}
    problems = () if ok else (PageProblem("streak"),)
    return SheetReading("f", 1, ok, problems, 0, serial, fields, scores.to_bytes(), decision.thresholds())


def test_equal_passes_balance():
    envelope = [reading(str(n), seed=n) for n in range(5)]
    result = merge_passes(envelope, list(reversed(envelope)), SHEET)
    assert result.balanced
    assert [pair.serial for pair in result.pairs] == list("01234")
    assert (result.differences, result.doubtful) == ((), 0)
    assert result.pairs[2].fields == envelope[2].fields


def test_seen_once_or_three_times_is_an_error_of_the_balance():
    a, b, c = reading("1"), reading("2", seed=2), reading("3", seed=3)
    result = merge_passes([a, b, c, c], [a, c], SHEET)
    assert [pair.serial for pair in result.pairs] == ["1"]
    assert [r.serial for r in result.only_first] == ["2"]
    assert [r.serial for r in result.repeated] == ["3", "3"]
    assert not result.balanced


def test_a_contradiction_of_two_sure_readings_is_always_asked():
    one, two = reading("1"), reading("1", change=[(ITEM[0], 4), (ITEM[2], 160)])
    (pair,) = merge_passes([one], [two], SHEET).pairs
    group = pair.fields["subject1"][0]
    assert group.state is State.DOUBTFUL
    assert set(group.values) == {"A", "C"}
    (difference,) = merge_passes([one], [two], SHEET).differences
    assert (difference.field, difference.column, difference.sure) == ("subject1", 0, True)


def test_doubt_of_one_pass_is_settled_by_the_mean_only_if_it_agrees():
    sure, doubtful = reading("1"), reading("1", change=[(ITEM[0], 55)])
    assert doubtful.fields["subject1"][0].state is State.DOUBTFUL
    (pair,) = merge_passes([sure], [doubtful], SHEET).pairs
    assert pair.fields["subject1"][0] == GroupReading(State.ONE, ("A",))
    (pair,) = merge_passes([sure], [doubtful]).pairs
    assert pair.fields["subject1"][0].state is State.DOUBTFUL
    none = reading("1", change=[(ITEM[0], 4)])
    (pair,) = merge_passes([none], [reading("1", change=[(ITEM[0], 40)])], SHEET).pairs
    assert pair.fields["subject1"][0].state is State.DOUBTFUL


def test_lost_codes_are_paired_by_content_when_there_is_one_choice():
    first = [reading("1", seed=1), reading("", seed=2), reading("3", seed=3)]
    second = [reading("", seed=1), reading("2", seed=2), reading("3", seed=3)]
    result = merge_passes(first, second, SHEET)
    assert result.balanced
    assert {(p.serial, p.by_content) for p in result.pairs} == {("1", True), ("2", True), ("3", False)}
    twins = merge_passes([reading("", seed=1), reading("", seed=1)], [reading("7", seed=1)], SHEET)
    assert (len(twins.pairs), len(twins.only_first), len(twins.only_second)) == (0, 2, 1)


def test_different_serials_are_never_one_sheet():
    result = merge_passes([reading("1", seed=4)], [reading("2", seed=4)], SHEET)
    assert (result.pairs, len(result.only_first), len(result.only_second)) == ((), 1, 1)


def test_a_refused_pass_leaves_nothing_to_take():
    (pair,) = merge_passes([reading("1")], [reading("1", ok=False)], SHEET).pairs
    assert pair.fields == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(ITEM)), st.integers(0, 200)), max_size=3),
       st.lists(st.tuples(st.sampled_from(list(ITEM)), st.integers(0, 200)), max_size=3))  # fmt: skip
def test_merging_is_symmetric_and_never_takes_what_a_sure_pass_denies(one, two):
    a, b = reading("1", change=one), reading("1", change=two)
    there = merge_passes([a], [b], SHEET).pairs[0].fields["subject1"][0]
    back = merge_passes([b], [a], SHEET).pairs[0].fields["subject1"][0]
    assert (there.state, set(there.values)) == (back.state, set(back.values))
    for group in (a.fields["subject1"][0], b.fields["subject1"][0]):
        if State.DOUBTFUL not in (there.state, group.state):
            assert set(there.values) == set(group.values)


def test_scores_of_another_geometry_are_left_out():
    other = Scores(*np.zeros((13, 2), np.uint8)).to_bytes()
    one = replace(reading("1"), scores=other)
    two = replace(reading("1", change=[(ITEM[0], 55)]), scores=other)
    (pair,) = merge_passes([one], [two], SHEET).pairs
    assert pair.fields["subject1"][0].state is State.DOUBTFUL


@pytest.mark.parametrize("passes", [([], []), ([reading("1")], [])])
def test_empty_envelopes(passes):
    assert merge_passes(*passes, SHEET).pairs == ()
