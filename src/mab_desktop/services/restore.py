"""Going back to a copy of the database: looked at first, confirmed by two persons, swapped in one step, logged.

The copy is brought into a folder beside the database, made ready there (what must not be undone is carried over, a new
epoch begins, the log says so), and takes the database's place by one rename. Whatever breaks off before leaves the
present state as it is, whatever comes after finds the new one; nothing in between can be seen.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import EXIT_SYSTEM, OutOfOrder, UserError, WrongPassword
from mab_desktop.domain.organisation import MANAGERS, ROLE_LABELS, PersonRole, Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange import durable
from mab_desktop.exchange.keyring import Lid, folded
from mab_desktop.i18n import N_
from mab_desktop.services import backups, handed_over, lasting, locks, restore_rules, second_disk, trusting, workplace
from mab_desktop.services.context import shown
from mab_desktop.services.lasting import Act
from mab_desktop.services.restore_rules import Carried, TrustRow
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import backup, instance, migrate
from mab_desktop.storage.backup import Copy
from mab_desktop.storage.changes import head_of
from mab_desktop.storage.database_file import NotOpened
from mab_desktop.storage.store import Actor, Damaged, Store
from mab_desktop.storage.tables import Base
from mab_desktop.storage.tables.core import Account, AuditEntry, CarrierIn, CarrierOut

_ANOTHER = N_("Choose another copy.")
NO_MARK = N_(
    "{folder} took no mark that this computer goes on: the old one does not learn it from there. Leave the old "
    "computer off."
)
STAGING, UNREADABLE, NEWER = ".restoring", "unreadable", "newer"
RESERVE = "reserve"
TRIAL = "trial"  # thrown away again: nobody took over
# Rows of these tables tell a person what a copy holds.
SHOWN = {
    "student": N_("Students"), "hall": N_("Halls"), "shift": N_("Shifts"), "seat": N_("Seats drawn"),
    "scanned_page": N_("Scanned pages"), "score_row": N_("Students with points"), "appeal": N_("Appeals"),
    "carrier_in": N_("Files taken"), "carrier_out": N_("Files made"), "audit": N_("Lines of the log"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who confirms a restore; `proven` where the password showed it."""

    login: str
    name: str
    role: str
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A copy whose key the first person's password gave; `key` never leaves the program."""

    database: Path
    copy: Path
    first: Person
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """A kind of event that stands in the present log and not in the copy, and how often."""

    event: str
    count: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a copy holds and what would be missing; nothing has changed yet.

    `readable` and `whole` are of the database that stands there now. `undone` are acts done only once that the copy
    does not know. They make it `refused` while the database, or a newer copy that has them, is whole; otherwise they
    are held: done again, they must come out the same. `alone` says that nobody else of this workplace can confirm by a
    password, so that a witness is written down. `newer` is a database of a newer program: it can be kept, not worked
    in, so that what is done only once is held as if it were lost.
    """

    name: str
    at: str
    n: int
    head: str
    epoch: int
    holds: tuple[tuple[str, int], ...]
    readable: bool
    whole: bool
    lost: tuple[Lost, ...] = ()
    sent: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    undone: tuple[Act, ...] = ()
    refused: bool = False
    alone: bool = False
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """How a restore ended: the epoch that begins, where the state before it was kept, acts to be done again.

    `unmarked` is the folder of the copy where it took no mark that this PC took over: the old one does not learn of it.
    """

    copy: str
    kept: str
    epoch: int
    held: int
    unmarked: str = ""


# -- opening and looking -----------------------------------------------------------------------------------------------


def logins(database: Path, copy: Path) -> tuple[str, ...]:
    """Who may open the copy, by the locks beside the database, or beside the copy where those are gone."""
    return locks.keyring_of(_locked(database, copy)).logins()


def open_copy(
    database: Path, copy: Path, login: str, password: str, clock: Clock, role: Role | None = None
) -> Opened:  # fmt: skip
    """Open a copy with a person's own password: WrongPassword, Damaged where it is not whole, or NewerDatabase.

    UserError for a copy of another workplace, with `role` for one that another program works in, and for real data
    where `database` must not lie.
    """
    _refuse_of_another(database, copy)
    place = _locked(database, copy)
    with instance.held(place):
        key = locks.unlock(place, login, password, clock)
    try:
        backup.check(copy, key, backup.read_note(copy), full=True)
    except Damaged as error:
        raise _damaged_copy(copy, error) from error
    with backup.reading(copy, key) as session:
        migrate.require_known(session.connection())
        theirs = str(setting(session, "workplace").get("role"))
        if role is not None and theirs != role.value:
            raise UserError(
                N_("The copy {name} belongs to another program: {program}. Nothing was changed."),
                next_step=_ANOTHER, exit_code=EXIT_SYSTEM, name=copy.name, program=ROLE_LABELS[Role(theirs)],
            )  # fmt: skip
        if setting(session, "season").get("official"):
            workplace.require_own_disk(database.parent)
        return Opened(database, copy, _person(session, login), key)


def _refuse_of_another(database: Path, copy: Path) -> None:
    """The locks beside a copy say whose it is; those beside the database must be the same ones."""
    mine, theirs = (_lid(place) for place in (database, copy.parent / database.name))
    if mine and theirs and mine.id != theirs.id:
        raise UserError(
            N_("The copy {name} is not of this database: the locks beside it are of {device}. Nothing was changed."),
            next_step=_ANOTHER, exit_code=EXIT_SYSTEM, name=copy.name, device=theirs.device,
        )  # fmt: skip


def _lid(database: Path) -> Lid | None:
    """What the locks of a database say of it; None where there are none that can be read."""
    ring = locks.keyring_of(database)
    try:
        return ring.lid() if ring.path.exists() else None
    except UserError:
        return None


def _damaged_copy(copy: Path, error: Damaged) -> Damaged:
    """What is damaged is the copy, not the database: another one is the way out."""
    text = N_("The copy {name} is damaged. Nothing was changed.")
    if isinstance(error, NotOpened):
        text = N_("The copy {name} is of another workplace, or damaged: it does not open. Nothing was changed.")
    return Damaged(text, next_step=_ANOTHER, exit_code=EXIT_SYSTEM, name=copy.name)


def _locked(database: Path, copy: Path) -> Path:
    """The path whose locks count: the database's own, for they are never older than those beside a copy."""
    for place in (database, copy.parent / database.name):
        if locks.keyring_of(place).path.exists():
            return place
    raise UserError(
        N_("The locks {name} lie neither beside the database nor beside the copy. Nothing was changed."),
        next_step=N_("Take the copy from the second disk or from a reserve drive: the locks lie there too."),
        exit_code=EXIT_SYSTEM, name=database.with_suffix(".keys").name,
    )  # fmt: skip


