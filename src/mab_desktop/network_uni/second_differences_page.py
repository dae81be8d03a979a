"""Differences between two entries at the programmer's, and what they say about typists and verifiers (p.20, p.21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtWidgets import QFormLayout, QSpinBox, QVBoxLayout, QWidget

from mab_desktop.domain.second_entry import ERRED_LABELS, FIRST, OTHER, SECOND, ErrorCount
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.network_uni.second_difference import PaperValue, cards, outcome
from mab_desktop.services import operators, second_draw, second_entry, second_errors
from mab_desktop.services.second_entry import DifferenceRow
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question, ask_for_reason
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, Section, StateLabel, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark, StepState


def differences_state(app: AppContext) -> StepState:
    """Due while differences wait for the programmer."""
    waiting = second_entry.open_count(app.ctx)
    words = _("Differences between two entries that wait for a decision: {n}.").format(n=waiting)
    return StepState(Mark.DUE, words) if waiting else StepState()


class SecondDifferencesPage(ListPage):
    """Every difference, the open ones first; settled with the paper at hand."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)

    def table(self) -> Rows:
        """The differences, the newest entry first."""
        columns = (
            Column("name", N_("Full name"), 24),
            Column("field", N_("Field"), 18, show=records.label_of),
            Column("first_words", N_("First entry"), 16),
            Column("second_words", N_("Second entry"), 16),
            Column("typist", N_("Typist"), 10, shown=False),
            Column("verifier", N_("Verifier"), 10, shown=False),
            Column("erred_words", N_("Who erred"), 12),
            Column("place", N_("Sheet"), 16, shown=False),
        )
        return Rows(columns, self._load, "id", lambda row: Mark.DONE if row["row"].choice else Mark.DUE)

    def _load(self) -> list[dict[str, Any]]:
        found = second_entry.differences(self.app.ctx)
        return [self._line(row) for row in sorted(found, key=lambda row: bool(row.choice))]

    def _line(self, row: DifferenceRow) -> dict[str, Any]:
        def words(text: str) -> str:
            return records.shown_text(self.names, row.field, text) or "—"

        return {"id": row.id, "row": row, "name": row.name, "field": row.field, "first_words": words(row.first),
                "second_words": words(row.second), "typist": row.typist, "verifier": row.verifier,
                "erred_words": _(ERRED_LABELS[row.erred]) if row.erred else "",
                "place": _place(row)}  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (FilterChip("open", N_("Waiting"), lambda row: not row["row"].choice),)

    def page_actions(self) -> Sequence[Action]:
        """The share, and the statistics."""
        return (
            Action(N_("Errors by person"), lambda: self.app.open_page("second-errors"), "statistics"),
            Action(N_("Share to type again"), self.ask_share, "edit", primary=True),
        )

    def row_actions(self) -> Sequence[Action]:
        """The decision, and that the entry was of another sheet."""
        return (
            Action(N_("The first value stands"), lambda: self.decide(FIRST), "check", "1", obstacle=self._gone),
            Action(N_("The second value stands"), lambda: self.decide(SECOND), "check", "2", obstacle=self._gone),
            Action(N_("Type what the paper says"), self.type_value, "edit", "3", obstacle=self._gone),
            Action(N_("Typed from a wrong sheet"), self.set_aside, "undo", obstacle=self._counts),
        )  # fmt: skip

    def _row(self) -> DifferenceRow | None:
        line = self.current()
        return line["row"] if line is not None else None

    def _gone(self) -> str:
        row = self._row()
        return _("This record is deleted. Bring it back first.") if row is not None and row.gone else ""

    def _counts(self) -> str:
        row = self._row()
        others = [line["row"] for line in self.records.source.rows()] if row is not None else []
        settled = any(row and one.entry == row.entry and one.choice for one in others)
        return _("Differences of this entry are settled already; it counts.") if settled else ""

    def details(self, row: dict[str, Any]) -> QWidget:
        """The values, large; where the sheet lies; who erred."""
        found: DifferenceRow = row["row"]
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(6))
        column.addWidget(label(found.name, "section", wrap=True))
        column.addWidget(label(records.label_of(found.field), "muted", wrap=True))
        if found.other_sheet:
            column.addWidget(label(_("Nothing agrees: this may be another sheet."), "warningStrip", wrap=True))
        if found.gone:
            column.addWidget(label(_("The record was deleted since; this does not count."), "warningStrip", wrap=True))
        for one in cards(self.names, found):
            column.addWidget(one)
        if words := outcome(self.names, found):
            column.addWidget(StateLabel(Mark.DONE, words))
        column.addWidget(facts_block(Facts("", ((_("Sheet"), row["place"]),))))
        column.addStretch(1)
        return scrolled(inside)

    def empty_words(self) -> tuple[str, str]:
        """Nothing was found."""
        return _("No difference between two entries"), _("Set the share of records that a second operator types again.")

    def decide(self, choice: str, value: Any = None, *, shy: bool = False) -> None:
        """Settle what is under the cursor and go on to the next that waits."""
        row = self._row()
        if row is None or self._gone():
            return
        waits = [line["id"] for line in self.shown_rows() if not line["row"].choice and line["id"] != row.id]
        if shy:
            second_entry.settle(self.app.ctx, row.entry, row.field, choice, value)
        else:
            with self.app.guarded():
                second_entry.settle(self.app.ctx, row.entry, row.field, choice, value)
        self.refresh()
        if waits:
            self.go_to(waits[0])

    def type_value(self) -> None:
        """3: what the paper says."""
        row = self._row()
        if row is not None and not self._gone():
            choices = records.choices(self.app.ctx).get(STUDENT[row.field].choices)
            PaperValue(self, row, choices, lambda value: self.decide(OTHER, value, shy=True)).exec()

    def set_aside(self) -> None:
        """The whole entry was of another sheet; the record is to be typed again."""
        row = self._row()
        if row is None or self._counts():
            return
        words = _("The second entry does not count, and the sheet waits to be typed again. Why?")
        if reason := ask_for_reason(self, row.name, words, _("Set aside")):
            with self.app.guarded():
                second_entry.set_aside(self.app.ctx, row.entry, reason)
            self.refresh()

    def ask_share(self) -> None:
        """How many of a hundred records are typed again."""
        asked = ShareQuestion(self, self.app)
        if asked.exec() == ShareQuestion.DialogCode.Accepted:
            with self.app.guarded():
                second_draw.set_share(self.app.ctx, asked.everybody.value(), asked.by())
            self.refresh()

    def waits(self, row: dict[str, Any]) -> bool:
        """A difference that is not settled."""
        return not row["row"].choice

    def help_words(self) -> str:
        """F1."""
        return _(
            "A share of the records is typed again by another operator who does not see the first values. Which ones "
            "and by whom, a draw decides; the sheets go to the operators' PCs with your file and their entries come "
            "back with the portions. Settle what differs with the paper: 1 first, 2 second, 3 another value, F3 next."
        )


