"""The form of one act of the exam day: its counts line by line, what happened, who signed for which side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QCompleter, QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.exam_act import COUNT, REMOVAL, ActColumn, ActContent, ActSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import label, scrolled

FREE_ROWS = 3


class ActForm(QWidget):
    """Fields for an act; `typed` when anything changes. Errors stand under the line they belong to."""

    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.number, self.code, self.time = QLineEdit(), QLineEdit(), QLineEdit()
        self.story = QPlainTextEdit(tabChangesFocus=True)
        self.cells: list[list[QLineEdit]] = []
        self.people: dict[str, list[QLineEdit]] = {}
        self._errors: dict[str, QLabel] = {}
        self._spec: ActSpec | None = None
        self._inside: QWidget | None = None

    @property
    def spec(self) -> ActSpec | None:
        """Which act is filled in."""
        return self._spec

    def begin(self, spec: ActSpec, content: ActContent, number: str, students: Sequence[str]) -> None:
        """Show the fields of an act, with what is known already."""
        self._spec, self._errors, self.cells, self.people = spec, {}, [], {}
        if self._inside is not None:
            self._column.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(0, 1)
        self.number = self._line_edit(number)
        self.number.setMaximumWidth(theme.px(120))
        self._field(grid, N_("Act No"), self.number, "number")
        if spec is REMOVAL:
            self.code, self.time = self._line_edit(content.code), self._line_edit(content.time)
            self.code.setMaximumWidth(theme.px(160))
            self.time.setMaximumWidth(theme.px(90))
            self.time.setPlaceholderText("10:15")
            self._field(grid, N_("Code"), self.code, "code")
            self._field(grid, N_("Time"), self.time, "time")
        if spec.is_story:
            self.story = QPlainTextEdit(content.story, tabChangesFocus=True)
            self.story.setFixedHeight(theme.px(140))
            self.story.textChanged.connect(self.typed.emit)
            self._field(grid, N_("What happened"), self.story, "story")
        else:
            self._table(grid, spec, content)
        self._signers(grid, spec, content, students)
        grid.setRowStretch(grid.rowCount(), 1)
        self._inside = scrolled(inside)
        self._column.addWidget(self._inside, 1)

    # --- building --------------------------------------------------------------------------------------------------

    def _line_edit(self, text: str = "") -> QLineEdit:
        made = QLineEdit(text)
        made.textEdited.connect(lambda _text: self.typed.emit())
        made.returnPressed.connect(made.focusNextChild)
        return made

    def _field(self, grid: QGridLayout, msgid: str, editor: QWidget, where: str) -> None:
        row, span = grid.rowCount(), 6
        name = label(_(msgid), "factLabel")
        name.setBuddy(editor)
        editor.setAccessibleName(_(msgid))
        grid.addWidget(name, row, 0, 1, span)
        grid.addWidget(editor, row + 1, 0, 1, span)
        self._error(grid, row + 2, where)

    def _error(self, grid: QGridLayout, row: int, where: str) -> None:
        error = label("", "fieldError", wrap=True)
        error.hide()
        self._errors[where] = error
        grid.addWidget(error, row, 0, 1, 6)

    def _table(self, grid: QGridLayout, spec: ActSpec, content: ActContent) -> None:
        row = grid.rowCount()
        first = 1 if spec.lines else 0
        for at, column in enumerate(spec.columns, first):
            grid.addWidget(label(_(column.label), "factLabel", wrap=True), row, at, Qt.AlignmentFlag.AlignBottom)
            grid.setColumnStretch(at, 0 if column.kind == COUNT else 1)
        rows = content.rows or tuple(("",) * len(spec.columns) for _row in range(FREE_ROWS))
        for n, values in enumerate(rows):
            self._row(grid, spec, n, values)
        if not spec.lines:
            more = ActionButton(Action(N_("One more line"), lambda: self._one_more(grid, spec), "add"))
            self._more = more
            grid.addWidget(more, 1000, 0)

    def _row(self, grid: QGridLayout, spec: ActSpec, n: int, values: Sequence[str]) -> None:
        row, first = grid.rowCount(), 1 if spec.lines else 0
        title = ""
        if spec.lines:
            title = _(spec.lines[n][1])
            grid.addWidget(label(title, "", wrap=True), row, 0)
        fields = []
        for at, (column, value) in enumerate(zip(spec.columns, values, strict=True), first):
            fields.append(self._cell(column, value, title or str(n + 1)))
            grid.addWidget(fields[-1], row, at)
        self.cells.append(fields)
        self._error(grid, row + 1, str(n))

    def _cell(self, column: ActColumn, value: str, line: str) -> QLineEdit:
        made = self._line_edit(value)
        made.setAccessibleName(f"{line}, {_(column.label)}")
        if column.kind == COUNT:
            made.setFixedWidth(theme.px(84))
            made.setAlignment(Qt.AlignmentFlag.AlignRight)
            made.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{0,5}"), made))
        return made

    def _one_more(self, grid: QGridLayout, spec: ActSpec) -> None:
        grid.removeWidget(self._more)
        self._row(grid, spec, len(self.cells), ("",) * len(spec.columns))
        grid.addWidget(self._more, grid.rowCount(), 0)
        self.cells[-1][0].setFocus()

    def _signers(self, grid: QGridLayout, spec: ActSpec, content: ActContent, students: Sequence[str]) -> None:
        sides = (("given_by", N_("Handed over by") if spec.taken_by else N_("Signed by"), spec.given_by),
                 ("taken_by", N_("Accepted by"), spec.taken_by),
                 ("students", N_("Students of the hall present at the opening"), ("",) * spec.students))  # fmt: skip
        for side, heading, roles in sides:
            if not roles:
                continue
            row = grid.rowCount()
            grid.addWidget(label(_(heading), "section", wrap=True), row, 0, 1, 6)
            known = (*getattr(content, side), *("",) * len(roles))
            self.people[side] = []
            for n, role in enumerate(roles):
                field = self._line_edit(known[n])
                words = _(role) if role else _("Student {n}").format(n=n + 1)
                field.setPlaceholderText(words)
                field.setAccessibleName(words)
                if side == "students":
                    field.setCompleter(_completer(students, field))
                grid.addWidget(field, row + 1 + n, 0, 1, 6)
                self.people[side].append(field)
            self._error(grid, row + 1 + len(roles), side)

    # --- reading ---------------------------------------------------------------------------------------------------

    def content(self) -> ActContent:
        """What is filled in; free rows that are empty are left out."""
        assert self._spec is not None
        rows = [tuple(field.text().strip() for field in fields) for fields in self.cells]
        if not self._spec.lines:
            rows = [row for row in rows if any(row)]
        people = {side: tuple(field.text().strip() for field in fields) for side, fields in self.people.items()}
        story = self.story.toPlainText().strip() if self._spec.is_story else ""
        removed = self._spec is REMOVAL
        return ActContent(
            tuple(rows), story, people.get("given_by", ()), people.get("taken_by", ()), people.get("students", ()),
            self.code.text().strip() if removed else "", self.time.text().strip() if removed else "",
        )  # fmt: skip

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Put each under its field, the first field ready to be typed in; those that have no place are given back."""
        for shown in self._errors.values():
            shown.hide()
        homeless = []
        for problem in problems:
            where = problem.field.partition(":")[0]
            error = self._errors.get(where)
            if error is None:
                homeless.append(problem)
                continue
            error.setText("! " + problem.message(active()))
            error.show()
        if problems:
            self._focus(problems[0].field)
        return homeless

    def _focus(self, field: str) -> None:
        row, _sign, column = field.partition(":")
        if column and self._spec is not None and row.isdecimal() and int(row) < len(self.cells):
            at = next((n for n, known in enumerate(self._spec.columns) if known.key == column), 0)
            self.cells[int(row)][at].setFocus()
        elif field in self.people and self.people[field]:
            self.people[field][0].setFocus()
        else:
            known = {"number": self.number, "code": self.code, "time": self.time, "story": self.story}
            if field in known:
                known[field].setFocus()

    def first_field(self) -> QWidget:
        """Where typing begins."""
        empty = [field for fields in self.cells for field in fields if not field.text()]
        if empty:
            return empty[0]
        return self.code if self._spec is REMOVAL else self.story if self._spec and self._spec.is_story else self.number


def _completer(names: Sequence[str], parent: QWidget) -> QCompleter:
    made = QCompleter(sorted(names), parent)
    made.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    made.setFilterMode(Qt.MatchFlag.MatchContains)
    return made
