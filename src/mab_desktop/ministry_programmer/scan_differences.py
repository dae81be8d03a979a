"""The list of what two passes of an envelope read differently, settled by eye from both pictures, by keys (p.38)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QGridLayout, QListView, QPushButton, QVBoxLayout, QWidget

from mab_desktop.domain.sheet import layout
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import mark_keys, pictures, season
from mab_desktop.ministry_programmer.crop import Crop
from mab_desktop.ministry_programmer.mark_words import mark_words, place_words
from mab_desktop.services import doubtful, sheet_pictures
from mab_desktop.services.doubtful import Shot
from mab_desktop.services.pass_differences import Difference, pass_differences
from mab_desktop.ui import icons, theme
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import clear, label, split
from mab_desktop.ui.states import Mark
from mab_desktop.ui.wrapped_lines import wrap_lines

IN_A_ROW = 6  # values of a group beside each other; digits take two rows
_KEY = Qt.ItemDataRole.UserRole + 1
_OTHER = {"shift": N_("Shift"), "hall": N_("Hall"), "language": N_("Language of the test"),
          "foreign_language": N_("Foreign language")}  # fmt: skip


class DifferencesView(QWidget):
    """The list left, both pictures of one difference right; a key decides and goes on. `closed` says why not, or ""."""

    settled = Signal()

    def __init__(self, app: AppContext, closed: Callable[[], str]) -> None:
        super().__init__()
        self.app, self._closed = app, closed
        self.shift, self.hall = 0, ""
        self.found: dict[str, Difference] = {}
        self.several: list[str] = []
        self._crops: dict[tuple[str, str], bytes] = {}
        self.list = QListView()
        wrap_lines(self.list, 18)
        self.list.setMinimumWidth(theme.px(190))
        self.list.setAccessibleName(_("Differences of the two passes"))
        self.items = QStandardItemModel(self)
        self.list.setModel(self.items)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.installEventFilter(self)
        self.summary = label("", "muted", wrap=True)
        self.first, self.second = Crop(), Crop()
        self.title, self.why = label("", "section", wrap=True), label("", "", wrap=True)
        self.first_words, self.second_words = label("", "", wrap=True), label("", "", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.summary)
        self.parts = split(self.list, self._card(), stretches=(3, 6))
        column.addWidget(self.parts, 1)

    def _card(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.title)
        column.addWidget(self.why)
        for words, crop in ((self.first_words, self.first), (self.second_words, self.second)):
            column.addWidget(words)
            column.addWidget(crop, 1)
        self.keys = QGridLayout()
        self.keys.setSpacing(theme.px(4))
        self.keys.setColumnStretch(IN_A_ROW + 2, 1)
        column.addLayout(self.keys)
        self.hint = label("", "small", wrap=True)
        column.addWidget(self.hint)
        self.value_buttons: dict[str, QPushButton] = {}
        return made

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_hall(self, shift: int, hall: str) -> None:
        """The differences of a hall; the cursor stays, else it goes to the first that waits."""
        kept = self.list.currentIndex().data(_KEY)
        if (shift, hall) != (self.shift, self.hall):
            kept, self._crops = None, {}
        self.shift, self.hall = shift, hall
        lines = pass_differences(self.app.ctx, shift, hall) if hall else []
        self.found = {_name(one): one for one in lines}
        self.list.selectionModel().blockSignals(True)
        self.items.clear()
        for one in lines:
            item = QStandardItem(icons.mark_icon(_stands(one)), _line(one))
            item.setData(_name(one), _KEY)
            self.items.appendRow(item)
        self.list.selectionModel().blockSignals(False)
        self.parts.setVisible(bool(lines))
        waiting = sum(one.open for one in lines)
        self.summary.setText(
            _("{n} marks of {sheets} sheets were read differently; {open} wait for an eye.").format(
                n=len(lines), sheets=len({one.mark.serial for one in lines}), open=waiting)
            if lines else _("Both passes read every bubble alike.")
        )  # fmt: skip
        wanted = kept if kept in self.found else next((_name(one) for one in lines if one.open), None)
        self._put(wanted or (next(iter(self.found)) if self.found else ""))
        self._show(self.current())

    def current(self) -> Difference | None:
        """The difference in front."""
        return self.found.get(self.list.currentIndex().data(_KEY) or "")

    def _put(self, name: str) -> None:
        for row in range(self.items.rowCount()):
            if self.items.item(row).data(_KEY) == name:
                self.list.setCurrentIndex(self.items.index(row, 0))

    def _choose(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show(self.current())

    def _show(self, one: Difference | None) -> None:
        clear(self.keys)
        self.value_buttons, self.several = {}, []
        if one is None:
            return
        mark = one.mark
        self.title.setText(_("Sheet {serial}, place {n}: {place}").format(
            serial=mark.serial, n=one.position, place=_place(mark.field, mark.column)))  # fmt: skip
        self.why.setText(_how(one))
        frame = pictures.group_in_crop(layout(season.profile(self.app)), mark.field, mark.column)
        for number, shot, words, crop in (
            (1, mark.first, self.first_words, self.first), (2, mark.second, self.second_words, self.second)
        ):  # fmt: skip
            words.setText(_("Pass {n} read: {mark}").format(n=number, mark=mark_words(shot.mark)))
            crop.show_crop(self._crop(shot, one), frame)
        if one.decidable and not self._closed():
            self._values(one)
        known = self._known(one)
        self.hint.setText(
            self._closed() or (_(
                "{first} to {last}: one bubble is filled · N: none · Shift with keys, then Enter: several · F3: next"
            ).format(first=known[0], last=known[-1]) if one.decidable else "")
        )  # fmt: skip

    def _crop(self, shot: Shot, one: Difference) -> bytes:
        """The piece of the page; opened once, however often a decision lets the list be shown anew."""
        key = _name(one), f"{shot.image}:{shot.image_page}"
        if key not in self._crops:
            with self.app.guarded():
                self._crops[key] = sheet_pictures.group_picture(
                    self.app.ctx, shot.image, shot.image_page, shot.placement, one.mark.field, one.mark.column
                )
        return self._crops.get(key, b"")

    def _values(self, one: Difference) -> None:
        for place, value in enumerate((*self._known(one), "")):
            button = QPushButton(value or _("None (N)"))
            button.setCheckable(True)
            button.setProperty("kind", "chip")
            decided = one.mark.decided
            button.setChecked(decided is not None and (value in decided if value else not decided))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _on, value=value: self.decide((value,) if value else ()))
            self.value_buttons[value] = button
            row, column = divmod(place, IN_A_ROW)
            self.keys.addWidget(button, row, column, 1, 1 if value else 2)

    def _known(self, one: Difference) -> tuple[str, ...]:
        form = layout(season.profile(self.app))
        return tuple(b.value for b in form.bubbles if (b.field, b.column) == (one.mark.field, one.mark.column))

    # --- deciding --------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """The keys decide while the list has the focus."""
        one = self.current()
        if watched is self.list and isinstance(event, QKeyEvent) and one is not None and one.decidable:
            value = mark_keys.value_of(event, self._known(one))
            if event.type() == event.Type.ShortcutOverride and value is not None:
                event.accept()
                return True
            if event.type() == event.Type.KeyPress and self._key(event, value):
                return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, value: str | None) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and len(self.several) > 1:
            self.decide(tuple(self.several))
            return True
        if value and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._toggle(value)
            return True
        if value is not None:
            self.decide((value,) if value else ())
            return True
        if mark_keys.is_cyrillic(event):
            self.app.inform(_("The keyboard writes Cyrillic letters."), safe=_("Nothing was decided."),
                            next_step=_("Switch it to Latin letters, or type 1 to 5."), kind="warning")  # fmt: skip
            return True
        return False

    def _toggle(self, value: str) -> None:
        """Shift with a key: one of several bubbles that are filled."""
        self.several = sorted(set(self.several) ^ {value})
        for key, button in self.value_buttons.items():
            button.setChecked(key in self.several)

    def decide(self, values: tuple[str, ...]) -> None:
        """Keep what a person sees, and go on to the next that waits."""
        one = self.current()
        if one is None or self._closed() or not one.decidable:
            return
        mark, done = one.mark, False
        with self.app.guarded():
            doubtful.decide_mark(self.app.ctx, mark.serial, mark.field, mark.column, values)
            done = True
        if done:
            self.show_hall(self.shift, self.hall)
            self.next_open()
            self.settled.emit()

    def next_open(self) -> bool:
        """F3: the next difference that waits; False when none does."""
        count, row = self.items.rowCount(), self.list.currentIndex().row()
        for step in range(1, count + 1):
            place = (row + step) % count
            if self.found[self.items.item(place).data(_KEY)].open:
                self.list.setCurrentIndex(self.items.index(place, 0))
                self.list.setFocus()
                return True
        return False


def _name(one: Difference) -> str:
    return f"{one.mark.serial}:{one.mark.field}:{one.mark.column}"


def _place(field: str, column: int) -> str:
    if field in _OTHER:
        return _("{field}, digit {n}").format(field=_(_OTHER[field]), n=column + 1)
    return place_words(field, column)


def _stands(one: Difference) -> Mark:
    return Mark.DUE if one.open else Mark.DONE


def _line(one: Difference) -> str:
    mark = one.mark
    place, first, second = _place(mark.field, mark.column), mark_words(mark.first.mark), mark_words(mark.second.mark)
    words = f"{one.position}. {mark.serial[-4:]} · {place}: {first} / {second}"
    return words if one.open or one.speck else f"{words} → {mark_words(one.counts)}"


def _how(one: Difference) -> str:
    if one.open:
        return _("The two passes read this mark differently. Look at both pictures and say what is filled.")
    if one.speck:
        return _("Nobody filled this sheet in, and one pass saw a speck on it: it counts for nothing. Whoever sees a "
                 "mark there says which.")
    if one.mark.decided is not None:
        return _("Decided by eye: {value}. Another key decides it anew.").format(value=mark_words(one.counts))
    return _("Settled by the mean of both pictures: {value}.").format(value=mark_words(one.counts))
