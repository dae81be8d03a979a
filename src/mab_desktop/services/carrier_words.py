"""Carrier files in words: kinds, records, control sums, organisations, moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.organisation import ROLE_LABELS, Role, parse_organisation
from mab_desktop.i18n import N_, translate
from mab_desktop.services.batch import Verdict
from mab_desktop.services.carriers import organisation_name
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Line

KIND_TITLES = {
    "reference": N_("Reference package"),
    "contingent": N_("Student contingent"),
    "hall-fund": N_("Hall fund"),
    "operator-portion": N_("Operator's records for the programmer"),
    "operator-corrections": N_("Corrections and specialties for the operators"),
    "statistics": N_("Student statistics"),
    "university-students": N_("Student database for the base university"),
    "base-students": N_("Student database for the testing centre"),
    "final-students": N_("Final student database"),
    "passes": N_("Passes, register and hall list"),
    "wrong-data": N_("List of students with wrong data"),
    "hand-over": N_("Hand-over to the ministry programmer"),
    "variants": N_("Variant distribution"),
    "answer-key": N_("Sealed answer key"),
    "daily-statistics": N_("Daily statistics"),
    "final-data": N_("Final data"),
    "results": N_("Results"),
    "receipt": N_("Receipt"),
    "stream-decision": N_("Decision on two files with one number"),
    "trust": N_("Trust list"),
    "enrolment": N_("Enrolment request of this workplace"),
}
VERDICT_WORDS = {
    Verdict.NEW: N_("New file"),
    Verdict.RESTORED: N_("The sender went back to a backup"),
    Verdict.GAP: N_("Earlier files are missing"),
    Verdict.WAITING: N_("Waits for earlier files"),
    Verdict.FORK: N_("A second file with this number"),
    Verdict.FROZEN: N_("Nothing is taken from this sender now"),
    Verdict.INCOMPLETE: N_("Parts are missing"),
    Verdict.KNOWN: N_("Already accepted"),
    Verdict.OLDER: N_("Older than what is here"),
    Verdict.OWN: N_("Made on this computer"),
    Verdict.FOREIGN: N_("For somebody else"),
    Verdict.DAMAGED: N_("Cannot be read"),
}
KIND_PARAGRAPHS = {
    "reference": "p.11", "contingent": "p.17", "hall-fund": "p.17", "operator-portion": "p.21",
    "operator-corrections": "p.21", "statistics": "p.21", "university-students": "p.21", "base-students": "p.23",
    "final-students": "p.23", "passes": "p.24", "wrong-data": "p.25", "hand-over": "p.24", "variants": "p.26",
    "answer-key": "p.39", "daily-statistics": "p.8", "final-data": "p.37", "results": "p.44",
}  # fmt: skip
RECORD_TITLES = {
    "student": N_("Student records"),
    "operator-day": N_("Days of work"),
    "second-entry": N_("Records typed again"),
    "second-difference": N_("Differences between two entries"),
    "second-wanted": N_("Sheets to be typed again"),
    "specialty-taught": N_("Specialties"),
    "students-elsewhere": N_("Other base universities of its students"),
    "statistics-row": N_("Lines of statistics"),
    "device": N_("Workplaces"),
    "building": N_("Buildings"),
    "hall": N_("Halls"),
    "building-picture": N_("Pictures under plans"),
    "allotment": N_("Places allotted"),
    "shift": N_("Shifts"),
    "pass": N_("Passes"),
    "wrong-data": N_("Students with wrong data"),
    "duty-officer": N_("Duty officers"),
    "register-line": N_("Lines of the register of issue"),
    "commission-member": N_("Members of the commission"),
    "daily": N_("Days"),
    "sheet": N_("Answer sheets"),
    "score": N_("Points by subject"),
    "appeal": N_("Appeals"),
    "image": N_("Images of pages"),
    "representative-report": N_("Paragraphs of the representative's report"),
    "receipt": N_("Files confirmed"),
    "stream-decision": N_("Decisions"),
}
SUM_TITLES = {
    "points": N_("Points in all"),
    "points-before": N_("Points before the appeal"),
    "points-after": N_("Points after the appeal"),
    "students": N_("Students"),
    "control-sum": N_("Control sum"),
    "control_sum": N_("Control sum"),
    "stage": N_("Stage"),
    "halls": N_("Halls"),
    "version": N_("Version of the fund"),
    "fund": N_("Digest of the fund"),
    "seats": N_("Seats"),
    "passes": N_("Passes"),
    "lines": N_("Lines of the list"),
    "without": N_("Without, for a reason written down"),
    "without_seat": N_("Students without a seat"),
    "shifts": N_("Shifts"),
}


def organisation_words(ctx: Context, session: Session, organisation: str) -> str:
    """An organisation in words: which program, of which university."""
    try:
        role, code = parse_organisation(organisation)
    except ValueError:
        return translate(ctx.lang, N_("Everybody")) if organisation in ("*", "all") else organisation
    label = translate(ctx.lang, ROLE_LABELS[role])
    if role is Role.NTC:
        return label
    name = organisation_name(ctx, session, organisation)
    return f"{label}: {code} {name}" if name != organisation else f"{label}: {code}"


def kind_title(kind: str, lang: str) -> str:
    """A kind of carrier in words."""
    return translate(lang, KIND_TITLES.get(kind, kind))


def counts(ctx: Context, found: Mapping[str, int]) -> list[tuple[str, str]]:
    """Records by sort."""
    return [(translate(ctx.lang, record_title(name)), str(n)) for name, n in found.items() if n]


def record_title(name: str) -> str:
    """A sort of records as a message id: its title, else the label of its spec."""
    labels = (specs[name].label for specs in RECORDS.values() if name in specs)
    return RECORD_TITLES.get(name) or next(labels, name)


def sums(ctx: Context, found: Mapping[str, str | int]) -> list[tuple[str, str]]:
    """Control sums, which stand on the signed paper too."""
    return [(translate(ctx.lang, SUM_TITLES.get(name, name)), str(value)) for name, value in found.items()]


def held(ctx: Context, counted: Mapping[str, int], control: Mapping[str, str | int]) -> list[tuple[str, str]]:
    """What a file holds: its records, then its control sums; what both call by one name is told once, by the sums."""
    told = sums(ctx, control)
    names = {name for name, _value in told}
    return [*(line for line in counts(ctx, counted) if line[0] not in names), *told]


def said(ctx: Context, lines: Sequence[Line]) -> tuple[str, ...]:
    """A preview or summary."""
    return tuple(translate(ctx.lang, line.text).format(**line.params) for line in lines)


def shown_moment(text: str) -> str:
    """A stored moment as people read it: 12.03.2011 09:00."""
    if len(text) < 16:
        return text
    return f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:16]}"
