"""The lists of students with wrong data at the base university: what came, applications on paper, what went on (p.24).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.i18n import N_
from mab_desktop.services import base_board, passes_issue
from mab_desktop.services.base_board import WrongDataLine
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.storage.tables.base_university import BoardEntry
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.passes import WrongDataApplication
from mab_desktop.storage.tables.students import WrongData


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A line of the collected list; `late` is an application after the last day, `application_at` its paper came."""

    line: WrongDataLine
    late: bool
    application_at: str


@dataclass(frozen=True, slots=True)
class ListStanding:
    """How the collected list stands: whose lists came, lines, applications here, when it went to the centre.

    `newer` are universities whose list came, or came anew, since then.
    """

    expected: tuple[str, ...]
    came: tuple[str, ...]
    lines: int
    applications: int
    late: int
    last_day: date | None
    sent_at: str
    newer: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Universities whose list has not come; an empty list comes too."""
        return tuple(code for code in self.expected if code not in self.came)


def held_lines(ctx: Context, university: str = "") -> list[HeldLine]:
    """The collected list, by university and name."""
    last = passes_issue.last_day(ctx)
    with ctx.store.read() as session:
        came = {row.line: row.at for row in session.scalars(select(WrongDataApplication))}
    return [
        HeldLine(line, last is not None and line.application_date > last, came.get(line.id, ""))
        for line in base_board.wrong_data(ctx, university)
    ]


def receive_applications(ctx: Context, lines: Collection[str], *, here: bool = True) -> int:
    """The students' applications of these lines are here on paper, or not after all; how many changed."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        known = set(tx.session.scalars(select(WrongData.id).where(WrongData.id.in_(lines))))
        if known != set(lines):
            raise UserError(N_("This line is not on the list."))
        held = set(tx.session.scalars(select(WrongDataApplication.line).where(WrongDataApplication.line.in_(known))))
        changed = sorted(known - held if here else known & held)
        if here:
            tx.session.add_all(WrongDataApplication(line=line, at=stamp(ctx), by=ctx.actor.login) for line in changed)
        else:
            tx.session.execute(delete(WrongDataApplication).where(WrongDataApplication.line.in_(changed)))
        if changed:
            tx.note("application-received", str(len(changed)), here=here, lines=changed)
    return len(changed)


def list_standing(ctx: Context) -> ListStanding:
    """How the list stands today."""
    held = held_lines(ctx)
    with ctx.store.read() as session:
        expected = tuple(base_board.attached(session, ctx.university))
        entries = select(BoardEntry.university, func.max(BoardEntry.at)).where(BoardEntry.item == "wrong-data")
        came = {code: at for code, at in session.execute(entries.group_by(BoardEntry.university))}  # noqa: C416
        sent_at = session.scalar(
            select(func.max(CarrierOut.created_at))
            .where(CarrierOut.kind == "wrong-data", CarrierOut.recipient == NTC_CODE, CarrierOut.state != "built")
        ) or ""  # fmt: skip
    applications = sum(bool(line.application_at) for line in held)
    return ListStanding(
        expected, tuple(code for code in expected if code in came), len(held), applications,
        sum(line.late for line in held), passes_issue.last_day(ctx), sent_at,
        tuple(code for code in expected if came.get(code, "") > sent_at),
    )  # fmt: skip
