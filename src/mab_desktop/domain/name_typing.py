"""What typing leaves to the program: capital letters of names, words in the other keyboard layout."""

from __future__ import annotations

import re

from mab_desktop.domain.names import search_form

# Parts of names that stay small after the first: sons and daughters in Turkic names, particles of foreign ones.
PARTICLES = frozenset((
    "оглы", "оғлы", "кызы", "қызы", "углы", "улы", "ұлы", "гызы", "заде", "бен", "бин", "бинт", "ибн", "аль", "эль",
    "ас", "ад", "ат", "ар", "де", "да", "ди", "дер", "ла", "ван", "фон",
))  # fmt: skip
_PARTS = re.compile(r"([ -])")

# The keys of a Latin keyboard by the letters that the same places carry in the Russian and Kazakh layouts.
_LATIN_PLACES = "QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,.`"
_CYRILLIC_PLACES = "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
_BY_PLACE = str.maketrans(_LATIN_PLACES, _CYRILLIC_PLACES)
# A Kazakh letter and what stands for it where the layout lacks it.
_PLAIN = str.maketrans("ӘҒҚҢӨҰҮҺІ", "АГКНОУУХИ")


def mend_capitals(name: str) -> str:
    """Each part of a name begins with a capital, a part all in capitals goes on small; МакКей and particles stay.

    О'КОННОР, whose apostrophe stands after one letter, is two parts of that kind.
    """
    parts = _PARTS.split(name)
    return "".join(_mended(part, first=not place) for place, part in enumerate(parts))


def _mended(part: str, *, first: bool) -> str:
    if part.islower():
        return part if not first and part in PARTICLES else part[0].upper() + part[1:]
    caps_lock = len(part) > 1 and (part.isupper() or (part[0].islower() and part[1:].isupper()))
    if not caps_lock:
        return part
    if part[1] == "'" and len(part) > 3:
        return part[:2].upper() + part[2].upper() + part[3:].lower()
    small = part.lower()
    return small if not first and small in PARTICLES else part[0].upper() + small[1:]


def plain_form(text: str) -> str:
    """The search form with Kazakh letters as a Russian keyboard can give them: КАЗАК finds Қазақ."""
    return search_form(text).translate(_PLAIN)


def by_place(text: str) -> str:
    """Latin letters as the Cyrillic ones on the same keys: RFPF is КАЗА."""
    return text.upper().translate(_BY_PLACE)
