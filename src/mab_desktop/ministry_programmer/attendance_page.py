"""Attendance 20-25 minutes after the start, by hall (p.33); students sent out; acts of the exam day."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from mab_desktop.domain.attendance import CountLine
from mab_desktop.domain.errors import Refused
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import attendance, seating
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Section, clear, label, scrolled, split
from mab_desktop.ui.states import Mark


class AttendancePage(ShiftPage):
    """A hall's form of p.33: who came, by specialty and language of the test; beside it who was sent out."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.halls = HallList()
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.fields: dict[tuple[str, str], QLineEdit] = {}
        self.errors: dict[tuple[str, str], Any] = {}
        self._typed: dict[tuple[str, tuple[str, str]], str] = {}
        self.card, self.side = Section(), Section(_("Sent out of the halls"))
        self.total = label("", "section")
        inside = QWidget()
        self.grid = QGridLayout(inside)
        self.grid.setContentsMargins(0, 0, theme.px(8), 0)
        self.grid.setHorizontalSpacing(theme.px(16))
        self.card.body.addWidget(scrolled(inside), 1)
        self.card.body.addWidget(self.total)
        self.removed = QVBoxLayout()
        self.side.body.addLayout(self.removed)
        self.side.body.addStretch(1)
        self.body.addWidget(split(self.halls, self.card, self.side, stretches=(2, 6, 4)), 1)
        self.add_actions((
            Action(N_("Print the form"), self.print_out, "print", "Ctrl+P"),
            Action(N_("Sent out…"), self.send_out, "person", "", self._closed),
            Action(N_("Save the count"), self.save, "save", "Ctrl+S", self._closed, primary=True),
        ))  # fmt: skip

    def _closed(self) -> str:
        line = self.choice.line
        if line is None or line.state is not ShiftState.OPEN:
            return _("Attendance is entered while the shift is open (p.33).")
        return ""

    def show_shift(self) -> None:
        """The halls with what was counted."""
        self.closed_reason = self._closed()
        lines = seating.seat_lines(self.app.ctx, self.shift)
        items = []
        for hall in sorted({line.hall for line in lines}):
            found = attendance.count_lines(self.app.ctx, self.shift, hall)
            planned = sum(line.planned for line in found)
            counted = [line.present for line in found if line.present is not None]
            mark = Mark.DONE if len(counted) == len(found) else Mark.DUE
            words = _("{n} of {all} came").format(n=sum(counted), all=planned) if counted else _("not counted yet")
            items.append(HallItem(hall, mark if not self.closed_reason or counted else Mark.NONE, words))
        self.halls.show_halls(items)
        self._show_hall()
        self._show_removed()

    def _show_hall(self) -> None:
        hall = self.halls.current()
        clear(self.grid)
        self.fields, self.errors = {}, {}
        self.card.title.setText(_("Hall {number}").format(number=hall) if hall else "")
        self.card.title.setVisible(bool(hall))
        if not hall:
            self.total.setText(_("The seats of this shift are not drawn yet."))
            return
        for column, words in enumerate((_("Specialty"), _("Test language"), _("Expected"), _("Present"))):
            self.grid.addWidget(label(words, "factLabel"), 0, column)
        names = lists(self.app.ctx, "specialty", "study_language")
        for row, line in enumerate(attendance.count_lines(self.app.ctx, self.shift, hall), start=1):
            self._line(2 * row - 1, hall, line, names)
        self.grid.setRowStretch(100, 1)
        self.grid.setColumnStretch(0, 1)
        self._sum()

    def _line(self, row: int, hall: str, line: CountLine, names: Any) -> None:
        key = (line.specialty, line.test_language)
        specialty = names["specialty"].get(line.specialty)
        language = names["study_language"].get(line.test_language)
        lang = self.app.ctx.lang
        shown = f"{line.specialty} {specialty.name(lang)}" if specialty else line.specialty
        self.grid.addWidget(label(shown, "", wrap=True), row, 0)
        self.grid.addWidget(label(language.name(lang) if language else line.test_language), row, 1)
        self.grid.addWidget(label(str(line.planned)), row, 2, Qt.AlignmentFlag.AlignRight)
        field = QLineEdit()
        field.setFixedWidth(theme.px(72))
        field.setValidator(QIntValidator(0, 9999, field))
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setAccessibleName(shown)
        kept = self._typed.get((hall, key))
        field.setText(kept if kept is not None else "" if line.present is None else str(line.present))
        field.setEnabled(not self._closed())
        field.textEdited.connect(lambda text: self._type(hall, key, text))
        field.returnPressed.connect(field.focusNextChild)
        error = label("", "fieldError", wrap=True)
        error.hide()
        self.fields[key], self.errors[key] = field, error
        self.grid.addWidget(field, row, 3)
        self.grid.addWidget(error, row + 1, 0, 1, 4)

    def _type(self, hall: str, key: tuple[str, str], text: str) -> None:
        self._typed[hall, key] = text
        self._sum()

    def _sum(self) -> None:
        present = sum(int(field.text() or 0) for field in self.fields.values())
        self.total.setText(_("Present in the hall: {n}").format(n=present))

    def save(self) -> None:
        """Ctrl+S: save the hall's count; the next hall that waits comes up."""
        hall = self.halls.current()
        if self._closed() or not hall:
            return
        empty = [field for field in self.fields.values() if not field.text().strip()]
        if empty:
            self.app.inform(_("Fill in every line; write 0 where nobody came."), kind="warning")
            empty[0].setFocus()
            return
        values = {key: int(field.text()) for key, field in self.fields.items()}
        for error in self.errors.values():
            error.hide()
        try:
            with self.app.guarded():
                self._save(hall, values)
        finally:
            self.renew_actions()

    def _save(self, hall: str, values: dict[tuple[str, str], int]) -> None:
        try:
            attendance.save_count(self.app.ctx, self.shift, hall, values)
        except Refused as refused:
            for problem in refused.problems:
                specialty, _sign, language = problem.field.partition(":")
                if (specialty, language) in self.errors:
                    self.errors[specialty, language].setText("! " + problem.message(active()))
                    self.errors[specialty, language].show()
            raise
        self._typed = {key: text for key, text in self._typed.items() if key[0] != hall}
        waiting = [number for number in self.halls.numbers() if number != hall and not self._counted(number)]
        self.refresh()
        if waiting:
            self.halls.choose(waiting[0])
        if self.fields:
            next(iter(self.fields.values())).setFocus()

    def _counted(self, hall: str) -> bool:
        return all(line.present is not None for line in attendance.count_lines(self.app.ctx, self.shift, hall))

    # --- sent out --------------------------------------------------------------------------------------------------

    def _show_removed(self) -> None:
        clear(self.removed)
        found = attendance.removals(self.app.ctx, self.shift)
        if not found:
            self.removed.addWidget(label(_("Nobody was sent out."), "muted"))
        for line in found:
            self.removed.addWidget(label(f"{line.name} · {line.code}", "", wrap=True))
            words = _("Hall {hall}, {time}, act {act}: {what}").format(
                hall=line.hall, time=line.at_time, act=line.act, what=line.what)  # fmt: skip
            self.removed.addWidget(label(words, "muted", wrap=True))

    def send_out(self) -> None:
        """Enter a student who was sent out for a breach, with the act."""
        asked = Question(self, _("Sent out of the hall"), _(
            "A student sent out for a breach of the rules has no right to an appeal about it (p.9). The sheet stays in "
            "the envelope."), _("Enter"))  # fmt: skip
        code, time, act, what = QLineEdit(), QLineEdit(), QLineEdit(), QPlainTextEdit(tabChangesFocus=True)
        what.setFixedHeight(theme.px(80))
        time.setPlaceholderText("10:15")
        for words, field in ((_("Code"), code), (_("Time"), time), (_("Act No"), act), (_("What happened"), what)):
            name = label(words, "factLabel")
            name.setBuddy(field)
            field.setAccessibleName(words)
            asked.fields.addWidget(name)
            asked.fields.addWidget(field)
        code.setFocus()
        if asked.exec() == Question.DialogCode.Accepted:
            with self.app.guarded():
                attendance.remove_student(self.app.ctx, self.shift, code.text().strip(), time.text().strip(),
                                          what.toPlainText(), act.text())  # fmt: skip
                self._show_removed()

    def opened(self, **where: Any) -> None:
        """The first number is ready to be typed."""
        super().opened(**where)
        if self.fields and not self._closed():
            next(iter(self.fields.values())).setFocus()
        else:
            self.halls.setFocus()

    def print_out(self) -> None:
        """Ctrl+P: the attendance form."""
        self.app.open_page("papers", paper="attendance", option=f"{self.shift}|")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "20-25 minutes after the start the representative draws up how many are really present, by language of the "
            "test, direction and specialty (p.33). The number is later compared with the sheets of the envelope."
        )
