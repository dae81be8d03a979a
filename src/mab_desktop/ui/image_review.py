"""Scans to look at: an image with boxes outlined, zoom, and a strip of thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from mab_desktop.ui.states import Mark

Picture = QImage | bytes | Path  # bytes: PNG or JPEG


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the image, in its pixels."""

    x: float
    y: float
    width: float
    height: float
    mark: Mark = Mark.INFO
    label: str = ""


@dataclass(frozen=True, slots=True)
class Thumb:
    """One picture of the strip; `title` is shown under it."""

    key: str
    picture: Picture
    title: str = ""
    mark: Mark = Mark.NONE


# ImageView(parent).show_picture(picture, boxes=()) ; .focus_box(i) ; .zoom_in/.zoom_out/.fit ; signal box_chosen(int)
# ThumbStrip(parent).show_thumbs(list[Thumb]) ; .choose(key) ; signal thumb_chosen(str)
