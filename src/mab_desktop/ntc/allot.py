"""Allot the students of a base university: code, subjects, shift and hall (p.23). Done once.

Variants of seats, sealed seating seeds and sealed answer keys are made along with it (--only leaves them).

examples: mab ntc allot 013
          mab ntc allot 013 --shift 1 --shift 2 --only
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_allotment, centre_secrets

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "allot", "allot the students of a base university"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university and its shifts."""
    parser.add_argument("base", help="code of the base university")
    parser.add_argument("--shift", type=int, action="append", help="use only these shifts (default: all)")
    parser.add_argument("--only", action="store_true", help="no variants, seeds and keys yet")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Allot, prepare the exam, and show how full the halls are."""
    report = centre_allotment.allot(desk.ctx, args.base, desk.progress, shifts=args.shift)
    if not args.only:
        centre_secrets.prepare_exam(desk.ctx, args.base, desk.progress)
    desk.table(
        (N_("Shift"), N_("Hall"), N_("Seats"), N_("Students"), N_("Languages")),
        [(load.shift, load.hall, load.seats, load.students, ", ".join(load.languages)) for load in report.loads],
    )
    desk.say(N_("{base}: {count} students allotted to {halls} halls, {mixed} of them with two languages."),
             base=report.base, count=report.students, halls=len(report.loads), mixed=report.mixed_halls)  # fmt: skip
    return 0
