"""The keys of this workplace as its people see them: in force, waiting, withdrawn; and what is to be done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.organisation import NTC_CODE
from mab_desktop.exchange import durable, trust
from mab_desktop.exchange.device import DeviceKeys, DevicePublic
from mab_desktop.exchange.drive import drive_errors
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_
from mab_desktop.services import accounts, locks, persons, trusting
from mab_desktop.services.context import Context, require_person, stamp
from mab_desktop.services.documents import pdf_parts
from mab_desktop.services.handlers import Line
from mab_desktop.services.persons import MANAGERS, PersonState
from mab_desktop.storage.tables.core import DeviceKey

WITHDRAWN = N_(
    "The testing centre has withdrawn the key of this computer ({device}): files made here from now on "
    "are refused everywhere. Your data is safe. Call the centre; then make new keys under “People and PC”."
)
PERSON_WITHDRAWN = N_("The testing centre has withdrawn the signing key of {name}.")
WAITS = N_(
    "The testing centre has not let in this computer ({device}) yet: hand over the enrolment file, have the "
    "check groups compared by telephone, and load the centre's next file."
)
MADE_ANEW = N_(
    "Keys were made anew here on {date}: a sheet with check groups that was printed before that counts no more. "
    "Destroy it, write the file and the sheet again, and read out the groups of the new sheet only."
)
EXPIRED = N_("The trust list expired on {date}: no file is taken or made. Load a newer file of the testing centre; if "
             "the date of this computer is wrong, put it right.")  # fmt: skip
EXPIRES = N_("The trust list expires on {date}. Load a newer file of the testing centre before that day.")
CENTRE_EXPIRES = N_("The trust list expires on {date}. Sign the next one in time: mab ntc trust issue")
ROOT_EXPIRES = N_("The root expires on {date}. Two holders of root keys renew it: mab ntc root change")


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """This computer's key with its check groups, its state, and the trust list in force here."""

    device: str
    keyid: str
    fingerprint: str
    state: PersonState
    list_number: int
    issued: str
    expires: str


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What lies on the drive for the centre: the file, and the sheet for the telephone."""

    files: tuple[Path, ...]
    sheet: Path


def own_keys(ctx: Context) -> OwnKeys:
    """The key of this computer and the list that judges it."""
    with ctx.store.read() as session:
        public, store = trusting.device_keys(session).public, trusting.trust_store(session)
    return OwnKeys(public.device, public.keyid, public.fingerprint, _state(public.keyid, store), store.version,
                   store.list.issued, store.expires.isoformat())  # fmt: skip


def is_withdrawn(ctx: Context) -> bool:
    """Whether the newest trust list here says that the key of this computer counts no more."""
    with ctx.store.read() as session:
        mine = _mine(session)
    return mine is not None and _state(mine[0].keyid, mine[1]) is PersonState.WITHDRAWN


def _mine(session: Session) -> tuple[DevicePublic, trust.TrustStore] | None:
    """The key of this computer and the newest list, expired or not; None before the first list."""
    data = trusting.newest_trust(session)
    return None if data is None else (trusting.device_keys(session).public, trust.verify_list(data))


def notices(ctx: Context) -> list[Line]:
    """What everybody at this workplace must know of its keys when it starts; nothing when all is well."""
    with ctx.store.read() as session:
        mine = _mine(session)
    if mine is None:
        return []
    public, store = mine
    found = []
    state = _state(public.keyid, store)
    if state is not PersonState.IN_FORCE:
        text = WITHDRAWN if state is PersonState.WITHDRAWN else WAITS
        found.append(Line(text, {"device": public.device}))
    found += made_anew(ctx)
    people = persons.persons(ctx)
    if sum(line.state is PersonState.IN_FORCE for line in people) < persons.TWO:  # else somebody stands in
        found += [Line(PERSON_WITHDRAWN, {"name": line.name}) for line in people
                  if line.state is PersonState.WITHDRAWN]  # fmt: skip
    return found + _expiry(ctx, store, at_centre=public.org == NTC_CODE)


def made_anew(ctx: Context) -> list[Line]:
    """What must be known of an older sheet: the centre has not let in a key that took another one's place here."""
    people = {line.keyid for line in persons.persons(ctx) if line.state is PersonState.WAITING}
    with ctx.store.read() as session:
        store, keys = trusting.trust_store(session), session.scalars(select(DeviceKey)).all()
        gone = {_holder(row) for row in keys if row.retired_at}
        days = [
            date.fromisoformat(row.created_at[:10]) for row in keys if not row.retired_at and _holder(row) in gone
            and (row.keyid in people or (row.kind == trusting.DEVICE and store.device(row.keyid) is None))
        ]  # fmt: skip
    return [Line(MADE_ANEW, {"date": max(days).strftime("%d.%m.%Y")})] if days else []


