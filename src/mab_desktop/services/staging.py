"""Where a run lies while it is scanned: its images and a logbook of their order, sealed, found again after a crash.

A scanner's pages come as plain files into a folder in memory (where this computer has none, beside the images) and are
sealed as soon as they are whole; then the plain file is wiped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.entropy import new_id
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile, PageSource, list_pages
from mab_desktop.omr.problems import PageRefused
from mab_desktop.scanning.folder import SUFFIXES
from mab_desktop.scanning.whole import suffix_of
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.images import scans_folder, vault
from mab_desktop.services.scans import disk_in_words
from mab_desktop.services.second_disk import LOGBOOK, STAGED, runs_over
from mab_desktop.services.settings import setting
from mab_desktop.storage import scratch
from mab_desktop.storage.folders import make_folder
from mab_desktop.storage.sealed import SUFFIX, SealedFile, Vault, empty

SAFE = N_("What was scanned before is kept.")
# Folders of runs that a session of this program has in hand: another person at its window must not take them up.
_IN_HAND: set[Path] = set()


@dataclass(frozen=True, slots=True)
class StagedImage:
    """One page of a file in the staging folder; `origin` is the file it was copied from, "" when scanned there."""

    name: str
    page: int = 1
    origin: str = ""


@dataclass(frozen=True)
class Logbook:
    """Whose envelope is being scanned (hall "" while the cover has not said it), and its pages in their order.

    `epoch` is the workplace's when the run began: in a later one it came along with a copy.
    """

    at: str
    by: str
    shift: int = 0
    hall: str = ""
    scan_pass: int = 0
    source: str = ""
    pages: tuple[StagedImage, ...] = ()
    removed: tuple[StagedImage, ...] = ()
    epoch: int = 0


@dataclass(frozen=True)
class LeftOver:
    """A run that was neither saved nor thrown away: the program or the computer stopped in the middle.

    `brought`: it was begun before this workplace went on from a copy, so that its last sheets may be missing.
    """

    folder: Path
    log: Logbook
    brought: bool = False

    @property
    def images(self) -> int:
        """How many pages lie there."""
        return len(self.log.pages)


@dataclass
class Staging:
    """The place of one run in the vault; files get numbers in the order of their coming, so that names never meet."""

    vault: Vault
    folder: Path
    _count: int = field(default=0, init=False)
    _taken: set[Path] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        numbers = [int(stem) for name in self._names() if (stem := Path(name).stem).isdecimal()]
        self._count = max(numbers, default=0)

    @property
    def place(self) -> str:
        """Where it is in the vault."""
        return self.folder.relative_to(self.vault.root).as_posix()

    def run_folder(self) -> Path:
        """A new, empty folder for a scanner to put its plain pages into."""
        root = scratch.private_folder(self._scratch, self.vault.root)
        taken = [int(found.name[4:]) for found in root.glob("run-*")]
        made = root / f"run-{max(taken, default=0) + 1:02d}"
        made.mkdir(mode=0o700)
        return made

    def scanned_here(self, path: Path) -> bool:
        """Whether a page came from a scanner of ours and is nobody else's file."""
        return any(path.is_relative_to(folder) for folder in scratch.private_folders(self._scratch, self.vault.root))

    def scanned(self) -> list[Path]:
        """Whole plain pages that a scanner of ours has given and nobody has taken yet."""
        folders = scratch.private_folders(self._scratch, self.vault.root)
        found = (path for folder in folders for path in sorted(folder.rglob("*")) if path not in self._taken)
        return [path for path in found if path.suffix.lower() in SUFFIXES and path.stat().st_size]

    def adopt(self, path: Path) -> SealedFile:
        """A page as a sealed file of this run.

        Of a scanner's plain one nothing is left but its name, so that the scanner counts on; one from elsewhere stays.
        """
        with path.open("rb") as source:
            suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else suffix_of(source.read(12))
            kept = self.vault.file(f"{self.place}/{self._count + 1:04d}{suffix or '.jpg'}")
            source.seek(0)
            self.vault.put(source, kept.place)
        self._count += 1
        if self.scanned_here(path):
            self._taken.add(path)
            empty(path)
        return kept

    def has(self, path: Path) -> bool:
        """Whether a scanner's page was taken already: a source that goes on may give it again."""
        return path in self._taken

    def rescue(self) -> None:
        """Seal the whole pages that a scanner had given when the program stopped; of a page cut off nothing is left."""
        for path in self.scanned():
            self.adopt(path)
        for folder in scratch.private_folders(self._scratch, self.vault.root):
            scratch.remove(folder)

    def file(self, name: str) -> SealedFile:
        """A file as the logbook names it."""
        return self.vault.file(f"{self.place}/{name}")

    def name(self, image: ImageFile) -> str:
        """How the logbook calls a file of this run."""
        return str(image).removeprefix(f"{self.place}/")

    def unnamed(self, log: Logbook) -> list[SealedFile]:
        """Images that lie here although the logbook does not name them, in the order of their coming."""
        known = {image.name for image in (*log.pages, *log.removed)}
        return [self.file(name) for name in self._names() if name not in known]

    def write(self, log: Logbook) -> None:
        """Put the logbook in the place of the one before, whole or not at all."""
        make_folder(self.folder)
        # ASCII only: the name of an image on a strange drive may be no text in UTF-8, and comes back as it was.
        data = json.dumps(asdict(log), separators=(",", ":"))
        self.vault.replace(data.encode(), f"{self.place}/{LOGBOOK}")

    def read(self) -> Logbook:
        """The logbook as it was written last; an empty one where there is none or it was spoilt."""
        try:
            data = json.loads(self.file(LOGBOOK).read_bytes())
            return Logbook(**{**data, "pages": _images(data["pages"]), "removed": _images(data["removed"])})
        except (OSError, ValueError, TypeError, KeyError):
            return Logbook("", "")

    def rest(self) -> None:
        """Nothing is being scanned: let the scanner's folder go, unless a page lies in it that nobody has taken."""
        if not self.scanned():
            for folder in scratch.private_folders(self._scratch, self.vault.root):
                scratch.remove(folder)

    def remove(self) -> None:
        """Delete all of the run."""
        for folder in scratch.private_folders(self._scratch, self.vault.root):
            scratch.remove(folder)
        self.vault.remove(self.place)

    @property
    def _scratch(self) -> str:
        return f"scan-{scratch.tag(self.vault.root)}-{self.folder.name}"

    def _names(self) -> Iterator[str]:
        for path in sorted(self.folder.rglob(f"*{SUFFIX}")):
            name = path.relative_to(self.folder).as_posix().removesuffix(SUFFIX)
            if Path(name).suffix in SUFFIXES:
                yield name


