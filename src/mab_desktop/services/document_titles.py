"""How printed documents are called, by the kind under which the print log knows them."""

from __future__ import annotations

import re

from mab_desktop.domain.exam_act import SPECS as EXAM_ACTS
from mab_desktop.domain.statistics import STAGE_LABELS
from mab_desktop.i18n import N_, translate

TITLES = {
    **{f"act-{spec.kind}": spec.title for spec in EXAM_ACTS.values()},
    "act-database": N_("Act of acceptance of the student database"),
    "act-given": N_("Act of handing over admission passes"),
    "act-hand-over": N_("Hand-over to the ministry representative"),
    "act-hand-over-halls": N_("Annex to the hand-over: by hall"),
    "act-materials": N_("Act on exam materials"),
    "act-pass-balance": N_("Balance of admission passes"),
    "act-program": N_("Act of hand-over of the network program"),
    "act-spoilt-passes": N_("Act on spoilt admission passes"),
    "act-stubs": N_("Act on receiving stubs"),
    "act-to-centre": N_("Act on databases for the testing centre"),
    "answer-key": N_("Answer key"),
    "answer-sheets": N_("Answer sheets of a hall"),
    "sheet-copies": N_("Copies of the answer sheets of a hall"),
    "appeal-journal": N_("Journal of applications"),
    "appeal-register": N_("Register of applications"),
    "appeal-act": N_("Act on the papers of a portion"),
    "appeal-register-last": N_("Last register of applications"),
    "analysis-cards": N_("Answer analysis cards"),
    "appeal-forms": N_("Appeal forms"),
    "appeal-file": N_("Appeal file"),
    "appeal-minutes": N_("Minutes of the appeal commission"),
    "appeal-reports": N_("Appeal report by subject"),
    "application-journal": N_("Application journal"),
    "attendance": N_("Attendance form"),
    "commission-plan": N_("Plan of work of the state commission"),
    "commission-agenda": N_("Agenda of the sitting of the state commission"),
    "commission-minutes": N_("Minutes of the sitting of the state commission"),
    "commission-extract": N_("Extract of the minutes of the state commission"),
    "database-changes": N_("Differences of a database"),
    "database-findings": N_("Mistakes in a database"),
    "duty-board": N_("Duties of the base university"),
    "program-register": N_("Register of hand-over of the program"),
    "readiness-report": N_("Report of readiness"),
    "reminder-list": N_("What network universities still owe"),
    "training-list": N_("Attendance list of a training"),
    "daily-statistics": N_("Daily statistics"),
    "national-summary": N_("National summary of MAB"),
    "result-statistics": N_("Statistics of the results"),
    "item-statistics": N_("Analysis of the items"),
    "likeness-report": N_("Report on sheets that are alike"),
    "correction-list": N_("List of the corrections"),
    "duty-draw": N_("Duty officers drawn"),
    "duty-list": N_("Duty officers by hall"),
    "envelope-cover": N_("Covers of the envelopes"),
    "enrolment": N_("Check groups of a workplace"),
    "root-key": N_("Password of a root key"),
    "root-change": N_("Act on the change of the testing centre's root"),
    "revocation": N_("Act on a withdrawn key"),
    "stand-in": N_("Act on a stand-in for a person who signs"),
    "fingerprint": N_("Fingerprint of the organisation's certificate"),
    "fund-changes": N_("Changes of the hall fund"),
    "floor-plan": N_("Plans of floors"),
    "site-plan": N_("Plan of the building on the site"),
    "seat-labels": N_("Seat labels"),
    "hall-signs": N_("Hall signs"),
    "direction-signs": N_("Direction signs"),
    "hall-directory": N_("Which hall is where"),
    "fit-sheet": N_("Test sheet"),
    "installation": N_("Installation record"),
    "hall-fund": N_("Hall fund data"),
    "hall-balance": N_("Balance of a hall"),
    "hall-list": N_("Students of a hall"),
    "hall-lists": N_("All hall lists of a shift"),
    "hall-plan": N_("Plan of a hall"),
    "operator-list": N_("List of operators"),
    "operators-journal": N_("Operators' journal"),
    "pass-register": N_("Register of pass issue"),
    "passes": N_("Passes"),
    "pass-duplicates": N_("Duplicates of passes"),
    "protocol": N_("Identification protocol"),
    "representative-report": N_("Representative's report"),
    "result-sheet-after": N_("Result sheets with the appeal"),
    "result-sheet-before": N_("Result sheets before the appeal"),
    "second-errors": N_("Errors found by second entry"),
    "seating-plan": N_("Plans of the halls by seat and variant"),
    "seating-sheet": N_("Seating sheets"),
    "specialty-list": N_("List of specialties"),
    "statistics": N_("Statistics"),
    "statistics-fax": N_("Fax page for the testing centre"),
    "student-database": N_("Student database for the head's signature"),
    "trial-pack": N_("Test pack of answer sheets"),
    "university-list": N_("Hall list of a network university"),
    "variant-sheet": N_("Variant distribution sheets"),
    "wrong-data": N_("List of students with wrong data"),
}
_OF_A_SHIFT = (  # their keys begin with its number
    *(f"act-{kind}" for kind in EXAM_ACTS),
    "analysis-cards", "answer-", "appeal-", "attendance", "daily-statistics", "envelope-cover", "hall-balance",
    "item-statistics", "likeness-report", "protocol", "result-", "seating-", "sheet-copies", "variant-sheet",
)  # fmt: skip
_BY_BEGINNING = {"act-": N_("Acts")}


def document_title(kind: str) -> str:
    """The message id of a kind's title; the kind itself where it has none."""
    if kind in TITLES:
        return TITLES[kind]
    return next((title for begin, title in _BY_BEGINNING.items() if kind.startswith(begin)), kind)


def document_key(kind: str, key: str, lang: str) -> str:
    """Which paper of its kind it is, in words: moments and days as people write them, the shift named; "" for all."""
    if moment := re.fullmatch(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\d\d", key):
        year, month, day, hour, minute = moment.groups()
        return f"{day}.{month}.{year} {hour}:{minute}"
    if days := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)-(\d{4})-(\d\d)-(\d\d)", key):
        first, last = days.groups()[:3], days.groups()[3:]
        return " – ".join(".".join(reversed(day)) for day in (first, last))
    if key == "all" or re.fullmatch(r"[0-9a-f]{32}", key):  # an id tells nobody anything
        return ""
    begin, dash, rest = key.partition("-")
    if begin in STAGE_LABELS:
        return " · ".join(part for part in (translate(lang, STAGE_LABELS[begin]), rest) if part and part != "all")
    if kind.startswith(_OF_A_SHIFT) and begin.isdecimal():
        key = f"s{begin}{dash}{rest}"
    if shift := re.fullmatch(r"(?:(.+)-)?s(\d{1,2})(?:-(.+))?", key):
        before, number, after = shift.groups()
        return " · ".join(part for part in (before, translate(lang, N_("Shift {n}")).format(n=number), after) if part)
    return key
