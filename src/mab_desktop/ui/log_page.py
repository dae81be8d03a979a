"""The log of the workplace, and what this program is: the same page in every application."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mab_desktop import __version__
from mab_desktop.domain.organisation import TRAINING
from mab_desktop.i18n import N_, _
from mab_desktop.services import audit_log, installation, log_view
from mab_desktop.services.log_view import LogRow
from mab_desktop.ui import installation_dialog
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_CHECKSUM = re.compile(r"\b[0-9a-f]{32,}\b", re.IGNORECASE)
_ENOUGH = 12  # of its characters tell one checksum from another; papers print as many


def _brief(words: str) -> str:
    """Whole checksums would fill the column and hide what stands behind them."""
    return _CHECKSUM.sub(lambda found: f"{found[0][:_ENOUGH]}…", words)


class LogPage(ListPage):
    """Who did what when, newest first; the program, its version and its legal ground beside it."""

    many_columns = True

    def table(self) -> TableSource:
        """The newest lines."""
        columns = (
            Column("n", N_("№"), 6, kind="number"),
            Column("at", N_("When"), 19, kind="code"),
            Column("person", N_("Person"), 12, kind="code"),  # a login: what happened is the first to have room
            Column("what", N_("What happened"), 28),
            Column("subject", N_("About"), 24, brief=_brief),
            Column("details", N_("Details"), 40, brief=_brief),
        )
        return Rows(
            columns, load=lambda: log_view.log_rows(self.app.ctx), key_of="n",
            mark_of=lambda line: Mark.LATE if line.refused else Mark.NONE,
        )  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """Refusals apart."""
        return (FilterChip("refused", N_("Refused"), lambda line: line.refused),)

    def page_actions(self) -> Sequence[Action]:
        """The chain can be checked at any time; an installed program shows who installed it."""
        check = Action(N_("Check the log"), self.check, "audit")
        if installation.release() is None:
            return (check,)
        return check, Action(installation_dialog.TITLE, self.show_installation, "certificate")

    def show_installation(self) -> None:
        """The installation record: all files are compared with their signed list first."""
        installation_dialog.show(self.app, self)

    def check(self) -> None:
        """Walk the whole chain."""
        self.app.tasks.run(_("Check the log"), lambda p: audit_log.require_whole(self.app.ctx, p), self._checked)

    def _checked(self, found: audit_log.LogVerdict) -> None:
        files = _("It agrees with {n} files sent from here.")
        self.app.inform(
            _("The log is whole: {n} lines.").format(n=shown_number(found.lines)),
            safe=files.format(n=shown_number(found.compared)) if found.compared else "",
            next_step=_("Its head is {head}.").format(head=found.head[: audit_log.PRINTED]),
        )

    def details(self, row: LogRow) -> Sequence[Facts]:
        """The line, and below it the program."""
        line = (
            (_("When"), row.at), (_("Person"), row.person), (_("What happened"), row.what),
            (_("About"), row.subject), (_("Details"), row.details.replace(", ", "\n")),
        )  # fmt: skip
        return (Facts(_("Line {n}").format(n=row.n), line), about(self.app.ctx))

    def help_words(self) -> str:
        """What the log is for."""
        return _(
            "Every act stands here for good: nothing in the log can be changed or deleted, and each line holds the "
            "fingerprint of the one before."
        )


def _build() -> Sequence[tuple[str, str]]:
    """Which build runs here, by the groups that stand on its installation record; nothing in a source tree."""
    listed = installation.release()
    if listed is None:
        return ()
    build = f"{listed.commit[:7]} · {listed.built[:10]}"
    return (_("Build"), build), (_("Groups of the program"), " ".join(listed.groups))


def about(ctx: Any) -> Facts:
    """What this program is and on what ground it works (p.1)."""
    mode = _("Official") if ctx.season.official else _(TRAINING)
    return Facts(
        _("About the program"),
        (
            (_("Program"), f"MAB {__version__}"),
            *_build(),
            (_("Season"), f"{ctx.season.year} · {mode}"),
            (_("Ground"), _("Law on Education of 27 July 2007 No 319-III; rules of comprehensive testing, order 561 of "
                            "20 November 2007; order 27 of 27 January 2011.")),
        ),
    )  # fmt: skip
