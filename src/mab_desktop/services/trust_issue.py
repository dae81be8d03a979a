"""How the centre's next trust list comes about: what stands in it, what is new in it, and two people who sign it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, PREFIX, Role, organisation_id, parse_organisation
from mab_desktop.exchange import canonical, trust
from mab_desktop.exchange.device import DevicePublic, SigningKey
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.i18n import N_
from mab_desktop.services import trusting
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Line
from mab_desktop.services.settings import ties
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import DeviceEnrolment, PersonEnrolment

# A training season may be opened years after it was played; nothing real hangs on its list.
TRAINING = 80  # times as long


def renew(ctx: Context, tx: Transaction, signers: Sequence[SigningKey]) -> trust.TrustStore:
    """A new list when its content would differ from the one in force, or when that one expires soon."""
    tx.session.flush()
    current = trusting.trust_store(tx.session)
    if not is_due(tx.session, current, ctx.clock.now().date()):
        return current
    return issue(ctx, tx, [canonical.encode(fields) for fields in current.list.roots], current, signers)


def is_due(session: Session, current: trust.TrustStore, today: date) -> bool:
    """True where the next list would say something new."""
    soon = (date.fromisoformat(current.list.expires) - today).days < trust.WARNING_DAYS
    return soon or tuple(entries(session)) != current.list.organisations


def issue(
    ctx: Context, tx: Transaction, roots: Sequence[bytes], previous: trust.TrustStore | None,
    signers: Sequence[SigningKey],
) -> trust.TrustStore:  # fmt: skip
    """The next list, signed by `signers` and put in force here; UserError where they are too few or not the right ones.

    A list that lets someone in has power over the whole exam, so it is never signed by the program alone.
    """
    tx.session.flush()
    today: date = ctx.clock.now().date()
    _require_signers(roots, signers)
    store = trust.issue_list(
        roots, list(entries(tx.session)), signers=signers, issued=today,
        expires=good_until(ctx, trusting.LIST_DAYS),
        previous=previous,
    )  # fmt: skip
    tx.note("trust-issued", str(store.version), digest=store.digest, organisations=len(store.list.organisations),
            signers=sorted(key.keyid[:16] for key in signers))  # fmt: skip
    trusting.adopt_in(ctx, tx, store)
    return store


def _require_signers(roots: Sequence[bytes], signers: Sequence[SigningKey]) -> None:
    newest = trust.newest_root(roots)
    right = {key.keyid for key in signers} & set(newest.list_keys)
    if len(right) < newest.list_threshold or len(right) != len(signers):
        raise UserError(
            N_("The trust list must be signed by {n} people of the centre who have the right to."),
            next_step=N_("Nothing was changed. Let the right people sign; who they are changes only by the root keys."),
            n=newest.list_threshold,
        )


def entries(session: Session) -> Iterator[trust.OrganisationEntry]:
    """Every organisation with a workplace that was compared, by name, with its rights; withdrawn keys stay in it."""
    networks = ties(session)
    devices: dict[str, list[DeviceEnrolment]] = {}
    for row in session.scalars(select(DeviceEnrolment).order_by(DeviceEnrolment.organisation, DeviceEnrolment.device)):
        if row.active or row.revoked_at:
            devices.setdefault(row.organisation, []).append(row)
    persons: dict[str, list[PersonEnrolment]] = {}
    for person in session.scalars(select(PersonEnrolment).order_by(PersonEnrolment.person)):
        if person.active or person.revoked_at:
            persons.setdefault(person.organisation, []).append(person)
    for name, found in sorted(devices.items()):
        role, university = parse_organisation(name)
        yield trust.OrganisationEntry(
            org=name, roles=(role.value,), may_send=_may_send(role),
            may_send_to=_may_send_to(role, university, networks),
            devices=tuple(trust.device_entry(DevicePublic(**row.public), last_valid(row)) for row in found),
            persons=tuple(trust.PersonEntry(row.person, row.keyid, last_valid(row)) for row in persons.get(name, ())),
        )  # fmt: skip


def last_valid(row: DeviceEnrolment | PersonEnrolment) -> tuple[trust.LastValid, ...] | None:
    """None for a key in force, else the last numbers of it that count."""
    if row.revoked_at is None:
        return None
    return tuple(trust.LastValid(*found) for found in row.last_valid.get("streams", ()))


def changes(session: Session) -> list[Line]:
    """What the next list says that the one in force does not: to be read before it is signed."""
    current = trusting.trust_store(session)
    now = {entry.org: entry for entry in current.list.organisations}
    lines: list[Line] = []
    for entry in entries(session):
        before = now.pop(entry.org, None)
        lines += _key_changes(entry.org, _keys_of(entry), _keys_of(before))
        if before and (entry.may_send, entry.may_send_to) != (before.may_send, before.may_send_to):
            lines.append(Line(N_("{organisation}: may send to {names}"),
                              {"organisation": entry.org, "names": ", ".join(entry.may_send_to)}))  # fmt: skip
    return lines


_Keys = Mapping[str, tuple[str, Any]]


def _keys_of(entry: trust.OrganisationEntry | None) -> _Keys:
    if entry is None:
        return {}
    devices = {device.keyid: (device.device, device.last_valid) for device in entry.devices}
    return devices | {person.keyid: (person.person, person.last_valid) for person in entry.persons}


def _key_changes(organisation: str, after: _Keys, before: _Keys) -> Iterable[Line]:
    for keyid, (name, withdrawn) in after.items():
        params = {"name": name, "organisation": organisation}
        if keyid not in before:
            text = N_("{organisation}: {name} is let in") if withdrawn is None else N_("{organisation}: {name} is out")
            yield Line(text, params)
        elif before[keyid][1] != withdrawn:
            yield Line(N_("{organisation}: {name} is withdrawn"), params)


def _may_send(role: Role) -> tuple[str, ...]:
    return tuple(sorted(name for name, kind in KINDS.items() if role.value in kind.sender_roles))


def _may_send_to(role: Role, university: str, networks: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Whom the routes of the order lead to (p.17-25, p.37): the own base or network universities, and the centre."""
    if role is Role.NTC:
        return (trust.ANYBODY,)
    found = {NTC_CODE, organisation_id(role, university)}
    if role is Role.NETWORK_UNI:
        found |= {PREFIX[Role.BASE_UNI] + base for base, own in networks.items() if university in own}
    elif role is Role.BASE_UNI:
        found |= {PREFIX[Role.NETWORK_UNI] + network for network in networks.get(university, ())}
        found |= {PREFIX[Role.MINISTRY_PROGRAMMER] + university, PREFIX[Role.AUDIT_FUND] + university}
    else:
        found.add(PREFIX[Role.BASE_UNI] + university)
    return tuple(sorted(found))


def good_until(ctx: Context, days: int) -> date:
    """The last day of what the centre signs today for so many days."""
    return ctx.clock.now().date() + timedelta(days=days if ctx.season.official else TRAINING * days)
