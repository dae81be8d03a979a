"""How an application is put together and run: `run_app(AppSpec(...))`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mab_desktop.ui.home import HomeFacts
from mab_desktop.ui.page import AppContext, PageSpec


@dataclass(frozen=True, slots=True)
class Banner:
    """The top bar: words ready to show. `test_mode` marks training data on every screen."""

    season: str = ""
    organisation: str = ""
    person: str = ""
    test_mode: bool = False


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """The status bar: when data was last saved and backed up, which drive is in; words ready to show."""

    saved: str = ""
    backup: str = ""
    drive: str = ""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What is shown when there is no database yet: words, and the way to make one.

    `begin(carrier path, login, password)` takes the organisation's certificate from NTC's carrier, makes the database
    and its first person, and returns nothing; the log-in page follows. UserError says what is wrong.
    """

    needed: Callable[[], bool]
    explanation: str
    begin: Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class AppSpec:
    """One application. `title` is a message id.

    `authenticate(login, password)` returns the services' context or raises WrongPassword. `watch(ctx, tell)` hooks
    `tell(tables)` to the store's news of changed tables. `close(ctx)` closes the store.
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
    watch: Callable[[Any, Callable[[set[str]], None]], None] | None = None
    close: Callable[[Any], None] | None = None
    icon: str = "home"


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What the command line may set; None: as remembered. `idle_minutes` locks the window (0: never)."""

    lang: str | None = None
    dark: bool | None = None
    scale: int | None = None
    login: str = ""
    password: str = ""
    settings_path: Path | None = None
    page: str = ""
    idle_minutes: int = 15
    qt_arguments: tuple[str, ...] = field(default=())


def run_app(spec: AppSpec, options: AppOptions = AppOptions()) -> int:
    """Show the application until its window closes; the exit code."""
    raise NotImplementedError
