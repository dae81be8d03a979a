"""The parent's side: workers started when they are needed, watched, ended when they hang, replaced when they die."""

from __future__ import annotations

import atexit
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from mab_desktop.bounded import frames, limits
from mab_desktop.bounded.area import Area
from mab_desktop.bounded.child import WINDOW
from mab_desktop.bounded.frames import Fields

IDLE = 120.0  # seconds after which a worker that nobody needs goes
# By the clock a file may take so many times its seconds of processor time, at most so many more: a machine that does
# other work as well makes no good file a bad one, and a worker that waits for ever ends all the same.
_TIMES, _MORE = 10.0, 300.0
_NOTHING: Mapping[str, bytes] = {}
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}


class Stopped(Exception):
    """A worker did not come to its end with a file: `why` is crashed, slow, memory or failed."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why, self.detail = why, detail


class Refusal(Exception):
    """The worker looked at the file and does not take it."""

    def __init__(self, code: str, params: Fields) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Bounds:
    """Of each worker: bytes of memory beside the program itself, bytes shared with the parent."""

    memory: int
    area: int


@dataclass(frozen=True)
class Message:
    """A piece of an answer: plain fields, and bytes beside them."""

    fields: Fields
    data: bytearray
    last: bool


class _Worker:
    """One process."""

    def __init__(self, module: str, bounds: Bounds) -> None:
        self.area = Area.make(bounds.area)
        self.cpu, self.hung = 0.0, False
        self.deadline = float("inf")  # by the clock: when the watch looks at it
        self.allowed, self.ends_at = float("inf"), float("inf")  # of its processor time, and by the clock: too long
        # Without the package's own folder a worker would depend on where the program was started.
        here = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, self.area.name, str(bounds.area), str(bounds.memory)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=self.area.inherited,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path}, **limits.hidden_window(),
        )  # fmt: skip
        self.outward, self.inward = cast(BinaryIO, self.process.stdin), cast(BinaryIO, self.process.stdout)
        self.job = limits.limit_child(int(getattr(self.process, "_handle", 0)), bounds.memory + bounds.area)

    def begin(self, seconds: float, clock: float) -> None:
        """It works from now on: so many seconds of processor time are left to it, and so many by the clock."""
        self.allowed, self.ends_at = limits.used_seconds(self.process) + seconds, time.monotonic() + clock
        self.deadline = min(time.monotonic() + max(seconds, 0.0), self.ends_at)

    def is_late(self, now: float) -> bool:
        """Has it used up its time? If not, the watch looks again when it may have."""
        left = self.allowed - limits.used_seconds(self.process)
        self.deadline = min(now + max(left, 0.0), self.ends_at)
        return left <= 0 or now >= self.ends_at

    def end(self) -> None:
        """Kill it and clean up."""
        self.process.kill()
        for pipe in (self.outward, self.inward):
            try:
                pipe.close()
            except OSError:  # what it did not take any more
                continue
        self.process.wait()
        limits.close_job(self.job)
        self.area.close()


@dataclass
class Pool:
    """Workers that run `module` (`python -m`), at most one for each of those who ask at the same time."""

    module: str
    bounds: Bounds
    _idle: list[_Worker] = field(default_factory=list, init=False)
    _busy: list[_Worker] = field(default_factory=list, init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)
    _watch: threading.Thread | None = field(default=None, init=False)
    _wakes_at: float = field(default=float("inf"), init=False)
    _gone_cpu: float = field(default=0.0, init=False)

    def ask(
        self, request: Fields, file: BinaryIO, seconds: float, assets: Mapping[str, bytes] = _NOTHING
    ) -> Iterator[Message]:
        """The pieces of the answer to `request` about `file`, the last one marked; `assets` are there to be asked for.

        `seconds` are of the worker's processor time.

        A request with "whole" needs all of the file: one that is not large is laid ready with it, to save a question.
        Refusal when the worker does not take the file, Stopped when it crashed, took too long or too much.
        """
        worker = self._taken()
        finished = False
        try:
            for message in self._conversation(worker, request, file, seconds, assets):
                finished = message.last
                yield message
        except Refusal:
            finished = True
            raise
        finally:
            self._put_back(worker, usable=finished)

    def _conversation(
        self, worker: _Worker, request: Fields, file: BinaryIO, seconds: float, assets: Mapping[str, bytes]
    ) -> Iterator[Message]:
        size = file.seek(0, os.SEEK_END)
        message: Fields = {**request, "file": size, "seconds": seconds}
        if request.get("whole") and 0 < size <= WINDOW:
            message["given"] = _hand_over(file, [0, size], size, worker.area)
        clock = min(seconds * _TIMES, seconds + _MORE)
        while True:
            began, used = time.monotonic(), limits.used_seconds(worker.process)
            told = self._exchange(worker, message, seconds, clock)
            clock -= time.monotonic() - began
            seconds -= limits.used_seconds(worker.process) - used
            if min(seconds, clock) <= 0:  # the watch may be a moment behind: what comes too late is no answer either
                raise Stopped("slow")
            if "read" in told:
                message = {"got": _hand_over(file, told["read"], size, worker.area)}
            elif told.get("asset") in assets:
                asset = assets[told["asset"]]
                worker.area.memory[: len(asset)] = asset
                message = {"got": len(asset)}
            elif "part" in told:
                yield Message(_object(told["part"]), _data(worker, told.get("size")), last=False)
                message = {"next": True}
            else:
                yield self._ended(worker, told)
                return

    def _exchange(self, worker: _Worker, message: Fields, seconds: float, clock: float) -> Fields:
        """Say something and wait for the answer, at most so long."""
        with self._changed:
            worker.begin(seconds, clock)
            if worker.deadline < self._wakes_at:
                self._changed.notify_all()
        try:
            frames.send(worker.outward, message)
            return frames.receive(worker.inward)
        except frames.Broken:
            said = _last_words(worker.process)
            if worker.hung or said == limits.OUT_OF_TIME:
                raise Stopped("slow") from None
            raise Stopped("crashed", said) from None
        finally:
            with self._changed:
                worker.deadline = float("inf")

    def _ended(self, worker: _Worker, told: Fields) -> Message:
        cpu = told.get("cpu")
        worker.cpu = cpu if isinstance(cpu, float) else worker.cpu
        if isinstance(told.get("refused"), str):
            raise Refusal(told["refused"], _object(told.get("params")))
        if told.get("memory"):
            raise Stopped("memory")
        if "done" not in told:
            raise Stopped("failed", str(told.get("failed", "?"))[:60])
        fields = _object(told["done"])
        return Message(fields, _data(worker, fields.get("size", 0)), last=True)

    def _taken(self) -> _Worker:
        with self._changed:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and worker.process.poll() is not None:
            self._bury(worker)
            worker = None
        worker = worker or _Worker(self.module, self.bounds)
        with self._changed:
            worker.deadline = float("inf")
            self._busy.append(worker)
            if self._watch is None:
                self._watch = threading.Thread(target=self._watching, name=f"watch {self.module}", daemon=True)
                self._watch.start()
        return worker

    def _put_back(self, worker: _Worker, *, usable: bool) -> None:
        with self._changed:
            self._busy.remove(worker)
            usable = usable and not worker.hung
            if usable:
                worker.deadline = time.monotonic() + IDLE
                self._idle.append(worker)
                if worker.deadline < self._wakes_at:
                    self._changed.notify_all()
        if not usable:
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        self._gone_cpu += worker.cpu
        worker.end()

    def _watching(self) -> None:
        """Kill who hangs, let go who idles; ends when nobody is left."""
        while True:
            with self._changed:
                now = time.monotonic()
                for worker in self._busy:
                    if worker.deadline <= now and worker.is_late(now):
                        worker.hung, worker.deadline = True, float("inf")
                        worker.process.kill()
                tired = [worker for worker in self._idle if worker.deadline <= now]
                self._idle = [worker for worker in self._idle if worker.deadline > now]
                nearest = min((worker.deadline for worker in (*self._busy, *self._idle)), default=None)
                if nearest is None and not tired:
                    self._watch, self._wakes_at = None, float("inf")
                    return
                if not tired:
                    self._wakes_at = nearest or now
                    self._changed.wait(None if self._wakes_at == float("inf") else max(0.0, self._wakes_at - now))
            for worker in tired:
                self._bury(worker)

    @property
    def cpu_seconds(self) -> float:
        """Processor time that its workers have told of so far."""
        with self._changed:
            return self._gone_cpu + sum(worker.cpu for worker in (*self._busy, *self._idle))

    def close(self) -> None:
        """End the workers that nobody uses."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for worker in idle:
            self._bury(worker)


