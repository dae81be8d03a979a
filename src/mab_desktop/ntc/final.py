"""The final data."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK
from mab_desktop.domain.recount import WHAT
from mab_desktop.domain.spreadsheet import export_csv
from mab_desktop.i18n import N_
from mab_desktop.services import centre_final

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "final", N_("count the points of the final data again")
ABOUT = (
    N_("The final data: count every point again and compare (p.37)."),
    N_("The count is written apart from the program that counted first. It starts from the marks as both scans saw "
       "them, the decisions taken on them, the appeals, and the centre's own lists, seats and key; compared are "
       "seats, owners, answers and points. Exit code 1 when anything differs."),
)
EXAMPLES = (
    "mab ntc final",
    "mab ntc final --base 013 --csv differences.csv",
)
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university, and where to write differences."""
    parser.add_argument("--base", help=N_("only this base university (default: all whose final data has come)"))
    parser.add_argument("--csv", type=Path, help=N_("write every difference into this file"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Recount and show sums and differences."""
    bases = [args.base] if args.base else [result.base for result in centre_final.results(desk.ctx)]
    reports = [centre_final.recount(desk.ctx, base, desk.progress) for base in bases]
    desk.table(
        (N_("Base university"), N_("Students"), N_("Before appeal"), N_("After appeal"), N_("Differences")),
        [(r.base, r.students, r.total_before, r.total_after, len(r.differences)) for r in reports],
    )
    found = [(r.base, d) for r in reports for d in r.differences]
    heads = (N_("Base university"), N_("Shift"), N_("What differs"), N_("Code"), N_("Serial number"), N_("Subject"),
             N_("Item"), N_("Reported"), N_("Counted again"))  # fmt: skip
    if found:
        desk.table(heads, [
            (base, d.shift, desk.word(WHAT[d.what]), d.code, d.serial, d.subject, d.item or None, _short(d.reported),
             _short(d.recounted))
            for base, d in found[:SHOWN]
        ])  # fmt: skip
        if len(found) > SHOWN:
            desk.say(N_("{count} differences in all; --csv writes every one."), count=len(found))
    if args.csv:
        names = ("what", "shift", "code", "serial", "subject", "item", "reported", "recounted")
        export_csv(args.csv, ("base", *names), ((base, *(getattr(d, name) for name in names)) for base, d in found))
    return EXIT_DIFFERENCE if found else EXIT_OK


def _short(value: object) -> object:
    """A digest is known by its beginning."""
    return value[:12] if isinstance(value, str) else value
