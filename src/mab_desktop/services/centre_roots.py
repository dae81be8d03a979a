"""The centre's root keys: made for three holders, kept by nobody here, needed two at a time and rarely.

The root names who signs the trust lists of every week; itself it signs only a change of holders or signers, or its own
renewal. Each root key leaves this module once, sealed in a file of its own (`exchange/root_key.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.exchange import canonical, durable, root_key, trust
from mab_desktop.exchange.device import DeviceKeys, SigningKey, is_device_of
from mab_desktop.exchange.drive import drive_errors
from mab_desktop.exchange.kdf import ENVELOPE, KdfParams
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.root_key import RootFile
from mab_desktop.i18n import N_
from mab_desktop.services import centre_trust, persons, trust_issue, trusting
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import PersonEnrolment
from mab_desktop.storage.tables.core import CarrierOut, DeviceKey

HOLDERS, THRESHOLD, LIST_THRESHOLD = 3, 2, 2
ROOT_YEARS = 3
SETTING = "root-holders"


# Puts the files of new root keys where their holders take them; called before anything comes into force.
Keep = Callable[[Sequence[RootFile]], None]


@dataclass(frozen=True, slots=True)
class RootState:
    """The root in force as everybody may know it: holders' key ids, who signs lists, the last day."""

    version: int
    holders: Mapping[int, str]
    threshold: int
    list_signers: tuple[str, ...]
    list_threshold: int
    expires: str


def create_authority(ctx: Context, signers: Sequence[SigningKey], keep: Keep, *, params: KdfParams = ENVELOPE) -> str:
    """Make the root keys and the first trust list, which `signers`, two persons with keys on this PC, sign.

    Gives the groups that every workplace types at its first start. All persons who have a signing key here get the
    right to sign lists. `keep` gets the root keys' files, which exist nowhere else; where it fails nothing is made.
    UserError when there is an authority already: its keys are never made anew by mistake.
    """
    require(ctx, Role.NTC)
    roots = {number: SigningKey.generate(ctx.entropy) for number in range(1, HOLDERS + 1)}
    with ctx.store.read() as session:
        if trusting.newest_trust(session) is not None:
            raise UserError(N_("The testing centre has its root keys already. Nothing was changed."))
    files = _files(ctx, roots, params)
    with ctx.store.write(ctx.actor) as tx:
        lists = _let_own_in(ctx, tx, ())
        _own_keys(ctx, tx)
        chain = trust.make_root(
            [key.keyid for key in roots.values()], THRESHOLD, _last_day(ctx), list(roots.values()),
            list_keys=lists, list_threshold=LIST_THRESHOLD,
        )  # fmt: skip
        store = trust_issue.issue(ctx, tx, chain, None, signers)
        _keep_holders(tx, {number: key.keyid for number, key in roots.items()})
        tx.note("authority-created", NTC_CODE, fingerprint=store.fingerprint, roots=HOLDERS, threshold=THRESHOLD)
        keep(files)
    return store.fingerprint


def has_authority(ctx: Context) -> bool:
    """False at a centre whose making was cut off before its root keys."""
    with ctx.store.read() as session:
        return trusting.newest_trust(session) is not None


def root_state(ctx: Context) -> RootState:
    """Holders, threshold and last day of the root in force."""
    with ctx.store.read() as session:
        root = trusting.trust_store(session).roots[-1]
        holders = {int(number): keyid for number, keyid in setting(session, SETTING).items()}
        names = {row.keyid: row.person for row in session.scalars(select(PersonEnrolment))}
    signers = tuple(names.get(keyid, keyid[:16]) for keyid in root.list_keys)
    return RootState(root.version, holders, root.threshold, signers, root.list_threshold, root.expires)


def list_number(ctx: Context) -> int:
    """The number of the trust list in force."""
    with ctx.store.read() as session:
        return trusting.trust_store(session).version


def write_files(files: Sequence[RootFile], folders: Sequence[Path]) -> list[Path]:
    """Put each root key on its holder's drive and read it back; a file that is there is never written over."""
    paths = [folder / file.file_name for file, folder in zip(files, folders, strict=True)]
    for path in paths:
        if path.exists():
            raise UserError(
                N_("{name} is there already. Nothing was changed."),
                next_step=N_("Give the holder another drive, or put the old file away first."), name=str(path),
            )  # fmt: skip
    for path, file in zip(paths, files, strict=True):
        with drive_errors():
            durable.write_file(path, file.data)
            if path.read_bytes() != file.data:
                raise refuse("drive-differs")
    return paths


def holder_of(data: bytes) -> int:
    """Whose key a file holds, before its password is asked for."""
    return root_key.read_header(data).holder


def open_root(ctx: Context, data: bytes, password: str) -> SigningKey:
    """A root key from its holder's file; UserError for one that is not in force any more."""
    header = root_key.read_header(data)
    with ctx.store.read() as session:
        newest = trusting.trust_store(session).roots[-1]
    if header.keyid not in newest.keys:
        raise UserError(
            N_("The file of root key {n}, made on {date}, is not in force: it was replaced, or is another centre's."),
            next_step=N_("Nothing was signed. Look for the holder's newest drive."), n=header.holder, date=header.made,
        )  # fmt: skip
    return root_key.open_key(data, password)


