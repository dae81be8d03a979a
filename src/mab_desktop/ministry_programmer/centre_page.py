"""What goes to the testing centre (p.8, p.37, p.44): daily statistics, final data, results on the flash drive."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.shift_page import ShiftListPage
from mab_desktop.services import daily, transfer_view
from mab_desktop.services.daily import DailyRow
from mab_desktop.services.settings import lists
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, Rows, TableSource

_COUNTED = {ShiftState.IDENTIFIED, *KEY_KNOWN}


class CentrePage(ShiftListPage):
    """The day's statistics by direction and language; every file for the centre leaves from here."""

    wanted = (ShiftState.RESULTS, ShiftState.KEY_OPEN, ShiftState.IDENTIFIED)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._offers: dict[str, str] | None = None  # kind -> why it cannot be written; asked once for each look
        names = lists(app.ctx, "direction", "study_language")
        self._directions = {code: line.name(app.ctx.lang) for code, line in names["direction"].items()}
        self._languages = {code: line.name(app.ctx.lang) for code, line in names["study_language"].items()}

    def table(self) -> TableSource:
        """A line for each direction and language of the test."""
        columns = (
            Column("direction", N_("Direction"), 22, show=lambda code: self._name(self._directions, code)),
            Column("language", N_("Test language"), 16, show=lambda code: self._name(self._languages, code)),
            Column("planned", N_("Expected"), 6, kind="number"),
            Column("present", N_("Present"), 6, kind="number"),
            Column("absent", N_("Absent"), 6, kind="number"),
            Column("removed", N_("Removed"), 6, kind="number"),
            Column("sheets", N_("Sheets"), 6, kind="number", shown=False),
            Column("visual", N_("By eye"), 6, kind="number", shown=False),
            Column("points", N_("Points"), 7, kind="number", shown=False),
            Column("appeals", N_("Appeals"), 6, kind="number"),
        )
        return Rows(columns, load=self._rows, key_of=lambda row: (row.direction, row.language))

    def _name(self, names: dict[str, str], code: str) -> str:
        return f"{code} {names[code]}" if code in names else code

    def _rows(self) -> Sequence[DailyRow]:
        line = self.choice.line
        if line is None or line.state not in _COUNTED:
            return []
        return daily.daily_rows(self.app.ctx, self.shift)

    def page_actions(self) -> Sequence[Action]:
        """The three files."""
        return (
            Action(N_("Representative's report"), self.report, "report"),
            Action(N_("Write the daily statistics"), lambda: self.write("daily-statistics"), "drive", "",
                   lambda: self._closed("daily-statistics")),
            Action(N_("Write the results"), lambda: self.write("results"), "drive", "",
                   lambda: self._closed("results")),
            Action(N_("Write the final data"), lambda: self.write("final-data"), "drive", "",
                   lambda: self._closed("final-data"), primary=True),
        )  # fmt: skip

    def _closed(self, kind: str) -> str:
        if self._offers is None:
            self._offers = {offer.kind: offer.obstacle for offer in transfer_view.offered(self.app.ctx)}
        return self._offers.get(kind, _("The testing centre is not known here yet: load its trust list."))

    def details(self, row: DailyRow) -> Sequence[Facts]:
        """The numbers of a line."""
        numbers = (
            (_("Expected"), row.planned), (_("Present"), row.present), (_("Absent"), row.absent),
            (_("Removed"), row.removed), (_("Sheets"), row.sheets), (_("Identified automatically"), row.automatic),
            (_("Identified by eye"), row.visual), (_("Points in all"), row.points), (_("Highest"), row.highest),
            (_("Lowest"), row.lowest), (_("Appeals"), row.appeals), (_("Items appealed"), row.appeal_items),
            (_("Items satisfied"), row.appeal_satisfied),
        )  # fmt: skip
        title = self._name(self._directions, row.direction)
        return (Facts(title, tuple((words, str(number)) for words, number in numbers)),)

    def refresh(self, changed: set[str] | None = None) -> None:
        """Rows, and what holds the final data up."""
        self._offers = None
        super().refresh(changed)
        if season.facts(self.app).sent:
            self.choice.state.setText(_("The final data were sent."))

    def write(self, kind: str) -> None:
        """Go to the drive with this kind chosen."""
        self.app.open_page("transfer", export=kind)

    def report(self) -> None:
        """The representative's report (p.7, p.47)."""
        self.app.open_page("report")

    def print_out(self) -> None:
        """Ctrl+P: the daily statistics on paper."""
        if self.records.rowCount():
            self.app.open_page("papers", paper="daily", option=f"{self.shift}|")

    def empty_words(self) -> tuple[str, str]:
        """When there will be numbers."""
        return _("No statistics of this shift yet"), _("They are made after its identification is confirmed.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The ministry programmer sends the daily statistics to the testing centre, prepares the database and hands "
            "it over on a flash drive (p.8). The final data go when all shifts are closed (p.37), the results to the "
            "base university too (p.44)."
        )
