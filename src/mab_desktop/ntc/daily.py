"""The daily statistics that have come (p.8)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_final
from mab_desktop.services.table_export import require_ending

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "daily", N_("the daily statistics that have come")
ABOUT = (
    N_("The daily statistics that have come (p.8): shown, or written as a table."),
    N_("They come by `receive`; a later file of the same shift replaces the earlier one."),
)
EXAMPLES = (
    "mab ntc daily",
    "mab ntc daily --base 013 --shift 1",
    "mab ntc daily --table daily.xlsx",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which, and where to."""
    parser.add_argument("--base", default="", help=N_("only this base university"))
    parser.add_argument("--shift", type=int, help=N_("only this shift"))
    parser.add_argument("--table", type=Path, metavar="FILE",
                        help=N_("write them as XLSX, or CSV when the name ends so"))  # fmt: skip


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show or write them."""
    if args.table:
        require_ending(args.table, ".xlsx", ".csv")
    lines = centre_final.daily(desk.ctx, args.base, args.shift)
    heads = (N_("Base university"), N_("Shift"), N_("Direction of training"), N_("Language of the test"),
             N_("Planned"), N_("Present"), N_("Absent"), N_("Removed"), N_("Sheets scanned"), N_("Points in all"),
             N_("Appeal applications"), N_("Items satisfied"))  # fmt: skip
    names = ("planned", "present", "absent", "removed", "sheets", "points", "appeals", "appeal_satisfied")
    desk.table(heads, [
        (line.base, line.shift, line.direction, line.language, *(line.values.get(name) for name in names))
        for line in lines
    ])  # fmt: skip
    if not lines:
        desk.say(N_("No daily statistics have come yet."))
    if args.table:
        count = centre_final.write_daily(desk.ctx, args.table.absolute(), desk.progress, args.base, args.shift)
        desk.say(N_("Written: {name}, {n} lines."), name=str(args.table), n=count)
    return 0
