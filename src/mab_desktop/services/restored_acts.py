"""Acts from before a restore that the copy did not hold: done again, they come out as they did."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, shown
from mab_desktop.services.restore_rules import open_acts
from mab_desktop.storage.tables.restored import RestoredAct

DRAWN = "seats-drawn"


def act_before(session: Session, event: str, subject: str) -> RestoredAct | None:
    """What was done before the restore under this name."""
    return session.get(RestoredAct, (event, subject))


def refuse_new_freeze(session: Session, shift: int) -> None:
    """The seats of the shift were drawn before the restore: another freeze would let them be drawn otherwise."""
    act = act_before(session, DRAWN, f"shift-{shift}")
    if act is not None:
        raise OutOfOrder(
            N_("The seats of shift {n} were drawn on {at}, before the restore; the lists have changed since (p.30)."),
            next_step=N_("Nothing was changed. Restore a newer copy, or load the lists as they were then."),
            n=shift, at=shown(act.at),
        )  # fmt: skip


def require_same_draw(session: Session, shift: int, result: str) -> None:
    """A draw that was made before the restore is only repeated with the very same seats."""
    act = act_before(session, DRAWN, f"shift-{shift}")
    if act is not None and act.details.get("result") != result:
        raise OutOfOrder(
            N_("These are not the seats that were drawn on {at}, before the restore. No seats were drawn (p.30)."),
            next_step=N_("Restore a newer copy, or call the testing centre."), at=shown(act.at),
        )  # fmt: skip


def still_open(ctx: Context) -> list[tuple[str, str, str]]:
    """Event, object and time of each act from before a restore that was not done again yet."""
    with ctx.store.read() as session:
        return [(row.event, row.object, row.at) for row in open_acts(session)]
