"""Colours, type and spacing as tokens, and the one stylesheet made of them (see docs/design.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fontpkg_pt_sans import ROOT as PT_SANS
from PySide6.QtCore import QSize, QTemporaryDir
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from mab_desktop.ui.states import Mark
from mab_desktop.ui.stylesheet import SHEET

BASE_POINTS = 10.5
SCALES = (90, 100, 110, 125, 150, 175, 200)
LIGHT = {
    "window": "#F3F5F8", "surface": "#FFFFFF", "surface_alt": "#F7F9FB", "rail": "#E9EDF2", "line": "#D3D9E1",
    "line_strong": "#7D8898", "text": "#1A2231", "text_muted": "#525D6E", "text_disabled": "#7A8494",
    "accent": "#1B5CA6", "accent_hover": "#154B89", "on_accent": "#FFFFFF", "accent_soft": "#E1ECF8",
    "focus": "#1B5CA6", "done": "#1A6637", "done_soft": "#E2F2E7", "due": "#834D00", "due_soft": "#FCEFD6",
    "late": "#A5231A", "late_soft": "#FBE7E5", "info": "#1B5CA6", "info_soft": "#E1ECF8", "blocked": "#4B5565",
    "blocked_soft": "#E6EAEF", "tooltip": "#1A2231", "on_tooltip": "#FFFFFF",
}  # fmt: skip
DARK = {
    "window": "#14181E", "surface": "#1C2128", "surface_alt": "#222830", "rail": "#181C23", "line": "#363E49",
    "line_strong": "#7B8695", "text": "#E9ECF1", "text_muted": "#AEB7C3", "text_disabled": "#7A8491",
    "accent": "#82B4F0", "accent_hover": "#A3C9F7", "on_accent": "#0B1A2C", "accent_soft": "#22364F",
    "focus": "#82B4F0", "done": "#7CCB95", "done_soft": "#1B3525", "due": "#EDBB66", "due_soft": "#3A2C12",
    "late": "#F79A90", "late_soft": "#43201D", "info": "#82B4F0", "info_soft": "#22364F", "blocked": "#B4BDC9",
    "blocked_soft": "#2B323C", "tooltip": "#E9ECF1", "on_tooltip": "#14181E",
}  # fmt: skip

# Every foreground on every background it is used on; a test computes 4.5:1 for all of them in both palettes.
PAIRS = (
    *(("text", ground) for ground in ("window", "surface", "surface_alt", "rail", "accent_soft", "blocked_soft")),
    *(("text_muted", ground) for ground in ("window", "surface", "surface_alt", "rail", "accent_soft")),
    *(("accent", ground) for ground in ("window", "surface", "surface_alt", "rail", "accent_soft")),
    *((mark, f"{mark}_soft") for mark in ("done", "due", "late", "info", "blocked")),
    *(
        (mark, ground)
        for mark in ("done", "due", "late", "info", "blocked")
        for ground in ("window", "surface", "rail")
    ),
    *(("text", f"{mark}_soft") for mark in ("done", "due", "late", "info")),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("surface", "late"),
    ("on_tooltip", "tooltip"),
)
MARK_TOKENS = {
    Mark.NONE: "text_muted",
    Mark.DONE: "done",
    Mark.DUE: "due",
    Mark.LATE: "late",
    Mark.BLOCKED: "blocked",
    Mark.INFO: "info",
}

_Widget = TypeVar("_Widget", bound=QWidget)


@dataclass
class _Now:
    dark: bool = False
    scale: int = 100
    tokens: dict[str, str] | None = None
    family: str = "PT Sans"
    images: QTemporaryDir | None = None


_now = _Now(tokens=LIGHT)


def colour(token: str) -> str:
    """The hex value of a token in the theme of now."""
    assert _now.tokens is not None
    return _now.tokens[token]


def qcolour(token: str) -> QColor:
    """A token as a QColor."""
    return QColor(colour(token))


def mark_colour(mark: Mark) -> QColor:
    """The strong colour of a mark."""
    return qcolour(MARK_TOKENS[mark])


def mark_ink(mark: Mark) -> QColor:
    """The strong colour of a mark on white paper (scans), the same in both palettes."""
    return QColor(LIGHT[MARK_TOKENS[mark]])


def named(widget: _Widget, name: str) -> _Widget:
    """The widget, under the name by which the stylesheet and the tests know it."""
    widget.setObjectName(name)
    return widget


def px(pixels: float) -> int:
    """A length of the 4-pixel grid at the scale of now."""
    return round(pixels * _now.scale / 100)


def icon_size(pixels: int = 18) -> QSize:
    """A square for an icon at the scale of now."""
    return QSize(px(pixels), px(pixels))


def font(points: float = BASE_POINTS, *, bold: bool = False) -> QFont:
    """The interface's type at the scale of now; its digits are tabular."""
    made = QFont(_now.family)
    made.setPointSizeF(points * _now.scale / 100)
    made.setBold(bold)
    return made


