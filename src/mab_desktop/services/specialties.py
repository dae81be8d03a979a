"""The specialties whose students take part (p.21), with their students by language."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.reference import ReferenceLine
from mab_desktop.domain.student import direction_of
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.network import SpecialtyTaught
from mab_desktop.storage.tables.students import Student

KAZAKH, RUSSIAN = "1", "2"


@dataclass(frozen=True, slots=True)
class SpecialtyRow:
    """A specialty: whether it takes part here, and its students in Kazakh, in Russian, in other languages."""

    cipher: str
    name_kk: str
    name_ru: str
    direction: str
    taught: bool
    kazakh: int
    russian: int
    other: int

    @property
    def total(self) -> int:
        """Students of the specialty."""
        return self.kazakh + self.russian + self.other


def taught(session: Session, university: str) -> list[str]:
    """Ciphers of the specialties that take part."""
    query = select(SpecialtyTaught.specialty).where(SpecialtyTaught.university == university)
    return sorted(session.scalars(query))


def specialties(ctx: Context, *, only_taught: bool = False) -> list[SpecialtyRow]:
    """The classifier with this university's numbers, by cipher; only what takes part here when asked."""
    with ctx.store.read() as session:
        lines = reference_list(session, "specialty")
        chosen = frozenset(taught(session, ctx.university))
        numbers = _numbers(session)
    ciphers = sorted({*lines, *chosen, *numbers})
    rows = [_row(cipher, lines.get(cipher), chosen, numbers.get(cipher, {})) for cipher in ciphers]
    return [row for row in rows if row.taught] if only_taught else rows


def choose_specialties(ctx: Context, ciphers: Collection[str]) -> None:
    """Set which specialties take part; refuses to leave out one that has students."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, PersonRole.PROGRAMMER)
    wanted = sorted(set(ciphers))
    with ctx.store.write(ctx.actor) as tx:
        known, used = reference_list(tx.session, "specialty"), _numbers(tx.session)
        problems = [
            Problem("specialty", N_("{value} is not in the list."), (("value", c),)) for c in wanted if c not in known
        ]
        problems += [
            Problem("specialty", N_("Specialty {cipher} has students and cannot be left out."), (("cipher", c),))
            for c in sorted(set(used) - set(wanted))
        ]
        if problems:
            raise Refused(problems)
        tx.session.execute(delete(SpecialtyTaught).where(SpecialtyTaught.university == ctx.university))
        if wanted:
            rows = [{"university": ctx.university, "specialty": cipher} for cipher in wanted]
            tx.session.execute(insert(SpecialtyTaught), rows)
        tx.note("specialties-chosen", ctx.university, specialties=wanted)


def _numbers(session: Session) -> dict[str, dict[str, int]]:
    query = (
        select(Student.specialty, Student.study_language, func.count())
        .where(Student.deleted_at.is_(None), Student.specialty.is_not(None))
        .group_by(Student.specialty, Student.study_language)
    )
    found: dict[str, dict[str, int]] = {}
    for specialty, language, count in session.execute(query):
        found.setdefault(str(specialty), {})[language or ""] = count
    return found


def _row(cipher: str, line: ReferenceLine | None, chosen: frozenset[str], numbers: dict[str, int]) -> SpecialtyRow:
    kazakh, russian = numbers.get(KAZAKH, 0), numbers.get(RUSSIAN, 0)
    return SpecialtyRow(
        cipher, line.name_kk if line else cipher, line.name_ru if line else cipher,
        direction_of(cipher, {cipher: line.extra} if line else {}), cipher in chosen, kazakh, russian,
        sum(numbers.values()) - kazakh - russian,
    )  # fmt: skip