def _place(row: DifferenceRow) -> str:
    """Where the sheet lies."""
    if not row.day:
        return row.pile
    day = shown_date(date.fromisoformat(row.day))
    return _("Sheet {n} · {name} · {day}").format(n=row.sheet, name=row.pile, day=day)


class ShareQuestion(Question):
    """The share of everybody's records, and of some operators' another one."""

    def __init__(self, parent: QWidget, app: AppContext) -> None:
        words = _(
            "So many of a hundred records are typed again. A draw chooses them; a greater share keeps those drawn."
        )
        super().__init__(parent, _("Share to type again"), words, _("Set"))
        now = second_draw.share(app.ctx)
        self.everybody = _percent(now.all)
        self._own: dict[str, QSpinBox] = {}
        form = QFormLayout()
        form.addRow(_("Everybody"), self.everybody)
        for person in operators.operators(app.ctx):
            if person.active:
                spin = _percent(now.by.get(person.login, -1), usual=_("as everybody"))
                self._own[person.login] = spin
                form.addRow(person.full_name, spin)
        inside = QWidget()
        inside.setLayout(form)
        area = scrolled(inside)
        area.setMinimumHeight(min(inside.sizeHint().height() + theme.px(8), theme.px(320)))
        self.fields.addWidget(area)
        self.everybody.setFocus()

    def by(self) -> dict[str, int]:
        """Operators with a share of their own."""
        return {login: spin.value() for login, spin in self._own.items() if spin.value() >= 0}


