"""Image files as a source, a folder or a list of them: the way in without a scanner, for scans made elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.scanning.source import ScannedPage
from mab_desktop.scanning.whole import suffix_of

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".pdf", ".webp", ".gif", ".jp2", ".j2k"})


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
        return _in_turn(self._files(), progress)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise UserError(
                N_("The folder {name} is not there. Nothing was changed."),
                next_step=N_("Choose the folder with the scanned sheets."),
                name=str(self.folder),
            )
        return in_natural_order(path for path in self.folder.iterdir() if _is_page(path))


@dataclass(frozen=True, slots=True)
class FilesSource:
    """Files that a person chose, in the order in which they were given."""

    files: tuple[Path, ...]

    @property
    def label(self) -> str:
        """The folder of the files."""
        return self.files[0].parent.name if self.files else ""

    def count(self) -> int | None:
        """How many files were chosen."""
        return len(self.files)

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """The files in turn; none is given out when one of them is missing."""
        for path in self.files:
            if not path.is_file():
                raise UserError(
                    N_("There is no file or folder {name}."), next_step=N_("Choose the scanned sheets again."),
                    name=str(path),
                )  # fmt: skip
        return _in_turn(self.files, progress)


def is_image(path: Path) -> bool:
    """True for a name that the reader may take."""
    return path.suffix.lower() in SUFFIXES


def _is_page(path: Path) -> bool:
    """True for a file that is a page by its name or, where the name says nothing, by its first bytes.

    Scanners save `0001`, browsers `page.jfif`. What macOS leaves beside each file on a drive (`._0001.jpg`) is none.
    """
    if path.name.startswith(".") or not path.is_file():
        return False
    if is_image(path):
        return True
    try:
        with path.open("rb") as file:
            return bool(suffix_of(file.read(12)))
    except OSError:
        return False


def in_natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sorted by name, numbers counted as numbers."""
    return sorted(paths, key=_natural)


def _in_turn(files: Iterable[Path], progress: Progress) -> Iterator[ScannedPage]:
    for position, path in enumerate(files, 1):
        progress.step()
        yield ScannedPage(position, path)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    pieces = re.findall(r"\d+|\D+", path.stem)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces], path.name
