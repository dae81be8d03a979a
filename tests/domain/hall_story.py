"""A hall in which things go wrong: who came, what stands on every sheet, and what a commission with open eyes finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from mab_desktop.domain.identification import (
    Exchange,
    HallIdentification,
    IdentityDecision,
    LineState,
    Place,
    SheetNumbers,
)

VARIANTS = ("1002", "1019", "1027", "1034", "1041", "1058", "1066", "1073", "1080")
ALONE = ("wrong digit", "turned digits", "blank code", "blank seat", "two bubbles", "wrong variant", "nothing",
         "another hall's code", "another's code", "spoilt and filled in anew", "did not come")  # fmt: skip
TOGETHER = ("wrote each other's code", "wrote each other's seat", "sat in each other's place", "changed booklets")


@dataclass(frozen=True)
class TrueNumbers:
    """Whose a sheet really is, and where that student sat before which booklet."""

    code: str
    seat: int
    variant: str


@dataclass
class Story:
    """What lies in the envelope, and the truth behind it; a sheet without a student was spoilt and replaced."""

    places: Sequence[Place]
    sheets: list[SheetNumbers] = field(default_factory=list)
    truth: dict[str, TrueNumbers | None] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    swaps: dict[tuple[str, str], str] = field(default_factory=dict)

    def decisions(self, found: HallIdentification) -> tuple[list[IdentityDecision], list[str], list[str]]:
        """What the commission decides truthfully on the open lines: identities, sheets not used, students away."""
        waiting = [line.sheet.serial for line in found.sheets if line.state is LineState.OPEN]
        known = {serial: true for serial in waiting if (true := self.truth[serial]) is not None}
        return (
            [IdentityDecision(s, t.code, t.seat, t.variant, "act 4") for s, t in known.items()],
            [serial for serial in waiting if serial not in known],
            [line.place.student for line in found.missing if line.place.student in self.away],
        )

    def told_by(self, exchange: Exchange) -> bool:
        """Whether one of the ways of a swap is the truth."""
        return any(
            all(self.truth[d.serial] == TrueNumbers(d.code, d.seat, d.variant) for d in way.decisions)
            for way in exchange.ways
        )


def tell(chance: Random, places: Sequence[Place], serial_of: Callable[[int], str], share: float = 0.6) -> Story:
    """A story of these students: about `share` of them meet with something, each with one thing only."""
    story, waiting, count = Story(places), list(places), 0
    chance.shuffle(waiting)

    def add(place: Place, true: Place | None = None, *, lost: bool = False, **changed: str) -> str:
        nonlocal count
        count += 1
        numbers = {"code": place.code, "seat": f"{place.seat:03d}", "variant": place.variant} | changed
        sat = true or place
        story.sheets.append(SheetNumbers(serial_of(count), **numbers))
        story.truth[serial_of(count)] = None if lost else TrueNumbers(place.code, sat.seat, sat.variant)
        return serial_of(count)

    while waiting:
        place = waiting.pop()
        if chance.random() > share:
            add(place)
        elif waiting and chance.random() < 0.4:
            other = waiting.pop()
            what = chance.choice(TOGETHER)
            story.swaps[_swap(add, what, place, other)] = what
        else:
            _alone(chance, story, add, chance.choice(ALONE), place)
    story.sheets = [replace(s, used=any(c.isdigit() for c in s.code + s.seat + s.variant)) for s in story.sheets]
    return story


def _swap(add: Callable[..., str], what: str, a: Place, b: Place) -> tuple[str, str]:
    seats = {"seat": f"{b.seat:03d}"}, {"seat": f"{a.seat:03d}"}
    booklets = {"variant": b.variant}, {"variant": a.variant}
    if what == "wrote each other's code":
        return add(a, code=b.code), add(b, code=a.code)
    if what == "wrote each other's seat":
        return add(a, **seats[0]), add(b, **seats[1])
    if what == "sat in each other's place":
        return add(a, b, **seats[0], **booklets[0]), add(b, a, **seats[1], **booklets[1])
    a_there, b_there = replace(a, variant=b.variant), replace(b, variant=a.variant)
    return add(a, a_there, **booklets[0]), add(b, b_there, **booklets[1])


def _alone(chance: Random, story: Story, add: Callable[..., str], what: str, place: Place) -> None:
    if what == "did not come":
        story.away.add(place.student)
        return
    if what == "spoilt and filled in anew":
        add(place, lost=True)
        add(place)
        return
    digits, at = list(place.code), chance.randrange(len(place.code) - 1)
    turned = [*digits[:at], digits[at + 1], digits[at], *digits[at + 2 :]]
    wrong = [*digits[:at], str((int(digits[at]) + 3) % 10), *digits[at + 1 :]]
    others = [p.code for p in story.places if p != place]
    changed = {
        "wrong digit": {"code": "".join(wrong)}, "turned digits": {"code": "".join(turned)},
        "blank code": {"code": "-" * len(digits)}, "blank seat": {"seat": "---"},
        "two bubbles": {"code": "".join([*digits[:at], "*", *digits[at + 1 :]])},
        "wrong variant": {"variant": chance.choice(VARIANTS)}, "another hall's code": {"code": "99999999"},
        "another's code": {"code": chance.choice(others or [place.code])},
        "nothing": {"code": "-" * len(digits), "seat": "---", "variant": "----"},
    }[what]  # fmt: skip
    add(place, **changed)
