"""The home page of the base university: the steps of p.17-25, the next one, what is late or closed, four numbers."""

from __future__ import annotations

from datetime import date
from weakref import WeakKeyDictionary

from mab_desktop.i18n import _, active
from mab_desktop.services.home_base import BaseHome, HomeStep, StepState, base_home
from mab_desktop.ui import states
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.home import EmptySeason, Hindrance, HomeFacts, NextStep, Number, TimelineEntry
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import banner

_MARKS = {
    StepState.DONE: Mark.DONE,
    StepState.DUE: Mark.DUE,
    StepState.LATE: Mark.LATE,
    StepState.OPEN: Mark.NONE,
    StepState.BLOCKED: Mark.BLOCKED,
}
_known: WeakKeyDictionary[AppContext, tuple[tuple[int, date], BaseHome]] = WeakKeyDictionary()


def season(app: AppContext) -> BaseHome:
    """How the season stands; counted again only when something was written since, for the rail asks step by step."""
    now = (app.ctx.store.log_head()[0], app.ctx.clock.now().date())
    kept = _known.get(app)
    if kept is None or kept[0] != now:
        kept = (now, base_home(app.ctx))
        _known[app] = kept
    return kept[1]


def step_state(app: AppContext, *keys: str) -> states.StepState:
    """The state of a rail's step that stands for several steps of the season: the most pressing of them."""
    found = [step for step in season(app).steps if step.key in keys]
    for state in (StepState.LATE, StepState.DUE, StepState.BLOCKED, StepState.OPEN, StepState.DONE):
        for step in found:
            if step.state is state:
                return states.StepState(_MARKS[state], _reason(step))
    return states.StepState()


def home(app: AppContext) -> HomeFacts:
    """Everything the home page shows."""
    found, seen = season(app), banner(app)
    return HomeFacts(
        found.today, seen.person, seen.organisation, seen.season, _timeline(found), _next(found),
        tuple(Hindrance(_(step.title), _reason(step), _MARKS[step.state], step.page)
              for step in found.hindrances[: max(6, found.late)]),
        _numbers(found), _empty() if not found.universities else None,
    )  # fmt: skip


def _timeline(found: BaseHome) -> tuple[TimelineEntry, ...]:
    dated = sorted((step for step in found.steps if step.due), key=lambda step: step.due or found.today)
    return tuple(
        TimelineEntry(step.due, f"{_(step.title)} — {step.done}/{step.total}", step.paragraph, _MARKS[step.state],
                      step.page)
        for step in dated if step.due
    )  # fmt: skip


def _next(found: BaseHome) -> NextStep | None:
    step = found.next_step
    if step is None:
        return None
    parts = [_("{done} of {total} done.").format(done=step.done, total=step.total) if step.total > 1 else ""]
    if step.due:
        parts.append(_("Last day: {day}.").format(day=shown_date(step.due)))
    return NextStep(_(step.title), step.page, " ".join(part for part in parts if part), _("Go on"))


def _numbers(found: BaseHome) -> tuple[Number, ...]:
    def of(total: int) -> str:
        return _("of {n}").format(n=shown_number(total))

    return (
        Number(_("Databases received"), shown_number(found.received), note=of(found.universities), page="board"),
        Number(_("Students"), shown_number(found.students), page="students"),
        Number(_("Allotted"), shown_number(found.allotted), note=of(found.students), page="final"),
        Number(_("Passes numbered"), shown_number(found.numbered), note=of(found.allotted), page="passes"),
        Number(_("Stubs received"), shown_number(found.stubs), note=of(found.numbered), page="stubs"),
    )


def _reason(step: HomeStep) -> str:
    if step.reason is not None:
        return step.reason.message(active())
    words = _("{done} of {total} done.").format(done=step.done, total=step.total)
    day = _("Last day: {day}.").format(day=shown_date(step.due)) if step.due else ""
    return f"{words} {day}".strip() if step.state in (StepState.LATE, StepState.DUE) else ""


def _empty() -> EmptySeason:
    return EmptySeason(
        _("The season has not begun here yet"),
        (_("Receive the reference package from the testing centre's drive."),
         _("Give the network universities their program and training."),
         _("Take their statistics and databases.")),
        "transfer", _("Receive from the centre"),
    )  # fmt: skip