def _holder(row: DeviceKey) -> tuple[str, str]:
    """Whose key it is: new keys of a computer come with a new name."""
    return row.kind, "" if row.kind == trusting.DEVICE else row.owner


def require_usable(ctx: Context, session: Session) -> trust.TrustStore:
    """The trust list, where files may be made with it: it has not expired, and this computer's key is not withdrawn."""
    store = trusting.fresh_trust(ctx, session)
    public = trusting.device_keys(session).public
    if _state(public.keyid, store) is PersonState.WITHDRAWN:
        raise refuse("own-key-withdrawn", device=public.device)
    return store


def hand_out(ctx: Context, folder: Path) -> HandedOut:
    """Write the enrolment file to a drive, and beside it the sheet with the check groups to be printed and signed."""
    from mab_desktop.services import documents_keys, transfer

    exported = transfer.export(ctx, "enrolment", NTC_CODE, folder)
    sheet = documents_keys.print_enrolment(ctx)
    path = folder / sheet.file_name
    with drive_errors():
        durable.write_file(path, b"".join(pdf_parts(sheet.pdf)))
    return HandedOut(exported.paths, path)


def renew_keys(ctx: Context, name: str) -> OwnKeys:
    """New keys for this computer under a new short name, after the old ones were lost or withdrawn.

    The database stays. The old keys are kept aside, to read what was sent to them. The centre must let the new ones in;
    log in again to work under the new name. The programmer or the coordinator makes them, on a PC where neither may
    log in whoever works there: they are of no use before the centre has compared their groups by telephone.
    """
    if accounts.has_manager(ctx):
        require_person(ctx, *MANAGERS)
    name = name.strip()
    if not re.fullmatch(r"[a-z0-9]{1,16}", name):
        raise Refused([Problem("device", N_("The name of a computer is small Latin letters and digits, at most 16."))])
    keys = DeviceKeys.generate(ctx.organisation, f"{ctx.organisation}-{name}", ctx.role.value, ctx.entropy)
    with ctx.store.write(ctx.actor) as tx:
        old = trusting.device_keys(tx.session)
        taken = {row.owner for row in tx.session.query(DeviceKey).filter(DeviceKey.kind == trusting.DEVICE)}
        if keys.device in taken:
            raise UserError(N_("This computer was called {device} before. Choose another name."), device=keys.device)
        tx.session.get_one(DeviceKey, old.keyid).retired_at = stamp(ctx)
        trusting.put_device_keys(ctx, tx, keys)
        tx.note("device-rekeyed", keys.device, before=old.device, keyid=keys.keyid)
    locks.keyring_of(ctx.store.path, entropy=ctx.entropy).name_device(ctx.store.key, keys.device)
    return own_keys(ctx)


def _state(keyid: str, store: trust.TrustStore) -> PersonState:
    found = store.device(keyid)
    if found is None:
        return PersonState.WAITING
    return PersonState.IN_FORCE if found[1].last_valid is None else PersonState.WITHDRAWN


def _expiry(ctx: Context, store: trust.TrustStore, *, at_centre: bool) -> list[Line]:
    today = ctx.clock.now().date()
    if not store.is_fresh(today):
        return [Line(EXPIRED, {"date": store.expires.strftime("%d.%m.%Y")})]
    if not store.expires_soon(today):
        return []
    if not at_centre:
        return [Line(EXPIRES, {"date": store.expires.strftime("%d.%m.%Y")})]
    root = date.fromisoformat(store.roots[-1].expires)
    text = ROOT_EXPIRES if root == store.expires else CENTRE_EXPIRES
    return [Line(text, {"date": store.expires.strftime("%d.%m.%Y")})]
