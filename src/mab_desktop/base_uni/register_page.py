"""The hand-over register of the network program (p.19, p.20): to whom, when, which version, signed for or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop import __version__
from mab_desktop.base_uni.reference_words import moment_words
from mab_desktop.domain.network_register import ITEM_LABELS, PROGRAM, PROGRAM_RECORD
from mab_desktop.i18n import N_, _
from mab_desktop.services import network_register
from mab_desktop.services.network_register import RegisterLine
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_form import Lists
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class RegisterPage(EntryPage):
    """Lines are written and withdrawn, never changed; the signed papers of universities stand among them."""

    record = PROGRAM_RECORD
    new_word = N_("Program given…")

    def table(self) -> TableSource:
        """In the order in which it was written."""
        columns = (
            Column("day", N_("Date"), 11, kind="date"),
            Column("university", N_("Univ."), 6, kind="code"),
            Column("name", N_("University"), 16),
            Column("item", N_("What"), 18, show=lambda item: _(ITEM_LABELS[item])),
            Column("person", N_("Who"), 22),
            Column("version", N_("Version"), 8, kind="code"),
            Column("phone", N_("Telephone"), 12, kind="code", shown=False),
            Column("signed", N_("Signed"), 6, kind="flag"),
            Column("withdrawn", N_("Withdrawn"), 14, shown=False),
        )
        return Rows(columns, load=lambda: network_register.lines(self.app.ctx), mark_of=_mark)

    def lists(self) -> Lists:
        """The attached universities."""
        return {"university": network_register.networks(self.app.ctx)}

    def chips(self) -> Sequence[FilterChip]:
        """What is looked for."""
        return (
            FilterChip("program", N_("Program"), lambda row: row.item == PROGRAM),
            FilterChip("papers", N_("Signed papers"), lambda row: row.item != PROGRAM),
            FilterChip("unsigned", N_("Not signed"), lambda row: not row.signed and not row.withdrawn),
            FilterChip("standing", N_("In force"), lambda row: not row.withdrawn),
        )

    def row_actions(self) -> Sequence[Action]:
        """The act, and taking a line out."""
        return (
            Action(N_("Act of hand-over"), self.print_act, "sign", obstacle=self._no_act),
            Action(N_("Give the next version…"), self.next_version, "copy", obstacle=self._no_act),
            Action(N_("Withdraw the line…"), self.withdraw, "delete", obstacle=self._gone, dangerous=True),
        )

    def _no_act(self) -> str:
        row = self.current()
        return "" if row and row.item == PROGRAM and not row.withdrawn else _("Only for a line with the program.")

    def _gone(self) -> str:
        row = self.current()
        return _("This line is withdrawn already.") if row and row.withdrawn else ""

    def print_out(self) -> None:
        """Ctrl+P: the register."""
        self.app.open_page("papers", paper="program-register")

    def print_act(self) -> None:
        """The act with both sides."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="program-act", option=row.university)

    def new(self) -> None:
        """Ctrl+N: today, with the version of this program."""
        self._begin({})

    def next_version(self) -> None:
        """A new line with the person of the one under the cursor."""
        if (row := self.current()) is not None:
            self._begin({name: getattr(row, name) for name in ("university", "person", "post", "phone", "carrier")})

    def _begin(self, values: Mapping[str, Any]) -> None:
        if self.may_leave():
            today = self.app.ctx.clock.now().date()
            self.open_form(None, {"day": today, "version": __version__, **values})

    def activate(self, _row: RegisterLine) -> None:
        """Enter: nothing is changed here."""

    def edit(self) -> None:
        """F2: a line is withdrawn and written anew."""
        self.app.inform(_("A line of the register is not changed: withdraw it and write it anew."))

    def store(self, values: Mapping[str, Any], _row: Any | None) -> None:
        """Write the line."""
        network_register.give_program(self.app.ctx, values)

    def withdraw(self) -> None:
        """Take the line under the cursor out of the count, with a reason."""
        row = self.current()
        if row is None:
            return
        reason = ask_for_reason(
            self, _("Withdraw the line?"), _("It stays in the register with your reason and counts no longer."),
            _("Withdraw the line"),
        )  # fmt: skip
        if reason:
            with self.app.guarded():
                network_register.withdraw(self.app.ctx, row.id, reason)
                self.refresh()

    def opened(self, **where: Any) -> None:
        """`new` names a university to begin with."""
        code = where.pop("new", None)
        super().opened(**where)
        if isinstance(code, str):
            last = network_register.lines(self.app.ctx, code, PROGRAM, withdrawn=False)[-1:]
            known = {name: getattr(last[0], name) for name in ("person", "post", "phone")} if last else {}
            self._begin({"university": code, **known})

    def details(self, row: RegisterLine) -> Sequence[Facts]:
        """One line."""
        lines = [
            (_("Date"), shown_date(row.day)), (_("Who"), row.person), (_("Post"), row.post),
            (_("Telephone"), row.phone), (_("Version"), row.version), (_("Carrier"), row.carrier),
            (_("Signed"), _("Yes") if row.signed else _("No")), (_("Remark"), row.note),
            (_("Written"), f"{moment_words(row.at)}, {row.by}"),
        ]  # fmt: skip
        if row.item != PROGRAM:
            lines += [(_("Students"), shown_number(row.count)), (_("Control sum"), row.control_sum),
                      (_("Seal"), _("Yes") if row.sealed else _("No"))]  # fmt: skip
        if row.withdrawn:
            lines.append((_("Withdrawn"), row.withdrawn))
        shown = tuple((name, value) for name, value in lines if value)
        return (Facts(f"{_(ITEM_LABELS[row.item])}: {row.university} {row.name}", shown),)

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("Nothing was given yet."), _("Press Ctrl+N when a university gets its program.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university gets the network program from the testing centre and gives it to each of its network "
            "universities, who sign for it (p.19, p.20)."
        )


def _mark(row: RegisterLine) -> Mark:
    if row.withdrawn:
        return Mark.BLOCKED
    return Mark.DONE if row.signed else Mark.DUE
