"""Photographs of students for their passes (p.21, p.25): taken from files, cut to 3x4, sealed, taken back.

A file is decoded by a bounded process (docs/intake.md); what is kept is a small JPEG of our own making, sealed among
the images of the workplace under its digest. Which photograph stands for whom is in the database, so that taking one
back is a change of a row: the picture before it is still there.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.file_names import readable
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.portrait import Frame, large_enough, proposed
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.student import student_name
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile, PageSource, load_picture
from mab_desktop.omr.picture import kind_of
from mab_desktop.omr.portrait import cut_out, find_face
from mab_desktop.omr.problems import REFUSALS, PageRefused
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.images import vault
from mab_desktop.services.scans import disk_in_words
from mab_desktop.storage.sealed import SealedFile, Vault
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.photos import Photo
from mab_desktop.storage.tables.students import Student

HANDED_IN = 2
"""Photographs that each student hands in: one for the pass, one for the stub (p.21)."""
SUFFIXES = (".jpg", ".jpeg", ".png")
_KINDS = ("jpeg", "png")
_LOADED_HEIGHT = 2000  # dots: more would only be thrown away again
_FOLDER = "photos"
_NUMBERS = ("to_code", "identity_document", "record_book")


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A student and his photographs: how many were handed in on paper, and the picture kept ("" for none)."""

    student: str
    name: str
    to_code: str
    identity_document: str
    record_book: str
    specialty: str
    study_language: str
    base_university: str
    received: int
    photo: str
    face: bool
    source: str
    at: str
    by: str


@dataclass(frozen=True)
class Opened:
    """A picture to cut a photograph out of: its dots (blue, green, red; or gray), and the frame proposed."""

    path: str
    origin: str
    wide: int
    high: int
    colours: int
    frame: Frame
    face: bool
    dots: bytes = field(repr=False)

    def cut(self, frame: Frame | None = None) -> bytes:
        """The photograph as it will be kept and printed: a JPEG."""
        shape = (self.high, self.wide, self.colours) if self.colours > 1 else (self.high, self.wide)
        picture = np.frombuffer(self.dots, np.uint8).reshape(shape)
        return cut_out(picture, (frame or self.frame).within(self.wide, self.high))

    def whole(self) -> Frame:
        """The largest frame: all of a picture that is 3x4 already."""
        return proposed(self.wide, self.high)


@dataclass(frozen=True, slots=True)
class Act:
    """What one act changed: photographs that came to stand and those that no longer do."""

    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A file that was not taken, and why: a message id with its parameters."""

    file: str
    why: str
    params: Mapping[str, Any] = field(default_factory=dict)
    next_step: str = ""

    def message(self, lang: str) -> str:
        """The reason in words."""
        return UserError(self.why, next_step=self.next_step, **self.params).message(lang)


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What came of a folder: the act that `take_back` undoes, students with a photograph now, files left over."""

    act: Act
    taken: tuple[str, ...]
    same: int
    without_face: tuple[str, ...]
    left_over: tuple[LeftOver, ...]


# -- looking


def photo_rows(ctx: Context) -> list[PhotoRow]:
    """Every standing student with his photographs, in Kazakh order of names; no picture is opened."""
    require(ctx, Role.NETWORK_UNI)
    with ctx.store.read() as session:
        return _rows(session)


def find_students(ctx: Context, number: str) -> list[PhotoRow]:
    """The students whose TO code, identity document or record book is `number`, as typed or scanned.

    A number that is written just so means its student; else blanks, marks and case do not count.
    """
    require(ctx, Role.NETWORK_UNI)
    wanted = _bare(number)
    if not wanted:
        return []
    with ctx.store.read() as session:
        exact = _rows(session, or_(*(getattr(Student, name) == number.strip() for name in _NUMBERS)))
    return exact or [row for row in photo_rows(ctx) if wanted in map(_bare, (getattr(row, name) for name in _NUMBERS))]


def photo_of(ctx: Context, student: str) -> bytes:
    """The photograph of a student as a JPEG; b"" when there is none, or its file is gone."""
    with ctx.store.read() as session:
        return next(iter(photographs(ctx, session, [student]).values()), lambda: b"")()


