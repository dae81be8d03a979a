"""`mab screens`: every page, form and dialog of the four applications, in three languages, as PNG and a contact sheet.

Looking changes nothing: the pictures are taken of a copy of the season. An application names its dialogs in DIALOGS:
(name of the picture, page, name of the page's method that asks).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.i18n import LANGS, N_, _, use

if TYPE_CHECKING:
    from mab_desktop.ui.launcher import Launch
    from mab_desktop.ui.workplace_app import WorkplaceShell

MODULES = {
    "network-uni": "network_uni", "audit-fund": "audit_fund", "base-uni": "base_uni",
    "ministry-programmer": "ministry_programmer",
}  # fmt: skip


def make_screens(out: Path, season: Path | None) -> int:
    """Write the pictures below `out`; a small season is prepared up to the middle of its exam when none is given."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from mab_desktop.ui.screens import contact_sheet

    with tempfile.TemporaryDirectory() as folder:
        stage = _copy(season, Path(folder)) if season else _small_season(Path(folder))
        application = QApplication.instance() or QApplication(["mab"])
        assert isinstance(application, QApplication)
        files = [file for lang in LANGS for file in _pictures(out, stage, lang)]
        contact_sheet(files, out / "contact-sheet.png")
        files += shown_pictures(stage, out / "shown")
        application.closeAllWindows()
    print(_("{n} pictures in {folder}.").format(n=len(files), folder=out))
    return 0


def _copy(season: Path, folder: Path) -> Path:
    """Logging in and looking at a drive leave traces: not in the season of others."""
    shutil.copytree(season, folder / "season", ignore=shutil.ignore_patterns("paper", "prints"))
    return folder / "season"


def _small_season(folder: Path) -> Path:
    """A season on its second day: something is done, something due, something blocked on every page."""
    from mab_desktop.rehearsal.play import play_for_pictures

    return play_for_pictures(folder / "season")


def check_screens(season: Path | None) -> int:
    """Print what is cut, lies over something else or speaks another language on any page; 1 when there is anything."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    with tempfile.TemporaryDirectory() as folder:
        stage = _copy(season, Path(folder)) if season else _small_season(Path(folder))
        application = QApplication.instance() or QApplication(["mab"])
        assert isinstance(application, QApplication)
        lines = [line for lang in LANGS for launch in _launches(stage) for line in _checked(launch, stage, lang)]
        application.closeAllWindows()
    for line in lines:
        print(line)
    print(_("{n} findings.").format(n=len(lines)))
    return 1 if lines else 0


def _checked(launch: Launch, season: Path, lang: str) -> Iterator[str]:
    """The findings of every page (and form) of an application, each with its place."""
    from mab_desktop.ui.entry_page import EntryPage
    from mab_desktop.ui.screen_check import findings
    from mab_desktop.ui.screens import SCREEN, settle

    use(lang)
    shell = _window(launch, season, lang, launch.database, logged_in=True)
    shell.resize(SCREEN)
    shell.show()
    for spec in shell.specs():
        shell.open_page(spec.key)
        settle()
        yield from (f"{lang} {launch.app} {spec.key}: {found.line()}" for found in findings(shell))
        page = shell.page()
        if isinstance(page, EntryPage) and not page.shut():
            page.open_form(None)
            settle()
            yield from (f"{lang} {launch.app} {spec.key} form: {found.line()}" for found in findings(shell))
            page.show_list()
    shell.close()


def _pictures(out: Path, season: Path, lang: str) -> Iterator[Path]:
    from mab_desktop.ui.launcher import Launcher
    from mab_desktop.ui.screens import grab
    from mab_desktop.ui.settings import Settings

    use(lang)
    yield grab(Launcher(season, Settings(None)), out / lang / "launcher.png")
    for launch in _launches(season):
        yield from _application(launch, season, out / lang / launch.app, lang)


def _launches(season: Path) -> list[Launch]:
    """One workplace of each application."""
    from mab_desktop.ui.launcher import read_launches

    found: dict[str, Launch] = {}
    for launch in read_launches(season):
        found.setdefault(launch.app, launch)
    return list(found.values())


def _moment(season: Path) -> datetime:
    """The time of the season: pages show what was due then, not today."""
    state = json.loads((season / "season.json").read_text(encoding="utf-8"))
    return datetime.fromisoformat(state["moment"])


def _window(launch: Launch, season: Path, lang: str, database: Path, *, logged_in: bool) -> WorkplaceShell:
    from mab_desktop.domain.clock import SetClock
    from mab_desktop.ui.app import AppOptions
    from mab_desktop.ui.settings import Settings
    from mab_desktop.ui.workplace_app import build_workplace

    login, password = (launch.login, launch.password) if logged_in else ("", "")
    options = AppOptions(lang=lang, login=login, password=password, inline=True, dark=False, scale=100)
    app = _module(launch).APP
    return build_workplace(app, database, options, Settings(None), clock=SetClock(_moment(season)))


def _module(launch: Launch) -> Any:
    return import_module(f"mab_desktop.{MODULES[launch.app]}.app")


def _application(launch: Launch, season: Path, out: Path, lang: str) -> Iterator[Path]:
    from mab_desktop.ui.entry_page import EntryPage
    from mab_desktop.ui.screens import grab

    for name, database in (("first-run", out / "nothing.db"), ("login", launch.database)):
        gate = _window(launch, season, lang, database, logged_in=False)
        yield grab(gate, out / f"00-{name}.png")
        gate.close()
    shell = _window(launch, season, lang, launch.database, logged_in=True)
    for number, spec in enumerate(shell.specs(), 1):
        shell.open_page(spec.key)
        yield grab(shell, out / f"{number:02d}-{spec.key}.png")
        page = shell.page()
        if isinstance(page, EntryPage) and not page.shut():
            page.open_form(None)
            yield grab(shell, out / f"{number:02d}-{spec.key}-form.png")
            page.show_list()
    yield from _wizard(shell, season / "drive", out)
    yield from _dialogs(shell, getattr(_module(launch), "DIALOGS", ()), out)
    shell.close()


def _wizard(shell: WorkplaceShell, drive: Path, out: Path) -> Iterator[Path]:
    """What is on a drive, a file looked at, what can be written."""
    from mab_desktop.ui.screens import grab
    from mab_desktop.ui.transfer_wizard import TransferPage

    if not drive.is_dir() or all(spec.key != "transfer" for spec in shell.specs()):
        return
    shell.open_page("transfer", path=str(drive))
    page = shell.page()
    assert isinstance(page, TransferPage)
    page.accept_step.list.setCurrentIndex(page.accept_step.list.model().index(0, 0))
    yield grab(shell, out / "wizard-1-contents.png")
    offers = [offer.key for offer in page.acts.exportable() if not offer.obstacle]
    if offers:
        shell.open_page("transfer", path=str(drive), export=offers[0])
        yield grab(shell, out / "wizard-2-write.png")


def _dialogs(shell: WorkplaceShell, own: tuple[tuple[str, str, str], ...], out: Path) -> Iterator[Path]:
    """The kit's own dialogs, and those that the application's pages ask."""
    from mab_desktop.services.printers import Printer
    from mab_desktop.ui.messages import confirmation, crash_dialog
    from mab_desktop.ui.print_dialog import PrintQuestion
    from mab_desktop.ui.screens import grab

    made = (
        ("confirm", confirmation(shell, _(N_("Close the shift")), _(N_("A closed shift is never opened again.")),
                                 _(N_("Close the shift")), "1")),
        ("print", PrintQuestion(shell, _(N_("Statistics")), 3, 2, (Printer("office", "HP LaserJet", default=True),))),
        ("crash", crash_dialog(shell, "Traceback", None)),
    )  # fmt: skip
    for name, dialog in made:
        yield grab(dialog, out / f"dialog-{name}.png", None)
        dialog.close()
    for name, key, method in own:
        yield from _asked(shell, key, method, out / f"dialog-{name}.png")


def _asked(shell: WorkplaceShell, key: str, method: str, file: Path) -> Iterator[Path]:
    """The dialog that a page's method asks; none when something stands in its way in this season."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QDialog

    from mab_desktop.ui.page import ActionButton
    from mab_desktop.ui.screens import grab

    seen: list[Path] = []

    def look() -> None:
        asked = QApplication.activeModalWidget()
        if isinstance(asked, QDialog):
            seen.append(grab(asked, file, None))
            asked.reject()
        elif method.startswith("open_"):
            seen.append(grab(shell, file))  # it opens on the page itself

    shell.open_page(key)
    page = shell.page()
    assert page is not None
    QApplication.processEvents()  # the buttons learn which row the cursor stands on
    ask = getattr(page, method)
    if all(button.isEnabled() for button in page.findChildren(ActionButton) if button.action.run == ask):
        QTimer.singleShot(0, look)
        ask()
        QApplication.processEvents()
    yield from seen


