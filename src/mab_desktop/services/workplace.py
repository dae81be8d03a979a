"""A workplace: made once, opened by name and password.

A workplace is a folder with `mab.db` (encrypted), `mab.keys` (its key, wrapped for each person's password and for the
centre's recovery), `mab.lock` (one program at a time), `mab.tries` while wrong passwords are counted, `mab.reset` while
a forgotten one is asked for, and the folders of its backups and exports. It is made in a folder `mab.new` beside its
place and moved there whole. The people are in `accounts`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mab_desktop.domain import password_rules
from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import EXIT_SYSTEM, Problem, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role, Season, organisation_id
from mab_desktop.exchange import durable
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import folded
from mab_desktop.exchange.trust import TrustStore
from mab_desktop.i18n import N_
from mab_desktop.services import accounts, backups, handed_over, images, lasting, locks, second_disk, secrecy, trusting
from mab_desktop.services.accounts import confirm
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.locks import keyring_of
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import database_server, instance, migrate, place
from mab_desktop.storage.place import Place
from mab_desktop.storage.store import Actor, Damaged, Store
from mab_desktop.storage.tables.core import Account

__all__ = [
    "Damaged", "Start", "bring_up_to_date", "checked_address", "confirm", "create", "enter", "is_lost", "is_made",
    "keyring_of", "log_in", "logins", "on_server", "require_free", "require_own_disk", "what_it_is",
]  # fmt: skip


_NOT_HERE = {
    Place.REMOVABLE: N_("The database must not lie in {name}: that drive can be taken out."),
    Place.NETWORK: N_("The database must not lie in {name}: that folder is on another computer."),
    Place.SYNCED: N_("The database must not lie in {name}: a cloud service copies that folder."),
}


@dataclass(frozen=True)
class Start:
    """What the first start asks for: whose workplace this is, and its first person.

    `device` is "" for the organisation's main PC, else a short name for this one ("op1").
    """

    role: Role
    university: str
    season: Season
    login: str
    name: str
    person_role: str = "programmer"
    device: str = ""


def logins(database: Path) -> tuple[str, ...]:
    """Who may open a database; UserError where there is none."""
    if not database_server.is_made(database):
        raise UserError(
            N_("There is no database {name} yet."),
            next_step=N_("Start the workplace by the first-run page."),
            exit_code=EXIT_SYSTEM,
            name=str(database),
        )
    return keyring_of(database).logins()


def is_made(database: Path) -> bool:
    """True where a workplace stands, its tables in a file or on a server."""
    return database_server.is_made(database)


def on_server(database: Path) -> bool:
    """True where the tables of a workplace lie on a server."""
    return bool(database_server.address_of(database))


def checked_address(text: str) -> str:
    """The address of a server's database as it may be written down; UserError where it is none, or holds a password."""
    return database_server.checked_address(text)


def what_it_is(database: Path) -> str:
    """The workplace that a database is of, as its locks say without being opened; "" where they do not know."""
    ring = keyring_of(database)
    return ring.lid().device if ring.path.exists() else ""


def require_free(database: Path) -> None:
    """UserError where another program has the database open, before anybody types a password for it."""
    if database_server.is_made(database):
        with instance.held(database):
            return


def is_lost(error: UserError) -> bool:
    """True where a backup helps: the database or the file with its locks cannot be read, or is a newer program's."""
    return isinstance(error, Damaged | migrate.NewerDatabase) or getattr(error, "code", "") == "keyring-malformed"


