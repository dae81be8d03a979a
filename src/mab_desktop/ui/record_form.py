"""The entry form of a record: one column in the paper's order, by keyboard alone.

    form = RecordForm(STUDENT, lists={"specialty": [("5B070400", "...")]}, save_word=N_("Save and begin the next"))
    form.set_values(values, carried={"specialty", "course"})    # None, "" and missing are empty
    form.values() -> {"surname": "...", "birth_date": date(...) | None, ...}
    form.saved.connect(lambda values: ...)   # Ctrl+Enter, Enter on the last field, the button; only without problems
    form.changed.connect(draft.keep)         # after each change, unfinished values too
    form.left.connect(draft.keep_now)        # a field was left, and put right
    form.refused.connect(...)                # saving was asked for and refused; what is wrong stands at the fields

`lists` gives every reference list named by Field.choices as (code, name) pairs, or is a callable that does; more names
after the first are other languages' names that the code is found by.

Enter goes to the next field that is still to be typed: values repeated from the record before are passed over. The
arrows, Tab and Shift+Enter reach every field. After a refused saving every broken rule stands at its field at once, and
Enter walks from one to the next (`next_wrong` for a key of the page); where none is left, it saves. A row pasted from a
table goes into the fields one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec, field_problem
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui import record_paste, theme
from mab_desktop.ui.kazakh_letters import LetterBar, LetterKeys
from mab_desktop.ui.page import Action, ActionButton
from mab_desktop.ui.panels import label, scrolled
from mab_desktop.ui.record_fields import Choices, CodeEditor, FlagEditor, make_editor
from mab_desktop.ui.repeat_mark import RepeatMark

Lists = Mapping[str, Choices]
_REQUIRED = N_("Required field.")
_WRITTEN = (Kind.TEXT, Kind.NAME)


class FieldRow:
    """One field of the form: label, editor, the mark of a carried value, the line under it."""

    def __init__(self, field: Field, choices: Choices | None, *, may_pin: bool = False) -> None:
        self.field = field
        self.editor = make_editor(field, choices)
        self.problem: Problem | None = None
        self.others: tuple[Problem, ...] = ()  # what else is wrong with it
        self.carried, self.pinned = False, field.carry
        self.name = label(_(field.label) + ("\u00a0*" if field.required else ""), "factLabel", wrap=True)
        self.line: QWidget = self.editor.line if isinstance(self.editor, CodeEditor) else self.editor
        self.name.setBuddy(self.line)
        self.line.setAccessibleName(_(field.label))
        self.mark = RepeatMark(may_pin=may_pin)
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

    def take(self, problems: Sequence[Problem]) -> None:
        """Those of `problems` that are this field's; said where that is another thing than before."""
        before = (self.problem, self.others)
        mine = [problem for problem in problems if problem.field == self.field.name]
        self.problem, self.others = (mine[0] if mine else None), tuple(mine[1:])
        if before != (self.problem, self.others):
            self.tell()

    def tell(self) -> None:
        """Show the problems, else what was put right, else the hint; and whether the value was carried over."""
        if self.problem:
            found = dict.fromkeys(problem.message(active()) for problem in (self.problem, *self.others))
            words, name = "\n".join(f"! {words}" for words in found), "fieldError"
        elif getattr(self.editor, "too_long", False):
            words, name = _("At most {n} characters.").format(n=self.field.max_length), "carried"
        elif self.editor.mended:
            words, name = _("Latin letters were put right: {letters}").format(letters=self.editor.mended), "carried"
        else:
            words, name = _(self.field.hint), "hint"
        self.mark.show_state(carried=self.carried, pinned=self.pinned, focused=self.line.hasFocus())
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
    refused = Signal()
    left = Signal(str)
    pinned = Signal(set)

    def __init__(
        self,
        spec: RecordSpec,
        lists: Lists | Callable[[], Lists] | None = None,
        parent: QWidget | None = None,
        *,
        only: Sequence[str] = (),
        save_word: str = "",
        auto_advance: bool = True,
        pins: Iterable[str] | None = None,
        passed_over: Callable[[str, Mapping[str, Any]], bool] = lambda _name, _values: False,
        rules: Callable[[Mapping[str, Any]], list[Problem]] | None = None,
    ) -> None:
        """`only` shows some of the fields; `save_word` is the message id of the button ("" for none).

        With `auto_advance` a field whose positions are all typed passes the focus on by itself. `pins` are the fields
        that repeat from record to record, which the person then may choose with Ctrl+R; without, the spec says so.
        Enter passes over an empty field that need not be typed with these values, as `passed_over` tells. `rules` says
        what is wrong with a record; without, the spec does.
        """
        super().__init__(parent)
        self.spec, self.auto_advance, self._passed_over, self._rules = spec, auto_advance, passed_over, rules
        self.keys_pressed = 0
        self._lists = (lists() if callable(lists) else lists) or {}
        self._codes = _codes_of(self._lists)
        self._whole = not only
        self._dirty, self._just_advanced, self._mending = False, "", False
        self._of_the_whole: list[str] = []
        self._letters = LetterKeys(self)
        fields = [spec[name] for name in only] if only else list(spec.fields)
        self.may_pin = pins is not None
        self.rows = {
            field.name: FieldRow(field, self._lists.get(field.choices), may_pin=self.may_pin) for field in fields
        }
        self._by_line = {row.line: row for row in self.rows.values()}
        if pins is not None:
            chosen = set(pins)
            for name, row in self.rows.items():
                row.pinned = name in chosen
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
        if self.may_pin:
            keys += "\n" + _("Ctrl+R repeat or not · Ctrl+Shift+Delete clear all repeated · ↑ ↓ any field")
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
        if row.field.kind in _WRITTEN or isinstance(row.editor, CodeEditor):
            self._letters.serve(row.line)
        row.mark.clicked.connect(lambda: self.pin(row.field.name, not row.pinned))
        row.line.installEventFilter(self)

    # --- values ----------------------------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, Any], carried: Iterable[str] = ()) -> None:
        """Show a record; `carried` fields are marked as repeated from the record before."""
        repeated = set(carried)
        for name, row in self.rows.items():
            row.editor.set_value(values.get(name))
            row.carried = name in repeated and not row.editor.is_empty()
            row.problem, row.others = None, ()
            row.tell()
        self._of_the_whole, self._mending = [], False
        self.whole_problem.hide()
        self._dirty, self._just_advanced = False, ""

    def set_lists(self, lists: Lists) -> None:
        """Other reference lists (new ones came by drive); what is typed stays and is checked against them."""
        self._lists, self._codes = lists, _codes_of(lists)
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
        """Clear for the next record: pinned fields keep their value, marked; focus on the first empty field."""
        kept = {name: row.editor.value() for name, row in self.rows.items() if row.pinned}
        self.set_values(kept, kept)
        self.focus_first()

    def pin(self, name: str, on: bool) -> None:
        """Let a field repeat its value in the next record, or no longer."""
        row = self.rows[name]
        row.pinned = on
        row.tell()
        self.pinned.emit({name for name, row in self.rows.items() if row.pinned})

    def drop_repeated(self) -> None:
        """Clear every value that was repeated from the record before: another group begins."""
        for row in [row for row in self.rows.values() if row.carried]:
            row.editor.clear()
            self._edited(row)

    def focus_first(self) -> None:
        """Go to the first empty field, else to the first."""
        empty = [row for row in self.rows.values() if row.editor.is_empty()]
        self._go(empty[0] if empty else next(iter(self.rows.values())))

    def is_dirty(self) -> bool:
        """True when something was typed since `set_values`."""
        return self._dirty

    def keep_unsaved(self) -> None:
        """What `saved` gave was refused: it still stands here unsaved."""
        self._dirty = True

    def editor(self, name: str) -> Any:
        """The editor of a field."""
        return self.rows[name].editor

    # --- checks ----------------------------------------------------------------------------------------------------

    def problems(self) -> list[Problem]:
        """Every broken rule of what is typed now."""
        values = self.values()
        if self._rules is not None:
            return self._rules(values)
        if self._whole:
            return self.spec.problems(values, self._codes)
        found = (field_problem(row.field, values[name], self._codes) for name, row in self.rows.items())
        return [problem for problem in found if problem]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Put each problem under its field (those of the whole record on top) and go to the first."""
        for row in self.rows.values():
            row.take(problems)
        self._of_the_whole = [problem.message(active()) for problem in problems if problem.field not in self.rows]
        self._tell_whole()
        wrong = next((row for row in self.rows.values() if row.problem), None)
        if wrong:
            self._go(wrong)

    def _tell_whole(self) -> None:
        """Over the fields: what concerns the whole record, and how many fields wait to be put right."""
        lines, wrong = list(self._of_the_whole), sum(row.problem is not None for row in self.rows.values())
        if self._mending and wrong > 1:
            lines.append(_("Fields to be put right: {n}. Enter goes on to the next.").format(n=wrong))
        self.whole_problem.setText("\n".join(lines))
        self.whole_problem.setVisible(bool(lines))

    def next_wrong(self, by: int = 1) -> bool:
        """Go to the next field with a broken rule (with -1 to the one before), round the form; False: there is none."""
        rows = list(self.rows.values())
        at = next((n for n, row in enumerate(rows) if row.line.hasFocus()), -1 if by > 0 else 0)
        order = [*rows[at + 1 :], *rows[: at + 1]] if by > 0 else [*rows[:at][::-1], *rows[at:][::-1]]
        wrong = next((row for row in order if row.problem), None)
        if wrong is not None:
            self._go(wrong)
        return wrong is not None

    def save(self) -> bool:
        """Check; emit `saved` or show the problems. True when `saved` was emitted."""
        for row in self.rows.values():
            row.editor.settle()
        problems = self.problems()
        self._mending = bool(problems)
        self.show_problems(problems)
        if problems:
            self.refused.emit()
        else:
            self._dirty = False
            self.saved.emit(self.values())
        return not problems

    def _edited(self, row: FieldRow) -> None:
        self._dirty, self._just_advanced = True, ""
        row.carried = False
        if self._mending:
            self._judge_again(beside=None if row.problem else row)
        else:
            if row.problem or self._in_no_list(row):
                row.problem, row.others = self._problem_of(row), ()
            self._renew_others(row)
        row.tell()
        self.changed.emit(self.values())

    def _judge_again(self, beside: FieldRow | None = None) -> None:
        """After a refused saving every field says what is wrong with it now; not `beside`, which is being typed."""
        problems = self.problems()
        for row in self.rows.values():
            if row is not beside:
                row.take(problems)
        self._tell_whole()

    def _in_no_list(self, row: FieldRow) -> bool:
        """A code of which even the beginning is unknown is named at once."""
        editor = row.editor
        return isinstance(editor, CodeEditor) and not editor.is_empty() and not editor.matches(editor.line.text())

    def _renew_others(self, edited: FieldRow) -> None:
        """A problem that stands beside another field may have been one of both together."""
        standing = [row for row in self.rows.values() if row.problem and row is not edited]
        if standing and self._whole:
            still = {problem.field for problem in self.problems()}
            for row in standing:
                if row.field.name not in still and not self._problem_of(row):
                    row.problem, row.others = None, ()
                    row.tell()

    def _problem_of(self, row: FieldRow) -> Problem | None:
        return field_problem(row.field, row.editor.value(), self._codes)

    def _leave(self, row: FieldRow) -> None:
        """The field is left: put it right, and name what is wrong; an empty field is named only when saving."""
        row.editor.settle()
        problem = self._problem_of(row)
        if self._mending:
            self._judge_again()
        else:
            row.problem = None if problem and problem.text == _REQUIRED and not row.problem else problem
            row.others = ()
        row.tell()
        self.left.emit(row.field.name)

    # --- keys ------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Shift+Enter, Ctrl+Enter and Ctrl+Delete in any field; checks when a field is left."""
        row = self._by_line.get(watched)  # type: ignore[call-overload]
        if row is None:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut:
            self._leave(row)
        elif event.type() == QEvent.Type.FocusIn:
            self._area.ensureWidgetVisible(row.editor, 0, theme.px(40))
            row.mark.show_state(carried=row.carried, pinned=row.pinned, focused=True)
        elif event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if _own_key(event):
                event.accept()
            elif event.matches(QKeySequence.StandardKey.Undo) and not _can_undo(row.line):
                return True  # nothing to take back in the field: Ctrl+Z is the page's
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(row, event)
        return super().eventFilter(watched, event)

    def _key(self, row: FieldRow, event: QKeyEvent) -> bool:
        held = event.modifiers()
        control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        if event.key() not in _HELD and not event.isAutoRepeat():
            self.keys_pressed += 1
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.isAutoRepeat():
                return True  # a finger that stays on Enter leaves one field and saves once
            if held & control:
                self.save()
            elif held & shift:
                self._step(row, -1)
            else:
                self._enter(row)
        elif event.key() == Qt.Key.Key_Delete and held & control:
            if held & shift:
                self.drop_repeated()
            else:
                row.editor.clear()
                self._edited(row)
        elif self.may_pin and _is_pin_key(event):
            self.pin(row.field.name, not row.pinned)
        elif event.matches(QKeySequence.StandardKey.Paste):
            return self._paste(row)
        elif event.key() in _ARROWS and not held and not _walks_list(row, event):
            self._step(row, _ARROWS[event.key()])
        else:
            return False
        return True

    def _paste(self, row: FieldRow) -> bool:
        """Take what lies on the clipboard: a row of a table field by field from here on, else a whole value."""
        parts, rows = record_paste.cells(QGuiApplication.clipboard().text()), list(self.rows.values())
        if not record_paste.takes_whole(row.line) or not any(parts):
            return False  # part of a text: the line does it by itself
        into = [pair for pair in zip(rows[rows.index(row) :], parts, strict=False) if pair[1]]
        for other, part in into:
            if not record_paste.put_in(other.editor, part):
                self._edited(other)
            if len(into) > 1:
                self._leave(other)
        if len(into) > 1:
            self._go(into[-1][0])
        return True

    def _enter(self, row: FieldRow) -> None:
        if self._just_advanced == row.field.name and row.editor.is_empty():
            self._just_advanced = ""  # the habit of pressing Enter after a full field must not skip this one
            return
        if isinstance(row.editor, CodeEditor) and (code := row.editor.line.chosen()):
            row.editor.take(code)
        following = self._next_to_type(row)
        if following is None:
            self.save()
        else:
            self._go(following)

    def _next_to_type(self, row: FieldRow) -> FieldRow | None:
        """The next field that Enter goes to: neither repeated nor needless; None after the last one."""
        rows, values = list(self.rows.values()), self.values()
        at = rows.index(row)
        if self._mending and (wrong := [other for other in (*rows[at + 1 :], *rows[:at]) if other.problem]):
            return wrong[0]
        for following in () if self._mending else rows[at + 1 :]:
            needless = following.editor.is_empty() and self._passed_over(following.field.name, values)
            if not following.carried and not needless:
                return following
        return None

    def _step(self, row: FieldRow, by: int) -> None:
        rows = list(self.rows.values())
        self._go(rows[min(max(rows.index(row) + by, 0), len(rows) - 1)])

    def _filled(self, row: FieldRow) -> None:
        row.problem = self._problem_of(row)
        row.tell()
        following = self._next_to_type(row)
        if self.auto_advance and not row.problem and following is not None:
            self._go(following)
            self._just_advanced = following.field.name

    def _go(self, row: FieldRow) -> None:
        row.line.setFocus(Qt.FocusReason.TabFocusReason)
        if hasattr(row.line, "selectAll"):
            row.line.selectAll()


_HELD = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock)
_ARROWS: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_CONTROL = Qt.KeyboardModifier.ControlModifier


def _codes_of(lists: Lists) -> dict[str, frozenset[str]]:
    return {key: frozenset(code for code, *_names in lines) for key, lines in lists.items()}


def _own_key(event: QKeyEvent) -> bool:
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    clear = event.key() == Qt.Key.Key_Delete and bool(event.modifiers() & _CONTROL)
    return enter or clear or _is_pin_key(event)


def _is_pin_key(event: QKeyEvent) -> bool:
    """Ctrl+R in the Latin and in the Cyrillic layouts."""
    return event.modifiers() == _CONTROL and event.key() in (Qt.Key.Key_R, ord("К"))


def _walks_list(row: FieldRow, event: QKeyEvent) -> bool:
    """The arrows belong to a code's list, which Arrow down opens."""
    editor = row.editor
    return isinstance(editor, CodeEditor) and (event.key() == Qt.Key.Key_Down or editor.line.list_is_open())


def _can_undo(line: QWidget) -> bool:
    return isinstance(line, QLineEdit) and line.isUndoAvailable()
