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

    `used` and `unused` are the counts by which the envelope was received, `act_used` and `act_unused` those of the duty
    officers' act `act_number` ("" without one); `remark` says why they differ. `read1` and `read2` are the sheets of
    each pass, `used1` and `used2` those that somebody wrote on, once both passes hold the same sheets. `identified`
    have a student, `absent` students got «Келмеді», `removed` were sent out; of those `removed_with_sheet` have an
    identified sheet in the envelope.
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
    removed_with_sheet: int = 0
    act_number: str = ""
    act_used: int | None = None
    act_unused: int | None = None
    remark: str = ""

    @property
    def present(self) -> int:
        """Students who stayed to the end: their sheets are identified, and they were not sent out."""
        return self.identified - self.removed_with_sheet

    @property
    def against_act(self) -> bool:
        """Whether the envelope was received by other counts than the act's."""
        typed = (self.used, self.unused)
        return self.act_used is not None and None not in typed and typed != (self.act_used, self.act_unused)


@dataclass(frozen=True, slots=True)
class Equality:
    """One equality of a hall: what is found must be what is due; `text` says what to do where it is not."""

    field: str
    label: str
    found: int
    due: int
    text: str

    @property
    def gap(self) -> int:
        """How many too many, or too few (below nothing)."""
        return self.found - self.due

    @property
    def problem(self) -> Problem:
        """The equality that fails, by how much, and what to do."""
        shown = f"{self.gap:+d}".replace("-", "−")
        return Problem(self.field, self.text, (("found", self.found), ("due", self.due), ("gap", shown)))


_ACT_USED = N_(
    "Used sheets: {found} in the envelope, {due} by the act, difference {gap}. Count them again, then take the act's "
    "number or say why the paper differs."
)
_ACT_UNUSED = N_(
    "Unused sheets: {found} in the envelope, {due} by the act, difference {gap}. Count them again, then take the act's "
    "number or say why the paper differs."
)
_PASS_1 = N_(
    "Pass 1 read {found} sheets, the envelope holds {due}, difference {gap}. Look for sheets that stuck together, "
    "stayed in the envelope or went through twice; scan the pass again, or correct the counts."
)
_PASS_2 = N_(
    "Pass 2 read {found} sheets, the envelope holds {due}, difference {gap}. Look for sheets that stuck together, "
    "stayed in the envelope or went through twice; scan the pass again, or correct the counts."
)
_USED = N_(
    "{found} sheets are written on, {due} are used by the envelope's counts, difference {gap}. Look at the nearly "
    "blank sheets on this page, or correct the counts."
)
_IDENTIFIED = N_(
    "{found} sheets are identified, {due} are used, difference {gap}. Go on with the protocol on the page of "
    "identification."
)
_COUNTED = N_(
    "{found} students were counted in the hall after the start, {due} sheets are used, difference {gap}. Look for the "
    "sheet, or correct the count on the page of attendance (p.33)."
)
_SEATED = N_(
    "Present, absent and removed together are {found}, {due} are seated, difference {gap}. Whoever has neither a sheet "
    "nor «Келмеді» nor an act stands in the protocol."
)


def equalities(b: Balance) -> tuple[Equality, ...]:
    """Every equality of the hall that can be looked at by now, in the order in which a person checks (p.34, p.38)."""
    if b.used is None or b.unused is None:
        return ()
    found = []
    if b.act_used is not None and b.act_unused is not None and not b.remark:
        found += [Equality("act", N_("Used: envelope and act"), b.used, b.act_used, _ACT_USED),
                  Equality("act", N_("Unused: envelope and act"), b.unused, b.act_unused, _ACT_UNUSED)]  # fmt: skip
    if b.counted_present is not None:
        found.append(Equality("counted", N_("Counted in the hall"), b.counted_present, _counted_due(b), _COUNTED))
    in_envelope = b.used + b.unused
    if b.read1 is not None:
        found.append(Equality("pass1", N_("Pass 1: sheets"), b.read1, in_envelope, _PASS_1))
    if b.read2 is not None:
        found.append(Equality("pass2", N_("Pass 2: sheets"), b.read2, in_envelope, _PASS_2))
    if b.used1 is not None and b.used2 is not None:
        found += [
            Equality("used", N_("Used sheets, read in both passes"), b.used1, b.used, _USED),
            Equality("identified", N_("Identified sheets"), b.identified, b.used, _IDENTIFIED),
            Equality("students", N_("Present + absent + removed"), b.present + b.absent + b.removed, b.seated, _SEATED),
        ]  # fmt: skip
    return tuple(found)


def _counted_due(b: Balance) -> int:
    """The count lies between those who stayed and those with all who were sent out; nobody wrote down which came first.

    `used` counts who stayed and who was sent out and left a sheet.
    """
    assert b.counted_present is not None
    assert b.used is not None
    fewest, most = b.used - b.removed_with_sheet, b.used + b.removed - b.removed_with_sheet
    return b.counted_present if fewest <= b.counted_present <= most else b.used


def balance_problems(b: Balance) -> list[Problem]:
    """Why a hall does not balance, in the order a person would check; empty when everything agrees."""
    if b.used is None or b.unused is None:
        return [Problem("envelope", N_("The counts of the act are not entered (p.34)."))]
    unequal = [one.problem for one in equalities(b) if one.gap]
    if b.read1 is None:
        return [*unequal, Problem("pass1", N_("The first pass is not scanned (p.38)."))]
    if b.read2 is None:
        return [*unequal, Problem("pass2", N_("The second pass is not scanned (p.38)."))]
    if b.used1 is None and has_sheets(b):
        text = N_("The two passes do not hold the same sheets yet: settle the pages named on the page of envelopes.")
        return [*unequal, Problem("passes", text)]
    return unequal


def has_sheets(b: Balance) -> bool:
    """Whether there are sheets to compare at all: an empty hall has none."""
    return bool((b.used or 0) + (b.unused or 0) + (b.read1 or 0) + (b.read2 or 0))


def remarks(b: Balance) -> list[Problem]:
    """What does not block but stays on record: an envelope received by other counts than its act's, and why."""
    if not (b.against_act and b.remark):
        return []
    text = N_("Act No {number} says {used} used and {unused} unused sheets. Received by other counts: {why}")
    return [Problem("act", text, (("number", b.act_number), ("used", b.act_used), ("unused", b.act_unused),
                                  ("why", b.remark)))]  # fmt: skip
