"""What second entries found: errors of each typist and verifier, and the fields they stand in (p.20, p.21)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import MANAGERS, Role
from mab_desktop.domain.second_entry import BOTH, COMPARED, TYPIST, VERIFIER, WAITING, ErrorCount, counted, erred
from mab_desktop.domain.student import STUDENT
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.operators import names_here
from mab_desktop.storage.tables.second_entry import SecondDifference, SecondEntry
from mab_desktop.storage.tables.students import Student


@dataclass(frozen=True, slots=True)
class PersonErrors:
    """One person: his records that somebody typed again and his errors in them; what he typed again himself.

    An error of a correction is of who made it, so `typed.errors` may hold fields of others' records. `fields` are his
    own errors by field, the commonest first.
    """

    login: str
    name: str
    typed: ErrorCount
    verified: ErrorCount
    differing: int
    open: int
    fields: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """One field: differences, errors of typists, errors of verifiers, questions still open."""

    field: str
    differing: int
    typist: int
    verifier: int
    open: int


@dataclass(frozen=True, slots=True)
class Report:
    """All second entries of records that stand; those of deleted records are `gone`, `waiting` have no record here."""

    records: int
    without: int
    differing: int
    open: int
    gone: int
    waiting: int
    people: tuple[PersonErrors, ...]
    fields: tuple[FieldErrors, ...]


def report(ctx: Context) -> Report:
    """The statistics of verification at this PC."""
    require(ctx, Role.NETWORK_UNI)
    require_person(ctx, *MANAGERS)
    tally = _Tally()
    with ctx.store.read() as session:
        names = names_here(session)
        standing = set(session.scalars(select(Student.id).where(Student.deleted_at.is_(None))))
        lines: dict[str, list[SecondDifference]] = {}
        for line in session.scalars(select(SecondDifference)):
            lines.setdefault(line.entry, []).append(line)
        for entry in session.scalars(select(SecondEntry)):
            if entry.state == WAITING:
                tally.waiting += 1
            elif entry.state == COMPARED and entry.student in standing:
                tally.entry(entry, lines.get(entry.id, []))
            elif entry.state == COMPARED:
                tally.gone += 1
    return tally.report(names)


class _Tally:
    """Second entries being counted."""

    def __init__(self) -> None:
        self.records = self.without = self.gone = self.waiting = 0
        self.typed: Counter[str] = Counter()
        self.verified: Counter[str] = Counter()
        self.typist_errors: Counter[tuple[str, str]] = Counter()
        self.verifier_errors: Counter[tuple[str, str]] = Counter()
        self.differing: Counter[tuple[str, str]] = Counter()
        self.open: Counter[tuple[str, str]] = Counter()

    def entry(self, entry: SecondEntry, lines: list[SecondDifference]) -> None:
        """Count one second entry with its differences."""
        self.records += 1
        self.without += not lines
        self.typed[entry.typist] += 1
        self.verified[entry.verifier] += 1
        for line in lines:
            self.differing[line.typist, line.field] += 1
            if not line.choice:
                self.open[line.typist, line.field] += 1
                continue
            who = erred(line.field, line.first, line.second, line.settled)
            if who in (TYPIST, BOTH):
                self.typist_errors[line.typist, line.field] += 1
            if who in (VERIFIER, BOTH):
                self.verifier_errors[entry.verifier, line.field] += 1

    def report(self, names: dict[str, str]) -> Report:
        """The numbers by person and field."""
        pairs = (*self.differing, *self.typist_errors, *self.verifier_errors)
        logins = {*self.typed, *self.verified, *(login for login, _field in pairs)}
        people = [self._person(login, names.get(login, login)) for login in logins]
        fields = [self._field(name) for name in STUDENT.names if any(field == name for _login, field in pairs)]
        return Report(
            self.records, self.without, self.differing.total(), self.open.total(), self.gone, self.waiting,
            tuple(sorted(people, key=lambda person: sort_key(person.name))), tuple(fields),
        )  # fmt: skip

    def _person(self, login: str, name: str) -> PersonErrors:
        wrong = self.typist_errors + self.verifier_errors
        own = [(field, n) for (who, field), n in wrong.items() if who == login]
        return PersonErrors(
            login, name, counted(self.typed[login], _of(self.typist_errors, login)),
            counted(self.verified[login], _of(self.verifier_errors, login)), _of(self.differing, login),
            _of(self.open, login), tuple(sorted(own, key=lambda pair: (-pair[1], STUDENT.names.index(pair[0])))),
        )  # fmt: skip

    def _field(self, name: str) -> FieldErrors:
        counts = (self.differing, self.typist_errors, self.verifier_errors, self.open)
        return FieldErrors(name, *(sum(n for (_who, field), n in one.items() if field == name) for one in counts))


def _of(counter: Counter[tuple[str, str]], login: str) -> int:
    return sum(n for (who, _field), n in counter.items() if who == login)
