"""Typing a sheet a second time without seeing the first entry, then settling what differs with the paper in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.second_entry import FIRST, OTHER, SECOND, WAITING
from mab_desktop.domain.student import PAID, STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.network_uni.second_difference import PaperValue, cards, outcome
from mab_desktop.services import drafts, second_entry, students
from mab_desktop.services.second_draw import Sheet
from mab_desktop.services.second_entry import SECOND_FORM, DifferenceRow
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page
from mab_desktop.ui.panels import EmptyState, Facts, Section, StateLabel, clear, facts_block, label, scrolled, split
from mab_desktop.ui.record_form import RecordForm
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import icon_button

DRAFT_DELAY = 250  # milliseconds after the first key that is not kept yet, however fast the others follow
_NEXT_SHOWN, _TYPING, _SETTLING, _EMPTY = 8, 0, 1, 2


class SecondEntryPage(Page):
    """One sheet of the queue at a time; nothing of the record is shown before it is typed again."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.sheets: list[Sheet] = []
        self.sheet: Sheet | None = None
        self._unsure, self._draft_read, self._last = False, False, ""
        self._rules = students.rules_here(app.ctx)
        self.form = RecordForm(
            STUDENT, lambda: records.choices(app.ctx), save_word=N_("Compare"), passed_over=_needless,
            rules=lambda values: self._rules.problems(students.clean(values)),
        )  # fmt: skip
        self.form.saved.connect(self._typed)
        self.form.changed.connect(lambda _values: self._changed())
        self.form.left.connect(lambda _name: self._left_field())
        self.settling = SettleView(app, self._settled)
        self.settling.finished.connect(self.next_sheet)
        self.empty = EmptyState(icon="check")
        self.modes = QStackedWidget()
        for widget in (self._typing(), self.settling, self.empty):
            self.modes.addWidget(widget)
        self.body.addWidget(self.modes, 1)
        self.add_actions((
            Action(N_("It is this sheet all the same"), self.insist, "check", obstacle=self._not_asked),
            Action(N_("Typed from a wrong sheet"), self.set_aside, "undo", obstacle=self._not_settling),
            Action(N_("Next sheet"), self.next_open, "open", "F3", obstacle=self._not_free),
        ))  # fmt: skip
        self._drafting = QTimer(self, singleShot=True, interval=DRAFT_DELAY)
        self._drafting.timeout.connect(self.keep_draft)

    def _typing(self) -> QWidget:
        self._card = Section()
        self._card.title.setVisible(True)
        self._card.body.addWidget(self.form, 1)
        inside = QWidget()
        self._stack = QVBoxLayout(inside)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(theme.px(8))
        area = scrolled(inside)
        area.setMinimumWidth(theme.px(300))
        return split(self._card, area, stretches=(7, 4))

    # --- what is shown ---------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:
        """Sheets that came or went; what is being typed stays."""
        if changed is not None and changed <= {"draft", "audit"}:
            return
        with self.app.guarded():
            self._rules = students.rules_here(self.app.ctx)
            self.sheets = second_entry.queue(self.app.ctx)
        if self.modes.currentIndex() != _SETTLING:
            self._show_queue()

    def _show_queue(self) -> None:
        here = next((s for s in self.sheets if self.sheet and s.student == self.sheet.student), None)
        if here is None and self._nothing_typed():
            here = self.sheets[0] if self.sheets else None
        self.sheet = here or self.sheet if not self._nothing_typed() else here
        if self.sheet is None:
            title = _("No sheet waits to be typed again")
            self.empty.say(title, _("The programmer sets the share; the list comes with his file on a drive."), "check")
            self.modes.setCurrentIndex(_EMPTY)
        else:
            self.modes.setCurrentIndex(_TYPING)
            self._card.title.setText(_place(self.sheet))
            self._show_side()
        self.renew_actions()

    def _show_side(self) -> None:
        clear(self._stack)
        words = _("The first entry is hidden. Type the sheet from the paper; then both entries are compared.")
        self._stack.addWidget(label(words, "muted", wrap=True))
        if self._last:
            self._stack.addWidget(StateLabel(Mark.DONE, self._last))
        lines = ((_("Sheets to be typed again"), shown_number(len(self.sheets))),
                 (_("Typed again today"), shown_number(second_entry.typed_today(self.app.ctx))))  # fmt: skip
        counts = Section()
        counts.body.addWidget(facts_block(Facts("", lines)))
        self._stack.addWidget(counts)
        following = [s for s in self.sheets if self.sheet is None or s.student != self.sheet.student]
        if following:
            piles = Section(_("Other sheets"))
            for sheet in following[:_NEXT_SHOWN]:
                piles.body.addWidget(icon_button(_place(sheet), "open", self._opener(sheet), "link"))
            self._stack.addWidget(piles)
        self._stack.addStretch(1)

    def _opener(self, sheet: Sheet) -> Callable[[], None]:
        return lambda: self.take_sheet(sheet)

    # --- coming and going ------------------------------------------------------------------------------------------

    def opened(self, **_where: Any) -> None:
        """What differs and is not settled comes first, then the sheet that a crash left, else the next one."""
        if not self._draft_read:
            self._take_draft()
        waiting = self._mine_open()
        if self.modes.currentIndex() != _SETTLING and waiting and self._nothing_typed():
            self._settle(waiting[0].entry)
        elif self.modes.currentIndex() == _TYPING:
            self.form.focus_first()

    def _mine_open(self) -> list[DifferenceRow]:
        me = self.app.ctx.actor.login
        rows = second_entry.differences(self.app.ctx)
        return [row for row in rows if row.verifier == me and not row.choice and not row.gone]

    def _nothing_typed(self) -> bool:
        return all(value in (None, "") for value in self.form.values().values())

    def take_sheet(self, sheet: Sheet) -> None:
        """Go to another sheet of the queue; what is typed of this one is asked about by staying."""
        if not self._nothing_typed():
            next_step = _("Compare it (Ctrl+Enter) or clear it (Ctrl+N) first.")
            self.app.inform(
                _("Another sheet is being typed here."), safe=_("It is kept."), next_step=next_step, kind="warning"
            )
            return
        self.sheet = sheet
        self._show_queue()
        self.form.focus_first()

    def next_open(self) -> None:
        """F3: the next difference that waits, else the next sheet."""
        if self.modes.currentIndex() == _SETTLING:
            self.settling.step(1)
        elif self.sheets and self._nothing_typed():
            at = next((n for n, s in enumerate(self.sheets) if self.sheet and s.student == self.sheet.student), -1)
            self.take_sheet(self.sheets[(at + 1) % len(self.sheets)])

    def previous_open(self) -> None:
        """Shift+F3."""
        if self.modes.currentIndex() == _SETTLING:
            self.settling.step(-1)

    def new(self) -> None:
        """Ctrl+N: clear the sheet and begin it anew."""
        if self.modes.currentIndex() == _TYPING:
            self._begin()

    def next_sheet(self) -> None:
        """Everything of this sheet is settled."""
        self.sheet = None
        self.modes.setCurrentIndex(_TYPING)
        self._begin()

    def _begin(self) -> None:
        self.form.set_values({})
        self.form.keys_pressed, self._unsure = 0, False
        self.keep_draft()
        self.refresh()
        self.form.focus_first()

    # --- nothing typed is lost -------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._draft_read = True
        if not self._drafting.isActive():  # who types without a pause must not put it off
            self._drafting.start()
        self.renew_actions()

    def _left_field(self) -> None:
        if self._drafting.isActive():
            self.keep_draft()

    def keep_draft(self) -> None:
        """Keep what is typed so far, with its sheet."""
        self._drafting.stop()
        typed = {} if self._nothing_typed() else dict(self.form.values())
        if typed and self.sheet:
            typed["record"] = self.sheet.student
        with self.app.guarded():
            drafts.save_draft(self.app.ctx, SECOND_FORM, typed)

    def _take_draft(self) -> None:
        self._draft_read = True
        kept = drafts.draft(self.app.ctx, SECOND_FORM)
        sheet = next((s for s in self.sheets if s.student == kept.get("record")), None)
        if sheet is not None:
            self.sheet = sheet
            self.form.set_values(kept)
            self._show_queue()
            self.app.inform(_("Your unfinished record is here again."), next_step=_("Go on where you stopped."))

    def unsaved(self) -> Any:
        """What is typed, with its sheet."""
        return (self.sheet, self.form.values()) if self.sheet and not self._nothing_typed() else None

    def take_back(self, unsaved: Any) -> None:
        """Show it again after a change of language."""
        self.sheet, values = unsaved
        self._draft_read = True
        self.form.set_values(values)
        self._show_queue()

    def may_leave(self) -> bool:
        """The draft keeps everything, so one may always leave."""
        if self._drafting.isActive():
            self.keep_draft()
        return True

    # --- comparing -------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ctrl+S: compare a sheet that lacks something, as far as it is typed."""
        if self.modes.currentIndex() == _TYPING and not self._nothing_typed():
            self._typed(self.form.values())

    def insist(self) -> None:
        """The sheet is the right one although nothing agrees."""
        self._typed(self.form.values(), sure=True)

    def _typed(self, values: dict[str, Any], *, sure: bool = False) -> None:
        if self.sheet is None:
            return
        place = _place(self.sheet)
        try:
            made = second_entry.type_second(
                self.app.ctx, self.sheet.student, values, keys=self.form.keys_pressed, sure=sure
            )
        except Refused as refused:
            self.form.show_problems(refused.problems)
            return
        except UserError as error:
            self._unsure = True
            self.app.failed(error)
            self.renew_actions()
            return
        self._drafting.stop()
        self._last = f"{place}: " + (_("goes to the programmer") if made.state == WAITING else _("compared"))
        if made.open:
            self.form.set_values({})
            self._settle(made.id)
        else:
            self.next_sheet()

    def _settle(self, entry: str) -> None:
        self.settling.show_entry(entry)
        self.modes.setCurrentIndex(_SETTLING)
        self.settling.setFocus()
        self.renew_actions()

    def _settled(self) -> None:
        self.renew_actions()

    def set_aside(self) -> None:
        """The entry was typed from a wrong sheet: it does not count, the sheet waits again."""
        with self.app.guarded():
            second_entry.set_aside(self.app.ctx, self.settling.entry, _("Typed from a wrong sheet"))
            self.next_sheet()

    def _not_asked(self) -> str:
        return "" if self._unsure and self.modes.currentIndex() == _TYPING else _("Nothing speaks against this sheet.")

    def _not_settling(self) -> str:
        return "" if self.modes.currentIndex() == _SETTLING else _("No entry is being settled here.")

    def _not_free(self) -> str:
        free = self.modes.currentIndex() == _SETTLING or (self._nothing_typed() and len(self.sheets) > 1)
        return "" if free else _("Compare this sheet first (Ctrl+Enter), or clear it (Ctrl+N).")

    def back(self) -> bool:
        """Esc: leave the differences for later."""
        if self.modes.currentIndex() == _SETTLING:
            self.next_sheet()
            return True
        return False

    def help_words(self) -> str:
        """F1."""
        return _(
            "Take the named sheet from the pile and type it again; the first entry is hidden. Ctrl+Enter compares "
            "both. What differs is settled with the paper in hand: 1 the first value, 2 yours, 3 what the paper says; "
            "F3 goes on. A sheet of another PC is compared at the programmer's. Which sheets are typed again, a draw "
            "decides."
        )


