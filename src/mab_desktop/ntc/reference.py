"""The reference package of the season."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.signing import NOT_YET
from mab_desktop.services import centre_reference, centre_season, centre_trust

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "reference", N_("the reference package: lists, ties, shifts, exam profile")
ABOUT = (
    N_("The reference package of the season: lists, subjects of directions, ties of universities, shifts, exam "
       "profile."),
    N_("--tables writes all of it as CSV files, one a list (universities, specialties, directions, subjects, "
       "subjects_by_direction, nationalities, citizenship, enumerations, ties, shifts); change what is yours and "
       "bring it back with --csv. What stands in the folder is checked as a whole: every mistake is told with file, "
       "row and column, and then nothing is changed. The same tables again change nothing. A small season is set "
       "without files, by --tie and --shifts."),
)
EXAMPLES = (
    "mab ntc reference",
    "mab ntc reference --tables package",
    "mab ntc reference --csv package",
    "mab ntc reference --tie 013:013,027,041 --shifts 3 --first-day 2011-05-16",
)
PARTS = {
    "lines": N_("The lists are new."), "subjects": N_("The subjects of directions are new."),
    "ties": N_("The ties of universities are new."), "shifts": N_("The shifts are new."),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Ties, profile, shifts."""
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help=N_("read the tables in this folder"))
    parser.add_argument("--tables", type=Path, metavar="FOLDER",
                        help=N_("write the package as tables into this folder"))  # fmt: skip
    parser.add_argument("--tie", action="append", default=[], metavar="BASE:NETWORK,…",
                        help=N_("may be given repeatedly"))  # fmt: skip
    parser.add_argument("--profile", type=Path, help=N_("exam profile as JSON"))
    parser.add_argument("--shifts", type=int, help=N_("number of shifts"))
    parser.add_argument("--first-day", type=date.fromisoformat, help=N_("date of shift 1; Sundays are left out"))
    parser.add_argument("--start", default="", metavar="TIME",
                        help=N_("start time of every shift, such as 09:00 (default: the profile's)"))  # fmt: skip


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Set what was given and show the season."""
    ctx = desk.ctx
    if args.csv:
        _take(desk, args.csv)
    if args.tie:
        centre_season.load_reference(ctx, _ties(args.tie), _profile(args.profile))
        if centre_trust.is_due(ctx):
            desk.say(NOT_YET)
    elif args.profile:
        raise UserError(N_("The profile is set together with the ties: --tie."), exit_code=EXIT_USAGE)
    if args.shifts:
        if args.first_day is None:
            raise UserError(N_("Say when shift 1 is: --first-day YYYY-MM-DD."), exit_code=EXIT_USAGE)
        start = args.start or centre_season.profile(ctx).start_time
        centre_season.plan_shifts(ctx, centre_season.planned_shifts(args.first_day, args.shifts, start))
    if args.tables:
        for path in centre_reference.write_tables(ctx, args.tables):
            desk.say(N_("Written: {name}"), name=str(path))
        return 0
    desk.table(
        (N_("Base university"), N_("Network universities")),
        [(base, ", ".join(own)) for base, own in centre_season.base_ties(ctx).items()],
    )
    desk.table(
        (N_("Shift"), N_("Date"), N_("Start time")),
        [(plan.number, plan.exam_date, plan.start_time) for plan in centre_season.shifts(ctx)],
    )
    return 0


def _take(desk: Desk, folder: Path) -> None:
    """The tables, and what they changed."""
    taken = centre_reference.take_tables(desk.ctx, folder)
    desk.say(N_("Tables read: {names}."), names=", ".join(taken.files))
    for part in taken.changed:
        desk.say(PARTS[part])
    if not taken.changed:
        desk.say(N_("The package stands like this already; nothing changed."))
    elif centre_trust.is_due(desk.ctx):
        desk.say(NOT_YET)


def _ties(given: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tie in given:
        base, colon, networks = tie.partition(":")
        if not colon or not base or not networks:
            raise UserError(N_("A tie is written BASE:NETWORK,NETWORK, such as 013:013,027."), exit_code=EXIT_USAGE)
        found.setdefault(base.strip(), []).extend(code.strip() for code in networks.split(","))
    return found


def _profile(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(N_("The exam profile {name} cannot be read as JSON."), name=path.name) from error
    return loaded
