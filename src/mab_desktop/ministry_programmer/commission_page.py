"""The two commissions: the state commission as the base university handed it over, the appeal commission's members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop.domain.commission import ROLE_LABELS
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.services import appeals, commission
from mab_desktop.services.appeals import MemberLine
from mab_desktop.services.settings import lists
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_form import Lists
from mab_desktop.ui.record_table import Column, Rows, TableSource
from mab_desktop.ui.states import Mark

APPEAL_MEMBER = RecordSpec(
    "appeal-member",
    N_("Member of the appeal commission"),
    (
        Field("full_name", N_("Full name"), Kind.TEXT, required=True, max_length=120),
        Field("subject", N_("Subject"), Kind.CODE, max_length=8, choices="subject"),
        Field("language", N_("Language of teaching"), Kind.CODE, max_length=8, choices="study_language"),
        Field("university", N_("University"), Kind.CODE, max_length=3, choices="university"),
        Field("chair", N_("Chair of the appeal commission"), Kind.FLAG),
    ),
)


class StateCommissionPage(ListPage):
    """Who signs the protocols (p.6, p.38): the list comes from the base university and is only read here."""

    def table(self) -> TableSource:
        """Chair, secretary, members, observers."""
        columns = (
            Column("full_name", N_("Full name"), 28),
            Column("role", N_("Role in the commission"), 20, show=lambda role: _(ROLE_LABELS[role])),
            Column("post", N_("Post, department"), 20),
            Column("organisation", N_("Organisation"), 14),
            Column("phone", N_("Telephone"), 12, shown=False),
        )
        return Rows(columns, load=lambda: commission.members(self.app.ctx), key_of="id", mark_of=_votes)

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One member, and whether the commission is complete."""
        lines = ((_("Role in the commission"), _role_words(row)),
                 (_("Post, department"), str(row["post"] or "")), (_("Organisation"), str(row["organisation"] or "")),
                 (_("Telephone"), str(row["phone"] or "")))  # fmt: skip
        return (Facts(str(row["full_name"]), lines),)

    def refresh(self, changed: set[str] | None = None) -> None:
        """The list, and what it lacks."""
        super().refresh(changed)
        self.closed_reason = season.words(commission.problems(self.app.ctx)) if self.records.total() else ""

    def empty_words(self) -> tuple[str, str]:
        """Where it comes from."""
        return _("The state commission is not known here yet"), _("Load the hand-over of the base university (p.24).")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The state commission has at least seven voting members (p.6). All of them sign the "
            "identification protocol "
            "(p.38), and its chair opens the answer key together with the ministry programmer (p.39)."
        )


class AppealCommissionPage(EntryPage):
    """The listed members of the appeal commission (p.9): a point needs the majority of them."""

    record = APPEAL_MEMBER
    new_word = N_("New member")

    def table(self) -> TableSource:
        """The chair first."""
        columns = (
            Column("full_name", N_("Full name"), 28),
            Column("chair", N_("Chair"), 8, kind="flag"),
            Column("subject", N_("Subject"), 20, show=lambda code: self._name("subject", code)),
            Column("language", N_("Language of teaching"), 14, show=lambda code: self._name("study_language", code)),
            Column("university", N_("University"), 18, show=lambda code: self._name("university", code)),
        )
        return Rows(columns, load=lambda: appeals.members(self.app.ctx), key_of="id")

    def _name(self, of: str, code: str) -> str:
        line = self._lines()[of].get(code)
        return line.name(self.app.ctx.lang) if line else code

    def _lines(self) -> Mapping[str, Mapping[str, Any]]:
        if not hasattr(self, "_kept"):
            self._kept = lists(self.app.ctx, "subject", "study_language", "university")
        return self._kept

    def lists(self) -> Lists:
        """Subjects, languages, universities."""
        lang = self.app.ctx.lang
        return {of: [(code, line.name(lang)) for code, line in lines.items()] for of, lines in self._lines().items()}

    def store(self, values: Mapping[str, Any], row: MemberLine | None) -> None:
        """Enter or change a member."""
        appeals.save_member(self.app.ctx, {**values, "id": row.id if row else ""})

    def row_actions(self) -> Sequence[Action]:
        """Change, or take off the list."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2", self.shut),
            Action(N_("Take off the list"), self.remove, "delete", "", self.shut, dangerous=True),
        )

    def details(self, row: MemberLine) -> Sequence[Facts]:
        """One member."""
        lines = (
            (_("Chair"), _("Yes") if row.chair else _("No")), (_("Subject"), self._name("subject", row.subject)),
            (_("Language of teaching"), self._name("study_language", row.language)),
            (_("University"), self._name("university", row.university)),
        )  # fmt: skip
        return (Facts(row.full_name, lines),)

    def shut(self) -> str:
        """The programmer enters the list."""
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters the list; you see it.")
        return ""

    def remove(self) -> None:
        """Take somebody off the list who took part in no decision."""
        row = self.current()
        if row is None or not ask_to_confirm(
            self, _("Take {name} off the list?").format(name=row.full_name), _("The log keeps who it was."),
            _("Take off the list"),
        ):  # fmt: skip
            return
        try:
            appeals.remove_member(self.app.ctx, row.id)
        except UserError as error:
            self.app.failed(error)
            return
        self.refresh()

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("Nobody is on the list of the appeal commission"), _("Press Ctrl+N and enter the chair first.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Members of the appeal commission are teachers of the base and network universities in the subjects of the "
            "list; the ministry approves the chair. A decision needs the majority of the listed members, on a tie the "
            "chair decides (p.9)."
        )


def _votes(row: Mapping[str, Any]) -> Mark:
    return Mark.NONE if row["role"] != "observer" else Mark.BLOCKED


def _role_words(row: Mapping[str, Any]) -> str:
    words = ROLE_LABELS[str(row["role"])]
    return _(words)
