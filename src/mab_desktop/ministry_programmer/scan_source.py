"""Where the sheets come from: the remembered scanner, or images that a person chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from mab_desktop.i18n import _
from mab_desktop.ministry_programmer.pictures import IMAGES
from mab_desktop.services import scan_sources, scanners
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scanners import ScannerProfile
from mab_desktop.ui.page import AppContext

FOLDER = "envelopes.folder"


class ScanSource:
    """The way in for sheets. A source that it gives is opened anew each time: a run may be long."""

    def __init__(self, app: AppContext, parent: QWidget) -> None:
        self._app, self._parent = app, parent

    @property
    def scanner(self) -> ScannerProfile | None:
        """The scanner used last in this workplace."""
        return next(iter(scanners.remembered(self._app.ctx)), None)

    @property
    def scanner_name(self) -> str:
        """Its name, "" when none is remembered."""
        return self.scanner.label if self.scanner else ""

    def of_scanner(self, session: ScanSession) -> Any:
        """The scanner as a source; its images fall into the run's own folder."""
        assert self.scanner is not None
        return scanners.open_source(self.scanner, session.new_folder())

    def of_folder(self, title: str) -> Any:
        """A folder that the person chooses, None when she went back or it holds no images: that is said."""
        folder = QFileDialog.getExistingDirectory(self._parent, title, self._begin())
        if not folder:
            return None
        self._app.settings.set(FOLDER, str(Path(folder).parent))
        with self._app.guarded():
            return scan_sources.from_folder(Path(folder))
        return None

    def of_files(self, title: str) -> Any:
        """Single images that the person chooses, None when she went back."""
        files, _kind = QFileDialog.getOpenFileNames(self._parent, title, self._begin(), _(IMAGES))
        if not files:
            return None
        self._app.settings.set(FOLDER, str(Path(files[0]).parent))
        return scan_sources.from_files([Path(file) for file in files])

    def _begin(self) -> str:
        return str(self._app.settings.get(FOLDER, str(Path.home())))
