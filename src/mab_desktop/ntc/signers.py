"""The people of the centre who sign trust lists and answer keys."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc import signing
from mab_desktop.services import persons

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "signers", N_("the people of the centre who sign")
ABOUT = (
    N_("The people of the centre who sign trust lists and answer keys: list them, make a key, change a password."),
    N_("A new key signs nothing until the root names it: mab ntc root change --lists."),
)
EXAMPLES = (
    "mab ntc signers",
    'mab ntc signers make stand-in --name "В. Ли"',
    "mab ntc signers password registrar",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do for whom."""
    parser.add_argument("act", nargs="?", choices=("list", "make", "password"), default="list")
    parser.add_argument("person", nargs="?", default="", metavar="LOGIN", help=N_("what the person types as name"))
    parser.add_argument("--name", default="", help=N_("full name, as printed on papers"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Do it, then list everybody."""
    if args.act != "list" and not args.person:
        raise UserError(N_("Say who: mab ntc signers {act} LOGIN."), act=args.act, exit_code=EXIT_USAGE)
    if args.act == "make":
        word = signing.new_sign_password(desk, args.person, args.name or args.person)
        persons.make_person_key(desk.ctx, args.person, word, args.name)
        desk.say(N_("The key is made. It signs when the root names it: mab ntc root change --lists …"))
    elif args.act == "password":
        old = signing.sign_password(desk, args.person, args.person)
        persons.change_password(desk.ctx, args.person, old, desk.new_password())
        desk.say(N_("The password is changed."))
    desk.table((N_("Login"), N_("Full name"), N_("Person"), N_("Check groups"), N_("State")), [
        (line.login, line.name, line.person, line.fingerprint, desk.word(persons.STATE_LABELS[line.state]))
        for line in persons.persons(desk.ctx)
    ])  # fmt: skip
    return 0
