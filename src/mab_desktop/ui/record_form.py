"""The entry form of a record: one column in the paper's order, by keyboard alone.

    form = RecordForm(STUDENT, lists={"specialty": [("5B070400", "...")]}, save_word=N_("Save and begin the next"))
    form.set_values(values, carried={"specialty", "course"})    # None, "" and missing are empty
    form.values() -> {"surname": "...", "birth_date": date(...) | None, ...}
    form.saved.connect(lambda values: ...)   # Ctrl+Enter, Enter on the last field, the button; only without problems
    form.changed.connect(draft.keep)         # after each change, unfinished values too

`lists` gives every reference list named by Field.choices as (code, name) pairs, or is a callable that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec, field_problem
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui import theme
from mab_desktop.ui.kazakh_letters import LetterBar, LetterKeys
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import label, scrolled
from mab_desktop.ui.record_fields import CodeEditor, FlagEditor, make_editor

Lists = Mapping[str, Sequence[tuple[str, str]]]
_REQUIRED = N_("Required field.")
_WRITTEN = (Kind.TEXT, Kind.NAME)


class FieldRow:
    """One field of the form: label, editor, the mark of a carried value, the line under it."""

    def __init__(self, field: Field, choices: Sequence[tuple[str, str]] | None) -> None:
        self.field = field
        self.editor = make_editor(field, choices)
        self.problem: Problem | None = None
        self.carried = False
        self.name = label(_(field.label) + ("\u00a0*" if field.required else ""), "factLabel", wrap=True)
        self.line: QWidget = self.editor.line if isinstance(self.editor, CodeEditor) else self.editor
        self.name.setBuddy(self.line)
        self.line.setAccessibleName(_(field.label))
        self.mark = label("", "carried")
        self.mark.setToolTip(_("from the record before · Ctrl+Delete clears"))
        self.note = label("", "hint", wrap=True)
        if isinstance(self.editor, FlagEditor):
            self.name.setText("")

    def place(self, grid: QGridLayout, line: int) -> None:
        """Put the row into the form's grid."""
        across = QHBoxLayout()
        across.setSpacing(theme.px(8))
        across.addWidget(self.editor, 1 if isinstance(self.editor, CodeEditor) else 0)
        across.addWidget(self.mark)
        if not isinstance(self.editor, CodeEditor):
            across.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(theme.px(2))
        column.addLayout(across)
        column.addWidget(self.note)
        self.name.setMinimumHeight(theme.px(32))
        grid.addWidget(self.name, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(column, line, 1)
        self.tell()  # only now: a label shown before it has a place would open a window of its own

    def tell(self) -> None:
        """Show the problem, else what was put right, else the hint; and whether the value was carried over."""
        if self.problem:
            words, name = "! " + self.problem.message(active()), "fieldError"
        elif self.editor.mended:
            words, name = _("Latin letters were put right: {letters}").format(letters=self.editor.mended), "carried"
        else:
            words, name = _(self.field.hint), "hint"
        self.mark.setText(_("repeated") if self.carried else "")
        self.mark.setVisible(self.carried)
        self.note.setVisible(bool(words))
        self.note.setText(words)
        _restyle(self.note, name)
        for key, on in (("wrong", self.problem is not None), ("carried", self.carried)):
            if self.line.property(key) != str(on).lower():
                self.line.setProperty(key, str(on).lower())
                _restyle(self.line)


def _restyle(widget: QWidget, name: str | None = None) -> None:
    if name is not None:
        if widget.objectName() == name:
            return
        widget.setObjectName(name)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class RecordForm(QWidget):
    """See the module."""

    changed = Signal(dict)
    saved = Signal(dict)

    def __init__(
        self,
        spec: RecordSpec,
        lists: Lists | Callable[[], Lists] | None = None,
        parent: QWidget | None = None,
        *,
        only: Sequence[str] = (),
        save_word: str = "",
        auto_advance: bool = True,
    ) -> None:
        """`only` shows some of the fields; `save_word` is the message id of the button ("" for none).

        With `auto_advance` a field whose positions are all typed passes the focus on by itself.
        """
        super().__init__(parent)
        self.spec, self.auto_advance = spec, auto_advance
        self._lists = (lists() if callable(lists) else lists) or {}
        self._whole = not only
        self._dirty, self._just_advanced = False, ""
        self._letters = LetterKeys(self)
        fields = [spec[name] for name in only] if only else list(spec.fields)
        self.rows = {field.name: FieldRow(field, self._lists.get(field.choices)) for field in fields}
        self._build(save_word)
        for row in self.rows.values():
            self._connect(row)

    def _build(self, save_word: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        if any(row.field.kind in _WRITTEN for row in self.rows.values()):
            column.addWidget(LetterBar())
        self.whole_problem = label("", "errorStrip", wrap=True)
        self.whole_problem.hide()
        column.addWidget(self.whole_problem)
        self._area = self._grid()
        column.addWidget(self._area, 1)
        self.save_button = ActionButton(
            Action(save_word or N_("Save"), self.save, "save", "Ctrl+Return", primary=True), self
        )
        self.save_button.setVisible(bool(save_word))
        foot = QHBoxLayout()
        keys = _("* required · Enter next field · Shift+Enter back · Ctrl+Enter save · Ctrl+Delete clear")
        foot.addWidget(label(keys, "small", wrap=True), 1)
        foot.addWidget(self.save_button)
        column.addLayout(foot)

    def _grid(self) -> QScrollArea:
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnMinimumWidth(0, min(theme.px(216), 240))
        grid.setColumnStretch(1, 1)
        line, group = 0, ""
        for row in self.rows.values():
            if row.field.group and row.field.group != group:
                heading = label(_(row.field.group), "phase")
                heading.setMinimumHeight(theme.px(28))
                grid.addWidget(heading, line, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
                line += 1
            group = row.field.group
            row.place(grid, line)
            line += 1
        grid.setRowStretch(line, 1)
        area = scrolled(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)  # large type on a small screen
        return area

    def _connect(self, row: FieldRow) -> None:
        row.editor.edited.connect(lambda: self._edited(row))
        row.editor.filled.connect(lambda: self._filled(row))
        if row.field.kind in _WRITTEN:
            self._letters.serve(row.line)
        row.line.installEventFilter(self)

    # --- values ----------------------------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, Any], carried: Iterable[str] = ()) -> None:
        """Show a record; `carried` fields are marked as repeated from the record before."""
        repeated = set(carried)
        for name, row in self.rows.items():
            row.editor.set_value(values.get(name))
            row.carried, row.problem = name in repeated and not row.editor.is_empty(), None
            row.tell()
        self.whole_problem.hide()
        self._dirty, self._just_advanced = False, ""

    def set_lists(self, lists: Lists) -> None:
        """Other reference lists (new ones came by drive); what is typed stays and is checked against them."""
        self._lists = lists
        for row in self.rows.values():
            if isinstance(row.editor, CodeEditor):
                row.editor.set_choices(lists.get(row.field.choices) or ())
                if row.problem:
                    row.problem = self._problem_of(row)
                    row.tell()

    def values(self) -> dict[str, Any]:
        """What is typed, as Python values by Kind; empty is None, for a flag False."""
        return {name: row.editor.value() for name, row in self.rows.items()}

    def begin_next(self) -> None:
        """Clear for the next record: fields with `carry` keep their value, marked; focus on the first empty field."""
        kept = {name: row.editor.value() for name, row in self.rows.items() if row.field.carry}
        self.set_values(kept, kept)
        self.focus_first()

    def focus_first(self) -> None:
        """Go to the first empty field, else to the first."""
        empty = [row for row in self.rows.values() if row.editor.is_empty()]
        self._go(empty[0] if empty else next(iter(self.rows.values())))

    def is_dirty(self) -> bool:
        """True when something was typed since `set_values`."""
        return self._dirty

    def set_read_only(self, read_only: bool) -> None:
        """Show without letting type."""
        for row in self.rows.values():
            row.editor.setReadOnly(read_only)
        self.save_button.setEnabled(not read_only)

    def editor(self, name: str) -> Any:
        """The editor of a field."""
        return self.rows[name].editor

    # --- checks ----------------------------------------------------------------------------------------------------

    def problems(self) -> list[Problem]:
        """Every broken rule of what is typed now."""
        values, lists = self.values(), {key: [code for code, _n in pairs] for key, pairs in self._lists.items()}
        if self._whole:
            return self.spec.problems(values, lists)
        found = (field_problem(row.field, values[name], lists) for name, row in self.rows.items())
        return [problem for problem in found if problem]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put each problem under its field (those of the whole record on top) and go to the first."""
        first: dict[str, Problem] = {}
        for problem in problems:
            first.setdefault(problem.field, problem)
        for name, row in self.rows.items():
            row.problem = first.get(name)
            row.tell()
        others = [problem.message(active()) for problem in problems if problem.field not in self.rows]
        self.whole_problem.setText("\n".join(others))
        self.whole_problem.setVisible(bool(others))
        wrong = next((row for row in self.rows.values() if row.problem), None)
        if wrong:
            self._go(wrong)

    def save(self) -> bool:
        """Check; emit `saved` or show the problems. True when `saved` was emitted."""
        for row in self.rows.values():
            row.editor.settle()
        problems = self.problems()
        self.show_problems(problems)
        if not problems:
            self._dirty = False
            self.saved.emit(self.values())
        return not problems

    def _edited(self, row: FieldRow) -> None:
        self._dirty, self._just_advanced = True, ""
        row.carried = False
        if row.problem:
            row.problem = self._problem_of(row)
        row.tell()
        self.changed.emit(self.values())

    def _problem_of(self, row: FieldRow) -> Problem | None:
        lists = {key: [code for code, _n in pairs] for key, pairs in self._lists.items() if key == row.field.choices}
        return field_problem(row.field, row.editor.value(), lists)

    def _leave(self, row: FieldRow) -> None:
        """The field is left: put it right, and name what is wrong; an empty field is named only when saving."""
        row.editor.settle()
        problem = self._problem_of(row)
        row.problem = None if problem and problem.text == _REQUIRED and not row.problem else problem
        row.tell()

    # --- keys ------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Shift+Enter, Ctrl+Enter and Ctrl+Delete in any field; checks when a field is left."""
        row = next((row for row in self.rows.values() if row.line is watched), None)
        if row is None:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut:
            self._leave(row)
        elif event.type() == QEvent.Type.FocusIn:
            self._area.ensureWidgetVisible(row.editor, 0, theme.px(40))
        elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _own_key(event):
            event.accept()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(row, event)
        return super().eventFilter(watched, event)

    def _key(self, row: FieldRow, event: QKeyEvent) -> bool:
        held = event.modifiers()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if held & Qt.KeyboardModifier.ControlModifier:
                self.save()
            elif held & Qt.KeyboardModifier.ShiftModifier:
                self._step(row, -1)
            else:
                self._enter(row)
            return True
        if event.key() == Qt.Key.Key_Delete and held & Qt.KeyboardModifier.ControlModifier:
            row.editor.clear()
            self._edited(row)
            return True
        return False

    def _enter(self, row: FieldRow) -> None:
        if self._just_advanced == row.field.name and row.editor.is_empty():
            self._just_advanced = ""  # the habit of pressing Enter after a full field must not skip this one
            return
        if isinstance(row.editor, CodeEditor) and (code := row.editor.line.chosen()):
            row.editor.take(code)
        if row is list(self.rows.values())[-1]:
            self.save()
        else:
            self._step(row, 1)

    def _step(self, row: FieldRow, by: int) -> None:
        rows = list(self.rows.values())
        self._go(rows[min(max(rows.index(row) + by, 0), len(rows) - 1)])

    def _filled(self, row: FieldRow) -> None:
        rows = list(self.rows.values())
        if not self.auto_advance or self._problem_of(row) or row is rows[-1]:
            return
        self._step(row, 1)
        self._just_advanced = rows[rows.index(row) + 1].field.name

    def _go(self, row: FieldRow) -> None:
        row.line.setFocus(Qt.FocusReason.TabFocusReason)
        if hasattr(row.line, "selectAll"):
            row.line.selectAll()


def _own_key(event: QKeyEvent) -> bool:
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return enter or event.keyCombination() == QKeySequence("Ctrl+Delete")[0]
