"""Enter the students expected, by direction and language (p.17), or show them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_season

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "contingent", N_("enter or show the students expected")
ABOUT = (
    N_("Enter the students expected, by direction and language (p.17), or show them."),
    N_("The file is CSV in UTF-8 with the heads base,direction,language,students. Every mistake is told with its "
       "row and column, and then nothing is changed. The same file again changes nothing."),
)
EXAMPLES = (
    "mab ntc contingent --csv contingent.csv",
    "mab ntc contingent --base 013",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, or the base university to show."""
    parser.add_argument("--csv", type=Path, metavar="FILE",
                        help=N_("read this file; it replaces what was entered for its universities"))  # fmt: skip
    parser.add_argument("--base", help=N_("show only this base university"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Read the file if given; show the contingent."""
    if args.csv:
        for base, (total, changed) in centre_season.contingent_from_csv(desk.ctx, args.csv).items():
            if changed:
                desk.say(N_("{base}: {count} students expected."), base=base, count=total)
            else:
                desk.say(N_("{base}: {count} students expected, as before; nothing changed."), base=base, count=total)
        return 0
    bases = [args.base] if args.base else centre_season.bases(desk.ctx)
    rows = [(base, *line) for base in bases for line in centre_season.contingent(desk.ctx, base)]
    heads = (N_("Base university"), N_("Direction of training"), N_("Language of instruction"), N_("Students"))
    desk.table(heads, rows)
    return 0
