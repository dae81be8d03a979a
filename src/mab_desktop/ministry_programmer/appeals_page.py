"""Appeals of a shift (p.41-44): the journal with its deadline; an application is entered, then heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.appeal import APPEAL_STATE_LABELS, AppealState
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.appeal_entry import AppealEntry
from mab_desktop.ministry_programmer.appeal_hearing import AppealHearing
from mab_desktop.ministry_programmer.appeal_portion import PortionDesk
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import appeals, shifts
from mab_desktop.services.appeals import AppealLine
from mab_desktop.services.settings import reference_names
from mab_desktop.ui import theme
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class AppealsPage(ShiftListPage):
    """The journal; Ctrl+N enters an application, Enter opens one for the commission's decisions."""

    wanted = (ShiftState.RESULTS,)

    in_form = False  # an application is typed or heard in place of the journal

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.body.removeWidget(self.choice)
        self.portions = PortionDesk(
            self, lambda: self.shift, lambda: self.choice.line.state if self.choice.line else None
        )

    def settle(self, spec: PageSpec) -> None:
        """The journal, the form and the hearing share the page's body."""
        whole, lister = self.body, QWidget()
        whole.addWidget(self.choice)
        self.body = QVBoxLayout(lister)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(8))
        super().settle(spec)
        self.entry, self.hearing = AppealEntry(self.app), AppealHearing(self.app)
        self.entry.saved.connect(self._entered)
        self.entry.left.connect(self.show_list)
        self.hearing.done.connect(self._heard)
        self.hearing.left.connect(self.show_list)
        self.modes = QStackedWidget()
        for part in (lister, self.entry, self.hearing):
            self.modes.addWidget(part)
        whole.addWidget(self.modes, 1)

    def table(self) -> TableSource:
        """Applications in the order received."""
        columns = (
            Column("number", N_("Row No"), 4, kind="number"),
            Column("filed_at", N_("Received at"), 15, kind="date"),
            Column("name", N_("Student"), 26),
            Column("code", N_("Code"), 9, kind="code"),
            Column("portion", N_("Portion"), 7, kind="number", shown=False),
            Column("items", N_("Items"), 6, show=lambda items: str(len(items)), shown=False),
            Column("state", N_("State of the appeal"), 18, show=lambda state: _(APPEAL_STATE_LABELS[state])),
            Column("satisfied", N_("Satisfied"), 6, kind="number"),
            Column("hall", N_("Hall"), 5, kind="code", shown=False),
            Column("seat", N_("Seat"), 5, kind="number", shown=False),
            Column("variant", N_("Variant"), 7, kind="code", shown=False),
            Column("received_by", N_("Accepted by"), 16, shown=False),
        )
        return Rows(columns, load=self._rows, key_of="id", mark_of=_mark)

    def _rows(self) -> Sequence[AppealLine]:
        return appeals.journal(self.app.ctx, self.shift) if self.shift else []

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("open", N_("Without a decision"), lambda row: row.state is AppealState.PENDING),
            FilterChip("kept", N_("Not handed over"), lambda row: not row.portion),
        )

    def page_actions(self) -> Sequence[Action]:
        """A new application."""
        return (
            Action(N_("New application"), self.new, "add", "Ctrl+N", self._cannot_enter, primary=True),
            *self.portions.actions(),
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the application under the cursor."""
        return (
            Action(N_("Card and decisions"), self.edit, "appeal", "F2"),
            Action(N_("Did not come…"), self.not_come, "person", obstacle=self._cannot_decide),
            Action(N_("Print the appeal file"), self.print_file, "print"),
            Action(N_("Take the decision back…"), self.undo, "undo", "Ctrl+Z", self._cannot_undo),
        )

    def details(self, row: AppealLine) -> Sequence[Facts]:
        """Student, items by subject, state."""
        by_subject: dict[int, list[int]] = {}
        for subject, item in row.items:
            by_subject.setdefault(subject, []).append(item)
        known = reference_names(self.app.ctx, "subject")["subject"]
        named = [known.get(code, code) for code in row.subjects]
        items = tuple((f"{n}. {named[n - 1]}", ", ".join(map(str, found))) for n, found in by_subject.items())
        place = ((_("Code"), row.code), (_("Specialty"), row.specialty), (_("Hall"), row.hall),
                 (_("Seat"), str(row.seat)), (_("Variant"), row.variant), (_("Accepted by"),
                 row.received_by))  # fmt: skip
        portion = _("{n} of {all}").format(n=row.portion, all=len(self.portions.of())) if row.portion else "–"
        state = ((_("Portion"), portion), (_("State of the appeal"), _(APPEAL_STATE_LABELS[row.state])),
                 (_("Items satisfied"), _("{n} of {all}").format(n=row.satisfied, all=len(row.items))))  # fmt: skip
        return (Facts(row.name, place), Facts(_("Items appealed"), items), Facts("", state))

    # --- showing ---------------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:
        """Journal and deadline; a form in front stays."""
        super().refresh(changed)
        line = self.choice.line
        self.closed_reason = ""
        if line is None:
            return
        until = shifts.appeal_deadline(self.app.ctx, self.shift)
        if until is None:
            self.closed_reason = _("Applications are taken after the results are announced (p.41).")
        else:
            over = self.app.ctx.clock.now() > until
            words = _("The time for applications ended on {until} (p.41).") if over else _(
                "Applications are taken until {until} (p.41).")  # fmt: skip
            ended = words.format(until=until.strftime("%d.%m.%Y %H:%M")).rstrip(".")
            parts = (_(line.state_label), (over and self._due_words()) or ended, self.portions.words())
            self.choice.state.setText(" · ".join(part for part in parts if part))
        self.renew_actions()

    def _due_words(self) -> str:
        """Until when the applications that still wait are to be considered."""
        until = shifts.appeal_considered_until(self.app.ctx, self.shift)
        if until is None or not any(row.state is AppealState.PENDING for row in self._rows()):
            return ""
        words = _("No more applications; decisions are due until {until} (p.41)")
        return words.format(until=until.strftime("%d.%m.%Y %H:%M"))

    def _not_now(self) -> str:
        line = self.choice.line
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters applications and decisions.")
        if line is None or line.state is not ShiftState.RESULTS:
            return self.closed_reason or _("The appeal of this shift is closed (p.44).")
        return ""

    def _cannot_enter(self) -> str:
        until = shifts.appeal_deadline(self.app.ctx, self.shift) if self.shift else None
        if self._not_now() or until is None:
            return self._not_now() or self.closed_reason
        if self.in_form:
            return _("First go back to the journal of applications.")
        # After 13:00 an application that the paper journal shows as earlier may still be typed: the time is checked.
        return ""

    def _cannot_decide(self) -> str:
        row = self.current()
        return self._not_now() or (
            _("This application is decided already.")
            if row is not None and row.state is not AppealState.PENDING
            else ""
        )

    def _cannot_undo(self) -> str:
        row = self.current()
        return self._not_now() or (
            _("This application has no decision yet.") if row is not None and row.state is AppealState.PENDING else ""
        )

    # --- acts ------------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Ctrl+N: an application from the commission's journal."""
        if not self._cannot_enter():
            self.entry.begin(self.shift)
            self._put(self.entry)
            self.entry.focus_first()

    def activate(self, row: AppealLine) -> None:
        """Enter, F2: the card beside the scan, and the decisions."""
        with self.app.guarded():
            self.hearing.show_appeal(row, self._cannot_decide())
            self._put(self.hearing)
            self.hearing.focus_first()

    def _put(self, form: QWidget) -> None:
        """A form takes the journal's place: neither the shift nor another application is chosen meanwhile."""
        self.in_form = True
        self.modes.setCurrentWidget(form)
        self.choice.setEnabled(False)
        self.renew_actions()

    def _entered(self) -> None:
        self.refresh()

    def _heard(self) -> None:
        self.show_list()
        self.refresh()

    def show_list(self) -> None:
        """Back to the journal."""
        self.in_form = False
        self.modes.setCurrentIndex(0)
        self.choice.setEnabled(True)
        self.renew_actions()
        self.view.setFocus()

    def not_come(self) -> None:
        """The student did not come: nothing is considered and nothing satisfied (p.43)."""
        row = self.current()
        if row is None or not ask_to_confirm(
            self, _("{name} did not come?").format(name=row.name),
            _("The application is not considered and not satisfied (p.43). Until the appeal is "
              "closed this can be taken "
              "back."), _("Enter «Did not come»"), cannot_undo=False,
        ):  # fmt: skip
            return
        with self.app.guarded():
            appeals.mark_not_come(self.app.ctx, row.id)
            self.refresh()

    def undo(self) -> None:
        """Ctrl+Z: take a wrongly typed decision back."""
        row = self.current()
        if row is None or self._cannot_undo() or not ask_to_confirm(
            self, _("Take the decision on application {n} back?").format(n=row.number),
            _("Its points go back too; the log keeps what stood there."), _("Take it back"), cannot_undo=False,
        ):  # fmt: skip
            return
        with self.app.guarded():
            appeals.undo_appeal(self.app.ctx, row.id)
            self.refresh()

    def waits(self, row: AppealLine) -> bool:
        """An application without a decision."""
        return row.state is AppealState.PENDING

    def next_open(self) -> None:
        """F3: the next one without a decision; at the hearing it is opened."""
        super().next_open()
        row = self.current()
        if row is not None and self.waits(row) and self.modes.currentWidget() is self.hearing:
            self.activate(row)

    def print_out(self) -> None:
        """Ctrl+P: the register of the applications entered so far."""
        self.app.open_page("papers", paper="register", option=f"{self.shift}|")

    def print_file(self) -> None:
        """Everything about the application under the cursor in one file."""
        row = self.current()
        if row is not None:
            self.app.open_page("papers", paper="appeal-file", option=f"{self.shift}|{row.id}")

    def save(self) -> None:
        """Ctrl+S."""
        if self.modes.currentWidget() is self.entry:
            self.entry.save()
        elif self.modes.currentWidget() is self.hearing:
            self.hearing.save()

    def back(self) -> bool:
        """Esc leaves the form, then the search."""
        if self.modes.currentIndex():
            self.show_list()
            return True
        return super().back()

    def search(self) -> None:
        """Ctrl+F searches in the journal only."""
        if self.modes.currentIndex() == 0:
            super().search()

    def opened(self, **where: Any) -> None:
        """A form in front keeps the focus."""
        if self.modes.currentIndex() == 0:
            super().opened(**where)

    def may_leave(self) -> bool:
        """A form that was begun is asked about."""
        begun = {self.entry: self.entry.is_dirty, self.hearing: self.hearing.is_dirty}.get(self.modes.currentWidget())
        if begun is None or not begun():
            return True
        if ask_to_confirm(self, _("Leave without saving?"), _("What is typed in this form is not saved yet."),
                          _("Leave it")):  # fmt: skip
            self.show_list()
            return True
        return False

    def empty_words(self) -> tuple[str, str]:
        """When there will be applications."""
        return _("No application is entered for this shift"), self.closed_reason or _(
            "Press Ctrl+N and enter the first one from the commission's journal.")  # fmt: skip

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Applications are taken until 13:00 of the day after the results are announced; none on matters of the "
            "student's own breach (p.9, p.41). The commission works with each student alone, "
            "decides only on items that "
            "were appealed, and a point needs one of five grounds (p.43)."
        )


def _mark(row: AppealLine) -> Mark:
    return {AppealState.PENDING: Mark.DUE, AppealState.NOT_COME: Mark.BLOCKED, AppealState.DECIDED: Mark.DONE}[
        row.state
    ]
