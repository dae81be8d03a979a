"""What others corrected in a person's records: the programmer in those that an operator typed (p.21)."""

from __future__ import annotations

from sqlalchemy import select

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.students import Student, StudentChange


def corrected_by_others(ctx: Context) -> frozenset[str]:
    """Records in which somebody else than the one who typed them changed something; an operator's own only."""
    query = (
        select(StudentChange.student)
        .join(Student, Student.id == StudentChange.student)
        .where(StudentChange.by != Student.created_by)
        .distinct()
    )
    if ctx.actor.role == PersonRole.OPERATOR:
        query = query.where(Student.created_by == ctx.actor.login)
    with ctx.store.read() as session:
        return frozenset(session.scalars(query))
