"""The search for what must never lie in clear: personal data, passwords and keys.

A database in clear shows itself by its first bytes; words and keys are looked for in every spelling that a program may
leave: the encodings of texts, JSON, hexadecimal and base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TEXTS = ("utf-8", "utf-16-le", "utf-16-be", "cp1251")
KEYS = (b"AGE-SECRET-KEY-", b"PRIVATE KEY-----")
OPEN_FILES = (b"SQLite format 3\0",)
_PART = 256 << 10


def spellings(words: Iterable[str], keys: Iterable[bytes] = ()) -> dict[bytes, str]:
    """Every form of the words and keys in which a file could hold them, and what it is a form of."""
    found = dict.fromkeys(KEYS, "a private key")
    for word in words:
        found |= dict.fromkeys(_forms_of_text(word), word)
        found |= dict.fromkeys(_forms_of_bytes(word.encode()), word)
    for key in keys:
        found |= dict.fromkeys((key, *_forms_of_bytes(key)), f"key {key.hex()}")
    return found


def _forms_of_text(word: str) -> Iterator[bytes]:
    for encoding in TEXTS:
        try:
            yield word.encode(encoding)
        except UnicodeEncodeError:
            continue  # this encoding cannot hold it
    yield json.dumps(word)[1:-1].encode()


def _forms_of_bytes(data: bytes) -> Iterator[bytes]:
    yield from (data.hex().encode(), data.hex().upper().encode())
    for ahead in range(3):  # base64 looks different by where the word begins; the ends depend on what is around
        whole = base64.b64encode(b"\0" * ahead + data)
        begin, end = (ahead * 8 + 5) // 6, (ahead + len(data)) * 8 // 6
        yield whole[begin:end]


def lying_in_clear(places: Iterable[Path], forms: dict[bytes, str], spared: Iterable[str] = ()) -> list[str]:
    """The files under `places` that hold one of `forms`, or are open databases, but for folders named in `spared`."""
    left_out, found, begins = set(spared), list[str](), _Begins(forms)
    for place in places:
        for path in sorted(place.rglob("*")):
            if not path.is_file() or left_out & set(path.relative_to(place).parts):
                continue
            data = path.read_bytes()
            if data.startswith(OPEN_FILES):
                found.append(f"{path}: a database in clear")
            found += [f"{path}: {forms[form]}" for form in _beginning(data, begins) if form in data]
    return found


class _Begins:
    """The forms by their first four bytes, and which numbers those can be: one look at a file serves all forms."""

    BITS = 20

    def __init__(self, forms: Iterable[bytes]) -> None:
        self.forms: dict[bytes, list[bytes]] = {}
        self.possible = np.zeros(1 << self.BITS, dtype=bool)
        for form in forms:
            self.forms.setdefault(form[:4], []).append(form)
        for begin in self.forms:
            self.possible[_numbers(begin, self.BITS)] = True


def _numbers(data: bytes | memoryview, bits: int) -> NDArray[np.uint32]:
    """The four bytes from each place on as a number of so many bits."""
    one = np.frombuffer(data, dtype=np.uint8)
    four = np.zeros(len(one) - 3, dtype=np.uint32)
    for n in range(4):
        four <<= 8
        four |= one[n : len(one) - 3 + n]
    four *= np.uint32(2_654_435_761)
    four >>= np.uint32(32 - bits)
    return four


def _beginning(data: bytes, begins: _Begins) -> list[bytes]:
    """The forms whose first four bytes stand in the data, looked at in parts that the processor's cache holds."""
    whole, heads = memoryview(data), set[bytes]()
    for start in range(0, len(data) - 3, _PART):
        part = whole[start : start + _PART + 3]
        heads |= {bytes(part[at : at + 4]) for at in np.flatnonzero(begins.possible[_numbers(part, begins.BITS)])}
    return [form for head in heads for form in begins.forms.get(head, ())]
