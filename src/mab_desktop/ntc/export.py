"""Write a carrier file to a drive (a folder), signed, encrypted and read back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc.signing import add_signers, signing
from mab_desktop.services import transfer
from mab_desktop.services.carrier_words import sums
from mab_desktop.services.persons import signers_needed

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "export", N_("write a carrier file to a drive")
ABOUT = (
    N_("Write a carrier file to a drive (a folder), signed, encrypted and read back."),
    N_('Without arguments everything that can go out now is listed. RECIPIENT may be "all". A file that would say '
       "nothing new is not made anew: the one made before is written again, under its own number."),
    N_("Two people of the centre sign a trust list and an answer key."),
)
EXAMPLES = (
    "mab ntc export",
    "mab ntc export reference all /media/usb",
    "mab ntc export trust all /media/usb --sign registrar --sign deputy",
    "mab ntc export final-students mp013 /media/usb",
)
BROADCAST = ("reference", "trust")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Kind, recipient, folder."""
    parser.add_argument("kind", nargs="?",
                        help=N_("such as reference, contingent, final-students, variants, answer-key"))  # fmt: skip
    parser.add_argument("recipient", nargs="?", help=N_("such as bu013, or all"))
    parser.add_argument("folder", nargs="?", type=Path, help=N_("the drive"))
    parser.add_argument("--also", action="append", default=[], type=Path, metavar="FOLDER",
                        help=N_("write the same files to one more drive"))  # fmt: skip
    add_signers(parser)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """List what can go out, or write it."""
    if args.kind is None:
        ready = desk.word(N_("ready"))
        rows = [
            (offer.kind, offer.recipient, " ".join(p.message(desk.lang) for p in offer.obstacles) or ready)
            for offer in transfer.offers(desk.ctx)
        ]
        desk.table((N_("File"), N_("Recipient"), N_("State")), rows)
        return 0
    if args.recipient is None or args.folder is None:
        raise UserError(N_("Say for whom and where to: mab ntc export KIND RECIPIENT FOLDER."), exit_code=EXIT_USAGE)
    persons: list[Any] = []
    for recipient in _recipients(desk, args.kind, args.recipient):
        made = transfer.unchanged(desk.ctx, args.kind, recipient)
        if made is not None:
            desk.say(N_("{recipient}: nothing changed since the last file; it is written again."),
                     recipient=recipient if isinstance(recipient, str) else "all")  # fmt: skip
        else:
            if signers_needed(args.kind) and not persons:
                persons = signing(desk, args.sign)
            made = transfer.build(desk.ctx, args.kind, recipient, desk.progress, persons)
        for folder in (args.folder, *args.also):
            exported = transfer.write(desk.ctx, made, folder, desk.progress)
            for path in (*exported.along, *exported.paths):
                desk.say(N_("Written and verified: {name}"), name=path.name)
        for title, value in sums(desk.ctx, exported.control_sums):
            print(f"  {title}: {value}")
    return 0


def _recipients(desk: Desk, kind: str, wanted: str) -> list[str | list[str]]:
    """Each recipient gets a file of his own, but a broadcast is one file for all."""
    if wanted != "all":
        return [wanted]
    every = [offer.recipient for offer in transfer.offers(desk.ctx) if offer.kind == kind]
    if not every:
        raise UserError(
            N_("There is nobody who could get a file of the kind {kind} now."), kind=kind,
            next_step=N_("Who waits to be let in: mab ntc enrol. Who was compared comes into force by: mab ntc trust "
                         "issue"),
        )  # fmt: skip
    return [every] if kind in BROADCAST else list(every)
