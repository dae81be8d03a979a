"""The marks a step, a row, a seat or a sheet can carry: a colour, a shape and a word each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.i18n import N_


class Mark(StrEnum):
    """How something stands."""

    NONE = "none"
    DONE = "done"
    DUE = "due"
    LATE = "late"
    BLOCKED = "blocked"
    INFO = "info"


GLYPHS = {Mark.NONE: "", Mark.DONE: "✓", Mark.DUE: "●", Mark.LATE: "!", Mark.BLOCKED: "⊘", Mark.INFO: "i"}
WORDS = {
    Mark.NONE: "",
    Mark.DONE: N_("Done"),
    Mark.DUE: N_("Due"),
    Mark.LATE: N_("Late"),
    Mark.BLOCKED: N_("Blocked"),
    Mark.INFO: N_("For information"),
}


@dataclass(frozen=True, slots=True)
class StepState:
    """How a step of the rail stands; `reason` is shown words: why it is blocked or late."""

    mark: Mark = Mark.NONE
    reason: str = ""
