"""A forgotten password, by signed file: a request from the locked workplace, the centre's answer to it.

The request holds the database key as it is wrapped for the centre, and a recipient made for this one request; its other
half stays here, locked with the new password. The centre compares 8 groups with a signed sheet, opens its wrap and
encrypts the key anew to the one-time recipient. So neither file, nor both together with the disk, open anything without
the new password. The answer is signed; who may sign it stands in the database that it opens.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pyrage

from mab_desktop.domain.entropy import Entropy
from mab_desktop.domain.errors import CarrierRefused, WrongPassword
from mab_desktop.exchange import canonical, durable, envelope, kdf
from mab_desktop.exchange.device import SigningKey, fingerprint
from mab_desktop.exchange.keyring import Lid, check_of, folded, password_bytes, recovered
from mab_desktop.exchange.manifest import Digest, Frozen
from mab_desktop.exchange.refusals import refuse
from mab_desktop.exchange.trust import TRUST_LIMIT
from mab_desktop.i18n import N_

ANSWER_TYPE = "application/vnd.mab.reset+json"
LIMIT = 1 << 20
Age = Annotated[str, msgspec.Meta(pattern=r"\Aage1[0-9a-z]{58}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Request(Frozen, frozen=True):
    """What a locked workplace asks: whose password is forgotten, and where the key shall be encrypted to."""

    format: Literal["mab-reset-request-1"]
    keyring: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    check: Digest
    device: Annotated[str, msgspec.Meta(max_length=64)]
    login: Text
    recipient: Age
    recovery: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=64)]
    made: Text

    def data(self) -> bytes:
        """The file."""
        return canonical.encode(msgspec.to_builtins(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.data()).hexdigest()

    @property
    def groups(self) -> str:
        """8 groups that stand on the signed sheet."""
        return fingerprint(self.data())


class _Answer(Frozen, frozen=True):
    format: Literal["mab-reset-answer-1"]
    request: Digest
    keyring: str
    login: str
    box: str


class _Pending(Frozen, frozen=True):
    format: Literal["mab-reset-1"]
    request: dict[str, Any]
    kdf: dict[str, Any]
    salt: str
    nonce: str
    box: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer brings: the database key, who signed it, and the centre's newest trust list."""

    key: bytes = field(repr=False)
    signers: tuple[str, ...]
    trust: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The request that this database waits for an answer to: the file at `path` beside it."""

    path: Path

    def begin(
        self, lid: Lid, login: str, password: str, made: str, *, params: kdf.KdfParams, entropy: Entropy
    ) -> Request:
        """Make a request and keep its other half here; an earlier one is answered no more."""
        if not lid.recovery:
            raise refuse("reset-no-centre")
        identity = pyrage.x25519.Identity.generate()
        request = Request(
            format="mab-reset-request-1", keyring=lid.id, check=lid.check, device=lid.device, login=folded(login),
            recipient=str(identity.to_public()), recovery=lid.recovery, made=made,
        )  # fmt: skip
        salt = entropy.bytes(kdf.SALT)
        secret = kdf.derive(password_bytes(password), salt, params)
        box = kdf.lock(secret, str(identity).encode(), request.data(), entropy)
        kept = _Pending(format="mab-reset-1", request=msgspec.to_builtins(request), kdf=params.fields(),
                        salt=salt.hex(), **box)  # fmt: skip
        durable.write_file(self.path, canonical.encode(msgspec.to_builtins(kept)))
        return request

    def request(self) -> Request | None:
        """What was asked, None where nothing is waited for."""
        kept = self._load()
        return _read(kept.request) if kept else None

    def take(self, data: bytes, password: str) -> Answered:
        """Open the centre's answer with the new password; CarrierRefused for another file, WrongPassword."""
        kept = self._load()
        if kept is None:
            raise refuse("reset-not-asked")
        request = _read(kept.request)
        answer, signers, trust = read_answer(data)
        if (answer.request, answer.keyring, answer.login) != (request.digest, request.keyring, request.login):
            raise refuse("reset-other")
        secret = kdf.derive(password_bytes(password), kdf.unhex(kept.salt), kdf.KdfParams.read(kept.kdf))
        identity = kdf.unlock(secret, {"nonce": kept.nonce, "box": kept.box}, request.data())
        if identity is None:
            raise WrongPassword(
                N_("This is not the new password that was typed when the request was made."),
                next_step=N_("Nothing was changed. Type that one, or make a new request."),
            )
        key = _open(answer.box, identity.decode(), request)
        return Answered(key, signers, trust)

    def forget(self) -> None:
        """The request is answered, or given up."""
        self.path.unlink(missing_ok=True)

    def _load(self) -> _Pending | None:
        try:
            data = self.path.read_bytes()[: LIMIT + 1]
            kept = msgspec.convert(canonical.decode(data, N_("sealed envelope")), _Pending, strict=True)
            kdf.KdfParams.read(kept.kdf)
            if len(kdf.unhex(kept.salt)) != kdf.SALT or len(kdf.unhex(kept.nonce)) != kdf.NONCE:
                raise ValueError("salt")
            kdf.unhex(kept.box)
        except (ValueError, CarrierRefused, FileNotFoundError):
            return None
        return kept


