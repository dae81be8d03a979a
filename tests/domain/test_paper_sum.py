"""What is typed from a signed paper: grouping and layout do not matter, a slip of the fingers is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.paper_sum import same_sum, typed_count, typed_sum

OWN = "0A1B-2C3D-4E5F-6071"


@pytest.mark.parametrize(
    "text",
    ["0A1B-2C3D-4E5F-6071", "0a1b2c3d4e5f6071", "0A1B 2C3D 4E5F 6071", " 0a1b.2c3d.4e5f.6071 ",
     "0А1В-2С3D-4Е5F-6071", "OА1В-2С3D-4Е5F-6O7l", "0ф1и-2с3в-4у5а-6071"],
)  # fmt: skip
def test_grouping_case_and_the_other_layout_do_not_matter(text: str) -> None:
    assert typed_sum(text, OWN).same


def test_a_slip_is_told_by_its_group() -> None:
    slip = typed_sum("0A1B-2C3D-4E5E-6071", OWN)
    assert (slip.same, slip.wrong, slip.swapped, slip.short, slip.strange) == (False, (3,), False, 0, "")
    changed_over = typed_sum("0A1B-2C3D-4E5F-6701", OWN)
    assert (changed_over.wrong, changed_over.swapped) == ((4,), True)
    assert typed_sum("0A1B-2C3D-4E5F-607", OWN).short == 1
    assert typed_sum("0A1B-2C3D-4E5F-60711", OWN).short == -1
    assert typed_sum("0A1B-2C3D-4E5F-60X1", OWN).strange == "X"
    assert typed_sum("FFFF-FFFF-FFFF-FFFF", OWN).wrong == (1, 2, 3, 4)
    assert typed_sum("", OWN).short == 16


def test_the_paper_of_an_older_version_is_known() -> None:
    assert same_sum("ffff ffff ffff ffff", [OWN, "FFFF-FFFF-FFFF-FFFF"]) == 1
    assert same_sum("ffff ffff ffff fff0", [OWN, "FFFF-FFFF-FFFF-FFFF"]) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("1234", 1234), ("1 234", 1234), ("1\u00a0234", 1234), ("1,234", 1234), ("0", 0), ("", None), ("12a", None),
     ("-5", None), ("١٢", None)],
)  # fmt: skip
def test_a_count_is_typed_with_or_without_grouping(text: str, count: int | None) -> None:
    assert typed_count(text) == count


@given(st.text("0123456789ABCDEF", min_size=16, max_size=16), st.integers(0, 15), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes_and_names_its_group(own: str, place: int, digit: str) -> None:
    typed = own[:place] + digit + own[place + 1 :]
    found = typed_sum(typed, own)
    assert found.same == (typed == own)
    if not found.same:
        assert found.wrong == (place // 4 + 1,)
