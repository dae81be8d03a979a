"""Whom the centre lets in and whom it puts out: workplaces, and the persons who sign for organisations.

One person compares check groups by telephone (`confirm`) or puts a lost key out (`revoke`); what was gathered comes
into force with the next trust list, which two people of the centre read and sign (`issue_trust`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, Role, parse_organisation
from mab_desktop.exchange import trust
from mab_desktop.exchange.device import DevicePublic, PersonPublic, SigningKey, is_device_of
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.exchange.manifest import stream_of
from mab_desktop.i18n import N_
from mab_desktop.services import persons, trust_issue, trusting
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.handlers import Line
from mab_desktop.services.tries import season_mode
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import DeviceEnrolment, Organisation, PersonEnrolment
from mab_desktop.storage.tables.core import StreamIn

WAITING, COMPARED, IN_FORCE, WITHDRAWN = "waiting", "compared", "in force", "withdrawn"
STATE_LABELS = {
    WAITING: N_("waits to be compared by telephone"),
    COMPARED: N_("compared, waits for two signatures"),
    IN_FORCE: N_("in force"),
    WITHDRAWN: N_("withdrawn"),
}
_Row = DeviceEnrolment | PersonEnrolment


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
    state: str = WAITING
    ground: str = ""


@dataclass(frozen=True, slots=True)
class SignerLine:
    """A person who signs for an organisation, known to the centre."""

    keyid: str
    organisation: str
    person: str
    name: str
    fingerprint: str
    state: str
    ground: str = ""


@dataclass(frozen=True, slots=True)
class LastCount:
    """The last file of a stream that counts, of a key that is withdrawn."""

    stream: str
    seq: int
    epoch: int = 1


def fingerprint(ctx: Context) -> str:
    """The 8 groups that each workplace types at its first start."""
    with ctx.store.read() as session:
        return trusting.trust_store(session).fingerprint


def trust_bytes(ctx: Context) -> bytes:
    """The trust list in force, as a file."""
    with ctx.store.read() as session:
        return trusting.trust_store(session).data


def devices(ctx: Context) -> list[DeviceLine]:
    """Every workplace that asked to be let in, by organisation and device."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        store = trusting.trust_store(session)
        rows = session.scalars(select(DeviceEnrolment).order_by(DeviceEnrolment.organisation, DeviceEnrolment.device))
        return [
            DeviceLine(r.keyid, r.organisation, r.device, str(r.public["role"]), DevicePublic(**r.public).fingerprint,
                       r.active, r.enrolled_at, _state(r, store.device(r.keyid)), r.ground)
            for r in rows
        ]  # fmt: skip


def signers(ctx: Context) -> list[SignerLine]:
    """Every person who signs for an organisation, the centre's own among them."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        store = trusting.trust_store(session)
        rows = session.scalars(select(PersonEnrolment).order_by(PersonEnrolment.organisation, PersonEnrolment.person))
        return [
            SignerLine(r.keyid, r.organisation, r.person, r.name, _person(r).fingerprint,
                       _state(r, store.person(r.keyid)), r.ground)
            for r in rows
        ]  # fmt: skip


def enrol(ctx: Context, public: DevicePublic | Mapping[str, Any], groups: str = "") -> None:
    """Take a workplace into the next list. `groups`, when given, must be the fingerprint read by telephone."""
    enrol_all(ctx, [public], [groups])


def enrol_all(ctx: Context, publics: Sequence[DevicePublic | Mapping[str, Any]], groups: Sequence[str] = ()) -> None:
    """Take several workplaces into the next list; a workplace known already stays as it is."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        for number, given in enumerate(publics):
            public = given if isinstance(given, DevicePublic) else DevicePublic(**given)
            if typed := (groups[number] if number < len(groups) else ""):
                _compare(public.device, public.fingerprint, typed)
            register_device(ctx, tx, public, active=True)


def confirm(ctx: Context, name: str, groups: str) -> bool:
    """Let in a workplace or a person whose request came as a file, once the check groups were read by telephone.

    In force with the next trust list. False where it was let in before.
    """
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        return _confirm(tx, name, groups)


def revoke(ctx: Context, name: str, *, ground: str = "", last: Iterable[LastCount] = ()) -> None:
    """Put a workplace's or a person's key out for good, by the next trust list.

    Of each stream the files count that the centre has loaded; `last` says otherwise, also for streams that go past
    the centre. A later file of this key is refused everywhere, an earlier one still taken.
    """
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        row = _found(tx.session, name)
        if row.organisation == NTC_CODE:
            raise UserError(
                N_("The centre's own keys are not put out this way. Nothing was changed."),
                next_step=N_("Who signs the trust list changes by the root keys: mab ntc root change --help"),
            )
        _revoke(ctx, tx, row, ground, last)


