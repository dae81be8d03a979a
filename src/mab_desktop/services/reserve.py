"""The reserve PC: a set on a drive with which another computer goes on, and how the old one is kept from going on.

A set holds the database in pieces that every drive takes, its locks, what must not be undone, exports that nobody has
confirmed, and the images. All of it is encrypted or of no use without a password; the list of its files is no secret.
Taking over is a restore: a new epoch begins, by which everybody tells the two computers' files apart. A PC that handed
over sends and takes nothing more; taking the work back begins an epoch beyond the reserve PC's.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import backups, restore, second_disk
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handed_over import SETTING as HANDED_OVER
from mab_desktop.services.handed_over import refuse_if_handed_over
from mab_desktop.services.settings import put_setting
from mab_desktop.storage import backup, folders

FORMAT = "mab-reserve-1"
MANIFEST, PREFIX, UNPACKED = "reserve.json", "mab-reserve-", ".reserve"
PIECE = 1 << 30  # FAT32 takes files below 4 GiB
RESERVE = 64 << 20
MANIFEST_LIMIT = 64 << 20
_STAMPED = re.compile(r"-[0-9]{8}T[0-9]{6}(-[-en0-9]+)?\.db$")  # what a copy's name has after the database's own
_NAME = re.compile(r"[\w.][\w./ -]{0,200}")  # of a file in a set, from its folder; the database may have any name


@dataclass(frozen=True, slots=True)
class ReserveSet:
    """A set on a drive: whose, when made, what it holds, how big; `handed_over` says that the old PC stopped."""

    folder: Path
    device: str
    made_at: str
    epoch: int
    n: int
    size: int
    handed_over: bool


# -- writing a set -----------------------------------------------------------------------------------------------------


def write_set(
    ctx: Context, drive: Path, progress: Progress = Silent(), *, hand_over_to: str = "", piece: int = PIECE
) -> ReserveSet:
    """Write a set to `drive`, read back file by file; with `hand_over_to` this PC stops, once the set is whole."""
    second_disk.require_keeper(ctx)
    if not drive.is_dir():
        raise UserError(N_("There is no folder {name}. Nothing was changed."), name=str(drive))
    if hand_over_to.strip():
        refuse_if_handed_over(ctx)
        _hand_over(ctx, hand_over_to.strip())
    try:
        return _write_set(ctx, drive, progress, piece, handed=bool(hand_over_to.strip()))
    except BaseException:
        if hand_over_to.strip():
            _take_back(ctx, why="the set was not written")
        raise


def _hand_over(ctx: Context, to: str) -> None:
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, HANDED_OVER, {"to": to[:120], "at": stamp(ctx), "by": ctx.actor.name})
        tx.note("workplace-handed-over", to[:120])


def _write_set(ctx: Context, drive: Path, progress: Progress, piece: int, *, handed: bool) -> ReserveSet:
    copy = backups.back_up(ctx, "reserve", progress)
    found = next(c for c in backup.copies(copy.parent, ctx.store.path.stem) if c.path == copy)
    _require_room(ctx, drive, copy)
    name = f"{PREFIX}{ctx.actor.device or ctx.organisation}-{found.at.strftime(backup.STAMP)}-n{found.n}"
    rough, final = drive / f"{name}.part", drive / name
    if final.exists():
        raise UserError(N_("{name} is on this drive already. Nothing was changed."), name=name)
    with backup.in_words():
        shutil.rmtree(rough, ignore_errors=True)
        rough.mkdir()
        try:
            progress.stage(N_("Writing the copy for the reserve PC"))
            files = list(_bring_all(ctx, copy, rough, progress, piece))
            manifest = {
                "format": FORMAT, "device": ctx.actor.device or ctx.organisation, "made_at": stamp(ctx),
                "copy": copy.name, "epoch": found.epoch, "n": found.n, "handed_over": handed, "files": files,
            }  # fmt: skip
            backup.write_file(rough / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
            rough.rename(final)
            folders.sync_folder(drive)
        finally:
            shutil.rmtree(rough, ignore_errors=True)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("reserve-copied", name, files=len(files), handed_over=handed)
    return read_set(final)


def _require_room(ctx: Context, drive: Path, copy: Path) -> None:
    needed = copy.stat().st_size + sum(path.stat().st_size for path, _ in second_disk.beside(ctx.store.path)) + RESERVE
    if shutil.disk_usage(drive).free < needed:
        raise UserError(
            N_("The drive has too little room: {needed} MB are needed. Nothing was written."),
            next_step=N_("Take a bigger drive."), exit_code=EXIT_SYSTEM, needed=-(-needed // 1_000_000),
        )  # fmt: skip


def _bring_all(ctx: Context, copy: Path, rough: Path, progress: Progress, piece: int) -> Iterator[dict[str, Any]]:
    """The pieces of the copy, its note, and what lies beside the database; each as it stands in the list."""
    number = 0
    with copy.open("rb") as source:
        while chunk := source.read(min(piece, 16 << 20)):
            target = rough / f"database.{number:03d}"
            with target.open("wb") as out:
                out.write(chunk)
                while out.tell() < piece and (chunk := source.read(min(piece - out.tell(), 16 << 20))):
                    progress.step(0)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            yield _listed(target, target.name)
            number += 1
    for source_file, name in ((backup.note_file(copy), "note.json"), *_small(ctx), *second_disk.beside(ctx.store.path)):
        target = rough / name
        target.parent.mkdir(parents=True, exist_ok=True)
        backup.bring(source_file, target, progress)
        yield _listed(target, name)


def _small(ctx: Context) -> Iterator[tuple[Path, str]]:
    for suffix in second_disk.BESIDE:
        path = ctx.store.path.with_suffix(suffix)
        if path.exists():
            yield path, path.name


def _listed(path: Path, name: str) -> dict[str, Any]:
    return {"name": name, "size": path.stat().st_size, "sha256": backup.digest_of(path)}


# -- reading a set -----------------------------------------------------------------------------------------------------


def sets_on(drive: Path) -> list[ReserveSet]:
    """The whole sets on a drive, the newest first; unfinished ones are not shown."""
    if not drive.is_dir():
        return []
    places = [drive] if (drive / MANIFEST).is_file() else sorted(drive.glob(f"{PREFIX}*"))
    found = []
    for place in places:
        if (place / MANIFEST).is_file() and not place.name.endswith(".part"):
            try:
                found.append(read_set(place))
            except UserError:
                continue
    return sorted(found, key=lambda one: (one.epoch, one.n, one.made_at), reverse=True)


def read_set(folder: Path) -> ReserveSet:
    """What a set says of itself; UserError for one that is no set of ours."""
    said = _manifest(folder)
    size = sum(int(file["size"]) for file in said["files"])
    return ReserveSet(folder, said["device"], said["made_at"], said["epoch"], said["n"], size, said["handed_over"])


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        with (folder / MANIFEST).open("rb") as file:
            said = json.loads(file.read(MANIFEST_LIMIT))
        whole = said["format"] == FORMAT and isinstance(said["files"], list) and isinstance(said["handed_over"], bool)
        whole = whole and all(isinstance(said[name], str) for name in ("device", "made_at", "copy"))
        whole = whole and all(type(said[name]) is int for name in ("epoch", "n"))
        for file_said in said["files"] if whole else ():
            whole = whole and isinstance(file_said["name"], str) and type(file_said["size"]) is int
            whole = whole and _NAME.fullmatch(file_said["name"]) is not None and ".." not in file_said["name"]
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise UserError(N_("{name} is not a copy for the reserve PC."), name=folder.name, exit_code=EXIT_SYSTEM)
    return said  # type: ignore[no-any-return]


def verify(folder: Path, progress: Progress = Silent()) -> dict[str, Any]:
    """Read every file of a set; its list. UserError names the first file that is missing or differs."""
    said = _manifest(folder)
    progress.stage(N_("Checking the set"), len(said["files"]))
    for file in said["files"]:
        path = folder / file["name"]
        if not path.is_file() or path.stat().st_size != file["size"] or backup.digest_of(path) != file["sha256"]:
            raise UserError(
                N_("{name} on the drive is damaged or missing. Nothing was changed."),
                next_step=N_("Take another set, or the second disk."), exit_code=EXIT_SYSTEM, name=file["name"],
            )  # fmt: skip
        progress.step()
    return said


def unpack(folder: Path, database: Path, progress: Progress = Silent()) -> Path:
    """Check every file of a set and put its copy together beside where the database shall be; the copy to restore.

    What bears the name of the old PC's database bears that of `database` afterwards: each PC may call it as it likes.
    UserError names the first file that is missing or differs. Nothing of the workplace is changed.
    """
    said = verify(folder, progress)
    place = database.with_suffix(UNPACKED)
    with backup.in_words():
        database.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        theirs = Path(_called(said["copy"]))
        copy = place / (database.stem + Path(said["copy"]).name.removeprefix(theirs.stem))
        with copy.open("wb") as out:
            for file in said["files"]:
                if re.fullmatch(r"database\.[0-9]{3}", file["name"]):
                    with (folder / file["name"]).open("rb") as piece:
                        shutil.copyfileobj(piece, out, 16 << 20)
            out.flush()
            os.fsync(out.fileno())
        for name, target in (("note.json", backup.note_file(copy)),
                             *((theirs.with_suffix(s).name, place / database.with_suffix(s).name)
                               for s in second_disk.BESIDE)):  # fmt: skip
            if (folder / name).is_file():
                backup.bring(folder / name, target, progress)
    return copy


def take_over(
    opened: restore.Opened, folder: Path, second: restore.Person, clock: Clock, progress: Progress = Silent(), *,
    words: str = "",
) -> restore.Restored:  # fmt: skip
    """Go on here with an unpacked set: a restore that begins a new epoch. The old PC must not go on."""
    done = restore.restore(opened, second, clock, progress, reason=restore.RESERVE, words=words, beside=folder,
                           called=_called(_manifest(folder)["copy"]))  # fmt: skip
    forget(opened.database)
    return done


def _called(copy: str) -> str:
    """How the database is called of which this is the name of a copy."""
    return f"{_STAMPED.sub('', Path(copy).name)}.db"


def forget(database: Path) -> None:
    """Throw an unpacked set away."""
    shutil.rmtree(database.with_suffix(UNPACKED), ignore_errors=True)


# -- the old PC goes on after all --------------------------------------------------------------------------------------


def take_back(ctx: Context, login: str, password: str) -> int:
    """Go on here after a hand-over that nobody took; two persons. Gives the epoch, beyond the reserve PC's."""
    second_disk.require_keeper(ctx)
    first = restore.Person(ctx.actor.login, ctx.actor.name, ctx.actor.role)
    second = restore.second_of(ctx.store, first, login, password, ctx.clock)
    return _take_back(ctx, why="two persons", second=second.login, further=2)


def _take_back(ctx: Context, why: str, second: str = "", further: int = 0) -> int:
    with ctx.store.write(ctx.actor) as tx:
        epoch = backups.epoch_of(tx.session) + further
        put_setting(tx, HANDED_OVER, {})
        put_setting(tx, "epoch", {"epoch": epoch})
        tx.note("hand-over-taken-back", ctx.actor.device, why=why, second=second, epoch=epoch)
    return epoch
