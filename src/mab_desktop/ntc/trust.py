"""The trust list."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.i18n import N_
from mab_desktop.ntc import signing
from mab_desktop.ntc.papers import write_paper
from mab_desktop.services import centre_roots, centre_trust, own_keys
from mab_desktop.services.whole_file import write_whole

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "trust", N_("the trust list: show, sign, write, put keys out")
ABOUT = (
    N_("The trust list: what stands in it, signing the next one, writing it for first starts, putting lost keys out."),
    N_("What `enrol` and `revoke` gather comes into force when two people of the centre sign the next list "
       "(`issue`; --sign does it at once). A withdrawn key never comes back: the workplace makes new keys under a "
       "new name and is enrolled again."),
)
EXAMPLES = (
    "mab ntc trust",
    "mab ntc trust issue",
    "mab ntc trust write /media/usb --pdf fingerprint.pdf",
    "mab ntc trust received nu027-op1",
    'mab ntc trust revoke nu027-op1 --ground "the laptop was stolen" --last statistics:bu013:3 --pdf act.pdf',
    'mab ntc trust replace mp013-k7q2 mp013-9xd3 --groups "AB12 CD34 …" --ground "ill since 14 May"',
)
FILE_NAME = "mab-centre-trust.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the list."""
    acts = parser.add_subparsers(dest="act", metavar="ACT")
    issue = acts.add_parser("issue", help=N_("two people read and sign the next list"))
    write = acts.add_parser("write", help=N_("write the list for first starts"))
    write.add_argument("folder", type=Path, help=N_("the drive"))
    write.add_argument("--pdf", type=Path, help=N_("print the fingerprint into this file"))
    received = acts.add_parser("received", help=N_("how far the files of a key were loaded here"))
    revoke = acts.add_parser("revoke", help=N_("put a workplace's or a person's key out for good"))
    for act in (received, revoke):
        act.add_argument("name", help=N_("such as nu027-op1 or mp013-k7q2"))
    replace = acts.add_parser("replace", help=N_("a stand-in signs in place of another person"))
    replace.add_argument("name", help=N_("who cannot sign, such as mp013-k7q2"))
    replace.add_argument("stand_in", help=N_("who signs instead, such as mp013-9xd3"))
    replace.add_argument("--groups", default="", help=N_("the 8 groups of the stand-in read out by telephone"))
    for act in (revoke, replace):
        signing.add_counts(act)
    for act in (issue, revoke, replace):
        signing.add_signers(act)


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Do it; without an act show the list."""
    {None: _show, "issue": _issue, "write": _write, "received": _received, "revoke": _revoke,
     "replace": _replace}[args.act](desk, args)  # fmt: skip
    return 0


def _show(desk: Desk, _args: argparse.Namespace) -> None:
    state = centre_roots.root_state(desk.ctx)
    keys = own_keys.own_keys(desk.ctx)
    desk.say(N_("Trust list number {n}, good until {date}."), n=keys.list_number, date=keys.expires)
    desk.say(N_("Root number {n}, good until {date}. Signs lists: {names}."), n=state.version, date=state.expires,
             names=", ".join(state.list_signers))  # fmt: skip
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=centre_trust.fingerprint(desk.ctx))
    desk.lines(own_keys.notices(desk.ctx))
    if lines := centre_trust.changes(desk.ctx):
        desk.say(N_("Waits for the next list:"))
        desk.lines(lines)


def _issue(desk: Desk, args: argparse.Namespace) -> None:
    signing.issue(desk, args.sign)


def _write(desk: Desk, args: argparse.Namespace) -> None:
    if centre_trust.is_due(desk.ctx):
        desk.say(signing.NOT_YET)
    target = args.folder / FILE_NAME
    write_whole(target, (centre_trust.trust_bytes(desk.ctx),))
    desk.say(N_("Written: {name}"), name=str(target))
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=centre_trust.fingerprint(desk.ctx))
    if args.pdf:
        from mab_desktop.services.documents_centre import print_fingerprint

        write_paper(args.pdf, print_fingerprint(desk.ctx))


def _received(desk: Desk, args: argparse.Namespace) -> None:
    rows = [(count.stream, count.epoch, count.seq) for count in centre_trust.received(desk.ctx, args.name)]
    desk.table((N_("Stream"), N_("Epoch"), N_("Last number")), rows)


def _revoke(desk: Desk, args: argparse.Namespace) -> None:
    last = signing.counts(desk, args.name, args.last)
    centre_trust.revoke(desk.ctx, args.name, ground=args.ground, last=last)
    desk.say(N_("The key of {name} is withdrawn for good."), name=args.name)
    signing.issue_if_asked(desk, args)
    if args.pdf:
        from mab_desktop.services.documents_keys import print_revocation

        write_paper(args.pdf, print_revocation(desk.ctx, args.name))


def _replace(desk: Desk, args: argparse.Namespace) -> None:
    if not args.groups:
        raise UserError(N_('Type the groups that were read out: --groups "…".'), exit_code=EXIT_USAGE)
    last = signing.counts(desk, args.name.rpartition("-")[0], args.last)
    centre_trust.replace_person(desk.ctx, args.name, args.stand_in, args.groups, ground=args.ground, last=last)
    desk.say(N_("{new} signs in place of {old}."), old=args.name, new=args.stand_in)
    signing.issue_if_asked(desk, args)
    if args.pdf:
        from mab_desktop.services.documents_keys import print_stand_in

        write_paper(args.pdf, print_stand_in(desk.ctx, args.name, args.stand_in))
