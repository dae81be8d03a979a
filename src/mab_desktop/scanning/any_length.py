"""Scanners found to give pages of a length that nobody knows beforehand, kept for every program of this person.

The list lies beside what other programs keep of themselves (XDG Base Directory: $XDG_STATE_HOME), a name a line: the
windows and `mab scan` learn it from each other, and no second sheet is fed in vain. Where nothing can be written there,
this process knows it alone.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAME = Path("mab_desktop") / "scanners-of-any-length"
_MOST = 50
_only_here: set[str] = set()  # what could not be written down


def gives_any_length(device: str) -> bool:
    """True when this device was found to be such a one."""
    return device in _only_here or device in _kept()


def keep_any_length(device: str) -> None:
    """From now on this device's pages are asked for in a form that takes any length."""
    known = _kept()
    if device in known:
        return
    try:
        _place().parent.mkdir(parents=True, exist_ok=True)
        _place().write_text("".join(f"{one}\n" for one in [*known, device][-_MOST:]), encoding="utf-8")
    except OSError:
        _only_here.add(device)


def _kept() -> list[str]:
    try:
        return _place().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _place() -> Path:
    own = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (own if own.is_absolute() else Path.home() / ".local" / "state") / _NAME
