"""Envelopes saved without drawing every sheet: one is drawn and read, the others bear its picture and their own marks.

Both passes are saved and merged by the real services; what is left out is the reading of pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.files import read_files
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import GroupReading, State
from mab_desktop.services import envelopes
from mab_desktop.services.context import Context
from mab_desktop.services.scans import Seen
from tests.services.exam_room import filled

Marks = Mapping[str, str]
"""Field -> one character a column: a value, `-` none, `*` several, `?` in doubt; what is left out is blank."""


@cache
def _template(picture: Path) -> SheetReading:
    (read,) = read_files([picture], layout(default_profile()))
    return read


def picture_of(folder: Path) -> Path:
    """The picture that all sheets bear."""
    path = folder / "sheet.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), filled("013011010001", {}))
    return path


def page(picture: Path, serial: str, marks: Marks) -> SheetReading:
    """A page as the reader would have read it."""
    read = _template(picture)
    fields = {
        name: {n: _group(name, marks.get(name, "")[n : n + 1] or "-", group) for n, group in columns.items()}
        for name, columns in read.fields.items()
    }
    return replace(read, serial=serial, fields=fields, scores=b"")


def _group(name: str, sign: str, group: GroupReading) -> GroupReading:
    if sign in "*?":
        values = ("A", "B") if name.startswith("subject") else ("0", "1")
        return replace(group, state=State.MANY if sign == "*" else State.DOUBTFUL, values=values)
    return replace(group, state=State.NONE if sign == "-" else State.ONE, values=() if sign == "-" else (sign,))


def scan_twice(
    ctx: Context, folder: Path, sheets: Sequence[tuple[str, Marks]], used: int, shift: int = 1, hall: str = "101",
    second: Mapping[str, Marks] | None = None,
) -> None:  # fmt: skip
    """Receive an envelope and save both passes, a stranger stops them; `second`: sheets that pass 2 reads otherwise."""
    picture = picture_of(folder)
    envelopes.receive_envelope(ctx, shift, hall, used, len(sheets) - used)
    for scan_pass in (1, 2):
        facts = envelopes.run_facts(ctx, shift, hall, scan_pass)
        other = (second or {}) if scan_pass == 2 else {}
        for serial, _marks in sheets:
            facts.belongs.check(serial, serial)
        found = [Seen(page(picture, serial, other.get(serial, marks))) for serial, marks in sheets]
        envelopes.save_run(ctx, facts, found, hall)
