"""Results that came to a university from the ministry programmer, by code (p.44): points of closed shifts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import Role, organisation_id
from mab_desktop.exchange.kinds import RESULTS
from mab_desktop.services.carriers import BUILT
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.results import ResultScore
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True, slots=True)
class ReceivedResult:
    """A student's points of one shift; `before` and `after` the appeal stand in the order of `subjects` (codes)."""

    code: str
    name: str
    university: str
    specialty: str
    shift: int
    subjects: tuple[str, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def total_before(self) -> int:
        """Points without the appeal."""
        return sum(self.before)

    @property
    def total_after(self) -> int:
        """Points that count."""
        return sum(self.after)

    @property
    def added(self) -> int:
        """What the appeal brought."""
        return self.total_after - self.total_before


def results(ctx: Context) -> list[ReceivedResult]:
    """Everybody of whom points came, by name."""
    require(ctx, Role.NETWORK_UNI, Role.BASE_UNI)
    with ctx.store.read() as session:
        return _lines(session)


def handed_on(session: Session) -> tuple[int, int]:
    """How many network universities were given their results as they stand now, and how many have some here (p.44)."""
    of_each = (
        select(Student.university, func.count(func.distinct(ResultScore.code)), func.sum(ResultScore.after))
        .join(Allotment, Allotment.student == Student.id)
        .join(ResultScore, ResultScore.code == Allotment.code)
        .group_by(Student.university)
    )
    out = select(CarrierOut.recipient, CarrierOut.manifest).where(
        CarrierOut.kind == RESULTS.name, CarrierOut.state != BUILT
    )
    given: dict[str, Any] = {}
    for recipient, manifest in session.execute(out.order_by(CarrierOut.created_at)):
        given[recipient] = manifest  # the newest of each stays
    here = session.execute(of_each).all()
    done = 0
    for university, students, points in here:
        sums = given.get(organisation_id(Role.NETWORK_UNI, university), {}).get("control_sums", {})
        done += (str(sums.get("students")), str(sums.get("points"))) == (str(students), str(points))
    return done, len(here)


_SCORES = (
    select(
        ResultScore.code, ResultScore.shift, ResultScore.subject, ResultScore.before, ResultScore.after,
        Student.surname, Student.first_name, Student.patronymic, Student.university, Student.specialty,
    )
    .join(Allotment, Allotment.code == ResultScore.code)
    .join(Student, Student.id == Allotment.student)
    .order_by(Student.sort_name, ResultScore.code, ResultScore.shift, ResultScore.subject)
)  # fmt: skip


def _lines(session: Session) -> list[ReceivedResult]:
    found = []
    for (code, shift), group in groupby(session.execute(_SCORES), lambda row: (row.code, row.shift)):
        rows = list(group)
        one = rows[0]
        found.append(ReceivedResult(
            code, full_name(one.surname or "", one.first_name or "", one.patronymic), one.university,
            one.specialty or "", shift, tuple(row.subject for row in rows), tuple(row.before for row in rows),
            tuple(row.after for row in rows),
        ))  # fmt: skip
    return found
