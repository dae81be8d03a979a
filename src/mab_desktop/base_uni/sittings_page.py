"""Sittings of the state commission (p.6): the list, the form that calls one, and the desk of the one at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.base_uni.agenda_card import question_mark
from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.sitting_desk import SittingDesk, sitting_state
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.commission import SITTING
from mab_desktop.i18n import N_, _
from mab_desktop.services import sittings
from mab_desktop.services.sittings import Sitting
from mab_desktop.ui import theme
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark, StepState

_DESK = 2  # place in the stack after the list and the form


def sittings_state(app: AppContext) -> StepState:
    """For the rail: a sitting whose day has come is still open."""
    today = app.ctx.clock.now().date()
    waiting = [s.number for s in sittings.sittings(app.ctx) if not s.closed_at and s.day <= today]
    if not waiting:
        return StepState(Mark.NONE)
    numbers = ", ".join(map(str, sorted(waiting)))
    return StepState(Mark.DUE, _("Sittings to be closed: {numbers}").format(numbers=numbers))


class SittingsPage(EntryPage):
    """Enter opens the sitting under the cursor; Ctrl+N calls a new one."""

    record = SITTING
    new_word = N_("Call a sitting")

    def settle(self, spec: PageSpec) -> None:
        """The desk lies over list and form."""
        super().settle(spec)
        self._called = 0
        self.desk = SittingDesk(self)
        self.modes.addWidget(self.desk)
        key = QShortcut(QKeySequence("Ctrl+Return"), self.desk)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(self.desk.save_and_next)

    def table(self) -> TableSource:
        """The last first."""
        columns = (
            Column("number", N_("№"), 4, kind="number"),
            Column("day", N_("Day"), 11, kind="date"),
            Column("time", N_("Beginning"), 7, kind="code", show=lambda time: f"{time[:2]}:{time[2:]}"),
            Column("place", N_("Place"), 20, shown=False),
            Column("attendance", N_("Attendance"), 8, kind="code"),
            Column("questions", N_("Questions"), 8, kind="number", shown=False),
            Column("minutes", N_("Minutes No"), 8, kind="number"),
            Column("state", N_("State"), 34),
        )
        return Rows(columns, load=self._rows, key_of="number", mark_of=lambda row: row["mark"])

    def _rows(self) -> list[Mapping[str, Any]]:
        return [_row(whole) for whole in sittings.sittings(self.app.ctx)]

    def chips(self) -> Sequence[FilterChip]:
        """What is open, what has minutes."""
        return (
            FilterChip("open", N_("Not closed"), lambda row: not row["whole"].closed_at),
            FilterChip("held", N_("With minutes"), lambda row: bool(row["minutes"])),
        )

    def row_actions(self) -> Sequence[Action]:
        """Open, change, take back, call again."""
        return (
            Action(N_("Open the sitting"), self.open_current, "open"),
            Action(N_("Change day or place"), self.change, "edit", "F2", self._taken),
            Action(N_("Call again"), self.call_again, "refresh", obstacle=self._had_quorum),
            Action(N_("Take back the calling"), self.remove, "delete", "Del", self._taken, dangerous=True),
        )

    def _taken(self) -> str:
        row = self.current()
        if row is None or not (row["whole"].attenders or row["whole"].closed_at):
            return ""
        return _("The attendance of this sitting is taken already; its day stays.")

    def _had_quorum(self) -> str:
        row = self.current()
        failed = row is not None and row["whole"].closed_at and row["minutes"] is None
        return "" if failed else _("Only a sitting that had no quorum is called again.")

    # --- list, form and desk ---------------------------------------------------------------------------------------

    def at_desk(self) -> bool:
        """True while a sitting is open in front."""
        return self.modes.currentIndex() == _DESK

    def open_desk(self, number: int) -> None:
        """Open a sitting."""
        self._show_mode(form=True)  # the list's buttons go
        self.modes.setCurrentIndex(_DESK)
        self.desk.open_sitting(number)

    def open_current(self) -> None:
        """The sitting under the cursor."""
        if (row := self.current()) is not None:
            self.open_desk(row["number"])

    def activate(self, row: Any) -> None:
        """Enter or double click: open it."""
        self.open_desk(row["number"])

    def change(self) -> None:
        """F2: day, time and place in the form."""
        if (row := self.current()) is not None and not self._taken() and not self.in_form():
            self.open_form(row, {name: row[name] for name in SITTING.names})

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Call it, or change it."""
        self._called = sittings.save_sitting(self.app.ctx, values, row["number"] if row else None)

    def _save(self, values: dict[str, Any]) -> None:
        """A sitting that was called is opened at once: its agenda comes next."""
        new, self._called = self._editing is None, 0
        super()._save(values)
        if new and self._called:
            self.form.set_values({})
            self.show_list()
            self.go_to(self._called)
            self.open_desk(self._called)

    def call_again(self) -> None:
        """Another day for the agenda of a sitting that had no quorum."""
        row, ctx = self.current(), self.app.ctx
        if row is None or self._had_quorum():
            return
        ask_record(
            self, _("Call sitting {number} again").format(number=row["number"]),
            _("The new sitting begins with the same agenda."), _("Call again"), SITTING,
            lambda values: sittings.call_again(ctx, values, row["number"]),
            {"time": row["time"], "place": row["place"]},
        )  # fmt: skip
        self.refresh()

    def remove(self) -> None:
        """Take back that a sitting was called; undo calls it with its agenda again."""
        row, ctx = self.current(), self.app.ctx
        if row is None or self.in_form() or self.at_desk():
            return
        with self.app.guarded():
            gone = sittings.remove_sitting(ctx, row["number"])
            done_and_undoable(self, _("Taken back: sitting {number}.").format(number=gone.number),
                              lambda: sittings.put_back(ctx, gone))  # fmt: skip

    def refresh(self, changed: set[str] | None = None) -> None:
        """The list, and the sitting in front."""
        super().refresh(changed)
        if self.at_desk():
            self.desk.refresh()

    # --- keys ------------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Ctrl+N: a question at the desk, else a sitting."""
        if self.at_desk():
            self.desk.new_question()
        else:
            super().new()

    def save(self) -> None:
        """Ctrl+S."""
        if self.at_desk():
            self.desk.save()
        else:
            super().save()

    def edit(self) -> None:
        """F2 at the desk: the question's text."""
        if self.at_desk():
            self.desk.agenda.text.setFocus()
        else:
            super().edit()

    def next_open(self) -> None:
        """F3: the next question that is not voted on."""
        if self.at_desk():
            self.desk.agenda.next_open()

    def previous_open(self) -> None:
        """Shift+F3: the one before."""
        if self.at_desk():
            self.desk.agenda.next_open(-1)

    def search(self) -> None:
        """Ctrl+F belongs to the list."""
        if not self.at_desk():
            super().search()

    def print_out(self) -> None:
        """Ctrl+P: agenda or minutes of the sitting at hand."""
        row = self.current()
        if self.at_desk():
            self.desk.print_out()
        elif row is not None:
            paper = "commission-minutes" if row["minutes"] else "commission-agenda"
            self.app.open_page("papers", paper=paper, option=str(row["number"]))

    def back(self) -> bool:
        """Esc leaves the desk, then as in every list."""
        if self.at_desk():
            if self.may_leave():
                self.show_list()
            return True
        return super().back()

    def may_leave(self) -> bool:
        """Asks before something typed or ticked at the desk would be lost."""
        if not self.at_desk() or not self.desk.is_dirty():
            return super().may_leave()
        if ask_to_confirm(
            self, _("Leave without saving?"), _("What is typed or ticked is not saved yet."), _("Leave it"),
        ):  # fmt: skip
            self.modes.setCurrentIndex(0)
            return True
        return False

    def opened(self, **where: Any) -> None:
        """`sitting` opens one."""
        if where.get("sitting"):
            self.open_desk(where["sitting"])
        elif not self.at_desk():
            super().opened(**where)

    def unsaved(self) -> Any:
        """The desk with what is typed there."""
        return ("desk", self.desk.number, self.desk.typed()) if self.at_desk() else super().unsaved()

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        if unsaved[0] == "desk":
            self.open_desk(unsaved[1])
            self.desk.put_back(unsaved[2])
        else:
            super().take_back(unsaved)

    # --- words -----------------------------------------------------------------------------------------------------

    def details(self, row: Mapping[str, Any]) -> QWidget:
        """The sitting and its agenda."""
        whole: Sitting = row["whole"]
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        lines = ((_("Day"), shown_date(whole.day)), (_("Place"), whole.place), (_("State"), row["state"]))
        column.addWidget(facts_block(Facts(_("Sitting {number}").format(number=whole.number), lines)))
        column.addWidget(label(_("Agenda"), "section"))
        for question in whole.questions:
            column.addWidget(StateLabel(question_mark(question), f"{question.number}. {question.text}"))
        if not whole.questions:
            column.addWidget(label(_("There is no question on the agenda."), "muted", wrap=True))
        column.addStretch(1)
        return scrolled(inside)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("No sitting has been called yet."), _("Press Ctrl+N and enter day, time and place.")

    def help_words(self) -> str:
        """What the regulation asks, and the keys of the desk."""
        return _(
            "A sitting counts when two thirds of all members are present; a decision needs more than half of those "
            "present, on a tie the chair decides; all members sign the minutes (p.6).\n"
            "Space ticks who came, Ctrl+S notes it. Ctrl+N begins a question, Ctrl+Enter saves it and begins the next, "
            "Ctrl+Up and Ctrl+Down move it, Del takes it off. Enter leads through the votes, F3 to the next question "
            "that waits. Until the sitting is closed everything can be taken back; afterwards only a correction with "
            "its ground is added."
        )


def _row(whole: Sitting) -> Mapping[str, Any]:
    mark, words = sitting_state(whole)
    present = f"{whole.present} / {len(whole.voting)}" if whole.attenders else ""
    return {
        "number": whole.number, "day": whole.day, "time": whole.time, "place": whole.place, "attendance": present,
        "questions": len(whole.questions), "minutes": whole.minutes, "state": words,
        "mark": Mark.DUE if mark is Mark.NONE else mark, "whole": whole,
    }  # fmt: skip
