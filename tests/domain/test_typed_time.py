"""Hour and minute as they are typed on the exam day."""

from __future__ import annotations

import pytest

from mab_desktop.domain.exam_clock import typed_time


@pytest.mark.parametrize(("text", "time"), [
    ("10:15", "10:15"), ("9.15", "09:15"), (" 0815 ", "08:15"), ("815", "08:15"), ("23 59", "23:59"), ("24:00", ""),
    ("10:60", ""), ("10", ""), ("", ""), ("10:15:00", ""), ("1015 hours", ""),
])  # fmt: skip
def test_hour_and_minute_in_every_spelling(text: str, time: str) -> None:
    """Four digits are enough; what is no time of a day is none."""
    assert typed_time(text) == time