def replace_person(
    ctx: Context, old: str, new: str, groups: str, *, ground: str = "", last: Iterable[LastCount] = ()
) -> None:
    """Let a stand-in sign in place of a person who cannot: in the same list, so that there are always two."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        leaving, coming = _found(tx.session, old), _found(tx.session, new)
        if (
            not (isinstance(leaving, PersonEnrolment) and isinstance(coming, PersonEnrolment))
            or leaving.organisation != coming.organisation
            or leaving is coming
        ):
            raise UserError(N_("{old} and {new} are not two people of one organisation. Nothing was changed."),
                            old=old, new=new)  # fmt: skip
        if coming.active:
            _compare(new, _person(coming).fingerprint, groups)
            _require_two_others(tx.session, leaving, new)
        else:
            _confirm(tx, new, groups)
        _revoke(ctx, tx, leaving, ground, last)


def _require_two_others(session: Session, leaving: PersonEnrolment, new: str) -> None:
    """UserError where somebody who signs anyway would stand in, and leave his organisation with one person."""
    staying = session.scalars(select(PersonEnrolment.person).where(
        PersonEnrolment.organisation == leaving.organisation, PersonEnrolment.active,
        PersonEnrolment.keyid != leaving.keyid)).all()  # fmt: skip
    if len(staying) < persons.TWO:
        raise UserError(
            N_("{new} signs there already: {organisation} would be left with one person. Nothing was changed."),
            next_step=N_("Let a third person make a signing key there and stand in."), new=new,
            organisation=leaving.organisation,
        )  # fmt: skip


def changes(ctx: Context) -> list[Line]:
    """What the next trust list will say anew: to be read before it is signed."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return trust_issue.changes(session)


def issue_trust(ctx: Context, signers: Sequence[SigningKey]) -> bytes:
    """The trust list made anew, signed by people of the centre; the same one when nothing changed."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        return trust_issue.renew(ctx, tx, signers).data


def is_due(ctx: Context) -> bool:
    """True where something waits for the next trust list."""
    with ctx.store.read() as session:
        return trust_issue.is_due(session, trusting.trust_store(session), ctx.clock.now().date())


def received(ctx: Context, name: str) -> list[LastCount]:
    """How far the centre has loaded each stream of a workplace, or of the files that a person signs."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return _received(session, _found(session, name))


def last_count(ctx: Context, device: str, kind: str, recipient: str, seq: int, epoch: int = 1) -> LastCount:
    """The last file that counts of a stream that people name by kind and recipient."""
    if kind not in KINDS:
        raise UserError(N_("There is no kind of file {kind}."), kind=kind)
    stream = stream_of(device, (recipient,), KINDS[kind], ctx.season.campaign, season_mode(ctx))
    return LastCount(stream, seq, epoch)


def register_device(ctx: Context, tx: Transaction, public: DevicePublic, *, active: bool) -> None:
    """Write down a workplace and its organisation within a transaction; a request not compared yet gives way."""
    role = _organisation_role(public.org)
    if role.value != public.role or not is_device_of(public.device, public.org):
        raise UserError(N_("Workplace {device} does not fit organisation {name}."), device=public.device,
                        name=public.org)  # fmt: skip
    _register_organisation(ctx, tx, public.org)
    known = tx.session.get(DeviceEnrolment, public.keyid)
    if known is not None:
        return
    taken = tx.session.scalars(select(DeviceEnrolment).where(DeviceEnrolment.device == public.device)).first()
    if taken is not None and (taken.active or taken.revoked_at):
        raise UserError(
            N_("There is a workplace {device} with other keys already. Nothing was changed."),
            next_step=N_("Give the new computer another name, or take the old one out first."), device=public.device,
        )  # fmt: skip
    if taken is not None:
        # Nobody has spoken for it: whoever sends first must not keep the rightful one out.
        tx.session.delete(taken)
        tx.session.flush()
    tx.session.add(
        DeviceEnrolment(keyid=public.keyid, organisation=public.org, device=public.device, public=public.fields(),
                        active=active, enrolled_at=stamp(ctx), enrolled_by=ctx.actor.login)
    )  # fmt: skip
    if active:
        tx.note("device-enrolled", public.device, organisation=public.org, keyid=public.keyid)


