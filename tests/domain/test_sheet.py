"""The sheet's geometry: nothing overlaps, everything is on the page, what does not fit is refused with the reason."""

import itertools
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.exam_profile import ExamProfile, default_profile, profile_from, profile_to
from mab_desktop.domain.sheet import geometry_json, layout, parse_sheet_code, sheet_code

BIG = ExamProfile(subjects=6, items=30, code_digits=10)

profiles = st.builds(
    ExamProfile,
    subjects=st.integers(1, 10),
    items=st.integers(1, 60),
    code_digits=st.integers(1, 16),
    seat_digits=st.integers(1, 4),
    variant_digits=st.integers(1, 8),
    options=st.sampled_from([tuple("AB"), tuple("ABCDE"), tuple("ABCDEFGH")]),
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


@settings(max_examples=60, deadline=None)
@given(profiles)
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
    """Bubbles keep their distance from the edges, the squares and each other."""
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


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"subjects": 7}, "7 subjects"), ({"items": 31}, "31 items"), ({"code_digits": 13}, "25 digits")],
)
def test_what_does_not_fit_is_refused_with_the_reason(change, reason):
    with pytest.raises(UserError, match=reason):
        layout(ExamProfile(**change))


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
