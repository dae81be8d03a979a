"""Do a seating again from the centre's secret, and compare it with what the final data says (p.30).

LOCAL is the other half of the seed, 64 hexadecimal characters; it stands in the ministry programmer's records. Whoever
has both halves and the list gets the same seats, so no seat was drawn twice or moved.

example: mab ntc check-seating 013 1 --local 9f2c… --code ABCD-EFGH-JKLM
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import centre_seating

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "check-seating", "do a seating again and compare it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which seating, and the other half of its seed."""
    parser.add_argument("base", help="code of the base university")
    parser.add_argument("shift", type=int)
    parser.add_argument("--local", required=True, help="the ministry programmer's half of the seed")
    parser.add_argument("--code", default="", help="the twelve characters that were read out before the password")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Redraw, compare, say."""
    try:
        local = bytes.fromhex(args.local)
    except ValueError as error:
        raise UserError(N_("The half of the seed must be 64 hexadecimal characters."), exit_code=EXIT_USAGE) from error
    check = centre_seating.check_seating(desk.ctx, args.base, args.shift, local, args.code)
    desk.say(N_("Frozen list: {code}"), code=check.code)
    desk.say(N_("Seats drawn again: {count}; digest {digest}"), count=check.seats, digest=check.digest[:16])
    if args.code and not check.code_agrees:
        desk.say(N_("The twelve characters differ: the list or the halls were not those of the centre."))
    if check.compared:
        desk.say(N_("Seats in the final data: {count}, different: {different}"), count=check.compared,
                 different=check.different)  # fmt: skip
    return EXIT_OK if check.agrees else EXIT_DIFFERENCE
