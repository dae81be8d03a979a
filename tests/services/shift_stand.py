"""The season that the shifts' machine is played on: three shifts of two small halls, and a commission of appeals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mab_desktop.services import appeals
from mab_desktop.services.context import Context
from tests.services.exam_room import make_room

HALLS = {"101": 3, "102": 2}
SHIFTS = 3


def make_season(make_context: Callable[..., Context], folder: Path) -> Context:
    """Its workplace on the eve of the first shift, to be copied."""
    room = make_room(make_context, folder / "scans", HALLS, SHIFTS)
    for name, chair in (("Төраға", True), ("Екінші", False), ("Үшінші", False)):
        appeals.save_member(room.ctx, {"full_name": name, "chair": chair})
    room.ctx.store.settle()
    return room.ctx
