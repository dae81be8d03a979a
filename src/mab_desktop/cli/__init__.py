"""`mab`: one door to the four applications, the centre's tool, the rehearsal and the reader.

Exit codes: 0 done, 1 a difference was found, 2 wrong usage, 3 refused, 4 carrier refused, 5 wrong password, 6 out of
order, 7 the system does not play along, 70 our own mistake, 130 stopped by the person, 141 nobody reads our output.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from mab_desktop import __version__, i18n
from mab_desktop.cli import bench, database, installation, log, read, scan, sheet, verify
from mab_desktop.domain.errors import EXIT_BUG, EXIT_REFUSED, EXIT_SYSTEM, EXIT_USAGE, Cancelled, UserError
from mab_desktop.i18n import N_
from mab_desktop.services.command_words import Parser, add_lang, speak, texts

# A rehearsal's launcher passes the password this way: every user of a PC can read command lines.
PASSWORD_VARIABLE = "MAB_PASSWORD"  # noqa: S105
EXIT_CANCELLED, EXIT_PIPE = 130, 141
OUR_MISTAKE = N_(
    "This is a mistake of the program. What was saved before is safe. Send the lines above to the testing centre."
)
NOT_INSTALLED = N_("This part of the program does not come with the installed application.")
APPLICATIONS = {
    "network-uni": "network_uni",
    "audit-fund": "audit_fund",
    "base-uni": "base_uni",
    "ministry-programmer": "ministry_programmer",
}
STARTS = {
    "network-uni": N_("start the application of a network university"),
    "audit-fund": N_("start the application of the auditorium fund"),
    "base-uni": N_("start the application of a base university"),
    "ministry-programmer": N_("start the application of a ministry programmer"),
}
ABOUT = (
    N_("One door to the four applications, the centre's tool, the rehearsal and the reader."),
    N_("Exit codes: 0 done, 1 a difference was found, 2 wrong usage, 3 refused, 4 carrier refused, 5 wrong password, "
       "6 out of order, 7 the system does not play along, 70 our own mistake, 130 stopped by the person, 141 nobody "
       "reads our output."),
)
EXAMPLES = ("mab read --help", "mab --lang ru ntc status", "mab verify /media/usb/*.mab")


def build_parser(lang: str = "en") -> argparse.ArgumentParser:
    """The whole command line, in a language."""
    parser: argparse.ArgumentParser = Parser(prog="mab", description=texts(ABOUT), epilog=texts(EXAMPLES))
    parser.add_argument("--version", action="version", version=f"mab {__version__}", help=N_("show the version"))
    add_lang(parser, lang)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", help=N_("one of these"))
    for name in APPLICATIONS:
        application = commands.add_parser(name, help=STARTS[name])
        application.add_argument("--db", type=Path, help=N_("the workplace's database file"))
        application.add_argument("--login", help=N_("log in as this person"))
    launcher = commands.add_parser(
        "launcher", help=N_("a window that opens the applications on a rehearsal's databases")
    )
    launcher.add_argument("--season", type=Path, default=Path("rehearsal"), help=N_("the rehearsal's folder"))
    _add_rehearsal(commands)
    commands.add_parser("ntc", help=N_("the testing centre's tool (mab ntc --help)"), add_help=False,
                        allow_abbrev=False)  # fmt: skip
    sheet.add_parsers(commands)
    read.add_parser(commands)
    bench.add_parser(commands)
    database.add_parser(commands)
    verify.add_parser(commands)
    installation.add_parser(commands)
    log.add_parser(commands)
    scan.add_commands(commands)
    screens = commands.add_parser("screens", help=N_("every page of the four applications as PNG"))
    screens.add_argument("--out", type=Path, help=N_("where the pictures go"))
    screens.add_argument("--check", action="store_true", help=N_("print what is cut, overlaps or is not translated"))
    screens.add_argument("--season", type=Path, help=N_("a rehearsal to show (default: a small one is played)"))
    for command in commands.choices.values():
        add_lang(command)
    speak(parser, lang)
    return parser


def _wanted_lang(arguments: Sequence[str]) -> str:
    """The language to speak from the first word on: the last --lang, else MAB_LANG, else Kazakh."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--lang", nargs="?", default=os.environ.get("MAB_LANG", ""))
    lang: str = early.parse_known_args(arguments)[0].lang
    return lang if lang in i18n.LANGS else i18n.LANGS[0]


