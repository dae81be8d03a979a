"""Entering an application from the commission's journal and the student's form (p.41)."""

from __future__ import annotations

import re
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.services import appeals, results
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, label, scrolled
from mab_desktop.ui.record_fields import CellsEditor, DateEditor


class AppealEntry(QWidget):
    """The form: code, time of the journal, item numbers by subject as the student marked them."""

    saved = Signal()
    left = Signal()

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app, self.shift = app, 0
        self.profile = season.profile(app)
        self.code = CellsEditor(Field("code", N_("Code"), Kind.DIGITS, max_length=self.profile.code_digits))
        self.day = DateEditor(Field("filed", N_("Day"), Kind.DATE))
        self.time = CellsEditor(Field("time", N_("Time"), Kind.DIGITS, max_length=4), 4, (2,))
        self.received_by, self.breach = QLineEdit(), QCheckBox(_("It is about the student's own breach of the rules"))
        self.received_by.setFixedWidth(theme.px(300))
        self.name = label("", "muted", wrap=True)
        self.subjects: list[QLineEdit] = []
        self.titles: list[QLabel] = []
        self.totals: list[QLabel] = []
        self.errors: dict[str, QLabel] = {}
        self.save_button = ActionButton(Action(N_("Enter the application"), self.save, "save", "Ctrl+S", primary=True))
        self._lay_out()
        self._lead_on()

    def _lay_out(self) -> None:
        card, grid = Section(_("Application")), QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        self._subject_lines(grid, self._head_lines(grid))
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(0, theme.px(200))
        card.body.addLayout(grid)
        card.body.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(ActionButton(Action(N_("Back to the journal"), self.left.emit, "back")))
        row.addStretch(1)
        row.addWidget(self.save_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(card), 1)
        outer.addLayout(row)

    def _head_lines(self, grid: QGridLayout) -> int:
        """Whose application it is, when and by whom it was taken; the next line of the grid."""
        line = self._field(grid, 0, _("Code"), self.code, "code", self.name)
        when = QHBoxLayout()
        when.addWidget(self.day)
        when.addWidget(self.time)
        when.addStretch(1)
        holder = QWidget()
        holder.setLayout(when)
        when.setContentsMargins(0, 0, 0, 0)
        line = self._field(grid, line, _("Received at (day, hour and minute)"), holder, "filed")
        line = self._field(grid, line, _("Accepted by"), self.received_by, "received_by")
        return self._field(grid, line, "", self.breach, "own_breach")

    def _subject_lines(self, grid: QGridLayout, line: int) -> None:
        for number in range(self.profile.subjects):
            field = QLineEdit()
            field.setFixedWidth(theme.px(420))
            field.setPlaceholderText(_("item numbers, like 3, 7, 12"))
            total = label("", "muted")
            field.textChanged.connect(lambda _text, n=number: self._count(n))
            self.subjects.append(field)
            self.totals.append(total)
            self.titles.append(label("", "factLabel", wrap=True))
            grid.addWidget(self.titles[-1], line, 0)
            grid.addWidget(field, line, 1)
            grid.addWidget(total, line, 2)
            line += 1
        self.items_error = label("", "fieldError", wrap=True)
        self.errors["items"] = self.items_error
        grid.addWidget(self.items_error, line, 1, 1, 2)

    def _lead_on(self) -> None:
        """Enter goes on from field to field, a full field by itself."""
        self.code.textChanged.connect(self._find)
        order = [self.code, self.day, self.time, self.received_by, *self.subjects]
        for editor, following in zip(order, order[1:], strict=False):
            editor.returnPressed.connect(following.setFocus)
        self.subjects[-1].returnPressed.connect(self.save)
        for cells, following in ((self.code, self.day), (self.day, self.time), (self.time, self.received_by)):
            cells.filled.connect(following.setFocus)

    def _field(
        self, grid: QGridLayout, line: int, words: str, editor: QWidget, key: str, beside: QWidget | None = None
    ) -> int:  # fmt: skip
        name = label(words, "factLabel", wrap=True)
        name.setBuddy(editor)
        editor.setAccessibleName(words)
        error = label("", "fieldError", wrap=True)
        error.hide()
        self.errors[key] = error
        grid.addWidget(name, line, 0)
        grid.addWidget(editor, line, 1)
        if beside is not None:
            grid.addWidget(beside, line, 2)
        grid.addWidget(error, line + 1, 1, 1, 2)
        return line + 2

    def begin(self, shift: int) -> None:
        """An empty form; the time is now."""
        self.shift = shift
        now = self.app.ctx.clock.now()
        self.day.set_value(now.date())
        self.time.set_value(now.strftime("%H%M"))
        self.code.set_value("")
        self.received_by.setText("")
        self.breach.setChecked(False)
        for field in self.subjects:
            field.clear()
        self._tell({})
        self._find("")

    def focus_first(self) -> None:
        """The code comes first."""
        self.code.setFocus()

    def is_dirty(self) -> bool:
        """True when something was typed."""
        return bool(self.code.text() or any(field.text() for field in self.subjects))

    def _find(self, code: str) -> None:
        names, subjects = "", tuple[str, ...]()
        if len(code) == self.profile.code_digits:
            try:
                found = results.result(self.app.ctx, code)
                names, subjects = found.name, found.subjects
            except UserError as error:
                names = error.message(active())
        self.name.setText(names)
        known = lists(self.app.ctx, "subject")["subject"]
        for number, title in enumerate(self.titles):
            subject = subjects[number] if number < len(subjects) else ""
            shown = known[subject].name(self.app.ctx.lang) if subject in known else subject
            words = _("Subject {n}").format(n=number + 1)
            title.setText(f"{words}: {shown}" if shown else words)

    def _count(self, number: int) -> None:
        found = _numbers(self.subjects[number].text())
        self.totals[number].setText(_("Total: {n}").format(n=len(found)) if found else "")

    def save(self) -> None:
        """Enter the application; every reason why it cannot be taken stands beside its field."""
        self._tell({})
        wrong = [n for n, field in enumerate(self.subjects) if re.search(r"[^0-9,;. ]", field.text())]
        if wrong:
            self._tell({"items": _("Only item numbers, with commas or blanks between.")})
            self.subjects[wrong[0]].setFocus()
            return
        day, clock = self.day.value(), self.time.text()
        filed: datetime | None = None
        if hasattr(day, "year") and len(clock) == 4 and int(clock[:2]) < 24 and int(clock[2:]) < 60:
            zone = self.app.ctx.clock.now().tzinfo
            filed = datetime(day.year, day.month, day.day, int(clock[:2]), int(clock[2:]), tzinfo=zone)
            now = self.app.ctx.clock.now()
            if filed.date() == now.date() and (filed.hour, filed.minute) == (now.hour, now.minute):
                filed = now  # the minute of now may lie a few seconds before the announcement
        else:
            self._tell({"filed": _("No such day or time.")})
            self.day.setFocus()
            return
        items = [(number + 1, item) for number, field in enumerate(self.subjects) for item in _numbers(field.text())]
        try:
            appeals.register_appeal(self.app.ctx, self.shift, self.code.text(), items, filed,
                                    own_breach=self.breach.isChecked(),
                                    received_by=self.received_by.text())  # fmt: skip
        except Refused as refused:
            self._tell({problem.field: problem.message(active()) for problem in refused.problems})
            return
        except UserError as error:
            self._tell({"code": error.message(active())})
            return
        kept = self.received_by.text()
        self.begin(self.shift)
        self.received_by.setText(kept)
        self.saved.emit()
        self.focus_first()

    def _tell(self, found: dict[str, str]) -> None:
        for key, line in self.errors.items():
            words = found.get(key, "")
            line.setText("! " + words if words else "")
            line.setVisible(bool(words))


def _numbers(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"[0-9]+", text)]
