"""A folder of image files as a source: the way in when there is no scanner, and for scans made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.scanning.source import ScannedPage

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".pdf"})


@dataclass(frozen=True, slots=True)
class FolderSource:
    """The image files of one folder, numbers in names counted as numbers (`2.jpg` before `10.jpg`)."""

    folder: Path

    @property
    def label(self) -> str:
        """The folder's name."""
        return self.folder.name

    def count(self) -> int | None:
        """How many files lie there."""
        return len(self._files())

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """The files in the order of their names."""
        for position, path in enumerate(self._files(), 1):
            progress.step()
            yield ScannedPage(position, path)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise UserError(
                N_("The folder {name} is not there. Nothing was changed."),
                next_step=N_("Choose the folder with the scanned sheets."),
                name=str(self.folder),
            )
        found = [path for path in self.folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
        return sorted(found, key=_natural)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    pieces = re.findall(r"\d+|\D+", path.stem)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces], path.name
