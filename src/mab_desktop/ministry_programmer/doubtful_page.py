"""Doubtful marks: each looked at in both passes and decided by eye; the reading stays beside the decision."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from mab_desktop.domain import reading
from mab_desktop.domain.sheet import layout
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import pictures, season
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import doubtful, sheet_pictures
from mab_desktop.services.doubtful import DoubtfulMark, Shot
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import EmptyState, Section, clear, label, split
from mab_desktop.ui.states import Mark

_KEY = Qt.ItemDataRole.UserRole + 1
FIELDS = {"code": N_("Code"), "seat": N_("Seat"), "variant": N_("Variant")}
_CYRILLIC = range(0x0400, 0x0530)


class Crop(QLabel):
    """A piece of a scan, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = QPixmap()
        self._frame: tuple[float, float, float, float] | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(theme.px(160), theme.px(70))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def show_crop(self, data: bytes, frame: tuple[float, float, float, float] | None = None) -> None:
        """Show a JPEG, words when there is none; `frame` (shares of the picture) outlines what is asked about."""
        self._frame = frame
        self._whole = QPixmap()
        if data:
            self._whole.loadFromData(data)
        if self._whole.isNull():
            self.setText(_("No picture: the sheet was not found in its image. Take the paper."))
            self.setWordWrap(True)
        self._fit()

    def resizeEvent(self, _event: object) -> None:
        """Follow the room."""
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        room = self.size().boundedTo(self._whole.size() * 4)
        shown = self._whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        if self._frame is not None:
            x, y, wide, tall = self._frame
            painter = QPainter(shown)
            painter.setPen(QPen(theme.mark_ink(Mark.DUE), theme.px(3)))
            width, height = shown.width(), shown.height()
            painter.drawRect(round(x * width), round(y * height), round(wide * width), round(tall * height))
            painter.end()
        self.setPixmap(shown)


