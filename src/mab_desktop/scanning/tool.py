"""A scanning program run as a process of its own: lines as it prints them, stopped cleanly when nobody wants more."""

from __future__ import annotations

import os
import queue
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType

from mab_desktop.domain.progress import Progress

# How long a person who pressed Cancel may wait until it is noticed, and a program until it is killed.
LOOK, GRACE = 0.2, 10.0
# No console window flashes up on Windows; 0 elsewhere.
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def in_english() -> dict[str, str]:
    """The environment for a program whose words are parsed."""
    return {**os.environ, "LC_ALL": "C", "LANGUAGE": "en"}


class Tool:
    """A running program; leaving the `with` block ends it and what it holds open."""

    def __init__(
        self, command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.errors: deque[str] = deque(maxlen=40)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            list(command), cwd=folder, env=in_english() if environment is None else dict(environment),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", creationflags=NO_WINDOW,
        )  # fmt: skip
        self._readers = [Thread(target=read, daemon=True) for read in (self._read_lines, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Tool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def lines(self, progress: Progress, patience: float) -> Iterator[str]:
        """Every line as it comes; TimeoutError after `patience` seconds of silence, Cancelled when told so."""
        silent = 0.0
        while True:
            try:
                line = self._lines.get(timeout=LOOK)
            except queue.Empty:
                progress.step(0)
                silent += LOOK
                if silent > patience:
                    raise TimeoutError from None
                continue
            if line is None:
                self._process.wait()
                self._readers[1].join()
                return
            silent = 0.0
            yield line

    @property
    def code(self) -> int:
        """The exit code; to be asked after the last line."""
        return self._process.wait()

    def stop(self) -> None:
        """End the program: asked first, so that the scanner lets its sheet go, then killed."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _read_lines(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def _read_errors(self) -> None:
        if self._process.stderr is not None:
            self.errors.extend(line.rstrip("\r\n") for line in self._process.stderr)
