"""The envelope's card: the act's counts, what is scanned next, and the hall's balance (p.34, p.38)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from mab_desktop.domain.attendance import Balance
from mab_desktop.i18n import N_, _, active
from mab_desktop.services.envelopes import Comparison, EnvelopeLine
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Count, CountsView, Section, clear, label

PASS_TITLES = {1: N_("Scan pass 1"), 2: N_("Scan pass 2")}
FOLDER_TITLES = {1: N_("Scan pass 1 from a folder…"), 2: N_("Scan pass 2 from a folder…")}


class EnvelopeCard(QWidget):
    """Right of the sheets. It asks its page for everything that is done: `closed` and `may_scan` say why not."""

    save_asked = Signal()
    scan_asked = Signal(int)  # pass, by the remembered way
    folder_asked = Signal(int)  # pass, from a folder though a scanner is remembered
    scanner_asked = Signal()
    discard_asked = Signal()
    page_asked = Signal(str)

    def __init__(self, closed: Callable[[], str], may_scan: Callable[[int], str], no_pass: Callable[[], str]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        self.act = Section(_("The envelope"))
        self.act.body.addWidget(label(_("Sheets by the act (p.34)"), "phase"))
        self.act.body.addLayout(self._fields())
        self.save_button = ActionButton(Action(N_("Save the counts"), self.save_asked.emit, "save", "Ctrl+S", closed))
        self.act.body.addWidget(self.save_button)
        self._scanning(may_scan)
        self.discard_button = ActionButton(
            Action(N_("Set this pass aside…"), self.discard_asked.emit, "delete", obstacle=no_pass, dangerous=True)
        )
        self.act.body.addWidget(self.discard_button)
        self.balance_card = Section(_("Balance of the hall"))
        self.counts, self.problems = CountsView(), QVBoxLayout()
        self.balance_card.body.addWidget(self.counts)
        self.balance_card.body.addLayout(self.problems)
        for card in (self.act, self.balance_card):
            column.addWidget(card)
        column.addStretch(1)
        self.buttons = [self.save_button, *self.scan_buttons.values(), *self.folder_buttons.values(),
                        self.discard_button]  # fmt: skip

    def _fields(self) -> QGridLayout:
        row = QGridLayout()
        row.setHorizontalSpacing(theme.px(12))
        row.setVerticalSpacing(0)
        self.used, self.unused = QLineEdit(), QLineEdit()
        for place, (words, field) in enumerate(((_("Used"), self.used), (_("Unused"), self.unused))):
            field.setValidator(QIntValidator(0, 9999, field))
            field.setFixedWidth(theme.px(64))
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setAccessibleName(words)
            row.addWidget(label(words, "factLabel"), 0, place)
            row.addWidget(field, 1, place)
        self.used.returnPressed.connect(self.unused.setFocus)
        self.unused.returnPressed.connect(self.save_asked.emit)
        row.setColumnStretch(2, 1)
        return row

    def _scanning(self, may_scan: Callable[[int], str]) -> None:
        self.scan_words, self.source_words = label("", "muted", wrap=True), label("", "small", wrap=True)
        self.scan_buttons, self.folder_buttons = {}, {}
        self.act.body.addWidget(self.scan_words)
        for n in PASS_TITLES:
            self.scan_buttons[n] = ActionButton(
                Action(PASS_TITLES[n], lambda n=n: self.scan_asked.emit(n), "scan", "F5",
                       lambda n=n: may_scan(n), primary=True)
            )  # fmt: skip
            self.folder_buttons[n] = ActionButton(
                Action(FOLDER_TITLES[n], lambda n=n: self.folder_asked.emit(n), "folder",
                       obstacle=lambda n=n: may_scan(n))
            )  # fmt: skip
            self.act.body.addWidget(self.scan_buttons[n])
            self.act.body.addWidget(self.folder_buttons[n])
        self.scanner_link = QPushButton()
        self.scanner_link.setProperty("kind", "link")
        self.scanner_link.clicked.connect(self.scanner_asked.emit)
        self.act.body.addWidget(self.source_words)
        self.act.body.addWidget(self.scanner_link, 0, Qt.AlignmentFlag.AlignLeft)

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_line(self, line: EnvelopeLine, found: Comparison, scanner: str) -> None:
        """Show a hall; `scanner` is the remembered one's name, "" when there is none."""
        b = line.balance
        if not (self.used.hasFocus() or self.unused.hasFocus()):
            self.used.setText("" if b.used is None else str(b.used))
            self.unused.setText("" if b.unused is None else str(b.unused))
        self.counts.show_counts(_rows(b))
        self._show_problems(line, found)
        self._show_scanning(b.read1, b.read2, scanner)

    def _show_scanning(self, first: int | None, second: int | None, scanner: str) -> None:
        if first is None:
            words = _("All sheets of the envelope, filled and blank, go through the scanner, then once more (p.38).")
        elif second is None:
            words = _("Pass 1 read {n} sheets. Put the same sheets through once more.").format(n=first)
        else:
            words = _("Both passes are scanned. The sheets go back into the envelope.")
        self.scan_words.setText(words)
        due = 1 if first is None else 2 if second is None else 0
        for n, button in self.scan_buttons.items():
            button.setText(_(PASS_TITLES[n]) if scanner else _(FOLDER_TITLES[n]))
            button.setVisible(n == due)
            self.folder_buttons[n].setVisible(n == due and bool(scanner))
        self.source_words.setText(_("Scanner: {name}").format(name=scanner))
        self.source_words.setVisible(bool(scanner and due))
        self.scanner_link.setText(_("Another scanner") if scanner else _("Choose a scanner"))
        self.scanner_link.setVisible(bool(due))

    def _show_problems(self, line: EnvelopeLine, found: Comparison) -> None:
        clear(self.problems)
        for words in _told(line, found):
            self.problems.addWidget(label("! " + words, "carried", wrap=True))
        if line.doubtful:
            self.problems.addWidget(self._link(_("Decide the doubtful marks: {n}").format(n=line.doubtful), "doubtful"))
        if line.open_lines:
            words = _("Open lines of the protocol: {n}").format(n=line.open_lines)
            self.problems.addWidget(self._link(words, "identification"))
        if line.balanced:
            self.problems.addWidget(label(_("Every number of the hall agrees."), "doneStrip", wrap=True))

    def _link(self, words: str, page: str) -> QWidget:
        button = QPushButton(words)
        button.setProperty("kind", "link")
        button.clicked.connect(lambda: self.page_asked.emit(page))
        return button


