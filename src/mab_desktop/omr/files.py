"""Read whole files and folders of pages, several at a time, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.i18n import N_
from mab_desktop.omr.batch import BatchPage, batch_pages, in_order
from mab_desktop.omr.load import PageSource
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.readers import Remote, SheetReader
from mab_desktop.omr.rules import DEFAULT_RULES, Rules


def read_page(source: PageSource, layout: SheetLayout, rules: Rules = DEFAULT_RULES) -> SheetReading:
    """Load and read one page of a file."""
    return _reader(layout, rules).read(source)


def read_files(
    paths: Sequence[Path], layout: SheetLayout, progress: Progress | None = None, *, threads: int = 0,
    rules: Rules = DEFAULT_RULES,
) -> Iterator[SheetReading]:  # fmt: skip
    """Read all pages of files and folders in order; a file that cannot be opened is a refused reading, not an end.

    `threads` 0 takes one per processor. Few pages are held in memory at a time.
    """
    progress = progress or Silent()
    pages = batch_pages(paths)
    progress.stage(N_("Reading answer sheets"), len(pages))
    reader = _reader(layout, rules)

    def read(page: BatchPage) -> SheetReading:
        if page.problem:
            return SheetReading(str(page.source.path), 1, False, (page.problem,))
        return reader.read(page.source)

    yield from in_order(pages, read, progress, threads=threads)


@lru_cache(8)
def _reader(layout: SheetLayout, rules: Rules) -> Remote:
    return Remote(SheetReader(layout, rules))
