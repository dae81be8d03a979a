"""The representative's word (p.38, p.39): she confirms that identification is finished, under her own log-in."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState, obstacles, reached
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import accounts, envelopes, shifts
from mab_desktop.services.closed_marks import told_code
from mab_desktop.services.envelopes import EnvelopeLine
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Section, StateLabel, clear, label, scrolled, split
from mab_desktop.ui.people_page import AddQuestion
from mab_desktop.ui.record_table import Column, RecordTable, Rows
from mab_desktop.ui.states import Mark


class RepresentativePage(ShiftPage):
    """The balance of every hall, what is missing, and the one button that only she may press."""

    wanted = (ShiftState.OPEN, ShiftState.IDENTIFIED)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        columns = (
            Column("hall", N_("Hall"), 9, kind="code"), Column("seated", N_("Seated"), 6, kind="number"),
            Column("counted", N_("Counted"), 7, kind="number"), Column("used", N_("Used by the act"), 8, kind="number"),
            Column("read", N_("Sheets read"), 8, kind="number"), Column("identified", N_("Identified"), 8,
            kind="number"),
            Column("absent", N_("Absent"), 7, kind="number"), Column("open", N_("Open lines"), 7, kind="number"),
            Column("doubtful", N_("Doubtful marks"), 8, kind="number"),
        )  # fmt: skip
        self.table = RecordTable(Rows(columns, load=self._rows, key_of="hall", mark_of=lambda row: row["mark"]))
        self.view = RecordView(self.table, app.settings, "representative.halls")
        self.card = Section(_("What is missing"))
        self.reasons = QVBoxLayout()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.reasons)
        column.addStretch(1)
        self.card.body.addWidget(scrolled(inside), 1)
        self.people = label("", "muted", wrap=True)
        self.card.body.addWidget(self.people)
        self.body.addWidget(split(self.view, self.card, stretches=(4, 1)), 1)
        self.add_actions((
            Action(N_("Let the representative log in…"), self.add_person, "person", "", self._not_programmer),
            Action(N_("Change the person"), self.app.shell.lock, "lock", "Ctrl+L"),
            Action(N_("Confirm that identification is finished"), self.confirm, "seal", "", self._cannot, primary=True),
        ))  # fmt: skip

    def _rows(self) -> list[dict[str, object]]:
        if not self.shift:
            return []
        return [_row(line) for line in envelopes.envelope_lines(self.app.ctx, self.shift)]

    def show_shift(self) -> None:
        """Halls and reasons."""
        self.view.read()
        line = self.choice.line
        assert line is not None
        clear(self.reasons)
        if reached(line.state, ShiftState.IDENTIFIED):
            made = season.facts(self.app).done.get(("identify", self.shift))
            words = f"{moment_words(made.at)}, {made.by}" if made else ""
            self.reasons.addWidget(StateLabel(Mark.DONE, _("Confirmed: {words}").format(words=words)))
        else:
            found = obstacles("close-identification", season.facts(self.app).shifts[self.shift])
            for problem in found:
                self.reasons.addWidget(StateLabel(Mark.BLOCKED, problem.message(active())))
            if not found:
                self.reasons.addWidget(StateLabel(Mark.DUE, _(
                    "Nothing is missing: every sheet has its student, every number agrees.")))  # fmt: skip
        names = [person.name for person in accounts.people(self.app.ctx)
                 if person.role == PersonRole.REPRESENTATIVE and person.active]  # fmt: skip
        self.people.setText(
            _("May log in as the representative: {names}.").format(names=", ".join(names)) if names else
            _("No representative may log in here yet.")
        )  # fmt: skip
        self.closed_reason = "" if self._is_representative() else _(
            "Only the representative confirms, under her own log-in (p.39). Press «Change the person».")  # fmt: skip

    def _is_representative(self) -> bool:
        return bool(self.app.ctx.actor.role == PersonRole.REPRESENTATIVE)

    def _not_programmer(self) -> str:
        return "" if self.app.ctx.actor.role == PersonRole.PROGRAMMER else _("The programmer does this.")

    def _cannot(self) -> str:
        if not self._is_representative():
            return _("Only the representative confirms, under her own log-in (p.39). Press «Change the person».")
        if not self.shift:
            return _("There are no shifts here yet.")
        return season.why_closed(self.app, "close-identification", self.shift)

    def confirm(self) -> None:
        """Her word: the marks are closed; then the centre may release the key."""
        if not ask_for_password(
            self.app, self, _("Confirm that identification of shift {n} is finished?").format(n=self.shift),
            _("The marks are closed: no sheet is identified otherwise and no mark is decided afterwards. The testing "
              "centre sends the key after this word (p.39)."), _("Confirm"), str(self.shift),
        ):  # fmt: skip
            return
        with self.app.guarded():
            code = told_code(shifts.confirm_identification(self.app.ctx, self.shift))
            self.refresh()
            self.app.inform(
                _("Identification of shift {n} is confirmed.").format(n=self.shift),
                safe=_("The marks are closed and signed under {code}.").format(code=code),
                next_step=_("Tell the testing centre, with these characters; it sends the answer key."),
            )  # fmt: skip

    def add_person(self) -> None:
        """The representative types her own password."""
        if AddQuestion(self, self.app, PersonRole.REPRESENTATIVE).exec() == AddQuestion.DialogCode.Accepted:
            self.show_shift()

    def opened(self, **where: Any) -> None:
        """The halls are looked through first."""
        super().opened(**where)
        self.view.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The answer key is sent only after the representative confirms that the identification of the shift is "
            "finished (p.39). Her confirmation closes the marks; their digest is kept and compared when the key is "
            "opened."
        )


def _row(line: EnvelopeLine) -> dict[str, object]:
    b = line.balance
    mark = Mark.DONE if line.balanced and not line.doubtful and not line.open_lines else Mark.DUE
    return {
        "hall": line.hall, "seated": b.seated, "counted": b.counted_present, "used": b.used, "read": b.read2,
        "identified": b.identified, "absent": b.absent, "open": line.open_lines, "doubtful": line.doubtful,
        "mark": mark,
    }  # fmt: skip
