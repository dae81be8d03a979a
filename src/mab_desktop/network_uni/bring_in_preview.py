"""Every row of a table with what would become of it, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QPushButton, QRadioButton, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _, active
from mab_desktop.network_uni import records
from mab_desktop.services.bring_in import obstacle
from mab_desktop.services.bring_in_files import problem_words, row_words
from mab_desktop.services.bring_in_plan import Plan, differing
from mab_desktop.services.bring_in_rows import Choice, Line, State
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import SearchField
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Facts, FactsView, Section, label, split
from mab_desktop.ui.record_table import Column, RecordTable, Rows
from mab_desktop.ui.states import Mark

STATE_WORDS = {
    State.NEW: N_("New"), State.CHANGED: N_("Changes a record"), State.SAME: N_("Here already"),
    State.DUPLICATE: N_("Likely duplicate"), State.ERROR: N_("Error"), State.LEFT_OUT: N_("Left out"),
}  # fmt: skip
_MARKS = {
    State.NEW: Mark.DONE, State.CHANGED: Mark.INFO, State.SAME: Mark.NONE, State.DUPLICATE: Mark.DUE,
    State.ERROR: Mark.LATE, State.LEFT_OUT: Mark.BLOCKED,
}  # fmt: skip
PUT_RIGHT = "put-right"
_COLUMNS = (
    Column("number", N_("Row"), 6, kind="number"),
    Column("state", N_("State"), 16, kind="code", show=lambda state: _(STATE_WORDS[state])),
    Column("name", N_("Full name"), 26),
    Column("to_code", records.LABELS["to_code"], 10, kind="code"),
    Column("birth_date", records.LABELS["birth_date"], 11, kind="date"),
    Column("words", N_("Why"), 40),
)


class PreviewView(QWidget):
    """The third step. `chosen(choice)` when the person decided something else."""

    chosen = Signal(object)

    def __init__(self, app: AppContext, names: records.Names, export: Action, bring_in: Action) -> None:
        super().__init__()
        self.app, self.names = app, names
        self.plan: Plan | None = None
        self.choice = Choice()
        self.records = RecordTable(Rows(_COLUMNS, lambda: [], "number", lambda row: _MARKS[row["state"]]))
        self.view = RecordView(self.records, app.settings, "bring-in-preview")
        self.search_field, self.count = SearchField(self.view), label("", "muted")
        self.search_field.textChanged.connect(self._search)
        self.chips: dict[str, QPushButton] = {}
        self.facts = FactsView()
        self.leave_out = ActionButton(Action(N_("Leave this row out"), self.toggle_left_out, "cancel"))
        self.another = ActionButton(
            Action(N_("Bring in as another person"), self.toggle_other, "person", obstacle=self._no_duplicate))
        self.export, self.bring_in = ActionButton(export), ActionButton(bring_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(self._tools())
        column.addWidget(split(self.view, self._side(), stretches=(7, 3)), 1)
        column.addWidget(self._foot())
        self.view.moved.connect(self._moved)
        self._shown_facts: tuple[Facts, ...] = ()
        self._mended = 0  # rows in which something was put right
        self._preparing: Iterator[None] = iter(())
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._prepare)

    def _prepare(self) -> None:
        """The texts of the search are made between two keys, before the first letter is typed."""
        if next(self._preparing, self) is self:
            self._idle.stop()

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.search_field)
        for key in (*State, PUT_RIGHT):
            chip = QPushButton()
            chip.setCheckable(True)
            chip.setProperty("kind", "chip")
            chip.toggled.connect(self._narrow)
            self.chips[str(key)] = chip
            row.addWidget(chip)
        row.addStretch(1)
        row.addWidget(self.count)
        return row

    def _side(self) -> QWidget:
        card = Section()
        card.body.addWidget(self.facts, 1)
        card.body.addWidget(self.another)
        card.body.addWidget(self.leave_out)
        self.facts.setMinimumWidth(theme.px(220))
        return card

    def _foot(self) -> QWidget:
        card = Section()
        self.partial = QCheckBox(_("Rows with missing values become partly filled records"))
        self.whole = QRadioButton(_("Bring in only when all rows are right"))
        self.right_only = QRadioButton(_("Bring in the right rows; the others are saved into a file of errors"))
        self.whole.setChecked(True)
        self._which = QButtonGroup(self)
        for button in (self.whole, self.right_only):
            self._which.addButton(button)
            button.toggled.connect(self._decide)
        self.partial.toggled.connect(self._decide)
        line = QHBoxLayout()
        line.setSpacing(theme.px(16))
        choices = QVBoxLayout()
        choices.setSpacing(theme.px(4))
        for widget in (self.whole, self.right_only, self.partial):
            choices.addWidget(widget)
        self.why = label("", "muted", wrap=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addStretch(1)
        buttons.addWidget(self.export)
        buttons.addWidget(self.bring_in)
        right = QVBoxLayout()
        right.addWidget(self.why)
        right.addLayout(buttons)
        line.addLayout(choices, 1)
        line.addLayout(right, 1)
        card.body.addLayout(line)
        return card

    def show_plan(self, plan: Plan, choice: Choice) -> None:
        """Show the rows anew."""
        self.plan, self.choice = plan, choice
        for button, on in ((self.partial, choice.partial), (self.right_only, choice.leave_errors),
                           (self.whole, not choice.leave_errors)):  # fmt: skip
            button.blockSignals(True)
            button.setChecked(on)
            button.blockSignals(False)
        self._mended = sum(1 for line in plan.lines if line.put_right)
        self._read()

    def _read(self) -> None:
        assert self.plan is not None
        lang = active()
        self.view.read([_row(line, self.choice, lang) for line in self.plan.lines])
        self._prepare_anew()
        self._narrow()
        self._tell()

    def _prepare_anew(self) -> None:
        self._preparing = self.records.prepare()
        self._idle.start()

    def _tell(self) -> None:
        """The numbers on the chips and what stands under the rows."""
        assert self.plan is not None
        counts = self.plan.counts(self.choice)
        for key, chip in self.chips.items():
            n = self._mended if key == PUT_RIGHT else counts[State(key)]
            words = N_("Put right") if key == PUT_RIGHT else STATE_WORDS[State(key)]
            chip.setText(f"{_(words)} {shown_number(n)}")
            chip.setVisible(bool(n) or chip.isChecked())
        self.renew()

    def renew(self) -> None:
        """Say how many would be brought in, or why nothing is."""
        assert self.plan is not None
        counts = self.plan.counts(self.choice)
        taken = counts[State.NEW] + counts[State.CHANGED]
        self.bring_in.setText(_("Bring in {n} records").format(n=shown_number(taken)))
        self.export.renew()
        self.bring_in.renew()
        problem = obstacle(self.plan, self.choice)
        held = counts[State.ERROR] + counts[State.DUPLICATE]
        if problem is not None:
            self.why.setText(problem.message(active()))
        elif held:
            words = _("{n} rows are not brought in and go into the file of errors.")
            self.why.setText(words.format(n=shown_number(held)))
        else:
            self.why.setText(_("Every row is right. All of them are written in one step, and can be taken back."))
        self._moved()

    def _narrow(self) -> None:
        on: dict[str, Callable[[Any], bool]] = {}
        states = {State(key) for key, chip in self.chips.items() if chip.isChecked() and key != PUT_RIGHT}
        if states:
            on["states"] = lambda row: row["state"] in states
        if self.chips[PUT_RIGHT].isChecked():
            on[PUT_RIGHT] = lambda row: bool(row["line"].put_right)
        self.records.narrow(on)
        self._counted()

    def _search(self, words: str) -> None:
        self.records.search(words)
        self._counted()

    def _counted(self) -> None:
        shown, total = self.records.rowCount(), self.records.total()
        self.count.setText(_("{n} of {total}").format(n=shown_number(shown), total=shown_number(total)))
        self.view.hold_cursor()
        self._moved()

    def current(self) -> Line | None:
        """The row under the cursor."""
        row = self.view.current()
        return row["line"] if row is not None else None

    def go_to_next(self, step: int) -> None:
        """F3: the next row that waits for a correction or a decision."""
        rows = [n for n in range(self.records.rowCount())
                if self.records.row_at(n)["state"] in (State.ERROR, State.DUPLICATE)]  # fmt: skip
        at = self.view.currentIndex().row()
        order = [n for n in rows if n > at] + rows if step > 0 else [n for n in rows[::-1] if n < at] + rows[::-1]
        if order:
            self.view.go_to(self.records.key_at(order[0]))

    def toggle_left_out(self) -> None:
        """Leave the chosen rows out, or take them in again."""
        numbers = frozenset(row["number"] for row in self.view.chosen())
        out = self.choice.left_out - numbers if numbers <= self.choice.left_out else self.choice.left_out | numbers
        self._choose(replace(self.choice, left_out=out))

    def toggle_other(self) -> None:
        """A likely duplicate is another person after all, or is not."""
        numbers = frozenset(row["number"] for row in self.view.chosen() if row["line"].twin is not None)
        others = self.choice.other_people
        self._choose(replace(self.choice, other_people=others - numbers if numbers <= others else others | numbers))

    def _decide(self) -> None:
        partial, leave = self.partial.isChecked(), self.right_only.isChecked()
        if (partial, leave) != (self.choice.partial, self.choice.leave_errors):
            self._choose(replace(self.choice, partial=partial, leave_errors=leave))

    def _choose(self, choice: Choice) -> None:
        """Only the rows that the choice is about are read anew, unless it is about all."""
        before, self.choice = self.choice, choice
        assert self.plan is not None
        if before.partial != choice.partial:
            self._read()
        else:
            lines, lang = self.plan.lines, active()
            self.records.change([_row(lines[self.plan.places[n]], choice, lang) for n in differing(before, choice)])
            if self._idle.isActive():  # the rows that were being prepared are no longer those
                self._prepare_anew()
            self._counted()
            self._tell()
        self.chosen.emit(choice)

    def _no_duplicate(self) -> str:
        line = self.current()
        return "" if line is not None and line.twin is not None else _("This row is no likely duplicate.")

    def _moved(self) -> None:
        line = self.current()
        self.leave_out.setEnabled(line is not None)
        self.leave_out.setText(_("Take this row in again") if line is not None and line.number in self.choice.left_out
                               else _("Leave this row out"))  # fmt: skip
        self.another.renew()
        facts = tuple(self._facts(line)) if line is not None else ()
        if facts != self._shown_facts:
            self._shown_facts = facts
            self.facts.show_facts(facts)

    def _facts(self, line: Line) -> Sequence[Facts]:
        assert self.plan is not None
        state, lang = line.state(self.choice), active()
        title = _("Row {n}: {state}").format(n=line.number, state=_(STATE_WORDS[state]))
        why = [(_("Why"), words) for words in filter(None, [_words(line, self.choice, lang, "\n")])]
        found = [Facts(title, tuple(why))]
        if line.changes:
            found.append(Facts(_("Changes"), tuple(
                (records.label_of(name), f"{self._shown(name, old) or '—'} → {self._shown(name, new)}")
                for name, old, new in line.changes
            )))  # fmt: skip
        if line.put_right:
            found.append(Facts(_("Put right"), tuple(
                (records.label_of(put.field), f"{put.before} → {self._shown(put.field, put.value) or '—'}")
                for put in line.put_right
            )))  # fmt: skip
        record = line.record or line.values
        found.append(Facts(line.name or _("Record"), tuple(
            (records.label_of(name), self._shown(name, record.get(name))) for name in records.LABELS if name in record
        )))  # fmt: skip
        cells = zip(self.plan.sheet.heads, line.cells, strict=False)
        found.append(Facts(_("In the file"), tuple((head or "—", cell) for head, cell in cells if cell)))
        return found

    def _shown(self, name: str, value: Any) -> str:
        return records.shown_field(self.names, name, value)


def _row(line: Line, choice: Choice, lang: str) -> dict[str, Any]:
    record = line.record or line.values
    return {"number": line.number, "state": line.state(choice), "name": line.name, "to_code": record.get("to_code"),
            "birth_date": record.get("birth_date"), "words": _words(line, choice, lang), "line": line}  # fmt: skip


def _words(line: Line, choice: Choice, lang: str, between: str = " ") -> str:
    """Why a row has its state, in words."""
    state = line.state(choice)
    if state in (State.ERROR, State.DUPLICATE):
        return row_words(line, choice, lang, between)
    if line.repeats:
        return _("Says the same as row {line}.").format(line=line.repeats)
    if state is State.CHANGED:
        return ", ".join(records.label_of(name) for name, _old, _new in line.changes)
    if state is State.NEW and line.missing:
        return _("Partly filled:") + between + between.join(problem_words(problem, lang) for problem in line.missing)
    return ""