def read_request(data: bytes) -> Request:
    """A request's file; CarrierRefused reset-malformed for anything else."""
    if len(data) > LIMIT:
        raise refuse("reset-malformed")
    try:
        return _read(canonical.decode(data, N_("sealed envelope")))
    except (ValueError, CarrierRefused) as error:
        raise refuse("reset-malformed") from error


def answer(request: Request, identities: Sequence[str], trust: bytes, signing: SigningKey) -> bytes:
    """The centre's file: the key of the request's wraps, for its one-time recipient only; signed by this device."""
    key = recovered(request.recovery, request.check, identities)
    inner = canonical.encode({"key": key.hex(), "request": request.digest})
    box = pyrage.encrypt(inner, [pyrage.x25519.Recipient.from_str(request.recipient)])
    content = _Answer(format="mab-reset-answer-1", request=request.digest, keyring=request.keyring,
                      login=request.login, box=base64.b64encode(box).decode())  # fmt: skip
    signed = envelope.sign(canonical.encode(msgspec.to_builtins(content)), ANSWER_TYPE, [signing])
    parts = {"answer": canonical.decode(signed, N_("signature")), "trust": canonical.decode(trust, N_("trust list"))}
    return canonical.encode(parts)


def read_answer(data: bytes) -> tuple[_Answer, tuple[str, ...], bytes]:
    """An answer whose signatures fit the keys they name: its content, those keys, the trust list it brings."""
    if len(data) > LIMIT + TRUST_LIMIT:
        raise refuse("reset-malformed")
    try:
        parts = canonical.decode(data, N_("sealed envelope"))
        if not isinstance(parts, dict) or parts.keys() != {"answer", "trust"}:
            raise ValueError("parts")
        signed = envelope.verify_fields(parts["answer"], ANSWER_TYPE)
        content = msgspec.convert(canonical.decode(signed.payload, N_("sealed envelope")), _Answer, strict=True)
    except ValueError as error:
        raise refuse("reset-malformed") from error
    except CarrierRefused as error:
        raise refuse(error.code if error.code.startswith("signature") else "reset-malformed") from error
    return content, signed.signers, canonical.encode(parts["trust"])


def _open(box: str, identity: str, request: Request) -> bytes:
    try:
        plain = pyrage.decrypt(kdf.unbase64(box), [pyrage.x25519.Identity.from_str(identity)])
        inner = canonical.decode(plain[:LIMIT], N_("sealed envelope"))
        key = kdf.unhex(inner["key"])
        fits = inner == {"key": key.hex(), "request": request.digest} and check_of(key) == request.check
    except (pyrage.DecryptError, ValueError, KeyError, TypeError, CarrierRefused) as error:
        raise refuse("reset-other") from error
    if not fits:
        raise refuse("reset-other")
    return key


def _read(fields: Any) -> Request:
    return msgspec.convert(fields, Request, strict=True)
