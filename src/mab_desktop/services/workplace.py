"""A workplace: made once, opened by name and password, with people who may log in.

A workplace is a folder with `mab.db` (encrypted), `mab.keys` (its key, wrapped for each person's password and for the
centre's recovery), `mab.lock` (one program at a time), and the folders of its backups and exports. It is made in a
folder `mab.new` beside its place and moved there whole.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import EXIT_SYSTEM, Problem, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import PersonRole, Role, Season, organisation_id
from mab_desktop.exchange import durable
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.drive import FolderDrive, find_drives
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import Keyring
from mab_desktop.exchange.trust import TrustStore
from mab_desktop.i18n import N_
from mab_desktop.services import backups, trusting
from mab_desktop.services.context import Context, require_person, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import instance, migrate, place
from mab_desktop.storage.store import Actor, Store
from mab_desktop.storage.tables.core import Account

PASSWORD_LENGTH = 12
MANAGERS = ("programmer", "coordinator")


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


@dataclass(frozen=True)
class Person:
    """Someone who may log in."""

    login: str
    name: str
    role: str
    active: bool


def keyring_of(database: Path, params: KdfParams = LOGIN, entropy: Entropy | None = None) -> Keyring:
    """The locks beside a database."""
    return Keyring(database.with_suffix(".keys"), params, entropy or SystemEntropy())


def logins(database: Path) -> tuple[str, ...]:
    """Who may open a database; UserError where there is none."""
    if not database.exists():
        raise UserError(
            N_("There is no database {name} yet."),
            next_step=N_("Start the workplace by the first-run page."),
            exit_code=EXIT_SYSTEM,
            name=str(database),
        )
    return keyring_of(database).logins()


def create(
    database: Path, start: Start, password: str, *, centre_file: Path | None = None, groups: str = "",
    clock: Clock | None = None, entropy: Entropy | None = None, lang: str = "kk", params: KdfParams = LOGIN,
) -> Context:  # fmt: skip
    """Make a workplace: its key, database, device keys and first person.

    Every role but the centre's own needs `centre_file` (any carrier of the centre) and the `groups` printed on paper.
    All or nothing: whatever fails, no file of a workplace is left. Refused for what is typed wrongly, a short password
    too; UserError where a database stands already, or for real data on a drive or in a folder of the network.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    start = replace(start, login=_same(start.login), name=start.name.strip())
    if found := [*_start_problems(start), *_password_problems(password)]:
        raise Refused(found)
    if database.exists():
        raise UserError(N_("There is a database already. Nothing was changed."), next_step=N_("Log in to it."))
    store_of_trust = trusting.first_trust(centre_file, groups) if centre_file else None
    if store_of_trust is None and start.role is not Role.NTC:
        raise UserError(N_("The first start needs the centre's file and its fingerprint from paper."))
    if start.season.official:
        require_own_disk(database.parent)
    with _disk_words(database.parent), _making(database) as fresh:
        recovery = [device.age for device in store_of_trust.openers("ntc", ["ntc"])] if store_of_trust else []
        key = keyring_of(fresh, params, entropy).create(start.login, password, recovery)
        ctx = _context(Store(fresh, key, clock), start, clock, entropy, lang)
        try:
            _furnish(ctx, start, store_of_trust)
        finally:
            ctx.store.close()
    return replace(ctx, store=Store(database, key, clock))


@contextmanager
def _disk_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            N_("The folder {name} cannot be used: {reason}. Nothing was made."),
            next_step=N_("Check its rights and its free space, or choose another folder."),
            exit_code=EXIT_SYSTEM, name=str(folder), reason=error.strerror or str(error),
        ) from error  # fmt: skip


@contextmanager
def _making(database: Path) -> Iterator[Path]:
    """Where to make a database; moved to its place with its locks at the end, or gone without a trace."""
    made_folder = not database.parent.exists()
    database.parent.mkdir(parents=True, exist_ok=True)
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
            yield staging / database.name
            # The locks first: a database whose locks are lost could never be opened again.
            durable.write_file(keyring_of(database).path, keyring_of(staging / database.name).path.read_bytes())
            durable.move(staging / database.name, database)
            shutil.rmtree(staging)
    except BaseException:
        if not database.exists():
            with instance.held(database):
                _clear_staging(database, staging)
            if made_folder:
                shutil.rmtree(database.parent, ignore_errors=True)
            elif not keyring_of(database).path.exists():
                instance.lock_file(database).unlink(missing_ok=True)
        raise


def _clear_staging(database: Path, staging: Path) -> None:
    """Take away what a first start that was cut off left: its folder, and the locks if it had come so far."""
    made = keyring_of(staging / database.name).path
    ours = keyring_of(database).path
    if made.exists() and ours.exists() and made.read_bytes() == ours.read_bytes() and not database.exists():
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
    device = f"{org}-{start.device}" if start.device else org
    actor = Actor(start.login, start.name, start.person_role, org, device)
    return Context(store, actor, start.role, start.university, start.season, clock, lang, entropy)


def require_own_disk(folder: Path, drives: list[FolderDrive] | None = None) -> None:
    """UserError where `folder` is on a drive that can be taken out or comes from the network.

    A computer that itself runs from such a drive (its Python lies there) may keep its databases on it.
    """
    folder = folder.resolve()
    own = Path(sys.executable).stat().st_dev
    carried = [
        drive for drive in (find_drives() if drives is None else drives)
        if folder.is_relative_to(drive.folder.resolve()) and drive.folder.stat().st_dev != own
    ]  # fmt: skip
    if carried or place.is_on_network(folder):
        raise UserError(
            N_("The database must not lie on a drive that can be taken out, nor on a network folder."),
            next_step=N_("Nothing was made. Choose a folder on a disk of this computer."),
            exit_code=EXIT_SYSTEM,
        )


