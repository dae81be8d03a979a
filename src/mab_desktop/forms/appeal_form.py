"""Appeal form: the student marks the items he appeals, the commission writes 0 or 1 under each and signs (p.41)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.item_grid import GridRow, SideCell, draw_grid
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    APPEAL_CHAIR,
    APPEAL_MEMBER,
    COMMISSION_CHAIR,
    STUDENT,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.i18n import N_

TITLE = N_("Appeal form")
HOW = N_(
    "The student circles the numbers of the items appealed and writes how many they are under “Total”. "
    "The commission writes under each of them 1 (satisfied) or 0 (rejected) and the number of the ground 1–5; "
    "grounds 4 and 5 need reasons and literature."
)
SEEN = N_("I have seen the decision (the student signs after it is taken).")


@dataclass(frozen=True, slots=True)
class AppealSubject:
    """A subject of the form; `marked` items are framed, `decisions` and `grounds` filled in where they are known."""

    subject: str
    items: int = 25
    marked: frozenset[int] = frozenset()
    decisions: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    points_added: int | None = None


@dataclass(frozen=True, slots=True)
class AppealForm:
    """The form of one application; shift, hall, date stand in `head`. Reasons as (subject and item, text)."""

    head: DocumentHead
    imprint: Imprint
    number: int
    full_name: str
    code: str
    specialty: str
    variant: str
    seat: str
    subjects: tuple[AppealSubject, ...]
    reasons: tuple[tuple[str, str], ...] = ()
    chair: str = ""
    commission_chair: str = ""
    members: tuple[str, ...] = ("", "", "")


def draw(*documents: AppealForm, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The forms as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, form: AppealForm) -> None:
    sheet.begin(TITLE, form.head, form.imprint, facts=(
        (N_("Application No"), str(form.number)), (N_("Full name"), form.full_name), (N_("Personal code"), form.code),
        (N_("Specialty cipher"), form.specialty), (N_("Variant"), form.variant), (N_("Seat"), form.seat)))  # fmt: skip
    sheet.statement(HOW)
    sheet.gap(6)
    for subject in form.subjects:
        _subject(sheet, subject)
    _reasons(sheet, form)
    _sign(sheet, form)


def _subject(sheet: Sheet, subject: AppealSubject) -> None:
    asked = str(len(subject.marked)) if subject.marked else ""
    added = "" if subject.points_added is None else str(subject.points_added)
    rows = (GridRow(N_("Decision row"), subject.decisions, bold=True), GridRow(N_("Ground 1–5"), subject.grounds))
    sides = (SideCell(N_("Total of items"), asked), SideCell(N_("Points"), added))
    draw_grid(sheet, subject.subject, subject.items, rows, sides, subject.marked)


def _reasons(sheet: Sheet, form: AppealForm) -> None:
    sheet.caption(N_("Reasons in full and literature (grounds 4 and 5)"), keep=80)
    for item, text in form.reasons:
        sheet.paragraph(item, BODY, BOLD, keep=14)
        sheet.paragraph(text)
        sheet.gap(3)
    for _ in range(0 if form.reasons else 6):
        sheet.need(19)
        sheet.gap(19)
        sheet.rule(HAIRLINE)


def _sign(sheet: Sheet, form: AppealForm) -> None:
    signers = (Signer(APPEAL_CHAIR, form.chair), Signer(COMMISSION_CHAIR, form.commission_chair),
               *(Signer(APPEAL_MEMBER, name) for name in form.members))  # fmt: skip
    student = (Signer(STUDENT, form.full_name),)
    sheet.need(signatures_height(sheet, signers) + signatures_height(sheet, student) + 30)
    signatures(sheet, signers)
    sheet.gap(8)
    sheet.paragraph(sheet.words.both(SEEN))
    signatures(sheet, student)
