"""Counting a shift's answers item by item; what the counts tell is in `domain.item_analysis`.

A shift of 3,000 gives 375,000 answers, and the page asks for all its items at once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from mab_desktop.domain.item_analysis import ItemLine, Tally, item_line
from mab_desktop.domain.reading import NOTHING, SEVERAL

Signs = npt.NDArray[np.uint32]  # (sheets, items): code points
Points = npt.NDArray[np.int64]


def item_lines(
    variant: str, subject: str, key: str, answers: Sequence[str], points: Sequence[int], options: Sequence[str]
) -> list[ItemLine]:
    """Every item of a variant and subject, from the answers of all sheets that hold it, a character an item.

    `points` are those of each whole sheet, in items. ValueError for answers longer or shorter than the key.
    """
    if not answers:
        return []
    marks, whole = _signs(answers, len(key)), np.array(points, dtype=np.int64)
    right = marks == _signs([key], len(key))
    marked = [(option, (marks == ord(option)).sum(axis=0).tolist()) for option in (*options, NOTHING, SEVERAL)]
    hits, hit_points = right.sum(axis=0).tolist(), (whole @ right).tolist()
    every, squares = int(whole.sum()), int(whole @ whole)
    return [
        item_line(variant, subject, item + 1, letter, Tally(
            tuple([(option, counts[item]) for option, counts in marked]), len(answers), hits[item], hit_points[item],
            every, squares, partial(_strong_mark, marks[:, item], whole - right[:, item])))
        for item, letter in enumerate(key)
    ]  # fmt: skip


def points_of(answers: Sequence[str], key: str) -> list[int]:
    """How many items each sheet has right; ValueError for answers longer or shorter than the key."""
    points: list[int] = (_signs(answers, len(key)) == _signs([key], len(key))).sum(axis=1).tolist()
    return points


def _signs(texts: Sequence[str], items: int) -> Signs:
    if any(len(text) != items for text in texts):
        raise ValueError("answers and key have the same items")
    return np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").reshape(len(texts), items)


def _strong_mark(column: Signs, rest: Points) -> str:
    """What the best third, by the rest of the sheet, marked most often."""
    best = np.argsort(-rest, kind="stable")[: math.ceil(len(rest) / 3)]
    return chr(Counter(column[best].tolist()).most_common(1)[0][0])
