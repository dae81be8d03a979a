"""Answer keys: make what is missing, seal it for a base university, release a shift's key (p.39).

A key goes out only after the ministry representative confirmed that the identification of the shift is finished.

examples: mab ntc keys --base 013
          mab ntc keys --base 013 --release 2 --confirmed-by "А. Үсенов, by telephone 17:40"
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import centre_secrets

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "keys", "make, seal and release answer keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university; the shift to release and who confirmed."""
    parser.add_argument("--base", required=True, help="code of the base university")
    parser.add_argument("--release", type=int, metavar="SHIFT", help="let this shift's key go out")
    parser.add_argument("--confirmed-by", default="", help="who confirmed that identification is finished, and how")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Release a key, or make and seal what is missing."""
    if args.release is not None:
        if not args.confirmed_by:
            raise UserError(N_("Say who confirmed the identification: --confirmed-by."), exit_code=EXIT_USAGE)
        centre_secrets.release_key(desk.ctx, args.base, args.release, args.confirmed_by)
        desk.say(N_("The key of shift {shift} may go out now: mab ntc export answer-key mp{base} FOLDER"),
                 shift=args.release, base=args.base)  # fmt: skip
        return 0
    centre_secrets.prepare_exam(desk.ctx, args.base, desk.progress)
    desk.say(N_("Variants, seating seeds and answer keys of {base} are made and sealed."), base=args.base)
    return 0
