"""Papers between the base university and its network universities: register, trainings, acts, reminders, differences
and findings of databases; and the board of its own duties (p.6, p.19-22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from mab_desktop.domain.board import ITEMS
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.network_register import OFFICE_LABELS, OFFICES, PAPER, PROGRAM
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.forms import (
    act,
    database_changes,
    database_findings,
    duty_board,
    program_register,
    reminder_list,
    training_list,
)
from mab_desktop.i18n import N_, translate
from mab_desktop.services import acceptance, base_board, board_versions, network_register
from mab_desktop.services import duties as duty_list
from mab_desktop.services import reminders as reminding
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.duties import DutyStanding
from mab_desktop.services.imprint import head, imprint, official

STANDING_WORDS = {
    DutyStanding.DONE: N_("Done"),
    DutyStanding.READY: N_("Everything known is done: to be confirmed"),
    DutyStanding.LATE: N_("Late"),
    DutyStanding.DUE: N_("Due within a week"),
    DutyStanding.BEGUN: N_("Begun"),
    DutyStanding.OPEN: N_("Not yet"),
}
_DIFFERENCES = {
    acceptance.NEW: N_("New student"), acceptance.GONE: N_("No longer in the database"),
    "photos": N_("Photographs handed in"), "university": N_("Network university"),
    "base_university": N_("Base university"),
}  # fmt: skip


def difference_label(kind: str, field: str) -> str:
    """What a line of the list of differences is about (a message id)."""
    if kind != acceptance.CHANGED:
        return _DIFFERENCES[kind]
    return _DIFFERENCES[field] if field in _DIFFERENCES else STUDENT[field].label


# -- the register ------------------------------------------------------------------------------------------------------


def print_register(ctx: Context) -> Document:
    """The register of hand-over of the program: every university, those without it to be filled in by hand (p.19)."""
    require(ctx, Role.BASE_UNI)
    given = {line.university: line for line in network_register.lines(ctx, item=PROGRAM, withdrawn=False)}
    trained: dict[str, list[str]] = {}
    for training in reversed(network_register.trainings(ctx)):
        for code in training.universities:
            people = ", ".join(came.person for came in training.attendance if came.university == code)
            trained.setdefault(code, []).append(f"{training.day:%d.%m.%Y}: {people}")
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)
        lines = [
            _register_line(f"{code} {name}", given.get(code), "\n".join(trained.get(code, ())))
            for code, name in network_register.named(ctx, session)
        ]

    def draw(printing: Printing) -> bytes:
        whole = program_register.ProgramRegister(top, imprint(printing), lines, coordinator, ctx.actor.name)
        return program_register.draw(whole, lang=printing.lang)

    return print_document(ctx, "program-register", "", draw)


def _register_line(
    university: str, line: network_register.RegisterLine | None, trained: str
) -> program_register.RegisterLine:  # fmt: skip
    if line is None:
        return program_register.RegisterLine(university, trained=trained)
    person = ", ".join(part for part in (line.person, line.post, line.phone) if part)
    version = ", ".join(part for part in (line.version, line.carrier) if part)
    return program_register.RegisterLine(university, line.day, version, person, trained, line.signed)


def print_training(ctx: Context, training: str) -> Document:
    """The attendance list: who came, or, before the training, a line for each office to be signed."""
    require(ctx, Role.BASE_UNI)
    held = next((one for one in network_register.trainings(ctx) if one.id == training), None)
    if held is None:
        raise OutOfOrder(N_("There is no such training."))
    known = {(came.university, came.office): came.person for came in held.attendance}
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)
        groups = [
            (f"{code} {name}", [(OFFICE_LABELS[office], known.get((code, office), "")) for office in OFFICES])
            for code, name in network_register.named(ctx, session)
        ]

    def draw(printing: Printing) -> bytes:
        whole = training_list.TrainingList(
            top, imprint(printing), held.day, held.place, held.topic, held.held_by, groups, coordinator, ctx.actor.name
        )
        return training_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "training-list", training, draw)


# -- acts with both sides ----------------------------------------------------------------------------------------------


def print_program_act(ctx: Context, university: str) -> Document:
    """The act by which a university got its program, signed by both sides."""
    lines = network_register.lines(ctx, university, PROGRAM, withdrawn=False)
    if not lines:
        raise OutOfOrder(N_("The program was not given to this university yet."))
    last, words = lines[-1], _in_both(ctx)
    note = "; ".join(part for part in (f"{last.day:%d.%m.%Y}", last.note) if part)
    rows = ((words(N_("Program complex «Network university»")), last.version, last.carrier, note),
            (words(N_("Instruction for programmers and operators")), last.version, last.carrier, ""))  # fmt: skip
    return _print_act(ctx, act.PROGRAM_GIVEN, "program", university, rows, network=(last.person,))


def print_database_act(ctx: Context, university: str) -> Document:
    """The act by which a database was taken, the paper's totals beside the program's, signed by both sides."""
    held = next(iter(acceptance.versions(ctx, university)), None)
    if held is None:
        raise OutOfOrder(N_("The database of {code} has not come yet."), code=university)
    papers = [line for line in network_register.lines(ctx, university, PAPER, withdrawn=False)
              if line.control_sum == held.control_sum]  # fmt: skip
    paper = (str(papers[-1].count), papers[-1].control_sum) if papers else ("", "")
    taken = board_versions.received(ctx, university)["database"]
    came = next((one for one in taken if one.number == held.number), None)
    words, name = _in_both(ctx), (came.file if came else "")
    rows = (
        (words(N_("Number of students")), paper[0], str(held.students), name),
        (words(N_("Control sum")), paper[1], held.control_sum, ""),
        (words(N_("Records that break a rule")), "–", str(held.broken), ""),
    )
    return _print_act(ctx, act.DATABASE_TAKEN, "database", university, rows)


def _print_act(
    ctx: Context, kind: act.ActKind, name: str, university: str, rows: tuple[tuple[str, ...], ...],
    network: tuple[str, ...] = (),
) -> Document:  # fmt: skip
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        top, base = head(ctx, session, university), (official(session, PersonRole.COORDINATOR), ctx.actor.name)
    ours_give = kind is act.PROGRAM_GIVEN
    sides = (base, ("", *network)) if ours_give else (("", *network), base)

    def draw(printing: Printing) -> bytes:
        whole = act.Act(kind, top, imprint(printing, 2), rows, given_by=sides[0], taken_by=sides[1])
        return act.draw(whole, lang=printing.lang)

    return print_document(ctx, f"act-{name}", university, draw, copies=2)


# -- reminders ---------------------------------------------------------------------------------------------------------


def print_reminders(ctx: Context, *, soon: bool = False) -> Document:
    """Who owes what, with room for what was promised."""
    require(ctx, Role.BASE_UNI)
    found, today = reminding.reminders(ctx, soon=soon), ctx.clock.now().date()
    groups = [
        (f"{one.university} {one.name}", ", ".join(part for part in (one.person, one.phone) if part),
         [reminder_list.Owed(ITEMS[owed.item].label, owed.due, owed.days, reminding.AGAIN_WORDS.get(owed.state, ""))
          for owed in one.owed])
        for one in found
    ]  # fmt: skip
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)

    def draw(printing: Printing) -> bytes:
        whole = reminder_list.ReminderList(top, imprint(printing), today, groups, coordinator, ctx.actor.name)
        return reminder_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "reminder-list", "soon" if soon else "", draw)


# -- databases ---------------------------------------------------------------------------------------------------------


def print_differences(ctx: Context, university: str, number: int) -> Document:
    """What version `number` of a university's database changed against the one before it."""
    require(ctx, Role.BASE_UNI)
    by_number = {version.number: version for version in acceptance.versions(ctx, university)}
    if number not in by_number or number - 1 not in by_number:
        raise OutOfOrder(N_("There is nothing before this version to be compared with."))
    before, after = by_number[number - 1], by_number[number]
    found = acceptance.differences(ctx, university, number)
    with ctx.store.read() as session:
        top = head(ctx, session, university)

    def draw(printing: Printing) -> bytes:
        lines = [(d.name, difference_label(d.kind, d.field), d.old, d.new) for d in found]
        whole = database_changes.DatabaseChanges(
            top, imprint(printing, 2), _version(before), _version(after), (after.new, after.changed, after.gone),
            lines, ctx.actor.name,
        )  # fmt: skip
        return database_changes.draw(whole, lang=printing.lang)

    return print_document(ctx, "database-changes", f"{university}-{number}", draw, copies=2)


