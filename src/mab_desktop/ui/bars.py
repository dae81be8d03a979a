"""The bar on top (season, organisation, person, language, lock) and the bar below (saved, backup, drive, task)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QWidget

from mab_desktop.domain.organisation import TRAINING
from mab_desktop.i18n import LANGS, LANGUAGE_NAMES, _, active
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import ElidedLabel
from mab_desktop.ui.panels import label
from mab_desktop.ui.tasks import Task

SHORT_NAMES = {"kk": "Қаз", "ru": "Рус", "en": "Eng"}


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


class LanguageSwitch(QWidget):
    """Three small buttons; the language of now is pressed."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(2))
        group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for lang in LANGS:
            button = QPushButton(SHORT_NAMES[lang])
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setChecked(lang == active())
            button.setToolTip(LANGUAGE_NAMES[lang])
            button.setAccessibleName(LANGUAGE_NAMES[lang])
            button.clicked.connect(lambda _on=False, lang=lang: self.chosen.emit(lang))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[lang] = button


class TopBar(QFrame):
    """Season, organisation, person, the test or official mark, language, look, lock."""

    lock_asked = Signal()
    help_asked = Signal()
    look_chosen = Signal(bool, int)
    idle_chosen = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None, *, idle: Sequence[int] = (), now: int = 0) -> None:
        """`idle` are the minutes after which the window may lock by itself, `now` those of now."""
        super().__init__(parent)
        self.setObjectName("topBar")
        self._idle, self._idle_now = idle, now
        self.setFixedHeight(theme.px(48))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), 0, theme.px(8), 0)
        row.setSpacing(theme.px(12))
        self.application = label(title, "section")
        self.where = theme.named(ElidedLabel(), "muted")
        self.person = label()
        self.modes = {True: label(_(TRAINING).upper(), "testMark"), False: label(_("OFFICIAL"), "officialMark")}
        self.languages = LanguageSwitch()
        row.addWidget(self.application)
        row.addWidget(self.where, 1)
        for mode in self.modes.values():
            mode.hide()
            row.addWidget(mode, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.person)
        row.addWidget(self.languages)
        row.addWidget(self._flat("gear", _("Look and lock: size, colours, when to lock"), menu=self._look_menu()))
        row.addWidget(self._flat("help", _("Help and keys (F1)"), self.help_asked))
        row.addWidget(self._flat("lock", _("Lock (Ctrl+L)"), self.lock_asked))

    def _flat(
        self, icon: str, words: str, told: SignalInstance | None = None, menu: QMenu | None = None
    ) -> QPushButton:
        button = icons.button(icon, words)
        button.setIconSize(theme.icon_size(20))
        if menu:
            button.setMenu(menu)
        if told:
            button.clicked.connect(told)
        return button

    def _look_menu(self) -> QMenu:
        menu = QMenu(self)
        sizes = QActionGroup(menu)
        for size in theme.SCALES:
            action = QAction(_("Size {n} %").format(n=size), menu, checkable=True, checked=size == theme.scale())
            action.triggered.connect(lambda _on=False, size=size: self.look_chosen.emit(theme.is_dark(), size))
            sizes.addAction(action)
            menu.addAction(action)
        menu.addSeparator()
        dark = QAction(_("Dark colours"), menu, checkable=True, checked=theme.is_dark())
        dark.triggered.connect(lambda on: self.look_chosen.emit(on, theme.scale()))
        menu.addAction(dark)
        self._add_idle(menu)
        return menu

    def _add_idle(self, menu: QMenu) -> None:
        """When the window locks by itself: sooner if one likes, never later."""
        if self._idle:
            menu.addSeparator()
        waits = QActionGroup(menu)
        for minutes in self._idle:
            words = _("Lock after {n} minutes without work").format(n=minutes)
            action = QAction(words, menu, checkable=True, checked=minutes == self._idle_now)
            action.triggered.connect(lambda _on=False, minutes=minutes: self.idle_chosen.emit(minutes))
            waits.addAction(action)
            menu.addAction(action)

    def show_banner(self, banner: Banner) -> None:
        """Show who and where."""
        words = " · ".join(part for part in (banner.season, banner.organisation) if part)
        self.where.setText(words)
        self.person.setText(banner.person)
        for test_mode, mode in self.modes.items():
            mode.setVisible(test_mode is banner.test_mode)


class StatusBar(QFrame):
    """What is safe (saved, backup, drive), and the running task with its stage, bar and Cancel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setFixedHeight(theme.px(32))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), 0, theme.px(12), 0)
        row.setSpacing(theme.px(8))
        self.facts = {name: self._fact(row, icon) for name, icon in _STATUS}
        row.addStretch(1)
        self.stage, self.bar, self.stop = QLabel(), QProgressBar(), QPushButton(icons.icon("cancel"), _("Cancel"))
        self.bar.setFixedWidth(theme.px(180))
        self.stop.setProperty("kind", "link")
        self._parts = (self.stage, self.bar, self.stop)
        for part in self._parts:
            row.addWidget(part)
            part.hide()
        self._task: Task | None = None
        self._tasks: list[Task] = []
        self.stop.clicked.connect(self._cancel)

    def _fact(self, row: QHBoxLayout, icon: str) -> tuple[QLabel, QLabel]:
        picture, words = QLabel(), label()
        picture.setPixmap(icons.pixmap(icons.icon(icon, "text_muted"), 16))
        row.addWidget(picture)
        row.addWidget(words)
        row.addSpacing(theme.px(12))
        return picture, words

    def show_facts(self, facts: StatusFacts) -> None:
        """Show what is safe; an empty fact is not shown."""
        for name, (picture, words) in self.facts.items():
            text = getattr(facts, name)
            words.setText(text)
            for part in (picture, words):
                part.setVisible(bool(text))

    def begin(self, task: Task) -> None:
        """A task runs; the newest is shown."""
        self._tasks.append(task)
        task.progress.shown.connect(self._move, Qt.ConnectionType.QueuedConnection)
        self._show(task)

    def _show(self, task: Task) -> None:
        self._task = task
        self.stage.setText(task.title)
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        for part in self._parts:
            part.show()

    def _move(self, stage: str, done: int, total: int) -> None:
        if self._task is None or self.sender() is not self._task.progress:
            return
        self.stage.setText(f"{self._task.title} · {_(stage)}" if stage else self._task.title)
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def end(self, task: Task) -> None:
        """A task has ended: another one that still runs comes to light."""
        self._tasks.remove(task)
        if self._tasks:
            self._show(self._tasks[-1])
            return
        self._task = None
        for part in self._parts:
            part.hide()

    def _cancel(self) -> None:
        if self._task:
            self._task.cancel()
            self.stop.setEnabled(False)


_STATUS = (("saved", "save"), ("backup", "backup"), ("drive", "drive"))
