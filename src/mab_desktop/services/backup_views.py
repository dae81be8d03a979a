"""What the page of backups shows at a glance: newest copy, second disk, trial restore, who could confirm."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from mab_desktop.domain.calendar import Status
from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_
from mab_desktop.services import backups, log_view, restored_acts, second_disk, trial_restore
from mab_desktop.services.context import Context, shown
from mab_desktop.services.handed_over import HandedOver, handed_over
from mab_desktop.storage.tables.core import Account


@dataclass(frozen=True, slots=True)
class Glance:
    """One state with its words; `title` is a message id."""

    title: str
    status: Status
    words: Problem


def glances(ctx: Context) -> list[Glance]:
    """The states, always in the same order."""
    return [_newest(ctx), _second(ctx), _trial(ctx), _persons(ctx)]


def _newest(ctx: Context) -> Glance:
    found, title = backups.newest_copy(ctx), N_("Newest backup")
    if found is None:
        return Glance(title, Status.LATE, Problem("", N_("There is no backup yet.")))
    when = (("moment", found.at.strftime("%d.%m.%Y %H:%M")),)
    if not backups.changed_since_newest(ctx):
        return Glance(title, Status.DONE, Problem("", N_("{moment}; nothing was changed since."), when))
    late = any("{moment}" in problem.text for problem in backups.problems(ctx))
    return Glance(title, Status.LATE if late else Status.DUE, Problem("", N_("{moment}; work went on since."), when))


def _second(ctx: Context) -> Glance:
    found, title = second_disk.state(ctx), N_("Second disk")
    if found is None:
        return Glance(title, Status.DUE, Problem("", N_("Not chosen: all backups lie on this disk.")))
    if not found.present:
        return Glance(title, Status.LATE, Problem("", N_("Absent: connect it.")))
    if found.error:
        return Glance(title, Status.LATE, Problem("", N_("It refuses: {reason}"), (("reason", found.error),)))
    if not found.last:
        return Glance(title, Status.DUE, Problem("", N_("Connected; it gets the next backup.")))
    return Glance(title, Status.DONE, Problem("", N_("Written {moment}."), (("moment", shown(found.last)),)))


def _trial(ctx: Context) -> Glance:
    found, title = trial_restore.last(ctx), N_("Trial restore")
    if found is None:
        return Glance(title, Status.DUE, Problem("", N_("Not tried yet; once a week by itself.")))
    when = ("moment", shown(found.at))
    if not found.whole:
        return Glance(title, Status.LATE, Problem("", N_("{moment}: {reason}"), (when, ("reason", found.reason))))
    status = Status.DUE if trial_restore.is_due(ctx) else Status.DONE
    return Glance(title, status, Problem("", N_("{moment}: whole, {n} rows came back."), (when, ("n", found.rows))))


def _persons(ctx: Context) -> Glance:
    title = N_("Two persons for a restore")
    with ctx.store.read() as session:
        count = session.scalar(select(func.count()).select_from(Account).where(Account.active)) or 0
    if count >= 2:
        return Glance(title, Status.DONE, Problem("", N_("{n} may log in here."), (("n", count),)))
    return Glance(title, Status.DUE, Problem("", N_("Only one may log in here: let a second person in.")))


def open_acts(ctx: Context) -> list[tuple[str, str, str]]:
    """Acts from before a restore that wait to be done again: event, what it is about, when."""
    return [
        (event, log_view.subject(subject, ctx.lang), shown(at)) for event, subject, at in restored_acts.still_open(ctx)
    ]


def hindrances(ctx: Context) -> list[Problem]:
    """What the home page says of backups, restores and the reserve PC."""
    found = list(backups.problems(ctx))
    with ctx.store.read() as session:
        gone = handed_over(session)
    if gone is not None:
        text = N_("This computer handed its work over to {to} on {at}: go on there.")
        found.insert(0, Problem("backups", text, (("to", gone.to), ("at", shown(gone.at)))))
    trial = trial_restore.last(ctx)
    if trial is not None and not trial.whole:
        found.append(Problem("backups", N_("The trial restore failed: {reason}"), (("reason", trial.reason),)))
    left = restored_acts.still_open(ctx)
    if left:
        text = N_("{n} acts from before the restore must be done again.")
        found.append(Problem("backups", text, (("n", len(left)),)))
    return found


def gone_to(ctx: Context) -> HandedOver | None:
    """Whether this PC handed over."""
    with ctx.store.read() as session:
        return handed_over(session)
