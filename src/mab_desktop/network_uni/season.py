"""How the season stands at the network university: the home page, and the state of each step of the rail."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace

from mab_desktop.domain.calendar import HomeView
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.i18n import N_, _
from mab_desktop.services import home_network, trusting
from mab_desktop.services.carriers_students import is_operator_pc
from mab_desktop.services.context import Context
from mab_desktop.ui.home import EmptySeason, HomeFacts, NextStep
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.states import Mark, StepState
from mab_desktop.ui.workplace_app import duty_state, home_facts

ENROL = N_(
    "Write the enrolment request to a drive for the testing centre and read it the fingerprint of this PC by "
    "telephone: {groups}"
)
PROGRAMMER_BEGINS = (
    ENROL,
    N_("Load the reference package of the season that the centre sends."),
    N_("Enter the operators and choose the specialties that take part."),
    N_("Send the specialties to the operators' PCs; then type the students."),
)
OPERATOR_BEGINS = (
    ENROL,
    N_("Load the reference package, then the file with the specialties from the programmer."),
    N_("Type the students; at the end of the day write your records to a drive for the programmer."),
)


class _Seen:
    """The view made last, until the database changes: every step of the rail asks for it."""

    def __init__(self) -> None:
        self._seen: tuple[tuple[str, str], HomeView] | None = None  # day and person, and what they saw
        self._store: Callable[[], object | None] = lambda: None
        self._changes = 0

    def of(self, ctx: Context) -> HomeView:
        """The view as the database stands now."""
        if self._store() is not ctx.store:
            self._store = weakref.ref(ctx.store)
            self._seen = None
            ctx.store.on_change(self._forget)
        key, seen = (ctx.clock.now().date().isoformat(), ctx.actor.login), self._seen
        if seen is not None and seen[0] == key:
            return seen[1]
        changes, made = self._changes, home_network.home(ctx)
        if changes == self._changes:  # else another thread wrote meanwhile: the next who asks has it made anew
            self._seen = key, made
        return made

    def _forget(self, tables: frozenset[str]) -> None:
        if tables - {"draft"}:
            self._changes += 1
            self._seen = None


_seen = _Seen()


def view_of(app: AppContext) -> HomeView:
    """Duties, figures and hindrances as they stand now."""
    return _seen.of(app.ctx)


def facts(app: AppContext) -> HomeFacts:
    """What the home page shows; an operator sees his own numbers and the way back to typing."""
    view = view_of(app)
    shown = home_facts(app, view, _how_to_begin(app.ctx) if view.empty else None)
    if app.ctx.actor.role != PersonRole.OPERATOR:
        return shown
    why = _("At the end of the day write your records to a drive for the programmer.")
    if not _figure(app, "students"):
        why = _("No record of yours stands here now: those that you typed are deleted. The list of students brings "
                "them back.")  # fmt: skip
    return replace(shown, next_step=NextStep(_("Type records"), "entry", why, _("Go on")))


def _how_to_begin(ctx: Context) -> EmptySeason:
    begins = OPERATOR_BEGINS if is_operator_pc(ctx) else PROGRAMMER_BEGINS
    with ctx.store.read() as session:
        groups = trusting.my_fingerprint(session)
    steps = tuple(_(step).format(groups=groups) for step in begins)
    return EmptySeason(_("Begin the season"), steps, "transfer", _("To the drive"))


def state_of(*duties: str) -> Callable[[AppContext], StepState]:
    """A rail's state made of the calendar's duties."""

    def state(app: AppContext) -> StepState:
        return duty_state(view_of(app).standings, *duties)

    return state


def students_state(app: AppContext) -> StepState:
    """Due while records lack something."""
    lacking = _figure(app, "partial")
    return StepState(Mark.DUE, _("Records not complete: {n}.").format(n=lacking)) if lacking else StepState()


def _figure(app: AppContext, key: str) -> int:
    return next((int(figure.value) for figure in view_of(app).figures if figure.key == key), 0)


def merge_state(app: AppContext) -> StepState:
    """Due while fields changed on both sides wait."""
    waiting = _figure(app, "conflicts")
    words = _("Fields changed on both sides that wait for a decision: {n}.").format(n=waiting)
    return StepState(Mark.DUE, words) if waiting else StepState()
