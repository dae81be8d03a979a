"""The folder that a scanner's pages fall into: numbered files that appear whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mab_desktop.scanning.source import ScannedPage

PART = ".part"


@dataclass(frozen=True, slots=True)
class Tray:
    """A folder of `0001.jpg`, `0002.jpg` …; what lies there already is kept, and the count goes on behind it."""

    folder: Path

    def next_position(self) -> int:
        """The number of the next page."""
        names = [path.stem for path in self.folder.iterdir() if path.suffix != PART]
        numbers = [int(name) for name in names if name.isdecimal()]
        return max(numbers, default=0) + 1

    def part(self, position: int) -> Path:
        """Where a page is written while it arrives."""
        return self.folder / f"{position:04d}{PART}"

    def take(self, position: int, suffix: str) -> ScannedPage:
        """The page that has arrived, under its lasting name."""
        path = self.folder / f"{position:04d}{suffix}"
        self.part(position).replace(path)
        return ScannedPage(position, path)

    def clear(self) -> None:
        """Take away what was cut off on its way."""
        for path in self.folder.glob(f"*{PART}"):
            path.unlink(missing_ok=True)
