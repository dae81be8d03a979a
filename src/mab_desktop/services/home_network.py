"""What the network university's home page tells: duties of p.17-25 as they stand, what hinders, a few numbers."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.calendar import NETWORK_UNI, Figure, HomeView, next_step, standing
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.organisation import PREFIX, Role
from mab_desktop.domain.statistics import FINAL, PRELIMINARY_1, PRELIMINARY_2
from mab_desktop.i18n import N_
from mab_desktop.services import operators, passes_issue, students
from mab_desktop.services.carriers_students import STAGE, hand_over_problems, is_operator_pc
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import finished
from mab_desktop.services.settings import base_of
from mab_desktop.services.specialties import taught
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, PrintJob
from mab_desktop.storage.tables.network import Conflict, Operator
from mab_desktop.storage.tables.students import Student, WrongData

_STAGES = {PRELIMINARY_1: "statistics-1", PRELIMINARY_2: "statistics-2", FINAL: "final-statistics"}


def home(ctx: Context) -> HomeView:
    """Everything the home page of the network university shows; on an operator's PC his own numbers alone."""
    require(ctx, Role.NETWORK_UNI)
    today = ctx.clock.now().date()
    counted = students.counts(ctx)
    with ctx.store.read() as session:
        per_day = tuple(float(day.new) for day in operators.own_days(session))[-14:]
        typed = Figure("students", N_("Records"), counted.total, values=per_day, page="students")
        partial = Figure("partial", N_("Partly filled"), counted.partial, counted.total, page="students")
        if is_operator_pc(ctx):
            # Who has worked here knows how to begin, also when every record was deleted since.
            return HomeView(today, (), None, (typed, partial), empty=not counted.total and not per_day)
        bases = base_of(session, ctx.university)
        problems = [problem for base in bases for problem in hand_over_problems(ctx, session, base)]
        waiting = _open_conflicts(session)
        done = duties_done(ctx, session, counted)
        passes = passes_issue.pass_counts(session)
        lines = session.scalar(select(func.count()).select_from(WrongData)) or 0
    standings = standing(NETWORK_UNI, done, today, year=ctx.season.year, hindrances={"database": problems})
    figures = [typed, partial,
               Figure("photos", N_("With both photographs"), counted.with_photos, counted.total, page="photos"),
               Figure("conflicts", N_("Changed on both sides"), waiting, page="merge")]  # fmt: skip
    if passes.received:
        figures += [Figure("issued", N_("Passes issued"), passes.issued, passes.received, page="passes"),
                    Figure("wrong-data", N_("Wrong data"), lines, page="wrong_data")]  # fmt: skip
    return HomeView(today, standings, next_step(standings), tuple(figures),
                    _hindering(waiting, counted.partial), not counted.total and "reference" not in done)  # fmt: skip


def duties_done(ctx: Context, session: Session, counted: students.Counted) -> frozenset[str]:
    """The keys of `NETWORK_UNI` duties that the database shows to be done."""
    bases = base_of(session, ctx.university)
    printed = set(session.scalars(select(PrintJob.document).where(finished()).distinct()))
    sent = _sent(session)
    passes = passes_issue.pass_counts(session)
    came = set(session.scalars(select(CarrierIn.sender).where(CarrierIn.kind == "passes")))
    with_students = set(session.scalars(select(Student.base_university).where(Student.deleted_at.is_(None)).distinct()))
    due = {PREFIX[Role.BASE_UNI] + base for base in with_students}
    facts = {
        "reference": bool(bases),
        "operators": "operator-list" in printed and bool(session.scalar(select(func.count()).select_from(Operator))),
        "specialties": "specialty-list" in printed and bool(taught(session, ctx.university)),
        "journal": "application-journal" in printed,
        "photos": bool(counted.complete) and counted.with_photos >= counted.complete,
        "database": bool(due) and "student-database" in printed and due <= sent.get("university-students", set()),
        "passes": bool(due) and due <= came,
        "issue": bool(passes.received) and passes.issued == passes.received,
        "wrong-data": bool(came) and came <= sent.get("wrong-data", set()),
        "stubs": "act-stubs" in printed and bool(passes.received) and passes.issued == passes.received,
    }
    facts |= {duty: bool(due) and due <= sent.get(f"statistics:{stage}", set()) for stage, duty in _STAGES.items()}
    return frozenset(key for key, is_done in facts.items() if is_done)


def _sent(session: Session) -> dict[str, set[str]]:
    """To whom files of a kind were written; statistics by their stage."""
    found: dict[str, set[str]] = {}
    for row in session.scalars(select(CarrierOut).where(CarrierOut.state != "built")):
        stage = row.manifest.get("control_sums", {}).get(STAGE)
        found.setdefault(f"{row.kind}:{stage}" if stage else row.kind, set()).update(row.recipient.split(","))
    return found


def _open_conflicts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Conflict).where(Conflict.state == "open")) or 0


def _hindering(waiting: int, partial: int) -> tuple[Problem, ...]:
    found = []
    if waiting:
        text = N_("Fields changed on both sides that wait for a decision: {n}.")
        found.append(Problem("merge", text, (("n", waiting),)))
    if partial:
        found.append(Problem("students", N_("Records not complete: {n}."), (("n", partial),)))
    return tuple(found)