class DoubtfulPage(ShiftPage):
    """The list left, one mark in both passes right; a key decides and goes on, Shift with keys takes several."""

    wanted = (ShiftState.OPEN,)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.hall, self.shown = "", ""
        self.marks: dict[str, DoubtfulMark] = {}
        self.several: list[str] = []
        self.list = QListView()
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setMinimumWidth(theme.px(240))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setIconSize(theme.icon_size(18))
        self.list.setAccessibleName(_("Doubtful marks"))
        self.items = QStandardItemModel(self)
        self.list.setModel(self.items)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.installEventFilter(self)
        self.count = label("", "muted")
        self.choice.row.addWidget(self.count)
        self.empty = EmptyState(_("No mark is in doubt"), "", icon="check")
        self.card = Section()
        self._fill_card()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card, 1)
        self.parts = split(self.list, right, stretches=(3, 8))
        self.body.addWidget(self.parts, 1)
        self.body.addWidget(self.empty, 1)
        self.add_actions((
            Action(N_("Previous"), self.previous_open, "back", "Shift+F3"),
            Action(N_("Next open"), self.next_open, "forward", "F3", primary=True),
        ))  # fmt: skip

    def _fill_card(self) -> None:
        self.why, self.first_words, self.second_words = label("", "", wrap=True), label(), label()
        self.first, self.second = Crop(), Crop()
        self.card.body.addWidget(self.why)
        for words, crop in ((self.first_words, self.first), (self.second_words, self.second)):
            self.card.body.addWidget(words)
            self.card.body.addWidget(crop, 1)
        self.keys = QHBoxLayout()
        self.keys.setSpacing(theme.px(8))
        self.card.body.addLayout(self.keys)
        self.hint = label(_(
            "A to E or 1 to 5: one bubble is filled · N: none · Shift with letters, then Enter: several · F3: next"),
            "small", wrap=True)  # fmt: skip
        self.card.body.addWidget(self.hint)
        self.value_buttons: dict[str, QPushButton] = {}

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """The marks that wait, and those decided."""
        line = self.choice.line
        open_now = line is not None and line.state is ShiftState.OPEN
        self.closed_reason = "" if open_now else _("Marks are decided while the shift is open, before the key (p.38).")
        found = doubtful.doubtful_marks(self.app.ctx, self.shift, self.hall, decided=True)
        profile = season.profile(self.app)
        self.options = profile.options
        self.marks = {_name(mark): mark for mark in found}
        waiting = sum(mark.decided is None for mark in found)
        self.count.setText(_("{n} wait of {all}").format(n=waiting, all=len(found)))
        kept = self.current()
        self.list.selectionModel().blockSignals(True)
        self.items.clear()
        for mark in found:
            state = Mark.DUE if mark.decided is None else Mark.DONE
            item = QStandardItem(icons.mark_icon(state), self._title(mark))
            item.setData(_name(mark), _KEY)
            self.items.appendRow(item)
        self.list.selectionModel().blockSignals(False)
        self.parts.setVisible(bool(found))
        self.empty.setVisible(not found)
        self.empty.say(_("No mark is in doubt"), _("Marks come here after both passes of a hall are scanned."), "check")
        if found and not self._put(kept.serial + _place(kept) if kept else ""):
            first = next((mark for mark in found if mark.decided is None), found[0])
            self._put(_name(first))
        self._show(self.current())

    def _title(self, mark: DoubtfulMark) -> str:
        words = _("Hall {hall} · {serial} · {place}").format(
            hall=mark.hall, serial=mark.serial[-4:], place=place_words(mark.field, mark.column))  # fmt: skip
        if mark.decided is None:
            return words
        return words + " → " + ("".join(mark.decided) or _("none"))

    def current(self) -> DoubtfulMark | None:
        """The mark in front."""
        return self.marks.get(self.list.currentIndex().data(_KEY) or "")

    def _put(self, name: str) -> bool:
        for row in range(self.items.rowCount()):
            if self.items.item(row).data(_KEY) == name:
                self.list.setCurrentIndex(self.items.index(row, 0))
                return True
        return False

    def _choose(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show(self.current())

    def _show(self, mark: DoubtfulMark | None) -> None:
        self.several = []
        if mark is None:
            self.shown = ""
            return
        title = _("Sheet {serial}, hall {hall}: {place}").format(
            serial=mark.serial, hall=mark.hall, place=place_words(mark.field, mark.column))  # fmt: skip
        self.card.title.setText(title)
        self.card.title.show()
        self.why.setText(self._why(mark))
        self._values(mark)
        if _name(mark) != self.shown:
            self.shown = _name(mark)
            frame = pictures.group_in_crop(layout(season.profile(self.app)), mark.field, mark.column)
            for number, shot, words, crop in (
                (1, mark.first, self.first_words, self.first), (2, mark.second, self.second_words, self.second)
            ):  # fmt: skip
                words.setText(_("Pass {n} read: {mark}").format(n=number, mark=mark_words(shot.mark)))
                crop.show_crop(self._crop(shot, mark), frame)

    def _crop(self, shot: Shot, mark: DoubtfulMark) -> bytes:
        with self.app.guarded():
            return sheet_pictures.group_picture(
                self.app.ctx, shot.image, shot.image_page, shot.placement, mark.field, mark.column
            )
        return b""

    def _why(self, mark: DoubtfulMark) -> str:
        if mark.first.mark != mark.second.mark:
            words = _("The two passes read this mark differently.")
        elif reading.state_of(mark.first.mark) == "doubtful":
            words = _("The reader is not sure whether a bubble is filled.")
        else:
            words = _("This sheet is read by eye.")
        if mark.decided is not None:
            words += " " + _("Decided: {value}.").format(value="".join(mark.decided) or _("none"))
        return words

    def _values(self, mark: DoubtfulMark) -> None:
        clear(self.keys)
        self.value_buttons = {}
        for value in (*self._known(mark), ""):
            button = QPushButton(value or _("None (N)"), checkable=True)
            button.setProperty("kind", "chip")
            chosen = mark.decided is not None and (value in mark.decided if value else not mark.decided)
            button.setChecked(chosen)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setEnabled(not self.closed_reason)
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

    # --- deciding --------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """The keys decide while the list has the focus."""
        if watched is self.list and isinstance(event, QKeyEvent):
            if event.type() == event.Type.ShortcutOverride and self._value_of(event) is not None:
                event.accept()
                return True
            if event.type() == event.Type.KeyPress and self._key(event):
                return True
        return super().eventFilter(watched, event)

    def _value_of(self, event: QKeyEvent) -> str | None:
        """The value a key means for the mark in front, "" for none; None when it means nothing."""
        mark = self.current()
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier
        if mark is None or held != Qt.KeyboardModifier.NoModifier:
            return None
        known, sign = self._known(mark), chr(event.key()) if 32 < event.key() < 128 else ""
        if sign == "N" or event.key() == Qt.Key.Key_Minus:
            return ""
        if sign in known:
            return sign
        if sign.isdigit() and mark.field not in FIELDS and 1 <= int(sign) <= len(known):
            return known[int(sign) - 1]
        return None

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self.several) > 1:
            self.decide(tuple(self.several))
            return True
        value = self._value_of(event)
        if value is None:
            if event.text() and ord(event.text()[0]) in _CYRILLIC:
                # «В» looks like B and lies on the key of D: a guess here would be somebody's point.
                self.app.inform(_("The keyboard writes Cyrillic letters."), safe=_("Nothing was decided."),
                                next_step=_("Switch it to Latin letters, or type 1 to 5."), kind="warning")  # fmt: skip
                return True
            return False
        if value and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._toggle(value)
        else:
            self.decide((value,) if value else ())
        return True

    def _toggle(self, value: str) -> None:
        if value in self.several:
            self.several.remove(value)
        else:
            self.several.append(value)
        self.several.sort()
        for key, button in self.value_buttons.items():
            button.setChecked(key in self.several)
        self.several_button.renew()

    def decide(self, values: tuple[str, ...]) -> None:
        """Keep what a person sees, and go on to the next that waits."""
        mark = self.current()
        if mark is None or self.closed_reason:
            return
        done = False
        with self.app.guarded():
            doubtful.decide_mark(self.app.ctx, mark.serial, mark.field, mark.column, values)
            done = True
        if done:
            self.show_shift()
            self.next_open()

    def next_open(self) -> None:
        """F3: the next mark that waits."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3: the mark before, decided or not."""
        row = self.list.currentIndex().row()
        if row > 0:
            self.list.setCurrentIndex(self.items.index(row - 1, 0))
        self.list.setFocus()

    def _walk(self, by: int) -> None:
        count, row = self.items.rowCount(), self.list.currentIndex().row()
        for step in range(1, count + 1):
            place = (row + by * step) % count
            mark = self.marks.get(self.items.item(place).data(_KEY))
            if mark is not None and mark.decided is None:
                self.list.setCurrentIndex(self.items.index(place, 0))
                break
        self.list.setFocus()

    def opened(self, **where: Any) -> None:
        """`hall` shows its marks only; the keys work at once."""
        self.hall = where.get("hall", "")
        super().opened(**where)
        self.show_shift() if self.shift else None
        self.list.setFocus()

    def help_words(self) -> str:
        """What this page is for."""
        return _(
            "What the reader doubted, and what the two passes read differently, is decided by eye before the key is "
            "opened. The reading is kept beside the decision. A mark that nobody decides holds up the shift."
        )


def _place(mark: DoubtfulMark) -> str:
    return f":{mark.field}:{mark.column}"


def _name(mark: DoubtfulMark) -> str:
    return mark.serial + _place(mark)


def place_words(field: str, column: int) -> str:
    """A group of bubbles in words: the item of a subject, or the digit of a number."""
    if field in FIELDS:
        return _("{field}, digit {n}").format(field=_(FIELDS[field]), n=column + 1)
    return _("subject {subject}, item {n}").format(subject=field.removeprefix("subject"), n=column + 1)


def mark_words(mark: str) -> str:
    """A reading in words: what is filled, or may be."""
    values = " ".join(reading.values_of(mark)) if reading.state_of(mark) != "one" else mark
    return {
        "one": values, "none": _("nothing"), "many": _("several: {values}").format(values=values),
        "doubtful": _("doubtful: {values}").format(values=values or "?"),
    }[reading.state_of(mark)]  # fmt: skip
