"""A file that is read while it is written: whoever reads waits until there is enough."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path


class Growing(io.RawIOBase):
    """The reader's side of a file that will have `size` bytes. The writer says how many are there, and when it ends.

    It reads the file itself, by a descriptor of its own.
    """

    def __init__(self, path: Path, size: int) -> None:
        super().__init__()
        self.size = size
        self._path, self._at = path, 0
        self._there, self._ended = 0, False
        self._changed = threading.Condition()
        self._file: io.FileIO | None = None

    def grown(self, there: int) -> None:
        """So many bytes can be read now."""
        with self._changed:
            self._there = there
            self._changed.notify_all()

    def end(self) -> None:
        """No more comes, whatever was promised."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place of the whole file."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """As much as fits, once it is there; less only at the end."""
        wanted = min(self._at + len(buffer), self.size)
        with self._changed:
            self._changed.wait_for(lambda: self._there >= wanted or self._ended)
        if self._file is None:
            if not self._path.exists():
                return 0
            self._file = io.FileIO(self._path)
        self._file.seek(self._at)
        count = self._file.readinto(buffer) or 0
        self._at += count
        return count

    def close(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.close()
        super().close()
