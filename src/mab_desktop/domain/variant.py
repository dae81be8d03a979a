"""Variants: the set of a shift, and which variant lies on which seat of a hall (p.26, p.33)."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Collection, Sequence

from mab_desktop.domain.check_digit import drawn_number
from mab_desktop.domain.entropy import Entropy
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.i18n import N_


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


def seat_variants(seats: int, variants: Sequence[str], distance: int, seed: bytes) -> tuple[str, ...]:
    """The variant of each seat, seat 1 first; the same for the same seed.

    Two seats up to `distance` apart in number order never hold one variant, and every variant is used as often as any
    other, give or take what the distance forces. UserError when there are too few variants.
    """
    if len(set(variants)) <= distance:
        raise UserError(
            N_("{count} variants cannot be kept {distance} seats apart."), count=len(set(variants)), distance=distance
        )
    used: Counter[str] = Counter()
    near: deque[str] = deque(maxlen=distance) if distance else deque(maxlen=0)
    laid: list[str] = []
    for seat in range(1, seats + 1):
        free = [v for v in variants if v not in near]
        choice = min(free, key=lambda v: (used[v], _chance(seed, seat, v)))
        used[choice] += 1
        near.append(choice)
        laid.append(choice)
    return tuple(laid)


def variant_problems(laid: Sequence[str], distance: int) -> list[Problem]:
    """Every pair of seats that hold one variant within `distance` seats."""
    found = []
    for i, variant in enumerate(laid):
        for j in range(i + 1, min(i + distance, len(laid) - 1) + 1):
            if laid[j] == variant:
                params = (("first", i + 1), ("second", j + 1), ("variant", variant))
                found.append(Problem("variant", N_("Seats {first} and {second} both hold variant {variant}."), params))
    return found


def _chance(seed: bytes, seat: int, variant: str) -> bytes:
    return hashlib.sha256(seed + f"|{seat}|{variant}".encode()).digest()
