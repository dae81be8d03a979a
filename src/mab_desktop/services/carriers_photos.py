"""Photographs on their way: a network university's to its base university, with the student database (p.21, p.24)."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Arrived, Collected, Line
from mab_desktop.services.images import vault
from mab_desktop.services.photos import open_picture, place_of, sealed_photo
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.photos import Photo
from mab_desktop.storage.tables.students import Student

_MOST = 64 << 10  # a photograph of ours has at most 40 KiB


@dataclass(frozen=True)
class InMemory:
    """An enclosed file as something that opens; it never lies on the disk in clear."""

    name: str
    data: bytes

    def open(self, _mode: Any = "rb", /) -> io.BytesIO:
        """A reader of its bytes."""
        return io.BytesIO(self.data)

    def __str__(self) -> str:
        return self.name


def outgoing(ctx: Context, session: Session, base: str) -> Collected:
    """The photographs of the students of a base university; one whose picture is lost stays at home."""
    query = (
        select(Photo.student, Photo.sha256, Photo.size).join(Student, Student.id == Photo.student)
        .where(Photo.gone_at.is_(None), Student.deleted_at.is_(None), Student.base_university == base)
        .order_by(Photo.student)
    )  # fmt: skip
    where, records, files = vault(ctx), [], []
    for student, sha256, size in session.execute(query):
        file = where.file(place_of(sha256))
        if file.exists():
            records.append(("photo", {"student": student, "sha256": sha256, "size": size}))
            files.append((name_of(student), file))
    return Collected(records, tuple(files))


def preview(arrived: Arrived) -> list[Line]:
    """How many photographs come along; nothing when none do."""
    count = sum(1 for _photo in arrived.of_type("photo"))
    return [Line(N_("Photographs for the passes: {count}"), {"count": count})] if count else []


def take(ctx: Context, tx: Transaction, arrived: Arrived, university: str) -> None:
    """The photographs of a network university here, in place of those that came before.

    What came is decoded in a bounded process and made anew: nothing that another organisation wrote is kept or
    printed. One that came before is not made again.
    """
    students = {values["id"] for values in arrived.of_type("student")}
    own = select(Student.id).where(Student.university == university)
    here = {
        photo.student: photo
        for photo in tx.session.scalars(select(Photo).where(Photo.gone_at.is_(None), Photo.student.in_(own)))
    }
    came = {values["student"]: values for values in arrived.of_type("photo")}
    if came.keys() - students:
        raise _not_the_one(arrived)
    same = {student for student, photo in here.items() if student in came and photo.origin == came[student]["sha256"]}
    made = [_made(ctx, arrived, values) for student, values in came.items() if student not in same]
    gone = [{"id": photo.id, "gone_at": stamp(ctx)} for student, photo in here.items() if student not in same]
    if gone:
        tx.session.execute(update(Photo), gone)
    if made:
        tx.session.execute(insert(Photo), made)
    if made or gone:
        tx.note("photos-taken", arrived.sender, new=len(made), gone=len(gone), same=len(same))


def name_of(student: str) -> str:
    """What a photograph is called inside a carrier."""
    return f"photos/{student}.jpg"


def _made(ctx: Context, arrived: Arrived, values: dict[str, Any]) -> dict[str, Any]:
    name = name_of(values["student"])
    data = arrived.read(name) if name in arrived.attachments else b""
    if len(data) != values["size"] or len(data) > _MOST or hashlib.sha256(data).hexdigest() != values["sha256"]:
        raise _not_the_one(arrived)
    try:
        opened = open_picture(InMemory(name, data))
    except UserError as error:
        raise _not_the_one(arrived) from error
    return sealed_photo(ctx, values["student"], opened.cut(opened.whole()), origin=values["sha256"],
                        source=arrived.sender, face=opened.face, frame=[])  # fmt: skip


def _not_the_one(arrived: Arrived) -> UserError:
    return UserError(
        N_("The file of {sender} does not hold a photograph that it names. Nothing was changed."),
        next_step=N_("Call the sender and keep the file."), sender=arrived.sender,
    )  # fmt: skip
