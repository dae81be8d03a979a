"""Statistics of the student database: 16 March, 1 April, final; seen, printed, exported, handed over (p.21, p.22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout

from mab_desktop.domain.statistics import STAGE_LABELS, STAGES, Counts, added
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import statistics
from mab_desktop.services.settings import lists
from mab_desktop.services.statistics import Report
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import label
from mab_desktop.ui.record_table import Column, Rows
from mab_desktop.ui.states import Mark

TITLES = {
    "total": N_("Students"), "kazakh": N_("Instruction: Kazakh"), "russian": N_("Instruction: Russian"),
    "english": N_("Instruction: English"),
    "full_time": N_("Full-time"), "evening": N_("Evening"), "extramural": N_("Extramural"), "grant": N_("Grant"),
    "credit": N_("Credit"), "paid": N_("Paid"), "foreign_english": N_("Foreign: English"),
    "foreign_german": N_("Foreign: German"), "foreign_french": N_("Foreign: French"), "men": N_("Men"),
    "women": N_("Women"),
}  # fmt: skip


# Fifteen numbers stand side by side in a window of ordinary width: a head says the whole title under the pointer.
HEADS = {
    "total": N_("In all"), "kazakh": N_("Kaz."), "russian": N_("Rus."), "english": N_("Engl."),
    "full_time": N_("Full-t."), "evening": N_("Even."), "extramural": N_("Extram."), "grant": N_("Grant"),
    "credit": N_("Credit"), "paid": N_("Paid"), "foreign_english": N_("F. Engl."), "foreign_german": N_("F. Germ."),
    "foreign_french": N_("F. Fr."), "men": N_("Men"), "women": N_("Women"),
}  # fmt: skip


class StatisticsPage(ListPage):
    """The table by direction and specialty of one stage and one base university."""

    with_details = False

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        found = lists(app.ctx, "specialty", "direction")
        self._words = {key: {code: line.name(app.ctx.lang) for code, line in lines.items()}
                       for key, lines in found.items()}  # fmt: skip
        self.stages, self.bases = QComboBox(), QComboBox()
        self._left_out = label("", "warningStrip", wrap=True)
        self._summary = label("", "muted", wrap=True)

    def table(self) -> Rows:
        """A line for each specialty, the direction's sum after them, the sum of all at the end."""
        numbers = tuple(
            Column(field.name, HEADS[field.name], 5, kind="number", about=TITLES[field.name])
            for field in fields(Counts)
        )
        columns = (
            Column("code", N_("Cipher"), 8, kind="code"),
            Column("name", N_("Direction, specialty"), 28),
            *numbers,
        )
        return Rows(columns, self._load, "key", lambda row: row["mark"])

    def settle(self, spec: PageSpec) -> None:
        """Stage and base university stand over the table."""
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for stage in STAGES:
            self.stages.addItem(_(STAGE_LABELS[stage]), stage)
        self.bases.addItem(_("All base universities"), "")
        for code, name in records.bases_here(self.app.ctx):
            self.bases.addItem(f"{code} {name}", code)
        with self.app.ctx.store.read() as session:
            self.stages.setCurrentIndex(STAGES.index(statistics.stage_now(self.app.ctx, session)))
        for name, box in ((_("Stage"), self.stages), (_("Base university"), self.bases)):
            words = label(name, "factLabel")
            words.setBuddy(box)
            box.setAccessibleName(name)
            row.addWidget(words)
            row.addWidget(box)
        row.addWidget(self._summary, 1)
        self.bases.setVisible(self.bases.count() > 2)
        row.itemAt(2).widget().setVisible(self.bases.count() > 2)
        self.body.addLayout(row)
        self.body.addWidget(self._left_out)
        super().settle(spec)
        self.stages.activated.connect(self._choose_stage)
        self.bases.activated.connect(lambda _n: self.refresh())

    def report(self) -> Report:
        """The statistics of what is chosen, counted now."""
        return statistics.report(self.app.ctx, self.stages.currentData(), self.bases.currentData() or "")

    def _load(self) -> Sequence[dict[str, Any]]:
        found = self.report()
        self._left_out.setText(_("{n} records are not complete and are not counted.").format(n=found.partial))
        self._left_out.setVisible(bool(found.partial))
        self._summary.setText(_("Complete records: {n}").format(n=shown_number(found.students)))
        rows: list[dict[str, Any]] = []
        for table in found.table:
            for cipher, counts in table.specialties:
                rows.append(self._row(cipher, cipher, self._words["specialty"].get(cipher, ""), counts, Mark.NONE))
            name = self._words["direction"].get(table.direction, "")
            words = _("In all: {direction}").format(direction=name)
            rows.append(self._row(f"d{table.direction}", table.direction, words, table.total, Mark.INFO))
        if rows:
            total = added(table.total for table in found.table)
            rows.append(self._row("all", "", _("In all"), total, Mark.INFO))
        return rows

    def _row(self, key: str, code: str, name: str, counts: Counts, mark: Mark) -> dict[str, Any]:
        numbers = {field.name: getattr(counts, field.name) for field in fields(Counts)}
        return {"key": key, "code": code, "name": name, "mark": mark, **numbers}

    def _choose_stage(self, _number: int) -> None:
        """The stage chosen is the one that the next file of statistics is made for."""
        with self.app.guarded():
            statistics.choose_stage(self.app.ctx, self.stages.currentData())
        self.refresh()

    def page_actions(self) -> Sequence[Action]:
        """The drive."""
        return (Action(N_("To the base university"), self._hand_over, "transfer", "", self._nothing, primary=True),)

    def _nothing(self) -> str:
        return "" if self.records.total() else _("No complete record is there to be counted.")

    def print_out(self) -> None:
        """Ctrl+P: the paper of the stage chosen."""
        self.app.open_page("papers", paper="statistics", option=self._option())

    def _option(self) -> str:
        return f"{self.stages.currentData()}|{self.bases.currentData() or ''}"

    def _hand_over(self) -> None:
        self.app.open_page("transfer", export="statistics")

    def empty_words(self) -> tuple[str, str]:
        """Nothing to count."""
        return (
            _("No complete record is there to be counted."),
            _("Type the students first, or take the operators' records."),
        )

    def help_words(self) -> str:
        """F1."""
        return _(
            "Preliminary statistics go to the base university on 16 March and 1 April, the final ones before 15 April. "
            "Only complete records are counted. The stage chosen here is the one that the file carries."
        )
