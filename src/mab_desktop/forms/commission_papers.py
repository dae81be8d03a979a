"""Papers of the state commission (p.6): plan of work, agenda, minutes of a sitting, extract of minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import (
    COMMISSION_CHAIR,
    COMMISSION_MEMBER,
    COMMISSION_SECRETARY,
    Signer,
    approval,
    signatures,
    signatures_height,
)
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

PLAN = N_("Plan of work of the state commission")
AGENDA = N_("Agenda of the sitting of the state commission")
MINUTES = N_("Minutes of the sitting of the state commission")
EXTRACT = N_("Extract of the minutes of the state commission")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A line of the plan: until when, what, by whom, done on which day."""

    due: date
    text: str
    responsible: str
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of work that the chair approves."""

    head: DocumentHead
    imprint: Imprint
    lines: tuple[PlanLine, ...]
    chair: str = ""
    secretary: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the commission at a sitting; an observer has no vote and does not sign."""

    full_name: str
    role: str
    post: str
    present: bool
    votes: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `votes` are (for, against, abstained) once counted, `casting` how the chair decided on a tie."""

    number: int
    text: str
    reporter: str
    decision: str
    votes: tuple[int, int, int] | None = None
    casting: str = ""
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class SittingPaper:
    """What agenda, minutes and extract tell of a sitting; an extract has one question only.

    `corrections` are (words, ground, when) that came after the sitting was closed; each makes a new version.
    """

    head: DocumentHead
    imprint: Imprint
    number: str
    time: str
    place: str
    people: tuple[Person, ...]
    questions: tuple[Question, ...]
    corrections: tuple[tuple[str, str, str], ...] = ()

    def named(self, role: str) -> str:
        """The name of the chair or the secretary."""
        return next((p.full_name for p in self.people if p.role == role), "")


PLAN_COLUMNS = (
    Column(N_("Row No"), 10, "right"), Column(N_("Due day"), 24, "center"), Column(N_("What is to be done"), 80),
    Column(N_("Who is responsible"), 42), Column(N_("Done on"), 24, "center"),
)  # fmt: skip
AGENDA_COLUMNS = (
    Column(N_("Row No"), 10, "right"), Column(N_("Question"), 72), Column(N_("Who reports"), 38),
    Column(N_("Draft of the decision"), 60),
)  # fmt: skip
PEOPLE_COLUMNS = (
    Column(N_("Row No"), 10, "right"), Column(N_("Full name"), 54), Column(N_("Role in the commission"), 56),
    Column(N_("Post, department"), 40), Column(N_("Attendance"), 20, "center"),
)  # fmt: skip


def draw_plan(*documents: Plan, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The plan of work with the chair's approval, written to `out` if given, else returned."""
    return printed(documents, _plan, lang, out)


def draw_agenda(*documents: SittingPaper, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The agenda of a sitting, written to `out` if given, else returned."""
    return printed(documents, _agenda, lang, out)


def draw_minutes(*documents: SittingPaper, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The minutes, which all voting members sign (p.6), written to `out` if given, else returned."""
    return printed(documents, _minutes, lang, out)


def draw_extract(*documents: SittingPaper, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """An extract with one question, signed by chair and secretary, written to `out` if given, else returned."""
    return printed(documents, _extract, lang, out)


def _plan(sheet: Sheet, plan: Plan) -> None:
    sheet.begin(PLAN, plan.head, plan.imprint)
    approval(sheet, Signer(COMMISSION_CHAIR, plan.chair))
    signers = (Signer(COMMISSION_SECRETARY, plan.secretary),)
    rows = ((str(no), shown_date(line.due), line.text, line.responsible, shown_date(line.done_on))
            for no, line in enumerate(plan.lines, 1))  # fmt: skip
    draw_table(sheet, PLAN_COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _agenda(sheet: Sheet, paper: SittingPaper) -> None:
    facts = ((N_("Sitting No"), paper.number), (N_("Time"), paper.time), (N_("Place"), paper.place))
    sheet.begin(AGENDA, paper.head, paper.imprint, facts=facts)
    signers = (Signer(COMMISSION_CHAIR, paper.named("chair")), Signer(COMMISSION_SECRETARY, paper.named("secretary")))
    rows = ((str(q.number), q.text, q.reporter, q.decision) for q in paper.questions)
    draw_table(sheet, AGENDA_COLUMNS, rows, keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _minutes(sheet: Sheet, paper: SittingPaper) -> None:
    _begin_minutes(sheet, MINUTES, paper)
    draw_table(sheet, PEOPLE_COLUMNS, _people(sheet, paper))
    for question in paper.questions:
        _decided(sheet, question)
    for version, (words, ground, at) in enumerate(paper.corrections, start=2):
        sheet.caption(N_("Version {version}: correction of {at}"), keep=20, version=version, at=at)
        sheet.paragraph(words)
        sheet.facts(((N_("Ground"), ground),))
    roles = {"chair": COMMISSION_CHAIR, "secretary": COMMISSION_SECRETARY}
    signatures(sheet, [Signer(roles.get(p.role, COMMISSION_MEMBER), p.full_name) for p in paper.people if p.votes])


def _extract(sheet: Sheet, paper: SittingPaper) -> None:
    _begin_minutes(sheet, EXTRACT, paper)
    for question in paper.questions:
        _decided(sheet, question)
    chair = Signer(COMMISSION_CHAIR, paper.named("chair"), seal=True)
    signatures(sheet, (chair, Signer(COMMISSION_SECRETARY, paper.named("secretary"))))


def _begin_minutes(sheet: Sheet, title: str, paper: SittingPaper) -> None:
    voting = [p for p in paper.people if p.votes]
    present = sheet.words(N_("{n} of {total} voting"), n=sum(p.present for p in voting), total=len(voting))
    version = str(len(paper.corrections) + 1)
    sheet.begin(title, paper.head, paper.imprint, facts=(
        (N_("Minutes No"), paper.number), (N_("Version"), version), (N_("Time"), paper.time),
        (N_("Place"), paper.place), (N_("Members present"), present)))  # fmt: skip


def _people(sheet: Sheet, paper: SittingPaper) -> Iterator[tuple[str, ...]]:
    roles = {"chair": COMMISSION_CHAIR, "secretary": COMMISSION_SECRETARY, "member": COMMISSION_MEMBER}
    for no, person in enumerate(paper.people, 1):
        role = sheet.words(roles.get(person.role, N_("Observer")))
        came = sheet.words(N_("present") if person.present else N_("absent"))
        yield str(no), person.full_name, role, person.post, came


def _decided(sheet: Sheet, question: Question) -> None:
    sheet.caption(N_("Question {number} of the agenda"), keep=60, number=question.number)
    sheet.paragraph(question.text)
    if question.reporter:
        sheet.facts(((N_("Who reports"), question.reporter),))
    if question.votes is not None:
        votes_for, against, abstained = (str(n) for n in question.votes)
        sheet.facts(((N_("Votes for"), votes_for), (N_("Votes against"), against), (N_("Abstained"), abstained)))
    if question.casting:
        how = sheet.words(N_("for") if question.casting == "for" else N_("against"))
        sheet.facts(((N_("Votes equal; the chair decided (p.6)"), how),))
    outcome = N_("Decided:") if question.adopted else N_("The decision was not adopted. Its draft:")
    sheet.statement(outcome)
    sheet.paragraph(question.decision)
