"""The pages of a run before it is saved: each read once, with its small picture; their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mab_desktop.domain import reading
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.omr.load import ImageFile, PageSource, load_page
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.thumbnail import thumbnail
from mab_desktop.services.covers import Cover
from mab_desktop.services.scans import Seen, second_look, spelled


@dataclass(frozen=True)
class StagedPage:
    """A page of the run. `key` never changes, `position` counts the sheets from 1 (a cover has 0).

    `seen` is None while the page waits to be read. `doubts` counts groups of bubbles that a person must decide.
    """

    key: int
    position: int
    image: ImageFile
    image_page: int
    origin: str = ""
    seen: Seen | None = None
    picture: bytes = b""
    height_by_width: float = 0.0
    used: bool = False
    doubts: int = 0
    foreign: UserError | None = None

    @property
    def cover(self) -> Cover | None:
        """The cover that this page is, if it is one."""
        return self.seen.cover if self.seen else None

    @property
    def read(self) -> SheetReading | None:
        """What the reader saw, None while it waits."""
        return self.seen.read if self.seen else None

    @property
    def serial(self) -> str:
        """The sheet's serial, "" when nobody knows it yet."""
        return self.seen.read.serial if self.seen else ""

    @property
    def turned(self) -> bool:
        """Whether the sheet lay upside down; it was read as if it had not."""
        return self.seen is not None and self.seen.read.rotation == 180

    @property
    def refused(self) -> bool:
        """Whether the reader refused the page by name."""
        return self.seen is not None and self.seen.cover is None and not self.seen.read.ok

    @property
    def two_sheets(self) -> bool:
        """Whether the reader saw parts of two sheets."""
        return self.seen is not None and "two-sheets" in self.seen.read.codes()


@dataclass(frozen=True)
class Counts:
    """The numbers of a run; `expected` is None until it is known whose envelope it is.

    `turned` pages lay upside down; `speed`: pages a minute.
    """

    expected: int | None
    fed: int
    read: int
    used: int
    unused: int
    refused: int
    doubtful: int
    doubts: int
    nameless: int
    turned: int
    speed: int


def read_staged(page: StagedPage, form: SheetLayout) -> StagedPage:
    """The page with all that is known once its image was read."""
    image, number = page.image, page.image_page
    try:
        loaded = load_page(PageSource(image, number))
    except PageRefused as refused:
        return replace(page, seen=Seen(SheetReading(str(image), number, False, (refused.problem,))))
    read = read_image(loaded.gray, form, file=str(image), page=number, dpi=loaded.dpi, bilevel=loaded.bilevel)
    seen = second_look(read, form, loaded.gray)
    marks = spelled(seen.read.fields)
    height, width = loaded.gray.shape
    return replace(
        page, seen=seen, picture=thumbnail(loaded.gray, upside_down=read.rotation == 180),
        height_by_width=max(height, width) / min(height, width), used=bool(marks) and reading.is_used(marks),
        doubts=sum(1 for _ in reading.doubtful(marks)),
    )  # fmt: skip


def count_pages(pages: Iterable[StagedPage], expected: int | None, speed: int) -> Counts:
    """The numbers of a run; covers are no sheets, and foreign pages none of this envelope."""
    sheets = [page for page in pages if page.cover is None and page.foreign is None]
    read = [page for page in sheets if page.seen is not None]
    good = [page for page in read if not page.refused]
    return Counts(
        expected, len(sheets), len(read), sum(page.used for page in good), sum(not page.used for page in good),
        len(read) - len(good), sum(page.doubts > 0 for page in good), sum(page.doubts for page in good),
        sum(not page.serial for page in good), sum(page.turned for page in good), speed,
    )  # fmt: skip
