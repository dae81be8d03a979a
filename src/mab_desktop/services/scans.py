"""Scanned images beside the database: sealed at their place, checked to belong to the envelope they lay in."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mab_desktop.domain import reading
from mab_desktop.domain.errors import EXIT_SYSTEM, Problem, UserError
from mab_desktop.domain.progress import Silent
from mab_desktop.domain.sheet import SheetLayout
from mab_desktop.i18n import N_
from mab_desktop.omr.code import read_code_again, read_codes
from mab_desktop.omr.load import ImageFile, PageSource, load_page
from mab_desktop.omr.locate import Image
from mab_desktop.omr.problems import REFUSALS, WARNINGS, PageRefused
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading, State
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.services.context import Context
from mab_desktop.services.covers import COVER_GROUND, Cover, parse_cover
from mab_desktop.services.images import vault

_PLAIN: Mapping[str, ImageFile] = {}
_COVER = "cover"  # stands among a stored page's problems


def image_files(paths: Sequence[Path]) -> list[Path]:
    """The image files of folders and files in the order in which a feeder would take them."""
    found: list[Path] = []
    for path in paths:
        found += [page.path for page in FolderSource(path).pages(Silent())] if path.is_dir() else [path]
    return found


def page_problems(stored: Sequence[Mapping[str, Any]]) -> tuple[Problem, ...]:
    """What the reader said of a page, in words; of a refused one only why: remarks beside it lead away from that."""
    words = {**REFUSALS, **WARNINGS, _COVER: COVER_GROUND}
    told = [p for p in stored if p["code"] in REFUSALS] or stored
    return tuple(Problem("page", words[p["code"]], tuple(sorted(p["params"].items()))) for p in told)


def stored_problems(read: SheetReading, *, cover: bool = False) -> list[dict[str, Any]]:
    """What the reader said of a page, as it is stored; of a cover only that it is one."""
    if cover:
        return [{"code": _COVER, "params": {}}]
    return [{"code": p.code, "params": dict(p.params)} for p in read.problems]


@dataclass(frozen=True)
class Seen:
    """A page as it was read, and the cover that it is instead of a sheet."""

    read: SheetReading
    cover: Cover | None = None


def second_look(read: SheetReading, form: SheetLayout, gray: Image | None = None) -> Seen:
    """Look again at a page whose code was missed: is it the cover of an envelope, or what is its serial?

    `gray` is the page's image where it is at hand. Readers that disagree refuse the page by name.
    """
    if read.serial:
        return Seen(read)
    try:
        if gray is None:
            gray = load_page(PageSource(Path(read.file), read.page)).gray
        if not read.ok:
            covers = [cover for text in read_codes(gray) if (cover := parse_cover(text)) is not None]
            if covers:
                return Seen(read, covers[0])
        return Seen(read_code_again(gray, read, form))
    except PageRefused as refused:
        if refused.problem in read.problems:
            return Seen(read)
        return Seen(replace(read, ok=False, fields={}, problems=(*read.problems, refused.problem)))


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


def hall_place(shift: int, hall: str) -> str:
    """Where a hall's images lie among the sealed ones."""
    return f"shift-{shift:02d}/hall-{hall}"


@contextmanager
def disk_in_words(what: str) -> Iterator[None]:
    """A disk that is full or refuses becomes a UserError; `what` is a message id that says what is safe."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            full = N_("The disk of this computer is full: make room on it, then go on.")
            raise UserError(full, next_step=what, exit_code=EXIT_SYSTEM) from error
        raise UserError(
            N_("The disk of this computer refused: {detail}."), next_step=what, exit_code=EXIT_SYSTEM,
            detail=error.strerror or type(error).__name__,
        ) from error  # fmt: skip


def keep_images(
    ctx: Context, found: Sequence[SheetReading], place: str, images: Mapping[str, ImageFile] = _PLAIN
) -> dict[str, tuple[str, str]]:
    """Seal each source file once and make it lasting; source -> (its place, SHA-256 of the plain file).

    `images` are the sources that are no plain files. UserError when the disk is full; then nothing is left behind.
    """
    kept: dict[str, tuple[str, str]] = {}
    with disk_in_words(N_("Nothing of this run was saved.")):
        try:
            for read in found:
                if read.file not in kept:
                    source = images.get(read.file) or Path(read.file)
                    target = f"{place}/{len(kept) + 1:04d}{Path(source.name).suffix.lower()}"
                    with source.open("rb") as incoming:
                        kept[read.file] = (target, vault(ctx).put(incoming, target).sha256)
        except OSError:
            vault(ctx).remove(place)
            raise
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
