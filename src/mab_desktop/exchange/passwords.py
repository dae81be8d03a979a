"""Generated passwords: 13 symbols that are hard to misread (65 bits) and one that shows a slip of the hand.

The check symbol is a sum over the field of 32 elements in which each place has its own weight: a single wrong symbol
and any two exchanged symbols always show. Generated, because a copied file can be attacked elsewhere. What a single
slip made of a password has few readings that fit: they are tried, so that one mistake by telephone costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import UserError
from mab_desktop.exchange.device import CROCKFORD
from mab_desktop.i18n import N_

LENGTH = 13
_GROUPS = (5, 5, 4)
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1: its powers of x run through all 31 elements but zero
# What people read or type instead: by shape, and Cyrillic letters that look like ours under the other keyboard.
_ALIKE = str.maketrans("OILАВСЕНКМРТХУОІ", "011ABCEHKMPTXY01")

_SPOKEN = {
    word[0]: word for word in (
        "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike", "November",
        "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
    )
}  # fmt: skip


def generate(entropy: Entropy = SystemEntropy()) -> str:
    """A fresh password, in groups for reading out: `K7Q2M-9XD3T-RV8H`."""
    values = [byte & 31 for byte in entropy.bytes(LENGTH)]
    return show("".join(CROCKFORD[value] for value in (*values, _check(values))))


def show(symbols: str) -> str:
    """14 symbols in groups."""
    groups, start = [], 0
    for size in _GROUPS:
        groups.append(symbols[start : start + size])
        start += size
    return "-".join(groups)


def normalise(typed: str) -> str:
    """What was typed as capital symbols only: no hyphens and blanks, O as 0, I and L as 1, look-alikes as ours."""
    return "".join(c for c in typed.upper().translate(_ALIKE) if c not in "-–—" and not c.isspace())


def is_whole(typed: str) -> bool:
    """True where length, symbols and check symbol are right."""
    symbols = normalise(typed)
    if len(symbols) != LENGTH + 1 or any(symbol not in CROCKFORD for symbol in symbols):
        return False
    values = [CROCKFORD.index(symbol) for symbol in symbols]
    return _check(values[:-1]) == values[-1]


def readings(typed: str) -> tuple[str, ...]:
    """What `typed` can have been told as: itself where it is whole, else all that one slip makes of it, at most 27.

    A slip is one symbol too many or too few, two neighbours exchanged, or one wrong. Empty where it takes more slips.
    """
    symbols = normalise(typed)
    if is_whole(symbols):
        return (symbols,)
    size = len(symbols)
    tried: Iterator[str]
    if size == LENGTH + 2:
        tried = (symbols[:n] + symbols[n + 1 :] for n in range(size))
    elif size == LENGTH:
        tried = (symbols[:n] + c + symbols[n:] for n in range(size + 1) for c in CROCKFORD)
    elif size == LENGTH + 1:
        exchanged = (symbols[:n] + symbols[n + 1] + symbols[n] + symbols[n + 2 :] for n in range(LENGTH))
        wrong = (symbols[:n] + c + symbols[n + 1 :] for n in range(size) for c in CROCKFORD)
        tried = chain(exchanged, wrong)
    else:
        return ()
    return tuple(dict.fromkeys(reading for reading in tried if is_whole(reading)))


def spelled(password: str) -> str:
    """A password as it is read out: digits as they are, letters by the words of the radio alphabet."""
    return " ".join(_SPOKEN.get(symbol, symbol) for symbol in normalise(password))


def require(typed: str) -> bytes:
    """The password as key material; UserError when it is mistyped. Says nothing of whether it is the right one."""
    if not is_whole(typed):
        raise UserError(
            N_("The password is mistyped: it has 14 symbols, and the last one does not fit the others."),
            next_step=N_("Nothing was opened, and this does not count as a try. Look at the paper and type it again."),
        )
    return normalise(typed).encode("ascii")


def _times_x(value: int) -> int:
    value <<= 1
    return value ^ _POLYNOMIAL if value & 32 else value


def _check(values: list[int]) -> int:
    """Horner's rule: sum of value times x^(places to the right). The check symbol itself has weight 1."""
    total = 0
    for value in values:
        total = _times_x(total ^ value)
    return total
