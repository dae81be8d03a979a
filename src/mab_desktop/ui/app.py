"""How an application is put together and run: `run_app(AppSpec(...))`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import LANGS, use
from mab_desktop.ui import qt_words, theme
from mab_desktop.ui.bars import Banner, StatusFacts
from mab_desktop.ui.home import HomeFacts
from mab_desktop.ui.login import Gate
from mab_desktop.ui.messages import install_crash_hook
from mab_desktop.ui.page import AppContext, PageSpec
from mab_desktop.ui.settings import Settings, default_path
from mab_desktop.ui.shell import IDLE_MINUTES, Shell
from mab_desktop.ui.tasks import Tasks

__all__ = [
    "AppOptions", "AppSpec", "Banner", "FirstRun", "Locks", "StatusFacts", "build_shell", "run_app",
    "spare_the_collector",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What is shown while there is no database yet: `page()` makes one and emits `begun`; the log-in page follows."""

    needed: Callable[[], bool]
    page: Callable[[], Gate]


@dataclass(frozen=True, slots=True)
class AppSpec:
    """One application. `title` is a message id.

    `authenticate(login, password)` returns the services' context or raises WrongPassword. `watch(ctx, tell)` hooks
    `tell(tables)` to the store's news of changed tables (any thread). `close(ctx)` closes the store.
    """

    role: str
    title: str
    pages: tuple[PageSpec, ...]
    home: Callable[[AppContext], HomeFacts]
    authenticate: Callable[[str, str], Any]
    logins: Callable[[], Sequence[str]]
    banner: Callable[[AppContext], Banner]
    status: Callable[[AppContext], StatusFacts] | None = None
    first_run: FirstRun | None = None
    watch: Callable[[Any, Callable[[set[str] | None], None]], None] | None = None
    close: Callable[[Any], None] | None = None
    icon: str = "home"
    locks: Locks | None = None


@dataclass(frozen=True, slots=True)
class Locks:
    """What else the log-in window of an application can do.

    `about()` says which database it is; `obstacle()` is what stands in the way before anybody types. `confirm(ctx,
    password)` is the person at work once more. `choose(ctx)` is a page that must be passed before the work, or None.
    `forgotten(login, anew)` and `restore()` are pages; `damaged(error)` tells when a backup is the way out. `asked()`
    is for whom a new password was asked for, "" for nobody.
    """

    about: Callable[[], str]
    obstacle: Callable[[], UserError | None]
    confirm: Callable[[Any, str], None]
    choose: Callable[[Any], Gate | None]
    forgotten: Callable[[str, bool], Gate]
    damaged: Callable[[UserError], bool]
    restore: Callable[[], Gate] | None = None
    asked: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What the command line may set; None: as remembered. `idle_minutes` locks the window at the latest (0: never).

    With `login` and `password` the log-in page is passed by; `inline` runs tasks in the window's thread (tests).
    """

    lang: str | None = None
    dark: bool | None = None
    scale: int | None = None
    login: str = ""
    password: str = ""
    settings_path: Path | None = None
    page: str = ""
    idle_minutes: int = IDLE_MINUTES[-1]
    inline: bool = False


def build_shell(spec: AppSpec, options: AppOptions = AppOptions(), settings: Settings | None = None) -> Shell:
    """The application's window, not yet shown; needs a QApplication. Tests and screenshots use this."""
    settings = settings or Settings(options.settings_path or default_path(spec.role))
    lang = options.lang or settings.get("lang", "kk")
    use(lang if lang in LANGS else "kk")
    qt_words.speak()
    dark = settings.get("dark", False) if options.dark is None else options.dark
    scale = settings.get("scale", 100) if options.scale is None else options.scale
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, dark=bool(dark), scale=scale if isinstance(scale, int) else 100)
    shell = Shell(spec, settings, Tasks(inline=options.inline), idle_minutes=options.idle_minutes)
    shell.begin(options.login, options.password, options.page)
    return shell


def run_app(spec: AppSpec, options: AppOptions = AppOptions()) -> int:
    """Show the application until its window closes; the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    shell = build_shell(spec, options)
    install_crash_hook(shell)
    shell.showMaximized()
    spare_the_collector()
    return app.exec()


def spare_the_collector() -> None:
    """What the program is made of stays until its end: Python's collector of garbage need not look through it again.

    There are more than 200,000 such objects; walking them, at any moment, holds the window for a sixth of a second.
    """
    gc.collect()
    gc.freeze()
