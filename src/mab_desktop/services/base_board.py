"""The base university's board: who handed in what, what is missing or late, and whether all can go on (p.19-25)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.board import ITEMS, CellState, cell_state
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.names import search_form
from mab_desktop.domain.network_register import CONFIRMED, PROGRAM, PROGRAMMER
from mab_desktop.domain.organisation import PREFIX, Role
from mab_desktop.domain.paper_sum import typed_sum
from mab_desktop.domain.statistics import CUTS, FINAL, StatisticsRow
from mab_desktop.domain.student import STUDENT, control_sum, season_problems, student_name
from mab_desktop.i18n import N_
from mab_desktop.services.carriers import BUILT, CAME_AGAIN, UNRECEIPTED
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.settings import put_setting, reference_codes, reference_list, setting, ties
from mab_desktop.services.student_intake import student_records
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables import base_university as tables
from mab_desktop.storage.tables.base_university import BoardEntry
from mab_desktop.storage.tables.core import AuditEntry, CarrierIn, CarrierOut, CarrierWaiting, StreamFork
from mab_desktop.storage.tables.network_register import DatabaseVersion, NetworkHandOver, Training, TrainingAttendance
from mab_desktop.storage.tables.students import Allotment, Student, WrongData

INCOMPLETE = "sent-incomplete"
BY_HAND = ("passes",)  # what is noted with the date of today and nothing else


@dataclass(frozen=True, slots=True)
class BoardCell:
    """One item of a network university: its state, when it last came, how many records, how often it came.

    `again` of those times it was the same once more. `note` is the content's sum, or who received or signed.
    """

    item: str
    state: CellState
    at: str
    count: int
    times: int
    note: str
    again: int = 0


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A network university: its cells by item, its students here, its lines of wrong data.

    `untold` files of it were taken and no receipt for them is on a drive; `waiting` came before earlier ones; `forks`
    are second files with one number, which the testing centre decides about.
    """

    university: str
    name: str
    cells: Mapping[str, BoardCell]
    students: int
    wrong_data: int
    untold: int = 0
    waiting: int = 0
    forks: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """Items that are late."""
        return tuple(key for key, cell in self.cells.items() if cell.state is CellState.LATE)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Items that came and do not stand: signed for an older database, numbers that differ, done in part."""
        doubts = (CellState.OUTDATED, CellState.DIFFERS, CellState.PARTLY)
        return tuple(key for key, cell in self.cells.items() if cell.state in doubts)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the attached universities handed in their database and confirmed the final statistics."""

    expected: tuple[str, ...]
    received: tuple[str, ...]
    confirmed: tuple[str, ...]
    reason: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Universities whose database has not come."""
        return tuple(code for code in self.expected if code not in self.received)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Universities whose database has come but whose final statistics are not signed."""
        return tuple(code for code in self.received if code not in self.confirmed)

    @property
    def complete(self) -> bool:
        """True when all is in and signed."""
        return not self.missing and not self.unconfirmed


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Why the databases may go without everything (p.23): the reason, when and by whom, and what lacked then."""

    reason: str
    at: str
    by: str
    missing: tuple[str, ...]
    unconfirmed: tuple[str, ...]

    def covers(self, state: Completeness) -> bool:
        """True when nothing lacks that it does not name."""
        named = {*self.missing, *self.unconfirmed}
        return set(state.missing) <= set(self.missing) and set(state.unconfirmed) <= named


@dataclass(frozen=True, slots=True)
class StudentLine:
    """A student in the base university's list."""

    id: str
    university: str
    name: str
    specialty: str
    study_language: str
    to_code: str
    identity_document: str
    code: str
    shift: int | None
    hall: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Students of one or more universities that share a number that belongs to one person."""

    field: str
    value: str
    students: tuple[StudentLine, ...]


@dataclass(frozen=True, slots=True)
class WrongDataLine:
    """A line of the list of students with wrong data."""

    id: str
    student: str
    university: str
    name: str
    code: str
    field: str
    printed_value: str
    right_value: str
    ground: str
    application_number: str
    application_date: Any


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A student of a received database whose record breaks a rule."""

    student: str
    name: str
    problem: Problem


def board(ctx: Context) -> list[BoardLine]:
    """Every attached network university with the state of every item today."""
    require(ctx, Role.BASE_UNI)
    today, year = ctx.clock.now().date(), ctx.season.year
    with ctx.store.read() as session:
        names = reference_list(session, "university")
        facts = _board_facts(session)
        return [
            BoardLine(
                code, names[code].name(ctx.lang) if code in names else code,
                {key: facts.cell(code, key, today, year) for key in ITEMS}, facts.students.get(code, 0),
                facts.wrong.get(code, 0), *(counts[PREFIX[Role.NETWORK_UNI] + code] for counts in facts.files),
            )
            for code in attached(session, ctx.university)
        ]  # fmt: skip


