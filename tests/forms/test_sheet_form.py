"""The printed sheet: what the geometry says stands on the paper, in the right letters."""

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.exam_profile import ExamProfile, default_profile
from mab_desktop.domain.sheet import layout, parse_sheet_code
from mab_desktop.forms.sheet_form import LABELS, RULES, SheetPrint, draw_copy, draw_sheets
from mab_desktop.i18n import translate
from mab_desktop.omr.read import read_image

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
    words = " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())
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


def test_shift_and_hall_stand_on_the_copy_too():
    words = pypdfium2.PdfDocument(draw_copy(SHEET, [SheetPrint("1", 7, "45")]))[0].get_textpage().get_text_range()
    assert "0 7" in " ".join(words.split())
    assert "0 4 5" in " ".join(words.split())
    assert "0 7" not in " ".join(
        pypdfium2.PdfDocument(draw_copy(SHEET, [SheetPrint("1")]))[0].get_textpage().get_text_range().split()
    )


def test_every_sector_of_p33_has_its_number_name_and_rules():
    words = pypdfium2.PdfDocument(draw_sheets(SHEET, [SheetPrint("1")]))[0].get_textpage().get_text_range()
    flat = " ".join(words.split())
    for label in LABELS.values():
        assert translate("kk", label) in flat
        assert translate("ru", label) in flat
    for rule in RULES:
        assert translate("kk", rule) in flat
        assert translate("ru", rule) in flat
    gray = page(draw_sheets(SHEET, [SheetPrint("1")]))
    for sector in SHEET.sectors:  # the number stands white on black at the sector's corner
        corner = around(gray, sector.area.x + 2.0, sector.area.y + 2.2, 1.4)
        assert corner.min() < 30 < 200 < corner.max()


profiles = st.builds(
    ExamProfile,
    subjects=st.integers(1, 6),
    items=st.integers(1, 30),
    code_digits=st.integers(1, 11),
    seat_digits=st.integers(1, 3),
    shift_digits=st.integers(1, 2),
    hall_digits=st.integers(1, 3),
    options=st.sampled_from([tuple("ABCD"), tuple("ABCDE")]),
    test_languages=st.sampled_from([("kk",), ("kk", "ru"), ("kk", "ru", "en", "tr")]),
)


@settings(max_examples=12, deadline=None)
@given(profiles)
def test_no_letter_touches_what_is_read_or_another_letter(profile):
    check_texts(layout(profile))


@pytest.mark.parametrize("sheet", [SHEET, BIG, layout(ExamProfile(code_digits=11))])
def test_letters_keep_off_on_the_usual_sheets(sheet):
    check_texts(sheet)


def check_texts(sheet):
    """Every letter is on the page, off squares, code and bubbles, off frames and off its neighbours."""
    document = pypdfium2.PdfDocument(draw_sheets(sheet, [SheetPrint("000000000001", None, None, SUBJECTS)]))
    boxes = letters(document[0].get_textpage())
    left, top, right, bottom = boxes.T
    assert left.min() > 8
    assert right.max() < 202
    assert top.min() > 8
    assert bottom.max() < 289
    for mark in sheet.fiducials:
        away = np.maximum.reduce([mark.x - right, left - mark.x, mark.y - bottom, top - mark.y])
        assert away.min() > mark.size / 2 + 1.2
    quiet = sheet.qr.width / 29 * 4
    qr = sheet.qr
    assert np.maximum.reduce([qr.x - right, left - qr.right, qr.y - bottom, top - qr.bottom]).min() > quiet
    x, y, radius = (np.array([getattr(b, name) for b in sheet.bubbles])[None] for name in ("x", "y", "rx"))
    dx = np.maximum(np.maximum(left[:, None] - x, x - right[:, None]), 0)
    dy = np.maximum(np.maximum(top[:, None] - y, y - bottom[:, None]), 0)
    own = (np.abs((left + right)[:, None] / 2 - x) < 0.5) & (np.abs((top + bottom)[:, None] / 2 - y) < 0.5)
    assert (own | (np.hypot(dx, dy) > radius + 0.3)).all()
    check_frames(sheet, boxes)
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    clash = (across > 0.15) & (down > 0.15) & ~np.eye(len(boxes), dtype=bool)
    assert not clash.any()


def check_frames(sheet, boxes):
    """No letter lies across the upper or lower line of a frame."""
    lines = [(row.x, row.x + row.count * row.width, y) for row in sheet.cells for y in (row.y, row.y + row.height)]
    lines += [(s.area.x, s.area.right, s.area.y + 9.0) for s in sheet.sectors if s.name.startswith("subject")]
    lines += [(s.area.x, s.area.right, s.area.y + 6.0) for s in sheet.sectors if s.number in (11, 12, 15)]
    for begin, end, y in lines:
        inside = (boxes[:, 0] < end) & (boxes[:, 2] > begin)
        assert not (inside & (boxes[:, 1] < y - 0.1) & (boxes[:, 3] > y + 0.1)).any()


def letters(textpage):
    """Boxes of all printed letters, (n, 4) left, top, right, bottom in mm."""
    words = textpage.get_text_range()
    found = [textpage.get_charbox(n) for n in range(textpage.count_chars()) if words[n : n + 1].strip()]
    left, bottom, right, top = np.array([box for box in found if box[2] > box[0]]).T / 72 * 25.4
    return np.stack([left, 297 - top, right, 297 - bottom], axis=1)


@pytest.mark.parametrize("subjects", [5, 6])
@pytest.mark.parametrize("digits", [8, 9, 10])
def test_what_is_marked_on_the_printed_sheet_is_read(subjects, digits):
    """Every number of items of these: drawn, printed, one bubble of each group filled, read at 200 dpi."""
    rng = np.random.default_rng([subjects, digits])
    for items in range(25, 31):
        sheet = layout(ExamProfile(subjects=subjects, items=items, code_digits=digits))
        document = pypdfium2.PdfDocument(draw_sheets(sheet, [SheetPrint("000000000001")]))
        gray = np.array(document[0].render(scale=200 / 72, grayscale=True).to_numpy())
        gray = gray.reshape(gray.shape[:2])
        marked = {key: sheet.bubbles[rng.choice(members)] for key, members in sheet.groups().items()}
        for bubble in marked.values():
            fill(gray, bubble)
        read = read_image(gray, sheet, dpi=200)
        assert (read.ok, read.codes(), read.serial) == (True, (), "000000000001")
        seen = {key: read.fields[key[0]][key[1]] for key in marked}
        assert {key: group.values for key, group in seen.items()} == {key: (b.value,) for key, b in marked.items()}
        assert {group.state for group in seen.values()} == {"one"}


def fill(gray, bubble):
    dots = 200 / 25.4 * 8
    centre = (round((bubble.x * 200 / 25.4 - 0.5) * 8), round((bubble.y * 200 / 25.4 - 0.5) * 8))
    cv2.circle(gray, centre, round(bubble.rx * 0.85 * dots), 40, -1, cv2.LINE_AA, 3)
