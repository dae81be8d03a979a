"""The balance of passes (p.24): printed = issued + spoilt + in stock, for every network university."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QSpinBox, QVBoxLayout, QWidget

from mab_desktop.base_uni.reference_words import ReferenceWords, moment_words
from mab_desktop.i18n import N_, _
from mab_desktop.services import pass_copies
from mab_desktop.services.pass_copies import Balance
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Count, CountsView, Facts, StateLabel, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

_SPOILT_SHOWN = 50


class CountQuestion(Question):
    """How many passes of a university lie here, counted by hand."""

    def __init__(self, parent: QWidget, university: str, stock: int) -> None:
        super().__init__(parent, _("Count the passes of {university}").format(university=university),
                         _("By the balance {n} must lie here. Type how many there are.").format(n=stock),
                         _("Note the count"))  # fmt: skip
        self.counted = theme.named(QSpinBox(), "counted")
        self.counted.setAccessibleName(_("Counted"))
        self.counted.setRange(0, 99_999)
        self.counted.setValue(stock)
        self.counted.selectAll()
        self.fields.addWidget(self.counted)
        self.counted.setFocus()


class PassBalancePage(ListPage):
    """A line for each network university; what does not agree is marked."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()

    def table(self) -> TableSource:
        """The sums."""
        columns = (
            Column("university", N_("Univ."), 8, kind="code"),  # the card says the name whole
            Column("allotted", N_("Students"), 7, kind="number"),
            Column("printed", N_("Printed"), 7, kind="number"),
            Column("issued", N_("Given"), 6, kind="number"),
            Column("spoilt", N_("Spoilt"), 6, kind="number"),
            Column("stock", N_("In stock"), 6, kind="number"),
            Column("counted", N_("Counted"), 7, "right", show=lambda n: "–" if n is None else str(n), shown=False),
            Column("difference", N_("Difference"), 7, "right", show=lambda n: f"{n:+d}" if n else ""),
            Column("waiting", N_("No whole pass"), 7, kind="number"),
        )
        return Rows(columns, load=lambda: pass_copies.balances(self.app.ctx), key_of="university", mark_of=_mark)

    def chips(self) -> Sequence[FilterChip]:
        """What is not right yet."""
        return (
            FilterChip("waiting", N_("Without a whole pass"), lambda row: row.waiting > 0),
            FilterChip("stock", N_("In stock"), lambda row: row.stock > 0),
            FilterChip("difference", N_("Difference"), lambda row: row.difference != 0),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Names first; nothing can be counted before the final database."""
        self.words.read(self.app.ctx)
        super().refresh(changed)
        no_final = _("The final database has not come from the centre yet (p.23).")
        self.closed_reason = "" if self.records.total() else no_final

    def print_out(self) -> None:
        """Ctrl+P: the balance on paper."""
        self.app.open_page("papers", paper="pass-balance")

    def row_actions(self) -> Sequence[Action]:
        """Give, count, and the two acts."""
        return (
            Action(N_("All in stock given to the university"), self.give, "check", obstacle=self._nothing_here,
                   primary=True),
            Action(N_("Count the stock…"), self.count_stock, "code"),
            Action(N_("Print the act of handing over"), lambda: self._paper("given-act"), "print",
                   obstacle=lambda: "" if self._row().issued else _("No pass of this university was given yet.")),
            Action(N_("Print the act on spoilt passes"), lambda: self._paper("spoilt-act"), "print",
                   obstacle=lambda: "" if self._row().spoilt else _("No pass is noted as spoilt.")),
            Action(N_("Passes of this university"), lambda: self._paper("passes-university"), "pass"),
        )  # fmt: skip

    def _row(self) -> Balance:
        row: Balance | None = self.current()
        assert row is not None
        return row

    def _nothing_here(self) -> str:
        return "" if self._row().stock else _("No pass of this university lies here.")

    def _paper(self, paper: str) -> None:
        self.app.open_page("papers", paper=paper, option=self._row().university)

    def give(self) -> None:
        """Everything of a university that lies here was given to it."""
        row = self._row()
        words = _("{n} passes that lie here are noted as given. They can be taken back on the page of passes.")
        if not ask_to_confirm(self, _("Passes given to {university}?").format(university=row.university),
                              words.format(n=row.stock), _("Note as given")):  # fmt: skip
            return
        with self.app.guarded():
            pass_copies.issue(self.app.ctx, row.university)
            self.refresh()

    def count_stock(self) -> None:
        """Type what was counted."""
        row = self._row()
        asked = CountQuestion(self, self.words.coded("university", row.university), row.stock)
        if asked.exec() == QDialog.DialogCode.Accepted:
            with self.app.guarded():
                pass_copies.count_stock(self.app.ctx, row.university, asked.counted.value())
                self.refresh()

    def activate(self, _row: Balance) -> None:
        """Enter: count."""
        self.count_stock()

    def details(self, row: Balance) -> QWidget:
        """The equation, and every spoilt pass with its number and reason."""
        card = QWidget()
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(self.words.coded("university", row.university), "section", wrap=True))
        column.addWidget(label(_("{printed} printed = {issued} given + {spoilt} spoilt + {stock} in stock").format(
            **{name: shown_number(getattr(row, name)) for name in ("printed", "issued", "spoilt", "stock")}
        ), wrap=True))  # fmt: skip
        verdict = StateLabel(Mark.NONE)
        verdict.show_state(*_verdict(row))
        column.addWidget(verdict)
        view = CountsView()
        view.show_counts((
            Count(_("Students with a whole pass"), row.allotted - row.waiting, row.allotted),
            *((Count(_("Counted in stock"), row.counted, row.stock),) if row.counted is not None else ()),
            *((Count(_("At the printer"), row.printing, mark=Mark.INFO),) if row.printing else ()),
        ))  # fmt: skip
        column.addWidget(view)
        found = pass_copies.spoilt_passes(self.app.ctx, row.university)
        if found:
            lines = tuple((f"№ {s.number}" + (f" · {s.copy}" if s.copy > 1 else ""), f"{s.name}: {s.why}")
                          for s in found[:_SPOILT_SHOWN])  # fmt: skip
            column.addWidget(facts_block(Facts(_("Spoilt"), lines)))
            if len(found) > _SPOILT_SHOWN:
                column.addWidget(label(_("… and {n} more on the act.").format(n=len(found) - _SPOILT_SHOWN), "muted"))
        if row.counted_at:
            column.addWidget(label(_("Counted {moment}").format(moment=moment_words(row.counted_at)), "muted"))
        column.addStretch(1)
        return scrolled(card)

    def empty_words(self) -> tuple[str, str]:
        """Where it comes from."""
        return _("There are no passes yet."), _("The final database has not come from the centre yet (p.23).")

    def help_words(self) -> str:
        """What is counted."""
        return _(
            "A pass counts as printed when its sheet came out of the printer, or its set was saved as a file. It is "
            "given to its university, noted as spoilt with a reason, or lies here. What was counted by hand is "
            "compared; a difference is shown until it is explained."
        )


def _mark(row: Balance) -> Mark:
    if row.difference:
        return Mark.LATE
    return Mark.DONE if row.issued and not row.stock and not row.waiting else Mark.DUE


def _verdict(row: Balance) -> tuple[Mark, str]:
    if row.difference:
        return Mark.LATE, _("The count differs by {n}: look for passes that are not noted as given or spoilt.").format(
            n=f"{row.difference:+d}"
        )
    if row.waiting:
        return Mark.DUE, _("{n} students have no whole pass yet.").format(n=shown_number(row.waiting))
    if row.stock:
        return Mark.DUE, _("All are printed; {n} wait to be given.").format(n=shown_number(row.stock))
    return Mark.DONE, _("Every student's pass was given to the university.")
