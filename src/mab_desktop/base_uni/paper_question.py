"""Asks for what stands on a signed paper and tells at once whether it is that of the database held (p.21, p.22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QFormLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from mab_desktop.base_uni.record_question import RecordQuestion
from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.paper_sum import typed_count
from mab_desktop.i18n import N_, _
from mab_desktop.services import acceptance
from mab_desktop.services.acceptance import PaperCheck, Version
from mab_desktop.services.base_board import Signed
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.page import Page
from mab_desktop.ui.panels import StateLabel
from mab_desktop.ui.states import Mark

Command = Callable[[int, str, Signed], object]


def check_words(check: PaperCheck, total: str, checksum: str) -> tuple[Mark, str]:
    """How typed numbers stand, in words; nothing while something is still to be typed."""
    if not total.strip() or not checksum.strip():
        return Mark.NONE, _("Type both numbers from the paper.")
    if check.agrees:
        return Mark.DONE, _("Count and control sum agree with the database.")
    return Mark.LATE, " ".join((*_count_words(check, total), *_sum_words(check)))


def _count_words(check: PaperCheck, total: str) -> Sequence[str]:
    if check.count_same:
        return ()
    if typed_count(total) is None:
        return (_("This is no number of students: {typed}.").format(typed=total.strip()),)
    return (_("The number of students does not agree."),)


def _sum_words(check: PaperCheck) -> Sequence[str]:
    found = check.sum
    if found.same:
        return (_("The control sum agrees."),)
    if check.version is not None:
        text = _("This is the paper of version {n}, which a newer database has replaced. Ask for the new paper.")
        return (text.format(n=check.version.number),)
    if found.strange:
        return (_("A control sum has only digits and the letters A to F, not {letters}.")
                .format(letters=" ".join(found.strange)),)  # fmt: skip
    if found.short > 0:
        return (_("Digits missing in the control sum: {n}.").format(n=found.short),)
    if found.short < 0:
        return (_("Digits too many in the control sum: {n}.").format(n=-found.short),)
    groups = ", ".join(str(number) for number in found.wrong)
    if found.swapped:
        return (_("Two neighbours look exchanged in group {n} of the control sum: look at the paper again.")
                .format(n=groups),)  # fmt: skip
    if len(found.wrong) == 1:
        return (_("Only group {n} of the control sum differs: look at the paper again.").format(n=groups),)
    return (_("The control sum is that of another database (groups {n}).").format(n=groups),)


class PaperQuestion(RecordQuestion):
    """Count and control sum, who signed and when; the line under the form follows the typing."""

    def __init__(
        self, page: Page, title: str, text: str, verb: str, spec: RecordSpec, versions: Sequence[Version],
        held: tuple[int, str], command: Command, values: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self._versions, self._held, self._give = versions, held, command
        super().__init__(page, title, text, verb, spec, self._carry, values)
        area = self.form.findChild(QScrollArea)
        assert area is not None
        height = area.widget().sizeHint().height() + theme.px(96)  # the letters, the keys
        self.form.setMinimumSize(theme.px(620), height)
        self.told = StateLabel(Mark.NONE)
        self.fields.addWidget(self.told)
        self.form.changed.connect(self._tell)
        self._tell(self.form.values())

    def check(self, values: Mapping[str, Any]) -> PaperCheck:
        """What is typed against the database held, and against the older ones."""
        return acceptance.check_paper(
            typed_count(values["total"] or ""), values["checksum"] or "", *self._held, self._versions[1:]
        )

    def _tell(self, values: Mapping[str, Any]) -> None:
        total, checksum = values["total"] or "", values["checksum"] or ""
        self.told.show_state(*check_words(self.check(values), total, checksum))

    def _carry(self, values: Mapping[str, Any]) -> None:
        check = self.check(values)
        if not check.agrees:
            where = "checksum" if check.count_same else "total"
            text = N_("Not the number of the database held. Nothing was confirmed.")
            raise Refused([Problem(where, text)])
        signed = Signed(values["day"], values["person"] or "", values["post"] or "", values["note"] or "",
                        bool(values.get("sealed", True)))  # fmt: skip
        self._give(self._held[0], self._held[1], signed)


class PaperFields(QWidget):
    """The same two numbers while a file is only looked at; `typed` is told after each letter."""

    def __init__(self, students: int, own: str, versions: Sequence[Version], typed: Callable[[bool], object]) -> None:
        super().__init__()
        self._students, self._own, self._versions, self._typed = students, own, versions, typed
        self.total, self.checksum = theme.named(QLineEdit(), "paper-total"), theme.named(QLineEdit(), "paper-checksum")
        self.told = StateLabel(Mark.NONE)
        column, form = QVBoxLayout(self), QFormLayout()
        column.setContentsMargins(0, 0, 0, 0)
        for words, field in ((_("Number of students"), self.total), (_("Control sum"), self.checksum)):
            field.setAccessibleName(words)
            form.addRow(words, field)
            field.textChanged.connect(self._tell)
        column.addLayout(form)
        column.addWidget(self.told)
        self._tell()

    def _tell(self) -> None:
        total, checksum = self.total.text(), self.checksum.text()
        check = acceptance.check_paper(typed_count(total), checksum, self._students, self._own, self._versions)
        self.told.show_state(*check_words(check, total, checksum))
        self._typed(check.agrees)


def held_words(versions: Sequence[Version]) -> str:
    """The version that is held, in words."""
    if not versions:
        return ""
    return _("Version {n} of the database, {students} students.").format(
        n=versions[0].number, students=shown_number(versions[0].students)
    )
