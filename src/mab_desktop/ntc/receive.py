"""Load carrier files: hall funds, databases, statistics, wrong data, daily statistics, final data, enrolments.

Each file is verified and shown; nothing is loaded without --yes. The same file again changes nothing.

examples: mab ntc receive /media/usb/2011-base-students-….mab
          mab ntc receive --yes /media/usb
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.i18n import N_
from mab_desktop.services import transfer

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "receive", "load carrier files"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files or folders, and whether to load them."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--yes", action="store_true", help="load what was verified")
    parser.add_argument("--new-epoch", action="store_true",
                        help="the sender restored a backup and this was talked over with him")  # fmt: skip
    parser.add_argument("--gap", action="store_true",
                        help="load a file that replaces earlier ones which never came")  # fmt: skip


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Examine every file; load it with --yes. The exit code is that of the first refusal."""
    code = 0
    for path in _files(args.paths):
        try:
            _receive(desk, path, args)
        except CarrierRefused as error:
            if "recipient-other" in error.code and len(args.paths) == 1 and args.paths[0].is_dir():
                continue  # a drive may carry files for others
            desk.say(N_("{name}: refused. {reason}"), name=path.name, reason=error.message(desk.lang))
            code = code or error.exit_code
    return code


def _receive(desk: Desk, path: Path, args: argparse.Namespace) -> None:
    incoming = transfer.examine(desk.ctx, path, desk.progress)
    desk.say(N_("{name}: from {sender}, whole and rightly signed."), name=path.name, sender=incoming.arrived.sender)
    desk.lines(incoming.preview)
    if not args.yes:
        desk.say(N_("Nothing was loaded. Look at it, then load it with --yes."))
        return
    accepted = transfer.accept(
        desk.ctx, incoming, desk.progress, confirm_new_epoch=args.new_epoch, confirm_gap=args.gap
    )
    desk.say(N_("Loaded before; nothing changed.") if accepted.known else N_("Loaded."))


def _files(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        found += transfer.list_carriers(path) if path.is_dir() else [path]
    return found
