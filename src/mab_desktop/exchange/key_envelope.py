"""The sealed answer key of one shift (p.39): it opens only with the passwords of all its holders together.

The content is encrypted to a fresh age identity; the identity is wrapped under a key made of every holder's password,
so no password can be tried alone. Stand-ins get a wrap of their own. A salted commitment lets anybody see later that
what was opened is what was sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import CarrierRefused, UserError, WrongPassword
from mab_desktop.exchange import canonical, kdf, passwords
from mab_desktop.exchange.manifest import Frozen
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

FORMAT = "mab-key-envelope-1"
LIMIT = 4 << 20
# Holders by name: the ministry's side, the chair of the state commission, the stand-in of either, and the centre when
# the key is delivered before it may be opened and released by telephone.
MINISTRY, CHAIR, CENTRE = "ministry", "chair", "centre"
MINISTRY_DEPUTY, CHAIR_DEPUTY = "ministry-deputy", "chair-deputy"
SIDES = ((MINISTRY, MINISTRY_DEPUTY), (CHAIR, CHAIR_DEPUTY))
FREE_TRIES, FIRST_WAIT, LAST_TRY = 5, 15, 15


class _Header(Frozen, frozen=True):
    campaign: str
    mode: str
    shift: str
    recipient: str
    commitment: str
    content_sha256: str
    kdf: dict[str, Any]
    salts: dict[str, str]


class _Way(Frozen, frozen=True):
    holders: tuple[str, ...]
    nonce: str
    box: str


class _Envelope(Frozen, frozen=True):
    format: str
    header: _Header
    ways: tuple[_Way, ...]
    content: str


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """What may be read without a password; `ways` are the sets of holders that can open it together."""

    campaign: str
    mode: str
    shift: str
    commitment: str
    ways: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """The content, for memory only, what proves that it is the content announced, and whose passwords opened it."""

    content: bytes
    salt: bytes
    commitment: str
    holders: tuple[str, ...]


def commitment(content: bytes, salt: bytes) -> str:
    """SHA-256 of salt and content; the 32 random bytes of salt keep answers from being guessed out of it."""
    return hashlib.sha256(salt + content).hexdigest()


def pairs(given: Mapping[str, str]) -> list[dict[str, str]]:
    """The ways to open a key with these passwords by holder: one of each side, and the centre where it has one."""
    release = {CENTRE: given[CENTRE]} if CENTRE in given else {}
    return [
        {one: given[one], other: given[other], **release}
        for one in SIDES[0] if one in given
        for other in SIDES[1] if other in given
    ]  # fmt: skip


def make(
    content: bytes, *, campaign: str, mode: str, shift: str, ways: Sequence[Mapping[str, str]],
    params: kdf.KdfParams = kdf.ENVELOPE, entropy: Entropy = SystemEntropy(),
) -> bytes:  # fmt: skip
    """The envelope as canonical JSON. Each of `ways` gives the holders' passwords that together open it."""
    given = _one_password_each(ways)
    identity = pyrage.x25519.Identity.generate()
    salt = entropy.bytes(32)
    inner = canonical.encode({"content": base64.b64encode(content).decode(), "salt": salt.hex()})
    encrypted = pyrage.encrypt(inner, [identity.to_public()])
    salts = {holder: entropy.bytes(kdf.SALT) for holder in sorted(given)}
    header = _Header(
        campaign=campaign, mode=mode, shift=shift, recipient=str(identity.to_public()),
        commitment=commitment(content, salt), content_sha256=hashlib.sha256(encrypted).hexdigest(),
        kdf=params.fields(), salts={holder: salts[holder].hex() for holder in salts},
    )  # fmt: skip
    shares = {h: kdf.derive(passwords.require(given[h]), salts[h], params) for h in salts}
    wraps = []
    for way in ways:
        holders = tuple(sorted(way))
        box = kdf.lock(_joint_key(shares, holders), str(identity).encode(), _bound(header, holders), entropy)
        wraps.append(_Way(holders=holders, **box))
    sealed = _Envelope(format=FORMAT, header=header, ways=tuple(wraps), content=base64.b64encode(encrypted).decode())
    return canonical.encode(msgspec.to_builtins(sealed))


def read_header(data: bytes) -> KeyHeader:
    """What the envelope says of itself; CarrierRefused for a damaged one."""
    sealed = _parse(data)[0]
    header = sealed.header
    ways = tuple(way.holders for way in sealed.ways)
    return KeyHeader(header.campaign, header.mode, header.shift, header.commitment, ways)


