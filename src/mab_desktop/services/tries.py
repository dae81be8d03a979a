"""Tries at something sealed: slowed, counted, and committed before the result of a try shows (p.30, p.39).

Waits go by the seconds that the computer has been running, not by its clock: putting the clock forward or back neither
shortens nor lengthens them, and after a restart what is left of a wait is reckoned from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mab_desktop.domain.clock import gone_by
from mab_desktop.domain.errors import WrongPassword
from mab_desktop.exchange.key_envelope import wait_before_next
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.tables.results import PasswordTries

SEATING = "seating-"  # how subjects of a shift's seats begin
LONGEST_WAIT = 900  # seconds, as for log-ins


@dataclass(frozen=True)
class TryState:
    """How often something was tried, until when the next try must wait, whether it is shut for good."""

    tries: int
    wait_until: datetime | None
    shut: bool


def _wait(subject: str, tries: int) -> int | None:
    """Seconds to wait after so many tries; None where it is shut: the key, for which a new file can come.

    Seats are never shut for good, or a prank on the eve could stop an exam; 65 bits stand against guessing.
    """
    wait = wait_before_next(tries)
    if not subject.startswith(SEATING):
        return wait
    return LONGEST_WAIT if wait is None else min(wait, LONGEST_WAIT)


def try_state(ctx: Context, session: Session, subject: str) -> TryState:
    """Where the tries at `subject` stand now."""
    row = session.get(PasswordTries, subject)
    if row is None:
        return TryState(0, None, False)
    wait = _wait(subject, row.tries)
    if wait is None:
        return TryState(row.tries, None, True)
    left = 1000 * wait - gone_by(row.ticks, _ticks(ctx))
    return TryState(row.tries, ctx.clock.now() + timedelta(milliseconds=left) if left > 0 else None, False)


def _ticks(ctx: Context) -> int:
    """Milliseconds since the computer was started."""
    return int(1000 * ctx.clock.ticks())


def count_try(ctx: Context, subject: str) -> int:
    """Count a try and commit it; WrongPassword when it must wait or is shut. Gives the number of the try.

    Called before the password is looked at, so that pulling the plug does not give a free guess.
    """
    with ctx.store.write(ctx.actor) as tx:
        state = try_state(ctx, tx.session, subject)
        if state.shut:
            raise WrongPassword(
                N_("Too many wrong passwords: this is shut for good here."),
                next_step=N_("Nothing was opened. Call the testing centre for a new sealed file."),
            )
        if state.wait_until is not None:
            raise WrongPassword(
                N_("After {n} wrong tries the next one is possible at {time}."),
                next_step=N_("Nothing was opened."), n=state.tries, time=state.wait_until.strftime("%H:%M:%S"),
            )  # fmt: skip
        tx.session.merge(PasswordTries(subject=subject, tries=state.tries + 1, last_at=stamp(ctx), ticks=_ticks(ctx)))
        tx.note("password-tried", subject, n=state.tries + 1)
    return state.tries + 1


def season_mode(ctx: Context) -> str:
    """How sealed things call the season's mode."""
    return "official" if ctx.season.official else "test"
