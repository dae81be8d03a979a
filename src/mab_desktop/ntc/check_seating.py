"""Do a seating again from the centre's secret, and compare it with what was drawn (p.30)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, EXIT_USAGE, UserError
from mab_desktop.domain.seating_proof import read_proof
from mab_desktop.i18n import N_
from mab_desktop.services import centre_seating

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "check-seating", N_("do a seating again and compare it")
ABOUT = (
    N_("Do a seating again from the centre's secret, and compare it with what was drawn (p.30)."),
    N_("The other half of the seed comes from the proof that the ministry programmer saves on his seating page, "
       "from --local (64 hexadecimal characters), or from the final data when it has come. Whoever has both halves "
       "and the list gets the same seats, so no seat was drawn twice or moved; how to do it without our program "
       "stands in docs/seating-proof.md. Exit code 1 when anything differs."),
)
EXAMPLES = (
    "mab ntc check-seating 013 1 --proof seating-proof-013-1.txt --code ABCD-EFGH-JKLM",
    "mab ntc check-seating 013 1",
    'mab ntc check-seating 013 1 --reveal-to "Т. Нұр, observer"',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which seating, and the other half of its seed."""
    parser.add_argument("base", help=N_("code of the base university"))
    parser.add_argument("shift", type=int)
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--proof", type=Path, metavar="FILE", help=N_("the proof saved on the seating page"))
    other.add_argument("--local", default="", help=N_("the ministry programmer's half of the seed"))
    other.add_argument("--reveal-to", default="", metavar="NAME",
                       help=N_("show the centre's secret of a drawn seating; who asked is written down"))  # fmt: skip
    parser.add_argument("--code", default="", help=N_("the twelve characters that were read out before the password"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Redraw, compare, say."""
    if args.reveal_to:
        secret = centre_seating.reveal_secret(desk.ctx, args.base, args.shift, args.reveal_to)
        desk.say(N_("Secret of the centre: {secret}"), secret=secret)
        return EXIT_OK
    try:
        local = bytes.fromhex(args.local)
    except ValueError as error:
        raise UserError(N_("The half of the seed must be 64 hexadecimal characters."), exit_code=EXIT_USAGE) from error
    proof = read_proof(_text(args.proof)) if args.proof else None
    check = centre_seating.check_seating(desk.ctx, args.base, args.shift, local, args.code, proof)
    desk.say(N_("Frozen list: {code}"), code=check.code)
    desk.say(N_("Seats drawn again: {count}; digest {digest}"), count=check.seats, digest=check.digest[:16])
    for problem in check.problems:
        desk.say(problem.text)
    if check.compared:
        desk.say(N_("Seats compared: {count}, different: {different}"), count=check.compared,
                 different=check.different)  # fmt: skip
    return EXIT_OK if check.agrees else EXIT_DIFFERENCE


def _text(path: Path) -> str:
    """The file as text; what is not text is no proof."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
