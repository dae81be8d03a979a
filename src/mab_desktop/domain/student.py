"""The student record of p.18: sixteen fields of the form, and the foreign language that p.8 and sector 11 need."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec, field_problem
from mab_desktop.domain.names import ALPHABET, full_name, search_form
from mab_desktop.i18n import N_

PAID, NO_FOREIGN_LANGUAGE, KAZAKHSTAN = "3", "0", "398"
# p.8: what the ministry programmer may correct, and nothing else.
CORRECTABLE = ("surname", "first_name", "patronymic", "sex", "birth_date", "foreign_language")
# What a pass shows and a student can find wrong on it (p.25); the last two are the centre's to decide about.
ON_THE_PASS = (*CORRECTABLE, "specialty", "study_language")
YOUNGEST, OLDEST = 14, 80

_NAME = re.compile(rf"[{ALPHABET}{ALPHABET.lower()}A-Za-z]+(?:[ '’-]+[{ALPHABET}{ALPHABET.lower()}A-Za-z]+)*\.?|[–-]")

_LATIN = re.compile("[A-Za-z]")


def _names(values: Mapping[str, Any]) -> Iterable[Problem]:
    for name in ("surname", "first_name", "patronymic"):
        value = values.get(name) or ""
        if value and not _NAME.fullmatch(value):
            yield Problem(name, N_("Only letters, hyphen, apostrophe and single spaces between parts."))
        elif _LATIN.search(value) and values.get("citizenship") == KAZAKHSTAN:
            yield Problem(name, N_("Latin letters are for foreign citizens only."))


def _grant(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values.get("payment") not in (None, "", PAID) and not values.get("grant_certificate"):
        yield Problem("grant_certificate", N_("Required for a grant or credit."))


def _age(values: Mapping[str, Any]) -> Iterable[Problem]:
    born, admitted = values.get("birth_date"), values.get("admission_year")
    if isinstance(born, date) and isinstance(admitted, int) and not YOUNGEST <= admitted - born.year <= OLDEST:
        yield Problem("birth_date", N_("The age at admission would be {age}."), (("age", admitted - born.year),))


STUDENT = RecordSpec(
    "student",
    N_("Student"),
    (
        Field("surname", N_("Surname"), Kind.NAME, required=True, max_length=40),
        Field("first_name", N_("First name"), Kind.NAME, required=True, max_length=40),
        Field("patronymic", N_("Patronymic"), Kind.NAME, max_length=40, hint=N_("May be absent.")),
        Field("birth_date", N_("Date of birth"), Kind.DATE, required=True, max_length=8, hint=N_("DDMMYYYY")),
        Field("citizenship", N_("Citizenship"), Kind.CODE, required=True, max_length=3, exact=True,
              choices="citizenship", carry=True),
        Field("nationality", N_("Nationality"), Kind.CODE, required=True, max_length=3, exact=True,
              choices="nationality"),
        Field("sex", N_("Sex"), Kind.CODE, required=True, max_length=1, exact=True, choices="sex"),
        Field("specialty", N_("Specialty cipher"), Kind.CODE, required=True, max_length=6, exact=True,
              choices="specialty", carry=True),
        Field("course", N_("Year of study"), Kind.CODE, required=True, max_length=1, exact=True, choices="course",
              carry=True),
        Field("study_language", N_("Language of instruction"), Kind.CODE, required=True, max_length=1, exact=True,
              choices="study_language", carry=True),
        Field("study_form", N_("Form of study"), Kind.CODE, required=True, max_length=1, exact=True,
              choices="study_form", carry=True),
        Field("payment", N_("Payment terms"), Kind.CODE, required=True, max_length=1, exact=True, choices="payment",
              carry=True),
        Field("to_code", N_("TO code"), Kind.DIGITS, required=True, max_length=8, exact=True,
              hint=N_("Personal number given at admission.")),
        Field("certificate", N_("Certificate number"), Kind.DIGITS, required=True, max_length=8, exact=True),
        Field("grant_certificate", N_("Grant certificate number"), Kind.DIGITS, max_length=8, exact=True,
              hint=N_("May be empty for paid study.")),
        Field("identity_document", N_("Identity card or passport number"), Kind.TEXT, required=True, max_length=10),
        Field("admission_year", N_("Year of admission"), Kind.INTEGER, required=True, max_length=4, low=1990, high=2100,
              carry=True),
        Field("record_book", N_("Record-book number"), Kind.TEXT, required=True, max_length=10),
        Field("foreign_language", N_("Foreign language"), Kind.CODE, required=True, max_length=1, exact=True,
              choices="foreign_language", carry=True),
    ),
    (_names, _grant, _age),
)  # fmt: skip

# What travels beside the form's fields; every carrier with students uses this one record.
STUDENT_META = (
    Field("id", N_("Record identifier"), Kind.TEXT, required=True, max_length=32, exact=True),
    Field("university", N_("Network university"), Kind.DIGITS, required=True, max_length=3, exact=True),
    Field("base_university", N_("Base university"), Kind.DIGITS, required=True, max_length=3, exact=True),
    Field("photos", N_("Photographs received"), Kind.INTEGER, required=True, low=0, high=2),
    Field("version", N_("Version of the record"), Kind.INTEGER, required=True, low=1),
    Field("changed_at", N_("Changed at"), Kind.TEXT, required=True, max_length=40),
    Field("changed_by", N_("Changed by"), Kind.TEXT, required=True, max_length=64),
)
STUDENT_RECORD = RecordSpec("student", N_("Student"), STUDENT_META + STUDENT.fields, STUDENT.checks)


def _two_values(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values["field"] not in ON_THE_PASS:
        yield Problem("field", N_("This field does not stand on the pass."))
    elif (values.get("right_value") or "") == (values.get("printed_value") or ""):
        yield Problem("right_value", N_("The right value is the same as the printed one."))
    else:
        try:
            right = value_from_text(values["field"], values.get("right_value") or "")
        except ValueError:
            yield Problem("right_value", N_("No such date."))
            return
        problem = field_problem(STUDENT[values["field"]], right)
        if problem:
            yield Problem("right_value", problem.text, problem.params)


# A line of the list of students with wrong data; both values are texts as `value_text` makes them.
WRONG_DATA = RecordSpec(
    "wrong-data",
    N_("Student with wrong data"),
    (
        Field("id", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("student", N_("Student"), required=True, max_length=32, exact=True),
        Field("university", N_("Network university"), Kind.DIGITS, required=True, max_length=3, exact=True),
        Field("field", N_("Field"), required=True, max_length=32),
        Field("printed_value", N_("Printed value"), max_length=40),
        Field("right_value", N_("Right value"), max_length=40),
        Field("ground", N_("Ground (document)"), required=True, max_length=200),
        Field("application_number", N_("Application number"), required=True, max_length=20),
        Field("application_date", N_("Application date"), Kind.DATE, required=True),
    ),
    (_two_values,),
)


def value_text(value: Any) -> str:
    """A field's value as it stands in the history and in the list of wrong data: dates as ISO text, nothing as ""."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def value_from_text(field: str, text: str) -> Any:
    """The value of a student's field from `value_text`; ValueError for a text that is none."""
    if not text:
        return None
    kind = STUDENT[field].kind
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    return int(text) if kind is Kind.INTEGER else text


