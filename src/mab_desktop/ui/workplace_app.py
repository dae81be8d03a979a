"""What the four applications share beside the kit: log-in to a workplace, its first start, bars, drive wizard.

    def run(*, db, login, password, lang):
        return run_workplace(WorkplaceApp(Role.NETWORK_UNI, N_("Network university"), PAGES, home_facts, "students"),
                             db=db, login=login, password=password, lang=lang)

`transfer_page(app)` makes the drive wizard of the role (`transfer_link`); `home_facts(app, view)` shows a
`calendar.HomeView`. Papers: `document_papers`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QPushButton

from mab_desktop.domain.calendar import HomeView, Standing, Status
from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.organisation import PERSON_LABELS, ROLE_LABELS, PersonRole, Role
from mab_desktop.i18n import LANGS, N_, _, active, use
from mab_desktop.services import accounts, backup_views, carriers, log_view, own_keys, recovery, workplace
from mab_desktop.services.context import Context
from mab_desktop.services.settings import reference_name
from mab_desktop.ui import icons, qt_words, theme
from mab_desktop.ui.app import AppOptions, AppSpec, Banner, FirstRun, Locks, StatusFacts, spare_the_collector
from mab_desktop.ui.autobackup import AutoBackup
from mab_desktop.ui.begin_page import BeginPage
from mab_desktop.ui.choose_password import ChoosePasswordPage
from mab_desktop.ui.forgotten_page import ForgottenPage
from mab_desktop.ui.home import EmptySeason, Hindrance, HomeFacts, NextStep, Number, TimelineEntry
from mab_desktop.ui.login import Gate
from mab_desktop.ui.messages import install_crash_hook
from mab_desktop.ui.page import AppContext, PageSpec
from mab_desktop.ui.restore_page import RestorePage
from mab_desktop.ui.settings import Settings, default_path
from mab_desktop.ui.shell import Shell
from mab_desktop.ui.states import Mark, StepState
from mab_desktop.ui.tasks import Tasks

PASSWORD_VARIABLE = "MAB_PASSWORD"  # noqa: S105  the variable's name; the launcher sets it for rehearsals
MARKS = {Status.DONE: Mark.DONE, Status.DUE: Mark.DUE, Status.LATE: Mark.LATE, Status.BLOCKED: Mark.BLOCKED}


@dataclass(frozen=True)
class WorkplaceApp:
    """One application over a workplace; `title` is a message id. `pages_of(ctx)` narrows the pages to a person."""

    role: Role
    title: str
    pages: tuple[PageSpec, ...]
    home: Callable[[AppContext], HomeFacts]
    icon: str = "home"
    pages_of: Callable[[Context], tuple[PageSpec, ...]] | None = None


def default_database(role: Role) -> Path:
    """Where the workplace of a role lies when nobody says otherwise."""
    return Path(platformdirs.user_data_dir("mab-desktop", appauthor=False), role.value, "mab.db")


# -- running -----------------------------------------------------------------------------------------------------------


def run_workplace(app: WorkplaceApp, *, db: Path | None, login: str | None, password: str | None, lang: str) -> int:
    """Show the application until its window closes; the exit code. UserError for a wrong password or database."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    word = password or (os.environ.pop(PASSWORD_VARIABLE, "") if login else "")
    options = AppOptions(lang=lang, login=(login or "") if word else "", password=word)
    shell = build_workplace(app, db or default_database(app.role), options)
    if login and not word:
        shell.settings.set("login", login)
    install_crash_hook(shell)
    shell.showMaximized()
    QTimer.singleShot(0, make_ready)
    return application.exec()


def make_ready() -> None:
    """While the person types the password: what the pages will need is loaded, and the collector told of it."""
    carriers.handlers()
    spare_the_collector()


def build_workplace(
    app: WorkplaceApp, database: Path, options: AppOptions = AppOptions(), settings: Settings | None = None, *,
    clock: Clock | None = None,
) -> WorkplaceShell:  # fmt: skip
    """The application's window on a database, not yet shown; tests and screenshots use this too."""
    settings = settings or Settings(options.settings_path or default_path(app.role.value))
    lang = options.lang or settings.get("lang", "kk")
    use(lang if lang in LANGS else "kk")
    qt_words.speak()
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    dark = settings.get("dark", False) if options.dark is None else options.dark
    scale = settings.get("scale", 100) if options.scale is None else options.scale
    theme.apply(application, dark=bool(dark), scale=scale if isinstance(scale, int) else 100)
    tasks = Tasks(inline=options.inline)
    shell = WorkplaceShell(app, database, clock or SystemClock(), settings, tasks, options.idle_minutes)
    shell.begin(options.login, options.password, options.page)
    return shell


