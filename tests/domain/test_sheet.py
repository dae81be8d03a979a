"""The sheet's geometry: nothing overlaps, everything is on the page, what does not fit is refused with the reason."""

import hashlib
import itertools
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile, default_profile, profile_from, profile_to
from mab_desktop.domain.sheet import (
    FORM_VERSION,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Rect,
    geometry_json,
    layout,
    parse_sheet_code,
    sheet_code,
)

BIG = ExamProfile(subjects=6, items=30, code_digits=10)
QR_MODULES = 29  # version 3: what a form code with a serial of 12 digits takes

profiles = st.builds(
    ExamProfile,
    subjects=st.integers(1, 10),
    items=st.integers(1, 60),
    code_digits=st.integers(1, 16),
    seat_digits=st.integers(1, 4),
    variant_digits=st.integers(1, 8),
    shift_digits=st.integers(1, 3),
    hall_digits=st.integers(1, 5),
    options=st.sampled_from([tuple("AB"), tuple("ABCDE"), tuple("ABCDEF"), tuple("ABCDEFGH")]),
    foreign_languages=st.sampled_from([("en",), ("en", "de", "fr"), ("en", "de", "fr", "es")]),
)
# Most of the above are refused; these mostly fit.
moderate = st.builds(
    ExamProfile,
    subjects=st.integers(1, 6),
    items=st.integers(1, 30),
    code_digits=st.integers(1, 11),
    seat_digits=st.integers(1, 3),
    variant_digits=st.integers(1, 5),
    shift_digits=st.integers(1, 2),
    hall_digits=st.integers(1, 3),
    test_languages=st.sampled_from([("kk",), ("kk", "ru"), ("kk", "ru", "en", "tr")]),
)


def test_default_profile_is_what_the_regulation_and_the_centre_say():
    profile = default_profile()
    assert (profile.subjects, profile.items, profile.options) == (5, 25, ("A", "B", "C", "D", "E"))
    assert list(profile.digit_fields().values()) == [8, 3, 4, 2, 3]
    assert (profile.items_total, profile.max_points, profile.hall_capacity_max) == (125, 125, 100)


def test_default_sheet_has_every_group_and_every_sector():
    sheet = layout(default_profile())
    groups = sheet.groups()
    assert len(sheet.bubbles) == 20 * 10 + 125 * 5 + 3 + 2
    assert len(groups) == 20 + 125 + 2
    assert [s.number for s in sheet.sectors] == list(range(1, 16))
    assert [sheet.bubbles[i].value for i in groups["subject3", 24]] == list("ABCDE")
    assert [sheet.bubbles[i].value for i in groups["code", 7]] == list("0123456789")


@pytest.mark.parametrize("profile", [default_profile(), BIG, ExamProfile(code_digits=10)])
def test_geometry_is_plain_data_with_all_bubbles(profile):
    data = json.loads(json.dumps(geometry_json(layout(profile))))
    assert data["page"] == {"width": 210, "height": 297}
    assert len(data["bubbles"]) == len(layout(profile).bubbles)
    assert set(data["bubbles"][0]) == {"field", "column", "value", "x", "y", "rx", "ry"}


@settings(max_examples=120, deadline=None)
@given(profiles | moderate)
def test_any_profile_is_laid_out_well_or_refused(profile):
    try:
        sheet = layout(profile)
    except UserError as error:
        refusal = error
    else:
        check_room(sheet)
        return
    assert "A4" in refusal.message("en")
    assert refusal.next_step


def check_room(sheet):
    """Bubbles, cells and frames keep their distance from the edges, the squares, the code and each other."""
    check_bubbles(sheet)
    areas = {sector.number: sector.area for sector in sheet.sectors}
    for row in sheet.cells:
        area = areas[row.number]
        assert row.x >= area.x - 0.01
        assert row.x + row.count * row.width <= area.right + 0.01
        assert area.y - 0.01 <= row.y
        assert row.y + row.height <= area.bottom + 0.01
    fields = {sector.name: sector.area for sector in sheet.sectors}
    fields |= {"shift": fields["shift_hall"], "hall": fields["shift_hall"]}
    for bubble in sheet.bubbles:
        area = fields[bubble.field]
        assert bubble.x - bubble.rx >= area.x + 0.35
        assert bubble.x + bubble.rx <= area.right - 0.35
        assert area.y < bubble.y - bubble.ry
        assert bubble.y + bubble.ry < area.bottom - 0.3
    for one, other in itertools.combinations(areas.values(), 2):
        assert apart(one, other) > 1.0
    quiet = sheet.qr.width / QR_MODULES * 4
    marks = [Rect(f.x - f.size / 2, f.y - f.size / 2, f.size, f.size) for f in sheet.fiducials]
    for area in (*areas.values(), *(Rect(r.x, r.y, r.count * r.width, r.height) for r in sheet.cells)):
        assert all(apart(area, mark) >= 2.0 for mark in (*marks, sheet.orientation))
        assert apart(area, sheet.qr) >= quiet
    for mark in marks:
        assert apart(mark, sheet.qr) >= quiet
        assert min(mark.x, mark.y, PAGE_WIDTH - mark.right, PAGE_HEIGHT - mark.bottom) >= 11.9


