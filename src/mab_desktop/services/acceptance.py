"""Acceptance of a network university's database (p.21, p.22): what it would change, what it breaks, who is in it twice.

Nothing here is taken by looking. What was taken keeps its number, its sums and the list of what it changed for good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.names import search_form
from mab_desktop.domain.network_register import PAPER
from mab_desktop.domain.organisation import Role, parse_organisation
from mab_desktop.domain.paper_sum import TypedSum, same_sum, typed_sum
from mab_desktop.domain.statistics import FINAL, StatisticsRow, count_rows, counts_of, rows_sum
from mab_desktop.domain.student import control_sum, student_name
from mab_desktop.i18n import N_
from mab_desktop.services.base_board import (
    RecordProblem,
    Signed,
    broken_rules,
    held_sum,
    statistics_rows,
    take_paper,
)
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.handlers import Arrived, Line
from mab_desktop.services.student_intake import Comparison, compare_students, student_records
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.network_register import DatabaseDifference, DatabaseVersion, NetworkHandOver
from mab_desktop.storage.tables.students import Student

NEW, CHANGED, GONE = "new", "changed", "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of the list of differences; for a new student or one no longer there `field` is empty."""

    kind: str
    student: str
    name: str
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Students whose records break one rule in the same way."""

    problem: Problem
    students: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A student of the file who may be somebody of another university, or of the file itself."""

    student: str
    name: str
    field: str
    value: str
    university: str
    other: str


@dataclass(frozen=True, slots=True)
class Version:
    """A database as it was taken; its numbers are against the one before it."""

    university: str
    number: int
    digest: str
    at: str
    by: str
    students: int
    control_sum: str
    new: int
    changed: int
    gone: int
    broken: int
    twins: int
    elsewhere: Mapping[str, int]


@dataclass(frozen=True)
class Preview:
    """What taking a database would do, and what the paper beside it must say.

    `final_total` is the number of students in the final statistics that came, None while none did; `final_same` tells
    whether they are the statistics of this database, cell by cell.
    """

    university: str
    held: Version | None
    comparison: Comparison
    control_sum: str
    differences: tuple[Difference, ...]
    rules: tuple[RuleGroup, ...]
    twins: tuple[Twin, ...]
    elsewhere: Mapping[str, int]
    statistics: str
    final_total: int | None
    final_same: bool

    @property
    def students(self) -> int:
        """Students after it was taken."""
        return self.comparison.total

    @property
    def changes_nothing(self) -> bool:
        """Whether the version held is just the same."""
        return self.held is not None and not self.differences


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """A count and a control sum typed from paper against a database; `version` is an older one whose paper it is."""

    count_same: bool
    sum: TypedSum
    version: Version | None = None

    @property
    def agrees(self) -> bool:
        """Both are those of the database."""
        return self.count_same and self.sum.same


# -- looking -----------------------------------------------------------------------------------------------------------


def preview(ctx: Context, session: Session, arrived: Arrived) -> Preview:
    """Look at an arrived database; nothing is changed."""
    sender = parse_organisation(arrived.sender)[1]
    records = list(arrived.of_type("student"))
    scope = [Student.university == sender, Student.base_university == ctx.university]
    found = compare_students(session, records, scope)
    statistics = count_rows(records, sender, FINAL)
    came = statistics_rows(session, FINAL, sender)
    return Preview(
        sender, _newest(session, sender), found, control_sum(records), tuple(_differences(session, found)),
        _by_rule(broken_rules(session, records, ctx.season.year)), tuple(_twins(session, records, sender)),
        {line["base_university"]: line["students"] for line in arrived.of_type("students-elsewhere")},
        rows_sum(statistics), sum(row.students for row in came) if came else None,
        not came or rows_sum(came) == rows_sum(statistics),
    )  # fmt: skip


def look(ctx: Context, arrived: Arrived) -> Preview:
    """The same for a page."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        return preview(ctx, session, arrived)


def held(ctx: Context, university: str) -> tuple[int, str]:
    """Students and control sum of the database that is held."""
    with ctx.store.read() as session:
        return held_sum(session, university)


def require_own_sums(arrived: Arrived, found: Preview) -> None:
    """A file whose head names other totals than its records have is not taken: no paper could agree with it."""
    sums = arrived.manifest.get("control_sums", {})
    said = str(sums.get("control_sum", found.control_sum))
    if said != found.control_sum:
        raise UserError(
            N_("The file says {said} of itself, its records have {own}. Nothing was changed."),
            next_step=N_("Let the university write its database anew."), said=said, own=found.control_sum,
        )  # fmt: skip


def preview_lines(ctx: Context, found: Preview) -> list[Line]:
    """The preview in sentences, as the drive's wizard and the log of files show it."""
    lines = list(found.comparison.lines())
    if found.held is not None:
        lines.insert(0, Line(N_("Against version {n}, which is held here:"), {"n": found.held.number}))
    lines.append(Line(N_("Control sum, to be compared with the signed paper: {sum}"), {"sum": found.control_sum}))
    lines += [
        Line(N_("{problem} Students: {n} ({names})"),
             {"problem": group.problem.message(ctx.lang), "n": len(group.students), "names": _some(group.students)})
        for group in found.rules
    ]  # fmt: skip
    if found.twins:
        names = tuple(dict.fromkeys((twin.student, twin.name) for twin in found.twins))
        lines.append(Line(N_("May be in the databases twice: {n} ({names})"), {"n": len(names), "names": _some(names)}))
    if not found.final_same:
        lines.append(Line(N_("The final statistics that came are not those of this database.")))
    lines += [
        Line(N_("Sit the test at base university {code}: {n}"), {"code": code, "n": count})
        for code, count in sorted(found.elsewhere.items())
    ]
    return lines


