"""What others approve on paper and the program only notes: the commission's members (the ministry), its plan (p.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.tables.core import AuditEntry, StepDone

MEMBERS, PLAN = "commission-members", "commission-plan"
# What changes the thing after it was approved.
_CHANGES = {
    MEMBERS: ("commission-member-saved", "commission-member-removed", "commission-member-left",
              "commission-member-stays"),
    PLAN: ("plan-item-saved", "plan-item-removed", "plan-proposed"),
}  # fmt: skip
_STEP = "approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """The paper that approves something; `changed` when the thing was changed after it was noted."""

    paper: str
    day: date
    by: str
    changed: bool


def approval(ctx: Context, of: str) -> Approval | None:
    """The last approval of the members or the plan, None when none is noted."""
    with ctx.store.read() as session:
        row = session.get(StepDone, (_STEP, of))
        if row is None:
            return None
        noted = select(AuditEntry.n).where(AuditEntry.event == "approval-noted", AuditEntry.object == of)
        last = session.scalar(noted.order_by(AuditEntry.n.desc()).limit(1)) or 0
        later = select(AuditEntry.n).where(AuditEntry.event.in_(_CHANGES[of]), AuditEntry.n > last).limit(1)
        day, _space, paper = row.note.partition(" ")
        return Approval(paper, date.fromisoformat(day), row.by, session.scalar(later) is not None)


def note_approval(ctx: Context, of: str, paper: str, day: date) -> None:
    """Note the paper that approves the members or the plan as they stand now, and its day."""
    require(ctx, Role.BASE_UNI)
    if of not in _CHANGES:
        raise UserError(N_("{value} is not in the list."), value=of)
    words = paper.strip()
    if not words:
        raise Refused([Problem("paper", N_("Enter what approves it: the paper and its number."))])
    if day > ctx.clock.now().date():
        raise Refused([Problem("day", N_("This day has not come yet."))])
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(StepDone(step=_STEP, subject=of, at=stamp(ctx), by=ctx.actor.login,
                                  note=f"{day.isoformat()} {words[:200]}"))  # fmt: skip
        tx.note("approval-noted", of, paper=words[:200], day=day.isoformat())