def _person(session: Session, login: str) -> Person:
    rows = session.scalars(select(Account).where(Account.active))
    found = next((row for row in rows if folded(row.login) == folded(login)), None)
    if found is None:
        raise WrongPassword(N_("The name or the password is wrong."), next_step=N_("Nothing was opened."))
    return Person(found.login, found.full_name, found.role)


def look(opened: Opened, clock: Clock) -> Look:
    """What the copy holds, and what would be missing after it."""
    with ExitStack() as files:
        copy = files.enter_context(backup.reading(opened.copy, opened.key))
        present = files.enter_context(_present(opened.database, opened.key, clock))
        return _looked(opened, copy, present, _newer_copy(files, opened, present))


@dataclass(frozen=True)
class _Present:
    """The database that stands there now, as far as it can be read; a newer program's is not counted as whole."""

    session: Session | None
    store: Store | None
    whole: bool
    newer: bool = False


@contextmanager
def _present(database: Path, key: bytes, clock: Clock) -> Iterator[_Present]:
    if not database.exists():
        yield _Present(None, None, whole=False)
        return
    store = Store(database, key, clock)
    try:
        whole = _is_whole(store)
        readable = whole or _log_can_be_read(store)
        if not readable:
            yield _Present(None, store, whole=False)
            return
        with store.read() as session:
            newer = _is_newer(session)
            told = None if newer and not _has_our_columns(session) else session
            yield _Present(told, store, whole and not newer, newer)
    finally:
        store.close()


def _is_whole(store: Store) -> bool:
    try:
        return not store.full_check()
    except Damaged:
        return False


def _log_can_be_read(store: Store) -> bool:
    try:
        with store.read() as session:
            stamped = migrate.written(session.connection()) != ""
        return stamped and store.verify_log() is None and store.log_head()[0] > 0
    except (Damaged, ValueError):
        return False


def _is_newer(session: Session) -> bool:
    try:
        migrate.require_known(session.connection())
    except migrate.NewerDatabase:
        return True
    return False


