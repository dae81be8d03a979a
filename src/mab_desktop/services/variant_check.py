"""The variants that the centre sent against the seats of a shift (p.26, p.33): what differs, what is left over.

A draw fills a hall's seats from 1 on, so the number of its students tells which seats are taken, before the draw too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.hall_plan import Grid
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require
from mab_desktop.services.halls import grid_of
from mab_desktop.services.kept import kept
from mab_desktop.storage.tables.exam import SheetStack, VariantSeat
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment

_TOLD = 12  # seats named one by one in a sentence


@dataclass(frozen=True, slots=True)
class HallVariants:
    """A hall's booklets against its seats: `surplus` counts by variant what no student sits at; `sheets` are blanks."""

    hall: str
    students: int
    booklets: int
    sheets: int
    surplus: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def left_over(self) -> int:
        """Booklets that go into the safe (p.33)."""
        return sum(self.surplus.values())


def check_variants(ctx: Context, shift: int) -> list[HallVariants]:
    """Every hall of a shift, in the order of their numbers; halls where booklets but no students are come too."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return check_variants_of(session, ctx.university, shift)


def check_variants_of(session: Session, university: str, shift: int) -> list[HallVariants]:
    """`check_variants` within a session; kept until anything is written."""
    return kept(session, ("variant-check", university, shift), lambda: _checked(session, university, shift))


def _checked(session: Session, university: str, shift: int) -> list[HallVariants]:
    laid: dict[str, dict[int, str]] = {}
    seats_of = select(VariantSeat.hall, VariantSeat.seat, VariantSeat.variant).where(VariantSeat.shift == shift)
    for hall, seat, variant in session.execute(seats_of):
        laid.setdefault(hall, {})[seat] = variant
    count = select(Allotment.hall, func.count()).where(Allotment.shift == shift).group_by(Allotment.hall)
    students: dict[str, int] = {row[0]: row[1] for row in session.execute(count)}
    stacks = {row.hall: row.count for row in session.scalars(select(SheetStack).where(SheetStack.shift == shift))}
    rows = {row.number: row for row in session.scalars(select(Hall).where(Hall.base_university == university))}
    found = []
    for hall in sorted(students.keys() | laid.keys(), key=lambda number: (len(number), number)):
        taken = set(range(1, students.get(hall, 0) + 1))
        found.append(_compared(hall, taken, laid.get(hall, {}), stacks.get(hall, 0), rows.get(hall)))
    return found


def _compared(hall: str, taken: set[int], laid: Mapping[int, str], sheets: int, row: Hall | None) -> HallVariants:
    surplus = Counter(variant for seat, variant in laid.items() if seat not in taken)
    problems = [*_seat_problems(hall, taken, laid, row.seats if row else 0)]
    if sheets < len(taken):
        problems.append(_problem(N_("Hall {hall}: {sheets} answer sheets for {students} students."), hall=hall,
                                 sheets=sheets, students=len(taken)))  # fmt: skip
    problems += _near(hall, taken, laid, grid_of(row) if row else ())
    return HallVariants(hall, len(taken), len(laid), sheets, dict(sorted(surplus.items())), tuple(problems))


def _seat_problems(hall: str, taken: set[int], laid: Mapping[int, str], seats: int) -> Iterable[Problem]:
    if laid and not taken:
        yield _problem(N_("Hall {hall}: booklets for {n} seats came, but nobody sits there in this shift."), hall=hall,
                       n=len(laid))  # fmt: skip
    if missing := sorted(taken - laid.keys()):
        yield _problem(N_("Hall {hall}: the centre laid no variant on seats {seats}."), hall=hall, seats=_list(missing))
    if beyond := sorted(seat for seat in laid if not 1 <= seat <= seats):
        yield _problem(N_("Hall {hall}: variants lie on seats that it does not have: {seats}."), hall=hall,
                       seats=_list(beyond))  # fmt: skip


def _near(hall: str, taken: set[int], laid: Mapping[int, str], grid: Grid) -> Iterable[Problem]:
    """Students side by side, in the eight places around, with one variant (p.26)."""
    places = {number: (r, c) for r, row in enumerate(grid) for c, number in enumerate(row) if number in taken}
    alike: dict[str, list[int]] = {}
    for seat in sorted(places):
        alike.setdefault(laid.get(seat, ""), []).append(seat)
    for variant, seats in sorted(alike.items()):
        for first, second in combinations(seats, 2) if variant else ():
            (r1, c1), (r2, c2) = places[first], places[second]
            if abs(r1 - r2) <= 1 and abs(c1 - c2) <= 1:
                text = N_("Hall {hall}: seats {first} and {second} stand side by side and both hold variant {variant}.")
                yield _problem(text, hall=hall, first=first, second=second, variant=variant)


def _list(seats: list[int]) -> str:
    told = ", ".join(map(str, seats[:_TOLD]))
    return f"{told} … ({len(seats)})" if len(seats) > _TOLD else told


def _problem(text: str, **params: object) -> Problem:
    return Problem("variant", text, tuple(params.items()))

