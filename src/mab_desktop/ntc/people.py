"""The people of the centre."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.organisation import PERSON_LABELS, PERSONS_OF, PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services import accounts

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "people", N_("the people of the centre and their passwords")
ABOUT = (
    N_("The people of the centre: list them, let one in, put a name right, close an account, give new passwords."),
    N_("Passwords are typed unseen. A forgotten one is given anew by two people with different roles: the one who "
       "works, and --with another, who types the own password too."),
)
EXAMPLES = (
    "mab ntc people",
    'mab ntc people add asel --name "Асель Бекова" --role coordinator',
    'mab ntc people rename asel --name "Асель Бекқызы"',
    "mab ntc people close asel",
    "mab ntc people password",
    "mab ntc people reset asel --with deputy",
)
ACTS = ("list", "add", "rename", "close", "password", "reset")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with whom."""
    parser.add_argument("act", nargs="?", choices=ACTS, default="list")
    parser.add_argument("person", nargs="?", default="", metavar="LOGIN", help=N_("whose account"))
    parser.add_argument("--name", default="", help=N_("full name, as printed on papers"))
    parser.add_argument("--role", default=PersonRole.COORDINATOR.value, choices=[r.value for r in PERSONS_OF[Role.NTC]])
    parser.add_argument("--with", dest="second", default="", metavar="LOGIN", help=N_("the second person of a reset"))
    parser.add_argument("--once", action="store_true", help=N_("another password must be chosen at the first login"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Do it, then show everybody."""
    ctx = desk.ctx
    if args.act not in ("list", "password") and not args.person:
        raise UserError(N_("Say whose account: mab ntc people {act} LOGIN."), exit_code=EXIT_USAGE, act=args.act)
    if args.act == "add":
        word = desk.new_password()
        accounts.add_person(ctx, args.person, args.name or args.person, args.role, word, must_change=args.once)
    elif args.act == "rename":
        accounts.rename_person(ctx, args.person, args.name)
    elif args.act == "close":
        accounts.confirm(ctx, desk.once_more())
        accounts.close_account(ctx, args.person)
    elif args.act == "password":
        accounts.change_password(ctx, desk.once_more(), desk.new_password())
        desk.say(N_("The password is changed."))
    elif args.act == "reset":
        word = desk.secret("SECOND", N_("Password of {person}: "), person=args.second or "?")
        accounts.give_password(ctx, args.person, desk.new_password(), args.second, word)
    _show(desk)
    return 0


def _show(desk: Desk) -> None:
    heads = (N_("Login"), N_("Full name"), N_("Role"), N_("May log in"), N_("Last log-in"), N_("Log-ins refused"))
    desk.table(heads, [
        (person.login, person.name, desk.word(PERSON_LABELS[PersonRole(person.role)]),
         desk.word(N_("yes")) if person.active else desk.word(N_("no")), person.last_login, person.refused)
        for person in accounts.people(desk.ctx)
    ])  # fmt: skip
