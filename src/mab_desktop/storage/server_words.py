"""What PostgreSQL says about itself, in words."""

from __future__ import annotations

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_

# PostgreSQL's own numbers of what went wrong: whole ones, and classes of them.
_STATES = {
    "55P03": N_("Another program holds the database. Nothing was changed. Close it and do it again."),
    "53100": N_("The disk is full. What was saved before is safe. Free some space and do it again."),
    "25006": N_("The database cannot be written to. Nothing was changed. Ask who looks after the server."),
    "42501": N_("The database cannot be written to. Nothing was changed. Ask who looks after the server."),
}
_CLASSES = {
    "08": N_("The database server broke off. What was saved before is safe. Do it again."),
    "57": N_("The database server was stopped. What was saved before is safe. Do it again when it runs."),
    "58": N_("The disk does not answer. What was saved before is safe. Check the disk and do it again."),
    "28": N_("The database server does not let you in. Nothing was changed. Ask who looks after it."),
    "3D": N_("The server has no such database. Nothing was changed. Ask who looks after it."),
}
# A connection that could not be made, or broke off, has no number of its own.
_LOST = ("connection failed", "connection is bad", "connection timeout", "server closed the connection",
         "connection is lost", "could not connect", "could not receive data", "the connection is closed")  # fmt: skip


def told(error: Exception) -> UserError | None:
    """The words for an error of the driver; None for what is our own fault."""
    state = getattr(error, "sqlstate", None) or ""
    text = _STATES.get(state) or _CLASSES.get(state[:2])
    if text is not None:
        return UserError(text, exit_code=EXIT_SYSTEM)
    said = str(error)
    if not any(sign in said for sign in _LOST):
        return None
    reason = said.partition("FATAL:")[2].strip().partition("\n")[0]
    return UserError(
        N_("The database server does not answer. What was saved before is safe. {reason}"),
        next_step=N_("Ask who looks after the server, then do it again."), exit_code=EXIT_SYSTEM, reason=reason,
    )  # fmt: skip
