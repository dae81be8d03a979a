"""A copy after every step of the exam day, for the reserve PC: each takes the place of the one of the step before.

Copies after acts done only once, and those of every ten minutes, stay as they are kept; these only close the gap
between them. With a second disk the copy, the images and the locks lie there seconds after the step.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mab_desktop.services import backups, second_disk
from mab_desktop.services.context import Context
from mab_desktop.storage import backup

STEP = "step"
# A commit that touches one of these is a step that nobody wants to make again after a PC died.
STEP_TABLES = frozenset({
    "scan_batch", "protocol", "decision", "hall_count", "removal", "act_record", "envelope", "duty_draw", "exam_start",
    "readiness_report", "student_change", "score_row", "appeal", "appeal_item",
})  # fmt: skip


def after_step(ctx: Context) -> Path | None:
    """The copy; None where nothing was done since the newest one."""
    before = backups.newest_copy(ctx)
    if not backups.changed_since_newest(ctx):
        return None
    made = backups.back_up(ctx, STEP)
    if before is not None and before.note is not None and before.note.reason == STEP and before.path != made:
        for folder in (backups.folder_of(ctx), second_disk.place_of(ctx)):
            old = folder / before.path.name if folder else None
            # Only where the newer one lies too: a drive that was full must not lose the last copy that it took.
            # Where the disk does not let the old one go, the copy was made all the same.
            with suppress(OSError):
                if old is not None and old.exists() and (old.parent / made.name).exists():
                    backup.delete(old)
    return made
