"""Whether the log of a workplace is whole: its hash chain walked from the first line."""

from __future__ import annotations

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context


def check_log(ctx: Context) -> tuple[int, str]:
    """How many lines the log has and the head of its chain; UserError names the first line that does not hold."""
    broken = ctx.store.verify_log()
    if broken is not None:
        raise UserError(
            N_("The log is damaged from line {n} on."),
            next_step=N_("Change nothing more here, keep this database and call the testing centre."),
            n=broken,
        )
    return ctx.store.log_head()
