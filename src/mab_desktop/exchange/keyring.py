"""The locks of a database: its random key, wrapped for each person's password and for the centre's recovery keys.

One JSON file beside the database. Whoever may log in opens a wrap; nobody's password is the key itself, so a password
changes without touching the database. The recovery wraps follow the centre's devices of the newest trust list.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import CarrierRefused, UserError, WrongPassword
from mab_desktop.exchange import canonical, durable, kdf
from mab_desktop.exchange.manifest import Frozen
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

FORMAT = "mab-keyring-1"
LIMIT = 4 << 20


class _User(Frozen, frozen=True):
    login: str
    kdf: dict[str, Any]
    salt: str
    nonce: str
    box: str


class _Recovery(Frozen, frozen=True):
    recipient: str
    box: str


class _Locks(Frozen, frozen=True):
    format: str
    id: str
    check: str
    users: tuple[_User, ...]
    recovery: tuple[_Recovery, ...]
    device: str = ""  # whose database it is, for a person who cannot open it
    trust: str = ""  # the trust list that the recovery wraps follow


@dataclass(frozen=True, slots=True)
class Lid:
    """What may be said of a locked database: its key ring, whose it is, and its key wrapped for the centre."""

    id: str
    check: str
    device: str
    recovery: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The lock file at `path`. `params` are the cost of new wraps; each wrap keeps its own."""

    path: Path
    params: kdf.KdfParams = kdf.LOGIN
    entropy: Entropy = SystemEntropy()

    def create(
        self, login: str, password: str, recovery: Sequence[str] = (), *, device: str = "", trust: str = ""
    ) -> bytes:
        """Make the file of `device`: a fresh key, its first person, the age recipients for recovery; gives the key.

        `trust` is the digest of the trust list that names the recipients.
        """
        if self.path.exists():
            raise FileExistsError(self.path)
        key, name = self.entropy.bytes(kdf.KEY), self.entropy.bytes(16).hex()
        user, saved = self._wrap(name, key, login, password), _recoveries(key, recovery)
        self._save(
            _Locks(format=FORMAT, id=name, check=check_of(key), users=(user,), recovery=saved, device=device,
                   trust=trust)
        )  # fmt: skip
        return key

    def logins(self) -> tuple[str, ...]:
        """Who may open it, in order."""
        return tuple(user.login for user in self._load().users)

    def lid(self) -> Lid:
        """What may be said without opening it."""
        locks = self._load()
        return Lid(locks.id, locks.check, locks.device, tuple(saved.box for saved in locks.recovery))

    def unlock(self, login: str, password: str) -> bytes:
        """The key; WrongPassword alike, and after the same time, for a wrong password and an unknown login."""
        locks = self._load()
        user = _find(locks, login)
        # An unknown login costs the same work, so the time does not tell who has an account.
        salt = kdf.unhex(user.salt) if user else bytes(kdf.SALT)
        params = kdf.KdfParams.read(user.kdf) if user else self.params
        secret = kdf.derive(password_bytes(password), salt, params)
        box = {"nonce": user.nonce, "box": user.box} if user else {"nonce": "00" * kdf.NONCE, "box": "00" * 48}
        key = kdf.unlock(secret, box, _bound(locks.id, folded(login)))
        if key is None or check_of(key) != locks.check:
            raise WrongPassword(
                N_("The name or the password is wrong."),
                next_step=N_("Nothing was opened. Try again; mind capital letters and the keyboard's language."),
            )
        return key

    def recover(self, identity: str) -> bytes:
        """The key by an age identity of the recovery recipients; WrongPassword when it fits none."""
        lid = self.lid()
        return recovered(lid.recovery, lid.check, [identity])

    def follows(self, trust: str) -> bool:
        """True where the recovery wraps are those of this trust list."""
        return self._load().trust == trust

    def follow(self, key: bytes, recovery: Sequence[str], trust: str) -> bool:
        """Wrap the key for these age recipients and no others, once for each list `trust`; True when they changed."""
        locks = self._owned(key)
        if locks.trust == trust:
            return False
        changed = {saved.recipient for saved in locks.recovery} != set(recovery)
        saved = _recoveries(key, recovery) if changed else locks.recovery
        self._save(msgspec.structs.replace(locks, recovery=saved, trust=trust))
        return changed

    def name_device(self, key: bytes, device: str) -> None:
        """Write down whose database it is, where that is not known or has changed."""
        locks = self._owned(key)
        if locks.device != device:
            self._save(msgspec.structs.replace(locks, device=device))

    def set_password(self, key: bytes, login: str, password: str) -> None:
        """Add a person, or give one a new password; `key` shows that the caller may."""
        locks = self._owned(key)
        others = [user for user in locks.users if user.login != folded(login)]
        users = sorted([*others, self._wrap(locks.id, key, login, password)], key=lambda user: user.login)
        self._save(msgspec.structs.replace(locks, users=tuple(users)))

    def remove(self, key: bytes, login: str) -> None:
        """Take a person's wrap away; the last one stays, or nobody could open the database."""
        locks = self._owned(key)
        users = tuple(user for user in locks.users if user.login != folded(login))
        if not users:
            raise UserError(
                N_("This is the last person who can open the database."),
                next_step=N_("Nothing was changed. Add another person first."),
            )
        self._save(msgspec.structs.replace(locks, users=users))

    def _wrap(self, name: str, key: bytes, login: str, password: str) -> _User:
        salt = self.entropy.bytes(kdf.SALT)
        secret = kdf.derive(password_bytes(password), salt, self.params)
        box = kdf.lock(secret, key, _bound(name, folded(login)), self.entropy)
        return _User(login=folded(login), kdf=self.params.fields(), salt=salt.hex(), **box)

    def _owned(self, key: bytes) -> _Locks:
        locks = self._load()
        if check_of(key) != locks.check:
            raise ValueError("not the key of this keyring")
        return locks

    def _load(self) -> _Locks:
        with durable.disk_words(self.path.parent):
            return self._read()

    def _read(self) -> _Locks:
        try:
            data = self.path.read_bytes()[: LIMIT + 1]
            locks = msgspec.convert(canonical.decode(data, N_("sealed envelope")), _Locks, strict=True)
            for user in locks.users:
                kdf.KdfParams.read(user.kdf)
                well_formed = len(kdf.unhex(user.salt)) == kdf.SALT and len(kdf.unhex(user.nonce)) == kdf.NONCE
                if not well_formed or not kdf.unhex(user.box):
                    raise ValueError(user.login)
            if locks.format != FORMAT:
                raise ValueError(locks.format)
        except (ValueError, CarrierRefused, FileNotFoundError) as error:
            raise refuse("keyring-malformed") from error
        return locks

    def _save(self, locks: _Locks) -> None:
        with durable.disk_words(self.path.parent):
            durable.write_file(self.path, canonical.encode(msgspec.to_builtins(locks)))


