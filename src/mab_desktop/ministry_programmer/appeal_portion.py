"""Handing applications to the appeal commission in portions, and taking their papers back (p.42, p.44.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit

from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.services import appeal_portions
from mab_desktop.services.appeal_portions import Portion
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action, Page


class PortionDesk:
    """The two buttons of the journal that carry portions; `shift` and `state` tell what the page shows."""

    def __init__(self, page: Page, shift: Callable[[], int], state: Callable[[], ShiftState | None]) -> None:
        self._page, self._shift, self._state = page, shift, state

    def actions(self) -> Sequence[Action]:
        """The buttons: there and back."""
        return (
            Action(N_("Hand over a portion"), self.hand_over, "forward", obstacle=self._cannot_hand_over),
            Action(N_("Papers came back…"), self.give_back, "back", obstacle=self._cannot_give_back),
        )

    def words(self) -> str:
        """How many applications the commission has not got yet; "" when it has all."""
        shift = self._shift()
        open_now = shift and self._state() is ShiftState.RESULTS
        count = appeal_portions.waiting(self._page.app.ctx, shift) if open_now else 0
        return _("not handed to the commission yet: {n}").format(n=count) if count else ""

    def of(self) -> list[Portion]:
        """The portions of the shift shown."""
        shift = self._shift()
        return appeal_portions.portions(self._page.app.ctx, shift) if shift else []

    def hand_over(self) -> None:
        """The next portion: its register, cards and act are printed then; taken back while nothing is heard."""
        page, shift = self._page, self._shift()
        if self._cannot_hand_over():
            return
        with page.app.guarded():
            made = appeal_portions.hand_over(page.app.ctx, shift)
            page.refresh()
            words = _("Portion {n} is handed over: {applications}. Print its register, cards and act.")
            # Not Ctrl+Z: here that key takes the word on the application under the cursor back.
            page.app.inform(words.format(n=made.n, applications=applications_words(made)), verb=_("Undo"),
                            act=lambda: self.take_back(shift))  # fmt: skip

    def take_back(self, shift: int) -> None:
        """Undo in the message bar."""
        with self._page.app.guarded():
            appeal_portions.take_back(self._page.app.ctx, shift)
            self._page.refresh()

    def give_back(self) -> None:
        """Which portion, how many original sheets, and why where it is not every one."""
        page, shift = self._page, self._shift()
        if self._cannot_give_back():
            return
        asked = Question(page, _("Papers of a portion came back"), _(
            "The original answer sheets are compared with the copies that the representative keeps (p.42, p.44)."),
            _("They came back"))  # fmt: skip
        portion, sheets, remark = QComboBox(), QLineEdit(), QLineEdit()
        words = _("Portion {n}: {applications}")
        for one in self.of():
            portion.addItem(words.format(n=one.n, applications=applications_words(one)), one.n)
        due = next((n for n, one in enumerate(self.of()) if not one.returned_at), 0)
        portion.setCurrentIndex(due)
        sheets.setValidator(QIntValidator(0, 9999, sheets))
        sheets.setFixedWidth(theme.px(96))
        for name, field in (
            (_("Portion"), portion), (_("Original answer sheets"), sheets),
            (_("Why, where it is not every sheet"), remark),
        ):  # fmt: skip
            label = QLabel(name)
            label.setBuddy(field)
            field.setAccessibleName(name)
            asked.fields.addWidget(label)
            asked.fields.addWidget(field)
        asked.act_button.setEnabled(False)
        sheets.textChanged.connect(lambda text: asked.act_button.setEnabled(bool(text)))
        sheets.setFocus()
        if asked.exec() == QDialog.DialogCode.Accepted:
            with page.app.guarded():
                number = int(portion.currentData())
                appeal_portions.give_back(page.app.ctx, shift, number, int(sheets.text()), remark.text())
                page.refresh()

    def _cannot_hand_over(self) -> str:
        if self._state() is not ShiftState.RESULTS:
            return self._closed()
        if not appeal_portions.waiting(self._page.app.ctx, self._shift()):
            return _("The commission has every application of the journal already (p.42).")
        return ""

    def _cannot_give_back(self) -> str:
        if self._state() not in (ShiftState.RESULTS, ShiftState.APPEAL_CLOSED):
            return self._closed()
        return "" if self.of() else _("No portion was handed to the appeal commission yet (p.42).")

    def _closed(self) -> str:
        return self._page.closed_reason or _("The appeal of this shift is closed (p.44).")


def applications_words(portion: Portion) -> str:
    """Which applications of the journal a portion holds: often it is a single one."""
    if portion.first == portion.last:
        return _("application {n}").format(n=portion.first)
    return _("applications {first} to {last}").format(first=portion.first, last=portion.last)
