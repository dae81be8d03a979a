"""Let in workplaces and the persons who sign there, or list them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc import signing
from mab_desktop.services import centre_trust

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "enrol", N_("let a workplace or a person in, list them")
ABOUT = (
    N_("Let in workplaces and the persons who sign there, or list them."),
    N_("A workplace sends an enrolment file (load it with `receive`); call it on the number you know, have the "
       "groups of the workplace and of each person read from its sheet, and type them here. Two people then sign "
       "the next trust list."),
)
EXAMPLES = (
    "mab ntc enrol",
    'mab ntc enrol nu027 --groups "AB12 CD34 …"',
    'mab ntc enrol mp013-k7q2 --groups "EF56 GH78 …" --sign registrar --sign deputy',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom, and the groups."""
    parser.add_argument("name", nargs="?",
                        help=N_("a workplace or a person, such as nu027 or mp013-k7q2; none: list all"))  # fmt: skip
    parser.add_argument("--groups", help=N_("the 8 groups read out by telephone"))
    signing.add_signers(parser)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """List or let in."""
    if not args.name:
        _list(desk)
        return 0
    if not args.groups:
        raise UserError(N_('Type the groups that were read out: --groups "…".'), exit_code=EXIT_USAGE)
    fresh = centre_trust.confirm(desk.ctx, args.name, args.groups)
    desk.say(N_("The groups of {name} are right."), name=args.name)
    if not fresh:
        desk.say(N_("{name} was let in before; nothing changed."), name=args.name)
    signing.issue_if_asked(desk, args)
    return 0


def _list(desk: Desk) -> None:
    labels = centre_trust.STATE_LABELS
    desk.table((N_("Workplace"), N_("Organisation"), N_("Check groups"), N_("State")), [
        (line.device, line.organisation, line.fingerprint, desk.word(labels[line.state]))
        for line in centre_trust.devices(desk.ctx)
    ])  # fmt: skip
    print()
    desk.table((N_("Person"), N_("Full name"), N_("Check groups"), N_("State")), [
        (line.person, line.name, line.fingerprint, desk.word(labels[line.state]))
        for line in centre_trust.signers(desk.ctx)
    ])  # fmt: skip
