"""Which halls to take for the contingent (p.17): a proposal that is always the same for the same halls and needs.

What counts, in this order: everybody gets a seat; as few halls as possible that are warned about (too large, seats too
near); no sitting of a hall with two languages; few halls; few empty seats; low hall numbers. A hall that is taken sits
in every shift, each time with one language, so the `shifts` sittings of the halls are divided among the languages.

Halls of one size are interchangeable, so sets are counted by size. Which sums of seats can be made of n halls is kept
as bits of whole numbers (dynamic programming over seats); sets are then walked through from the least sum on, and of
each is asked, by the same means in as many dimensions as there are further languages, whether its sittings can be
divided. The search ends after `SETS_TRIED` sets; a sitting is then shared by two languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, groupby, islice

SETS_TRIED = 300
_WIDEST = 1 << 24  # bits of one table; more languages or larger needs than that are filled one after the other


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hall that could be taken; `warned` is one that is taken last."""

    number: str
    seats: int
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """The halls to take, and how many of its sittings each gives to which language.

    `missing` students find no seat even in all halls. `mixed` sittings hold two languages; `spare` seats stay empty.
    """

    taken: tuple[str, ...] = ()
    sittings: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seats: int = 0
    shifts: int = 1
    students: int = 0
    warned: int = 0
    mixed: int = 0
    fewest: int = 0  # halls that would do if languages were mixed

    @property
    def missing(self) -> int:
        """Students without a seat."""
        return max(0, self.students - self.seats * self.shifts)

    @property
    def spare(self) -> int:
        """Seats over all shifts that stay empty."""
        return max(0, self.seats * self.shifts - self.students)


Size = tuple[int, bool]  # seats of a hall, whether it is warned about
Chosen = dict[Size, int]  # how many halls of each size


