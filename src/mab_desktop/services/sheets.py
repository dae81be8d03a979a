"""The answer sheet for the command line: blank forms of any profile, and their geometry."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile, default_profile, profile_from, profile_to
from mab_desktop.domain.sheet import geometry_json, layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_copy, draw_sheets
from mab_desktop.i18n import N_

MAX_BLANKS = 9999


def profile_of(path: Path | None = None, **sizes: int | None) -> ExamProfile:
    """The profile of a file (None: the one that comes with the program), with `sizes` that are not None put in.

    The file is the centre's `exam_profile` as JSON; what it leaves out keeps its default.
    """
    profile = default_profile()
    if path is not None:
        try:
            data = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise UserError(N_("{name} is no exam profile: it is not JSON."), name=path.name) from error
        if not isinstance(data, dict) or not all(isinstance(data.get(p, {}), dict) for p in ("fixed", "assumed")):
            raise UserError(N_("{name} is no exam profile: names with values are expected."), name=path.name)
        profile = profile_from(data)
    chosen = {name: size for name, size in sizes.items() if size is not None}
    return profile_from({**profile_to(profile), **chosen})


def blank_sheets(
    count: int = 1, profile: ExamProfile | None = None, *, shift: int | None = None, hall: str = "", copy: bool = False
) -> bytes:
    """`count` answer sheets of a profile (None: the default) as PDF, with running training serials.

    `shift` and `hall` are printed and filled in where given; `copy` gives the student's copies instead.
    """
    if not 1 <= count <= MAX_BLANKS:
        raise UserError(N_("Between 1 and {most} sheets can be made at once."), most=MAX_BLANKS)
    form = layout(replace(profile or default_profile(), training=True))
    _check_number(N_("Shift"), "" if shift is None else str(shift), form.profile.shift_digits)
    _check_number(N_("Hall"), hall, form.profile.hall_digits)
    sheets = [SheetPrint(f"{number:012d}", shift, hall or None) for number in range(1, count + 1)]
    return draw_copy(form, sheets) if copy else draw_sheets(form, sheets)


def blank_sheet_geometry(profile: ExamProfile | None = None) -> dict[str, Any]:
    """Page and bubbles of a profile's sheet, in millimetres from the top left corner."""
    return geometry_json(layout(profile or default_profile()))


def _check_number(name: str, number: str, digits: int) -> None:
    if number and not (number.isascii() and number.isdigit() and len(number) <= digits):
        raise UserError(
            N_("{field} {number} does not fit into sector 5: a number of at most {digits} digits is printed there."),
            field=name, number=number, digits=digits,
        )  # fmt: skip
