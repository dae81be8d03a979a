"""What a person does with a freshly installed application: run by the installed Python, in a room of its own.

    mab-python walk.py ROLE SEASON OUT_FOLDER

SEASON is a rehearsal on its eve (`mab rehearse prepare`). The first-run page is filled in with the centre's file and
its fingerprint, and the file for the centre written that lets the PC in; then the season's own workplace is opened: the
season's reference package taken from the centre's drive, every page shown once, a record typed key by key, a paper
saved and printed (with CUPS_SERVER set), a list exported, a carrier written, "About" and the installation record shown.
Each step leaves a picture; the last line counts them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCollator, QElapsedTimer, QEvent, QEventLoop, QLocale, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from mab_desktop.cli import APPLICATIONS
from mab_desktop.services import carriers, installation, specialties, trusting
from mab_desktop.ui.app import AppOptions
from mab_desktop.ui.begin_page import BeginPage
from mab_desktop.ui.installation_dialog import InstallationDialog
from mab_desktop.ui.login import LoginPage
from mab_desktop.ui.print_dialog import PrintQuestion
from mab_desktop.ui.screens import type_text
from mab_desktop.ui.transfer_wizard import ACCEPT, END, WRITE, TransferPage
from mab_desktop.ui.workplace_app import WorkplaceShell, build_workplace, default_database

LET_IN = "enrolment"  # the file that asks the centre to let a PC in
PASSWORD, UNIVERSITY = "қара суда қалған балық", "013"  # of a room that is thrown away
# As the Kazakh alphabet goes: what Qt takes for it from ICU must have come along.
KAZAKH = ["Алия", "Әлия", "Гани", "Ғани", "Елка", "Ёлка", "Иса", "Кайрат", "Қайрат", "Оркен", "Өркен", "Ұлпан", "Үміт",
          "Һакім", "Ың", "Іңкәр"]  # fmt: skip


@dataclass(frozen=True)
class Record:
    """What is typed on which page, and the list that is exported then."""

    page: str
    listed: str
    values: Mapping[str, str] = field(default_factory=dict)


RECORDS = {
    "network-uni": Record("entry", "students", {
        "surname": "Қайратұлы", "first_name": "Өркен", "patronymic": "Серікұлы", "birth_date": "14051991",
        "citizenship": "398", "nationality": "005", "sex": "1", "course": "2", "study_language": "1", "study_form": "1",
        "payment": "3", "to_code": "29999001", "certificate": "39999001", "identity_document": "199999001",
        "admission_year": "2009", "record_book": "09-9001", "foreign_language": "1",
    }),
    "audit-fund": Record("buildings", "buildings", {"code": "77", "name": "Ғылыми кітапхана",
                                                       "address": "Сәтбаев, 22"}),
    "base-uni": Record("duty_officers", "duty_officers", {"full_name": "Өтегенова Үміт Ғалымқызы",
                                                          "post": "Физика кафедрасы", "phone": "87017770001"}),
    "ministry-programmer": Record("appeal-commission", "appeal-commission", {"full_name": "Іңкәрбеков Қуат Әлиұлы"}),
}  # fmt: skip


class Walk:
    """The window, and where pictures go."""

    def __init__(self, role: str, season: Path, out: Path) -> None:
        self.key, self.season, self.out, self.done = role, season, out, 0
        self.app = import_module(f"mab_desktop.{APPLICATIONS[self.key]}.app").APP
        self.record = RECORDS[self.key]
        self.shell = self._open(default_database(self.app.role))

    def _open(self, database: Path) -> WorkplaceShell:
        shell = build_workplace(self.app, database, AppOptions(lang="kk"))
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
        for line, words in (
            (page.carrier, str(trust)), (page.groups, trusting.fingerprint_on(trust)), (page.code, UNIVERSITY),
            (page.name, "Бекова Ұлпан"), (page.login, "programmer"), (page.year, "2011"),
            (page.password, PASSWORD), (page.again, PASSWORD),
        ):  # fmt: skip
            line.setText(words)
        self.step("first-run-filled", page.verdict.text())
        page.button.click()
        wait(lambda: page.panel is not None)
        self.step("made", default_database(self.app.role).is_file())
        page.go_on()
        self._log_in("programmer", PASSWORD)
        self.step("logged-in", self.shell.is_open())
        self.hand_over(LET_IN)
        self.shell.close()

    def _log_in(self, login: str, password: str) -> None:
        gate = self.find(LoginPage)
        gate.who.setCurrentText(login)
        gate.password.setText(password)
        gate.log_in()
        wait(self.shell.is_open, 30_000)

    def open_all_pages(self) -> None:
        """The season's workplace; each page of it is built, filled and painted."""
        entries = json.loads((self.season / "launcher.json").read_text("utf-8"))
        told = next(entry for entry in entries if entry["app"] == self.key)
        self.shell = self._open(self.season / told["database"])
        self._log_in(told["login"], told["password"])
        self.step("season", self.shell.is_open())
        self.take(next((self.season / "drive").glob("*-reference-ntc-all-*.mab")))
        keys = [spec.key for spec in self.shell.spec.pages]
        for key in keys:
            self.shell.open_page(key)
            wait(lambda: False, 250)
        self.step("pages", len(keys))
        self.step("carriers", len(carriers.handlers()))

    def type_record(self) -> None:
        """A record, key by key."""
        self.shell.open_page(self.record.listed)
        before, values = self._count(), dict(self.record.values)
        if self.key == "network-uni":
            values["specialty"] = specialties.specialties(self.shell.app.ctx, only_taught=True)[0].cipher
            self.shell.open_page(self.record.page)
        else:
            self.shell.page().new()
        form = self.shell.page().form
        for name in form.rows:
            if words := values.get(name, ""):
                line = form.rows[name].line
                line.setFocus()
                type_text(line, words)
        self.step("typed", str(form.values()[next(iter(self.record.values))]))
        self.shell.page().save()
        self.shell.open_page(self.record.listed)
        wait(lambda: self._count() > before)
        self.step("saved", self._count() - before)

    def _count(self) -> int:
        wait(lambda: False, 500)
        return int(self.shell.page().records.total())

    def print_and_export(self) -> None:
        """A paper as PDF and at the printer, a list as a table."""
        self.shell.open_page("papers")
        page = self.shell.page()
        paper = next(paper for paper in page.papers() if not (paper.obstacle and paper.obstacle()))
        page.choose(paper.key)
        wait(lambda: page.preview.made is not None, 30_000)
        page.preview.save_to(self.out / "paper.pdf")
        wait((self.out / "paper.pdf").is_file, 30_000)
        self.step("paper", (self.out / "paper.pdf").read_bytes().startswith(b"%PDF"))
        if os.environ.get("CUPS_SERVER"):
            self._print(page)
        self.shell.open_page(self.record.listed)
        wait(lambda: False, 500)
        self._export()
        self.step("exported", [file.name for file in self.out.glob("*.xlsx")])

    def _print(self, page: Any) -> None:
        """At the printer that the room is given; who gave it looks whether the sheets came out."""
        asked: list[str] = []
        pulse = Pulse()

        def answer() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, PrintQuestion):
                QTimer.singleShot(300, answer)
                return
            chosen = dialog.printer.chosen()
            asked.append(chosen.name if chosen else "")
            dialog.grab().save(str(self.out / "print-question.png"))
            pulse.begin()
            dialog.act_button.click()

        QTimer.singleShot(300, answer)
        page.preview.print_out()
        wait(lambda: asked and not self.shell.tasks.running, 300_000)
        self.step("printed", asked)
        print(f"longest-pause: {pulse.longest_ms()} ms of the window while it was printed", flush=True)

    def _export(self) -> None:
        """Into the folder of the walk, under the name that the program proposes."""

        def choose() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, QFileDialog)
            dialog.setDirectory(str(self.out))
            dialog.accept()

        QTimer.singleShot(600, choose)
        self.shell.page().export()
        wait(lambda: list(self.out.glob("*.xlsx")), 60_000)

    def take(self, carrier: Path) -> None:
        """A carrier from the centre's drive, looked at and accepted."""
        drive = self.out / "drive-of-the-centre"
        drive.mkdir()
        shutil.copy(carrier, drive)
        self.shell.open_page("transfer", path=str(drive))
        page = self._transfer(ACCEPT)
        wait(page.accept_step.accept.isEnabled, 30_000)
        self.step("carrier-looked-at", carrier.name)
        page.accept_step.accept.click()
        self.step("carrier-taken", self._ended(page))

    def hand_over(self, kind: str = "") -> None:
        """A carrier onto a drive: of a kind, or the first of its own that the application can write now."""
        self.shell.open_page("transfer")
        actions = self._transfer().actions
        (self.out / "drive").mkdir(exist_ok=True)
        stick = next(iter(actions.list_drives()), None)  # only where the room has one
        drive = Path(stick.path) if stick else self.out / "drive"
        offered = [one for one in actions.exportable() if not one.obstacle and one.recipients]
        alone = [one.key for one in offered if not one.signatures and one.key != LET_IN]
        chosen = next(one.key for one in offered if one.key == (kind or alone[0]))
        self.shell.open_page("transfer", path=str(drive), export=chosen)
        page = self._transfer(WRITE)
        page.write_step.write.click()
        self.step("carrier-written", self._ended(page))
        made = max(drive.glob("*.mab"), key=lambda file: file.stat().st_mtime_ns)
        self.step("carrier", f"{made.name}, {made.stat().st_size} bytes, {stick.name if stick else 'a folder'}")

    def _transfer(self, stage: int | None = None) -> TransferPage:
        """The wizard of drives, when it has come to a stage."""
        page = self.shell.page()
        assert isinstance(page, TransferPage)
        wait(lambda: stage in (None, page.stack.currentIndex()), 30_000)
        return page

    def _ended(self, page: TransferPage) -> str:
        """What the wizard says at its end."""
        wait(lambda: page.stack.currentIndex() == END, 120_000)
        return page.end.words.text() if page.stack.currentIndex() == END else ""

    def about(self) -> None:
        """The log with "About", and the installation record as it is printed."""
        self.shell.open_page("log")
        self.step("about", " ".join(installation.release().groups if installation.release() else ()))
        QTimer.singleShot(500, self._save_record)
        self.shell.page().show_installation()
        wait((self.out / "installation.pdf").is_file, 300_000)  # all files are compared first
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


