"""Taking back the saving of a record: a new one is marked deleted, a changed one gets its values of before again.

Nothing is unwritten: both are changes of their own, with their events, history and ground.
"""

from __future__ import annotations

from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.student import STUDENT, value_from_text
from mab_desktop.i18n import N_, translate
from mab_desktop.services import students
from mab_desktop.services.context import Context
from mab_desktop.services.students import Saved, StudentRow

_GROUND = N_("Saving taken back")


def take_back(ctx: Context, saved: Saved, version_before: int) -> StudentRow:
    """Undo what `students.save` just did to the record that had `version_before` (0: it was new); the record now.

    Refused where somebody changed the record after it.
    """
    row = students.get(ctx, saved.id)
    if row.version != saved.version or row.deleted_at:
        raise UserError(N_("{by} has changed this record since. It stays as it is."), by=row.changed_by)
    ground = translate(ctx.lang, _GROUND)
    if not version_before:
        students.delete(ctx, [saved.id], ground)
    else:
        values = row.values() | _before(ctx, saved.id, version_before)
        base = values.pop("base_university", "")
        students.save(ctx, values, student_id=saved.id, version=row.version, partial=True, base_university=base,
                      ground=ground)  # fmt: skip
    return students.get(ctx, saved.id)


def _before(ctx: Context, student_id: str, version: int) -> dict[str, Any]:
    """The values, as of `version`, of the fields that changed after it."""
    later = [change for change in students.history(ctx, student_id) if change.version > version]
    oldest = {change.field: change.old for change in later}  # the newest come first
    return {
        name: value_from_text(name, old) if name in STUDENT.names else old
        for name, old in oldest.items()
        if name in STUDENT.names or name == "base_university"
    }
