"""A document as it will be printed: all pages, zoom, a page by its number; print it, or save it as PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from mab_desktop.i18n import _
from mab_desktop.services.documents import Document
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label
from mab_desktop.ui.print_desk import PrintDesk, desk_of
from mab_desktop.ui.print_pages import PagesView, PdfPages
from mab_desktop.ui.print_strip import PrintStrip


class PreviewView(QWidget):
    """Pages with zoom, and Print and Save buttons; `used()` when the shown document has taken its number.

    It has then been printed or saved, and what is printed next must say that it is a copy: `renew(then)` is called to
    have it drawn anew before.
    """

    used = Signal()

    def __init__(self, app: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.app = app
        self.made: Document | None = None
        self.title = ""
        self.renew: Callable[[Callable[[], None]], None] | None = None
        self._is_used = False
        self.view, self.strip = PagesView(), PrintStrip()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addLayout(self._tools())
        column.addWidget(self.strip)
        column.addWidget(self.view, 1)
        self.view.turned.connect(self._turned)
        self.show_document(None)

    @property
    def desk(self) -> PrintDesk:
        """Where printings are started and followed."""
        return desk_of(self.app)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.px(4))
        self.page, self.count = QSpinBox(), label("", "muted")
        self.page.setAccessibleName(_("Page"))
        self.page.setToolTip(_("Go to a page (Home, End, PgUp, PgDn in the document)"))
        self.page.setKeyboardTracking(False)
        self.page.valueChanged.connect(self._jump)
        for icon, words, act in (
            ("zoom_out", _("Smaller (-)"), self.view.smaller),
            ("zoom_in", _("Larger (+)"), self.view.larger),
            ("zoom_fit", _("Whole width (0)"), self.view.fit),
        ):
            button = icons.button(icon, words)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addSpacing(theme.px(8))
        row.addWidget(self.page)
        row.addWidget(self.count)
        row.addStretch(1)
        self.save_button = QPushButton(icons.icon("save"), _("Save as PDF"))
        self.print_button = QPushButton(icons.icon("print", "on_accent"), _("Print"))
        self.print_button.setProperty("kind", "primary")
        self.save_button.clicked.connect(self.save_as)
        self.print_button.clicked.connect(self.print_out)
        row.addWidget(self.save_button)
        row.addWidget(self.print_button)
        return row

    def show_document(self, made: Document | None, title: str = "") -> None:
        """Show a document; None shows nothing."""
        self.made, self.title, self._is_used = made, title, False
        self.view.show_pages(PdfPages(made.pdf) if made else None)
        count = len(self.view.pages) if self.view.pages else 0
        self.page.blockSignals(True)
        self.page.setRange(min(1, count), count)
        self.page.setValue(self.view.page)
        self.page.blockSignals(False)
        self.count.setText(_("of {n}").format(n=count) if count else "")
        for part in (self.page, self.save_button, self.print_button):
            part.setEnabled(bool(count))
        if made:
            self.view.fit()
            self.strip.attend(self.desk, made)

    def show_first(self, made: Document, title: str = "") -> None:
        """Show the first page of a document that is still being drawn: it can be looked at, not yet printed."""
        self.show_document(made, title)
        self.made = None
        self.count.setText(_("The first page; the rest is being drawn"))
        for part in (self.page, self.save_button, self.print_button):
            part.setEnabled(False)

    def _jump(self, page: int) -> None:
        if page != self.view.page:
            self.view.go_to(page)

    def _turned(self, page: int) -> None:
        self.page.blockSignals(True)
        self.page.setValue(page)
        self.page.blockSignals(False)

    def _fresh(self, then: Callable[[], None]) -> bool:
        """True when what is shown may be printed; else it is drawn anew first."""
        if self._is_used and self.renew is not None:
            self.renew(then)
            return False
        return self.made is not None

    def _take_number(self) -> None:
        self._is_used = True
        self.used.emit()

    def save_as(self) -> None:
        """Ask for a place and save the document there."""
        if not self._fresh(self.save_as):
            return
        folder = self.app.settings.get("export.folder", str(Path.home()))
        name = re.sub(r"[^\w .-]", "_", self.title) or "document"
        file, _kind = QFileDialog.getSaveFileName(
            self, _("Save as PDF"), str(Path(folder, f"{name}.pdf")), "PDF (*.pdf)"
        )
        if file:
            self.save_to(Path(file))

    def save_to(self, file: Path) -> None:
        """Save the document; the message bar says under which name, or that the disk refuses."""
        if self.made is None:
            return
        self.app.shell.messages.new_act()  # a printer that did not answer is no word on this
        with self.app.guarded():
            self.desk.save(self.made, file, self.title)
            self.app.settings.set("export.folder", str(file.parent))
            self.app.inform(_("Saved as {name}.").format(name=file.name))
            self._take_number()

    def print_out(self) -> None:
        """Ask for printer, copies, pages and sides, then print."""
        self.app.shell.messages.new_act()
        if self.made is not None and self._fresh(self.print_out):
            self.desk.ask_to_print(
                self, self.made, self.title, len(self.view.pages or ()), self.view.page, self._take_number
            )
