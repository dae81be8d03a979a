"""The usual lines of a state commission's plan of work: what p.6-30 order, with the regulation's days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mab_desktop.i18n import N_

_SECRETARY, _COORDINATOR = N_("Secretary of the state commission"), N_("Base-university coordinator")
_PROGRAMMER, _CHAIR = N_("Base-university programmer"), N_("Chair of the state commission")


@dataclass(frozen=True, slots=True)
class UsualLine:
    """A line that most plans have: by `month` and `day`, or so many days `before` the first exam. Texts are msgids."""

    text: str
    responsible: str
    month: int = 0
    day: int = 0
    before: int = 0

    def due(self, year: int, first_exam: date | None) -> date | None:
        """The last day; None while the first exam day is not known."""
        if self.month:
            return date(year, self.month, self.day)
        return first_exam - timedelta(days=self.before) if first_exam else None


USUAL: tuple[UsualLine, ...] = (
    UsualLine(N_("Consider the hall fund and agree it with the testing centre (p.6, p.17)"), _COORDINATOR, 3, 14),
    UsualLine(N_("Hear how network universities hand in preliminary statistics (p.21)"), _COORDINATOR, 4, 1),
    UsualLine(N_("Hear how student databases and final statistics went to the testing centre (p.22, p.23)"),
              _PROGRAMMER, 4, 14),
    UsualLine(N_("Take the lists of students with wrong data and send them to the testing centre (p.24)"),
              _COORDINATOR, 4, 24),
    UsualLine(N_("Approve the list of duty officers by hall (p.6, p.24)"), _SECRETARY, before=14),
    UsualLine(N_("Train the duty officers of halls and corridors (p.6)"), _COORDINATOR, before=10),
    UsualLine(N_("Inspect the halls: numbered seats, hall numbers, direction signs (p.24)"), _COORDINATOR, before=7),
    UsualLine(N_("Let observers know the days of the testing and how they are let in (p.6)"), _SECRETARY, before=5),
    UsualLine(N_("Inspect the rooms of the commissions and the ministry programmer's workplace (p.24)"), _COORDINATOR,
              before=4),
    UsualLine(N_("Hand stubs, lists and registers over to the ministry representative (p.24)"), _COORDINATOR, before=3),
    UsualLine(N_("Make the appeal commission able to work (p.6)"), _CHAIR, before=2),
    UsualLine(N_("Brief the duty officers (p.27)"), _CHAIR, before=1),
)  # fmt: skip


def usual_lines(year: int, first_exam: date | None) -> Iterator[tuple[date, UsualLine]]:
    """The usual lines whose last day is known, with it."""
    for line in USUAL:
        if (due := line.due(year, first_exam)) is not None:
            yield due, line
