"""Going back to a backup, and taking over on the reserve PC: choose, look, two persons, one step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import reserve, restore, restore_sources
from mab_desktop.services.restore import Look, Opened, Person, Restored
from mab_desktop.services.restore_sources import ELSEWHERE, Source
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_size
from mab_desktop.ui.login import Gate
from mab_desktop.ui.panels import FactsView, StateLabel, label
from mab_desktop.ui.password_fields import KeyboardHint, secret_field
from mab_desktop.ui.restore_words import look_facts, verdict_of
from mab_desktop.ui.states import Mark
from mab_desktop.ui.tasks import Task, Tasks

INTRODUCTION = N_(
    "Choose a copy and open it with your password. It is checked and shown first; nothing changes until a second "
    "person confirms."
)


class RestorePage(Gate):
    """Four steps on one card. `begun` tells that a copy is in place, `left` that the person goes back unchanged."""

    def __init__(
        self, title: str, database: Path, clock: Clock, tasks: Tasks | None = None, role: Role | None = None
    ) -> None:  # fmt: skip
        """`title` is the application's, a message id; only copies of its `role` are opened."""
        super().__init__(_("Restore or take over") + " · " + _(title), _(INTRODUCTION), "backup", 860)
        self._database, self._clock, self._role = database, clock, role
        self.tasks = tasks or Tasks(self)
        self._elsewhere: list[Path] = []
        self._found: list[Source] = []
        self._opened: Opened | None = None
        self._folder: Path | None = None
        self._another_pc = False  # the copy comes from elsewhere, and no database stands here: an old PC is somewhere
        self._look: Look | None = None
        self._task: Task | None = None
        self.step = 0
        self._steps = (self._choose_step(), self._look_step(), self._done_step())
        for step in self._steps:
            self.card.body.addWidget(step)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.hide()
        self.stage = label("", "small", wrap=True)
        self.stage.hide()
        for widget in (self.stage, self.bar, self.refusal):
            self.card.body.addWidget(widget)
        self._show_step(0)
        self.look_for_copies()

    def _show_step(self, number: int) -> None:
        """The card is as high as the step in front needs."""
        self.step = number
        self.introduction.setVisible(number < len(self._steps) - 1)  # what it tells to do is done then
        for place, step in enumerate(self._steps):
            step.setVisible(place == number)

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.table

    # --- choosing --------------------------------------------------------------------------------------------------

    def _choose_step(self) -> QWidget:
        step, column = _step()
        self.table = QTableWidget(0, 5)
        self.table.setHorizontalHeaderLabels([_("When"), _("Why"), _("Where"), _("Size"), _("Line of the log")])
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        # Long reasons wrap, also when the room for them is known only later.
        self.table.horizontalHeader().sectionResized.connect(lambda *_sizes: self.table.resizeRowsToContents())
        self.table.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(theme.px(220))
        self.table.setAccessibleName(_("Copies"))
        self.table.itemSelectionChanged.connect(self._chosen)
        column.addWidget(self.table)
        self.nothing = label("", "muted", wrap=True)
        column.addWidget(self.nothing)
        elsewhere = QPushButton(icons.icon("drive"), _("Look on a drive or in a folder…"))
        elsewhere.clicked.connect(self._choose_folder)
        column.addWidget(elsewhere, 0, Qt.AlignmentFlag.AlignLeft)
        self.who, self.password = QComboBox(), secret_field()
        self.who.setEditable(True)
        column.addLayout(_pair(_("First person"), self.who, _("Password"), self.password))
        column.addWidget(KeyboardHint(self.password))
        self.open_button = _button(_("Open and check"), "primary", self.open)
        column.addLayout(_buttons(_button(_("Go back"), "plain", self.leave), self.open_button))
        self.password.returnPressed.connect(self.open)
        return step

    def look_for_copies(self) -> None:
        """List what is at hand."""
        self._found = restore_sources.sources(self._database, self._elsewhere)
        self.table.setRowCount(len(self._found))
        for row, source in enumerate(self._found):
            words = (source.at, _(source.why), _(source.place), shown_size(source.size), str(source.n))
            for number, text in enumerate(words):
                self.table.setItem(row, number, QTableWidgetItem(text))
        self.nothing.setText(
            "" if self._found else _("No copy is at hand. Connect the second disk or the reserve drive and look there.")
        )
        self.nothing.setVisible(not self._found)
        if self._found:
            self.table.selectRow(0)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Look on a drive or in a folder…"))
        if folder:
            self.add_place(Path(folder))

    def add_place(self, folder: Path) -> None:
        """Look in one more folder."""
        self._elsewhere.append(folder)
        self.look_for_copies()

    def source(self) -> Source | None:
        """The copy under the cursor."""
        rows = self.table.selectionModel().selectedRows()
        return self._found[rows[0].row()] if rows else None

    def _chosen(self) -> None:
        source = self.source()
        self.refuse("")
        if source is None:
            return
        # A set is put together only when it is opened, but the locks lie in it beside everything else.
        copy = source.path / self._database.name if source.reserve else source.path
        kept = self.who.currentText()
        self.who.clear()
        try:
            self.who.addItems(list(restore.logins(self._database, copy)))
        except UserError as error:
            self.refuse(error.message(active()))
        if kept:
            self.who.setCurrentText(kept)

    def open(self) -> None:
        """Put the set together where it is one, open the copy with the password, check it, look at it."""
        source = self.source()
        if source is None or not self.who.currentText().strip() or not self.password.text():
            self.refuse(_("Choose a copy, your name, and type your password."))
            return
        login, word = self.who.currentText().strip(), self.password.text()
        self.password.clear()

        def work(progress: Progress) -> tuple[Opened, Look]:
            copy = reserve.unpack(source.path, self._database, progress) if source.reserve else source.path
            progress.stage(N_("Checking the copy"))
            opened = restore.open_copy(self._database, copy, login, word, self._clock, self._role)
            progress.stage(N_("Comparing with the present state"))
            return opened, restore.look(opened, self._clock)

        self._folder = source.path if source.reserve else None
        self._another_pc = source.reserve or (source.place == ELSEWHERE and not self._database.exists())
        self._run(work, self._looked)

    # --- looking and confirming ------------------------------------------------------------------------------------

    def _look_step(self) -> QWidget:
        step, column = _step()
        self.verdict = StateLabel(Mark.NONE)
        column.addWidget(self.verdict)
        self.facts = FactsView()
        self.facts.setMinimumHeight(theme.px(290))
        column.addWidget(self.facts, 1)
        self.second, self.second_password, self.witness = QComboBox(), secret_field(), QLineEdit()
        self.second.setEditable(True)
        self.pair = QWidget()
        self.pair.setLayout(_pair(_("Second person"), self.second, _("Password"), self.second_password))
        self.witness.setPlaceholderText(_("Second person: full name and post (nobody else may log in here)"))
        self.witness.setAccessibleName(self.witness.placeholderText())
        self.off = QCheckBox(_("The old computer is switched off and nobody goes on with it"))
        self.off.toggled.connect(self._may_restore)
        for widget in (self.pair, self.witness, self.off):
            column.addWidget(widget)
        self.restore_button = _button(_("Put this copy in place"), "danger", self.put_in_place)
        row = QHBoxLayout()
        row.addWidget(self.restore_button)
        row.addStretch(1)
        row.addWidget(_button(_("Choose another copy"), "plain", self.choose_again))
        column.addLayout(row)
        return step

    def _looked(self, found: tuple[Opened, Look]) -> None:
        self._opened, self._look = found
        mark, words = verdict_of(self._look)
        self.verdict.show_state(mark, words)
        self.facts.show_facts(look_facts(self._look, self._opened))
        self.second.clear()
        others = restore.logins(self._database, self._opened.copy)
        self.second.addItems([login for login in others if login != self._opened.first.login])
        self.pair.setVisible(not self._look.alone and not self._look.refused)
        self.witness.setVisible(self._look.alone and not self._look.refused)
        self.off.setVisible(self._another_pc and not self._look.refused)
        self.off.setChecked(False)
        self._may_restore()
        self._show_step(1)

    def _may_restore(self) -> None:
        refused = self._look is None or self._look.refused
        self.restore_button.setEnabled(not refused and (not self._another_pc or self.off.isChecked()))

    def choose_again(self) -> None:
        """Nothing was changed: back to the list."""
        self._forget()
        self._show_step(0)

    def put_in_place(self) -> None:
        """The second person confirms; then the one step."""
        opened, folder, look, another_pc = self._opened, self._folder, self._look, self._another_pc
        assert opened is not None
        assert look is not None
        login, word, name = self.second.currentText().strip(), self.second_password.text(), self.witness.text()
        self.second_password.clear()

        def work(progress: Progress) -> Restored:
            second: Person = (
                restore.witness(name) if look.alone else restore.second_person(opened, login, word, self._clock)
            )
            words = self.off.text() if another_pc else ""
            if folder is not None:
                return reserve.take_over(opened, folder, second, self._clock, progress, words=words)
            return restore.restore(opened, second, self._clock, progress, words=words)

        self._run(work, self._restored)

    # --- the end ---------------------------------------------------------------------------------------------------

    def _done_step(self) -> QWidget:
        step, column = _step()
        self.done = label("", "big", wrap=True)
        self.done_more = label("", wrap=True)
        column.addWidget(self.done)
        column.addWidget(self.done_more)
        self.log_in = _button(_("Log in"), "primary", lambda: self.begun.emit(self._first()))
        column.addLayout(_buttons(self.log_in))
        column.addStretch(1)
        return step

    def _first(self) -> str:
        return self._opened.first.login if self._opened else ""

    def _restored(self, found: Restored) -> None:
        self.done.setText(_("The copy is in place."))
        epoch = _("Exports are counted anew from here, in epoch {n}: recipients confirm it once.")
        lines = [epoch.format(n=found.epoch)]
        if found.kept:
            lines.append(_("The state before is kept as {name}.").format(name=found.kept))
        if found.held:
            held = _("{n} acts from before must be done again; the page of backups lists them.")
            lines.append(held.format(n=found.held))
        if found.unmarked:
            lines.append(_(restore.NO_MARK).format(folder=found.unmarked))
        if self._another_pc:
            lines.append(_("Write into the act: this computer took over, the old one is shut."))
        self.done_more.setText("\n".join(lines))
        self._show_step(2)
        self.log_in.setFocus()

    def back(self) -> None:
        """Esc: as the step's own button, until a copy is in place and unless something runs."""
        if self.step < len(self._steps) - 1 and self._steps[self.step].isEnabled():
            self.choose_again() if self.step else self.leave()

    def leave(self) -> None:
        """Back to the log-in; a set that was put together is thrown away."""
        self._forget()
        self.left.emit()

    def _forget(self) -> None:
        self._opened = self._look = None
        reserve.forget(self._database)
        self.refuse("")

    # --- work ------------------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        self.refuse("")
        self._busy(on=True)

        def ended(result: Any) -> None:
            self._busy(on=False)
            done(result)

        task_work = work
        self._task = self.tasks.run(self.windowTitle(), self._told(task_work), ended, self._failed)

    def _told(self, work: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(progress: Any) -> Any:
            progress.shown.connect(self._stage)
            return work(progress)

        return run

    def _stage(self, title: str, _done: int, _total: int) -> None:
        self.stage.setText(_(title))

    def _busy(self, *, on: bool) -> None:
        self._steps[self.step].setEnabled(not on)
        self.bar.setVisible(on)
        self.stage.setVisible(on)

    def _failed(self, error: BaseException) -> None:
        self._busy(on=False)
        if isinstance(error, UserError):
            self.refuse(error.message(active()))
        elif not isinstance(error, Cancelled):
            raise error


def _step() -> tuple[QWidget, QVBoxLayout]:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(8))
    return made, column


def _pair(first: str, one: QWidget, second: str, other: QWidget) -> QHBoxLayout:
    """Two fields beside each other, each under its words."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(12))
    for words, editor in ((first, one), (second, other)):
        cell = QVBoxLayout()
        cell.setSpacing(theme.px(2))
        name = label(words, "muted")
        name.setBuddy(editor)
        editor.setAccessibleName(words)
        cell.addWidget(name)
        cell.addWidget(editor)
        row.addLayout(cell, 1)
    return row


def _button(words: str, kind: str, act: Callable[[], object]) -> QPushButton:
    made = QPushButton(words)
    made.setProperty("kind", kind)
    made.setAutoDefault(kind == "primary")
    made.clicked.connect(lambda _checked=False: act())
    return made


def _buttons(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
