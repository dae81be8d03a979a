"""Entries of a list on as many lines as their words need: Qt measures them on one line and cuts the rest."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from mab_desktop.ui import theme


class _Wrapped(QStyledItemDelegate):
    def __init__(self, shown: QListView) -> None:
        super().__init__(shown)
        self._list = shown

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        role, beside = Qt.ItemDataRole, theme.px(24)
        if index.data(role.DecorationRole):
            beside += self._list.iconSize().width() + theme.px(8)
        room = QRect(0, 0, self._list.viewport().width() - beside, 9999)
        letters = QFontMetrics(index.data(role.FontRole) or theme.font())
        words = letters.boundingRect(room, int(Qt.TextFlag.TextWordWrap), index.data() or "")
        return QSize(super().sizeHint(option, index).width(), max(theme.px(30), words.height() + theme.px(10)))


def wrap_lines(shown: QListView, icon: int) -> None:
    """Make the list wrap, measured anew when its width changes; `icon` is the side of its icons at 100 per cent."""
    shown.setItemDelegate(_Wrapped(shown))
    shown.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    shown.setWordWrap(True)
    shown.setTextElideMode(Qt.TextElideMode.ElideNone)
    shown.setResizeMode(QListView.ResizeMode.Adjust)
    shown.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    shown.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    shown.setIconSize(theme.icon_size(icon))
