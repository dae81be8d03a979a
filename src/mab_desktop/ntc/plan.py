"""Plans of a base university as its hall fund brought them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_season

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk
    from mab_desktop.services.context import Context
    from mab_desktop.services.documents import Document

NAME, HELP = "plan", N_("print the plans of halls and buildings that a base university sent")
ABOUT = (
    N_("Plans of a base university as its hall fund brought them: halls with their seats, floors of buildings, the "
       "site."),
    N_("Without --hall and --building all of them, a page each, in the language of the command (--lang)."),
)
EXAMPLES = (
    "mab ntc plan 013 halls.pdf",
    "mab ntc plan 013 hall-312.pdf --hall 312",
    "mab ntc plan 013 floors.pdf --of floors --building 1",
    "mab ntc plan 013 site.pdf --of site",
)
HALLS, FLOORS, SITE = "halls", "floors", "site"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose plans, of what, where to."""
    parser.add_argument("base", metavar="BASE", help=N_("three digits of the base university"))
    parser.add_argument("pdf", type=Path, help=N_("the file"))
    parser.add_argument("--of", choices=(HALLS, FLOORS, SITE), default=HALLS, help=N_("what is drawn (halls)"))
    parser.add_argument("--hall", default="", metavar="NUMBER", help=N_("one hall only"))
    parser.add_argument("--building", default="", metavar="NUMBER", help=N_("one building only"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Print them."""
    if args.hall and args.of != HALLS:
        raise UserError(N_("A hall has its own plan: leave --of out."), exit_code=EXIT_USAGE)
    if args.base not in centre_season.bases(desk.ctx):
        raise UserError(N_("{code} is not a base university of this season."), code=args.base)
    made = _print(replace(desk.ctx, university=args.base), args)
    write_paper(args.pdf, made)
    desk.say(N_("Printed into {name}."), name=str(args.pdf))
    return 0


def _print(ctx: Context, args: argparse.Namespace) -> Document:
    from mab_desktop.services import documents_halls

    if args.of == FLOORS:
        return documents_halls.print_building_plans(ctx, args.building)
    if args.of == SITE:
        return documents_halls.print_site_plans(ctx, args.building)
    return documents_halls.print_hall_plans(ctx, args.hall, args.building)