def _has_our_columns(session: Session) -> bool:
    """What a newer program keeps can still be asked for by the names that this one knows."""
    tables = inspect(session.connection())
    there = {name: {column["name"] for column in tables.get_columns(name)} for name in tables.get_table_names()}
    return all(set(table.columns.keys()) <= there.get(name, set()) for name, table in Base.metadata.tables.items())


def _newer_copy(files: ExitStack, opened: Opened, present: _Present) -> Session | None:
    """The newest other copy that is whole and can be worked with, where the database itself is not: it may know of acts
    done only once."""
    if present.whole:
        return None
    chosen = next((c for c in _other_copies(opened) if c.path == opened.copy), None)
    place = (chosen.epoch, chosen.n) if chosen else (0, 0)
    for other in _other_copies(opened):
        if chosen is None or (other.epoch, other.n) <= place:
            continue
        try:
            backup.check(other.path, opened.key, other.note)
        except Damaged:
            continue
        session = files.enter_context(backup.reading(other.path, opened.key))
        if not _is_newer(session):
            return session
    return None


def _looked(opened: Opened, copy: Session, present: _Present, newer: Session | None) -> Look:
    n, head, counts = backup.describe(opened.copy, opened.key)
    at = copy.scalar(select(AuditEntry.at).order_by(AuditEntry.n.desc()).limit(1)) or ""
    holds = tuple((SHOWN[table], counts[table]) for table in SHOWN if counts.get(table))
    found: dict[str, Any] = {}
    if present.session is not None:
        after = restore_rules.common_entry(copy, present.session)
        told = AuditEntry.n > after, AuditEntry.event.not_in(backups.QUIET)
        query = select(AuditEntry.event, func.count()).where(*told).group_by(AuditEntry.event)
        found["lost"] = tuple(
            Lost(event, count)
            for event, count in sorted(present.session.execute(query), key=lambda row: (-row[1], row[0]))
        )
        found["sent"] = _missing_files(copy, present.session, CarrierOut)
        found["taken"] = _missing_files(copy, present.session, CarrierIn)
    source = present.session if present.whole else newer
    refused = restore_rules.undone(copy, source) if source is not None else []
    acts = restore_rules.not_in(copy, _written(opened))
    held = [act for act in acts if act.event in lasting.ONCE]
    return Look(
        opened.copy.name, at, n, head, backups.epoch_of(copy), holds, present.session is not None, present.whole,
        undone=tuple(refused or held), refused=bool(refused), alone=_is_alone(present.session or copy, opened.first),
        newer=present.newer, **found,
    )  # fmt: skip


def _written(opened: Opened) -> list[Act]:
    """What must not be undone, as it is written beside the database and beside the copy."""
    places = dict.fromkeys((opened.database, opened.copy.parent / opened.database.name))
    return [act for place in places for act in lasting.written_acts(place, opened.key)]


def _missing_files(copy: Session, present: Session, table: type[CarrierOut] | type[CarrierIn]) -> tuple[str, ...]:
    known = set(copy.scalars(select(table.digest)))
    rows = present.execute(select(table.digest, table.file_name).order_by(table.file_name))
    return tuple(name.split("|")[0] for digest, name in rows if digest not in known)


def _is_alone(session: Session, first: Person) -> bool:
    """Nobody else here could confirm. Never so at the ministry's and at the centre's: there two accounts are needed."""
    if setting(session, "workplace").get("role") in (Role.MINISTRY_PROGRAMMER.value, Role.NTC.value):
        return False
    others = session.scalars(select(Account.login).where(Account.active, Account.login != first.login)).all()
    return not others


def second_person(opened: Opened, login: str, password: str, clock: Clock) -> Person:
    """The other person, shown by their own password; UserError for the same one, or two of whom none may decide."""
    place = _locked(opened.database, opened.copy)
    with backup.reading(opened.copy, opened.key) as session:
        return _second(session, place, opened.first, login, password, clock)


def second_of(store: Store, first: Person, login: str, password: str, clock: Clock) -> Person:
    """The other person for what two must decide in a workplace that is open."""
    with store.read() as session:
        return _second(session, store.path, first, login, password, clock)


def _second(session: Session, place: Path, first: Person, login: str, password: str, clock: Clock) -> Person:
    if folded(login) == folded(first.login):
        raise UserError(N_("The second person must be another one. Nothing was changed."))
    with instance.held(place):
        locks.unlock(place, login, password, clock)
    second = _person(session, login)
    role = setting(session, "workplace").get("role")
    roles = {first.role, second.role}
    needed = {PersonRole.PROGRAMMER} if role == Role.MINISTRY_PROGRAMMER.value else set(MANAGERS)
    if not roles & needed:
        raise UserError(N_("One of the two must be the programmer. Nothing was changed."))
    return second


