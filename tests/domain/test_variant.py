"""Variants: never twice within eight seats, in balanced numbers, repeatable."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.check_digit import is_checked
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.variant import draw_variants, seat_variants, variant_problems

PROFILE = ExamProfile()


@given(st.integers(1, 250), st.integers(9, 16), st.binary(min_size=8, max_size=8))
@settings(max_examples=80, deadline=None)
def test_no_equal_variant_within_eight_seats_and_all_used_alike(seats: int, count: int, seed: bytes) -> None:
    variants = [str(1000 + n) for n in range(count)]
    laid = seat_variants(seats, variants, 8, seed)
    assert len(laid) == seats
    last: dict[str, int] = {}
    for seat, variant in enumerate(laid):
        assert seat - last.get(variant, -100) > 8
        last[variant] = seat
    used = Counter(laid)
    assert max(used.values()) - min(used.get(v, 0) for v in variants) <= 2
    assert variant_problems(laid, 8) == []
    assert laid == seat_variants(seats, variants, 8, seed)


def test_halls_differ() -> None:
    variants = [str(1000 + n) for n in range(10)]
    assert seat_variants(40, variants, 8, b"hall 1") != seat_variants(40, variants, 8, b"hall 2")


def test_neighbours_with_one_variant_are_told() -> None:
    problems = variant_problems(["1001", "1002", "1001"], 8)
    assert [p.message("en") for p in problems] == ["Seats 1 and 3 both hold variant 1001."]


def test_eight_variants_are_too_few() -> None:
    with pytest.raises(UserError, match="8 variants cannot be kept 8 seats apart"):
        seat_variants(20, [str(n) for n in range(8)], 8, b"x")
    with pytest.raises(UserError, match="At least 9 variants"):
        draw_variants(8, PROFILE, SeededEntropy("v"))


def test_drawn_variants_are_new_and_checked() -> None:
    first = draw_variants(12, PROFILE, SeededEntropy("v"))
    second = draw_variants(12, PROFILE, SeededEntropy("v"), taken=first)
    assert len({*first, *second}) == 24
    assert all(len(v) == 4 and is_checked(v) for v in (*first, *second))
    with pytest.raises(UserError, match="do not suffice"):
        draw_variants(500, PROFILE, SeededEntropy("v"))
