"""A page about one shift: the shift is chosen on top, its state said beside it; a list of its halls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListView, QWidget

from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import _
from mab_desktop.ministry_programmer import season
from mab_desktop.services.shifts import ShiftLine
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import AppContext, Page, PageSpec
from mab_desktop.ui.panels import label
from mab_desktop.ui.states import WORDS, Mark
from mab_desktop.ui.wrapped_lines import wrap_lines

_HALL = Qt.ItemDataRole.UserRole + 1


class ShiftChoice(QWidget):
    """Which shift the page shows. It stays while the page is in front, also when the shift moves on."""

    changed = Signal()

    def __init__(self, wanted: Sequence[ShiftState]) -> None:
        super().__init__()
        self._wanted, self._kept = tuple(wanted), 0
        self.lines: dict[int, ShiftLine] = {}
        self.box, self.state = QComboBox(), label("", "muted", wrap=True)
        self.box.setMinimumWidth(theme.px(232))
        self.box.setAccessibleName(_("Shift"))
        self.box.activated.connect(self._chosen)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(theme.px(8))
        name = label(_("Shift"), "muted")
        name.setBuddy(self.box)
        self.row.addWidget(name)
        self.row.addWidget(self.box)
        self.row.addWidget(self.state, 1)

    def show_shifts(self, lines: Sequence[ShiftLine]) -> None:
        """Take the shifts anew; the choice stays."""
        self.lines = {line.number: line for line in lines}
        self.box.clear()
        for line in lines:
            self.box.addItem(_("Shift {n} · {day}").format(n=line.number, day=shown_date(line.exam_date)), line.number)
        if self._kept not in self.lines:
            self._kept = self._due(lines)
        self.box.setCurrentIndex(self.box.findData(self._kept))
        self._show_state()

    def _due(self, lines: Sequence[ShiftLine]) -> int:
        for state in self._wanted:
            for line in lines:
                if line.state is state:
                    return line.number
        begun = [line.number for line in lines if line.state is not ShiftState.PLANNED]
        return begun[-1] if begun else (lines[0].number if lines else 0)

    def _show_state(self) -> None:
        line = self.line
        self.state.setText(_(line.state_label) if line else "")

    @property
    def number(self) -> int:
        """The shift shown; 0 when the season has none."""
        return int(self.box.currentData() or 0)

    @property
    def line(self) -> ShiftLine | None:
        """The shift shown with its state."""
        return self.lines.get(self.number)

    def follow(self) -> None:
        """Show the shift that has work here: the page has come to the front without a word about another."""
        number = self._due(list(self.lines.values()))
        if number != self.number:
            self.choose(number)

    def choose(self, number: int) -> None:
        """Show another shift."""
        if (place := self.box.findData(number)) >= 0:
            self.box.setCurrentIndex(place)
            self._chosen()

    def _chosen(self, _place: int = 0) -> None:
        self._kept = self.number
        self._show_state()
        self.changed.emit()


class HallList(QListView):
    """The halls of a shift, each with its mark and a line of words; `hall_chosen(hall)` when the cursor moves."""

    hall_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        wrap_lines(self, 18)
        self.setMinimumWidth(theme.px(146))
        self.setMaximumWidth(theme.px(230))
        self.setAccessibleName(_("Halls"))
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.selectionModel().currentChanged.connect(self._tell)

    def show_halls(self, halls: Sequence[HallItem]) -> None:
        """Show these halls; the cursor stays on its hall, else it goes to the first that needs work."""
        kept = self.current()
        self.selectionModel().blockSignals(True)
        self._items.clear()
        for hall in halls:
            title = hall.title or _("Hall {number}").format(number=hall.number)
            words = "\n".join(part for part in (title, hall.words) if part)
            item = QStandardItem(icons.mark_icon(hall.mark), words)
            item.setData(hall.number, _HALL)
            item.setToolTip(_(WORDS[hall.mark]))
            self._items.appendRow(item)
        numbers = [hall.number for hall in halls]
        if kept not in numbers:
            kept = next((h.number for h in halls if h.mark in (Mark.DUE, Mark.LATE)), numbers[0] if numbers else "")
        self._put(kept)
        self.selectionModel().blockSignals(False)

    def current(self) -> str:
        """The hall under the cursor, "" for none."""
        return str(self.currentIndex().data(_HALL) or "")

    def numbers(self) -> list[str]:
        """The halls shown."""
        return [str(self._items.item(row).data(_HALL)) for row in range(self._items.rowCount())]

    def choose(self, hall: str) -> None:
        """Put the cursor on a hall and tell."""
        self._put(hall)

    def _put(self, hall: str) -> None:
        for row in range(self._items.rowCount()):
            if self._items.item(row).data(_HALL) == hall:
                self.setCurrentIndex(self._items.index(row, 0))

    def _tell(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            self.hall_chosen.emit(str(now.data(_HALL)))


@dataclass(frozen=True, slots=True)
class HallItem:
    """A hall of the list; `words` are ready to show, `title` stands in place of its number."""

    number: str
    mark: Mark = Mark.NONE
    words: str = ""
    title: str = ""


class ShiftPage(Page):
    """A page whose subject is one shift. Override `show_shift`; `wanted` are the states in which there is work here."""

    wanted: tuple[ShiftState, ...] = ()

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.choice = ShiftChoice(self.wanted)
        self.choice.changed.connect(self.changed_shift)
        self.body.addWidget(self.choice)

    @property
    def shift(self) -> int:
        """The shift shown; 0 when the season has none."""
        return self.choice.number

    def show_shift(self) -> None:
        """Show what stands of the shift now."""
        raise NotImplementedError

    def changed_shift(self) -> None:
        """Another shift was chosen."""
        self.show_shift()
        self.renew_actions()

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read again."""
        self.choice.show_shifts(season.shift_lines(self.app))
        if self.shift:
            self.show_shift()
        self.renew_actions()

    def opened(self, **where: Any) -> None:
        """`shift` chooses one; else the page follows the shift that has work here."""
        if where.get("shift"):
            self.choice.choose(int(where["shift"]))
        else:
            self.choice.follow()

    def unsaved(self) -> Any:
        """The shift stays through a change of language."""
        return {"shift": self.shift}

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        if unsaved.get("shift"):
            self.choice.choose(unsaved["shift"])


class ShiftListPage(ListPage):
    """A list about one shift."""

    wanted: tuple[ShiftState, ...] = ()

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.choice = ShiftChoice(self.wanted)
        self.choice.changed.connect(self.refresh)
        self.body.addWidget(self.choice)

    def settle(self, spec: PageSpec) -> None:
        """The shifts are known before the rows are read."""
        self.choice.show_shifts(season.shift_lines(self.app))
        super().settle(spec)

    @property
    def shift(self) -> int:
        """The shift shown; 0 when the season has none."""
        return self.choice.number

    def refresh(self, changed: set[str] | None = None) -> None:
        """Read shifts and rows again."""
        self.choice.show_shifts(season.shift_lines(self.app))
        super().refresh(changed)
        self.renew_actions()

    def opened(self, **where: Any) -> None:
        """`shift` chooses one; else the page follows the shift that has work here."""
        if where.get("shift"):
            self.choice.choose(int(where["shift"]))
        else:
            self.choice.follow()
        super().opened(**where)
