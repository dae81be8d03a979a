"""Work on a drive stands in the log twice: that it began, and how it ended. A crash leaves the first one alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.exchange import drive as drive_files
from mab_desktop.services.context import Context

READ, WRITE = "read", "write"


@contextmanager
def drive_work(ctx: Context, drive: str, way: str, files: Sequence[str], needed: int = 0) -> Iterator[None]:
    """Note the pair around the block; errors of the system are said in words (`needed` bytes where it is full)."""
    name = drive_files.shown_name(drive)
    with ctx.store.write(ctx.actor) as tx:
        tx.note("drive-started", name, way=way, files=list(files))
    try:
        with drive_files.drive_errors(needed):
            yield
    except (UserError, Cancelled) as error:
        how = "cancelled" if isinstance(error, Cancelled) else "refused"
        with ctx.store.write(ctx.actor) as tx:
            tx.note("drive-finished", name, disposition=how, way=way, code=getattr(error, "code", ""))
        raise
    with ctx.store.write(ctx.actor) as tx:
        tx.note("drive-finished", name, way=way)
