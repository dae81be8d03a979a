"""Pieces of scanned sheets for people: the handwritten name, a group of bubbles, the numbers' cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

__all__ = ["MARGIN", "ImageFile", "PagePicture", "group_area", "group_box", "group_picture", "group_pictures",
           "identity_pictures", "name_picture", "page_picture", "saved_why_picture",
           "why_picture", "written_name"]  # fmt: skip
MARGIN = 2.2  # mm beside a group
CONTEXT = 16.0  # mm of the neighbours before and after it: three rows tell how this hand fills in bubbles
CLOSE_DPI = 220  # of a piece that is judged bubble by bubble


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


def written_name(ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float]) -> bytes:
    """A JPEG of the name's cells alone, for a narrow column of a paper: the printed words beside them say nothing."""
    rows = [cells for cells in _layout(ctx).cells if cells.number == 1]
    left, top = min(r.x for r in rows), min(r.y for r in rows)
    right, bottom = max(r.x + r.width * r.count for r in rows), max(r.y + r.height for r in rows)
    area = Rect(left - 0.8, top - 0.8, right - left + 1.6, bottom - top + 1.6)
    return _crop(image, image_page, placement, area, CLOSE_DPI)


def identity_pictures(
    ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float]
) -> tuple[bytes, bytes]:
    """JPEGs of the name and of the cells and bubbles of code, seat and variant; b"" for a sheet that was not found."""
    form = _layout(ctx)
    if len(placement) != 9:
        return b"", b""
    gray = _gray(image, image_page)
    read = SheetReading(str(image), image_page, True, (), placement=tuple(placement))
    return crop_area(gray, read, form.name_crop), crop_area(gray, read, _numbers_area(form))


def group_picture(
    ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float], field: str, column: int
) -> bytes:
    """A JPEG of one group of bubbles with its neighbours; b"" when the sheet was not found in its image."""
    form = _layout(ctx)
    return _crop(image, image_page, placement, group_area(form, field, column), CLOSE_DPI)


def group_pictures(
    ctx: Context, image: ImageFile, image_page: int, placement: Sequence[float], groups: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], bytes]:
    """The same of several groups of a sheet, its image opened once."""
    form = _layout(ctx)
    if len(placement) != 9:
        return dict.fromkeys(groups, b"")
    gray = _gray(image, image_page)
    read = SheetReading(str(image), image_page, True, (), placement=tuple(placement))
    return {group: crop_area(gray, read, group_area(form, *group), CLOSE_DPI) for group in groups}


def group_box(form: SheetLayout, field: str, column: int) -> Rect:
    """Where the bubbles of one group lie on the sheet, in millimetres."""
    members = [b for b in form.bubbles if b.field == field and b.column == column]
    left, right = min(b.x - b.rx for b in members), max(b.x + b.rx for b in members)
    top, bottom = min(b.y - b.ry for b in members), max(b.y + b.ry for b in members)
    return Rect(left, top, right - left, bottom - top)


def group_area(form: SheetLayout, field: str, column: int) -> Rect:
    """What `group_picture` shows: the group, the item's number before it, and the neighbours on both sides."""
    box = group_box(form, field, column)
    if box.width >= box.height:
        return Rect(box.x - 3 * MARGIN, box.y - CONTEXT, box.width + 4.5 * MARGIN, box.height + 2 * CONTEXT)
    return Rect(box.x - CONTEXT, box.y - 3 * MARGIN, box.width + 2 * CONTEXT, box.height + 4.5 * MARGIN)


def why_picture(ctx: Context, image: ImageFile, image_page: int, read: SheetReading) -> bytes:
    """A PNG of what the reader saw on a page: squares, marks, doubts. Why it was refused is said beside it.

    b"" for a file that cannot be opened as an image: there is nothing to show.
    """
    try:
        gray = _gray(image, image_page)
    except UserError:
        return b""
    return draw_overlay(gray, read, _layout(ctx))


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


def _numbers_area(form: SheetLayout) -> Rect:
    areas = [form.sector(number).area for number in (2, 3, 4)]
    left, top = min(a.x for a in areas) - 1, min(a.y for a in areas) - 1
    return Rect(left, top, max(a.right for a in areas) - left + 1, max(a.bottom for a in areas) - top + 1)


def _crop(image: ImageFile, image_page: int, placement: Sequence[float], area: Rect, dpi: int = 150) -> bytes:
    if len(placement) != 9:
        return b""
    read = SheetReading(str(image), image_page, True, (), placement=tuple(placement))
    return crop_area(_gray(image, image_page), read, area, dpi)


def _gray(image: ImageFile, image_page: int) -> Image:
    try:
        return load_page(PageSource(image, image_page)).gray
    except PageRefused as error:
        raise UserError(
            N_("The kept image {name} cannot be opened."),
            next_step=N_("Restore it from the newest copy of the scans folder."), name=image.name,
        ) from error  # fmt: skip
