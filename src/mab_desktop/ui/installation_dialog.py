"""The installation record as it will be printed: shown from the event log of an installed program."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services.documents import Document, previewing
from mab_desktop.services.documents_installation import print_installation
from mab_desktop.ui import theme
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.preview import PreviewView

TITLE = N_("Installation record")


class InstallationDialog(QDialog):
    """The record, to be printed or saved."""

    def __init__(self, app: AppContext, parent: QWidget, made: Document) -> None:
        super().__init__(parent)
        self.app = app
        self.setWindowTitle(_(TITLE))
        self.resize(theme.px(860), theme.px(640))
        self.preview = PreviewView(app, self)
        self.preview.renew = self._anew
        column = QVBoxLayout(self)
        column.addWidget(self.preview)
        self.preview.show_document(made, _(TITLE))

    def _anew(self, then: Callable[[], None]) -> None:
        def shown(made: Document) -> None:
            self.preview.show_document(made, _(TITLE))
            then()

        self.app.tasks.run(_(TITLE), lambda p: make(self.app, p), shown)


def make(app: AppContext, progress: Progress) -> Document:
    """The record, drawn but not yet counted as printed."""
    with previewing():
        return print_installation(app.ctx, progress)


def show(app: AppContext, parent: QWidget) -> None:
    """Compare the files, then show the record."""
    app.tasks.run(_(TITLE), lambda p: make(app, p), lambda made: InstallationDialog(app, parent, made).exec())
