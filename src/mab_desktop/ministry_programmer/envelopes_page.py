"""Envelopes (p.34, p.38): the act's counts, two passes through the scanner, their differences, the hall's balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import pictures, season
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import envelopes
from mab_desktop.services.envelopes import Comparison, EnvelopeLine, PageLine, PassReport
from mab_desktop.ui import theme
from mab_desktop.ui.image_review import ImageView, Thumb, ThumbStrip
from mab_desktop.ui.messages import ask_for_reason, ask_for_words, ask_to_confirm
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Count, CountsView, Section, clear, label, scrolled, split
from mab_desktop.ui.states import Mark

_FOLDER = "envelopes.folder"


class EnvelopesPage(ShiftPage):
    """The halls left, the pages of a pass in the middle, the balance and what is to be settled right."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.line: EnvelopeLine | None = None
        self.pages: dict[str, PageLine] = {}
        self.halls, self.strip, self.view = HallList(), ThumbStrip(), ImageView()
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.strip.thumb_chosen.connect(self._show_page)
        self.page_words = label("", "", wrap=True)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._passes())
        column.addWidget(self.page_words)
        column.addWidget(split(self.strip, self.view, stretches=(2, 5)), 1)
        self.body.addWidget(split(self.halls, middle, self._side(), stretches=(3, 12, 8)), 1)
        self.add_actions((
            Action(N_("Next hall"), self.next_open, "forward", "F3"),
            Action(N_("Identification"), self._identify, "identify"),
        ))  # fmt: skip

    # --- building --------------------------------------------------------------------------------------------------

    def _passes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        self.pass_buttons, group = {}, QButtonGroup(self)
        for number, words in ((1, _("Pass 1")), (2, _("Pass 2"))):
            button = QPushButton(words, checkable=True, checked=number == 1)
            button.setProperty("kind", "segment")
            button.clicked.connect(self._show_pages)
            group.addButton(button)
            row.addWidget(button)
            self.pass_buttons[number] = button
        row.addStretch(1)
        self.page_buttons = [
            ActionButton(Action(title, act, icon, obstacle=obstacle))
            for title, act, icon, obstacle in (
                (N_("Scan again"), self.rescan, "refresh", self._no_page),
                (N_("Type the serial"), self.name_page, "keyboard", self._named),
                (N_("Read by eye"), self.put_to_eye, "eye", self._read_well),
                (N_("Set aside"), self.set_aside, "wrong", self._read_well),
            )
        ]
        for button in self.page_buttons:
            row.addWidget(button)
        self._page_buttons += self.page_buttons
        return row

    def _side(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(8))
        self.act_card = Section(_("The envelope"))
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
        self.unused.returnPressed.connect(self.save)
        row.setColumnStretch(2, 1)
        self.save_button = ActionButton(Action(N_("Save the counts"), self.save, "save", "Ctrl+S", self._closed))
        self.act_card.body.addWidget(label(_("Sheets by the act (p.34)"), "phase"))
        self.act_card.body.addLayout(row)
        self.act_card.body.addWidget(self.save_button)
        self.scan_words = label("", "muted", wrap=True)
        self.scan_buttons = {
            number: ActionButton(Action(title, lambda number=number: self.choose_folder(number), "scan",
                                        obstacle=lambda number=number: self._may_not_scan(number), primary=True))
            for number, title in ((1, N_("Scan pass 1 from a folder…")), (2, N_("Scan pass 2 from a folder…")))
        }  # fmt: skip
        self.discard_button = ActionButton(
            Action(N_("Set this pass aside…"), self.discard, "delete", obstacle=self._no_pass, dangerous=True)
        )
        self.act_card.body.addWidget(self.scan_words)
        for button in (*self.scan_buttons.values(), self.discard_button):
            self.act_card.body.addWidget(button)
        self.balance_card = Section(_("Balance of the hall"))
        self.counts, self.problems = CountsView(), QVBoxLayout()
        self.balance_card.body.addWidget(self.counts)
        self.balance_card.body.addLayout(self.problems)
        self._page_buttons += [self.save_button, *self.scan_buttons.values(), self.discard_button]
        for card in (self.act_card, self.balance_card):
            column.addWidget(card)
        column.addStretch(1)
        area = scrolled(inside)
        area.setMinimumWidth(inside.minimumSizeHint().width() + theme.px(16))
        return area

    # --- showing ---------------------------------------------------------------------------------------------------

    def _closed(self) -> str:
        line = self.choice.line
        if line is None or line.state is not ShiftState.OPEN:
            return _("Envelopes are scanned while the shift is open (p.35, p.38).")
        return "" if self.halls.current() else _("Choose a hall.")

    def show_shift(self) -> None:
        """Every hall with its balance."""
        lines = envelopes.envelope_lines(self.app.ctx, self.shift)
        self.lines = {line.hall: line for line in lines}
        self.halls.show_halls([HallItem(line.hall, *_stands(line)) for line in lines])
        line = self.choice.line
        self.closed_reason = "" if line and line.state is ShiftState.OPEN else self._closed()
        self._show_hall()

    def _show_hall(self) -> None:
        hall = self.halls.current()
        self.line = self.lines.get(hall)
        if self.line is None:
            return
        b = self.line.balance
        if not (self.used.hasFocus() or self.unused.hasFocus()):
            self.used.setText("" if b.used is None else str(b.used))
            self.unused.setText("" if b.unused is None else str(b.unused))
        in_act = None if b.used is None or b.unused is None else b.used + b.unused
        settled = b.identified + b.absent
        rows = [Count(_("Students seated"), b.seated)]
        if b.counted_present is not None:
            rows.append(Count(_("Counted in the hall"), b.counted_present))
        if b.read1 is not None:
            rows.append(Count(_("Pass 1: sheets"), b.read1, in_act))
        if b.read2 is not None:
            rows += [
                Count(_("Pass 2: sheets"), b.read2, in_act), Count(_("Used sheets"), b.used1 or 0, b.used),
                Count(_("Identified sheets"), b.identified, b.used),
                Count(_("With a sheet or absent"), settled, b.seated),
            ]  # fmt: skip
        self.counts.show_counts(rows)
        self._show_problems(self.line, envelopes.comparison(self.app.ctx, self.shift, hall))
        self._show_scanning(b.read1, b.read2)
        self._show_pages()

    def _show_scanning(self, first: int | None, second: int | None) -> None:
        if first is None:
            words = _("All sheets of the envelope, filled and blank, go through the scanner, then once more (p.38).")
        elif second is None:
            words = _("Pass 1 read {n} sheets. Put the same sheets through once more.").format(n=first)
        else:
            words = _("Both passes are scanned. The sheets go back into the envelope.")
        self.scan_words.setText(words)
        self.scan_buttons[1].setVisible(first is None)
        self.scan_buttons[2].setVisible(first is not None and second is None)
        self.renew_actions()

    def _show_problems(self, line: EnvelopeLine, found: Comparison) -> None:
        clear(self.problems)
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
        for words in told:
            self.problems.addWidget(label("! " + words, "carried", wrap=True))
        if line.doubtful:
            self.problems.addWidget(self._link(_("Decide the doubtful marks: {n}").format(n=line.doubtful), "doubtful"))
        if line.open_lines:
            words = _("Open lines of the protocol: {n}").format(n=line.open_lines)
            self.problems.addWidget(self._link(words, "identification"))
        if line.balanced:
            self.problems.addWidget(label(_("Every number of the hall agrees."), "doneStrip", wrap=True))

    def _link(self, words: str, page: str) -> QPushButton:
        button = QPushButton(words)
        button.setProperty("kind", "link")
        hall = self.halls.current()
        button.clicked.connect(lambda: self.app.open_page(page, shift=self.shift, hall=hall))
        return button

    def _pass(self) -> int:
        return 1 if self.pass_buttons[1].isChecked() else 2

    def _show_pages(self) -> None:
        hall = self.halls.current()
        lines = envelopes.page_lines(self.app.ctx, self.shift, hall, self._pass()) if hall else []
        self.pages = {str(line.page): line for line in lines}
        thumbs = [
            Thumb(str(line.page), pictures.upright(pictures.page_picture(line.image, line.image_page, theme.px(118)),
                                                   line.rotation), _page_title(line), _page_mark(line))
            for line in lines
        ]  # fmt: skip
        self.strip.show_thumbs(thumbs)
        self.strip.setVisible(bool(thumbs))
        self.view.setVisible(bool(thumbs))
        if not thumbs:
            self.page_words.setText(_("Pass {n} of this hall is not scanned yet.").format(n=self._pass()))
        elif not self.strip.currentIndex().isValid():
            open_ones = [line for line in lines if not line.ok or not line.serial]
            self.strip.choose(str((open_ones or lines)[0].page))
        self.renew_actions()

    def current_page(self) -> PageLine | None:
        """The page in front."""
        key = self.strip.currentIndex().data(Qt.ItemDataRole.UserRole + 1)
        return self.pages.get(key) if key is not None else None

    def _show_page(self, key: str) -> None:
        line = self.pages.get(key)
        if line is None:
            return
        self.view.show_picture(pictures.upright(pictures.page_picture(line.image, line.image_page), line.rotation))
        said = [_("Place {n} in the envelope").format(n=line.position), line.serial or _("no serial"),
                _("used") if line.used else _("blank")]  # fmt: skip
        if line.attempt > 1:
            said.append(_("scanned {n} times").format(n=line.attempt))
        self.page_words.setText(" · ".join(said) + (". " + season.words(line.problems) if line.problems else ""))
        self.renew_actions()

    def renew_actions(self) -> None:
        """Only what a page needs is offered for it."""
        super().renew_actions()
        for button in self.page_buttons[1:]:
            button.setVisible(button.isEnabled())

    # --- what can be done with a page ------------------------------------------------------------------------------

    def _no_page(self) -> str:
        return self._closed() or ("" if self.current_page() else _("Choose a page on the left."))

    def _named(self) -> str:
        page = self.current_page()
        if page is not None and page.serial:
            return self._no_page() or _("The serial of this page is known.")
        return self._no_page()

    def _read_well(self) -> str:
        page = self.current_page()
        return self._no_page() or (_("This page was read well.") if page is not None and page.ok else "")

    def rescan(self) -> None:
        """Put one sheet through the scanner again, in its place."""
        page = self.current_page()
        if page is None:
            return
        folder = self.app.settings.get(_FOLDER, str(Path.home()))
        words = _("Images (*.jpg *.jpeg *.png *.tif *.tiff *.pdf)")
        file, _kind = QFileDialog.getOpenFileName(self, _("The new image of this sheet"), folder, words)
        if file:
            with self.app.guarded():
                envelopes.rescan_page(self.app.ctx, page.page, Path(file))
                self.refresh()

    def name_page(self) -> None:
        """Type the printed serial of a page whose code could not be read."""
        self._serial_of(envelopes.name_page, _("Type the serial"), _(
            "Look at the paper and type the twelve digits printed on the sheet."))  # fmt: skip

    def put_to_eye(self) -> None:
        """Give up reading a page by machine."""
        self._serial_of(envelopes.put_to_eye, _("Read by eye"), _(
            "Every mark of this sheet becomes doubtful and is decided by eye. Type the serial "
            "printed on the sheet."))  # fmt: skip

    def _serial_of(self, act: Any, title: str, text: str) -> None:
        page = self.current_page()
        if page is None:
            return
        serial = ask_for_words(self, title, text, title, label=_("Serial of the sheet"))
        if serial:
            with self.app.guarded():
                act(self.app.ctx, page.page, serial)
                self.refresh()

    def set_aside(self) -> None:
        """A page that is no answer sheet."""
        page = self.current_page()
        if page is None:
            return
        why = ask_for_reason(self, _("Set this page aside"), _(
            "Only what is no answer sheet is set aside: the cover, a note, the back of a page. Write what it is."),
            _("Set aside"))  # fmt: skip
        if why:
            with self.app.guarded():
                envelopes.set_aside(self.app.ctx, page.page, why)
                self.refresh()

    # --- the envelope ----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ctrl+S: save the counts of the act."""
        if self._closed():
            return
        if not (self.used.text() and self.unused.text()):
            self.app.inform(_("Type both numbers of the act; write 0 where there are none."), kind="warning")
            (self.used if not self.used.text() else self.unused).setFocus()
            return
        with self.app.guarded():
            envelopes.receive_envelope(
                self.app.ctx, self.shift, self.halls.current(), int(self.used.text()), int(self.unused.text())
            )
            self.scan_buttons[1].setFocus()
            self.refresh()

    def _may_not_scan(self, number: int) -> str:
        closed = self._closed()
        if closed or self.line is None:
            return closed
        if self.line.balance.used is None:
            return _("First enter the counts of the act.")
        if self.app.tasks.running:
            return _("A pass is being scanned.")
        done = self.line.balance.read1 if number == 1 else self.line.balance.read2
        return _("This pass is scanned.") if done is not None else ""

    def choose_folder(self, number: int) -> None:
        """Ask for the folder with the images of a pass."""
        begin = self.app.settings.get(_FOLDER, str(Path.home()))
        folder = QFileDialog.getExistingDirectory(
            self,
            _("Folder with the images of pass {n}, hall {hall}").format(n=number, hall=self.halls.current()),
            begin,
        )
        if folder:
            self.app.settings.set(_FOLDER, str(Path(folder).parent))
            self.scan(number, Path(folder))

    def scan(self, number: int, folder: Path) -> None:
        """Read a pass in a task; cancelled or refused, nothing of it is saved."""
        ctx, shift, hall = self.app.ctx, self.shift, self.halls.current()
        title = _("Pass {n} of hall {hall}").format(n=number, hall=hall)
        self.app.tasks.run(
            title, lambda progress: envelopes.scan_pass(ctx, shift, hall, number, [folder], progress),
            lambda report: self._scanned(hall, number, report),
        )  # fmt: skip
        self.renew_actions()

    def _scanned(self, hall: str, number: int, report: PassReport) -> None:
        self.refresh()
        self.halls.choose(hall)
        self.pass_buttons[number].setChecked(True)
        self._show_pages()
        if report.refused or report.nameless:
            self.app.inform(
                _("Pass {n}: {pages} pages, {refused} refused, {nameless} without a serial.").format(
                    n=number, pages=report.pages, refused=len(report.refused), nameless=len(report.nameless)),
                safe=_("The pass is saved."), next_step=_("Settle these pages one by one."), kind="warning",
            )  # fmt: skip
        if self.scan_buttons[2].isVisible():
            self.scan_buttons[2].setFocus()

    def _no_pass(self) -> str:
        return self._closed() or ("" if self.pages else _("This pass is not scanned."))

    def discard(self) -> None:
        """Set a whole pass aside, so that the envelope is scanned again."""
        hall, number = self.halls.current(), self._pass()
        why = ask_for_reason(self, _("Set pass {n} of hall {hall} aside").format(n=number, hall=hall), _(
            "Its images and readings stay on record, but they no longer count. A later pass is set "
            "aside with it. Write "
            "why."), _("Go on"))  # fmt: skip
        if why and ask_to_confirm(
            self,
            _("Set pass {n} of hall {hall} aside").format(n=number, hall=hall),
            why,
            _("Set this pass aside"),
            hall,
        ):
            with self.app.guarded():
                envelopes.discard_pass(self.app.ctx, self.shift, hall, number, why)
                self.refresh()

    # --- keys ------------------------------------------------------------------------------------------------------

    def next_open(self) -> None:
        """F3: the next hall that does not balance."""
        numbers = self.halls.numbers()
        at = numbers.index(self.halls.current()) if self.halls.current() in numbers else -1
        for hall in (*numbers[at + 1 :], *numbers[: at + 1]):
            if not self.lines[hall].balanced:
                self.halls.choose(hall)
                return

    def _identify(self) -> None:
        self.app.open_page("identification", shift=self.shift, hall=self.halls.current())

    def opened(self, **where: Any) -> None:
        """`hall` chooses one; the field that waits gets the focus."""
        super().opened(**where)
        if where.get("hall"):
            self.halls.choose(where["hall"])
        if self.line is not None and self.line.balance.used is None and not self._closed():
            self.used.setFocus()
        else:
            self.halls.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "All sheets of an envelope are scanned hall by hall, twice, and go back into the envelope (p.38). The two "
            "passes are compared bubble by bubble. A sheet of another hall stops the scanning at once, and nothing of "
            "that pass is saved."
        )


def _stands(line: EnvelopeLine) -> tuple[Mark, str]:
    b = line.balance
    if line.balanced:
        return Mark.DONE, _("agrees")
    if b.used is None:
        return Mark.NONE, _("no act yet")
    if b.read1 is None:
        return Mark.DUE, _("not scanned")
    if b.read2 is None:
        return Mark.DUE, _("one pass")
    if b.read1 != b.used + (b.unused or 0) or b.read1 != b.read2:
        return Mark.LATE, _("does not agree")
    return Mark.DUE, _("open lines: {n}").format(n=line.open_lines)


def _page_title(line: PageLine) -> str:
    return f"{line.position}. " + (line.serial[-4:] if line.serial else "—")


def _page_mark(line: PageLine) -> Mark:
    if not line.ok:
        return Mark.LATE
    if not line.serial:
        return Mark.DUE
    return Mark.DONE if line.used else Mark.NONE
