"""A count and a control sum typed from paper against the program's own: grouping does not matter, a slip is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

GROUP = 4
# Letters that look like a hexadecimal digit, and Cyrillic ones on the key of one.
_LOOKS = str.maketrans("OОІIL|АВСЕЗБ", "001111ABCE36")
_KEYS = str.maketrans("ФИСВУА", "ABCDEF")
_HEX = frozenset("0123456789ABCDEF")


@dataclass(frozen=True, slots=True)
class TypedSum:
    """What was typed, in groups as the program writes them; `wrong` are the groups that differ, counted from one.

    `strange` are letters that no control sum has; `short` is how many digits are missing, negative for too many.
    """

    text: str
    same: bool
    wrong: tuple[int, ...] = ()
    strange: str = ""
    short: int = 0
    swapped: bool = False


def typed_count(text: str) -> int | None:
    """A number typed with or without grouping: «1 234», «1,234», «1.234»; None where it is none."""
    digits = "".join(c for c in text if c not in " \u00a0\u202f,.'’")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def typed_sum(text: str, own: str) -> TypedSum:
    """Compare a typed control sum with `own`; spaces, dashes, small letters and letters of another layout are fine."""
    plain, right = _plain(text), _plain(own)
    readings = [plain.translate(_LOOKS), plain.translate(_KEYS).translate(_LOOKS)]
    if right in readings:
        return TypedSum(own, same=True)
    best = min(readings, key=lambda reading: sum(a != b for a, b in zip_longest(reading, right)))
    strange = "".join(sorted({c for c in best if c not in _HEX}))
    pairs = zip_longest(_groups(best), _groups(right), fillvalue="")
    wrong = tuple(number for number, (a, b) in enumerate(pairs, 1) if a != b)
    return TypedSum("-".join(_groups(best)), False, wrong, strange, len(right) - len(best), _swapped(best, right))


def same_sum(text: str, sums: Sequence[str]) -> int | None:
    """Which of these sums was typed, if one of them was: the paper of an older version, say."""
    return next((place for place, own in enumerate(sums) if typed_sum(text, own).same), None)


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum() or c == "|")


def _groups(plain: str) -> list[str]:
    return [plain[start : start + GROUP] for start in range(0, len(plain), GROUP)]


def _swapped(one: str, other: str) -> bool:
    """Two neighbours changed places: a slip of the fingers, not another database."""
    if len(one) != len(other):
        return False
    places = [place for place in range(len(one)) if one[place] != other[place]]
    return (
        len(places) == 2 and places[1] == places[0] + 1
        and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]
    )  # fmt: skip
