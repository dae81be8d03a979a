"""`mab ntc`: the testing centre's work from the command line, each step a subcommand.

A centre is a folder with its encrypted database. The password is asked for, or taken from MAB_NTC_PASSWORD.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from mab_desktop.domain.errors import EXIT_OK
from mab_desktop.ntc import (
    allot,
    backup,
    check_seating,
    contingent,
    corrections,
    daily,
    database,
    decide,
    enrol,
    export,
    final,
    images,
    init,
    keys,
    passwords,
    people,
    plan,
    receive,
    recover,
    reference,
    report,
    root,
    sheet,
    signers,
    status,
    summary,
    trust,
    variants,
)
from mab_desktop.ntc.desk import Desk, add_common

COMMANDS: tuple[ModuleType, ...] = (
    init, people, signers, root, trust, enrol, sheet, recover, reference, contingent, receive, plan, decide, status,
    allot, variants, keys, passwords, export, corrections, daily, check_seating, final, report, images, summary,
    backup, database,
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """The whole command line of the centre."""
    parser = argparse.ArgumentParser(
        prog="mab ntc", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_common(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        command = commands.add_parser(
            module.NAME, help=module.HELP, description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None, lang: str = "kk") -> int:
    """Run one command; the exit code. Refusals are raised as UserError for the caller to show."""
    args = build_parser().parse_args(list(sys.argv[1:] if argv is None else argv))
    desk = Desk(args, lang)
    try:
        code: int = args.run(desk, args)
        return code or EXIT_OK
    finally:
        desk.close()
