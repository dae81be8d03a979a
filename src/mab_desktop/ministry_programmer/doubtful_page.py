"""Doubtful marks: a gallery, each decided by eye from both passes; the reading stays beside the decision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from mab_desktop.domain import reading
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.sheet import layout
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import mark_keys, pictures, season
from mab_desktop.ministry_programmer.crop import Crop
from mab_desktop.ministry_programmer.mark_gallery import Frame, MarkGallery, mark_name
from mab_desktop.ministry_programmer.mark_words import FIELDS, mark_words, place_words
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import doubtful, sheet_pictures
from mab_desktop.services.doubtful import DoubtfulMark, MarkDecision, Shot
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import EmptyState, Section, clear, label, split

__all__ = ["Crop", "DoubtfulPage", "mark_words", "place_words"]
_KEPT = 80  # pairs of large pictures
_CONTROL = Qt.KeyboardModifier.ControlModifier


class DoubtfulPage(ShiftPage):
    """The gallery left, the mark in front in both passes right; a key decides what is chosen and goes on."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.hall, self.shown = "", ""
        self.marks: dict[str, DoubtfulMark] = {}
        self.several: list[str] = []
        self.done: list[list[int]] = []  # what was decided here, the newest last, for Ctrl+Z
        self._pictures: dict[tuple[str, int], bytes] = {}
        self._form = layout(season.profile(app))
        self.options = self._form.profile.options
        self.list = MarkGallery(app, self._frame)
        self.list.moved.connect(self._moved)
        self.list.installEventFilter(self)
        self.count = label("", "muted")
        self.choice.row.addWidget(self.count)
        self.all_halls = QPushButton(_("All halls"))
        self.all_halls.setProperty("kind", "link")
        self.all_halls.clicked.connect(self.show_all_halls)
        self.choice.row.addWidget(self.all_halls)
        self.empty = EmptyState(_("No mark is in doubt"), "", icon="check")
        self.card = Section()
        self._fill_card()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card, 1)
        self.parts = split(self.list, right, stretches=(4, 7))
        self.body.addWidget(self.parts, 1)
        self.body.addWidget(self.empty, 1)
        self.add_actions((
            Action(N_("Take it back"), self.undo, "undo", "Ctrl+Z", self._nothing_to_undo),
            Action(N_("Previous"), self.previous_open, "back", "Shift+F3"),
            Action(N_("Next open"), self.next_open, "forward", "F3", primary=True),
        ))  # fmt: skip

    def _fill_card(self) -> None:
        self.why, self.word = label("", "", wrap=True), label("", "small", wrap=True)
        self.first_words, self.second_words = label("", "", wrap=True), label("", "", wrap=True)
        self.first, self.second = Crop(), Crop()
        self.card.body.addWidget(self.why)
        beside = QHBoxLayout()
        beside.setSpacing(theme.px(12))
        for words, crop in ((self.first_words, self.first), (self.second_words, self.second)):
            one = QVBoxLayout()
            one.setSpacing(theme.px(4))
            one.addWidget(words)
            one.addWidget(crop, 1)
            beside.addLayout(one, 1)
        self.card.body.addLayout(beside, 1)
        self.card.body.addWidget(self.word)
        self.keys = QHBoxLayout()
        self.keys.setSpacing(theme.px(8))
        self.card.body.addLayout(self.keys)
        self.hint = label(_(
            "A to E or 1 to 5: one bubble is filled · N: none · several: Shift with letters or Ctrl with numbers, then "
            "Enter · Shift or Ctrl with arrows: several marks at once"), "small", wrap=True)  # fmt: skip
        self.card.body.addWidget(self.hint)
        self.value_buttons: dict[str, QPushButton] = {}

    def _frame(self, mark: DoubtfulMark) -> Frame:
        return pictures.group_in_crop(self._form, mark.field, mark.column)

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """The marks that wait, and those decided."""
        line = self.choice.line
        open_now = line is not None and line.state is ShiftState.OPEN
        self.closed_reason = "" if open_now else _("Marks are decided while the shift is open, before the key (p.38).")
        found = doubtful.doubtful_marks(self.app.ctx, self.shift, self.hall, decided=True)
        self.marks = {mark_name(mark): mark for mark in found}
        waiting = sum(mark.decided is None for mark in found)
        counted = _("{n} of {all} wait").format(n=waiting, all=len(found))
        self.count.setText(f"{_('Hall {hall}').format(hall=self.hall)}: {counted}" if self.hall else counted)
        self.all_halls.setVisible(bool(self.hall))
        self.parts.setVisible(bool(found))
        self.empty.setVisible(not found)
        self.empty.say(_("No mark is in doubt"), _("Marks come here after both passes of a hall are scanned."), "check")
        self.list.show_marks(self.marks)
        self._show(self.current())

    def current(self) -> DoubtfulMark | None:
        """The mark in front."""
        return self.marks.get(self.list.key())

    def chosen(self) -> list[DoubtfulMark]:
        """Every mark that the next key decides; a decided one only when it is alone."""
        found = [self.marks[name] for name in self.list.chosen() if name in self.marks]
        return found if len(found) < 2 else [mark for mark in found if mark.decided is None]

    def _moved(self) -> None:
        self._show(self.current())
        self.renew_actions()

    def _show(self, mark: DoubtfulMark | None) -> None:
        self.several = []
        if mark is None:
            self.shown = ""
            return
        self.card.title.setText(_("Sheet {serial}, hall {hall}: {place}").format(
            serial=mark.serial, hall=mark.hall, place=place_words(mark.field, mark.column)))  # fmt: skip
        self.card.title.show()
        self.why.setText(self._why(mark))
        self.word.setText(_decided_words(mark))
        self.word.setVisible(mark.decided is not None)
        self._values(mark)
        if mark_name(mark) != self.shown:
            self.shown = mark_name(mark)
            for number, shot, words in ((1, mark.first, self.first_words), (2, mark.second, self.second_words)):
                words.setText(_("Pass {n} read: {mark}").format(n=number, mark=mark_words(shot.mark)))
                self._ask_picture(mark, number, shot)

    def _ask_picture(self, mark: DoubtfulMark, number: int, shot: Shot) -> None:
        """A picture comes when it is read; what the gallery shows of the first pass stands at once."""
        name = mark_name(mark)
        kept = self._pictures.get((name, number))
        self._put_picture(mark, number, kept)
        if kept is None:
            read = partial(sheet_pictures.group_picture, self.app.ctx, shot.image, shot.image_page, shot.placement,
                           mark.field, mark.column)  # fmt: skip
            self.app.tasks.read(read, partial(self._keep_picture, mark, number), self.app.failed)

    def _keep_picture(self, mark: DoubtfulMark, number: int, data: bytes) -> None:
        while len(self._pictures) >= 2 * _KEPT:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[mark_name(mark), number] = data
        self._put_picture(mark, number, data)

    def _put_picture(self, mark: DoubtfulMark, number: int, data: bytes | None) -> None:
        if mark_name(mark) == self.shown:
            (self.first if number == 1 else self.second).show_crop(data, self._frame(mark))

    def _why(self, mark: DoubtfulMark) -> str:
        chosen = len(self.chosen())
        if chosen > 1:
            return _("Marks chosen: {n}. The next key decides all of them alike.").format(n=chosen)
        if mark.first.mark != mark.second.mark:
            return _("The two passes read this mark differently.")
        if reading.state_of(mark.first.mark) == "doubtful":
            return _("The reader is not sure whether a bubble is filled.")
        return _("This sheet is read by eye.")

    def _values(self, mark: DoubtfulMark) -> None:
        clear(self.keys)
        self.value_buttons = {}
        for value in (*self._known(mark), ""):
            button = QPushButton(value or _("None (N)"))
            button.setCheckable(True)
            button.setProperty("kind", "chip")
            button.setChecked(mark.decided is not None and (value in mark.decided if value else not mark.decided))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setEnabled(not self._shut())
            button.clicked.connect(lambda _on, value=value: self.decide((value,) if value else ()))
            self.value_buttons[value] = button
            self.keys.addWidget(button)
        self.several_button = ActionButton(
            Action(N_("Several: save"), lambda: self.decide(tuple(self.several)), "check",
                   obstacle=lambda: "" if len(self.several) > 1 else _("Hold Shift and press the letters first."))
        )  # fmt: skip
        self.several_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.keys.addWidget(self.several_button)
        self.keys.addStretch(1)

    def _known(self, mark: DoubtfulMark) -> tuple[str, ...]:
        return tuple("0123456789") if mark.field in FIELDS else self.options

    def _shut(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer decides the marks.")
        return self.closed_reason

    # --- deciding --------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """The keys decide while the gallery has the focus."""
        mark = self.current()
        if watched is self.list and isinstance(event, QKeyEvent) and mark is not None:
            value, several = _meant(event, self._known(mark))
            if event.type() == event.Type.ShortcutOverride and value is not None:
                event.accept()
                return True
            if event.type() == event.Type.KeyPress and self._key(event, value, several):
                return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, value: str | None, several: bool) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self.several) > 1:
            self.decide(tuple(self.several))
            return True
        if value is None:
            if mark_keys.is_cyrillic(event):
                self.app.inform(_("The keyboard writes Cyrillic letters."), safe=_("Nothing was decided."),
                                next_step=_("Switch it to Latin letters, or type 1 to 5."), kind="warning")  # fmt: skip
                return True
            return False
        if value and several:
            self._toggle(value)
        else:
            self.decide((value,) if value else ())
        return True

    def _toggle(self, value: str) -> None:
        self.several = sorted(set(self.several) ^ {value})
        for key, button in self.value_buttons.items():
            button.setChecked(key in self.several)
        self.several_button.renew()

    def decide(self, values: tuple[str, ...]) -> None:
        """Keep what a person sees in every mark chosen, and go on to the next that waits."""
        chosen = self.chosen()
        if not chosen or self._shut():
            return
        made: list[int] = []
        with self.app.guarded():
            made = doubtful.decide_marks(
                self.app.ctx, [MarkDecision(mark.serial, mark.field, mark.column, values) for mark in chosen]
            )
        if made:
            self.done.append(made)
            self.show_shift()
            self.next_open()
            self.renew_actions()

    def undo(self) -> None:
        """Ctrl+Z: take back what was decided last here, else what stands decided of the mark in front."""
        if self._nothing_to_undo():
            return
        mark = self.current()
        standing = {mark.word.id: name for name, mark in self.marks.items() if mark.word is not None}
        last = next(
            (ids for ids in reversed(self.done) if all(number in standing for number in ids)),
            [mark.word.id] if mark is not None and mark.word is not None else [],
        )
        done = False
        with self.app.guarded():
            doubtful.undo_marks(self.app.ctx, last)
            done = True
        if done:
            self.done = [ids for ids in self.done if ids != last]
            names = [standing[number] for number in last]
            self.show_shift()
            self.list.put(names[0])
            self.list.choose(names)
            self.list.setFocus()
            self.renew_actions()

    def _nothing_to_undo(self) -> str:
        if self._shut():
            return self._shut()
        mark = self.current()
        standing = {mark.word.id for mark in self.marks.values() if mark.word is not None}
        if any(set(ids) <= standing for ids in self.done) or (mark is not None and mark.word is not None):
            return ""
        return _("Nothing was decided here yet.")

    def next_open(self) -> None:
        """F3: the next mark that waits, in another hall where none is left in the one shown."""
        if self.hall and all(mark.decided is not None for mark in self.marks.values()):
            self.show_all_halls()
        self.list.walk(1)
        self.list.setFocus()

    def show_all_halls(self) -> None:
        """The marks of every hall of the shift."""
        self.hall = ""
        self.show_shift()
        self.renew_actions()
        self.list.setFocus()

    def previous_open(self) -> None:
        """Shift+F3: the mark before, decided or not."""
        names = list(self.marks)
        if self.list.key() in names and (row := names.index(self.list.key())) > 0:
            self.list.put(names[row - 1])
        self.list.setFocus()

    def opened(self, **where: Any) -> None:
        """`hall` shows its marks only; the keys work at once."""
        before, shift = self.hall, self.shift
        self.hall = where.get("hall", "")
        super().opened(**where)
        if self.shift and self.shift == shift and self.hall != before:
            self.show_shift()
        self.list.setFocus()

    def unsaved(self) -> Mapping[str, Any]:
        """Shift and hall, and what Ctrl+Z can take back."""
        return {"shift": self.shift, "hall": self.hall, "done": self.done}

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        self.hall, self.done = unsaved["hall"], unsaved["done"]
        super().take_back(unsaved)

    def help_words(self) -> str:
        """What this page is for."""
        return _(
            "What the reader doubted, and what the two passes read differently, is decided by eye before the key is "
            "opened. The reading is kept beside the decision. A mark that nobody decides holds up the shift."
        )


def _meant(event: QKeyEvent, known: tuple[str, ...]) -> tuple[str | None, bool]:
    """The value that a key means, and whether it is one of several: Shift with a letter, Ctrl with a number."""
    if event.modifiers() & _CONTROL:
        sign = chr(event.key()) if 32 < event.key() < 128 else ""
        if not known or known[0].isdigit() or not sign.isdecimal() or not 1 <= int(sign) <= len(known):
            return None, False
        return known[int(sign) - 1], True
    return mark_keys.value_of(event, known), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _decided_words(mark: DoubtfulMark) -> str:
    """What was decided, who and when, and what the reader had said."""
    if mark.decided is None:
        return ""
    value, read = "".join(mark.decided) or _("none"), mark_words(mark.read)
    if mark.word is None:
        return _("Decided: {value}.").format(value=value)
    return _("Decided: {value} · {who}, {at} · the reader said: {read}").format(
        value=value, who=mark.word.by, at=moment_words(mark.word.at), read=read)  # fmt: skip
