"""What a password for logging in must be: long, and not the first thing that somebody else would try.

Length counts most. The few other rules turn away what guessing programs begin with; there is no rule about capitals and
signs, which only make people write passwords down.
"""

from __future__ import annotations

import re
import unicodedata

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

LENGTH, LONGEST = 12, 200
SHORTEST_NAME = 4  # a part of a name shorter than this stands in a password by chance
FEWEST_SIGNS = 5

# Rows of keyboards and of alphabets, both ways: "qwertyuiop", "йцукен", "123456".
_ROWS = (
    "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "әіңғ,.үұқөһ",
    "abcdefghijklmnopqrstuvwxyz", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
)  # fmt: skip
# What stands first in lists of stolen passwords, here and elsewhere; whatever is added to one of these is as weak.
COMMONEST = (
    "password", "passw0rd", "parol", "пароль", "құпиясөз", "құпия", "qwerty", "йцукен", "admin", "әкімші", "админ",
    "welcome", "letmein", "iloveyou", "monkey", "dragon", "football", "master", "kazakhstan", "qazaqstan",
    "қазақстан", "казахстан", "almaty", "алматы", "astana", "астана", "mabmab", "programmer", "operator",
)  # fmt: skip


def problems(password: str, login: str = "", name: str = "") -> list[Problem]:
    """Every reason why `password` is not taken for the person `login`, called `name`."""
    plain = _plain(password)
    found = []
    if len(password) < LENGTH:
        found.append(Problem("password", N_("At least {n} characters."), (("n", LENGTH),)))
    elif len(password) > LONGEST:
        found.append(Problem("password", N_("At most {n} characters."), (("n", LONGEST),)))
    if any(part in plain for part in _parts(login, name)):
        found.append(Problem("password", N_("The password must not hold its owner's name.")))
    if plain and _is_monotonous(plain):
        found.append(Problem("password", N_("The password repeats itself: use more different characters.")))
    elif plain and _is_common(plain):
        found.append(Problem("password", N_("This password is one of those that are tried first.")))
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _parts(login: str, name: str) -> set[str]:
    return {part for part in re.split(r"[\W_]+", _plain(f"{login} {name}")) if len(part) >= SHORTEST_NAME}


def _is_monotonous(plain: str) -> bool:
    """Few different characters, or one short piece over and over: aaaaaaaaaaaa, 121212121212, abcabcabcabc."""
    if len(plain) >= LENGTH and len(set(plain)) < FEWEST_SIGNS:
        return True
    return re.fullmatch(r"(.{1,6}?)\1+", plain) is not None and len(plain) >= LENGTH


def _is_common(plain: str) -> bool:
    """What is left without rows of keys and the commonest words is too little to be guessed at."""
    rest = plain
    for word in sorted(COMMONEST, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = re.sub(r"(19|20)\d\d|[\W_]+", "", _without_rows(rest))
    return len(plain) >= LENGTH and len(rest) < FEWEST_SIGNS


def _without_rows(text: str, shortest: int = 4) -> str:
    """`text` without what runs along a row of keys or an alphabet for at least `shortest` characters."""
    kept, at = [], 0
    while at < len(text):
        end = at + 1
        while end < len(text) and any(text[at : end + 1] in row or text[at : end + 1] in row[::-1] for row in _ROWS):
            end += 1
        if end - at < shortest:
            kept.append(text[at])
            end = at + 1
        at = end
    return "".join(kept)