class SettleView(QWidget):
    """The differences of one entry, one under the other; 1, 2 and 3 settle the one that is framed."""

    finished = Signal()

    def __init__(self, app: AppContext, settled: Callable[[], None]) -> None:
        super().__init__()
        self.app, self.entry, self.at = app, "", 0
        self.rows: list[DifferenceRow] = []
        self._told = settled
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.heading = label("", "section", wrap=True)
        column.addWidget(self.heading)
        inside = QWidget()
        self._stack = QVBoxLayout(inside)
        self._stack.setContentsMargins(0, 0, theme.px(8), 0)
        self._area = scrolled(inside)
        column.addWidget(self._area, 1)
        foot = QHBoxLayout()
        foot.addWidget(label(_("1 first · 2 second · 3 from the paper · F3 next"), "small", wrap=True), 1)
        actions = (
            Action(N_("The first value stands"), lambda: self.settle(FIRST), "check", "1"),
            Action(N_("The second value stands"), lambda: self.settle(SECOND), "check", "2"),
            Action(N_("Type what the paper says"), self.type_value, "edit", "3"),
        )
        for action in actions:
            foot.addWidget(ActionButton(action))
            key = QShortcut(QKeySequence(action.shortcut), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(action.run)
        column.addLayout(foot)

    def show_entry(self, entry: str) -> None:
        """The differences of a second entry, the first open one framed."""
        self.entry = entry
        self._read()
        self.at = next((n for n, row in enumerate(self.rows) if not row.choice), 0)
        self._show()

    def _read(self) -> None:
        self.rows = second_entry.differences(self.app.ctx, self.entry)
        self.names = records.names_of_codes(self.app.ctx)

    def _show(self) -> None:
        clear(self._stack)
        waiting = sum(not row.choice for row in self.rows)
        name = self.rows[0].name if self.rows else ""
        self.heading.setText(name + " · " + _("Not settled yet: {n}").format(n=shown_number(waiting)))
        for number, row in enumerate(self.rows):
            made = self._block(row, framed=number == self.at)
            self._stack.addWidget(made)
            if number == self.at:
                QTimer.singleShot(0, made, lambda made=made: self._area.ensureWidgetVisible(made))
        self._stack.addStretch(1)

    def _block(self, row: DifferenceRow, *, framed: bool) -> Section:
        block = Section(records.label_of(row.field), name="nextStep" if framed else "card")
        across = QHBoxLayout()
        for one in cards(self.names, row):
            across.addWidget(one, 1)
        block.body.addLayout(across)
        if words := outcome(self.names, row):
            block.body.addWidget(StateLabel(Mark.DONE, words))
        return block

    def settle(self, choice: str, value: Any = None, *, shy: bool = False) -> None:
        """Settle the framed difference and frame the next open one; `shy` leaves a refusal to the caller."""
        if not self.rows:
            return
        row = self.rows[self.at]
        if shy:
            second_entry.settle(self.app.ctx, row.entry, row.field, choice, value)
        else:
            with self.app.guarded():
                second_entry.settle(self.app.ctx, row.entry, row.field, choice, value)
        self._read()
        self._told()
        following = [n for n, other in enumerate(self.rows) if not other.choice]
        if not following:
            self.finished.emit()
            return
        self.at = next((n for n in following if n > self.at), following[0])
        self._show()

    def type_value(self) -> None:
        """3: what the paper says."""
        if self.rows:
            row = self.rows[self.at]
            choices = records.choices(self.app.ctx).get(STUDENT[row.field].choices)
            PaperValue(self, row, choices, lambda value: self.settle(OTHER, value, shy=True)).exec()
            if self.isVisible():
                self.setFocus()

    def step(self, by: int) -> None:
        """Frame the next difference; after the last one is settled, go on to the next sheet."""
        if all(row.choice for row in self.rows):
            self.finished.emit()
            return
        self.at = (self.at + by) % len(self.rows)
        self._show()


def _needless(name: str, values: Mapping[str, Any]) -> bool:
    """As in the first entry: who pays for his studies has no grant certificate as a rule (p.18)."""
    return name == "grant_certificate" and values.get("payment") == PAID


def _place(sheet: Sheet) -> str:
    """Where the sheet lies: pile, day, number."""
    return _("Sheet {n} · {name} · {day}").format(n=sheet.sheet, name=sheet.typist_name, day=shown_date(sheet.day))
