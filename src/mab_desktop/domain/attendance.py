"""Who is there: the count 20-25 minutes after the start (p.33), and whether a hall's numbers agree (p.34, p.38)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_


class Presence(StrEnum):
    """What became of a seated student."""

    PRESENT = "present"
    ABSENT = "absent"
    REMOVED = "removed"


PRESENCE_LABELS = {
    Presence.PRESENT: N_("Came"),
    Presence.ABSENT: N_("Did not come"),
    Presence.REMOVED: N_("Removed from the hall"),
}


@dataclass(frozen=True, slots=True, order=True)
class CountLine:
    """One line of the attendance form: specialty and language of the test, planned and present."""

    direction: str
    specialty: str
    test_language: str
    planned: int
    present: int | None = None


def count_problems(lines: Iterable[CountLine]) -> list[Problem]:
    """Lines that say more came than were expected, or less than nobody."""
    return [
        Problem(
            f"{line.specialty}:{line.test_language}", N_("{present} present, but only {planned} are expected."),
            (("present", line.present), ("planned", line.planned)),
        )
        for line in lines
        if line.present is not None and not 0 <= line.present <= line.planned
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Balance:
    """The numbers of one hall that must agree; None where a number is not known yet.

    `used` and `unused` are the duty officers' counts from the act; `read1` and `read2` the sheets of each pass,
    `used1` and `used2` those that somebody wrote on; `identified` have a student, `absent` students got «Келмеді»,
    `removed` were sent out (their sheets are in the envelope).
    """

    seated: int
    used: int | None = None
    unused: int | None = None
    read1: int | None = None
    read2: int | None = None
    used1: int | None = None
    used2: int | None = None
    identified: int = 0
    absent: int = 0
    removed: int = 0
    counted_present: int | None = None


def balance_problems(b: Balance) -> list[Problem]:
    """Why a hall does not balance, in the order a person would check; empty when everything agrees."""
    if b.used is None or b.unused is None:
        return [Problem("envelope", N_("The counts of the act are not entered."))]
    if b.read1 is None:
        return [Problem("pass1", N_("The first pass is not scanned."))]
    if b.read2 is None:
        return [Problem("pass2", N_("The second pass is not scanned."))]
    in_act, settled = b.used + b.unused, b.identified + b.absent
    pairs = (
        ("pass1", N_("The first pass read {found} sheets; by the act there are {due}."), b.read1, in_act),
        ("pass2", N_("The second pass read {found} sheets; by the act there are {due}."), b.read2, in_act),
        ("used", N_("{found} used sheets were read; by the act there are {due}."), b.used1, b.used),
        ("used", N_("{found} used sheets were read in the second pass; by the act there are {due}."), b.used2, b.used),
        ("identified", N_("{found} sheets are identified of {due} used ones."), b.identified, b.used),
        ("students", N_("{found} students have a sheet or «Келмеді»; {due} are seated."), settled, b.seated),
    )  # fmt: skip
    return [Problem(field, text, (("found", found), ("due", due))) for field, text, found, due in pairs if found != due]


def remarks(b: Balance) -> list[Problem]:
    """What does not block but should be looked at: the count at 20-25 minutes differs from the sheets."""
    if b.counted_present is None or b.used is None or b.counted_present == b.used:
        return []
    return [
        Problem(
            "attendance", N_("{present} students were counted in the hall, {used} sheets are used."),
            (("present", b.counted_present), ("used", b.used)),
        )
    ]  # fmt: skip