def photographs(
    ctx: Context, session: Session, students: Collection[str] | None = None
) -> dict[str, Callable[[], bytes]]:
    """What opens the photograph of each student who has one; pictures are read one at a time, when they are drawn."""
    query = select(Photo.student, Photo.sha256).where(Photo.gone_at.is_(None))
    if students is not None and len(students) <= 500:
        query = query.where(Photo.student.in_(students))
    where = vault(ctx)
    found = {student: where.file(place_of(sha256)) for student, sha256 in session.execute(query)}
    return {student: _reader(file) for student, file in found.items() if students is None or student in students}


def _reader(file: SealedFile) -> Callable[[], bytes]:
    def read() -> bytes:
        with suppress(OSError):  # lost with its disk, or changed: the box stays empty for a photograph of paper
            return file.read_bytes()
        return b""

    return read


def open_picture(path: ImageFile) -> Opened:
    """A JPEG or PNG from outside, decoded within limits; UserError when a photograph cannot be cut out of it."""
    kind, origin = _checked(path)
    try:
        dots = load_picture(PageSource(path, 1, kind), _LOADED_HEIGHT)
    except PageRefused as refused:
        raise _refused(path, refused) from refused
    high, wide = dots.shape[:2]
    if not large_enough(wide, high):
        raise UserError(
            N_("{name} is too small: {wide} by {high} dots. At least 300 by 400 are needed."),
            name=path.name, wide=wide, high=high,
        )  # fmt: skip
    face = find_face(dots)
    colours = dots.shape[2] if dots.ndim == 3 else 1
    return Opened(str(path), origin, wide, high, colours, proposed(wide, high, face), face is not None, dots.tobytes())


def _checked(path: ImageFile) -> tuple[str, str]:
    """What a file is by its content, and its SHA-256; UserError when it is no picture that is taken."""
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(16))
            if kind not in _KINDS:
                raise UserError(N_("{name} is neither a JPEG nor a PNG picture."), name=path.name)
            file.seek(0)
            return kind, hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(N_("{name} cannot be read."), name=path.name) from error
    except PageRefused as refused:
        raise _refused(path, refused) from refused


def _refused(path: ImageFile, refused: PageRefused) -> UserError:
    params = dict(refused.problem.params)
    return UserError(N_("{name} is not taken."), next_step=REFUSALS[refused.problem.code], **params, name=path.name)


def open_again(ctx: Context, student: str) -> Opened:
    """The picture that a student's photograph was cut from, with the frame of then; UserError when it is gone."""
    with ctx.store.read() as session:
        row = session.scalar(select(Photo).where(Photo.student == student, Photo.gone_at.is_(None)))
        if row is None:
            raise UserError(N_("There is no photograph of this student here."))
        source, frame, origin = row.source, row.frame, row.origin
    gone = UserError(N_("The picture it was cut from is no longer where it was: {path}."),
                     next_step=N_("Choose the file again."), path=source)  # fmt: skip
    if not Path(source).is_file():
        raise gone
    opened = open_picture(Path(source))
    if opened.origin != origin:
        raise gone
    return Opened(opened.path, origin, opened.wide, opened.high, opened.colours, Frame(*frame), opened.face,
                  opened.dots)  # fmt: skip


# -- taking


def keep(ctx: Context, student: str, opened: Opened, frame: Frame | None = None) -> Act:
    """Keep the photograph of a student in place of the one before."""
    _may_change(ctx)
    whole = (frame or opened.frame).within(opened.wide, opened.high)
    made = _made(ctx, student, opened, whole)
    with ctx.store.write(ctx.actor) as tx:
        if tx.session.get(Student, student) is None:
            raise UserError(N_("There is no such record here."))
        act = _stand(ctx, tx, [made])
        tx.note("photo-kept", student, sha256=made["sha256"], origin=opened.origin)
    return act


