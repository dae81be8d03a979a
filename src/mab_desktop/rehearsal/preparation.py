"""From the first of February to the eve of the exam: everything that p.3-26 order, played by simulated people.

The people only press what the applications offer: every step here is the use case behind a button.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from mab_desktop import __version__
from mab_desktop.domain.network_register import PROGRAMMER
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_
from mab_desktop.rehearsal import commission_work, people, second_typing
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import YEAR, Stage
from mab_desktop.services import (
    acceptance,
    base_board,
    centre_allotment,
    centre_roots,
    centre_season,
    centre_secrets,
    centre_trust,
    documents_base,
    documents_board,
    documents_centre,
    documents_halls,
    documents_network,
    documents_passes,
    duplicates,
    halls,
    network_register,
    operators,
    pass_copies,
    passes,
    passes_issue,
    persons,
    specialties,
    statistics,
    students,
)
from mab_desktop.services.passes import PassChoice

OPERATORS = ("op1", "op2")
FIRST_EXAM = date(YEAR, 5, 20)  # a Friday: even a season of three shifts goes over a Sunday
START_TIME = "09:00"
# Three ciphers a university, so that directions, courses (p.2: the third year in medicine) and languages mix.
CIPHERS = ("050102", "050703", "050901", "051301", "050304", "050508", "050116", "050606")
HALL_SIZES = (30, 24, 18, 40, 20, 36)
TYPING_TIME = timedelta(seconds=95)  # one record, by a practised operator
# Who signs a file beside the programmer where two must.
SECOND_SIGNERS = {
    Role.BASE_UNI: ("coordinator", "Сейітова Жанар Болатқызы"),
    Role.MINISTRY_PROGRAMMER: ("representative", "Нұрланова Айгүл Серікқызы"),
}
REASON = "Студенттің құжаты бойынша"


def prepare(stage: Stage) -> None:
    """Play the whole preparation; afterwards the ministry programmer's PC waits for the eve of shift 1."""
    with stage.counting("rest"):
        stage.progress.stage(N_("The testing centre opens the season"))
        _open_season(stage)
        stage.progress.stage(N_("Network universities type and merge"))
        _type_students(stage)
        stage.progress.stage(N_("The hall fund"))
        _make_hall_fund(stage)
        stage.progress.stage(N_("Statistics, journals, databases"))
        _hand_databases_over(stage)
        stage.progress.stage(N_("The centre allots places and seals its secrets"))
        _allot(stage)
        stage.progress.stage(N_("Passes, registers, hall lists"))
        _issue_passes(stage)
        stage.progress.stage(N_("The ministry programmer takes over"))
        _hand_over_to_ministry(stage)


def _open_season(stage: Stage) -> None:
    plan = stage.plan
    ntc = stage.create("ntc", Role.NTC, "", "registrar", "Тіркеуші", "programmer")
    stage.make_signer("ntc", "registrar")
    stage.make_signer("ntc", "deputy", "Тіркеушінің орынбасары")
    stage.memory["fingerprint"] = centre_roots.create_authority(ntc, stage.signers("ntc"), stage.keep_roots)
    stage.memory["centre_file"] = "mab-centre-trust.json"
    (stage.drive / stage.memory["centre_file"]).write_bytes(centre_trust.trust_bytes(ntc))
    stage.keep("01-centre", documents_centre.print_fingerprint(ntc))
    shifts = centre_season.planned_shifts(FIRST_EXAM, plan.shifts, START_TIME)
    centre_season.set_up(ntc, {plan.base: plan.networks}, shifts)
    stage.at(2, 10)
    for code in plan.networks:
        person = people.make_person(stream(plan.seed, "programmer", code))
        name = f"nu{code}"
        stage.create(name, Role.NETWORK_UNI, code, "programmer", person.name, "programmer")
        stage.enrol(name)
        for login in OPERATORS:
            _open_operator_pc(stage, code, login)
    for name, role in ((f"af{plan.base}", Role.AUDIT_FUND), (f"bu{plan.base}", Role.BASE_UNI),
                       (f"mp{plan.base}", Role.MINISTRY_PROGRAMMER)):  # fmt: skip
        person = people.make_person(stream(plan.seed, "programmer", name))
        stage.create(name, role, plan.base, "programmer", person.name, "programmer")
        if persons.role_needs_persons(role):
            stage.make_signer(name, "programmer")
            stage.make_signer(name, *SECOND_SIGNERS[role])
        stage.enrol(name)
    stage.at(2, 20)
    centre_trust.issue_trust(ntc, stage.signers("ntc"))
    organisations = [name for name in stage.memory["workplaces"] if name != "ntc" and "-" not in name]
    everybody = [name for name in stage.memory["workplaces"] if name != "ntc"]
    stage.hand_over("ntc", "reference", organisations, everybody)
    _give_programs(stage)


