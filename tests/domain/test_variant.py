"""Variants: never twice within eight seats, in balanced numbers, repeatable."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.check_digit import check_digit
from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.variant import draw_variants, seat_variants

PROFILE = ExamProfile()


CELL = st.sampled_from([1, 1, 1, 1, 0, None])
CORNERS = st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans())


@st.composite
def plans(draw: st.DrawFn) -> list[list[int | None]]:
    """Any hall: aisles and empty places anywhere, numbered from any corner, by rows or columns, straight or snake."""
    rows, places = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    cells: list[list[int | None]] = [[draw(CELL) for _ in range(places)] for _ in range(rows)]
    from_back, from_right, by_columns, snake = draw(CORNERS)
    lines = [[(r, c) for c in range(places)] for r in range(rows)]
    if by_columns:
        lines = [[(r, c) for r in range(rows)] for c in range(places)]
    order = [cell for n, line in enumerate(lines[::-1] if from_back else lines)
             for cell in (line[::-1] if from_right != (snake and n % 2 == 1) else line)]  # fmt: skip
    for number, (r, c) in enumerate([cell for cell in order if cells[cell[0]][cell[1]]], 1):
        cells[r][c] = number
    return cells


@given(plans(), st.integers(9, 16), st.binary(min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_neighbour_holds_the_same_variant_and_all_are_used_alike(
    grid: list[list[int | None]], count: int, seed: bytes
) -> None:
    variants = [str(1000 + n) for n in range(count)]
    laid = seat_variants(grid, variants, 8, seed)
    assert len(laid) == sum(1 for row in grid for place in row if place)
    cells = {(r, c): laid[n - 1] for r, row in enumerate(grid) for c, n in enumerate(row) if n}
    for (r, c), variant in cells.items():
        around = [cells.get((r + dr, c + dc)) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc]
        assert variant not in around
    used = Counter(laid)
    assert max(used.values(), default=0) - min(used.get(v, 0) for v in variants) <= 2 + len(laid) // 20
    assert laid == seat_variants(grid, variants, 8, seed)


def rows_of(rows: int, places: int) -> list[list[int]]:
    return [[r * places + c + 1 for c in range(places)] for r in range(rows)]


@pytest.mark.parametrize("places", range(1, 8))
def test_in_narrow_halls_seats_are_eight_apart_in_number_too(places: int) -> None:
    laid = seat_variants(rows_of(12, places), [str(1000 + n) for n in range(10)], 8, b"seed")
    assert all(len(set(laid[at : at + 9])) == len(laid[at : at + 9]) for at in range(len(laid)))


@pytest.mark.parametrize("places", range(8, 21))
def test_in_wide_halls_too_with_two_or_three_variants_more(places: int) -> None:
    laid = seat_variants(rows_of(12, places), [str(1000 + n) for n in range(13)], 8, b"seed")
    assert all(len(set(laid[at : at + 9])) == len(laid[at : at + 9]) for at in range(len(laid)))


def test_halls_differ() -> None:
    variants = [str(1000 + n) for n in range(10)]
    grid = rows_of(8, 5)
    assert seat_variants(grid, variants, 8, b"hall 1") != seat_variants(grid, variants, 8, b"hall 2")


def test_eight_variants_are_too_few() -> None:
    with pytest.raises(UserError, match="8 variants cannot be kept 8 seats apart"):
        seat_variants(rows_of(4, 5), [str(n) for n in range(8)], 8, b"x")
    with pytest.raises(UserError, match="At least 9 variants"):
        draw_variants(8, PROFILE, SeededEntropy("v"))


def test_drawn_variants_are_new_and_checked() -> None:
    first = draw_variants(12, PROFILE, SeededEntropy("v"))
    second = draw_variants(12, PROFILE, SeededEntropy("v"), taken=first)
    assert len({*first, *second}) == 24
    assert all(len(v) == 4 and check_digit(v[:-1]) == v[-1] for v in (*first, *second))
    with pytest.raises(UserError, match="do not suffice"):
        draw_variants(500, PROFILE, SeededEntropy("v"))
