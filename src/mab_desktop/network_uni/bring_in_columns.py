"""Which column is which field: matched by itself, shown with the first values, changed with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain.student import STUDENT
from mab_desktop.domain.table_columns import FULL_NAME, ZERO_WIDTHS, Matching
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services.bring_in_sheet import Sheet
from mab_desktop.services.table_kinds import DELIMITERS, ENCODINGS
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.panels import Section, clear, label, scrolled

NOTHING, CONSTANT = -1, -2
MOST_UNKNOWN = 40
_LABELS = {FULL_NAME: N_("Full name in one column")} | records.LABELS
_DELIMITER_WORDS = {";": N_("semicolon ;"), ",": N_("comma ,"), "\t": N_("tab")}

Choices = Mapping[str, Sequence[tuple[str, ...]]]


class Picker(QComboBox):
    """A list that the wheel changes only while it has the focus: on a page that scrolls it would change unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(20)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FieldRow:
    """A field: its column, or its value for the whole file; the first values beside it."""

    def __init__(self, name: str, sheet: Sheet, choices: Choices, changed: Callable[[], None]) -> None:
        self.name, self.sheet = name, sheet
        required = name in STUDENT.names and STUDENT[name].required
        self.title = label(_(_LABELS[name]) + (" *" if required else ""))
        self.column = Picker()
        self.column.setAccessibleName(_(_LABELS[name]))
        self.column.addItem("—", NOTHING)
        if name != FULL_NAME:
            self.column.addItem(_("the same for the whole file:"), CONSTANT)
        for number, head in enumerate(sheet.heads):
            words = head or _("column {n}").format(n=number + 1)
            self.column.addItem(words if len(words) <= 48 else words[:47] + "…", number)
        self.sample = label("", "muted", wrap=True)
        self.zeros = QCheckBox(_("fill up lost zeros"))
        self.value = _value_editor(choices.get(name))
        self.value.setAccessibleName(_("The value for the whole file"))
        self.column.activated.connect(lambda _index: changed())
        self.zeros.toggled.connect(lambda _on: changed())
        signal = self.value.activated if isinstance(self.value, QComboBox) else self.value.editingFinished
        signal.connect(lambda *_what: changed())

    def fill(self, matching: Matching) -> None:
        """Show a matching."""
        at = matching.columns.get(self.name, CONSTANT if self.name in matching.constants else NOTHING)
        self.column.setCurrentIndex(self.column.findData(at))
        if isinstance(self.value, QComboBox):
            self.value.setCurrentIndex(max(0, self.value.findData(matching.constants.get(self.name, ""))))
        else:
            self.value.setText(matching.constants.get(self.name, ""))
        self.zeros.blockSignals(True)
        self.zeros.setChecked(self.name in matching.zeros)
        self.zeros.blockSignals(False)
        self.renew()

    def renew(self) -> None:
        """The first values of the column, or the field for the value."""
        at = self.at()
        samples = self.sheet.samples(at) if at >= 0 else ()
        words = " · ".join(text if len(text) <= 32 else text[:31] + "…" for text in samples)
        self.sample.setText(words or (_("The column is empty.") if at >= 0 else ""))
        self.sample.setVisible(at != CONSTANT)
        self.value.setVisible(at == CONSTANT)
        short = self.sheet.short_numbers(self.name, at) if at >= 0 and self.name in ZERO_WIDTHS else 0
        self.zeros.setVisible(bool(short))
        self.zeros.setToolTip(_("{n} numbers are one to three digits short.").format(n=shown_number(short)))

    def at(self) -> int:
        """The number of the column, NOTHING or CONSTANT."""
        return int(self.column.currentData())

    def constant(self) -> str:
        """The value for the whole file."""
        return str(self.value.currentData() or "") if isinstance(self.value, QComboBox) else self.value.text().strip()


def _value_editor(choices: Sequence[tuple[str, ...]] | None) -> QComboBox | QLineEdit:
    if choices is None:
        return QLineEdit()
    made = Picker()
    made.addItem("—", "")
    for code, words, *_others in choices:
        made.addItem(f"{code} · {words}", code)
    return made


