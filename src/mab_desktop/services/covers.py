"""The cover of an envelope as the scanner sees it: its code chooses shift, hall and pass (p.34, p.38)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.forms.envelope_cover import MARK
from mab_desktop.i18n import N_

COVER_PLACE = 0  # in the envelope; the first sheet lies at 1
COVER_GROUND = N_("The cover of the envelope; it is no answer sheet.")
_ENVELOPE = N_("Nothing of this run was saved. See which envelope lies before you.")


@dataclass(frozen=True, slots=True)
class Cover:
    """What a cover says; `scan_pass` is 0 on one that goes with both passes."""

    shift: int
    hall: str
    scan_pass: int = 0


def parse_cover(text: str) -> Cover | None:
    """The cover whose code says `text`; None for any other code."""
    mark, *parts = text.split("|")
    if mark != MARK or len(parts) not in (2, 3):
        return None
    shift, hall, scan_pass = parts[0], parts[1], parts[2] if len(parts) == 3 else "0"
    if not (shift.isdecimal() and scan_pass in ("0", "1", "2") and hall):
        return None
    return Cover(int(shift), hall, int(scan_pass))


def contradiction(cover: Cover, shift: int, hall: str, scan_pass: int) -> UserError | None:
    """Why this cover does not belong to the run that is being scanned; None when it does."""
    if (cover.shift, cover.hall) != (shift, hall):
        return UserError(
            N_("This is the cover of hall {other} of shift {n}; hall {hall} of shift {shift} is being scanned."),
            next_step=_ENVELOPE, other=cover.hall, n=cover.shift, hall=hall, shift=shift,
        )  # fmt: skip
    if cover.scan_pass not in (0, scan_pass):
        return UserError(
            N_("This is the cover for pass {other}; pass {n} of hall {hall} is being scanned."), next_step=_ENVELOPE,
            other=cover.scan_pass, n=scan_pass, hall=hall,
        )  # fmt: skip
    return None


def pass_of(cover: Cover, standing: Collection[int]) -> int:
    """The pass that a cover begins: its own, or the one that is due after the `standing` ones."""
    if cover.scan_pass:
        return cover.scan_pass
    due = next((number for number in (1, 2) if number not in standing), 0)
    if not due:
        raise OutOfOrder(
            N_("Both passes of hall {hall} are scanned already."),
            next_step=N_("Set a pass aside first if it must be scanned again."), hall=cover.hall,
        )  # fmt: skip
    return due
