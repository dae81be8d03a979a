"""Simulated people: students with every field of their record, operators who mistype, members of commissions.

Nobody of them lives; all follow from the generator alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from numpy.random import Generator

from mab_desktop.domain.names import LOOK_ALIKES
from mab_desktop.domain.reference import default_lines, default_subjects
from mab_desktop.domain.student import KAZAKHSTAN, NO_FOREIGN_LANGUAGE, PAID
from mab_desktop.rehearsal import name_lists as names
from mab_desktop.rehearsal.chance import pick

Record = dict[str, Any]

MAN, WOMAN = "1", "2"
KAZAKH, RUSSIAN, ENGLISH = "1", "2", "3"
ORIGINS = {"kazakh": 66.0, "russian": 21.0, "other": 5.0, "hyphenated": 3.0, "long": 1.5, "foreign": 3.5}
NATIONALITY = {"kazakh": "005", "russian": "001", "other": "112", "hyphenated": "005", "long": "005"}
# Fathers whose son is not called by the rule.
_IRREGULAR = {"Илья": ("Ильич", "Ильинична"), "Никита": ("Никитич", "Никитична"), "Павел": ("Павлович", "Павловна"),
              "Пётр": ("Петрович", "Петровна")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a name and a post: an operator, a member of a commission, an officer on duty."""

    surname: str
    first_name: str
    patronymic: str
    sex: str
    position: str = ""

    @property
    def name(self) -> str:
        """Surname, first name and patronymic."""
        return " ".join(part for part in (self.surname, self.first_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class Slip:
    """What an operator typed wrong: the record as typed, the field, and both values."""

    typed: Record
    field: str
    wrong: Any
    right: Any


# --- students ------------------------------------------------------------------------------------------------------


def make_students(
    rng: Generator, n: int, university: str, base_university: str, specialties: Sequence[str], season_year: int
) -> list[Record]:
    """`n` records of p.18 with every field of the form, valid by its rules; numbers repeat in no two of them.

    `university` gives the TO codes their first three digits, so that no two universities share one. A record does not
    hold `base_university`: the workplace it is typed at does. `specialties` are ciphers of the reference list.
    """
    del base_university
    courses = {line.code: str(line.extra["mab_course"] or "2") for line in default_lines() if line.list == "specialty"}
    numbers = {name: _numbers(rng, n, digits) for name, digits in
               (("to", 5), ("certificate", 7), ("grant", 8), ("card", 9), ("book", 4))}  # fmt: skip
    students = []
    for at in range(n):
        specialty = str(specialties[int(rng.integers(len(specialties)))])
        course = courses.get(specialty, "2")
        admitted = season_year - int(course)
        student = _who(rng) | _studies(rng, specialty, course)
        student |= {
            "birth_date": _born(rng, admitted),
            "to_code": university.zfill(3)[-3:] + numbers["to"][at],
            "certificate": "0" + numbers["certificate"][at],
            "identity_document": _document(rng, student["citizenship"], numbers["card"][at]),
            "admission_year": admitted,
            "record_book": f"{admitted % 100:02d}-{numbers['book'][at]}",
        }
        if student["payment"] != PAID:
            student["grant_certificate"] = numbers["grant"][at]
        students.append(student)
    return students


def make_person(rng: Generator, origin: str | None = None, position: str = "") -> Person:
    """Somebody of the given origin, or of any but abroad."""
    kind = origin or pick(rng, {"kazakh": 75.0, "russian": 22.0, "other": 3.0})
    sex = MAN if rng.random() < 0.45 else WOMAN
    surname, first_name, patronymic = _name(rng, kind, sex)
    return Person(surname, first_name, patronymic or "", sex, position)


def make_people(rng: Generator, n: int, position: str = "") -> list[Person]:
    """`n` people of different full names, for instance operators or officers on duty."""
    found: dict[str, Person] = {}
    while len(found) < n:
        person = make_person(rng, position=position)
        found.setdefault(person.name, person)
    return list(found.values())


def make_commission(rng: Generator, n: int = 7) -> list[Person]:
    """The members of a commission with their posts; the first is its chairman."""
    people = make_people(rng, n)
    posts = names.POSITIONS
    return [
        Person(p.surname, p.first_name, p.patronymic, p.sex, posts[min(at, 1) if at < 2 else 2 + at % (len(posts) - 2)])
        for at, p in enumerate(people)
    ]


def son_or_daughter(father: str, sex: str, *, kazakh: bool) -> str:
    """The patronymic after a father: Асқарұлы, Асқарқызы, or Сергеевич, Сергеевна."""
    if kazakh:
        return father + ("ұлы" if sex == MAN else "қызы")
    if father in _IRREGULAR:
        return _IRREGULAR[father][sex == WOMAN]
    ends = ("евич", "евна") if father[-1] in "йьаәиіыеюя" else ("ович", "овна")
    stem = father[:-1] if father[-1] in "йь" else father
    if father.endswith("ий") and father[-3] not in "гкх":
        stem = father[:-2] + "ь"
    return stem + ends[sex == WOMAN]


# --- operators -----------------------------------------------------------------------------------------------------


def latin_look_alike(rng: Generator, record: Mapping[str, Any]) -> Slip | None:
    """A letter of a name typed on the Latin keyboard: it looks the same and is another."""
    latin = {cyrillic: letter for letter, cyrillic in LOOK_ALIKES.items()}
    places = [
        (name, at)
        for name in ("surname", "first_name", "patronymic")
        for at, letter in enumerate(record.get(name) or "")
        if letter in latin
    ]
    if not places:
        return None
    name, at = places[int(rng.integers(len(places)))]
    return _slip(record, name, record[name][:at] + latin[record[name][at]] + record[name][at + 1 :])


def transposed_digits(rng: Generator, record: Mapping[str, Any]) -> Slip | None:
    """Two neighbouring digits of a number typed in the wrong order."""
    places = [
        (name, at)
        for name in ("to_code", "certificate", "grant_certificate", "identity_document")
        for at in range(len(record.get(name) or "") - 1)
        if record[name][at] != record[name][at + 1] and record[name][at : at + 2].isdigit()
    ]
    if not places:
        return None
    name, at = places[int(rng.integers(len(places)))]
    text = record[name]
    return _slip(record, name, text[:at] + text[at + 1] + text[at] + text[at + 2 :])


def missing_letter(rng: Generator, record: Mapping[str, Any]) -> Slip | None:
    """A letter left out of a name."""
    name = ("surname", "first_name")[int(rng.integers(2))]
    text = record[name]
    if len(text) < 4:
        return None
    at = int(rng.integers(1, len(text) - 1))
    if "-" in text[at - 1 : at + 2]:
        return None
    return _slip(record, name, text[:at] + text[at + 1 :])


def neighbouring_day(rng: Generator, record: Mapping[str, Any]) -> Slip | None:
    """The date of birth a day off."""
    days = timedelta(days=1 if rng.random() < 0.5 else -1)
    return _slip(record, "birth_date", record["birth_date"] + days)


SLIPS: tuple[Callable[[Generator, Mapping[str, Any]], Slip | None], ...] = (
    latin_look_alike, transposed_digits, missing_letter, neighbouring_day,
)  # fmt: skip


def mistype(rng: Generator, record: Mapping[str, Any]) -> Slip:
    """One slip of any kind; the operator sees it later and corrects the field to `right`."""
    while True:
        slip = SLIPS[int(rng.integers(len(SLIPS)))](rng, record)
        if slip:
            return slip


def duplicate_of(rng: Generator, record: Mapping[str, Any]) -> Record:
    """The same student typed a second time by another operator: all the same but the record book's number."""
    again = dict(record)
    again["record_book"] = f"{str(record['record_book'])[:3]}{int(rng.integers(0, 10_000)):04d}"
    return again


def wrong_datum(rng: Generator, record: Mapping[str, Any]) -> Slip:
    """What a student finds wrong on his pass (p.8): only what the ministry programmer may correct."""
    while True:
        slip = (missing_letter, neighbouring_day)[int(rng.integers(2))](rng, record)
        if slip:
            return slip


# --- inside --------------------------------------------------------------------------------------------------------


def _slip(record: Mapping[str, Any], name: str, wrong: object) -> Slip:
    return Slip(dict(record) | {name: wrong}, name, wrong, record[name])


def _one(rng: Generator, values: Sequence[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _numbers(rng: Generator, count: int, digits: int) -> list[str]:
    """Different numbers of so many digits, none all zeros."""
    found: dict[int, None] = {}
    while len(found) < count:
        found.setdefault(int(rng.integers(1, 10**digits)))
    return [f"{number:0{digits}d}" for number in found]


def _who(rng: Generator) -> Record:
    origin = pick(rng, ORIGINS)
    sex = MAN if rng.random() < 0.47 else WOMAN
    if origin == "foreign":
        return _foreigner(rng, sex)
    surname, first_name, patronymic = _name(rng, origin, sex)
    nationality = NATIONALITY[origin] if rng.random() < 0.93 else _one(rng, ("122", "039", "115", "002", "003", "004"))
    return {
        "surname": surname, "first_name": first_name, "patronymic": patronymic, "citizenship": KAZAKHSTAN,
        "nationality": nationality, "sex": sex,
    }  # fmt: skip


def _name(rng: Generator, origin: str, sex: str) -> tuple[str, str, str | None]:
    """Surname, first name and patronymic; some have none."""
    woman = sex == WOMAN
    if origin == "russian":
        surname = _one(rng, names.RUSSIAN_SURNAMES)[woman]
        first_name = _one(rng, names.RUSSIAN_WOMEN if woman else names.RUSSIAN_MEN)
        return surname, first_name, son_or_daughter(_one(rng, names.RUSSIAN_MEN), sex, kazakh=False)
    first_name = _one(rng, names.KAZAKH_WOMEN if woman else names.KAZAKH_MEN)
    father = _one(rng, names.KAZAKH_MEN)
    patronymic = son_or_daughter(father, sex, kazakh=bool(rng.random() < 0.6)) if rng.random() < 0.94 else None
    if origin == "other":
        return _one(rng, names.OTHER_SURNAMES)[woman], first_name, patronymic if rng.random() < 0.6 else None
    if origin in ("hyphenated", "long"):
        return (
            _one(rng, names.HYPHENATED if origin == "hyphenated" else names.LONG_SURNAMES)[woman],
            first_name,
            patronymic,
        )
    return _kazakh_surname(_one(rng, names.KAZAKH_ROOTS), woman, rng), first_name, patronymic


def _kazakh_surname(root: str, woman: bool, rng: Generator) -> str:
    """The root alone, with -ұлы / -қызы, or with the Russian ending that follows its last letter."""
    form = pick(rng, {"ov": 70.0, "plain": 15.0, "uly": 15.0})
    if form == "uly":
        return root + ("қызы" if woman else "ұлы")
    if form == "plain" or root.endswith(("ин", "ов", "ев")):
        return root + ("а" if woman and root.endswith(("ин", "ов", "ев")) else "")
    if root[-1] == "й":
        ending, root = "ев", root[:-1]
    else:
        ending = "ев" if root[-1] in "аәиіые" else "ов"
    return root + ending + ("а" if woman else "")


def _foreigner(rng: Generator, sex: str) -> Record:
    citizenship, nationality, surnames, men, women = _one(rng, names.FOREIGNERS)
    surname = str(_one(rng, surnames.split()))
    if sex == WOMAN and surname.endswith(("ов", "ин")):
        surname += "а"
    first_name = _one(rng, (women if sex == WOMAN else men).split())
    return {
        "surname": surname, "first_name": first_name, "patronymic": None, "citizenship": citizenship,
        "nationality": nationality, "sex": sex,
    }  # fmt: skip


def _studies(rng: Generator, specialty: str, course: str) -> Record:
    payment = pick(rng, {"1": 52.0, "2": 5.0, PAID: 43.0})
    subjects = default_subjects().get(specialty[2:4], ("FL",))
    languages = {"1": 84.0, "2": 9.0, "3": 4.0} | ({} if "FL" in subjects else {NO_FOREIGN_LANGUAGE: 12.0})
    return {
        "specialty": specialty,
        "course": course,
        "study_language": pick(rng, {KAZAKH: 62.0, RUSSIAN: 36.0, ENGLISH: 2.0}),
        "study_form": pick(rng, {"1": 92.0, "2": 2.0, "3": 6.0}),
        "payment": payment,
        "grant_certificate": None,
        "foreign_language": pick(rng, languages),
    }


def _born(rng: Generator, admitted: int) -> date:
    """Seventeen or eighteen at admission as a rule, now and then older."""
    age = 17 + int(rng.random() < 0.5) + (int(rng.integers(1, 14)) if rng.random() < 0.08 else 0)
    return date(admitted - age, 1, 1) + timedelta(days=int(rng.integers(0, 365)))


def _document(rng: Generator, citizenship: str, number: str) -> str:
    """An identity card's nine digits, or a passport's letter and eight."""
    if citizenship == KAZAKHSTAN and rng.random() < 0.85:
        return number
    return ("N" if citizenship == KAZAKHSTAN else "PEGK"[int(rng.integers(4))]) + number[1:]
