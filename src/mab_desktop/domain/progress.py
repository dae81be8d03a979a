"""How long work tells what it does, without knowing who looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told before each unit of work; `step` may raise `Cancelled`."""

    def stage(self, title: str, total: int = 0) -> None:
        """Begin a stage; `title` is a message id, `total` its number of steps (0: not known)."""

    def step(self, n: int = 1) -> None:
        """`n` more units are done."""


class Silent:
    """Progress that nobody watches."""

    def stage(self, title: str, total: int = 0) -> None:
        """Begin a stage."""

    def step(self, n: int = 1) -> None:
        """Go on."""
