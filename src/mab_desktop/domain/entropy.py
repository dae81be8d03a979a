"""Where chance comes from: the operating system in earnest, a seed in a rehearsal."""

from __future__ import annotations

import hashlib
import secrets
from typing import Protocol


class Entropy(Protocol):
    """A source of random bytes."""

    def bytes(self, n: int) -> bytes:
        """`n` random bytes."""


class SystemEntropy:
    """The operating system's strong source; the only one outside rehearsals."""

    def bytes(self, n: int) -> bytes:
        """`n` bytes that nobody can foretell."""
        return secrets.token_bytes(n)


class SeededEntropy:
    """Bytes that follow from a seed, so that a rehearsal can be played again; never used in official mode."""

    def __init__(self, seed: str) -> None:
        self.restart(seed)

    def restart(self, seed: str) -> None:
        """Go over to another seed's stream."""
        self._seed, self._drawn = seed, 0

    def bytes(self, n: int) -> bytes:
        """The next `n` bytes of the seed's stream."""
        out = b""
        while len(out) < n:
            out += hashlib.sha256(f"{self._seed}|{self._drawn}".encode()).digest()
            self._drawn += 1
        return out[:n]


def new_id(entropy: Entropy) -> str:
    """A fresh identifier of 32 hexadecimal characters."""
    return entropy.bytes(16).hex()
