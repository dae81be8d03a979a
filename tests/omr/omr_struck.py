"""What the reader struck out on a page of the default sheet: shared by the tests of what it follows on the paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from omr_paper import Paper, Scan

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.geometry import layout_geometry
from mab_desktop.omr.marks import decide
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.omr.rules import State
from mab_desktop.omr.sample import STRUCK, Scores

SHEET = layout(default_profile())


def read(paper: Paper, scan: Scan = Scan()) -> SheetReading:
    """The page as it is scanned, which must be read."""
    reading = read_image(paper.scan(scan), SHEET, dpi=scan.dpi)
    assert reading.ok, reading.codes()
    return reading


def by_bubbles_alone(reading: SheetReading) -> dict[tuple[str, int], State]:
    """What the same scores say when nothing was struck out."""
    scores, geometry = Scores.from_bytes(reading.scores), layout_geometry(SHEET)
    plain = replace(scores, ring=np.where(scores.ring == STRUCK, np.uint8(170), scores.ring))
    return {key: group.state for key, group in zip(geometry.keys, decide(plain, geometry).groups, strict=True)}


def struck(reading: SheetReading) -> set[tuple[str, int]]:
    """The groups in which a mark was found to be no sure answer."""
    geometry = layout_geometry(SHEET)
    found = np.flatnonzero(Scores.from_bytes(reading.scores).ring == STRUCK)
    return {(geometry.bubbles[n].field, geometry.bubbles[n].column) for n in found}