def spec_of(app: WorkplaceApp, database: Path, clock: Clock) -> AppSpec:
    """The kit's spec of an application on a database."""

    def authenticate(login: str, password: str) -> Context:
        ctx = workplace.log_in(database, login, password, clock=clock, lang=active())
        if ctx.role is not app.role:
            ctx.store.close()
            raise UserError(
                N_("This database belongs to another program: {program}."), exit_code=EXIT_SYSTEM,
                program=ROLE_LABELS[ctx.role],
            )  # fmt: skip
        return ctx

    return AppSpec(
        app.role.value, app.title, app.pages, lambda app_ctx: with_workplace(app_ctx, app.home(app_ctx)), authenticate,
        lambda: workplace.logins(database), banner, status_facts,
        FirstRun(lambda: not database.exists(), lambda: BeginPage(app.role, app.title, database, clock)), _watch,
        lambda ctx: ctx.store.close(), app.icon, locks_of(app, database, clock),
    )  # fmt: skip


def locks_of(app: WorkplaceApp, database: Path, clock: Clock) -> Locks:
    """What the log-in window of a workplace can do besides logging in."""

    def about() -> str:
        try:
            return " · ".join(part for part in (workplace.what_it_is(database), str(database)) if part)
        except UserError:
            return str(database)

    def obstacle() -> UserError | None:
        try:
            workplace.require_free(database)
        except UserError as error:
            return error
        return None

    def choose(ctx: Context) -> Gate | None:
        return ChoosePasswordPage(ctx) if accounts.must_change(ctx) else None

    def restore() -> Gate:
        return RestorePage(app.title, database, clock, role=app.role)

    def forgotten(login: str, anew: bool) -> Gate:
        return ForgottenPage(database, workplace.logins(database), login, clock, anew=anew)

    def asked() -> str:
        waiting = recovery.waiting(database)
        return waiting.login if waiting else ""

    return Locks(about, obstacle, accounts.unlock_window, choose, forgotten, workplace.is_lost, restore, asked)


def _watch(ctx: Context, tell: Callable[[set[str] | None], None]) -> None:
    ctx.store.on_change(lambda tables: tell(set(tables)) if tables - {"draft", "audit"} else None)


def banner(app: AppContext) -> Banner:
    """Season, organisation, person."""
    ctx: Context = app.ctx
    code = ctx.university
    name = reference_name(ctx, "university", code)
    organisation = f"{code} {name}" if name else code or _(ROLE_LABELS[ctx.role])
    role = PERSON_LABELS.get(PersonRole(ctx.actor.role)) if ctx.actor.role in set(PersonRole) else None
    person = f"{ctx.actor.name} · {_(role)}" if role else ctx.actor.name
    return Banner(_("MAB {year}").format(year=ctx.season.year), organisation, person, not ctx.season.official)


def status_facts(app: AppContext) -> StatusFacts:
    """When something was last written here, and the newest backup."""
    ctx: Context = app.ctx
    found = log_view.last_saved(ctx)
    saved = _("Saved {moment}").format(moment=found) if found else ""
    kept = log_view.last_backup(ctx)
    backup = _("Backup {moment}").format(moment=kept) if kept else _("No backup yet")
    return StatusFacts(saved, backup)


# -- the window ------------------------------------------------------------------------------------------------------


class WorkplaceShell(Shell):
    """The kit's window on a workplace: its own first page, and only the pages that the person may see."""

    def __init__(
        self, app: WorkplaceApp, database: Path, clock: Clock, settings: Settings, tasks: Tasks, idle_minutes: int
    ) -> None:
        super().__init__(spec_of(app, database, clock), settings, tasks, idle_minutes=idle_minutes)
        self.workplace, self.database, self.clock = app, database, clock
        self.backups: AutoBackup | None = None

    def _let_in(self, ctx: Any, login: str) -> None:
        pages_of = self.workplace.pages_of
        self.spec = replace(self.spec, pages=pages_of(ctx) if pages_of else self.workplace.pages)
        super()._let_in(ctx, login)
        self._tell_of_keys_and_clock(ctx)

    def _work(self, ctx: Any, login: str) -> None:
        super()._work(ctx, login)
        self._keep_backups()

    def _leave_work(self) -> bool:
        """Nobody may have the database open then."""
        self._stop_backups()
        return super()._leave_work()

    def closeEvent(self, event: QCloseEvent) -> None:
        """No copy is begun while the window closes."""
        super().closeEvent(event)
        if event.isAccepted():
            self._stop_backups()

    def _keep_backups(self) -> None:
        """Copies by themselves for as long as this person works; tests run their work inline and ask for their own."""
        self._stop_backups()
        if self.app is not None and not self.tasks.inline:
            self.backups = AutoBackup(self.app, self)
            self.backups.begin()

    def _stop_backups(self) -> None:
        if self.backups is not None:
            self.backups.stop()
            self.backups = None

    def _tell_of_keys_and_clock(self, ctx: Context) -> None:
        """A withdrawn key, an ending trust list, a wrong clock are said at once: else people would work in vain."""
        said = [_(line.text).format(**line.params) for line in own_keys.notices(ctx)]
        if (behind := log_view.clock_behind(ctx)) is not None:
            said.append(behind.message(active()))
        if said:
            self.messages.show_message("warning", " ".join(said))


