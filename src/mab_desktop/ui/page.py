"""What a page is: its spec, its actions, its keys, and the context it works in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Cancelled, Refused, UserError
from mab_desktop.i18n import N_, _
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.messages import MessageBar
from mab_desktop.ui.states import StepState

if TYPE_CHECKING:
    from mab_desktop.ui.settings import Settings
    from mab_desktop.ui.shell import Shell
    from mab_desktop.ui.tasks import Tasks


# Key, message id for the help page, name of the page's method.
PAGE_KEYS = (
    ("F2", N_("Edit"), "edit"),
    ("F3", N_("Next open item"), "next_open"),
    ("Shift+F3", N_("Previous open item"), "previous_open"),
    ("Ctrl+N", N_("New"), "new"),
    ("Ctrl+S", N_("Save"), "save"),
    ("Ctrl+F", N_("Search"), "search"),
    ("Ctrl+P", N_("Print"), "print_out"),
    ("Ctrl+E", N_("Export"), "export"),
    ("Ctrl+Z", N_("Undo"), "undo"),
)
STEP_KEYS = tuple(f"Alt+{number}" for number in range(1, 10))
# Keys that the window listens to. Two shortcuts on one key would be none: the window asks the page's buttons first.
WINDOW_KEYS = frozenset((*(key for key, _words, _name in PAGE_KEYS), *STEP_KEYS, "Alt+Home", "Ctrl+L", "F1", "Esc"))


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One step of the rail. `title` and `phase` are message ids, `paragraph` is like "p.18".

    `factory` makes the page anew after each change of language; `state` says how the step stands now: it is asked
    beside the window's thread, reads and touches no widget.
    """

    key: str
    title: str
    phase: str
    icon: str
    factory: Callable[[AppContext], Page]
    paragraph: str = ""
    state: Callable[[AppContext], StepState] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `title` is a message id and a verb; `obstacle` gives the words why it is closed now, or ""."""

    title: str
    run: Callable[[], Any]
    icon: str = ""
    shortcut: str = ""
    obstacle: Callable[[], str] | None = None
    primary: bool = False
    dangerous: bool = False


class ActionButton(QPushButton):
    """A button made from an Action: icon, word, key in the tooltip; the obstacle, when there is one, in its place."""

    def __init__(self, action: Action, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.action = action
        self.setText(_(action.title))
        if action.icon:
            self.setIcon(icons.icon(action.icon, "on_accent" if action.primary else "text"))
        kind = "primary" if action.primary else "danger" if action.dangerous else "plain"
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.clicked.connect(self._run)
        self.renew()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it as Space does: a page puts the focus on what is due. A key held down presses once."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _run(self) -> None:
        bar = self.window().findChild(MessageBar)
        if isinstance(bar, MessageBar):
            bar.new_act()
        self.action.run()  # without the "checked" that clicked() carries

    def renew(self) -> None:
        """Ask again whether the action is open."""
        why = self.action.obstacle() if self.action.obstacle else ""
        self.setEnabled(not why)
        key = QKeySequence(self.action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(why or (f"{_(self.action.title)} ({key})" if key else ""))


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room; the tooltip then has all of it."""

    def minimumSizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(theme.px(60), super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what there is room for."""
        room = self.contentsRect().width()
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        self.setToolTip(self.text() if words != self.text() else "")
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            words,
            self.foregroundRole(),
        )
        painter.end()


class _Relay(QObject):
    """Carries the news of changed tables, and what is to be done there, from any thread to the window's."""

    told = Signal(object)
    asked = Signal(object)


@dataclass(eq=False)
class AppContext:
    """What a page may use. `ctx` is the services' context (has .lang, .actor, .clock), opaque to the kit."""

    ctx: Any
    shell: Shell
    tasks: Tasks
    settings: Settings
    _relay: _Relay = field(default_factory=_Relay, repr=False)

    def __post_init__(self) -> None:
        self._relay.told.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._relay.asked.connect(self._do, Qt.ConnectionType.QueuedConnection)

    def open_page(self, key: str, /, **where: Any) -> None:
        """Go to the page `key`; `where` reaches its `opened`."""
        self.shell.open_page(key, **where)

    def changed(self, tables: set[str] | None = None) -> None:
        """Tell that `tables` changed (None: anything); from any thread. The visible page and the rail follow."""
        self._relay.told.emit(tables)

    def _deliver(self, tables: set[str] | None) -> None:
        self.shell.refresh(tables)

    def later(self, work: Callable[[], object]) -> None:
        """Have `work` done in the window's thread after what goes on there; from any thread.

        It is left undone when this person's work has ended until then.
        """
        self._relay.asked.emit(work)

    def _do(self, work: Callable[[], object]) -> None:
        if self.shell.app is self:
            work()

    def failed(self, error: BaseException) -> None:
        """Show an expected error in the message bar; Cancelled is silence, the rest is a bug."""
        self.shell.failed(error)

    def inform(
        self,
        text: str,
        *,
        safe: str = "",
        next_step: str = "",
        kind: str = "info",
        verb: str = "",
        act: Callable[[], object] | None = None,
    ) -> None:
        """Words in the message bar: what happened, what is safe, what to do next; `verb` is a button that does it."""
        self.shell.messages.show_message(kind, text, safe=safe, next_step=next_step, verb=verb, act=act)

    def guarded(self, form: Any = None) -> _Guard:
        """Run a command: UserError → message bar; Refused → the fields of `form` (a RecordForm), if given."""
        return _Guard(self, form)

    def use_language(self, lang: str) -> None:
        """Put `lang` into the services' context."""
        if is_dataclass(self.ctx) and hasattr(self.ctx, "lang"):
            self.ctx = replace(self.ctx, lang=lang)  # type: ignore[type-var]


class _Guard:
    """Shows what a command refuses, and goes on; anything else is a bug and goes its way."""

    def __init__(self, app: AppContext, form: Any) -> None:
        self._app, self._form = app, form

    def __enter__(self) -> None:
        """The command follows."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """True when it was refused."""
        if isinstance(error, Refused) and self._form is not None:
            self._form.show_problems(error.problems)
        elif isinstance(error, (UserError, Cancelled)):
            self._app.failed(error)
        else:
            return False
        return True


class Page(QWidget):
    """A page of the shell: heading with title, paragraph and actions; a strip that says why it is closed; the body.

    Override what the page can do: `refresh`, `opened`, and any of the keys `edit` (F2), `next_open` (F3),
    `previous_open` (Shift+F3), `new` (Ctrl+N), `save` (Ctrl+S), `search` (Ctrl+F), `print_out` (Ctrl+P), `export`
    (Ctrl+E), `undo` (Ctrl+Z), `back` (Esc). Put widgets into `self.body`. A page with something typed gives it from
    `unsaved` and takes it back in `take_back`, so that a change of language loses nothing.
    """

    spec: PageSpec | None = None

    def __init__(self, app: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.app = app
        self._page_closed_reason = ""
        self._page_done: list[Callable[[], object]] = []
        self._page_buttons: list[ActionButton] = []
        self._page_frame()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """A control that closes or goes away leaves the focus to the page's list; Tab goes round as ever.

        Qt would give it to whatever comes next in the window, and after the last control of a page that is the bar
        with the languages.
        """
        held = self.window().focusWidget()
        if held is None or not self.isVisible() or (held.isEnabled() and held.isVisible()):
            return super().focusNextPrevChild(forward)
        lists = (part for part in self.findChildren(QAbstractItemView) if part.isVisible() and part.isEnabled())
        next((part for part in lists if part.focusPolicy() & Qt.FocusPolicy.TabFocus), self).setFocus()
        return True

    def _page_frame(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(16))
        outer.setSpacing(theme.px(8))
        self._page_heading = theme.named(ElidedLabel(), "pageTitle")
        self._page_paragraph = theme.named(QLabel(), "paragraph")
        self._page_bar = QWidget()
        self._page_actions = QHBoxLayout(self._page_bar)
        self._page_actions.setContentsMargins(0, 0, 0, 0)
        self._page_actions.setSpacing(theme.px(8))
        self._page_head, self._page_second = QHBoxLayout(), QHBoxLayout()
        self._page_second.addStretch(1)
        head = self._page_head
        head.setSpacing(theme.px(8))
        head.addWidget(self._page_heading)
        head.addWidget(self._page_paragraph)
        head.addStretch(1)
        head.addWidget(self._page_bar)
        outer.addLayout(head)
        outer.addLayout(self._page_second)
        self._page_strip = theme.named(QLabel(wordWrap=True), "closedStrip")
        self._page_strip.hide()
        for part in (self._page_heading, self._page_paragraph, self._page_strip):
            part.setSizePolicy(part.sizePolicy().horizontalPolicy(), QSizePolicy.Policy.Maximum)
        outer.addWidget(self._page_strip)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(8))
        outer.addLayout(self.body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons that have no room beside the title (large type, long words) stand under it."""
        super().resizeEvent(event)
        beside = self._page_heading.sizeHint().width() + self._page_paragraph.sizeHint().width() + theme.px(64)
        tight = beside + self._page_bar.sizeHint().width() > self.width()
        if tight == (self._page_head.indexOf(self._page_bar) >= 0):
            (self._page_second if tight else self._page_head).addWidget(self._page_bar)
        if tight and self._page_bar.sizeHint().width() > self.width() - theme.px(40):
            for button in self._page_bar.findChildren(ActionButton):
                button.setIcon(QIcon())  # words say more than pictures

    def settle(self, spec: PageSpec) -> None:
        """Called by the shell once: the page learns its spec."""
        self.spec = spec
        self._page_heading.setText(self.title())
        self._page_paragraph.setText(shown_paragraph(spec.paragraph))
        self._page_paragraph.setVisible(bool(spec.paragraph))

    def title(self) -> str:
        """The heading, in the language of now."""
        return _(self.spec.title) if self.spec else ""

    @property
    def closed_reason(self) -> str:
        """Why nothing can be done here now, or ""; shown as a strip under the heading."""
        return self._page_closed_reason

    @closed_reason.setter
    def closed_reason(self, reason: str) -> None:
        self._page_closed_reason = reason
        self._page_strip.setText("⊘  " + reason)
        self._page_strip.setVisible(bool(reason))

    def add_actions(self, actions: Sequence[Action]) -> list[ActionButton]:
        """Put buttons at the right of the heading, the primary one last."""
        added = [ActionButton(action, self) for action in actions]
        for button in added:
            self._page_actions.addWidget(button)
        self.own(added)
        return added

    def own(self, buttons: Sequence[ActionButton]) -> None:
        """Serve the keys of these buttons, wherever they stand on the page, and renew them with the others."""
        for button in buttons:
            if button.action.shortcut and button.action.shortcut not in WINDOW_KEYS:
                key = QShortcut(QKeySequence(button.action.shortcut), self)
                key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                key.activated.connect(lambda button=button: self._press_button(button))
        self._page_buttons += buttons

    def press(self, key: str) -> bool:
        """The window's key was pressed: press the button that bears it; False when none in sight does."""
        for button in self._page_buttons:
            if button.action.shortcut == key and button.isVisibleTo(self):
                self._press_button(button)
                return True
        return False

    def _press_button(self, button: ActionButton) -> None:
        """Its key was pressed; a closed one says why."""
        button.renew()
        if button.isEnabled():
            button.click()
        elif button.isVisibleTo(self):
            self.app.inform(button.toolTip(), kind="warning")

    def renew_actions(self) -> None:
        """Ask every action again whether it is open."""
        for button in self._page_buttons:
            button.renew()

    def opened(self, **where: Any) -> None:
        """The page came to the front; `where` is what the caller of `open_page` gave."""

    def refresh(self, changed: set[str] | None = None) -> None:
        """Read again what is shown; `changed` names the tables that changed (None: anything)."""

    def help_words(self) -> str:
        """What this page is for and what the regulation asks here, in the language of now; shown by F1."""
        return ""

    def unsaved(self) -> Any:
        """What is typed and not yet saved, or None."""
        return None

    def take_back(self, unsaved: Any) -> None:
        """Show again what `unsaved` gave before the page was made anew."""

    def may_leave(self) -> bool:
        """False keeps the person here (something typed would be lost)."""
        return True

    def edit(self) -> None:
        """F2."""

    def next_open(self) -> None:
        """F3: the next item that waits."""

    def previous_open(self) -> None:
        """Shift+F3."""

    def new(self) -> None:
        """Ctrl+N."""

    def save(self) -> None:
        """Ctrl+S."""

    def search(self) -> None:
        """Ctrl+F."""

    def print_out(self) -> None:
        """Ctrl+P."""

    def export(self) -> None:
        """Ctrl+E."""

    def undo(self) -> None:
        """Ctrl+Z outside a text field: take back what `offer_undo` told of, the newest first."""
        if not self._page_done:
            return
        take_back = self._page_done.pop()
        self.app.shell.messages.dismiss()
        with self.app.guarded():
            take_back()

    def offer_undo(self, text: str, take_back: Callable[[], object]) -> None:
        """Say what was done, with a button (and Ctrl+Z) that takes it back: for acts that need no question."""
        self._page_done.append(take_back)
        self.app.inform(text, verb=_("Undo"), act=self.undo, next_step=_("Ctrl+Z takes it back."))

    def back(self) -> bool:
        """Esc: True when the page used it; else the shell goes back to the page before."""
        return False
