"""What tests of carriers share: drives that fail, students that are typed, the log beside the work on drives."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.services import students
from mab_desktop.services.context import Context
from tests.services.land import OPERATOR, Land, events
from tests.services.people import student


@dataclass
class FillingDrive:
    """A drive that takes `room` bytes and then says that it is full, or whatever `error` says."""

    folder: Path
    room: int
    error: int = errno.ENOSPC

    @property
    def name(self) -> str:
        return "filling"

    def free(self) -> int:
        return 1 << 40

    def total(self) -> int:
        return self.room

    def is_writable(self) -> bool:
        return True

    def write(self, source: Path, progress: Progress = Silent()) -> Path:
        data = source.read_bytes()
        (self.folder / f"{source.name}.part").write_bytes(data[: self.room])
        if len(data) > self.room:
            raise OSError(self.error, "No space left on device")
        return (self.folder / f"{source.name}.part").rename(self.folder / source.name)


def type_student(land: Land, number: int) -> None:
    students.save(land.ctx(OPERATOR), student(number, surname="Бекова", birth_date=student()["birth_date"].replace(
        day=number + 1)))  # fmt: skip


def happened(ctx: Context, after: int = 0) -> list[str]:
    """What the log holds beside the work on drives."""
    return [name for name in events(ctx, after) if not name.startswith("drive-")]