def season_problems(values: Mapping[str, Any], year: int, taught: Iterable[str] = ()) -> list[Problem]:
    """Rules that need the season (p.18, p.21): year of admission, and the cipher among the university's specialties.

    `taught` are the ciphers that take part; when there are none yet, any cipher is let in.
    """
    found = []
    admitted, ciphers = values.get("admission_year"), frozenset(taught)
    if isinstance(admitted, int) and admitted > year:
        found.append(Problem("admission_year", N_("The year of admission is after {year}."), (("year", year),)))
    if ciphers and values.get("specialty") and values["specialty"] not in ciphers:
        found.append(Problem("specialty", N_("This specialty is not in the university's list of specialties.")))
    return found


def season_warnings(values: Mapping[str, Any], year: int, mab_course: str = "") -> list[Problem]:
    """What is allowed but rare: a course that does not take part in the MAB (p.2), one too high for the admission."""
    found = []
    course, admitted = values.get("course"), values.get("admission_year")
    if course and mab_course and course != mab_course:
        found.append(Problem("course", N_("Students of year {n} of this specialty take part."), (("n", mab_course),)))
    if course and isinstance(admitted, int) and course.isdecimal() and int(course) > max(1, year - admitted):
        found.append(Problem("course", N_("Who entered in {year} is rarely in year {n} already."),
                             (("year", admitted), ("n", course))))  # fmt: skip
    return found


def control_sum(records: Iterable[Mapping[str, Any]]) -> str:
    """The control sum of a student database: 16 hexadecimal digits in groups of four.

    It covers the fields of the form and nothing else, in any order of the records, and stands on the signed paper and
    in the carrier's manifest alike (p.21).
    """
    digests = sorted(hashlib.sha256(_form_bytes(record)).digest() for record in records)
    whole = hashlib.sha256(b"".join(digests)).hexdigest()[:16].upper()
    return "-".join(whole[i : i + 4] for i in range(0, 16, 4))


def _form_bytes(record: Mapping[str, Any]) -> bytes:
    values = map(record.get, STUDENT.names)
    return json.dumps([v if type(v) is str else value_text(v) for v in values], ensure_ascii=False).encode()


def similar_names(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records may name the same person: a slip of two letters at most, or the two names changed over."""
    a, b = _compared(one), _compared(other)
    if not all(a + b):
        return False
    if a == b or a == (b[1], b[0]):
        return True
    return (a[0] == b[0] and _near(a[1], b[1])) or (a[1] == b[1] and _near(a[0], b[0]))


def _compared(values: Mapping[str, Any]) -> tuple[str, str]:
    return search_form(values.get("surname") or ""), search_form(values.get("first_name") or "")


def _near(a: str, b: str) -> bool:
    limit = 2 if min(len(a), len(b)) > 4 else 1
    return abs(len(a) - len(b)) <= limit and _distance(a, b) <= limit


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def student_name(values: Mapping[str, Any]) -> str:
    """Surname, first name and patronymic as printed."""
    return full_name(values.get("surname") or "", values.get("first_name") or "", values.get("patronymic"))


def direction_of(specialty: str, specialties: Mapping[str, Mapping[str, Any]]) -> str:
    """The direction of training of a specialty; the third and fourth digit of the cipher when the list lacks it."""
    item = specialties.get(specialty)
    return str(item["direction"]) if item else specialty[2:4]
