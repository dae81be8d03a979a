"""A network university's workplace with students in it, and its typing page in the real window, for the benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from mab_desktop.domain import merge
from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.domain.reference import default_lines
from mab_desktop.i18n import use
from mab_desktop.network_uni.app import APP
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.people import make_students
from mab_desktop.services import students
from mab_desktop.services.context import Context
from mab_desktop.services.reference import load_default_reference
from mab_desktop.storage import migrate
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.students import Student
from mab_desktop.ui import qt_words, theme
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.tasks import Tasks
from mab_desktop.ui.workplace_app import WorkplaceApp, WorkplaceShell

NETWORK, BASE, YEAR = "027", "013", 2011
PORTION, TYPED_HERE = 5_000, 1_000  # an operator types about a thousand; the others came from his colleagues


def people(count: int, specialties: Sequence[str] = (), seed: str = "") -> list[dict[str, Any]]:
    """The rehearsal's simulated students."""
    ciphers = specialties or [line.code for line in default_lines() if line.list == "specialty"]
    made: list[dict[str, Any]] = []
    while len(made) < count:  # a university of the rehearsal has fewer than 10,000 record-book numbers
        own = f"{int(NETWORK) + len(made) // PORTION:03d}"
        some = min(PORTION, count - len(made))
        made += make_students(stream(27, "typing", seed + own), some, own, BASE, ciphers, YEAR)
    return made


def workplace(folder: Path, there: Sequence[dict[str, Any]] = ()) -> Context:
    """The programmer's PC with the records `there` typed already."""
    clock = SetClock(datetime(YEAR, 3, 10, 9, tzinfo=UTC))
    store = Store(folder / "mab.db", bytes(range(32)), clock)
    migrate.upgrade(store.engine)
    actor = Actor("programmer", "Асан Үсенұлы", "programmer", f"nu{NETWORK}", f"nu{NETWORK}")
    with store.write(actor) as tx:
        load_default_reference(tx, {BASE: [NETWORK]})
        tx.note("workplace-created", actor.device)
        for number, values in enumerate(there):
            search, sort_name = students.name_columns(values)
            tx.session.add(Student(
                id=f"{number:032x}", university=NETWORK, base_university=BASE, marks=merge.first_marks(actor.device),
                created_by=actor.login, created_at="2011-03-09T09:00:00+00:00", changed_by=actor.login,
                changed_at="2011-03-09T09:00:00+00:00", search=search, sort_name=sort_name, **values,
            ))  # fmt: skip
            if number < TYPED_HERE:
                tx.note("student-entered", f"{number:032x}", complete=True)
    store.settle()  # the set-up is no part of what is measured
    return Context(store, actor, Role.NETWORK_UNI, NETWORK, Season(YEAR, "2011", official=False), clock)


def open_window(app: WorkplaceApp, ctx: Context) -> WorkplaceShell:
    """An application's window in Kazakh with the context's person logged in."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    use("kk")
    qt_words.speak()
    theme.apply(application, dark=False, scale=100)
    shell = WorkplaceShell(app, ctx.store.path, ctx.clock, Settings(), Tasks(inline=True), 0)
    shell.spec = replace(shell.spec, authenticate=lambda _login, _word: ctx, first_run=None, close=None)
    shell.begin(ctx.actor.login, "not asked for")
    shell.resize(1366, 768)
    shell.show()
    shell.activateWindow()
    application.processEvents()
    return shell


def open_page(ctx: Context) -> tuple[WorkplaceShell, TypingPage]:
    """The window in Kazakh with the typing page in front."""
    shell = open_window(APP, ctx)
    shell.open_page("entry")
    QApplication.processEvents()
    page = shell.page()
    assert isinstance(page, TypingPage)
    return shell, page