def take_folder(ctx: Context, folder: Path, progress: Progress = Silent()) -> FolderReport:
    """Keep the photographs of a folder whose files are named by TO code, identity document or record book.

    Names are compared without blanks, marks and case. A file that fits nobody, several students, or the student of
    another file is left over and said; one that is kept already is not made again.
    """
    _may_change(ctx)
    files, left_over = _files(folder)
    with ctx.store.read() as session:
        rows = _rows(session)
        standing = session.execute(select(Photo.student, Photo.origin).where(Photo.gone_at.is_(None)))
        origins = {student: origin for student, origin in standing}  # noqa: C416
    matched, strangers = _matched(files, rows)
    left_over += strangers
    progress.stage(N_("Cutting photographs"), len(matched))
    made: list[dict[str, Any]] = []
    without_face, same = [], 0
    for path, row in matched:
        progress.step()
        try:
            if origins.get(row.student) == _checked(path)[1]:
                same += 1
                continue
            opened = open_picture(path)
        except UserError as error:
            left_over.append(LeftOver(path.name, error.text, error.params, error.next_step))
            continue
        made.append(_made(ctx, row.student, opened, opened.frame))
        without_face += [] if opened.face else [row.student]
    act = Act()
    if made:
        with ctx.store.write(ctx.actor) as tx:
            act = _stand(ctx, tx, made)
            tx.note("photos-kept", folder.name, count=len(made), left_over=len(left_over))
    taken = tuple(photo["student"] for photo in made)
    return FolderReport(act, taken, same, tuple(without_face), tuple(sorted(left_over, key=lambda one: one.file)))


def remove(ctx: Context, students: Collection[str]) -> Act:
    """Take the photographs of students away; `take_back` brings them back."""
    _may_change(ctx)
    with ctx.store.write(ctx.actor) as tx:
        gone = _end(ctx, tx, students)
        if gone:
            tx.note("photo-removed", f"{len(gone)}", students=sorted(students))
    return Act((), gone)


def take_back(ctx: Context, act: Act) -> None:
    """Undo an act: what came goes, what went stands again unless another photograph stands there meanwhile."""
    _may_change(ctx)
    with ctx.store.write(ctx.actor) as tx:
        now = stamp(ctx)
        for photo in act.came:
            row = tx.session.get(Photo, photo)
            if row is not None and row.gone_at is None:
                row.gone_at = now
        tx.session.flush()
        standing = set(tx.session.scalars(select(Photo.student).where(Photo.gone_at.is_(None))))
        for photo in act.gone:
            row = tx.session.get(Photo, photo)
            if row is not None and row.student not in standing:
                row.gone_at = None
                standing.add(row.student)
        tx.note("photo-taken-back", f"{len(act.came)}", came=len(act.came), gone=len(act.gone))


def take_over(ctx: Context, tx: Transaction, gone: str, kept: str, *, instead: bool) -> tuple[str, str]:
    """Two records were one person: the photograph of the one that goes stands for the one that stays too.

    Where that has a photograph of its own, only `instead` lets it go. The photograph that came, and the one before it;
    "" for none. `give_back` undoes it.
    """
    standing = select(Photo).where(Photo.gone_at.is_(None), Photo.student.in_((gone, kept)))
    rows = {row.student: row for row in tx.session.scalars(standing)}
    theirs, own = rows.get(gone), rows.get(kept)
    if theirs is None or (own is not None and (not instead or own.sha256 == theirs.sha256)):
        return "", ""
    _end(ctx, tx, [kept])
    names = ("sha256", "origin", "size", "source", "frame", "face")
    came = Photo(id=new_id(ctx.entropy), student=kept, at=stamp(ctx), by=ctx.actor.login, gone_at=None,
                 **{name: getattr(theirs, name) for name in names})  # fmt: skip
    tx.session.add(came)
    tx.session.flush()
    return came.id, own.id if own is not None else ""


def give_back(ctx: Context, tx: Transaction, came: str, before: str) -> None:
    """Undo `take_over`; where another photograph was kept since, that one stays."""
    row = tx.session.get(Photo, came) if came else None
    if row is None or row.gone_at is not None:
        return
    row.gone_at = stamp(ctx)
    tx.session.flush()
    if before:
        tx.session.get_one(Photo, before).gone_at = None


# -- inside


def _may_change(ctx: Context) -> None:
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)


def _rows(session: Session, *conditions: ColumnElement[bool]) -> list[PhotoRow]:
    names = ("id", "surname", "first_name", "patronymic", *_NUMBERS, "specialty", "study_language", "base_university",
             "photos")  # fmt: skip
    query = (
        select(*(getattr(Student, name) for name in names), Photo.id.label("photo"), Photo.face, Photo.source, Photo.at,
               Photo.by)
        .outerjoin(Photo, and_(Photo.student == Student.id, Photo.gone_at.is_(None)))
        .where(Student.deleted_at.is_(None), *conditions)
        .order_by(Student.sort_name, Student.id)
    )  # fmt: skip
    return [
        PhotoRow(
            row.id, student_name({"surname": row.surname, "first_name": row.first_name, "patronymic": row.patronymic}),
            row.to_code or "", row.identity_document or "", row.record_book or "", row.specialty or "",
            row.study_language or "", row.base_university, row.photos, row.photo or "", bool(row.face),
            row.source or "", row.at or "", row.by or "",
        )
        for row in session.execute(query)
    ]  # fmt: skip


