"""Variants: the set of a shift, and which variant lies on which seat of a hall (p.26, p.33)."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Collection, Sequence

from mab_desktop.domain.check_digit import drawn_number
from mab_desktop.domain.entropy import Entropy
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.hall_plan import Grid
from mab_desktop.i18n import N_

_TRIES, _STEPS = 2, 4  # drawings begun anew for one distance, and steps taken back in each for every seat


def draw_variants(
    count: int, profile: ExamProfile, entropy: Entropy, taken: Collection[str] = frozenset()
) -> tuple[str, ...]:
    """`count` variant numbers of a shift in rising order, none of them in `taken`, each with a check digit.

    UserError when there are fewer than the profile asks for, or when the digits do not suffice.
    """
    low = max(profile.variants_per_hall_min, profile.same_variant_min_distance_seats + 1)
    if count < low:
        raise UserError(N_("At least {low} variants are needed, not {count}."), low=low, count=count)
    digits = profile.variant_digits
    if count + len(taken) > (9 * 10 ** (digits - 2) if digits > 1 else 10) // 2:
        raise UserError(N_("Variant numbers of {digits} digits do not suffice for {count} more."),
                        digits=digits, count=count)  # fmt: skip
    drawn: set[str] = set()
    while len(drawn) < count:
        number = drawn_number(int.from_bytes(entropy.bytes(8)), digits)
        if number not in taken:
            drawn.add(number)
    return tuple(sorted(drawn))


def seat_variants(grid: Grid, variants: Sequence[str], distance: int, seed: bytes) -> tuple[str, ...]:
    """The variant of each seat of a drawn hall, seat 1 first; the same for the same seed.

    None of the eight places around a seat holds its variant (p.26, p.33). Seats up to `distance` apart in the order of
    their numbers differ too; where rows are so wide that both cannot be had with these variants, as many as can be.
    Every variant is used as often as any other, give or take what that forces. UserError when there are too few.
    """
    if len(set(variants)) <= distance:
        raise UserError(
            N_("{count} variants cannot be kept {distance} seats apart."), count=len(set(variants)), distance=distance
        )
    around = neighbours(grid)
    for reach in range(distance, -1, -1):
        for again in range(_TRIES):
            laid = _laid(around, variants, reach, seed + bytes([reach, again]))
            if laid is not None:
                return laid
    raise UserError(
        N_("{count} variants do not suffice: a seat of this hall has more neighbours."), count=len(set(variants))
    )


def neighbours(grid: Grid) -> list[list[int]]:
    """For each seat, seat 1 first, the numbers of the seats in the eight places around it."""
    seats = {(r, c): number for r, row in enumerate(grid) for c, number in enumerate(row) if number}
    found: list[list[int]] = [[] for _ in seats]
    for (r, c), number in seats.items():
        beside = (seats.get((r + dr, c + dc)) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc)
        found[number - 1] = sorted(other for other in beside if other)
    return found


def _laid(around: Sequence[Sequence[int]], variants: Sequence[str], reach: int, seed: bytes) -> tuple[str, ...] | None:
    """Seat by seat the variant used least of those that may lie there, steps taken back where none may; None when that
    took too long."""
    chance = random.Random(hashlib.sha256(seed).digest())  # noqa: S311 - the seed is secret, the order need not be
    laid: list[str] = []
    used: Counter[str] = Counter()
    waiting: list[list[str]] = []
    steps = _STEPS * len(around)
    while len(laid) < len(around):
        if len(waiting) == len(laid):
            seat = len(laid) + 1
            near = {*laid[max(0, len(laid) - reach) :], *(laid[n - 1] for n in around[seat - 1] if n < seat)}
            free = [variant for variant in variants if variant not in near]
            waiting.append(sorted(free, key=lambda v: (-used[v], chance.random())))
        if waiting[-1]:
            laid.append(waiting[-1].pop())
            used[laid[-1]] += 1
        else:
            waiting.pop()
            steps -= 1
            if not laid or steps < 0:
                return None
            used[laid.pop()] -= 1
    return tuple(laid)
