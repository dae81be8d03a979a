"""Fields that two sides changed: the values side by side, decided with a reason, decisions taken back (p.21)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import merge
from mab_desktop.services.merge import MINE, THEIRS, OpenConflict
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts, Section, facts_block, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark

_STATES = {"open": Mark.DUE, "decided": Mark.DONE, "overtaken": Mark.INFO}


class MergePage(ListPage):
    """Open and decided conflicts; the way to load portions and to send corrections back."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)

    def table(self) -> Rows:
        """The questions, by the student's name."""
        columns = (
            Column("name", N_("Full name"), 26),
            Column("field", N_("Field"), 18, show=records.label_of),
            Column("mine", N_("Here"), 16),
            Column("theirs", N_("From the operator"), 16),
            Column("theirs_by", N_("Operator"), 10),
        )
        return Rows(columns, self._load, "id", lambda row: _STATES[row["state"]])

    def _load(self) -> Sequence[dict[str, object]]:
        ctx = self.app.ctx
        found = [*merge.conflicts(ctx), *merge.conflicts(ctx, state="decided")]
        return [self._row(conflict) for conflict in found]

    def _row(self, found: OpenConflict) -> dict[str, object]:
        words = {side: records.shown_text(self.names, found.field, getattr(found, side)) or "—"
                 for side in ("base", "mine", "theirs")}  # fmt: skip
        return {"id": found.id, "name": found.student.name, "field": found.field, "theirs_by": found.theirs_by,
                "state": found.state, "conflict": found, **words}  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits, what is decided."""
        return (
            FilterChip("open", N_("Waiting"), lambda row: row["state"] == "open"),
            FilterChip("decided", N_("Decided"), lambda row: row["state"] == "decided"),
        )

    def page_actions(self) -> Sequence[Action]:
        """Drives, and the duplicates."""
        return (
            Action(N_("Send corrections back"), self._send, "export"),
            Action(N_("Load operators' records"), lambda: self.app.open_page("transfer"), "accept", primary=True),
        )

    def _send(self) -> None:
        self.app.open_page("transfer", export="operator-corrections")

    def row_actions(self) -> Sequence[Action]:
        """The decision."""
        return (
            Action(N_("Keep the value here"), lambda: self.decide(MINE), "accept", obstacle=self._not_open),
            Action(N_("Take the operator's value"), lambda: self.decide(THEIRS), "merge", obstacle=self._not_open),
            Action(N_("Take the decision back"), self.undo, "undo", obstacle=self._not_decided),
        )

    def details(self, row: dict[str, object]) -> QWidget:
        """The three values, large, one under the other."""
        found = row["conflict"]
        assert isinstance(found, OpenConflict)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(label(found.student.name, "section", wrap=True))
        column.addWidget(label(records.label_of(found.field), "muted", wrap=True))
        for title, key, chosen in (
            (_("Before both changes"), "base", False),
            (_("Here"), "mine", found.choice == MINE),
            (_("From the operator {login}").format(login=found.theirs_by), "theirs", found.choice == THEIRS),
        ):
            card = Section(name="nextStep" if chosen else "card")
            card.body.addWidget(label(title, "muted", wrap=True))
            card.body.addWidget(label(str(row[key]), "section", wrap=True, selectable=True))
            column.addWidget(card)
        lines = [(_("Found"), records.shown_stamp(found.found_at))]
        if found.state == "decided":
            lines += [(_("Decided by"), found.decided_by or ""), (_("Reason"), found.reason or "")]
        column.addWidget(facts_block(Facts("", tuple(lines))))
        column.addStretch(1)
        return made

    def empty_words(self) -> tuple[str, str]:
        """Nothing waits."""
        return (
            _("Nothing waits for a decision"),
            _("Load the operators' records from a drive; what was changed on both sides is listed here."),
        )

    def _conflict(self) -> OpenConflict | None:
        row = self.current()
        return row["conflict"] if row is not None else None

    def _not_open(self) -> str:
        found = self._conflict()
        return "" if found is None or found.state == "open" else _("This question is decided already.")

    def _not_decided(self) -> str:
        found = self._conflict()
        return "" if found is None or found.state == "decided" else _("This question is not decided yet.")

    def decide(self, choice: str) -> None:
        """Ask for the reason and decide; the cursor goes on to the next question."""
        row, found = self.current(), self._conflict()
        if row is None or found is None:
            return
        value = row[choice]
        words = _("{field}: {value}. By which document or statement?").format(
            field=records.label_of(found.field), value=value
        )
        if reason := ask_for_reason(self, found.student.name, words, _("Decide")):
            with self.app.guarded():
                merge.decide_conflict(self.app.ctx, found.id, choice, reason)

    def undo(self) -> None:
        """Ctrl+Z: take the decision under the cursor back, with a reason."""
        found = self._conflict()
        if found is None or found.state != "decided":
            return
        words = _("The value from before stands again and the question is open. Why?")
        if reason := ask_for_reason(self, found.student.name, words, _("Take back")):
            with self.app.guarded():
                merge.reopen_conflict(self.app.ctx, found.id, reason)

    def next_open(self) -> None:
        """F3: the next question that waits."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        rows = self.shown_rows()
        if not rows:
            return
        here, now = 0, self.current()
        if now is not None:
            here = next(n for n, row in enumerate(rows) if row["id"] == now["id"])
        for step in range(1, len(rows) + 1):
            row = rows[(here + by * step) % len(rows)]
            if row["state"] == "open":
                self.go_to(row["id"])
                return

    def help_words(self) -> str:
        """F1."""
        return _(
            "Operators type on their own PCs and bring their records on a drive. A field changed on one side is taken "
            "over; a field changed on both sides waits here until you decide it with a reason. Nothing is lost."
        )
