"""`python -m tests.faults.typing_child FOLDER`: types into the real form without a pause, and says what it did.

Lines on standard output: `key N` after each key of a name, `kept N` when the draft was written with N keys in it, `left
surname` after Enter. Whoever reads them kills it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from mab_desktop.i18n import use
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.services.context import Context
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.tasks import Tasks
from mab_desktop.ui.workplace_app import WorkplaceShell
from tests.faults.scenario import opened

MINE = "nu027"
SURNAME, FIRST_NAME = "Әбдіқадырғұловтыңұрпағындағышоқанбайұлы", "Нұрсұлтанқали"
PAUSE = 20  # milliseconds between keys: faster than anybody, so that no pause lets the draft be written


def say(line: str) -> None:
    """Told once it has left this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def window(ctx: Context) -> tuple[WorkplaceShell, TypingPage]:
    """The window with the typing page in front."""
    use("kk")
    shell = WorkplaceShell(APP, ctx.store.path, ctx.clock, Settings(), Tasks(inline=True), 0)
    shell.spec = replace(shell.spec, authenticate=lambda _login, _word: ctx, first_run=None, close=None)
    shell.begin(ctx.actor.login, "not asked for")
    shell.show()
    shell.activateWindow()
    shell.open_page("entry")
    page = shell.page()
    assert isinstance(page, TypingPage)
    return shell, page


class Fingers:
    """Types both names, letter by letter."""

    def __init__(self, page: TypingPage) -> None:
        self.page, self.typed = page, 0
        self.timer = QTimer(interval=PAUSE)
        self.timer.timeout.connect(self.press)
        page._drafting.timeout.connect(lambda: say(f"kept {self.typed}"))  # after the page's own
        self.timer.start()

    def press(self) -> None:
        """The next key."""
        form = self.page.form
        if self.typed == len(SURNAME):
            form.rows["first_name"].line.setFocus()
            say("left surname")
        name, at = ("surname", self.typed) if self.typed < len(SURNAME) else ("first_name", self.typed - len(SURNAME))
        text = SURNAME if name == "surname" else FIRST_NAME
        if at < len(text):
            type_text(form.rows[name].line, text[at])
            self.typed += 1
            say(f"key {self.typed}")


def main(folder: Path) -> None:
    """Type until killed."""
    application = QApplication([])
    with opened(folder, MINE) as ctx:
        _shell, page = window(ctx)
        fingers = Fingers(page)
        application.exec()
        assert fingers.timer.isActive()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
