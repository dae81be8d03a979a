"""Write the trust list into a folder, for workplaces that start for the first time, and print its fingerprint.

Workplaces that run already get the newest list with every carrier.

example: mab ntc trust /media/usb --pdf fingerprint.pdf
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_trust

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "trust", "write the trust list for first starts, print its fingerprint"
FILE_NAME = "mab-centre-trust.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", type=Path, help="the drive")
    parser.add_argument("--pdf", type=Path, help="print the fingerprint into this file")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Issue the list anew where something changed, write it, show the groups."""
    data = centre_trust.issue_trust(desk.ctx)
    target = args.folder / FILE_NAME
    target.write_bytes(data)
    desk.say(N_("Written: {name}"), name=str(target))
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=centre_trust.fingerprint(desk.ctx))
    if args.pdf:
        from mab_desktop.services.documents_centre import print_fingerprint

        args.pdf.write_bytes(print_fingerprint(desk.ctx).pdf)
    return 0
