"""What identification speaks of (p.38): places, sheets with their numbers, decisions, the lines of the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_


class Method(StrEnum):
    """How a sheet was identified."""

    AUTOMATIC = "auto"
    VISUAL = "visual"


@dataclass(frozen=True, slots=True)
class Place:
    """A seated student: seat and code of the seating sheet, variant of the variant sheet."""

    seat: int
    student: str
    name: str
    code: str
    variant: str


@dataclass(frozen=True, slots=True)
class SheetNumbers:
    """The three numbers of a used sheet as read: digits, `-` for empty, `*` for double, `?` for doubtful columns."""

    serial: str
    code: str
    seat: str
    variant: str
    used: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """The commission's word on a sheet: whose it is, and the true seat and variant (p.38)."""

    serial: str
    code: str
    seat: int
    variant: str
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A sheet with its student, and the seat and variant that count for it."""

    serial: str
    student: str
    code: str
    seat: int
    variant: str
    method: Method


@dataclass(frozen=True, slots=True)
class Candidate:
    """A student of the hall without a sheet and how far the sheet's numbers are from his (`domain.nearness`)."""

    student: str
    name: str
    code: str
    seat: int
    variant: str
    code_distance: int
    seat_distance: int
    variant_distance: int

    @property
    def distance(self) -> int:
        """How far the three numbers together are; 0 is the same."""
        return self.code_distance + self.seat_distance + self.variant_distance

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sorts the nearest first; among equals the one with more numbers that agree, then by seat."""
        agree = (self.code_distance, self.seat_distance, self.variant_distance).count(0)
        return (self.distance, -agree, self.seat)


class ExchangeKind(StrEnum):
    """What two students seem to have exchanged."""

    PLACES = "places"
    BOOKLETS = "booklets"


@dataclass(frozen=True, slots=True)
class ExchangeWay:
    """One way to put both sheets right at once; `needs_ground` when somebody was not at his own place."""

    words: str
    decisions: tuple[IdentityDecision, IdentityDecision]
    needs_ground: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two sheets that bear each other's numbers crosswise, and what can have happened; the names on them tell."""

    kind: ExchangeKind
    serials: tuple[str, str]
    names: tuple[str, str]
    ways: tuple[ExchangeWay, ...]

    def other(self, serial: str) -> str:
        """The other sheet of the two."""
        return self.serials[1] if serial == self.serials[0] else self.serials[0]


@dataclass(frozen=True, slots=True)
class CodeElsewhere:
    """Where a code that is not of the hall belongs; `shift` is 0 for the same shift."""

    hall: str
    shift: int = 0


class LineState(StrEnum):
    """The remark or decision of a protocol line (p.38)."""

    OPEN = ""
    ABSENT = "absent"
    REMOVED = "removed"
    CORRECTED = "corrected"
    UNUSED = "unused"


LINE_LABELS = {
    LineState.OPEN: "",
    LineState.ABSENT: N_("Absent"),
    LineState.REMOVED: N_("Removed from the hall"),
    LineState.CORRECTED: N_("Corrected"),
    LineState.UNUSED: N_("Not used"),
}


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A line of table 1 «Unidentified students»."""

    place: Place
    remark: LineState


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of table 2 «Identification of answer sheets»; `wrong` names the cells with a thick frame."""

    sheet: SheetNumbers
    wrong: frozenset[str]
    reasons: tuple[Problem, ...]
    candidates: tuple[Candidate, ...]
    state: LineState
    decision: IdentityDecision | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class HallIdentification:
    """A hall's sheets and students: what is matched, and the protocol's two tables."""

    matches: tuple[Match, ...]
    missing: tuple[MissingLine, ...]
    sheets: tuple[SheetLine, ...]
    exchanges: tuple[Exchange, ...] = ()

    @property
    def open_lines(self) -> int:
        """Lines of both tables without a remark or decision."""
        return sum(line.remark is LineState.OPEN for line in self.missing) + sum(
            line.state is LineState.OPEN for line in self.sheets
        )

    def exchange_of(self, serial: str) -> Exchange | None:
        """The exchange that a sheet is part of, while neither of its two sheets is decided."""
        return next((found for found in self.exchanges if serial in found.serials), None)
