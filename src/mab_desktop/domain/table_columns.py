"""Which column of a table from elsewhere holds which field of a student record: told by its heading.

Headings come in Kazakh, Russian and English, with or without Kazakh letters, abbreviated, with «№» and remarks in
brackets; those of our own lists and of the blank table are among them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from mab_desktop.domain.fields import Kind
from mab_desktop.domain.names import LOOK_ALIKES
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import LANGS, N_, translate

FULL_NAME = "full_name"  # one column that is split into three fields
NAME_PARTS = ("surname", "first_name", "patronymic")
ERROR_HEADING = "Қате / Ошибка"
# Digits that a spreadsheet program takes for numbers; how many a lost zero makes whole. Identity cards have nine.
ZERO_WIDTHS = {f.name: f.max_length for f in STUDENT.fields if f.kind is Kind.DIGITS} | {"identity_document": 9}

_ALIASES: Mapping[str, str] = {
    FULL_NAME: "таә|т а ә|аты жөні|толық аты жөні|толық аты|тегі аты әкесінің аты|тегі аты|студент|студенттің аты жөні|"
               "фио|ф и о|фио студента|фамилия имя отчество|фамилия имя|полное имя|name|full name|student|student name",
    "surname": "тегі|фамилиясы|фамилия|фам|surname|last name|family name",
    "first_name": "аты|есімі|имя|first name|given name|forename",
    "patronymic": "әкесінің аты|отчество|отч|отчество при наличии|patronymic|middle name|father name",
    "birth_date": "туған күні|туған күн|туған жылы|туған күні айы жылы|туған жылы айы күні|туған уақыты|дата рождения|"
                  "дата рожд|д р|день рождения|число месяц год рождения|date of birth|birth date|birthday|dob",
    "citizenship": "азаматтығы|азаматтық|гражданство|страна гражданства|citizenship",
    "nationality": "ұлты|ұлт|национальность|нац|nationality|ethnicity",
    "sex": "жынысы|жыныс|пол|sex|gender",
    "specialty": "мамандық|мамандығы|мамандық шифры|мамандықтың шифры|мамандық коды|шифр|шифр специальности|"
                 "код специальности|специальность|шифр и специальность|specialty|specialty code|specialty cipher|major",
    "course": "курс|курсы|оқу курсы|курс обучения|course|year of study|study year",
    "study_language": "оқыту тілі|оқу тілі|тілі|тіл|бөлімі|язык|язык обучения|отделение|языковое отделение|language|"
                      "language of instruction|study language",
    "study_form": "оқыту нысаны|оқу нысаны|оқу түрі|нысаны|форма обучения|форма|форма обуч|form of study|study form",
    "payment": "оқыту төлемінің шарты|төлем шарты|төлем түрі|төлем|оқу ақысы|ақылы грант|условие оплаты|"
               "условия оплаты обучения|форма оплаты|вид оплаты|оплата|основа обучения|грант платное|payment|"
               "payment terms|tuition",
    "to_code": "то коды|то код|код то|ткк|индивидуальный код|жеке код|жеке коды|индивидуальный номер при поступлении|"
               "to code",
    "certificate": "сертификат|сертификат нөмірі|ұбт сертификаты|ұбт сертификатының нөмірі|номер сертификата|"
                   "сертификат ент|номер сертификата ент|certificate|certificate number",
    "grant_certificate": "грант куәлігі|грант куәлігінің нөмірі|грант нөмірі|грант сертификаты|свидетельство гранта|"
                         "номер гранта|свидетельство о гранте|номер свидетельства о гранте|"
                         "номер свидетельства о присуждении гранта|grant certificate|grant number",
    "identity_document": "жеке куәлік|жеке куәлігі|жеке куәлік нөмірі|жеке куәлігінің нөмірі|құжат нөмірі|паспорт|"
                         "удостоверение|удостоверение личности|номер удостоверения|номер удостоверения личности|"
                         "уд личности|удл|паспорт удостоверение|документ|номер документа|номер паспорта|"
                         "identity card|id card|document number|passport|passport number",
    "admission_year": "түскен жылы|оқуға түскен жылы|қабылданған жылы|год поступления|год приема|год зачисления|"
                      "year of admission|admission year|year of entry",
    "record_book": "сынақ кітапшасы|сынақ кітапшасының нөмірі|сынақ кітапша|зачетная книжка|зачетка|"
                   "номер зачетной книжки|номер зачетки|зач книжка|record book|record book number",
    "foreign_language": "шет тілі|шетел тілі|иностранный язык|ин яз|иняз|иностр язык|foreign language",
}  # fmt: skip
# What our own list of students calls its columns, where that is not the field's label.
_OWN = {FULL_NAME: N_("Full name"), "specialty": N_("Specialty"), "study_language": N_("Language")}
_KAZAKH_BY_RUSSIAN = str.maketrans("әғқңөұүһі", "агкноуухи")
_LATIN = str.maketrans({latin.lower(): like.lower() for latin, like in LOOK_ALIKES.items()})
_NOISE = frozenset(("no", "n", "номир", "номер", "number"))  # «нөмір» as it is compared
_NEAR = 0.85  # of two headings' letters; «Фамилия студ.» is no surname, «Фомилия» is


@dataclass(frozen=True)
class Matching:
    """How a table is read: field (or `FULL_NAME`) → number of its column, and what no cell says.

    `constants` hold for the whole file, as a cell would say it. `zeros` are the fields whose lost leading zeros are
    filled up. `meanings` say which code a text of the file stands for, by field and text as it is compared.
    """

    columns: Mapping[str, int]
    constants: Mapping[str, str] = field(default_factory=dict)
    zeros: frozenset[str] = frozenset()
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the record that this matching gives, in the paper's order."""
        split = NAME_PARTS if FULL_NAME in self.columns else ()
        return tuple(name for name in STUDENT.names if name in self.columns or name in self.constants or name in split)

    def missing(self) -> tuple[str, ...]:
        """Required fields that no column and no constant gives."""
        given = self.fields
        return tuple(f.name for f in STUDENT.fields if f.required and f.name not in given)

    def as_json(self, heads: Sequence[str]) -> dict[str, Any]:
        """What is remembered for the next table with these heads."""
        return {
            "columns": {name: heads[number] for name, number in self.columns.items()}, "zeros": sorted(self.zeros),
            "constants": dict(self.constants), "meanings": [[*key, code] for key, code in self.meanings.items()],
        }  # fmt: skip


