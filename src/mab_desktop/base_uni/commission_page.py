"""The state commission (p.6): members and observers, who approved them, who left and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.commission import LEAST_MEMBERS, MEMBER_RECORD, OBSERVER, ROLE_LABELS, ROLES, quorum
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import approvals, commission
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import Action, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel
from mab_desktop.ui.record_form import Lists
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

LEAVING = RecordSpec(
    "leaving",
    N_("Leaves the commission"),
    (Field("day", N_("Not a member from"), Kind.DATE, required=True),
     Field("reason", N_("Ground: the order and its number"), required=True, max_length=200)),
)  # fmt: skip
APPROVAL = RecordSpec(
    "approval",
    N_("Approval"),
    (Field("paper", N_("Paper that approves it, its number"), required=True, max_length=200),
     Field("day", N_("Day of the paper"), Kind.DATE, required=True)),
)  # fmt: skip


def approval_words(found: approvals.Approval | None) -> str:
    """How the approval stands, in a sentence."""
    if found is None:
        return _("No approval is noted yet.")
    words = _("Approved: {paper} of {day}.").format(paper=found.paper, day=shown_date(found.day))
    return words + " " + _("It was changed since.") if found.changed else words


class CommissionPage(EntryPage):
    """Members and observers; whether they are enough, what makes a quorum, the ministry's approval."""

    record = MEMBER_RECORD
    only = ("full_name", "role", "post", "organisation", "phone", "joined_on")
    new_word = N_("New member")

    def settle(self, spec: PageSpec) -> None:
        """How the whole stands, over the list."""
        super().settle(spec)
        self.summary = StateLabel(Mark.NONE)
        self.body.insertWidget(0, self.summary)

    def table(self) -> TableSource:
        """Chair, secretary, members, observers; last those who left."""
        columns = (
            Column("full_name", N_("Full name"), 24),
            Column("role", N_("Role in the commission"), 26, show=lambda role: _(ROLE_LABELS.get(role, role))),
            Column("post", N_("Post, department"), 16),
            Column("organisation", N_("Organisation"), 12, shown=False),
            Column("phone", N_("Telephone"), 14, kind="code", shown=False),
            Column("joined_on", N_("Member since"), 11, kind="date", shown=False),
            Column("left_on", N_("Left on"), 11, kind="date"),
        )
        return Rows(columns, load=lambda: commission.members(self.app.ctx, left=True), mark_of=_member_mark)

    def lists(self) -> Lists:
        """The four roles."""
        return {"commission_role": [(role, _(ROLE_LABELS[role])) for role in ROLES]}

    def chips(self) -> Sequence[FilterChip]:
        """Who votes, who looks on, who was here."""
        return (
            FilterChip("voting", N_("Voting"), lambda row: row["role"] != OBSERVER and row["left_on"] is None),
            FilterChip("observers", N_("Observers"), lambda row: row["role"] == OBSERVER and row["left_on"] is None),
            FilterChip("left", N_("Left"), lambda row: row["left_on"] is not None),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say above the list how the commission stands."""
        super().refresh(changed)
        ctx = self.app.ctx
        self.closed_reason = " ".join(problem.message(active()) for problem in commission.problems(ctx))
        approved = approvals.approval(ctx, approvals.MEMBERS)
        voting, least = self._voting(), LEAST_MEMBERS
        words = _("Voting members: {n}, at least {least}. Quorum: {quorum} (p.6).")
        numbers = words.format(n=voting, least=least, quorum=quorum(voting) if voting else "–")
        mark = Mark.LATE if voting < least else Mark.DONE if approved and not approved.changed else Mark.DUE
        self.summary.show_state(mark, f"{numbers} {approval_words(approved)}")

    def _voting(self) -> int:
        counted = Counter(member["role"] for member in commission.members(self.app.ctx))
        return counted.total() - counted[OBSERVER]

    def page_actions(self) -> Sequence[Action]:
        """The ministry's approval; new stands last."""
        return (Action(N_("Note the ministry's approval"), self.approve, "seal", obstacle=self._incomplete),
                *super().page_actions())  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """Change, let go, take off."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2", self._gone),
            Action(N_("Leaves the commission"), self.leave_commission, "forward", obstacle=self._gone),
            Action(N_("Take the leaving back"), self.stay, "undo", obstacle=self._not_gone),
            Action(N_("Take off the list"), self.remove, "delete", "Del", dangerous=True),
        )

    def _incomplete(self) -> str:
        return " ".join(problem.message(active()) for problem in commission.problems(self.app.ctx))

    def _gone(self) -> str:
        row = self.current()
        return _("This person has left the commission.") if row and row["left_on"] else ""

    def _not_gone(self) -> str:
        row = self.current()
        return "" if row and row["left_on"] else _("This person belongs to the commission.")

    def approve(self) -> None:
        """Note the paper by which the ministry approved the members as they stand."""
        ctx = self.app.ctx
        if why := self._incomplete():
            self.app.inform(why, kind="warning")
            return
        ask_record(
            self, _("Note the ministry's approval"),
            _("The ministry approves the members every year (p.6). A later change of the members asks for it again."),
            _("Note the approval"), APPROVAL,
            lambda values: approvals.note_approval(ctx, approvals.MEMBERS, values["paper"], values["day"]),
        )  # fmt: skip
        self.refresh()

    def activate(self, row: Any) -> None:
        """Who left stays as written."""
        if row["left_on"] is None:
            super().activate(row)
        else:
            self.app.inform(self._gone())

    def leave_commission(self) -> None:
        """Ask for the day and the ground; the sittings before keep the person."""
        row, ctx = self.current(), self.app.ctx
        if row is None or row["left_on"] or self.in_form():
            return
        done = ask_record(
            self, _("{name} leaves the commission").format(name=row["full_name"]),
            _("Minutes of sittings held before keep this person."), _("Note the leaving"), LEAVING,
            lambda values: commission.leave(ctx, row["id"], values["day"], values["reason"]),
            {"day": ctx.clock.now().date()},
        )  # fmt: skip
        if done:
            done_and_undoable(self, _("Noted: {name} has left the commission.").format(name=row["full_name"]),
                       lambda: commission.stay(ctx, row["id"]))  # fmt: skip

    def stay(self) -> None:
        """The leaving was entered by mistake."""
        row = self.current()
        if row is not None and row["left_on"]:
            with self.app.guarded():
                commission.stay(self.app.ctx, row["id"])
                self.refresh()

    def remove(self) -> None:
        """Take somebody entered by mistake off the list; undo brings him back."""
        row, ctx = self.current(), self.app.ctx
        if row is None or self.in_form():
            return
        with self.app.guarded():
            commission.remove_member(ctx, row["id"])
            kept = {name: row[name] for name in MEMBER_RECORD.names}
            done_and_undoable(self, _("Taken off the list: {name}.").format(name=row["full_name"]),
                       lambda: commission.save_member(ctx, kept))  # fmt: skip

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save the form."""
        commission.save_member(self.app.ctx, {**values, "id": row["id"] if row else None})

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """The member; the numbers of a sitting stand over the list."""
        person = [
            (_("Role in the commission"), _(ROLE_LABELS.get(row["role"], row["role"]))),
            (_("Post, department"), row["post"] or ""), (_("Organisation"), row["organisation"] or ""),
            (_("Telephone"), row["phone"] or ""),
            (_("Member since"), shown_date(row["joined_on"]) or _("the beginning of the season")),
        ]  # fmt: skip
        if row["left_on"]:
            person += [(_("Left on"), shown_date(row["left_on"])), (_("Ground"), row["left_reason"] or "")]
        return (Facts(row["full_name"], tuple(person)),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("Nobody is on the list."), _("Press Ctrl+N and enter the chair.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The state commission has at least seven voting members and is approved by the ministry every year; "
            "observers have no vote. A sitting counts when two thirds of all members are present; on a tie the chair "
            "decides (p.6). Who leaves is not deleted: note the day and the ground, the minutes keep him."
        )


def _member_mark(row: Mapping[str, Any]) -> Mark:
    return Mark.BLOCKED if row["left_on"] else Mark.INFO if row["role"] == OBSERVER else Mark.NONE
