"""The centre's authority: root keys, enrolled workplaces, and the trust list that every carrier brings along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, PREFIX, Role, organisation_id, parse_organisation
from mab_desktop.exchange import canonical, trust
from mab_desktop.exchange.device import DeviceKeys, DevicePublic, SigningKey, is_device_of
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.i18n import N_
from mab_desktop.services import trusting
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import ties
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import DeviceEnrolment, Organisation
from mab_desktop.storage.tables.core import DeviceKey

ROOT = "root"
ROOT_KEYS, ROOT_THRESHOLD = 3, 2
# The two people of the centre whose signatures an answer key needs.
SIGNERS = ("registrar", "deputy")
ROOT_YEARS, LIST_DAYS = 3, 400


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A workplace known to the centre; `fingerprint` is compared by telephone before it is let in."""

    keyid: str
    organisation: str
    device: str
    role: str
    fingerprint: str
    active: bool
    enrolled_at: str


def create_authority(ctx: Context) -> str:
    """Make root keys, the two signers' keys and the first trust list; gives the 8 groups to print on paper.

    UserError when there is an authority already: its keys are never made anew by mistake.
    """
    require(ctx, Role.NTC)
    today = ctx.clock.now().date()
    with ctx.store.write(ctx.actor) as tx:
        if trusting.newest_trust(tx.session) is not None:
            raise UserError(N_("The testing centre has its root keys already. Nothing was changed."))
        roots = [SigningKey.generate(ctx.entropy) for _ in range(ROOT_KEYS)]
        for number, key in enumerate(roots, 1):
            stored = {"signing": key.dump()}
            tx.session.add(DeviceKey(keyid=key.keyid, kind=ROOT, owner=f"root-{number}", keys=stored,
                                     created_at=stamp(ctx)))  # fmt: skip
        for person in SIGNERS:
            trusting.put_person_key(ctx, tx, person, SigningKey.generate(ctx.entropy))
        _own_keys(ctx, tx)
        expires = today + timedelta(days=366 * ROOT_YEARS)
        chain = trust.make_root([key.keyid for key in roots], ROOT_THRESHOLD, expires, roots)
        store = _issue(ctx, tx, chain, None)
        tx.note("authority-created", NTC_CODE, fingerprint=store.fingerprint, roots=ROOT_KEYS, threshold=ROOT_THRESHOLD)
    return store.fingerprint


def fingerprint(ctx: Context) -> str:
    """The 8 groups that each workplace types at its first start."""
    with ctx.store.read() as session:
        return trusting.trust_store(session).fingerprint


def trust_bytes(ctx: Context) -> bytes:
    """The trust list in force, as a file."""
    with ctx.store.read() as session:
        return trusting.trust_store(session).data


def devices(ctx: Context) -> list[DeviceLine]:
    """Every workplace that asked to be enrolled, by organisation and device."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        rows = session.scalars(select(DeviceEnrolment).order_by(DeviceEnrolment.organisation, DeviceEnrolment.device))
        return [
            DeviceLine(r.keyid, r.organisation, r.device, str(r.public["role"]), DevicePublic(**r.public).fingerprint,
                       r.active, r.enrolled_at)
            for r in rows
        ]  # fmt: skip


def enrol(ctx: Context, public: DevicePublic | Mapping[str, Any], groups: str = "") -> None:
    """Take a workplace into the trust list. `groups`, when given, must be the fingerprint read by telephone."""
    enrol_all(ctx, [public], [groups])


def enrol_all(ctx: Context, publics: Sequence[DevicePublic | Mapping[str, Any]], groups: Sequence[str] = ()) -> None:
    """Take several workplaces into one new trust list; a workplace known already stays as it is."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        for number, given in enumerate(publics):
            public = given if isinstance(given, DevicePublic) else DevicePublic(**given)
            if typed := (groups[number] if number < len(groups) else ""):
                _compare(public, typed)
            register_device(ctx, tx, public, active=True)
        _renew(ctx, tx)


def confirm(ctx: Context, device: str, groups: str) -> None:
    """Let in a workplace whose request came as a file, once its fingerprint was compared by telephone."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        row = _enrolled(tx.session, device)
        _compare(DevicePublic(**row.public), groups)
        row.active = True
        tx.note("device-enrolled", row.device, organisation=row.organisation, keyid=row.keyid)
        _renew(ctx, tx)


def revoke(ctx: Context, device: str) -> None:
    """Take a workplace out: nothing that it signs from now on is accepted, what was accepted stays."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        row = _enrolled(tx.session, device)
        row.active = False
        tx.note("device-revoked", row.device, organisation=row.organisation, keyid=row.keyid)
        _renew(ctx, tx)


def issue_trust(ctx: Context) -> bytes:
    """The trust list made anew when ties or workplaces changed; the same one when nothing did."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        return _renew(ctx, tx).data


def signers(ctx: Context) -> list[SigningKey]:
    """The keys of the two people of the centre who sign answer keys."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return trusting.person_keys(session, *SIGNERS)


