"""Age files (https://age-encryption.org/v1) for X25519 recipients, written with the cryptography library.

The age library takes three times as long for it, holds Python's lock meanwhile, and can keep an error of its sink to
itself; here every byte goes into memory of ours. What opens these files stays the age library: each of them is read by
somebody else's code. The format is short: a file key wrapped for every recipient, an authenticated header, and the
contents in chunks of 64 KiB under the STREAM construction.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyrage
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mab_desktop.domain.entropy import SystemEntropy

CHUNK = 64 << 10
_TAG = 16
_INTRO = b"age-encryption.org/v1"
_LABEL = b"age-encryption.org/v1/X25519"
_SYMBOLS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"  # of bech32 (BIP 173)
_STANZA = len("-> X25519 \n\n") + 2 * 43
_HEAD = len(_INTRO) + len("\n--- \n") + 43 + 16  # without stanzas, with the nonce of the contents


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who can open: the public X25519 key behind `age1…`."""

    key: bytes

    @classmethod
    def load(cls, text: str) -> Recipient:
        """The recipient that a trust list names; ValueError for anything else."""
        try:
            judged = str(pyrage.x25519.Recipient.from_str(text))  # the check sum and the bits of filling
        except pyrage.RecipientError as error:
            raise ValueError(f"{text!r} is no recipient") from error
        number = 0
        for symbol in judged[len("age1") : -6]:
            number = number << 5 | _SYMBOLS.index(symbol)
        return cls((number >> 4).to_bytes(32, "big"))


def size_of(plain: int, recipients: int) -> int:
    """Bytes of the age file of so many plain bytes."""
    return _HEAD + recipients * _STANZA + plain + _TAG * max(1, -(-plain // CHUNK))


def write(
    memory: memoryview, recipients: Sequence[Recipient], first: bytes, rest: bytes | memoryview,
    written: Callable[[int], None],
) -> None:  # fmt: skip
    """Put the age file of `first` and `rest` into `memory`, which is just so large; `written` hears how far it is."""
    key, nonce = SystemEntropy().bytes(16), SystemEntropy().bytes(16)
    head = _header(key, recipients) + nonce
    memory[: len(head)] = head
    cipher = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    at, left = len(head), max(1, -(-(len(first) + len(rest)) // CHUNK))
    for number, chunk in enumerate(_chunks(first, memoryview(rest))):
        left -= 1
        end = at + len(chunk) + _TAG
        cipher.encrypt_into(number.to_bytes(11, "big") + bytes([not left]), chunk, None, memory[at:end])
        at = end
        written(at)
    if left or at != len(memory):
        raise ValueError("an age file has another size than it must have")


def _chunks(first: bytes, rest: memoryview) -> Iterator[bytes | memoryview]:
    """Both as one, cut; what lies in `rest` alone is not copied. There is a chunk even of nothing."""
    meeting = min(-len(first) % CHUNK, len(rest))
    begin = first + bytes(rest[:meeting])
    if begin or not rest:
        yield from (begin[at : at + CHUNK] for at in range(0, max(1, len(begin)), CHUNK))
    for at in range(meeting, len(rest), CHUNK):
        yield rest[at : at + CHUNK]


def _header(key: bytes, recipients: Sequence[Recipient]) -> bytes:
    lines = [_INTRO, *(_stanza(key, recipient) for recipient in recipients), b"---"]
    text = b"\n".join(lines)
    mac = hmac.HMAC(_derived(key, b"", b"header"), hashes.SHA256())
    mac.update(text)
    return text + b" " + _base64(mac.finalize()) + b"\n"


def _stanza(key: bytes, recipient: Recipient) -> bytes:
    """The file key wrapped for one recipient under a key that nobody uses again."""
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient.key))
    wrapping = ChaCha20Poly1305(_derived(shared, share + recipient.key, _LABEL))
    return b"-> X25519 " + _base64(share) + b"\n" + _base64(wrapping.encrypt(bytes(12), key, None))


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
