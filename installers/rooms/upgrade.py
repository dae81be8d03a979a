"""The data of one build under another and back: run by the installed Python of either build.

    mab-python upgrade.py make|open|back FOLDER TRUST_FILE

`make` begins a workplace of a network university. `open` logs in with whatever build is installed and says which schema
the database has then and which copies lie beside it, or in which words it was refused. `back` goes back to the copy
that was written before the migration, as a person does in the window; each step leaves a picture in FOLDER. A build
from before the guided way back needs the newer database renamed first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role, Season
from mab_desktop.services import audit_log, restore, restore_sources, trusting, workplace
from mab_desktop.storage import migrate

PASSWORD, LOGIN = "қара суда қалған балық", "programmer"  # of a room that is thrown away
WITNESS = "Ахметов Нұрлан, үйлестіруші"


def make(database: Path, trust: Path) -> dict[str, Any]:
    """A new workplace, as the first-run page makes it."""
    start = workplace.Start(Role.NETWORK_UNI, "027", Season(2011, "2011", official=False), LOGIN, "Бекова Ұлпан",
                            PersonRole.PROGRAMMER, "")  # fmt: skip
    groups = trusting.fingerprint_on(trust)
    ctx = workplace.create(database, start, PASSWORD, centre_file=trust, groups=groups, clock=SystemClock(), lang="kk")
    ctx.store.close()
    return opened(database)


def opened(database: Path) -> dict[str, Any]:
    """Log in: what the database is like then."""
    ctx = workplace.log_in(database, LOGIN, PASSWORD)
    with ctx.store.read() as session:
        schema = session.connection().exec_driver_sql("select version_num from alembic_version").scalar()
    lines = audit_log.require_whole(ctx).lines
    ctx.store.close()
    copies = [source.path.name for source in restore_sources.sources(database)]
    return {"schema": schema, "log_lines": lines, "copies": copies}


def back(database: Path) -> dict[str, Any]:
    """The copy from before the migration in the place of the database."""
    if hasattr(migrate, "NewerDatabase"):
        return {**in_the_window(database), **opened(database)}
    clock = SystemClock()
    database.rename(database.with_name("mab-newer.db"))
    copy = restore_sources.sources(database)[-1].path  # the newest comes first, the only one of the older schema last
    found = restore.open_copy(database, copy, LOGIN, PASSWORD, clock)
    done = restore.restore(found, restore.witness(WITNESS), clock, reason="asked")
    return {"restored": done.copy, "kept": done.kept, **opened(database)}


def in_the_window(database: Path) -> dict[str, Any]:
    """Log-in refused, the link to the backups, the copy, a witness, the one step."""
    from PySide6.QtWidgets import QApplication, QLabel

    from mab_desktop.network_uni.app import APP
    from mab_desktop.ui.app import AppOptions
    from mab_desktop.ui.login import LoginPage
    from mab_desktop.ui.restore_page import RestorePage
    from mab_desktop.ui.workplace_app import build_workplace

    application = QApplication(["mab"])
    shell = build_workplace(APP, database, AppOptions(lang="kk"))
    shell.showMaximized()

    def picture(name: str) -> None:
        wait(lambda: False, 400)
        shell.grab().save(str(database.with_name(f"{name}.png")))

    gate = next(w for w in shell.findChildren(LoginPage) if w.isVisible())
    gate.who.setCurrentText(LOGIN)
    gate.password.setText(PASSWORD)
    gate.log_in()
    wait(gate.restore_link.isVisible)
    told: dict[str, Any] = {"refused": gate.refusal.text(), "offers_restore": gate.restore_link.isVisible()}
    picture("back-1-refused")
    gate.restore_link.click()
    wait(lambda: any(w.isVisible() for w in shell.findChildren(RestorePage)))
    page = next(w for w in shell.findChildren(RestorePage) if w.isVisible())
    reasons = [page.table.item(row, 1).text() for row in range(page.table.rowCount())]
    page.table.selectRow(len(reasons) - 1)
    page.who.setCurrentText(LOGIN)
    page.password.setText(PASSWORD)
    picture("back-2-copies")
    page.open()
    wait(lambda: page.step == 1, 60_000)
    told |= {"copies_offered": reasons, "verdict": page.verdict.findChildren(QLabel)[-1].text()}
    page.witness.setText(WITNESS)
    picture("back-3-looked-at")
    page.restore()
    wait(lambda: page.step == 2, 60_000)
    told |= {"done": page.done_more.text()}
    picture("back-4-done")
    shell.close()
    application.processEvents()
    return told


def wait(until: Callable[[], object], limit_ms: int = 10_000) -> None:
    """Let the window work until something is so, or the time is over."""
    from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

    timer, loop = QElapsedTimer(), QEventLoop()
    timer.start()
    while timer.elapsed() < limit_ms and not until():
        QTimer.singleShot(20, loop.quit)
        loop.exec()


def main(argv: Sequence[str]) -> int:
    """One of the acts; its outcome as a line of JSON."""
    act, database, trust = argv[0], Path(argv[1]) / "mab.db", Path(argv[2])
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    above = [folder / "release.json" for folder in Path(sys.executable).parents[:2]]  # on Windows beside the program
    commit = next((json.loads(one.read_text("utf-8"))["commit"][:7] for one in above if one.exists()), "source")
    told: dict[str, Any] = {"act": act, "commit": commit}
    try:
        told |= make(database, trust) if act == "make" else back(database) if act == "back" else opened(database)
    except UserError as error:
        told["refused"] = error.message("en")
    print(json.dumps(told, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
