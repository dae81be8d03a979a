"""A watched folder: pages that a scanner's own program saves are taken once they are whole; they stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.scanning.folder import in_natural_order, is_image
from mab_desktop.scanning.source import ScannedPage
from mab_desktop.scanning.whole import is_whole

LOOK = 0.5
# Beginnings of names under which programs keep a file that they are still writing.
_TEMPORARY = (".", "~")
# Size and time of the last change: a file whose print is the same at two looks is not being written.
_Print = tuple[int, int]


@dataclass
class WatchedSource:
    """The pages that arrive in `folder` from now on, or all (`fresh` False), in the order of their arrival.

    Ends after `finish()`, or after `idle` seconds without a new file (None: only when told). A file that is not whole
    by then is named in a UserError, and so is one that is written over a page that was taken: programs that give each
    page the same name would lose sheets. `wait(seconds)` waits between two looks and answers True once `finish` was
    called.
    """

    folder: Path
    idle: float | None = None
    fresh: bool = True
    wait: Callable[[float], bool] | None = None
    _finished: Event = field(default_factory=Event, init=False)
    _before: dict[str, _Print] = field(init=False)
    _taken: dict[str, tuple[_Print, bytes]] = field(default_factory=dict, init=False)  # and what was in it
    _count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._before = {path.name: _print_of(path) for path in self._files()} if self.fresh else {}

    @property
    def label(self) -> str:
        """The folder's name."""
        return self.folder.name

    def count(self) -> int | None:
        """Nobody knows how many will come."""
        return None

    def finish(self) -> None:
        """Everything has been scanned: take what lies there and end. May be called from another thread."""
        self._finished.set()

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Each file once it is whole; a file still being written holds back those that came after it."""
        wait = self.wait or self._finished.wait
        seen: dict[Path, _Print] = {}
        silent, finished = 0.0, False
        while True:
            before, seen = seen, self._look(seen)
            silent = 0.0 if seen != before else silent + LOOK
            last = finished or (self.idle is not None and silent > self.idle)
            for path in list(seen):
                if not (last or seen[path] == before.get(path)) or not is_whole(path):
                    break
                of, within = seen.pop(path), _digest(path)
                taken, renamed = self._taken.get(path.name), self._renamed(within)
                self._taken[path.name] = of, within
                if renamed:
                    continue
                if taken is not None:
                    self._written_over(path, same=taken[1] == within)
                    continue
                self._count += 1
                progress.step()
                yield ScannedPage(self._count, path)
            if last:
                self._all_whole(seen)
                return
            progress.step(0)
            finished = wait(LOOK)

    def _look(self, seen: dict[Path, _Print]) -> dict[Path, _Print]:
        """The files that wait: those known before first, then the new ones by name."""
        now = {path: _print_of(path) for path in self._files()}
        now = {path: of for path, of in now.items() if of not in (self._before.get(path.name), self._taken_print(path))}
        known = [path for path in seen if path in now]
        return {path: now[path] for path in (*known, *(path for path in now if path not in seen))}

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            raise UserError(
                N_("The folder {name} is not there. Nothing was changed."),
                next_step=N_("Choose the folder that the scanner's program saves its pages in."), name=str(self.folder),
            )  # fmt: skip
        found = (path for path in self.folder.iterdir() if is_image(path) and path.is_file())
        return in_natural_order(path for path in found if not path.name.startswith(_TEMPORARY))

    def _taken_print(self, path: Path) -> _Print | None:
        taken = self._taken.get(path.name)
        return taken[0] if taken else None

    def _renamed(self, within: bytes) -> bool:
        """Whether a page that was taken has another name now: no two scans are the same to the last byte.

        Its old name is free then for the next page.
        """
        gone = (name for name, (_of, taken) in self._taken.items() if taken == within)
        before = next((name for name in gone if not (self.folder / name).exists()), None)
        return before is not None and self._taken.pop(before) is not None

    @staticmethod
    def _written_over(path: Path, *, same: bool) -> None:
        """A file that was taken has changed; some programs only touch what they have saved."""
        if not same:
            raise UserError(
                N_("The scanner's program wrote {name} anew, over a page that was taken already. The page that was "
                   "taken is kept."),
                next_step=N_("Let the program give each page a name of its own, scan this sheet and those after it "
                             "once more, then go on."),
                exit_code=EXIT_SYSTEM, name=path.name,
            )  # fmt: skip

    def _all_whole(self, left: dict[Path, _Print]) -> None:
        """What is torn holds nothing back when scanning goes on, unless it is written on."""
        torn = [path for path in left if not is_whole(path)]
        self._before |= {path.name: left[path] for path in torn}
        for path in torn or left:
            raise UserError(
                N_("The page {name} in the watched folder is not whole."),
                next_step=N_("Scan this sheet and those after it once more, then go on. The pages before it are kept."),
                exit_code=EXIT_SYSTEM, name=path.name,
            )  # fmt: skip


def _digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""


def _print_of(path: Path) -> _Print:
    try:
        status = path.stat()
    except OSError:
        return -1, 0
    return status.st_size, status.st_mtime_ns
