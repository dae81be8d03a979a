"""A group of bubbles and what was read of it, in words."""

from __future__ import annotations

from mab_desktop.domain import reading
from mab_desktop.i18n import N_, _

FIELDS = {"code": N_("Code"), "seat": N_("Seat"), "variant": N_("Variant")}


def place_words(field: str, column: int) -> str:
    """A group of bubbles in words: the item of a subject, or the digit of a number."""
    if field in FIELDS:
        return _("{field}, digit {n}").format(field=_(FIELDS[field]), n=column + 1)
    return _("subject {subject}, item {n}").format(subject=field.removeprefix("subject"), n=column + 1)


def short_words(field: str, column: int) -> str:
    """The same where there is little room."""
    if field in FIELDS:
        return place_words(field, column)
    return _("item {subject}.{item}").format(subject=field.removeprefix("subject"), item=column + 1)


def mark_words(mark: str) -> str:
    """A reading in words: what is filled, or may be."""
    values = " ".join(reading.values_of(mark)) if reading.state_of(mark) != "one" else mark
    return {
        "one": values, "none": _("nothing"), "many": _("several: {values}").format(values=values),
        "doubtful": _("doubtful: {values}").format(values=values or "?"),
    }[reading.state_of(mark)]  # fmt: skip
