"""The state commission at a base university (p.6): roles, the least number of members, quorum and decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

CHAIR, SECRETARY, MEMBER, OBSERVER = ROLES = ("chair", "secretary", "member", "observer")
ROLE_LABELS = {
    CHAIR: N_("Chair of the state commission"),
    SECRETARY: N_("Secretary of the state commission"),
    MEMBER: N_("Member of the state commission"),
    OBSERVER: N_("Observer"),
}
LEAST_MEMBERS = 7


def commission_problems(members: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Why these people are no state commission yet: fewer than seven who vote, no chair, two chairs, no secretary."""
    roles = Counter(str(member["role"]) for member in members)
    voting = sum(count for role, count in roles.items() if role != OBSERVER)
    found = []
    if voting < LEAST_MEMBERS:
        text = N_("The state commission has {count} voting members; at least {least} are needed.")
        found.append(Problem("members", text, (("count", voting), ("least", LEAST_MEMBERS))))
    if roles[CHAIR] != 1:
        found.append(Problem("role", N_("The state commission must have exactly one chair.")))
    if roles[SECRETARY] != 1:
        found.append(Problem("role", N_("The state commission must have exactly one secretary.")))
    return found


def has_quorum(present: int, members: int) -> bool:
    """True when two thirds of all members are present (p.6)."""
    return members > 0 and 3 * present >= 2 * members


def decided(votes_for: int, votes_against: int, chair_for: bool) -> bool:
    """The decision of those present by majority; on a tie the chair decides (p.6)."""
    return chair_for if votes_for == votes_against else votes_for > votes_against
