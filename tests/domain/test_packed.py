"""Packed texts are the texts that were put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.packed import Packed


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.slices(12), st.integers(-3, 12))
def test_they_come_out_as_they_went_in(texts: list[str], some: slice, at: int) -> None:
    packed = Packed(texts)
    assert list(packed) == texts
    assert len(packed) == len(texts)
    assert packed[some] == texts[some]
    if -len(texts) <= at < len(texts):
        assert packed[at] == texts[at]
