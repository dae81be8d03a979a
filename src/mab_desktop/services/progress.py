"""Progress of long work as lines on a terminal."""

from __future__ import annotations

import sys
from typing import TextIO

from mab_desktop.i18n import translate


class ConsoleProgress:
    """One line a stage; on a real terminal the line counts up."""

    def __init__(self, lang: str, out: TextIO | None = None) -> None:
        self._lang, self._out = lang, out or sys.stderr
        self._title, self._total, self._done = "", 0, 0
        self._live = self._out.isatty()

    def stage(self, title: str, total: int = 0) -> None:
        """Begin a stage: finish the line before and write the new title."""
        self.end()
        self._title, self._total, self._done = translate(self._lang, title), total, 0
        if self._live:
            self._show()

    def step(self, n: int = 1) -> None:
        """Count `n` more units."""
        self._done += n
        if self._live:
            self._show()

    def end(self) -> None:
        """Finish the last line."""
        if self._title:
            self._show(end="\n")
        self._title = ""

    def _show(self, end: str = "") -> None:
        count = f" {self._done}/{self._total}" if self._total else (f" {self._done}" if self._done else "")
        start = "\r" if self._live else ""
        self._out.write(f"{start}  {self._title}{count}{end}")
        self._out.flush()
