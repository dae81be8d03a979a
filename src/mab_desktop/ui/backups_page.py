"""The page of backups, the same in every application: how safe the work is now, every copy, the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from mab_desktop.domain.calendar import Status
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import backup_views, backups, log_view, reserve, second_disk, trial_restore
from mab_desktop.services.backups import BackupLine
from mab_desktop.services.reserve import ReserveSet
from mab_desktop.ui.backup_questions import ask_for_reserve, ask_for_second_disk, ask_for_second_person
from mab_desktop.ui.formats import shown_moment, shown_size
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts, Section, StateLabel, clear, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark, StepState

MARKS = {Status.DONE: Mark.DONE, Status.DUE: Mark.DUE, Status.LATE: Mark.LATE, Status.BLOCKED: Mark.BLOCKED}


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy in words."""

    name: str
    at: datetime
    when: str
    why: str
    size: str
    place: str
    checked: str
    head: str
    line: BackupLine


def _row(line: BackupLine) -> CopyRow:
    places = [_("This computer")] * line.here + [_("Second disk")] * line.second
    checked = shown_moment(datetime.fromisoformat(line.checked)) if line.checked else _("when made")
    head = f"{line.n} · {line.head[:12]}" if line.head else ""
    return CopyRow(
        line.name, line.at, shown_moment(line.at), _(line.why), shown_size(line.size), ", ".join(places), checked, head,
        line,
    )  # fmt: skip


