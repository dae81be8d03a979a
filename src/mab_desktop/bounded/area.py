"""Memory that parent and worker share: bytes of files in, samples and texts out, without a pipe's copying."""

from __future__ import annotations

import mmap
import os
import secrets
import sys
from dataclasses import dataclass

_LARGE = 16 << 20


@dataclass(frozen=True)
class Area:
    """`memory` is shared; `name` is what the worker finds it by, `inherited` the descriptor that it must get."""

    memory: mmap.mmap
    name: str
    inherited: tuple[int, ...] = ()

    @classmethod
    def make(cls, size: int) -> Area:
        """A new, empty one. It has no name in any folder and is never written to a disk as a file."""
        if sys.platform == "win32":
            name = f"mab-{secrets.token_hex(16)}"
            return cls(mmap.mmap(-1, size, tagname=name), name)
        file = os.memfd_create("mab")
        os.ftruncate(file, size)
        return cls(mmap.mmap(file, size), str(file), (file,))

    @classmethod
    def of_parent(cls, name: str, size: int) -> Area:
        """The parent's, in the worker."""
        if sys.platform == "win32":
            return cls(mmap.mmap(-1, size, tagname=name), name)
        return cls(mmap.mmap(int(name), size), name)

    def give_back(self, used: int) -> None:
        """Let the system have the memory of an unusually large piece of work again."""
        if used > _LARGE and sys.platform == "linux":
            self.memory.madvise(mmap.MADV_REMOVE)

    def close(self) -> None:
        """Let go of it."""
        self.memory.close()
        for file in self.inherited:
            os.close(file)
