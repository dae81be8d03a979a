"""Where a run lies while it is scanned: its images and a logbook of their order, found again after a crash."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mab_desktop.domain.entropy import new_id
from mab_desktop.omr.load import PageSource, list_pages
from mab_desktop.omr.problems import PageRefused
from mab_desktop.scanning.folder import SUFFIXES
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.scans import scans_folder

_LOGBOOK = "run.json"


@dataclass(frozen=True, slots=True)
class StagedImage:
    """One page of a file in the staging folder; `origin` is the file it was copied from, "" when scanned there."""

    name: str
    page: int = 1
    origin: str = ""


@dataclass(frozen=True)
class Logbook:
    """Whose envelope is being scanned (hall "" while the cover has not said it), and its pages in their order."""

    at: str
    by: str
    shift: int = 0
    hall: str = ""
    scan_pass: int = 0
    source: str = ""
    pages: tuple[StagedImage, ...] = ()
    removed: tuple[StagedImage, ...] = ()


@dataclass(frozen=True)
class LeftOver:
    """A run that was neither saved nor thrown away: the program or the computer stopped in the middle."""

    folder: Path
    log: Logbook

    @property
    def images(self) -> int:
        """How many pages lie there."""
        return len(self.log.pages)


@dataclass
class Staging:
    """The folder of one run. Every run of the feeder gets a folder of its own in it, so that names never meet."""

    folder: Path
    _copied: int = field(default=0, init=False)

    def run_folder(self) -> Path:
        """A new, empty folder for what the feeder gives next."""
        taken = [int(found.name[4:]) for found in self.folder.glob("run-*")]
        made = self.folder / f"run-{max(taken, default=0) + 1:02d}"
        made.mkdir(parents=True)
        return made

    def adopt(self, path: Path, run: Path) -> Path:
        """The file in the staging folder: as it lies when it was scanned there, else a copy of it."""
        if path.is_relative_to(self.folder):
            return path
        self._copied += 1
        kept = run / f"{self._copied:04d}{path.suffix.lower()}"
        try:
            shutil.copyfile(path, kept)
        except OSError:
            kept.unlink(missing_ok=True)  # half a copy must not be found after a crash
            raise
        return kept

    def name(self, path: Path) -> str:
        """How the logbook calls a file of this folder."""
        return path.relative_to(self.folder).as_posix()

    def unnamed(self, log: Logbook) -> list[Path]:
        """Images that lie here although the logbook does not name them, in the order of their names."""
        known = {image.name for image in (*log.pages, *log.removed)}
        return [self.folder / name for name in _files(self.folder) if name not in known]

    def write(self, log: Logbook) -> None:
        """Put the logbook in the place of the one before, whole or not at all."""
        fresh = self.folder / f"{_LOGBOOK}.tmp"
        fresh.write_text(json.dumps(asdict(log), ensure_ascii=False, indent=1), "utf-8")
        fresh.replace(self.folder / _LOGBOOK)

    def remove(self) -> None:
        """Delete the folder with all images."""
        shutil.rmtree(self.folder, ignore_errors=True)


def staging_root(ctx: Context) -> Path:
    """The folder that holds runs not yet saved."""
    return scans_folder(ctx) / "staging"


def new_staging(ctx: Context) -> tuple[Staging, Logbook]:
    """A folder for a run that begins now."""
    staging = Staging(staging_root(ctx) / new_id(ctx.entropy)[:12])
    staging.folder.mkdir(parents=True)
    log = Logbook(stamp(ctx), ctx.actor.login)
    staging.write(log)
    return staging, log


def left_overs(ctx: Context, besides: Path | None = None) -> list[LeftOver]:
    """Runs that a crash left behind, the oldest first; `besides` is the folder of the run at work now."""
    root = staging_root(ctx)
    folders = sorted(root.iterdir()) if root.is_dir() else []
    found = [LeftOver(folder, read_logbook(folder)) for folder in folders if folder.is_dir() and folder != besides]
    return sorted((run for run in found if run.log.pages), key=lambda run: run.log.at)


def read_logbook(folder: Path) -> Logbook:
    """The logbook of a run with every image that lies there: those it does not name yet come last."""
    try:
        data = json.loads((folder / _LOGBOOK).read_text("utf-8"))
        log = Logbook(**{**data, "pages": _images(data["pages"]), "removed": _images(data["removed"])})
    except (OSError, ValueError, TypeError, KeyError):
        log = Logbook("", "")
    there = tuple(image for image in log.pages if (folder / image.name).is_file())
    staging = Staging(folder)
    lost = tuple(StagedImage(staging.name(p), page.page) for p in staging.unnamed(log) for page in pages_of(p))
    return Logbook(log.at, log.by, log.shift, log.hall, log.scan_pass, log.source, (*there, *lost), log.removed)


def pages_of(path: Path) -> list[PageSource]:
    """The pages of a file; one that cannot be opened is one page, which the reader refuses by name."""
    try:
        return list_pages(path)
    except PageRefused:
        return [PageSource(path, 1, "broken")]


def _images(rows: Sequence[dict[str, Any]]) -> tuple[StagedImage, ...]:
    return tuple(StagedImage(**row) for row in rows)


def _files(folder: Path) -> Iterator[str]:
    for run in sorted(folder.glob("run-*")):
        for path in sorted(run.iterdir()):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield path.relative_to(folder).as_posix()
