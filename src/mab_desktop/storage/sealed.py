"""Files that lie sealed on the disk: scanned sheets with their handwriting, and what is kept beside them.

A sealed file is `MABSEAL1`, 32 random bytes, and pieces of 64 KiB in ChaCha20-Poly1305 (RFC 8439), numbered, the last
one marked, as age's payload is. Its key comes by HKDF (RFC 5869) from the vault's key, those bytes and its place in the
vault, which is associated data too: no file can stand in for another. Any piece is read alone: memory stays small.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.i18n import N_
from mab_desktop.storage.folders import make_folder, sync_folder

MAGIC = b"MABSEAL1"
SALT, TAG, PIECE = 32, 16, 64 << 10
HEAD = len(MAGIC) + SALT
SUFFIX = ".sealed"
_PART = ".part"
_KEPT = 8  # open pieces of a file that is read here and there


class SealBroken(OSError):
    """A sealed file that was changed, cut, or put in the place of another."""

    def __init__(self, place: str) -> None:
        super().__init__(None, N_("the sealed image was changed or belongs elsewhere"), place)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was put into a vault: its plain size and SHA-256, which stays the image's identity."""

    size: int
    sha256: str


@dataclass(frozen=True)
class SealedFile:
    """A file of a vault by its place in it; opens like a path, gives the plain bytes."""

    vault: Vault = field(repr=False)
    place: str

    @property
    def name(self) -> str:
        """The last part of its place."""
        return self.place.rpartition("/")[2]

    @property
    def path(self) -> Path:
        """Where the sealed bytes lie."""
        return self.vault.root / f"{self.place}{SUFFIX}"

    def exists(self) -> bool:
        """Whether it is there."""
        return self.path.is_file()

    def open(self, mode: str = "rb", /) -> BinaryIO:
        """A reader of the plain bytes that can go to any place. OSError when it is not there or was changed."""
        if mode != "rb":
            raise ValueError(mode)
        return io.BufferedReader(_Reader(self), PIECE)

    def read_bytes(self) -> bytes:
        """All of it."""
        with self.open() as file:
            return file.read()

    def remove(self) -> None:
        """Delete it."""
        self.path.unlink(missing_ok=True)

    def __str__(self) -> str:
        return self.place


@dataclass(frozen=True)
class Vault:
    """A folder whose files lie sealed under `key`."""

    root: Path
    key: bytes = field(repr=False)
    entropy: Entropy = field(default=SystemEntropy(), repr=False)

    @classmethod
    def of_database(cls, root: Path, database_key: bytes) -> Vault:
        """The vault beside a database: whoever can open the one can open the other.

        Its chance is always the system's: a rehearsal's, which can be played again, would give a key out twice.
        """
        return cls(root, _derived(database_key, b"", b"mab sealed images 1"))

    def file(self, place: str) -> SealedFile:
        """The file at a place such as `shift-01/hall-312/pass-1-0a1b/0001.jpg`."""
        if place.startswith("/") or ".." in place.split("/"):
            raise ValueError(place)
        return SealedFile(self, place)

    def put(self, source: BinaryIO, place: str) -> Sealed:
        """Seal all that `source` gives, from where it stands; there whole and lasting, or not at all.

        FileExistsError where something is sealed at the place already.
        """
        target = self.file(place).path
        if target.exists():
            raise FileExistsError(target)
        make_folder(target.parent)
        with _written(target) as out:
            return self._seal(source, out, place)

    def replace(self, data: bytes, place: str) -> None:
        """Seal `data` in place of what stands there."""
        target = self.file(place).path
        with _written(target) as out:
            self._seal(io.BytesIO(data), out, place)

    def remove(self, folder: str) -> None:
        """Delete a folder of the vault with all in it."""
        shutil.rmtree(self.root / folder, ignore_errors=True)

    def _seal(self, source: BinaryIO, out: BinaryIO, place: str) -> Sealed:
        head = MAGIC + self.entropy.bytes(SALT)
        box, bound = self._box(head, place)
        out.write(head)
        digest, size, number = hashlib.sha256(), 0, 0
        piece = _filled(source)
        while True:
            following = _filled(source) if len(piece) == PIECE else b""
            digest.update(piece)
            size += len(piece)
            out.write(box.encrypt(_nonce(number, last=not following), piece, bound))
            if not following:
                return Sealed(size, digest.hexdigest())
            piece, number = following, number + 1

    def _box(self, head: bytes, place: str) -> tuple[ChaCha20Poly1305, bytes]:
        """What locks the pieces of one file, and what they are bound to."""
        where = place.encode()
        return ChaCha20Poly1305(_derived(self.key, head[len(MAGIC) :], b"mab sealed file 1\0" + where)), head + where


class _Reader(io.RawIOBase):
    """The plain bytes of a sealed file."""

    def __init__(self, sealed: SealedFile) -> None:
        super().__init__()
        self._place, self._at = sealed.place, 0
        self._file = sealed.path.open("rb")
        whole = os.fstat(self._file.fileno()).st_size - HEAD
        self._last = max(0, -(-whole // (PIECE + TAG)) - 1)
        self._size = whole - (self._last + 1) * TAG
        head = self._file.read(HEAD)
        if not head.startswith(MAGIC) or self._size < 0:
            self.close()
            raise SealBroken(self._place)
        self._box, self._bound = sealed.vault._box(head, self._place)
        self._pieces: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._size:
            # Nothing is given as the end that is not sealed as the end.
            self._piece(self._last)
            return 0
        number, start = divmod(self._at, PIECE)
        got = self._piece(number)[start : start + len(view)]
        view[: len(got)] = got
        self._at += len(got)
        return len(got)

    def _piece(self, number: int) -> bytes:
        if number not in self._pieces:
            if len(self._pieces) >= _KEPT:
                self._pieces.popitem(last=False)
            self._file.seek(HEAD + number * (PIECE + TAG))
            data = self._file.read(PIECE + TAG)
            try:
                plain = self._box.decrypt(_nonce(number, last=number == self._last), data, self._bound)
            except InvalidTag as error:
                raise SealBroken(self._place) from error
            self._pieces[number] = plain
        self._pieces.move_to_end(number)
        return self._pieces[number]

    def close(self) -> None:
        self._file.close()
        super().close()


def wipe(path: Path) -> None:
    """Overwrite a plain file and delete it; on flash memory the old cells may outlive this (docs/intake.md)."""
    if path.exists():
        empty(path)
        path.unlink()


def empty(path: Path) -> None:
    """Overwrite a plain file and leave nothing of it but its name."""
    with path.open("r+b") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, 1 << 20)))
        file.flush()
        os.fsync(file.fileno())
        file.truncate(0)


@contextmanager
def _written(target: Path) -> Iterator[BinaryIO]:
    """A new file that appears under its name whole and lasting."""
    part = target.with_name(target.name + _PART)
    try:
        with part.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _filled(source: BinaryIO) -> bytes:
    """A whole piece, or what is left: a reader may give less than it is asked for."""
    data = source.read(PIECE)
    while data and len(data) < PIECE and (more := source.read(PIECE - len(data))):
        data += more
    return data


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, purpose).derive(key)
