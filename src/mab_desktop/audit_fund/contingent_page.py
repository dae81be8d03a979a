"""The contingent from the centre against the seats planned (p.17): what is missing, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from mab_desktop.domain.hall import NeedMet, SeatBalance
from mab_desktop.i18n import N_, _
from mab_desktop.services import halls
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Count, CountsView, Facts, Section, StateLabel, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class ContingentPage(ListPage):
    """Direction by language: students, seats found, seats missing; the number of sittings can be tried."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.balance: SeatBalance | None = None
        self._names: dict[str, dict[str, str]] = {}
        self.shifts = QSpinBox()
        self.shifts.setRange(1, 99)
        self.shifts.setAccessibleName(_("Shifts planned"))
        self.shifts.valueChanged.connect(self._plan)
        self.counts, self.verdict = CountsView(), StateLabel(Mark.NONE)
        self.body.addWidget(self._summary())

    def _summary(self) -> QWidget:
        card = Section(_("Students against seats"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(24))
        row.addWidget(self.counts, 1)
        column = QVBoxLayout()
        line = QHBoxLayout()
        name = label(_("Shifts planned"), "muted")
        name.setBuddy(self.shifts)
        line.addWidget(name)
        line.addWidget(self.shifts)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.verdict)
        column.addStretch(1)
        row.addLayout(column, 1)
        card.body.addLayout(row)
        return card

    def table(self) -> TableSource:
        """The needs of the centre's contingent, met or not."""
        columns = (
            Column("direction", N_("Direction"), 34, show=lambda code: self._name("direction", code)),
            Column("language", N_("Language"), 14, show=lambda code: self._name("study_language", code)),
            Column("students", N_("Students"), 10, kind="number"),
            Column("seated", N_("Seats found"), 10, kind="number"),
            Column("missing", N_("Missing"), 10, kind="number"),
        )
        return Rows(columns, load=self._lines, key_of=lambda line: (line.direction, line.language), mark_of=_mark)

    def _lines(self) -> Sequence[NeedMet]:
        return self.balance.lines if self.balance else ()

    def _name(self, list_name: str, code: str) -> str:
        name = self._names.get(list_name, {}).get(code, "")
        return f"{code} {name}" if name else code

    def chips(self) -> Sequence[FilterChip]:
        """Only what is missing."""
        return (FilterChip("missing", N_("Without a seat"), lambda line: line.missing > 0),)

    def page_actions(self) -> Sequence[Action]:
        """Seats come from halls."""
        return (
            Action(N_("Go to the halls"), lambda: self.app.open_page("halls"), "hall"),
            Action(N_("Propose halls"), lambda: self.app.open_page("choice"), "seat", primary=True),
        )

    def details(self, row: NeedMet) -> Sequence[Facts]:
        """One need."""
        lines = (
            (_("Direction"), self._name("direction", row.direction)),
            (_("Language"), self._name("study_language", row.language)),
            (_("Students"), str(row.students)), (_("Seats found"), str(row.seated)), (_("Missing"), str(row.missing)),
        )  # fmt: skip
        return (Facts(_("Need"), lines),)

    def refresh(self, changed: set[str] | None = None) -> None:
        """Count again."""
        found = lists(self.app.ctx, "direction", "study_language")
        self._names = {
            name: {code: line.name(self.app.ctx.lang) for code, line in known.items()} for name, known in found.items()
        }
        self.balance = halls.seat_balance(self.app.ctx)
        self.shifts.blockSignals(True)
        self.shifts.setValue(self.balance.shifts)
        self.shifts.blockSignals(False)
        self._tell(self.balance)
        super().refresh(changed)

    def _tell(self, balance: SeatBalance) -> None:
        self.counts.show_counts((
            Count(_("Seats over all shifts"), balance.seats * balance.shifts, None),
            Count(_("Seats in one shift, {n} halls").format(n=balance.halls), balance.seats),
            Count(_("Students with a seat"), balance.students - balance.missing, balance.students),
        ))  # fmt: skip
        if not balance.students:
            words, mark = _("The contingent has not come from the testing centre yet."), Mark.DUE
        elif balance.missing:
            text = _("{n} students have no seat. Add halls, or plan {shifts} shifts.")
            if not balance.seats:
                text = _("{n} students have no seat. Enter halls.")
            words, mark = text.format(n=balance.missing, shifts=balance.shifts_needed), Mark.LATE
        else:
            words, mark = _("Everybody has a seat."), Mark.DONE
        self.verdict.show_state(mark, words)

    def _plan(self, shifts: int) -> None:
        with self.app.guarded():
            halls.plan_shifts(self.app.ctx, shifts)
            self.refresh()

    def empty_words(self) -> tuple[str, str]:
        """Where the contingent comes from."""
        return (
            _("The contingent has not come from the testing centre yet."),
            _("Put the centre's drive in and open Receive and hand over."),
        )

    def help_words(self) -> str:
        """What the regulation asks."""
        return _("The testing centre gives the number of students by direction and language; the base university plans "
                 "halls for them and sends the fund before 16 March (p.17).")  # fmt: skip

    def opened(self, **where: Any) -> None:
        """The list first."""
        super().opened(**where)


def _mark(line: NeedMet) -> Mark:
    return Mark.LATE if line.missing else Mark.DONE
