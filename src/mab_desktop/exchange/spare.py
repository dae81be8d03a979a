"""Memory of some megabytes that is used again and again: to touch as much new memory takes as long as to encrypt it."""

from __future__ import annotations

from collections import deque


class Spare:
    """What is not in use now; any thread takes and gives back."""

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, size: int) -> bytearray:
        """Memory of at least `size` bytes, with anything in it."""
        try:
            memory = self._free.pop()
        except IndexError:
            return bytearray(size)
        return memory if len(memory) >= size else bytearray(size)

    def give_back(self, memory: bytearray) -> None:
        """Nobody looks at it any more."""
        self._free.append(memory)
