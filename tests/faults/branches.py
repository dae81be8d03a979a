"""One run of a scenario, and copies of its process that end otherwise, made in front of its file operations.

The run stands still in front of an operation (tests/faults/syscalls.py). A signal then makes it fork, in a handler of
a few machine instructions, so that nothing in it knows: both make the same system call once more, and the copy's one
is given an error, or is its last. When the copy has ended and what it left was looked at, the files are put back under
the run, which goes on to its next operation. So a place costs the copy's own end, not the way there, and each place
of a run is a place of the same run: the same keys, salts and numbers.

A copy has no other threads and holds no locks. So the run does the work of its threads and worker processes itself
(tests/faults/alone.py), and locks are granted to everybody, as nobody else is at the files.
x86-64, Linux from 5.6 on; quick from 6.13 on.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import random
import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mab_desktop.domain.errors import UserError
from tests.faults.alone import be_alone
from tests.faults.clear import temporary_folder, use_temporary_folder
from tests.faults.runs import REFUSED, Child, Ended, in_words, read_ended
from tests.faults.scenario import Say, Scenario
from tests.faults.stand import GONE, Stand, gone_folders, open_files, put_back_open
from tests.faults.syscalls import (
    GETPID,
    GETRANDOM,
    Operation,
    Plan,
    Request,
    given,
    hand_over,
    operation_of,
    received,
    replied,
)

_WAY, _ASKS = "! way: ", "! asks"
# clone(CLONE_PARENT | SIGCHLD): a fork whose parent is the parent of this process.
_FORK = bytes.fromhex("b838000000 bf11800000 31f6 31d2 4531d2 4531c0 0f05 c3")
_pages: list[mmap.mmap] = []


@dataclass(frozen=True)
class Refused:
    """A copy that was refused and stands in front of doing the same again: all that could make that go otherwise.

    `files` is what stands on the disk, `open` what it has open there; `way` the lines of the program that it came by.
    """

    files: bytes
    said: tuple[str, ...]
    words: tuple[str, ...]
    way: tuple[str, ...]
    open: tuple[str, ...]


@dataclass
class Trunk:
    """The run. `stops` is called in front of each operation that counts, with all its calls of `branch`."""

    scenario: Scenario
    folder: Path
    keep: Path
    stops: Callable[[Operation], None]
    seen: list[Operation] = field(default_factory=list)
    said: tuple[str, ...] = ()

    def run(self) -> Ended:
        """Run it to its end."""
        if platform.machine() != "x86_64":
            raise RuntimeError("copies of a process are made on x86-64 only")
        self.root = os.path.realpath(self.folder)
        temporary_folder(self.folder).mkdir(exist_ok=True)
        self.stand = Stand((self.folder, temporary_folder(self.folder)), self.keep)
        here, there = socket.socketpair()
        self._answers, answers = socket.socketpair()
        self.child = Child(lambda say: _life(self.scenario, self.folder, say, answers),
                           before=lambda: _ready(there, here))  # fmt: skip
        there.close()
        with here, self._answers, answers:
            self._listener = socket.recv_fds(here, 1, 1)[1][0]
            try:
                self._serve()
            finally:
                os.close(self._listener)
        ended = self.child.end()
        return Ended((*self.said, *ended.said), ended.refused, ended.bug, ended.killed)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        plan = Plan(spared=self.scenario.spared)
        with Path(f"/proc/{self.child.pid}/mem").open("rb", buffering=0) as memory:
            while poll.poll()[0][1] & select.POLLIN:
                request = received(self._listener)
                if request is None or self._knew(request):
                    continue
                operation = operation_of(request, self.root, memory.fileno())
                if operation and self._counts(plan, self._named(operation)):
                    self._held = request
                    self.seen = plan.seen
                    self._heard()
                    self.stops(plan.seen[-1])
                    request = self._held
                replied(self._listener, request)

    @staticmethod
    def _named(operation: Operation) -> Operation:
        """A file that was taken away by a copy and put back is told of as if it was gone."""
        return replace(operation, path=operation.path.removesuffix(GONE))

    @staticmethod
    def _counts(plan: Plan, operation: Operation) -> bool:
        before = len(plan.seen)
        plan.answer(operation)
        return len(plan.seen) > before

    def _knew(self, request: Request) -> bool:
        """Answer what is asked beside file operations.

        A copy goes by the number of the run and gets chance from a row of its own, the same for each copy: those that
        do the same leave the same.
        """
        if request.call not in (GETPID, GETRANDOM):
            return False
        value = None
        if request.call == GETPID and request.pid in (self.child.pid, self._copy):
            value = self.child.pid
        if request.call == GETRANDOM and request.pid == self._copy:
            place, value = request.arguments[0], request.arguments[1]
            with Path(f"/proc/{self._copy}/mem").open("r+b", buffering=0) as memory:
                memory.seek(place)
                memory.write(self._chance.randbytes(value))
        replied(self._listener, request, value=value)
        return True

    _copy = 0

    def _heard(self) -> None:
        self.child.wait(0)
        self.said += read_ended(self.child.told(forget=True), 0).said

    @property
    def alone(self) -> bool:
        """True where the run has no other threads and no processes of its own: a copy of it is whole."""
        if self._held.pid != self.child.pid:
            return False
        told = Path(f"/proc/{self.child.pid}/status").read_text("utf-8")
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text("ascii")
        return "\nThreads:\t1\n" in told and not children.strip()

    def branch(self, plan: Plan, goes_on: Callable[[Refused], bool], look: Callable[[Ended], str]) -> str:
        """Let a copy live by `plan`, whose first operation is the one that the run stands in front of.

        `goes_on` says whether a copy that was refused does the same again. `look` sees what is left in the folder.
        """
        self.stand.take()
        before = open_files(self.child.pid, self.stand)
        ended = self._lived(plan, goes_on)
        wrong = look(ended)
        self.stand.put_back()
        put_back_open(self.child.pid, before, self.stand)
        self._reopen_folders()
        return wrong

    def _reopen_folders(self) -> None:
        """A folder that was taken away is another one when it is made anew: the run gets that one."""
        for number, path in gone_folders(self.child.pid, self.stand).items():
            own = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            given(self._listener, self._held, own, number)
            os.close(own)

    def _lived(self, plan: Plan, goes_on: Callable[[Refused], bool]) -> Ended:
        os.kill(self.child.pid, signal.SIGUSR1)
        self._chance = random.Random(0)  # noqa: S311
        self._copy, first = self._forked()
        process = os.pidfd_open(self._copy)
        poll = select.poll()
        for descriptor in (self._listener, process, self.child.reader):
            poll.register(descriptor, select.POLLIN)
        with Path(f"/proc/{self._copy}/mem").open("rb", buffering=0) as memory:
            self._answer(first, plan, memory.fileno())
            while process not in (ready := {descriptor for descriptor, _ in poll.poll()}):
                if self._listener in ready and (request := received(self._listener)) and not self._knew(request):
                    self._answer(request, plan, memory.fileno())
                if self.child.reader in ready:
                    self.child.wait(0)
                    if self.child.told().endswith(f"{_ASKS}\n"):
                        again = goes_on(self._refused())
                        self.child.told(cut=f"{_ASKS}\n")
                        self._answers.send(b"y" if again else b"n")
        os.close(process)
        status = os.waitpid(self._copy, 0)[1]
        self._copy = 0
        self.child.wait(0)
        ended = read_ended(self.child.told(forget=True), status)
        return Ended((*self.said, *ended.said), ended.refused, ended.bug, ended.killed)

    def _forked(self) -> tuple[int, Request]:
        """Both ask once more what they were about to do; the run's own question is held."""
        copy = None
        mine = None
        while copy is None or mine is None:
            request = received(self._listener)
            if request is not None and request.pid == self.child.pid:
                mine = request
            elif request is not None:
                copy = request
        self._held = mine
        return copy.pid, copy

    def _answer(self, request: Request, plan: Plan, memory: int) -> None:
        operation = operation_of(request, self.root, memory)
        answer = plan.answer(operation) if operation else 0
        if answer < 0:
            os.kill(self._copy, signal.SIGKILL)
        else:
            replied(self._listener, request, answer)

    def _refused(self) -> Refused:
        told = self.child.told()
        ended = read_ended(told, 0)
        way = tuple(line for line in told.split("\n") if line.startswith(_WAY))
        held = sorted(f"{one.path} {one.position}" for one in open_files(self._copy, self.stand).values())
        return Refused(self.stand.digest(), (*self.said, *ended.said), ended.refused, way, tuple(held))


def _ready(there: socket.socket, here: socket.socket) -> None:
    """In the child: to be copied at a signal, and to be watched."""
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(_FORK)
    _pages.append(page)
    libc = ctypes.CDLL(None)
    libc.signal.argtypes, libc.signal.restype = [ctypes.c_int, ctypes.c_void_p], ctypes.c_void_p
    libc.signal(signal.SIGUSR1, ctypes.addressof(ctypes.c_char.from_buffer(page)))
    be_alone()
    hand_over(there, here, alone=True)


def _life(scenario: Scenario, folder: Path, say: Say, answers: socket.socket) -> None:
    """The scenario; where it is refused, the parent is asked whether to do the same again."""
    use_temporary_folder(folder)
    try:
        scenario.act(folder, say)
    except UserError as error:
        for line in _way_of(error):
            say(_WAY + line)
        say(REFUSED + in_words(error))
        say(_ASKS)
        if answers.recv(1) == b"y":
            scenario.act(folder, say)


def _way_of(error: BaseException | None) -> list[str]:
    """The lines of the program that an error came by, with those of its causes."""
    found: list[str] = []
    while error is not None:
        found.append(f"{type(error).__name__} {error.args}")
        trace = error.__traceback__
        while trace is not None:
            found.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return found
