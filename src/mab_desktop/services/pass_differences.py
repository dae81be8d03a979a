"""What two passes of an envelope read differently, bubble by bubble: the list that a person settles by eye (p.38)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from mab_desktop.domain import reading
from mab_desktop.domain.organisation import Role
from mab_desktop.services import hall_sheets
from mab_desktop.services.context import Context, require
from mab_desktop.services.doubtful import DoubtfulMark, Shot
from mab_desktop.services.images import kept_image
from mab_desktop.storage.tables.exam import AnswerSheet, Reading, ScannedPage


@dataclass(frozen=True)
class Difference:
    """A group of bubbles that the passes read differently, of the sheet at place `position`.

    `counts` is the mark that stands now: a decision, else what the mean of both passes gives; `open` while that is in
    doubt, so that a person must look. A speck on a sheet that nobody `used` waits for nobody.
    """

    mark: DoubtfulMark
    position: int
    counts: str
    used: bool = True

    @property
    def open(self) -> bool:
        """Whether it waits for an eye."""
        return self.used and self._in_doubt

    @property
    def speck(self) -> bool:
        """Whether it is in doubt, but on a sheet that nobody used."""
        return not self.used and self._in_doubt

    @property
    def _in_doubt(self) -> bool:
        return self.mark.decided is None and reading.state_of(self.counts) == "doubtful"

    @property
    def decidable(self) -> bool:
        """Whether a person may decide it: what the mean of both passes settled was read without doubt."""
        return reading.state_of(self.mark.read) == "doubtful"


def pass_differences(ctx: Context, shift: int, hall: str) -> list[Difference]:
    """Every difference of a hall whose passes hold the same sheets, in the envelope's order."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        known = hall_sheets.decided(session, shift, hall)
        differing = select(AnswerSheet.serial).where(
            AnswerSheet.shift == shift, AnswerSheet.hall == hall, AnswerSheet.differing > 0
        )
        wanted = set(session.scalars(differing))
        if not wanted:
            return []
        sheets = [s for s in hall_sheets.sheets(session, shift, hall, known)[hall] if s.serial in wanted]
        ids = {page for sheet in sheets for page in (sheet.page1, sheet.page2)}
        query = select(ScannedPage, Reading).join(Reading, Reading.page == ScannedPage.id)
        pages = {page.id: (page, read) for page, read in session.execute(query.where(ScannedPage.id.in_(ids)))}
        return [one for sheet in sheets for one in _of_sheet(ctx, sheet, pages, known)]


def _of_sheet(
    ctx: Context, sheet: hall_sheets.Sheet, pages: dict[int, tuple[ScannedPage, Reading]], known: hall_sheets.Decided
) -> Iterator[Difference]:
    seen = [_marks(sheet, page, pages, known) for page in (sheet.page1, sheet.page2)]
    for field, column in reading.differences(*seen):
        shots = [
            Shot(kept_image(ctx, page.image), page.image_page, tuple(read.placement), marks[field][column])
            for marks, (page, read) in zip(seen, (pages[sheet.page1], pages[sheet.page2]), strict=True)
        ]
        decided = known.marks.get(sheet.serial, {}).get((field, column))
        mark = DoubtfulMark(
            sheet.serial, sheet.hall, field, column, sheet.read[field][column], shots[0], shots[1], decided
        )
        used = sheet.used and sheet.serial not in known.unused
        yield Difference(mark, sheet.position, sheet.marks[field][column], used)


def _marks(
    sheet: hall_sheets.Sheet, page: int, pages: dict[int, tuple[ScannedPage, Reading]], known: hall_sheets.Decided
) -> reading.Marks:
    """A pass's marks; of a page that is read by eye every one is in doubt."""
    if page in known.by_eye:
        return reading.all_doubtful({field: len(columns) for field, columns in sheet.read.items()})
    fields: reading.Marks = pages[page][1].fields
    return fields
