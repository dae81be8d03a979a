"""The drive wizard, the same in all four applications: drive → what → progress → the end in large letters.

    PageSpec("transfer", N_("Receive and hand over"), N_("Hand-over"), "transfer",
             lambda app: TransferPage(app, TransferActions(...), mode="both"))

`app.open_page("transfer", path=...)` opens a folder at once; `export="kind"` goes to writing that kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page, PageSpec
from mab_desktop.ui.panels import Facts, Section, button_row, clear, facts_block, label
from mab_desktop.ui.states import Mark
from mab_desktop.ui.tasks import TaskProgress
from mab_desktop.ui.transfer import Drive, TransferActions, TransferItem, TransferPreview, TransferResult
from mab_desktop.ui.transfer_steps import AcceptStep, DriveStep, WriteStep

Mode = Literal["accept", "write", "both"]
_STAGES = (N_("Drive"), N_("What"), N_("Work"), N_("End"))


class _Trail(Widget):
    """Where the person is: four words, the one of now strong, those behind ticked."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(8))
        self.show_stage(0)

    def show_stage(self, now: int) -> None:
        clear(self._row)
        for number, words in enumerate(_STAGES):
            shape = QLabel()
            mark = Mark.DONE if number < now else Mark.DUE if number == now else Mark.NONE
            shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 16))
            name = label(f"{number + 1}. {_(words)}", "" if number == now else "muted")
            name.setFont(theme.font(bold=number == now))
            if mark is not Mark.NONE:
                self._row.addWidget(shape)
            self._row.addWidget(name)
            self._row.addSpacing(theme.px(16))
        self._row.addStretch(1)


class _Working(Section):
    """The stage in words, the bar, and Cancel."""

    def __init__(self) -> None:
        super().__init__(" ")
        self.stage, self.bar, self.cancel = label("", "muted"), QProgressBar(), QPushButton(_("Cancel"))
        self.note = label(_("Leave the drive in until this is finished."), "", wrap=True)
        self.body.insertStretch(0, 1)
        for part in (self.stage, self.bar, self.note):
            self.body.addWidget(part)
        self.body.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(3)

    def begin(self, title: str) -> TaskProgress:
        """A fresh progress that shows itself here."""
        self.title.setText(title)
        self.stage.setText("")
        self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        progress = TaskProgress()
        progress.shown.connect(self._move)
        self.cancel.clicked.connect(progress.cancel)
        self.cancel.clicked.connect(lambda: self.cancel.setEnabled(False))
        return progress

    def _move(self, stage: str, done: int, total: int) -> None:
        self.stage.setText(f"{_(stage)}   {done} / {total}" if total else _(stage))
        self.bar.setRange(0, total)
        self.bar.setValue(done)


class _End(Section):
    """How it ended, in large letters, and what to do now."""

    def __init__(self) -> None:
        super().__init__()
        self.shape, self.words, self.rest = QLabel(), label("", "big", wrap=True), label("", "", wrap=True)
        self.facts = QVBoxLayout()
        head = QHBoxLayout()
        head.setSpacing(theme.px(16))
        head.addWidget(self.shape, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.words, 1)
        self.body.addStretch(1)
        self.body.addLayout(head)
        self.body.addWidget(self.rest)
        self.body.addLayout(self.facts)
        self.body.addStretch(3)

    def say(self, mark: Mark, words: str, rest: str, lines: Sequence[tuple[str, str]] = ()) -> None:
        """Show the end; `rest` is what is safe and what to do."""
        self.shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 40))
        self.words.setText(words)
        self.rest.setText(rest)
        self.rest.setVisible(bool(rest))
        clear(self.facts)
        if lines:
            self.facts.addWidget(facts_block(Facts("", tuple(lines))))