def remembered(found: Any, heads: Sequence[str]) -> Matching | None:
    """The matching that `Matching.as_json` gave, for a table with the same heads; None where it does not fit."""
    try:
        columns = {str(name): heads.index(head) for name, head in found["columns"].items()}
        constants = {str(name): str(text) for name, text in found["constants"].items()}
        meanings = {(str(name), str(text)): str(code) for name, text, code in found["meanings"]}
        zeros = frozenset(map(str, found["zeros"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    known = {*STUDENT.names, FULL_NAME}
    if not {*columns, *constants, *zeros, *(name for name, _text in meanings)} <= known:
        return None
    return Matching(columns, constants, zeros, meanings)


def fingerprint(heads: Iterable[str]) -> str:
    """The name of a set of headings, in any order; the column of our own errors is none of them."""
    words = sorted({normal(head) for head in heads} - {"", normal(ERROR_HEADING)})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def matched(heads: Sequence[str]) -> dict[str, int]:
    """Field → column, as far as the headings tell; no column serves two fields. A full name gives way to its parts."""
    claims = sorted(_claims(heads), key=lambda claim: (-claim[0], claim[1]))
    found: dict[str, int] = {}
    for _score, column, name in claims:
        if name not in found and column not in found.values():
            found[name] = column
    if FULL_NAME in found and {"surname", "first_name"} <= found.keys():
        del found[FULL_NAME]
    elif FULL_NAME in found:
        found = {name: column for name, column in found.items() if name not in NAME_PARTS}
    return found


def _claims(heads: Sequence[str]) -> Iterator[tuple[float, int, str]]:
    for column, head in enumerate(heads):
        for place, words in enumerate(_readings(head)):
            name = _known().get(words)
            if name:
                yield 2.0 - place / 10, column, name
        words = normal(head)
        if len(words) > 4 and words not in _known():
            score, name = max((SequenceMatcher(None, words, alias).ratio(), name) for alias, name in _known().items())
            if score >= _NEAR:
                yield score, column, name


def _readings(head: str) -> Iterator[str]:
    """The heading whole, without what stands in brackets, and only that."""
    yield normal(head)
    without = re.sub(r"\([^)]*\)", " ", head)
    if without != head:
        yield normal(without)


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, aliases in _ALIASES.items():
        found |= dict.fromkeys(map(normal, aliases.split("|")), name)
    for field_ in STUDENT.fields:
        found |= {normal(translate(lang, field_.label)): field_.name for lang in LANGS}
    for name, title in _OWN.items():
        found |= {normal(translate(lang, title)): name for lang in LANGS}
    return found


def normal(words: str) -> str:
    """`words` as headings are compared: small letters, ё as е, Kazakh letters as Russian ones, no signs, no «№»."""
    text = unicodedata.normalize("NFC", words).lower().replace("ё", "е")
    if re.search("[а-яәғқңөұүһі]", text):
        text = text.translate(_LATIN)
    parts = re.sub(r"[^\w]|_", " ", text.translate(_KAZAKH_BY_RUSSIAN)).split()
    return " ".join(part for part in parts if part not in _NOISE) or " ".join(parts)
