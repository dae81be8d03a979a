"""The answer sheet of p.33: where everything stands, in millimetres from the top left corner of an A4 page.

One geometry draws the form and reads it. Corner squares, side squares and the orientation mark stand at the same
places for every profile, so that a reader finds any sheet before it knows which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.i18n import N_

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
FORM_VERSION, TRAINING = "MAB1", "T"  # a training sheet says so in its code: the real exam's reader refuses it
DIGITS = tuple("0123456789")

LEFT, RIGHT = 20.0, 190.0
NAME_TOP, NAME_ROW, NAME_CELLS, NAME_CELL = 29.5, 6.7, 20, 6.6
UNIVERSITY_TOP, UNIVERSITY_CELLS, UNIVERSITY_CELL = 50.8, 30, 4.9
DIGIT_TOP, DIGIT_HEAD, DIGIT_CELL_HEIGHT, DIGIT_PITCH_X, DIGIT_PITCH_Y, DIGIT_GAP = 59.0, 6.0, 6.4, 4.9, 4.6, 3.6
SIDE_MIN_WIDTH = 40.0
ANSWER_TOP, ANSWER_HEAD, ANSWER_LAST = 120.6, 9.4, 265.6
PITCH_MAX, PITCH_MIN_X, PITCH_MIN_Y = 5.0, 4.2, 4.35
PITCH_WIDEST = 5.2
NUMBER_WIDTH, NUMBER_DENSE, SIDE_DENSE = 5.4, 4.6, 0.4
RADIUS_SHARE, RADIUS_MAX = 0.385, 1.9


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle: left, top, width, height in mm."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble: `column` is the digit's place or the item's number from 0; centre and half axes in mm."""

    field: str
    column: int
    value: str
    x: float
    y: float
    rx: float
    ry: float


@dataclass(frozen=True, slots=True)
class Fiducial:
    """A solid black square: centre and side in mm."""

    name: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row of handwriting cells; `number` is the sector, `part` its line."""

    number: int
    part: str
    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Sector:
    """A numbered field of p.33 and the place it takes."""

    number: int
    name: str
    area: Rect


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Everything that is printed for a purpose and everything that is read."""

    profile: ExamProfile
    fiducials: tuple[Fiducial, ...]
    orientation: Rect
    qr: Rect
    sectors: tuple[Sector, ...]
    cells: tuple[CellRow, ...]
    bubbles: tuple[Bubble, ...]
    name_crop: Rect
    pitch_x: float
    pitch_y: float
    width: float = PAGE_WIDTH
    height: float = PAGE_HEIGHT

    @property
    def form_code(self) -> str:
        """Form version and profile digest, as the sheet's code carries it."""
        return f"{FORM_VERSION}{TRAINING if self.profile.training else ''}.{self.profile.digest}"

    def takes(self, version: str, digest: str) -> bool:
        """Whether a sheet with this code is one of this exam; in training real blanks may be used up too."""
        versions = (FORM_VERSION, FORM_VERSION + TRAINING) if self.profile.training else (FORM_VERSION,)
        return version in versions and digest == self.profile.digest

    def is_training(self, version: str, digest: str) -> bool:
        """Whether it is a sheet of this form, but of a training, in the real exam."""
        return not self.profile.training and version == FORM_VERSION + TRAINING and digest == self.profile.digest

    def sector(self, number: int) -> Sector:
        """The sector of that number; KeyError if the profile has none."""
        for sector in self.sectors:
            if sector.number == number:
                return sector
        raise KeyError(number)

    def groups(self) -> dict[tuple[str, int], tuple[int, ...]]:
        """Indices of the bubbles of each group (field, column), in printed order."""
        found: dict[tuple[str, int], list[int]] = {}
        for index, bubble in enumerate(self.bubbles):
            found.setdefault((bubble.field, bubble.column), []).append(index)
        return {key: tuple(indices) for key, indices in found.items()}


