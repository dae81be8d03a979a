"""Three keys decide by themselves; everything else is for people, with the reason in words (p.38)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.identification import (
    CodeElsewhere,
    HallIdentification,
    IdentityDecision,
    LineState,
    Method,
    Place,
    SheetNumbers,
    decision_problems,
    identify,
)

PLACES = [Place(n, f"s{n}", f"Студент {n}", f"1000000{n}", f"100{n}") for n in range(1, 6)]


def sheet(n: int, serial: str = "", **changed: str) -> SheetNumbers:
    """What student n's careful sheet says, with changes."""
    right = {"code": f"1000000{n}", "seat": f"00{n}", "variant": f"100{n}"}
    return SheetNumbers(serial or f"sheet{n}", **(right | changed))


def reasons(found: HallIdentification, serial: str) -> str:
    (line,) = [line for line in found.sheets if line.sheet.serial == serial]
    return " ".join(reason.message("en") for reason in line.reasons)


def test_a_full_hall_of_careful_students_needs_nobody() -> None:
    found = identify(PLACES, [sheet(n) for n in range(1, 6)])
    assert found.open_lines == 0
    assert found.missing == found.sheets == ()
    assert [(m.student, m.method) for m in found.matches] == [(f"s{n}", Method.AUTOMATIC) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"code": "10000009"}, "belongs to nobody in this shift"),
        ({"code": "20000001"}, "belongs to a student of hall 207"),
        ({"code": "1000*001"}, "Code 1000*001: two bubbles in a column."),
        ({"seat": "0-1"}, "Seat 0-1: a column is empty."),
        ({"seat": "00?"}, "a mark is doubtful"),
        ({"seat": "077"}, "Nobody is seated at 77."),
        ({"variant": "1005"}, "Seat 1 has variant 1001, the sheet says 1005."),
        ({"variant": "----"}, "Variant: nothing is marked."),
        ({"seat": "002", "variant": "1002"}, "The code is of Студент 1, seat 1; the seat read is 2, of Студент 2."),
    ],
)
def test_one_wrong_number_is_enough_for_the_protocol(changed: dict[str, str], why: str) -> None:
    found = identify(PLACES, [sheet(1, **changed)], elsewhere={"20000001": CodeElsewhere("207")})
    assert found.matches == ()
    assert why in reasons(found, "sheet1")
    assert found.sheets[0].wrong
    assert found.open_lines == 6


def test_a_swap_of_two_students_is_named_as_such() -> None:
    sheets = [sheet(1, seat="002", variant="1002"), sheet(2, seat="001", variant="1001")]
    found = identify(PLACES, sheets)
    assert "Студент 1 and Студент 2 seem to have swapped" in reasons(found, "sheet1")
    assert "sheet sheet1 shows the same" in reasons(found, "sheet2")


def test_two_sheets_for_one_student_identify_neither() -> None:
    found = identify(PLACES, [sheet(1), sheet(1, serial="other")])
    assert found.matches == ()
    assert "Sheet other carries the same code, seat and variant: both name Студент 1" in reasons(found, "sheet1")


def test_the_nearest_student_without_a_sheet_comes_first() -> None:
    found = identify(PLACES, [sheet(4, code="10000*04"), *(sheet(n) for n in (1, 2))])
    (line,) = found.sheets
    assert [c.student for c in line.candidates] == ["s4", "s3", "s5"]
    assert (line.candidates[0].code_distance, line.candidates[0].seat_distance) == (1, 0)


def test_blank_sheets_are_nobody_s_until_the_commission_names_one() -> None:
    blank = SheetNumbers("blank", "--------", "---", "----", used=False)
    assert identify(PLACES, [blank]).sheets == ()
    found = identify(PLACES, [blank], [IdentityDecision("blank", "10000003", 3, "1003")])
    assert [(m.student, m.method) for m in found.matches] == [("s3", Method.VISUAL)]
    assert found.sheets[0].state is LineState.CORRECTED


def test_a_decision_beats_the_machine_and_leaves_the_other_open() -> None:
    decided = [IdentityDecision("sheet1", "10000002", 2, "1002")]
    found = identify(PLACES, [sheet(1), sheet(2)], decided, absent=["s3"])
    assert {m.serial: m.student for m in found.matches} == {"sheet1": "s2"}
    assert {line.place.student: line.remark for line in found.missing} == {
        "s1": LineState.OPEN, "s2": LineState.CORRECTED, "s3": LineState.ABSENT, "s4": LineState.OPEN,
        "s5": LineState.OPEN,
    }  # fmt: skip


