"""Print a paper about keys once more."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.papers import write_paper

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk
    from mab_desktop.services.documents import Document

NAME, HELP = "sheet", N_("print a paper about keys")
ABOUT = (
    N_("Print a paper about keys once more: the fingerprint, the root, an act on a withdrawn key or a stand-in."),
    N_("The sheet of a root key's holder is printed only when the key is made: nothing at the centre knows its "
       "password."),
)
EXAMPLES = (
    "mab ntc sheet fingerprint fingerprint.pdf",
    "mab ntc sheet root root.pdf",
    "mab ntc sheet revocation act.pdf --of nu027-op1",
    "mab ntc sheet stand-in act.pdf --of mp013-k7q2 --by mp013-9xd3",
)
SHEETS = ("fingerprint", "root", "enrolment", "revocation", "stand-in")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which paper, where to, about whom."""
    parser.add_argument("sheet", choices=SHEETS)
    parser.add_argument("pdf", type=Path, help=N_("the file"))
    parser.add_argument("--of", default="", metavar="NAME", help=N_("whose key was withdrawn"))
    parser.add_argument("--by", default="", metavar="NAME", help=N_("the stand-in"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Print it."""
    if (args.sheet in ("revocation", "stand-in") and not args.of) or (args.sheet == "stand-in" and not args.by):
        raise UserError(N_("Say whose: --of NAME, and --by NAME for a stand-in."), exit_code=EXIT_USAGE)
    made = _print(desk, args)
    write_paper(args.pdf, made)
    desk.say(N_("Printed into {name}."), name=str(args.pdf))
    return 0


def _print(desk: Desk, args: argparse.Namespace) -> Document:
    from mab_desktop.services import documents_centre, documents_keys

    if args.sheet == "fingerprint":
        return documents_centre.print_fingerprint(desk.ctx)
    if args.sheet == "root":
        return documents_keys.print_root_change(desk.ctx)
    if args.sheet == "enrolment":
        return documents_keys.print_enrolment(desk.ctx)
    if args.sheet == "revocation":
        return documents_keys.print_revocation(desk.ctx, args.of)
    return documents_keys.print_stand_in(desk.ctx, args.of, args.by)
