"""Images of scanned pages in the final data: on their way to the centre, taken in there, shown by sheet."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange.payload import ATTACHMENT_LIMIT, Enclosed
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets
from mab_desktop.services.context import Context, require
from mab_desktop.services.handlers import Arrived, Record
from mab_desktop.services.images import kept_image, vault
from mab_desktop.services.scans import disk_in_words
from mab_desktop.storage.sealed import SealedFile, Vault
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import FinalImage
from mab_desktop.storage.tables.exam import Decision, Reading, ScanBatch, ScannedPage

_COLUMNS = ("page", "shift", "hall", "scan_pass", "position", "attempt", "counts", "serial", "image_page", "sha256")


# -- on their way


@dataclass(frozen=True)
class Outgoing:
    """The images of a workplace as they go out: a record for each page, and the files, each once."""

    records: tuple[Record, ...]
    files: tuple[tuple[str, Enclosed], ...]


@dataclass(frozen=True)
class _Source:
    """An image file here, in pieces that a carrier may enclose; none when the image is gone."""

    name: str
    pieces: tuple[tuple[str, Enclosed], ...]

    @classmethod
    def of(cls, ctx: Context, page: ScannedPage) -> _Source:
        """The image of a page, compared with what was scanned; UserError when it was changed."""
        file = kept_image(ctx, page.image)
        if not file.exists():
            return cls("", ())
        size = _checked(file, page.sha256)
        if size <= ATTACHMENT_LIMIT:
            return cls(page.image, ((page.image, file),))
        cuts = range(0, size, ATTACHMENT_LIMIT)
        return cls(page.image, tuple((f"{page.image}.{n}", _Cut(file, begin)) for n, begin in enumerate(cuts, 1)))


@dataclass(frozen=True)
class _Cut:
    """A piece of a file that is too large to be enclosed whole."""

    file: SealedFile | Path
    begin: int

    def open(self, mode: Literal["rb"], /) -> BinaryIO:
        """A reader of the piece."""
        with self.file.open(mode) as opened:
            opened.seek(self.begin)
            return io.BytesIO(opened.read(ATTACHMENT_LIMIT))


def _checked(file: SealedFile | Path, sha256: str) -> int:
    """The size of an image that is what was scanned."""
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        raise _broken(file.name) from error
    if digest.hexdigest() != sha256:
        raise _broken(file.name)
    return size


def _broken(name: str) -> UserError:
    return UserError(
        N_("The kept image {name} cannot be opened."),
        next_step=N_("Restore it from the newest copy of the scans folder."), name=name,
    )  # fmt: skip


def outgoing(ctx: Context, session: Session) -> Outgoing:
    """Every scanned page of the workplace, those of runs set aside and covers too."""
    serials = _typed_serials(session)
    sources: dict[str, _Source] = {}
    records: list[Record] = []
    query = (
        select(ScannedPage, ScanBatch, Reading.serial)
        .join(ScanBatch, ScanBatch.id == ScannedPage.batch)
        .join(Reading, Reading.page == ScannedPage.id)
        .order_by(ScanBatch.shift, ScanBatch.hall, ScannedPage.id)
    )
    for page, batch, serial in session.execute(query):
        source = sources[page.image] = sources.get(page.image) or _Source.of(ctx, page)
        records.append(("image", {
            "page": page.id, "shift": batch.shift, "hall": batch.hall, "scan_pass": batch.scan_pass,
            "position": page.position, "attempt": page.attempt, "counts": batch.discarded_at is None,
            "serial": serials.get(page.id) or serial, "name": source.name,
            "pieces": max(1, len(source.pieces)), "image_page": page.image_page, "sha256": page.sha256,
        }))  # fmt: skip
    return Outgoing(tuple(records), tuple(piece for source in sources.values() for piece in source.pieces))


def _typed_serials(session: Session) -> dict[int, str]:
    """Serials that a person typed for pages whose code could not be read."""
    kinds = (hall_sheets.SERIAL, hall_sheets.BY_EYE)
    query = select(Decision.page, Decision.serial).where(Decision.kind.in_(kinds), Decision.undone_at.is_(None))
    return {page: serial for page, serial in session.execute(query) if page is not None and serial}


# -- at the centre


def take(ctx: Context, tx: Transaction, arrived: Arrived, base: str) -> int:
    """Seal the images of a base university's final data here, in place of those that came before; how many pages.

    Those before stay on the disk until the next time: they are needed until this transaction is lasting.
    """
    where, rows = vault(ctx), []
    before = set(tx.session.scalars(select(FinalImage.place).where(FinalImage.base_university == base)))
    folder = f"{_folder(base)}/{arrived.digest[:16]}"
    with disk_in_words(N_("Nothing was changed.")):
        _tidy(where, base, before)
        try:
            sealed: dict[str, str] = {}
            for values in arrived.of_type("image"):
                place = f"{folder}/{values['name']}" if values["name"] else ""
                if place and place not in sealed:
                    sealed[place] = where.put(cast(BinaryIO, _Joined(arrived, values)), place).sha256
                if place and sealed[place] != values["sha256"]:
                    raise _not_the_one(values)
                rows.append({**{name: values[name] for name in _COLUMNS}, "base_university": base, "place": place})
        except BaseException:
            where.remove(folder)
            raise
    tx.session.execute(delete(FinalImage).where(FinalImage.base_university == base))
    if rows:
        tx.session.execute(insert(FinalImage), rows)
    return len(rows)


class _Joined(io.RawIOBase):
    """The enclosed pieces of one image, one after the other."""

    def __init__(self, arrived: Arrived, values: dict[str, Any]) -> None:
        super().__init__()
        names = [values["name"]]
        if values["pieces"] > 1:
            names = [f"{values['name']}.{n + 1}" for n in range(values["pieces"])]
        if not set(names) <= set(arrived.attachments):
            raise _not_the_one(values)
        self._left, self._arrived, self._piece = names, arrived, io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._piece.read(len(view))
        while not data and self._left:
            self._piece = io.BytesIO(self._arrived.read(self._left.pop(0)))
            data = self._piece.read(len(view))
        view[: len(data)] = data
        return len(data)


def _not_the_one(values: dict[str, Any]) -> UserError:
    return UserError(
        N_("The file does not hold the image of page {page} that it names. Nothing was changed."),
        next_step=N_("Call the sender and keep the file."), page=values["page"],
    )  # fmt: skip


def _folder(base: str) -> str:
    return f"final-{base}"


def _tidy(where: Vault, base: str, needed: set[str]) -> None:
    """Take away images that no row names any more: of an older file, or of an import that was cut off."""
    folders = {place.split("/")[1] for place in needed if place}
    root = where.root / _folder(base)
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.name not in folders:
            where.remove(f"{_folder(base)}/{folder.name}")


@dataclass(frozen=True)
class ImageLine:
    """A page of a sheet at the centre; `lost` when its sender had no image of it any more."""

    base: str
    page: int
    shift: int
    hall: str
    scan_pass: int
    position: int
    attempt: int
    counts: bool
    serial: str
    file_name: str
    image_page: int
    lost: bool


def image_lines(ctx: Context, base: str, serial: str = "") -> list[ImageLine]:
    """The pages of a sheet by scan pass and attempt; of all sheets of a base university without `serial`."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return [_line(row) for row in _rows(session, base, serial)]


