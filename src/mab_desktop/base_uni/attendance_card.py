"""Who came to a sitting: a list to tick (Space), the quorum of two thirds counted as one ticks (p.6)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem

from mab_desktop.domain.commission import OBSERVER, ROLE_LABELS, has_quorum, quorum
from mab_desktop.i18n import N_, _
from mab_desktop.services.sittings import Attender
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import Section, StateLabel
from mab_desktop.ui.states import Mark

_NAMED = 4  # absent people named in the words about the quorum


def quorum_words(people: Sequence[Attender]) -> tuple[Mark, str]:
    """How many with a vote are there, whether that is a quorum, and who is missing."""
    voting = [a for a in people if a.role != OBSERVER]
    present = sum(a.present for a in voting)
    least = quorum(len(voting))
    counted = _("Present: {present} of {voting} voting. Quorum: {least}.").format(
        present=present, voting=len(voting), least=least
    )
    if has_quorum(present, len(voting)):
        return Mark.DONE, f"{counted} {_('There is a quorum.')}"
    absent = [a.full_name for a in voting if not a.present]
    names = ", ".join(absent[:_NAMED]) + ("…" if len(absent) > _NAMED else "")
    missing = _("No quorum: {n} more are needed. Absent: {names}.").format(n=least - present, names=names)
    return Mark.LATE, f"{counted} {missing}"


class AttendanceCard(Section):
    """The list on the day of the sitting; `noted` asks to save what is ticked."""

    noted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__(_("Attendance"))
        self.people: tuple[Attender, ...] = ()
        self._stored: frozenset[str] | None = frozenset()
        self._why = ""
        self.list = theme.named(QListWidget(), "attendance")
        self.list.setAlternatingRowColors(True)
        self.list.setWordWrap(True)
        self.list.setAccessibleName(_("Attendance"))
        self.state = StateLabel(Mark.NONE)
        self.everybody = ActionButton(Action(N_("All came"), self.tick_all, "check", obstacle=lambda: self._why))
        self.note = ActionButton(
            Action(N_("Note the attendance"), self.noted.emit, "save", "Ctrl+S", obstacle=self._nothing_new)
        )
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.everybody)
        row.addStretch(1)
        row.addWidget(self.note)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.state)
        self.body.addLayout(row)
        self.list.itemChanged.connect(self._ticked)

    def show_people(self, people: Sequence[Attender], *, noted: bool, why_not: str, keep: bool) -> None:
        """These people with their ticks; `noted` when the attendance is taken, `why_not` closes the list.

        `keep` leaves what is ticked and not noted.
        """
        row = self.list.currentRow()
        ticked = self.ticked() if keep and self.is_dirty() and not why_not else None
        self.people, self._why = tuple(people), why_not
        self._stored = frozenset(a.member for a in people if a.present) if noted else None
        with QSignalBlocker(self.list):
            self.list.clear()
            for person in people:
                self._add(person)
        self.list.setCurrentRow(max(row, 0))
        if ticked is None:
            self._say()
        else:
            self.tick(ticked)

    def _add(self, person: Attender) -> None:
        item = QListWidgetItem(f"{person.full_name}\n{_(ROLE_LABELS[person.role])}")
        item.setData(Qt.ItemDataRole.UserRole, person.member)
        item.setCheckState(Qt.CheckState.Checked if person.present else Qt.CheckState.Unchecked)
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        item.setFlags(flags if self._why else flags | Qt.ItemFlag.ItemIsUserCheckable)
        self.list.addItem(item)

    def ticked(self) -> frozenset[str]:
        """The ids of those who are ticked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return frozenset(
            item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() is Qt.CheckState.Checked
        )

    def tick(self, members: frozenset[str]) -> None:
        """Tick these and nobody else."""
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                here = item.data(Qt.ItemDataRole.UserRole) in members
                item.setCheckState(Qt.CheckState.Checked if here else Qt.CheckState.Unchecked)
        self._say()

    def tick_all(self) -> None:
        """Everybody came; observers too."""
        self.tick(frozenset(a.member for a in self.people))
        self.list.setFocus()

    def is_dirty(self) -> bool:
        """True when something is ticked that is not noted."""
        return not self._why and self.ticked() != (self._stored or frozenset())

    def _nothing_new(self) -> str:
        if self._why:
            return self._why
        return _("The attendance is noted.") if self._stored is not None and not self.is_dirty() else ""

    def _ticked(self, _item: QListWidgetItem) -> None:
        self._say()

    def _say(self) -> None:
        if self._why and self._stored is None:  # not taken, and not to be taken now
            self.state.show_state(Mark.INFO, self._why)
            self.everybody.renew()
            self.note.renew()
            return
        came = self.ticked()
        mark, words = quorum_words([_with(a, a.member in came) for a in self.people])
        shown = self._stored is not None and not self.is_dirty()
        self.state.show_state(mark, words if shown or self._why else f"{words} {_('Not noted yet.')}")
        self.everybody.renew()
        self.note.renew()
        self.changed.emit()


def _with(person: Attender, present: bool) -> Attender:
    return Attender(person.member, person.full_name, person.role, person.post, present)
