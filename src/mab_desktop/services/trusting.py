"""The keys of this PC and the trust list in force: who we are, and whom we believe."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import CarrierRefused, UserError
from mab_desktop.exchange import carrier, passwords, trust
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.drive import FolderDrive, drive_errors, find_drives
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import DeviceKey, TrustState

DEVICE, PERSON = "device", "person"
LIST_DAYS = 400  # so long a list of the real centre is good; one of a training many times as long
# Between the two: a later program of the real centre may sign for longer than today's, and is no training for that.
TRAINING_DAYS = 10 * LIST_DAYS
MANY_FILES = 200  # no drive of the centre holds more; a drive full of other things is not read for minutes


def put_device_keys(ctx: Context, tx: Transaction, keys: DeviceKeys) -> None:
    """Keep the keys of this PC in the encrypted database."""
    tx.session.add(DeviceKey(keyid=keys.keyid, kind=DEVICE, owner=keys.device, keys=keys.dump(), created_at=stamp(ctx)))


def device_keys(session: Session) -> DeviceKeys:
    """The keys of this PC; UserError where the workplace was never started."""
    row = session.scalars(select(DeviceKey).where(DeviceKey.kind == DEVICE, DeviceKey.retired_at.is_(None))).first()
    if row is None:
        raise UserError(N_("This workplace has no keys yet. Start it by the first-run page."))
    return DeviceKeys.load(row.keys)


def names_of_this_computer(session: Session) -> set[str]:
    """What this PC is called, and was called before it got new keys."""
    return set(session.scalars(select(DeviceKey.owner).where(DeviceKey.kind == DEVICE)))


def newest_trust(session: Session) -> bytes | None:
    """The trust list in force as it came, None before the first start."""
    return session.scalars(select(TrustState.envelope).order_by(TrustState.version.desc()).limit(1)).first()


def trust_store(session: Session) -> trust.TrustStore:
    """The trust list in force; UserError before the first start."""
    data = newest_trust(session)
    if data is None:
        raise UserError(
            N_("No trust list of the testing centre is loaded yet."),
            next_step=N_("Load the centre's first file and compare its fingerprint with the paper."),
        )
    return trust.verify_list(data)


def fresh_trust(ctx: Context, session: Session) -> trust.TrustStore:
    """The trust list in force; CarrierRefused trust-expired after its last day."""
    store = trust_store(session)
    store.require_fresh(ctx.clock.now().date())
    return store


def adopt_in(ctx: Context, tx: Transaction, newer: trust.TrustStore) -> bool:
    """Put a verified newer list in force within a transaction; True when it was newer."""
    if tx.session.get(TrustState, newer.version) is not None:
        return False
    tx.session.add(TrustState(version=newer.version, envelope=newer.data, adopted_at=stamp(ctx)))
    tx.note("trust-adopted", str(newer.version), digest=newer.digest)
    return True


def trust_list_in(path: Path) -> bytes:
    """The trust list that a carrier brings, or that is the file itself; UserError where there is no such file."""
    require_file(path)
    with drive_errors():
        if path.suffix != ".json":
            return carrier.read_trust(path)
        with path.open("rb") as source:
            return source.read(trust.TRUST_LIMIT + 1)


def require_file(path: Path) -> None:
    """UserError unless `path` is a file: said plainly before anything is opened."""
    if not path.is_file():
        raise UserError(N_("There is no file {name}. Nothing was changed."), name=str(path))


def fingerprint_on(path: Path) -> str:
    """The fingerprint of the root that a file brings, to be compared with the paper before it is believed."""
    return trust.verify_list(trust_list_in(path)).fingerprint


def first_trust(path: Path, groups: str, today: date | None = None) -> trust.TrustStore:
    """The first trust list of a workplace, taken only when `groups` from paper name its root; fresh on `today`."""
    store = trust.bootstrap(trust_list_in(path), groups)
    if today is not None:
        store.require_fresh(today)
    return store


def is_of_training(store: trust.TrustStore) -> bool:
    """Whether a training's centre signed a list: its lists are good for many times as long as any real one.

    A mark of its own in the list would be refused by every program that does not know it (`Frozen`).
    """
    good_for = date.fromisoformat(store.list.expires) - date.fromisoformat(store.list.issued)
    return good_for.days > TRAINING_DAYS


def groups_of(typed: str) -> list[str]:
    """What was typed or pasted as groups of four: capital symbols, look-alikes put right."""
    symbols = passwords.normalise(typed)
    return [symbols[start : start + 4] for start in range(0, len(symbols), 4)]


def compare_groups(typed: Sequence[str], fingerprint: str) -> list[bool | None]:
    """For each of 8 groups whether it agrees with a file's fingerprint; None while it is not whole."""
    wanted = fingerprint.split()
    whole = [passwords.normalise(group) for group in typed]
    return [None if len(mine) < len(theirs) else mine == theirs for mine, theirs in zip(whole, wanted, strict=True)]


def find_centre_file(drives: Iterable[FolderDrive] | None = None) -> Path | None:
    """The file on the drives that are in now which brings the newest trust list; None where no file brings one."""
    found: list[tuple[int, str, Path]] = []
    for drive in find_drives() if drives is None else drives:
        for path in sorted([*drive.folder.glob("*trust*.json"), *drive.folder.glob("*.mab")])[:MANY_FILES]:
            with suppress(CarrierRefused, UserError, OSError):
                found.append((trust.verify_list(trust_list_in(path)).version, path.name, path))
    return max(found, default=(0, "", None))[2]


def adopt_from(ctx: Context, path: Path) -> bool:
    """Take a newer trust list from any carrier file, even one that is not for this workplace."""
    with ctx.store.read() as session:
        current = trust_store(session)
    newer = trust.adopt(current, trust_list_in(path))
    newer.require_fresh(ctx.clock.now().date())
    with ctx.store.write(ctx.actor) as tx:
        if not adopt_in(ctx, tx, newer):
            tx.note("trust-adopted", str(newer.version), disposition="known")
            return False
    return True


def my_fingerprint(session: Session) -> str:
    """The fingerprint of this PC's keys, read to the centre when it enrols."""
    return device_keys(session).public.fingerprint


def same_login(login: str) -> str:
    """Logins differ neither by case nor by the way a letter is composed."""
    return unicodedata.normalize("NFC", login.strip()).casefold()


def heed_withdrawal(ctx: Context, folder: Path) -> bool:
    """Take over the newest list on a drive where it withdraws this computer's key; True when it did.

    No file is made for such a computer any more, so nothing else would ever tell it.
    """
    path = find_centre_file([FolderDrive(folder)])
    if path is None:
        return False
    with ctx.store.read() as session:
        current, me = trust_store(session), device_keys(session).keyid
    with suppress(UserError, OSError):  # what is wrong with the file stands in the list of the drive
        mine = trust.adopt(current, trust_list_in(path)).device(me)
        if mine is not None and mine[1].last_valid is not None:
            return adopt_from(ctx, path)
    return False
