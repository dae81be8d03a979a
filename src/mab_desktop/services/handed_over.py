"""Whether this PC handed its work over to the reserve PC: then nothing leaves or enters it any more."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context
from mab_desktop.services.settings import setting

SETTING = "handed-over"


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
        found = handed_over(session)
    if found is not None:
        raise OutOfOrder(
            N_("This computer handed its work over to {to} on {at}. Nothing was changed."),
            next_step=N_("Go on there. If nobody took over, take the work back on the page of backups."),
            to=found.to, at=found.at[:16].replace("T", " "),
        )  # fmt: skip
