"""The national summary."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_summary
from mab_desktop.services.centre_summary import COLUMNS, Cut
from mab_desktop.services.table_export import require_ending

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "summary", N_("the national summary: shown, printed, as a table")
ABOUT = (
    N_("The national summary: students, present, absent, removed, mean points, appeals, from all final data that "
       "has come."),
    N_("Shown here in all and by base university; the files hold every cut: base university, network university, "
       "direction of training, language of the test, subject. --pdf prints it in the language of the command "
       "(--lang)."),
)
EXAMPLES = (
    "mab ntc summary",
    "mab ntc summary --pdf summary.pdf",
    "mab ntc summary --lang ru --pdf svod.pdf --table svod.xlsx",
    "mab ntc summary --table summary.csv",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it goes."""
    parser.add_argument("--pdf", type=Path, metavar="FILE", help=N_("print it into this file"))
    parser.add_argument("--table", type=Path, metavar="FILE", help=N_("write it as XLSX, or CSV when the name ends so"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Count, show, write."""
    if args.table:
        require_ending(args.table, ".xlsx", ".csv")
    found = centre_summary.summary(desk.ctx, desk.progress)
    rows = [(line.name, *centre_summary.values(line)) for line in found.cuts[Cut.BASE]]
    rows.append((desk.word(N_("In all")), *centre_summary.values(found.whole)))
    desk.table((N_("Base university"), *COLUMNS), rows)
    if found.missing:
        desk.say(N_("The final data has not come of: {codes}. Of these only the students are counted."),
                 codes=", ".join(found.missing))  # fmt: skip
    if args.pdf:
        from mab_desktop.services.documents_centre import print_summary

        write_paper(args.pdf, print_summary(desk.ctx, found))
        desk.say(N_("Printed into {name}."), name=str(args.pdf))
    if args.table:
        lines = centre_summary.write_summary(desk.ctx, args.table.absolute(), desk.progress)
        desk.say(N_("Written: {name}, {n} lines."), name=str(args.table), n=lines)
    return 0
