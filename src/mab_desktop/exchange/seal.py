"""A small secret sealed under one generated password: the seed of the seating, told by telephone on the day (p.30)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import CarrierRefused, WrongPassword
from mab_desktop.exchange import canonical, kdf, passwords
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

FORMAT = "mab-seal-1"
LIMIT = 1 << 20


def commitment(secret: bytes) -> str:
    """SHA-256 of a secret of at least 16 random bytes, told before the secret itself."""
    if len(secret) < 16:
        raise ValueError("a short secret can be guessed from its commitment")
    return hashlib.sha256(secret).hexdigest()


def seal(
    secret: bytes, password: str, header: Mapping[str, Any], *,
    params: kdf.KdfParams = kdf.ENVELOPE, entropy: Entropy = SystemEntropy(),
) -> bytes:  # fmt: skip
    """`secret` under `password`, bound to `header` (what it is for), as canonical JSON."""
    salt = entropy.bytes(kdf.SALT)
    fields = {"format": FORMAT, "header": dict(header), "kdf": params.fields(), "salt": salt.hex()}
    key = kdf.derive(passwords.require(password), salt, params)
    return canonical.encode({**fields, **kdf.lock(key, secret, canonical.encode(fields), entropy)})


def unseal(data: bytes, password: str, header: Mapping[str, Any]) -> bytes:
    """The secret; WrongPassword, UserError for a mistyped one, CarrierRefused for a damaged or foreign seal."""
    try:
        sealed = canonical.decode(data[: LIMIT + 1], N_("sealed envelope"))
        fields = {key: sealed[key] for key in ("format", "header", "kdf", "salt")}
        if sealed.keys() != {*fields, "nonce", "box"} or sealed["format"] != FORMAT:
            raise ValueError("format")
        params, salt = kdf.KdfParams.read(sealed["kdf"]), kdf.unhex(sealed["salt"])
        kdf.unhex(sealed["nonce"] + sealed["box"])
    except (ValueError, KeyError, TypeError, AttributeError, CarrierRefused) as error:
        raise refuse("sealed-malformed") from error
    if sealed["header"] != dict(header):
        raise refuse("sealed-other")
    if len(salt) != kdf.SALT or len(sealed["nonce"]) != 2 * kdf.NONCE:
        raise refuse("sealed-malformed")
    secret = kdf.unlock(kdf.derive(passwords.require(password), salt, params), sealed, canonical.encode(fields))
    if secret is None:
        raise WrongPassword(
            N_("The password does not open the sealed envelope."),
            next_step=N_("Nothing was opened. Compare it once more by telephone and type it again."),
        )
    return secret