def open_envelope(
    data: bytes, given: Mapping[str, str], *, campaign: str, mode: str, shift: str, announced: str = ""
) -> OpenedKey:
    """Open with the passwords `given` by holder.

    UserError for a mistyped password or a holder too few, WrongPassword when together they do not open it (never
    which one), CarrierRefused for a damaged or foreign envelope, or one that is not the `announced` commitment.
    """
    sealed, params, encrypted = _parse(data)
    header = sealed.header
    if (header.campaign, header.mode, header.shift) != (campaign, mode, shift):
        raise refuse("sealed-other")
    if announced and announced != header.commitment:
        raise refuse("sealed-commitment")
    way = next((way for way in sealed.ways if set(way.holders) <= given.keys()), None)
    if way is None:
        raise UserError(
            N_("The key needs the passwords of more people."),
            next_step=N_("Nothing was opened. Let everybody who holds a password of this key type it."),
        )
    typed = {holder: passwords.require(given[holder]) for holder in way.holders}
    shares = {h: kdf.derive(typed[h], kdf.unhex(header.salts[h]), params) for h in typed}
    bare = {"nonce": way.nonce, "box": way.box}
    identity = kdf.unlock(_joint_key(shares, way.holders), bare, _bound(header, way.holders))
    if identity is None:
        raise WrongPassword(
            N_("The passwords together do not open the key."),
            next_step=N_("Nothing was opened, and nobody can tell which one is wrong. Compare both with the paper."),
        )
    return _content(identity.decode("ascii"), header, encrypted, way.holders)


def wait_before_next(tries: int) -> int | None:
    """Seconds to wait after `tries` wrong tries; None when the envelope is shut for good here."""
    if tries >= LAST_TRY:
        return None
    return 0 if tries < FREE_TRIES else FIRST_WAIT << (tries - FREE_TRIES)


def _one_password_each(ways: Sequence[Mapping[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for way in ways:
        if len(way) < 2:
            raise ValueError("a key is never in one hand")
        for holder, password in way.items():
            if given.setdefault(holder, password) != password:
                raise ValueError(f"{holder} has two passwords")
    if not given or len({passwords.normalise(password) for password in given.values()}) != len(given):
        raise ValueError("each holder needs a password of his own")
    return given


def _joint_key(shares: Mapping[str, bytes], holders: Sequence[str]) -> bytes:
    material = b"".join(shares[holder] for holder in holders)
    return HKDF(SHA256(), kdf.KEY, None, FORMAT.encode()).derive(material)


def _bound(header: _Header, holders: Sequence[str]) -> bytes:
    """What a wrap is bound to: the whole header and its holders."""
    return canonical.encode({"header": msgspec.to_builtins(header), "holders": list(holders)})


def _parse(data: bytes) -> tuple[_Envelope, kdf.KdfParams, bytes]:
    try:
        sealed = msgspec.convert(canonical.decode(data[: LIMIT + 1], N_("sealed envelope")), _Envelope, strict=True)
        params = kdf.KdfParams.read(sealed.header.kdf)
        encrypted = kdf.unbase64(sealed.content)
        sizes = {len(kdf.unhex(salt)) for salt in sealed.header.salts.values()}
        known = all(set(way.holders) <= sealed.header.salts.keys() and len(way.holders) > 1 for way in sealed.ways)
        boxes = all(len(kdf.unhex(way.nonce)) == kdf.NONCE and kdf.unhex(way.box) for way in sealed.ways)
    except (ValueError, CarrierRefused) as error:
        raise refuse("sealed-malformed") from error
    whole = hashlib.sha256(encrypted).hexdigest() == sealed.header.content_sha256
    if sealed.format != FORMAT or sizes != {kdf.SALT} or not (known and boxes and whole):
        raise refuse("sealed-malformed")
    return sealed, params, encrypted


def _content(secret: str, header: _Header, encrypted: bytes, holders: tuple[str, ...]) -> OpenedKey:
    try:
        identity = pyrage.x25519.Identity.from_str(secret)
        inner = canonical.decode(pyrage.decrypt(encrypted, [identity]), N_("sealed envelope"))
        content, salt = kdf.unbase64(inner["content"]), kdf.unhex(inner["salt"])
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError, KeyError, TypeError, CarrierRefused) as error:
        raise refuse("sealed-malformed") from error
    if str(identity.to_public()) != header.recipient or commitment(content, salt) != header.commitment:
        raise refuse("sealed-commitment")
    return OpenedKey(content, salt, header.commitment, holders)
