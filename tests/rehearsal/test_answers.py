"""What goes wrong on purpose goes wrong as told, and nothing else does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.rehearsal import answers
from mab_desktop.rehearsal.chance import stream

PROFILE = default_profile()
KEY = ["ABCDE" * 5] * 5


def sheet(seed: object = 1, **changes: str) -> answers.SheetTruth:
    values = {"serial": "013011020001", "code": "30581198", "seat": "5", "variant": "1004", "shift": "1", "hall": "102",
              "language": "1", "foreign_language": "2"} | changes  # fmt: skip
    return answers.fill_in(stream("sheet", seed), PROFILE, key=KEY, ability=0.5, **values)  # type: ignore[arg-type]


def points(truth: answers.SheetTruth) -> int:
    return sum(truth.marks[f"subject{n + 1}"][str(i)] == [KEY[n][i]] for n in range(5) for i in range(25))


def changed(before: answers.SheetTruth, after: answers.SheetTruth) -> set[tuple[str, str]]:
    return {(f, c) for f in before.marks for c in before.marks[f] if before.marks[f][c] != after.marks[f][c]}


def test_marks_have_exactly_the_places_of_the_sheet() -> None:
    places: dict[str, dict[str, set[str]]] = {}
    for bubble in layout(PROFILE).bubbles:
        places.setdefault(bubble.field, {}).setdefault(str(bubble.column), set()).add(bubble.value)
    marks = sheet().marks
    assert {f: set(columns) for f, columns in marks.items()} == {f: set(columns) for f, columns in places.items()}
    assert all(set(marks[f][c]) <= places[f][c] for f in marks for c in marks[f])
    assert answers.unused_sheet(PROFILE, "1").marks.keys() == marks.keys()


def test_numbers_are_marked_digit_by_digit() -> None:
    marks = sheet().marks
    assert "".join(marks["code"][str(n)][0] for n in range(8)) == "30581198"
    assert [marks["seat"][c] for c in "012"] == [["0"], ["0"], ["5"]]
    assert marks["language"] == {"0": ["1"]}
    assert sheet(foreign_language="0").marks["foreign_language"] == {"0": []}


def test_who_is_abler_has_more_points_and_guessing_gives_a_fifth() -> None:
    def mean(ability: float) -> float:
        rng = stream("ability", ability)
        sheets = [replace(sheet(), marks=answers.choose_answers(rng, KEY, ability)) for _ in range(60)]
        return sum(points(marked) for marked in sheets) / 60

    low, middle, high = mean(-9), mean(0.5), mean(4)
    assert 20 < low < 30
    assert low + 30 < middle < high - 15


@pytest.mark.parametrize("name", sorted(answers.SCENARIOS))
def test_a_scenario_notes_itself_keeps_the_rest_and_does_not_touch_its_input(name: str) -> None:
    before = sheet()
    copy = json.dumps(before.as_json())
    after = answers.SCENARIOS[name](stream(name), before)
    assert json.dumps(before.as_json()) == copy
    assert after.note == name
    assert (after.sheet, after.student, after.seat, after.variant) == ("013011020001", "30581198", "5", "1004")
    places = changed(before, after)
    touched = {f for f, _ in places}
    if name in ("faint-marks", "erased-and-remarked"):
        assert not places
        assert bool(after.faint) == (name == "faint-marks")
        assert all(v not in after.marks[f][c] and after.marks[f][c] for f, c, v in after.erased)
    elif "code" in name or "seat" in name or "variant" in name:
        assert touched == {next(f for f in ("code", "seat", "variant") if f in name)}
    else:
        assert touched <= set(PROFILE.subject_fields())
        assert places


@pytest.mark.parametrize(("name", "count"), [("double-code-digit", 2), ("blank-code-column", 0)])
def test_bad_code_columns(name: str, count: int) -> None:
    after = answers.SCENARIOS[name](stream(name), sheet())
    assert sorted(len(v) for v in after.marks["code"].values()) == sorted([count, *[1] * 7])


def test_double_marks_never_add_points() -> None:
    for seed in range(20):
        before = sheet(seed)
        assert points(answers.double_marks(stream(seed), before)) <= points(before)


def test_two_students_swap_codes_and_keep_their_answers() -> None:
    a, b = sheet(1), sheet(2, serial="013011020002", code="11112222", seat="6", variant="1005")
    x, y = answers.swap_sheets(a, b, ("code",))
    assert (x.marks["code"], y.marks["code"]) == (b.marks["code"], a.marks["code"])
    assert (x.written["code"], y.written["code"]) == ("11112222", "30581198")
    assert changed(a, x) <= {("code", str(n)) for n in range(8)}
    assert (x.student, x.note) == ("30581198", "swapped-code")


def test_spoil_has_every_scenario_once_keeps_order_and_unused_sheets() -> None:
    sheets = [sheet(n, serial=f"{n:012d}", code=f"{n + 10_000_000}") for n in range(60)]
    sheets.append(answers.unused_sheet(PROFILE, "000000000060", "1", "102"))
    done = answers.spoil(stream("spoil"), sheets)
    assert [t.sheet for t in done] == [t.sheet for t in sheets]
    assert set(answers.SCENARIOS) | {"swapped-code", "swapped-seat", "unused-sheet", ""} == {t.note for t in done}
    assert done[-1] == sheets[-1]
    assert answers.spoil(stream("spoil"), sheets) == done


def test_truth_crosses_json() -> None:
    for truth in answers.spoil(stream("json"), [sheet(n) for n in range(30)]):
        assert answers.truth_from(json.loads(json.dumps(truth.as_json()))) == truth


def test_an_unused_sheet_holds_only_what_the_printer_filled() -> None:
    truth = answers.unused_sheet(PROFILE, "1", "1", "102")
    assert not truth.used
    assert {f for f in truth.marks if any(truth.marks[f].values())} == {"shift", "hall"}


def test_absent_students_are_drawn_within_the_hall() -> None:
    absent = answers.draw_absent(stream("absent"), 40, at_least=3)
    assert len(absent) >= 3
    assert absent <= set(range(40))
