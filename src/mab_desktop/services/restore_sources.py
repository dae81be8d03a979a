"""Where a copy to go back to may be taken from: this computer's disk, the second disk, a folder, a reserve drive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.i18n import N_
from mab_desktop.services import backups, reserve, second_disk
from mab_desktop.services.reserve import ReserveSet
from mab_desktop.storage import backup
from mab_desktop.storage.backup import Copy

HERE, SECOND, ELSEWHERE, RESERVE = N_("This computer"), N_("Second disk"), N_("Folder or drive"), N_("Reserve drive")


@dataclass(frozen=True, slots=True)
class Source:
    """A copy that can be looked at; `place` and `why` are message ids, `at` is DD.MM.YYYY HH:MM.

    `path` is the copy, or the folder of a reserve set, which is put together before it is opened.
    """

    path: Path
    place: str
    at: str
    why: str
    size: int
    n: int
    epoch: int
    reserve: bool = False


def sources(database: Path, elsewhere: Sequence[Path] = ()) -> list[Source]:
    """Every copy at hand, the newest first; `elsewhere` are folders that a person pointed at."""
    second = second_disk.last_place(database)
    places = [(backups.folder_beside(database), HERE)]
    places += [(second, SECOND)] if second else []
    for folder in elsewhere:
        places += [(place, ELSEWHERE) for place in (folder, *sorted(folder.glob("mab-*"))) if place.is_dir()]
    found: dict[Path, Source] = {}
    for place, name in places:
        for copy in backup.copies(place, database.stem):
            found.setdefault(copy.path.resolve(), _of_copy(copy, name))
        if name == ELSEWHERE:
            for one in reserve.sets_on(place):
                found.setdefault(one.folder.resolve(), _of_set(one))
    return sorted(found.values(), key=lambda source: (source.epoch, source.n), reverse=True)


def _of_copy(copy: Copy, place: str) -> Source:
    why = backups.REASONS.get(copy.note.reason, "") if copy.note else ""
    at = copy.at.strftime("%d.%m.%Y %H:%M")
    return Source(copy.path, place, at, why, copy.path.stat().st_size, copy.n, copy.epoch)


def _of_set(one: ReserveSet) -> Source:
    at = f"{one.made_at[8:10]}.{one.made_at[5:7]}.{one.made_at[:4]} {one.made_at[11:16]}"
    return Source(one.folder, RESERVE, at, backups.REASONS["reserve"], one.size, one.n, one.epoch, reserve=True)
