"""A guess at a password that costs little: nearly every test logs in, and what that costs in earnest is measured by
`mab bench carrier`. What is written says what it would have cost, so that no file tells of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mab_desktop.exchange import kdf

if TYPE_CHECKING:
    import pytest

CHEAP = kdf.KdfParams(8, 1, 1)


def make_guesses_cheap(patch: pytest.MonkeyPatch) -> None:
    """As long as `patch` holds, in this process; whatever is locked so opens only so."""
    derive = kdf.derive
    patch.setattr(kdf, "derive", lambda secret, salt, _params: derive(secret, salt, CHEAP))