# The two at the sides stand above the middle: a page upside down shows itself by them as well as by the mark.
FIDUCIALS = (
    Fiducial("top-left", 15.0, 15.0, 6.0),
    Fiducial("top-right", 195.0, 15.0, 6.0),
    Fiducial("bottom-left", 15.0, 282.0, 6.0),
    Fiducial("bottom-right", 195.0, 282.0, 6.0),
    Fiducial("left", 14.5, 139.0, 5.0),
    Fiducial("right", 195.5, 139.0, 5.0),
)
ORIENTATION = Rect(12.0, 68.0, 4.0, 14.0)
QR = Rect(170.5, 10.5, 16.5, 16.5)


def sheet_code(layout: SheetLayout, serial: str) -> str:
    """What the sheet's QR code says: version, profile and serial."""
    return f"{layout.form_code}.{serial}"


def parse_sheet_code(text: str) -> tuple[str, str, str] | None:
    """Version, profile digest and serial of a code's text; None when it is not a sheet's code."""
    parts = text.strip().split(".")
    if len(parts) != 3 or not parts[0].startswith("MAB") or len(parts[1]) != 8 or not parts[2].isalnum():
        return None
    return parts[0], parts[1], parts[2]


@cache
def layout(profile: ExamProfile) -> SheetLayout:
    """Lay the profile's sheet out (p.33); a profile that does not fit on A4 raises UserError with the reason."""
    digit_bubbles, digit_sectors, digit_cells, digits_right = _digits(profile)
    side_bubbles, side_sectors, side_cells = _side(profile, digits_right + DIGIT_GAP)
    pitch_x, pitch_y = _pitches(profile)
    answer_bubbles, answer_sectors = _answers(profile, pitch_x, pitch_y)
    sectors = (_names_sector(), *digit_sectors, *answer_sectors, *side_sectors, _university_sector())
    bubbles = (*digit_bubbles, *side_bubbles, *answer_bubbles)
    return SheetLayout(
        profile=profile,
        fiducials=FIDUCIALS,
        orientation=ORIENTATION,
        qr=QR,
        sectors=tuple(sorted(sectors, key=lambda s: s.number)),
        cells=(*_writing_cells(), *digit_cells, *side_cells),
        bubbles=bubbles,
        name_crop=Rect(LEFT - 0.5, NAME_TOP - 0.8, RIGHT - LEFT + 1.0, 3 * NAME_ROW + 1.4),
        pitch_x=pitch_x,
        pitch_y=pitch_y,
    )


def geometry_json(sheet: SheetLayout) -> dict[str, Any]:
    """The geometry for other programs: page size and bubbles in mm."""
    return {
        "page": {"width": sheet.width, "height": sheet.height},
        "bubbles": [
            {"field": b.field, "column": b.column, "value": b.value, "x": b.x, "y": b.y, "rx": b.rx, "ry": b.ry}
            for b in sheet.bubbles
        ],
    }


def _mm(value: float) -> float:
    """A coordinate to a thousandth of a millimetre: the same on every machine."""
    return round(value, 3)


def _names_sector() -> Sector:
    return Sector(1, "name", Rect(LEFT, NAME_TOP, RIGHT - LEFT, 3 * NAME_ROW))


def _university_sector() -> Sector:
    return Sector(13, "university", Rect(LEFT, UNIVERSITY_TOP, RIGHT - LEFT, 6.0))


def _writing_cells() -> tuple[CellRow, ...]:
    left = _mm(RIGHT - NAME_CELLS * NAME_CELL)
    names = (
        CellRow(1, part, left, _mm(NAME_TOP + n * NAME_ROW), NAME_CELL, 6.0, NAME_CELLS)
        for n, part in enumerate(("surname", "first_name", "patronymic"))
    )
    university_left = _mm(RIGHT - UNIVERSITY_CELLS * UNIVERSITY_CELL)
    return (
        *names,
        CellRow(13, "university", university_left, UNIVERSITY_TOP, UNIVERSITY_CELL, 6.0, UNIVERSITY_CELLS),
    )


