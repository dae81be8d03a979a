"""Carriers out and in: the one door to everything that leaves or enters a workplace.

Out: `build` (or `export`), `write`, `receipts.give`. In: `examine`, `accept` (or `load`, or
`take_all` for everything new on a drive). The parts: `sending`, `taking`, `batch`, `receipts`, `waiting_room`,
`forks`, `fork_decisions`.
"""

from __future__ import annotations

from mab_desktop.services.batch import Planned, Taken, plan, take_all
from mab_desktop.services.carriers import (
    BUILT,
    RECEIPTED,
    WRITTEN,
    as_drive,
    handler_for,
    handlers,
    list_carriers,
    mode,
    my_keys,
    organisation_name,
)
from mab_desktop.services.sending import Exported, Made, Offer, build, export, offers, unchanged, write
from mab_desktop.services.taking import Accepted, Incoming, accept, examine, load

__all__ = [
    "BUILT", "RECEIPTED", "WRITTEN", "Accepted", "Exported", "Incoming", "Made", "Offer", "Planned", "Taken", "accept",
    "as_drive", "build", "examine", "export", "handler_for", "handlers", "list_carriers", "load", "mode", "my_keys",
    "offers", "organisation_name", "plan", "take_all", "unchanged", "write",
]  # fmt: skip
