"""What a person does with a freshly installed «Network university»: run by the installed Python, in a room of its own.

    mab-python walk.py SEASON OUT_FOLDER

SEASON is a rehearsal on its eve (`mab rehearse prepare`). The first-run page is filled in with the centre's file and
its fingerprint; then the season's own workplace is opened, a record is typed key by key, a paper saved, a list
exported, "About" and the installation record shown. Each step leaves a picture; the last line counts them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from mab_desktop.domain.student import STUDENT
from mab_desktop.network_uni.app import APP
from mab_desktop.services import installation, specialties, students, trusting
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.begin_page import BeginPage
from mab_desktop.ui.installation_dialog import InstallationDialog
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace, default_database

PASSWORD = "қара суда қалған балық"  # noqa: S105 - of a room that is thrown away
RECORD = {
    "surname": "Қайратұлы", "first_name": "Өркен", "patronymic": "Серікұлы", "birth_date": "14051991",
    "citizenship": "398", "nationality": "005", "sex": "1", "course": "2", "study_language": "1", "study_form": "1",
    "payment": "3", "to_code": "29999001", "certificate": "39999001", "identity_document": "199999001",
    "admission_year": "2009", "record_book": "09-9001", "foreign_language": "1",
}  # fmt: skip


class Walk:
    """The window, and where pictures go."""

    def __init__(self, season: Path, out: Path) -> None:
        self.season, self.out, self.done = season, out, 0
        self.shell = self._open(default_database(APP.role))

    def _open(self, database: Path) -> WorkplaceShell:
        shell = build_workplace(APP, database, AppOptions(lang="kk"))
        shell.showMaximized()
        return shell

    def step(self, name: str, proof: object) -> None:
        """One step with its proof, and a picture of the window."""
        if not proof:
            raise SystemExit(f"{name}: did not happen. {self.shell.messages.words()}")
        wait(lambda: False, 400)
        shown = QApplication.activeModalWidget() or self.shell
        self.done += 1
        shown.grab().save(str(self.out / f"{self.done:02}-{name}.png"))
        print(f"{name}: {proof}", flush=True)

    def find(self, kind: type[Any]) -> Any:
        """The widget of a kind that is shown."""
        wait(lambda: any(w.isVisible() for w in self.shell.findChildren(kind)))
        return next(w for w in self.shell.findChildren(kind) if w.isVisible())

    def begin(self) -> None:
        """The first-run page."""
        page = self.find(BeginPage)
        trust = self.season / "drive" / "mab-centre-trust.json"
        self.step("first-run", page.isVisible())
        for field, words in (
            (page.carrier, str(trust)), (page.groups, trusting.fingerprint_on(trust)), (page.code, "027"),
            (page.name, "Бекова Ұлпан"), (page.login, "programmer"), (page.year, "2011"),
            (page.password, PASSWORD), (page.again, PASSWORD),
        ):  # fmt: skip
            field.setText(words)
        self.step("first-run-filled", page.verdict.text())
        page.button.click()
        wait(lambda: page.panel is not None)
        self.step("made", default_database(APP.role).is_file())
        page.go_on()
        self._log_in("programmer", PASSWORD)
        self.step("logged-in", self.shell.is_open())
        self.shell.close()

    def _log_in(self, login: str, password: str) -> None:
        gate = self.find(LoginPage)
        gate.who.setCurrentText(login)
        gate.password.setText(password)
        gate.log_in()
        wait(self.shell.is_open, 30_000)

    def type_record(self) -> None:
        """The season's workplace, and in it a record, key by key."""
        entries = json.loads((self.season / "launcher.json").read_text("utf-8"))
        told = next(entry for entry in entries if entry["app"] == "network-uni")
        self.shell = self._open(self.season / told["database"])
        self._log_in(told["login"], told["password"])
        self.step("season", self.shell.is_open())
        ctx = self.shell.app.ctx
        specialty = specialties.specialties(ctx, only_taught=True)[0].cipher
        before, wanted = len(students.all_rows(ctx)), RECORD | {"specialty": specialty}
        self.shell.open_page("entry")
        form = self.shell.page().form
        for name in STUDENT.names:
            if words := wanted.get(name, ""):
                form.rows[name].line.setFocus()
                type_text(form.rows[name].line, words)
        self.step("typed", form.values()["surname"])
        self.shell.page().save()
        wait(lambda: len(students.all_rows(ctx)) > before)
        self.step("saved", len(students.all_rows(ctx)) - before)

    def print_and_export(self) -> None:
        """A paper as PDF, a list as a table."""
        self.shell.open_page("papers")
        page = self.shell.page()
        paper = next(paper for paper in page.papers() if not (paper.obstacle and paper.obstacle()))
        page.choose(paper.key)
        wait(lambda: page.preview.made is not None, 30_000)
        page.preview.save_to(self.out / "paper.pdf")
        wait((self.out / "paper.pdf").is_file, 30_000)
        self.step("paper", (self.out / "paper.pdf").read_bytes().startswith(b"%PDF"))
        self.shell.open_page("students")
        wait(lambda: False, 500)
        self._export()
        self.step("exported", [file.name for file in self.out.glob("*.xlsx")])

    def _export(self) -> None:
        """Into the folder of the walk, under the name that the program proposes."""

        def choose() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, QFileDialog)
            dialog.setDirectory(str(self.out))
            dialog.accept()

        QTimer.singleShot(600, choose)
        self.shell.page().export()
        wait(lambda: list(self.out.glob("*.xlsx")), 20_000)

    def about(self) -> None:
        """The log with "About", and the installation record as it is printed."""
        self.shell.open_page("log")
        self.step("about", " ".join(installation.release().groups if installation.release() else ()))
        QTimer.singleShot(500, self._save_record)
        self.shell.page().show_installation()
        wait((self.out / "installation.pdf").is_file, 60_000)
        self.step("installation-record", (self.out / "installation.pdf").is_file())
        self.shell.close()

    def _save_record(self) -> None:
        """The dialog works in a loop of its own: it is looked for, saved and closed from inside."""
        for dialog in self.shell.findChildren(InstallationDialog):
            dialog.grab().save(str(self.out / "installation-record.png"))
            dialog.preview.save_to(self.out / "installation.pdf")
            dialog.accept()
            return
        QTimer.singleShot(500, self._save_record)


def wait(until: Callable[[], object], limit_ms: int = 10_000) -> None:
    """Let the window work until something is so, or the time is over."""
    timer = QElapsedTimer()
    timer.start()
    while timer.elapsed() < limit_ms and not until():
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main(argv: Sequence[str]) -> int:
    """All steps; 0 when each of them went well."""
    application = QApplication(["mab"])
    walk = Walk(Path(argv[0]), Path(argv[1]))
    walk.begin()
    walk.type_record()
    walk.print_and_export()
    walk.about()
    print(f"{walk.done} steps went well.")
    application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
