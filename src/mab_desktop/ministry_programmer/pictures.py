"""Scanned pages as pictures to look at: whole or small, and places of the sheet as boxes on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.i18n import N_
from mab_desktop.services import sheet_pictures
from mab_desktop.services.sheet_pictures import MARGIN, ImageFile
from mab_desktop.ui.image_review import Box
from mab_desktop.ui.states import Mark

IMAGES = N_("Images (*.jpg *.jpeg *.png *.tif *.tiff *.pdf *.bmp *.webp *.gif *.jp2 *.j2k)")
_MARGIN = 0.9  # mm around a group of bubbles


def page_picture(image: ImageFile, page: int, height: int = 0) -> QImage:
    """Page `page` (from 1) of an image file; `height` in pixels makes it small. Null when it cannot be opened."""
    found = sheet_pictures.page_picture(image, page, height)
    if found is None:
        return QImage()
    shape = QImage.Format.Format_BGR888 if found.coloured else QImage.Format.Format_Grayscale8
    stride = found.width * (3 if found.coloured else 1)
    return QImage(found.dots, found.width, found.height, stride, shape).copy()


def upright(image: QImage, rotation: int) -> QImage:
    """The picture turned as the reader turned it."""
    return image.flipped(Qt.Orientation.Horizontal | Qt.Orientation.Vertical) if rotation == 180 else image


def pixel(placement: Sequence[float], x: float, y: float) -> tuple[float, float]:
    """Where a point of the sheet (mm) lies on the image (pixels)."""
    a, b, c, d, e, f, g, h, i = placement
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def group_box(
    layout: SheetLayout, placement: Sequence[float], field: str, column: int, mark: Mark = Mark.DUE, words: str = ""
) -> Box | None:
    """The outline of a group of bubbles on its image; None when the sheet was not found there."""
    members = [bubble for bubble in layout.bubbles if bubble.field == field and bubble.column == column]
    if len(placement) != 9 or not members:
        return None
    corners = [
        pixel(placement, bubble.x + sx * (bubble.rx + _MARGIN), bubble.y + sy * (bubble.ry + _MARGIN))
        for bubble in members for sx in (-1, 1) for sy in (-1, 1)
    ]  # fmt: skip
    return _around(corners, mark, words)


def group_in_crop(layout: SheetLayout, field: str, column: int) -> tuple[float, float, float, float]:
    """Where the group itself lies in `sheet_pictures.group_picture`: left, top, width, height as shares of the crop.

    The crop shows the neighbours too, and a person must see which row is asked about.
    """
    box, area = sheet_pictures.group_box(layout, field, column), sheet_pictures.group_area(layout, field, column)
    gap = 0.25 * MARGIN
    return (
        (box.x - gap - area.x) / area.width, (box.y - gap - area.y) / area.height, (box.width + 2 * gap) / area.width,
        (box.height + 2 * gap) / area.height,
    )  # fmt: skip


def _around(points: Iterable[tuple[float, float]], mark: Mark, words: str) -> Box:
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), mark, words)
