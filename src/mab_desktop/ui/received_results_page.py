"""The page of results at a university (p.44): what the ministry programmer's files brought, by code."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_, _
from mab_desktop.services import received_results
from mab_desktop.services.received_results import ReceivedResult
from mab_desktop.services.settings import reference_names
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class ReceivedResultsPage(ListPage):
    """Points of the students known here; nothing is changed on this page."""

    many_columns = True
    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._subjects = reference_names(app.ctx, "subject")["subject"]

    def table(self) -> TableSource:
        """A line for each student, by name."""
        columns = (
            Column("name", N_("Student"), 26),
            Column("code", N_("Code"), 9, kind="code"),
            Column("university", N_("Uni"), 5, kind="code"),
            Column("specialty", N_("Specialty"), 8, kind="code"),
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("total_before", N_("Before"), 7, kind="number"),
            Column("added", N_("Added"), 8, kind="number", show=lambda added: str(added or "")),
            Column("total_after", N_("After"), 7, kind="number"),
        )
        return Rows(columns, load=lambda: received_results.results(self.app.ctx),
                    key_of=lambda row: (row.code, row.shift),
                    mark_of=lambda row: Mark.INFO if row.added else Mark.NONE)  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """Whose points an appeal changed."""
        return (FilterChip("changed", N_("Changed by the appeal"), lambda row: bool(row.added)),)

    def page_actions(self) -> Sequence[Action]:
        """Where they come from; at the base university also where they go on to."""
        come = Action(N_("Receive from a drive"), lambda: self.app.open_page("transfer"), "drive")
        if self.app.ctx.role is not Role.BASE_UNI:
            return (come,)
        return (come, Action(N_("Hand on to the universities"), self.hand_on, "forward", "", self._none, primary=True))

    def hand_on(self) -> None:
        """Go to the drive with the results chosen."""
        self.app.open_page("transfer", export="results")

    def _none(self) -> str:
        return "" if self.records.rowCount() else _("There are no results yet")

    def details(self, row: ReceivedResult) -> Sequence[Facts]:
        """A student's points by subject."""
        lines = []
        for code, before, after in zip(row.subjects, row.before, row.after, strict=True):
            words = str(before)
            if after != before:
                words += _(" + {n} by the appeal").format(n=after - before)
            lines.append((self._subjects.get(code, code), words))
        return (Facts(row.name, (*lines, (_("Total"), str(row.total_after)))),)

    def empty_words(self) -> tuple[str, str]:
        """Whose file brings them."""
        return _("There are no results yet"), _(
            "They come on a drive when a shift is closed: from the ministry programmer to the base university, from it "
            "to the network universities (p.44)."
        )

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Results of closed shifts, with the appeal. They come in a file that two people signed, by the code of the "
            "pass, and are taken whole: a later file of the same base university takes the place of an earlier one."
        )
