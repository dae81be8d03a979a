"""The variants of every shift, and how many booklets of each lie in every hall (p.26)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.spreadsheet import export_csv
from mab_desktop.i18n import N_
from mab_desktop.services import centre_secrets
from mab_desktop.services.table_export import require_ending

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "variants", N_("the variants of shifts, booklets by hall")
ABOUT = (
    N_("The variants of every shift, and how many booklets of each lie in every hall (p.26)."),
    N_("They are drawn and laid by `allot` or `keys`; here they are shown, and --table writes them for the printing "
       "plant: base university, shift, hall, variant, booklets, first answer sheet, answer sheets. To the ministry "
       "programmers they go by `export variants`."),
)
EXAMPLES = (
    "mab ntc variants",
    "mab ntc variants --base 013 --table booklets.csv",
    "mab ntc export variants mp013 /media/usb",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose, and where to."""
    parser.add_argument("--base", default="", help=N_("only the halls of this base university"))
    parser.add_argument("--table", type=Path, metavar="FILE", help=N_("write booklets and answer sheets as CSV"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show them; write them if asked."""
    if args.table:
        require_ending(args.table, ".csv")
    sets = centre_secrets.variant_sets(desk.ctx)
    desk.table((N_("Shift"), N_("Variants")), [(shift, " ".join(variants)) for shift, variants in sets.items()])
    stacks = centre_secrets.stacks(desk.ctx, args.base)
    desk.table(
        (N_("Base university"), N_("Shift"), N_("Hall"), N_("Booklets"), N_("First answer sheet"), N_("Answer sheets")),
        [(s.base, s.shift, s.hall, sum(s.variants.values()), s.first_serial, s.sheets) for s in stacks],
    )
    if not sets:
        desk.say(N_("No variants are drawn yet: mab ntc keys --base BASE"))
    if args.table:
        heads = ("base", "shift", "hall", "variant", "booklets", "first_serial", "sheets")
        export_csv(args.table, heads, (
            (s.base, s.shift, s.hall, variant, count, s.first_serial, s.sheets)
            for s in stacks for variant, count in s.variants.items()
        ))  # fmt: skip
        desk.say(N_("Written: {name}"), name=str(args.table))
    return 0
