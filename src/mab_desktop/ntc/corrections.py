"""Corrections of the final database by the lists of students with wrong data (p.24, p.25)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import centre_corrections
from mab_desktop.services.centre_corrections import shown

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "corrections", N_("correct the final database by the lists of wrong data")
ABOUT = (
    N_("Corrections of the final database by the lists of students with wrong data (p.24, p.25)."),
    N_("The lists come by `receive`. Without --yes every line is shown, and nothing is changed. With it names, sex, "
       "date of birth and foreign language are put right; a specialty or language of instruction only when you "
       "decide so (--decide with the beginning of the line's identifier): it may give the student other subjects, "
       "the place stays. Then the final database goes out once more, as a new file that takes the place of the old "
       "one. Doing it again changes nothing."),
)
EXAMPLES = (
    "mab ntc corrections",
    "mab ntc corrections --base 013 --yes",
    "mab ntc corrections --yes --decide 3fa8c1d2",
    "mab ntc export final-students bu013 /media/usb",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose, and what is decided."""
    parser.add_argument("--base", default="", help=N_("only students of this base university"))
    parser.add_argument("--yes", action="store_true", help=N_("put them right"))
    parser.add_argument("--only", action="append", default=[], metavar="LINE", help=N_("only this line"))
    parser.add_argument("--decide", action="append", default=[], metavar="LINE",
                        help=N_("this line of a specialty or language of instruction too"))  # fmt: skip


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show them; put them right with --yes."""
    if args.yes:
        done = centre_corrections.correct(desk.ctx, args.base, decided=args.decide, only=args.only)
        if done.applied:
            desk.say(N_("{n} lines of wrong data were put right."), n=done.applied)
        else:
            desk.say(N_("No line was open; nothing changed."))
        if done.left:
            desk.say(N_("{n} lines wait for the centre's decision: --decide LINE."), n=done.left)
        for base, shift in done.reseal:
            desk.say(N_("The key of shift {shift} needs another subject: mab ntc keys --base {base} --shift {shift}"),
                     base=base, shift=shift)  # fmt: skip
    lines = centre_corrections.corrections(desk.ctx, args.base)
    desk.table(
        (N_("Mark of the line"), N_("Base university"), N_("Student"), N_("Field"), N_("Present value"),
         N_("Right value"), N_("Application"), N_("State")),
        [(line.short, line.base, line.name, desk.word(line.label), shown(line.present), shown(line.right),
          line.application, desk.word(_state(line))) for line in lines],
    )  # fmt: skip
    for late in centre_corrections.outdated(desk.ctx):
        desk.say(N_("{recipient} has a final database without {n} corrections: mab ntc export final-students "
                    "{recipient} FOLDER"), recipient=late.recipient, n=late.corrections)  # fmt: skip
    if not args.yes and any(line.is_open for line in lines):
        desk.say(N_("Nothing was changed. Look at it, then put it right with --yes."))
    return 0


def _state(line: centre_corrections.Correction) -> str:
    if line.applied_at:
        return N_("put right")
    if line.at_exam:
        return N_("put right on the exam days")
    return N_("the centre decides") if line.centre_decides else N_("open")
