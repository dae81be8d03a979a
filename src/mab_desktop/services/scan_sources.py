"""Where sheets come from, for those who know no device: a folder, single files, one sheet laid into the scanner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.scanning.folder import FilesSource, FolderSource
from mab_desktop.scanning.source import Source
from mab_desktop.services import envelopes, scanners
from mab_desktop.services.context import Context
from mab_desktop.services.envelopes import PassReport
from mab_desktop.services.images import short_lived
from mab_desktop.services.scanners import ScannerProfile
from mab_desktop.services.scans import disk_in_words

_FEEDING = frozenset({"escl", "sane", "wia"})


def from_folder(folder: Path) -> Source:
    """All images of a folder, in the order of their names; UserError where there are none."""
    source = FolderSource(folder)
    if not source.count():
        raise UserError(
            N_("There are no images of sheets in the folder {name}. Nothing was begun."),
            next_step=N_("Choose the folder in which the images themselves lie, not one around it."), name=source.label,
        )  # fmt: skip
    return source


def from_files(files: Sequence[Path]) -> Source:
    """The files that a person chose."""
    return FilesSource(tuple(files))


def feeds_paper(profile: ScannerProfile) -> bool:
    """Whether this is a device; a folder in its place feeds no single sheet."""
    return profile.kind in _FEEDING


def rescan_page(ctx: Context, page: int, profile: ScannerProfile, progress: Progress = Silent()) -> PassReport:
    """Scan the one sheet that lies in the scanner now, in the place of a saved page."""
    with disk_in_words(N_("Nothing of this run was saved.")), short_lived(ctx) as folder:
        return envelopes.rescan_page(ctx, page, scanners.test_scan(profile, folder, progress))