def _some(people: Sequence[tuple[str, str]], most: int = 3) -> str:
    return ", ".join(name for _id, name in people[:most]) + (" …" if len(people) > most else "")


def _differences(session: Session, found: Comparison) -> Iterator[Difference]:
    """By kind, then in the order of the file."""
    for change in found.changes:
        yield Difference(CHANGED, change.student, change.name, change.field, change.old, change.new)
    for record in found.new:
        yield Difference(NEW, record["id"], student_name(record))
    names = select(Student.id, Student.surname, Student.first_name, Student.patronymic)
    for start in range(0, len(found.removed), 500):
        for student, *parts in session.execute(names.where(Student.id.in_(found.removed[start : start + 500]))):
            name = student_name(dict(zip(("surname", "first_name", "patronymic"), parts, strict=True)))
            yield Difference(GONE, student, name)


def _by_rule(problems: Iterable[RecordProblem]) -> tuple[RuleGroup, ...]:
    """The rule that most records break first."""
    groups: dict[Any, list[RecordProblem]] = defaultdict(list)
    for broken in problems:
        groups[broken.problem.field, broken.problem.text, broken.problem.params].append(broken)
    found = [RuleGroup(same[0].problem, tuple((one.student, one.name) for one in same)) for same in groups.values()]
    return tuple(sorted(found, key=lambda group: -len(group.students)))


def _twins(session: Session, records: Sequence[Mapping[str, Any]], sender: str) -> Iterator[Twin]:
    """Who shares a key with somebody of another university here, or of the file itself."""
    known: dict[tuple[str, Any], list[tuple[str, str, str]]] = {}
    for record in records:
        for key in _keys(record):
            known.setdefault(key, []).append((sender, record["id"], student_name(record)))
    for university, student, name, keys in _others(session, sender):
        for key in keys:
            if key in known:
                known[key].append((university, student, name))
    for record in records:
        for key in _keys(record):
            for university, student, name in known[key]:
                if student != record["id"]:
                    yield Twin(record["id"], student_name(record), key[0], _shown(key[1]), university, name)


def _others(session: Session, sender: str) -> Iterator[tuple[str, str, str, tuple[tuple[str, Any], ...]]]:
    """Students of other universities with what they could be taken for somebody else by; the search form is ready."""
    columns = (Student.university, Student.id, Student.surname, Student.first_name, Student.patronymic,
               Student.search, Student.birth_date, Student.to_code, Student.identity_document)  # fmt: skip
    query = select(*columns).where(Student.university != sender, Student.deleted_at.is_(None))
    for university, student, surname, first, patronymic, search, born, code, document in session.execute(query):
        name = " ".join(part for part in (surname, first, patronymic) if part)
        keys = (("to_code", code), ("identity_document", document), ("surname", (search, born)))
        yield university, student, name, keys


