"""Long work in a thread, with a progress the status bar shows, and Cancel; an inline runner for tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from mab_desktop.domain.errors import Cancelled

_BETWEEN_SIGNALS = 0.05  # seconds; a thread that counts to a million must not drown the window


class TaskProgress(QObject):
    """A domain Progress that is safe to call from the working thread.

    `shown(stage message id, done, total)` arrives in the window's thread, at most twenty times a second.
    """

    shown = Signal(str, int, int)

    def __init__(self) -> None:
        super().__init__()
        self._cancelled = threading.Event()
        self._title, self._done, self._total, self._last = "", 0, 0, 0.0

    def stage(self, title: str, total: int = 0) -> None:
        """Begin a stage of `total` steps (0: not known); raises Cancelled when the person asked for it."""
        self._check()
        self._title, self._done, self._total = title, 0, total
        self._tell(now=True)

    def step(self, n: int = 1) -> None:
        """`n` more units are done; raises Cancelled when the person asked for it."""
        self._check()
        self._done += n
        self._tell(now=self._done == self._total)

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._cancelled.set()

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _tell(self, *, now: bool) -> None:
        moment = time.monotonic()
        if now or moment - self._last >= _BETWEEN_SIGNALS:
            self._last = moment
            self.shown.emit(self._title, self._done, self._total)


@dataclass(eq=False)
class Task:
    """One piece of long work. `title` is ready to show."""

    title: str
    work: Callable[[TaskProgress], Any]
    on_done: Callable[[Any], object] | None = None
    on_error: Callable[[BaseException], object] | None = None
    progress: TaskProgress = field(default_factory=TaskProgress)

    def cancel(self) -> None:
        """Ask the work to stop."""
        self.progress.cancel()


class _Ended(QObject):
    """Carries the end of the work home to the window's thread."""

    ended = Signal(object, object, object)


class _Run(QRunnable):
    def __init__(self, task: Task, ended: _Ended) -> None:
        super().__init__()
        self.task, self.ended = task, ended

    def run(self) -> None:
        self.ended.ended.emit(self.task, *outcome_of(self.task))


def outcome_of(task: Task) -> tuple[Any, BaseException | None]:
    """Run the work here: its result and its error."""
    try:
        return task.work(task.progress), None
    except BaseException as error:  # noqa: BLE001  handed to on_error in the window's thread, never swallowed
        return None, error


class Tasks(QObject):
    """Runs one task after the other (one write lane), and tells the status bar.

    A task `beside` the lane writes next to nothing and lasts long (pages drawn for a printer): others need not wait.
    `on_done(result)` and `on_error(error)` are called in the window's thread. Without `on_error` the error goes to
    `failed`. A cancelled task ends with Cancelled, which is silence.
    """

    started = Signal(object)
    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, inline: bool = False) -> None:
        super().__init__(parent)
        self.inline = inline
        self.running: list[Task] = []
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._beside = QThreadPool(self)
        self._beside.setMaxThreadCount(1)
        self._home = _Ended(self)
        self._home.ended.connect(self._end)
        self._readers = QThreadPool(self)
        self._looked = _Ended(self)
        self._looked.ended.connect(self._answer)

    def run(
        self,
        title: str,
        work: Callable[[TaskProgress], Any],
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[BaseException], object] | None = None,
        progress: TaskProgress | None = None,
        *,
        beside: bool = False,
    ) -> Task:
        """Start `work(progress)`; at once and in this thread when the runner is inline."""
        task = Task(title, work, on_done, on_error, progress or TaskProgress())
        self.running.append(task)
        self.started.emit(task)
        if self.inline:
            self._end(task, *outcome_of(task))
        else:
            (self._beside if beside else self._pool).start(_Run(task, self._home))
        return task

    def read(
        self, work: Callable[[], Any], on_done: Callable[[Any], object], on_error: Callable[[BaseException], object]
    ) -> None:
        """Look something up beside the write lane, so that a list need not wait for long work; nothing is shown."""
        task = Task("", lambda _progress: work(), on_done, on_error)
        if self.inline:
            self._answer(task, *outcome_of(task))
        else:
            self._readers.start(_Run(task, self._looked))

    def wait(self) -> None:
        """Cancel what runs and wait for its end (the window closes)."""
        for task in self.running:
            task.cancel()
        self._pool.waitForDone()
        self._beside.waitForDone()
        self._readers.waitForDone()

    def _answer(self, task: Task, result: Any, error: BaseException | None) -> None:
        if error is None and task.on_done:
            task.on_done(result)
        elif error is not None and task.on_error:
            task.on_error(error)

    def _end(self, task: Task, result: Any, error: BaseException | None) -> None:
        self.running.remove(task)
        self.finished.emit(task)
        if error is None:
            if task.on_done:
                task.on_done(result)
        elif task.on_error:
            task.on_error(error)
        else:
            self.failed.emit(error)
