"""Many pages by several threads, given back in order with few in memory at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2

from mab_desktop.domain.progress import Progress
from mab_desktop.omr.load import SUFFIXES, PageSource, list_pages
from mab_desktop.omr.problems import PageProblem, PageRefused

AHEAD = 4  # pages begun ahead per thread

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of a batch: its number from 1, and what is wrong with its file when that could not be opened."""

    number: int
    source: PageSource
    problem: PageProblem | None = None


def batch_pages(paths: Sequence[Path]) -> list[BatchPage]:
    """The pages of files and folders in order; a file that cannot be opened stands as one page with its problem."""
    pages: list[BatchPage] = []
    for file in _files(paths):
        try:
            pages += [BatchPage(len(pages) + n, source) for n, source in enumerate(list_pages(file), 1)]
        except PageRefused as refused:
            pages.append(BatchPage(len(pages) + 1, PageSource(file, 1, "broken"), refused.problem))
    return pages


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (file for file in sorted(path.iterdir()) if file.suffix.lower() in SUFFIXES and file.is_file())
        else:
            yield path


def in_order(
    things: Sequence[Given], work: Callable[[Given], Made], progress: Progress, *, threads: int = 0
) -> Iterator[Made]:
    """`work` on each thing, results in the order of the things. `threads` 0 takes one per processor."""
    workers = threads or max(1, os.cpu_count() or 1)
    cv2.setNumThreads(1)  # threads inside a page would stand in the way of those of other pages
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for thing in things:
                waiting.append(pool.submit(work, thing))
                if len(waiting) > workers * AHEAD:
                    yield waiting.popleft().result()
                    progress.step()
            while waiting:
                yield waiting.popleft().result()
                progress.step()
        finally:
            for left in waiting:
                left.cancel()
