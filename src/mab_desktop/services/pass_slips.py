"""One admission pass as it is drawn, whoever prints it: the base university, or a network university as a duplicate."""

from __future__ import annotations

from collections.abc import Mapping

from mab_desktop.domain.reference import Lines, coded, named
from mab_desktop.domain.student import NO_FOREIGN_LANGUAGE
from mab_desktop.forms.admission_pass import AdmissionPass
from mab_desktop.services.passes import PassLine

PAYLOAD = "MABPASS1"
LISTS = ("specialty", "study_language", "foreign_language", "subject", "university")


def payload(campaign: str, number: str, code: str) -> str:
    """What the code on pass and stub says."""
    return "|".join((PAYLOAD, campaign, number, code))


def slip(
    line: PassLine, lists: Mapping[str, Lines], lang: str, base: str, campaign: str, photo: bytes = b""
) -> AdmissionPass:
    """The pass of a student; codes as words of `lang`."""
    foreign = "" if line.foreign_language in ("", NO_FOREIGN_LANGUAGE) else line.foreign_language
    return AdmissionPass(
        int(line.number), line.name, line.code, line.specialty, named(lists["specialty"], line.specialty, lang),
        named(lists["study_language"], line.study_language, lang),
        tuple(named(lists["subject"], subject, lang) for subject in line.subjects),
        named(lists["foreign_language"], foreign, lang), line.shift, line.day, line.start_time, base,
        line.building_name, line.address, line.hall, coded(lists["university"], line.university, lang),
        payload(campaign, line.number, line.code), photo,
    )  # fmt: skip
