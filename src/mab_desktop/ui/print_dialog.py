"""The questions before printing: where, how often, which pages, one side or both; and where to go on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.printing import SIDES_LABELS, PrintOrder, Sides, page_numbers, page_words
from mab_desktop.i18n import _
from mab_desktop.services.printers import Printer, PrinterState
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.panels import label
from mab_desktop.ui.print_words import in_trouble, printer_words
from mab_desktop.ui.states import Mark

Look = Callable[[Callable[[Sequence[Printer]], None]], None]


def _grid() -> QGridLayout:
    made = QGridLayout()
    made.setHorizontalSpacing(theme.px(16))
    made.setVerticalSpacing(theme.px(8))
    made.setColumnStretch(1, 1)
    return made


def _row() -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(theme.px(12))
    return made


def _name(words: str) -> QLabel:
    """The name of a field, beside the first line of what may be higher."""
    made = label(words)
    made.setMinimumHeight(theme.px(32))
    return made


def _mark(printer: Printer) -> Mark:
    if printer.state in (PrinterState.STOPPED, PrinterState.CLOSED) or in_trouble(printer.reasons):
        return Mark.LATE
    return Mark.DUE if printer.reasons or printer.waiting else Mark.DONE


class PrinterChoice(QWidget):
    """A printer out of those there are, how it stands, and a button to look again."""

    def __init__(self, printers: Sequence[Printer], wanted: str, look: Look | None = None) -> None:
        super().__init__()
        self.list, self.state = QComboBox(), label("", "muted", wrap=True)
        self.list.setAccessibleName(_("Printer"))
        self.list.currentIndexChanged.connect(self._say)
        self.again = again = icons.button("refresh", _("Look again"))
        again.setAutoDefault(False)
        again.setVisible(look is not None)
        if look is not None:
            again.clicked.connect(lambda: look(lambda found: self.offer(found, self.list.currentData() or wanted)))
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.list, 1)
        row.addWidget(again)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addLayout(row)
        column.addWidget(self.state)
        self.offer(printers, wanted)

    def offer(self, printers: Sequence[Printer], wanted: str) -> None:
        """Show these printers; `wanted` is chosen when it is among them, else the default."""
        self._printers = {printer.name: printer for printer in printers}
        self.list.blockSignals(True)
        self.list.clear()
        for printer in printers:
            # Strip and log know a printing by the queue's name: who chooses by other words sees both.
            both = f"{printer.words} · {printer.name}" if printer.words not in ("", printer.name) else printer.name
            words = _("{name} (usual)").format(name=both) if printer.default else both
            self.list.addItem(icons.mark_icon(_mark(printer)), words, printer.name)
        usual = next((printer.name for printer in printers if printer.default), "")
        for name in (usual, wanted):
            if (place := self.list.findData(name)) >= 0:
                self.list.setCurrentIndex(place)
        self.list.blockSignals(False)
        self.list.currentIndexChanged.emit(self.list.currentIndex())

    def chosen(self) -> Printer | None:
        """The printer; None when there is none."""
        return self._printers.get(self.list.currentData() or "")

    def _say(self) -> None:
        printer = self.chosen()
        self.state.setText(printer_words(printer) if printer else "")
        self.state.setVisible(bool(self.state.text()))


class PrintQuestion(Question):
    """Which printer, how many copies, which pages, one side or both. Always true size, so nothing is asked of that."""

    def __init__(
        self, parent: QWidget | None, title: str, count: int, copies: int, printers: Sequence[Printer] = (), *,
        sides: Sides = Sides.ONE, current: int = 1, wanted: str = "", look: Look | None = None, once: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parent, _("Print"), title, _("Print"))
        self.setMinimumWidth(theme.px(620))
        self._count, self._current, self._asked, self._once = count, current, copies, once
        self.printer = PrinterChoice(printers, wanted, look)
        self.copies, self.range = QSpinBox(), QLineEdit()
        self.copies.setRange(1, 1 if once else 99)
        self.copies.setValue(copies)
        self.sides = QComboBox()
        for choice in Sides:
            self.sides.addItem(_(SIDES_LABELS[choice]), choice)
        self.sides.setCurrentIndex(self.sides.findData(sides))
        self._sides_wanted = sides
        self.collate = QCheckBox(_("Copy after copy"))
        self.collate.setChecked(True)
        self.sides_why, self.warning = label("", "muted", wrap=True), label("", "warningStrip", wrap=True)
        self.obstacle = label("", "errorStrip", wrap=True)
        self.fields.setSpacing(theme.px(8))
        self.fields.addLayout(self._grid())
        self.fields.addWidget(label(_("True size: a millimetre of the document is a millimetre on paper."), "muted"))
        self.fields.addWidget(self.warning)
        self.fields.addWidget(self.obstacle)
        self.sides.activated.connect(self._choose_side)
        self.printer.list.currentIndexChanged.connect(self._check)
        for signal in (self.range.textChanged, self.every.toggled, self.this.toggled, self.copies.valueChanged,
                       self.sides.activated):  # fmt: skip
            signal.connect(self._check)
        self._check()

    def _grid(self) -> QGridLayout:
        grid, copies, how_many = _grid(), QVBoxLayout(), _row()
        copies.setSpacing(theme.px(4))
        how_many.addWidget(self.copies)
        words = _("Each once: printed again, it says that it is a copy") if self._once else (
            _("Copies by the regulation: {n}").format(n=self._asked)
        )  # fmt: skip
        how_many.addWidget(label(words, "muted", wrap=True), 1)
        copies.addLayout(how_many)
        copies.addWidget(self.collate)  # in a row of its own: in Russian both are long
        sides = QVBoxLayout()
        sides.setSpacing(theme.px(4))
        sides.addWidget(self.sides)
        sides.addWidget(self.sides_why)
        lines: tuple[tuple[str, QWidget | QVBoxLayout | QHBoxLayout], ...] = (
            (_("Printer"), self.printer), (_("Copies"), copies), (_("Pages"), self._which_pages()), (_("Sides"), sides),
        )  # fmt: skip
        for row, (words, field) in enumerate(lines):
            grid.addWidget(_name(words), row, 0, Qt.AlignmentFlag.AlignTop)
            if isinstance(field, QWidget):
                grid.addWidget(field, row, 1)
            else:
                grid.addLayout(field, row, 1)
        return grid

    def _which_pages(self) -> QHBoxLayout:
        self.every = QRadioButton(_("All {n}").format(n=self._count))
        self.every.setChecked(True)
        self.this = QRadioButton(_("Only page {n}").format(n=self._current))
        self.some = QRadioButton(_("Pages"))
        self._which = QButtonGroup(self)
        self.range.setPlaceholderText(_("like 1-3, 5"))
        self.range.setAccessibleName(_("Pages"))
        self.range.textEdited.connect(lambda: self.some.setChecked(True))
        self.some.toggled.connect(lambda on: self.range.setFocus() if on else None)
        row = _row()
        for button in (self.every, self.this, self.some):
            self._which.addButton(button)
            row.addWidget(button)
        row.addWidget(self.range, 1)
        return row

    def _check(self) -> None:
        printer, pages = self.printer.chosen(), self.pages()
        self._offer_sides(printer)
        why = ""
        if printer is None:
            why = _("No printer is installed on this computer. Save the document as PDF and print it elsewhere.")
        elif not pages:
            why = _("There are no such pages: the document has {n}.").format(n=self._count)
        self._say(self.obstacle, why)
        self._say(self.warning, self._doubts(printer) if printer and not why else "")
        two_sided = self._side() is not Sides.ONE
        self.collate.setEnabled(self.copies.value() > 1 and not two_sided)
        if two_sided:
            self.collate.setChecked(True)
        self.act_button.setEnabled(not why)

    def _side(self) -> Sides:
        return Sides(self.sides.currentData())

    def _choose_side(self, _place: int) -> None:
        """The person's own choice is what a printer that can do it comes back to."""
        self._sides_wanted = self._side()

    def _offer_sides(self, printer: Printer | None) -> None:
        """Grey what the printer cannot do; what was wanted comes back with a printer that can."""
        can = printer.sides if printer else frozenset(Sides)
        model = self.sides.model()
        for place, choice in enumerate(Sides):
            model.item(place).setEnabled(choice in can)  # type: ignore[attr-defined]
        wanted = self._sides_wanted if self._sides_wanted in can else Sides.ONE
        self.sides.setCurrentIndex(self.sides.findData(wanted))
        self.sides.setEnabled(len(can) > 1)
        self._say(self.sides_why, "" if len(can) > 1 else _("This printer prints on one side only."))

    def _doubts(self, printer: Printer) -> str:
        words = []
        if not printer.has_a4:
            words.append(_("There is no A4 in this printer as far as it tells: {paper}. Put A4 in before you print.")
                         .format(paper=", ".join(map(_paper_words, printer.paper))))  # fmt: skip
        if printer.state in (PrinterState.STOPPED, PrinterState.CLOSED):
            words.append(_("This printer stands still: the document waits until it goes on."))
        return " ".join(words)

    def _say(self, place: QLabel, words: str) -> None:
        place.setText(words)
        place.setVisible(bool(words))
        if self.isVisible():
            self.fit()

    def fit(self) -> None:
        """As high as what is said now."""
        self.resize(self.width(), max(self._stack.totalHeightForWidth(self.width()), self.minimumHeight()))

    def pages(self) -> tuple[int, ...]:
        """The chosen pages, from 1; none when the words name no page."""
        if self.this.isChecked():
            return (self._current,)
        if self.every.isChecked():
            return tuple(range(1, self._count + 1))
        return (page_numbers(self.range.text(), self._count) or ()) if self.range.text().strip() else ()

    def order(self) -> PrintOrder:
        """What was asked for."""
        printer = self.printer.chosen()
        name = printer.name if printer else ""
        return PrintOrder(
            name, self.pages(), self.copies.value(), self._side(), self.collate.isChecked()
        )


