"""The hand-over of the student database to a base university: what is missing, count and sum, paper and file (p.21)."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _, active
from mab_desktop.network_uni import records
from mab_desktop.services import students
from mab_desktop.services.carriers_students import hand_over_problems
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page
from mab_desktop.ui.panels import EmptyState, Facts, Section, StateLabel, clear, facts_block, label, scrolled
from mab_desktop.ui.states import Mark


class DatabasePage(Page):
    """A card for each base university."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(12))
        self.body.addWidget(scrolled(inside), 1)
        self.write_buttons: dict[str, ActionButton] = {}
        self.add_actions((
            Action(N_("Records that are not complete"), self._partial, "students"),
            Action(N_("Conflicts"), lambda: self.app.open_page("merge"), "merge"),
            Action(N_("Duplicates"), lambda: self.app.open_page("duplicates"), "copy"),
        ))  # fmt: skip

    def _partial(self) -> None:
        self.app.open_page("students", chip="partial")

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Count again and ask again what is missing."""
        clear(self._column)
        self.write_buttons = {}
        bases = records.bases_here(self.app.ctx)
        for code, name in bases:
            self._column.addWidget(self._card(code, name))
        if not bases:
            words = _("Load the reference package of the testing centre: it names the base university.")
            self._column.addWidget(EmptyState(_("No base university is known yet"), words, icon="organisation"))
        self._column.addStretch(1)

    def _card(self, code: str, name: str) -> Section:
        with self.app.ctx.store.read() as session:
            problems = hand_over_problems(self.app.ctx, session, code)
            count, checksum = students.database_sum(session, code)
        card = Section(f"{code} {name}")
        lines = (
            (_("Complete records"), shown_number(count)),
            (_("Control sum"), checksum if count else ""),
        )
        card.body.addWidget(facts_block(Facts("", lines)))
        words = _("The paper that the head signs and the file show this number and this sum; they must agree.")
        card.body.addWidget(label(words, "muted", wrap=True))
        for problem in problems:
            card.body.addWidget(StateLabel(Mark.BLOCKED, problem.message(active())))
        if not problems:
            card.body.addWidget(StateLabel(Mark.DONE, _("Nothing stands in the way of the hand-over.")))
        why = " ".join(problem.message(active()) for problem in problems)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addStretch(1)
        paper = Action(N_("Print for the head's signature"), lambda: self._paper(code), "print", "",
                       lambda: "" if count else _("No complete record is there to be printed."))  # fmt: skip
        write = Action(N_("Write to a drive"), self._write, "transfer", "", lambda: why, primary=True)
        for action in (paper, write):
            button = ActionButton(action)
            row.addWidget(button)
        self.write_buttons[code] = button
        card.body.addLayout(row)
        return card

    def _paper(self, code: str) -> None:
        self.app.open_page("papers", paper="student-database", option=code)

    def _write(self) -> None:
        self.app.open_page("transfer", export="university-students")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Before 10 April the student database goes to the base university as a file and on paper with the head's "
            "signature. It is closed while records are partly filled, conflicts wait or a TO code stands twice."
        )