def register_person(ctx: Context, tx: Transaction, public: PersonPublic, *, active: bool) -> None:
    """Write down a person who signs for an organisation within a transaction."""
    role = _organisation_role(public.org)
    device = public.person.rpartition("-")[0]
    fits = persons.role_needs_persons(role) and is_device_of(device, public.org)
    if not fits or PersonPublic.of(public.org, device, public.keyid, public.name) != public:
        raise UserError(N_("Person {person} does not fit organisation {name}."), person=public.person, name=public.org)
    _register_organisation(ctx, tx, public.org)
    known = tx.session.get(PersonEnrolment, public.keyid)
    if known is not None and (known.active or known.revoked_at):
        return
    tx.session.merge(
        PersonEnrolment(keyid=public.keyid, organisation=public.org, person=public.person, name=public.name,
                        active=active, last_valid={}, enrolled_at=stamp(ctx), enrolled_by=ctx.actor.login, ground="")
    )  # fmt: skip
    if active:
        tx.note("person-enrolled", public.person, organisation=public.org, keyid=public.keyid)


def put_out(ctx: Context, tx: Transaction, row: _Row, ground: str, streams: Mapping[str, tuple[int, int]]) -> None:
    """Write down within a transaction that a key is withdrawn, and up to which (epoch, number) its streams count."""
    row.active, row.revoked_at, row.ground = False, stamp(ctx), ground.strip()
    row.last_valid = {"streams": [[stream, epoch, seq] for stream, (epoch, seq) in sorted(streams.items())]}
    event, name = ("device-revoked", row.device) if isinstance(row, DeviceEnrolment) else ("person-revoked", row.person)
    tx.note(event, name, organisation=row.organisation, keyid=row.keyid, ground=row.ground, last=row.last_valid)


def _confirm(tx: Transaction, name: str, groups: str) -> bool:
    row = _found(tx.session, name)
    if row.revoked_at:
        raise UserError(
            N_("The key of {name} was withdrawn. Nothing was changed."),
            next_step=N_("A withdrawn key never comes back: let new keys be made there and enrolled."), name=name,
        )  # fmt: skip
    groups_of = DevicePublic(**row.public) if isinstance(row, DeviceEnrolment) else _person(row)
    _compare(name, groups_of.fingerprint, groups)
    if row.active:
        return False
    row.active = True
    event = "device-enrolled" if isinstance(row, DeviceEnrolment) else "person-enrolled"
    tx.note(event, name, organisation=row.organisation, keyid=row.keyid)
    return True


def _revoke(ctx: Context, tx: Transaction, row: _Row, ground: str, last: Iterable[LastCount]) -> None:
    if row.revoked_at:
        raise UserError(N_("The key of {name} is withdrawn already. Nothing was changed."), name=_name(row))
    if not row.active:
        raise UserError(N_("{name} was never let in, so there is nothing to withdraw."), name=_name(row))
    given = [*_received(tx.session, row), *last]
    put_out(ctx, tx, row, ground, {count.stream: (count.epoch, count.seq) for count in given})


def _received(session: Session, row: _Row) -> list[LastCount]:
    """A device's streams, or those of the kinds that persons sign from any device of the organisation."""
    found = []
    for known in session.scalars(select(StreamIn).order_by(StreamIn.stream)):
        device, _, rest = known.stream.partition(">")
        kind = KINDS.get(rest.split("/")[1])
        own = device == row.device if isinstance(row, DeviceEnrolment) else (
            is_device_of(device, row.organisation) and kind is not None and kind.two_persons)  # fmt: skip
        if own and known.seq > 0:
            found.append(LastCount(known.stream, known.seq, known.epoch))
    return found


def _found(session: Session, name: str) -> _Row:
    device = session.scalars(select(DeviceEnrolment).where(DeviceEnrolment.device == name)).first()
    row = device or session.scalars(select(PersonEnrolment).where(PersonEnrolment.person == name)).first()
    if row is None:
        raise UserError(N_("The centre knows no workplace {device}."), device=name)
    return row


def _name(row: _Row) -> str:
    return row.device if isinstance(row, DeviceEnrolment) else row.person


def _person(row: PersonEnrolment) -> PersonPublic:
    return PersonPublic(row.organisation, row.person, row.keyid, row.name)


def _state(row: _Row, listed: object) -> str:
    if row.revoked_at:
        return WITHDRAWN
    if not row.active:
        return WAITING
    return IN_FORCE if listed is not None else COMPARED


def _organisation_role(name: str) -> Role:
    try:
        return parse_organisation(name)[0]
    except ValueError as error:
        raise UserError(N_("{name} is not the name of an organisation."), name=name) from error


def _register_organisation(ctx: Context, tx: Transaction, name: str) -> None:
    if tx.session.get(Organisation, name) is None:
        role, university = parse_organisation(name)
        tx.session.add(Organisation(id=name, role=role.value, university=university, registered_at=stamp(ctx)))
        tx.note("organisation-registered", name)


def _compare(name: str, fingerprint_groups: str, typed: str) -> None:
    if not trust.groups_fit(typed, fingerprint_groups):
        raise UserError(
            N_("The check groups of {device} are not those of its file. It was not let in."),
            next_step=N_("Have them read out once more; if they differ again, keep the file and find out why."),
            device=name,
        )
