"""Two records that may be one person, side by side; settled with a reason (p.21)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import merge, students
from mab_desktop.services.merge import DuplicatePair
from mab_desktop.services.students import StudentRow
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import label, scrolled
from mab_desktop.ui.record_table import Column, Rows
from mab_desktop.ui.states import Mark

_COMPARED = (*STUDENT.names, "photos", "base_university")


class DuplicatesPage(ListPage):
    """Pairs found now; the left record is the one typed first."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)

    def table(self) -> Rows:
        """The pairs, by name."""
        columns = (
            Column("first", N_("Typed first"), 24),
            Column("second", N_("Typed later"), 24),
            Column("why", N_("What is alike"), 22, show=lambda why: _(students.DUPLICATE_LABELS[why])),
        )
        return Rows(columns, self._load, "id", lambda _row: Mark.DUE)

    def _load(self) -> Sequence[dict[str, object]]:
        return [_row(pair) for pair in merge.find_duplicates(self.app.ctx)]

    def row_actions(self) -> Sequence[Action]:
        """Keep one of the two, or both."""
        return (
            Action(N_("Keep the first, delete the second"), lambda: self.settle_pair(0), "check"),
            Action(N_("Keep the second, delete the first"), lambda: self.settle_pair(1), "check"),
            Action(N_("They are two people"), lambda: self.settle_pair(-1), "students"),
        )

    def details(self, row: dict[str, object]) -> QWidget:
        """Field by field; what differs comes first, in bold."""
        one, other = _pair(row)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for column, words in enumerate((_("Field"), _("Typed first"), _("Typed later"))):
            grid.addWidget(label(words, "phase", wrap=True), 0, column)
            grid.setColumnStretch(column, 1)
        line = 1
        for name, values in self._compared(one, other):
            self._line(grid, line, records.label_of(name), values)
            line += 1
        typed = [f"{side.created_by}, {records.shown_stamp(side.created_at)}" for side in (one, other)]
        self._line(grid, line, _("Typed"), typed)
        made = QWidget()
        holder = QVBoxLayout(made)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(label(_(students.DUPLICATE_LABELS[str(row["why"])]), "section", wrap=True))
        holder.addWidget(scrolled(inside), 1)
        return made

    def _compared(self, one: StudentRow, other: StudentRow) -> list[tuple[str, list[str]]]:
        """The fields with both values in words, those that differ first."""
        found = [
            (name, [records.shown_field(self.names, name, getattr(side, name)) or "—" for side in (one, other)])
            for name in _COMPARED
        ]
        return sorted(found, key=lambda line: line[1][0] == line[1][1])

    def _line(self, grid: QGridLayout, line: int, title: str, values: Sequence[str]) -> None:
        """A field: two values in bold where they differ, else one over both columns."""
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(label(title, "factLabel", wrap=True), line, 0, top)
        if values[0] == values[1]:
            grid.addWidget(label(values[0], "", wrap=True, selectable=True), line, 1, 1, 2, top)
            return
        for column, words in enumerate(values, start=1):
            shown = label(words, "", wrap=True, selectable=True)
            shown.setFont(theme.font(bold=True))
            grid.addWidget(shown, line, column, top)

    def empty_words(self) -> tuple[str, str]:
        """No pair."""
        return _("No likely duplicates"), _("Pairs are looked for anew each time records come or change.")

    def settle_pair(self, keep: int) -> None:
        """Ask for the reason and settle the pair; `keep` is 0, 1, or -1 for both."""
        row = self.current()
        if row is None:
            return
        pair = _pair(row)
        verb = _("Two people") if keep < 0 else _("Keep this record")
        words = _("Both records stay.") if keep < 0 else _("The other record is marked as deleted.")
        reason = ask_for_reason(self, pair[max(keep, 0)].name, words + " " + _("Give the reason."), verb)
        if reason:
            with self.app.guarded():
                merge.settle_duplicate(self.app.ctx, pair[0].id, pair[1].id, pair[keep].id if keep >= 0 else "", reason)

    def next_open(self) -> None:
        """F3: the next pair."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        rows, now = self.shown_rows(), self.current()
        if rows:
            here = next((n for n, row in enumerate(rows) if now is not None and row["id"] == now["id"]), 0)
            self.go_to(rows[(here + by) % len(rows)]["id"])

    def help_words(self) -> str:
        """F1."""
        return _(
            "Records with the same TO code, the same document, or a similar name and the same date of birth. A pair "
            "with one code in two records closes the hand-over of the database."
        )


def _row(pair: DuplicatePair) -> dict[str, object]:
    one, other = sorted((pair.first, pair.second), key=lambda row: (row.created_at, row.id))
    return {"id": f"{one.id}|{other.id}", "first": one.name, "second": other.name, "why": pair.why,
            "pair": (one, other)}  # fmt: skip


def _pair(row: dict[str, object]) -> tuple[StudentRow, StudentRow]:
    pair = row["pair"]
    assert isinstance(pair, tuple)
    return pair
