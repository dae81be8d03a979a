"""The worker's side: it takes one piece of work after the other until its parent goes away."""

from __future__ import annotations

import io
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from mab_desktop.bounded import frames, limits
from mab_desktop.bounded.area import Area
from mab_desktop.bounded.frames import Fields

WINDOW = 4 << 20  # bytes of a file handed over at a time, at most
_BLOCK, _BLOCKS = 256 << 10, 16  # kept of a file that is read here and there


class WorkRefused(Exception):
    """The file is not taken; `code` and `params` say why, in the words of whoever gave the work."""

    def __init__(self, code: str, params: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.code, self.params = code, dict(params)


class Distant(io.RawIOBase):
    """The parent's file, read piece by piece through the shared memory.

    `same` names its contents ("" when they have no name): of the file before, if it is the same, `blocks` are kept.
    `given` are all of its bytes, where the parent laid them ready with the request.
    """

    def __init__(
        self, desk: Desk, size: int, same: str = "", before: Distant | None = None, given: bytes = b""
    ) -> None:
        super().__init__()
        self._desk, self._size, self._at, self.same, self._given = desk, size, 0, same, given
        kept = before is not None and same and before.same == same
        self._blocks: OrderedDict[int, bytes] = before._blocks if before and kept else OrderedDict()

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place of the file."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """As much as fits, or all that is left."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at))
        done = 0
        while done < wanted:
            left = wanted - done
            number, start = divmod(self._at, _BLOCK)
            if left > 2 * _BLOCK:
                got = self._desk.fetch(self._at, min(left, WINDOW))
            else:
                got = self._block(number)[start : start + left]
            if not got:
                break
            view[done : done + len(got)] = got
            done += len(got)
            self._at += len(got)
        return done

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if len(self._blocks) >= _BLOCKS:
                self._blocks.popitem(last=False)
            at = number * _BLOCK
            self._blocks[number] = self._desk.fetch(at, min(_BLOCK, self._size - at))
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def read_whole(self) -> bytes:
        """All of it, in large pieces."""
        if self._given:
            return self._given
        pieces, at = [], 0
        while at < self._size:
            pieces.append(self._desk.fetch(at, min(WINDOW, self._size - at)))
            at += len(pieces[-1])
        return b"".join(pieces)


class Desk:
    """Where the worker talks to its parent; `area` is the memory they share."""

    def __init__(self, inward: BinaryIO, outward: BinaryIO, area: Area) -> None:
        self._in, self._out, self.area = inward, outward, area

    def fetch(self, at: int, size: int) -> bytes:
        """Bytes of the file in work."""
        frames.send(self._out, {"read": [at, size]})
        got = frames.receive(self._in)["got"]
        if not got:
            raise OSError("the file ends too early")
        return bytes(self.area.memory[:got])

    def asset(self, name: str) -> bytes:
        """What the parent has ready for many pieces of work, by its name. It comes from our own program."""
        frames.send(self._out, {"asset": name})
        return bytes(self.area.memory[: frames.receive(self._in)["got"]])

    def part(self, data: bytes, **fields: Any) -> None:
        """A piece of the answer, before its end."""
        self.put(data)
        frames.send(self._out, {"part": fields, "size": len(data)})
        frames.receive(self._in)

    def put(self, data: Any) -> int:
        """Bytes (anything with a buffer) for the parent; how many. MemoryError for more than the shared memory."""
        with memoryview(data) as view, view.cast("B") as plain:
            if len(plain) > len(self.area.memory):
                raise MemoryError
            self.area.memory[: len(plain)] = plain
            return len(plain)

    def requests(self) -> Iterator[Fields]:
        """Each piece of work, until the parent goes."""
        while True:
            try:
                yield frames.receive(self._in)
            except frames.Broken:
                return

    def answer(self, fields: Fields) -> None:
        """The end of a piece of work."""
        frames.send(self._out, {**fields, "cpu": time.process_time()})


Work = Callable[[Fields, Distant, Desk], Fields]


def serve(work: Work, get_ready: Callable[[], None] = lambda: None) -> None:
    """Do `work` for each request. The bounds hold from here on, libraries loaded, and no file was seen before."""
    name, size, memory = sys.argv[1:4]
    # What libraries print must not get among the messages.
    outward = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    desk = Desk(os.fdopen(os.dup(0), "rb"), outward, Area.of_parent(name, int(size)))
    get_ready()
    limits.limit_myself(int(memory))
    file: Distant | None = None
    for request in desk.requests():
        limits.limit_time(request["seconds"])
        given = bytes(desk.area.memory[: request["given"]]) if request.get("given") else b""
        file = Distant(desk, request["file"], request.get("same", ""), file, given)
        desk.answer(_done(work, request, file, desk))


def _done(work: Work, request: Fields, file: Distant, desk: Desk) -> Fields:
    try:
        return {"done": work(request, file, desk)}
    except WorkRefused as refused:
        return {"refused": refused.code, "params": refused.params}
    except MemoryError:
        return {"memory": True}
    except frames.Broken:
        raise
    except Exception as error:  # noqa: BLE001  what a decoder stumbles over is the file's fault; the batch goes on
        return {"failed": type(error).__name__}
