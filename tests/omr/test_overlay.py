"""Pictures that show why."""

import cv2
import numpy as np
import pytest
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.overlay import crop_name, draw_overlay
from mab_desktop.omr.problems import PageProblem
from mab_desktop.omr.read import SheetReading, read_image

SHEET = layout(default_profile())


def picture(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_overlay_and_name_crop_are_upright_whatever_the_scan():
    paper = Paper(SHEET, np.random.default_rng(1))
    paper.handwriting()
    fill_in(paper, PENS["black"])
    names, overlays = [], []
    for scan in (Scan(), Scan(upside_down=True, turn=3.0)):
        gray = paper.scan(scan)
        reading = read_image(gray, SHEET, dpi=scan.dpi)
        overlays.append(picture(draw_overlay(gray, reading, SHEET)))
        names.append(cv2.cvtColor(picture(crop_name(gray, reading, SHEET)), cv2.COLOR_BGR2GRAY).astype(int))
    assert names[0].shape == names[1].shape
    assert np.corrcoef(names[0].ravel(), names[1].ravel())[0, 1] > 0.9
    coloured = (np.ptp(overlays[0].astype(int), axis=2) > 60).sum()
    assert coloured > 5000
    assert overlays[0].shape == overlays[1].shape == (1403, 992, 3)


def test_a_page_that_was_not_found_is_shown_with_its_problem():
    reading = SheetReading("f", 1, False, (PageProblem("missing-corners", (("found", 1),)),))
    gray = np.full((1000, 700), 255, np.uint8)
    shown = picture(draw_overlay(gray, reading, SHEET))
    assert (shown[:40] != 255).any()
    with pytest.raises(ValueError, match="not found"):
        crop_name(gray, reading, SHEET)
