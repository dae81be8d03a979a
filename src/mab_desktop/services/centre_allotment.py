"""The centre allots: code, subjects, shift and hall of every student of a base university, once (p.23)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.allotment import (
    SUBJECT_FIELDS,
    Candidate,
    HallLoad,
    HallPlaces,
    Place,
    Sitting,
    deal,
    draw_codes,
    even_needs,
    fewest_shifts,
    hall_loads,
    language_of_test,
    missing_places,
    parted,
    require_places,
    same_pairs,
    subjects_of,
)
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.student import direction_of
from mab_desktop.i18n import N_
from mab_desktop.services import hall_cover
from mab_desktop.services.centre_season import exam_profile
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.hall_cover import Cover, Size
from mab_desktop.services.settings import reference_list, setting, ties
from mab_desktop.storage.tables.centre import AllotmentRun
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Shift, Student


@dataclass(frozen=True, slots=True)
class Quality:
    """How good an allotment is, each figure beside the proven least that it could be.

    `sittings` are halls counted once for each shift, `mixed` those of them with several languages. Pairs sit in one
    hall and come from one network university, or belong to one direction.
    """

    shifts: int
    least_shifts: int
    sittings: int
    least_sittings: int
    mixed: int
    least_mixed: int
    university_pairs: int
    least_university_pairs: int
    direction_pairs: int
    least_direction_pairs: int


@dataclass(frozen=True, slots=True)
class AllotmentReport:
    """What an allotment came to; `digest` names its result."""

    base: str
    students: int
    loads: tuple[HallLoad, ...]
    digest: str
    quality: Quality

    @property
    def mixed_halls(self) -> int:
        """Halls in which two languages sit together because there was no other way."""
        return sum(len(load.languages) > 1 for load in self.loads)


def obstacles_to_allot(ctx: Context, base: str) -> list[Problem]:
    """Why the students of a base university cannot be allotted yet, [] when they can."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return _obstacles(session, base, None)


