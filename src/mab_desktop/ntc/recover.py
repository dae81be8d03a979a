"""Answer a request for a new password from a workplace whose person forgot it (instead of two others there)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.i18n import N_
from mab_desktop.services import recovery
from mab_desktop.services.carrier_words import shown_moment

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "recover", N_("let a person who forgot the password choose another one")
ABOUT = (
    N_("Answer a request for a new password from a workplace whose person forgot it (instead of two others there)."),
    N_("Take the signed and sealed sheet, call the organisation back on the number that you know, and have the 8 "
       "groups read out from the other side's sheet. Without --groups the request is only shown."),
)
EXAMPLES = (
    "mab ntc recover /media/usb/mab-password-nu027-k7q2.request.json",
    'mab ntc recover /media/usb/mab-password-nu027-k7q2.request.json --groups "K7Q2 …" --out /media/usb',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The request, its groups, where the answer goes."""
    parser.add_argument("request", type=Path, help=N_("the request's file"))
    parser.add_argument("--groups", help=N_("the 8 groups of the signed sheet, read out by telephone"))
    parser.add_argument("--out", type=Path, help=N_("folder for the answer (default: beside the request)"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Show the request, or answer it."""
    request = recovery.read_request(args.request)
    if not args.groups:
        desk.say(N_("{device}: {login} asks for a new password, {made}."), device=request.device or "?",
                 login=request.login, made=shown_moment(request.made))  # fmt: skip
        desk.say(N_("Compare with the signed sheet by calling back: {groups}"), groups=request.groups)
        return 0
    made = recovery.answer(desk.ctx, args.request, args.groups, args.out or args.request.parent)
    desk.say(N_("Written: {name}"), name=str(made))
    desk.say(N_("It opens the database only at {device}, with the new password of {login}."),
             device=request.device, login=request.login)  # fmt: skip
    return 0