def create(
    database: Path, start: Start, password: str, *, centre_file: Path | None = None, groups: str = "",
    clock: Clock | None = None, entropy: Entropy | None = None, lang: str = "kk", params: KdfParams = LOGIN,
    address: str = "",
) -> Context:  # fmt: skip
    """Make a workplace: its key, database, device keys and first person.

    Every role but the centre's own needs `centre_file` (any carrier of the centre) and the `groups` printed on paper.
    All or nothing: whatever fails, no file of a workplace is left. `address` (without a password) puts the centre's
    tables on a server; its locks and images lie beside `database` all the same. Refused for what is typed wrongly, a
    short password too; UserError where a database stands already, or for real data on a drive or in a folder of the
    network.
    """
    secrecy.keep_out_of_dumps()
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    start = replace(start, login=folded(start.login), name=start.name.strip())
    if found := [*_start_problems(start), *password_rules.problems(password, start.login, start.name)]:
        raise Refused(found)
    if database_server.is_made(database):
        raise UserError(N_("There is a database already. Nothing was changed."), next_step=N_("Log in to it."))
    store_of_trust = trusting.first_trust(centre_file, groups, clock.now().date()) if centre_file else None
    if store_of_trust is None and start.role is not Role.NTC:
        raise UserError(N_("The first start needs the centre's file and its fingerprint from paper."))
    if start.season.official:
        require_own_disk(database.parent)
        if store_of_trust is not None and trusting.is_of_training(store_of_trust):
            raise UserError(
                N_("This file comes from a training's centre: the real exam cannot begin with it. Nothing was made."),
                next_step=N_("Take the official file of the testing centre and the fingerprint from its paper."),
            )
    with locks.disk_words(database.parent), _making(database, address) as fresh:
        recovery, trust = locks.recipients_of(store_of_trust) if store_of_trust else ([], "")
        ring = keyring_of(fresh, params, entropy)
        key = ring.create(start.login, password, recovery, device=_device(start), trust=trust)
        ctx = _context(Store(fresh, key, clock), start, clock, entropy, lang)
        try:
            _furnish(ctx, start, store_of_trust)
            ctx.store.settle()
        finally:
            ctx.store.close()
    made = replace(ctx, store=Store(database, key, clock))
    try:
        with locks.disk_words(database.parent):
            locks.keep_following(made)
            lasting.keep(made.store)
    except BaseException:
        made.store.close()
        raise
    return made


@contextmanager
def _making(database: Path, address: str) -> Iterator[Path]:
    """Where to make a database; moved to its place with its locks at the end, or gone without a trace."""
    made = [folder for folder in (database.parent, *database.parent.parents) if not folder.exists()]
    database.parent.mkdir(parents=True, exist_ok=True)
    for folder in made:  # or a power cut would take the folder away, and all that was made in it
        durable.sync_directory(folder.parent)
    staging = database.with_suffix(".new")
    try:
        with instance.held(database):
            _clear_staging(database, staging)
            if keyring_of(database).path.exists():
                raise UserError(
                    N_("The locks of a database are here, but not the database {name}. Nothing was changed."),
                    next_step=N_("Restore the newest backup, or choose another folder."),
                    exit_code=EXIT_SYSTEM,
                    name=database.name,
                )
            staging.mkdir(mode=0o700)
            fresh, place = staging / database.name, database
            with _schema(fresh, address):
                yield fresh
                # The locks first: a database whose locks are lost could never be opened again.
                durable.write_file(keyring_of(database).path, keyring_of(fresh).path.read_bytes())
                if address:
                    fresh, place = database_server.server_file(fresh), database_server.server_file(database)
                durable.move(fresh, place)
            shutil.rmtree(staging)
    except BaseException:
        if not database_server.is_made(database):
            with instance.held(database):
                _clear_staging(database, staging)
            if made:
                shutil.rmtree(database.parent, ignore_errors=True)
            elif not keyring_of(database).path.exists():
                instance.lock_file(database).unlink(missing_ok=True)
        raise


@contextmanager
def _schema(fresh: Path, address: str) -> Iterator[None]:
    """Room for the tables on a server, gone again if the rest fails."""
    if not address:
        yield
        return
    durable.write_file(database_server.server_file(fresh), address.encode())
    database_server.make_schema(address)
    try:
        yield
    except BaseException:
        database_server.drop_schema(address)
        raise


def _clear_staging(database: Path, staging: Path) -> None:
    """Take away what a first start that was cut off left: its folder, and the locks if it had come so far."""
    made = keyring_of(staging / database.name).path
    ours = keyring_of(database).path
    unmade = not database_server.is_made(database)
    if unmade and made.exists() and ours.exists() and made.read_bytes() == ours.read_bytes():
        ours.unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _furnish(ctx: Context, start: Start, store_of_trust: TrustStore | None) -> None:
    """Tables, settings, device keys, first person and trust list of an empty database."""
    migrate.upgrade(ctx.store.engine)
    device = DeviceKeys.generate(ctx.organisation, ctx.actor.device, start.role.value, ctx.entropy)
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, "workplace", {"role": start.role.value, "university": start.university})
        put_setting(tx, "season", {"year": start.season.year, "campaign": start.season.campaign,
                                   "official": start.season.official})  # fmt: skip
        trusting.put_device_keys(ctx, tx, device)
        tx.session.add(
            Account(login=start.login, full_name=start.name, role=start.person_role, created_at=stamp(ctx))
        )
        tx.note("workplace-created", ctx.actor.device, role=start.role.value, university=start.university)
        if store_of_trust is not None:
            trusting.adopt_in(ctx, tx, store_of_trust)


