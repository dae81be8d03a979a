"""The saved passes of an envelope page by page: thumbnails, the sheet in front, what can be done with it (p.38)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import pictures, season
from mab_desktop.ministry_programmer.pictures import IMAGES
from mab_desktop.ministry_programmer.scan_differences import DifferencesView
from mab_desktop.ministry_programmer.scan_picture import SheetPictures, SheetView
from mab_desktop.ministry_programmer.scan_source import FOLDER, ScanSource
from mab_desktop.ministry_programmer.scan_words import UPSIDE_DOWN
from mab_desktop.ministry_programmer.small_pictures import SmallPictures
from mab_desktop.services import envelopes, scan_sources, sheet_pictures
from mab_desktop.services.covers import COVER_GROUND
from mab_desktop.services.envelopes import PageLine
from mab_desktop.services.sheet_pictures import ImageFile
from mab_desktop.ui import theme
from mab_desktop.ui.image_review import Thumb, ThumbStrip
from mab_desktop.ui.messages import ask_for_reason, ask_for_words
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import label, split
from mab_desktop.ui.states import Mark

ASIDE = "aside"
DIFFERENCES = 3  # beside the two passes


class PassReview(QWidget):
    """The pages of one pass of one hall. `closed` says why nothing may be changed now, or ""."""

    changed = Signal()  # a page was scanned again, named, put to the eye or set aside
    looked = Signal()  # another page or pass is in front

    def __init__(self, app: AppContext, closed: Callable[[], str]) -> None:
        super().__init__()
        self.app, self._closed = app, closed
        self.shift, self.hall = 0, ""
        self.pages: dict[str, PageLine] = {}
        self._seen = (0, "", 0, 0)  # where the page shown last stands
        self.source = ScanSource(app, self)
        self.strip, self.view = ThumbStrip(), SheetView(app)
        self.small = SmallPictures(app, self.strip)
        self.strip.thumb_chosen.connect(self._show_page)
        self.page_words = label("", "", wrap=True)
        self.differences = DifferencesView(app, closed)
        self.differences.settled.connect(self.changed)
        self.stack = QStackedWidget()
        self.stack.addWidget(split(self.strip, self.view, stretches=(2, 5)))
        self.stack.addWidget(self.differences)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._passes())
        column.addWidget(self.page_words)
        column.addWidget(self.settling)
        column.addWidget(self.stack, 1)

    def _passes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        self.pass_buttons, group = {}, QButtonGroup(self)
        for number, words in ((1, _("Pass 1")), (2, _("Pass 2")), (DIFFERENCES, _("Differences"))):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setChecked(number == 1)
            button.setProperty("kind", "segment")
            button.clicked.connect(self.show_pages)
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
        row.addWidget(self.page_buttons[0])
        self.settling = QWidget()  # a row of their own: beside the passes there is no room for all of them
        below = QHBoxLayout(self.settling)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.px(4))
        for button in self.page_buttons[1:]:
            below.addWidget(button)
        below.addStretch(1)
        return row

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_hall(self, shift: int, hall: str, differing: int = 0) -> None:
        """Show the pass chosen of this hall; `differing` marks were read differently in the two."""
        self.shift, self.hall = shift, hall
        words = _("Differences: {n}").format(n=differing) if differing else _("Differences")
        button, bold = self.pass_buttons[DIFFERENCES], theme.font()
        button.setText(words)
        bold.setBold(True)  # as it is drawn when chosen; Qt measures the words as they stand before
        button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(words) + theme.px(20))
        self.show_pages()

    @property
    def comparing(self) -> bool:
        """Whether the differences of the two passes are in front."""
        return self.pass_buttons[DIFFERENCES].isChecked()

    def choose_pass(self, number: int) -> None:
        """Show this pass."""
        self.pass_buttons[number].setChecked(True)
        self.show_pages()

    def number(self) -> int:
        """The pass shown."""
        return 2 if self.pass_buttons[2].isChecked() else 1

    def show_pages(self) -> None:
        """Read the pages again; the cursor stays, also on a sheet that was scanned again.

        Else it goes to the first page that waits for a person.
        """
        self.stack.setCurrentIndex(int(self.comparing))
        self.page_words.setVisible(not self.comparing)
        if self.comparing:
            self.pages = {}
            self.differences.show_hall(self.shift, self.hall)
            self.differences.list.setFocus()
            self.renew()
            self.looked.emit()
            return
        lines = envelopes.page_lines(self.app.ctx, self.shift, self.hall, self.number()) if self.hall else []
        self.pages = {str(line.page): line for line in lines}
        makers = {key: partial(_small, line.image, line.image_page, line.rotation) for key, line in self.pages.items()}
        self.small.show([_thumb(line) for line in lines], makers)
        self.strip.setVisible(bool(lines))
        self.view.setVisible(bool(lines))
        if not lines:
            self.page_words.setText(_("Pass {n} of this hall is not scanned yet.").format(n=self.number()))
        elif not self.strip.current_key():
            again = [line for line in lines if line.position and self._place(line) == self._seen]
            open_ones = [line for line in lines if _waits(line)]
            self.strip.choose(str((again or open_ones or [line for line in lines if line.position] or lines)[0].page))
        else:
            self._show_page(self.strip.current_key())
        self.renew()
        self.looked.emit()

    def _place(self, line: PageLine) -> tuple[int, str, int, int]:
        """Shift, hall, pass and position: they stay when a page is scanned again and gets another number."""
        return self.shift, self.hall, self.number(), line.position

    def current_page(self) -> PageLine | None:
        """The page in front."""
        return self.pages.get(self.strip.current_key())

    def go_to(self, position: int) -> None:
        """Put the sheet at this place of the envelope in front."""
        found = next((key for key, line in self.pages.items() if line.position == position), "")
        if found:
            self.strip.choose(found)
            self.strip.scrollTo(self.strip.currentIndex())

    def _show_page(self, key: str) -> None:
        line = self.pages.get(key)
        if line is None:
            return
        self._seen = self._place(line)
        # The closures go to another thread: everything they need is taken now.
        self.view.show_sheet(
            SheetPictures(
                f"{key}-{line.attempt}", partial(_original, line.image, line.image_page, line.rotation),
                partial(sheet_pictures.saved_why_picture, self.app.ctx, line.page),
            )
        )  # fmt: skip
        self.page_words.setText(_said(line))
        self.renew()

    def renew(self) -> None:
        """Only what a page needs is offered for it."""
        for button in self.page_buttons:
            button.renew()
        for button in self.page_buttons[1:]:
            button.setVisible(button.isEnabled())
        self.settling.setVisible(any(button.isEnabled() for button in self.page_buttons[1:]))
        self.page_buttons[0].setVisible(not self.comparing)

    # --- what can be done with a page ------------------------------------------------------------------------------

    def _no_page(self) -> str:
        page = self.current_page()
        if page is None:
            return self._closed() or _("Choose a page on the left.")
        return self._closed() or ("" if page.position else _(COVER_GROUND))

    def _named(self) -> str:
        page = self.current_page()
        if page is not None and page.serial:
            return self._no_page() or _("The serial of this page is known.")
        return self._no_page()

    def _read_well(self) -> str:
        page = self.current_page()
        return self._no_page() or (_("This page was read well.") if page is not None and page.ok else "")

    def rescan(self) -> None:
        """Take a new image of one sheet, in its place: from the scanner, or a file where there is none."""
        page = self.current_page()
        if page is None:
            return
        ctx, scanner = self.app.ctx, self.source.scanner
        if scanner is not None and scan_sources.feeds_paper(scanner):
            self.app.tasks.run(
                _("Sheet {n} is scanned again").format(n=page.position),
                lambda progress: scan_sources.rescan_page(ctx, page.page, scanner, progress),
                lambda _report: self.changed.emit(),
            )  # fmt: skip
            return
        folder = self.app.settings.get(FOLDER, str(Path.home()))
        file, _kind = QFileDialog.getOpenFileName(self, _("The new image of this sheet"), folder, _(IMAGES))
        if file:
            with self.app.guarded():
                envelopes.rescan_page(self.app.ctx, page.page, Path(file))
                self.changed.emit()

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
                self.changed.emit()

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
                self.changed.emit()


def _original(image: ImageFile, image_page: int, rotation: int) -> Any:
    return pictures.upright(pictures.page_picture(image, image_page), rotation)


def _waits(line: PageLine) -> bool:
    return (not line.ok or not line.serial) and not line.settled


def _said(line: PageLine) -> str:
    if not line.position:
        return season.words(line.problems)
    said = [_("Place {n} in the envelope").format(n=line.position), line.serial or _("no serial")]
    if line.ok:  # of a refused page nobody knows, even when it is read by eye
        said.append(_("used") if line.used else _("blank"))
    if line.rotation == 180:
        said.append(_(UPSIDE_DOWN))
    if line.attempt > 1:
        said.append(_("scanned {n} times").format(n=line.attempt))
    if line.settled:
        said.append(_(_SETTLED[line.settled]))
    return " · ".join(said) + (". " + season.words(line.problems) if line.problems else "")


_SETTLED = {"serial": N_("serial typed by hand"), "by-eye": N_("read by eye"), ASIDE: N_("set aside")}


def _thumb(line: PageLine) -> Thumb:
    mark, words = _stands(line)
    return Thumb(str(line.page), QImage(), _title(line), mark, words)


def _small(image: ImageFile, page: int, rotation: int) -> QImage:
    return pictures.upright(pictures.page_picture(image, page, theme.px(118)), rotation)


def _title(line: PageLine) -> str:
    if not line.position:
        return _("Cover")
    return f"{line.position}. " + (line.serial[-4:] if line.serial else "—")


def _stands(line: PageLine) -> tuple[Mark, str]:
    if not line.position:
        return Mark.NONE, ""
    if line.settled:
        return (Mark.NONE if line.settled == ASIDE else Mark.DONE), _(_SETTLED[line.settled])
    if not line.ok:
        return Mark.LATE, _("refused")
    if not line.serial:
        return Mark.DUE, _("no serial")
    return (Mark.DONE, _("used")) if line.used else (Mark.NONE, _("blank"))
