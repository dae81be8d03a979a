"""Kazakh letters: the one order that everything is sorted in, and the search form of names."""

from __future__ import annotations

import unicodedata

ALPHABET = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"
KAZAKH_ONLY = "ӘҒҚҢӨҰҮҺІ"
LOOK_ALIKES = dict(zip("ABCEHIKMOPTXYaceopxyihk", "АВСЕНІКМОРТХУасеорхуіһк", strict=True))
# Signs that other programs write for letters, hyphens and apostrophes of names; each has one sign here.
STRANGE_SIGNS = dict(zip("ƏəƟɵѲѳ‐‑‒–—−ʼʹ´`‘’′", "ӘәӨөӨө------" + "'" * 7, strict=True))

_RANK = {letter: chr(0x400 + i) for i, letter in enumerate(ALPHABET)}


def sort_key(text: str) -> str:
    """A key that sorts `text` in Kazakh order: hyphen and space, digits, Cyrillic, Latin; total by the text itself.

    Ё is a letter of its own after Е (FACTS, part 5).
    """
    upper = unicodedata.normalize("NFC", text).upper()
    return upper.translate(_RANKS) + "\x01" + text


def _rank(c: str) -> str:
    if c in _RANK:
        return _RANK[c]
    if c in " -'’":
        return chr(2 + " -'’".index(c))
    if c.isdigit():
        return chr(0x30 + int(c)) if c.isascii() else c
    return chr(0x2000 + (ord(c) & 0x7FFF))


class _Ranks(dict[int, str]):
    """Ranks by code point, each worked out when its letter is first met: a database sorts millions of letters."""

    def __missing__(self, code: int) -> str:
        """The rank of a letter not met before."""
        self[code] = _rank(chr(code))
        return self[code]


_RANKS = _Ranks()


def search_form(text: str) -> str:
    """`text` as it is searched and compared: NFC, upper case, Ё as Е, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).upper().replace("Ё", "Е").split())


def mend_look_alikes(text: str) -> str:
    """`text` with Latin look-alikes, strange hyphens and apostrophes put right in words with Cyrillic letters."""
    return " ".join(_mend_word(word) for word in text.split(" "))


def _mend_word(word: str) -> str:
    if not any("\u0400" <= c <= "\u04ff" for c in word):
        return word
    return "".join(LOOK_ALIKES.get(c) or STRANGE_SIGNS.get(c, c) for c in word)


def full_name(surname: str, first_name: str, patronymic: str | None = None) -> str:
    """The name as it is printed: surname, first name, patronymic."""
    return " ".join(part for part in (surname, first_name, patronymic) if part)
