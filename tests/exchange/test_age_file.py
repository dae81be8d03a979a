"""Age files of our own hand: opened by the age library, whatever their size, and by every recipient alone."""

from __future__ import annotations

import os

import pyrage
import pytest

from mab_desktop.exchange import age_file
from mab_desktop.exchange.age_file import CHUNK, Recipient

KEYS = [pyrage.x25519.Identity.generate() for _ in range(3)]
TO = [Recipient.load(str(key.to_public())) for key in KEYS]


def written(first: bytes, rest: bytes, to: list[Recipient]) -> tuple[bytes, list[int]]:
    """The file, and how far it was told to be on the way."""
    memory, told = bytearray(age_file.size_of(len(first) + len(rest), len(to))), list[int]()
    age_file.write(memoryview(memory), to, first, rest, told.append)
    return bytes(memory), told


@pytest.mark.parametrize("first", [0, 1, 300, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
@pytest.mark.parametrize("rest", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK - 300, 3 * CHUNK])
def test_the_library_opens_what_was_written(first: int, rest: int) -> None:
    one, two = os.urandom(first), os.urandom(rest)
    file, told = written(one, two, TO[:1])
    assert pyrage.decrypt(file, KEYS[:1]) == one + two
    assert told == sorted(set(told))
    assert told[-1] == len(file)


def test_every_recipient_opens_it_alone_and_nobody_else() -> None:
    file, _ = written(b"head\n", b"body", TO)
    assert [pyrage.decrypt(file, [key]) for key in KEYS] == [b"head\nbody"] * 3
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(file, [pyrage.x25519.Identity.generate()])


def test_nothing_repeats_from_one_file_to_the_next() -> None:
    one, two = (written(b"head\n", b"body" * 20, TO[:1])[0] for _ in range(2))
    assert len(one) == len(two)
    assert len(os.path.commonprefix([one, two])) < len("age-encryption.org/v1\n-> X25519 ") + 8
    assert one[-40:] != two[-40:]


def test_a_flipped_bit_or_a_lost_chunk_is_seen_by_the_library() -> None:
    file, told = written(b"head\n", os.urandom(2 * CHUNK), TO[:1])
    for changed in (
        file[:-1], file[: told[0]], file[: told[1]], file + b"\0",
        *(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :] for at in (30, 90, 150, 170, told[0] - 1, told[0], -1)),
    ):  # fmt: skip
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(changed, KEYS[:1])


def test_the_recipient_is_the_key_that_the_library_knows() -> None:
    text = str(KEYS[0].to_public())
    assert len(Recipient.load(text).key) == 32
    assert Recipient.load(text.upper()).key == Recipient.load(text).key
    for wrong in ("", "age1", text[:-1], text[:-1] + ("q" if text[-1] != "q" else "p"), "age1" + "q" * 58):
        with pytest.raises(ValueError, match="no recipient"):
            Recipient.load(wrong)


@pytest.mark.parametrize("more", [-1, 1])
def test_memory_of_another_size_is_an_error(more: int) -> None:
    memory = bytearray(age_file.size_of(100, 1) + more)
    with pytest.raises(ValueError, match="size|bytes"):
        age_file.write(memoryview(memory), TO[:1], b"x" * 100, b"", lambda end: None)
