"""The state commission at a base university (p.6): roles, least number of members, quorum, votes, decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mab_desktop.domain.carrier_records import COMMISSION_MEMBER
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

CHAIR, SECRETARY, MEMBER, OBSERVER = ROLES = ("chair", "secretary", "member", "observer")
ROLE_LABELS = {
    CHAIR: N_("Chair of the state commission"),
    SECRETARY: N_("Secretary of the state commission"),
    MEMBER: N_("Member of the state commission"),
    OBSERVER: N_("Observer"),
}
LEAST_MEMBERS = 7
FOR, AGAINST = "for", "against"


def _time_problems(values: Mapping[str, Any]) -> Iterable[Problem]:
    time = str(values["time"])
    if int(time[:2]) > 23 or int(time[2:]) > 59:
        yield Problem("time", N_("There is no such time of day."))


MEMBER_RECORD = RecordSpec(
    COMMISSION_MEMBER.name,
    COMMISSION_MEMBER.label,
    (*COMMISSION_MEMBER.fields,
     Field("joined_on", N_("Member since"), Kind.DATE, hint=N_("Empty: from the beginning of the season."))),
)  # fmt: skip
PLAN_ITEM = RecordSpec(
    "plan-item",
    N_("Plan of work"),
    (
        Field("due", N_("Due day"), Kind.DATE, required=True),
        Field("text", N_("What is to be done"), required=True, max_length=500),
        Field("responsible", N_("Who is responsible"), max_length=120),
    ),
)
SITTING = RecordSpec(
    "sitting",
    N_("Sitting"),
    (
        Field("day", N_("Day"), Kind.DATE, required=True),
        Field("time", N_("Beginning"), Kind.DIGITS, required=True, max_length=4, exact=True,
              hint=N_("Hours and minutes, 1030 for 10:30.")),
        Field("place", N_("Place"), required=True, max_length=120),
    ),
    checks=(_time_problems,),
)  # fmt: skip
QUESTION = RecordSpec(
    "sitting-question",
    N_("Question of the agenda"),
    (
        Field("text", N_("Question"), required=True, max_length=500),
        Field("reporter", N_("Who reports"), max_length=120),
        Field("decision", N_("Draft of the decision"), required=True, max_length=1000),
    ),
)


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes on a question; `casting` is how the chair decided when they were equal ("" else)."""

    votes_for: int
    against: int
    abstained: int
    casting: str = ""

    @property
    def equal(self) -> bool:
        """As many for as against, and somebody voted: the chair decides."""
        return self.votes_for == self.against > 0


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


def on_the_list(member: Mapping[str, Any], day: date) -> bool:
    """True when somebody belongs to the commission on a day; on the day he leaves he no longer does."""
    joined, left = member.get("joined_on"), member.get("left_on")
    return (joined is None or joined <= day) and (left is None or day < left)


def quorum(members: int) -> int:
    """The least number present that makes a sitting count (p.6)."""
    return -(-2 * members // 3)


def vote_problems(votes: Votes, present: int, *, chair_present: bool) -> list[Problem]:
    """Why these votes cannot be what was counted: more or fewer than were there, or no word of the chair on a tie."""
    counted = votes.votes_for + votes.against + votes.abstained
    if min(votes.votes_for, votes.against, votes.abstained) < 0 or counted != present:
        text = N_("There are {counted} votes; {present} voting members are present.")
        return [Problem("votes", text, (("counted", counted), ("present", present)))]
    if votes.casting not in ("", FOR, AGAINST):
        return [Problem("casting", N_("{value} is not in the list."), (("value", votes.casting),))]
    if votes.casting and not (votes.equal and chair_present):
        return [Problem("casting", N_("The chair decides only when votes are equal and the chair is present (p.6)."))]
    if votes.equal and chair_present and not votes.casting:
        return [Problem("casting", N_("The votes are equal: enter how the chair decided (p.6)."))]
    return []


def adopted(votes: Votes, present: int) -> bool:
    """More than half of those present are for it; when votes are equal, what the chair decided (p.6).

    Abstaining is no vote for it; equal votes without the chair adopt nothing.
    """
    return votes.casting == FOR if votes.equal else 2 * votes.votes_for > present
