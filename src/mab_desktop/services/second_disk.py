"""The second place of the backups: another disk, chosen once, that gets every copy and all that lies beside it.

It holds, in a folder of this computer's name: the copies of the database, the locks as they are now, what must not be
undone, exports that nobody has confirmed, and every scanned image. Images are only ever added, but for the folder of a
run at work: its logbook is the newest one, and it goes when the run is saved or discarded. The locks are not kept
in versions: an old lock would let in a person whose right was taken away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.organisation import MANAGERS, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_
from mab_desktop.services import handed_over
from mab_desktop.services.context import Context, require_person
from mab_desktop.services.settings import change_setting, setting
from mab_desktop.storage import backup, disks
from mab_desktop.storage.backup import Copy
from mab_desktop.storage.disks import Disk
from mab_desktop.storage.sealed import SUFFIX
from mab_desktop.storage.tables.core import Account, AuditEntry

SETTING = "second-disk"
MARK, STATE = "mab-second-disk.json", "second-disk.json"
LONG = timedelta(days=1)
# Beside the database: files that go along as they are now, folders whose files are only added.
BESIDE = (".keys", ".lasting")
IMAGES, OUTBOX, EVIDENCE = "{stem}-scans", "outbox", "evidence"
STAGED, LOGBOOK = "staging", "run.json"  # runs of the scanner at work, among the images; the list of one's pages


@dataclass(frozen=True, slots=True)
class SecondDisk:
    """How the second disk stands: its folder, whether it answers now, when it last took a copy, what went wrong."""

    folder: str
    present: bool
    last: str
    error: str


def require_keeper(ctx: Context) -> None:
    """The programmer or coordinator; on a PC that neither of them ever uses, whoever works there."""
    with ctx.store.read() as session:
        managed = session.scalar(select(Account.login).where(Account.active, Account.role.in_(MANAGERS)).limit(1))
    if managed is not None:
        require_person(ctx, *MANAGERS)


def suggested(ctx: Context) -> list[Disk]:
    """Disks that are not the database's, the roomiest first."""
    return disks.other_disks(ctx.store.path.parent)


def choose(ctx: Context, folder: Path, *, same_disk_too: bool = False) -> None:
    """Use `folder` from now on. UserError for one on the database's own disk unless `same_disk_too`."""
    require_keeper(ctx)
    if not folder.is_dir():
        raise UserError(N_("There is no folder {name}. Nothing was changed."), name=str(folder))
    if not same_disk_too and disks.same_disk(ctx.store.path.parent, folder):
        raise UserError(
            N_("The folder {name} lies on the same disk as the database: when the disk dies, both are gone."),
            next_step=N_("Nothing was changed. Choose a folder on another disk or on a drive that stays here."),
            name=str(folder),
        )
    known = _mark_in(folder)
    mark = known or new_id(ctx.entropy)
    with backup.in_words():
        (folder / _name(ctx)).mkdir(exist_ok=True)
        if not known:
            backup.write_file(folder / MARK, json.dumps({"mark": mark}).encode())
    change_setting(ctx, SETTING, {"folder": str(folder), "mark": mark})


def state(ctx: Context) -> SecondDisk | None:
    """How it stands; None when none was chosen."""
    with ctx.store.read() as session:
        chosen = setting(session, SETTING)
    if not chosen:
        return None
    kept = _read(_state_file(ctx))
    return SecondDisk(str(chosen["folder"]), place_of(ctx) is not None, str(kept.get("last", "")),
                      str(kept.get("error", "")))  # fmt: skip


def place_of(ctx: Context) -> Path | None:
    """Where the copies lie on the second disk; None while it is absent.

    The mark tells the disk from the empty folder that it leaves behind when it is not mounted.
    """
    with ctx.store.read() as session:
        chosen = setting(session, SETTING)
    if not chosen or _mark_in(Path(chosen["folder"])) != chosen["mark"]:
        return None
    return Path(chosen["folder"]) / _name(ctx)


def notice(ctx: Context) -> bool:
    """Whether another PC goes on with this work, by the second disk or by a hand-over; this one stops from now on."""
    return handed_over.notice(ctx, place_of(ctx))


def require_at_work(ctx: Context) -> None:
    """OutOfOrder where another PC goes on with this work."""
    if notice(ctx):
        handed_over.refuse_if_handed_over(ctx)


def last_place(database: Path) -> Path | None:
    """Where the second disk's copies lay last, for when the database cannot be asked; None while it is absent."""
    told = str(_read(database.parent / "backups" / STATE).get("place", ""))
    return Path(told) if told and Path(told).is_dir() and _mark_in(Path(told).parent) else None


def _name(ctx: Context) -> str:
    return f"mab-{ctx.actor.device or ctx.organisation}"


def _mark_in(folder: Path) -> str:
    return str(_read(folder / MARK).get("mark", ""))


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes()[:4096])
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _state_file(ctx: Context) -> Path:
    return ctx.store.path.parent / "backups" / STATE


