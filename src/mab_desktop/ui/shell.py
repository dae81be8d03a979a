"""The window: rail of phases and steps, top bar, page, status bar, lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import delete

from mab_desktop.domain.errors import Cancelled, UserError, WrongPassword
from mab_desktop.i18n import N_, _, active, use
from mab_desktop.ui import icons, qt_words, theme
from mab_desktop.ui.bars import Banner, StatusBar, StatusFacts, TopBar
from mab_desktop.ui.home import HomePage
from mab_desktop.ui.kept_focus import KeptFocus
from mab_desktop.ui.keys_help import KeysPage
from mab_desktop.ui.login import Gate, LoginPage
from mab_desktop.ui.messages import MessageBar, Question, forget_interrupted
from mab_desktop.ui.page import PAGE_KEYS, STEP_KEYS, AppContext, Page, PageSpec
from mab_desktop.ui.rail import Rail, states_of
from mab_desktop.ui.settings import Settings
from mab_desktop.ui.states import StepState
from mab_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from mab_desktop.ui.app import AppSpec

IDLE_MINUTES = (2, 5, 10)  # a person may choose a shorter wait before the window locks, never a longer one
_HELP = "keys"
_INPUT = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel)


class Shell(QMainWindow):
    """One window of one application. Made by `app.build_shell`."""

    def __init__(self, spec: AppSpec, settings: Settings, tasks: Tasks, *, idle_minutes: int = 0) -> None:
        super().__init__()
        self.spec, self.settings, self.tasks = spec, settings, tasks
        self.app: AppContext | None = None
        self.pages: dict[str, Page] = {}
        self.current_key, self.history = "", list[str]()
        self._first_page, self._stale = "", dict[str, set[str] | None]()
        self._filled: Rail | None = None  # the rail that has marks
        self._asked: Rail | None = None  # the rail whose marks are being read; and whether they are to be read again
        self._ask_again = False
        self._bars_late = QTimer(self, singleShot=True, interval=0)
        self._bars_late.timeout.connect(self._renew_late)
        self._focus_left: QWidget | None = None  # where the keys were when the lock or the help hid it
        self._focus, self._asked_help = KeptFocus(), ""  # under the help or the lock; the page that asked for help
        self._entering: Any = None  # logged in, but must choose another password before the work
        self._typed_by: dict[str, dict[str, Any]] = {}  # what a person had typed when another one took the place
        self._to_give_back: dict[str, Any] = {}  # each page takes its own when it is opened: to make all takes seconds
        self.setMinimumSize(1024, 640)
        self.resize(1366, 768)
        self.setWindowIcon(icons.icon(spec.icon, "accent"))
        self._root = QStackedWidget()
        self.setCentralWidget(self._root)
        self.messages = MessageBar()
        self.tasks.failed.connect(self.failed)
        self._longest_idle = idle_minutes
        self._make_keys()
        self._watch_idle()

    # --- before the work -------------------------------------------------------------------------------------------

    def begin(self, login: str = "", password: str = "", page: str = "") -> None:
        """Show the first page: the beginning, the log-in, or the work when login and password are given."""
        self._first_page = page
        self._give_up_entering()
        first = self.spec.first_run
        if first and first.needed():
            beginning = first.page()
            beginning.begun.connect(lambda _login: self._show_gate(self._login_page()))
            beginning.restore.connect(self._show_restore)
            self._show_gate(beginning)
        elif login:
            self._let_in(self.spec.authenticate(login, password), login)
        else:
            self._show_gate(self._login_page())

    def _login_page(self, text: str = "") -> LoginPage:
        locks, stands = self.spec.locks, None
        try:
            logins: Sequence[str] = self.spec.logins()
            stands = locks.obstacle() if locks and not self.app else None
        except UserError as error:
            logins, stands = (), error
        page = LoginPage(
            _(self.spec.title), logins, self._authenticate, self.spec.icon, self.settings.get("login", ""),
            about=locks.about() if locks else "", text=text,
        )  # fmt: skip
        if locks:
            page.forgotten_link.setVisible(bool(logins) and not self.app)
            if who := locks.asked():
                page.forgotten_link.setText(_("Take the testing centre's answer for {login}").format(login=who))
            page.forgotten.connect(lambda login: self._show_forgotten(login, anew=False))
            page.refused.connect(lambda error: page.restore_link.setVisible(self._can_restore(error)))
            page.restore.connect(self._show_restore)
        page.opened.connect(lambda ctx: self._let_in(ctx, page.login()))
        if stands:
            page.say(stands)
        return page

    def _can_restore(self, error: UserError) -> bool:
        locks = self.spec.locks
        return locks is not None and locks.restore is not None and locks.damaged(error)

    def _show_forgotten(self, login: str, *, anew: bool) -> None:
        assert self.spec.locks
        page = self.spec.locks.forgotten(login, anew)
        page.begun.connect(self._remembered)
        page.left.connect(lambda: self._show_gate(self._login_page()))
        page.again.connect(lambda login: self._show_forgotten(login, anew=True))
        self._show_gate(page)

    def _remembered(self, login: str) -> None:
        """A new password holds: log in with it."""
        self.settings.set("login", login)
        self._show_gate(self._login_page(_("The new password holds. Log in with it.")))

    def _show_restore(self) -> None:
        assert self.spec.locks
        assert self.spec.locks.restore
        page = self.spec.locks.restore()
        page.begun.connect(lambda _login: self._show_gate(self._login_page()))
        page.left.connect(lambda: self.begin(page=self._first_page))
        self._show_gate(page)

    def step_out(self) -> None:
        """Leave the work for the guided restore: the database is let go of."""
        if self._leave_work():
            self._show_restore()

    def log_out(self, words: str) -> None:
        """Leave the work for the log-in page, which says why in `words`."""
        if self._leave_work():
            self._show_gate(self._login_page(words))

    def _leave_work(self) -> bool:
        """Let go of the database; False where the page in front is not done."""
        page = self._typed_page()
        if page is not None and not page.may_leave():
            return False
        self.tasks.wait()
        if self.app and self.spec.close:
            self.spec.close(self.app.ctx)
        self.app, self.pages, self.current_key, self.history = None, {}, "", []
        return True

    def _authenticate(self, login: str, password: str) -> Any:
        if self.app is not None and self.spec.locks and login == self.settings.get("login"):
            self.spec.locks.confirm(self.app.ctx, password)
            return self.app.ctx
        ctx = self.spec.authenticate(login, password)
        if ctx is None:
            raise WrongPassword(N_("This password does not open the database."))
        return ctx

    def _show_gate(self, gate: Gate) -> None:
        gate.languages.chosen.connect(self.set_language)
        self._replace_root(gate)
        self.setWindowTitle(_(self.spec.title))
        gate.first_field().setFocus()

    def _replace_root(self, widget: QWidget) -> None:
        while self._root.count():
            old = self._root.widget(0)
            self._root.removeWidget(old)
            old.deleteLater()
        self._root.addWidget(widget)

    def _let_in(self, ctx: Any, login: str) -> None:
        """Begin the work, after one's own password was chosen where somebody else knows it."""
        gate = self.spec.locks.choose(ctx) if self.spec.locks else None
        if gate is None:
            self._work(ctx, login)
            return
        self._entering = ctx
        gate.begun.connect(lambda _login: self._work(ctx, login))
        gate.languages.hide()
        self._show_gate(gate)

    def _give_up_entering(self) -> None:
        """Nobody chose a password: the database is let go of."""
        if self._entering is not None and self.spec.close:
            self.spec.close(self._entering)
        self._entering = None

    def _work(self, ctx: Any, login: str) -> None:
        before, again = self.settings.get("login", ""), self.app is not None
        self.settings.set("login", login)
        self._entering = None
        if self.app is not None:
            self._typed_by[before] = self._typed()
            forget_interrupted()
            if self.spec.close:
                self.spec.close(self.app.ctx)
        self.app = AppContext(ctx, self, self.tasks, self.settings)
        self.app.use_language(active())
        if self.spec.watch:
            self.spec.watch(ctx, self.app.changed)
        key = self.current_key if again else self._first_page or "home"
        self._build_work()
        self._to_give_back = self._typed_by.pop(login, {})
        self.open_page(key)

    def _typed(self) -> dict[str, Any]:
        """What stands typed and unsaved on the pages, those too that nobody has opened since it was taken off them."""
        shown = {key: typed for key, page in self.pages.items() if (typed := page.unsaved()) is not None}
        return self._to_give_back | shown

    # --- the work --------------------------------------------------------------------------------------------------

    def specs(self) -> tuple[PageSpec, ...]:
        """Home, then the application's pages."""
        home = PageSpec("home", N_("Home"), "", "home", lambda app: HomePage(app, self.spec.home))
        return (home, *self.spec.pages)

    def _build_work(self) -> None:
        work = theme.named(QWidget(), "work")
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        idle = [minutes for minutes in IDLE_MINUTES if minutes <= self._longest_idle]
        self.top_bar = TopBar(_(self.spec.title), idle=idle, now=self.idle_minutes())
        self.status_bar = StatusBar()
        self.rail, self.messages, self.stack = Rail(self.specs()), MessageBar(), QStackedWidget()
        self.pages, self._stale = {}, {}
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.messages)
        right.addWidget(self.stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        column.addWidget(self.top_bar)
        column.addLayout(middle, 1)
        column.addWidget(self.status_bar)
        self._connect_work()
        self._replace_root(work)
        self.setWindowTitle(_(self.spec.title))
        self.rail.setFocus()

    def _connect_work(self) -> None:
        self.rail.step_chosen.connect(self.open_page)
        self.top_bar.languages.chosen.connect(self.set_language)
        self.top_bar.lock_asked.connect(self.lock)
        self.top_bar.help_asked.connect(self.help)
        self.top_bar.look_chosen.connect(self.set_look)
        self.top_bar.idle_chosen.connect(lambda minutes: self.settings.set("idle_minutes", minutes))
        self.tasks.started.connect(self.status_bar.begin)
        self.tasks.finished.connect(self.status_bar.end)
        for task in self.tasks.running:
            self.status_bar.begin(task)

    def page(self) -> Page | None:
        """The page in front, if the work is open."""
        return self.pages.get(self.current_key) if self.is_open() else None

    def _typed_page(self) -> Page | None:
        """The page that holds what is typed: the one in front, or under the help, which leaves it as it is."""
        if self.current_key == _HELP and self.history and self.is_open():
            return self.pages.get(self.history[-1])
        return self.page()

    def is_open(self) -> bool:
        """True when somebody is logged in and the window is not locked."""
        return self.app is not None and self._root.currentWidget().objectName() == "work"

    def open_page(self, key: str, /, **where: Any) -> None:
        """Show the page `key` ("home" and "keys" are always there); `where` reaches its `opened`."""
        before, typed = self.page(), self._typed_page()
        if key not in (self.current_key, _HELP) and typed not in (None, self.pages.get(key)) and not typed.may_leave():
            self.rail.show_current(self.current_key)
            return
        as_it_was = self.current_key == _HELP and key == self._asked_help and not where
        page = self._made(key)
        if page is not before:
            self.messages.dismiss()
            if self.current_key and self.current_key != key:
                self.history.append(self.current_key)
        self.current_key = key
        if key in self._stale:
            page.refresh(self._stale.pop(key))
        self.stack.setCurrentWidget(page)
        self.rail.show_current(key)
        if before is None:
            self._renew_bars()
        else:
            self._bars_late.start()  # a page is shown before the bars are asked
        if as_it_was and self._focus.give_back(self._root.currentWidget()):
            return
        page.opened(**where)
        self._give_focus(page)

    def _give_focus(self, page: Page) -> None:
        """A page that took no focus and has no keys of its own: its first control has it, so that it is seen."""
        if self.focusWidget() is not page or type(page).keyPressEvent is not Page.keyPressEvent:
            return
        found = (part for part in page.findChildren(QWidget) if part.focusPolicy() & Qt.FocusPolicy.TabFocus)
        first = next((part for part in found if part.isVisible() and part.isEnabled()), None)
        if first is not None:
            first.setFocus()

    def _made(self, key: str) -> Page:
        if key not in self.pages:
            assert self.app is not None
            spec = next((spec for spec in self.specs() if spec.key == key), None) or self._help_spec(key)
            page = spec.factory(self.app)
            page.settle(spec)
            self.pages[key] = page
            self.stack.addWidget(page)
            page.refresh(None)
            if key in self._to_give_back:
                page.take_back(self._to_give_back.pop(key))
        return self.pages[key]

    def _help_spec(self, key: str) -> PageSpec:
        if key != _HELP:
            raise KeyError(key)
        return PageSpec(_HELP, N_("Help and keys"), "", "keyboard", KeysPage)

    def _renew_bars(self) -> None:
        """Rail and bars: new ones are filled at once, later what they show is read beside the window.

        One reading at a time, so that an earlier state is never shown over a later one; what is written meanwhile asks
        for another.
        """
        assert self.app is not None
        app, spec, rail = self.app, self.spec, self.rail
        if self._filled is not rail:
            self._filled = rail
            self._show_bars(_read_bars(spec, rail.pages, app))
        elif self._asked is rail:
            self._ask_again = True
        else:
            self._asked, self._ask_again = rail, False
            self.tasks.read(
                lambda: _read_bars(spec, rail.pages, app), lambda bars: self._bars_came(rail, bars),
                lambda error: self._bars_came(rail, None, error),
            )  # fmt: skip

    def _bars_came(self, rail: Rail, bars: _Bars | None, error: BaseException | None = None) -> None:
        """What was read for a rail; nobody wants it where another person, language or look has made a new one."""
        if self._asked is not rail:
            return
        self._asked = None
        if self.app is None or rail is not self.rail:
            return
        if self._ask_again:
            self._bars_late.start()
        if bars is not None:
            self._show_bars(bars)
        elif error is not None:
            self.failed(error)

    def _show_bars(self, bars: _Bars) -> None:
        self.rail.show_states(bars.states)
        self.top_bar.show_banner(bars.banner)
        if bars.facts:
            self.status_bar.show_facts(bars.facts)

    def refresh(self, changed: set[str] | None = None) -> None:
        """Tables changed: the visible page reads again, hidden ones when they come to front.

        Rail and bars follow once no key waits to be taken: at 20,000 students they cost more than the page itself.
        """
        for key in self.pages:
            if key != self.current_key:
                known = self._stale.get(key, set())
                self._stale[key] = None if changed is None or known is None else known | changed
        if self.is_open():
            self.pages[self.current_key].refresh(changed)
            self._bars_late.start()

    def time_went_by(self, fronts: Collection[str]) -> None:
        """The hour alone changed what may be done: hidden pages read again when they come to front.

        The page in front does so now if it is one of `fronts`: on any other somebody may be typing.
        """
        for key in self.pages:
            if key != self.current_key:
                self._stale[key] = None
        if self.is_open():
            if self.current_key in fronts:
                self.pages[self.current_key].refresh(None)
            self._bars_late.start()

    def _renew_late(self) -> None:
        if self.is_open():
            self._renew_bars()

    def failed(self, error: BaseException) -> None:
        """Show an error: UserError in the bar, Cancelled in silence; the rest is a bug and goes to the crash dialog."""
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, UserError):
            raise error
        self.messages.show_message("error", error.message(active()))

    # --- language, look, lock --------------------------------------------------------------------------------------

    def set_language(self, lang: str) -> None:
        """Rebuild everything shown in `lang`; what is typed stays."""
        use(lang)
        qt_words.speak()
        self.settings.set("lang", lang)
        if self.app:
            self.app.use_language(lang)
        self._rebuild()

    def set_look(self, dark: bool, scale: int) -> None:
        """Change colours and size; what is typed stays."""
        self.settings.set("dark", dark)
        self.settings.set("scale", scale)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._rebuild(lambda: theme.apply(app, dark=dark, scale=scale))

    def _rebuild(self, change: Callable[[], None] = lambda: None) -> None:
        """Make everything anew after `change`. The old pages go first: a stylesheet looks at every widget there is."""
        if not self.is_open():
            change()
            self.begin(page=self._first_page)
            return
        kept = self._typed()
        self.rail.setFocus()  # what is typed is taken in as whenever one leaves a page
        self._root.currentWidget().hide()
        for page in self.pages.values():
            delete(page)
        self.pages = {}
        change()
        self._build_work()
        self._to_give_back = kept
        self.open_page(self.current_key)

    def lock(self) -> None:
        """Hide the work behind the password; nothing typed is lost."""
        if not self.is_open():
            return
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QMenu):
                window.close()
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.interrupt() if isinstance(dialog, Question) else dialog.reject()
        gate = self._login_page(_("The window is locked. {person} finds everything as it was; another person may log "
                                  "in instead.").format(person=self.settings.get("login", "")))  # fmt: skip
        gate.opened.disconnect()
        gate.opened.connect(lambda ctx: self._unlock(ctx, gate))
        gate.languages.hide()  # the work stays behind as it is; its language changes after the password
        self._focus.keep(self.focusWidget(), self.top_bar)
        self._root.addWidget(gate)
        self._root.setCurrentWidget(gate)
        gate.first_field().setFocus()

    def _unlock(self, ctx: Any, gate: LoginPage) -> None:
        """The same person finds everything as it was; another person begins at home."""
        assert self.app is not None
        if gate.login() != self.settings.get("login"):
            self.current_key = "home"
            self._let_in(ctx, gate.login())
            return
        if ctx is not self.app.ctx and self.spec.close:
            self.spec.close(ctx)
        self._root.removeWidget(gate)
        gate.deleteLater()
        self.refresh(None)
        if not self._focus.give_back(self._root.currentWidget()):
            self.rail.setFocus()

    def help(self) -> None:
        """F1: what this page is for, and all keys."""
        if self.is_open() and self.current_key != _HELP:
            self._focus.keep(self.focusWidget(), self.top_bar)
            self._asked_help = self.current_key
            self.open_page(_HELP, page=self.page())

    # --- keys, idle, close -----------------------------------------------------------------------------------------

    def _make_keys(self) -> None:
        for key, _words, name in PAGE_KEYS:
            self._key(key, lambda name=name: getattr(self.page(), name, lambda: None)())
        for number, key in enumerate(STEP_KEYS, start=1):
            self._key(key, lambda number=number: self._open_step(number))
        self._key("Alt+Home", lambda: self._open_step(0))
        self._key("Ctrl+L", self.lock)
        self._key("F1", self.help)
        self._key("Esc", self.go_back)

    def _key(self, key: str, act: Any) -> None:
        def pressed() -> None:
            page = self.page()
            if page is None or not page.press(key):
                act()

        QShortcut(QKeySequence(key), self).activated.connect(pressed)

    def _open_step(self, number: int) -> None:
        if self.is_open() and number < len(self.specs()):
            self.open_page(self.specs()[number].key)

    def go_back(self) -> None:
        """Esc: the message goes first, then the page's own way back, then the page before."""
        page = self.page()
        if page is None:
            gate = self._root.currentWidget()
            if isinstance(gate, Gate):
                gate.back()
            return
        if self.messages.isVisible():
            self.messages.dismiss()
        elif not page.back() and self.history:
            key = self.history.pop()
            self.open_page(key)
            if self.history and self.history[-1] != key and self.current_key == key:
                self.history.pop()

    def _watch_idle(self) -> None:
        self._last_input = _moment()
        if not self._longest_idle:
            return
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._watch_window)
        timer = QTimer(self)
        timer.timeout.connect(self._lock_when_idle)
        timer.start(15_000)

    def _watch_window(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when the person last did something."""
        if event.type() in _INPUT:
            self._lock_when_idle()  # a computer that slept wakes up with this very key
            self._last_input = _moment()
        return super().eventFilter(watched, event)

    def idle_minutes(self) -> int:
        """How long nothing may be done before the window locks: what the person chose, never more than allowed."""
        chosen = self.settings.get("idle_minutes", self._longest_idle)
        return min(chosen, self._longest_idle) if isinstance(chosen, int) and chosen > 0 else self._longest_idle

    def _lock_when_idle(self) -> None:
        if self._longest_idle and _moment() - self._last_input >= self.idle_minutes() * 60:
            self.lock()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only when the page lets go; running work is asked to stop first."""
        page = self._typed_page()
        if page is not None and not page.may_leave():
            event.ignore()
            return
        self.tasks.wait()
        self._give_up_entering()
        if self.app and self.spec.close:
            self.spec.close(self.app.ctx)
            self.app = None
        super().closeEvent(event)
        event.setAccepted(True)


@dataclass(frozen=True, slots=True)
class _Bars:
    """What rail, top bar and status bar show."""

    states: Mapping[str, StepState]
    banner: Banner
    facts: StatusFacts | None


def _read_bars(spec: AppSpec, pages: Sequence[PageSpec], app: AppContext) -> _Bars:
    return _Bars(states_of(pages, app), spec.banner(app), spec.status(app) if spec.status else None)


def _moment() -> float:
    """Seconds that go on while the computer sleeps, where the system has such a clock."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()  # on Windows this one goes on