def _rows(b: Balance) -> list[Count]:
    in_act = None if b.used is None or b.unused is None else b.used + b.unused
    rows = [Count(_("Students seated"), b.seated)]
    if b.counted_present is not None:
        rows.append(Count(_("Counted in the hall"), b.counted_present))
    if b.read1 is not None:
        rows.append(Count(_("Pass 1: sheets"), b.read1, in_act))
    if b.read2 is not None:
        rows += [
            Count(_("Pass 2: sheets"), b.read2, in_act), Count(_("Used sheets"), b.used1 or 0, b.used),
            Count(_("Identified sheets"), b.identified, b.used),
            Count(_("With a sheet or absent"), b.identified + b.absent, b.seated),
        ]  # fmt: skip
    return rows


def _told(line: EnvelopeLine, found: Comparison) -> list[str]:
    told = [problem.message(active()) for problem in line.remarks]
    sheets = (
        (_("Only in pass 1: {serials}."), found.only_first if line.balance.read2 is not None else ()),
        (_("Only in pass 2: {serials}."), found.only_second),
        (_("Twice in one pass: {serials}."), found.twice),
    )
    told += [words.format(serials=", ".join(serials)) for words, serials in sheets if serials]
    if found.refused:
        told.append(_("{n} pages were refused by the reader: scan again, read by eye or set aside.").format(
            n=len(found.refused)))  # fmt: skip
    if found.nameless:
        told.append(_("{n} pages have no serial: type it from the paper.").format(n=len(found.nameless)))
    if found.differing:
        groups = sum(len(groups) for groups in found.differing.values())
        told.append(_("{n} marks of {sheets} sheets were read differently in the two passes: they wait among the "
                      "doubtful marks.").format(n=groups, sheets=len(found.differing)))  # fmt: skip
    return told
