"""Rules of the exam day: the known pack, readiness, the clock, the draw of duty officers, acts, what is taken back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mab_desktop.domain import duty_draw, duty_place, exam_act, readiness, trial_pack
from mab_desktop.domain.duty_draw import Officer
from mab_desktop.domain.exam_act import OPENING, RECEIVED, REMOVAL, RETURNED, TO_DUTY, ActContent, ActFacts
from mab_desktop.domain.exam_clock import ExamClock, Moment, Phase, shown_time
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.operational_day import STEPS, TAKING_BACK, NotTakenBack, take_back
from mab_desktop.domain.readiness import Finding, Item, Verdict
from mab_desktop.domain.sheet import layout
from mab_desktop.domain.trial_pack import ReadSheet

BEGUN = datetime(2011, 5, 10, 9, tzinfo=UTC)
PROFILE = default_profile()


# -- the pack whose marks are known


def as_filled(sheet: trial_pack.PackSheet) -> ReadSheet:
    states = ("none", "one", "many")
    groups = {}
    for field, column in layout(PROFILE).groups():
        values = sheet.marks.get(field, {}).get(column, ())
        groups[field, column] = (states[min(len(values), 2)], tuple(values))
    return ReadSheet(sheet.serial, True, groups)


def test_the_pack_fills_every_bubble_and_its_serials_belong_to_no_shift() -> None:
    pack = trial_pack.trial_pack(PROFILE, "013")
    groups = [(f, c, values) for s in pack for f, columns in s.marks.items() for c, values in columns.items()]
    filled = {(field, column, value) for field, column, values in groups for value in values}
    wanted = {(b.field, b.column, b.value) for b in layout(PROFILE).bubbles if b.field not in trial_pack.LEFT_EMPTY}
    assert filled == wanted
    assert len({sheet.serial for sheet in pack}) == 12
    assert all(len(s.serial) == 12 and s.serial[3:5] == "99" for s in pack)
    assert any(not sheet.marks for sheet in pack)
    assert any(len(v) == 2 for sheet in pack for columns in sheet.marks.values() for v in columns.values())


def test_a_pack_is_judged_by_what_was_read_wrongly_missing_or_doubtful() -> None:
    pack = trial_pack.trial_pack(PROFILE, "013")
    read = [as_filled(sheet) for sheet in pack]
    whole = trial_pack.compare(pack, read, PROFILE)
    assert (whole.agreed, whole.doubtful, whole.wrong, whole.missing) == (whole.groups, 0, (), ())
    assert readiness.judge_pack(whole).verdict is Verdict.GOOD

    group = ("subject1", 0)
    odd = replace(read[0], groups={**read[0].groups, group: ("one", ("E",))})
    wrong = trial_pack.compare(pack, [odd, *read[1:]], PROFILE)
    assert [(d.field, d.column, d.read) for d in wrong.wrong] == [("subject1", 0, ("E",))]
    assert readiness.judge_pack(wrong).verdict is Verdict.BAD
    said = readiness.judge_pack(wrong).problems[0].message("en")
    assert said == f"Sheet {pack[0].serial}, subject1 1: filled in A, read E."

    doubt = replace(read[0], groups={**read[0].groups, group: ("doubtful", ("A",))})
    asked = trial_pack.compare(pack, [doubt, *read[1:]], PROFILE)
    assert (asked.doubtful, asked.wrong) == (1, ())
    assert readiness.judge_pack(asked).verdict is Verdict.REMARK

    lost = trial_pack.compare(pack, read[1:], PROFILE)
    assert lost.missing == (pack[0].serial,)
    assert readiness.judge_pack(lost).verdict is Verdict.BAD
    stranger = replace(read[0], serial="013011010001")
    refused = ReadSheet("", False, {})
    mixed = trial_pack.compare(pack, [*read, stranger, refused], PROFILE)
    assert (mixed.strangers, mixed.refused) == (1, 1)
    assert readiness.judge_pack(mixed).verdict is Verdict.BAD


# -- readiness


def test_a_finding_holds_for_its_time_and_for_its_version_only() -> None:
    found = Finding(Item.GLASS, Verdict.GOOD, at=BEGUN, by="x", version="1")
    assert readiness.current(found, BEGUN + timedelta(days=7), "1").verdict is Verdict.GOOD
    assert readiness.current(found, BEGUN + timedelta(days=8), "1").verdict is Verdict.OPEN
    assert "version 1" in readiness.current(found, BEGUN, "2").problems[0].message("en")
    own = replace(found, item=Item.DATABASE)
    assert readiness.current(own, BEGUN + timedelta(days=3), "1").verdict is Verdict.OPEN
    everything = readiness.whole({Item.GLASS: found}, BEGUN, "1")
    assert [one.item for one in everything] == list(Item)
    assert Item.GLASS not in readiness.not_ready(everything)
    good = readiness.whole({item: replace(found, item=item) for item in Item}, BEGUN, "1")
    assert readiness.not_ready(good) == ()


def test_disk_and_clock_are_judged_by_numbers() -> None:
    assert [readiness.judge_disk(free, 100).verdict for free in (99, 100, 199, 200)] == [
        Verdict.BAD, Verdict.REMARK, Verdict.REMARK, Verdict.GOOD,
    ]  # fmt: skip
    known = {"Last entry of the log: {at}": BEGUN}
    for behind, verdict in ((timedelta(minutes=4), Verdict.GOOD), (timedelta(minutes=6), Verdict.BAD)):
        assert readiness.judge_clock(BEGUN - behind, known, BEGUN).verdict is verdict
    wrong_then = readiness.judge_clock(BEGUN, {"Last entry of the log: {at}": BEGUN.replace(year=2030)}, BEGUN)
    assert wrong_then.verdict is Verdict.REMARK  # nobody can set the log right, nor wait for nineteen years
    assert "a clock was wrong when it was written" in wrong_then.problems[0].message("en")
    both = {"Newest file that came was made: {at}": BEGUN.replace(year=2030)} | known
    assert readiness.judge_clock(BEGUN - timedelta(minutes=6), both, BEGUN).verdict is Verdict.BAD
    far = readiness.judge_clock(BEGUN.replace(year=2012), known, BEGUN)
    assert far.verdict is Verdict.REMARK
    assert "year of the clock" in far.problems[0].message("en")


# -- the clock


def test_the_clock_warns_at_thirty_and_ten_minutes_and_ends_after_three_hours() -> None:
    clock = ExamClock(BEGUN)
    at = {
        -1: Phase.BEFORE, 0: Phase.RUNNING, 149: Phase.RUNNING, 150: Phase.THIRTY, 169: Phase.THIRTY, 170: Phase.TEN,
        179: Phase.TEN, 180: Phase.OVER, 400: Phase.OVER,
    }  # fmt: skip
    assert {minute: clock.phase(BEGUN + timedelta(minutes=minute)) for minute in at} == at
    assert [(moment, when.strftime("%H:%M")) for moment, when in clock.moments()] == [
        (Moment.COUNT, "09:20"), (Moment.FIRST_HOUR, "10:00"), (Moment.LAST_HOUR, "11:00"), (Moment.THIRTY, "11:30"),
        (Moment.TEN, "11:50"), (Moment.END, "12:00"),
    ]  # fmt: skip
    assert [m for m, _at in ExamClock(BEGUN, 90).moments()] == [Moment.COUNT, Moment.THIRTY, Moment.TEN, Moment.END]
    assert shown_time(clock.left(BEGUN + timedelta(minutes=1, seconds=53))) == "2:58:07"
    assert shown_time(clock.left(BEGUN - timedelta(hours=1))) == "3:00:00"
    assert shown_time(clock.left(BEGUN + timedelta(hours=9))) == "0:00:00"


# -- duty officers


def officers(count: int) -> list[Officer]:
    return [Officer(f"{n:032d}", f"Кезекші {n}") for n in range(count)]


@given(st.binary(min_size=32, max_size=32), st.integers(1, 12), st.integers(0, 30), st.randoms())
@example(bytes(32), 2, 1, random.Random(0))  # two of three were in one hall: one of them must come back
def test_a_draw_gives_each_hall_its_officers_and_can_be_done_again(
    seed: bytes, hall_count: int, more: int, chance: object
) -> None:
    halls, people = [str(100 + n) for n in range(hall_count)], officers(hall_count + more)
    drawn = duty_draw.draw(seed, people, halls, {})
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert duty_draw.draw(seed, shuffled, halls, {}) == drawn
    assert set(drawn) == {person.id for person in people}
    counts = [list(drawn.values()).count(hall) for hall in halls]
    assert max(counts) <= duty_place.LEAST_OFFICERS
    assert min(counts) >= 1
    assert max(counts) - min(counts) <= 1
    again = duty_draw.draw(bytes(32), people, halls, drawn)
    assert sorted(again.values()) == sorted(drawn.values())
    # Nobody comes back to his hall but those for whom there is no place elsewhere.
    for hall in halls:
        came_back = sum(drawn[person] == hall == now for person, now in again.items())
        elsewhere = sum(now != hall for now in again.values())
        assert came_back == max(0, list(drawn.values()).count(hall) - elsewhere)


def test_a_list_that_is_too_short_is_refused() -> None:
    assert duty_draw.draw_problems(officers(2), ["101", "102"]) == []
    assert "1 duty officer for 2 halls" in duty_draw.draw_problems(officers(1), ["101", "102"])[0].message("en")
    assert duty_draw.draw_problems(officers(1), [])


# -- acts


FACTS = ActFacts(sheets=12, seated=10, names=frozenset({"А Б", "В Г", "Д Е"}))
SIGNED = {"given_by": ("Бірінші", ""), "taken_by": ("Екінші", "")}


def returned(*counts: int, remarks: dict[int, str] | None = None) -> ActContent:
    rows = tuple((str(count), (remarks or {}).get(n, "")) for n, count in enumerate(counts))
    return ActContent(rows, **SIGNED)


@pytest.mark.parametrize(
    ("counts", "remarks", "where", "said"),
    [
        ((9, 3, 1, 10, 1, 1, 0), {}, "", ""),
        ((9, 2, 1, 10, 1, 1, 0), {}, "1:remark", "Used and unused sheets are 11; the hall was given 12"),
        ((9, 2, 1, 10, 1, 1, 0), {1: "бір парақ жыртылды"}, "", ""),
        ((11, 1, 1, 10, 1, 1, 0), {}, "0:count", "11 used sheets, but only 10 students are seated"),
        ((9, 3, 0, 10, 1, 1, 0), {}, "2:remark", "1 was due, 0 were found"),
        ((9, 3, 1, 9, 1, 1, 0), {3: "біреуі кейін табылды"}, "", ""),
    ],
)
def test_counts_of_return_agree_or_say_why(
    counts: tuple[int, ...], remarks: dict[int, str], where: str, said: str
) -> None:
    found = exam_act.problems(RETURNED, returned(*counts, remarks=remarks), FACTS)
    assert [problem.field for problem in found] == ([where] if where else [])
    if where:
        assert said in found[0].message("en")
    assert exam_act.counts(returned(*counts).plain()) == counts[:2]


def test_an_opening_needs_three_students_of_the_hall() -> None:
    begun = exam_act.begun(OPENING, FACTS)
    assert [row[0] for row in begun.rows] == ["12", "12", "10", "1", "1", "1"]
    full = replace(begun, rows=tuple((row[0], row[0], "") for row in begun.rows), given_by=("Кезекші", ""))
    for names, said in (
        (("А Б", "В Г"), "3 different students"), (("А Б", "В Г", "В Г"), "3 different students"),
        (("А Б", "В Г", "Ж З"), "Ж З does not sit"), (("А Б", "В Г", "Д Е"), ""),
    ):  # fmt: skip
        found = exam_act.problems(OPENING, replace(full, students=names), FACTS)
        assert [said in problem.message("en") for problem in found] == ([True] if said else [])
    short = replace(full, rows=(("12", "11", ""), *full.rows[1:]), students=("А Б", "В Г", "Д Е"))
    assert [problem.field for problem in exam_act.problems(OPENING, short, FACTS)] == ["0:remark"]


def test_a_strange_seal_asks_what_was_found_and_empty_cells_are_named() -> None:
    row = ("Қап", "1", "K-17", "K-18", "")
    found = exam_act.problems(RECEIVED, ActContent((row,), **SIGNED), ActFacts())
    assert [problem.field for problem in found] == ["0:state"]
    empty = exam_act.problems(RECEIVED, ActContent((("", "", "", "", ""),), **SIGNED), ActFacts())
    assert {problem.field for problem in empty} == {"0:what", "0:number", "0:seal", "0:notice"}
    words = exam_act.problems(TO_DUTY, ActContent((("бір", ""), ("1", ""), ("1", "")), **SIGNED), FACTS)
    assert [problem.field for problem in words] == ["0:count"]


def test_a_removal_needs_code_time_and_story_and_reads_back_as_stored() -> None:
    found = exam_act.problems(REMOVAL, ActContent(story="x", time="25:10", **SIGNED), FACTS)
    assert {problem.field for problem in found} == {"story", "time", "code"}
    good = ActContent(story="Ұялы телефон қолданды", code="11010000", time="10:15", given_by=("Кезекші", "Өкіл"))
    assert exam_act.problems(REMOVAL, good, FACTS) == []
    assert exam_act.content_of(good.plain()) == good


# -- taking back


def test_every_step_says_whether_it_is_taken_back_and_names_the_paragraph() -> None:
    keys = {step.key for steps in STEPS.values() for step in steps}
    assert keys == TAKING_BACK.keys()
    for key, found in TAKING_BACK.items():
        assert "p." in found.words, key
        if found.allowed:
            assert take_back(key) == found.words
        else:
            with pytest.raises(NotTakenBack, match=r"p\.\d"):
                take_back(key)
    assert {key for key, found in TAKING_BACK.items() if found.allowed} == {
        "readiness", "duty", "clock", "attendance", "returned", "scan", "decisions", "report",
    }  # fmt: skip