def made(module: str, bounds: Bounds) -> Pool:
    """A pool that ends with the program."""
    pool = Pool(module, bounds)
    atexit.register(pool.close)
    return pool


def _hand_over(file: BinaryIO, wanted: Any, size: int, area: Area) -> int:
    """Put the bytes that a worker asks for where it finds them."""
    if not (isinstance(wanted, list) and len(wanted) == 2 and all(type(number) is int for number in wanted)):
        raise Stopped("crashed")
    at, count = wanted
    if not (0 <= at <= size and 0 < count <= min(WINDOW, len(area.memory))):
        raise Stopped("crashed")
    file.seek(at)
    with memoryview(area.memory) as whole, whole[:count] as part:
        return int(cast(io.BufferedIOBase, file).readinto(part))


def _data(worker: _Worker, size: Any) -> bytearray:
    """A copy, so that nothing changes any more what was looked at."""
    if type(size) is not int or not 0 <= size <= len(worker.area.memory):
        raise Stopped("crashed")
    with memoryview(worker.area.memory) as whole, whole[:size] as part:
        data = bytearray(part)
    worker.area.give_back(size)
    return data


def _object(fields: Any) -> Fields:
    if not isinstance(fields, dict):
        raise Stopped("crashed")
    return fields


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """How a process ended that is gone or going."""
    try:
        code = process.wait(5)
    except subprocess.TimeoutExpired:
        return "?"
    return str(code)
