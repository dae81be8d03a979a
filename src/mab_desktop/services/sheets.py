"""The answer sheet for the command line: blank forms, their geometry, and what the reader sees on scans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sheet import geometry_json, layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.i18n import N_
from mab_desktop.omr.read import read_files, to_json
from mab_desktop.services.scans import image_files

MAX_BLANKS = 9999


def blank_sheets(count: int = 1) -> bytes:
    """`count` blank answer sheets of the default profile as PDF, with running training serials."""
    if not 1 <= count <= MAX_BLANKS:
        raise UserError(N_("Between 1 and {most} sheets can be made at once."), most=MAX_BLANKS)
    sheets = [SheetPrint(serial=f"{number:012d}") for number in range(1, count + 1)]
    return draw_sheets(layout(default_profile()), sheets)


def blank_sheet_geometry() -> dict[str, Any]:
    """Page and bubbles of the default profile's sheet, in millimetres from the top left corner."""
    return geometry_json(layout(default_profile()))


def read_sheets(paths: Sequence[Path], progress: Progress = Silent()) -> Iterator[dict[str, Any]]:
    """What the reader sees on each page of images, PDFs and folders; a page it refuses says why."""
    for path in paths:
        if not path.exists():
            raise UserError(N_("There is no file or folder {name}."), name=str(path))
    for reading in read_files(image_files(paths), layout(default_profile()), progress):
        yield to_json(reading)
