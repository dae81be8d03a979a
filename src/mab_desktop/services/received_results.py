"""Results that came to a university from the ministry programmer, by code (p.44): points of closed shifts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.names import full_name
from mab_desktop.domain.organisation import Role
from mab_desktop.services.context import Context, require
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
