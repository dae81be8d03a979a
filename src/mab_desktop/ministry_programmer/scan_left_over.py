"""On top of the envelopes: runs that a crash left behind, and what is not here after another PC took over."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from mab_desktop.i18n import N_, _
from mab_desktop.services.brought_over import BroughtOver
from mab_desktop.services.staging import LeftOver
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_moment
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import label
from mab_desktop.ui.states import Mark


def _moment(at: str) -> str:
    return shown_moment(datetime.fromisoformat(at)) if at else "—"


class BroughtOverStrip(QFrame):
    """From when the copy is that this PC goes on from, until a pass was saved here; hidden otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageInfo")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(12))
        shape = label()
        shape.setPixmap(icons.pixmap(icons.mark_icon(Mark.INFO), 20))
        self.words = label("", "", wrap=True)
        row.addWidget(shape)
        row.addWidget(self.words, 1)
        self.hide()

    def show_copy(self, found: BroughtOver | None) -> None:
        """Say what the copy holds."""
        self.setVisible(found is not None)
        if found is None:
            return
        last = _("The last pass saved in it: shift {shift}, hall {hall}, pass {n}.").format(
            shift=found.shift, hall=found.hall, n=found.scan_pass)  # fmt: skip
        said = (
            _("The work here goes on from a copy of {moment}.").format(moment=_moment(found.at)),
            last if found.hall else _("No pass was saved in it yet."),
            _("What was scanned, decided or entered later is not here: the halls stand as they were then, whatever "
              "anybody remembers."),
        )  # fmt: skip
        self.words.setText(" ".join(said))


class LeftOverStrip(QFrame):
    """The oldest run left over, with what can be done about it; hidden when there is none."""

    continue_asked = Signal(object)
    discard_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("messageWarning")
        self._run: LeftOver | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        row.setSpacing(theme.px(12))
        shape = label()
        shape.setPixmap(icons.pixmap(icons.mark_icon(Mark.DUE), 20))
        self.words = label("", "", wrap=True)
        self.continue_button = ActionButton(
            Action(N_("Continue this pass"), lambda: self.continue_asked.emit(self._run), "forward")
        )
        self.discard_button = ActionButton(
            Action(N_("Discard…"), lambda: self.discard_asked.emit(self._run), "delete", dangerous=True)
        )
        row.addWidget(shape)
        row.addWidget(self.words, 1)
        row.addWidget(self.discard_button)
        row.addSpacing(theme.px(24))
        row.addWidget(self.continue_button)
        self.hide()

    def show_runs(self, runs: list[LeftOver]) -> None:
        """Show the first of them."""
        self._run = runs[0] if runs else None
        if self._run is not None:
            log = self._run.log
            whose = _("hall {hall}, pass {n}") if log.hall else _("hall not known yet")
            words = _("Scanning was broken off and not saved: {whose}, {images} pages, begun {moment}. They are kept.")
            if self._run.brought:
                words = _("An envelope came along half scanned: {whose}, {images} pages, begun {moment}. Sheets "
                          "scanned after the copy are not here: continue, and it is said after which one.")  # fmt: skip
            begun = _moment(log.at)
            said = whose.format(hall=log.hall, n=log.scan_pass)
            self.words.setText(words.format(whose=said, images=self._run.images, moment=begun))
        self.setVisible(bool(runs))
