"""Keys: what a device signs and opens with, what a person signs with, and how people compare them by eye.

The id of a signing key is its Ed25519 public key in hexadecimal, so an id cannot point to another key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.exchange import canonical
from mab_desktop.exchange.kinds import ROLES

# Crockford's base 32: no I, L, O, U, so nothing is misread on paper or by telephone.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ID = re.compile(r"[a-z0-9]{1,16}(-[a-z0-9]{1,16}){0,2}")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key: of a device, of a person or of the root. 32 secret bytes."""

    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, entropy: Entropy = SystemEntropy()) -> SigningKey:
        """A fresh key."""
        return cls(entropy.bytes(32))

    @classmethod
    def load(cls, stored: str) -> SigningKey:
        """The key that `dump` wrote."""
        return cls(bytes.fromhex(stored))

    def dump(self) -> str:
        """The secret as text, for a sealed place only."""
        return self.seed.hex()

    @property
    def keyid(self) -> str:
        """The public key, 64 hexadecimal characters."""
        return self.private().public_key().public_bytes_raw().hex()

    def private(self) -> Ed25519PrivateKey:
        """The key as the cryptography library wants it."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class DevicePublic:
    """The public half of a device: what stands in the trust list. `age` is its X25519 recipient."""

    org: str
    device: str
    role: str
    keyid: str
    age: str

    def fields(self) -> dict[str, Any]:
        """The fields of an enrolment record."""
        return {"org": self.org, "device": self.device, "role": self.role, "keyid": self.keyid, "age": self.age}

    @property
    def fingerprint(self) -> str:
        """8 groups of 4 symbols that two people compare by telephone."""
        return fingerprint(canonical.encode(self.fields()))


@dataclass(frozen=True, slots=True)
class PersonPublic:
    """The public half of a person who signs for an organisation. `person` is the id that stands in the trust list."""

    org: str
    person: str
    keyid: str
    name: str

    @classmethod
    def of(cls, org: str, device: str, keyid: str, name: str) -> PersonPublic:
        """The person under an id that follows from the key, so that no two keys ever share one: `mp013-k7q2`."""
        short = fingerprint(bytes.fromhex(keyid))[:4].lower()
        return cls(org, f"{device}-{short}", keyid, name)

    def fields(self) -> dict[str, Any]:
        """The fields of an enrolment record."""
        return {"org": self.org, "person": self.person, "keyid": self.keyid, "name": self.name}

    @property
    def fingerprint(self) -> str:
        """8 groups of 4 symbols that two people compare by telephone; they stand for the name too."""
        return fingerprint(canonical.encode(self.fields()))


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """One workplace: its organisation, its role there, and its two secrets.

    `org` and `device` are lower-case ids; a device's id is its organisation's, or begins with it and a hyphen.
    """

    org: str
    device: str
    role: str
    signing: SigningKey = field(repr=False)
    age_identity: str = field(repr=False)

    def __post_init__(self) -> None:
        if self.role not in ROLES or not is_device_of(self.device, self.org):
            raise ValueError(f"{self.device} cannot be a device of {self.org} as {self.role}")

    @classmethod
    def generate(cls, org: str, device: str, role: str, entropy: Entropy = SystemEntropy()) -> DeviceKeys:
        """Fresh keys; the age identity always comes from the operating system."""
        identity = str(pyrage.x25519.Identity.generate())
        return cls(org, device, role, SigningKey.generate(entropy), identity)

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> DeviceKeys:
        """The keys that `dump` wrote."""
        signing = SigningKey.load(stored["signing"])
        return cls(stored["org"], stored["device"], stored["role"], signing, stored["age"])

    def dump(self) -> dict[str, Any]:
        """All of it, secrets included: for the encrypted database only."""
        names = {"org": self.org, "device": self.device, "role": self.role}
        return {**names, "signing": self.signing.dump(), "age": self.age_identity}

    @property
    def keyid(self) -> str:
        """The public signing key, 64 hexadecimal characters."""
        return self.signing.keyid

    @property
    def public(self) -> DevicePublic:
        """The public half."""
        age = str(pyrage.x25519.Identity.from_str(self.age_identity).to_public())
        return DevicePublic(self.org, self.device, self.role, self.keyid, age)


def is_id(text: str) -> bool:
    """True for an organisation's or a device's id."""
    return ID.fullmatch(text) is not None


def is_device_of(device: str, org: str) -> bool:
    """True where `device` can be a device's id in `org`."""
    return is_id(device) and is_id(org) and (device == org or device.startswith(f"{org}-"))


def fingerprint(data: bytes) -> str:
    """160 bits of the SHA-256 of `data` in 8 groups of 4 Crockford symbols."""
    number = int.from_bytes(hashlib.sha256(data).digest()[:20])
    symbols = "".join(CROCKFORD[number >> shift & 31] for shift in range(155, -1, -5))
    return " ".join(symbols[i : i + 4] for i in range(0, 32, 4))