class Pulse:
    """How long the window was deaf at most."""

    def __init__(self) -> None:
        self.longest, self.clock, self.timer = 0, QElapsedTimer(), QTimer(interval=10)
        self.timer.timeout.connect(self._beat)

    def begin(self) -> None:
        """From now on."""
        self.clock.start()
        self.timer.start()

    def _beat(self) -> None:
        self.longest = max(self.longest, self.clock.restart())

    def longest_ms(self) -> int:
        """The longest time between two beats; it beats no more."""
        self.timer.stop()
        return self.longest


def wait(until: Callable[[], object], limit_ms: int = 10_000) -> None:
    """Let the window work until something is so, or the time is over."""
    timer, loop = QElapsedTimer(), QEventLoop()
    timer.start()
    while timer.elapsed() < limit_ms and not until():
        QTimer.singleShot(20, loop.quit)
        loop.exec()  # rests in between: a loop that only turns would keep Python from the work behind the window
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def in_kazakh_order() -> bool:
    """True when words are put in the order of the Kazakh alphabet, whatever the system brings."""
    mixed = KAZAKH[::-1]
    return sorted(mixed, key=QCollator(QLocale("kk")).sortKey) == KAZAKH


def main(argv: Sequence[str]) -> int:
    """All steps; 0 when each of them went well."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    own = Path(__file__)
    if own.parent.name == "app":  # under Windows it must lie in the program's folder, where nothing else belongs
        own.unlink()
        shutil.rmtree(own.parent / "__pycache__", ignore_errors=True)
    application = QApplication(["mab"])
    walk = Walk(argv[0], Path(argv[1]), Path(argv[2]))
    if sys.platform == "linux":  # Windows has orders of its own
        walk.step("kazakh-order", in_kazakh_order())
    walk.begin()
    walk.open_all_pages()
    walk.hand_over()  # a fund that somebody is changing does not go out: before the record
    walk.type_record()
    walk.print_and_export()
    walk.about()
    print(f"{walk.done} steps went well.")
    application.processEvents()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