def _give_programs(stage: Stage) -> None:
    """The base university gives each network university its program and trains its programmer (p.19, p.20)."""
    plan, base = stage.plan, stage.ctx(f"bu{stage.plan.base}")
    programmers = {code: people.make_person(stream(plan.seed, "programmer", code)).name for code in plan.networks}
    day = base.clock.now().date()
    for code, name in programmers.items():
        given = {"university": code, "day": day, "person": name, "post": "Бағдарламашы", "version": __version__,
                 "carrier": "USB", "signed": True}  # fmt: skip
        network_register.give_program(base, given)
        stage.keep("04-base/program", documents_board.print_program_act(base, code))
    held = {"day": day, "place": "214-дәрісхана", "topic": "«Желілік ЖОО» кешені", "held_by": base.actor.name}
    training = network_register.save_training(base, held)
    came = [network_register.Attendance(code, PROGRAMMER, name) for code, name in programmers.items()]
    network_register.save_attendance(base, training, came)
    stage.keep("04-base/program", documents_board.print_register(base),
               documents_board.print_training(base, training))  # fmt: skip


def _open_operator_pc(stage: Stage, code: str, login: str) -> None:
    person = people.make_person(stream(stage.plan.seed, login, code))
    programmer = stage.ctx(f"nu{code}")
    values = {"login": login, "full_name": person.name, "workplace": f"nu{code}-{login}"}
    operators.save_operator(programmer, values)
    stage.create(f"nu{code}-{login}", Role.NETWORK_UNI, code, login, person.name, "operator", login)
    stage.enrol(f"nu{code}-{login}")


def _students_of(stage: Stage, code: str) -> list[dict[str, Any]]:
    """The truth about a university's students."""
    plan = stage.plan
    index = plan.networks.index(code)
    share = plan.students // plan.universities + (index < plan.students % plan.universities)
    ciphers = [CIPHERS[(3 * index + n) % len(CIPHERS)] for n in range(3)]
    rng = stream(plan.seed, "students", code)
    return people.make_students(rng, share, code, plan.base, ciphers, YEAR)


def _type_students(stage: Stage) -> None:
    stage.at(3, 2)
    for code in stage.plan.networks:
        with stage.counting("people"):
            records = _students_of(stage, code)
        programmer = f"nu{code}"
        ciphers = sorted({record["specialty"] for record in records})
        specialties.choose_specialties(stage.ctx(programmer), ciphers)
        second_typing.set_share(stage, stage.ctx(programmer))
        pcs = [f"{programmer}-{login}" for login in OPERATORS]
        stage.hand_over(programmer, "operator-corrections", programmer, pcs)
        stage.at(3, 3)
        half = len(records) // 2
        piles: dict[str, second_typing.Typed] = {}
        typed = [_type(stage, pc, part, code, piles) for pc, part in zip(pcs, (records[:half], records[half:]),
                                                                         strict=True)]  # fmt: skip
        # One student is typed by both operators: the merge must find it, a person settles it.
        twin = people.duplicate_of(stream(stage.plan.seed, "twin", code), records[0])
        _type_one(stage, pcs[1], twin)
        for pc in pcs:
            stage.hand_over(pc, "operator-portion", programmer, [programmer])
        _settle_duplicates(stage, programmer)
        second_typing.verify(stage, programmer, pcs, piles)
        stage.at(3, 12)
        _correct_slips(stage, typed)
        for pc in pcs:
            stage.hand_over(pc, "operator-portion", programmer, [programmer])
        ctx = stage.ctx(programmer)
        students.set_photos(ctx, [row.id for row in students.all_rows(ctx)], 2)


def _type(
    stage: Stage, pc: str, records: list[dict[str, Any]], code: str, piles: dict[str, second_typing.Typed]
) -> list[tuple[str, str, people.Slip]]:
    """Type records at an operator's PC; the slips that he will see later: (PC, record, slip). `piles` gets the sheets.
    """
    slips = []
    rng = stream(stage.plan.seed, "slips", pc)
    for number, record in enumerate(records):
        paper: Mapping[str, Any] = record
        typed, slip = paper, None
        if number == 1 and pc.endswith(OPERATORS[0]):
            # It stands so on his sheet and nobody sees it before the pass: it becomes the application about wrong data.
            wrong = people.wrong_datum(stream(stage.plan.seed, "wrong-datum", code), record)
            paper = typed = wrong.typed
            stage.memory.setdefault("wrong_data", {})[code] = [record["to_code"], wrong.field, _text(wrong.right)]
        elif number % 15 == 3:
            slip = people.mistype(rng, record)
            typed = slip.typed
        saved = _type_one(stage, pc, typed)
        piles[saved] = second_typing.Typed(paper, typed)
        if slip is not None:
            slips.append((pc, saved, slip))
    return slips