def recovered(boxes: Sequence[str], check: str, identities: Sequence[str]) -> bytes:
    """The database key out of recovery wraps by one of these age identities; WrongPassword when none fits."""
    secrets = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    for box in boxes:
        try:
            key: bytes = pyrage.decrypt(kdf.unbase64(box), secrets)
        except (pyrage.DecryptError, ValueError):
            continue
        if check_of(key) == check:
            return key
    raise WrongPassword(
        N_("The recovery key does not fit this database."),
        next_step=N_("Nothing was changed. Look for the recovery key that was in force when it was made."),
    )


def folded(login: str) -> str:
    """Logins differ neither by case nor by the way a letter is composed."""
    return unicodedata.normalize("NFC", login.strip()).casefold()


def check_of(key: bytes) -> str:
    """Shows which key belongs to a database; the key is random, so nothing can be guessed from it."""
    return hashlib.sha256(b"mab-keyring-check" + key).hexdigest()


def _find(locks: _Locks, login: str) -> _User | None:
    return next((user for user in locks.users if user.login == folded(login)), None)


def password_bytes(password: str) -> bytes:
    """A typed password as key material: the same however a letter is composed."""
    return unicodedata.normalize("NFC", password).encode("utf-8")


def _bound(name: str, login: str) -> bytes:
    fields: Mapping[str, str] = {"format": FORMAT, "id": name, "login": login}
    return canonical.encode(fields)


def _recoveries(key: bytes, recipients: Sequence[str]) -> tuple[_Recovery, ...]:
    return tuple(_Recovery(recipient=to, box=_for_recovery(key, to)) for to in sorted(set(recipients)))


def _for_recovery(key: bytes, recipient: str) -> str:
    return base64.b64encode(pyrage.encrypt(key, [pyrage.x25519.Recipient.from_str(recipient)])).decode()
