"""Show how far the centre is with every base university.

example: mab ntc status
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_allotment, centre_trust, own_keys

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "status", "how far the centre is with every base university"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""


def run(desk: Desk, _args: argparse.Namespace) -> int:
    """One line for each base university, then what stands in the way of allotting it."""
    ctx = desk.ctx
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=centre_trust.fingerprint(ctx))
    desk.lines(own_keys.notices(ctx))
    lines = centre_allotment.status(ctx)
    desk.table(
        (N_("Base university"), N_("Network universities"), N_("Halls"), N_("Seats"), N_("Students"), N_("Allotted"),
         N_("Shifts"), N_("Halls with variants"), N_("Seatings sealed"), N_("Keys sealed"), N_("Keys released")),
        [(s.base, s.networks, s.halls, s.seats, s.students, s.allotted, s.shifts, s.variants_laid, s.seatings_sealed,
          s.keys_sealed, s.keys_released) for s in lines],
    )  # fmt: skip
    for line in lines:
        if not line.allotted:
            for problem in centre_allotment.obstacles_to_allot(ctx, line.base):
                desk.say(N_("{base}: {reason}"), base=line.base, reason=problem.message(desk.lang))
    return 0
