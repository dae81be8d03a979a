"""The images of a sheet's pages, which came sealed with the final data (p.37)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_OK
from mab_desktop.i18n import N_
from mab_desktop.services import final_images

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "images", N_("list or write the scanned images of a sheet")
ABOUT = (
    N_("The images of a sheet's pages, which came sealed with the final data (p.37)."),
    N_("Every image lies sealed at the centre; this writes those of one sheet into a folder, as they came from the "
       "scanner, and the log keeps who did so. Without --out they are only listed."),
)
EXAMPLES = (
    "mab ntc images --base 013 --sheet 013011010001",
    "mab ntc images --base 013 --sheet 013011010001 --out appeal-17",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose images, and where to."""
    parser.add_argument("--base", required=True, help=N_("the base university"))
    parser.add_argument("--sheet", metavar="SERIAL", help=N_("the serial number of the sheet (default: list all)"))
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=N_("write the images of --sheet into this folder"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """List or write."""
    if args.out and args.sheet:
        for path in final_images.write_images(desk.ctx, args.base, args.sheet, args.out):
            desk.say(N_("Written: {name}"), name=str(path))
        return EXIT_OK
    desk.table(
        (N_("Serial number"), N_("Shift"), N_("Hall"), N_("Scan pass"), N_("Place in the envelope"), N_("Attempt"),
         N_("Image file")),
        [
            (line.serial, line.shift, line.hall, line.scan_pass, line.position, line.attempt,
             desk.word(N_("the sender had lost it")) if line.lost else line.file_name)
            for line in final_images.image_lines(desk.ctx, args.base, args.sheet or "")
        ],
    )  # fmt: skip
    return EXIT_OK
