"""A cell of a table from elsewhere as a value of the student record: translated where that is certain, else refused.

What is put right is told beside the value; what could mean two things is a problem that says how to write it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.domain.name_typing import mend_capitals
from mab_desktop.domain.names import LOOK_ALIKES, mend_look_alikes
from mab_desktop.domain.reference import ReferenceLine
from mab_desktop.domain.student import KAZAKHSTAN, PAID, STUDENT
from mab_desktop.domain.table_columns import NAME_PARTS, ZERO_WIDTHS, Matching, normal
from mab_desktop.i18n import N_

_MALE, _FEMALE = "1", "2"
# Beside the lists' own names, as `normal` gives them (ә as а, қ as к); a lone Latin «E» is a Kazakh «Е», for «ер».
_SAID: Mapping[str, Mapping[str, str]] = {
    "sex": dict.fromkeys(("м", "муж", "мужчина", "е", "e", "еркек", "m", "man"), _MALE)
    | dict.fromkeys(("ж", "жен", "женщина", "а", "f", "woman"), _FEMALE),
    "citizenship": dict.fromkeys(
        ("рк", "кр", "rk", "республика казахстан", "казакстан республикасы", "гражданин рк", "гражданка рк"), KAZAKHSTAN
    ),
    "study_language": dict.fromkeys(("казакша", "казахское", "казахское отделение"), "1")
    | dict.fromkeys(("орысша", "русское", "русское отделение"), "2"),
    "nationality": dict.fromkeys(("казашка", "казак"), "005"),
    "payment": dict.fromkeys(("грант", "мемлекеттик грант", "гос грант", "государственный грант", "бюджет"), "1")
    | dict.fromkeys(("кредит", "мемлекеттик кредит", "государственный кредит"), "2")
    | dict.fromkeys(("платно", "платная", "договор", "келисимшарт", "на платной основе"), PAID),
}
_LIKE_LATIN = str.maketrans({like.lower(): latin.lower() for latin, like in LOOK_ALIKES.items()})
_ADJECTIVES = re.compile("(?:ий|ый|ой|ая|ка|ец)$")  # «русский», «русская» beside «Русские» of the list
_NOTHING = frozenset(("-", "–", "—", "нет", "жоқ", "жок", "n/a", "none"))
_MAY_BE_NOTHING = ("patronymic", "grant_certificate")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eEеЕ]\+\d+")
_DAY_FIRST = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")  # a year at the beginning is followed by the month
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$")
_SLASHES = re.compile(r"(\d{1,2})([-/ ])(\d{1,2})\2(\d{4})")
_YEAR_WORDS = re.compile(r"\s*(?:г|ж|год|жыл|жылы|года)\.?$", re.IGNORECASE)
_SERIAL_ZERO, _SERIALS = date(1899, 12, 30), range(5_000, 55_000)  # 1913 to 2050
_PATRONYMIC_TAILS = frozenset(("оглы", "оғлы", "улы", "ұлы", "кызы", "қызы", "гызы", "uly", "qyzy", "kyzy", "ogly"))
_MOST_ZEROS = 3  # more than these were never lost: the number is another one


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell gives: a value, the problem that stands in its way, or nothing; `before` is set where it was put
    right."""

    value: Any = None
    problem: Problem | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class PutRight:
    """A value that was not taken as it stood."""

    field: str
    before: str
    value: Any


@dataclass(frozen=True, slots=True)
class Translated:
    """A row as values of the record."""

    values: Mapping[str, Any]
    problems: tuple[Problem, ...]
    put_right: tuple[PutRight, ...]


