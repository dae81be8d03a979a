"""Persons who sign beside their PC: answer keys, results and trust lists need two of them (`KINDS[kind].two_persons`).

Each has a signing key of his own on this PC, under a password of his own; the centre lets the public half in after its
check groups were compared, and the trust list says who is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import person_key, trust
from mab_desktop.exchange.device import PersonPublic, SigningKey, is_device_of
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.i18n import N_
from mab_desktop.services import trusting
from mab_desktop.services.context import Context, require_person, stamp
from mab_desktop.services.tries import count_try
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import Account, DeviceKey
from mab_desktop.storage.tables.results import PasswordTries

PASSWORD_LENGTH = 12
TWO = 2
MANAGERS = ("programmer", "coordinator")


class PersonState(StrEnum):
    """What the trust list in force here says of a person's key."""

    WAITING = "waiting"
    IN_FORCE = "in force"
    WITHDRAWN = "withdrawn"


STATE_LABELS = {
    PersonState.WAITING: N_("waits for the centre"),
    PersonState.IN_FORCE: N_("in force"),
    PersonState.WITHDRAWN: N_("withdrawn"),
}


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who signs here: `login` is what he types, `person` his id in the trust list."""

    login: str
    name: str
    person: str
    keyid: str
    fingerprint: str
    state: PersonState


def signers_needed(kind: str) -> int:
    """How many persons must sign a carrier of `kind`: two, or none."""
    return TWO if kind in KINDS and KINDS[kind].two_persons else 0


def role_needs_persons(role: Role) -> bool:
    """True where a program of this role sends something that two persons sign."""
    return any(kind.two_persons and role.value in kind.sender_roles for kind in KINDS.values())


def persons(ctx: Context) -> list[PersonLine]:
    """Everybody whose signing key lies on this PC, by name for signing; those whose key was replaced are left out."""
    with ctx.store.read() as session:
        data = trusting.newest_trust(session)
        store = trust.verify_list(data) if data else None
        return [_line(ctx, row, store) for row in rows(session)]


def make_person_key(
    ctx: Context, login: str, password: str, name: str = "", *, params: KdfParams = LOGIN
) -> PersonLine:
    """Make the signing key of `login` under his own password, in place of the one he had; the centre must let it in.

    He need not be able to log in: then `name` is his full name. Only a programmer, a coordinator or the person himself
    may; Refused for what is typed wrongly.
    """
    login = trusting.same_login(login)
    if login != trusting.same_login(ctx.actor.login):
        require_person(ctx, *MANAGERS)
    with ctx.store.read() as session:
        name = name.strip() or _account_name(session, login)
    if found := [*_who_problems(login, name), *password_problems(password)]:
        raise Refused(found)
    key = SigningKey.generate(ctx.entropy)
    device = ctx.actor.device if is_device_of(ctx.actor.device, ctx.organisation) else ctx.organisation
    public = PersonPublic.of(ctx.organisation, device, key.keyid, name)
    stored = person_key.lock_key(key, public, password, params=params, entropy=ctx.entropy)
    with ctx.store.write(ctx.actor) as tx:
        for row in rows(tx.session, login):
            row.retired_at = stamp(ctx)
        tx.session.add(
            DeviceKey(keyid=key.keyid, kind=trusting.PERSON, owner=login, keys=stored, created_at=stamp(ctx),
                      person=public.person, name=name)
        )  # fmt: skip
        _forget_tries(tx, login)
        tx.note("person-key-made", public.person, keyid=key.keyid, login=login)
    return PersonLine(login, name, public.person, key.keyid, public.fingerprint, PersonState.WAITING)


def signing_keys(ctx: Context, passwords: Mapping[str, str], *, listed: bool = True) -> list[SigningKey]:
    """The signing keys of the persons in `passwords` (by login), each opened with his own password.

    Every try is counted and committed before its result is known. WrongPassword names the login whose password is
    wrong; UserError where somebody has no key here or, if `listed`, where the trust list does not have him in force.
    """
    return [_open(ctx, trusting.same_login(login), password, listed) for login, password in passwords.items()]


def change_password(ctx: Context, login: str, old: str, new: str, *, params: KdfParams = LOGIN) -> None:
    """Put a person's key under another password; the old one shows that it is he who asks."""
    if found := password_problems(new):
        raise Refused(found)
    login = trusting.same_login(login)
    key = _open(ctx, login, old, listed=False)
    with ctx.store.write(ctx.actor) as tx:
        row = _one(tx.session, login)
        public = public_of(ctx.organisation, row)
        row.keys = person_key.lock_key(key, public, new, params=params, entropy=ctx.entropy)
        tx.note("person-key-changed", row.person, login=login)


