"""The people of a workplace: who may log in, as what, since when; new passwords, own and forgotten ones.

A person who forgot the password gets a new one from two others with different roles (here), or by a file that the
testing centre signs (`recovery`). A closed account is opened again the same way, for both give somebody else's login.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain import password_rules
from mab_desktop.domain.errors import Problem, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import ANSWERABLE, MANAGERS, PERSONS_OF, PersonRole, Role
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import folded
from mab_desktop.exchange.login_tries import MustWait
from mab_desktop.i18n import N_
from mab_desktop.services import locks
from mab_desktop.services.context import Context, require_person, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import Account, AuditEntry


@dataclass(frozen=True)
class Person:
    """Someone who may or might log in; `last_login` and `refused` are what the log knows."""

    login: str
    name: str
    role: str
    active: bool
    must_change: bool = False
    last_login: str = ""
    refused: int = 0
    last_refused: str = ""


def people(ctx: Context) -> list[Person]:
    """Everyone who may or might log in, by login."""
    with ctx.store.read() as session:
        entered, refused = _last_logins(session), _refusals(session)
        return [
            Person(row.login, row.full_name, row.role, row.active, row.must_change, entered.get(row.login, ""),
                   *refused.get(row.login, (0, "")))
            for row in session.scalars(select(Account).order_by(Account.login))
        ]  # fmt: skip


def has_manager(ctx: Context) -> bool:
    """Whether a programmer or a coordinator may log in here: on an operator's own PC nobody but he may."""
    return any(person.active and person.role in MANAGERS for person in people(ctx))


def answerable(ctx: Context, login: str) -> list[Person]:
    """Who may answer for the person `login` together with the one at work: another role, no operator."""
    mine = folded(ctx.actor.login)
    return [
        person for person in people(ctx)
        if person.active and person.role in ANSWERABLE and person.role != ctx.actor.role
        and person.login not in (mine, folded(login))
    ]  # fmt: skip


def add_person(
    ctx: Context, login: str, name: str, person_role: str, password: str, params: KdfParams = LOGIN, *,
    must_change: bool = False,
) -> None:  # fmt: skip
    """Let a person log in from now on; only a programmer or coordinator may.

    `must_change`: the password is not the person's own choice and holds for one login.
    """
    require_person(ctx, *MANAGERS)
    login, name = folded(login), name.strip()
    if found := [*person_problems(ctx.role, login, name, person_role),
                 *password_rules.problems(password, login, name)]:  # fmt: skip
        raise Refused(found)
    with ctx.store.write(ctx.actor) as tx:
        if find(tx.session, login) is not None:
            raise UserError(N_("{login} is taken already. Choose another name."), login=login)
        tx.session.add(
            Account(login=login, full_name=name, role=person_role, created_at=stamp(ctx), must_change=must_change)
        )
        tx.note("account-added", login, role=person_role)
        _lock_with(ctx, tx, login, password, params)


def rename_person(ctx: Context, login: str, name: str) -> None:
    """Put a name right; papers printed before keep the old one."""
    require_person(ctx, *MANAGERS)
    name = name.strip()
    with ctx.store.write(ctx.actor) as tx:
        account = _account(tx.session, login)
        if found := person_problems(ctx.role, account.login, name, account.role):
            raise Refused(found)
        before, account.full_name = account.full_name, name
        tx.note("account-changed", account.login, what="name", before=before)


def close_account(ctx: Context, login: str) -> None:
    """Take away a person's right to log in; what they did stays in the log."""
    require_person(ctx, *MANAGERS)
    if folded(login) == folded(ctx.actor.login):
        raise UserError(N_("You cannot close your own account."))
    with ctx.store.write(ctx.actor) as tx:
        account = _account(tx.session, login)
        account.active = False
        tx.note("account-changed", account.login, what="closed")
    locks.keyring_of(ctx.store.path).remove(ctx.store.key, login)


def change_password(ctx: Context, old: str, password: str, params: KdfParams = LOGIN) -> None:
    """Give oneself another password; the one before, which must be typed, opens nothing any more."""
    confirm(ctx, old)
    if found := password_rules.problems(password, ctx.actor.login, ctx.actor.name):
        raise Refused(found)
    if old == password:
        raise Refused([Problem("password", N_("This is the password that you have now."))])
    with ctx.store.write(ctx.actor) as tx:
        if (account := find(tx.session, ctx.actor.login)) is not None:
            account.must_change = False
        tx.note("account-changed", ctx.actor.login, what="password")
        _lock_with(ctx, tx, ctx.actor.login, password, params)


