"""Papers between the base university and its network universities, and of its own duties (p.6, p.19-22)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mab_desktop.domain.network_register import PROGRAM
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import acceptance, documents_board, network_register
from mab_desktop.services.documents import Document
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.papers_page import Paper

_GROUP = N_("Network universities")
_SOON = "soon"


def network_papers(page: DocumentPapersPage) -> tuple[Paper, ...]:
    """The papers for `page`, in the order of the season."""
    app, choices = page.app, NetworkChoices(page.app)

    def of_one(make: Callable[..., Document]) -> Callable[[str, Progress], Document]:
        return lambda code, _p: make(app.ctx, code)

    def changes(option: str, _p: Progress) -> Document:
        code, _colon, number = option.partition(":")
        return documents_board.print_differences(app.ctx, code, int(number))

    return (
        page.paper("program-register", N_("Register of hand-over of the network program"),
                   lambda _o, _p: documents_board.print_register(app.ctx), paragraph="p.19", group=_GROUP),
        page.paper("program-act", N_("Act of hand-over of the network program"),
                   of_one(documents_board.print_program_act), paragraph="p.19", group=_GROUP, copies=2,
                   options=choices.given, obstacle=choices.nothing_given),
        page.paper("training-list", N_("Attendance list of a training"), of_one(documents_board.print_training),
                   paragraph="p.19", group=_GROUP, options=choices.trainings, obstacle=choices.no_training),
        page.paper("reminders", N_("What network universities still owe"),
                   lambda option, _p: documents_board.print_reminders(app.ctx, soon=option == _SOON),
                   paragraph="p.21", group=_GROUP, options=choices.owed),
        page.paper("database-act", N_("Act of acceptance of the student database"),
                   of_one(documents_board.print_database_act), paragraph="p.21", group=_GROUP, copies=2,
                   options=choices.databases, obstacle=choices.no_database),
        page.paper("database-findings", N_("Mistakes found in the student database"),
                   of_one(documents_board.print_findings), paragraph="p.21", group=_GROUP, copies=2,
                   options=choices.databases, obstacle=choices.no_database),
        page.paper("database-changes", N_("Differences between two versions of the student database"), changes,
                   paragraph="p.21", group=_GROUP, copies=2, options=choices.replaced, obstacle=choices.none_replaced),
        page.paper("duty-board", N_("Duties of the base university"),
                   lambda _o, _p: documents_board.print_duties(app.ctx), paragraph="p.6", group=_GROUP),
    )  # fmt: skip


class NetworkChoices:
    """What can be chosen for a paper, and why there is nothing to choose."""

    def __init__(self, app: AppContext) -> None:
        self.app = app

    def _names(self) -> dict[str, str]:
        return {code: f"{code} {name}" for code, name in network_register.networks(self.app.ctx)}

    def given(self) -> Sequence[tuple[str, str]]:
        """Universities that were given the program."""
        lines = network_register.lines(self.app.ctx, item=PROGRAM, withdrawn=False)
        return [(line.university, f"{line.university} {line.name}")
                for line in {line.university: line for line in lines}.values()]  # fmt: skip

    def nothing_given(self) -> str:
        """Why there is no act."""
        return "" if self.given() else _("Nothing was given yet.")

    def trainings(self) -> Sequence[tuple[str, str]]:
        """Trainings, the newest first."""
        return [(held.id, f"{shown_date(held.day)} {held.topic}") for held in network_register.trainings(self.app.ctx)]

    def no_training(self) -> str:
        """Why there is no list."""
        return "" if self.trainings() else _("No training was held yet.")

    def owed(self) -> Sequence[tuple[str, str]]:
        """Only what is late, or this week too."""
        return [("", _("What is late")), (_SOON, _("What is late, and what is due within a week"))]

    def databases(self) -> Sequence[tuple[str, str]]:
        """Universities whose database came."""
        names = self._names()
        codes = dict.fromkeys(version.university for version in acceptance.versions(self.app.ctx))
        return [(code, names.get(code, code)) for code in codes]

    def no_database(self) -> str:
        """Why there is nothing of a database."""
        return "" if self.databases() else _("No student database has come yet.")

    def replaced(self) -> Sequence[tuple[str, str]]:
        """Versions that replaced another one."""
        names, words = self._names(), _("{university}: version {n}")
        newer = [version for version in acceptance.versions(self.app.ctx) if version.number > 1]
        return [(f"{one.university}:{one.number}",
                 words.format(university=names.get(one.university, one.university), n=one.number))
                for one in newer]  # fmt: skip

    def none_replaced(self) -> str:
        """Why there is no list of differences."""
        return "" if self.replaced() else _("No database was replaced by a newer one yet.")
