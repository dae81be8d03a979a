"""Seats of a shift (p.30): the list is frozen, the centre's password is typed, the seats are drawn once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState, reached
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import seating, variant_check
from mab_desktop.services.seating import Fit, SeatLine
from mab_desktop.services.variant_check import HallVariants
from mab_desktop.ui import icons, theme
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.hall_plan import HallPlan, Legend, Seat, SeatState
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, StateLabel, clear, label, scrolled, split
from mab_desktop.ui.record_table import Column, RecordTable, Rows
from mab_desktop.ui.states import Mark

SYMBOLS, SHAPE = 14, "XXXXX-XXXXX-XXXX"
TOLD = 4  # differences named on the page; every hall that has one is marked


class SeatingPage(ShiftPage):
    """Freeze, password, one draw; afterwards the halls with their places, and the papers of the eve."""

    wanted = (ShiftState.PLANNED, ShiftState.SEATED, ShiftState.OPEN)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._before())
        self.stack.addWidget(self._after())
        self.body.addWidget(self.stack, 1)
        self.lines: list[SeatLine] = []
        self.add_actions((
            Action(N_("Covers"), lambda: self.paper("covers"), "print", obstacle=self._not_drawn),
            Action(N_("Answer sheets"), lambda: self.paper("answer-sheets"), "print", obstacle=self._not_drawn),
            Action(N_("Hall plans"), lambda: self.paper("seating-plans"), "print", obstacle=self._not_drawn),
            Action(N_("Variant sheets"), lambda: self.paper("variant-sheets"), "print", obstacle=self._not_drawn),
            Action(N_("Save the proof"), self.save_proof, "verify", obstacle=self._not_drawn),
            Action(N_("Seating sheets"), lambda: self.paper("seating-sheets"), "print", "Ctrl+P", self._not_drawn,
                   primary=True),
        ))  # fmt: skip

    # --- before the draw -------------------------------------------------------------------------------------------

    def _before(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        self.freeze_card = Section(_("1. Freeze the list and the halls"))
        self.freeze_words = label("", "", wrap=True)
        self.code = label("", "bigNumber", selectable=True)
        self.freeze_button = ActionButton(Action(N_("Freeze the list"), self.freeze, "lock", primary=True))
        for part in (self.freeze_words, self.code):
            self.freeze_card.body.addWidget(part)
        self.freeze_card.body.addWidget(_left(self.freeze_button))
        self.draw_card = Section(_("2. Type the password that the testing centre tells by telephone"))
        self.password = QLineEdit()
        self.password.setAccessibleName(_("Password of the testing centre"))
        self.password.setFixedWidth(theme.px(300))
        self.password.setPlaceholderText(SHAPE)
        self.password.textChanged.connect(self._typed)
        self.password.returnPressed.connect(self.draw)
        self.typed, self.wrong = label("", "hint", wrap=True), label("", "fieldError", wrap=True)
        self.draw_button = ActionButton(Action(N_("Draw the seats"), self.draw, "shuffle", primary=True))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.password)
        row.addWidget(self.typed, 1)
        self.draw_card.body.addWidget(label(_(
            "13 symbols and one check symbol; 0 and O, 1, I and L are the same. One slip (a symbol wrong, missing, too "
            "many, or two exchanged) is put right. A wrong password is counted, and after five the next try must "
            "wait."), "muted", wrap=True))  # fmt: skip
        self.draw_card.body.addLayout(row)
        self.draw_card.body.addWidget(self.wrong)
        self.draw_card.body.addWidget(_left(self.draw_button))
        self.variants_before = Section(_("Variants of the testing centre"))
        self.told_before = QVBoxLayout()
        self.variants_before.body.addLayout(self.told_before)
        for card in (self.freeze_card, self.draw_card, self.variants_before):
            column.addWidget(card)
        column.addStretch(1)
        return scrolled(page)

    def _typed(self, text: str) -> None:
        """Tell while it is typed what the check symbol says; nothing is tried."""
        count = sum(1 for sign in text if not sign.isspace() and sign not in "-–—")
        fit = seating.password_fit(text)
        words = _("{n} of {all} symbols").format(n=count, all=SYMBOLS) if count else ""
        if fit is Fit.WHOLE:
            words = _("The check symbol fits.")
        elif count >= SYMBOLS:
            words = _("The check symbol does not fit: compare by telephone. One slip is put right.")
        self.typed.setText(words)
        ready = fit is Fit.WHOLE or (fit is Fit.ONE_SLIP and count >= SYMBOLS - 1)
        self.draw_button.setEnabled(ready and bool(self.code.text()))
        self.wrong.setText("")

    def _show_before(self) -> None:
        why = season.why_closed(self.app, "draw-seats", self.shift)
        self.closed_reason = why
        if not self._programmer():
            self.closed_reason = _("The programmer draws the seats.") + " " + self.closed_reason
        frozen = seating.frozen(self.app.ctx, self.shift)
        self.code.setText(frozen.shown if frozen else "")
        self.code.setVisible(frozen is not None)
        self.freeze_words.setText(
            _("Frozen on {at}. Write these characters into the minutes and read them to the testing centre; it answers "
              "with the password. If the list changes, freeze again.").format(at=moment_words(frozen.at))
            if frozen else
            _("The list of students, the halls and the secret of this PC are fixed. Then twelve characters are shown: "
              "they prove that nothing was changed after the password was told.")
        )  # fmt: skip
        self.freeze_button.setText(_("Freeze again") if frozen else _("Freeze the list"))
        kind = "plain" if frozen else "primary"
        self.freeze_button.setProperty("kind", kind)
        self.freeze_button.setIcon(icons.icon("lock", "text" if frozen else "on_accent"))
        self.freeze_button.style().unpolish(self.freeze_button)
        self.freeze_button.style().polish(self.freeze_button)
        open_now = not why and self._programmer()
        self.freeze_button.setEnabled(open_now)
        self.draw_card.setEnabled(open_now and frozen is not None)
        self._typed(self.password.text())
        self._tell_variants(self.told_before)

    def _programmer(self) -> bool:
        return bool(self.app.ctx.actor.role == PersonRole.PROGRAMMER)

    def freeze(self) -> None:
        """Fix list, halls and this PC's secret; the same code comes again while nothing has changed."""
        if not ask_for_password(
            self.app, self, _("Freeze the list of shift {n}?").format(n=self.shift),
            _("The twelve characters that come of it go into the minutes and to the testing centre (p.30)."),
            _("Freeze the list"), cannot_undo=False,
        ):  # fmt: skip
            return
        with self.app.guarded():
            seating.freeze_seating(self.app.ctx, self.shift)
            self._show_before()
            self.password.setFocus()

    def draw(self) -> None:
        """Draw the seats: once, for ever."""
        if not self.draw_button.isEnabled() or not ask_for_password(
            self.app, self, _("Draw the seats of shift {n}?").format(n=self.shift),
            _("The seats are drawn only once (p.30). A reprint shows the same seats and says that it is a duplicate."),
            _("Draw the seats"), str(self.shift),
        ):  # fmt: skip
            return
        ctx, shift, typed = self.app.ctx, self.shift, self.password.text()
        self.draw_card.setEnabled(False)
        self.app.tasks.run(
            _("Draw the seats"), lambda progress: seating.draw_seating(ctx, shift, typed, progress),
            lambda _view: self._drawn(typed), self._not_opened,
        )  # fmt: skip

    def _drawn(self, typed: str) -> None:
        self.password.clear()
        self.refresh()
        if seating.password_fit(typed) is Fit.ONE_SLIP:
            self.app.inform(_("One slip in the password was put right; the seats are drawn."))

    def _not_opened(self, error: BaseException) -> None:
        self.draw_card.setEnabled(True)
        if isinstance(error, UserError):
            self.wrong.setText("! " + error.message(active()))
        self.app.failed(error)
        self.password.selectAll()
        self.password.setFocus()

    # --- after it --------------------------------------------------------------------------------------------------

    def _after(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.drawn = label("", "doneStrip", wrap=True, selectable=True)
        self.told_after = QVBoxLayout()
        self.halls, self.plan = HallList(), HallPlan()
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.plan.seat_chosen.connect(self._to_seat)
        columns = (
            Column("seat", N_("Seat"), 5, kind="number"),
            Column("name", N_("Student"), 26),
            Column("code", N_("Code"), 9, kind="code"),
            Column("variant", N_("Variant"), 7, kind="code"),
            Column("specialty", N_("Specialty"), 9, kind="code", shown=False),
        )
        self.table = RecordTable(Rows(columns, load=lambda: self.lines, key_of="seat"))
        self.view = RecordView(self.table, self.app.settings, "seating.hall")
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.plan, 1)
        inside.addWidget(Legend((SeatState.TAKEN, SeatState.FREE, SeatState.WRONG, SeatState.CLOSED)))
        column.addWidget(self.drawn)
        column.addLayout(self.told_after)
        column.addWidget(split(self.halls, middle, self.view, stretches=(2, 5, 6)), 1)
        return page

    def _show_after(self) -> None:
        view = seating.seating(self.app.ctx, self.shift)
        if view is None:
            return
        self.closed_reason = ""
        self.drawn.setText(
            _("Students: {students}, halls: {halls}. Drawn on {at} by {by}. Frozen: {code}. Result: {result}").format(
                students=view.students, halls=view.halls, at=moment_words(view.drawn_at), by=view.drawn_by,
                code=view.code, result=view.result[:12],
            )
        )  # fmt: skip
        found = self._tell_variants(self.told_after)
        self.halls.show_halls([
            HallItem(one.hall, Mark.LATE if one.problems else Mark.DONE, _hall_words(one)) for one in found
        ])  # fmt: skip
        self._show_hall()

    def _tell_variants(self, into: QVBoxLayout) -> list[HallVariants]:
        """What the centre laid against the seats: every difference by hall, or that all fits and what is left over."""
        clear(into)
        found = variant_check.check_variants(self.app.ctx, self.shift)
        problems = [problem for one in found for problem in one.problems]
        for problem in problems[:TOLD]:
            into.addWidget(StateLabel(Mark.LATE, problem.message(active())))
        if len(problems) > TOLD:
            into.addWidget(label(_("{n} more differences; the marked halls have them.").format(
                n=len(problems) - TOLD), "muted"))  # fmt: skip
        if found and not problems:
            words = _("The variants of the testing centre fit the seats: students {students}, booklets {booklets}, of "
                      "them surplus {surplus}.")  # fmt: skip
            into.addWidget(StateLabel(Mark.DONE, words.format(
                students=sum(one.students for one in found), booklets=sum(one.booklets for one in found),
                surplus=sum(one.left_over for one in found))))  # fmt: skip
        elif problems:
            words = _("Tell the testing centre before the exam; the variant sheets say the same.")
            into.addWidget(label(words, "muted"))
        return [one for one in found if one.students]

    def _show_hall(self) -> None:
        hall = self.halls.current()
        self.lines = seating.seat_lines(self.app.ctx, self.shift, hall) if hall else []
        self.view.read()
        if not hall:
            return
        grid = seating.hall_grid(self.app.ctx, hall)
        taken = {line.seat: line for line in self.lines}
        seats = [
            Seat(r, c, str(number or ""), *_seat(number, taken)) for r, row in enumerate(grid)
            for c, number in enumerate(row) if number is not None
        ]  # fmt: skip
        self.plan.show_plan(len(grid), max((len(row) for row in grid), default=0), seats, _("Board"))

    def _to_seat(self, row: int, column: int) -> None:
        seat = self.plan.seats.get((row, column))
        if seat is not None and seat.number:
            self.view.go_to(int(seat.number))

    # --- both ------------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """The two steps before the draw, or the halls after it."""
        line = self.choice.line
        done = line is not None and reached(line.state, ShiftState.SEATED)
        self.stack.setCurrentIndex(1 if done else 0)
        self._show_after() if done else self._show_before()

    def _not_drawn(self) -> str:
        line = self.choice.line
        if line is None or not reached(line.state, ShiftState.SEATED):
            return _("The seats of shift {n} are not drawn (p.30).").format(n=self.shift)
        return ""

    def save_proof(self) -> None:
        """A file from which the centre, and anybody who has its secret, can draw again."""
        folder = self.app.settings.get("export.folder", str(Path.home()))
        name = seating.proof_name(self.app.ctx, self.shift)
        file, _kind = QFileDialog.getSaveFileName(self, _("Save the proof"), str(Path(folder, name)), "TXT (*.txt)")
        if file:
            self.save_proof_to(Path(file))

    def save_proof_to(self, file: Path) -> None:
        """Write it there; a disk that refuses is said in the message bar."""
        with self.app.guarded():
            seating.save_proof(self.app.ctx, self.shift, file)
            self.app.settings.set("export.folder", str(file.parent))
            self.app.inform(
                _("The proof of the seating is saved as {name}.").format(name=file.name),
                next_step=_("The testing centre checks it; how anybody can draw again without this program stands in "
                            "docs/seating-proof.md."),
            )  # fmt: skip

    def paper(self, key: str) -> None:
        """Print: the paper's page, at this shift and hall."""
        hall = self.halls.current() if key == "answer-sheets" else ""
        self.app.open_page("papers", paper=key, option=f"{self.shift}|{hall}")

    def print_out(self) -> None:
        """Ctrl+P."""
        if not self._not_drawn():
            self.paper("seating-sheets")

    def opened(self, **where: Any) -> None:
        """The next field to fill is ready."""
        super().opened(**where)
        if self.stack.currentIndex() == 0:
            (self.password if self.draw_card.isEnabled() else self.freeze_button).setFocus()
        else:
            self.halls.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "On the eve of the exam the seating sheets of all halls are issued with a password that the testing centre "
            "tells by telephone. The seat is drawn at random when the sheet is issued, and this is done only once "
            "(p.30). The centre can do the draw again and check it."
        )


def _seat(number: int | None, taken: dict[int, SeatLine]) -> tuple[SeatState, str]:
    if not number:
        return SeatState.CLOSED, ""
    line = taken.get(number)
    if line is None:
        return SeatState.FREE, ""
    state = SeatState.TAKEN if line.variant else SeatState.WRONG
    return state, f"{line.name}\n{line.code} · {line.variant or _('no variant')}"


def _hall_words(one: HallVariants) -> str:
    words = _("students: {n}").format(n=one.students)
    return f"{words}, {_('surplus: {n}').format(n=one.left_over)}" if one.left_over else words


def _left(button: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(button)
    row.addStretch(1)
    return made