class BackupsPage(ListPage):
    """Newest first. The strip above says at a glance whether anything is missing."""

    def settle(self, spec: PageSpec) -> None:
        """The strip of states stands over the list."""
        super().settle(spec)
        self._strip = QWidget()
        self._states = QHBoxLayout(self._strip)
        self._states.setContentsMargins(0, 0, 0, 0)
        self.body.insertWidget(0, self._strip)

    def table(self) -> TableSource:
        """Every copy at hand."""
        columns = (
            Column("when", N_("When"), 16, kind="code"),
            Column("why", N_("Why"), 26),
            Column("place", N_("Where"), 30),
            Column("size", N_("Size"), 9, kind="code"),
            Column("checked", N_("Checked"), 16, kind="code"),
            Column("head", N_("Newest line of the log"), 20, kind="code", shown=False),
        )
        return Rows(columns, lambda: [_row(line) for line in backups.lines(self.app.ctx)], "name")

    def chips(self) -> Sequence[FilterChip]:
        """Those that lie on one disk only."""
        return (FilterChip("one-disk", N_("On one disk only"), lambda row: not (row.line.here and row.line.second)),)

    def page_actions(self) -> Sequence[Action]:
        """What can be done about backups."""
        return (
            Action(N_("Restore…"), self.restore, "backup"),
            Action(N_("Reserve PC…"), self.reserve, "drive"),
            Action(N_("Second disk…"), self.second, "database"),
            Action(N_("Check now"), self.check, "verify"),
            Action(N_("Back up now"), self.back_up_now, "save", primary=True),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """The strip and the list."""
        super().refresh(changed)
        clear(self._states)
        for glance in backup_views.glances(self.app.ctx):
            card = Section()
            card.body.addWidget(label(_(glance.title), "muted", wrap=True))
            card.body.addWidget(StateLabel(MARKS[glance.status], glance.words.message(active())))
            card.body.addStretch(1)
            self._states.addWidget(card, 1)
        gone = backup_views.gone_to(self.app.ctx)
        self.closed_reason = (
            _("This computer handed its work over to {to}: go on there.").format(to=gone.to) if gone else ""
        )

    def details(self, row: CopyRow) -> Sequence[Facts]:
        """The copy, the trial restore, and what waits after a restore."""
        line = row.line
        copy = Facts(
            _("Backup"),
            ((_("When"), row.when), (_("Why"), row.why), (_("Where"), row.place), (_("Size"), row.size),
             (_("Checked"), row.checked), (_("Newest line of the log"), row.head), (_("File"), line.path.name)),
        )  # fmt: skip
        found = [copy]
        trial = trial_restore.last(self.app.ctx)
        if trial is not None:
            verdict = _("whole, {n} rows").format(n=trial.rows) if trial.whole else trial.reason
            when = shown_moment(datetime.fromisoformat(trial.at))
            found.append(Facts(_("Trial restore"), ((_("When"), when), (_("Backup"), trial.copy),
                                                    (_("How it ended"), verdict))))  # fmt: skip
        acts = backup_views.open_acts(self.app.ctx)
        if acts:
            words = tuple((at, f"{log_view.event_title(event, active())}: {subject}") for event, subject, at in acts)
            found.append(Facts(_("To be done again"), words))
        return tuple(found)

    def empty_words(self) -> tuple[str, str]:
        """No copy yet."""
        return _("There is no backup yet"), _("Press “Back up now”. After that one is made every ten minutes of work.")

    def help_words(self) -> str:
        """What is kept, and how one goes back."""
        return _(
            "A copy is made at the start of a day, every ten minutes of work, before a file is taken, at an export and "
            "when a shift is closed. All of two days are kept, then 12 daily, 10 weekly and 9 monthly ones. Two "
            "persons go back to a copy together; the log says so, and nothing done only once is undone by it."
        )

    # --- acts ------------------------------------------------------------------------------------------------------

    def back_up_now(self) -> None:
        """One more copy."""
        ctx = self.app.ctx
        self.app.tasks.run(_("Backup"), lambda progress: backups.back_up(ctx, "asked", progress), self._renew)

    def check(self) -> None:
        """Open every copy and check it whole."""
        ctx = self.app.ctx
        self.app.tasks.run(_("Checking the copies"), lambda progress: backups.check_all(ctx, progress), self._checked)

    def _checked(self, found: backups.Checked) -> None:
        self._renew()
        if found.damaged:
            names, left = ", ".join(found.damaged[:3]), ", ".join(found.left[:3])
            aside = _("They were set aside, the others are whole.")
            still = _("The disk did not let these be set aside: {names}. Do not restore from them.").format(names=left)
            self.app.inform(
                _("{n} copies are damaged: {names}.").format(n=len(found.damaged), names=names),
                safe=still if found.left else aside,
                next_step=_("Check the disk; a new copy was made."), kind="error",
            )  # fmt: skip
        else:
            self.app.inform(_("{n} copies were opened and are whole.").format(n=found.whole))

    def second(self) -> None:
        """Choose the second disk."""
        folder = ask_for_second_disk(self, self.app)
        if folder is None:
            return
        with self.app.guarded():
            second_disk.choose(self.app.ctx, folder)
            self.back_up_now()

    def reserve(self) -> None:
        """Write a set for the reserve PC, and hand over when it is asked for; or take a hand-over back."""
        if backup_views.gone_to(self.app.ctx) is not None:
            self._take_back()
            return
        asked = ask_for_reserve(self, self.app)
        if asked is None:
            return
        ctx = self.app.ctx

        def work(progress: Progress) -> ReserveSet:
            return reserve.write_set(ctx, Path(asked.drive), progress, hand_over_to=asked.hand_over_to)

        self.app.tasks.run(_("Copy for the reserve PC"), work, self._written)

    def _written(self, made: ReserveSet) -> None:
        self._renew()
        next_step = _("Start the program on the reserve PC and choose “Restore or take over”.")
        self.app.inform(
            _("Written and verified: {name}.").format(name=made.folder.name), next_step=next_step,
            safe=_("This computer has stopped: nothing leaves or enters it.") if made.handed_over else "",
        )  # fmt: skip

    def _take_back(self) -> None:
        asked = ask_for_second_person(self, self.app)
        if asked is None:
            return
        with self.app.guarded():
            reserve.take_back(self.app.ctx, *asked)
        self._renew()

    def restore(self) -> None:
        """Leave the work for the guided restore."""
        title = _("Go back to a backup?")
        text = _("The database is closed. A copy is looked at first; nothing changes until two persons confirm.")
        if ask_to_confirm(self, title, text, _("Close the work and go on"), cannot_undo=False):
            self.app.shell.step_out()

    def _renew(self, _result: object = None) -> None:
        self.refresh()
        self.app.changed({"backup"})


def page(phase: str) -> PageSpec:
    """The step of the rail, in the application's last phase."""
    return PageSpec("backups", N_("Backups"), phase, "backup", BackupsPage, state=backups_state)


def backups_state(app: AppContext) -> StepState:
    """For the rail: what the home page says of backups."""
    found = [problem for problem in backup_views.hindrances(app.ctx) if problem.field == "backups"]
    return StepState(Mark.LATE, found[0].message(active())) if found else StepState()

