"""What a base university waits for from its network universities, and its own fourteen duties (p.6, p.19-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mab_desktop.i18n import N_


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One column of the board: what is handed over, by when (month, day), and the paragraph that says so.

    `carrier` items come by file, the others are noted by a person.
    """

    key: str
    label: str
    paragraph: str
    month_day: tuple[int, int] | None = None
    carrier: bool = False

    def due(self, year: int) -> date | None:
        """The last day for it in `year`."""
        return date(year, *self.month_day) if self.month_day else None


ITEMS: dict[str, BoardItem] = {
    item.key: item
    for item in (
        BoardItem("program", N_("Program given"), "p.19"),
        BoardItem("training", N_("Training given"), "p.20"),
        BoardItem("preliminary1", N_("Preliminary statistics, 16 March"), "p.21", (3, 16), carrier=True),
        BoardItem("preliminary2", N_("Preliminary statistics, 1 April"), "p.21", (4, 1), carrier=True),
        BoardItem("database", N_("Student database"), "p.21", (4, 9), carrier=True),
        BoardItem("final", N_("Final statistics"), "p.22", (4, 14), carrier=True),
        BoardItem("confirmed", N_("Final statistics signed and sealed"), "p.22", (4, 14)),
        BoardItem("passes", N_("Passes given"), "p.24"),
        BoardItem("wrong-data", N_("Wrong data"), "p.24", (4, 24), carrier=True),
        BoardItem("stubs", N_("Stubs received"), "p.24"),
    )
}


class CellState(StrEnum):
    """How a cell of the board stands."""

    DONE = "done"
    LATE_DONE = "late-done"
    PARTLY = "partly"  # begun: the program without a signature, a training without the programmer
    OUTDATED = "outdated"  # signed for a database that a newer one has replaced
    DIFFERS = "differs"  # final statistics that are not those of the database held
    LATE = "late"
    DUE = "due"
    OPEN = "open"


def cell_state(item: BoardItem, received_at: str, today: date, year: int) -> CellState:
    """The state of an item on `today`; `received_at` is the moment of its last coming, "" for none."""
    due = item.due(year)
    if received_at:
        late = due is not None and datetime.fromisoformat(received_at).date() > due
        return CellState.LATE_DONE if late else CellState.DONE
    if due is None:
        return CellState.OPEN
    if today > due:
        return CellState.LATE
    return CellState.DUE if (due - today).days <= 7 else CellState.OPEN


@dataclass(frozen=True, slots=True)
class Duty:
    """One of the base university's duties of p.6; `month_day` where the order gives a last day."""

    number: int
    title: str
    month_day: tuple[int, int] | None = None


DUTIES: tuple[Duty, ...] = (
    Duty(1, N_("Plan the hall fund and agree it with the testing centre"), (3, 15)),
    Duty(2, N_("Guide and train programmers and coordinators of the network universities")),
    Duty(3, N_("Take the statistics of the network universities and pass them to the centre"), (4, 14)),
    Duty(4, N_("Take the databases of the network universities and pass them to the centre"), (4, 14)),
    Duty(5, N_("Print the passes and give the network universities the register of issue")),
    Duty(6, N_("Prepare the halls")),
    Duty(7, N_("Organise the training of duty officers")),
    Duty(8, N_("Set up the workplaces of the ministry representative and programmer")),
    Duty(9, N_("See that information is sent to the centre")),
    Duty(10, N_("Make the conditions for the testing")),
    Duty(11, N_("See that every registered student comes")),
    Duty(12, N_("Give the network universities their program")),
    Duty(13, N_("Make the appeal commission able to work")),
    Duty(14, N_("Watch order and information security")),
)
