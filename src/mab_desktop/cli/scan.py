"""`mab scan` and `mab scanner-simulator`: scan a stack into a folder, and a scanner without a scanner."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from mab_desktop.domain.errors import EXIT_OK, EXIT_SYSTEM, EXIT_USAGE, UserError
from mab_desktop.i18n import N_, _


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two commands with their options."""
    scan = commands.add_parser("scan", help=N_("find scanners, scan a stack into a folder"))
    scan.add_argument("--list", action="store_true", help=N_("every scanner at hand: KEY and name"))
    scan.add_argument("--device", type=str, metavar="KEY",
                      help=N_("a KEY of --list, or the address of a driverless scanner"))  # fmt: skip
    scan.add_argument("--out", type=Path, help=N_("folder for 0001.jpg ...; the count goes on behind what is there"))
    scan.add_argument("--dpi", type=int, default=200, help=N_("dots per inch (default: 200)"))
    scan.add_argument("--mode", choices=("gray", "color", "lineart"), default="gray",
                      help=N_("of the scans (default: gray)"))  # fmt: skip
    scan.add_argument("--pages", type=int, help=N_("stop after so many pages"))
    scan.add_argument("--glass", action="store_true", help=N_("one page from the glass instead of the feeder"))
    simulator = commands.add_parser("scanner-simulator",
                                    help=N_("a driverless scanner on this PC that feeds image files"))  # fmt: skip
    simulator.add_argument("--images", nargs="+", type=Path, required=True, metavar="IMAGE|PDF|FOLDER",
                           help=N_("what lies in its feeder"))  # fmt: skip
    simulator.add_argument("--port", type=int, default=0, help=N_("port on the loopback (default: a free one)"))
    simulator.add_argument("--seconds", type=float, default=0.0, help=N_("time a page takes (default: none)"))
    for option, words in (
        ("--jam-after", N_("N sheets come out, then paper jams; repeatable")),
        ("--cut-after", N_("N sheets come out, then the line breaks in the middle of an image; repeatable")),
        ("--cover-after", N_("N sheets come out, then the cover is open; repeatable")),
        ("--notice-after", N_("N sheets come out, then the scanner notices two sheets at once; repeatable")),
        ("--double", N_("sheet N takes the next one along and nobody notices; repeatable")),
    ):
        simulator.add_argument(option, type=int, action="append", default=[], metavar="N", help=words)
    simulator.add_argument("--busy", type=int, default=0, metavar="N", help=N_("the first N jobs are answered: busy"))


def run_scan(args: argparse.Namespace, _rest: Sequence[str]) -> int:
    """List scanners or scan a stack; prints each page's file as soon as it is whole."""
    from mab_desktop.services import scanners
    from mab_desktop.services.progress import ConsoleProgress

    progress = ConsoleProgress(args.lang)
    if args.list:
        for line in scanners.find_scanners(progress):
            print(f"{line.key}\t{line.label}")
        return EXIT_OK
    if not args.device or not args.out:
        raise UserError(
            N_("Say what to do: mab scan --list, or mab scan --device KEY --out FOLDER."), exit_code=EXIT_USAGE
        )
    profile = scanners.with_settings(
        scanners.parse_key(args.device), dpi=args.dpi, mode=args.mode, feeder=not args.glass
    )
    progress.stage(N_("Scanning"))
    pages = 0
    try:
        for page in scanners.open_source(profile, args.out, limit=args.pages).pages(progress):
            pages += 1
            print(page.path, flush=True)
    except KeyboardInterrupt:
        progress.end()
        words = _(
            "Stopped. Pages kept in {folder}: {n}. A sheet that was on its way through the scanner is not among them: "
            "lay it back on top before you scan on."
        )
        print(words.format(folder=args.out, n=pages), file=sys.stderr)
        raise
    finally:
        progress.end()
    return EXIT_OK


def run_simulator(args: argparse.Namespace, _rest: Sequence[str]) -> int:
    """Print the address and serve until Ctrl+C."""
    from mab_desktop.rehearsal.escl_scanner import EsclScanner
    from mab_desktop.rehearsal.paper_feeder import Mishaps, load_stack

    mishaps = Mishaps(
        jam=frozenset(args.jam_after), cover=frozenset(args.cover_after), two_noticed=frozenset(args.notice_after),
        cut=frozenset(args.cut_after), double=frozenset(n - 1 for n in args.double), refuse=args.busy,
    )  # fmt: skip
    stack = load_stack(args.images)
    try:
        simulated = EsclScanner(stack, mishaps, port=args.port, seconds=args.seconds)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else N_("ports are numbers from 0 to 65535")
        raise UserError(
            N_("Port {port} of this PC cannot be used: {why}."), next_step=N_("Choose another --port, or none."),
            exit_code=EXIT_SYSTEM, port=args.port, why=why or type(error).__name__,
        ) from error  # fmt: skip
    with simulated as scanner:
        print(scanner.address, flush=True)
        print(_("{n} sheets lie in the feeder. Ctrl+C ends the scanner.").format(n=len(stack)), flush=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts behind itself is deaf to it
        try:
            # Windows hears Ctrl+C only between two waits.
            while not Event().wait(0.5):
                continue
        except KeyboardInterrupt:
            return EXIT_OK
    return EXIT_OK


COMMANDS = {"scan": run_scan, "scanner-simulator": run_simulator}
