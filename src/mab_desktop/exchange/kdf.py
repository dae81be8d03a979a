"""From a password to a key (Argon2id, RFC 9106) and boxes locked with such keys (ChaCha20-Poly1305, RFC 8439)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from mab_desktop.domain.entropy import Entropy

SALT, NONCE, KEY = 16, 12, 32
NAME = "argon2id"


@dataclass(frozen=True, slots=True)
class KdfParams:
    """Cost of one guess: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int = 4

    def fields(self) -> dict[str, Any]:
        """As they stand in a header."""
        return {"name": NAME, "memory_kib": self.memory_kib, "passes": self.passes, "lanes": self.lanes}

    @classmethod
    def read(cls, fields: Any) -> KdfParams:
        """Params of a header; ValueError for what would be another function or would eat the computer's memory."""
        if not isinstance(fields, Mapping) or fields.keys() != {"name", "memory_kib", "passes", "lanes"}:
            raise ValueError("kdf")
        memory, passes, lanes = fields["memory_kib"], fields["passes"], fields["lanes"]
        if fields["name"] != NAME or not all(type(number) is int for number in (memory, passes, lanes)):
            raise ValueError("kdf")
        if not (1 <= passes <= 16 and 1 <= lanes <= 16 and 8 * lanes <= memory <= 1 << 20):
            raise ValueError("kdf")
        return cls(memory, passes, lanes)


LOGIN = KdfParams(64 << 10, 3)
ENVELOPE = KdfParams(256 << 10, 3)


def derive(secret: bytes, salt: bytes, params: KdfParams) -> bytes:
    """32 bytes that cost a guesser what `params` say."""
    kdf = Argon2id(
        salt=salt, length=KEY, iterations=params.passes, lanes=params.lanes, memory_cost=params.memory_kib
    )
    return kdf.derive(secret)


def unhex(text: Any) -> bytes:
    """Bytes of their one spelling in hexadecimal; ValueError for another (capitals, blanks)."""
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise ValueError("hexadecimal")
    return data


def unbase64(text: Any) -> bytes:
    """Bytes of their one spelling in base 64; ValueError for another."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode("ascii") != text:
        raise ValueError("base 64")
    return data


def lock(key: bytes, plain: bytes, header: bytes, entropy: Entropy) -> dict[str, str]:
    """`plain` in a box that opens only with `key` and beside the same `header`."""
    nonce = entropy.bytes(NONCE)
    return {"nonce": nonce.hex(), "box": ChaCha20Poly1305(key).encrypt(nonce, plain, header).hex()}


def unlock(key: bytes, box: Mapping[str, Any], header: bytes) -> bytes | None:
    """What is in the box; None for a wrong key, another header or a damaged box. ValueError for what is no box."""
    nonce, data = unhex(box["nonce"]), unhex(box["box"])
    if len(nonce) != NONCE:
        raise ValueError("nonce")
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, data, header)
    except InvalidTag:
        return None
