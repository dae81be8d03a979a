"""The centre's backups."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.clock import SystemClock
from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_REFUSED, EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import backups, log_view, restore, second_disk, trial_restore, workplace
from mab_desktop.services.carrier_words import shown_moment

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "backup", N_("the centre's backups, and the way back to one")
ABOUT = (
    N_("The centre's backups: list them, make one, check all, choose the second disk, try a restore, go back to one."),
    N_("A restore needs two people: the one who works, and --with another, who types the own password too. The copy "
       "is checked first, and what would be missing is said; without --yes nothing is changed."),
)
EXAMPLES = (
    "mab ntc backup",
    "mab ntc backup now",
    "mab ntc backup check",
    "mab ntc backup second-disk /media/second",
    "mab ntc backup try",
    "mab ntc backup restore centre/backups/mab-20110430T101500-e1-n812.db --with deputy --yes",
)
ACTS = ("list", "now", "check", "second-disk", "try", "restore")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    parser.add_argument("act", nargs="?", choices=ACTS, default="list")
    parser.add_argument("path", nargs="?", type=Path, metavar="PATH", help=N_("folder of the second disk, or the copy"))
    parser.add_argument("--with", dest="second", default="", metavar="LOGIN", help=N_("the second person of a restore"))
    parser.add_argument("--yes", action="store_true", help=N_("put the copy in place"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Do it, then show every copy."""
    if args.act in ("second-disk", "restore") and args.path is None:
        raise UserError(N_("Say which folder or copy: mab ntc backup {act} PATH."), exit_code=EXIT_USAGE, act=args.act)
    if args.act == "restore":
        return _restore(desk, args)
    code = 0
    if args.act == "now":
        backups.back_up(desk.ctx, "asked", desk.progress)
    elif args.act == "second-disk":
        second_disk.choose(desk.ctx, args.path.resolve())
        backups.back_up(desk.ctx, "asked", desk.progress)
    elif args.act == "check":
        code = _check(desk)
    elif args.act == "try":
        code = _try(desk)
    _show(desk)
    return code


def _check(desk: Desk) -> int:
    found = backups.check_all(desk.ctx, desk.progress)
    desk.say(N_("{n} copies were opened and are whole."), n=found.whole)
    aside = N_("{name} is damaged and was set aside.")
    held = N_("{name} is damaged, and the disk did not let it be set aside. Do not restore from it.")
    for name in found.damaged:
        desk.say(held if name in found.left else aside, name=name)
    return EXIT_DIFFERENCE if found.damaged else 0


def _try(desk: Desk) -> int:
    found = trial_restore.try_restore(desk.ctx, desk.progress)
    if found.whole:
        desk.say(N_("The newest copy was restored for trial: {n} rows came back."), n=found.rows)
        return 0
    desk.say(N_("The trial restore failed: {reason}"), reason=found.reason)
    return EXIT_DIFFERENCE


def _show(desk: Desk) -> None:
    heads = (N_("When"), N_("Why"), N_("Line of the log"), N_("This computer"), N_("Second disk"), N_("File"))
    yes = desk.word(N_("yes"))
    desk.table(heads, [
        (line.at.strftime("%d.%m.%Y %H:%M"), desk.word(line.why) if line.why else "", line.n,
         yes if line.here else "", yes if line.second else "", line.name)
        for line in backups.lines(desk.ctx)
    ])  # fmt: skip
    for problem in backups.problems(desk.ctx):
        desk.say(problem.message(desk.lang))


def _restore(desk: Desk, args: argparse.Namespace) -> int:
    if workplace.on_server(desk.database):
        raise UserError(
            N_("The tables of this centre lie on a server. Nothing was changed."),
            next_step=N_("Have them restored there; or, where the server is lost for good, take the file mab.server "
                         "away and restore a copy into a file."), exit_code=EXIT_REFUSED,
        )  # fmt: skip
    clock = SystemClock()
    opened = restore.open_copy(desk.database, args.path.resolve(), desk.login, desk.password(), clock)
    seen = restore.look(opened, clock)
    desk.say(N_("Newest line of the log in the copy: {n}, {head}, {at}."), n=seen.n, head=seen.head[:12],
             at=shown_moment(seen.at))  # fmt: skip
    for lost in seen.lost:
        desk.say(N_("Would be missing: {what} ({n})"), what=log_view.event_title(lost.event, desk.lang), n=lost.count)
    for act in seen.undone:
        desk.say(N_("Done only once, not in the copy: {what} {subject}"),
                 what=log_view.event_title(act.event, desk.lang), subject=act.object)  # fmt: skip
    if not args.yes:
        desk.say(N_("Nothing was changed. Put the copy in place with --with LOGIN --yes."))
        return 0
    word = desk.secret("SECOND", N_("Password of {person}: "), person=args.second or "?")
    done = restore.restore(opened, restore.second_person(opened, args.second, word, clock), clock, desk.progress)
    desk.say(N_("The copy is in place; exports are counted anew in epoch {n}."), n=done.epoch)
    if done.unmarked:
        desk.say(restore.NO_MARK, folder=done.unmarked)
    return 0
