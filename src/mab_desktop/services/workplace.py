"""A workplace: made once, opened by name and password, with people who may log in.

A workplace is a folder with `mab.db` (encrypted), `mab.keys` (its key, wrapped for each person's password and for the
centre's recovery), and the folders of its backups and exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from mab_desktop.domain.clock import Clock, SystemClock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import EXIT_SYSTEM, Problem, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role, Season, organisation_id
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import Keyring
from mab_desktop.i18n import N_
from mab_desktop.services import backups, trusting
from mab_desktop.services.context import Context, require_person, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import migrate
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

    Every role but the centre's own needs `centre_file` (any carrier of the centre) and the `groups` printed on paper:
    nothing is made when they do not fit. Refused for a short password; UserError where a database stands already.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    _check_password(password)
    if database.exists():
        raise UserError(N_("There is a database already. Nothing was changed."), next_step=N_("Log in to it."))
    store_of_trust = trusting.first_trust(centre_file, groups) if centre_file else None
    if store_of_trust is None and start.role is not Role.NTC:
        raise UserError(N_("The first start needs the centre's file and its fingerprint from paper."))
    database.parent.mkdir(parents=True, exist_ok=True)
    recovery = [device.age for device in store_of_trust.openers("ntc", ["ntc"])] if store_of_trust else []
    key = keyring_of(database, params, entropy).create(start.login, password, recovery)
    store = Store(database, key, clock)
    migrate.upgrade(store.engine)
    ctx = _context(store, start, clock, entropy, lang)
    with store.write(ctx.actor) as tx:
        put_setting(tx, "workplace", {"role": start.role.value, "university": start.university})
        put_setting(tx, "season", {"year": start.season.year, "campaign": start.season.campaign,
                                   "official": start.season.official})  # fmt: skip
        org = organisation_id(start.role, start.university)
        trusting.put_device_keys(ctx, tx, DeviceKeys.generate(org, ctx.actor.device, start.role.value, entropy))
        tx.session.add(
            Account(login=start.login, full_name=start.name, role=start.person_role, created_at=stamp(ctx))
        )
        tx.note("workplace-created", ctx.actor.device, role=start.role.value, university=start.university)
        if store_of_trust is not None:
            trusting.adopt_in(ctx, tx, store_of_trust)
    return ctx


def _context(store: Store, start: Start, clock: Clock, entropy: Entropy, lang: str) -> Context:
    org = organisation_id(start.role, start.university)
    device = f"{org}-{start.device}" if start.device else org
    actor = Actor(start.login, start.name, start.person_role, org, device)
    return Context(store, actor, start.role, start.university, start.season, clock, lang, entropy)


def log_in(
    database: Path, login: str, password: str, *, clock: Clock | None = None, entropy: Entropy | None = None,
    lang: str = "kk",
) -> Context:  # fmt: skip
    """Open a workplace as `login`: WrongPassword alike for a wrong password, an unknown and a closed account.

    A database of an older schema is backed up and brought up to date; one that is newer or damaged is refused.
    """
    clock, entropy = clock or SystemClock(), entropy or SystemEntropy()
    logins(database)
    key = keyring_of(database).unlock(login, password)
    store = Store(database, key, clock)
    store.quick_check()
    with store.read() as session:
        workplace, season = setting(session, "workplace"), setting(session, "season")
        account = session.get(Account, login)
        device = trusting.device_keys(session)
        person = (account.login, account.full_name, account.role) if account and account.active else None
    if person is None:
        store.close()
        raise WrongPassword(N_("The name or the password is wrong."))
    actor = Actor(*person, device.org, device.device)
    role = Role(workplace["role"])
    ctx = Context(
        store, actor, role, workplace["university"],
        Season(season["year"], season["campaign"], season["official"]), clock, lang, entropy,
    )  # fmt: skip
    _bring_up_to_date(ctx)
    with store.write(actor) as tx:
        tx.note("logged-in", actor.login)
    return ctx


def _bring_up_to_date(ctx: Context) -> None:
    before = migrate.current(ctx.store.engine)
    if before == migrate.head():
        return
    backups.back_up(ctx, "migration")
    migrate.upgrade(ctx.store.engine)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("migration-run", migrate.head(), before=before)


def add_person(ctx: Context, login: str, name: str, person_role: str, password: str, params: KdfParams = LOGIN) -> None:
    """Let a person log in from now on; only a programmer or coordinator may."""
    require_person(ctx, *MANAGERS)
    _check_password(password)
    if not login.strip() or not name.strip():
        raise Refused([Problem("login" if not login.strip() else "name", N_("Required field."))])
    with ctx.store.write(ctx.actor) as tx:
        if tx.session.get(Account, login) is not None:
            raise UserError(N_("{login} is taken already. Choose another name."), login=login)
        tx.session.add(Account(login=login, full_name=name, role=person_role, created_at=stamp(ctx)))
        tx.note("account-added", login, role=person_role)
        # Last, because a wrap cannot be taken back with the transaction; without it the account opens nothing.
        tx.session.flush()
        keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, login, password)


def change_password(ctx: Context, password: str, params: KdfParams = LOGIN) -> None:
    """Give oneself another password."""
    _check_password(password)
    keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, ctx.actor.login, password)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("account-changed", ctx.actor.login, what="password")


def close_account(ctx: Context, login: str) -> None:
    """Take away a person's right to log in; what they did stays in the log."""
    require_person(ctx, *MANAGERS)
    if login == ctx.actor.login:
        raise UserError(N_("You cannot close your own account."))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.get_one(Account, login).active = False
        tx.note("account-changed", login, what="closed")
    keyring_of(ctx.store.path).remove(ctx.store.key, login)


def people(ctx: Context) -> list[Person]:
    """Everyone who may or might log in, by login."""
    with ctx.store.read() as session:
        rows = session.scalars(select(Account).order_by(Account.login))
        return [Person(row.login, row.full_name, row.role, row.active) for row in rows]


def _check_password(password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise Refused([Problem("password", N_("At least {n} characters."), (("n", PASSWORD_LENGTH),))])