def is_dark() -> bool:
    """True in the dark palette."""
    return _now.dark


def scale() -> int:
    """The scale of now in per cent."""
    return _now.scale


def apply(app: QApplication, *, dark: bool = False, scale: int = 100) -> None:
    """Put the theme on the whole application; `scale` in per cent, 90 to 200."""
    _now.dark, _now.scale, _now.tokens = dark, min(200, max(90, scale)), DARK if dark else LIGHT
    _load_fonts()
    app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(_palette())
    app.setStyleSheet(stylesheet())


def _load_fonts() -> None:
    if "PT Sans" in QFontDatabase.families():
        return
    for file in sorted(Path(PT_SANS, "files").glob("*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        families = QFontDatabase.applicationFontFamilies(number)
        if families and "Regular" in file.name:
            _now.family = families[0]


def _palette() -> QPalette:
    made = QPalette()
    roles = QPalette.ColorRole
    for role, token in (
        (roles.Window, "window"), (roles.WindowText, "text"), (roles.Base, "surface"), (roles.Text, "text"),
        (roles.AlternateBase, "surface_alt"), (roles.Button, "surface"), (roles.ButtonText, "text"),
        (roles.Highlight, "accent"), (roles.HighlightedText, "on_accent"), (roles.ToolTipBase, "tooltip"),
        (roles.ToolTipText, "on_tooltip"), (roles.PlaceholderText, "text_muted"), (roles.Link, "accent"),
        (roles.Accent, "accent"),
    ):  # fmt: skip
        made.setColor(role, qcolour(token))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, qcolour("text_disabled"))
    return made


def stylesheet() -> str:
    """The whole stylesheet with the tokens, lengths and images of now filled in."""
    text = SHEET
    for name, value in sorted({**_tokens(), **_images()}.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(f"@{name}", value)
    for pixels in range(48, 0, -1):
        text = text.replace(f"#{pixels}px", f"{max(1, px(pixels))}px")
    return text


def _tokens() -> dict[str, str]:
    assert _now.tokens is not None
    points = {"small": 9.0, "base": BASE_POINTS, "section": 12.0, "title": 16.0, "large": 20.0}
    sizes = {f"{name}_type": f"{size * _now.scale / 100:.1f}pt" for name, size in points.items()}
    return {**_now.tokens, **sizes, "typeface": _now.family}


def _images() -> dict[str, str]:
    """Stylesheets take arrows and ticks only from files: draw them into a folder of this run."""
    from mab_desktop.ui import icons

    if _now.images is None:
        _now.images = QTemporaryDir()
    found = {}
    for name, token in (("down", "text_muted"), ("check", "on_accent"), ("up", "text_muted")):
        file = Path(_now.images.path(), f"{name}-{'dark' if _now.dark else 'light'}-{_now.scale}.png")
        if not file.exists():
            side = px(14)
            icons.icon(name, token).pixmap(QSize(side, side), 1.0).save(str(file))
        found[f"image_{name}"] = f'url("{file.as_posix()}")'  # quoted: the folder of a user may have spaces
    return found
