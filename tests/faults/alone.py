"""A process with one thread and no processes of its own: what it has others do, it does itself, at once.

Only so can it be copied whole. The same calls are made, in the same order as far as they wait for each other. The
process that decodes images has no file of a workplace open: it asks its parent for the bytes, as here.
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

from mab_desktop.bounded.area import Area
from mab_desktop.bounded.child import Desk, Distant, WorkRefused
from mab_desktop.bounded.frames import Fields
from mab_desktop.bounded.pool import Message, Refusal
from mab_desktop.omr import load, worker


class _OwnDesk(Desk):
    """A worker's desk in the process that gives the work."""

    def __init__(self, file: BinaryIO, assets: Mapping[str, bytes]) -> None:
        self._file, self._assets = file, assets
        self.area = Area(mmap.mmap(-1, load.AREA, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), "")

    def fetch(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)

    def asset(self, name: str) -> bytes:
        return self._assets[name]


class _OwnReaders:
    """In the place of the pool of readers."""

    def ask(self, request: Fields, file: BinaryIO, _seconds: float, assets: Mapping[str, bytes]) -> Iterator[Message]:
        """The answer, made here."""
        desk = _OwnDesk(file, assets)
        try:
            told = worker.work(request, Distant(desk, file.seek(0, 2)), desk)
        except WorkRefused as refused:
            raise Refusal(refused.code, refused.params) from refused
        yield Message(told, bytearray(desk.area.memory[: told.get("size", 0)]), last=True)


def _submitted(_: ThreadPoolExecutor, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
    future = Future[Any]()
    try:
        future.set_result(work(*given, **named))
    except BaseException as error:  # noqa: BLE001 (for whoever asks for the result)
        future.set_exception(error)
    return future


def be_alone() -> None:
    """From now on, in this process."""
    threading.Thread.start = threading.Thread.run  # type: ignore[method-assign]
    ThreadPoolExecutor.submit = _submitted  # type: ignore[method-assign,assignment]
    load._POOL = _OwnReaders()  # type: ignore[assignment]
