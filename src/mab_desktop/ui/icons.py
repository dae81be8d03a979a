"""Named icons from one open set (Phosphor, by QtAwesome): pages name what they mean, never a glyph."""

from __future__ import annotations

from functools import cache

import qtawesome
from PySide6.QtCore import QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton

from mab_desktop.ui.states import Mark

NAMES = {
    "accept": "ph.download-simple",
    "add": "ph.plus",
    "appeal": "ph.scales",
    "audit": "ph.fingerprint",
    "back": "ph.arrow-left",
    "backup": "ph.clock-counter-clockwise",
    "blocked": "ph.prohibit",
    "building": "ph.buildings",
    "calendar": "ph.calendar-blank",
    "cancel": "ph.x",
    "certificate": "ph.medal",
    "chart": "ph.chart-bar",
    "check": "ph.check",
    "chevron": "ph.caret-right",
    "clock": "ph.clock",
    "close": "ph.x",
    "code": "ph.hash",
    "columns": "ph.columns",
    "commission": "ph.users-three",
    "copy": "ph.copy",
    "correct": "ph.pencil-line",
    "database": "ph.database",
    "day": "ph.list-numbers",
    "delete": "ph.trash",
    "document": "ph.file-text",
    "done": "ph.check-circle",
    "down": "ph.caret-down",
    "drive": "ph.hard-drive",
    "due": "ph.circle-fill",
    "edit": "ph.pencil-simple",
    "envelope": "ph.envelope-simple",
    "error": "ph.warning-octagon",
    "export": "ph.upload-simple",
    "eye": "ph.eye",
    "filter": "ph.funnel-simple",
    "folder": "ph.folder",
    "forward": "ph.arrow-right",
    "gear": "ph.gear-six",
    "hall": "ph.door",
    "help": "ph.question",
    "home": "ph.house",
    "identify": "ph.identification-card",
    "info": "ph.info",
    "journal": "ph.notebook",
    "key": "ph.key",
    "keyboard": "ph.keyboard",
    "language": "ph.translate",
    "list": "ph.list-dashes",
    "lock": "ph.lock",
    "merge": "ph.git-merge",
    "next": "ph.caret-right",
    "officer": "ph.user-focus",
    "open": "ph.folder-open",
    "organisation": "ph.bank",
    "pass": "ph.ticket",
    "password": "ph.lock-key",
    "person": "ph.user",
    "plan": "ph.grid-four",
    "previous": "ph.caret-left",
    "print": "ph.printer",
    "refresh": "ph.arrow-clockwise",
    "rehearsal": "ph.flask",
    "report": "ph.clipboard-text",
    "result": "ph.clipboard",
    "save": "ph.floppy-disk",
    "scan": "ph.frame-corners",
    "search": "ph.magnifying-glass",
    "seal": "ph.circle-wavy-check",
    "seat": "ph.armchair",
    "seating": "ph.users-four",
    "sheet": "ph.article",
    "shift": "ph.timer",
    "shuffle": "ph.shuffle",
    "sign": "ph.pen-nib",
    "specialty": "ph.graduation-cap",
    "stack": "ph.stack",
    "star": "ph.star",
    "statistics": "ph.chart-line",
    "students": "ph.users",
    "subject": "ph.book-open",
    "table": "ph.table",
    "transfer": "ph.arrows-left-right",
    "undo": "ph.arrow-counter-clockwise",
    "unlock": "ph.lock-open",
    "up": "ph.caret-up",
    "variant": "ph.squares-four",
    "verify": "ph.shield-check",
    "warning": "ph.warning",
    "wrong": "ph.x-circle",
    "zoom_fit": "ph.corners-out",
    "zoom_in": "ph.magnifying-glass-plus",
    "zoom_out": "ph.magnifying-glass-minus",
}


MARKS = {
    Mark.DONE: "ph.check-circle-fill",
    Mark.DUE: "ph.circle-fill",
    Mark.LATE: "ph.warning-fill",
    Mark.BLOCKED: "ph.prohibit",
    Mark.INFO: "ph.info-fill",
}


def icon(name: str, token: str = "text") -> QIcon:
    """The icon `name` in the colour of a theme token; an unknown name raises KeyError."""
    from mab_desktop.ui import theme

    return _drawn(NAMES[name], theme.colour(token), theme.colour("text_disabled"))


def mark_icon(mark: Mark) -> QIcon:
    """The shape of a mark in its colour; nothing for Mark.NONE."""
    from mab_desktop.ui import theme

    if mark is Mark.NONE:
        return QIcon()
    strong = theme.mark_colour(mark).name()
    return _drawn(MARKS[mark], strong, strong)


def mark_or_room(mark: Mark, pixels: int = 18) -> QIcon:
    """The shape of a mark, or as much room as it takes: words of a list stand below each other, and wrap alike."""
    from mab_desktop.ui import theme

    if mark is not Mark.NONE:
        return mark_icon(mark)
    side = theme.px(pixels)
    room = QPixmap(side, side)
    room.fill(Qt.GlobalColor.transparent)
    return QIcon(room)


def pixmap(icon: QIcon, pixels: int) -> QPixmap:
    """An icon as a picture of `pixels` at 100 per cent, at the scale of now."""
    from mab_desktop.ui import theme

    side = theme.px(pixels)
    return icon.pixmap(QSize(side, side))


def button(name: str, words: str) -> QPushButton:
    """A flat button with only a picture on it: the words are its tooltip and what a screen reader says."""
    made = QPushButton(icon(name), "")
    made.setProperty("kind", "flat")
    made.setToolTip(words)
    made.setAccessibleName(words)
    return made


class _Kept(QIconEngine):
    """An icon whose pictures are drawn once for each size: QtAwesome sets a glyph anew at every painting."""

    def __init__(self, drawn: QIcon) -> None:
        super().__init__()
        self._drawn, self._pictures = drawn, dict[tuple[int, int, QIcon.Mode, QIcon.State], QPixmap]()

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Put the picture in its place."""
        size = (QSizeF(rect.size()) * painter.device().devicePixelRatio()).toSize()
        painter.drawPixmap(rect, self.pixmap(size, mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The picture of so many pixels of the screen, drawn when it is first asked for."""
        key = (size.width(), size.height(), mode, state)
        if key not in self._pictures:
            self._pictures[key] = self._drawn.pixmap(size, 1.0, mode, state)
        return self._pictures[key]

    def clone(self) -> QIconEngine:
        """Another icon of the same pictures."""
        return _Kept(self._drawn)


@cache
def _drawn(glyph: str, colour: str, disabled: str) -> QIcon:
    return QIcon(_Kept(qtawesome.icon(glyph, color=colour, color_disabled=disabled)))
