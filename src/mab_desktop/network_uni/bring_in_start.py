"""Where a table is chosen or dropped, and the tables that were brought in before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.network_uni.records import names_of_codes, person, shown_stamp
from mab_desktop.services.bring_in import Past
from mab_desktop.ui import theme
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import EmptyState, Section, label
from mab_desktop.ui.record_table import Column, RecordTable, Rows
from mab_desktop.ui.states import Mark


class DropArea(QFrame):
    """A place for one file of the file manager; `taken(path)` is called with it."""

    def __init__(self, taken: Callable[[Path], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._taken = taken
        self.setAcceptDrops(True)
        self.inside = QVBoxLayout(self)
        self.inside.setContentsMargins(theme.px(16), theme.px(16), theme.px(16), theme.px(16))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file, and no folder."""
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self._taken(path)


def _dropped(event: QDropEvent) -> Path | None:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].is_file() else None


class StartView(QWidget):
    """The first step. `past` are rows of `bring_in.past`."""

    def __init__(
        self, app: AppContext, choose: Action, blank: Action, undo: Callable[[], None], taken: Callable[[Path], None]
    ) -> None:
        super().__init__()
        self._names = names_of_codes(app.ctx)
        self.drop = DropArea(taken)
        who = Column("by", N_("Who"), 16, show=lambda login: person(self._names, login))
        self.records = RecordTable(Rows((*_COLUMNS[:2], who, *_COLUMNS[2:]), lambda: [], "id", _mark))
        self.view = RecordView(self.records, app.settings, "brought-in")
        words = EmptyState(
            _("Drop a table of students here, or choose it"),
            _("CSV or XLSX with one student in a row. Which column is what is seen from the headings; nothing is "
              "written before you have looked at every row."), icon="table",
        )  # fmt: skip
        self.choose, self.blank = ActionButton(choose), ActionButton(blank)
        self.undo = ActionButton(Action(N_("Take back"), undo, "undo", "Ctrl+Z", obstacle=self._nothing_to_undo))
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.blank)
        row.addWidget(self.choose)
        words.add_button(buttons)
        self.drop.inside.addWidget(words)
        self.before = Section(_("Brought in before"))
        self.view.setMinimumHeight(theme.px(140))
        self.before.body.addWidget(self.view, 1)
        foot = QHBoxLayout()
        self.reason = label("", "muted", wrap=True)
        foot.addWidget(self.reason, 1)
        foot.addWidget(self.undo)
        self.before.body.addLayout(foot)
        self.view.moved.connect(self._moved)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self.drop, 3)
        column.addWidget(self.before, 2)

    def show_past(self, past: Sequence[Past]) -> None:
        """The files brought in before, the newest first."""
        self.view.read(past)
        self.before.setVisible(bool(past))

    def current(self) -> Past | None:
        """The file under the cursor."""
        found = self.view.current()
        assert found is None or isinstance(found, Past)
        return found

    def _nothing_to_undo(self) -> str:
        past = self.current()
        if past is None:
            return _("Choose a row.")
        return _("This was taken back already.") if past.undone else ""

    def _moved(self) -> None:
        self.undo.renew()
        past = self.current()
        words = ""
        if past is not None and past.undone_at:
            words = _("Taken back by {login}, {moment}: {reason}").format(
                login=person(self._names, past.undone_by), moment=shown_stamp(past.undone_at),
                reason=past.reason)  # fmt: skip
        elif past is not None and past.changed_since:
            words = _("{n} of its records have been changed since.").format(n=past.changed_since)
        self.reason.setText(words)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """The keys go to the button that begins."""
        self.choose.setFocus(reason)


_COLUMNS = (
    Column("file_name", N_("File"), 30),
    Column("at", N_("When"), 16, kind="code", show=shown_stamp),
    Column("rows", N_("Rows"), 7, kind="number"),
    Column("new", N_("New"), 7, kind="number"),
    Column("changed", N_("Changed"), 8, kind="number"),
)


def _mark(row: Past) -> Mark:
    return Mark.BLOCKED if row.undone else Mark.DONE
