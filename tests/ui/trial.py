"""A small application on the kit: its pages, its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mab_desktop.domain.errors import WrongPassword
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.ui.app import AppSpec, Banner, StatusFacts
from mab_desktop.ui.home import HomeFacts, NextStep
from mab_desktop.ui.page import AppContext, Page, PageSpec
from mab_desktop.ui.states import Mark, StepState


@dataclass(frozen=True)
class Work:
    """What a services' context looks like to the kit."""

    lang: str = "kk"
    person: str = ""


class NotesPage(Page):
    """A page that remembers what was asked of it and what was typed."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.asked: list[str] = []
        self.typed: Any = None
        self.where: dict[str, Any] = {}
        self.reads: list[set[str] | None] = []

    def refresh(self, changed: set[str] | None = None) -> None:
        self.reads.append(changed)

    def opened(self, **where: Any) -> None:
        self.where = where
        self.setFocus()

    def new(self) -> None:
        self.asked.append("new")

    def next_open(self) -> None:
        self.asked.append("next")

    def unsaved(self) -> Any:
        return self.typed

    def take_back(self, unsaved: Any) -> None:
        self.typed = unsaved


def home_facts(_app: AppContext) -> HomeFacts:
    """A season with one next step."""
    return HomeFacts(
        today=date(2026, 4, 8), season="2026", next_step=NextStep("Merge the portions", "second", verb="Go")
    )


def authenticate(login: str, password: str) -> Work:
    """Only one password opens."""
    if password != "right":
        raise WrongPassword("This password opens nothing.")
    return Work(person=login)


FIRST = PageSpec("first", "Students", "Typing", "students", NotesPage, "p.18", lambda _app: StepState(Mark.DUE))
SECOND = PageSpec(
    "second",
    "Merging",
    "Typing",
    "merge",
    NotesPage,
    "p.21",
    lambda _app: StepState(Mark.BLOCKED, "nobody handed over"),
)
SPEC = AppSpec(
    "trial",
    "Network university",
    (FIRST, SECOND),
    home_facts,
    authenticate,
    lambda: ("Aigul", "Operator 1"),
    lambda app: Banner("2026", "University 027", app.ctx.person, test_mode=True),
    lambda _app: StatusFacts("Saved 14:32"),
)
STUDENT = RecordSpec(
    "student",
    "Student",
    (
        Field("surname", "Surname", Kind.NAME, True, 30),
        Field("birth", "Date of birth", Kind.DATE, True),
        Field("specialty", "Specialty", Kind.CODE, True, 8, choices="specialty", carry=True),
        Field("course", "Year of study", Kind.INTEGER, True, low=1, high=6, carry=True),
        Field("document", "Document", Kind.DIGITS, True, 9, exact=True),
        Field("paid", "Paid", Kind.FLAG),
    ),
)
LISTS = {"specialty": [("5B070400", "Есептеу техникасы"), ("5B070300", "Ақпараттық жүйелер"), ("5B010800", "Спорт")]}
