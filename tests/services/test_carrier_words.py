"""What a file holds, in words: nothing is told twice."""

from __future__ import annotations

from mab_desktop.domain.organisation import Role
from mab_desktop.services.carrier_words import held
from tests.conftest import MakeContext


def test_what_records_and_control_sums_both_name_is_told_once(make_context: MakeContext) -> None:
    """A fund's second version is one record of a version: the number of it is what matters."""
    ctx = make_context(Role.BASE_UNI, "013")
    found = held(ctx, {"fund-version": 1, "hall": 4, "building": 2}, {"version": 2, "halls": 4, "seats": 112})
    names = [name for name, _value in found]
    assert len(names) == len(set(names)) == 4
    assert dict(found)["Version of the fund"] == "2"
    assert dict(found)["Halls"] == "4"
