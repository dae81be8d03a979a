"""The final data: count every point again from the answers read and the centre's own key, and compare (p.37).

Exit code 1 when a single point differs.

examples: mab ntc final
          mab ntc final --base 013 --csv differences.csv
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK
from mab_desktop.i18n import N_
from mab_desktop.services import centre_final

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "final", "count the points of the final data again"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The base university, and where to write differences."""
    parser.add_argument("--base", help="only this base university (default: all whose final data has come)")
    parser.add_argument("--csv", type=Path, help="write every difference into this file")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Recount and show sums and differences."""
    bases = [args.base] if args.base else [result.base for result in centre_final.results(desk.ctx)]
    reports = [centre_final.recount(desk.ctx, base, desk.progress) for base in bases]
    desk.table(
        (N_("Base university"), N_("Students"), N_("Before appeal"), N_("After appeal"), N_("Differences")),
        [(r.base, r.students, r.total_before, r.total_after, len(r.differences)) for r in reports],
    )
    rows = [(r.base, d.code, d.subject, d.stage, d.reported, d.recounted) for r in reports for d in r.differences]
    heads = (N_("Base university"), N_("Code"), N_("Subject"), N_("Stage"), N_("Reported"), N_("Counted again"))
    if rows:
        desk.table(heads, rows[:SHOWN])
    if args.csv:
        with args.csv.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("base", "code", "subject", "stage", "reported", "recounted"))
            writer.writerows(rows)
    return EXIT_DIFFERENCE if rows else EXIT_OK