def _type_one(stage: Stage, pc: str, record: Mapping[str, Any]) -> str:
    stage.clock.set(stage.clock.moment + TYPING_TIME)
    values = {name: record[name] for name in STUDENT.names}
    return students.save(stage.ctx(pc), values, base_university=stage.plan.base).id


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _settle_duplicates(stage: Stage, programmer: str) -> None:
    """Two records of one student: the programmer keeps the one typed first."""
    ctx = stage.ctx(programmer)
    for pair in duplicates.find_duplicates(ctx):
        keep, other = sorted((pair.first, pair.second), key=lambda row: (row.created_at, row.id))
        if keep.to_code == other.to_code:
            duplicates.settle_duplicate(ctx, keep.id, other.id, keep.id, "Бір студент екі рет енгізілген")
        else:
            duplicates.settle_duplicate(ctx, keep.id, other.id, "", "Екі бөлек студент")


def _correct_slips(stage: Stage, typed: list[list[tuple[str, str, people.Slip]]]) -> None:
    """The students have looked through the application journal; the operators put their slips right (p.21)."""
    for pc, student, slip in (line for lines in typed for line in lines):
        ctx = stage.ctx(pc)
        row = students.get(ctx, student)
        values = {name: getattr(row, name) for name in STUDENT.names}
        if values[slip.field] != slip.right:
            students.save(ctx, values | {slip.field: slip.right}, student_id=student, version=row.version,
                          ground=REASON)  # fmt: skip


