"""Whether the log of a workplace is whole: its hash chain walked from the start, and compared with what others know.

A chain shows a line that was changed; a chain made anew from the changed line on shows only against a checkpoint that
somebody else holds: the head of the log in every file that was sent, its first characters on every printed paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.errors import CarrierRefused, Problem, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import carrier, drive, envelope
from mab_desktop.exchange import manifest as manifests
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.i18n import N_
from mab_desktop.services import locks, secrecy, trusting
from mab_desktop.services.context import Context
from mab_desktop.storage import backup, instance
from mab_desktop.storage.store import GENESIS, Store, entry_hash
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn, CarrierOut

BATCH = 2000
PRINTED = 12  # characters of the head that stand on a paper
Reading = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Checkpoint:
    """A line of the log as somebody else knows it; `n` is 0 where only the beginning of the hash is known."""

    n: int
    hash: str
    source: str


@dataclass(frozen=True)
class PassedOver:
    """Something given that the log could not be compared with, and why; `in_folder`: nobody named it by itself."""

    source: str
    why: UserError
    in_folder: bool

    @property
    def is_stranger(self) -> bool:
        """True for a whole file that only lay in a folder: a drive holds files of many workplaces."""
        return self.in_folder and not isinstance(self.why, CarrierRefused)


@dataclass(frozen=True)
class LogVerdict:
    """How many lines the log has, its head, how many checkpoints it was compared with, and everything against it.

    `broken` is the first line that does not hold, None where the chain is whole. `passed_over` is what was given to
    compare with and tells nothing of this log: files that cannot be read, are not there, or are of another workplace.
    """

    lines: int
    head: str
    compared: int
    broken: int | None
    problems: tuple[Problem, ...]
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def whole(self) -> bool:
        """True where nothing speaks against it."""
        return not self.problems


def check_log(ctx: Context, progress: Progress = Silent()) -> LogVerdict:
    """Walk the log of the open workplace and compare it with every file that it says it sent."""
    return _walk(ctx.store.read, (), progress)


def verify_log(
    database: Path, login: str, password: str, against: Sequence[str] = (), *, locks_file: Path | None = None,
    progress: Progress = Silent(), clock: Clock | None = None,
) -> LogVerdict:  # fmt: skip
    """The log of a database that nobody has open, or of a backup copy anywhere; nothing is changed there.

    `against` are carriers of this workplace, folders of them, or the beginning of a head from a printed paper; what
    tells nothing of this log is passed over and named in the verdict. WrongPassword; UserError where the locks are not
    found.
    """
    secrecy.keep_out_of_dumps()
    clock = clock or SystemClock()
    with _opened(database, login, password, locks_file, clock) as read:
        with read() as session:
            of_here = trusting.names_of_this_computer(session)
        points, passed_over = list[Checkpoint](), list[PassedOver]()
        for given, in_folder in _every_one(against):
            try:
                points += _known_elsewhere(given, of_here)
            except UserError as error:
                passed_over.append(PassedOver(drive.shown_name(Path(given).name), error, in_folder))
        return replace(_walk(read, points, progress), passed_over=tuple(passed_over))


def conflict(session: Session, manifest: Manifest) -> bool:
    """True where the sender's log, by a file loaded earlier on any of his streams, had another line at this place.

    Within one epoch a log only grows: two hashes of one line are two logs, as of a PC and its copy used side by side.
    After a restored backup lines are written anew, so files of another epoch say nothing.
    """
    now = manifest.checkpoint
    if now is None:
        return False
    rows = session.scalars(
        select(CarrierIn.manifest).where(CarrierIn.sender == manifest.sender.org, CarrierIn.epoch == manifest.epoch)
    )
    known = (fields["checkpoint"] for fields in rows if fields["sender"]["device"] == manifest.sender.device)
    return any(point and point["n"] == now.n and point["hash"] != now.hash for point in known)


@contextmanager
def _opened(database: Path, login: str, password: str, locks_file: Path | None, clock: Clock) -> Iterator[Reading]:
    """A way to read a database: the workplace's own through its store, a copy without leaving a trace beside it."""
    if not database.is_file():
        raise UserError(N_("There is no database {name}."), name=str(database))
    place = locks_file.with_suffix(".db") if locks_file else _place_of_locks(database)
    with instance.held(place):
        key = locks.unlock(place, login, password, clock)
        store = Store(database, key, clock) if place == database else None
    if store is None:
        yield lambda: backup.reading(database, key)
        return
    try:
        yield store.read
    finally:
        store.close()


def _place_of_locks(database: Path) -> Path:
    """The workplace whose locks open a database: its own, or for a copy the one beside or above its folder."""
    if database.with_suffix(".keys").exists():
        return database
    for folder in (database.parent, database.parent.parent):
        for found in sorted(folder.glob("*.keys")):
            if database.stem.startswith(f"{found.stem}-"):
                return found.with_suffix(".db")
    raise UserError(
        N_("The locks of {name} lie neither beside it nor in the folder above."),
        next_step=N_("Name them: --locks FILE.keys"), name=database.name,
    )  # fmt: skip


