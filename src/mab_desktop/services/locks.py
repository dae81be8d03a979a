"""The locks of a database in use: tries at passwords, what the log learns of them, wraps for the centre's devices."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.exchange import durable, trust
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import Keyring, folded
from mab_desktop.exchange.login_tries import UNKNOWN, LoginTries
from mab_desktop.services import trusting
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Transaction

disk_words = durable.disk_words
_one_try = threading.Lock()  # two threads must not share a free try


def keyring_of(database: Path, params: KdfParams = LOGIN, entropy: Entropy | None = None) -> Keyring:
    """The locks beside a database."""
    return Keyring(database.with_suffix(".keys"), params, entropy or SystemEntropy())


def tries_of(database: Path) -> LoginTries:
    """The wrong passwords of a database."""
    return LoginTries(database.with_suffix(".tries"))


def unlock(database: Path, login: str, password: str, clock: Clock) -> bytes:
    """The key of a database; WrongPassword, counted on the disk before it is known, and slowed after five.

    The caller holds the database's instance lock, so that no other program tries at the same time.
    """
    keyring, tries = keyring_of(database), tries_of(database)
    known = folded(login) if folded(login) in keyring.logins() else UNKNOWN
    with _one_try, disk_words(database.parent):
        tries.begin(known, clock)
        key = keyring.unlock(login, password)
        tries.passed(known)
    return key


def note_refusals(tx: Transaction, database: Path) -> None:
    """Write into the log what was refused while nobody was there to write it."""
    for refusal in tries_of(database).refusals():
        tx.note("login-refused", refusal.login or "?", "refused", tries=refusal.tries, first=refusal.first,
                last=refusal.last)  # fmt: skip


def forget_refusals(database: Path) -> None:
    """They stand in the log. After a power cut just before this they are logged twice, never lost."""
    with _one_try, disk_words(database.parent):
        tries_of(database).logged()


def recipients_of(store: trust.TrustStore) -> tuple[list[str], str]:
    """The age recipients of the centre's devices in force, and the digest of the list that says so."""
    return [device.age for device in store.openers(NTC_CODE, [Role.NTC.value])], _digest(store.data)


def follow_trust(ctx: Context) -> None:
    """Wrap the database key for the centre's present devices, when another trust list came into force."""
    with ctx.store.read() as session:
        data = trusting.newest_trust(session)
    keyring = keyring_of(ctx.store.path, entropy=ctx.entropy)
    keyring.name_device(ctx.store.key, ctx.actor.device)
    if data is None or keyring.follows(_digest(data)):
        return
    recipients, digest = recipients_of(trust.verify_list(data))
    if keyring.follow(ctx.store.key, recipients, digest):
        with ctx.store.write(ctx.actor) as tx:
            tx.note("recovery-renewed", ctx.actor.device, recipients=len(recipients), trust=digest)


def keep_following(ctx: Context) -> None:
    """The same from now on, after each transaction that brings a trust list."""
    follow_trust(ctx)
    ctx.store.on_change(lambda tables: follow_trust(ctx) if "trust_state" in tables else None)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