def place_of(sha256: str) -> str:
    """Where the photograph of a digest lies in the vault."""
    return f"{_FOLDER}/{sha256[:2]}/{sha256}.jpg"


def _made(ctx: Context, student: str, opened: Opened, frame: Frame) -> dict[str, Any]:
    """The photograph sealed, and its row to be."""
    jpeg = opened.cut(frame)
    return sealed_photo(ctx, student, jpeg, origin=opened.origin, source=readable(opened.path), face=opened.face,
                        frame=[round(n, 2) for n in (frame.left, frame.top, frame.width)])  # fmt: skip


def sealed_photo(ctx: Context, student: str, jpeg: bytes, **more: Any) -> dict[str, Any]:
    """Seal a JPEG of our own making under its digest, and give the row of its photograph.

    A picture that no row comes to name (a crash in between) does no harm: the same one will lie at the same place.
    """
    sha256 = hashlib.sha256(jpeg).hexdigest()
    _put(vault(ctx), jpeg, place_of(sha256))
    return {"id": new_id(ctx.entropy), "student": student, "sha256": sha256, "size": len(jpeg), "at": stamp(ctx),
            "by": ctx.actor.login, "gone_at": None, **more}  # fmt: skip


def _put(where: Vault, jpeg: bytes, place: str) -> None:
    with disk_in_words(N_("Nothing was changed.")), suppress(FileExistsError):
        where.put(io.BytesIO(jpeg), place)


def _stand(ctx: Context, tx: Transaction, made: Sequence[Mapping[str, Any]]) -> Act:
    gone = _end(ctx, tx, {photo["student"] for photo in made})
    tx.session.add_all(Photo(**photo) for photo in made)
    return Act(tuple(photo["id"] for photo in made), gone)


def _end(ctx: Context, tx: Transaction, students: Collection[str]) -> tuple[str, ...]:
    """Photographs of these students stand no more; their ids."""
    now, wanted = stamp(ctx), set(students)
    rows = [row for row in tx.session.scalars(select(Photo).where(Photo.gone_at.is_(None))) if row.student in wanted]
    for row in rows:
        row.gone_at = now
    tx.session.flush()
    return tuple(row.id for row in rows)


def _files(folder: Path) -> tuple[list[Path], list[LeftOver]]:
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise UserError(N_("The folder {name} cannot be read."), name=folder.name) from error
    pictures = [path for path in found if path.suffix.lower() in SUFFIXES]
    others = [LeftOver(path.name, N_("Not a JPEG or PNG picture.")) for path in found if path not in set(pictures)]
    return pictures, others


def _matched(
    files: Iterable[Path], rows: Iterable[PhotoRow]
) -> tuple[list[tuple[Path, PhotoRow]], list[LeftOver]]:
    """Each file with the one student whose number it is named by; the rest with the reason."""
    by_number: dict[str, dict[str, PhotoRow]] = defaultdict(dict)
    for row in rows:
        for name in _NUMBERS:
            if number := _bare(getattr(row, name)):
                by_number[number][row.student] = row
    found: dict[str, list[tuple[Path, PhotoRow]]] = defaultdict(list)
    left_over = []
    for path in files:
        known = by_number.get(_bare(path.stem), {})
        if len(known) == 1:
            (row,) = known.values()
            found[row.student].append((path, row))
        elif known:
            left_over.append(LeftOver(path.name, N_("{n} students have this number."), {"n": len(known)}))
        else:
            left_over.append(LeftOver(path.name, N_("No student has this TO code, document or record book.")))
    for several in found.values():
        if len(several) > 1:
            names = ", ".join(path.name for path, _row in several)
            left_over += [LeftOver(path.name, N_("Several files are of {name}: {files}."),
                                   {"name": row.name, "files": names}) for path, row in several]  # fmt: skip
    return [several[0] for several in found.values() if len(several) == 1], left_over


def _bare(number: str) -> str:
    """A number without blanks, marks and case: record books are written with strokes that no file's name can have."""
    return re.sub(r"[\W_]+", "", number).casefold()