def _digits(profile: ExamProfile) -> tuple[list[Bubble], list[Sector], list[CellRow], float]:
    """Sectors 2-5: numbers with a bubble per digit; also where they end on the right."""
    radius = _mm(min(RADIUS_MAX, RADIUS_SHARE * min(DIGIT_PITCH_X, DIGIT_PITCH_Y)))
    bubbles: list[Bubble] = []
    cells: list[CellRow] = []
    spans: dict[str, tuple[float, float]] = {}
    x = LEFT
    for field, count in profile.digit_fields().items():
        number = {"code": 2, "seat": 3, "variant": 4, "shift": 5, "hall": 5}[field]
        cells.append(CellRow(number, field, _mm(x), DIGIT_TOP + DIGIT_HEAD, DIGIT_PITCH_X, DIGIT_CELL_HEIGHT, count))
        first = DIGIT_TOP + DIGIT_HEAD + DIGIT_CELL_HEIGHT + 2.9
        for column in range(count):
            centre = _mm(x + (column + 0.5) * DIGIT_PITCH_X)
            for row, value in enumerate(DIGITS):
                bubbles.append(Bubble(field, column, value, centre, _mm(first + row * DIGIT_PITCH_Y), radius, radius))
        spans[field] = (x, x + count * DIGIT_PITCH_X)
        x += count * DIGIT_PITCH_X + (2.4 if field == "shift" else DIGIT_GAP)
    spans["shift"] = (spans["shift"][0], spans.pop("hall")[1])
    sectors = [
        Sector(number, name, Rect(_mm(spans[field][0]), DIGIT_TOP, _mm(spans[field][1] - spans[field][0]), 59.6))
        for number, name, field in ((2, "code", "code"), (3, "seat", "seat"), (4, "variant", "variant"),
                                    (5, "shift_hall", "shift"))
    ]  # fmt: skip
    return bubbles, sectors, cells, spans["shift"][1]


def _side(profile: ExamProfile, left: float) -> tuple[list[Bubble], list[Sector], list[CellRow]]:
    """Sectors 11, 12, 14 and 15 right of the digits; refuses a profile whose digits leave them no room."""
    width = RIGHT - left
    if width < SIDE_MIN_WIDTH:
        raise UserError(
            N_("This exam profile does not fit on A4: its numbers have {digits} digits in all, {most} fit beside "
               "the signature and the specialty."),
            next_step=N_("Shorten the code, seat, variant, shift or hall number."),
            digits=sum(profile.digit_fields().values()),
            most=int((RIGHT - SIDE_MIN_WIDTH - LEFT - 4 * DIGIT_GAP - 2.4) / DIGIT_PITCH_X),
        )  # fmt: skip
    half = _mm((width - 2.4) / 2)
    rows = max(len(profile.foreign_languages), len(profile.test_languages))
    pitch = _mm(min(PITCH_WIDEST, 20.6 / rows))
    if pitch < PITCH_MIN_Y:
        raise UserError(
            N_("This exam profile does not fit on A4: {count} languages are listed, {most} fit."),
            next_step=N_("Shorten the list of languages."), count=rows, most=int(20.6 / PITCH_MIN_Y),
        )  # fmt: skip
    radius = _mm(min(RADIUS_MAX, RADIUS_SHARE * min(pitch, DIGIT_PITCH_Y)))
    top = DIGIT_TOP + 9.6
    bubbles = [
        Bubble(field, 0, str(n + 1), _mm(x + 3.4), _mm(top + n * pitch), radius, radius)
        for field, x, count in (("foreign_language", left, len(profile.foreign_languages)),
                                ("language", left + half + 2.4, len(profile.test_languages)))
        for n in range(count)
    ]  # fmt: skip
    cipher = _mm(min(6.4, width / 6))
    sectors = [
        Sector(11, "foreign_language", Rect(_mm(left), DIGIT_TOP, half, 27.6)),
        Sector(12, "language", Rect(_mm(left + half + 2.4), DIGIT_TOP, half, 27.6)),
        Sector(14, "specialty", Rect(_mm(left), DIGIT_TOP + 29.2, _mm(width), 13.6)),
        Sector(15, "signature", Rect(_mm(left), DIGIT_TOP + 44.4, _mm(width), 15.2)),
    ]
    return bubbles, sectors, [CellRow(14, "specialty", _mm(left), DIGIT_TOP + 35.6, cipher, 6.4, 6)]


