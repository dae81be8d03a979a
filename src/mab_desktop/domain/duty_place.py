"""Where duty officers of halls and corridors serve (p.6, p.24): enough in every hall, nobody twice in a shift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.names import sort_key
from mab_desktop.i18n import N_

# The seating sheet and the acts have a line for two (p.31, p.33); the regulation and the profile name no other number.
LEAST_OFFICERS = 2


@dataclass(frozen=True, slots=True)
class DutyPlace:
    """A hall or corridor of an officer; `shift` None: in every shift."""

    row: str
    shift: int | None
    place: str


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody on the list of duty officers with his places."""

    id: str
    full_name: str
    post: str
    phone: str
    file_received: bool
    trained: bool
    places: tuple[DutyPlace, ...]

    @property
    def ready(self) -> bool:
        """His personal file is here and he is trained."""
        return self.file_received and self.trained

    def in_shift(self, shift: int | None) -> tuple[DutyPlace, ...]:
        """His places in a shift; with None those in any."""
        return tuple(p for p in self.places if shift is None or p.shift in (None, shift))


@dataclass(frozen=True, slots=True)
class Post:
    """A hall (or, without students, a corridor) in a shift, and who serves there as (id of the place, name)."""

    shift: int
    day: date | None
    place: str
    building: str
    students: int
    officers: tuple[tuple[str, str], ...]
    hall: bool

    @property
    def missing(self) -> int:
        """How many officers a hall lacks; a corridor lacks none."""
        return max(0, LEAST_OFFICERS - len(self.officers)) if self.hall else 0


def same_place(one: str, other: str) -> bool:
    """A hall's number with and without leading zeros is one hall."""
    return one.strip().lstrip("0").casefold() == other.strip().lstrip("0").casefold()


def clash(officer: Officer, shift: int | None, place: str) -> Problem | None:
    """Why an officer cannot also serve there: he stands elsewhere (or there already) in the same shift."""
    busy = officer.in_shift(shift)
    if not busy:
        return None
    text = N_("{name} serves in {place} in the same shift already.")
    return Problem("place", text, (("name", officer.full_name), ("place", busy[0].place), ("wanted", place)))


def filled(posts: Iterable[Post], officers: Sequence[Officer]) -> list[tuple[str, int, str]]:
    """Who is to serve where halls lack officers: (officer, shift, place).

    Only those who are ready are taken, each at most once in a shift, the one with the fewest shifts first, and of those
    one who has not served in that hall yet.
    """
    load = {o.id: len(o.places) for o in officers}
    been = {(o.id, p.place) for o in officers for p in o.places}
    busy = {o.id: {p.shift for p in o.places} for o in officers}
    ready = sorted((o for o in officers if o.ready), key=lambda o: sort_key(o.full_name))
    found: list[tuple[str, int, str]] = []
    for post in posts:
        for _place in range(post.missing):
            free = [o for o in ready if not busy[o.id] & {None, post.shift}]
            if not free:
                break
            keyed = [(load[o.id], (o.id, post.place) in been, number) for number, o in enumerate(free)]
            chosen = free[min(keyed)[2]]
            been.add((chosen.id, post.place))
            found.append((chosen.id, post.shift, post.place))
            load[chosen.id] += 1
            busy[chosen.id].add(post.shift)
    return found