def give_password(
    ctx: Context, login: str, password: str, second: str, second_password: str, params: KdfParams = LOGIN
) -> None:
    """A new password for a person who forgot it, or whose account was closed; two others with different roles do it.

    The one at work and `second`, who types his own password; an operator can be neither of them. Refused where they
    are one person, or the person concerned, or have the same role.
    """
    require_person(ctx, *ANSWERABLE)
    person = next((found for found in people(ctx) if found.login == folded(login)), None)
    if person is None:
        raise UserError(N_("Nobody is called {login} here."), login=login)
    if person.login == folded(ctx.actor.login):
        raise UserError(N_("For yourself, change the password by typing the old one."))
    if folded(second) not in [found.login for found in answerable(ctx, login)]:
        raise UserError(
            N_("A new password needs two people: you, and another with another role who is not an operator."),
            next_step=N_("Nothing was changed. Where there is nobody else, ask the testing centre by a signed file."),
        )
    if found := password_rules.problems(password, person.login, person.name):
        raise Refused(found)
    _prove(ctx, second, second_password)
    with ctx.store.write(ctx.actor) as tx:
        account = _account(tx.session, login)
        account.active, account.must_change = True, False
        tx.note("password-reset", account.login, by="two", second=folded(second), reopened=not person.active)
        _lock_with(ctx, tx, account.login, password, params)
    locks.tries_of(ctx.store.path).forgive(person.login)


def confirm(ctx: Context, password: str) -> None:
    """The person at work once more, before an act that cannot be taken back; WrongPassword, counted and logged."""
    _prove(ctx, ctx.actor.login, password)


def unlock_window(ctx: Context, password: str) -> None:
    """The person at work comes back to the locked window; WrongPassword, counted and logged."""
    confirm(ctx, password)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("window-unlocked", ctx.actor.login)


def must_change(ctx: Context) -> bool:
    """True where the person at work has a password that somebody else knows."""
    with ctx.store.read() as session:
        account = find(session, ctx.actor.login)
        return account is not None and account.must_change


def find(session: Session, login: str) -> Account | None:
    """The account of a person however the name is typed, as the key ring takes it too."""
    return next((row for row in session.scalars(select(Account)) if folded(row.login) == folded(login)), None)


def person_problems(role: Role, login: str, name: str, person_role: str) -> list[Problem]:
    """What is wrong with a person of the program `role`."""
    found = []
    for field, value, longest in (("login", login, 64), ("name", name, 200)):
        if not value:
            found.append(Problem(field, N_("Required field.")))
        elif len(value) > longest:
            found.append(Problem(field, N_("At most {n} characters."), (("n", longest),)))
    if person_role not in list(PERSONS_OF[role]):
        found.append(Problem("role", N_("{value} is not in the list."), (("value", person_role),)))
    return found


def roles_here(ctx: Context) -> Sequence[PersonRole]:
    """The roles that a person may have in this program."""
    return PERSONS_OF[ctx.role]


def _account(session: Session, login: str) -> Account:
    account = find(session, login)
    if account is None:
        raise UserError(N_("Nobody is called {login} here."), login=login)
    return account


def _prove(ctx: Context, login: str, password: str) -> None:
    database = ctx.store.path
    try:
        locks.unlock(database, login, password, ctx.clock)
    except MustWait:
        raise
    except WrongPassword as error:
        with ctx.store.write(ctx.actor) as tx:
            locks.note_refusals(tx, database)
        locks.forget_refusals(database)
        raise WrongPassword(
            N_("The password is wrong."),
            next_step=N_("Nothing was done. Try again; mind capital letters and the keyboard's language."),
        ) from error


def _lock_with(ctx: Context, tx: Transaction, login: str, password: str, params: KdfParams) -> None:
    """The person's wrap. Last, because it cannot be taken back with the transaction; alone it opens no account."""
    tx.session.flush()
    locks.keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, login, password)


def _last_logins(session: Session) -> dict[str, str]:
    query = select(AuditEntry.object, func.max(AuditEntry.n)).where(AuditEntry.event == "logged-in")
    newest = [n for _login, n in session.execute(query.group_by(AuditEntry.object))]
    at = select(AuditEntry.object, AuditEntry.at).where(AuditEntry.n.in_(newest))
    return {login: _minute(moment) for login, moment in session.execute(at)}


def _refusals(session: Session) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    query = select(AuditEntry).where(AuditEntry.event == "login-refused").order_by(AuditEntry.n)
    for entry in session.scalars(query):
        tries, last = found.get(entry.object, (0, ""))
        found[entry.object] = (tries + int(entry.details.get("tries", 0)), _minute(entry.details.get("last", last)))
    return found


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
