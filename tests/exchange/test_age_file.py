"""Age files of our own hand: opened by the age library, whatever their size, and by every recipient alone."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

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


def secret_of(identity: pyrage.x25519.Identity) -> X25519PrivateKey:
    """The private key behind AGE-SECRET-KEY-1…, read with the few lines of bech32 (BIP 173)."""
    number = 0
    for symbol in str(identity).lower()[len("age-secret-key-1") : -6]:
        number = number << 5 | "qpzry9x8gf2tvdw0s3jn54khce6mua7l".index(symbol)
    return X25519PrivateKey.from_private_bytes((number >> 4).to_bytes(32, "big"))


def derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt or None, info).derive(secret)


def unpadded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def opened_by_the_book(file: bytes, identity: pyrage.x25519.Identity) -> tuple[list[bytes], list[bytes]]:
    """The plain chunks and the lines of the header, read as age-encryption.org/v1 tells, word for word."""
    end = file.index(b"\n--- ") + len(b"\n--- ")
    mac, rest = file[end : end + 43], file[end + 43 :]
    assert rest[:1] == b"\n"
    rest = rest[1:]
    lines = file[:end].split(b"\n")
    assert lines[0] == b"age-encryption.org/v1"
    assert lines[-1] == b"--- "
    secret = secret_of(identity)
    mine, key = secret.public_key().public_bytes_raw(), b""
    for stanza, body in zip(lines[1:-1:2], lines[2:-1:2], strict=True):
        arrow, kind, share = stanza.split(b" ")
        assert (arrow, kind, len(share), len(body)) == (b"->", b"X25519", 43, 43)
        theirs = base64.b64decode(share + b"=")
        assert unpadded(theirs) == share, "canonical: no bits are left over"
        shared = secret.exchange(X25519PublicKey.from_public_bytes(theirs))
        wrap = derived(shared, theirs + mine, b"age-encryption.org/v1/X25519")
        try:
            key = ChaCha20Poly1305(wrap).decrypt(bytes(12), base64.b64decode(body + b"="), None)
        except Exception:  # noqa: BLE001 - the stanza of another recipient
            continue
    assert len(key) == 16
    keyed = hmac.HMAC(derived(key, b"", b"header"), hashes.SHA256())
    keyed.update(file[: end - 1])  # up to and with the three dashes, without the blank
    assert unpadded(keyed.finalize()) == mac
    stream = ChaCha20Poly1305(derived(key, rest[:16], b"payload"))
    sealed = [rest[at : at + CHUNK + 16] for at in range(16, len(rest), CHUNK + 16)]
    plain = [
        stream.decrypt(number.to_bytes(11, "big") + bytes([number == len(sealed) - 1]), chunk, None)
        for number, chunk in enumerate(sealed)
    ]
    return plain, lines


SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1]


@pytest.mark.parametrize("size", SIZES)
def test_the_file_is_what_the_specification_says(size: int) -> None:
    """Header MAC, labels, nonces, the mark of the last chunk; no chunk is empty unless the whole is."""
    plain = os.urandom(size)
    file, _ = written(plain[:300], plain[300:], TO)
    assert len(file) == age_file.size_of(size, len(TO))
    for identity in KEYS:
        chunks, lines = opened_by_the_book(file, identity)
        assert b"".join(chunks) == plain
        assert [len(chunk) for chunk in chunks[:-1]] == [CHUNK] * (len(chunks) - 1)
        assert chunks[-1] or size == 0
        assert len(lines) == 1 + 2 * len(TO) + 1


@pytest.mark.parametrize("size", SIZES)
def test_the_age_program_opens_it(size: int, tmp_path: Path) -> None:
    """A third reader, in Go: what it decrypts, and its refusal of one byte less or more."""
    age = shutil.which("age")
    if age is None:
        pytest.skip("age is not installed")
    key, sealed = tmp_path / "key", tmp_path / "sealed.age"
    key.write_text(f"{KEYS[1]}\n", "ascii")
    plain = os.urandom(size)
    file, _ = written(plain, b"", TO)
    for content, code in ((file, 0), (file[:-1], 1), (file + b"\0", 1)):
        sealed.write_bytes(content)
        done = subprocess.run([age, "-d", "-i", key, sealed], check=False, capture_output=True)
        assert done.returncode == code, done.stderr
        if not code:
            assert done.stdout == plain


def test_the_order_of_chunks_and_the_end_cannot_be_changed() -> None:
    """Whole chunks exchanged, left out, repeated, or one more put behind the last: none is taken."""
    file, _ = written(b"", os.urandom(4 * CHUNK), TO[:1])
    head = len(file) - 4 * (CHUNK + 16)
    parts = [file[head + n * (CHUNK + 16) : head + (n + 1) * (CHUNK + 16)] for n in range(4)]
    for order in ([1, 0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2, 3, 3], [0, 1, 1, 2, 3], [3], []):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(file[:head] + b"".join(parts[n] for n in order), KEYS[:1])


def test_a_recipient_of_low_order_is_refused() -> None:
    """With such a point everybody knows the shared secret; the specification asks to abort."""
    for point in (bytes(32), b"\1" + bytes(31)):
        memory = bytearray(age_file.size_of(1, 1))
        with pytest.raises(ValueError):  # noqa: PT011 - the library's own
            age_file.write(memoryview(memory), [Recipient(point)], b"x", b"", lambda end: None)


def test_keys_and_nonces_are_of_each_file_alone() -> None:
    """Ephemeral share, wrapped key, MAC and payload nonce: none of them is met twice in many files."""
    seen = set[bytes]()
    for _ in range(50):
        file, _told = written(b"same", b"", TO)
        lines = file[: file.index(b"\n---")].split(b"\n")[1:]
        parts = [*(line.removeprefix(b"-> X25519 ") for line in lines), file[-(4 + 16 + 16) : -(4 + 16)]]
        assert not seen.intersection(parts)
        seen.update(parts)
