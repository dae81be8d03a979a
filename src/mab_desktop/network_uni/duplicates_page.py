"""Two records that may be one person, side by side; settled with a reason, field by field, taken back (p.21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QSplitter, QVBoxLayout, QWidget

from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import duplicates, photos, students
from mab_desktop.services.duplicates import TWO_PEOPLE, DuplicatePair, SettledPair
from mab_desktop.services.students import StudentRow
from mab_desktop.ui import theme
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import label, scrolled
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark

_COMPARED = (*STUDENT.names, "photos", "base_university")
_TOP = Qt.AlignmentFlag.AlignTop
Choices = dict[str, list[QRadioButton]]


class DuplicatesPage(ListPage):
    """Pairs found now, then pairs settled; the left record is the one typed first."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)
        self.taking: Choices = {}  # field that differs → its two buttons, neither pressed to begin with

    def settle(self, spec: PageSpec) -> None:
        """Two records side by side need more room than one."""
        super().settle(spec)
        between = self.side.parentWidget() if self.side is not None else None
        if isinstance(between, QSplitter):
            for place, much in enumerate((1, 1)):
                between.setStretchFactor(place, much)
            between.setSizes([1000, 1000])

    def table(self) -> Rows:
        """The pairs, by name."""
        columns = (
            Column("first", N_("Typed first"), 24),
            Column("second", N_("Typed later"), 24),
            Column("why", N_("What is alike"), 22),
        )
        return Rows(columns, self._load, "id", lambda row: Mark.DONE if row["settled"] else Mark.DUE)

    def _load(self) -> Sequence[dict[str, object]]:
        found = [_row(pair) for pair in duplicates.find_duplicates(self.app.ctx)]
        return found + [_row(pair) for pair in duplicates.settled_pairs(self.app.ctx) if _id(pair) not in
                        {row["id"] for row in found}]  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits, what is settled."""
        return (
            FilterChip("open", N_("Waiting"), lambda row: row["settled"] is None),
            FilterChip("settled", N_("Settled"), lambda row: row["settled"] is not None),
        )

    def row_actions(self) -> Sequence[Action]:
        """Keep one of the two, or both; the digits choose as well."""
        return (
            Action(N_("Keep the first, delete the second"), lambda: self.settle_pair(0), "check", "1",
                   obstacle=self._not_open),
            Action(N_("Keep the second, delete the first"), lambda: self.settle_pair(1), "check", "2",
                   obstacle=self._not_open),
            Action(N_("They are two people"), lambda: self.settle_pair(-1), "students", "3", obstacle=self._not_open),
            Action(N_("Take the decision back"), self.undo, "undo", obstacle=self._not_settled),
        )  # fmt: skip

    def _not_open(self) -> str:
        row = self.current()
        return _("This question is decided already.") if row is not None and row["settled"] else ""

    def _not_settled(self) -> str:
        row = self.current()
        return "" if row is None or row["settled"] else _("This question is not decided yet.")

    # --- beside the list -------------------------------------------------------------------------------------------

    def details(self, row: dict[str, object]) -> QWidget:
        """Field by field; what differs comes first, and of each the value to be kept is chosen."""
        settled = row["settled"]
        for number, button in enumerate(self.row_buttons):
            button.setVisible((number == len(self.row_buttons) - 1) == (settled is not None))
        made = QWidget()
        holder = QVBoxLayout(made)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(label(str(row["why"]), "section", wrap=True))
        if isinstance(settled, SettledPair):
            told = f"{records.by(self.names, settled.by, settled.at)}: {settled.reason}"
            holder.addWidget(label(told, "muted", wrap=True, selectable=True))
        else:
            words = _("Values chosen here go into the record that stays; without a choice it keeps its own. "
                      "Photographs go with it.")  # fmt: skip
            holder.addWidget(label(words, "muted", wrap=True))
        holder.addWidget(scrolled(self._comparison(row)), 1)
        return made

    def _comparison(self, row: dict[str, object]) -> QWidget:
        one, other = _pair(row)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for column, words in enumerate((_("Field"), "1 · " + _("Typed first"), "2 · " + _("Typed later"))):
            grid.addWidget(label(words, "phase", wrap=True), 0, column)
            grid.setColumnStretch(column, 1)
        self.taking = {}
        self._pictures(grid, [one, other], choose=row["settled"] is None)
        compared = self._compared(one, other)
        for line, (name, values) in enumerate(compared, start=2):
            differs = row["settled"] is None and values[0] != values[1]
            self._line(grid, line, records.label_of(name), values, name if differs else "")
        typed = [records.by(self.names, side.created_by, side.created_at) for side in (one, other)]
        self._line(grid, len(compared) + 2, _("Typed"), typed, "")
        grid.setRowStretch(len(compared) + 3, 1)
        return inside

    def _pictures(self, grid: QGridLayout, sides: Sequence[StudentRow], *, choose: bool) -> None:
        """The photographs side by side: a face says at once whether it is one person."""
        pictures = [photos.photo_of(self.app.ctx, side.id) for side in sides]
        if not any(pictures):
            return
        grid.addWidget(label(_("Photograph"), "factLabel", wrap=True), 1, 0, _TOP)
        group = QButtonGroup(grid.parentWidget())
        for column, jpeg in enumerate(pictures, start=1):
            shown, picture = label("" if jpeg else "—"), QPixmap()
            if jpeg and picture.loadFromData(jpeg):
                shown.setPixmap(picture.scaledToHeight(theme.px(120), Qt.TransformationMode.SmoothTransformation))
                shown.setAccessibleName(_("Photograph of {name}").format(name=sides[column - 1].name))
            title = f"{_('Photograph')}: {records.person(self.names, sides[column - 1].created_by)}"
            button = title if choose and all(pictures) and pictures[0] != pictures[1] else ""
            grid.addWidget(self._cell(shown, group, button, duplicates.PICTURE), 1, column, _TOP)

    def _compared(self, one: StudentRow, other: StudentRow) -> list[tuple[str, list[str]]]:
        """The fields with both values in words, those that differ first."""
        found = [
            (name, [records.shown_field(self.names, name, getattr(side, name)) or "—" for side in (one, other)])
            for name in _COMPARED
        ]
        return sorted(found, key=lambda line: line[1][0] == line[1][1])

    def _line(self, grid: QGridLayout, line: int, title: str, values: Sequence[str], choose: str) -> None:
        """A field: two values in bold where they differ, with a choice for `choose`; else one over both columns."""
        grid.addWidget(label(title, "factLabel", wrap=True), line, 0, _TOP)
        if values[0] == values[1]:
            grid.addWidget(label(values[0], "", wrap=True, selectable=True), line, 1, 1, 2, _TOP)
            return
        group = QButtonGroup(grid.parentWidget())
        for column, words in enumerate(values, start=1):
            shown = label(words, "", wrap=True, selectable=True)
            shown.setFont(theme.font(bold=True))
            grid.addWidget(self._cell(shown, group, f"{title}: {words}" if choose else "", choose), line, column, _TOP)

    def _cell(self, shown: QWidget, group: QButtonGroup, button_name: str, choose: str) -> QWidget:
        """A value of one side; with `button_name` a button before it that chooses it for the field `choose`."""
        cell = QWidget()
        inner = QGridLayout(cell)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setHorizontalSpacing(theme.px(4))
        inner.addWidget(shown, 0, 1)
        inner.setColumnStretch(1, 1)
        if button_name:
            button = QRadioButton()
            button.setAccessibleName(button_name)
            group.addButton(button)
            inner.addWidget(button, 0, 0, Qt.AlignmentFlag.AlignVCenter)
            self.taking.setdefault(choose, []).append(button)
        return cell

    def empty_words(self) -> tuple[str, str]:
        """No pair."""
        return _("No likely duplicates"), _("Pairs are looked for anew each time records come or change.")

    # --- settling --------------------------------------------------------------------------------------------------

    def chosen_fields(self, keep: int) -> list[str]:
        """Fields whose value was chosen from the record that goes."""
        return [name for name, buttons in self.taking.items() if buttons[1 - keep].isChecked()]

    def settle_pair(self, keep: int) -> None:
        """Ask for the reason and settle the pair; `keep` is 0, 1, or -1 for both."""
        row = self.current()
        if row is None or row["settled"]:
            return
        pair, take = _pair(row), self.chosen_fields(keep) if keep >= 0 else []
        verb = _("Two people") if keep < 0 else _("Keep this record")
        words = _("Both records stay.") if keep < 0 else _("The other record is marked as deleted.")
        if take:
            fields = ", ".join(map(_label_of, take))
            words += " " + _("Taken from it: {fields}.").format(fields=fields)
        reason = ask_for_reason(self, pair[max(keep, 0)].name, words + " " + _("Give the reason."), verb)
        if reason:
            with self.app.guarded():
                kept = pair[keep].id if keep >= 0 else TWO_PEOPLE
                duplicates.settle_duplicate(self.app.ctx, pair[0].id, pair[1].id, kept, reason, take)
                self.app.inform(_("Settled."), next_step=_("Take it back under the filter “Settled”."))

    def undo(self) -> None:
        """Ctrl+Z: take back what was settled about the pair, with a reason."""
        row = self.current()
        if row is None or row["settled"] is None:
            return
        pair = _pair(row)
        words = _("Both records stand again, and the pair waits. Why?")
        if reason := ask_for_reason(self, pair[0].name, words, _("Take back")):
            with self.app.guarded():
                duplicates.reopen_duplicate(self.app.ctx, pair[0].id, pair[1].id, reason)

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: the first record with all that was changed in it."""
        self.app.open_page("students", key=_pair(row)[0].id)

    def waits(self, row: dict[str, Any]) -> bool:
        """A pair that is not settled."""
        return row["settled"] is None

    def help_words(self) -> str:
        """F1."""
        return _(
            "Records with the same TO code, the same document, or a similar name and the same date of birth. A pair "
            "with one code in two records closes the hand-over of the database."
        ) + "\n" + _("F3 next pair, 1 or 2 keep a record, 3 two people, Ctrl+Z take back what was settled.")


def _label_of(name: str) -> str:
    return _("Photograph") if name == duplicates.PICTURE else records.label_of(name)


def _row(pair: DuplicatePair | SettledPair) -> dict[str, object]:
    one, other = _sides(pair)
    settled = pair if isinstance(pair, SettledPair) else None
    why = _settled_words(settled, one) if settled else _(students.DUPLICATE_LABELS[pair.why])  # type: ignore[union-attr]
    return {"id": _id(pair), "first": one.name, "second": other.name, "why": why, "pair": (one, other),
            "settled": settled}  # fmt: skip


def _settled_words(pair: SettledPair, first: StudentRow) -> str:
    if pair.keep == TWO_PEOPLE:
        return _("Two people")
    return _("The first stays") if pair.keep == first.id else _("The second stays")


def _id(pair: DuplicatePair | SettledPair) -> str:
    one, other = _sides(pair)
    return f"{one.id}|{other.id}"


def _sides(pair: DuplicatePair | SettledPair) -> list[StudentRow]:
    return sorted((pair.first, pair.second), key=lambda row: (row.created_at, row.id))


def _pair(row: dict[str, object]) -> tuple[StudentRow, StudentRow]:
    pair = row["pair"]
    assert isinstance(pair, tuple)
    return pair