class ColumnsView(QWidget):
    """The second step. `changed()` when the matching is another one; `reopen(sheet, encoding, delimiter)` to read the
    file in another way."""

    changed = Signal()
    reopen = Signal(str, str, str)

    def __init__(self, choices: Choices, bases: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._choices, self._bases = choices, bases
        self._meanings: dict[tuple[str, str], str] = {}
        self.rows: dict[str, FieldRow] = {}
        self.base = QComboBox()
        for code, name in bases:
            self.base.addItem(f"{code} · {name}", code)
        self._how = QHBoxLayout()
        self._how.setSpacing(theme.px(8))
        self._missing = label("", "warningStrip", wrap=True)
        self._card, self._unknown = Section(), Section(_("Words that no list has"))
        self._grid, self._words = QGridLayout(), QGridLayout()
        for grid, card in ((self._grid, self._card), (self._words, self._unknown)):
            grid.setHorizontalSpacing(theme.px(12))
            grid.setVerticalSpacing(theme.px(4))
            card.body.addLayout(grid)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._unknown)
        column.addWidget(self._card)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(8))
        outer.addLayout(self._how)
        outer.addWidget(self._missing)
        self._area = scrolled(inside)
        outer.addWidget(self._area, 1)
        self._reveal = QTimer(self, singleShot=True, interval=0)  # when the rows have their places
        self._reveal.timeout.connect(self._show_focused)

    def show_sheet(self, sheet: Sheet, matching: Matching) -> None:
        """Show a table that was just opened."""
        self._show_how(sheet)
        clear(self._grid)
        self._meanings = dict(matching.meanings)
        self.rows = {name: FieldRow(name, sheet, self._choices, self._change) for name in (FULL_NAME, *STUDENT.names)}
        top = Qt.AlignmentFlag.AlignVCenter
        for line, row in enumerate(self.rows.values()):
            self._grid.addWidget(row.title, line, 0, top)
            self._grid.addWidget(row.column, line, 1)
            self._grid.addWidget(row.sample, line, 2, top)
            self._grid.addWidget(row.value, line, 2)
            self._grid.addWidget(row.zeros, line, 3)
            row.fill(matching)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(2, 3)
        self._show_missing()

    def _show_how(self, sheet: Sheet) -> None:
        """How the file was understood, each part to be changed."""
        clear(self._how)
        table = sheet.table
        self._how.addWidget(label(table.name, "section"))
        facts = [_("{n} rows").format(n=shown_number(len(sheet.rows)))]
        if sheet.above:
            facts.append(_("{n} rows above the headings are left out").format(n=sheet.above))
        self._how.addWidget(label(" · ".join(facts), "muted"))
        self._how.addStretch(1)
        if table.kind == "xlsx":
            pairs = [(name, name) for name in table.sheets]
            sheets = self._chooser(_("Sheet"), pairs, table.sheet)
            sheets.activated.connect(lambda _n: self.reopen.emit(sheets.currentData(), "", ""))
        else:
            codes = self._chooser(_("Encoding"), [(name, name) for name in ENCODINGS], table.encoding)
            signs = self._chooser(_("Separator"), [(s, _(_DELIMITER_WORDS[s])) for s in DELIMITERS], table.delimiter)
            for box in (codes, signs):
                box.activated.connect(lambda _n: self.reopen.emit("", codes.currentData(), signs.currentData()))
        if len(self._bases) > 1:
            self.base.setVisible(True)
            self._how.addWidget(label(_("Base university"), "muted"))
            self._how.addWidget(self.base)

    def _chooser(self, title: str, pairs: Sequence[tuple[str, str]], now: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(title)
        for value, words in pairs:
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(now)))
        self._how.addWidget(label(title, "muted"))
        self._how.addWidget(box)
        return box

    def begin(self) -> None:
        """The keys go to the first field that lacks a column, else to the first of all."""
        wanted = next(iter(self.matching().missing()), FULL_NAME)
        self.rows[wanted].column.setFocus()
        self._reveal.start()

    def _show_focused(self) -> None:
        focused = self.focusWidget()
        if focused is not None and self._area.isAncestorOf(focused):
            self._area.ensureWidgetVisible(focused, 0, theme.px(80))

    def matching(self) -> Matching:
        """What is chosen now."""
        columns = {name: row.at() for name, row in self.rows.items() if row.at() >= 0}
        constants = {name: row.constant() for name, row in self.rows.items() if row.at() == CONSTANT and row.constant()}
        zeros = frozenset(name for name, row in self.rows.items()
                          if row.at() >= 0 and not row.zeros.isHidden() and row.zeros.isChecked())  # fmt: skip
        return Matching(columns, constants, zeros, dict(self._meanings))

    def show_unknown(self, unknown: Mapping[tuple[str, str], int]) -> None:
        """Ask what words of the file mean that are no code and no name of a list."""
        clear(self._words)
        shown = sorted(unknown.items(), key=lambda found: -found[1])[:MOST_UNKNOWN]
        for line, ((name, text), count) in enumerate(shown):
            said = _("{field}: «{text}», rows: {n}").format(
                field=records.label_of(name), text=text, n=shown_number(count)
            )
            box = _value_editor(self._choices.get(name, ()))
            assert isinstance(box, QComboBox)
            box.setAccessibleName(said)
            box.activated.connect(lambda _n, key=(name, text), box=box: self._mean(key, str(box.currentData())))
            self._words.addWidget(label(said, wrap=True), line, 0)
            self._words.addWidget(box, line, 1)
        self._unknown.setVisible(bool(shown))

    def _mean(self, key: tuple[str, str], code: str) -> None:
        self._meanings = {k: v for k, v in self._meanings.items() if k != key} | ({key: code} if code else {})

    def _change(self) -> None:
        for row in self.rows.values():
            row.renew()
        self._show_missing()
        self.changed.emit()

    def _show_missing(self) -> None:
        names = [records.label_of(name) for name in self.matching().missing()]
        self._missing.setVisible(bool(names))
        self._missing.setText(
            _("No column for: {fields}. Choose one, give a value for the whole file, or only records that are here "
              "already can be changed.").format(fields=", ".join(names))
        )  # fmt: skip