def witness(name: str) -> Person:
    """The second person of a workplace with one account, by name and post only; the log says that it was not proven."""
    if len(name.strip()) < 5:
        raise UserError(N_("Write the full name and the post of the second person."))
    return Person("", name.strip()[:200], "witness", proven=False)


# -- the restore -------------------------------------------------------------------------------------------------------


def restore(
    opened: Opened, second: Person, clock: Clock, progress: Progress = Silent(), *, reason: str = "asked",
    words: str = "", beside: Path | None = None, called: str = "",
) -> Restored:  # fmt: skip
    """Put a copy in the place of the database. OutOfOrder where it would undo what is done only once.

    Nobody may have the database open. Cut off at any moment it leaves the state before, or the new one. `beside` is
    where images and exports lie when it is not the copy's own folder, and `called` how the database was called there;
    `words` are the person's, for the log.
    """
    database, staging = opened.database, opened.database.with_suffix(STAGING)
    with backup.in_words():
        database.parent.mkdir(parents=True, exist_ok=True)
    if instance.is_open_here(database):
        raise UserError(N_("The database is open in this window. Nothing was changed. Log out first."))
    with instance.held(database), locks.disk_words(database.parent):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        progress.stage(N_("Checking the copy"))
        fresh = staging / database.name
        backup.bring(opened.copy, fresh, progress)
        note = backup.read_note(opened.copy)
        backup.check(fresh, opened.key, note, full=True)
        progress.stage(N_("Keeping the present state"))
        with backup.reading(fresh, opened.key) as session:
            head = _head(session)
            known = _known(opened, session, clock)
        kept = _keep_present(database, opened.key, clock)
        progress.stage(N_("Carrying over what must not be undone"))
        told = {
            "copy": opened.copy.name, "copy_head": list(head), "present_head": list(known.head), "kept": kept,
            "reason": reason, "words": words,
            "persons": [[p.login, p.name, p.role, p.proven] for p in (opened.first, second)],
        }  # fmt: skip
        held = _make_ready(fresh, opened, known, told, clock)
        progress.stage(N_("Bringing images and exports"))
        _bring_back(opened, (beside or opened.copy.parent) / (called or opened.database.name), progress)
        progress.stage(N_("Putting it in place"))
        # Before the rename: an epoch that was written down and never begun costs nothing, one used twice is a fork.
        with backup.reading(fresh, opened.key) as session:
            lasting.add(database, opened.key, lasting.acts_in(session, head[0]))
        _swap(opened, fresh, progress)
        place, epoch, marked = beside or opened.copy.parent, known.carried.epoch, True
        if reason != TRIAL and place != backups.folder_beside(database):
            marked = handed_over.mark_taken(place, epoch, clock.now().isoformat(timespec="seconds"), second.name)
        shutil.rmtree(staging, ignore_errors=True)
    return Restored(opened.copy.name, kept, epoch, held, "" if marked else str(place))


@dataclass(frozen=True)
class _Known:
    head: tuple[int, str]
    carried: Carried


def _known(opened: Opened, copy: Session, clock: Clock) -> _Known:
    """Everything newer than the copy that anything at hand knows; OutOfOrder where the copy must not be used."""
    written = _written(opened)
    noted = [found.epoch for found in _other_copies(opened)]
    trust: tuple[TrustRow, ...] = ()
    with ExitStack() as files:
        present = files.enter_context(_present(opened.database, opened.key, clock))
        newer = _newer_copy(files, opened, present)
        sources = [session for session in (present.session, newer) if session is not None]
        _refuse_undoing(copy, present.session if present.whole else newer)
        held: tuple[Act, ...] = ()
        acts = list(written)
        for session in sources:
            acts += lasting.acts_in(session)
            trust = trust or restore_rules.newer_trust(copy, session)
            held += restore_rules.held_before(session)
        head = (written[-1].n, written[-1].hash) if written else (0, "")
        if present.session is not None:
            head = _head(present.session)
        epoch = restore_rules.next_epoch([copy, *sources], acts, noted)
    fresh = restore_rules.in_order_of_log(restore_rules.not_in(copy, acts))
    return _Known(head, Carried(tuple(fresh), trust, held, epoch))


