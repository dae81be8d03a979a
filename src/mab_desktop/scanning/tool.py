"""A scanning program run as a process of its own: lines as it prints them, stopped cleanly when nobody wants more."""

from __future__ import annotations

import os
import queue
import re
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO

from mab_desktop.domain.progress import Progress

# Seconds until Cancel is noticed; a program's time to finish its sheet; then to let go of the scanner before its end.
LOOK, SETTLE, GRACE = 0.2, 2.0, 10.0
# Seconds of silence after its last words.
LAST = 3.0
# No console window flashes up on Windows; 0 elsewhere.
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
# Its words are read.
_IN_ENGLISH = {"LC_ALL": "C", "LANGUAGE": "en"}


class Tool:
    """A running program; leaving the `with` block ends it and what it holds open.

    With `prompted` it waits for Enter before each piece of work and gets it at the start and for each line it prints,
    until it is to stop. `left` then holds the lines that were not asked for any more, `late` those of its last gasp.
    """

    def __init__(self, command: Sequence[str], *, folder: Path | None = None, prompted: bool = False) -> None:
        self.errors: deque[str] = deque(maxlen=200)
        self.left: list[str] = []
        self.late: list[str] = []
        self._prompted, self._broken_off = prompted, False
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            list(command), cwd=folder, env={**os.environ, **_IN_ENGLISH}, creationflags=NO_WINDOW,
            stdin=subprocess.PIPE if prompted else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        self._readers = [Thread(target=read, daemon=True) for read in (self._read_lines, self._read_errors)]
        self._go_on()
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Tool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def lines(
        self, progress: Progress, patience: float, last_words: re.Pattern[str] | None = None
    ) -> Iterator[str]:  # fmt: skip
        """Every line as it comes; TimeoutError after `patience` seconds of silence, Cancelled when told so.

        After an error that matches `last_words` there is nothing more to wait for: some drivers hang at their end.
        """
        silent = 0.0
        while True:
            try:
                line = self._lines.get(timeout=LOOK)
            except queue.Empty:
                progress.step(0)
                silent += LOOK
                ending = last_words is not None and any(last_words.search(line) for line in list(self.errors))
                if silent > (min(patience, LAST) if ending else patience):
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
        """End the program: no Enter any more, so that it finishes its sheet; then asked to end; then killed."""
        self._prompted = False
        self._close(self._process.stdin)
        if not self._ends(SETTLE):
            self._broken_off = True
            self._process.terminate()
            if not self._ends(GRACE):
                self._process.kill()
                self._process.wait()
        for reader in self._readers:
            reader.join()
        while not self._lines.empty():
            line = self._lines.get()
            self.left += [] if line is None else [line]
        self._close(self._process.stdout)
        self._close(self._process.stderr)

    def _ends(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _close(self, pipe: IO[str] | None) -> None:
        """Close a pipe whose other end may be gone already."""
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()

    def _go_on(self) -> None:
        """Enter for the next piece of work; a program that has ended needs none."""
        if self._prompted and self._process.stdin is not None:
            with suppress(BrokenPipeError, ValueError):
                self._process.stdin.write("\n")
                self._process.stdin.flush()

    def _read_lines(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._go_on()
                if self._broken_off:
                    self.late.append(line.rstrip("\r\n"))
                else:
                    self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)

    def _read_errors(self) -> None:
        if self._process.stderr is not None:
            self.errors.extend(line.rstrip("\r\n") for line in self._process.stderr)
