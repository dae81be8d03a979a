"""The daily draw of duty officers to halls (p.7.5): by chance from the list that was handed over, and repeatable.

The order of the officers is that of the HMAC-SHA256 of their identifiers under the seed, the order of the halls that of
their numbers. Each hall gets one officer in turn until each has its number; who is left goes to the corridors. Whoever
was in a hall at the shift before changes places with the next in the order where that is possible.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.duty_place import LEAST_OFFICERS
from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

SEED_BYTES = 32
CORRIDOR = ""


@dataclass(frozen=True, slots=True, order=True)
class Officer:
    """A duty officer as the draw takes him: an identifier and what is printed of him."""

    id: str
    full_name: str
    post: str = ""
    phone: str = ""


def draw(
    seed: bytes, officers: Sequence[Officer], halls: Sequence[str], before: Mapping[str, str],
    per_hall: int = LEAST_OFFICERS,
) -> dict[str, str]:  # fmt: skip
    """Officer's id -> hall, CORRIDOR for those who are left. `before` are the halls of the shift before."""
    order = sorted(officers, key=lambda o: (hmac.digest(seed, f"duty|{o.id}".encode(), "sha256"), o.id))
    places = [hall for _turn in range(per_hall) for hall in halls]
    places = (places + [CORRIDOR] * len(order))[: len(order)]
    drawn = [officer.id for officer in order]
    for n, hall in enumerate(places):
        if hall != CORRIDOR and before.get(drawn[n]) == hall:
            _change(drawn, places, before, n)
    return dict(zip(drawn, places, strict=True))


def _change(drawn: list[str], places: Sequence[str], before: Mapping[str, str], n: int) -> None:
    """Change places with the nearest one behind, else before, of whom neither comes back to his old hall."""
    others = [*range(n + 1, len(drawn)), *range(n - 1, -1, -1)]
    for m in others:
        back = (before.get(drawn[m]) == places[n], before.get(drawn[n]) == places[m])
        if places[m] != places[n] and not any(back):
            drawn[n], drawn[m] = drawn[m], drawn[n]
            return


def result_digest(places: Mapping[str, str]) -> str:
    """SHA-256 of a finished draw: `officer|hall` a line, by officer."""
    text = "".join(f"{officer}|{places[officer]}\n" for officer in sorted(places))
    return hashlib.sha256(text.encode()).hexdigest()


def draw_problems(officers: Sequence[Officer], halls: Sequence[str]) -> list[Problem]:
    """Why no draw can be made: nobody on the list, or fewer officers than halls."""
    if not halls:
        return [Problem("halls", N_("No hall of this shift has students."))]
    if len(officers) < len(halls):
        params = (("officers", len(officers)), ("halls", len(halls)))
        text = N_("The list has {officers} duty officers for {halls} halls; each hall needs one at least (p.6).")
        return [Problem("officers", text, params)]
    return []