# -- home --------------------------------------------------------------------------------------------------------------


def home_facts(app: AppContext, view: HomeView, empty: EmptySeason | None = None) -> HomeFacts:
    """The kit's home page of a services' `HomeView`; `empty` is shown while the view says that nothing has begun."""
    seen = banner(app)
    pages = {spec.key for spec in app.shell.spec.pages}
    return HomeFacts(
        view.today, seen.person, seen.organisation, seen.season,
        tuple(_entry(standing, pages) for standing in view.standings if standing.last_day),
        _next(view.next, pages),
        (*(_late(standing, pages) for standing in view.standings if standing.status is Status.LATE),
         *(Hindrance(problem.message(active()), "", page=problem.field if problem.field in pages else "")
           for problem in view.hindrances)),
        tuple(
            Number(
                _(figure.label), str(figure.value), figure.values, page=figure.page if figure.page in pages else "",
                note=_("of {n}").format(n=figure.out_of) if figure.out_of is not None else "",
            )
            for figure in view.figures
        ),
        empty if view.empty else None,
    )  # fmt: skip


def with_workplace(app: AppContext, facts: HomeFacts) -> HomeFacts:
    """The home page of an application, and before everything else what is wrong with its keys, backups and clock."""
    pages = {spec.key for spec in app.shell.spec.pages}
    found = [
        Hindrance(_(line.text).format(**line.params), "", Mark.LATE, "people" if "people" in pages else "")
        for line in own_keys.notices(app.ctx)
    ]
    found += [
        Hindrance(_("Backups"), problem.message(active()), Mark.LATE, problem.field if problem.field in pages else "")
        for problem in backup_views.hindrances(app.ctx)
    ]
    if (behind := log_view.clock_behind(app.ctx)) is not None:
        found.insert(0, Hindrance(_("Clock of this computer"), behind.message(active()), Mark.LATE))
    return replace(facts, hindrances=(*found, *facts.hindrances))


def duty_state(standings: Sequence[Standing], *keys: str) -> StepState:
    """The state of a rail's step that stands for several duties: the worst of them, with its reason."""
    mine = [standing for standing in standings if standing.duty.key in keys]
    order = (Status.LATE, Status.DUE, Status.BLOCKED, Status.DONE)
    for status in order:
        for standing in mine:
            if standing.status is status:
                return StepState(MARKS[status], _reasons(standing))
    return StepState()


def _reasons(standing: Standing) -> str:
    return " ".join(reason.message(active()) for reason in standing.reasons)


def _entry(standing: Standing, pages: set[str]) -> TimelineEntry:
    assert standing.last_day is not None
    duty = standing.duty
    page = duty.page if duty.page in pages else ""
    return TimelineEntry(standing.last_day, _(duty.title), f"p.{duty.paragraph}", MARKS[standing.status], page)


def _next(standing: Standing | None, pages: set[str]) -> NextStep | None:
    if standing is None or standing.duty.page not in pages:
        return None
    left, day = standing.days_left, standing.last_day
    if day is None or left is None:
        why = ""
    elif left < 0:
        why = _("The last day was {day}.").format(day=day.strftime("%d.%m.%Y"))
    else:
        why = _("Until {day}: {n} days left.").format(day=day.strftime("%d.%m.%Y"), n=left)
    return NextStep(_(standing.duty.title), standing.duty.page, why, _("Go on"))


def _late(standing: Standing, pages: set[str]) -> Hindrance:
    day = standing.last_day.strftime("%d.%m.%Y") if standing.last_day else ""
    words = " ".join(part for part in (_("The last day was {day}.").format(day=day), _reasons(standing)) if part)
    page = standing.duty.page if standing.duty.page in pages else ""
    return Hindrance(_(standing.duty.title), words, Mark.LATE, page)


# -- small parts -----------------------------------------------------------------------------------------------------


def icon_button(words: str, icon: str, act: Callable[[], object], kind: str = "plain") -> QPushButton:
    """A button outside the page's heading: icon and verb, both ready to show."""
    made = QPushButton(icons.icon(icon, "on_accent" if kind == "primary" else "text"), words)
    made.setProperty("kind", kind)
    made.setAutoDefault(True)
    made.clicked.connect(lambda _checked=False: act())
    return made
