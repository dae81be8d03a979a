"""Let workplaces in, list them, or take one out.

A workplace sends an enrolment file (load it with `receive`); its fingerprint is compared by telephone and typed here.

examples: mab ntc enrol
          mab ntc enrol nu027 --groups "AB12 CD34 …"
          mab ntc enrol nu027 --revoke
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import centre_trust

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "enrol", "let a workplace in, list workplaces, take one out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The device and what to do with it."""
    parser.add_argument("device", nargs="?", help="name of the workplace, such as nu027; none: list them all")
    parser.add_argument("--groups", help="the 8 groups read out by telephone")
    parser.add_argument("--revoke", action="store_true", help="take the workplace out of the trust list")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """List, let in or take out."""
    if not args.device:
        rows = [
            (line.device, line.organisation, line.fingerprint,
             desk.word(N_("in force")) if line.active else desk.word(N_("not in force")))
            for line in centre_trust.devices(desk.ctx)
        ]  # fmt: skip
        desk.table((N_("Workplace"), N_("Organisation"), N_("Check groups"), N_("State")), rows)
        return 0
    if args.revoke:
        centre_trust.revoke(desk.ctx, args.device)
        desk.say(N_("{device} is out of the trust list. Send the reference package to everybody soon."),
                 device=args.device)  # fmt: skip
        return 0
    if not args.groups:
        raise UserError(N_("Type the groups that were read out: --groups \"…\"."), exit_code=EXIT_USAGE)
    centre_trust.confirm(desk.ctx, args.device, args.groups)
    desk.say(N_("{device} is in the trust list."), device=args.device)
    return 0