def change_root(
    ctx: Context, roots: Sequence[SigningKey], signers: Sequence[SigningKey], keep: Keep, *,
    replace: Sequence[int] = (), lists: Sequence[str] = (), ground: str = "", params: KdfParams = ENVELOPE,
) -> str:  # fmt: skip
    """The next root, signed by enough of the present root keys (`roots`) and of the new ones.

    `replace` are holders who get a new key, `lists` the persons (by what they type as name) who sign trust lists from
    now on, if they change. The root lasts three years again. `signers` sign the list that brings it to everybody.
    `keep` gets the files of new root keys. Gives the groups for first starts from now on.
    """
    require(ctx, Role.NTC)
    fresh = {number: SigningKey.generate(ctx.entropy) for number in sorted(set(replace))}
    files = _files(ctx, fresh, params)
    with ctx.store.write(ctx.actor) as tx:
        current = trusting.trust_store(tx.session)
        root = current.roots[-1]
        holders = {int(number): keyid for number, keyid in setting(tx.session, SETTING).items()}
        _require_roots(root, roots, holders, fresh)
        list_keys = _change_signers(ctx, tx, lists, ground) if lists else root.list_keys
        holders |= {number: key.keyid for number, key in fresh.items()}
        chain = trust.make_root(
            holders.values(), THRESHOLD, _last_day(ctx),
            [*roots, *fresh.values()], [canonical.encode(fields) for fields in current.list.roots],
            list_keys=list_keys, list_threshold=LIST_THRESHOLD,
        )  # fmt: skip
        _keep_holders(tx, holders)
        store = trust_issue.issue(ctx, tx, chain, current, signers)
        tx.note("root-changed", str(store.roots[-1].version), fingerprint=store.fingerprint, replaced=sorted(fresh),
                lists=list(lists), ground=ground.strip())  # fmt: skip
        keep(files)
    return store.fingerprint


def _require_roots(
    root: trust.RootStatement, roots: Sequence[SigningKey], holders: Mapping[int, str],
    fresh: Mapping[int, SigningKey],
) -> None:  # fmt: skip
    given = {key.keyid for key in roots} & set(root.keys)
    if len(given) < root.threshold:
        raise UserError(
            N_("{n} different root keys that are in force are needed."),
            next_step=N_("Nothing was changed. Bring the drives of two holders."), n=root.threshold,
        )  # fmt: skip
    if unknown := sorted(fresh.keys() - holders.keys()):
        raise UserError(N_("There is no holder {n} of a root key."), n=unknown[0])


def _let_own_in(ctx: Context, tx: Transaction, logins: Sequence[str]) -> tuple[str, ...]:
    """The centre's own persons into the list, all or those named; the ids of their keys."""
    wanted = {trusting.same_login(login) for login in logins}
    found = [row for row in persons.rows(tx.session) if not logins or row.owner in wanted]
    if len(found) < max(LIST_THRESHOLD, len(wanted)):
        raise UserError(
            N_("Two people of the centre at least must have signing keys here first."),
            next_step=N_("Make them: mab ntc signers --help"),
        )
    for row in found:
        centre_trust.register_person(ctx, tx, persons.public_of(NTC_CODE, row), active=True)
    tx.session.flush()
    return tuple(row.keyid for row in found)


def _change_signers(ctx: Context, tx: Transaction, logins: Sequence[str], ground: str) -> tuple[str, ...]:
    """Let the named persons of the centre sign from now on, and put out those who did and are not named."""
    keyids = _let_own_in(ctx, tx, logins)
    own = select(PersonEnrolment).where(PersonEnrolment.organisation == NTC_CODE, PersonEnrolment.active)
    for row in tx.session.scalars(own).all():
        if row.keyid not in keyids:
            centre_trust.put_out(ctx, tx, row, ground, _sent(tx))
    return keyids


def _sent(tx: Transaction) -> dict[str, tuple[int, int]]:
    """How far the centre's own streams of kinds that persons sign have come."""
    found: dict[str, tuple[int, int]] = {}
    for row in tx.session.scalars(select(CarrierOut)):
        if KINDS[row.kind].two_persons:
            found[row.stream] = max(found.get(row.stream, (0, 0)), (row.epoch, row.seq))
    return found


def _own_keys(ctx: Context, tx: Transaction) -> None:
    query = select(DeviceKey).where(DeviceKey.kind == trusting.DEVICE, DeviceKey.retired_at.is_(None))
    found = tx.session.scalars(query).first()
    if found is None:
        device = ctx.actor.device if is_device_of(ctx.actor.device, NTC_CODE) else f"{NTC_CODE}-1"
        keys = DeviceKeys.generate(NTC_CODE, device, Role.NTC.value, ctx.entropy)
        trusting.put_device_keys(ctx, tx, keys)
    else:
        keys = DeviceKeys.load(found.keys)
    tx.session.flush()
    centre_trust.register_device(ctx, tx, keys.public, active=True)


def _last_day(ctx: Context) -> date:
    return trust_issue.good_until(ctx, 366 * ROOT_YEARS)


def _keep_holders(tx: Transaction, holders: Mapping[int, str]) -> None:
    put_setting(tx, SETTING, {str(number): keyid for number, keyid in sorted(holders.items())})


def _files(ctx: Context, keys: Mapping[int, SigningKey], params: KdfParams) -> tuple[RootFile, ...]:
    made = stamp(ctx)[:10]
    return tuple(root_key.make(key, number, made, params=params, entropy=ctx.entropy) for number, key in keys.items())
