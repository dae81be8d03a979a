"""From training to the real exam: the training data are put aside whole, the real exam begins with an empty workplace.

Nothing of a training is carried over: the real workplace is made from the testing centre's official file, and its data
come with the signed final database. What was put aside can still be opened, as a training, from its own folder.

A mark is written before anything is moved; whatever cuts the moving off, the next start goes on with it.
"""

from __future__ import annotations

import json
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.exchange import durable
from mab_desktop.i18n import N_
from mab_desktop.services import backups, second_disk
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.storage import instance

PREFIX, MARK = "training-", ".aside"
_SUFFIXES = (".keys", ".lasting", ".tries", ".reset", ".reserve", ".trial")
_FOLDERS = (backups.FOLDER, second_disk.OUTBOX, second_disk.EVIDENCE, "waiting", "quarantine")


def prepare(ctx: Context) -> Path:
    """Say in the log that the training ends here, and mark that everything is to be put aside; where it will lie.

    The caller closes the workplace and calls `finish`. UserError in the real exam: nothing of it is ever put aside.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    if ctx.season.official:
        raise UserError(N_("This is the real exam; its data stay where they are. Nothing was changed."), exit_code=6)
    database = ctx.store.path
    name = PREFIX + stamp(ctx)[:19].replace(":", "").replace("-", "").replace("T", "-")
    if (database.parent / name).exists():
        raise UserError(N_("{name} is on this drive already. Nothing was changed."), name=name)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("training-put-aside", name)
    ctx.store.settle()
    with durable.disk_words(database.parent):
        durable.write_file(_mark(database), json.dumps({"to": name}).encode())
    return database.parent / name


def finish(database: Path) -> Path | None:
    """Move what belongs to a marked workplace aside, or go on with that; None where nothing is marked."""
    try:
        name = str(json.loads(_mark(database).read_bytes())["to"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not name.startswith(PREFIX) or "/" in name or "\\" in name:
        return None
    target = database.parent / name
    with durable.disk_words(database.parent), instance.held(database):
        target.mkdir(mode=0o700, exist_ok=True)
        for path in _own(database):
            if path.exists() and not (target / path.name).exists():
                durable.move(path, target / path.name)
        _mark(database).unlink()
        durable.sync_directory(database.parent)
    return target


def was_training(database: Path) -> bool:
    """Whether a training was put aside here: then the real exam is what begins now."""
    return database.parent.is_dir() and any(database.parent.glob(f"{PREFIX}*"))


def _own(database: Path) -> list[Path]:
    """The folders first, then locks and notes, the database last: while it is there, the mark is found beside it."""
    folder = database.parent
    names = [*_FOLDERS, second_disk.IMAGES.format(stem=database.stem)]
    return [
        *(folder / name for name in names), *(database.with_suffix(suffix) for suffix in _SUFFIXES),
        *(folder / f"{database.name}{end}" for end in ("-wal", "-shm")), database,
    ]  # fmt: skip


def _mark(database: Path) -> Path:
    return database.with_suffix(MARK)

