"""Where the sheets of a run come from, for those who know no device: a folder, single files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mab_desktop.scanning.folder import FilesSource, FolderSource
from mab_desktop.scanning.source import Source


def from_folder(folder: Path) -> Source:
    """All images of a folder, in the order of their names."""
    return FolderSource(folder)


def from_files(files: Sequence[Path]) -> Source:
    """The files that a person chose."""
    return FilesSource(tuple(files))