def test_who_was_sent_out_by_an_act_came_and_gets_no_word_of_not_coming() -> None:
    mine = sheet(4, code="100000*4")
    found = identify(PLACES, [sheet(1), mine], absent=["s3"], removed=["s1", "s3", "s4"])
    remarks = {line.place.student: line.remark for line in found.missing}
    assert "s1" not in remarks  # the sheet lies in the envelope and is identified like any other
    assert remarks["s3"] is remarks["s4"] is LineState.REMOVED
    assert remarks["s2"] is LineState.OPEN
    assert [c.student for c in found.sheets[0].candidates][0] == "s4"
    given = identify(PLACES, [sheet(1), mine], [IdentityDecision("sheet4", "10000004", 4, "1004")], removed=["s4"])
    assert {line.place.student: line.remark for line in given.missing}["s4"] is LineState.CORRECTED


def problems(*new: IdentityDecision, sheets: list[SheetNumbers], absent: tuple[str, ...] = ()) -> str:
    found = decision_problems(PLACES, sheets, [], new, absent, 6, [p.variant for p in PLACES])
    return " ".join(problem.message("en") for problem in found)


def test_what_the_commission_cannot_have_meant_is_refused() -> None:
    sheets = [sheet(1), sheet(2, code="1000000*"), sheet(3, serial="third", code="9")]
    say = IdentityDecision
    assert problems(say("sheet2", "10000002", 2, "1002"), sheets=sheets) == ""
    assert "no sheet none" in problems(say("none", "10000002", 2, "1002"), sheets=sheets)
    assert "belongs to nobody in this hall" in problems(say("sheet2", "77", 2, "1002"), sheets=sheets)
    assert "Студент 1 has another sheet" in problems(say("sheet2", "10000001", 2, "1002"), sheets=sheets)
    assert "Another sheet has seat 1" in problems(say("sheet2", "10000002", 1, "1002", "act"), sheets=sheets)
    assert "no seat 9" in problems(say("sheet2", "10000002", 9, "1002", "act"), sheets=sheets)
    assert "No booklet of variant 5555" in problems(say("sheet2", "10000002", 2, "5555", "act"), sheets=sheets)
    assert "sits at 2. State the ground" in problems(say("sheet2", "10000002", 4, "1002"), sheets=sheets)
    assert "marked «Келмеді»" in problems(say("sheet2", "10000002", 2, "1002"), sheets=sheets, absent=("s2",))
    twice = (say("sheet2", "10000002", 2, "1002"), say("third", "10000002", 3, "1003", "act"))
    assert "has another sheet already" in problems(*twice, sheets=sheets)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6)), max_size=8), st.data())
def test_no_student_ever_has_two_sheets_and_no_sheet_two_students(
    numbers: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    sheets = [
        SheetNumbers(f"x{n}", f"1000000{code}", f"00{seat}", f"100{variant}")
        for n, (code, seat, variant) in enumerate(numbers)
    ]
    decisions: list[IdentityDecision] = []
    for s in sheets:
        if data.draw(st.booleans()):
            place = data.draw(st.sampled_from(PLACES))
            new = IdentityDecision(s.serial, place.code, place.seat, place.variant, "act")
            if not decision_problems(PLACES, sheets, decisions, [new], [], 6, [p.variant for p in PLACES]):
                decisions.append(new)
    found = identify(PLACES, sheets, decisions)
    students, serials = [m.student for m in found.matches], [m.serial for m in found.matches]
    assert len(set(students)) == len(students)
    assert len(set(serials)) == len(serials)
    assert len({m.seat for m in found.matches}) == len(found.matches)
    assert {d.serial for d in decisions} <= set(serials)
    for m in found.matches:
        if m.method is Method.AUTOMATIC:
            s = next(s for s in sheets if s.serial == m.serial)
            assert (s.code, int(s.seat), s.variant) == (m.code, m.seat, m.variant)
    settled = {m.serial for m in found.matches}
    assert {line.sheet.serial for line in found.sheets if line.state is LineState.OPEN} == {
        s.serial for s in sheets
    } - settled
