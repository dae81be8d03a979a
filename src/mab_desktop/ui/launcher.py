"""The launcher: one window with a card for each application of a rehearsal season, opened as programs of their own.

`launcher.json` lies in the season's folder: ``[{"app": "network-uni", "title": {"kk": …, "ru": …, "en": …}, "database":
"net-101/programmer.db", "login": …, "password": …}, …]``; databases are named relative to the folder. The password of a
rehearsal reaches the program by the environment (`MAB_PASSWORD`), not by its command line, which everybody can read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess, QProcessEnvironment
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _, active, use
from mab_desktop.ui import icons, qt_words, theme
from mab_desktop.ui.bars import LanguageSwitch
from mab_desktop.ui.messages import MessageBar
from mab_desktop.ui.panels import Section, label, scrolled
from mab_desktop.ui.settings import Settings

FILE = "launcher.json"
PASSWORD_VARIABLE = "MAB_PASSWORD"  # noqa: S105  the variable's name
_ICONS = {"network-uni": "students", "audit-fund": "hall", "base-uni": "organisation", "ministry-programmer": "shift"}


@dataclass(frozen=True, slots=True)
class Launch:
    """One program to open: which application on which database as whom."""

    app: str
    title: Mapping[str, str]
    database: Path
    login: str
    password: str

    def arguments(self, lang: str) -> list[str]:
        """The program's arguments after the interpreter."""
        return ["-m", "mab_desktop.cli", self.app, "--db", str(self.database), "--login", self.login, "--lang", lang]


def read_launches(folder: Path) -> list[Launch]:
    """What a season's folder offers; UserError when the file is missing or spoilt."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
        return [_launch(folder, entry) for entry in found]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        text = N_("There is no rehearsal season in {folder}.")
        raise UserError(text, next_step=N_("Play one first: mab rehearse."), folder=str(folder)) from error


def _launch(folder: Path, entry: Mapping[str, Any]) -> Launch:
    if entry["app"] not in _ICONS:
        raise ValueError(entry["app"])
    title = {str(lang): str(words) for lang, words in entry["title"].items()}
    return Launch(entry["app"], title, folder / entry["database"], str(entry["login"]), str(entry["password"]))


class Launcher(QMainWindow):
    """Cards in two columns; a card opens its program, several may be open at once."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        super().__init__()
        self.folder, self.settings = folder, settings or Settings()
        self.resize(1000, 680)
        self.buttons: list[QPushButton] = []
        self.running: list[QProcess] = []
        self._build()

    def _build(self) -> None:
        inside = theme.named(QWidget(), "work")
        column = QVBoxLayout(inside)
        column.setContentsMargins(*(theme.px(n) for n in (24, 16, 24, 24)))
        column.setSpacing(theme.px(12))
        head = QHBoxLayout()
        head.addWidget(label(_("A rehearsal season"), "pageTitle"), 1)
        languages = LanguageSwitch()
        languages.chosen.connect(self.set_language)
        head.addWidget(languages)
        column.addLayout(head)
        column.addWidget(
            label(_("Training data. Each program works on its own database and reads nobody else's."), "muted")
        )
        column.addWidget(label(str(self.folder), "small", selectable=True))
        self.messages = MessageBar()
        column.addWidget(self.messages)
        column.addWidget(scrolled(self._cards()), 1)
        self.setCentralWidget(inside)
        self.setWindowTitle(_("A rehearsal season"))

    def _cards(self) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(12))
        self.buttons = []
        try:
            launches = read_launches(self.folder)
        except UserError as error:
            self.messages.show_message("error", error.message(active()))
            launches = []
        for number, launch in enumerate(launches):
            grid.addWidget(self._card(launch), number // 2, number % 2)
        grid.setRowStretch(len(launches), 1)
        return made

    def _card(self, launch: Launch) -> Section:
        card = Section()
        row = QHBoxLayout()
        row.setSpacing(theme.px(16))
        picture = QLabel()
        picture.setPixmap(icons.pixmap(icons.icon(_ICONS[launch.app], "accent"), 32))
        row.addWidget(picture)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        words.addWidget(label(launch.title.get(active()) or launch.app, "section", wrap=True))
        words.addWidget(label(f"{launch.login} · {launch.database.name}", "muted", wrap=True))
        row.addLayout(words, 1)
        button = QPushButton(_("Open"))
        button.setProperty("kind", "primary")
        button.setAutoDefault(True)
        button.setAccessibleName(" ".join((_("Open"), launch.title.get(active(), ""))))
        button.clicked.connect(lambda: self.open(launch))
        self.buttons.append(button)
        row.addWidget(button)
        card.body.addLayout(row)
        return card

    def open(self, launch: Launch) -> QProcess:
        """Start the program; a program that ends with an error says so here."""
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(PASSWORD_VARIABLE, launch.password)
        process.setProcessEnvironment(environment)
        process.finished.connect(lambda code, _status: self._ended(process, launch, code))
        self.running.append(process)
        process.start(sys.executable, launch.arguments(active()))
        return process

    def _ended(self, process: QProcess, launch: Launch, code: int) -> None:
        self.running.remove(process)
        if code:
            said = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
            words = _("{program} ended with exit code {code}.").format(
                program=launch.title.get(active(), ""), code=code
            )
            self.messages.show_message("error", words, next_step=said[-1] if said else "")

    def set_language(self, lang: str) -> None:
        """Show everything in `lang`; programs opened from now on speak it too."""
        use(lang)
        qt_words.speak()
        self.settings.set("lang", lang)
        self._build()


def run_launcher(folder: Path, lang: str | None = None) -> int:
    """Show the launcher on a season's folder until its window closes."""
    from mab_desktop.ui.settings import default_path

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    settings = Settings(default_path("launcher"))
    use(lang or settings.get("lang", "kk"))
    qt_words.speak()
    theme.apply(app, dark=bool(settings.get("dark", False)), scale=int(settings.get("scale", 100)))
    shown = Launcher(folder, settings)
    shown.show()
    return app.exec()
