"""Where things stand on an admission pass and its stub: two to a sheet with room, or three to a sheet, closer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from reportlab.lib.units import mm

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.i18n import N_

WIDE: float = 180 * mm
CUT: float = 62 * mm
SLIP: float = 66 * mm
FULL = WIDE - SLIP
STUB_WIDE: float = 58 * mm
PHOTO: tuple[float, float] = (30 * mm, 40 * mm)
_TEXT = SLIP + 36 * mm
_TEXT_WIDE = WIDE - _TEXT


class Box(NamedTuple):
    """A labelled place: left, top, width in points from the form's lower left corner; lines it may take.

    `label` is a message id, "" for a place that explains itself.
    """

    label: str
    left: float
    top: float
    width: float
    lines: int
    size: float
    font: str = BOLD


@dataclass(frozen=True, slots=True)
class Layout:
    """A form: its height, the slip's places, the stub's places in the order of what is filled in.

    `places` are base university, building and network university, or the first two together in one.
    `codes` and `numbers` are left, bottom (and side) of QR code and pass number on slip and stub. `grid` is left, top,
    height of the row of cells, `cells` their labels and widths; the last two are filled in by hand.
    """

    per_sheet: int
    high: float
    photo_tops: tuple[float, float]
    name: Box
    code: Box
    cipher: Box
    language: Box
    foreign: Box
    subjects: Box
    places: tuple[Box, ...]
    grid: tuple[float, float, float]
    cells: tuple[tuple[str, float], ...]
    stub: tuple[Box, ...]
    codes: tuple[tuple[float, float, float], tuple[float, float, float]]
    numbers: tuple[tuple[float, float], tuple[float, float]]
    sign: float
    close: bool = False


_CELL_LABELS = (N_("Shift"), N_("Exam date"), N_("Start time"), N_("Hall"), N_("Seat No"), N_("Variant"))
BY_HAND = _CELL_LABELS[-2:]
_WIDE_CELLS: tuple[float, ...] = (11 * mm, 27 * mm, 18 * mm, 20 * mm, 19 * mm, 19 * mm)


def _cells(widths: tuple[float, ...]) -> tuple[tuple[str, float], ...]:
    return tuple(zip(_CELL_LABELS, widths, strict=True))


def _two() -> Layout:
    high = 134 * mm
    slip, stub = high - 18.5 * mm, high - 15 * mm
    return Layout(
        2, high, (slip, stub),
        Box(N_("Full name"), _TEXT, slip, _TEXT_WIDE, 3, 11),
        Box(N_("Personal code"), _TEXT, slip - 18 * mm, 42 * mm, 1, 16),
        Box(N_("Specialty cipher"), _TEXT + 44 * mm, slip - 18 * mm, _TEXT_WIDE - 44 * mm, 1, 14),
        Box(N_("Language of instruction"), _TEXT, slip - 29 * mm, 38 * mm, 1, 10),
        Box(N_("Foreign language"), _TEXT + 44 * mm, slip - 29 * mm, _TEXT_WIDE - 44 * mm, 1, 10),
        Box(N_("Subjects"), _TEXT, slip - 38.5 * mm, _TEXT_WIDE, 5, 9),
        (Box(N_("Base university"), SLIP, slip - 77.5 * mm, FULL, 2, 9),
         Box(N_("Building and its address"), SLIP, slip - 89 * mm, FULL, 2, 9),
         Box(N_("Network university"), SLIP, slip - 100.5 * mm, FULL, 3, 8.5, REGULAR)),
        (SLIP, slip - 62 * mm, 13 * mm), _cells(_WIDE_CELLS),
        (Box(N_("Full name"), 0, stub - 43 * mm, STUB_WIDE, 3, 10),
         Box(N_("Personal code"), 0, stub - 60 * mm, 26 * mm, 1, 12),
         Box(N_("Specialty cipher"), 29 * mm, stub - 60 * mm, 29 * mm, 1, 11),
         Box(N_("Shift, date, start"), 0, stub - 70.5 * mm, 40 * mm, 1, 9),
         Box(N_("Hall"), 42 * mm, stub - 70.5 * mm, 16 * mm, 1, 10),
         Box(N_("Language of instruction; foreign language"), 0, stub - 80 * mm, STUB_WIDE, 1, 9),
         Box(N_("Base university, building"), 0, stub - 89.5 * mm, STUB_WIDE, 4, 8, REGULAR)),
        ((SLIP + 7 * mm, slip - 59.2 * mm, 16 * mm), (35 * mm, stub - 22 * mm, 20 * mm)),
        ((WIDE, high - 40), (STUB_WIDE, stub - 29 * mm)), 6 * mm,
    )  # fmt: skip


def _three() -> Layout:
    high = 89 * mm
    slip, stub = high - 14.5 * mm, high - 13 * mm
    grid = slip - 42 * mm
    return Layout(
        3, high, (slip, stub),
        Box(N_("Full name"), _TEXT, slip, _TEXT_WIDE - 20 * mm, 3, 10),
        Box(N_("Personal code"), _TEXT, slip - 15.5 * mm, 28 * mm, 1, 13),
        Box(N_("Specialty cipher"), _TEXT + 29 * mm, slip - 15.5 * mm, 28 * mm, 1, 12),
        Box(N_("Language of instruction"), _TEXT, slip - 24 * mm, 36 * mm, 1, 9),
        Box(N_("Foreign language"), _TEXT + 40 * mm, slip - 24 * mm, _TEXT_WIDE - 40 * mm, 1, 9),
        Box(N_("Subjects"), _TEXT, slip - 31.5 * mm, _TEXT_WIDE, 2, 8, REGULAR),
        (Box("", SLIP, grid - 11 * mm, FULL, 3, 8.5), Box("", SLIP, grid - 22.2 * mm, FULL, 3, 8, REGULAR)),
        (SLIP, grid, 10.2 * mm), _cells(_WIDE_CELLS),
        (Box(N_("Full name"), 0, stub - 41.5 * mm, STUB_WIDE, 2, 9),
         Box(N_("Personal code"), 33 * mm, stub - 26.5 * mm, 25 * mm, 1, 11),
         Box(N_("Specialty cipher"), 33 * mm, stub - 34.5 * mm, 25 * mm, 1, 10),
         Box(N_("Shift, date, start"), 0, stub - 53 * mm, 40 * mm, 1, 8.5),
         Box(N_("Hall"), 42 * mm, stub - 53 * mm, 16 * mm, 1, 9),
         Box("", 0, stub - 60 * mm, STUB_WIDE, 1, 8.5),
         Box("", 0, stub - 63.5 * mm, STUB_WIDE, 2, 8, REGULAR)),
        ((WIDE - 17 * mm, slip - 16.5 * mm, 16 * mm), (36 * mm, stub - 16 * mm, 16 * mm)),
        ((WIDE, high - 35), (STUB_WIDE, stub - 19.8 * mm)), 4.5 * mm, close=True,
    )  # fmt: skip


LAYOUTS = {made.per_sheet: made for made in (_two(), _three())}
