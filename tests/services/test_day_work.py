"""Every step of the day that was done says when and by whom; one that is not done says nothing (p.35-37)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mab_desktop.domain.operational_day import StepState, operational_day
from mab_desktop.services import attendance, exam_clock, shifts
from mab_desktop.storage.tables.core import Account
from tests.conftest import MakeContext
from tests.services.big_shift import ANNOUNCED, COUNTED, OPEN, bring
from tests.services.exam_room import FIRST_DAY, Room, make_room

HALLS = {"101": 2, "102": 1}
PERSON = "Асан Үсенұлы"


def _named(room: Room) -> None:
    """The programmer as he stands in the list of people: lines with his login bear his name."""
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(Account(login=room.ctx.actor.login, full_name=PERSON, role="programmer", created_at=""))
        tx.note("account-added", room.ctx.actor.login)


def _count(room: Room) -> None:
    for hall, lines in attendance.count_lines_by_hall(room.ctx, 1).items():
        present = {(line.specialty, line.test_language): line.planned for line in lines}
        attendance.save_count(room.ctx, 1, hall, present)


def test_what_was_done_says_when_and_by_whom(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path / "scans", HALLS)
    _named(room)
    play = bring(room, HALLS, OPEN)
    exam_clock.start(room.ctx, 1)
    _count(room)
    told = shifts.season_facts(room.ctx).done
    assert ("scan", 1) not in told
    assert ("returned", 1) not in told
    assert [next(play) for _state in range(3)][-1] == COUNTED
    season = shifts.season_facts(room.ctx)
    day = operational_day(season)
    done = {line.step.key: line.done for line in day.lines if line.state is StepState.DONE}
    assert done.pop("duty") is None  # nobody drew; now that the exam is over it is nobody's next step
    assert set(done) == {"open", "clock", "attendance", "returned", "scan", "identify", "key"}
    for key, when in done.items():
        assert when is not None, key
        assert when.at.startswith(FIRST_DAY.isoformat()), key
        assert when.by == ("Өкіл Өкілов" if key == "identify" else PERSON), key
    waiting = {line.step.key: line for line in day.lines if line.state is not StepState.DONE}
    assert [problem.message("en") for problem in waiting["results-before"].reasons] == [
        "The result sheets before the appeal are not printed (p.39)."
    ]


def test_the_time_for_applications_ends_by_itself(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path / "scans", HALLS)
    bring(room, HALLS, ANNOUNCED)
    room.day(FIRST_DAY + timedelta(days=1), 23)
    season = shifts.season_facts(room.ctx)
    assert season.shifts[1].deadline_passed
    until = shifts.appeal_deadline(room.ctx, 1)
    assert until is not None
    told = season.done["applications", 1]
    assert (told.at, told.by) == (until.isoformat(), "")
    assert ("decisions", 1) not in season.done


def test_papers_are_printed_by_people_not_by_logins(make_context: MakeContext, tmp_path: Path) -> None:
    room = make_room(make_context, tmp_path / "scans", HALLS)
    _named(room)
    bring(room, HALLS, ANNOUNCED)
    room.print_as(shifts.MINUTES, 1)
    assert shifts.season_facts(room.ctx).done["minutes", 1].by == PERSON
