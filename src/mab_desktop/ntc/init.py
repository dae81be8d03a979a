"""Make a new centre: its database, its root keys, the fingerprint to print on paper.

example: mab ntc init --year 2011 --official
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.organisation import Role, Season
from mab_desktop.i18n import N_
from mab_desktop.services import centre_trust, workplace

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "init", "make a new centre with its root keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Year, campaign, mode, name of the person."""
    parser.add_argument("--year", type=int, required=True, help="year of the MAB")
    parser.add_argument("--campaign", default="", help="name of the campaign on carriers (default: mabYEAR)")
    parser.add_argument("--official", action="store_true", help="real data; without it everything is marked as a test")
    parser.add_argument("--name", default="", help="full name of the person, as printed on papers")


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Make the centre and show its fingerprint."""
    campaign = args.campaign or f"mab{args.year}"
    if not re.fullmatch(r"[a-z0-9]{1,16}", campaign):
        raise UserError(N_("A campaign's name is 1 to 16 small Latin letters and digits."), exit_code=EXIT_USAGE)
    season = Season(args.year, campaign, args.official)
    start = workplace.Start(Role.NTC, "", season, desk.login, args.name or desk.login)
    ctx = workplace.create(desk.database, start, desk.password(), lang=desk.lang)
    desk.adopt(ctx)
    groups = centre_trust.create_authority(ctx)
    desk.say(N_("The centre is made in {folder}."), folder=str(desk.folder))
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=groups)
    return 0
