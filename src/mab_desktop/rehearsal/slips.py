"""What a student knows from his slip and his booklet, and what the people around him can look up."""

from __future__ import annotations

from pathlib import Path

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.rehearsal.hall import Seat
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import centre_secrets, commission, hall_sheets, passes, seating
from mab_desktop.services.context import Context


def programmer(stage: Stage) -> Context:
    """The ministry programmer at his PC."""
    return stage.ctx(f"mp{stage.plan.base}")


def truth_path(stage: Stage, shift: int) -> Path:
    """Where the truth of a shift lies."""
    return stage.out / "truth" / f"shift-{shift}.json"


def profile(mp: Context) -> ExamProfile:
    """The exam profile of the season."""
    with mp.store.read() as session:
        return hall_sheets.exam_profile(session)


def serials(mp: Context, shift: int, hall: str) -> list[str]:
    """The serials of a hall's stack of answer sheets, the first on top."""
    with mp.store.read() as session:
        return hall_sheets.stack_serials(session, shift, hall)


def seats_of(stage: Stage, shift: int) -> list[Seat]:
    """Every student at his seat with what stands on his slip, and the right answers that only the rehearsal knows."""
    ntc, base = stage.ctx("ntc"), stage.ctx(f"bu{stage.plan.base}")
    with ntc.store.read() as session:
        letters = centre_secrets.centre_key(session, shift).letters
    slip_of = {slip.code: slip for slip in passes.pass_lines(base, shift=shift)}
    return [
        Seat(
            line.hall, line.seat, line.code, line.variant, line.test_language, slip_of[line.code].foreign_language,
            _written(slip_of[line.code]), tuple(letters[line.variant, code] for code in slip_of[line.code].subjects),
        )
        for line in seating.seat_lines(programmer(stage), shift)
    ]  # fmt: skip


def _written(slip: passes.PassLine) -> dict[str, str]:
    names = dict(zip(("surname", "first_name", "patronymic"), slip.name.split(" ", 2), strict=False))
    return names | {"university": f"ЖОО {slip.university}", "specialty": slip.specialty}


def commission_names(mp: Context) -> list[str]:
    """Everybody on the state commission who votes, the chair first."""
    return [str(m["full_name"]) for m in commission.members(mp) if m["role"] != "observer"]


def subjects_by_code(stage: Stage, shift: int) -> dict[str, tuple[str, ...]]:
    """The five subjects of every student of a shift, in the order of sectors 6-10."""
    mp = programmer(stage)
    with mp.store.read() as session:
        subjects = hall_sheets.subjects_of(session, shift)
    return {line.code: subjects[line.student] for line in seating.seat_lines(mp, shift)}


def names_by_code(stage: Stage, shift: int) -> dict[str, str]:
    """The names of a shift's students."""
    return {line.code: line.name for line in seating.seat_lines(programmer(stage), shift)}
