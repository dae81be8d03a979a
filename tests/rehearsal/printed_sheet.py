"""One printed answer sheet for the simulator's tests, and how a person fills it in."""

from __future__ import annotations

from functools import cache

import numpy as np

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import Bubble, layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.rehearsal import answers, paper
from mab_desktop.rehearsal.chance import stream

PROFILE = default_profile()
LAYOUT = layout(PROFILE)
PLACES = {(b.field, str(b.column), b.value): b for b in LAYOUT.bubbles}


@cache
def _form() -> bytes:
    return draw_sheets(LAYOUT, [SheetPrint("013011020001")])


def printed(printer: paper.Printer | None = None) -> paper.PaperSheet:
    """The form from a printer; an ordinary one of its own when none is named."""
    return _usual().copy() if printer is None else next(paper.print_pages(_form(), stream("print"), printer))


@cache
def _usual() -> paper.PaperSheet:
    return next(paper.print_pages(_form(), stream("print"), paper.Printer()))


def filled(seed: object = 1) -> answers.SheetTruth:
    """A sheet with every item answered and nothing gone wrong."""
    truth = answers.fill_in(
        stream("fill", seed), PROFILE, serial="013011020001", code="30581198", seat="5", variant="1004", shift="1",
        hall="102", language="1", foreign_language="2", key=["ABCDE" * 5] * 5, ability=9.0, printed=(),
    )  # fmt: skip
    for name in PROFILE.subject_fields():
        for column, values in truth.marks[name].items():
            values[:] = values or ["ABCDE"[int(column) % 5]]
    return truth


def taken(before: paper.PaperSheet, after: paper.PaperSheet) -> np.ndarray:
    """Share of the light that is gone at each dot, 0..1; less than 0 where it became lighter, 0 in solid print."""
    light = before.seen().astype(np.float32)
    done: np.ndarray = np.where(light > 110, (light - after.seen()) / np.maximum(light, 1), 0)
    return done


def at_bubble(dark: np.ndarray, sheet: paper.PaperSheet, bubble: Bubble, share: float = 1.1) -> float:
    """Mean of a picture within a bubble, of `share` of its radius."""
    x, y = sheet.place(bubble.x, bubble.y)
    radius = bubble.rx * share * sheet.dots
    top, left = int(y - radius), int(x - radius)
    window = dark[top : top + int(2 * radius) + 2, left : left + int(2 * radius) + 2]
    yy, xx = np.mgrid[: window.shape[0], : window.shape[1]]
    return float(window[np.hypot(xx + left - x, yy + top - y) <= radius].mean())
