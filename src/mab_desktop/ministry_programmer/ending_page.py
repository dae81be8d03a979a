"""The end of a shift (p.44, p.45): close the appeal, print its papers, close the shift."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState, obstacles, reached
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import shifts
from mab_desktop.ui import theme
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, StateLabel, clear, label, scrolled
from mab_desktop.ui.states import Mark

_PAPERS = (
    ("appeal-register", N_("Last register of applications, two copies"), "p.44.5", "register_printed"),
    ("minutes", N_("Minutes of the appeal commission, two copies"), "p.44.5", "minutes_printed"),
    ("results-after", N_("Result sheets with the appeal, three copies"), "p.45.1", "results_after_printed"),
)


class EndingPage(ShiftPage):
    """Three parts in their order; each says what it still waits for."""

    wanted = (ShiftState.APPEAL_CLOSED, ShiftState.RESULTS)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(12))
        self.appeal_card, self.papers_card = Section(_("1. Close the appeal")), Section(_("2. Print the last papers"))
        self.close_card = Section(_("3. Close the shift"))
        self.reasons = {"close-appeal": QVBoxLayout(), "close": QVBoxLayout()}
        self.appeal_button = ActionButton(
            Action(
                N_("Close the appeal"), self.close_appeal, "appeal", "", lambda: self._why("close-appeal"), primary=True
            )
        )
        self.close_button = ActionButton(
            Action(N_("Close the shift"), self.close_shift, "lock", "", lambda: self._why("close"), primary=True)
        )
        for card, move, button in (
            (self.appeal_card, "close-appeal", self.appeal_button), (self.close_card, "close", self.close_button)
        ):  # fmt: skip
            card.body.addLayout(self.reasons[move])
            card.body.addLayout(_left(button))
        self.papers = QVBoxLayout()
        self._due: list[ActionButton] = []  # papers still to be printed
        self.papers_card.body.addLayout(self.papers)
        self._page_buttons += [self.appeal_button, self.close_button]
        for card in (self.appeal_card, self.papers_card, self.close_card):
            column.addWidget(card)
        column.addStretch(1)
        self.body.addWidget(scrolled(inside), 1)

    def show_shift(self) -> None:
        """What is done, what is missing."""
        line = self.choice.line
        assert line is not None
        held = self.focusWidget() in self._due  # the papers' buttons are made anew: the focus is not lost with them
        self.closed_reason = ""
        if not reached(line.state, ShiftState.RESULTS):
            self.closed_reason = _("A shift ends after its results are announced and its appeal is heard (p.44).")
        for move, done in (("close-appeal", ShiftState.APPEAL_CLOSED), ("close", ShiftState.CLOSED)):
            self._show_reasons(move, reached(line.state, done))
        self._show_papers(reached(line.state, ShiftState.APPEAL_CLOSED))
        if held:
            self._to_next()

    def _show_reasons(self, move: str, done: bool) -> None:
        layout = self.reasons[move]
        clear(layout)
        if done:
            made = season.facts(self.app).done.get((move, self.shift))
            words = _("Done") if made is None else f"{moment_words(made.at)}, {made.by}"
            layout.addWidget(StateLabel(Mark.DONE, words))
            return
        found = obstacles(move, season.facts(self.app).shifts[self.shift])
        if not found:
            layout.addWidget(StateLabel(Mark.DUE, _("Nothing is missing.")))
        for problem in found:
            layout.addWidget(StateLabel(Mark.BLOCKED, problem.message(active())))

    def _show_papers(self, open_now: bool) -> None:
        clear(self.papers)
        self._due = []
        facts = season.facts(self.app).shifts[self.shift]
        shut = "" if open_now else _("The appeal must be closed first (p.44).")
        for key, title, paragraph, name in _PAPERS:
            row = QHBoxLayout()
            row.setSpacing(theme.px(12))
            printed = bool(getattr(facts, name)) and open_now
            state = Mark.DONE if printed else Mark.DUE if open_now else Mark.BLOCKED
            row.addWidget(StateLabel(state, _(title)), 1)
            row.addWidget(label(shown_paragraph(paragraph), "small"))
            button = ActionButton(Action(N_("Print"), partial(self.paper, key), "print", obstacle=lambda: shut))
            row.addWidget(button)
            self.papers.addLayout(row)
            if state is Mark.DUE:
                self._due.append(button)

    def _why(self, move: str) -> str:
        if not self.shift:
            return _("There are no shifts here yet.")
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer does this; you see the result.")
        return season.why_closed(self.app, move, self.shift)

    def paper(self, key: str) -> None:
        """Print on the papers' page."""
        self.app.open_page("papers", paper=key, option=f"{self.shift}|")

    def close_appeal(self) -> None:
        """Every line of the register is decided or «did not come»."""
        if not ask_for_password(
            self.app, self, _("Close the appeal of shift {n}?").format(n=self.shift),
            _("Afterwards no decision of its commission is entered or changed (p.44)."), _("Close the appeal"),
            str(self.shift),
        ):  # fmt: skip
            return
        with self.app.guarded():
            shifts.close_appeal(self.app.ctx, self.shift)
            self.refresh()
            self._to_next()

    def close_shift(self) -> None:
        """The appeal is closed and the last papers are printed."""
        if not ask_for_password(
            self.app, self, _("Close shift {n}?").format(n=self.shift),
            _("Nothing of this shift changes afterwards (p.44)."), _("Close the shift"), str(self.shift),
        ):  # fmt: skip
            return
        with self.app.guarded():
            shifts.close_shift(self.app.ctx, self.shift)
            self.refresh()

    def opened(self, **where: Any) -> None:
        """What comes next is ready for Enter."""
        super().opened(**where)
        self._to_next()

    def _to_next(self) -> None:
        """The first button of what is still to be done; none while all waits."""
        for button in (self.appeal_button, *self._due, self.close_button):
            if button.isEnabled():
                button.show()  # one that was made just now is hidden until its layout is done, and holds no focus
                button.setFocus()
                return

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The appeal of a shift may be closed only when every line of the register is «did not "
            "come to the appeal» or "
            "«decision taken»; the shift only when its appeal is closed (p.44). The last register and the minutes are "
            "printed in two copies, the result sheets with the appeal in three (p.44, p.45)."
        )


def _left(button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(button)
    row.addStretch(1)
    return row
