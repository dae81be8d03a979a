"""The student record of p.18: sixteen fields of the form, and the foreign language that p.8 and sector 11 need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec
from mab_desktop.domain.names import ALPHABET, full_name
from mab_desktop.i18n import N_

PAID, NO_FOREIGN_LANGUAGE, KAZAKHSTAN = "3", "0", "398"
# p.8: what the ministry programmer may correct, and nothing else.
CORRECTABLE = ("surname", "first_name", "patronymic", "sex", "birth_date", "foreign_language")
YOUNGEST, OLDEST = 14, 80

_NAME = re.compile(rf"[{ALPHABET}{ALPHABET.lower()}A-Za-z]+(?:[ '’-]+[{ALPHABET}{ALPHABET.lower()}A-Za-z]+)*\.?|[–-]")


def _names(values: Mapping[str, Any]) -> Iterable[Problem]:
    for name in ("surname", "first_name", "patronymic"):
        value = values.get(name) or ""
        if value and not _NAME.fullmatch(value):
            yield Problem(name, N_("Only letters, hyphen, apostrophe and single spaces between parts."))
        elif re.search("[A-Za-z]", value) and values.get("citizenship") == KAZAKHSTAN:
            yield Problem(name, N_("Latin letters are for foreign citizens only."))


def _grant(values: Mapping[str, Any]) -> Iterable[Problem]:
    if values.get("payment") != PAID and not values.get("grant_certificate"):
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


def student_name(values: Mapping[str, Any]) -> str:
    """Surname, first name and patronymic as printed."""
    return full_name(values.get("surname") or "", values.get("first_name") or "", values.get("patronymic"))


def direction_of(specialty: str, specialties: Mapping[str, Mapping[str, Any]]) -> str:
    """The direction of training of a specialty; the third and fourth digit of the cipher when the list lacks it."""
    item = specialties.get(specialty)
    return str(item["direction"]) if item else specialty[2:4]