def allotted(ctx: Context, base: str) -> int | None:
    """How many students of a base university were allotted; None before that was done."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        run = session.get(AllotmentRun, base)
        return run.students if run is not None else None


def allot(
    ctx: Context, base: str, progress: Progress = Silent(), *, shifts: Sequence[int] | None = None,
    spread: bool = False,
) -> AllotmentReport:  # fmt: skip
    """Allot every student of a base university to as few of `shifts` (default: of the season) as hold them, with codes
    and subjects; `spread` fills all of these shifts evenly instead.

    Done once: codes and halls stand on passes afterwards. The seed is kept, so the allotment can be made again and
    compared. UserError names the places that are missing when the hall fund is too small; nothing changes then.
    """
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        if session.get(AllotmentRun, base) is not None:
            raise OutOfOrder(N_("The students of {code} are allotted already; this can be done only once."), code=base)
        if problems := _obstacles(session, base, shifts):
            raise Refused(problems)
        chosen = list(shifts or session.scalars(select(Shift.number).order_by(Shift.number)))
        candidates, specialties = _candidates(session, base)
        halls = _halls(session, base)
        profile = exam_profile(session)
        subjects = setting(session, "subjects_by_direction")
        taken = set(session.scalars(select(Allotment.code)))
    progress.stage(N_("Allotting places"), len(candidates))
    seed = ctx.entropy.bytes(32)
    places, bounds = place_students(candidates, halls, chosen, seed, spread=spread)
    codes = draw_codes(len(places), taken, profile.code_digits, ctx.entropy)
    rows = _rows(places, candidates, dict(zip(sorted(p.student for p in places), codes, strict=True)), subjects)
    progress.step(len(rows))
    digest = _digest(rows)
    with ctx.store.write(ctx.actor) as tx:
        if tx.session.get(AllotmentRun, base) is not None:
            raise OutOfOrder(N_("The students of {code} are allotted already; this can be done only once."), code=base)
        tx.session.execute(insert(Allotment), rows)
        facts = [[c.student, c.direction, c.language] for c in sorted(candidates, key=lambda c: c.student)]
        facts += [[h.building, h.number, str(h.seats)] for h in sorted(halls, key=lambda h: h.number)]
        input_digest = hashlib.sha256(repr((facts, chosen)).encode()).hexdigest()
        tx.session.add(
            AllotmentRun(base_university=base, seed=seed.hex(), input_digest=input_digest, result_digest=digest,
                         students=len(rows), at=stamp(ctx), by=ctx.actor.login)
        )  # fmt: skip
        tx.note("allotment-made", base, students=len(rows), shifts=chosen, result=digest)
    loads = hall_loads(places, candidates, halls)
    return AllotmentReport(base, len(rows), loads, digest, quality(places, candidates, halls, bounds))


def place_students(
    candidates: Sequence[Candidate], halls: Sequence[HallPlaces], shifts: Sequence[int], seed: bytes, *,
    spread: bool = False,
) -> tuple[tuple[Place, ...], tuple[int, int]]:  # fmt: skip
    """A place for everybody, and the least sittings, and the least mixed ones, that could do.

    UserError when the hall fund is too small.
    """
    if not candidates:
        return (), (0, 0)
    require_places(len(candidates), halls, len(shifts))
    by_size: dict[int, list[HallPlaces]] = {}
    for hall in sorted(halls, key=lambda hall: (-hall.seats, hall.building, hall.number)):
        by_size.setdefault(hall.seats, []).append(hall)
    languages = Counter(candidate.language for candidate in candidates)
    sizes = {seats: len(own) for seats, own in by_size.items()}
    if spread:
        rounds = [
            (needs, [shift], _cover(needs, sizes, 1))
            for needs, shift in zip(even_needs(languages, len(shifts)), shifts, strict=True)
        ]
    else:
        used, found = _shifts_apart(languages, sizes, fewest_shifts(len(candidates), halls), len(shifts))
        rounds = [(dict(languages), list(shifts[:used]), found)]
    places: list[Place] = []
    for (needs, inside, found), people in zip(rounds, parted(candidates, [r[0] for r in rounds], seed), strict=True):
        places += deal(people, list(_sittings(found, list(by_size.values()), inside, sorted(needs))), seed)
    covers = [found for _needs, _inside, found in rounds]
    return tuple(places), (sum(c.least_sittings for c in covers), sum(c.least_mixed for c in covers))


def _shifts_apart(languages: Mapping[str, int], sizes: Mapping[int, int], fewest: int, most: int) -> tuple[int, Cover]:
    """As few shifts as hold everybody; more only where they keep languages apart that would share a hall."""
    best, found = fewest, _cover(languages, sizes, fewest)
    for used in range(fewest + 1, most + 1):
        if not found.least_mixed:
            break
        other = _cover(languages, sizes, used)
        if sum(other.mixed.values()) < sum(found.mixed.values()):
            best, found = used, other
    return best, found


def _cover(needs: Mapping[str, int], sizes: Mapping[int, int], shifts: int) -> Cover:
    return hall_cover.cover(needs, [Size(seats, halls * shifts) for seats, halls in sizes.items()])


def _sittings(
    found: Cover, halls_by_size: Sequence[Sequence[HallPlaces]], shifts: Sequence[int], languages: Sequence[str]
) -> Iterator[Sitting]:
    """Halls and shifts for a cover.

    A hall in use is used in every shift, so that few have to be made ready; the last one of a size goes to the shifts
    with the fewest seats so far.
    """
    seats = dict.fromkeys(shifts, 0)
    for n, halls in enumerate(halls_by_size):
        uses: list[tuple[str, ...]] = [
            (language,) for language in languages for _ in range(found.own.get((n, language), 0))
        ]
        uses += [tuple(languages)] * found.mixed.get(n, 0)
        for place, hall in enumerate(halls[: -(-len(uses) // len(shifts))]):
            here = uses[place * len(shifts) : (place + 1) * len(shifts)]
            for shift, use in zip(sorted(shifts, key=lambda shift: (seats[shift], shift)), here, strict=False):
                seats[shift] += hall.seats
                yield Sitting(shift, hall, use)


def quality(
    places: Sequence[Place], candidates: Sequence[Candidate], halls: Sequence[HallPlaces], bounds: tuple[int, int]
) -> Quality:
    """How good `places` are; `bounds` as `place_students` gives them."""
    loads = hall_loads(places, candidates, halls)
    languages = {c.student: c.language for c in candidates}
    universities = same_pairs(places, {c.student: c.university for c in candidates}, languages)
    directions = same_pairs(places, {c.student: c.direction for c in candidates}, languages)
    return Quality(
        len({load.shift for load in loads}), fewest_shifts(len(candidates), halls), len(loads), bounds[0],
        sum(len(load.languages) > 1 for load in loads), bounds[1], *universities, *directions,
    )  # fmt: skip


def allotted_shifts(session: Session, base: str) -> list[int]:
    """The shifts that students of a base university are allotted to."""
    query = select(Allotment.shift).join(Student, Student.id == Allotment.student)
    return sorted(set(session.scalars(query.where(Student.base_university == base))))


def allotted_halls(session: Session, base: str) -> dict[tuple[int, str], int]:
    """Students by shift and hall of a base university."""
    query = (
        select(Allotment.shift, Allotment.hall, func.count())
        .join(Student, Student.id == Allotment.student)
        .where(Student.base_university == base)
        .group_by(Allotment.shift, Allotment.hall)
        .order_by(Allotment.shift, Allotment.hall)
    )
    return {(shift, hall): count for shift, hall, count in session.execute(query)}


def allotted_subjects(session: Session, base: str, shift: int) -> list[str]:
    """Subjects that students of a base university sit in a shift."""
    columns = [getattr(Allotment, name) for name in SUBJECT_FIELDS]
    query = select(*columns).join(Student, Student.id == Allotment.student)
    rows = session.execute(query.where(Student.base_university == base, Allotment.shift == shift).distinct())
    return sorted({subject for row in rows for subject in row})


def _obstacles(session: Session, base: str, shifts: Sequence[int] | None) -> list[Problem]:
    found = []
    planned = set(session.scalars(select(Shift.number)))
    if base not in ties(session):
        return [Problem("base", N_("{code} is not a base university of this season."), (("code", base),))]
    if not planned:
        found.append(Problem("shift", N_("The shifts of the season are not planned yet.")))
    for shift in sorted(set(shifts or ()) - planned):
        found.append(Problem("shift", N_("Shift {number} is not planned."), (("number", shift),)))
    halls = _halls(session, base)
    if not halls:
        found.append(Problem("hall", N_("The hall fund of {code} has not come yet."), (("code", base),)))
    count = select(func.count()).select_from(Student)
    students = session.scalar(count.where(Student.base_university == base, Student.deleted_at.is_(None))) or 0
    if not students:
        found.append(Problem("student", N_("The student database of {code} has not come yet."), (("code", base),)))
    lacking = missing_places(students, halls, len(shifts or planned))
    if halls and planned and lacking:
        found.append(
            Problem("hall", N_("The hall fund is too small: {missing} places are missing for {students} students in "
                               "{shifts} shifts."),
                    (("missing", lacking), ("students", students), ("shifts", len(shifts or planned))))
        )  # fmt: skip
    return found


def _candidates(session: Session, base: str) -> tuple[list[Candidate], Mapping[str, Any]]:
    specialties = {code: dict(line.extra) for code, line in reference_list(session, "specialty").items()}
    languages = exam_profile(session).test_languages
    query = select(Student.id, Student.specialty, Student.study_language, Student.university)
    rows = session.execute(query.where(Student.base_university == base, Student.deleted_at.is_(None)))
    found = [
        Candidate(student, direction_of(specialty or "", specialties), language_of_test(language or "", languages), own)
        for student, specialty, language, own in rows
    ]
    return found, specialties


def _halls(session: Session, base: str) -> list[HallPlaces]:
    query = select(Hall.building, Hall.number, Hall.seats).where(Hall.base_university == base).order_by(Hall.number)
    return [HallPlaces(building, number, seats) for building, number, seats in session.execute(query)]


def _rows(
    places: Iterable[Place], candidates: Iterable[Candidate], codes: Mapping[str, str], subjects: Mapping[str, Any]
) -> list[dict[str, Any]]:
    known = {c.student: c for c in candidates}
    rows = []
    for place in sorted(places, key=lambda p: p.student):
        who = known[place.student]
        own = subjects_of(who.direction, subjects, len(SUBJECT_FIELDS))
        rows.append({
            "student": place.student, "code": codes[place.student], "shift": place.shift, "building": place.building,
            "hall": place.hall, "test_language": who.language, **dict(zip(SUBJECT_FIELDS, own, strict=True)),
        })  # fmt: skip
    return rows


def _digest(rows: Iterable[Mapping[str, Any]]) -> str:
    whole = hashlib.sha256()
    for row in rows:
        whole.update(("|".join(str(value) for value in row.values()) + "\n").encode())
    return whole.hexdigest()