def _every_one(against: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """What was given, of folders each carrier in them; the second tells that it was found in a folder."""
    for given in against:
        if Path(given).is_dir():
            yield from ((str(file), True) for file in sorted(Path(given).rglob("*.mab")))
        else:
            yield given, False


def _known_elsewhere(given: str, of_here: Collection[str]) -> Iterator[Checkpoint]:
    """The checkpoint in a carrier that one of `of_here` sent, or on a paper; UserError for anything else."""
    path, typed = Path(given), given.strip().lower()
    if not path.exists() and re.fullmatch(rf"[0-9a-f]{{{PRINTED},64}}", typed):
        yield Checkpoint(0, typed, typed)
        return
    trusting.require_file(path)
    manifest = _manifest_of(path)
    if manifest.sender.device not in of_here:
        raise UserError(
            N_("A file of {device}, not of this workplace."), device=manifest.sender.device,
            next_step=N_("Compare the log with files of its own workplace."),
        )  # fmt: skip
    if manifest.checkpoint is not None:
        yield Checkpoint(manifest.checkpoint.n, manifest.checkpoint.hash, drive.shown_name(path.name))


def _manifest_of(path: Path) -> Manifest:
    """The signed manifest of a carrier, or of a `manifest.dsse.json` taken out of one."""
    with drive.drive_errors():
        if path.suffix == ".json":
            return manifests.parse(envelope.verify(path.read_bytes(), envelope.MANIFEST_TYPE).payload)
        trust = trust_rules.verify_list(carrier.read_trust(path))
        return carrier.peek(path, trust).manifest


def _walk(read: Reading, elsewhere: Sequence[Checkpoint], progress: Progress) -> LogVerdict:
    """The chain in batches, so that no session stays open across a step, and every checkpoint on the way."""
    with read() as session:
        total = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        known = [*elsewhere, *_own_files(session)]
    progress.stage(N_("Checking the log"), -(-total // BATCH))
    wanted = {point.n for point in known}
    starts = tuple(point.hash for point in known if not point.n)
    hashes: dict[int, str] = {}
    begun: set[str] = set()
    n, prev, problem = 0, GENESIS, None
    while problem is None:
        with read() as session:
            rows = list(session.scalars(select(AuditEntry).where(AuditEntry.n > n).order_by(AuditEntry.n).limit(BATCH)))
            session.expunge_all()
        if not rows:
            break
        for entry in rows:
            problem = _line_problem(entry, n, prev)
            if problem is not None:
                break
            n, prev = entry.n, entry.hash
            if n in wanted:
                hashes[n] = prev
            begun.update(start for start in starts if prev.startswith(start))
        progress.step()
    found = [problem] if problem else [p for point in known if (p := _point_problem(point, n, hashes, begun))]
    return LogVerdict(n, prev if n else GENESIS, len(known), n + 1 if problem else None, tuple(found))


def _line_problem(entry: AuditEntry, before: int, prev: str) -> Problem | None:
    here = (("n", before + 1),)
    if entry.n != before + 1:
        return Problem("log", N_("Line {n} of the log is missing."), here)
    if entry.hash != entry_hash(entry):
        return Problem("log", N_("Line {n} of the log was changed."), here)
    if entry.prev != prev:
        return Problem("log", N_("Line {n} of the log does not follow the one before it."), here)
    return None


def _point_problem(point: Checkpoint, lines: int, hashes: Mapping[int, str], begun: Collection[str]) -> Problem | None:
    name = ("source", point.source)
    if not point.n:
        known = point.hash in begun
        return None if known else Problem("log", N_("No line of the log begins with {source}."), (name,))
    if point.n > lines:
        params = (("n", point.n), ("lines", lines), name)
        return Problem("log", N_("{source} was made at line {n}, but the log ends with line {lines}."), params)
    if hashes.get(point.n) != point.hash:
        return Problem("log", N_("{source} knows line {n} of the log otherwise: it was written anew."),
                       (("n", point.n), name))  # fmt: skip
    return None


def _own_files(session: Session) -> list[Checkpoint]:
    """What the manifests of the files made here say of the log; those of before a restored backup are not in it."""
    built = select(AuditEntry.object).where(AuditEntry.event == "carrier-built")
    rows = session.execute(select(CarrierOut.file_name, CarrierOut.manifest).where(CarrierOut.digest.in_(built)))
    found: list[tuple[str, Any]] = [(name.partition("|")[0], fields.get("checkpoint")) for name, fields in rows]
    return [Checkpoint(point["n"], point["hash"], name) for name, point in found if point]


def require_whole(ctx: Context, progress: Progress = Silent()) -> LogVerdict:
    """`check_log`, with UserError naming the first thing that does not hold."""
    verdict = check_log(ctx, progress)
    if verdict.whole:
        return verdict
    first = verdict.problems[0]
    raise UserError(
        first.text, next_step=N_("Change nothing more here, keep this database and call the testing centre."),
        **dict(first.params),
    )  # fmt: skip
