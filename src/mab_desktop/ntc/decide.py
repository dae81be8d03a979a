"""Decide which of two files with one number counts, after both sides were asked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.ntc.signing import add_signers, signing
from mab_desktop.services import carrier_history, fork_decisions, forks
from mab_desktop.services.carrier_history import Standing

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "decide", N_("decide which of two files with one number counts")
ABOUT = (
    N_("Decide which of two files with one number counts, after both sides were asked."),
    N_("The workplace that found them reads out the order of files and the check groups of the second file (page "
       '"Sent and received"). Two people of the centre sign the decision. For another workplace it goes out by a '
       "file; two files that came to the centre itself are settled at once."),
)
EXAMPLES = (
    "mab ntc decide 'nu027-op1>nu027/operator-portion/2011/test' '12AB 34CD 56EF 7890' --counts",
    "mab ntc decide 'bu013>ntc/base-students/2011/test' '12AB 34CD 56EF 7890' --refuse",
    "mab ntc export stream-decision nu027 /media/usb --sign registrar --sign deputy",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, and what is decided."""
    parser.add_argument("stream", nargs="?", help=N_("the order of files, as the workplace shows it"))
    parser.add_argument("groups", nargs="?", help=N_("the four check groups of the second file"))
    verdict = parser.add_mutually_exclusive_group()
    verdict.add_argument("--counts", action="store_true", help=N_("the second file counts, the first is set aside"))
    verdict.add_argument("--refuse", action="store_true", help=N_("the second file does not count"))
    parser.add_argument("--for", dest="recipient", default="", metavar="ORGANISATION",
                        help=N_("who found them, where the file goes to everybody"))  # fmt: skip
    add_signers(parser)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Without arguments: the pairs found at the centre. Else decide."""
    if args.stream is None or args.groups is None or not (args.counts or args.refuse):
        return _show(desk)
    here = fork_decisions.is_for_centre(args.stream, args.recipient)
    persons = signing(desk, args.sign) if here else ()
    decision = fork_decisions.decide(
        desk.ctx, args.stream, args.groups, counts=args.counts, recipient=args.recipient, persons=persons
    )
    if decision.recipient:
        desk.say(N_("Decided. Write it to a drive: mab ntc export stream-decision {recipient} FOLDER"),
                 recipient=decision.recipient)  # fmt: skip
    else:
        desk.say(N_("Decided and done."))
    return 0


def _show(desk: Desk) -> int:
    """The pairs found at the centre, each with the two arguments that decide it."""
    streams = {fork.second: fork.stream for fork in forks.known(desk.ctx)}
    rows = [
        (row.shown_at, row.partner, row.title, row.number, streams[row.digest], forks.shown_groups(row.digest))
        for row in carrier_history.rows(desk.ctx) if row.standing is Standing.FORK
    ]  # fmt: skip
    if not rows:
        desk.say(N_("No two files with one number wait here for a decision."))
        return 0
    heads = (N_("When"), N_("From"), N_("File"), N_("Number"), N_("Order of files"), N_("Check groups"))
    desk.table(heads, rows)
    desk.say(N_("Ask the sender what happened, then decide: mab ntc decide 'ORDER' 'GROUPS' --counts, or --refuse"))
    return 0
