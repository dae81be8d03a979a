"""The printed sheet: what the geometry says stands on the paper, in the right letters."""

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from mab_desktop.domain.exam_profile import ExamProfile, default_profile
from mab_desktop.domain.sheet import layout, parse_sheet_code
from mab_desktop.forms.sheet_form import SheetPrint, draw_copy, draw_sheets

SHEET = layout(default_profile())
BIG = layout(ExamProfile(subjects=6, items=30, code_digits=10))
SUBJECTS = ("Қазақстан тарихы", "Философия", "Информатика", "Экология және тұрақты даму", "Химия")
SCALE = 8.0  # pixels per mm


def page(pdf, number=0):
    document = pypdfium2.PdfDocument(pdf)
    gray = document[number].render(scale=SCALE * 25.4 / 72, grayscale=True).to_numpy()
    return gray.reshape(gray.shape[0], gray.shape[1])


def around(gray, x, y, half):
    return gray[int((y - half) * SCALE) : int((y + half) * SCALE), int((x - half) * SCALE) : int((x + half) * SCALE)]


@pytest.mark.parametrize("sheet", [SHEET, BIG])
def test_squares_and_bubbles_stand_where_the_geometry_says(sheet):
    gray = page(draw_sheets(sheet, [SheetPrint("00000001")]))
    for mark in sheet.fiducials:
        assert around(gray, mark.x, mark.y, mark.size / 2 - 0.3).max() < 20
        assert around(gray, mark.x, mark.y, mark.size / 2 + 1.2)[0].min() > 235
    for bubble in sheet.bubbles:
        for x, y in ((bubble.rx, 0), (-bubble.rx, 0), (0, bubble.ry), (0, -bubble.ry)):
            assert around(gray, bubble.x + x, bubble.y + y, 0.25).min() < 190
        inside = around(gray, bubble.x, bubble.y, bubble.rx * 0.6)
        assert inside.mean() > 190
        assert inside.min() > 90


def test_prefilled_numbers_are_filled_and_nothing_else():
    gray = page(draw_sheets(SHEET, [SheetPrint("00000001", 3, "312", SUBJECTS)]))
    filled = {
        (b.field, b.column, b.value) for b in SHEET.bubbles if around(gray, b.x, b.y, b.rx * 0.5).mean() < 60
    }  # fmt: skip
    assert filled == {("shift", 0, "0"), ("shift", 1, "3"), ("hall", 0, "3"), ("hall", 1, "1"), ("hall", 2, "2")}


def test_a_hall_that_is_no_number_stays_for_the_hand():
    gray = page(draw_sheets(SHEET, [SheetPrint("00000001", hall="12a")]))
    assert all(around(gray, b.x, b.y, b.rx * 0.5).mean() > 150 for b in SHEET.bubbles)


def test_every_page_has_its_own_code():
    pdf = draw_sheets(SHEET, [SheetPrint("00000007"), SheetPrint("00000008")])
    for number, serial in enumerate(("00000007", "00000008")):
        (code,) = zxingcpp.read_barcodes(np.ascontiguousarray(page(pdf, number)))
        assert parse_sheet_code(code.text) == ("MAB1", default_profile().digest, serial)


def test_texts_are_kazakh_with_russian_and_fonts_are_embedded():
    pdf = draw_sheets(SHEET, [SheetPrint("00000001", 3, "312", SUBJECTS)])
    words = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for text in ("ЖАУАП ПАРАҒЫ", "ЛИСТ ОТВЕТОВ", "Әкесінің аты", "Жоғары оқу орны", "Нұсқа", *SUBJECTS, "00000001"):
        assert text in words
    assert b"/FontFile2" in pdf
    assert b"/Helvetica" not in pdf


def test_equal_sheets_are_equal_bytes():
    assert draw_sheets(SHEET, [SheetPrint("1")]) == draw_sheets(SHEET, [SheetPrint("1")])


def test_the_copy_has_the_grids_but_nothing_a_reader_could_take():
    pdf = draw_copy(SHEET, [SheetPrint("00000001", 3, "312", SUBJECTS)])
    gray = page(pdf)
    for mark in SHEET.fiducials:
        assert around(gray, mark.x, mark.y, mark.size / 2).mean() > 200
    last = SHEET.bubbles[-1]
    assert around(gray, last.x + last.rx, last.y, 0.25).min() < 190
    words = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert "ЖАУАП ПАРАҒЫНЫҢ КӨШІРМЕСІ" in words
    assert zxingcpp.read_barcodes(np.ascontiguousarray(gray)) == []
