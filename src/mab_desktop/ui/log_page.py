"""The log of the workplace, and what this program is: the same page in every application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mab_desktop import __version__
from mab_desktop.i18n import N_, _
from mab_desktop.services import audit_log
from mab_desktop.services.audit_log import LogLine
from mab_desktop.ui.formats import shown_moment, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource

# Comings and goings and everyday saving; what is left are the acts that papers and carriers stand on.
_HAND_OVERS = ("carrier-", "document-", "trust-")


class LogPage(ListPage):
    """Who did what when, newest first; the program, its version and its legal ground beside it."""

    def table(self) -> TableSource:
        """The newest lines."""
        columns = (
            Column("n", N_("No"), 6, kind="number"),
            Column("at", N_("When"), 16, kind="date", show=shown_moment),
            Column("person", N_("Person"), 12),
            Column("event", N_("Event"), 24, kind="code"),
            Column("subject", N_("About"), 30),
            Column("disposition", N_("Outcome"), 10, kind="code", shown=False),
            Column("device", N_("Computer"), 14, kind="code", shown=False),
        )
        return Rows(columns, load=lambda: audit_log.log_lines(self.app.ctx), key_of="n")

    def chips(self) -> Sequence[FilterChip]:
        """Hand-overs and refusals apart."""
        return (
            FilterChip("handovers", N_("Files and papers"), lambda line: line.event.startswith(_HAND_OVERS)),
            FilterChip("refused", N_("Refused"), lambda line: line.disposition == "refused"),
        )

    def page_actions(self) -> Sequence[Action]:
        """The chain can be checked at any time."""
        return (Action(N_("Check the log"), self.check, "audit"),)

    def check(self) -> None:
        """Walk the whole chain."""
        self.app.tasks.run(_("Check the log"), lambda _p: audit_log.check_log(self.app.ctx), self._checked)

    def _checked(self, found: tuple[int, str]) -> None:
        lines, head = found
        self.app.inform(
            _("The log is whole: {n} lines.").format(n=shown_number(lines)),
            next_step=_("Its head is {head}.").format(head=head[:12]),
        )

    def details(self, row: LogLine) -> Sequence[Facts]:
        """The line, and below it the program."""
        line = (
            (_("When"), shown_moment(row.at)), (_("Person"), row.person), (_("Computer"), row.device),
            (_("Event"), row.event), (_("About"), row.subject), (_("Details"), row.details),
            (_("Chain"), row.hash[:12]),
        )  # fmt: skip
        return (Facts(_("Line {n}").format(n=row.n), line), about(self.app.ctx))

    def help_words(self) -> str:
        """What the log is for."""
        return _("Every act stands here for good: nothing in the log can be changed or deleted, and each line holds the "
                 "fingerprint of the one before.")  # fmt: skip


def about(ctx: Any) -> Facts:
    """What this program is and on what ground it works (p.1)."""
    mode = _("Official") if ctx.season.official else _("Rehearsal")
    return Facts(
        _("About the program"),
        (
            (_("Program"), f"MAB {__version__}"),
            (_("Season"), f"{ctx.season.year} · {mode}"),
            (_("Ground"), _("Law on Education of 27 July 2007 No 319-III; rules of comprehensive testing, order 561 of "
                            "20 November 2007; order 27 of 27 January 2011.")),
        ),
    )  # fmt: skip
