"""`mab screens`: every page and dialog of the four applications, in three languages, as PNG and one contact sheet."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.i18n import LANGS, N_, _, use

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mab_desktop.ui.workplace_app import WorkplaceApp, WorkplaceShell

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
        stage = season or _small_season(Path(folder))
        application = QApplication.instance() or QApplication(["mab"])
        files = [file for lang in LANGS for file in _pictures(out, stage, lang)]
        contact_sheet(files, out / "contact-sheet.png")
        application.closeAllWindows()
    print(_("{n} pictures in {folder}.").format(n=len(files), folder=out))
    return 0


def _small_season(folder: Path) -> Path:
    """A season on its second day: something is done, something due, something blocked on every page."""
    from mab_desktop.rehearsal.play import play_for_pictures

    return play_for_pictures(folder / "season")


def _pictures(out: Path, season: Path, lang: str) -> Iterator[Path]:
    from mab_desktop.ui.launcher import Launcher, read_launches
    from mab_desktop.ui.screens import grab
    from mab_desktop.ui.settings import Settings

    use(lang)
    launches = read_launches(season)
    yield grab(Launcher(season, Settings(None)), out / lang / "launcher.png")
    shown = set()
    for launch in launches:
        if launch.app in shown:
            continue
        shown.add(launch.app)
        module = import_module(f"mab_desktop.{MODULES[launch.app]}.app")
        yield from _application(module, launch, _moment(season), out / lang / launch.app, lang)


def _moment(season: Path) -> datetime:
    """The time of the season: pages show what was due then, not today."""
    state = json.loads((season / "season.json").read_text(encoding="utf-8"))
    return datetime.fromisoformat(state["moment"])


def _application(module: Any, launch: Any, moment: datetime, out: Path, lang: str) -> Iterator[Path]:
    from mab_desktop.domain.clock import SetClock
    from mab_desktop.ui.app import AppOptions
    from mab_desktop.ui.screens import grab
    from mab_desktop.ui.settings import Settings
    from mab_desktop.ui.workplace_app import build_workplace

    app: WorkplaceApp = module.APP
    clock = SetClock(moment)

    def window(database: Path, login: str = "", password: str = "") -> WorkplaceShell:
        options = AppOptions(lang=lang, login=login, password=password, inline=True, dark=False, scale=100)
        return build_workplace(app, database, options, Settings(None), clock=clock)

    for name, database in (("first-run", out / "nothing.db"), ("login", launch.database)):
        gate = window(database)
        yield grab(gate, out / f"00-{name}.png")
        gate.close()
    shell = window(launch.database, launch.login, launch.password)
    for number, spec in enumerate(shell.specs(), 1):
        shell.open_page(spec.key)
        yield grab(shell, out / f"{number:02d}-{spec.key}.png")
    for number, (name, dialog) in enumerate(_dialogs(module, shell), 1):
        yield grab(dialog, out / f"dialog-{number:02d}-{name}.png", None)
        dialog.close()
    shell.close()


def _dialogs(module: Any, shell: WorkplaceShell) -> Iterator[tuple[str, QWidget]]:
    """The kit's own dialogs, and those that an application lists in DIALOGS: (name, factory(app context))."""
    from mab_desktop.ui.messages import confirmation, crash_dialog

    yield "confirm", confirmation(shell, _(N_("Close the shift")), _(N_("A closed shift is never opened again.")),
                                  _(N_("Close the shift")), "1")  # fmt: skip
    yield "crash", crash_dialog(shell, "Traceback", None)
    for name, factory in getattr(module, "DIALOGS", ()):
        yield name, factory(shell.app)