def propose(halls: Sequence[Candidate], needs: Mapping[str, int], shifts: int) -> Proposal:
    """The halls to take for `needs` (students by language) in `shifts` sittings."""
    known = sorted(halls, key=lambda hall: hall.number)
    wanted = {language: count for language, count in sorted(needs.items()) if count > 0}
    students = sum(wanted.values())
    if not students or not known:
        return Proposal(shifts=shifts, students=students)
    if sum(hall.seats for hall in known) * shifts < students:
        return _made(known, wanted, shifts, 0)
    seats_needed = -(-students // shifts)
    warned = _fewest_warned(known, seats_needed)
    sizes = _sizes(known)
    first: Chosen = {}
    for count in range(_fewest(known, seats_needed), len(known) + 1):
        for chosen in islice(_sets(sizes, count, warned, seats_needed), SETS_TRIED):
            first = first or chosen
            if divided(_expanded(chosen), wanted, shifts) is not None:
                return _made(_pick(known, chosen), wanted, shifts, sum(first.values()))
    return _made(_pick(known, first), wanted, shifts, sum(first.values()))


def _fewest(halls: Sequence[Candidate], seats: int) -> int:
    """How many of the largest halls have so many seats."""
    largest = accumulate(sorted((hall.seats for hall in halls), reverse=True))
    return next(count for count, total in enumerate(largest, 1) if total >= seats)


def _fewest_warned(halls: Sequence[Candidate], seats: int) -> int:
    """How many of the halls that are taken last have to be taken all the same."""
    left = seats - sum(hall.seats for hall in halls if not hall.warned)
    count = 0
    for hall in sorted((hall for hall in halls if hall.warned), key=lambda hall: -hall.seats):
        if left <= 0:
            break
        left, count = left - hall.seats, count + 1
    return count


def _sizes(halls: Sequence[Candidate]) -> list[tuple[Size, int]]:
    """The sizes at hand with the number of their halls, the largest first."""
    keys = sorted(((hall.seats, hall.warned) for hall in halls), key=lambda size: (-size[0], size[1]))
    return [(size, len(list(same))) for size, same in groupby(keys)]


def _sets(sizes: Sequence[tuple[Size, int]], count: int, warned: int, seats: int) -> Iterator[Chosen]:
    """Every set of `count` halls, `warned` of them warned about, with `seats` or more; the least sum first."""
    tables = _reachable(sizes, count, warned)
    bits = tables[0].get((count, warned), 0) >> seats
    total = seats
    while bits:
        step = (bits & -bits).bit_length() - 1
        total, bits = total + step, bits >> step
        yield from _walk(sizes, tables, 0, count, warned, total)
        total, bits = total + 1, bits >> 1


def _reachable(sizes: Sequence[tuple[Size, int]], count: int, warned: int) -> list[dict[tuple[int, int], int]]:
    """For the sizes from each place on: (halls, warned ones) -> bits of the sums that they can make."""
    tables: list[dict[tuple[int, int], int]] = [{(0, 0): 1}]
    for (seats, is_warned), there in reversed(sizes):
        made: dict[tuple[int, int], int] = {}
        for (halls, bad), bits in tables[-1].items():
            most = min(there, count - halls, warned - bad if is_warned else there)
            for n in range(most + 1):
                key = (halls + n, bad + n * is_warned)
                made[key] = made.get(key, 0) | bits << n * seats
        tables.append(made)
    return tables[::-1]


def _walk(
    sizes: Sequence[tuple[Size, int]], tables: Sequence[Mapping[tuple[int, int], int]], place: int, count: int,
    warned: int, total: int,
) -> Iterator[Chosen]:  # fmt: skip
    """Every set with just this sum, the one with more large halls first."""
    if place == len(sizes):
        yield {}
        return
    (seats, is_warned), there = sizes[place]
    for n in range(min(there, count), -1, -1):
        rest, bad = total - n * seats, warned - n * is_warned
        if rest >= 0 and tables[place + 1].get((count - n, bad), 0) >> rest & 1:
            for found in _walk(sizes, tables, place + 1, count - n, bad, rest):
                yield {(seats, is_warned): n, **found} if n else found


def _pick(halls: Sequence[Candidate], chosen: Mapping[Size, int]) -> list[Candidate]:
    """The halls with the lowest numbers of each size."""
    left = dict(chosen)
    picked = []
    for hall in halls:
        size = (hall.seats, hall.warned)
        if left.get(size, 0):
            left[size] -= 1
            picked.append(hall)
    return picked


def _expanded(chosen: Mapping[Size, int]) -> list[int]:
    return [seats for (seats, _warned), n in chosen.items() for _ in range(n)]


# -- languages ---------------------------------------------------------------------------------------------------------


def divided(seats: Sequence[int], needs: Mapping[str, int], shifts: int) -> list[dict[str, int]] | None:
    """How many of its sittings each hall (by seats) gives to each language, none shared; None when it cannot be.

    The sums that the languages but the largest can get are bits of one number: a language's sum lies between its need
    and its need with all seats that stay empty, which bounds the table.
    """
    spare = sum(seats) * shifts - sum(needs.values())
    if spare < 0:
        return None
    order = sorted(needs, key=lambda language: (needs[language], language))
    small, large = order[:-1], order[-1]
    widths = [needs[language] + spare + 1 for language in small]
    steps = [1]
    for wide in widths:
        steps.append(steps[-1] * wide)
    if steps[-1] > _WIDEST:
        return None
    layers = _layers(seats, shifts, widths, steps)
    end = _least(layers[-1], [needs[language] for language in small], widths, steps)
    if end is None:
        return None
    return _traced(layers, seats, shifts, small, large, steps, end)


def _layers(seats: Sequence[int], shifts: int, widths: Sequence[int], steps: Sequence[int]) -> list[int]:
    """After each sitting, the bits of what the small languages may have got; the first layer is before all."""
    full = (1 << steps[-1]) - 1
    layers = [1]
    below = cache(_below)  # halls of one size share their masks
    for size in (size for size in seats for _ in range(shifts)):
        bits = layers[-1]
        for wide, step in zip(widths, steps, strict=False):
            if size < wide:
                bits |= (layers[-1] & below(wide - size, wide, step, steps[-1])) << size * step
        layers.append(bits & full)
    return layers


def _below(limit: int, wide: int, step: int, whole: int) -> int:
    """Bits whose digit of this dimension is less than `limit`, so that adding does not run over into the next."""
    block, period = (1 << limit * step) - 1, wide * step
    repeats = whole // period
    return block * (((1 << repeats * period) - 1) // ((1 << period) - 1))


def _least(bits: int, wanted: Sequence[int], widths: Sequence[int], steps: Sequence[int]) -> tuple[int, ...] | None:
    """The first end at which every language has enough: those with the fewest seats beyond the need come first."""
    spare = widths[0] - 1 - wanted[0] if wanted else 0

    def ends(place: int, left: int) -> Iterator[tuple[int, ...]]:
        if place < 0:
            yield ()
            return
        for over in range(left + 1):
            for rest in ends(place - 1, left - over):
                yield (*rest, wanted[place] + over)

    if len(wanted) == 1:  # the usual case at once
        found = bits >> wanted[0]
        return (wanted[0] + (found & -found).bit_length() - 1,) if found else None
    for end in ends(len(wanted) - 1, spare):
        if bits >> sum(value * step for value, step in zip(end, steps, strict=False)) & 1:
            return end
    return None


def _traced(
    layers: Sequence[int], seats: Sequence[int], shifts: int, small: Sequence[str], large: str, steps: Sequence[int],
    end: Sequence[int],
) -> list[dict[str, int]]:  # fmt: skip
    """Back from the end, sitting by sitting: to whom it went."""
    found: list[dict[str, int]] = [{} for _ in seats]
    have = list(end)
    for n in range(len(layers) - 2, -1, -1):
        hall, size = n // shifts, seats[n // shifts]
        to = large
        for place, language in enumerate(small):
            rest = [value - size * (k == place) for k, value in enumerate(have)]
            if rest[place] >= 0 and layers[n] >> sum(v * s for v, s in zip(rest, steps, strict=False)) & 1:
                have, to = rest, language
                break
        found[hall][to] = found[hall].get(to, 0) + 1
    return found


def shared(seats: Sequence[int], needs: Mapping[str, int], shifts: int) -> tuple[list[dict[str, int]], int]:
    """The sittings filled one language after the other, and how many of them two or more languages share."""
    left = sorted(((count, language) for language, count in needs.items()), reverse=True)
    found: list[dict[str, int]] = [{} for _ in seats]
    mixed = 0
    for hall, size in ((hall, size) for hall, size in enumerate(seats) for _ in range(shifts)):
        room, here = size, []
        while room and left:
            count, language = left[0]
            sits = min(room, count)
            room -= sits
            here.append(language)
            left[0] = (count - sits, language)
            if count == sits:
                left.pop(0)
        mixed += len(here) > 1
        for language in here:
            found[hall][language] = found[hall].get(language, 0) + 1
    return found, mixed


def _made(halls: Sequence[Candidate], needs: Mapping[str, int], shifts: int, fewest: int) -> Proposal:
    seats = [hall.seats for hall in halls]
    sittings, mixed = divided(seats, needs, shifts), 0
    if sittings is None:
        sittings, mixed = shared(seats, needs, shifts)
    return Proposal(
        tuple(hall.number for hall in halls),
        {hall.number: given for hall, given in zip(halls, sittings, strict=True)},
        sum(seats), shifts, sum(needs.values()), sum(hall.warned for hall in halls), mixed, fewest or len(halls),
    )  # fmt: skip