# --- pictures for people who have not installed it yet ----------------------------------------------------------------


def shown_pictures(season: Path, out: Path, lang: str = "en") -> list[Path]:
    """The pictures of README and the manual, small PNG files; `docs/pictures` holds the newest."""
    from mab_desktop.ui.screens import grab

    wanted: tuple[tuple[str, str, Callable[[WorkplaceShell], None]], ...] = (
        ("typing", "network-uni", _half_a_record),
        ("board", "base-uni", lambda shell: shell.open_page("board")),
        ("halls", "audit-fund", lambda shell: shell.open_page("halls")),
    )
    files = []
    launches = {launch.app: launch for launch in _launches(season)}
    for name, application, prepare in wanted:
        shell = _window(launches[application], season, lang, launches[application].database, logged_in=True)
        shell.show()
        prepare(shell)
        files.append(_smaller(grab(shell, out / f"{name}.png")))
        shell.close()
    return files


def _smaller(file: Path) -> Path:
    """A screen has few colours: the 256 most frequent keep it sharp at a third of the bytes."""
    import numpy as np
    from PySide6.QtGui import QImage

    whole = QImage(str(file)).convertToFormat(QImage.Format.Format_RGB32)
    wide, high = whole.width(), whole.height()
    pixels = np.frombuffer(bytes(whole.constBits()), np.uint32).reshape(high, wide)
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:256]]
    parts = [found.view(np.uint8).reshape(-1, 4).astype(np.int32) for found in (colours, kept)]
    nearest = ((parts[0][:, None] - parts[1][None]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    indexed = np.ascontiguousarray(nearest[places].reshape(high, wide))
    made = QImage(indexed.tobytes(), wide, high, wide, QImage.Format.Format_Indexed8)
    made.setColorTable([int(colour) for colour in kept])
    made.save(str(file), "PNG", 0)  # type: ignore[call-overload]
    return file


def _half_a_record(shell: WorkplaceShell) -> None:
    """A person of the season half typed once more: the likely duplicate stands beside the form."""
    from mab_desktop.network_uni.typing_page import TypingPage
    from mab_desktop.services import students

    shell.open_page("entry")
    page = shell.page()
    assert isinstance(page, TypingPage)
    assert shell.app is not None
    record = students.all_rows(shell.app.ctx)[0].values()
    known = ("surname", "first_name", "patronymic", "birth_date", "citizenship", "nationality", "sex", "specialty")
    carried = {"citizenship", "specialty"}
    page.form.set_values({name: record[name] for name in known}, carried)
    page.check()
    page.form.editor("course").setFocus()
