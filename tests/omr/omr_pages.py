"""Written pages of the default sheet, and what is wrong with a reading of one: shared by the tests of the reader."""

from __future__ import annotations

import numpy as np
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import State

SHEET = layout(default_profile())


def written(seed, pen="black", sheet=SHEET, **how):
    paper = Paper(sheet, np.random.default_rng(seed))
    paper.handwriting()
    return paper, fill_in(paper, PENS[pen] if isinstance(pen, str) else pen, **how)


def read(paper, scan=Scan(), image=None):
    gray = paper.scan(scan) if image is None else image
    return read_image(gray, paper.layout, dpi=scan.dpi, bilevel=scan.bilevel)


def silent_errors(reading, truth):
    """Groups read as sure that are not what was marked, and the number of doubtful ones."""
    wrong, doubtful = [], 0
    for (field, column), values in truth.items():
        group = reading.fields[field][column]
        if group.state is State.DOUBTFUL:
            doubtful += 1
        elif sorted(group.values) != sorted(values):
            wrong.append((field, column, values, group))
    return wrong, doubtful


def blot(paper, left, top, right, bottom, darkness):
    paper.darkness[int(top * 12) : int(bottom * 12), int(left * 12) : int(right * 12)] = darkness


def lose_two_corners(paper):
    blot(paper, 0, 0, 210, 27, 0)
