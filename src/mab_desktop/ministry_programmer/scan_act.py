"""The envelope's card: the act's counts, what is scanned next, and the hall's balance (p.34, p.38)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _, active
from mab_desktop.services.envelopes import EnvelopeLine
from mab_desktop.services.pass_comparison import Comparison
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Count, CountsView, Section, clear, label

PASS_TITLES = {1: N_("Scan pass 1"), 2: N_("Scan pass 2")}
FOLDER_TITLES = {1: N_("Scan pass 1 from a folder…"), 2: N_("Scan pass 2 from a folder…")}


class EnvelopeCard(QWidget):
    """Right of the sheets. It asks its page for everything that is done: `closed` and `may_scan` say why not."""

    save_asked = Signal()
    act_is_right = Signal()
    paper_is_right = Signal()
    print_asked = Signal()
    scan_asked = Signal(int)  # pass, by the remembered way
    folder_asked = Signal(int)  # pass, from a folder though a scanner is remembered
    scanner_asked = Signal()
    discard_asked = Signal()
    page_asked = Signal(str)

    def __init__(self, closed: Callable[[], str], may_scan: Callable[[int], str], no_pass: Callable[[], str]) -> None:
        super().__init__()
        self.line: EnvelopeLine | None = None
        self._known: tuple[object, ...] = ()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        self.act = Section(_("The envelope"))
        self.act.body.addWidget(label(_("Sheets by the act (p.34)"), "phase"))
        self.act_words = label("", "small", wrap=True)
        self.act.body.addWidget(self.act_words)
        self.act.body.addLayout(self._fields())
        self.against = self._against(closed)
        self.act.body.addWidget(self.against)
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
        self.print_button = ActionButton(Action(N_("Print the balance"), self.print_asked.emit, "print"))
        self.balance_card.body.addWidget(self.print_button)
        for card in (self.act, self.balance_card):
            column.addWidget(card)
        column.addStretch(1)
        self.buttons = [self.save_button, *self.scan_buttons.values(), *self.folder_buttons.values(),
                        self.discard_button, self.act_button, self.paper_button, self.print_button]  # fmt: skip

    def _against(self, closed: Callable[[], str]) -> QFrame:
        """What is typed differs from the act: the difference, and which of the two is right."""
        made = theme.named(QFrame(), "messageWarning")
        column = QVBoxLayout(made)
        column.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(4))
        self.against_words = label("", "", wrap=True)
        self.act_button = ActionButton(Action(N_("The act is right"), self.act_is_right.emit, "undo", obstacle=closed))
        self.paper_button = ActionButton(
            Action(N_("The paper is right…"), self.paper_is_right.emit, "edit", obstacle=closed)
        )
        for part in (self.against_words, self.act_button, self.paper_button):
            column.addWidget(part)
        made.hide()
        return made

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
        for field in (self.used, self.unused):
            field.textChanged.connect(self._show_act)
        row.setColumnStretch(2, 1)
        return row

    def _scanning(self, may_scan: Callable[[int], str]) -> None:
        self.scan_words, self.source_words = label("", "muted", wrap=True), label("", "small", wrap=True)
        self.scan_buttons, self.folder_buttons = {}, {}
        self.act.body.addWidget(self.scan_words)
        for n in PASS_TITLES:
            self.scan_buttons[n] = ActionButton(
                Action(PASS_TITLES[n], partial(self.scan_asked.emit, n), "scan", "F5",
                       partial(may_scan, n), primary=True)
            )  # fmt: skip
            self.folder_buttons[n] = ActionButton(
                Action(FOLDER_TITLES[n], partial(self.folder_asked.emit, n), "folder",
                       obstacle=partial(may_scan, n))
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
        b, self.line = line.balance, line
        known = (line.hall, b.used, b.unused, b.remark, b.act_number, b.act_used, b.act_unused)
        if known != self._known:  # else what is being typed stays, whatever else has changed
            self._known = known
            self.take_counts()
        self._show_act()
        # Once both passes are there, the balance is what one looks for.
        self._column.insertWidget(1 if b.read2 is None else 0, self.balance_card)
        self.counts.show_counts(_rows(line))
        self._show_problems(line, found)
        self._show_scanning(b.read1, b.read2, scanner)

    def take_counts(self, *, of_act: bool = False) -> None:
        """Fill both fields: with what was received, else with the act's counts."""
        if self.line is None:
            return
        b = self.line.balance
        received = (b.used, b.unused) if b.used is not None and not of_act else (b.act_used, b.act_unused)
        for field, count in zip((self.used, self.unused), received, strict=True):
            field.setText("" if count is None else str(count))

    def differs(self) -> bool:
        """Whether what is typed is not what the act says, and nobody has said yet why."""
        return bool(self._gaps()) and not self._explained()

    def _explained(self) -> bool:
        b = self.line.balance if self.line else None
        return bool(b and b.remark) and self._typed() == (b.used, b.unused) if b else False

    def _typed(self) -> tuple[int, int] | None:
        typed = self.used.text(), self.unused.text()
        return (int(typed[0]), int(typed[1])) if all(typed) else None

    def _gaps(self) -> list[str]:
        typed, b = self._typed(), self.line.balance if self.line else None
        if typed is None or b is None or b.act_used is None or b.act_unused is None:
            return []
        names = (_("Used"), _("Unused"))
        gaps = zip(names, typed, (b.act_used, b.act_unused), strict=True)
        return [_("{name}: {typed} here, {due} by the act ({gap})").format(
            name=name, typed=here, due=due, gap=f"{here - due:+d}".replace("-", "−")) for name, here, due in gaps
            if here != due]  # fmt: skip

    def _show_act(self) -> None:
        b = self.line.balance if self.line else None
        if b is None:
            return
        known = b.act_used is not None
        self.act_words.setText(
            _("Act No {number}: {used} used, {unused} unused.").format(
                number=b.act_number, used=b.act_used, unused=b.act_unused) if known
            else _("No act of return is entered yet: type the numbers from the paper.")
        )  # fmt: skip
        gaps = self._gaps()
        self.against.setVisible(self.differs())
        if gaps:
            self.against_words.setText("\n".join([*gaps, _("Which is right?")]))
        self.act_button.setVisible(self.differs())
        self.paper_button.setVisible(self.differs())

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


def _rows(line: EnvelopeLine) -> list[Count]:
    """Who was seated, and every equality that can be looked at by now."""
    b = line.balance
    rows = [Count(_("Students seated"), b.seated)]
    if b.used1 is not None:
        rows += [Count(_("Present"), b.present), Count(_("Absent"), b.absent), Count(_("Removed"), b.removed)]
    return rows + [Count(_(one.label), one.found, one.due) for one in line.equalities]


def _told(line: EnvelopeLine, found: Comparison) -> list[str]:
    # What waits for the commission is a link below, not a fault.
    waiting = {"identified", "students"} if line.open_lines else set()
    told = [problem.message(active()) for problem in line.remarks]
    told += [one.problem.message(active()) for one in line.equalities if one.gap and one.field not in waiting]
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
    return told
