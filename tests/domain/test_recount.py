"""The second count against the first: two programs that share no code come to the same marks, owners and points."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain import identification, reading, recount, recount_marks, recount_sheets
from mab_desktop.domain.recount_marks import letters, read_fields, together
from mab_desktop.domain.recount_sheets import CountedSheet, RawPage, Seated, Word, owners_of, sheets_of
from mab_desktop.domain.score import score
from mab_desktop.services.final_data import spell

OPTIONS = "ABCDE"
ITEMS = 4

plain = st.sampled_from([*OPTIONS, "-", "*AB", "*CDE"])
mark = st.one_of(plain, st.sampled_from(["?", "?A", "?BD"]))
column = st.tuples(mark, mark)


def test_it_shares_no_code_with_the_first() -> None:
    own = {"mab_desktop.i18n", *(m.__name__ for m in (recount, recount_marks, recount_sheets))}
    for module in (recount, recount_marks, recount_sheets):
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert all(name in own for name in names if name.startswith("mab_desktop")), (module.__name__, names)


@given(st.dictionaries(st.sampled_from(["code", "seat", "subject1"]), st.lists(mark, min_size=1, max_size=8)))
def test_marks_come_back_as_they_were_spelt(marks: dict[str, list[str]]) -> None:
    assert read_fields(spell(marks)) == marks


@pytest.mark.parametrize("text", ["code", "code:1 code:2", ":12", "code:1(2", "code:1)2", "code:()", "a:1  b:2"])
def test_what_is_not_spelt_like_marks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        read_fields(text)


@given(st.lists(column, min_size=ITEMS, max_size=ITEMS), st.data())
def test_both_programs_merge_two_scans_and_decisions_alike(columns: list[tuple[str, str]], data: st.DataObject) -> None:
    first, second = ({"subject1": [pair[n] for pair in columns]} for n in (0, 1))
    merged = reading.merge(first, second)
    open_groups = [group for group, _ in reading.doubtful(merged)]
    said = {
        group: tuple(data.draw(st.lists(st.sampled_from(OPTIONS), unique=True, max_size=2)))
        for group in open_groups
        if data.draw(st.booleans())
    }
    theirs = reading.answers(reading.effective(merged, said), 1)[0]
    ours, conflicts = together(read_fields(spell(first)), read_fields(spell(second)), {}, said)
    assert (letters(ours["subject1"], ITEMS), conflicts) == (theirs, [])


def test_the_machine_settles_only_doubts_and_never_against_a_sure_scan() -> None:
    cases = {
        ("?A", "A", "A"): "A", ("?AB", "?AB", "*AB"): "*AB", ("?A", "?A", "-"): None, ("A", "B", "A"): None,
        ("A", "?B", "B"): None, ("A", "A", "A"): None, ("?A", "-", "A"): None,
    }  # fmt: skip
    for (one, two, word), counts in cases.items():
        fields, conflicts = together({"f": [one]}, {"f": [two]}, {("f", 0): word}, {})
        assert bool(conflicts) == (counts is None), (one, two, word)
        assert counts is None or fields["f"] == [counts]
    for one, two, machine in (("A", "A", {}), ("?A", "A", {("f", 0): "A"})):
        fields, conflicts = together({"f": [one]}, {"f": [two]}, machine, {("f", 0): ("B",)})
        assert (fields["f"], len(conflicts)) == (["A"], 1)


SEATED = [Seated(f"s{n}", f"1000000{n}", 1, "101", n, f"100{n}", ("SUB",)) for n in range(1, 5)]
PLACES = [identification.Place(s.seat, s.student, s.student, s.code, s.variant) for s in SEATED]
digit = st.sampled_from([*"1234", "-", "*12", "?"])


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, list[str]]:
    """What stands on a sheet: mostly somebody's three numbers, here and there a wrong digit."""
    who = [draw(st.sampled_from(SEATED))] * 3
    if draw(st.integers(0, 3)) == 0:
        who[draw(st.integers(0, 2))] = draw(st.sampled_from(SEATED))
    found = {"code": list(who[0].code), "seat": list(f"{who[1].seat:03d}"), "variant": list(who[2].variant)}
    if draw(st.integers(0, 3)) == 0:
        found[draw(st.sampled_from(sorted(found)))][-1] = draw(digit)
    return found


