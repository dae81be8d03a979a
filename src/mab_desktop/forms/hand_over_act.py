"""Acts of what the base university gives away: to the ministry representative (p.24), to the testing centre (p.23)."""

from __future__ import annotations

from mab_desktop.forms.act import ActKind
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, REPRESENTATIVE
from mab_desktop.forms.table import Column
from mab_desktop.i18n import N_

CENTRE_OFFICIAL = N_("Representative of the testing centre")

HAND_OVER = ActKind(
    N_("Act of hand-over of papers to the ministry representative"),
    N_("Before the testing the base university handed over to the ministry representative (p.24):"),
    (Column(N_("Papers"), 88), Column(N_("Quantity"), 26, "right"), Column(N_("Remark"), 66)),
    (BASE_COORDINATOR,), (REPRESENTATIVE,),
)  # fmt: skip
HAND_OVER_BY_HALL = ActKind(
    N_("Annex to the act of hand-over: stubs and duty officers by hall"),
    N_("The stubs were counted by shift and hall against the hall lists; missing stubs are named by their numbers."),
    (Column(N_("Shift"), 13, "center"), Column(N_("Hall"), 16, "center"), Column(N_("Students"), 20, "right"),
     Column(N_("Stubs"), 18, "right"), Column(N_("Numbers of missing stubs"), 45),
     Column(N_("Duty officers"), 68)),
    (BASE_COORDINATOR,), (REPRESENTATIVE,),
)  # fmt: skip
TO_CENTRE = ActKind(
    N_("Act of hand-over of databases to the testing centre"),
    N_("The base university handed over, the testing centre accepted the databases in electronic form (p.23):"),
    (Column(N_("What was handed over"), 48), Column(N_("File"), 58), Column(N_("Records"), 20, "right"),
     Column(N_("Control sum"), 30, "center"), Column(N_("Written"), 24, "center")),
    (BASE_COORDINATOR, BASE_PROGRAMMER), (CENTRE_OFFICIAL,), blank_rows=5,
)  # fmt: skip
KINDS = (HAND_OVER, HAND_OVER_BY_HALL, TO_CENTRE)
