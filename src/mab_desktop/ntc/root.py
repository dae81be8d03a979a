"""The root keys."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc import signing
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_roots

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "root", N_("root keys: holders, a try, a change")
ABOUT = (
    N_("The root keys: who holds them, trying one, changing the root by two holders."),
    N_("A change replaces lost keys (--replace N), names who signs trust lists (--lists), and makes the root last "
       "three years more. Two root keys in force sign it and two of the new ones; two people sign the trust list "
       "that brings it everywhere."),
)
EXAMPLES = (
    "mab ntc root",
    "mab ntc root check --root /media/one/root-1.key",
    "mab ntc root change --root /media/one/root-1.key --root /media/two/root-2.key\n"
    "    --replace 3 --roots /media/three --sheets sheets --pdf act.pdf",
    "mab ntc root change --root … --root … --lists registrar,stand-in",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Show, check or change."""
    acts = parser.add_subparsers(dest="act", metavar="ACT")
    check = acts.add_parser("check", help=N_("try a holder's file and password"))
    change = acts.add_parser("change", help=N_("a new root, signed by two holders"))
    for act in (check, change):
        signing.add_roots(act)
    change.add_argument("--replace", action="append", default=[], type=int, metavar="N",
                        help=N_("holder N gets a new key, the old one is worth nothing"))  # fmt: skip
    change.add_argument("--lists", default="", metavar="LOGIN,LOGIN", help=N_("who signs trust lists from now on"))
    change.add_argument("--ground", default="", help=N_("why, as it stands in the act"))
    change.add_argument("--pdf", type=Path, help=N_("print the act into this file"))
    signing.add_root_places(change, required=False)
    signing.add_signers(change)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Do it; without an act show the root."""
    if args.act == "check":
        if not args.root:
            raise UserError(N_("Name the file: --root FILE."), exit_code=EXIT_USAGE)
        signing.opened_roots(desk, args.root)
        desk.say(N_("The root key opens and is in force."))
    elif args.act == "change":
        _change(desk, args)
    else:
        _show(desk)
    return 0


def _show(desk: Desk) -> None:
    state = centre_roots.root_state(desk.ctx)
    desk.say(N_("Root number {n}, good until {date}. Signs lists: {names}."), n=state.version, date=state.expires,
             names=", ".join(state.list_signers))  # fmt: skip
    desk.table(
        (N_("Holder"), N_("Number of the key")),
        [(number, keyid[:16]) for number, keyid in sorted(state.holders.items())],
    )


def _change(desk: Desk, args: argparse.Namespace) -> None:
    if len(args.root) < centre_roots.THRESHOLD:
        raise UserError(N_("Bring two holders' drives: --root FILE twice."), exit_code=EXIT_USAGE)
    if args.replace and len(args.roots) not in (1, len(set(args.replace))):
        raise UserError(N_("Name {n} folders for the new root keys: --roots, a drive each."),
                        n=len(set(args.replace)), exit_code=EXIT_USAGE)  # fmt: skip
    roots, lists = signing.opened_roots(desk, args.root), [name for name in args.lists.split(",") if name.strip()]
    keep = signing.Keeper(desk, args)
    signers = signing.signing(desk, args.sign or lists[: centre_roots.LIST_THRESHOLD])
    groups = centre_roots.change_root(
        desk.ctx, roots, signers, keep, replace=args.replace, lists=lists, ground=args.ground
    )
    keep.note()
    desk.say(N_("The root is changed. Workplaces take it over with the next file of the centre."))
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=groups)
    if args.pdf:
        from mab_desktop.services.documents_keys import print_root_change

        write_paper(args.pdf, print_root_change(desk.ctx))