def _make_hall_fund(stage: Stage) -> None:
    plan = stage.plan
    ntc, fund = stage.ctx("ntc"), stage.ctx(f"af{plan.base}")
    stage.at(3, 13)
    need: dict[tuple[str, str], int] = {}
    for code in plan.networks:
        for record in _students_of(stage, code):
            key = (record["specialty"][2:4], record["study_language"])
            need[key] = need.get(key, 0) + 1
    rows = [(direction, language, count) for (direction, language), count in sorted(need.items())]
    centre_season.set_contingent(ntc, plan.base, rows)
    for name in (f"af{plan.base}", f"bu{plan.base}"):
        stage.hand_over("ntc", "contingent", name)
    halls.save_building(fund, {"code": "1", "name": "Бас корпус", "address": "Атырау қ., Студенттер көшесі, 1",
                               "access": "Бас кіреберістен"})  # fmt: skip
    halls.save_building(fund, {"code": "2", "name": "Зертханалық корпус", "address": "Атырау қ., Бейбарыс даңғылы, 12",
                               "access": ""})  # fmt: skip
    halls.plan_shifts(fund, plan.shifts)
    _enter_halls(stage, -(-plan.students // plan.shifts))
    balance = halls.seat_balance(fund)
    stage.memory["seats_checked"] = {"students": plan.students, "missing": balance.missing}
    stage.keep("02-hall-fund", documents_halls.print_hall_fund(fund))
    stage.at(3, 14)
    stage.hand_over(fund.organisation, "hall-fund", "ntc")
    stage.hand_over(fund.organisation, "hall-fund", f"bu{plan.base}")


def _enter_halls(stage: Stage, a_shift: int) -> None:
    """Halls of different sizes in both buildings, a third more seats than one shift needs."""
    fund = stage.ctx(f"af{stage.plan.base}")
    seats, number = 0, 0
    while seats < a_shift * 4 // 3 + 12 or number < 4:
        size = HALL_SIZES[number % len(HALL_SIZES)]
        building = "1" if number % 2 == 0 else "2"
        places = 6 if size % 6 == 0 else 5
        halls.save_hall(fund, {
            "building": building, "number": f"{100 * int(building) + number // 2 + 1}", "floor": 1 + number // 6,
            "kind": "Дәрісхана", "rows": -(-size // places), "places_in_row": places, "seats": size, "distance": 150,
            "board": True, "camera": number % 3 == 0, "remark": "",
        })  # fmt: skip
        seats += size
        number += 1


def _hand_databases_over(stage: Stage) -> None:
    plan, bu = stage.plan, f"bu{stage.plan.base}"
    for month, day, name in ((3, 16, "preliminary1"), (4, 1, "preliminary2")):
        stage.at(month, day)
        for code in plan.networks:
            nu = stage.ctx(f"nu{code}")
            stage.keep(f"03-network/{code}", documents_network.print_statistics(nu, name))
            stage.hand_over(f"nu{code}", "statistics", bu)
        stage.hand_over(bu, "statistics", "ntc")
    stage.at(4, 4)
    for code in plan.networks:
        nu = stage.ctx(f"nu{code}")
        stage.keep(
            f"03-network/{code}", documents_network.print_operator_list(nu),
            documents_network.print_specialty_list(nu),
            documents_network.print_operators_journal(nu, date(YEAR, 3, 1), date(YEAR, 4, 4)),
            documents_network.print_application_journal(nu),
        )  # fmt: skip
    stage.at(4, 8)
    for code in plan.networks:
        nu = stage.ctx(f"nu{code}")
        statistics.choose_stage(nu, "final")
        stage.keep(f"03-network/{code}", documents_network.print_database(nu, plan.base))
        stage.hand_over(f"nu{code}", "statistics", bu)
        stage.hand_over(f"nu{code}", "university-students", bu)
    stage.at(4, 12)
    base = stage.ctx(bu)
    for code in plan.networks:
        stage.keep("04-base", documents_base.print_statistics(base, code))
        with base.store.read() as session:
            total, checksum = base_board.database_sum(session, code)
        acceptance.confirm_paper(base, code, total, checksum, base_board.Signed(person="Бірінші басшы"))
        base_board.confirm_statistics(base, code, total, checksum, base_board.Signed(person="Бірінші басшы"))
        stage.keep("04-base", documents_board.print_database_act(base, code))
    stage.at(4, 14)
    stage.keep("04-base", documents_base.print_fax(base))
    stage.hand_over(bu, "statistics", "ntc")
    stage.hand_over(bu, "base-students", "ntc")


def _allot(stage: Stage) -> None:
    plan = stage.plan
    ntc = stage.ctx("ntc")
    stage.at(4, 18)
    centre_allotment.allot(ntc, plan.base, stage.progress, spread=True)
    centre_secrets.prepare_exam(ntc, plan.base, stage.progress)
    stage.at(4, 20)
    for name in (f"bu{plan.base}", f"mp{plan.base}"):
        stage.hand_over("ntc", "final-students", name)
    stage.hand_over("ntc", "variants", f"mp{plan.base}")


def _issue_passes(stage: Stage) -> None:
    plan, bu = stage.plan, f"bu{stage.plan.base}"
    base = stage.ctx(bu)
    stage.at(4, 21)
    passes.number_passes(base)
    for code in plan.networks:
        stage.keep(
            f"05-passes/{code}", documents_passes.print_passes(base, PassChoice(code)),
            documents_passes.print_register(base, PassChoice(code)),
            documents_passes.print_university_list(base, PassChoice(code)),
        )  # fmt: skip
        stage.hand_over(bu, "passes", f"nu{code}")
        pass_copies.issue(base, code)
        stage.keep(f"05-passes/{code}", documents_passes.print_given_act(base, code))
    for shift, hall, _count in passes.halls_used(base):
        stage.keep("05-passes/halls", documents_passes.print_hall_list(base, shift, hall))
    stage.at(4, 23)
    for code in plan.networks:
        _issue_at(stage, code)
        stage.hand_over(f"nu{code}", "wrong-data", bu)
        passes.receive_stubs(base, code)
        stage.keep("04-base", documents_passes.print_stub_act(base, code))
    stage.at(4, 24)
    stage.keep("04-base", documents_base.print_wrong_data(base))
    stage.hand_over(bu, "wrong-data", "ntc")


def _issue_at(stage: Stage, code: str) -> None:
    """Every student signs for his pass; one finds an error on it and applies (p.25)."""
    nu = stage.ctx(f"nu{code}")
    passes_issue.issue(nu, [row.student for row in passes_issue.passes(nu)])
    to_code, field, right = stage.memory["wrong_data"][code]
    row = next(row for row in students.all_rows(nu) if row.to_code == to_code)
    value = date.fromisoformat(right) if field == "birth_date" else right
    passes_issue.enter_wrong_data(nu, row.id, field, value, ground="Жеке куәлік", application_number="1",
                                  application_date=date(YEAR, 4, 23))  # fmt: skip
    stage.keep(f"05-passes/{code}", documents_network.print_wrong_data(nu), documents_network.print_stub_act(nu))


def _hand_over_to_ministry(stage: Stage) -> None:
    plan, bu = stage.plan, f"bu{stage.plan.base}"
    commission_work.work(stage)
    stage.at(5, 13)
    for kind in ("hand-over", "wrong-data"):
        stage.hand_over(bu, kind, f"mp{plan.base}")
    commission_work.hand_over(stage, SECOND_SIGNERS[Role.MINISTRY_PROGRAMMER][1])