@dataclass(frozen=True)
class _BoardFacts:
    """Everything that the board shows, read once for all universities."""

    entries: Mapping[tuple[str, str], Sequence[BoardEntry]]
    papers: Mapping[tuple[str, str], Sequence[NetworkHandOver]]
    trained: Mapping[str, Sequence[tuple[date, str, str]]]
    versions: Mapping[str, DatabaseVersion]
    students: Mapping[str, int]
    wrong: Mapping[str, int]
    files: tuple[Counter[str], Counter[str], Counter[str]]
    brought_again: Counter[str]

    def cell(self, code: str, key: str, today: date, year: int) -> BoardCell:
        """One item of a university."""
        if key in (PROGRAM, CONFIRMED):
            return self._paper(code, key, today, year)
        if key == "training":
            return self._training(code, today, year)
        entries = self.entries.get((code, key), ())
        state = cell_state(ITEMS[key], entries[0].at if entries else "", today, year)
        if not entries:
            return BoardCell(key, state, "", 0, 0, "")
        last, version = entries[-1], self.versions.get(code)
        if key == FINAL and version is not None and last.note and last.note != version.statistics:
            state = CellState.DIFFERS
        again = sum(bool(a.note) and a.note == b.note for a, b in zip(entries, entries[1:], strict=False))
        same = sum(self.brought_again[entry.digest] for entry in entries if entry.digest)
        return BoardCell(key, state, last.at, last.count, len(entries) + same, last.note, again + same)

    def _paper(self, code: str, key: str, today: date, year: int) -> BoardCell:
        lines = self.papers.get((code, key), ())
        state = cell_state(ITEMS[key], lines[0].day.isoformat() if lines else "", today, year)
        if not lines:
            return BoardCell(key, state, "", 0, 0, "")
        last = lines[-1]
        if key == CONFIRMED and not self.stands(code):
            state = CellState.OUTDATED
        elif not last.signed:
            state = CellState.PARTLY
        return BoardCell(key, state, last.day.isoformat(), last.count, len(lines), last.person)

    def _training(self, code: str, today: date, year: int) -> BoardCell:
        came = self.trained.get(code, ())
        state = cell_state(ITEMS["training"], came[0][0].isoformat() if came else "", today, year)
        if not came:
            return BoardCell("training", state, "", 0, 0, "")
        if not any(office == PROGRAMMER for _day, office, _person in came):
            state = CellState.PARTLY
        day = came[-1][0]
        people = ", ".join(dict.fromkeys(person for _day, _office, person in came if person))
        return BoardCell("training", state, day.isoformat(), 0, len({day for day, _office, _person in came}), people)

    def stands(self, code: str) -> bool:
        """Whether the last signature belongs to the database that is held: the same one, or one that is just it."""
        papers, databases = self.papers.get((code, CONFIRMED), ()), self.entries.get((code, "database"), ())
        if not papers or not databases:
            return False
        version = self.versions.get(code)
        same = version is not None and version.control_sum == papers[-1].control_sum
        return papers[-1].board_entry == databases[-1].id or same


def _board_facts(session: Session) -> _BoardFacts:
    entries: dict[tuple[str, str], list[BoardEntry]] = defaultdict(list)
    for entry in session.scalars(select(BoardEntry).order_by(BoardEntry.id)):
        entries[entry.university, entry.item].append(entry)
    papers: dict[tuple[str, str], list[NetworkHandOver]] = defaultdict(list)
    standing = select(NetworkHandOver).where(NetworkHandOver.withdrawn_at == "")
    for line in session.scalars(standing.order_by(NetworkHandOver.id)):
        papers[line.university, line.item].append(line)
    trained: dict[str, list[tuple[date, str, str]]] = defaultdict(list)
    came = select(TrainingAttendance.university, Training.day, TrainingAttendance.office, TrainingAttendance.person)
    for code, day, office, person in session.execute(
        came.join(Training).order_by(Training.day, TrainingAttendance.office)
    ):
        trained[code].append((day, office, person))
    versions = {v.university: v for v in session.scalars(select(DatabaseVersion).order_by(DatabaseVersion.number))}
    return _BoardFacts(
        entries, papers, trained, versions, _by_university(session, Student, Student.deleted_at.is_(None)),
        _by_university(session, WrongData), (untold_files(session), _files(session, CarrierWaiting),
                                             _files(session, StreamFork, StreamFork.state == "open")),
        brought_again(session),
    )  # fmt: skip