def _version(version: acceptance.Version) -> database_changes.DatabaseVersion:
    came = f"{datetime.fromisoformat(version.at):%d.%m.%Y %H:%M}"
    return database_changes.DatabaseVersion(version.number, came, version.students, version.control_sum)


def print_findings(ctx: Context, university: str) -> Document:
    """Broken rules and possible duplicates of a university's database, for its programmer."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        students, checksum = base_board.held_sum(session, university)
        top = head(ctx, session, university)
        groups = _findings(ctx, session, university)
    if not students:
        raise OutOfOrder(N_("The database of {code} has not come yet."), code=university)

    def draw(printing: Printing) -> bytes:
        whole = database_findings.DatabaseFindings(
            top, imprint(printing, 2), students, checksum, groups, ctx.actor.name
        )
        return database_findings.draw(whole, lang=printing.lang)

    return print_document(ctx, "database-findings", university, draw, copies=2)


def _findings(
    ctx: Context, session: Session, university: str
) -> list[tuple[str, list[database_findings.Finding]]]:  # fmt: skip
    values = {record["id"]: record for record in acceptance.records_of(session, university)}
    found = [
        (group.problem.message(ctx.lang), [
            database_findings.Finding(name, STUDENT[group.problem.field].label, _shown(values[student],
                                                                                      group.problem.field))
            for student, name in group.students
        ])
        for group in acceptance.rules_of(ctx, session, university)
    ]  # fmt: skip
    twins = []
    for same in base_board.duplicates_in(session):
        for one in same.students:
            if one.university == university:
                others = "; ".join(f"{o.university} {o.name}" for o in same.students if o.id != one.id)
                told = translate(ctx.lang, N_("The same as: {others}")).format(others=others)
                twins.append(database_findings.Finding(one.name, STUDENT[same.field].label, told))
    return [*found, (translate(ctx.lang, N_("Duplicate record")), twins)] if twins else found


def _shown(record: Mapping[str, object], field: str) -> str:
    value = record[field]
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value or "")


# -- duties ------------------------------------------------------------------------------------------------------------


def print_duties(ctx: Context) -> Document:
    """The board of the fourteen duties as it stands today."""
    require(ctx, Role.BASE_UNI)
    lines = [
        duty_board.DutyLine(line.number, line.title, line.due, line.responsible, _state(ctx, line), line.done_on,
                            line.note)
        for line in duty_list.duties(ctx)
    ]  # fmt: skip
    with ctx.store.read() as session:
        top, coordinator = head(ctx, session), official(session, PersonRole.COORDINATOR)
    today = ctx.clock.now().date()

    def draw(printing: Printing) -> bytes:
        return duty_board.draw(duty_board.DutyBoard(top, imprint(printing), today, lines, coordinator),
                               lang=printing.lang)  # fmt: skip

    return print_document(ctx, "duty-board", "", draw)


def _state(ctx: Context, line: duty_list.DutyLine) -> str:
    words = translate(ctx.lang, STANDING_WORDS[line.standing])
    return "\n".join([words, line.known.words.message(ctx.lang)] if line.known else [words])


def _in_both(ctx: Context) -> Callable[[str], str]:
    """Kazakh over Russian, as the acts print their lines; one language alone in the others."""
    langs = ("kk", "ru") if ctx.lang == "kk" else (ctx.lang,)
    return lambda text: "\n".join(translate(lang, text) for lang in langs)
