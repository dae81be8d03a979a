"""A document while it is drawn and looked at: small ones in memory, large ones in a file that only this process reads.

The file is enciphered (AES-256 in counter mode) with a key that never leaves memory, and has no name where the system
allows that: names of students do not lie on the disk in plain, and nothing of it can be read after the program.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from mab_desktop.domain.entropy import SystemEntropy

IN_MEMORY = 2 << 20
PART = 2 << 20
_BLOCK = 16


class SealedPaper(io.RawIOBase):
    """A file for writing once, then for reading anywhere; `finished` gives the bytes when they are few."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        super().__init__()
        chance = SystemEntropy()
        self._key, self._nonce = chance.bytes(32), chance.bytes(8)
        self._most, self._size, self._at = in_memory, 0, 0
        self._begun: io.BytesIO | None = io.BytesIO()
        self._file: BinaryIO | None = None
        self._writing = self._cipher(0)

    def __len__(self) -> int:
        return self._size

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Add at the end."""
        if self._begun is not None:
            self._begun.write(data)
            if self._begun.tell() > self._most:
                whole, self._begun = self._begun.getvalue(), None
                self._file = tempfile.TemporaryFile(prefix="mab-")  # noqa: SIM115
                self._file.write(self._writing.update(whole))
        else:
            self._open_file().write(self._writing.update(data))
        self._size += len(data)
        return len(data)

    def finished(self) -> bytes | SealedPaper:
        """What was written: as bytes, or as this file when it is large."""
        if self._begun is not None:
            return self._begun.getvalue()
        self._open_file().flush()
        self._at = 0
        return self

    def parts(self, size: int = PART) -> Iterator[bytes]:
        """The whole, a part at a time."""
        for begin in range(0, self._size, size):
            yield self.read_at(begin, min(size, self._size - begin))

    def read_at(self, begin: int, count: int) -> bytes:
        """`count` bytes from `begin` on."""
        file, skip = self._open_file(), begin % _BLOCK
        file.seek(begin - skip)
        return self._cipher((begin - skip) // _BLOCK).update(file.read(skip + count))[skip:]

    # -- as a file

    def readable(self) -> bool:
        """It is, when it is written."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the place on."""
        data = self.read_at(self._at, max(0, min(len(buffer), self._size - self._at)))
        memoryview(buffer).cast("B")[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _open_file(self) -> BinaryIO:
        assert self._file is not None
        return self._file

    def _cipher(self, block: int) -> CipherContext:
        counter = self._nonce + block.to_bytes(8, "big")
        return Cipher(AES(self._key), CTR(counter)).encryptor()
