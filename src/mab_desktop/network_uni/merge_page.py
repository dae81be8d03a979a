"""Fields that two sides changed: the values side by side, decided with a reason, decisions taken back (p.21)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Refused
from mab_desktop.domain.merge import DELETED
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import conflicts, duplicates, students
from mab_desktop.services.conflicts import MINE, OTHER, THEIRS, OpenConflict
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question, ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts, Section, facts_block, label, scrolled, value_card
from mab_desktop.ui.record_fields import Choices, make_editor
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark

_STATES = {"open": Mark.DUE, "decided": Mark.DONE, "overtaken": Mark.INFO}
_OF_A_VALUE = (N_("Keep the value here"), N_("Take the operator's value"))
_OF_A_RECORD = (N_("Let the record stand"), N_("Delete the record"))


class MergePage(ListPage):
    """Open and decided conflicts; the way to load portions and to send corrections back."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)

    def table(self) -> Rows:
        """The questions, by the student's name."""
        columns = (
            Column("name", N_("Full name"), 26),
            Column("field", N_("Field"), 18, show=_field_words),
            Column("mine", N_("Here"), 16),
            Column("theirs", N_("From the operator"), 16),
            Column("theirs_by", N_("Operator"), 14, show=lambda login: records.person(self.names, login)),
            Column("reason", N_("Reason"), 20, shown=False),
        )
        return Rows(columns, self._load, "id", lambda row: _STATES[row["state"]])

    def _load(self) -> Sequence[dict[str, object]]:
        ctx = self.app.ctx
        found = [*conflicts.conflicts(ctx), *conflicts.conflicts(ctx, state="decided")]
        return [self._row(conflict) for conflict in found]

    def _row(self, found: OpenConflict) -> dict[str, object]:
        words = {side: self._words(found.field, getattr(found, side)) for side in ("base", "mine", "theirs")}
        if found.deletion is not None:  # deleted here, changed there
            words["mine"], words["theirs"] = words["theirs"], words["mine"]
        return {"id": found.id, "name": found.student.name, "field": found.field, "theirs_by": found.theirs_by,
                "state": found.state, "reason": found.reason or "", "conflict": found, **words}  # fmt: skip

    def _words(self, field: str, text: str | None) -> str:
        if field == DELETED:
            return _("Deleted") if text else _("Stands")
        return records.shown_text(self.names, field, text) or "—"

    def chips(self) -> Sequence[FilterChip]:
        """What waits, what is decided."""
        return (
            FilterChip("open", N_("Waiting"), lambda row: row["state"] == "open"),
            FilterChip("decided", N_("Decided"), lambda row: row["state"] == "decided"),
        )

    def page_actions(self) -> Sequence[Action]:
        """Drives."""
        return (
            Action(N_("Send corrections back"), self._send, "export"),
            Action(N_("Load operators' records"), lambda: self.app.open_page("transfer"), "accept", primary=True),
        )

    def _send(self) -> None:
        self.app.open_page("transfer", export="operator-corrections")

    def row_actions(self) -> Sequence[Action]:
        """The decision, of one question or of all chosen; the digits choose as well."""
        return (
            Action(N_("Keep the value here"), lambda: self.decide(MINE), "check", "1", obstacle=self._not_open),
            Action(N_("Take the operator's value"), lambda: self.decide(THEIRS), "merge", "2",
                   obstacle=self._not_open),
            Action(N_("Type what the paper says"), self.type_value, "edit", "3", obstacle=self._not_typed),
            Action(N_("Choose all of this student"), lambda: self.choose("student"), "students",
                   obstacle=self._not_open),
            Action(N_("Choose all of this operator"), lambda: self.choose("operator"), "person",
                   obstacle=self._not_open),
            Action(N_("Take the decision back"), self.undo, "undo", obstacle=self._not_decided),
        )  # fmt: skip

    # --- beside the list -------------------------------------------------------------------------------------------

    def details(self, row: dict[str, object]) -> QWidget:
        """The three values, large, one under the other."""
        found = row["conflict"]
        assert isinstance(found, OpenConflict)
        for number, button in enumerate(self.row_buttons):
            button.setVisible((number == len(self.row_buttons) - 1) == (found.state != "open"))
        verbs = _OF_A_RECORD if found.field == DELETED else _OF_A_VALUE
        for button, verb in zip(self.row_buttons, verbs, strict=False):
            button.setText(_(verb))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(6))
        column.addWidget(label(found.student.name, "section", wrap=True))
        column.addWidget(label(_field_words(found.field), "muted", wrap=True))
        if found.field == DELETED:
            column.addWidget(label(self._why_deleted(found), wrap=True))
        for card in self._cards(row, found):
            column.addWidget(card)
        column.addWidget(facts_block(Facts("", tuple(self._lines(found)))))
        column.addStretch(1)
        return scrolled(inside)

    def _cards(self, row: dict[str, object], found: OpenConflict) -> list[Section]:
        if found.field == DELETED:
            return self._record_cards(found)
        operator, here = records.person(self.names, found.theirs_by), found.here
        asked = self._who(here.by, here.at, here.text) if found.state == "open" else ""
        cards = [
            value_card(_("Before both changes"), str(row["base"]), "", chosen=False),
            value_card("1 · " + _("Here"), str(row["mine"]), asked, chosen=found.choice == MINE,
                       beside=str(row["theirs"])),
            value_card("2 · " + _("From the operator {login}").format(login=operator), str(row["theirs"]), "",
                       chosen=found.choice == THEIRS, beside=str(row["mine"])),
        ]  # fmt: skip
        if found.choice == OTHER:
            value = records.shown_field(self.names, found.field, getattr(found.student, found.field))
            cards.append(value_card("3 · " + _("As the paper says"), value or "—", "", chosen=True))
        return cards

    def _record_cards(self, found: OpenConflict) -> list[Section]:
        """It stands and somebody changed it; it is deleted, by whom and why."""
        deletion = found.deletion
        gone = (self._who(deletion.by, deletion.at, deletion.text) if deletion
                else records.person(self.names, found.theirs_by))  # fmt: skip
        change = next((c for c in students.history(self.app.ctx, found.student.id) if c.field != DELETED), None)
        kept = ""
        if change is not None:
            before, after = (records.shown_text(self.names, change.field, text) or "—"
                             for text in (change.old, change.new))  # fmt: skip
            who = self._who(change.by, change.at, change.ground)
            kept = f"{records.label_of(change.field)}: {before} → {after}\n{who}"
        return [
            value_card("1 · " + _("The record stands"), found.student.name, kept, chosen=found.choice == MINE),
            value_card("2 · " + _("The record is deleted"), _("Deleted"), gone, chosen=found.choice == THEIRS),
        ]

    def _who(self, login: str | None, at: str | None, ground: str) -> str:
        return ", ".join(part for part in (records.by(self.names, login, at), ground) if part)

    def _why_deleted(self, found: OpenConflict) -> str:
        words = _("One side deleted this record, the other changed it without knowing. Until you decide, it stands.")
        kept = duplicates.kept_instead(self.app.ctx, found.student.id)
        if kept is not None:
            words += " " + _("It was found to be the same person as {name}, {code}.").format(
                name=kept.name, code=kept.to_code or "—"
            )
        return words

    def _lines(self, found: OpenConflict) -> list[tuple[str, str]]:
        lines = [(_("Found"), records.shown_stamp(found.found_at))]
        if found.state == "decided":
            lines += [(_("Decided by"), self._who(found.decided_by, found.decided_at, "")),
                      (_("Reason"), found.reason or "")]  # fmt: skip
        return lines

    def empty_words(self) -> tuple[str, str]:
        """Nothing waits."""
        return (
            _("Nothing waits for a decision"),
            _("Load the operators' records from a drive; what was changed on both sides is listed here."),
        )

    # --- deciding --------------------------------------------------------------------------------------------------

    def _conflict(self) -> OpenConflict | None:
        row = self.current()
        return row["conflict"] if row is not None else None

    def _not_open(self) -> str:
        rows = self.chosen()
        if len(rows) > 1 and any(row["field"] == DELETED for row in rows):
            return _("Whether a record is deleted is decided one at a time.")
        found = self._conflict()
        return "" if found is None or found.state == "open" else _("This question is decided already.")

    def _not_typed(self) -> str:
        found = self._conflict()
        if found is not None and found.field == DELETED:
            return _("A record stands or is deleted; there is no third way.")
        if len(self.chosen()) > 1:
            return _("A value is typed for one question at a time.")
        return self._not_open()

    def _not_decided(self) -> str:
        found = self._conflict()
        return "" if found is None or found.state == "decided" else _("This question is not decided yet.")

    def choose(self, whose: str) -> None:
        """Choose every open question of the student, or of the operator, under the cursor."""
        here = self._conflict()
        if here is None:
            return
        chosen, last = QItemSelection(), len(self.records.columns) - 1
        for number, row in enumerate(self.shown_rows()):
            found = row["conflict"]
            same = found.student.id == here.student.id if whose == "student" else found.theirs_by == here.theirs_by
            if same and found.state == "open" and found.field != DELETED:
                chosen.select(self.records.index(number, 0), self.records.index(number, last))
        self.view.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.view.setFocus()
        self.app.inform(_("Chosen: {n}").format(n=shown_number(len(self.chosen()))),
                        next_step=_("1 keeps the values here, 2 takes the operator's, for one reason."))  # fmt: skip

    def _chosen_in(self, state: str) -> list[OpenConflict]:
        """The chosen questions in a state; where only one is chosen, the one under the cursor."""
        rows = self.chosen()
        found = [row["conflict"] for row in rows] if len(rows) > 1 else [self._conflict()]
        return [conflict for conflict in found if conflict is not None and conflict.state == state]

    def decide(self, choice: str) -> None:
        """Ask for the reason and decide what is chosen; the cursor goes on to the next question."""
        found = self._chosen_in("open")
        if not found:
            return
        if len(found) == 1:
            title, value = found[0].student.name, self._words(found[0].field, getattr(found[0], choice))
            words = _("{field}: {value}. By which document or statement?").format(
                field=_field_words(found[0].field), value=value
            )
        else:
            title = _("{n} questions").format(n=shown_number(len(found)))
            words = _("The values here stay.") if choice == MINE else _("The operator's values are taken.")
            words += " " + _("By which document or statement?")
        if reason := ask_for_reason(self, title, words, _("Decide")):
            self._go_on(lambda: conflicts.decide_conflicts(self.app.ctx, [one.id for one in found], choice, reason))

    def type_value(self) -> None:
        """3: neither is right; the value is typed as the paper shows it."""
        found = self._conflict()
        if found is None or self._not_typed():
            return
        choices = dict(records.choices(self.app.ctx)) | {"base_university": records.bases_here(self.app.ctx)}
        spec = conflicts.field_of(found.field)
        asked = ValueQuestion(self, found, choices.get(spec.choices or spec.name), lambda value, reason: (
            self._go_on(lambda: conflicts.decide_conflict(self.app.ctx, found.id, OTHER, reason, value), shy=True)
        ))  # fmt: skip
        asked.exec()

    def _go_on(self, act: Callable[[], None], *, shy: bool = False) -> None:
        """Do it and go on to the next question that waits; with `shy` a refusal is the caller's to show."""
        waits = [row["id"] for row in self.shown_rows() if row["state"] == "open"]
        done = {one.id for one in self._chosen_in("open")}
        here = self.current()
        at = waits.index(here["id"]) if here is not None and here["id"] in waits else 0
        following = next((one for one in [*waits[at:], *waits[:at]] if one not in done), None)
        if shy:
            act()
        else:
            with self.app.guarded():
                act()
        if following is not None:
            self.view.clearSelection()
            self.go_to(following)

    def undo(self) -> None:
        """Ctrl+Z: take the chosen decisions back, with a reason."""
        found = self._chosen_in("decided")
        if not found:
            return
        words = _("The value from before stands again and the question is open. Why?")
        title = found[0].student.name if len(found) == 1 else _("{n} questions").format(n=shown_number(len(found)))
        if reason := ask_for_reason(self, title, words, _("Take back")):
            with self.app.guarded():
                conflicts.reopen_conflicts(self.app.ctx, [one.id for one in found], reason)

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: the record itself, with all its fields."""
        self.app.open_page("students", key=row["conflict"].student.id)

    def waits(self, row: dict[str, Any]) -> bool:
        """A question that is not decided."""
        return bool(row["state"] == "open")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Operators type on their own PCs and bring their records on a drive. A field changed on one side is taken "
            "over; a field changed on both sides waits here until you decide it with a reason. Nothing is lost."
        ) + "\n" + _("F3 next question, 1 keep, 2 take, 3 type another value, Ctrl+Z take a decision back.")


class ValueQuestion(Question):
    """A value typed as the paper shows it, and the reason; what is wrong with it is said beside it."""

    def __init__(
        self,
        parent: QWidget,
        found: OpenConflict,
        choices: Choices | None,
        decide: Callable[[Any, str], None],
    ) -> None:
        words = _("Neither value is right. Type what the document says, and which document it is.")
        super().__init__(parent, found.student.name, words, _("Decide"))
        self._decide = decide
        self.editor = make_editor(conflicts.field_of(found.field), choices)
        self.wrong = label("", "fieldError", wrap=True)
        self.wrong.hide()
        self.reason = theme.named(QPlainTextEdit(tabChangesFocus=True), "words")
        self.reason.setFixedHeight(theme.px(72))
        named = label(records.label_of(found.field))
        named.setBuddy(self.editor)
        why = label(_("Reason"))
        why.setBuddy(self.reason)
        for part in (named, self.editor, self.wrong, why, self.reason):
            self.fields.addWidget(part)
        self.act_button.setEnabled(False)
        self.reason.textChanged.connect(self._renew)
        self.editor.setFocus()

    def _renew(self) -> None:
        self.act_button.setEnabled(bool(self.reason.toPlainText().strip()))

    def accept(self) -> None:
        """Decide; a refused value stays in the question."""
        self.editor.settle()
        try:
            self._decide(self.editor.value(), self.reason.toPlainText())
        except Refused as refused:
            self.wrong.setText("\n".join(records.problem_words(refused.problems)))
            self.wrong.show()
            self.fit()
            self.editor.setFocus()
        else:
            super().accept()


def _field_words(field: str) -> str:
    return _("Whether the record stands") if field == DELETED else records.label_of(field)