def apart(one: Rect, other: Rect) -> float:
    """The gap between two rectangles; negative where they overlap."""
    return max(one.x - other.right, other.x - one.right, one.y - other.bottom, other.y - one.bottom)


def check_bubbles(sheet):
    """Bubbles are large enough and keep their distance from the edges, the squares and each other."""
    quiet = [(f.x, f.y, f.size / 2 + 2) for f in sheet.fiducials]
    grid: dict[tuple[int, int], list] = {}
    for bubble in sheet.bubbles:
        assert bubble.x - bubble.rx > 18
        assert bubble.x + bubble.rx < 192
        assert 25 < bubble.y < 268
        assert bubble.rx >= 1.6
        for x, y, half in quiet:
            assert max(abs(bubble.x - x), abs(bubble.y - y)) > half + bubble.rx
        grid.setdefault((int(bubble.x // 6), int(bubble.y // 6)), []).append(bubble)
    for (x, y), found in grid.items():
        around = [b for dx in (0, 1) for dy in (-1, 0, 1) for b in grid.get((x + dx, y + dy), [])]
        for one, other in itertools.product(found, around):
            assert one is other or math.hypot(one.x - other.x, one.y - other.y) > one.rx + other.rx + 0.8


FITS = [
    ({"subjects": 6}, {"subjects": 7}, "7 subjects with 5 options"),
    ({"options": tuple("ABCDEF")}, {"options": tuple("ABCDEFG")}, "5 subjects with 7 options"),
    ({"subjects": 2, "options": tuple("ABCDEFGHIJ")}, {"subjects": 5, "options": tuple("ABCDEFGHIJ")}, "10 options"),
    ({"items": 30}, {"items": 31}, "31 items in a column leave 4.21 mm for a row, 4.35 mm"),
    ({"code_digits": 11}, {"code_digits": 12}, "24 digits in all, 23 fit"),
    ({"code_digits": 10, "hall_digits": 4}, {"code_digits": 10, "hall_digits": 5}, "24 digits in all, 23 fit"),
    ({"foreign_languages": tuple("abcd")}, {"foreign_languages": tuple("abcde")}, "5 languages are listed, 4 fit"),
]


@pytest.mark.parametrize(("fits", "too_much", "reason"), FITS)
def test_the_last_that_fits_and_the_first_that_does_not(fits, too_much, reason):
    check_room(layout(ExamProfile(**fits)))
    with pytest.raises(UserError, match=reason):
        layout(ExamProfile(**too_much))


@pytest.mark.parametrize("subjects", [5, 6])
@pytest.mark.parametrize("items", range(25, 31))
@pytest.mark.parametrize("digits", [8, 9, 10])
def test_every_profile_up_to_six_times_thirty_and_ten_digits_fits(subjects, items, digits):
    sheet = layout(ExamProfile(subjects=subjects, items=items, code_digits=digits))
    check_room(sheet)
    assert len(sheet.groups()) == subjects * items + digits + 12 + 2


def test_the_default_geometry_stands_still():
    """Stored readings and printed stacks of sheets hang on it: a change here is a new form version."""
    sheet = layout(default_profile())
    numbers = "|".join(f"{b.field},{b.column},{b.value},{b.x:.3f},{b.y:.3f},{b.rx:.3f}" for b in sheet.bubbles)
    assert (FORM_VERSION, sheet.profile.digest) == ("MAB1", "CDFC379B")
    assert hashlib.sha256(numbers.encode()).hexdigest()[:16] == "4e88c9e8d0e69fa1"


@pytest.mark.parametrize(
    "change", [{"subjects": 0}, {"items": True}, {"options": ("A",)}, {"options": ("A", "A")}, {"code_digits": "8"}]
)
def test_a_profile_that_cannot_be_is_refused(change):
    with pytest.raises(UserError, match="refused"):
        ExamProfile(**change)


def test_profile_survives_being_carried():
    assert profile_from(json.loads(json.dumps(profile_to(BIG)))) == BIG
    assert profile_from({"assumed": {"personal_code_digits": 10}}).code_digits == 10


def test_digest_names_the_geometry_only():
    assert default_profile().digest != BIG.digest
    assert ExamProfile(start_time="10:00").digest == default_profile().digest


def test_sheet_code_round_trip_and_foreign_codes():
    sheet = layout(default_profile())
    assert parse_sheet_code(sheet_code(sheet, "00012345")) == ("MAB1", default_profile().digest, "00012345")
    for text in ("", "https://example.org", "MAB1.12.3", "MAB1.12345678."):
        assert parse_sheet_code(text) is None