def _context(store: Store, start: Start, clock: Clock, entropy: Entropy, lang: str) -> Context:
    org = organisation_id(start.role, start.university)
    actor = Actor(start.login, start.name, start.person_role, org, _device(start))
    return Context(store, actor, start.role, start.university, start.season, clock, lang, entropy)


def _device(start: Start) -> str:
    org = organisation_id(start.role, start.university)
    return f"{org}-{start.device}" if start.device else org


def require_own_disk(folder: Path, found: Place | None = None) -> None:
    """UserError where `folder` is on a drive that can be taken out, comes from the network or is copied to a cloud."""
    found = found or place.place_of(folder)
    if found in _NOT_HERE:
        raise UserError(
            _NOT_HERE[found],
            next_step=N_("Nothing was changed. The folder must lie on a disk of this computer that nobody copies; the "
                         "program is told which by --db FOLDER/mab.db."),
            exit_code=EXIT_SYSTEM, name=str(folder),
        )  # fmt: skip


def log_in(
    database: Path, login: str, password: str, *, clock: Clock | None = None, entropy: Entropy | None = None,
    lang: str = "kk",
) -> Context:  # fmt: skip
    """Open a workplace as `login`: WrongPassword alike for a wrong password, an unknown and a closed account.

    A database of an older schema is backed up and brought up to date; one that is newer, damaged, open in another
    program, or with real data on a drive or in a folder of the network, is refused.
    """
    secrecy.keep_out_of_dumps()
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    logins(database)
    with instance.held(database):
        key = locks.unlock(database, login, password, clock)
        store = Store(database, key, clock)
    try:
        with locks.disk_words(database.parent):
            return _open(store, login, clock, entropy, lang)
    except BaseException:
        store.close()
        raise


def _open(store: Store, login: str, clock: Clock, entropy: Entropy, lang: str) -> Context:
    store.quick_check()
    migrated = bring_up_to_date(store, clock)
    ctx = enter(store, login, clock, entropy, lang)
    if ctx.season.official:
        require_own_disk(store.path.parent)
    with store.write(ctx.actor) as tx:
        for event, subject, details in migrated:
            tx.note(event, subject, **details)
        locks.note_refusals(tx, store.path)
        tx.note("logged-in", ctx.actor.login)
    locks.forget_refusals(store.path)
    locks.keep_following(ctx)
    lasting.keep(store)
    handed_over.notice(ctx, second_disk.place_of(ctx))
    handed_over.keep_watch(store)
    images.seal_older(ctx)
    return ctx


def enter(store: Store, login: str, clock: Clock, entropy: Entropy, lang: str) -> Context:
    with store.read() as session:
        workplace, season = setting(session, "workplace"), setting(session, "season")
        account = accounts.find(session, login)
        device = trusting.device_keys(session)
        person = (account.login, account.full_name, account.role) if account and account.active else None
    if person is None:
        raise WrongPassword(
            N_("The name or the password is wrong."),
            next_step=N_("Nothing was opened. Try again; mind capital letters and the keyboard's language."),
        )
    return Context(
        store, Actor(*person, device.org, device.device), Role(workplace["role"]), workplace["university"],
        Season(season["year"], season["campaign"], season["official"]), clock, lang, entropy,
    )  # fmt: skip


def bring_up_to_date(store: Store, clock: Clock) -> list[tuple[str, str, dict[str, str]]]:
    """Migrate before any table is read; what the log must say of it, once somebody is known to be there."""
    before = migrate.current(store.engine)
    if before == migrate.head():
        return []
    run = ("migration-run", migrate.head(), {"before": before})
    if store.on_server:  # one transaction of the server: all of it, or the tables stay as they were
        migrate.upgrade(store.engine)
        return [run]
    copy = backups.before_migration(store, clock.now())
    migrate.upgrade(store.engine)
    return [("backup-made", copy.name, {"reason": "migration"}), run]


def _start_problems(start: Start) -> list[Problem]:
    found = accounts.person_problems(start.role, start.login, start.name, start.person_role)
    if start.role is not Role.NTC and not re.fullmatch(r"[0-9]{3}", start.university):
        found.append(Problem("university", N_("The code of a university has three digits.")))
    if start.device and not re.fullmatch(r"[a-z0-9]{1,16}", start.device):
        found.append(Problem("device", N_("The name of a computer is small Latin letters and digits, at most 16.")))
    if not re.fullmatch(r"[a-z0-9]{1,16}", start.season.campaign):
        found.append(Problem("season", N_("The name of a season is small Latin letters and digits, at most 16.")))
    return found
