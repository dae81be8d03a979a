"""Merging: nothing is lost, whatever the order, however often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.merge import (
    DELETED,
    TRACKED,
    Candidate,
    Side,
    compact,
    decide,
    first_marks,
    joined,
    knows,
    marks_json,
    merge,
    read_marks,
    touched,
)

FIELDS = ("surname", "sex", DELETED)
EMPTY: dict[str, Any] = dict.fromkeys(TRACKED) | {"photos": 0, DELETED: False}


@dataclass
class Pc:
    """A PC that types, and now and then hands over or takes in; `version` grows with each change here."""

    name: str
    side: Side
    version: int = 1
    sent: list[Side] = field(default_factory=list)

    def change(self, name: str, value: Any) -> None:
        self.version += 1
        marks = touched(self.side.marks, [name], self.name, self.version)
        self.side = Side({**self.side.values, name: value}, marks, self.side.open)

    def hand_over(self) -> None:
        self.sent.append(Side(self.side.values, self.side.marks))


def start() -> Side:
    return Side({**EMPTY, "surname": "Ахметов", "sex": "1"}, first_marks("op1"))


def contested(side: Side) -> dict[str, frozenset[Any]]:
    """Per field everything that stands or waits."""
    return {
        name: frozenset([side.values[name], *(c.value for c in side.open.get(name, ()))]) for name in TRACKED
    }


moves = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.integers(0, 2), st.sampled_from(FIELDS), st.integers(0, 3)),
        st.tuples(st.just("hand-over"), st.integers(0, 2), st.just(""), st.just(0)),
        st.tuples(st.just("exchange"), st.integers(0, 2), st.just(""), st.integers(0, 2)),
    ),
    max_size=14,
)


def play(steps: list[tuple[str, int, str, int]]) -> list[Side]:
    """Portions of three PCs that start from one record, change it and sometimes learn from one another."""
    pcs = [Pc(f"op{i}", start()) for i in range(1, 4)]
    for act, who, name, value in steps:
        pc = pcs[who]
        if act == "change":
            if name == DELETED or not pc.side.values[DELETED]:  # a deleted record cannot be corrected
                pc.change(name, bool(value % 2) if name == DELETED else f"v{value}")
        elif act == "hand-over":
            pc.hand_over()
        elif value != who:
            got = merge(pc.side, Side(pcs[value].side.values, pcs[value].side.marks))
            pc.side = Side(got.side.values, got.side.marks)
    for pc in pcs:
        pc.hand_over()
    return [portion for pc in pcs for portion in pc.sent]


def take_all(portions: list[Side]) -> Side:
    side = start()
    for portion in portions:
        side = merge(side, portion).side
    return side


@settings(max_examples=120, deadline=None)
@given(moves, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same(steps: list[Any], random: Any) -> None:
    portions = play(steps)
    once = take_all(portions)
    shuffled = portions * 2
    random.shuffle(shuffled)
    again = take_all(shuffled)
    assert contested(again) == contested(once)
    assert {n for n in TRACKED if again.open.get(n)} == {n for n in TRACKED if once.open.get(n)}
    if not once.open:
        assert again.values == once.values


@settings(max_examples=80, deadline=None)
@given(moves)
def test_a_portion_again_changes_nothing(steps: list[Any]) -> None:
    portions = play(steps)
    once = take_all(portions)
    for portion in portions:
        twice = merge(once, portion)
        assert twice.taken == ()
        assert twice.side.open == once.open


@settings(max_examples=80, deadline=None)
@given(moves)
def test_every_latest_value_that_nobody_replaced_is_still_there(steps: list[Any]) -> None:
    """A value whose change no other handed-over value knows of must stand or wait."""
    portions = play(steps)
    outcome = contested(take_all(portions))
    for name in ("surname", "sex"):
        for portion in portions:
            mark = portion.marks.get(name, portion.marks[""])
            others = [p.marks.get(name, p.marks[""]) for p in portions]
            if not any(knows(other, mark) and other != mark for other in others):
                assert portion.values[name] in outcome[name]


def test_one_side_changed_is_taken() -> None:
    here, pc = start(), Pc("op1", start())
    pc.change("surname", "Ахметова")
    merged = merge(here, pc.side)
    assert merged.taken == ("surname",)
    assert merged.side.values["surname"] == "Ахметова"
    assert merged.side.open == {}


def test_two_fields_changed_apart_are_both_taken() -> None:
    programmer, pc = Pc("main", start()), Pc("op1", start())
    programmer.change("sex", "2")
    pc.change("surname", "Ахметова")
    merged = merge(programmer.side, pc.side).side
    assert (merged.values["surname"], merged.values["sex"], merged.open) == ("Ахметова", "2", {})


def test_both_sides_changed_one_field_waits_and_is_decided_for_good() -> None:
    programmer, pc = Pc("main", start()), Pc("op1", start())
    programmer.change("surname", "Ахмедов")
    pc.change("surname", "Ахметова")
    waiting = merge(programmer.side, pc.side).side
    assert waiting.values["surname"] == "Ахмедов"
    (candidate,) = waiting.open["surname"]
    assert candidate.value == "Ахметова"
    for value in ("Ахметова", "Ахмедов", "Ахматов"):
        settled = decide(waiting, "surname", candidate, value, "main", 3)
        assert settled.values["surname"] == value
        assert merge(settled, pc.side).side == Side(settled.values, settled.marks)
        assert merge(pc.side, settled).side.values["surname"] == value


def test_the_same_value_on_both_sides_is_no_question() -> None:
    programmer, pc = Pc("main", start()), Pc("op1", start())
    programmer.change("surname", "Ахметова")
    pc.change("surname", "Ахметова")
    assert merge(programmer.side, pc.side).side.open == {}


def test_a_record_deleted_here_and_corrected_there_stands_until_decided() -> None:
    for deleter, corrector in (("main", "op1"), ("op1", "main")):
        one, other = Pc(deleter, start()), Pc(corrector, start())
        one.change(DELETED, True)
        other.change("surname", "Ахметова")
        for merged in (merge(one.side, other.side).side, merge(other.side, one.side).side):
            assert merged.values[DELETED] is False
            assert merged.values["surname"] == "Ахметова"
            assert [c.value for c in merged.open[DELETED]] == [True]


def test_a_deletion_that_saw_everything_is_taken_and_can_be_taken_back() -> None:
    pc = Pc("op1", start())
    pc.change("surname", "Ахметова")
    seen = pc.side
    pc.change(DELETED, True)
    merged = merge(seen, pc.side).side
    assert merged.values[DELETED] is True
    assert merged.open == {}
    pc.change(DELETED, False)
    assert merge(merged, pc.side).side.values[DELETED] is False


def test_a_restored_backup_that_counts_again_is_a_question_not_a_loss() -> None:
    before, after = Pc("op1", start()), Pc("op1", start())
    before.change("surname", "Ахметова")
    after.change("surname", "Асанов")
    merged = merge(before.side, after.side).side
    assert merged.values["surname"] == "Ахметова"
    assert merged.open["surname"] == (Candidate("Асанов", {"op1": 2}),)


def test_marks_survive_their_text() -> None:
    pc = Pc("op1", start())
    pc.change("surname", "Ахметова")
    pc.change("sex", "2")
    text = marks_json(pc.side.marks)
    assert compact(read_marks(text)) == compact(pc.side.marks)
    assert text == '{"":{"op1":1},"sex":{"op1":3},"surname":{"op1":2}}'
    assert joined({"a": 1}, {"a": 3, "b": 2}) == {"a": 3, "b": 2}
