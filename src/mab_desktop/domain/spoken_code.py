"""Twelve characters that stand for a digest: short enough to write down and tell by telephone, 60 bits long."""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12


def spoken_code(digest: bytes) -> str:
    """The code of a digest of at least 8 bytes."""
    number = int.from_bytes(digest[:8]) >> 4
    letters = []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "".join(reversed(letters))


def shown_code(code: str) -> str:
    """The code in groups of four, as it is read out."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def typed_code(text: str) -> str:
    """A code as somebody wrote it down: capitals, no hyphens or blanks, O for 0, I and L for 1."""
    return "".join(c for c in text.upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
