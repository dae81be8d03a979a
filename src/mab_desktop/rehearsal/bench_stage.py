"""A centre, a base university with its students, and its ministry PC, made to measure carriers between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Silent
from mab_desktop.domain.reference import default_lines
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.people import make_students
from mab_desktop.rehearsal.stage import BASE, YEAR, Plan, Stage, new_stage
from mab_desktop.services import base_board, bench_carrier, centre_roots, centre_season, centre_trust
from mab_desktop.services.context import Context

FIRST_DAY = "2011-03-01T09:00:00+06:00"


@dataclass(frozen=True)
class BenchPlaces:
    """The open workplaces, the folder that stands for the drive, and the password of the base university's person."""

    base: Context
    ministry: Context
    centre: Context
    drive: Path
    password: str


@contextmanager
def bench_places(out: Path, students: int, seed: str, lang: str) -> Iterator[BenchPlaces]:
    """The workplaces below `out`; the base university holds `students` records of four universities."""
    stage = new_stage(out, Plan(seed, students, 4, 1), lang, Silent())
    try:
        yield _furnish(stage)
    finally:
        stage.close()


def _furnish(stage: Stage) -> BenchPlaces:
    plan = stage.plan
    centre = stage.create("ntc", Role.NTC, "", "registrar", "Тіркеуші", "programmer")
    for login in ("registrar", "deputy"):
        stage.make_signer("ntc", login, login)
    stage.memory["fingerprint"] = centre_roots.create_authority(centre, stage.signers("ntc"), stage.keep_roots)
    stage.memory["centre_file"] = "mab-centre-trust.json"
    (stage.drive / stage.memory["centre_file"]).write_bytes(centre_trust.trust_bytes(centre))
    shifts = centre_season.planned_shifts(stage.clock.moment.date(), 1, "09:00")
    centre_season.set_up(centre, {plan.base: plan.networks}, shifts)
    places = {}
    for name, role in ((f"bu{BASE}", Role.BASE_UNI), (f"mp{BASE}", Role.MINISTRY_PROGRAMMER)):
        places[name] = stage.create(name, role, BASE, "programmer", "Асан Үсенұлы", "programmer")
        stage.enrol(name)
    centre_trust.issue_trust(centre, stage.signers("ntc"))
    stage.hand_over("ntc", "reference", list(places))
    base = places[f"bu{BASE}"]
    _fill(base, plan)
    return BenchPlaces(base, places[f"mp{BASE}"], centre, stage.drive, stage.password(f"bu{BASE}"))


def _fill(base: Context, plan: Plan) -> None:
    """Records of every university, handed in and let out although the rest of the season is missing."""
    ciphers = [line.code for line in default_lines() if line.list == "specialty"]
    records = []
    for number, code in enumerate(plan.networks):
        count = plan.students // len(plan.networks) + (number < plan.students % len(plan.networks))
        made = make_students(stream(plan.seed, "bench", code), count, code, BASE, ciphers, YEAR)
        whole = bench_carrier.student_records(made, code, BASE, FIRST_DAY)
        records += [{**record, "id": f"{number:02x}{record['id'][2:]}"} for record in whole]
    bench_carrier.put_students(base, records)
    with base.store.write(base.actor) as tx:
        base_board.add_entry(base, tx, plan.networks[0], "database", count=len(records))
    base_board.allow_incomplete(base, "What carriers cost is measured here.")
