"""On a PC without a workplace yet: read the main PC's set on a drive, so that it is known to be a fit reserve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.readiness import Verdict
from mab_desktop.i18n import _, active
from mab_desktop.services import reserve_check, transfer_view
from mab_desktop.ui.backup_questions import FolderQuestion
from mab_desktop.ui.formats import shown_size


class ReserveLink(QPushButton):
    """A link; `tell(words, wrong)` says what was found."""

    def __init__(self, database: Path, clock: Clock, tell: Callable[[str, bool], None]) -> None:
        super().__init__(_("Check as reserve PC"))
        self._database, self._clock, self._tell = database, clock, tell
        self.setProperty("kind", "link")
        self.clicked.connect(self.ask)

    def ask(self) -> None:
        """Which drive came from the main PC."""
        free = _("{size} free")
        places = [
            (f"{drive.name} · {free.format(size=shown_size(drive.free))}", str(drive.folder))
            for drive in transfer_view.drives()
        ]
        text = _("Take the drive to which the main PC wrote its set. Every file is read, and the answer is left on the "
                 "drive; carry it back to the main PC. Nothing is installed and no workplace is made.")  # fmt: skip
        parent: QWidget = self.window()
        asked = FolderQuestion(parent, _("Check as reserve PC"), text, _("Check the set"), places)
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.look(Path(str(asked.place.currentData())))

    def look(self, drive: Path) -> None:
        """Read the newest set there and answer."""
        try:
            found = reserve_check.look(drive, self._database.parent, self._clock)
        except UserError as error:
            self._tell(error.message(active()), True)
            return
        words = " ".join(problem.message(active()) for problem in (*found.problems, *found.said))
        answered = _("The answer lies on the drive: carry it back to the main PC.")
        self._tell(f"{words} {answered}", found.verdict is not Verdict.GOOD)
