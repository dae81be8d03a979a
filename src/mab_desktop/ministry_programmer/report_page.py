"""The representative's report to the centre (p.7, p.47): her words on each task, with what the program knows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.services import representative_report as service
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date, shown_moment
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Facts, Section, StateLabel, clear, facts_block, label, scrolled, split
from mab_desktop.ui.states import Mark, StepState

HIGH = 76


def report_state(app: AppContext) -> StepState:
    """Done when every task has her words; due when all shifts are closed, never blocked."""
    if service.report(app.ctx).written == len(service.TASKS):
        return StepState(Mark.DONE)
    found = season.rail_state("report")(app)
    return found if found.mark is Mark.DUE else StepState()


class ReportPage(Page):
    """Nine fields in the order of p.7 and the shifts in numbers; she writes, the programmer reads and prints."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.fields: list[QPlainTextEdit] = []
        self.hints: list[QLabel] = []
        self._shown: tuple[str, ...] = ()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        column.setSpacing(theme.px(4))
        for number, task in enumerate(service.TASKS, 1):
            self._task(column, number, _(task))
        column.addStretch(1)
        card = Section()
        card.body.addWidget(scrolled(inside), 1)
        self.side = Section(_("State of the report"))
        self.state = StateLabel(Mark.NONE)
        self.facts = QVBoxLayout()
        self.side.body.addWidget(self.state)
        self.side.body.addLayout(self.facts)
        self.side.body.addStretch(1)
        self.body.addWidget(split(card, self.side, stretches=(8, 4)), 1)
        self.add_actions((
            Action(N_("Print the report"), self.print_out, "print", "Ctrl+P", self._unsaved_words),
            Action(N_("Save"), self.save, "save", "Ctrl+S", self._not_hers, primary=True),
        ))  # fmt: skip

    def _task(self, column: QVBoxLayout, number: int, task: str) -> None:
        name, hint = label(f"{number}. {task}", "", wrap=True), label("", "small", wrap=True)
        field = QPlainTextEdit(tabChangesFocus=True)
        field.setFixedHeight(theme.px(HIGH))
        field.setAccessibleName(task)
        field.textChanged.connect(self._typed)
        name.setBuddy(field)
        for widget in (name, hint, field):
            column.addWidget(widget)
        column.addSpacing(theme.px(8))
        self.fields.append(field)
        self.hints.append(hint)

    # --- showing ---------------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read again; what is typed and not saved stays."""
        found = service.report(self.app.ctx)
        for field, hint, old, new, told in zip(
            self.fields, self.hints, self._shown or ("",) * len(self.fields), found.texts,
            service.known(self.app.ctx), strict=True,
        ):  # fmt: skip
            if field.toPlainText() == old:
                field.setPlainText(new)
            field.setReadOnly(bool(self._not_hers()))
            hint.setText(told.message(active()) if told else "")
            hint.setVisible(told is not None)
        self._shown = found.texts
        self._show_side(found)
        reads = _("The ministry representative writes her report under her own log-in (p.7); you read and print it.")
        self.closed_reason = reads if self._not_hers() else ""
        self.renew_actions()

    def _show_side(self, found: service.Report) -> None:
        whole = found.written == len(service.TASKS)
        self.state.show_state(
            Mark.DONE if whole else Mark.DUE,
            _("{n} of {all} tasks have a text.").format(n=found.written, all=len(service.TASKS)),
        )
        clear(self.facts)
        lines: list[tuple[str, str]] = []
        if found.at:
            lines += [(_("Written by"), found.by), (_("Saved"), shown_moment(datetime.fromisoformat(found.at)))]
        words = _("present {present} of {planned}, removed {removed}, applications {applications}")
        lines += [
            (_("Shift {n} · {day}").format(n=s.shift, day=shown_date(s.day)),
             words.format(present=s.present, planned=s.planned, removed=s.removed, applications=s.applications))
            for s in service.shifts(self.app.ctx)
        ]  # fmt: skip
        if lines:
            self.facts.addWidget(facts_block(Facts("", tuple(lines))))
        goes = _("It is printed for her signature and goes to the testing centre with the final data.")
        self.facts.addWidget(label(goes, "muted", wrap=True))

    def _typed(self) -> None:
        self.renew_actions()

    def _texts(self) -> tuple[str, ...]:
        return tuple(field.toPlainText() for field in self.fields)

    def _not_hers(self) -> str:
        if self.app.ctx.actor.role != PersonRole.REPRESENTATIVE:
            return _("Only the ministry representative writes the report.")
        return ""

    def _unsaved_words(self) -> str:
        return _("Save the text first.") if self._texts() != self._shown else ""

    # --- doing -----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep what is typed."""
        if self._not_hers():
            return
        with self.app.guarded():
            service.save(self.app.ctx, self._texts())
            self._shown = self._texts()
            self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: the report on paper."""
        if not self._unsaved_words():
            self.app.open_page("papers", paper="report")

    def unsaved(self) -> Any:
        """What is typed stays through a change of language."""
        return self._texts() if self._texts() != self._shown else None

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        for field, text in zip(self.fields, unsaved, strict=True):
            field.setPlainText(text)

    def opened(self, **where: Any) -> None:
        """The first empty field is ready."""
        super().opened(**where)
        if not self._not_hers():
            next((field for field in self.fields if not field.toPlainText()), self.fields[0]).setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The ministry representative reports to the testing centre on the work done, on the set form (p.7), and "
            "gives a full report at the end (p.47). Under each task stands what the program knows of it."
        )
