"""The season's calendar (p.17-25, p.30-45): who has to do what by when, and how each duty stands today.

Dated duties stand once a season; exam-day duties stand once a shift, counted in days from the shift's exam date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_


class Status(StrEnum):
    """How a duty stands."""

    DONE = "done"
    DUE = "due"
    LATE = "late"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a role.

    Dated by `month` and `day` ("before 16 March" has day 16 and `before`), or by `from_exam` days from the exam of each
    shift and `time` of that day, or not dated at all. `needs` names duties of the same role that come first. `page` is
    the page of the role's program where it is done.
    """

    key: str
    role: Role
    paragraph: str
    title: str
    month: int = 0
    day: int = 0
    before: bool = False
    from_exam: int | None = None
    time: str = ""
    needs: tuple[str, ...] = ()
    page: str = ""

    @property
    def by_shift(self) -> bool:
        """True for a duty that comes again with each shift."""
        return self.from_exam is not None

    def last_day(self, year: int, exam: date | None = None) -> date | None:
        """The last day on which it is in time; None when the order names no day."""
        if self.from_exam is not None:
            return exam + timedelta(days=self.from_exam) if exam else None
        if not self.month:
            return None
        return date(year, self.month, self.day) - timedelta(days=1 if self.before else 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A duty today: its status, its last day, the shift it belongs to (0 for none), and what holds it up."""

    duty: Duty
    status: Status
    last_day: date | None
    shift: int = 0
    reasons: tuple[Problem, ...] = ()
    days_left: int | None = None

    @property
    def key(self) -> str:
        """The key under which it is marked done: the duty's, with the shift where it comes again."""
        return duty_key(self.duty.key, self.shift)


def duty_key(key: str, shift: int = 0) -> str:
    """The name of a duty among those done."""
    return f"{key}:{shift}" if shift else key


def standing(
    duties: Iterable[Duty],
    done: Collection[str],
    today: date,
    *,
    year: int = 0,
    shifts: Mapping[int, date] | None = None,
    hindrances: Mapping[str, Sequence[Problem]] | None = None,
) -> tuple[Standing, ...]:
    """How each duty stands on `today`, by last day, then in the order's own sequence.

    `done` holds keys as `duty_key` makes them. `hindrances` gives further reasons, by the same keys, why a duty cannot
    be done yet. A blocked duty whose day is over is late. A duty without a day stands before those that follow it.
    """
    known = tuple(duties)
    titles = {duty.key: duty.title for duty in known}
    found: list[tuple[date, int, Standing]] = []
    year = year or today.year
    for position, duty in enumerate(known):
        for shift, exam in sorted((shifts or {}).items()) if duty.by_shift else ((0, None),):
            key = duty_key(duty.key, shift)
            reasons = _missing(duty, shift, done, titles, known) + tuple((hindrances or {}).get(key, ()))
            last = duty.last_day(year, exam)
            status = _status(key in done, reasons, last, today)
            left = (last - today).days if last and status is not Status.DONE else None
            place = last or _day_of_the_next(known[position:], year, shifts or {})
            found.append((place, position, Standing(duty, status, last, shift, reasons, left)))
    return tuple(item for *_, item in sorted(found, key=lambda entry: entry[:2]))


def next_step(standings: Iterable[Standing]) -> Standing | None:
    """What to do now: the first duty that is neither done nor held up; late ones stand before the rest by their day."""
    return next((s for s in standings if s.status is not Status.DONE and not s.reasons), None)


def _day_of_the_next(duties: Sequence[Duty], year: int, shifts: Mapping[int, date]) -> date:
    first_exam = min(shifts.values(), default=None)
    return min((day for duty in duties if (day := duty.last_day(year, first_exam))), default=date.max)


def _missing(
    duty: Duty, shift: int, done: Collection[str], titles: Mapping[str, str], known: Sequence[Duty]
) -> tuple[Problem, ...]:
    by_shift = {other.key for other in known if other.by_shift}
    return tuple(
        Problem(need, N_("First: {step}."), (("step", titles.get(need, need)),))
        for need in duty.needs
        if duty_key(need, shift if need in by_shift else 0) not in done
    )


def _status(is_done: bool, reasons: tuple[Problem, ...], last: date | None, today: date) -> Status:
    if is_done:
        return Status.DONE
    if last and today > last:
        return Status.LATE
    return Status.BLOCKED if reasons else Status.DUE


# -- what a home page is told ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on the home page: label (message id), value, and what it is out of; `page` shows more."""

    key: str
    label: str
    value: int
    out_of: int | None = None
    values: tuple[float, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything a home page shows: duties as they stand, the next one, what hinders work, a few numbers."""

    today: date
    standings: tuple[Standing, ...]
    next: Standing | None
    figures: tuple[Figure, ...] = ()
    hindrances: tuple[Problem, ...] = ()
    empty: bool = False


def _of(role: Role) -> Callable[..., Duty]:
    def duty(key: str, paragraph: str, title: str, **when: object) -> Duty:
        return Duty(key, role, paragraph, title, **when)  # type: ignore[arg-type]

    return duty


_network, _halls, _base = _of(Role.NETWORK_UNI), _of(Role.AUDIT_FUND), _of(Role.BASE_UNI)
_ministry, _centre = _of(Role.MINISTRY_PROGRAMMER), _of(Role.NTC)

NETWORK_UNI: tuple[Duty, ...] = (
    _network("reference", "11", N_("Load the reference package"), page="transfer"),
    _network("operators", "21", N_("Enter the operators and print their list"), needs=("reference",), page="operators"),
    _network("specialties", "21", N_("Choose the specialties and print their list"), needs=("reference",),
             page="specialties"),
    _network("statistics-1", "21", N_("Preliminary statistics of 16 March to the base university"), month=3, day=16,
             needs=("specialties",), page="statistics"),
    _network("statistics-2", "21", N_("Preliminary statistics of 1 April to the base university"), month=4, day=1,
             needs=("specialties",), page="statistics"),
    _network("journal", "21", N_("Print the application journal; students check their data"), month=4, day=10,
             before=True, needs=("specialties",), page="papers"),
    _network("photos", "21", N_("Take two photographs from each student"), month=4, day=10, before=True,
             page="photos"),
    _network("database", "21", N_("Hand the student database to the base university, as a file and on signed paper"),
             month=4, day=10, before=True, needs=("journal",), page="transfer"),
    _network("final-statistics", "22", N_("Check and sign the final statistics"), month=4, day=15, before=True,
             needs=("database",), page="statistics"),
    _network("passes", "25", N_("Receive the passes, the register of issue and the hall list"), needs=("database",),
             page="transfer"),
    _network("issue", "25", N_("Issue the passes against signature"), month=4, day=25, before=True, needs=("passes",),
             page="passes"),
    _network("wrong-data", "25", N_("Hand the list of students with wrong data to the base university"), month=4,
             day=25, before=True, needs=("passes",), page="wrong_data"),
    _network("stubs", "25", N_("Hand the pass stubs to the base university by the act"), needs=("issue",),
             page="passes"),
)  # fmt: skip

AUDIT_FUND: tuple[Duty, ...] = (
    _halls("reference", "11", N_("Load the reference package"), page="transfer"),
    _halls("contingent", "17", N_("Receive the student contingent from the testing centre"), month=3, day=16,
           before=True, page="transfer"),
    _halls("buildings", "4", N_("Enter the buildings and how to get there"), month=3, day=16, before=True,
           page="buildings"),
    _halls("halls", "17", N_("Plan halls for the whole contingent"), month=3, day=16, before=True,
           needs=("buildings", "contingent"), page="halls"),
    _halls("agreed", "6", N_("Agree the hall fund with the testing centre"), month=3, day=16, before=True,
           needs=("halls",), page="agreement"),
    _halls("hall-fund", "17", N_("Send the hall fund to the testing centre"), month=3, day=16, before=True,
           needs=("halls",), page="transfer"),
    _halls("fund-changes", "17", N_("Send what changed in the hall fund to the testing centre"),
           needs=("hall-fund",), page="versions"),
    _halls("signs", "24", N_("Print hall numbers, seat numbers and direction signs"), needs=("hall-fund",),
           page="papers"),
)  # fmt: skip

BASE_UNI: tuple[Duty, ...] = (
    _base("reference", "11", N_("Load the reference package"), page="transfer"),
    _base("hand-over-program", "19", N_("Give the network program to every network university and train its people"),
          needs=("reference",), page="board"),
    _base("hall-fund", "17", N_("See that the hall fund went to the testing centre"), month=3, day=16, before=True,
          page="board"),
    _base("statistics-1", "21", N_("Preliminary statistics of 16 March to the testing centre"), month=3, day=16,
          page="statistics"),
    _base("statistics-2", "21", N_("Preliminary statistics of 1 April to the testing centre"), month=4, day=1,
          page="statistics"),
    _base("databases", "21", N_("Take the student databases of all network universities"), month=4, day=10, before=True,
          page="board"),
    _base("final-statistics", "22", N_("Print the final statistics; network universities sign and seal them"), month=4,
          day=15, before=True, needs=("databases",), page="statistics"),
    _base("students", "23", N_("Send the student database to the testing centre"), month=4, day=15, before=True,
          needs=("databases", "final-statistics"), page="transfer"),
    _base("fax", "23", N_("Fax the final statistics to the testing centre"), month=4, day=15, before=True,
          needs=("final-statistics",), page="statistics"),
    _base("final-database", "23", N_("Receive the final database from the testing centre"), needs=("students",),
          page="transfer"),
    _base("passes", "24", N_("Give passes, registers and hall lists to the network universities"), month=4, day=25,
          before=True, needs=("final-database",), page="passes"),
    _base("wrong-data", "24", N_("Collect the lists of students with wrong data and send them on"), month=4, day=25,
          before=True, needs=("passes",), page="wrong_data"),
    _base("duty-officers", "24", N_("Make the list of hall duty officers"), needs=("final-database",),
          page="duty_officers"),
    _base("stubs", "24", N_("Take the pass stubs from the network universities by the act"), needs=("passes",),
          page="passes"),
    _base("hand-over", "24", N_("Hand stubs, lists and registers to the ministry representative"),
          needs=("duty-officers", "stubs"), page="hand_over"),
)  # fmt: skip

MINISTRY_PROGRAMMER: tuple[Duty, ...] = (
    _ministry("final-database", "8", N_("Load the final database of the base university"), page="transfer"),
    _ministry("self-test", "29", N_("Check the workplace: printer, scanner, disk"), page="check_list"),
    _ministry("hand-over", "24", N_("Load the hand-over of the base university"), needs=("final-database",),
              page="transfer"),
    _ministry("wrong-data", "30", N_("Enter the corrections of the list of students with wrong data"), from_exam=-1,
              needs=("final-database",), page="wrong_data"),
    _ministry("variants", "26", N_("Load the variant distribution"), needs=("final-database",), page="transfer"),
    _ministry("seating", "30", N_("Draw the seats with the centre's password and print the seating sheets"),
              from_exam=-1, needs=("variants",), page="seating"),
    _ministry("open", "35", N_("Open the shift"), from_exam=0, needs=("seating",), page="shifts"),
    _ministry("scan", "38", N_("Scan every hall twice"), from_exam=0, needs=("open",), page="scanning"),
    _ministry("identify", "38", N_("Identify the sheets and print the protocol signed by all"), from_exam=0,
              needs=("scan",), page="identification"),
    _ministry("key", "39", N_("Open the answer key together with the chair"), from_exam=0, needs=("identify",),
              page="key"),
    _ministry("results", "39", N_("Print the result sheets without appeal"), from_exam=0, needs=("key",),
              page="results"),
    _ministry("applications", "41", N_("Take appeal applications until 13:00"), from_exam=1, time="13:00",
              needs=("results",), page="appeals"),
    _ministry("decisions", "44", N_("Enter the decisions of the appeal commission"), from_exam=1,
              needs=("applications",), page="appeals"),
    _ministry("close-appeal", "44", N_("Close the appeal of the shift and print the minutes"), from_exam=1,
              needs=("decisions",), page="appeals"),
    _ministry("final-results", "45", N_("Print the result sheets with appeal"), from_exam=1, needs=("close-appeal",),
              page="results"),
    _ministry("close", "44", N_("Close the shift"), from_exam=1, needs=("final-results",), page="shifts"),
    _ministry("daily-statistics", "8", N_("Send the daily statistics to the testing centre"), from_exam=1,
              needs=("results",), page="transfer"),
    _ministry("final-data", "37", N_("Hand the final data to the testing centre"), page="transfer"),
)  # fmt: skip

NTC: tuple[Duty, ...] = (
    _centre("reference", "3", N_("Make the reference package of the season")),
    _centre("contingent", "17", N_("Send the student contingent to the base universities"), needs=("reference",)),
    _centre("hall-funds", "17", N_("Receive the hall funds of all base universities"), month=3, day=16, before=True),
    _centre("statistics-1", "21", N_("Receive the preliminary statistics of 16 March"), month=3, day=16),
    _centre("statistics-2", "21", N_("Receive the preliminary statistics of 1 April"), month=4, day=1),
    _centre("students", "23", N_("Receive the student databases of all base universities"), month=4, day=15,
            before=True),
    _centre("allotment", "23", N_("Allot codes, shifts and halls and send the final databases"),
            needs=("students", "hall-funds")),
    _centre("variants", "26", N_("Send variants and sealed seating seeds"), needs=("allotment",)),
    _centre("wrong-data", "24", N_("Receive the lists of students with wrong data"), month=4, day=25, before=True),
    _centre("password", "30", N_("Tell the seating password by telephone"), from_exam=-1, needs=("variants",)),
    _centre("key", "39", N_("Send the answer key when the representative has confirmed identification"), from_exam=0,
            needs=("password",)),
    _centre("final-data", "37", N_("Receive the final data and check the totals")),
)  # fmt: skip

DUTIES: Mapping[Role, tuple[Duty, ...]] = {
    Role.NETWORK_UNI: NETWORK_UNI,
    Role.AUDIT_FUND: AUDIT_FUND,
    Role.BASE_UNI: BASE_UNI,
    Role.MINISTRY_PROGRAMMER: MINISTRY_PROGRAMMER,
    Role.NTC: NTC,
}