def publics(session: Session, organisation: str) -> list[PersonPublic]:
    """What the centre must know of everybody who signs here."""
    return [public_of(organisation, row) for row in rows(session)]


def public_of(organisation: str, row: DeviceKey) -> PersonPublic:
    """The public half of a stored key."""
    return PersonPublic(organisation, row.person, row.keyid, row.name)


def password_problems(password: str) -> list[Problem]:
    """What is wrong with a password for signing."""
    short = len(password) < PASSWORD_LENGTH
    return [Problem("password", N_("At least {n} characters."), (("n", PASSWORD_LENGTH),))] if short else []


def _open(ctx: Context, login: str, password: str, listed: bool) -> SigningKey:
    with ctx.store.read() as session:
        row = _one(session, login)
        stored, public = dict(row.keys), public_of(ctx.organisation, row)
        data = trusting.newest_trust(session)
        if listed and data:
            _require_in_force(public, trust.verify_list(data))
    count_try(ctx, _subject(login))
    key = person_key.unlock_key(stored, public, password)
    if key is None:
        raise WrongPassword(
            N_("The password for signing of {name} is wrong."),
            next_step=N_("Nothing was signed. Type it again: it is the one for signing, not the one for logging in."),
            name=public.name,
        )
    with ctx.store.write(ctx.actor) as tx:
        _forget_tries(tx, login)
        tx.note("person-key-opened", public.person, login=login)
    return key


def _require_in_force(public: PersonPublic, store: trust.TrustStore) -> None:
    state = _state(public.keyid, store)
    if state is PersonState.WITHDRAWN:
        raise UserError(
            N_("The signing key of {name} was withdrawn by the testing centre."),
            next_step=N_("Nothing was signed. Let another person sign, or make a new key and have it let in."),
            name=public.name,
        )
    if state is PersonState.WAITING:
        raise UserError(
            N_("The testing centre has not let in the signing key of {name} yet."),
            next_step=N_("Nothing was signed. Send the enrolment file and load the newest file of the centre."),
            name=public.name,
        )


def _line(ctx: Context, row: DeviceKey, store: trust.TrustStore | None) -> PersonLine:
    public = public_of(ctx.organisation, row)
    return PersonLine(row.owner, row.name, row.person, row.keyid, public.fingerprint, _state(row.keyid, store))


def _state(keyid: str, store: trust.TrustStore | None) -> PersonState:
    entries = (person for org in store.list.organisations for person in org.persons) if store else ()
    entry = next((person for person in entries if person.keyid == keyid), None)
    if entry is None:
        return PersonState.WAITING
    return PersonState.IN_FORCE if entry.last_valid is None else PersonState.WITHDRAWN


def rows(session: Session, login: str = "") -> list[DeviceKey]:
    """The stored keys of everybody who signs here, or of one."""
    query = select(DeviceKey).where(DeviceKey.kind == trusting.PERSON, DeviceKey.retired_at.is_(None))
    found: Iterable[DeviceKey] = session.scalars(query.order_by(DeviceKey.owner))
    return [row for row in found if not login or row.owner == login]


def _one(session: Session, login: str) -> DeviceKey:
    found = rows(session, login) if login else []
    if not found:
        raise UserError(N_("The signing key of {person} is not on this PC."), person=login or "?")
    return found[0]


def _account_name(session: Session, login: str) -> str:
    accounts = session.scalars(select(Account).where(Account.active))
    return next((row.full_name for row in accounts if trusting.same_login(row.login) == login), "")


def _who_problems(login: str, name: str) -> list[Problem]:
    found = []
    for field, value, longest in (("login", login, 64), ("name", name, 200)):
        if not value:
            found.append(Problem(field, N_("Required field.")))
        elif len(value) > longest:
            found.append(Problem(field, N_("At most {n} characters."), (("n", longest),)))
    return found


def _subject(login: str) -> str:
    return f"person-key|{login}"


def _forget_tries(tx: Transaction, login: str) -> None:
    row = tx.session.get(PasswordTries, _subject(login))
    if row is not None:
        tx.session.delete(row)
