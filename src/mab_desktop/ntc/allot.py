"""Allot the students of a base university."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_allotment, centre_secrets

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "allot", N_("allot the students of a base university")
ABOUT = (
    N_("Allot the students of a base university: code, subjects, shift and hall (p.23). Done once."),
    N_("As few shifts and halls as hold them are used (--spread fills all shifts evenly); one shift more only where "
       "it keeps languages apart that would share a hall. Network universities and directions are spread over all "
       "halls. Variants of seats, sealed seating seeds and sealed answer keys are made along with it (--only leaves "
       "them). Done again it allots nobody anew: it goes on where it was cut off, and says so when nothing is left "
       "to do."),
)
EXAMPLES = (
    "mab ntc allot 013",
    "mab ntc allot 013 --shift 1 --shift 2 --only",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university and its shifts."""
    parser.add_argument("base", help=N_("code of the base university"))
    parser.add_argument("--shift", type=int, action="append", help=N_("use only these shifts (default: all)"))
    parser.add_argument("--spread", action="store_true",
                        help=N_("fill all shifts evenly instead of as few as hold them"))  # fmt: skip
    parser.add_argument("--only", action="store_true", help=N_("no variants, seeds and keys yet"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Allot, prepare the exam, and show how full the halls are."""
    before = centre_allotment.allotted(desk.ctx, args.base)
    if before is None:
        _show(desk, centre_allotment.allot(desk.ctx, args.base, desk.progress, shifts=args.shift, spread=args.spread))
    else:
        desk.say(N_("{base}: {count} students are allotted already; they stay where they are."), base=args.base,
                 count=before)  # fmt: skip
    if not args.only:
        tell_prepared(desk, args.base, centre_secrets.prepare_exam(desk.ctx, args.base, desk.progress))
    return 0


def tell_prepared(desk: Desk, base: str, made: int) -> bool:
    """Say what stands ready for the exam, and whose keys are still to be entered; True where nothing is missing."""
    if missing := centre_secrets.keys_to_enter(desk.ctx, base):
        desk.say(centre_secrets.SEATS_MADE, base=base)
        desk.say(centre_secrets.KEYS_TO_ENTER, base=base, shifts=", ".join(map(str, missing)))
        return False
    desk.say(centre_secrets.MADE if made else centre_secrets.NOTHING_LEFT, base=base)
    if made and not desk.ctx.season.official:
        desk.say(centre_secrets.DRAWN_FOR_TRAINING)
    return True


def _show(desk: Desk, report: centre_allotment.AllotmentReport) -> None:
    desk.table(
        (N_("Shift"), N_("Hall"), N_("Seats"), N_("Students"), N_("Booklets over"), N_("Languages")),
        [
            (load.shift, load.hall, load.seats, load.students, load.surplus, ", ".join(load.languages))
            for load in report.loads
        ],
    )
    found = report.quality
    desk.table(
        (N_("Measure"), N_("Reached"), N_("At best")),
        [
            (desk.word(N_("Shifts")), found.shifts, found.least_shifts),
            (desk.word(N_("Halls, counted in each shift")), found.sittings, found.least_sittings),
            (desk.word(N_("Halls with two languages")), found.mixed, found.least_mixed),
            (desk.word(N_("Pairs of one university in a hall")), found.university_pairs, found.least_university_pairs),
            (desk.word(N_("Pairs of one direction in a hall")), found.direction_pairs, found.least_direction_pairs),
        ],
    )
    desk.say(N_("{base}: {count} students allotted to {halls} halls, {mixed} of them with two languages."),
             base=report.base, count=report.students, halls=len(report.loads), mixed=report.mixed_halls)  # fmt: skip