def _add_rehearsal(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rehearse = commands.add_parser("rehearse", help=N_("play a season with simulated people, pens, scanner and drives"))
    rehearse.add_argument("part", nargs="?", choices=("prepare", "exam", "all"), default="all",
                          help=N_("prepare: stop on the eve of shift 1; exam: play the next shift's day"))  # fmt: skip
    rehearse.add_argument("--out", type=Path, default=Path("rehearsal"), help=N_("folder of the season"))
    rehearse.add_argument("--seed", default="1", help=N_("the same seed gives the same season"))
    rehearse.add_argument("--students", type=int, default=180,
                          help=N_("in all, at least 12 for a shift and 6 for a university"))  # fmt: skip
    rehearse.add_argument("--universities", type=int, default=3, help=N_("network universities, 1 to 12"))
    rehearse.add_argument("--shifts", type=int, default=3, help=N_("1 to 20"))
    rehearse.add_argument("--centre-database", default="", metavar="ADDRESS",
                          help=N_("the centre's tables on an empty PostgreSQL database"))  # fmt: skip
    rehearse.add_argument("--anew", action="store_true",
                          help=N_("delete the rehearsal that lies in the folder and begin another"))  # fmt: skip
    rehearse.add_argument("--scans", type=Path, help=N_("exam: take scanned images from FOLDER/HALL/pass-1 and pass-2"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _prepare_output()
    try:
        try:
            return _main(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough (head, less). Python flushes once more at its end: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE


def _prepare_output() -> None:
    """UTF-8 everywhere; a program of Windows that has a window only has no output at all: it goes nowhere.

    Names of files may hold bytes that are no text in UTF-8: they are shown as `\\udcff`, which JSON understands, too.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open as long as the program runs
    if sys.stderr is None:
        sys.stderr = sys.stdout
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _main(arguments: list[str]) -> int:
    parser = build_parser(_wanted_lang(arguments))
    known, rest = parser.parse_known_args(arguments)
    if rest and known.command != "ntc":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    i18n.use(known.lang)
    try:
        return _run(known, rest)
    except UserError as error:
        print(error.message(known.lang), file=sys.stderr)
        return error.exit_code
    except (Cancelled, KeyboardInterrupt):
        return EXIT_CANCELLED
    except BrokenPipeError:
        raise
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("mab_desktop."):
            raise
        print(i18n.translate(known.lang, NOT_INSTALLED), file=sys.stderr)
        return EXIT_REFUSED
    except OSError as error:
        told = UserError(
            N_("The file or folder {name} cannot be used: {reason}.") if error.filename is not None
            else N_("A file cannot be read or written: {reason}."),
            next_step=N_("Check that it is there, its rights and the free space, then do it again."),
            exit_code=EXIT_SYSTEM, name=str(error.filename), reason=error.strerror or str(error),
        )  # fmt: skip
        print(told.message(known.lang), file=sys.stderr)
        return told.exit_code
    except Exception:  # noqa: BLE001 - a bug of ours has an exit code of its own, 1 means "a difference was found"
        traceback.print_exc()
        print(i18n.translate(known.lang, OUR_MISTAKE), file=sys.stderr)
        return EXIT_BUG


def _run(args: argparse.Namespace, rest: list[str]) -> int:
    if args.command in APPLICATIONS:
        from importlib import import_module

        module = import_module(f"mab_desktop.{APPLICATIONS[args.command]}.app")
        password = os.environ.get(PASSWORD_VARIABLE)
        code: int = module.run(db=args.db, login=args.login, password=password, lang=args.lang)
        return code
    return _COMMANDS[args.command](args, rest)


def _ntc(args: argparse.Namespace, rest: list[str]) -> int:
    from mab_desktop.ntc.main import main as ntc

    return ntc(rest, lang=args.lang)


def _rehearse(args: argparse.Namespace, _rest: list[str]) -> int:
    from mab_desktop.rehearsal.play import rehearse

    return rehearse(args.part, args.out, seed=args.seed, students=args.students, universities=args.universities,
                    shifts=args.shifts, scans=args.scans, lang=args.lang,
                    centre_address=args.centre_database, anew=args.anew)  # fmt: skip


def _launcher(args: argparse.Namespace, _rest: list[str]) -> int:
    from mab_desktop.ui.launcher import run_launcher

    return run_launcher(args.season, args.lang)


def _screens(args: argparse.Namespace, _rest: list[str]) -> int:
    from mab_desktop.cli.screens import check_screens, make_screens

    if args.out is None and not args.check:
        raise UserError(N_("Say where the pictures go (--out), or --check."), exit_code=EXIT_USAGE)
    made = make_screens(args.out, args.season) if args.out is not None else 0
    return check_screens(args.season) if args.check else made


_COMMANDS = {
    "ntc": _ntc, "rehearse": _rehearse, "launcher": _launcher, "sheet": sheet.write_sheet, "fit": sheet.fit,
    "read": read.read_sheets, "bench": bench.bench, "verify": verify.verify, "screens": _screens,
    "installation": installation.record, "check-database": database.check, "verify-log": log.verify, **scan.COMMANDS,
}  # fmt: skip
