"""The calendar: late is late, blocked says why, and the next step can be taken."""

from __future__ import annotations

from datetime import date

import pytest

from mab_desktop.domain.calendar import DUTIES, Status, duty_key, next_step, standing
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.organisation import Role

NU = DUTIES[Role.NETWORK_UNI]
MP = DUTIES[Role.MINISTRY_PROGRAMMER]


def status(today: date, *done: str, **more: object) -> dict[str, Status]:
    return {s.key: s.status for s in standing(NU, done, today, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize("role", list(Role))
def test_needs_name_earlier_duties_of_the_same_role(role: Role) -> None:
    seen: set[str] = set()
    for duty in DUTIES[role]:
        assert duty.role is role
        assert set(duty.needs) <= seen
        assert duty.key not in seen
        assert duty.paragraph.isdigit()
        seen.add(duty.key)


def test_on_the_day_is_in_time_and_before_the_day_is_not() -> None:
    done = ("reference", "operators", "specialties", "journal", "photos")
    assert status(date(2011, 3, 16), *done)["statistics-1"] is Status.DUE
    assert status(date(2011, 3, 17), *done)["statistics-1"] is Status.LATE
    assert status(date(2011, 4, 9), *done)["database"] is Status.DUE
    assert status(date(2011, 4, 10), *done)["database"] is Status.LATE
    assert status(date(2011, 4, 10), *done, "database")["database"] is Status.DONE


def test_what_is_held_up_says_by_what() -> None:
    found = {s.duty.key: s for s in standing(NU, (), date(2011, 3, 1))}
    assert found["statistics-1"].status is Status.BLOCKED
    (reason,) = found["statistics-1"].reasons
    assert reason.message("en") == "First: Choose the specialties and print their list."
    hindered = standing(NU, ("reference",), date(2011, 3, 1), hindrances={"photos": [Problem("", "no camera")]})
    assert {s.key: s.status for s in hindered}["photos"] is Status.BLOCKED


def test_the_next_step_is_the_first_that_can_be_done() -> None:
    def following(*done: str) -> str:
        step = next_step(standing(NU, done, date(2011, 3, 1)))
        return step.key if step else ""

    assert following() == "reference"
    assert following("reference") == "operators"
    assert following("reference", "operators") == "specialties"
    assert following("reference", "operators", "specialties") == "statistics-1"
    assert following(*(duty.key for duty in NU)) == ""


def test_exam_duties_come_again_with_each_shift() -> None:
    shifts = {1: date(2011, 5, 14), 2: date(2011, 5, 16)}
    done = ("final-database", "variants", "hand-over", duty_key("wrong-data", 1), duty_key("seating", 1))
    found = {s.key: s for s in standing(MP, done, date(2011, 5, 15), shifts=shifts)}
    assert found["seating:1"].status is Status.DONE
    assert found["seating:2"].last_day == date(2011, 5, 15)
    assert found["seating:2"].status is Status.DUE
    assert found["open:1"].status is Status.LATE
    assert found["open:2"].status is Status.BLOCKED
    assert found["close:2"].last_day == date(2011, 5, 17)
    assert found["open:2"].days_left == 1


def test_duties_stand_in_the_order_of_their_days() -> None:
    days = [s.last_day for s in standing(NU, (), date(2011, 3, 1)) if s.last_day]
    assert days == sorted(days)
