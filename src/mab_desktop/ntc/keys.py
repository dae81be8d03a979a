"""Answer keys."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_OK, EXIT_REFUSED, EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.allot import tell_prepared
from mab_desktop.services import centre_secrets

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "keys", N_("make, seal and release answer keys")
ABOUT = (
    N_("Answer keys: bring them from the item bank, seal them for a base university, release a shift's key (p.39)."),
    N_("--csv reads keys as shift,variant,subject,letters (one letter an item, item 1 first); a shift that it names "
       "must be whole, and every mistake is told with its row and column. Keys that nobody brings are drawn, for "
       "rehearsals."),
    N_("A key goes out only after the ministry representative confirmed that the identification of the shift is "
       "finished, and told the code of the closed marks. With --early it may lie there before that: then it opens "
       "only with the centre's release code too, which `mab ntc passwords --of centre` gives after the release."),
)
EXAMPLES = (
    "mab ntc keys --csv keys.csv",
    "mab ntc keys --base 013",
    "mab ntc keys --base 013 --stand-in chair --stand-in ministry",
    "mab ntc keys --base 013 --shift 2 --stand-in chair",
    "mab ntc keys --base 013 --shift 2 --fresh",
    'mab ntc keys --base 013 --release 2 --confirmed-by "А. Үсенов, by telephone 17:40" --marks K7Q2-M9XD-3TRV',
)
STAND_INS = {"ministry": centre_secrets.MINISTRY_DEPUTY, "chair": centre_secrets.CHAIR_DEPUTY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university; the shift to release and who confirmed."""
    parser.add_argument("--base", default="", help=N_("code of the base university"))
    parser.add_argument("--csv", type=Path, metavar="FILE", help=N_("enter keys of the item bank"))
    parser.add_argument("--release", type=int, metavar="SHIFT", help=N_("let this shift's key go out"))
    parser.add_argument("--confirmed-by", default="", help=N_("who confirmed that identification is finished, and how"))
    parser.add_argument(
        "--marks", default="", metavar="CODE", help=N_("the code of the closed marks that was told with it"
    ))
    parser.add_argument("--stand-in", action="append", choices=sorted(STAND_INS), default=[],
                        help=N_("seal it for this side's stand-in too; passwords given out stay good"))  # fmt: skip
    parser.add_argument("--early", action="store_true", help=N_("seal it with the centre's release code too"))
    parser.add_argument("--shift", type=int, metavar="SHIFT", help=N_("seal this shift's key once more"))
    parser.add_argument("--fresh", action="store_true",
                        help=N_("with --shift: under new passwords (lost paper, too many tries)"))  # fmt: skip


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Enter keys, release one, seal one once more, or make and seal what is missing."""
    if args.csv:
        _enter(desk, args.csv)
        if not args.base:
            return 0
    if not args.base:
        raise UserError(N_("Say whose keys: --base, or --csv FILE to enter them."), exit_code=EXIT_USAGE)
    more = [STAND_INS[side] for side in args.stand_in] + ([centre_secrets.CENTRE] if args.early else [])
    if args.release is not None:
        if not args.confirmed_by:
            raise UserError(N_("Say who confirmed the identification: --confirmed-by."), exit_code=EXIT_USAGE)
        if not centre_secrets.release_key(desk.ctx, args.base, args.release, args.confirmed_by, args.marks):
            desk.say(N_("The key of shift {shift} was released before; nothing changed."), shift=args.release)
        desk.say(N_("The key of shift {shift} may go out now: mab ntc export answer-key mp{base} FOLDER"),
                 shift=args.release, base=args.base)  # fmt: skip
        return 0
    if args.fresh and args.shift is None:
        raise UserError(N_("Say which shift: --shift."), exit_code=EXIT_USAGE)
    if args.shift is not None:
        commitment = centre_secrets.reseal_key(desk.ctx, args.base, args.shift, more, fresh=args.fresh)
        desk.say(N_("The key of shift {shift} is sealed anew; it is announced as {commitment}."), shift=args.shift,
                 commitment=commitment[:12])  # fmt: skip
        return 0
    made = centre_secrets.prepare_exam(desk.ctx, args.base, desk.progress, more)
    return EXIT_OK if tell_prepared(desk, args.base, made) else EXIT_REFUSED


def _enter(desk: Desk, path: Path) -> None:
    for shift, fresh in centre_secrets.keys_from_csv(desk.ctx, path).items():
        if fresh:
            desk.say(N_("The key of shift {shift} is entered."), shift=shift)
        else:
            desk.say(N_("The key of shift {shift} stands like this already; nothing changed."), shift=shift)
