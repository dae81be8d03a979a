"""What changed between two versions of a hall's identification protocol, line by line (p.38)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mab_desktop.domain.identity_records import LINE_LABELS, LineState
from mab_desktop.i18n import N_

STUDENTS, SHEETS = N_("Table 1. Students"), N_("Table 2. Sheets")
NEW_LINE, LINE_GONE = N_("new line"), N_("line gone")
_STUDENT = {"name": N_("Full name"), "code": N_("Code"), "variant": N_("Variant"), "seat": N_("Seat"),
            "remark": N_("Remark")}  # fmt: skip
_SHEET = {"code": N_("Code"), "seat": N_("Seat"), "variant": N_("Variant"), "name": N_("Name on the sheet"),
          "right_code": N_("Right code"), "right_seat": N_("Right seat"), "right_variant": N_("Variant on the booklet"),
          "state": N_("Decision")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProtocolChange:
    """A cell that is another now; `table` and `field` are message ids, `old` and `new` too where they are labels."""

    table: str
    line: str
    field: str
    old: str = ""
    new: str = ""


def changes(older: Mapping[str, Any], newer: Mapping[str, Any]) -> list[ProtocolChange]:
    """What is other in `newer` than in `older`, both as they were issued, in the order of the paper."""
    students = _lines(older["students"], newer["students"], "student", "name", STUDENTS, _STUDENT)
    sheets = _lines(older["sheets"], newer["sheets"], "serial", "serial", SHEETS, _SHEET)
    return [*students, *sheets]


def _lines(
    older: Sequence[Mapping[str, Any]], newer: Sequence[Mapping[str, Any]], key: str, named: str, table: str,
    fields: Mapping[str, str],
) -> Iterator[ProtocolChange]:  # fmt: skip
    before = {line[key]: line for line in older}
    now = {line[key] for line in newer}
    for line in newer:
        was = before.get(line[key])
        if was is None:
            yield ProtocolChange(table, line[named], NEW_LINE)
            continue
        for name, title in fields.items():
            if was[name] != line[name]:
                yield ProtocolChange(table, line[named], title, _shown(name, was[name]), _shown(name, line[name]))
    for line in older:
        if line[key] not in now:
            yield ProtocolChange(table, line[named], LINE_GONE)


def _shown(name: str, value: object) -> str:
    return LINE_LABELS[LineState(str(value))] if name in ("remark", "state") else str(value)
