"""Pieces of scanned sheets for people: the handwritten name, a group of bubbles, the numbers' cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.sheet import Rect, SheetLayout, layout
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile, PageSource, load_page, load_picture
from mab_desktop.omr.locate import Image
from mab_desktop.omr.overlay import crop_area, draw_overlay
from mab_desktop.omr.problems import REFUSALS, WARNINGS, PageProblem, PageRefused
from mab_desktop.omr.read import SheetReading
from mab_desktop.services import hall_sheets
from mab_desktop.services.context import Context
from mab_desktop.services.images import kept_image
from mab_desktop.services.scans import as_reading
from mab_desktop.storage.tables.exam import Reading, ScannedPage

__all__ = ["MARGIN", "ImageFile", "PagePicture", "group_picture", "name_picture", "numbers_picture", "page_picture",
           "saved_why_picture", "why_picture"]  # fmt: skip
MARGIN = 2.2  # mm around a group


@dataclass(frozen=True)
class PagePicture:
    """A page to look at: `dots` in rows without gaps, a byte each for gray, three (blue, green, red) for colour."""

    width: int
    height: int
    coloured: bool
    dots: bytes


def page_picture(image: ImageFile, image_page: int, height: int = 0) -> PagePicture | None:
    """Page `image_page` (from 1) of an image file; `height` in dots makes it small. None when it cannot be opened."""
    try:
        values = load_picture(PageSource(image, image_page), height)
    except PageRefused:
        return None
    return PagePicture(values.shape[1], values.shape[0], values.ndim == 3, values.tobytes())


def name_picture(ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float]) -> bytes:
    """A JPEG of the handwritten name; b"" when the sheet was not found in its image."""
    return _crop(image, image_page, placement, _layout(ctx).name_crop)


def group_picture(
    ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float], field: str, column: int
) -> bytes:
    """A JPEG of one group of bubbles with its neighbours; b"" when the sheet was not found in its image."""
    members = [b for b in _layout(ctx).bubbles if b.field == field and b.column == column]
    left, right = min(b.x - b.rx for b in members), max(b.x + b.rx for b in members)
    top, bottom = min(b.y - b.ry for b in members), max(b.y + b.ry for b in members)
    area = Rect(left - 3 * MARGIN, top - 1.5 * MARGIN, right - left + 4.5 * MARGIN, bottom - top + 3 * MARGIN)
    return _crop(image, image_page, placement, area)


def numbers_picture(ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float]) -> bytes:
    """A JPEG of the cells and bubbles of code, seat and variant; b"" when the sheet was not found in its image."""
    areas = [_layout(ctx).sector(number).area for number in (2, 3, 4)]
    left, top = min(a.x for a in areas) - 1, min(a.y for a in areas) - 1
    area = Rect(left, top, max(a.right for a in areas) - left + 1, max(a.bottom for a in areas) - top + 1)
    return _crop(image, image_page, placement, area)


def why_picture(ctx: Context, image: ImageFile, image_page: int, read: SheetReading) -> bytes:
    """A PNG of a page that shows what the reader saw on it: squares, marks, doubts, why it was refused.

    b"" for a file that cannot be opened as an image: there is nothing to show.
    """
    try:
        gray = _gray(image, image_page)
    except UserError:
        return b""
    turned = np.ascontiguousarray(np.rot90(gray)) if "sideways" in read.codes() else gray
    return draw_overlay(turned, read, _layout(ctx))


def saved_why_picture(ctx: Context, page: int) -> bytes:
    """The same of a saved page, from its stored reading: nothing is read again."""
    with ctx.store.read() as session:
        scanned, stored = session.get_one(ScannedPage, page), session.get_one(Reading, page)
        problems = tuple(
            PageProblem(p["code"], tuple(sorted(p["params"].items())))
            for p in stored.problems
            if p["code"] in REFUSALS or p["code"] in WARNINGS
        )
        read = replace(
            as_reading(stored.serial, stored.fields, stored.scores), ok=stored.ok, problems=problems,
            rotation=stored.rotation, placement=tuple(stored.placement), thresholds=stored.thresholds,
        )  # fmt: skip
        image, number = kept_image(ctx, scanned.image), scanned.image_page
    return why_picture(ctx, image, number, read)


def _layout(ctx: Context) -> SheetLayout:
    with ctx.store.read() as session:
        return layout(hall_sheets.exam_profile(session))


def _crop(image: ImageFile, image_page: int, placement: Sequence[float], area: Rect) -> bytes:
    if len(placement) != 9:
        return b""
    read = SheetReading(str(image), image_page, True, (), placement=tuple(placement))
    return crop_area(_gray(image, image_page), read, area)


def _gray(image: ImageFile, image_page: int) -> Image:
    try:
        return load_page(PageSource(image, image_page)).gray
    except PageRefused as error:
        raise UserError(
            N_("The kept image {name} cannot be opened."),
            next_step=N_("Restore it from the newest copy of the scans folder."), name=image.name,
        ) from error  # fmt: skip
