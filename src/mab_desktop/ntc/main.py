"""`mab ntc`: the testing centre's work from the command line, each step a subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType

from mab_desktop.domain.errors import EXIT_OK
from mab_desktop.i18n import N_
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
from mab_desktop.services.command_words import Parser, speak, texts

COMMANDS: tuple[ModuleType, ...] = (
    init, people, signers, root, trust, enrol, sheet, recover, reference, contingent, receive, plan, decide, status,
    allot, variants, keys, passwords, export, corrections, daily, check_seating, final, report, images, summary,
    backup, database,
)  # fmt: skip


ABOUT = (
    N_("The testing centre's work from the command line, each step a subcommand."),
    N_("A centre is a folder with its encrypted database. The password is asked for, or taken from MAB_NTC_PASSWORD."),
)
EXAMPLES = ("mab ntc status", "mab ntc allot --help", "mab ntc status --base 013 --login asel --lang ru")


def build_parser(lang: str = "en") -> argparse.ArgumentParser:
    """The whole command line of the centre, in a language."""
    parser = Parser(prog="mab ntc", description=texts(ABOUT), epilog=texts(EXAMPLES))
    add_common(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", help=N_("one of these"))
    for module in COMMANDS:
        command = commands.add_parser(
            module.NAME, help=module.HELP, description=texts(module.ABOUT), epilog=texts(module.EXAMPLES)
        )
        module.add_arguments(command)
        command.set_defaults(run=module.run)
        _everywhere(command)
    speak(parser, lang)
    return parser


def _everywhere(parser: argparse.ArgumentParser) -> None:
    """Which centre, and who works: understood after the command too, and after what a command does."""
    for action in list(parser._actions):
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _everywhere(below)
    add_common(parser, again=True)


def main(argv: Sequence[str] | None = None, lang: str = "kk") -> int:
    """Run one command; the exit code. Refusals are raised as UserError for the caller to show."""
    args = build_parser(lang).parse_args(list(sys.argv[1:] if argv is None else argv))
    desk = Desk(args, args.lang or lang)
    try:
        code: int = args.run(desk, args)
        return code or EXIT_OK
    finally:
        desk.close()
