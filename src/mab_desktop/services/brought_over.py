"""After a copy took the place of the database: from when it is, and which pass is the last that it holds.

Whoever took over on the reserve PC, or went back to a backup, must see that sheets which went through the scanner after
that copy are not here, although somebody remembers scanning them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import AuditEntry

RESTORED, SAVED = "backup-restored", "pass-scanned"


@dataclass(frozen=True, slots=True)
class BroughtOver:
    """`at` is the last thing that the copy knows; `hall` and `scan_pass` of the last pass saved in it ("" for none)."""

    at: str
    shift: int
    hall: str
    scan_pass: int


def brought_over(ctx: Context) -> BroughtOver | None:
    """What the copy held that this workplace goes on from; None without one, or once a pass was saved here since."""
    with ctx.store.read() as session:
        restored = _newest(session, RESTORED)
        if restored is None:
            return None
        saved = _newest(session, SAVED)
        if saved is not None and saved.n > restored.n:
            return None
        head = restored.details.get("copy_head") or [0]
        last = session.get(AuditEntry, int(head[0]))
        at = last.at if last is not None else restored.at
        if saved is None:
            return BroughtOver(at, 0, "", 0)
        shift, _sign, hall = saved.object.partition("-")
        return BroughtOver(at, int(shift), hall, int(saved.details.get("scan_pass", 0)))


def _newest(session: Session, event: str) -> AuditEntry | None:
    query = select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.n.desc()).limit(1)
    return session.scalars(query).first()
