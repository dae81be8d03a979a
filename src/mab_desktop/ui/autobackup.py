"""The backups that nobody asks for: at the start, every ten minutes, after acts and steps; the weekly trial.

They run in the task lane, or beside it while long work holds it: a copy reads one snapshot and no write waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import _
from mab_desktop.services import backups, second_disk, step_copies, trial_restore
from mab_desktop.ui.page import AppContext

TEN_MINUTES, SOON, TRIAL_AFTER = 600_000, 3_000, 60_000
# A commit that touches one of these is followed by a copy of its own.
ONCE_TABLES = frozenset({"shift_step", "seating", "opened_key", "pass_slip", "restored_act"})


class AutoBackup(QObject):
    """Belongs to one log-in; stops when the window works for another person or closes."""

    once_done = Signal()
    step_done = Signal()

    def __init__(self, app: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.app = app
        self._busy = self._told = False
        self._ten, self._soon, self._step, self._trial = (QTimer(self) for _number in range(4))
        self._ten.setInterval(TEN_MINUTES)
        self._ten.timeout.connect(lambda: self.copy(backups.every_ten_minutes))
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(lambda: self.copy(_after_act))
        self._step.setSingleShot(True)
        self._step.setInterval(SOON)
        self._step.timeout.connect(lambda: self.copy(step_copies.after_step))
        self._trial.setSingleShot(True)
        self._trial.setInterval(TRIAL_AFTER)
        self._trial.timeout.connect(self.try_restore)
        self.once_done.connect(self._soon.start)
        self.step_done.connect(self._step.start)
        self._take_off = app.ctx.store.on_change(self._changed)

    def begin(self) -> None:
        """The first copy of the day at once, the others by their timers."""
        self._ten.start()
        self._trial.start()
        self.copy(backups.at_start)

    def stop(self) -> None:
        """No copy any more."""
        self._take_off()
        for timer in (self._ten, self._soon, self._step, self._trial):
            timer.stop()

    def _changed(self, tables: frozenset[str]) -> None:
        if tables & ONCE_TABLES:
            self.once_done.emit()  # from any thread; the timer lives in the window's
        elif tables & step_copies.STEP_TABLES:
            self.step_done.emit()

    def copy(self, work: Callable[[Any], Any]) -> None:
        """Make a copy by `work(ctx)`; one that is at work already is enough."""
        if self._busy:
            return
        self._busy, ctx = True, self.app.ctx
        if self.app.tasks.running:
            self.app.tasks.read(lambda: work(ctx), self._done, self._failed)
        else:
            self.app.tasks.run(_("Backup"), lambda _progress: work(ctx), self._done, self._failed)

    def try_restore(self) -> None:
        """The weekly trial, when it is due."""
        ctx = self.app.ctx
        if trial_restore.is_due(ctx):
            self.app.tasks.run(
                _("Trial restore"), lambda progress: trial_restore.try_restore(ctx, progress), self._done, self._failed
            )

    def _done(self, _made: Any) -> None:
        self._busy = False
        self._tell_second_disk()
        self.app.changed({"backup"})

    def _tell_second_disk(self) -> None:
        """Once, when it stops taking copies although the reserve PC counts on it; then the home page says it."""
        wrong = second_disk.problems(self.app.ctx) if self.app.ctx.role is Role.MINISTRY_PROGRAMMER else []
        if wrong and not self._told:
            self.app.inform(
                wrong[0].message(self.app.ctx.lang),
                safe=_("The work itself and the backups on this computer are whole."),
                next_step=_("Put the disk back or make room on it; the next step brings everything."), kind="warning",
            )  # fmt: skip
        self._told = bool(wrong)

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        self.app.failed(error)  # cancelled, by a button or by the closing window: silence


def _after_act(ctx: Any) -> Any:
    return backups.back_up(ctx, "act") if backups.changed_since_newest(ctx) else None
