"""Which halls a language gets (p.23): as few mixed halls as can be, then as few halls, then as few empty seats.

A covering problem in whole numbers. Halls of one size are alike, so a base university of a hundred halls has a handful
of unknowns, and HiGHS proves the best solution in a moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

FEASIBLE = 2  # highspy.SolutionStatus.kSolutionStatusFeasible
SECONDS = 30.0  # of search for each of the three aims; what is found until then is used, with the bound reached


@dataclass(frozen=True, slots=True)
class Size:
    """Halls with so many seats; `sittings` is how often one of them can be used (halls times shifts)."""

    seats: int
    sittings: int


@dataclass(frozen=True)
class Cover:
    """Sittings of each size (by its place in the list) for each language alone, and for several languages together.

    `least_sittings` and `least_mixed` are proven lower bounds.
    """

    own: Mapping[tuple[int, str], int]
    mixed: Mapping[int, int]
    least_sittings: int
    least_mixed: int

    @property
    def sittings(self) -> int:
        """Halls used, counted once for each shift."""
        return sum(self.own.values()) + sum(self.mixed.values())


def _solver() -> Any:
    """HiGHS, loaded where halls are allotted: the applications of a workplace do not bring it along.

    It says nothing, its first line included, which is written before any option can be set.
    """
    import highspy

    class Silent(highspy.Highs):
        def enableCallbacks(self) -> Any:  # noqa: N802 - the library's name
            self.setOptionValue("output_flag", False)
            return super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Silent()  # type: ignore[no-untyped-call]


def cover(needs: Mapping[str, int], sizes: Sequence[Size]) -> Cover:
    """Sittings for so many students of each language. ValueError where all seats together do not suffice."""
    needs = {language: count for language, count in sorted(needs.items()) if count}
    if sum(needs.values()) > sum(size.seats * size.sittings for size in sizes):
        raise ValueError("too few seats")
    model = _solver()
    for option, value in (("threads", 1), ("mip_rel_gap", 0.0), ("time_limit", SECONDS)):
        model.setOptionValue(option, value)
    own = {
        (n, language): model.addIntegral(lb=0, ub=size.sittings)
        for n, size in enumerate(sizes) for language in needs
    }  # fmt: skip
    mixed = {n: model.addIntegral(lb=0, ub=size.sittings) for n, size in enumerate(sizes)}
    guests = {language: model.addIntegral(lb=0, ub=count) for language, count in needs.items()}
    for n, size in enumerate(sizes):
        model.addConstr(sum(own[n, language] for language in needs) + mixed[n] <= size.sittings)
    for language, count in needs.items():
        model.addConstr(sum(s.seats * own[n, language] for n, s in enumerate(sizes)) + guests[language] >= count)
    model.addConstr(sum(guests.values()) <= sum(size.seats * mixed[n] for n, size in enumerate(sizes)))
    together, all_sittings = sum(mixed.values()), sum(own.values()) + sum(mixed.values())
    seats = sum(sizes[n].seats * found for (n, _), found in own.items())
    seats += sum(sizes[n].seats * found for n, found in mixed.items())
    least_mixed = _least(model, together)
    model.addConstr(together <= _value(model, together))
    least_sittings = _least(model, all_sittings)
    model.addConstr(all_sittings <= _value(model, all_sittings))
    _least(model, seats)
    return Cover(
        {key: count for key, unknown in own.items() if (count := _value(model, unknown))},
        {n: count for n, unknown in mixed.items() if (count := _value(model, unknown))},
        least_sittings, least_mixed,
    )  # fmt: skip


def _least(model: Any, aim: Any) -> int:
    """Minimise; the proven lower bound of a whole number. RuntimeError where the time did not suffice for any cover."""
    model.minimize(aim)
    found = model.getInfo()
    if found.primal_solution_status != FEASIBLE:
        raise RuntimeError(f"no cover of the halls: {model.getModelStatus()}")
    return max(0, ceil(float(found.mip_dual_bound) - 1e-6))


def _value(model: Any, expression: Any) -> int:
    return round(float(model.val(expression)))
