"""`mab sheet` and `mab fit`: the answer sheet of any profile, and whether printer and paper are fit for it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_

if TYPE_CHECKING:
    from mab_desktop.domain.exam_profile import ExamProfile

LEAST_DPI, MOST_DPI = 50, 1200  # what scanners can be set to
SIZES = {
    "subjects": N_("subjects per student"),
    "items": N_("items per subject"),
    "code_digits": N_("digits of the personal code"),
    "seat_digits": N_("digits of the seat"),
    "variant_digits": N_("digits of the variant"),
    "shift_digits": N_("digits of the shift"),
    "hall_digits": N_("digits of the hall"),
}


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The two commands."""
    sheet = commands.add_parser("sheet", help=N_("write the answer sheet of an exam profile and its geometry"))
    sheet.add_argument("--pdf", type=Path, help=N_("the sheet as PDF"))
    sheet.add_argument("--geometry", type=Path, help=N_("page and bubbles in millimetres as JSON"))
    sheet.add_argument("--count", type=int, default=1, help=N_("how many sheets (default: 1)"))
    sheet.add_argument("--shift", type=int, help=N_("print and fill in this shift"))
    sheet.add_argument("--hall", default="", help=N_("print and fill in this hall"))
    sheet.add_argument("--copy", action="store_true", help=N_("the copy that stays with the student instead"))
    add_profile(sheet)
    fit = commands.add_parser("fit", help=N_("check printer and paper by a test sheet: print it, scan it, read it"))
    fit.add_argument("image", nargs="?", type=Path, metavar="IMAGE", help=N_("the scanned test sheet"))
    fit.add_argument("--white", action="store_true", help=N_("IMAGE is a white sheet: look for streaks and dirt"))
    fit.add_argument("--pdf", type=Path, help=N_("write the test sheet to print"))
    fit.add_argument("--dpi", type=int, default=0, help=N_("dots per inch that the scanner was set to"))
    fit.add_argument("--json", type=Path, help=N_("write what was measured here"))


def add_profile(command: argparse.ArgumentParser) -> None:
    """Options that choose the exam profile; `chosen_profile` reads them."""
    command.add_argument("--profile", type=Path, help=N_("exam profile as JSON (default: 5 x 25 items, 8 digits)"))
    for name, words in SIZES.items():
        command.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N", help=words)


def chosen_profile(args: argparse.Namespace) -> ExamProfile:
    """The profile that the options of `add_profile` name."""
    from mab_desktop.services.sheets import profile_of

    return profile_of(args.profile, **{name: getattr(args, name) for name in SIZES})


def write_sheet(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab sheet`."""
    from mab_desktop.services.sheets import blank_sheet_geometry, blank_sheets
    from mab_desktop.services.whole_file import write_whole

    if not args.pdf and not args.geometry:
        raise UserError(N_("Say what to write: mab sheet --pdf FILE, --geometry FILE or both."), exit_code=EXIT_USAGE)
    profile = chosen_profile(args)
    if args.pdf:
        write_whole(args.pdf, (blank_sheets(args.count, profile, shift=args.shift, hall=args.hall, copy=args.copy),))
    if args.geometry:
        args.geometry.write_text(json.dumps(blank_sheet_geometry(profile), ensure_ascii=False), encoding="utf-8")
    return 0


def fit(args: argparse.Namespace, _rest: list[str]) -> int:
    """`mab fit`: 0 when the sheet came out well enough, 1 when not."""
    from mab_desktop.services import equipment
    from mab_desktop.services.whole_file import write_whole

    if not args.pdf and not args.image:
        raise UserError(N_("Say which image to read, or where to write the test sheet: mab fit IMAGE, --pdf FILE."),
                        exit_code=EXIT_USAGE)  # fmt: skip
    if args.dpi and not LEAST_DPI <= args.dpi <= MOST_DPI:
        raise UserError(N_("--dpi must be a number from {least} to {most}."), exit_code=EXIT_USAGE, least=LEAST_DPI,
                        most=MOST_DPI)  # fmt: skip
    if args.pdf:
        write_whole(args.pdf, (equipment.fit_sheet(),))
    if not args.image:
        return 0
    report = equipment.read_white(args.image, args.dpi) if args.white else equipment.read_fit(args.image, args.dpi)
    print("\n".join(equipment.report_lines(report, args.lang)))
    if args.json:
        args.json.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if report.usable else 1
