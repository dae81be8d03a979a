"""`mab verify-log`: whether the log of a workplace is whole, and is the one that files and papers know."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK
from mab_desktop.i18n import N_, translate
from mab_desktop.services.command_words import texts

PASSWORD_VARIABLE = "MAB_PASSWORD"  # noqa: S105  the variable's name


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's arguments."""
    log = commands.add_parser(
        "verify-log", help=N_("check the log of a workplace's database or of a backup copy"),
        description=N_("Walk the log line by line and compare it with what others know of it. Exit code 1: something "
                       "does not hold; 3, 4: the log is whole, but something given tells nothing of it (4: a damaged "
                       "file)."),
        epilog=texts((
            "mab verify-log mab.db --login programmer",
            "mab verify-log backups/mab-20110510T171500.db --login programmer --against /media/usb",
            "mab verify-log mab.db --login programmer --against a3f19c07d2e4",
            "mab verify-log mab.db --login programmer --against /media/usb/*.mab a3f19c07d2e4",
        )),
    )  # fmt: skip
    log.add_argument("database", type=Path, help=N_("the workplace's mab.db, or a backup copy of it"))
    log.add_argument("--login", required=True,
                     help=N_("as whom; the password is asked for, or taken from MAB_PASSWORD"))  # fmt: skip
    log.add_argument("--locks", type=Path, metavar="FILE",
                     help=N_("the .keys file, where it is not beside the database"))  # fmt: skip
    log.add_argument("--against", type=str, action="extend", nargs="+", default=[], metavar="WHAT",
                     help=N_("files sent from here, folders of them, or 12 characters of a paper's foot")
                     )  # fmt: skip


def verify(args: argparse.Namespace, _rest: list[str]) -> int:
    """Check and say; exit code 1 when anything does not hold."""
    from mab_desktop.services.audit_log import PRINTED, verify_log
    from mab_desktop.services.progress import ConsoleProgress

    def say(text: str, **params: Any) -> None:
        print(translate(args.lang, text).format(**params))

    word = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(translate(args.lang, N_("Password: ")))
    progress = ConsoleProgress(args.lang)
    try:
        found = verify_log(args.database, args.login, word, args.against, locks_file=args.locks, progress=progress)
    finally:
        progress.end()
    told = [given for given in found.passed_over if not given.is_stranger]
    for given in told:
        print(f"{given.source}: {given.why.message(args.lang)}")
    if strangers := len(found.passed_over) - len(told):
        say(N_("Files of other workplaces in the folders, not compared: {n}"), n=strangers)
    for problem in found.problems:
        print(problem.message(args.lang))
    if not found.whole:
        say(N_("The log is not whole. Change nothing more there and call the testing centre."))
        return EXIT_DIFFERENCE
    say(N_("The log is whole: {n} lines, its head is {head}; it agrees with {known} files and papers."), n=found.lines,
        head=found.head[:PRINTED], known=found.compared)  # fmt: skip
    if told:
        say(N_("Not compared, as told above: {n}"), n=len(told))
    return max((given.why.exit_code for given in told), default=EXIT_OK)
