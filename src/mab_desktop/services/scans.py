"""Scanned images beside the database: copied with their place, checked to belong to the envelope they lay in."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mab_desktop.domain import reading
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.i18n import N_
from mab_desktop.omr.marks import GroupReading, State
from mab_desktop.omr.problems import REFUSALS, WARNINGS
from mab_desktop.omr.read import SheetReading
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.services.context import Context


def image_files(paths: Sequence[Path]) -> list[Path]:
    """The image files of folders and files in the order in which a feeder would take them."""
    found: list[Path] = []
    for path in paths:
        found += [page.path for page in FolderSource(path).pages(Silent())] if path.is_dir() else [path]
    return found


def image_path(ctx: Context, image: str) -> Path:
    """Where a kept image lies."""
    return scans_folder(ctx) / image


def scans_folder(ctx: Context) -> Path:
    """The folder beside the database that holds the scanned images."""
    return ctx.store.path.parent / f"{ctx.store.path.stem}-scans"


def page_problems(stored: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """What the reader said of a page, in words."""
    return tuple(
        Problem("page", REFUSALS.get(p["code"]) or WARNINGS[p["code"]], tuple(sorted(p["params"].items())))
        for p in stored
    )


@dataclass(frozen=True)
class Belonging:
    """Which serials an envelope may hold; `first` is "" where the centre sent no stack."""

    university: str
    shift: int
    hall: str
    first: str
    count: int

    def check(self, serial: str, file: str) -> None:
        """Stop at a sheet that belongs elsewhere; a page without a serial is settled later."""
        parts = reading.parse_serial(serial) if serial else None
        if not serial:
            return
        if parts is None:
            raise _foreign(N_("{file}: {serial} is not the serial of an answer sheet of this exam."), file, serial)
        if parts.university != self.university:
            raise _foreign(
                N_("{file}: sheet {serial} belongs to base university {other}."), file, serial, other=parts.university
            )
        if parts.shift != self.shift or parts.hall != int(self.hall):
            raise _foreign(
                N_("{file}: sheet {serial} belongs to hall {other} of shift {shift}."), file, serial,
                other=str(parts.hall), shift=parts.shift,
            )  # fmt: skip
        if self.first and not 0 <= int(serial) - int(self.first) < self.count:
            raise _foreign(N_("{file}: sheet {serial} is not among the sheets given to this hall."), file, serial)


def _foreign(text: str, file: str, serial: str, **params: Any) -> UserError:
    stopped = N_("Scanning was stopped, nothing of this run was saved. Look through the envelope.")
    return UserError(text, next_step=stopped, file=file, serial=serial, **params)


def hall_folder(ctx: Context, shift: int, hall: str) -> Path:
    """The folder of a hall's images."""
    return scans_folder(ctx) / f"shift-{shift:02d}" / f"hall-{hall}"


def keep_images(found: Sequence[SheetReading], folder: Path) -> dict[str, tuple[str, str]]:
    """Copy each source file once and make it lasting; source -> (path below the scans folder, SHA-256)."""
    folder.mkdir(parents=True)
    kept: dict[str, tuple[str, str]] = {}
    for read in found:
        if read.file in kept:
            continue
        source = Path(read.file)
        target = folder / f"{len(kept) + 1:04d}{source.suffix.lower()}"
        with source.open("rb") as incoming, target.open("xb") as out:
            shutil.copyfileobj(incoming, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        kept[read.file] = (str(target.relative_to(folder.parents[2]).as_posix()), digest)
    return kept


def spelled(fields: Mapping[str, Mapping[int, GroupReading]]) -> dict[str, list[str]]:
    """The reader's groups as marks: several values in printed order, doubtful ones strongest first."""
    out: dict[str, list[str]] = {}
    for field, columns in fields.items():
        marks = []
        for column in sorted(columns):
            group = columns[column]
            values = group.values if group.state is State.DOUBTFUL else sorted(group.values)
            marks.append(reading.spell(group.state.value, tuple(values)))
        out[field] = marks
    return out


def as_reading(serial: str, marks: reading.Marks, scores: bytes) -> SheetReading:
    """Stored marks and scores as the reader gave them, to be compared with another pass."""
    fields = {
        field: {n: GroupReading(State(reading.state_of(m)), reading.values_of(m)) for n, m in enumerate(columns)}
        for field, columns in marks.items()
    }
    return SheetReading("", 1, True, (), serial=serial, fields=fields, scores=scores)