def _paper_words(keyword: str) -> str:
    """"iso_a5_148x210mm" is "A5 148x210mm", as IPP names paper (PWG 5101.1)."""
    _family, _bar, rest = keyword.partition("_")
    return rest.replace("_", " ").upper().replace("MM", "mm").replace("IN", "in") or keyword


class GoOnQuestion(Question):
    """Where to go on after a stop: the last good page, or the pages that came out spoilt; and on which printer."""

    def __init__(
        self, parent: QWidget | None, title: str, order: PrintOrder, good: int, printers: Sequence[Printer], *,
        whole: bool = False, look: Look | None = None,
    ) -> None:  # fmt: skip
        text = _("The rest is printed under the same number: it is no copy. Look at the last good sheet.")
        super().__init__(parent, _("Go on printing"), "\n".join((title, text)), _("Go on printing"))
        self.setMinimumWidth(theme.px(560))
        self._order, copy_page = order, order.place(good)
        self.printer = PrinterChoice(printers, order.printer, look)
        self.rest = QRadioButton(_("Everything after the last good page"))
        self.some = QRadioButton(_("Only pages that came out spoilt"))
        (self.some if whole else self.rest).setChecked(True)
        self.page, self.copy, self.spoilt, self.range = QSpinBox(), QSpinBox(), QSpinBox(), QLineEdit()
        self.page.setRange(0, max(order.pages))
        self.page.setValue(copy_page[1])
        self.page.setSpecialValueText(_("not one"))
        self.copy.setRange(1, order.copies)
        self.copy.setValue(copy_page[0])
        self.spoilt.setRange(0, 9999)
        self.range.setPlaceholderText(_("like 1-3, 5"))
        self.range.textEdited.connect(lambda: self.some.setChecked(True))
        self.told, self.obstacle = label("", "muted", wrap=True), label("", "errorStrip", wrap=True)
        self.fields.setSpacing(theme.px(8))
        self.fields.addLayout(self._grid())
        self.fields.addWidget(self.told)
        self.fields.addWidget(self.obstacle)
        for signal in (self.page.valueChanged, self.copy.valueChanged, self.range.textChanged, self.rest.toggled,
                       self.printer.list.currentIndexChanged):  # fmt: skip
            signal.connect(self._check)
        self._check()

    def _grid(self) -> QGridLayout:
        grid, last, spoilt = _grid(), _row(), _row()
        last.addWidget(self.page)
        last.addWidget(copy_name := label(_("in copy")))
        last.addWidget(self.copy)
        last.addStretch(1)
        spoilt.addWidget(self.spoilt)
        spoilt.addStretch(1)
        for part in (copy_name, self.copy):
            part.setVisible(self._order.copies > 1)
        grid.addWidget(self.rest, 0, 0, 1, 2)
        grid.addWidget(self.some, 2, 0, 1, 2)
        for row, words, field in ((1, _("The last good page"), last), (3, _("Pages"), self.range)):
            inner = _grid()
            inner.setContentsMargins(theme.px(24), 0, 0, 0)
            inner.addWidget(_name(words), 0, 0)
            inner.addWidget(field, 0, 1) if isinstance(field, QWidget) else inner.addLayout(field, 0, 1)
            grid.addLayout(inner, row, 0, 1, 2)
        grid.addWidget(_name(_("Spoilt sheets")), 4, 0)
        grid.addLayout(spoilt, 4, 1)
        grid.addWidget(_name(_("Printer")), 5, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.printer, 5, 1)
        return grid

    def _check(self) -> None:
        why = told = ""
        pages = self._chosen()
        if self.printer.chosen() is None:
            why = _("No printer is installed on this computer. Save the document as PDF and print it elsewhere.")
        elif not pages:
            why = _("There is nothing left to print.") if self.rest.isChecked() else _("Say which pages, like 1-3, 5.")
        else:
            told = _("Printed now: {pages}").format(pages=pages)
        for place, words in ((self.told, told), (self.obstacle, why)):
            place.setText(words)
            place.setVisible(bool(words))
        self.act_button.setEnabled(not why)

    def _chosen(self) -> str:
        if self.some.isChecked():
            return page_words(self._spoilt_pages())
        parts = self._order.rest(self.good())
        if self._order.copies == 1 or not self._order.by_copy:
            several = {part: f" × {part.copies}" if part.copies > 1 else "" for part in parts}
            return "; ".join(page_words(part.pages) + several[part] for part in parts)
        words, copy = [], self._order.copies - sum(part.copies for part in parts)
        for part in parts:
            numbers = page_words(range(copy + 1, copy + part.copies + 1))
            words.append(_("copy {n}: {pages}").format(n=numbers, pages=page_words(part.pages)))
            copy += part.copies
        return "; ".join(words)

    def _spoilt_pages(self) -> tuple[int, ...]:
        count = max(self._order.pages)
        return (page_numbers(self.range.text(), count) or ()) if self.range.text().strip() else ()

    def good(self) -> int:
        """How many sides of the order are good by the person's word."""
        return self._order.good(self.copy.value(), self.page.value())

    def order(self) -> tuple[PrintOrder, int]:
        """What to print, and the side it starts after."""
        printer = self.printer.chosen()
        name, old = printer.name if printer else "", self._order
        if self.some.isChecked():
            return PrintOrder(name, self._spoilt_pages(), 1, old.sides, old.collate), 0
        return PrintOrder(name, old.pages, old.copies, old.sides, old.collate), self.good()