def brought_again(session: Session) -> Counter[str]:
    """By digest, how often a file was brought once more after it had been taken: nothing changed, but it is known."""
    query = select(AuditEntry.object, func.count()).where(AuditEntry.event == CAME_AGAIN).group_by(AuditEntry.object)
    return Counter(dict(session.execute(query).all()))


def untold_files(session: Session) -> Counter[str]:
    """By sender, files that were taken while no receipt for them is on a drive."""
    unwritten = select(CarrierOut.digest).where(CarrierOut.state == BUILT)
    return _files(session, CarrierIn, CarrierIn.kind.not_in(UNRECEIPTED), CarrierIn.set_aside.is_(False),
                  or_(CarrierIn.receipt == "", CarrierIn.receipt.in_(unwritten)))  # fmt: skip


def _files(session: Session, table: Any, *conditions: Any) -> Counter[str]:
    query = select(table.sender, func.count()).where(*conditions).group_by(table.sender)
    return Counter(dict(session.execute(query).all()))


def attached(session: Session, base: str) -> list[str]:
    """The network universities of a base university, by code."""
    return sorted(ties(session).get(base, []))


def note_item(ctx: Context, university: str, item: str, note: str = "", count: int = 0) -> None:
    """Write down with the date of today that a university was given one of the items that come by hand."""
    require(ctx, Role.BASE_UNI)
    if item not in BY_HAND:
        raise UserError(N_("This comes by file; load the file instead.") if ITEMS[item].carrier
                        else N_("This is written into the register, with the person and the date."))  # fmt: skip
    with ctx.store.write(ctx.actor) as tx:
        require_attached(tx.session, ctx, university)
        add_entry(ctx, tx, university, item, note=note, count=count)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a paper of a university and when; without a day it is that of today."""

    day: date | None = None
    person: str = ""
    post: str = ""
    note: str = ""
    sealed: bool = True


def confirm_statistics(
    ctx: Context, university: str, total: int, checksum: str = "", signed: Signed = Signed()
) -> None:  # fmt: skip
    """The signed and sealed final statistics are here (p.22). `total`, typed from the paper, must be ours.

    `checksum`, if typed, must be the control sum of the database that is held as well.
    """
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        if not signed.sealed:
            raise UserError(N_("The final statistics count only with the seal of the university (p.22)."))
        own = take_paper(ctx, tx, university, CONFIRMED, total, checksum, signed)
        tx.note("statistics-confirmed", university, students=total, control_sum=own)


def take_paper(
    ctx: Context, tx: Transaction, university: str, item: str, total: int, checksum: str, signed: Signed
) -> str:  # fmt: skip
    """Write a signed paper into the register whose numbers are those of the database held; gives its control sum."""
    require_attached(tx.session, ctx, university)
    database = tx.session.scalars(
        select(BoardEntry).where(BoardEntry.university == university, BoardEntry.item == "database")
        .order_by(BoardEntry.id.desc()).limit(1)
    ).first()  # fmt: skip
    count, own = held_sum(tx.session, university)
    if database is None or not count:
        raise OutOfOrder(N_("The database of {code} has not come yet."), code=university)
    if total != count or (checksum and not typed_sum(checksum, own).same):
        raise UserError(
            N_("The paper says {total} students and {typed}, the database has {count} and {own}."),
            next_step=N_("Nothing was confirmed. Let the university hand in its newest database and sign again."),
            total=total, typed=checksum or "–", count=count, own=own,
        )  # fmt: skip
    day = signed.day or ctx.clock.now().date()
    if day > ctx.clock.now().date():
        raise Refused([Problem("day", N_("This day has not come yet."))])
    tx.session.add(NetworkHandOver(
        university=university, item=item, day=day, person=signed.person[:120], post=signed.post[:120], phone="",
        version="", carrier="", signed=True, sealed=signed.sealed, note=signed.note[:200], count=count,
        control_sum=own, board_entry=database.id, at=stamp(ctx), by=ctx.actor.login,
    ))  # fmt: skip
    return own


def held_sum(session: Session, university: str) -> tuple[int, str]:
    """Students and control sum of the database as it was handed in; corrections of the centre do not move them."""
    last = session.scalars(
        select(DatabaseVersion).where(DatabaseVersion.university == university)
        .order_by(DatabaseVersion.number.desc()).limit(1)
    ).first()  # fmt: skip
    return (last.students, last.control_sum) if last is not None else database_sum(session, university)


def database_sum(session: Session, university: str) -> tuple[int, str]:
    """Students of a network university here and their control sum, as they stand on its signed paper."""
    query = select(Student).where(Student.university == university, Student.deleted_at.is_(None))
    rows = student_records(session, query.order_by(Student.id))
    return len(rows), control_sum(rows)


def completeness(ctx: Context) -> Completeness:
    """Whether every attached university is in: n of N (p.23)."""
    with ctx.store.read() as session:
        return complete_in(session, ctx.university)


def complete_in(session: Session, base: str) -> Completeness:
    """The same within a session. A database that came after the signature needs a new signature."""
    facts, expected = _board_facts(session), attached(session, base)
    received = tuple(code for code in expected if (code, "database") in facts.entries)
    confirmed = tuple(code for code in received if facts.stands(code))
    found = Completeness(tuple(expected), received, confirmed, "")
    said = incomplete_in(session)
    return replace(found, reason=said.reason) if said and said.covers(found) else found


def incomplete(ctx: Context) -> Incomplete | None:
    """The last reason that was written down for sending without everything."""
    with ctx.store.read() as session:
        return incomplete_in(session)


def incomplete_in(session: Session) -> Incomplete | None:
    """The last reason that was written down for sending without everything; None when there is none."""
    kept = setting(session, INCOMPLETE)
    if not kept:
        return None
    return Incomplete(kept["reason"], kept["at"], kept.get("name", kept["by"]), tuple(kept.get("missing", ())),
                      tuple(kept.get("unconfirmed", ())))  # fmt: skip


def allow_incomplete(ctx: Context, reason: str) -> None:
    """Let the databases go to the centre although some are missing; the reason, for what lacks now, is kept for good.

    It names what lacks: when something else is missing later, it must be written anew.
    """
    require(ctx, Role.BASE_UNI)
    words = " ".join(reason.split())[:500]
    if len(words) < 10:
        raise UserError(N_("Write down the reason in a sentence."))
    with ctx.store.write(ctx.actor) as tx:
        state = complete_in(tx.session, ctx.university)
        lacks: dict[str, Any] = {"missing": list(state.missing), "unconfirmed": list(state.unconfirmed)}
        put_setting(tx, INCOMPLETE, {"reason": words, "at": stamp(ctx), "by": ctx.actor.login, "name": ctx.actor.name,
                                     **lacks})  # fmt: skip
        tx.note("sent-incomplete", ctx.university, reason=words, **lacks)


def students(
    ctx: Context, university: str = "", text: str = "", specialty: str = "", *, shift: int | None = None,
    hall: str = "", offset: int = 0, limit: int = 200,
) -> tuple[list[StudentLine], int]:  # fmt: skip
    """Students in Kazakh order, one page of them, and how many there are in all."""
    with ctx.store.read() as session:
        query = _student_query()
        conditions: list[ColumnElement[bool]] = [Student.deleted_at.is_(None)]
        if university:
            conditions.append(Student.university == university)
        if specialty:
            conditions.append(Student.specialty == specialty)
        if text:
            conditions.append(or_(Student.search.contains(search_form(text)), Allotment.code == text.strip(),
                                  Student.to_code == text.strip()))  # fmt: skip
        if shift is not None:
            conditions.append(Allotment.shift == shift)
        if hall:
            conditions.append(Allotment.hall == hall)
        count = select(func.count()).select_from(Student).outerjoin(Allotment, Allotment.student == Student.id)
        total = session.scalar(count.where(*conditions)) or 0
        page = query.where(*conditions).order_by(Student.sort_name, Student.id).offset(offset).limit(limit)
        return [_student_line(row) for row in session.execute(page)], total


def duplicates(ctx: Context) -> list[Duplicate]:
    """Students who may be one person: same TO code, same identity document, or same name and date of birth."""
    with ctx.store.read() as session:
        return duplicates_in(session)


def duplicates_in(session: Session) -> list[Duplicate]:
    """The same within a session."""
    found: list[Duplicate] = []
    alive = Student.deleted_at.is_(None)
    for field, columns in (("to_code", [Student.to_code]), ("identity_document", [Student.identity_document]),
                           ("surname", [Student.search, Student.birth_date])):  # fmt: skip
        query = select(*columns).where(alive, *(column.is_not(None) for column in columns))
        twice = session.execute(query.group_by(*columns).having(func.count() > 1).order_by(*columns)).all()
        for key in twice:
            same = [column == value for column, value in zip(columns, key, strict=True)]
            rows = session.execute(_student_query().where(alive, *same).order_by(Student.university, Student.id))
            found.append(Duplicate(field, str(key[0]), tuple(_student_line(row) for row in rows)))
    return found


def record_problems(ctx: Context, university: str = "") -> list[RecordProblem]:
    """Every rule of p.18 that a received record breaks, by university and name."""
    with ctx.store.read() as session:
        conditions = [Student.deleted_at.is_(None), *([Student.university == university] if university else [])]
        query = select(Student).where(*conditions).order_by(Student.university, Student.sort_name)
        return list(broken_rules(session, student_records(session, query), ctx.season.year))


def broken_rules(session: Session, records: Iterable[Mapping[str, Any]], year: int) -> Iterable[RecordProblem]:
    """The broken rules of some records."""
    lists = reference_codes(session)
    for record in records:
        values = {name: record[name] for name in STUDENT.names}
        for problem in (*STUDENT.problems(values, lists), *season_problems(values, year)):
            yield RecordProblem(record["id"], student_name(record), problem)


def wrong_data(ctx: Context, university: str = "") -> list[WrongDataLine]:
    """The collected list of students with wrong data (p.24)."""
    with ctx.store.read() as session:
        query = (
            select(WrongData, Student, Allotment.code)
            .join(Student, Student.id == WrongData.student)
            .outerjoin(Allotment, Allotment.student == Student.id)
            .order_by(WrongData.university, Student.sort_name, WrongData.field)
        )
        if university:
            query = query.where(WrongData.university == university)
        return [
            WrongDataLine(line.id, line.student, line.university, _name(student), code or "", line.field,
                          line.printed_value or "", line.right_value or "", line.ground, line.application_number,
                          line.application_date)
            for line, student, code in session.execute(query)
        ]  # fmt: skip


def statistics(ctx: Context, university: str = "", stage: str = FINAL) -> list[StatisticsRow]:
    """The received statistics of one network university, or of all."""
    with ctx.store.read() as session:
        return statistics_rows(session, stage, university)


def statistics_rows(session: Session, stage: str = "", university: str = "") -> list[StatisticsRow]:
    """The same within a session; every stage when none is named."""
    table = tables.StatisticsRow
    query = select(table)
    if stage:
        query = query.where(table.stage == stage)
    if university:
        query = query.where(table.university == university)
    rows = [
        StatisticsRow(university=row.university, stage=row.stage, students=row.students,
                      **{cut: getattr(row, cut) for cut in CUTS})
        for row in session.scalars(query)
    ]
    return sorted(rows)


def replace_statistics(tx: Transaction, base: str, rows: Sequence[StatisticsRow]) -> None:
    """Put the rows in place of those of the same universities and stages."""
    table = tables.StatisticsRow
    for university, stage in sorted({(row.university, row.stage) for row in rows}):
        tx.session.execute(
            delete(table).where(table.base_university == base, table.university == university, table.stage == stage)
        )
    if rows:
        tx.session.execute(insert(table), [{"base_university": base, **row.record()} for row in rows])


def add_entry(
    ctx: Context, tx: Transaction, university: str, item: str, *, digest: str = "", count: int = 0, note: str = ""
) -> None:
    """Write a line of the board within a transaction."""
    tx.session.add(
        BoardEntry(university=university, item=item, at=stamp(ctx), by=ctx.actor.login, digest=digest, count=count,
                   note=note[:500])
    )  # fmt: skip
    tx.note("board-noted", f"{university}:{item}", count=count)


def _by_university(session: Session, table: Any, *conditions: Any) -> dict[str, int]:
    query = select(table.university, func.count()).where(*conditions).group_by(table.university)
    return dict(session.execute(query).all())


def require_attached(session: Session, ctx: Context, university: str) -> None:
    """UserError for a network university of somebody else."""
    if university not in attached(session, ctx.university):
        raise UserError(N_("University {code} is not attached to this base university."), code=university)


def _student_query() -> Any:
    return (
        select(Student, Allotment.code, Allotment.shift, Allotment.hall)
        .outerjoin(Allotment, Allotment.student == Student.id)
    )  # fmt: skip


def _student_line(row: Any) -> StudentLine:
    student, code, shift, hall = row
    return StudentLine(
        student.id, student.university, _name(student), student.specialty or "", student.study_language or "",
        student.to_code or "", student.identity_document or "", code or "", shift, hall or "",
    )  # fmt: skip


def _name(student: Student) -> str:
    return student_name({"surname": student.surname, "first_name": student.first_name,
                         "patronymic": student.patronymic})  # fmt: skip
