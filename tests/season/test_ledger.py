"""The ledger counts by the regulation alone, and says where the product went another way."""

from __future__ import annotations

import json
from pathlib import Path

from mab_desktop.rehearsal.ledger import LedgerLine, Points, points_on_paper, with_appeal, write_ledger

KEYS = ["ABCDE" * 5] * 5


def marks(**subjects: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    return dict(subjects)


def test_one_right_bubble_is_a_point_and_nothing_else() -> None:
    paper = marks(subject1={"0": ["A"], "1": ["B", "C"], "2": ["D"], "3": [], "5": ["A"]}, subject5={"24": ["E"]})
    assert points_on_paper(paper, KEYS) == (2, 0, 0, 0, 1)


def test_each_item_is_granted_once() -> None:
    before = points_on_paper(marks(subject1={"0": ["A"], "5": []}), KEYS)
    assert before == (1, 0, 0, 0, 0)
    assert with_appeal(before, [(0, 5), (3, 7), (0, 5)]) == (2, 0, 0, 1, 0)


def test_a_difference_stands_in_the_ledger(tmp_path: Path) -> None:
    right = Points((1, 0, 0, 0, 0), (1, 0, 0, 0, 0))
    wrong = Points((1, 0, 0, 0, 0), (2, 0, 0, 0, 0))
    lines = [
        LedgerLine("20", "Б", 1, "101", "", right, wrong),
        LedgerLine("10", "А", 1, "101", "", right, right),
        LedgerLine("30", "В", 1, "101", "absent", Points(None, None), Points(None, None)),
    ]
    found = write_ledger(tmp_path / "ledger.json", "7", lines)
    content = json.loads((tmp_path / "ledger.json").read_text(encoding="utf-8"))
    assert [line.code for line in found] == content["differences"] == ["20"]
    assert list(content["students"]) == ["10", "20", "30"]
    assert content["students"]["20"]["product"]["total_after"] == 2
    assert content["students"]["30"]["truth"]["total_before"] is None
