"""The state commission's plan of work (p.6): what is to be done until when, by whom, and when it was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.base_uni.commission_page import APPROVAL, approval_words
from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.commission import PLAN_ITEM
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _
from mab_desktop.services import approvals, plan_of_work
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import Action, ActionButton, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import WORDS, Mark

DONE = RecordSpec("plan-done", N_("Done on"), (Field("day", N_("Done on"), Kind.DATE, required=True),))
_DAYS_AHEAD = 7


class PlanPage(EntryPage):
    """The lines by last day; F3 goes to the next that is not done."""

    record = PLAN_ITEM
    new_word = N_("New line")

    def settle(self, spec: PageSpec) -> None:
        """The approval over the list, the usual lines where there is none."""
        super().settle(spec)
        self.summary = StateLabel(Mark.NONE)
        self.body.insertWidget(0, self.summary)
        usual = ActionButton(Action(N_("Begin with the usual lines"), self.propose, "list", primary=True))
        self.empty.add_button(usual)

    def table(self) -> TableSource:
        """By last day."""
        columns = (
            Column("due", N_("Due day"), 11, kind="date"),
            Column("text", N_("What is to be done"), 48),
            Column("responsible", N_("Who is responsible"), 14),
            Column("done_on", N_("Done on"), 11, kind="date"),
        )
        return Rows(columns, load=lambda: plan_of_work.lines(self.app.ctx), mark_of=self._mark)

    def _mark(self, row: Mapping[str, Any]) -> Mark:
        if row["done_on"]:
            return Mark.DONE
        left = (row["due"] - self.app.ctx.clock.now().date()).days
        return Mark.LATE if left < 0 else Mark.DUE if left <= _DAYS_AHEAD else Mark.NONE

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("open", N_("Not done"), lambda row: not row["done_on"]),
            FilterChip("late", N_("Late"), lambda row: self._mark(row) is Mark.LATE),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say above the list whether the chair approved it."""
        super().refresh(changed)
        rows = plan_of_work.lines(self.app.ctx)
        approved = approvals.approval(self.app.ctx, approvals.PLAN)
        late = sum(self._mark(row) is Mark.LATE for row in rows)
        words = _("Done: {done} of {total}. Late: {late}.")
        counted = words.format(done=sum(bool(row["done_on"]) for row in rows), total=len(rows), late=late)
        mark = Mark.LATE if late else Mark.DONE if approved and not approved.changed else Mark.DUE
        self.summary.show_state(mark, f"{counted} {approval_words(approved)}")
        self.summary.setVisible(bool(rows))

    def page_actions(self) -> Sequence[Action]:
        """The usual lines, the chair's approval; new stands last."""
        return (
            Action(N_("Add the usual lines"), self.propose, "list"),
            Action(N_("Note the chair's approval"), self.approve, "seal", obstacle=self._nothing),
            *super().page_actions(),
        )

    def row_actions(self) -> Sequence[Action]:
        """Done, change, strike out."""
        return (
            Action(N_("Done"), self.finish, "check", "Ctrl+D", obstacle=self._done),
            Action(N_("Take back that it is done"), self.reopen, "undo", obstacle=self._not_done),
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Strike out"), self.remove, "delete", "Del", obstacle=self._done, dangerous=True),
        )

    def _nothing(self) -> str:
        return "" if self.records.total() else _("The plan has no line yet.")

    def _done(self) -> str:
        row = self.current()
        return _("What is done stays in the plan of work.") if row and row["done_on"] else ""

    def _not_done(self) -> str:
        row = self.current()
        return "" if row and row["done_on"] else _("This line of the plan is not done yet.")

    def propose(self) -> None:
        """Put in what most plans have; undo takes it away again."""
        ctx = self.app.ctx
        with self.app.guarded():
            made = plan_of_work.propose(ctx)
            if not made:
                self.app.inform(_("The usual lines stand in the plan already."))
                return
            done_and_undoable(self, _("Lines added to the plan: {n}.").format(n=len(made)),
                       lambda: plan_of_work.remove_lines(ctx, made))  # fmt: skip
            self.view.setFocus()

    def approve(self) -> None:
        """Note the paper by which the chair approved the plan as it stands."""
        ctx = self.app.ctx
        ask_record(
            self, _("Note the chair's approval"), _("The commission works by a plan approved by its chair (p.6)."),
            _("Note the approval"), APPROVAL,
            lambda values: approvals.note_approval(ctx, approvals.PLAN, values["paper"], values["day"]),
        )  # fmt: skip
        self.refresh()

    def finish(self) -> None:
        """Ask on which day it was done; today is there already."""
        row, ctx = self.current(), self.app.ctx
        if row is None or row["done_on"] or self.in_form():
            return
        done = ask_record(
            self, _("Note that it is done"), row["text"], _("Note that it is done"), DONE,
            lambda values: plan_of_work.finish(ctx, row["id"], values["day"]), {"day": ctx.clock.now().date()},
        )  # fmt: skip
        if done:
            done_and_undoable(self, _("Noted as done."), lambda: plan_of_work.reopen(ctx, row["id"]))

    def reopen(self) -> None:
        """It was noted by mistake."""
        row = self.current()
        if row is not None and row["done_on"]:
            with self.app.guarded():
                plan_of_work.reopen(self.app.ctx, row["id"])
                self.refresh()

    def remove(self) -> None:
        """Strike the chosen lines out; undo brings them back."""
        ctx, keys = self.app.ctx, [row["id"] for row in self.chosen()]
        if self.in_form():
            return
        with self.app.guarded():
            gone = plan_of_work.remove_lines(ctx, keys)
            words = _("Lines struck out: {n}.").format(n=len(gone))
            done_and_undoable(self, words, lambda: plan_of_work.put_back(ctx, gone))

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save the form."""
        plan_of_work.save_line(self.app.ctx, {**values, "id": row["id"] if row else None})

    def waits(self, row: Mapping[str, Any]) -> bool:
        """A line that is not done."""
        return row["done_on"] is None

    def print_out(self) -> None:
        """Ctrl+P: the plan on paper."""
        self.app.open_page("papers", paper="commission-plan")

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One line."""
        lines = (
            (_("State"), _(WORDS[self._mark(row)]) or _("Not yet")), (_("Due day"), shown_date(row["due"])),
            (_("Who is responsible"), row["responsible"] or ""), (_("Done on"), shown_date(row["done_on"])),
        )  # fmt: skip
        return (Facts(row["text"], lines),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("The plan has no line yet."), _(
            "Begin with the usual lines, which have the days of the regulation, or press Ctrl+N and write your own."
        )

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The commission works by a plan that its secretary makes and its chair approves (p.6). Ctrl+D notes that a "
            "line is done, F3 goes to the next one that is not, Del strikes out, Ctrl+Z takes back, Ctrl+P prints."
        )
