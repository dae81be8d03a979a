"""The check of every received record, done in a task: seconds at 20,000 students, so no page waits for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board
from mab_desktop.services.base_board import Duplicate, RecordProblem
from mab_desktop.services.context import Context
from mab_desktop.ui.page import AppContext

_NEWS = "record-check"
# What the outcome depends on; other news leave it as it is.
_TABLES = frozenset({"student", "reference_item", "setting"})


@dataclass
class RecordCheck:
    """Broken rules by network university, and students who may be one person.

    `fresh` until records change, `running` while they are checked.
    """

    broken: dict[str, list[RecordProblem]] = field(default_factory=dict)
    twins: list[Duplicate] = field(default_factory=list)
    fresh: bool = False
    running: bool = False


_checks: WeakKeyDictionary[AppContext, RecordCheck] = WeakKeyDictionary()


def record_check(app: AppContext, changed: set[str] | None) -> RecordCheck:
    """What is known now; when records changed, checks anew in a task, and the pages hear of its end."""
    check = _checks.setdefault(app, RecordCheck())
    if changed is None or changed & _TABLES:
        check.fresh = False
    if not check.fresh:
        check.fresh = check.running = True
        ctx = app.ctx
        app.tasks.run(
            _("Checking the records"), lambda progress: _look(ctx, progress),
            lambda found: _keep(app, check, found), lambda error: _failed(app, check, error),
        )  # fmt: skip
    return check


def _look(ctx: Context, progress: Progress) -> RecordCheck:
    lines = [line for line in base_board.board(ctx) if line.students]
    progress.stage(N_("Checking the records"), len(lines))
    found = RecordCheck(twins=base_board.duplicates(ctx))
    for line in lines:
        found.broken[line.university] = base_board.record_problems(ctx, line.university)
        progress.step()
    return found


def _keep(app: AppContext, check: RecordCheck, found: RecordCheck) -> None:
    check.broken, check.twins, check.running = found.broken, found.twins, False
    app.changed({_NEWS})


def _failed(app: AppContext, check: RecordCheck, error: BaseException) -> None:
    check.fresh = check.running = False
    app.failed(error)
