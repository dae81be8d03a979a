"""A person's signing key at rest: in a box that only the person's own password opens.

Whoever has the open database, or a copy of it, still cannot sign as somebody else. The password is not the one for
logging in: who resets a forgotten log-in must not come by a signature with it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.exchange import canonical, kdf
from mab_desktop.exchange.device import PersonPublic, SigningKey
from mab_desktop.exchange.refusals import refuse

FORMAT = "mab-person-key-1"


def lock_key(
    key: SigningKey, public: PersonPublic, password: str, *,
    params: kdf.KdfParams = kdf.LOGIN, entropy: Entropy = SystemEntropy(),
) -> dict[str, Any]:  # fmt: skip
    """The fields to be stored; bound to whose key it is."""
    salt = entropy.bytes(kdf.SALT)
    fields = {"format": FORMAT, "kdf": params.fields(), "salt": salt.hex()}
    box = kdf.lock(kdf.derive(_password(password), salt, params), key.seed, _bound(fields, public), entropy)
    return {**fields, **box}


def unlock_key(stored: Mapping[str, Any], public: PersonPublic, password: str) -> SigningKey | None:
    """The key; None for a wrong password, CarrierRefused sealed-malformed for fields that are not a locked key."""
    try:
        if stored.keys() != {"format", "kdf", "salt", "nonce", "box"} or stored["format"] != FORMAT:
            raise ValueError("format")
        params, salt = kdf.KdfParams.read(stored["kdf"]), kdf.unhex(stored["salt"])
        fields = {name: stored[name] for name in ("format", "kdf", "salt")}
        seed = kdf.unlock(kdf.derive(_password(password), salt, params), stored, _bound(fields, public))
    except (ValueError, TypeError, AttributeError) as error:
        raise refuse("sealed-malformed") from error
    key = SigningKey(seed) if seed is not None else None
    if key is not None and key.keyid != public.keyid:
        raise refuse("sealed-malformed")
    return key


def _password(password: str) -> bytes:
    return unicodedata.normalize("NFC", password).encode("utf-8")


def _bound(fields: Mapping[str, Any], public: PersonPublic) -> bytes:
    return canonical.encode({**fields, **public.fields()})