@settings(max_examples=300)
@given(st.lists(numbers(), min_size=1, max_size=5), st.data())
def test_both_programs_name_the_same_owners(sheets: list[dict[str, list[str]]], data: st.DataObject) -> None:
    serials = [f"{n:012d}" for n in range(len(sheets))]
    word: Mapping[str, Seated] = {
        serial: data.draw(st.sampled_from(SEATED)) for serial in serials if data.draw(st.integers(0, 4)) == 0
    }
    blank = {s for s in serials if s not in word and data.draw(st.integers(0, 6)) == 0}
    theirs = identification.identify(
        PLACES,
        [
            identification.SheetNumbers(serial, *(reading.number(marks, name) for name in ("code", "seat", "variant")))
            for serial, marks in zip(serials, sheets, strict=True)
        ],
        [identification.IdentityDecision(serial, s.code, s.seat, s.variant) for serial, s in word.items()],
        unused=blank,
    )
    said = [
        Word(1, "101", "identity", serial, code=s.code, seat=s.seat, variant=s.variant) for serial, s in word.items()
    ]
    said += [Word(1, "101", "unused", serial) for serial in blank]
    counted = [CountedSheet(serial, 1, "101", marks, ()) for serial, marks in zip(serials, sheets, strict=True)]
    ours = owners_of(counted, said, SEATED)
    assert {m.serial: (m.student, m.seat, m.variant, m.method == "visual") for m in theirs.matches} == {
        serial: (o.student.student, o.seat, o.variant, o.by_eye) for serial, o in ours.items()
    }


def page(number: int, scan_pass: int, serial: str, **more: object) -> RawPage:
    values = {"position": number, "attempt": 1, "marks": "code:1", **more}
    return RawPage(10 * number + scan_pass, 1, "101", scan_pass, serial=serial, **values)  # type: ignore[arg-type]


def test_pages_become_sheets_by_the_words_said_of_them() -> None:
    pages = [
        page(1, 1, "A"), page(1, 2, "A", marks="code:7"), page(2, 1, ""), page(2, 2, "B"), page(3, 1, "", marks=""),
        page(3, 2, "C", marks="code:3"), page(4, 1, "cover"), page(5, 1, "D"),
    ]  # fmt: skip
    pages.append(RawPage(99, 1, "101", 2, 1, 2, "A", "code:1"))  # the first page of pass 2 was scanned again
    words = [
        Word(1, "101", "serial", "B", 21), Word(1, "101", "by-eye", "C", 31), Word(1, "101", "aside", "", 41),
        Word(1, "101", "mark", "C", field="code", column=0, values=("3",)),
    ]  # fmt: skip
    sheets, odd = sheets_of(pages, words, {})
    assert [(s.serial, s.marks["code"]) for s in sheets] == [("A", ["1"]), ("B", ["1"]), ("C", ["3"])]
    assert odd == [((1, "101"), "D")]
    assert sheets_of(pages, [], {})[1] == [((1, "101"), ""), ((1, "101"), "B"), ((1, "101"), "C"),
                                           ((1, "101"), "D"), ((1, "101"), "cover")]  # fmt: skip


answer = st.text(alphabet="ABCDE-*", min_size=5, max_size=5)


@given(answer, st.text(alphabet=OPTIONS, min_size=5, max_size=5), st.sets(st.integers(1, 5)))
def test_both_programs_count_alike(given_answers: str, right: str, granted: set[int]) -> None:
    theirs = score([given_answers], [right], [(1, item) for item in granted])
    (student,) = SEATED[:1]
    spelt = "".join("(*AB)" if letter == "*" else letter for letter in given_answers)
    marks = f"code:{student.code} seat:001 variant:{student.variant} subject1:{spelt}"
    pages = [RawPage(n, 1, "101", n, 1, 1, "A", marks) for n in (1, 2)]
    evidence = recount.Evidence(
        pages, [], {}, SEATED, {(1, student.variant, "SUB"): right},
        frozenset((student.code, "SUB", item) for item in granted), 5,
    )  # fmt: skip
    ours = recount.second_count(evidence, recount.Reported({}, {}, {}))
    assert ours.points == {(student.code, "SUB"): (theirs.total_before, theirs.total_after)}
