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

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui.drive_watch import DriveWatch
from mab_desktop.ui.page import Action, AppContext, Page, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.states import Mark
from mab_desktop.ui.tasks import TaskProgress
from mab_desktop.ui.transfer import Drive, TransferActions, TransferItem, TransferPreview, TransferResult
from mab_desktop.ui.transfer_steps import AcceptStep, DriveStep
from mab_desktop.ui.transfer_work import End, Trail, Working
from mab_desktop.ui.transfer_write import WriteStep

Mode = Literal["accept", "write", "both"]
DRIVE, ACCEPT, WRITE, WORK, END = range(5)
_TAKEN, _WRITTEN, _FAILED_WRITE, _FAILED = "taken", "written", "failed-write", "failed"


class TransferPage(Page):
    """See the module."""

    def __init__(self, app: AppContext, actions: TransferActions, mode: Mode = "both") -> None:
        super().__init__(app)
        self.acts, self.mode = actions, mode
        self.trail, self.stack = Trail(), QStackedWidget()
        self.drive_step, self.accept_step, self.write_step = DriveStep(mode), AcceptStep(), WriteStep()
        self.working, self.end = Working(), End(self.__end_actions())
        for step in (self.drive_step, self.accept_step, self.write_step, self.working, self.end):
            self.stack.addWidget(step)
        self.again, self.second, self.retry, self.let_go, self.finish = self.end.buttons
        self.body.addWidget(self.trail)
        self.body.addWidget(self.stack, 1)
        self.drive: Drive | None = None
        self.watch = DriveWatch(self)
        self.__made: Any = None  # files that were built; a drive has failed, or a second one shall have them
        self.__title = self.__wanted = ""
        self.__connect()

    def __end_actions(self) -> tuple[Action, ...]:
        return (
            Action(N_("Another file or drive"), self.begin, "drive"),
            Action(N_("Write to a second drive"), self.to_another_drive, "copy"),
            Action(N_("Try again"), self.write_again, "refresh"),
            Action(N_("Let go of the drive"), self.eject, "export"),
            Action(N_("Home"), lambda: self.app.open_page("home"), "home", primary=True),
        )

    def __connect(self) -> None:
        self.drive_step.look_again.connect(self.read_drives)
        self.drive_step.folder_asked.connect(self.choose_folder)
        self.drive_step.chosen.connect(self.__drive_chosen)
        self.accept_step.item_chosen.connect(self.__preview)
        self.accept_step.accepted.connect(self.__accept)
        self.accept_step.all_accepted.connect(self.__accept_all)
        self.write_step.written.connect(self.__make)
        self.watch.changed.connect(self.drives_changed)
        for step in (self.accept_step, self.write_step):
            step.back_asked.connect(self.begin)

    def settle(self, spec: PageSpec) -> None:
        """Begin with the drives."""
        super().settle(spec)
        self.begin()

    def showEvent(self, event: QShowEvent) -> None:
        """Drives are watched while the page is seen."""
        super().showEvent(event)
        self.watch.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.watch.watch(False)

    def opened(self, **where: Any) -> None:
        """`path` opens a folder at once, `export` goes to writing that kind, `again` writes a file made before."""
        self.__wanted = where.get("export", "")
        self.drive_step.write_first(bool(self.__wanted))
        if self.__wanted and self.stack.currentIndex() != WORK:
            self.begin()  # how something else ended would be read as the word on what is asked for now
        if "again" in where:
            with self.app.guarded():
                self.__title, self.__made = self.acts.again(where["again"])
                self.__choose_drive()
        elif "path" in where:
            self.__drive_chosen(self.__drive_at(where["path"]), "write" if self.__wanted else "accept")
        elif self.stack.currentIndex() == DRIVE:
            self.drive_step.first_field().setFocus()

    def __show(self, page: int, stage: int) -> None:
        self.stack.setCurrentIndex(page)
        self.trail.show_stage(stage)

    # --- drive -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Back to the drives, with nothing left to be written."""
        self.__made = None
        self.__choose_drive()

    def to_another_drive(self) -> None:
        """Choose a drive for the files that were made already."""
        self.__choose_drive()

    def __choose_drive(self) -> None:
        self.drive_step.wait_for(self.__title if self.__made is not None else "")
        self.__show(DRIVE, 0)
        self.read_drives()
        self.drive_step.first_field().setFocus()

    def __drive_at(self, path: str) -> Drive:
        drives: list[Drive] = []
        with self.app.guarded():
            drives = list(self.acts.list_drives())
        return next((drive for drive in drives if drive.path == path), _folder(path))

    def read_drives(self) -> None:
        """Ask which drives are in; the last folder stands under them."""
        drives: list[Drive] = []
        with self.app.guarded():
            drives = list(self.acts.list_drives())
        last = self.app.settings.get("transfer.folder", "")
        if last and last not in [drive.path for drive in drives] and Path(last).is_dir():
            drives.append(_folder(last, _("Folder used last")))
        self.drive_step.show_drives(drives)

    def drives_changed(self) -> None:
        """A drive was put in or pulled out."""
        gone = self.drive is not None and not Path(self.drive.path).is_dir()
        if self.stack.currentIndex() == DRIVE:
            self.read_drives()
        elif gone and self.stack.currentIndex() in (ACCEPT, WRITE):
            self.begin()
            self.app.inform(_("The drive was taken out."), safe=_("Nothing on this computer has changed."))
        elif gone and self.stack.currentIndex() == END:
            self.let_go.hide()

    def choose_folder(self) -> None:
        """A folder in place of a drive."""
        last = self.app.settings.get("transfer.folder", str(Path.home()))
        folder = QFileDialog.getExistingDirectory(self, _("Choose a folder"), last)
        if folder:
            self.app.settings.set("transfer.folder", folder)
            self.read_drives()
            self.drive_step.choose(folder)
            self.drive_step.first_field().setFocus()  # Enter goes on; on the button it would ask once more

    def __drive_chosen(self, drive: Drive, what: str) -> None:
        self.drive = drive
        self.app.settings.set("transfer.folder", drive.path)
        if what == "accept":
            self.app.tasks.run(
                _("Looking at the drive"), lambda _p: self.acts.list_carriers(drive), self.__show_items
            )
        elif self.__made is not None:
            self.write_again()
        else:
            with self.app.guarded():
                self.write_step.show_kinds(list(self.acts.exportable()), drive, self.__wanted)
                self.__show(WRITE, 1)
                self.write_step.first_field().setFocus()

    # --- accept ----------------------------------------------------------------------------------------------------

    def __show_items(self, items: Sequence[TransferItem]) -> None:
        assert self.drive is not None
        self.accept_step.show_items(list(items), self.drive)
        self.__show(ACCEPT, 1)
        self.accept_step.first_field().setFocus()

    def __preview(self, path: str) -> None:
        progress = self.accept_step.wait()
        self.app.tasks.run(
            _("Checking the file"),
            lambda task: self.acts.preview(path, task),
            lambda found: self.accept_step.show_preview(path, found),
            lambda error: self.__preview_failed(path, error),
            progress,
        )

    def __preview_failed(self, path: str, error: BaseException) -> None:
        if isinstance(error, UserError):
            self.accept_step.show_refusal(path, error.message(active()))
        elif isinstance(error, Cancelled):
            self.accept_step.show_refusal(path, _("Cancelled"))
        else:
            self.app.failed(error)

    def __accept(self, preview: TransferPreview, secret: str) -> None:
        filled = replace(preview, secret=secret)
        self.__take(preview.item.title, lambda task: self.acts.accept(filled, task))

    def __accept_all(self) -> None:
        drive = self.drive
        assert drive is not None
        self.__take(_("Everything new"), lambda task: self.acts.accept_new(drive, task))

    def __take(self, title: str, work: Any) -> None:
        self.__show(WORK, 2)
        progress = self.working.begin(title)
        self.app.tasks.run(_("Accepting"), work, self.__accepted, self.__failed, progress)

    def __accepted(self, result: TransferResult) -> None:
        self.app.changed(None)
        if result.warnings and not result.lines:
            self.__finish(_("Nothing was taken"), [result], _FAILED)
        else:
            self.__finish(_("Accepted and checked. You may take the drive out."), [result], _TAKEN)

    # --- write -----------------------------------------------------------------------------------------------------

    def __make(self, kind: str, recipients: list[str], passwords: dict[str, str]) -> None:
        if not self.acts.may_export(kind):
            return
        self.__show(WORK, 2)
        self.__title = self.write_step.title_of(kind)
        progress = self.working.begin(self.__title)

        def work(task: TaskProgress) -> Sequence[TransferResult]:
            self.__made = self.acts.make(kind, recipients, passwords, task)
            return self.__put(task)

        self.app.tasks.run(_("Writing to the drive"), work, self.__written, self.__failed, progress)

    def write_again(self) -> None:
        """Write the files that were made to the drive of now, from where it stands."""
        self.__show(WORK, 2)
        progress = self.working.begin(self.__title)
        self.app.tasks.run(_("Writing to the drive"), self.__put, self.__written, self.__failed, progress)

    def __put(self, task: TaskProgress) -> Sequence[TransferResult]:
        assert self.drive is not None
        return self.acts.write(self.__made, self.drive, task)

    def __written(self, results: Sequence[TransferResult]) -> None:
        self.__finish(_("Written and verified. You may take the drive out."), results, _WRITTEN)

    # --- the end ---------------------------------------------------------------------------------------------------

    def eject(self) -> None:
        """Ask the system to let go of the drive."""
        drive = self.drive
        assert drive is not None
        self.let_go.setEnabled(False)
        self.app.tasks.run(
            _("Letting go of the drive"), lambda _p: self.acts.eject(drive), self.__let_go, self.__still_held
        )

    def __let_go(self, words: str) -> None:
        self.end.words.setText(words)
        self.let_go.hide()
        self.finish.setFocus()

    def __still_held(self, error: BaseException) -> None:
        self.let_go.setEnabled(True)
        self.app.failed(error)

    def __finish(self, words: str, results: Sequence[TransferResult], how: str) -> None:
        parts = [Facts(result.recipient, (*result.lines, *_file_line(result))) for result in results]
        warnings = [warning for result in results for warning in result.warnings]
        mark = Mark.LATE if how == _FAILED else Mark.DUE if warnings else Mark.DONE
        self.end.say(mark, words, "", parts, warnings)
        self.__offer(how)

    def __offer(self, how: str) -> None:
        """The buttons that make sense now, the likeliest with the focus."""
        removable = self.drive is not None and self.drive.removable
        self.let_go.setVisible(removable and how in (_TAKEN, _WRITTEN))
        self.let_go.setEnabled(True)
        self.second.setVisible(how in (_WRITTEN, _FAILED_WRITE))
        self.second.setText(_("Write to another drive") if how == _FAILED_WRITE else _("Write to a second drive"))
        self.retry.setVisible(how == _FAILED_WRITE)
        self.__show(END, 3)
        focus = {_FAILED_WRITE: self.retry, _FAILED: self.again}.get(how, self.finish)
        (self.let_go if focus is self.finish and removable else focus).setFocus()

    def __failed(self, error: BaseException) -> None:
        how = _FAILED_WRITE if self.__made is not None else _FAILED
        if isinstance(error, Cancelled):
            kept = _("The file is made and kept here; nothing else has changed.")
            self.end.say(Mark.INFO, _("Cancelled"), kept if self.__made else _("Nothing on this computer has changed."))
        elif isinstance(error, UserError):
            self.end.say(Mark.LATE, _("It did not work"), error.message(active()))
        else:
            self.begin()
            self.app.failed(error)
            return
        self.__offer(how)

    def back(self) -> bool:
        """Esc: from the contents back to the drives; work is left by Cancel only."""
        if self.stack.currentIndex() in (ACCEPT, WRITE):
            self.begin()
            return True
        return self.stack.currentIndex() == WORK

    def may_leave(self) -> bool:
        """The person may look elsewhere while the work runs; it shows in the status bar too."""
        return True


def _folder(path: str, note: str = "") -> Drive:
    return Drive(path, Path(path).name or path, note=note)


def _file_line(result: TransferResult) -> tuple[tuple[str, str], ...]:
    return ((_("File"), result.path),) if result.path else ()
