"""What a later version of a protocol says otherwise than an earlier one."""

from __future__ import annotations

from typing import Any

from mab_desktop.domain.protocol_changes import changes


def student(name: str, remark: str = "") -> dict[str, Any]:
    return {"student": name, "name": name, "code": "1", "variant": "2", "seat": 3, "remark": remark}


def sheet(serial: str, state: str = "", **right: str) -> dict[str, Any]:
    line = {"serial": serial, "code": "9", "seat": "003", "variant": "2", "wrong": ["code"], "state": state, "name": "",
            "right_code": "", "right_seat": "", "right_variant": ""}  # fmt: skip
    return line | right


def test_the_same_content_has_no_change() -> None:
    content = {"students": [student("A")], "sheets": [sheet("0001")]}
    assert changes(content, content) == []


def test_remarks_decisions_new_and_gone_lines_are_told_in_the_order_of_the_paper() -> None:
    older = {"students": [student("A"), student("B")], "sheets": [sheet("0001"), sheet("0002")]}
    newer = {
        "students": [student("A", "absent"), student("C")],
        "sheets": [sheet("0001", "corrected", name="A", right_code="1")],
    }
    told = [(c.line, c.field, c.old, c.new) for c in changes(older, newer)]
    assert told == [
        ("A", "Remark", "", "Absent"),
        ("C", "new line", "", ""),
        ("B", "line gone", "", ""),
        ("0001", "Name on the sheet", "", "A"),
        ("0001", "Right code", "", "1"),
        ("0001", "Decision", "", "Corrected"),
        ("0002", "line gone", "", ""),
    ]
