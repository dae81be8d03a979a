"""The auditorium fund (p.4, p.17): buildings, halls, and the places in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mab_desktop.domain.fields import Field, Kind, Problem, RecordSpec
from mab_desktop.i18n import N_

BUILDING = RecordSpec(
    "building",
    N_("Building"),
    (
        Field("code", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        Field("name", N_("Building name"), required=True, max_length=120),
        Field("address", N_("Address"), required=True, max_length=200),
        Field("access", N_("How to get there"), max_length=200),
    ),
)


def _fits(values: Mapping[str, Any]) -> Iterable[Problem]:
    rows, places, seats = (values.get(name) for name in ("rows", "places_in_row", "seats"))
    if None not in (rows, places, seats) and seats > rows * places:  # type: ignore[operator]
        yield Problem("seats", N_("More seats than {n} places."), (("n", rows * places),))  # type: ignore[operator]


HALL = RecordSpec(
    "hall",
    N_("Hall"),
    (
        Field("building", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        # The sheet has three cells for the hall and none for the building, so the number is unique in the whole fund.
        Field("number", N_("Hall number"), Kind.DIGITS, required=True, max_length=3),
        Field("floor", N_("Floor"), Kind.INTEGER, required=True, low=-2, high=60),
        Field("kind", N_("Kind of hall"), required=True, max_length=40),
        Field("rows", N_("Rows"), Kind.INTEGER, required=True, low=1, high=60),
        Field("places_in_row", N_("Places in a row"), Kind.INTEGER, required=True, low=1, high=60),
        Field("seats", N_("Seats planned"), Kind.INTEGER, required=True, low=1, high=999),
        Field("board", N_("Board"), Kind.FLAG),
        Field("camera", N_("Camera"), Kind.FLAG),
        Field("remark", N_("Remark"), max_length=200),
    ),
    (_fits,),
)