def register_device(ctx: Context, tx: Transaction, public: DevicePublic, *, active: bool) -> None:
    """Write down a workplace and its organisation within a transaction."""
    try:
        role, university = parse_organisation(public.org)
    except ValueError as error:
        raise UserError(N_("{name} is not the name of an organisation."), name=public.org) from error
    if role.value != public.role or not is_device_of(public.device, public.org):
        raise UserError(N_("Workplace {device} does not fit organisation {name}."), device=public.device,
                        name=public.org)  # fmt: skip
    if tx.session.get(Organisation, public.org) is None:
        tx.session.add(Organisation(id=public.org, role=role.value, university=university, registered_at=stamp(ctx)))
        tx.note("organisation-registered", public.org)
    known = tx.session.get(DeviceEnrolment, public.keyid)
    if known is not None:
        return
    taken = tx.session.scalars(select(DeviceEnrolment).where(DeviceEnrolment.device == public.device)).first()
    if taken is not None:
        raise UserError(
            N_("There is a workplace {device} with other keys already. Nothing was changed."),
            next_step=N_("Give the new computer another name, or take the old one out first."), device=public.device,
        )  # fmt: skip
    tx.session.add(
        DeviceEnrolment(keyid=public.keyid, organisation=public.org, device=public.device, public=public.fields(),
                        active=active, enrolled_at=stamp(ctx), enrolled_by=ctx.actor.login)
    )  # fmt: skip
    if active:
        tx.note("device-enrolled", public.device, organisation=public.org, keyid=public.keyid)


def _enrolled(session: Session, device: str) -> DeviceEnrolment:
    row = session.scalars(select(DeviceEnrolment).where(DeviceEnrolment.device == device)).first()
    if row is None:
        raise UserError(N_("The centre knows no workplace {device}."), device=device)
    return row


def _compare(public: DevicePublic, groups: str) -> None:
    if "".join(groups.upper().split()).replace("-", "") != public.fingerprint.replace(" ", ""):
        raise UserError(
            N_("The check groups of workplace {device} are not those of its file. It was not let in."),
            next_step=N_("Have them read out once more; if they differ again, keep the file and find out why."),
            device=public.device,
        )


def _own_keys(ctx: Context, tx: Transaction) -> None:
    found = tx.session.scalars(select(DeviceKey).where(DeviceKey.kind == trusting.DEVICE)).first()
    if found is None:
        device = ctx.actor.device if is_device_of(ctx.actor.device, NTC_CODE) else f"{NTC_CODE}-1"
        keys = DeviceKeys.generate(NTC_CODE, device, Role.NTC.value, ctx.entropy)
        trusting.put_device_keys(ctx, tx, keys)
    else:
        keys = DeviceKeys.load(found.keys)
    tx.session.flush()
    register_device(ctx, tx, keys.public, active=True)


def _renew(ctx: Context, tx: Transaction) -> trust.TrustStore:
    """A new list when its content would differ from the one in force."""
    tx.session.flush()
    current = trusting.trust_store(tx.session)
    if tuple(_entries(tx.session)) == current.list.organisations and current.is_fresh(ctx.clock.now().date()):
        return current
    roots = [canonical.encode(fields) for fields in current.list.roots]
    return _issue(ctx, tx, roots, current)


def _issue(
    ctx: Context, tx: Transaction, roots: Sequence[bytes], previous: trust.TrustStore | None
) -> trust.TrustStore:
    tx.session.flush()
    today: date = ctx.clock.now().date()
    rows = tx.session.scalars(select(DeviceKey).where(DeviceKey.kind == ROOT).order_by(DeviceKey.owner))
    keys = [SigningKey.load(row.keys["signing"]) for row in rows][:ROOT_THRESHOLD]
    store = trust.issue_list(
        roots, list(_entries(tx.session)), signers=keys, issued=today, expires=today + timedelta(days=LIST_DAYS),
        previous=previous,
    )  # fmt: skip
    tx.note("trust-issued", str(store.version), digest=store.digest, organisations=len(store.list.organisations))
    trusting.adopt_in(ctx, tx, store)
    return store


def _entries(session: Session) -> Iterator[trust.OrganisationEntry]:
    """Every organisation with a workplace, sorted by name, with its rights."""
    networks = ties(session)
    rows: dict[str, list[DeviceEnrolment]] = {}
    for row in session.scalars(select(DeviceEnrolment).order_by(DeviceEnrolment.organisation, DeviceEnrolment.device)):
        rows.setdefault(row.organisation, []).append(row)
    signing = select(DeviceKey).where(DeviceKey.kind == trusting.PERSON, DeviceKey.owner.in_(SIGNERS))
    people = session.scalars(signing.order_by(DeviceKey.owner)).all()
    persons = tuple(trust.PersonEntry(f"{NTC_CODE}-{key.owner}", key.keyid, None) for key in people)
    for name, found in sorted(rows.items()):
        listed = tuple(trust.device_entry(DevicePublic(**row.public)) for row in found if row.active)
        if not listed:
            continue
        role, university = parse_organisation(name)
        yield trust.OrganisationEntry(
            org=name, roles=(role.value,), may_send=_may_send(role),
            may_send_to=_may_send_to(role, university, networks), devices=listed,
            persons=persons if role is Role.NTC else (),
        )  # fmt: skip


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