def _other_copies(opened: Opened) -> list[Copy]:
    stem = opened.database.stem
    return [*backup.copies(backups.folder_beside(opened.database), stem), *backup.copies(opened.copy.parent, stem)]


def _refuse_undoing(copy: Session, source: Session | None) -> None:
    found = restore_rules.undone(copy, source) if source is not None else []
    if found:
        raise OutOfOrder(
            N_("The copy is older than what is done only once: {what}, {moment}. Nothing was changed."),
            next_step=N_("Choose a copy made after it."),
            what=found[-1].object, moment=shown(found[-1].at),
        )  # fmt: skip


def _head(session: Session) -> tuple[int, str]:
    return head_of(session) or (0, "")


def _keep_present(database: Path, key: bytes, clock: Clock) -> str:
    """The state before the restore as a copy, a newer program's too; as it lies where that fails; "" where none is."""
    folder = backups.folder_beside(database)
    if not database.exists():
        return ""
    with _present(database, key, clock) as present:
        newer = present.newer
        if (present.whole or newer) and present.session is not None and present.store is not None:
            epoch, schema = backups.epoch_of(present.session), migrate.written(present.session.connection())
            why = "newer" if newer else "restore"
            return backup.back_up(present.store, folder, clock.now(), why, epoch=epoch, schema=schema).path.name
    moment = clock.now().strftime(backup.STAMP)
    place = folder / f"{NEWER if newer else UNREADABLE}-{moment}"
    with backup.in_words():
        place.mkdir(parents=True, exist_ok=True)
        for path in _parts_of(database):
            backup.bring(path, place / path.name)
    return place.name


def _parts_of(database: Path) -> list[Path]:
    every = (database, *_side_files(database))
    return [path for path in every if path.exists()]


def _side_files(database: Path) -> Sequence[Path]:
    return tuple(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal"))


def _make_ready(fresh: Path, opened: Opened, known: _Known, told: dict[str, Any], clock: Clock) -> int:
    """Make the copy what it shall be; the first log entry after it names both heads. How many acts are held."""
    store = Store(fresh, opened.key, clock)
    try:
        before = migrate.current(store.engine)
        if before != migrate.head():
            migrate.upgrade(store.engine)
        with store.read() as session:
            device = trusting.device_keys(session)
        actor = Actor(opened.first.login, opened.first.name, opened.first.role, device.org, device.device)
        with store.write(actor) as tx:
            carried = restore_rules.carry(tx, known.carried)
            put_setting(tx, "handed-over", {})
            tx.note("backup-restored", opened.copy.name[:200], epoch=known.carried.epoch, carried=carried, **told)
            if before != migrate.head():
                tx.note("migration-run", migrate.head(), before=before)
        if store.verify_log() is not None or store.full_check():
            raise UserError(N_("The copy does not fit together with what must be kept. Nothing was changed."),
                            next_step=N_("Choose another copy."), exit_code=EXIT_SYSTEM)  # fmt: skip
        store.settle()
    finally:
        store.close()
    instance.lock_file(fresh).unlink(missing_ok=True)
    return int(carried.get("held", 0))


def _bring_back(opened: Opened, other: Path, progress: Progress) -> None:
    """Images and exports that lie beside the database's other place and not here; nothing is overwritten.

    `other` is where it would lie on the second disk or the reserve drive, by the name that it bears there.
    """
    if other.parent == backups.folder_beside(opened.database):
        return
    for source, name in second_disk.beside(other, opened.database.stem):
        target = opened.database.parent / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            backup.bring(source, target, progress)
    book = lasting.file_of(other)
    if book.exists() and not lasting.file_of(opened.database).exists():
        backup.bring(book, lasting.file_of(opened.database), progress)


def _swap(opened: Opened, fresh: Path, progress: Progress) -> None:
    """One rename. The locks come first where there are none: a database without them could never be opened."""
    database = opened.database
    ring = locks.keyring_of(database).path
    if not ring.exists():
        durable.write_file(ring, locks.keyring_of(_locked(database, opened.copy)).path.read_bytes())
    progress.step(0)
    for path in _side_files(database):
        # What a closed database leaves belongs to it alone: replayed into another it would tear that one apart.
        path.unlink(missing_ok=True)
    durable.sync_directory(database.parent)
    progress.step(0)
    durable.move(fresh, database, replace=True)
    progress.step(0)