def log_in(
    database: Path, login: str, password: str, *, clock: Clock | None = None, entropy: Entropy | None = None,
    lang: str = "kk",
) -> Context:  # fmt: skip
    """Open a workplace as `login`: WrongPassword alike for a wrong password, an unknown and a closed account.

    A database of an older schema is backed up and brought up to date; one that is newer, damaged or open in another
    program is refused.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    logins(database)
    key = keyring_of(database).unlock(login, password)
    store = Store(database, key, clock)
    try:
        store.quick_check()
        migrated = _bring_up_to_date(store, clock)
        ctx = _enter(store, login, clock, entropy, lang)
        with store.write(ctx.actor) as tx:
            for event, subject, details in migrated:
                tx.note(event, subject, **details)
            tx.note("logged-in", ctx.actor.login)
    except BaseException:
        store.close()
        raise
    return ctx


def _enter(store: Store, login: str, clock: Clock, entropy: Entropy, lang: str) -> Context:
    with store.read() as session:
        workplace, season = setting(session, "workplace"), setting(session, "season")
        account = _account(session, login)
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


def _bring_up_to_date(store: Store, clock: Clock) -> list[tuple[str, str, dict[str, str]]]:
    """Migrate before any table is read; what the log must say of it, once somebody is known to be there."""
    before = migrate.current(store.engine)
    if before == migrate.head():
        return []
    copy = backups.before_migration(store, clock.now())
    migrate.upgrade(store.engine)
    return [("backup-made", copy.name, {"reason": "migration"}), ("migration-run", migrate.head(), {"before": before})]


def add_person(ctx: Context, login: str, name: str, person_role: str, password: str, params: KdfParams = LOGIN) -> None:
    """Let a person log in from now on; only a programmer or coordinator may."""
    require_person(ctx, *MANAGERS)
    login, name = _same(login), name.strip()
    if found := [*_person_problems(login, name, person_role), *_password_problems(password)]:
        raise Refused(found)
    with ctx.store.write(ctx.actor) as tx:
        if _account(tx.session, login) is not None:
            raise UserError(N_("{login} is taken already. Choose another name."), login=login)
        tx.session.add(Account(login=login, full_name=name, role=person_role, created_at=stamp(ctx)))
        tx.note("account-added", login, role=person_role)
        # Last, because a wrap cannot be taken back with the transaction; without it the account opens nothing.
        tx.session.flush()
        keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, login, password)


def change_password(ctx: Context, password: str, params: KdfParams = LOGIN) -> None:
    """Give oneself another password; the one before opens nothing any more."""
    if found := _password_problems(password):
        raise Refused(found)
    keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, ctx.actor.login, password)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("account-changed", ctx.actor.login, what="password")


def close_account(ctx: Context, login: str) -> None:
    """Take away a person's right to log in; what they did stays in the log."""
    require_person(ctx, *MANAGERS)
    if _same(login) == _same(ctx.actor.login):
        raise UserError(N_("You cannot close your own account."))
    with ctx.store.write(ctx.actor) as tx:
        account = _account(tx.session, login)
        if account is None:
            raise UserError(N_("Nobody is called {login} here."), login=login)
        account.active = False
        tx.note("account-changed", account.login, what="closed")
    keyring_of(ctx.store.path).remove(ctx.store.key, login)


def people(ctx: Context) -> list[Person]:
    """Everyone who may or might log in, by login."""
    with ctx.store.read() as session:
        rows = session.scalars(select(Account).order_by(Account.login))
        return [Person(row.login, row.full_name, row.role, row.active) for row in rows]


def _account(session: Session, login: str) -> Account | None:
    """The account of a person however the name is typed, as the key ring takes it too."""
    return next((row for row in session.scalars(select(Account)) if _same(row.login) == _same(login)), None)


def _same(login: str) -> str:
    """Logins differ neither by case nor by the way a letter is composed."""
    return unicodedata.normalize("NFC", login.strip()).casefold()


def _start_problems(start: Start) -> list[Problem]:
    found = _person_problems(start.login, start.name, start.person_role)
    if start.role is not Role.NTC and not re.fullmatch(r"[0-9]{3}", start.university):
        found.append(Problem("university", N_("The code of a university has three digits.")))
    if start.device and not re.fullmatch(r"[a-z0-9]{1,16}", start.device):
        found.append(Problem("device", N_("The name of a computer is small Latin letters and digits, at most 16.")))
    if not re.fullmatch(r"[a-z0-9]{1,16}", start.season.campaign):
        found.append(Problem("season", N_("The name of a season is small Latin letters and digits, at most 16.")))
    return found


def _person_problems(login: str, name: str, person_role: str) -> list[Problem]:
    found = []
    for field, value, longest in (("login", login, 64), ("name", name, 200)):
        if not value:
            found.append(Problem(field, N_("Required field.")))
        elif len(value) > longest:
            found.append(Problem(field, N_("At most {n} characters."), (("n", longest),)))
    if person_role not in list(PersonRole):
        found.append(Problem("role", N_("{value} is not in the list."), (("value", person_role),)))
    return found


def _password_problems(password: str) -> list[Problem]:
    short = len(password) < PASSWORD_LENGTH
    return [Problem("password", N_("At least {n} characters."), (("n", PASSWORD_LENGTH),))] if short else []