def _subject_gap(profile: ExamProfile) -> float:
    return 3.0 if profile.subjects <= 5 else 2.2


def _five_gap(pitch: float) -> float:
    """Space between fives of items: it keeps the eye in its row."""
    return 1.2 if pitch >= PITCH_MAX else 0.8


def _subject_width(profile: ExamProfile) -> float:
    return (RIGHT - LEFT - _subject_gap(profile) * (profile.subjects - 1)) / profile.subjects


def _columns(profile: ExamProfile) -> tuple[float, float]:
    """Width of the column of item numbers and distance of bubbles across.

    Where bubbles stand close, the numbers give way so that the frame keeps off the last ring.
    """
    width, options = _subject_width(profile), len(profile.options)
    if (width - NUMBER_WIDTH) / options >= PITCH_WIDEST:
        return NUMBER_WIDTH, PITCH_WIDEST
    return NUMBER_DENSE, (width - NUMBER_DENSE - 2 * SIDE_DENSE) / options


def _pitches(profile: ExamProfile) -> tuple[float, float]:
    """Distance of bubbles across and down in sectors 6-10; refuses what would be too dense to mark and to read."""
    _, pitch_x = _columns(profile)
    if pitch_x < PITCH_MIN_X:
        raise UserError(
            N_("This exam profile does not fit on A4: {subjects} subjects with {options} options each leave "
               "{pitch:.1f} mm for a bubble, {least:.1f} mm are needed."),
            next_step=N_("Take fewer subjects or fewer options."), subjects=profile.subjects,
            options=len(profile.options), pitch=max(pitch_x, 0.0), least=PITCH_MIN_X,
        )  # fmt: skip
    room = ANSWER_LAST - (ANSWER_TOP + ANSWER_HEAD) - 4.6
    fives = (profile.items - 1) // 5
    pitch_y = PITCH_MAX
    if (profile.items - 1) * pitch_y + fives * 1.2 > room:
        pitch_y = (room - fives * 0.8) / (profile.items - 1)
    if pitch_y < PITCH_MIN_Y:
        raise UserError(
            N_("This exam profile does not fit on A4: {items} items in a column leave {pitch:.2f} mm for a row, "
               "{least:.2f} mm are needed."),
            next_step=N_("Take fewer items per subject."), items=profile.items, pitch=pitch_y, least=PITCH_MIN_Y,
        )  # fmt: skip
    return _mm(pitch_x), _mm(min(pitch_y, 4.99) if pitch_y < PITCH_MAX else pitch_y)


def _answers(profile: ExamProfile, pitch_x: float, pitch_y: float) -> tuple[list[Bubble], list[Sector]]:
    """Sectors 6-10 (a sixth subject and more are numbered from 16 on): a row of bubbles per item."""
    gap, width, numbers = _subject_gap(profile), _subject_width(profile), _columns(profile)[0]
    radius = _mm(min(RADIUS_MAX, RADIUS_SHARE * min(pitch_x, pitch_y)))
    first = ANSWER_TOP + ANSWER_HEAD + 2.3
    bubbles: list[Bubble] = []
    sectors: list[Sector] = []
    for subject in range(profile.subjects):
        left = LEFT + subject * (width + gap)
        start = left + numbers + (width - numbers - pitch_x * len(profile.options)) / 2 + pitch_x / 2
        for item in range(profile.items):
            y = _mm(first + item * pitch_y + (item // 5) * _five_gap(pitch_y))
            bubbles.extend(
                Bubble(f"subject{subject + 1}", item, letter, _mm(start + n * pitch_x), y, radius, radius)
                for n, letter in enumerate(profile.options)
            )
        bottom = bubbles[-1].y + 2.8
        number = 6 + subject if subject < 5 else 11 + subject
        area = Rect(_mm(left), ANSWER_TOP, _mm(width), _mm(bottom - ANSWER_TOP))
        sectors.append(Sector(number, f"subject{subject + 1}", area))
    return bubbles, sectors