def mirror(ctx: Context, copy: Copy, progress: Progress = Silent()) -> None:
    """Bring a verified copy and all that lies beside the database; a disk that fails is remembered, never an error.

    The copy comes after its locks and images, so that one that lies there can always be gone on with.
    """
    place = place_of(ctx)
    if place is None or handed_over.notice(ctx, place):
        return  # absent, or another PC went on from it: its state must not be overwritten
    kept = _read(_state_file(ctx))
    now = ctx.clock.now().isoformat(timespec="seconds")
    try:
        place.mkdir(exist_ok=True)
        progress.stage(N_("Writing to the second disk"))
        bring_beside(ctx.store.path, place, progress)
        if not (place / copy.path.name).exists():
            if copy.note is not None:
                backup.write_note(place / copy.path.name, copy.note)
            backup.bring(copy.path, place / copy.path.name, progress)
        backup.check(place / copy.path.name, ctx.store.key, copy.note)
        _take_away_confirmed(ctx.store.path.parent / OUTBOX, place / OUTBOX)
        _clear_runs(ctx, place, copy.n)
        backup.thin_out(place, ctx.store.path.stem, ctx.clock.now())
        kept = {"last": now, "error": "", "place": str(place)}
    except OSError as error:
        kept = {**kept, "error": error.strerror or str(error)}
    except UserError as error:
        kept = {**kept, "error": error.message(ctx.lang)}
    with backup.in_words():
        backup.write_file(_state_file(ctx), json.dumps(kept, ensure_ascii=False).encode())


def bring_beside(database: Path, place: Path, progress: Progress = Silent()) -> None:
    """Everything beside the database that a restore needs: locks, exports not confirmed, images, evidence."""
    for suffix in BESIDE:
        source = database.with_suffix(suffix)
        if source.exists():
            backup.bring(source, place / source.name, progress)
    for source, name in beside(database):
        target = place / name
        try:
            _bring_one(source, target, progress)
        except FileNotFoundError:
            if source.exists():
                raise
            # A run was saved or discarded meanwhile: its images lie at their lasting place, or nobody wants them.


def _bring_one(source: Path, target: Path, progress: Progress) -> None:
    newest = source.name == f"{LOGBOOK}{SUFFIX}"
    if target.exists() and not newest and target.stat().st_size == source.stat().st_size:
        return
    if target.exists() and not newest:  # images are only added: the one that is there already stays
        target = target.with_name(f"{target.name}.{backup.digest_of(source)[:8]}")
    target.parent.mkdir(parents=True, exist_ok=True)
    if newest or not target.exists():
        backup.bring(source, target, progress)


def beside(database: Path, stem: str = "") -> Iterator[tuple[Path, str]]:
    """The files of the folders beside a database and their names relative to it; of the images only sealed ones.

    The names are those beside a database called `stem`, where that is not its own name.
    """
    named = {IMAGES.format(stem=database.stem): IMAGES.format(stem=stem or database.stem), OUTBOX: OUTBOX,
             EVIDENCE: EVIDENCE}  # fmt: skip
    for folder, name in named.items():
        root = database.parent / folder
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            wanted = SUFFIX in path.suffixes if root.name not in (OUTBOX, EVIDENCE) else path.suffix == ".mab"
            if wanted and path.is_file() and not path.is_symlink():
                yield path, (Path(name) / path.relative_to(root)).as_posix()


def runs_over(session: Session, up_to: int | None = None) -> set[str]:
    """Folders of runs that were saved or discarded, by the log or by its first `up_to` entries."""
    query = select(AuditEntry.details).where(AuditEntry.event.in_(("pass-scanned", "scan-discarded")))
    rows = session.scalars(query if up_to is None else query.where(AuditEntry.n <= up_to))
    return {run for details in rows if (run := str(details.get("run", "")))}


def _clear_runs(ctx: Context, place: Path, n: int) -> None:
    """A run that the copy knows as saved or discarded need not lie beside it any more; one saved later must."""
    root = place / IMAGES.format(stem=ctx.store.path.stem) / STAGED
    folders = [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []
    if not folders:
        return
    with ctx.store.read() as session:
        over = runs_over(session, n)
    for folder in folders:
        if folder.name in over:
            shutil.rmtree(folder)


def _take_away_confirmed(outbox: Path, mirrored: Path) -> None:
    """Exports that their recipients confirmed are no longer kept here, so they need not lie there."""
    if not outbox.is_dir() or not mirrored.is_dir():
        return
    for path in mirrored.iterdir():
        if path.is_file() and not (outbox / path.name).exists():
            path.unlink()


def problems(ctx: Context) -> list[Problem]:
    """What the home page says of it: absent, or failing, for more than a day.

    At the ministry programmer's at once: there the reserve PC goes on from it.
    """
    found, urgent = state(ctx), ctx.role is Role.MINISTRY_PROGRAMMER
    if found is None or (found.present and not found.error):
        return []
    since = datetime.fromisoformat(found.last) if found.last else None
    if since is not None and not urgent and ctx.clock.now() - since < LONG:
        return []
    when = since.strftime("%d.%m.%Y %H:%M" if urgent else "%d.%m.%Y") if since else "—"
    if not found.present:
        text = N_("The second disk {folder} has not been here since {day}. Connect it: backups lie on one disk only.")
        return [Problem("backups", text, (("folder", found.folder), ("day", when)))]
    text = N_("The second disk {folder} has taken no backup since {day}: {reason}.")
    return [Problem("backups", text, (("folder", found.folder), ("day", when), ("reason", found.error)))]