def write_images(ctx: Context, base: str, serial: str, folder: Path) -> list[Path]:
    """Write the images of a sheet into a folder as they came from the scanner; the log says who did."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        rows = _rows(session, base, serial)
        session.expunge_all()
    if not rows:
        raise UserError(
            N_("There is no image of sheet {serial} from base university {base}."), serial=serial, base=base
        )
    written: list[Path] = []
    with disk_in_words(N_("Not every image was written.")):
        folder.mkdir(parents=True, exist_ok=True)
        for row in rows:
            if row.place and (target := folder / _line(row).file_name) not in written:
                _unsealed(kept_image(ctx, row.place), target)
                written.append(target)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("images-written", serial, base=base, files=[path.name for path in written])
    return written


def _unsealed(image: SealedFile | Path, target: Path) -> None:
    with image.open("rb") as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _rows(session: Session, base: str, serial: str) -> Sequence[FinalImage]:
    query = select(FinalImage).where(FinalImage.base_university == base)
    if serial:
        query = query.where(FinalImage.serial == serial)
    order = (FinalImage.shift, FinalImage.hall, FinalImage.scan_pass, FinalImage.position, FinalImage.attempt)
    return session.scalars(query.order_by(*order, FinalImage.page)).all()


def _line(row: FinalImage) -> ImageLine:
    name = f"{row.serial or 'page'}-pass-{row.scan_pass}-{row.page}{Path(row.place).suffix}"
    return ImageLine(
        row.base_university, row.page, row.shift, row.hall, row.scan_pass, row.position, row.attempt, row.counts,
        row.serial or "", name, row.image_page, not row.place,
    )  # fmt: skip


