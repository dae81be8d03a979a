"""Photographs (p.21): who handed in two, and the pictures for the passes, one by one or a folder at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _, active
from mab_desktop.network_uni import records
from mab_desktop.network_uni.photo_frame import FramePanel, PassPhoto
from mab_desktop.network_uni.scan_line import ScanLine
from mab_desktop.services import photos, students
from mab_desktop.services.photos import HANDED_IN, FolderReport, Opened, PhotoRow
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, FactsView, Section, button_row, label
from mab_desktop.ui.record_table import Column, FilterChip, RecordTable, Rows
from mab_desktop.ui.states import Mark

_LIST, _FRAME, _REPORT = range(3)
_REST = (Column("file", N_("File"), 34), Column("why", N_("Why it was left over"), 70))


class PhotosPage(ListPage):
    """The students with their photographs; a frame over a picture, and what a folder left over, take the list's place.
    """

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._take_back: Callable[[], None] | None = None
        self._choosing: PhotoRow | None = None
        self.scan = ScanLine(_("TO code, document or record book"), _("Enter: both photographs. Shift+Enter: one."))
        self.scan.scanned.connect(self._scanned)
        self.panel = FramePanel()
        self.panel.kept.connect(self._keep)
        self.panel.left.connect(self.show_list)

    def settle(self, spec: PageSpec) -> None:
        """The list, the frame and the report share the page's body."""
        whole, lister = self.body, QWidget()
        self.body = QVBoxLayout(lister)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.px(8))
        self.body.addWidget(self.scan)
        super().settle(spec)
        self.modes = QStackedWidget()
        for widget in (lister, self.panel, self._report()):
            self.modes.addWidget(widget)
        whole.addWidget(self.modes, 1)
        for number in range(HANDED_IN + 1):
            key = QShortcut(QKeySequence(str(number)), self.view)
            key.setContext(Qt.ShortcutContext.WidgetShortcut)
            key.activated.connect(lambda number=number: self.receive(number))

    def _report(self) -> QWidget:
        card = Section(_("What came of the folder"))
        self.summary = label("", wrap=True)
        self.rest = RecordTable(Rows(_REST, lambda: [], "file", lambda _row: Mark.LATE))
        self.rest_view = RecordView(self.rest, self.app.settings, "photos-left-over")
        card.body.addWidget(self.summary)
        card.body.addWidget(self.rest_view, 1)
        card.body.addWidget(button_row(left=(Action(N_("Back to the list"), self.show_list, "back"),)))
        return card

    # --- the list ---------------------------------------------------------------------------------------------------

    def table(self) -> Rows:
        """The students by name."""
        self.names = records.names_of_codes(self.app.ctx)
        languages = self.names["study_language"]
        columns = (
            Column("name", N_("Full name"), 27),
            Column("to_code", N_("TO code"), 10, kind="code"),
            Column("received", N_("Photos"), 6, kind="number"),
            Column("photo", N_("Picture"), 8, show=lambda photo: _("there") if photo else ""),
            Column("specialty", N_("Specialty"), 8, kind="code"),
            Column("study_language", N_("Language"), 10, shown=False, show=lambda code: languages.get(code, code)),
            Column("identity_document", N_("Document"), 12, kind="code", shown=False),
            Column("record_book", N_("Record book"), 10, kind="code", shown=False),
            Column("at", N_("Kept"), 16, shown=False, show=records.shown_stamp),
        )
        return Rows(columns, lambda: photos.photo_rows(self.app.ctx), "student", _mark)

    def chips(self) -> Sequence[FilterChip]:
        """What is still missing, and what to look at."""
        return (
            FilterChip("missing", N_("Without photographs"), lambda row: row.received < HANDED_IN),
            FilterChip("no-picture", N_("Without a picture"), lambda row: not row.photo),
            FilterChip("no-face", N_("No face found"), lambda row: row.photo and not row.face),
        )

    def page_actions(self) -> Sequence[Action]:
        """A folder at once."""
        return (Action(N_("Pictures of a folder…"), self.choose_folder, "folder", primary=True),)

    def row_actions(self) -> Sequence[Action]:
        """What can be done with the chosen students."""
        return (
            Action(N_("Choose a picture…"), self.choose_picture, "open", primary=True),
            Action(N_("Move the frame"), self.move_frame, "scan", obstacle=self._no_picture),
            Action(N_("Both photographs received"), lambda: self.receive(HANDED_IN), "check"),
            Action(N_("No photograph"), lambda: self.receive(0), "cancel"),
            Action(N_("Remove the picture"), self.remove, "delete", obstacle=self._no_picture),
        )

    def details(self, row: PhotoRow) -> QWidget:
        """The photograph as it will be printed, and where it is from."""
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        box, facts = PassPhoto(160), FactsView()
        box.show_photo(QImage.fromData(photos.photo_of(self.app.ctx, row.student)) if row.photo else QImage())
        lines = [
            (_("TO code"), row.to_code),
            (_("Photographs received"), _("{n} of {total}").format(n=row.received, total=HANDED_IN)),
        ]
        if row.photo:
            lines += [(_("File"), Path(row.source).name), (_("Kept"), records.by(self.names, row.by, row.at)),
                      (_("Face"), _("found") if row.face else _("not found: look at the frame"))]  # fmt: skip
        facts.show_facts((Facts(row.name, tuple(lines)),))
        column.addWidget(box, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(facts, 1)
        return made

    def empty_words(self) -> tuple[str, str]:
        """No students."""
        return (_("No record is typed yet"),
                _("Press “New record” (Ctrl+N), or take the operators' records from a drive."))  # fmt: skip

    def activate(self, row: Any) -> None:
        """Enter, F2: the frame of the picture that is there, else a picture."""
        if row.photo:
            self.move_frame()
        else:
            self.choose_picture()

    def _no_picture(self) -> str:
        return "" if any(row.photo for row in self.chosen()) else _("There is no picture yet.")

    def opened(self, **where: Any) -> None:
        """The line for the scanner has the keys."""
        super().opened(**where)
        if not self.modes.currentIndex() and not where:
            self.scan.setFocus()

    def show_list(self) -> None:
        """Back from the frame or the report."""
        self.modes.setCurrentIndex(_LIST)
        self.view.setFocus()

    def back(self) -> bool:
        """Esc: first out of the frame or the report."""
        if self.modes.currentIndex() != _LIST:
            self.show_list()
            return True
        return super().back()

    # --- photographs of paper ---------------------------------------------------------------------------------------

    def _scanned(self, text: str, shift: bool) -> None:  # noqa: FBT001  a signal's value
        found = photos.find_students(self.app.ctx, text)
        if len(found) != 1:
            words = _("{n} students have this number.") if found else _("No student has the number {number}.")
            self.scan.say(Mark.LATE, words.format(n=len(found), number=text))
            return
        (row,) = found
        number = HANDED_IN - 1 if shift else HANDED_IN
        if self._receive([row], number):
            words = _("{name}: {n} of {total}").format(name=row.name, n=number, total=HANDED_IN)
            self.scan.say(Mark.DONE, words)
            self.go_to(row.student)

    def receive(self, number: int) -> None:
        """Mark so many photographs of the chosen students as received; also the keys 0, 1, 2 in the list."""
        rows = self.chosen()
        if self._receive(rows, number):
            words = _("Photographs marked: {n}").format(n=shown_number(len(rows)))
            self.app.inform(words, next_step=_("Ctrl+Z takes it back."))

    def _receive(self, rows: Sequence[PhotoRow], number: int) -> bool:
        before = [(n, [row.student for row in rows if row.received == n]) for n in range(HANDED_IN + 1)]
        with self.app.guarded():
            students.set_photos(self.app.ctx, [row.student for row in rows], number)
            self._take_back = lambda: self._give_back([part for part in before if part[1]])
            return bool(rows)
        return False

    def _give_back(self, before: Sequence[tuple[int, list[str]]]) -> None:
        for number, ids in before:
            students.set_photos(self.app.ctx, ids, number)

    # --- pictures ---------------------------------------------------------------------------------------------------

    def choose_picture(self) -> None:
        """Choose a file and set its frame."""
        row = self.current()
        if row is None:
            return
        kinds = _("Pictures") + " (*.jpg *.jpeg *.png)"
        file, _kind = QFileDialog.getOpenFileName(self, row.name, self._folder(), kinds)
        if file:
            self.open_picture(Path(file))

    def open_picture(self, file: Path) -> None:
        """Show a file with its frame for the student under the cursor."""
        if (row := self.current()) is not None:
            self._remember(file.parent)
            self._open(row, lambda: photos.open_picture(file))

    def move_frame(self) -> None:
        """Set the frame of the picture again."""
        if (row := self.current()) is not None and row.photo:
            self._open(row, lambda: photos.open_again(self.app.ctx, row.student))

    def _open(self, row: PhotoRow, work: Callable[[], Opened]) -> None:
        def show(opened: Opened) -> None:
            self._choosing = row
            self.modes.setCurrentIndex(_FRAME)
            self.panel.show_picture(row, opened)

        self.app.tasks.run(_("Opening the picture"), lambda _progress: work(), show)

    def _keep(self) -> None:
        row, opened = self._choosing, self.panel.opened
        if row is None or opened is None:
            return
        with self.app.guarded():
            act = photos.keep(self.app.ctx, row.student, opened, self.panel.view.frame)
            self._can_take_back(act)
            self.show_list()
            self.app.inform(_("Kept: {name}").format(name=row.name), next_step=_("Ctrl+Z takes it back."))

    def choose_folder(self) -> None:
        """All pictures of a folder, by the numbers in their names."""
        words = _("Folder of pictures named by TO code, document or record book")
        folder = QFileDialog.getExistingDirectory(self, words, self._folder())
        if folder:
            self.take_folder(Path(folder))

    def take_folder(self, folder: Path) -> None:
        """Take them, then say what came of it."""
        self._remember(folder)
        self.app.tasks.run(
            _("Cutting photographs"), lambda progress: photos.take_folder(self.app.ctx, folder, progress), self._told
        )

    def _told(self, report: FolderReport) -> None:
        if report.taken:
            self._can_take_back(report.act)
        words = [
            _("Photographs kept: {n}").format(n=shown_number(len(report.taken))),
            _("kept before: {n}").format(n=shown_number(report.same)),
            _("without a face that was found: {n}").format(n=shown_number(len(report.without_face))),
            _("left over: {n}").format(n=shown_number(len(report.left_over))),
        ]
        self.summary.setText("; ".join(words) + ".")
        lang = active()
        self.rest_view.read([{"file": one.file, "why": one.message(lang)} for one in report.left_over])
        self.modes.setCurrentIndex(_REPORT)
        self.rest_view.setFocus()

    def remove(self) -> None:
        """Take the pictures of the chosen students away."""
        ids = [row.student for row in self.chosen() if row.photo]
        with self.app.guarded():
            self._can_take_back(photos.remove(self.app.ctx, ids))
            words = _("Pictures removed: {n}").format(n=shown_number(len(ids)))
            self.app.inform(words, next_step=_("Ctrl+Z takes it back."))

    def _can_take_back(self, act: photos.Act) -> None:
        self._take_back = lambda: photos.take_back(self.app.ctx, act)

    def undo(self) -> None:
        """Ctrl+Z: the last mark, picture, folder or removal."""
        if self._take_back is not None:
            act, self._take_back = self._take_back, None
            with self.app.guarded():
                act()
                self.app.inform(_("Taken back"))

    def _folder(self) -> str:
        return str(self.app.settings.get("photos.folder", str(Path.home())))

    def _remember(self, folder: Path) -> None:
        self.app.settings.set("photos.folder", str(folder))

    def help_words(self) -> str:
        """F1."""
        return _(
            "Each student hands in two photographs (p.21): scan or type his number, or press 2, 1 or 0 in the list. "
            "Pictures for the pass are chosen one by one, or a whole folder whose files are named by TO code, document "
            "or record book; they are cut to 3x4 and go to the base university with the student database."
        )


def _mark(row: PhotoRow) -> Mark:
    if row.photo and not row.face:
        return Mark.INFO
    return Mark.DONE if row.received >= HANDED_IN else Mark.DUE
