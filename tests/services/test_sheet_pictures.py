"""Pictures in the windows show why a page was refused: the signs of its problems are in them, no words."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.overlay_signs import Sign
from mab_desktop.omr.read import read_image
from mab_desktop.services import envelopes, equipment, sheet_pictures
from tests.conftest import MakeContext
from tests.services.envelope_stand import open_hall, open_shift
from tests.services.exam_room import Room, filled, make_room


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; hall 101 with two students."""
    return open_shift(make_room(make_context, tmp_path / "scans", {"101": 2}))


def shows(data: bytes, sign: Sign) -> bool:
    """Whether a picture has many dots as red as the band of a streak, or of a sign's own colour."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int)
    if sign is Sign.STREAK:
        return bool((picture[..., 2] - picture[..., 0] > 40).mean(axis=0).max() > 0.9)
    return bool((np.abs(picture - np.array(sign.value)).max(axis=2) < 12).sum() > 50)


@pytest.mark.parametrize(("spoilt", "sign"), [("streak", Sign.STREAK), ("covered", Sign.UNSEEN)])
def test_the_window_shows_what_spoilt_a_page_while_it_is_scanned_and_when_it_is_saved(
    room: Room, spoilt: str, sign: Sign
) -> None:
    sheets = open_hall(room)
    image = filled(*sheets[0])
    if spoilt == "streak":
        image[:, 800:812] = 60
    else:
        image[1150:1700, 900:1350] = 235
    reading = read_image(image, layout(default_profile()), dpi=200)
    assert spoilt in reading.codes()
    paths = room.images(sheets, "p")
    cv2.imwrite(str(paths[0]), image)
    running = sheet_pictures.why_picture(room.ctx, paths[0], 1, reading)
    assert shows(running, sign)
    envelopes.scan_pass(room.ctx, 1, "101", 1, paths)
    first = envelopes.page_lines(room.ctx, 1, "101", 1)[0]
    assert shows(sheet_pictures.saved_why_picture(room.ctx, first.page), sign)
    seen = equipment.run_check(room.ctx, equipment.SHEET, paths[0])
    assert seen.picture == running  # no codes in English above it: the findings stand beside it in words