@dataclass
class Translator:
    """Reads the cells of one table. `lists` are the reference lists by name, `matching` says where the fields stand.

    `taught` are the ciphers that take part: of two specialties of one name it is the one that is taught here.
    """

    lists: Mapping[str, Mapping[str, ReferenceLine]]
    matching: Matching
    taught: frozenset[str] = frozenset()
    _known: dict[tuple[str, str], Cell] = field(default_factory=dict, repr=False)
    _names: dict[str, list[tuple[str, str]]] = field(default_factory=dict, repr=False)

    def row(self, cells: tuple[str, ...]) -> Translated:
        """The values of a row; a field without a value is not among them."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        put_right: list[PutRight] = []
        for name, text in self._texts(cells, problems):
            if not text:
                continue
            key = (name, text)
            cell = self._known.get(key)
            if cell is None:
                cell = self._known[key] = self.cell(name, text)
            if cell.problem is not None:
                problems.append(cell.problem)
            elif cell.value is not None:
                values[name] = cell.value
            if cell.before:
                put_right.append(PutRight(name, cell.before, cell.value))
        return Translated(values, tuple(problems), tuple(put_right))

    def _texts(self, cells: tuple[str, ...], problems: list[Problem]) -> Iterator[tuple[str, str]]:
        for name, column in self.matching.columns.items():
            if name in STUDENT.names:
                yield name, cells[column]
            elif cells[column]:
                parts, problem = split_name(cells[column])
                if problem:
                    problems.append(problem)
                yield from zip(NAME_PARTS, parts, strict=False)
        for name, text in self.matching.constants.items():
            place = self.matching.columns.get(name)
            if place is None or not cells[place]:
                yield name, text

    def cell(self, name: str, text: str) -> Cell:
        """One cell as a value of the field `name`."""
        if name in _MAY_BE_NOTHING and text.lower() in _NOTHING:
            return Cell(before=text)
        of = STUDENT[name]
        if (name, normal(text)) in self.matching.meanings:
            return Cell(self.matching.meanings[name, normal(text)])
        if of.kind is not Kind.NAME and _SCIENTIFIC.fullmatch(text):
            return _wrong(name, N_("{value}: a spreadsheet program has shortened this number. Type it anew as text."),
                          value=text)  # fmt: skip
        return _READERS.get(of.kind, _text)(self, of, text)

    def unknown(self, rows: Iterable[tuple[str, ...]]) -> dict[tuple[str, str], int]:
        """Texts of list fields that mean nothing here, with how often each stands: field and text as compared."""
        found: dict[tuple[str, str], int] = {}
        for cells in rows:
            for name, text in self._texts(cells, []):
                if text and STUDENT[name].choices and self.code(name, text) is None:
                    key = (name, normal(text))
                    if key not in self.matching.meanings:
                        found[key] = found.get(key, 0) + 1
        return found

    def code(self, name: str, text: str) -> str | None:
        """The code of a list that a text stands for: the code, its name, or the only name that begins so."""
        lines = self.lists.get(STUDENT[name].choices, {})
        if text in lines:
            return text
        plain = re.sub(r"[.,]0+$", "", text)
        padded = plain.zfill(STUDENT[name].max_length) if plain.isdigit() else plain
        if padded in lines:
            return padded
        words = normal(text)
        if _SAID.get(name, {}).get(words) in lines:
            return _SAID[name][words]
        latin = words.translate(_LIKE_LATIN) if words[:1].isdigit() else words  # «5В010200» with a Cyrillic letter
        return self._named(name, words) or self._named(name, latin) or _code_before_words(lines, text)

    def _named(self, name: str, words: str) -> str | None:
        """The code whose name the words are, or the only one whose name begins so."""
        names = self._names_of(STUDENT[name].choices)
        stem = _ADJECTIVES.sub("", words) if name == "nationality" else words
        exact = {code for said, code in names if said == words}
        begun = [{code for said, code in names if said.startswith(beginning)}
                 for beginning in (words, stem) if len(beginning) > 2]  # fmt: skip
        for fitting in (exact, *begun):
            if len(fitting) == 1 or (name == "specialty" and len(fitting & self.taught) == 1):
                return min(fitting & self.taught or fitting)
            if fitting:
                return None
        return None

    def _names_of(self, choices: str) -> list[tuple[str, str]]:
        """Every name of a list as it is compared, with its code."""
        if choices not in self._names:
            self._names[choices] = [
                (normal(said), code)
                for code, line in self.lists.get(choices, {}).items()
                for said in (line.name_kk, line.name_ru, line.name_en, *map(str, line.extra.values())) if said
            ]  # fmt: skip
        return self._names[choices]


def _code_before_words(lines: Mapping[str, ReferenceLine], text: str) -> str | None:
    """The code of «050102 Бастауыш …», «398 · Казахстан», «1 очная»; after one digit its own name or a sign follows."""
    first = re.match(r"\w+", text)
    if first is None or first.group() not in lines:
        return None
    line, rest = lines[first.group()], text[first.end() :].strip()
    named = normal(rest) in {normal(said) for said in (line.name_kk, line.name_ru, line.name_en)}
    return first.group() if len(first.group()) > 1 or named or not rest[:1].isalnum() else None


def split_name(text: str) -> tuple[tuple[str, ...], Problem | None]:
    """Surname, first name and patronymic from one cell; a problem where the words do not tell which is which."""
    words = text.split()
    if len(words) == 4 and normal(words[3]) in {normal(tail) for tail in _PATRONYMIC_TAILS}:
        words = [*words[:2], " ".join(words[2:])]
    if len(words) in (2, 3):
        return tuple(words), None
    asked = N_("{value}: which word is the surname? Give surname, first name and patronymic a column each.")
    return (), Problem("surname", asked, (("value", text[:60]),))


def _wrong(name: str, text: str, **params: Any) -> Cell:
    return Cell(problem=Problem(name, text, tuple(params.items())))


def _code(of_all: Translator, of: Field, text: str) -> Cell:
    code = of_all.code(of.name, text)
    if code is None:
        return _wrong(of.name, N_("{value} is not in the list."), value=text[:60])
    return Cell(code)


def _name(_all: Translator, _of: Field, text: str) -> Cell:
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    mended = mend_capitals(mend_look_alikes(tidy))
    return Cell(mended or None, before=text if mended != text else "")


def _digits(of_all: Translator, of: Field, text: str) -> Cell:
    plain = re.sub(r"[.,]0+$", "", re.sub(r"^№\s*|\s+|(?<=\d)-(?=\d)", "", text))
    width = ZERO_WIDTHS[of.name]
    lost = width - len(plain)
    if plain.isascii() and plain.isdigit() and 0 < lost <= _MOST_ZEROS:
        if of.name not in of_all.matching.zeros:
            said = N_("{n} digits instead of {width}: were zeros lost at the beginning?")
            return _wrong(of.name, said, n=len(plain), width=width)
        plain = plain.zfill(width)
    return Cell(plain or None, before=text if plain != text else "")


def _text(of_all: Translator, of: Field, text: str) -> Cell:
    plain = " ".join(unicodedata.normalize("NFC", re.sub(r"^№\s*", "", text)).split())
    if re.fullmatch(r"\d+[.,]0+", plain):
        plain = re.split("[.,]", plain)[0]
    lost = ZERO_WIDTHS.get(of.name, 0) - len(plain)
    if of.name in of_all.matching.zeros and plain.isdigit() and 0 < lost <= _MOST_ZEROS:
        plain = plain.zfill(ZERO_WIDTHS[of.name])
    return Cell(plain or None, before=text if plain != text else "")


def _integer(_all: Translator, of: Field, text: str) -> Cell:
    plain = _MIDNIGHT.sub("", _YEAR_WORDS.sub("", re.sub(r"[.,]0+$", "", text)).strip())
    found = _DAY_FIRST.fullmatch(plain) or _ISO.fullmatch(plain)
    if found:  # the day of admission says the year
        plain = next(part for part in found.groups() if len(part) == 4)
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        return _wrong(of.name, N_("Must be a whole number."))
    return Cell(int(plain), before=text if plain != text else "")


def _date(_all: Translator, of: Field, text: str) -> Cell:
    parts = _said_date(text)
    if parts is None:
        return _wrong(of.name, N_("{value}: write the date as DD.MM.YYYY."), value=text[:60])
    year, month, day = parts
    try:
        value = date(year, month, day)
    except ValueError:
        return _wrong(of.name, N_("No such date."))
    usual = (value.isoformat(), f"{value:%d.%m.%Y}", f"{value:%d%m%Y}")
    return Cell(value, before="" if text in usual else text)


def read_date(text: str) -> date | None:
    """The date that a text says for certain, as a cell of a table is read; None of every other text."""
    try:
        return date(*_said_date(text) or (0, 0, 0))
    except ValueError:
        return None


def _said_date(text: str) -> tuple[int, int, int] | None:
    plain = _MIDNIGHT.sub("", _YEAR_WORDS.sub("", text.strip()))
    return _date_parts(re.sub(r"[.,]0+$", "", plain) if plain.count(".") < 2 else plain)


def _date_parts(text: str) -> tuple[int, int, int] | None:
    """Year, month, day; None where they cannot be told for certain."""
    if found := _DAY_FIRST.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _ISO.fullmatch(text):
        return int(found[1]), int(found[3]), int(found[4])
    if (found := _SLASHES.fullmatch(text)) and (int(found[1]) > 12 or found[1].zfill(2) == found[3].zfill(2)):
        return int(found[4]), int(found[3]), int(found[1])
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) in (7, 8):  # a spreadsheet program takes the zero off 01022001
        text = text.zfill(8)
        if int(text[2:4]) > 12 and 1900 <= int(text[:4]) <= 2100:  # 19910514: no month stands in the middle
            return int(text[:4]), int(text[4:6]), int(text[6:])
        return int(text[4:]), int(text[2:4]), int(text[:2])
    if len(text) == 5 and int(text) in _SERIALS:
        day = _SERIAL_ZERO + timedelta(days=int(text))
        return day.year, day.month, day.day
    return None


_READERS = {
    Kind.CODE: _code, Kind.NAME: _name, Kind.DIGITS: _digits, Kind.INTEGER: _integer, Kind.DATE: _date,
}  # fmt: skip


def shortened(texts: Iterable[str], width: int) -> int:
    """How many numbers of a column are one to three digits short of `width`."""
    plain = (re.sub(r"[.,]0+$", "", text) for text in texts)
    return sum(1 for text in plain if text.isascii() and text.isdigit() and 0 < width - len(text) <= _MOST_ZEROS)
