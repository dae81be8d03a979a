"""`mab check-database`: every page, index and reference of a workplace's database, and its whole log."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK
from mab_desktop.i18n import N_, translate

PASSWORD_VARIABLE = "MAB_PASSWORD"  # noqa: S105  the variable's name
PLACES = {
    "own": N_("a disk of this computer"),
    "removable": N_("a drive that can be taken out: only for training"),
    "network": N_("a folder of the network: only for training"),
    "synced": N_("a folder that a cloud service copies: only for training"),
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's arguments."""
    check = commands.add_parser("check-database",
                                help=N_("read every page of a workplace's database and its whole log"),
                                description=N_("Every page, index and reference of a workplace's database, and its "
                                               "whole log. Exit code 1: something is damaged."))  # fmt: skip
    check.add_argument("database", type=Path, help=N_("the workplace's mab.db"))
    check.add_argument("--login", required=True,
                       help=N_("as whom; the password is asked for, or taken from MAB_PASSWORD"))  # fmt: skip
    check.add_argument("--settings", action="store_true", help=N_("also show how the database is set"))


def check(args: argparse.Namespace, _rest: list[str]) -> int:
    """Check and say; exit code 1 when anything is wrong."""
    from mab_desktop.services.database_check import check_database
    from mab_desktop.services.progress import ConsoleProgress

    def say(text: str, **params: Any) -> None:
        print(translate(args.lang, text).format(**params))

    word = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(translate(args.lang, N_("Password: ")))
    progress = ConsoleProgress(args.lang)
    found = check_database(args.database, args.login, word, progress)
    progress.end()
    say(N_("Place: {place}"), place=translate(args.lang, PLACES[found.place.value]))
    for finding in found.findings:
        print(f"  {finding}")
    if found.broken_log is not None:
        say(N_("The log is damaged from line {n} on."), n=found.broken_log)
    if args.settings:
        for name, value in found.settings.items():
            print(f"  {name} = {value}")
    if not found.whole:
        say(N_("The database is damaged. Change nothing more here and restore the newest backup."))
        return EXIT_DIFFERENCE
    say(N_("The database is whole: {size} MB, {lines} lines of the log."), size=round(found.megabytes, 1),
        lines=found.log_lines)  # fmt: skip
    return EXIT_OK
