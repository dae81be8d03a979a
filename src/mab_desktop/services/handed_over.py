"""Whether this PC handed its work over to the reserve PC: then nothing is changed here, nothing leaves or enters it.

It handed over by itself, or it learns it from its second disk: a PC that took over from that disk left a mark there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, shown
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage import backup
from mab_desktop.storage.store import Store

SETTING, TAKEN = "handed-over", "mab-taken-over.json"
# What a PC that handed over may still write down: looking, copying, and taking the work back.
STILL = frozenset({
    "workplace-handed-over", "hand-over-taken-back", "logged-in", "login-refused", "window-unlocked", "backup-made",
    "backup-checked", "restore-tried", "reserve-copied", "recovery-renewed", "drive-started", "drive-finished",
    "drive-ejected", "migration-run", "setting-changed",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class HandedOver:
    """To whom, when, by whom."""

    to: str
    at: str
    by: str


def handed_over(session: Session) -> HandedOver | None:
    """Whether this PC handed its work over."""
    kept = setting(session, SETTING)
    return HandedOver(**kept) if kept else None


def refuse_if_handed_over(ctx: Context) -> None:
    """The reserve PC's files would contradict what this one sends or takes."""
    with ctx.store.read() as session:
        _refuse(session)


def keep_watch(store: Store) -> None:
    """From now on refuse every change of a PC that handed over, whatever use case it comes from."""

    def guard(session: Session, events: frozenset[str]) -> None:
        if events - STILL:
            _refuse(session)

    store.guard = guard


def _refuse(session: Session) -> None:
    found = handed_over(session)
    if found is not None:
        raise OutOfOrder(
            N_("This computer handed its work over to {to} on {at}. Nothing was changed."),
            next_step=N_("Go on there. If nobody took over, take the work back on the page of backups."),
            to=found.to, at=shown(found.at),
        )  # fmt: skip


# -- learned from the drive


def mark_taken(place: Path, epoch: int, at: str, by: str) -> bool:
    """Leave a mark where the copy lay that another PC goes on with; False where the drive takes no file."""
    told = {"epoch": epoch, "at": at, "by": by}
    try:
        backup.write_file(place / TAKEN, json.dumps(told, ensure_ascii=False).encode())
    except OSError:
        return False
    return True


def taken(place: Path, epoch: int) -> HandedOver | None:
    """Who went on from this place in an epoch after `epoch`; None where nobody did."""
    try:
        told = json.loads((place / TAKEN).read_bytes()[:4096])
        later = int(told["epoch"]) > epoch
        return HandedOver(str(told["by"])[:120], str(told["at"])[:40], str(told["by"])[:120]) if later else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def notice(ctx: Context, place: Path | None) -> bool:
    """Look whether another PC took over from the second disk; True when it did, and this one stops from now on."""
    with ctx.store.read() as session:
        if handed_over(session) is not None:
            return True
        found = taken(place, int(setting(session, "epoch").get("epoch", 1))) if place else None
    if found is None:
        return False
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, SETTING, {"to": found.to, "at": found.at, "by": found.by})
        tx.note("workplace-handed-over", found.to, why="the second disk says that another computer took over")
    return True
