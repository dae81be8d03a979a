"""The geometry of any form as a file: page and bubbles in millimetres, as `mab sheet --geometry` writes it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.sheet import Bubble
from mab_desktop.i18n import N_

MOST_BUBBLES, MOST_BYTES = 100_000, 50_000_000
SMALLEST_PAGE, LARGEST_PAGE, LARGEST_BUBBLE = 30.0, 2_000.0, 25.0  # mm
SMALLEST_BUBBLE = 0.5

NEXT = N_("A geometry is written by: mab sheet --geometry FILE")


@dataclass(frozen=True)
class FormGeometry:
    """A form: its page in mm and its bubbles; field and column name a group of which one value is chosen."""

    width: float
    height: float
    bubbles: tuple[Bubble, ...]

    @property
    def page(self) -> tuple[float, float]:
        """Width and height in mm."""
        return self.width, self.height

    @property
    def digest(self) -> str:
        """Sixteen characters that name it: scores belong to one geometry only."""
        plain = [self.width, self.height, [(b.field, b.column, b.value, b.x, b.y, b.rx, b.ry) for b in self.bubbles]]
        return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def read_geometry(path: Path) -> FormGeometry:
    """The geometry of a file; UserError that names the bubble and what is wrong with it."""
    if path.stat().st_size > MOST_BYTES:
        raise UserError(N_("{name} is too large for a geometry."), next_step=NEXT, name=path.name)
    try:
        data = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UserError(N_("{name} is no geometry: it is not JSON."), next_step=NEXT, name=path.name) from error
    page = data.get("page") if isinstance(data, dict) else None
    listed = data.get("bubbles") if isinstance(data, dict) else None
    if not isinstance(page, dict) or not isinstance(listed, list) or not 0 < len(listed) <= MOST_BUBBLES:
        raise UserError(
            N_("{name} is no geometry: a page with width and height and a list of bubbles are expected."),
            next_step=NEXT, name=path.name,
        )  # fmt: skip
    width, height = (_page_side(path.name, page, side) for side in ("width", "height"))
    bubbles = tuple(_bubble(path.name, n, entry, width, height) for n, entry in enumerate(listed, 1))
    _check_once(path.name, bubbles)
    return FormGeometry(width, height, bubbles)


def _page_side(name: str, page: Mapping[str, Any], side: str) -> float:
    value = _number(page.get(side))
    if not SMALLEST_PAGE <= value <= LARGEST_PAGE:
        raise UserError(
            N_("{name}: the page's {side} must be a number from {least} to {most} mm."), next_step=NEXT, name=name,
            side=side, least=f"{SMALLEST_PAGE:g}", most=f"{LARGEST_PAGE:g}",
        )  # fmt: skip
    return value


def _bubble(name: str, number: int, entry: Any, width: float, height: float) -> Bubble:
    if not isinstance(entry, dict):
        raise _wrong(name, number, N_("it is not a list of names and values"))
    field, column, value = entry.get("field"), entry.get("column"), entry.get("value")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(field, str) or not field or not isinstance(value, str) or not value:
        raise _wrong(name, number, N_("field and value must be texts"))
    if not isinstance(column, int) or isinstance(column, bool) or column < 0:
        raise _wrong(name, number, N_("column must be a whole number from 0"))
    x, y, rx, ry = (_number(entry.get(part)) for part in ("x", "y", "rx", "ry"))
    if math.isnan(x + y + rx + ry):
        raise _wrong(name, number, N_("x, y, rx and ry must be numbers in mm"))
    if not (SMALLEST_BUBBLE <= rx <= LARGEST_BUBBLE and SMALLEST_BUBBLE <= ry <= LARGEST_BUBBLE):
        raise _wrong(name, number, N_("rx and ry, half its width and height, must be from 0.5 to 25 mm"))
    if not (rx <= x <= width - rx and ry <= y <= height - ry):
        raise _wrong(name, number, N_("it does not lie on the page"))
    return Bubble(field, column, value, x, y, rx, ry)


def _number(value: Any) -> float:
    """A finite number; not a number for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST_PAGE * 10:
        return math.nan
    return float(value)


def _check_once(name: str, bubbles: tuple[Bubble, ...]) -> None:
    seen: set[tuple[str, int, str]] = set()
    for number, bubble in enumerate(bubbles, 1):
        key = (bubble.field, bubble.column, bubble.value)
        if key in seen:
            raise _wrong(name, number, N_("its field, column and value were listed before"))
        seen.add(key)


def _wrong(name: str, number: int, reason: str) -> UserError:
    return UserError(N_("{name}, bubble {number}: {reason}."), next_step=NEXT, name=name, number=number, reason=reason)
