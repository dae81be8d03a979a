"""Where a rehearsal's chance comes from: one seed, and a stream of its own for everything that has a name."""

from __future__ import annotations

import hashlib

from numpy.random import PCG64, Generator


def stream(seed: int | str, *names: object) -> Generator:
    """A generator that follows from the seed and the names alone: work may run in any order and in any thread."""
    text = "\x1f".join(str(part) for part in (seed, *names))
    return Generator(PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])))


def pick(rng: Generator, weights: dict[str, float]) -> str:
    """One of the names, each as often as its weight says."""
    total = sum(weights.values())
    at = float(rng.random()) * total
    for name, weight in weights.items():
        at -= weight
        if at < 0:
            return name
    return name