def staging_root(ctx: Context) -> Path:
    """The folder that holds runs not yet saved."""
    return scans_folder(ctx) / STAGED


def new_staging(ctx: Context, shift: int = 0, hall: str = "", scan_pass: int = 0) -> tuple[Staging, Logbook]:
    """A folder for a run that begins now; whose envelope it is stands there before its first sheet comes."""
    staging = Staging(vault(ctx), staging_root(ctx) / new_id(ctx.entropy)[:12])
    log = Logbook(stamp(ctx), ctx.actor.login, shift, hall, scan_pass, epoch=_epoch(ctx))
    staging.write(log)
    return staging, log


def take_in_hand(folder: Path) -> None:
    """A session works on the run of this folder."""
    _IN_HAND.add(folder)


def let_go(folder: Path) -> None:
    """It does so no more."""
    _IN_HAND.discard(folder)


def left_overs(ctx: Context) -> list[LeftOver]:
    """Runs that a crash left behind and nobody has in hand, the oldest first.

    Of one that was saved or discarded only the folder was left; that is cleared away, now or another time.
    UserError where the disk refuses to tell.
    """
    root = staging_root(ctx)
    with disk_in_words(SAFE):
        folders = sorted(root.iterdir()) if root.is_dir() else []
        waiting = [folder for folder in folders if folder.is_dir() and folder not in _IN_HAND]
    if not waiting:
        return []
    epoch = _epoch(ctx)
    with ctx.store.read() as session:
        over = runs_over(session)
    found = []
    for folder in waiting:
        if folder.name in over:
            with suppress(OSError):
                Staging(vault(ctx), folder).remove()
            continue
        _staging, log = reopen_staging(ctx, folder)
        found.append(LeftOver(folder, log, 0 < log.epoch < epoch))
    return sorted((run for run in found if run.log.pages), key=lambda run: run.log.at)


def reopen_staging(ctx: Context, folder: Path) -> tuple[Staging, Logbook]:
    """A run not at work, and its logbook with every image that lies there: those it does not name yet come last.

    UserError where the disk refuses.
    """
    with disk_in_words(SAFE):
        staging = Staging(vault(ctx), folder)
        staging.rescue()
        log = staging.read()
        there = tuple(image for image in log.pages if staging.file(image.name).exists())
        lost = tuple(StagedImage(staging.name(p), page.page) for p in staging.unnamed(log) for page in pages_of(p))
    return staging, replace(log, pages=(*there, *lost))


def pages_of(path: ImageFile) -> list[PageSource]:
    """The pages of a file; one that cannot be opened is one page, which the reader refuses by name."""
    try:
        return list_pages(path)
    except PageRefused:
        return [PageSource(path, 1, "broken")]


def _epoch(ctx: Context) -> int:
    with ctx.store.read() as session:
        return int(setting(session, "epoch").get("epoch", 1))


def _images(rows: Sequence[dict[str, Any]]) -> tuple[StagedImage, ...]:
    return tuple(StagedImage(**row) for row in rows)
