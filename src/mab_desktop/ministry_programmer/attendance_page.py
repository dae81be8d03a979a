"""Attendance 20-25 minutes after the start, by hall and for the shift (p.33); students who were sent out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain.attendance import CountLine
from mab_desktop.domain.errors import Refused
from mab_desktop.domain.exam_clock import COUNT_FROM, COUNT_UNTIL
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import attendance, exam_clock, seating
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Section, clear, label, scrolled, split
from mab_desktop.ui.states import Mark

WHOLE = "-"  # the line of the whole shift among the halls


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
        self.total, self.when = label("", "section"), label("", "muted", wrap=True)
        inside = QWidget()
        self.grid = QGridLayout(inside)
        self.grid.setContentsMargins(0, 0, theme.px(8), 0)
        self.grid.setHorizontalSpacing(theme.px(16))
        self.card.body.addWidget(scrolled(inside), 1)
        self.card.body.addWidget(self.total)
        self.removed = QVBoxLayout()
        self.side.body.addLayout(self.removed)
        self.side.body.addStretch(1)
        self.body.addWidget(self.when)
        self.body.addWidget(split(self.halls, self.card, self.side, stretches=(4, 15, 5)), 1)
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
        by_hall, items = attendance.count_lines_by_hall(self.app.ctx, self.shift), []
        for hall in seating.seated_halls(self.app.ctx, self.shift):
            found = by_hall[hall]
            planned = sum(line.planned for line in found)
            counted = [line.present for line in found if line.present is not None]
            mark = Mark.DONE if len(counted) == len(found) else Mark.DUE
            words = _("{n} of {all} came").format(n=sum(counted), all=planned) if counted else _("not counted yet")
            items.append(HallItem(hall, mark if not self.closed_reason or counted else Mark.NONE, words))
        if items:
            items.insert(0, self._whole())
        self.halls.show_halls(items)
        self.when.setText(self._when())
        self.when.setVisible(bool(self.when.text()))
        self._show_hall()
        self._show_removed()

    def _whole(self) -> HallItem:
        lines = attendance.count_lines(self.app.ctx, self.shift)
        words = _("{n} of {all} came").format(n=sum(line.present or 0 for line in lines),
                                              all=sum(line.planned for line in lines))  # fmt: skip
        return HallItem(WHOLE, Mark.NONE, words, _("The whole shift"))

    def _when(self) -> str:
        """When the count falls due, by the exam's clock."""
        started = exam_clock.started(self.app.ctx, self.shift)
        if started is None:
            return "" if self._closed() else _("The start of the exam is not written down yet: see the exam clock.")
        begun = started.clock.begun
        return _("The count is drawn up from {first} to {last} (p.33).").format(
            first=(begun + COUNT_FROM).strftime("%H:%M"), last=(begun + COUNT_UNTIL).strftime("%H:%M"))  # fmt: skip

    def _show_hall(self) -> None:
        if self.halls.current() == WHOLE:
            self._show_whole()
            return
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
        row, direction = 1, ""
        for line in attendance.count_lines(self.app.ctx, self.shift, hall):
            if line.direction != direction:
                direction = line.direction
                self.grid.addWidget(label(self._direction(direction), "muted", wrap=True), row, 0, 1, 4)
                row += 1
            self._line(row, hall, line, names)
            row += 2
        self.grid.setRowStretch(1000, 1)
        self.grid.setColumnStretch(0, 1)
        self._sum()

    def _direction(self, code: str) -> str:
        known = lists(self.app.ctx, "direction")["direction"].get(code)
        return f"{code} {known.name(self.app.ctx.lang)}" if known else code

    def _show_whole(self) -> None:
        """The shift added up over its halls: by direction, specialty and language."""
        clear(self.grid)
        self.fields, self.errors = {}, {}
        self.card.title.setText(_("The whole shift"))
        self.card.title.setVisible(True)
        for column, words in enumerate((_("Specialty"), _("Test language"), _("Expected"), _("Present"), _("Absent"))):
            self.grid.addWidget(label(words, "factLabel"), 0, column)
        lines, row, lang = attendance.count_lines(self.app.ctx, self.shift), 1, self.app.ctx.lang
        names = lists(self.app.ctx, "specialty", "study_language")
        for direction in dict.fromkeys(line.direction for line in lines):
            mine = [line for line in lines if line.direction == direction]
            self._sum_line(row, self._direction(direction), "", mine, bold=True)
            row += 1
            for line in mine:
                specialty = names["specialty"].get(line.specialty)
                language = names["study_language"].get(line.test_language)
                shown = f"{line.specialty} {specialty.name(lang)}" if specialty else line.specialty
                self._sum_line(row, shown, language.name(lang) if language else line.test_language, [line])
                row += 1
        self._sum_line(row, _("In all"), "", lines, bold=True)
        self.grid.setRowStretch(1000, 1)
        self.grid.setColumnStretch(0, 1)
        counted = [line.present for line in lines if line.present is not None]
        self.total.setText(_("Present in the shift: {n}").format(n=sum(counted)))

    def _sum_line(self, row: int, title: str, language: str, lines: Sequence[CountLine], *, bold: bool = False) -> None:
        right = Qt.AlignmentFlag.AlignRight
        planned, counts = sum(line.planned for line in lines), [line.present for line in lines]
        known = [count for count in counts if count is not None]
        present = sum(known) if known else None
        gone = "–" if present is None or len(known) < len(counts) else str(planned - present)
        words = (title, language, str(planned), "–" if present is None else str(present), gone)
        for column, text in enumerate(words):
            cell = label(text, "", wrap=column == 0)
            cell.setFont(theme.font(bold=bold))
            self.grid.addWidget(cell, row, column, right if column > 1 else Qt.AlignmentFlag(0))

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
        if self._closed() or not hall or hall == WHOLE:
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
            self._show_problems(refused)
            return
        self._typed = {key: text for key, text in self._typed.items() if key[0] != hall}
        others = [number for number in self.halls.numbers() if number not in (hall, WHOLE)]
        waiting = [number for number in others if not self._counted(number)]
        self.refresh()
        if waiting:
            self.halls.choose(waiting[0])
        if self.fields:
            next(iter(self.fields.values())).setFocus()

    def _show_problems(self, refused: Refused) -> None:
        """Each broken line says it beside its field; the bar says only how many."""
        wrong = []
        for problem in refused.problems:
            specialty, _sign, language = problem.field.partition(":")
            if (specialty, language) not in self.errors:
                raise refused
            self.errors[specialty, language].setText("! " + problem.message(active()))
            self.errors[specialty, language].show()
            wrong.append(self.fields[specialty, language])
        self.app.inform(_("Lines that cannot be so: {n}. The count was not saved.").format(n=len(wrong)), kind="error")
        wrong[0].setFocus()

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
        """A student was sent out for a breach: his act is written on the page of acts."""
        hall = self.halls.current()
        if hall == WHOLE:
            hall = next((number for number in self.halls.numbers() if number != WHOLE), "")
        self.app.open_page("acts", shift=self.shift, hall=hall, kind="removal")

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