def _percent(value: int, *, usual: str = "") -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(-1 if usual else 0, 100)
    spin.setSuffix(" %")
    if usual:
        spin.setSpecialValueText(usual)
    spin.setValue(value)
    return spin


class SecondErrorsPage(ListPage):
    """Typists and verifiers with their errors; by field beside the list."""

    many_columns = True

    def settle(self, spec: PageSpec) -> None:
        """Six numbers to a person: narrow, that names are read whole."""
        super().settle(spec)
        self.view.squeeze()

    def table(self) -> Rows:
        """One line a person."""
        columns = (
            Column("name", N_("Full name"), 22),
            Column("typed", N_("Compared"), 9, kind="number"),
            Column("typed_errors", N_("Typist's errors"), 9, kind="number"),
            Column("typed_rate", N_("in 100 values"), 9, align="right", kind="code"),
            Column("verified", N_("Typed again"), 9, kind="number"),
            Column("verified_errors", N_("Verifier's errors"), 9, kind="number"),
            Column("verified_rate", N_("in 100 values"), 9, align="right", kind="code"),
            Column("open", N_("Not settled yet"), 10, kind="number", shown=False),
        )
        return Rows(columns, self._load, "login")

    def _load(self) -> list[dict[str, Any]]:
        self.report = second_errors.report(self.app.ctx)
        return [
            {"login": p.login, "person": p, "name": p.name, "open": p.open, **_counts("typed", p.typed),
             **_counts("verified", p.verified)} for p in self.report.people
        ]  # fmt: skip

    def details(self, row: dict[str, Any]) -> QWidget:
        """This person's errors by field, then everybody's."""
        found = self.report
        own = tuple((records.label_of(field), shown_number(n)) for field, n in row["person"].fields)
        whole = (
            (_("Records typed again"), shown_number(found.records)),
            (_("Without a difference"), shown_number(found.without)),
            (_("Differences"), shown_number(found.differing)),
            (_("Not settled yet"), shown_number(found.open)),
            (_("Of records deleted since"), shown_number(found.gone)),
        )
        fields = tuple(
            (records.label_of(f.field), _("typist {n}, verifier {m}").format(n=f.typist, m=f.verifier))
            for f in found.fields
        )
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(12))
        person = Section(row["name"])
        person.body.addWidget(facts_block(Facts("", own or ((_("Errors"), _("None")),))))
        column.addWidget(person)
        column.addWidget(facts_block(Facts(_("Everybody"), whole)))
        column.addWidget(facts_block(Facts(_("By field"), fields)))
        column.addStretch(1)
        return scrolled(inside)

    def page_actions(self) -> Sequence[Action]:
        """Back to the differences."""
        return (Action(N_("Differences"), lambda: self.app.open_page("second-differences"), "list"),)

    def print_out(self) -> None:
        """Ctrl+P: the table on paper."""
        self.app.open_page("papers", paper="second-errors")

    def empty_words(self) -> tuple[str, str]:
        """Nothing was compared."""
        return (_("No record has been typed again and compared yet."),
                _("Set the share of records that a second operator types again."))  # fmt: skip

    def help_words(self) -> str:
        """F1."""
        return _(
            "Whoever gave a value that did not stand has erred: the typist where the second value or another one "
            "stood, the verifier where the first or another one stood. The rate counts errors in a hundred values "
            "compared."
        )


def _counts(name: str, count: ErrorCount) -> dict[str, Any]:
    rate = f"{count.rate:.2f}".replace(".", ",") if count.records else ""
    return {name: count.records, f"{name}_errors": count.errors, f"{name}_rate": rate}
