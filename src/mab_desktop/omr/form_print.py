"""What is printed on a form of others: what the page itself shows of it, bounded by a picture of the empty form."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mab_desktop.omr.around import STEP, offsets, own_ground, radius
from mab_desktop.omr.geometry import Floats, Geometry
from mab_desktop.omr.sample import INSIDE

PRINTED, TONES = 0.15, (0.4, 2.5)  # darkness of what is print on the empty form; bounds of the page's tone to its own
LEAST_PLACES = 12  # places of print that tell its tone
MOST_PRINT = 0.25  # how much darker than the usual one kind of bubble may be printed
MOSTLY = 0.65  # part of the lighter bubbles of a letter that must be so
# How much darker than the others one letter may be on the page than on the empty form: where it was not marked all the
# way down, 0.03 at most was seen, where it was, 0.17 and more.
MOST_AHEAD = 0.06
# So many empty rows show a letter that is marked in all others, if they are darker than the darkest letter by no more
# than this, and no more than so many times as far from each other as the rows of other letters are.
FEW_ROWS, AS_DARK, AS_ALIKE = 4, 0.02, 1.1


def own_print(darkness: Floats, geometry: Geometry) -> tuple[Floats, NDArray[np.bool_]]:
    """What is printed in and around each bubble, as the lighter bubbles of the same kind show it; (n,) where these
    are marked, too, so that it shows what is usual with the others."""
    level = level_inside(darkness, geometry)
    common = np.argsort(level, kind="stable")[: max(1, len(level) // 2)]
    form = np.broadcast_to(np.median(darkness[common], axis=0), darkness.shape).copy()
    usual = float(np.median(level[common]))
    unknown = np.zeros(len(level), dtype=bool)
    whole = (darkness.reshape(len(darkness), -1) * own_ground(geometry, darkness.shape[1])).sum(axis=1)
    unrest, darkest = [], 0.0
    for kind in range(len(geometry.kind_sizes)):
        own = np.flatnonzero(geometry.kind == kind)
        # The lighter ones with all around them: rings leave what they go around the lightest.
        lighter = own[np.argsort(whole[own], kind="stable")[: max(3, len(own) // 3)]]
        # A letter marked almost all the way down is not printed so dark; where half of these are marked, the middle of
        # them is a mixture.
        if float(np.quantile(level[lighter], MOSTLY)) < usual + MOST_PRINT:
            form[own] = np.median(darkness[lighter], axis=0)
            unrest.append(_unrest(darkness[lighter], form[own[0]], geometry))
            darkest = max(darkest, float(np.median(level[lighter])))
        else:
            unknown[own] = True
    for kind in np.unique(geometry.kind[unknown]).tolist():
        own = np.flatnonzero(geometry.kind == kind)
        # Its few empty rows show it, if they are as dark and as much alike as print elsewhere: marks by hand are not.
        light = own[level[own] < darkest + AS_DARK]
        print_ = np.median(darkness[light], axis=0) if len(light) >= FEW_ROWS and unrest else None
        if print_ is not None and _unrest(darkness[light], print_, geometry) < AS_ALIKE * float(np.median(unrest)):
            form[own], unknown[own] = print_, False
    return form, unknown


def _unrest(darkness: Floats, print_: Floats, geometry: Geometry) -> float:
    """How far places inside bubbles usually are from their `print_`."""
    inside = radius(darkness.shape[1], *geometry.usual).reshape(print_.shape) < 1
    return float(np.median(np.abs(darkness - print_)[:, inside].mean(axis=1)))


def usual_of_kind(darkness: Floats, geometry: Geometry) -> Floats:
    """What bubbles of the same kind usually look like, for each of them; those of few stay as they are."""
    usual = darkness.copy()
    for kind in range(len(geometry.kind_sizes)):
        own = np.flatnonzero(geometry.kind == kind)
        usual[own] = np.median(darkness[own], axis=0)
    return usual


def marked_throughout(form: Floats, empty: Floats, geometry: Geometry) -> NDArray[np.bool_]:
    """(n,) bubbles whose letter is by far darker on the page than on the empty form, as no other one: it is marked
    almost all the way down."""
    darker = level_inside(form, geometry) - level_inside(empty, geometry)
    kinds = [np.flatnonzero(geometry.kind == kind) for kind in range(len(geometry.kind_sizes))]
    marked = np.zeros(len(darker), dtype=bool)
    if len(kinds) > 2:
        by_kind = np.array([np.median(darker[own]) for own in kinds])
        for number in np.flatnonzero(by_kind > np.median(by_kind) + MOST_AHEAD):
            marked[kinds[number]] = True
    return marked


def lead_of(form: Floats, geometry: Geometry) -> float:
    """How much darker the darkest letter is than the next one: it may be marked all the way down by an even hand."""
    level = level_inside(form, geometry)
    by_kind = sorted(float(np.median(level[geometry.kind == kind])) for kind in range(len(geometry.kind_sizes)))
    return by_kind[-1] - by_kind[-2] if len(by_kind) > 2 else 0.0


def tone_of(form: Floats, empty: Floats, geometry: Geometry) -> np.float32:
    """How many times darker print is on the page than on the empty form: toner, copies and scanners differ.

    A letter marked all the way down is one of several; the middle one speaks.
    """
    found: list[float] = []
    for kind in range(len(geometry.kind_sizes)):
        own = np.flatnonzero(geometry.kind == kind)
        print_ = np.median(empty[own], axis=0)
        printed = print_ > PRINTED
        if np.count_nonzero(printed) >= LEAST_PLACES:
            found.append(float(form[own[0]][printed].sum() / print_[printed].sum()))
    return np.float32(np.clip(np.median(found), *TONES) if found else 1.0)


def spread(darkness: Floats, size: int) -> Floats:
    """Print as wide as it may lie on another copy of the form: a blurred or shifted line is no new ink."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Patches under each other with a white gap between them: one call for all.
    gap = np.zeros((len(darkness), size, darkness.shape[2]), dtype=np.float32)
    tall = np.concatenate([darkness, gap], axis=1).reshape(-1, darkness.shape[2])
    return np.asarray(cv2.dilate(tall, kernel).reshape(len(darkness), -1, darkness.shape[2])[:, :-size])


def level_inside(darkness: Floats, geometry: Geometry) -> Floats:
    """(n,) mean darkness inside."""
    inside, _ = inner_weights(darkness.shape[1], *geometry.usual)
    return np.asarray(darkness.reshape(len(darkness), -1) @ (inside / inside.sum()), dtype=np.float32)


def inner_weights(side: int, rx: float, ry: float) -> tuple[Floats, Floats]:
    """(p,) weights of the inside, and (p, 5) its x, y, directions and square distance in radii."""
    x, y = (offsets(side) / np.array([rx, ry], dtype=np.float32)).T
    weights = np.clip((INSIDE - np.hypot(x, y)) * min(rx, ry) / STEP + 0.5, 0, 1)
    forms = np.stack([x, y, y * y - x * x, 2 * x * y, x * x + y * y], axis=1)
    return weights.astype(np.float32), forms.astype(np.float32)
