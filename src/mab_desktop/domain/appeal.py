"""Appeals (p.9, p.41-44): the deadline, the five grounds, the count of votes, and when an appeal may be closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.reading import NOTHING, SEVERAL
from mab_desktop.i18n import N_

DEADLINE, CONSIDERED_WITHIN = time(13, 0), timedelta(hours=24)

Item = tuple[int, int]
"""Subject (from 1, in the sheet's order) and item (from 1)."""


class AppealState(StrEnum):
    """A line of the register; the last two are the only ones an appeal may be closed with (p.44)."""

    PENDING = "pending"
    NOT_COME = "absent"
    DECIDED = "decided"


APPEAL_STATE_LABELS = {
    AppealState.PENDING: N_("Under consideration"),
    AppealState.NOT_COME: N_("Did not come to the appeal"),
    AppealState.DECIDED: N_("Decision taken"),
}
CLOSING_STATES = frozenset({AppealState.NOT_COME, AppealState.DECIDED})


class Ground(StrEnum):
    """The grounds of p.43 for giving a point."""

    MISSING_TEXT = "1"
    DEFECTIVE_SHEET = "2"
    FAINT_MARK = "3"
    OTHER_SOLUTION = "4"
    WRONG_ITEM = "5"


GROUND_LABELS = {
    Ground.MISSING_TEXT: N_("A piece of text is missing, so that no single solution is right"),
    Ground.DEFECTIVE_SHEET: N_("Defective sheet: one bubble is filled, the scanner took it for two"),
    Ground.FAINT_MARK: N_("The right bubble is filled faintly, the scanner did not take it"),
    Ground.OTHER_SOLUTION: N_("The item has a right solution other than the key"),
    Ground.WRONG_ITEM: N_("The content of the item is wrong"),
}
# p.43: the point is given to everybody whose appeal names the item.
AUTOMATIC = frozenset({Ground.MISSING_TEXT, Ground.WRONG_ITEM})
WITH_REASONS = frozenset({Ground.OTHER_SOLUTION, Ground.WRONG_ITEM})


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """The commission's word on one appealed item: point or none, and for a point its ground.

    `accepted` is the option that ground 4 accepts. `votes_for` and `votes_against` are of the members present; on a tie
    `chair_for` decides (p.9).
    """

    subject: int
    item: int
    satisfied: bool
    ground: Ground | None = None
    reasons: str = ""
    literature: str = ""
    accepted: str = ""
    votes_for: int | None = None
    votes_against: int = 0
    chair_for: bool = False


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the sheet and the key say about one item: the scanner's values and the effective answer."""

    key: str
    answer: str
    read_values: tuple[str, ...] = ()


def deadline(announced: datetime) -> datetime:
    """Until when applications are taken: 13:00 of the day after the results were announced (p.41)."""
    return datetime.combine(announced.date() + timedelta(days=1), DEADLINE, announced.tzinfo)


def considered_until(announced: datetime) -> datetime:
    """Until when the commission considers them: within one day of the end of the time for applications (p.41)."""
    return deadline(announced) + CONSIDERED_WITHIN


def filing_problems(
    filed: datetime,
    announced: datetime,
    items: Iterable[Item],
    profile: ExamProfile,
    *,
    own_breach: bool,
    removed: bool,
) -> list[Problem]:
    """Why an application cannot be taken (p.9, p.41)."""
    found = []
    until = deadline(announced)
    if filed > until:
        late = "%d.%m.%Y %H:%M:%S" if filed.second else "%d.%m.%Y %H:%M"  # half a minute late must not read as in time
        params = (("until", until.strftime("%d.%m.%Y %H:%M")), ("filed", filed.strftime(late)))
        found.append(
            Problem("filed", N_("Applications are taken until {until}; this one came at {filed} (p.41)."), params)
        )
    if filed < announced:
        found.append(Problem("filed", N_("The results were not announced at that time (p.41).")))
    if own_breach or removed:
        text = N_("No appeal is taken on what follows from the student's own breach of the rules (p.9).")
        found.append(Problem("own_breach", text))
    listed = list(items)
    if not listed:
        found.append(Problem("items", N_("Mark at least one item.")))
    if len(set(listed)) != len(listed):
        found.append(Problem("items", N_("An item is named twice.")))
    for subject, item in sorted(set(listed)):
        if not (1 <= subject <= profile.subjects and 1 <= item <= profile.items):
            params_of_item = (("subject", subject), ("item", item))
            found.append(Problem("items", N_("There is no item {item} in subject {subject}."), params_of_item))
    return found


def decision_problems(
    decisions: Sequence[ItemDecision],
    appealed: Iterable[Item],
    facts: Mapping[Item, ItemFacts],
    listed_members: int,
    present_members: int,
    options: Sequence[str],
) -> list[Problem]:
    """Why decisions cannot be entered: every appealed item once, no other, each by its ground and its votes."""
    due = set(appealed)
    found = []
    named = [(d.subject, d.item) for d in decisions]
    for subject, item in sorted(set(named) - due):
        found.append(_item_problem(subject, item, N_("Subject {subject}, item {item} was not appealed (p.43).")))
    for subject, item in sorted(due - set(named)):
        found.append(_item_problem(subject, item, N_("Subject {subject}, item {item} has no decision (p.43).")))
    if len(set(named)) != len(named):
        found.append(Problem("items", N_("An item is named twice.")))
    if not 0 < present_members <= listed_members:
        found.append(Problem("members", N_("Name the members of the appeal commission who are present (p.9).")))
    for decision in decisions:
        if (decision.subject, decision.item) in due:
            found += _ground_problems(decision, facts[decision.subject, decision.item], options)
            found += _vote_problems(decision, listed_members, present_members)
    return found


def carried(listed: int, votes_for: int, votes_against: int, chair_for: bool) -> bool:
    """True when a majority of the listed members, not only of those present, is for it; a tie: the chair (p.9)."""
    if 2 * votes_for > listed:
        return True
    return chair_for and 2 * votes_for == listed and votes_for >= votes_against


def contradictions(decided: Iterable[tuple[str, str, int, bool, Ground | None]]) -> list[tuple[str, str, int]]:
    """Items (variant, subject code, item) that were given by an automatic ground to one and refused to another.

    Takes lines (variant, subject code, item, satisfied, ground).
    """
    automatic: set[tuple[str, str, int]] = set()
    refused: set[tuple[str, str, int]] = set()
    for variant, subject, item, satisfied, ground in decided:
        if satisfied and ground in AUTOMATIC:
            automatic.add((variant, subject, item))
        elif not satisfied:
            refused.add((variant, subject, item))
    return sorted(automatic & refused)


def _item_problem(subject: int, item: int, text: str) -> Problem:
    return Problem(f"{subject}:{item}", text, (("subject", subject), ("item", item)))


def _ground_problems(d: ItemDecision, facts: ItemFacts, options: Sequence[str]) -> list[Problem]:
    """What p.43 asks of a point; a refusal needs no ground."""
    if not d.satisfied:
        refused = d.ground is not None
        return (
            [_item_problem(d.subject, d.item, N_("Item {item} is refused and cannot carry a ground."))]
            if refused
            else []
        )
    if facts.answer == facts.key:
        return [_item_problem(d.subject, d.item, N_("Item {item} of subject {subject} is right already."))]
    if d.ground is None:
        return [_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: a point needs one of the five "
                                                    "grounds (p.43)."))]  # fmt: skip
    found = []
    if d.ground in WITH_REASONS and not (d.reasons.strip() and d.literature.strip()):
        found.append(_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: this ground asks for "
                                                         "reasons in full and literature (p.43).")))  # fmt: skip
    if d.ground is Ground.DEFECTIVE_SHEET and not (facts.answer == SEVERAL and facts.key in facts.read_values):
        found.append(_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: the scanner did not read "
                                                         "two bubbles with the right one among them.")))  # fmt: skip
    if d.ground is Ground.FAINT_MARK and facts.answer != NOTHING:
        found.append(_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: the scanner read an answer "
                                                         "here, so no mark was missed.")))  # fmt: skip
    if d.ground is Ground.OTHER_SOLUTION and not (d.accepted in options and d.accepted == facts.answer):
        found.append(_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: the student's answer is "
                                                         "not the one the commission accepts.")))  # fmt: skip
    return found


def _vote_problems(d: ItemDecision, listed: int, present: int) -> list[Problem]:
    votes_for = present if d.votes_for is None else d.votes_for
    if votes_for + d.votes_against > present or min(votes_for, d.votes_against) < 0:
        return [
            _item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: more votes than members present."))
        ]
    if d.satisfied and not carried(listed, votes_for, d.votes_against, d.chair_for):
        return [_item_problem(d.subject, d.item, N_("Item {item} of subject {subject}: a point needs the majority of "
                                                    "all listed members (p.9)."))]  # fmt: skip
    return []