def _keys(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for field in ("to_code", "identity_document"):
        if values[field]:
            yield field, values[field]
    if values["birth_date"]:
        yield "surname", (search_form(student_name(values)), values["birth_date"])


def _shown(key: Any) -> str:
    return key if isinstance(key, str) else f"{key[1]:%d.%m.%Y}"


def rules_of(ctx: Context, session: Session, university: str) -> tuple[RuleGroup, ...]:
    """The rules that the database held breaks."""
    return _by_rule(broken_rules(session, records_of(session, university), ctx.season.year))


def records_of(session: Session, university: str) -> list[dict[str, Any]]:
    """The students of a university here, in Kazakh order."""
    alive = (Student.university == university, Student.deleted_at.is_(None))
    return student_records(session, select(Student).where(*alive).order_by(Student.sort_name, Student.id))


# -- keeping -----------------------------------------------------------------------------------------------------------


def keep_version(ctx: Context, tx: Transaction, arrived: Arrived, found: Preview) -> int:
    """Number a database that is taken in this transaction and keep what it changed; gives the number.

    The first version changes everything, which needs no list.
    """
    number, comparison = (found.held.number + 1 if found.held else 1), found.comparison
    tx.session.add(DatabaseVersion(
        university=found.university, number=number, digest=arrived.digest, at=stamp(ctx), by=ctx.actor.login,
        students=found.students, control_sum=found.control_sum, statistics=found.statistics, new=len(comparison.new),
        changed=len(comparison.changed), gone=len(comparison.removed),
        broken=len({student for group in found.rules for student, _name in group.students}),
        twins=len({twin.student for twin in found.twins}), elsewhere=dict(found.elsewhere),
    ))  # fmt: skip
    rows = [
        {"university": found.university, "version": number, "kind": d.kind, "student": d.student, "name": d.name[:130],
         "field": d.field, "old": d.old[:200], "new": d.new[:200]}
        for d in found.differences
    ]  # fmt: skip
    if rows and found.held is not None:
        tx.session.execute(insert(DatabaseDifference), rows)
    return number


def versions(ctx: Context, university: str = "") -> list[Version]:
    """The databases that were taken, the newest of each university first."""
    with ctx.store.read() as session:
        query = select(DatabaseVersion).order_by(DatabaseVersion.university, DatabaseVersion.number.desc())
        if university:
            query = query.where(DatabaseVersion.university == university)
        return [_version(row) for row in session.scalars(query)]


def differences(ctx: Context, university: str, number: int) -> list[Difference]:
    """What a version changed against the one before it; nothing for the first."""
    with ctx.store.read() as session:
        query = select(DatabaseDifference).where(
            DatabaseDifference.university == university, DatabaseDifference.version == number
        )
        return [
            Difference(row.kind, row.student, row.name, row.field, row.old, row.new)
            for row in session.scalars(query.order_by(DatabaseDifference.id))
        ]


def _newest(session: Session, university: str) -> Version | None:
    query = select(DatabaseVersion).where(DatabaseVersion.university == university)
    row = session.scalars(query.order_by(DatabaseVersion.number.desc()).limit(1)).first()
    return _version(row) if row is not None else None


def _version(row: DatabaseVersion) -> Version:
    return Version(row.university, row.number, row.digest, row.at, row.by, row.students, row.control_sum, row.new,
                   row.changed, row.gone, row.broken, row.twins, dict(row.elsewhere))  # fmt: skip


# -- the paper beside it -----------------------------------------------------------------------------------------------


def check_paper(
    total: int | None, checksum: str, students: int, own: str, older: Sequence[Version] = ()
) -> PaperCheck:  # fmt: skip
    """Compare what was typed from a signed print with a database; an `older` version may be the one it belongs to."""
    place = same_sum(checksum, [version.control_sum for version in older])
    return PaperCheck(total == students, typed_sum(checksum, own), older[place] if place is not None else None)


def confirm_paper(ctx: Context, university: str, total: int, checksum: str, signed: Signed) -> None:
    """The database's signed print was compared: its count and control sum, typed, are those of the database (p.21)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        own = take_paper(ctx, tx, university, PAPER, total, checksum, signed)
        tx.note("database-paper-compared", university, students=total, control_sum=own)


@dataclass(frozen=True, slots=True)
class Papers:
    """The signed papers of a university that stand: day, who signed, whether it is the paper of the database held."""

    print_day: str = ""
    print_by: str = ""
    print_fits: bool = False


def papers(ctx: Context) -> dict[str, Papers]:
    """The signed prints of databases by university."""
    with ctx.store.read() as session:
        query = select(NetworkHandOver).where(NetworkHandOver.item == PAPER, NetworkHandOver.withdrawn_at == "")
        held = {row.university: row.control_sum for row in session.scalars(
            select(DatabaseVersion).order_by(DatabaseVersion.number))}  # fmt: skip
        return {
            row.university: Papers(row.day.isoformat(), row.person,
                                   held.get(row.university, row.control_sum) == row.control_sum)
            for row in session.scalars(query.order_by(NetworkHandOver.id))
        }  # fmt: skip


# -- final statistics --------------------------------------------------------------------------------------------------


def own_statistics(session: Session, university: str) -> list[StatisticsRow]:
    """The final statistics counted from the database that is held (p.22); what was sent, while no database is here."""
    records = records_of(session, university)
    return count_rows(records, university, FINAL) if records else statistics_rows(session, FINAL, university)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A specialty whose students the statistics count otherwise than the database."""

    specialty: str
    sent: int
    counted: int


def disagreements(ctx: Context, university: str) -> list[Disagreement]:
    """Where the final statistics that came differ from those of the database; equal totals where only cuts do."""
    with ctx.store.read() as session:
        sent, own = statistics_rows(session, FINAL, university), own_statistics(session, university)
    if not sent or rows_sum(sent) == rows_sum(own):
        return []
    found = []
    for cipher in sorted({row.specialty for row in (*sent, *own)}):
        one, other = ([row for row in rows if row.specialty == cipher] for rows in (sent, own))
        if rows_sum(one) != rows_sum(other):
            found.append(Disagreement(cipher, counts_of(one).total, counts_of(other).total))
    return found
