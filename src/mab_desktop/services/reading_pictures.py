"""A picture of a page that was refused or is doubtful, with the reason above it in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mab_desktop.domain.sheet import Bubble, Fiducial, Rect
from mab_desktop.forms.picture_caption import AMBER, GREEN, RED, Key, Remark, draw_caption
from mab_desktop.i18n import N_, translate
from mab_desktop.omr.locate import Image
from mab_desktop.omr.overlay import draw_reading, pack, under_caption
from mab_desktop.omr.overlay_signs import DOTS, Picture, Sign
from mab_desktop.omr.read import SheetReading
from mab_desktop.omr.rules import State

# What each sign of a picture looks like and means, in the order of the caption.
KEYS: dict[Sign, tuple[str, str]] = {
    Sign.SQUARE: ("frame", N_("black square found")),
    Sign.LOST: ("crossed", N_("black square missing here")),
    Sign.MOVED: ("cross", N_("place of a square that stands elsewhere: see the arrow")),
    Sign.OTHER: ("frame", N_("black square of another sheet")),
    Sign.EDGE: ("frame", N_("edge of the sheet")),
    Sign.SPOT: ("frame", N_("mark or code that decided")),
    Sign.STREAK: ("band", N_("streak of the scanner")),
    Sign.UNSEEN: ("cross", N_("printed bubble not to be seen")),
    Sign.MARK: ("ring", N_("read as marked")),
    Sign.MANY: ("frame", N_("several marks")),
    Sign.DOUBT: ("frame", N_("doubtful, a person decides")),
    Sign.GRID: ("ring", N_("where the reader looks")),
}
LEAST_WIDTH = 140.0  # mm: captions need room


def legend(lang: str) -> list[tuple[str, str, str]]:
    """The signs of a picture for windows: form, colour as #rrggbb, and what it means in `lang`."""
    return [
        (form, "#{2:02x}{1:02x}{0:02x}".format(*sign.value), translate(lang, text))
        for sign, (form, text) in KEYS.items()
    ]  # fmt: skip


def is_worth_a_picture(reading: SheetReading) -> bool:
    """Whether a person will want to see why: refused, or with a doubtful group."""
    return not reading.ok or doubtful_groups(reading) > 0


def doubtful_groups(reading: SheetReading) -> int:
    """How many groups a person has to decide."""
    return sum(group.state is State.DOUBTFUL for columns in reading.fields.values() for group in columns.values())


def reading_picture(
    gray: Image | None, reading: SheetReading, bubbles: Sequence[Bubble], fiducials: Sequence[Fiducial],
    page: tuple[float, float], lang: str, code: Rect | None = None,
) -> bytes:  # fmt: skip
    """A PNG of the page as the reader saw it under a caption in `lang`; of the words alone when there is no image.

    `code` is where the form has its code.
    """
    width = max(page[0], LEAST_WIDTH)
    signs: set[Sign] = set()
    picture: Picture = np.full((1, round(width * DOTS), 3), 255, np.uint8)
    if gray is not None:
        drawn, signs = draw_reading(gray, reading, bubbles, fiducials, page, code)
        missing = max(0, picture.shape[1] - drawn.shape[1])
        picture = np.pad(drawn, ((0, 0), (0, missing), (0, 0)), constant_values=255)
    return pack(under_caption(picture, _caption(reading, signs, picture.shape[1] / DOTS, lang)))


def _caption(reading: SheetReading, signs: set[Sign], width: float, lang: str) -> bytes:
    title = translate(lang, N_("{file}, page {page}")).format(file=Path(reading.file).name, page=reading.page)
    if reading.serial:
        title += " · № " + reading.serial
    remarks = [Remark(problem.message(lang), RED if problem.refuses else AMBER) for problem in reading.problems]
    doubtful = doubtful_groups(reading)
    if doubtful:
        text = translate(lang, N_("Doubtful groups, framed in the picture: {n}.")).format(n=doubtful)
        remarks.append(Remark(text, AMBER))
    elif reading.ok and not reading.problems:
        remarks.append(Remark(translate(lang, N_("The page was read without doubt.")), GREEN))
    keys = [_key(sign, form, translate(lang, text)) for sign, (form, text) in KEYS.items() if sign in signs]
    return draw_caption(title, remarks, keys, width)


def _key(sign: Sign, form: str, text: str) -> Key:
    blue, green, red = sign.value
    return Key(form, (red / 255, green / 255, blue / 255), text)
