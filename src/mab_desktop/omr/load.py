"""Open scans: JPEG, PNG, TIFF with many pages, PDF and some more. What one is shows in its content, never in its name.

Nothing is decoded in this process: a worker with bounds on memory and time does it, and gives back gray dots. A file on
which it crashes or hangs is refused by name, and the next one gets a fresh worker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from mab_desktop.bounded.pool import Bounds, Message, Refusal, Stopped, made
from mab_desktop.omr.picture import MAX_PIXELS, LoadedPage, check_bytes, kind_of
from mab_desktop.omr.problems import REFUSALS, PageRefused

__all__ = ["SUFFIXES", "ImageFile", "LoadedPage", "PageSource", "list_pages", "load_page", "load_pages", "load_picture"]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".pdf", ".webp", ".gif", ".jp2", ".j2k"})
SECONDS = 30.0  # for a page, or for the list of a file's pages
MEMORY = 1200 << 20  # the largest pages that are taken need two thirds of it
AREA = 112 << 20  # a gray page of MAX_PIXELS, or a coloured one of a third of that
_NOTHING: Mapping[str, bytes] = {}
_POOL = made("mab_desktop.omr.worker", Bounds(MEMORY, AREA))


class ImageFile(Protocol):
    """What can be opened: a path, or a file that lies sealed. Its words are its place."""

    @property
    def name(self) -> str:
        """Its last name."""

    def open(self, mode: Any = "rb", /) -> Any:
        """A reader of its bytes that can go to any place of it."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page of a file that can be loaded: `page` counts from 1, `at` is where a TIFF's page stands in its file.

    `kind` "" is for who knows the number only.
    """

    path: ImageFile
    page: int
    kind: str = ""
    at: int = 0


def list_pages(path: ImageFile) -> list[PageSource]:
    """The pages of a file; PageRefused by name when it is not an image or is too large."""
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(16))
            if kind not in ("pdf", "tiff"):
                return [PageSource(path, 1, kind)]
            fields = _ask(file, {"do": "list", "kind": kind, "same": _same(file)}).fields
    except OSError as error:
        raise _unreadable(error) from error
    if kind == "pdf":
        return [PageSource(path, n + 1, kind) for n in range(int(fields["pages"]))]
    return [PageSource(path, n, kind, int(at)) for n, at in enumerate(fields["places"], 1)]


def load_page(source: PageSource) -> LoadedPage:
    """Decode one page to gray; PageRefused by name when it cannot be."""
    told = ask_worker(source, {"do": "gray"})
    gray = _dots(told, channels=1)
    return LoadedPage(gray, float(told.fields["dpi"]), bool(told.fields["bilevel"]))


def load_picture(source: PageSource, height: int = 0) -> NDArray[np.uint8]:
    """One page to look at: (rows, columns, 3: blue, green, red) or gray; `height` in dots makes it small."""
    told = ask_worker(source, {"do": "picture", "height": height})
    return _dots(told, channels=3 if told.fields.get("channels") == 3 else 1)


def load_pages(path: ImageFile) -> Iterator[LoadedPage]:
    """All pages of a file, one after the other."""
    for source in list_pages(path):
        yield load_page(source)


def decoding_seconds() -> float:
    """Processor time that the workers have used so far, for those who measure."""
    return _POOL.cpu_seconds


def ask_worker(source: PageSource, request: dict[str, Any], assets: Mapping[str, bytes] = _NOTHING) -> Message:
    """What the worker says of a page; PageRefused when it cannot be opened."""
    try:
        with source.path.open("rb") as file:
            kind = source.kind or kind_of(file.read(16))
            whole = kind not in ("pdf", "tiff")
            if whole:
                check_bytes(file.seek(0, 2), kind)
            asked = {**request, "kind": kind, "page": source.page, "at": source.at, "same": _same(file), "whole": whole}
            return _ask(file, asked, assets)
    except OSError as error:
        raise _unreadable(error) from error


def _ask(file: BinaryIO, request: dict[str, Any], assets: Mapping[str, bytes] = _NOTHING) -> Message:
    """What the worker says of a file."""
    try:
        (message,) = _POOL.ask(request, file, SECONDS, assets)
    except Refusal as refusal:
        if refusal.code not in REFUSALS:
            raise PageRefused("page-crashed", detail="?") from refusal
        raise PageRefused(refusal.code, **refusal.params) from refusal
    except Stopped as stopped:
        if stopped.why == "slow":
            raise PageRefused("page-slow", seconds=round(SECONDS)) from stopped
        if stopped.why == "memory":
            raise PageRefused("page-memory") from stopped
        raise PageRefused("page-crashed", detail=stopped.detail) from stopped
    return message


def _dots(told: Message, channels: int) -> NDArray[np.uint8]:
    """The samples of an answer; sizes that do not fit are the words of a worker that a file has taken over."""
    try:
        height, width = int(told.fields["height"]), int(told.fields["width"])
        values = np.frombuffer(told.data, np.uint8)
        if height < 1 or width < 1 or height * width > MAX_PIXELS:
            raise ValueError((height, width))
        return values.reshape((height, width) if channels == 1 else (height, width, channels))
    except (KeyError, TypeError, ValueError) as error:
        raise PageRefused("page-crashed", detail=type(error).__name__) from error


def _same(file: BinaryIO) -> str:
    """What names the contents of a plain file, so that a worker need not ask twice for its tables; "" for others."""
    try:
        status = os.fstat(file.fileno())
    except OSError:  # it has no file of its own: it lies sealed
        return ""
    return f"{status.st_dev}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def _unreadable(error: OSError) -> PageRefused:
    return PageRefused("unreadable-file", detail=error.strerror or type(error).__name__)
