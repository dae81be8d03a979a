"""A disk whose power is cut: what was synced is there afterwards, of the rest any part.

Data: of the writes since the last sync each may be there, missing, or torn at a sector. Names: creating, renaming and
removing wait in their order until something makes them last. `Names` says how a file system treats them:

JOURNALLED  as ext4 or NTFS: the changes survive in their order up to some point, and any sync takes all before it along
ASKED       no more than POSIX promises: each change on its own, lasting when its folder was synced
FAT         as FAT and exFAT: the two halves of a rename are changes of their own too
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

SECTOR = 512
ROOT = 1
Step = tuple[int, str, int | None]
Tree = dict[str, bytes | None]
Pending = list[tuple[int, bytes | None]]


class Names(StrEnum):
    """How lasting names are."""

    JOURNALLED = "journalled"
    ASKED = "asked"
    FAT = "fat"


@dataclass
class File:
    """Contents as a program sees them, as the medium holds them, and the writes between: (place, data).

    Data None cuts or lengthens to the place.
    """

    seen: bytearray = field(default_factory=bytearray)
    lasting: bytearray = field(default_factory=bytearray)
    pending: Pending = field(default_factory=list)

    def write(self, place: int, data: bytes) -> None:
        """Write at a place; a gap before it is zeros."""
        _put(self.seen, place, data)
        self.pending.append((place, data))

    def truncate(self, size: int) -> None:
        """Cut or lengthen."""
        _put(self.seen, size, None)
        self.pending.append((size, None))

    def sync(self) -> None:
        """Everything so far lasts."""
        for place, data in self.pending:
            _put(self.lasting, place, data)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """What the medium holds when the power goes now."""
        if not self.pending:
            return bytes(self.lasting)
        found = bytearray(self.lasting)
        for place, data in _survivors(self.pending, chance):
            _put(found, place, data)
        return bytes(found)


def _put(contents: bytearray, place: int, data: bytes | None) -> None:
    if data is None:
        del contents[place:]
    if len(contents) < place:
        contents.extend(bytes(place - len(contents)))
    if data is not None:
        contents[place : place + len(data)] = data


def _survivors(pending: Pending, chance: random.Random) -> Pending:
    """A part of what was not synced: none, all, the first few, any, or single sectors of any."""
    way = chance.randrange(6)
    if way == 0:
        return []
    if way == 1:
        return pending
    if way == 2:
        return pending[: chance.randrange(len(pending) + 1)]
    share = chance.random()
    if way == 3:
        return [write for write in pending if chance.random() < share]
    if way == 4:  # one is missing, the others are there
        gone = chance.randrange(len(pending))
        return pending[:gone] + pending[gone + 1 :]
    return [piece for write in pending for piece in _sectors(*write) if chance.random() < share]


def _sectors(place: int, data: bytes | None) -> Pending:
    """A write in the pieces in which it reaches the medium."""
    if data is None:
        return [(place, None)]
    pieces: Pending = []
    at = 0
    while at < len(data):
        size = SECTOR - (place + at) % SECTOR
        pieces.append((place + at, data[at : at + size]))
        at += size
    return pieces


class Disk:
    """A tree of files and folders, by numbers (`ROOT` is the top folder) and names within a folder."""

    def __init__(self, names: Names = Names.JOURNALLED) -> None:
        self.kind = names
        self.files: dict[int, File] = {}
        self.folders: dict[int, dict[str, int]] = {ROOT: {}}
        self._lasting: dict[int, dict[str, int]] = {ROOT: {}}
        self._waiting: list[tuple[Step, ...]] = []
        self._last = ROOT

    def create(self, folder: int, name: str) -> int:
        """A new, empty file."""
        number = self._number()
        self.files[number] = File()
        self._change((folder, name, number))
        return number

    def make_folder(self, folder: int, name: str) -> int:
        """A new, empty folder."""
        number = self._number()
        self.folders[number], self._lasting[number] = {}, {}
        self._change((folder, name, number))
        return number

    def remove(self, folder: int, name: str) -> None:
        """Take a name away."""
        self._change((folder, name, None))

    def rename(self, folder: int, name: str, new_folder: int, new_name: str) -> None:
        """Give a file or folder another name, over what had it."""
        number = self.folders[folder][name]
        if (folder, name) != (new_folder, new_name):
            self._change((folder, name, None), (new_folder, new_name, number))

    def sync(self, number: int) -> None:
        """fsync of a file."""
        self.files[number].sync()
        if self.kind is Names.JOURNALLED:
            self._settle(self._waiting)

    def sync_folder(self, folder: int) -> None:
        """fsync of a folder."""
        ours = [change for change in self._waiting if any(step[0] == folder for step in change)]
        self._settle(self._waiting if self.kind is Names.JOURNALLED else ours)

    def sync_all(self) -> None:
        """syncfs."""
        for file in self.files.values():
            file.sync()
        self._settle(self._waiting)

    def after_cut(self, chance: random.Random) -> Tree:
        """Files with their contents, folders as None, by path, when the power goes now."""
        held = {number: dict(names) for number, names in self._lasting.items()}
        for step in self._kept_steps(chance):
            _name(held, step)
        return self._tree(held, chance)

    def now(self) -> Tree:
        """The same as programs see it."""
        return self._tree(self.folders, None)

    def _tree(self, held: dict[int, dict[str, int]], chance: random.Random | None) -> Tree:
        found: Tree = {}
        todo = [("", ROOT)]
        met = {ROOT}
        while todo:
            head, folder = todo.pop()
            for name, number in sorted(held[folder].items()):
                path = f"{head}{name}"
                if number in self.files:
                    file = self.files[number]
                    found[path] = file.after_cut(chance) if chance else bytes(file.seen)
                elif number not in met:
                    met.add(number)
                    found[path] = None
                    todo.append((f"{path}/", number))
        return found

    def _kept_steps(self, chance: random.Random) -> Iterable[Step]:
        if self.kind is Names.JOURNALLED:
            changes = self._waiting[: chance.randrange(len(self._waiting) + 1)]
            return [step for change in changes for step in change]
        share = chance.choice((0.0, chance.random(), 1.0))
        if self.kind is Names.FAT:
            return [step for change in self._waiting for step in change if chance.random() < share]
        return [step for change in self._waiting if chance.random() < share for step in change]

    def _change(self, *steps: Step) -> None:
        for step in steps:
            _name(self.folders, step)
        self._waiting.append(steps)

    def _settle(self, changes: list[tuple[Step, ...]]) -> None:
        for change in changes:
            for step in change:
                _name(self._lasting, step)
        settled = {id(change) for change in changes}
        self._waiting = [change for change in self._waiting if id(change) not in settled]

    def _number(self) -> int:
        self._last += 1
        return self._last


def _name(folders: dict[int, dict[str, int]], step: Step) -> None:
    folder, name, number = step
    if number is None:
        folders[folder].pop(name, None)
    else:
        folders[folder][name] = number