class TransferPage(Page):
    """See the module."""

    def __init__(self, app: AppContext, actions: TransferActions, mode: Mode = "both") -> None:
        super().__init__(app)
        self.actions, self.mode = actions, mode
        self.trail, self.stack = _Trail(), QStackedWidget()
        self.drive_step, self.accept_step, self.write_step = DriveStep(mode), AcceptStep(), WriteStep()
        self.working, self.end = _Working(), _End()
        for step in (self.drive_step, self.accept_step, self.write_step, self.working, self.__end_page()):
            self.stack.addWidget(step)
        self.body.addWidget(self.trail)
        self.body.addWidget(self.stack, 1)
        self.drive: Drive | None = None
        self.__wanted = ""
        self.__connect()

    def __end_page(self) -> Widget:
        page = Widget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.end, 1)
        self.again = ActionButton(Action(N_("Another file or drive"), self.begin, "drive"))
        self.finish = ActionButton(Action(N_("Home"), lambda: self.app.open_page("home"), "home", primary=True))
        column.addWidget(button_row())
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addStretch(1)
        row.addWidget(self.finish)
        column.addLayout(row)
        return page

    def __connect(self) -> None:
        self.drive_step.look_again.connect(self.read_drives)
        self.drive_step.folder_asked.connect(self.choose_folder)
        self.drive_step.chosen.connect(self.__drive_chosen)
        self.accept_step.item_chosen.connect(self.__preview)
        self.accept_step.accepted.connect(self.__accept)
        self.write_step.written.connect(self.__write)
        for step in (self.accept_step, self.write_step):
            step.back_asked.connect(self.begin)

    def settle(self, spec: PageSpec) -> None:
        """Begin with the drives."""
        super().settle(spec)
        self.begin()

    def opened(self, **where: Any) -> None:
        """`path` opens a folder at once, `export` goes to writing that kind."""
        self.__wanted = where.get("export", "")
        if "path" in where:
            self.__drive_chosen(_folder(where["path"]), "write" if self.__wanted else "accept")
        elif self.stack.currentIndex() == 0:
            self.drive_step.first_field().setFocus()

    def __show(self, page: int, stage: int) -> None:
        self.stack.setCurrentIndex(page)
        self.trail.show_stage(stage)

    # --- drive -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Back to the drives."""
        self.__show(0, 0)
        self.read_drives()
        self.drive_step.first_field().setFocus()

    def read_drives(self) -> None:
        """Ask which drives are in; the last folder stands under them."""
        drives: list[Drive] = []
        with self.app.guarded():
            drives = list(self.actions.list_drives())
        last = self.app.settings.get("transfer.folder", "")
        if last and last not in [drive.path for drive in drives] and Path(last).is_dir():
            drives.append(_folder(last, _("Folder used last")))
        self.drive_step.show_drives(drives)

    def choose_folder(self) -> None:
        """A folder in place of a drive."""
        last = self.app.settings.get("transfer.folder", str(Path.home()))
        folder = QFileDialog.getExistingDirectory(self, _("Choose a folder"), last)
        if folder:
            self.app.settings.set("transfer.folder", folder)
            self.read_drives()
            self.drive_step.choose(folder)

    def __drive_chosen(self, drive: Drive, what: str) -> None:
        self.drive = drive
        self.app.settings.set("transfer.folder", drive.path)
        if what == "accept":
            self.app.tasks.run(
                _("Looking at the drive"), lambda _p: self.actions.list_carriers(drive), self.__show_items
            )
        else:
            with self.app.guarded():
                self.write_step.show_kinds(list(self.actions.exportable()), drive, self.__wanted)
                self.__show(2, 1)
                self.write_step.first_field().setFocus()

    # --- accept ----------------------------------------------------------------------------------------------------

    def __show_items(self, items: Sequence[TransferItem]) -> None:
        assert self.drive is not None
        self.accept_step.show_items(list(items), self.drive)
        self.__show(1, 1)
        self.accept_step.first_field().setFocus()

    def __preview(self, path: str) -> None:
        self.accept_step.wait()
        self.app.tasks.run(
            _("Checking the file"),
            lambda _p: self.actions.preview(path),
            lambda found: self.accept_step.show_preview(path, found),
            lambda error: self.__preview_failed(path, error),
        )

    def __preview_failed(self, path: str, error: BaseException) -> None:
        if isinstance(error, UserError):
            self.accept_step.show_refusal(path, error.message(active()))
        else:
            self.app.failed(error)

    def __accept(self, preview: TransferPreview, secret: str) -> None:
        filled = replace(preview, secret=secret)
        self.__show(3, 2)
        progress = self.working.begin(preview.item.title)
        self.app.tasks.run(
            _("Accepting"), lambda p: self.actions.accept(filled, p), self.__accepted, self.__failed, progress
        )

    def __accepted(self, result: TransferResult) -> None:
        self.app.changed(None)
        self.__finish(_("Accepted and checked. You may take the drive out."), [result])

    # --- write -----------------------------------------------------------------------------------------------------

    def __write(self, kind: str, recipients: list[str]) -> None:
        drive = self.drive
        assert drive is not None
        if not self.actions.may_export(kind):
            return
        self.__show(3, 2)
        progress = self.working.begin(self.write_step.title_of(kind))

        def work(task: TaskProgress) -> list[TransferResult]:
            return [self.actions.export(kind, recipient, drive, task) for recipient in recipients]

        self.app.tasks.run(_("Writing to the drive"), work, self.__written, self.__failed, progress)

    def __written(self, results: list[TransferResult]) -> None:
        self.__finish(_("Written and verified. You may take the drive out."), results)

    def __finish(self, words: str, results: Sequence[TransferResult]) -> None:
        lines = [line for result in results for line in (*result.lines, *_file_line(result))]
        warnings = [warning for result in results for warning in result.warnings]
        self.end.say(Mark.DUE if warnings else Mark.DONE, words, "\n".join(warnings), lines)
        self.__show(4, 3)
        self.finish.setFocus()

    def __failed(self, error: BaseException) -> None:
        if isinstance(error, Cancelled):
            self.end.say(Mark.INFO, _("Cancelled"), _("Nothing on this computer has changed."))
        elif isinstance(error, UserError):
            self.end.say(Mark.LATE, _("It did not work"), error.message(active()))
        else:
            self.begin()
            self.app.failed(error)
            return
        self.__show(4, 3)
        self.again.setFocus()

    def back(self) -> bool:
        """Esc: from the contents back to the drives; work is left by Cancel only."""
        if self.stack.currentIndex() in (1, 2):
            self.begin()
            return True
        return self.stack.currentIndex() == 3

    def may_leave(self) -> bool:
        """The person may look elsewhere while the work runs; it shows in the status bar too."""
        return True


def _folder(path: str, note: str = "") -> Drive:
    return Drive(path, Path(path).name or path, note=note)


def _file_line(result: TransferResult) -> tuple[tuple[str, str], ...]:
    return ((_("File"), result.path),) if result.path else ()
