"""Load carrier files."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import EXIT_CARRIER, EXIT_OK, EXIT_REFUSED, UserError
from mab_desktop.i18n import N_
from mab_desktop.services import batch, centre_trust, receipts, transfer
from mab_desktop.services.batch import Planned, Verdict
from mab_desktop.services.carrier_words import VERDICT_WORDS

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "receive", N_("load carrier files")
ABOUT = (
    N_("Load carrier files: hall funds, databases, statistics, wrong data, daily statistics, final data, enrolments."),
    N_("Each file is verified and shown; nothing is loaded without --yes. A folder is a drive: everything new on it "
       "is loaded in its order, and receipts for the senders are left there. A file that comes too early is kept "
       "and loaded in its turn. The same file again changes nothing and gives its receipt once more."),
)
EXAMPLES = (
    "mab ntc receive /media/usb/2011-base-students-….mab",
    "mab ntc receive --yes /media/usb",
)
_QUIET = (Verdict.FOREIGN, Verdict.OWN, Verdict.KNOWN, Verdict.OLDER)
_REFUSED = (Verdict.FORK, Verdict.FROZEN, Verdict.DAMAGED, Verdict.INCOMPLETE)
_TALK = N_("It was not loaded. Talk it over with the sender, then load it: mab ntc receive --yes --new-epoch {name}")
_OTHER_SEASON = ("mode-other", "campaign-other")  # codes of refusals of files that somebody made for here by mistake
_UNDECIDED = ("stream-fork", "stream-frozen")  # codes of refusals that wait for the centre's own decision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files or folders, and whether to load them."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--yes", action="store_true", help=N_("load what was verified"))
    parser.add_argument("--new-epoch", action="store_true",
                        help=N_("the sender restored a backup and this was talked over with him"))  # fmt: skip
    parser.add_argument("--gap", action="store_true",
                        help=N_("load a file that replaces earlier ones which never came"))  # fmt: skip
    parser.add_argument("--no-receipt", action="store_true", help=N_("leave no receipts on the drive"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """Examine every file; load it with --yes. The exit code is that of the first refusal."""
    args.undecided, code = False, EXIT_OK
    for path in args.paths:
        found = _drive(desk, path, args) if path.is_dir() else _files(desk, path, [path], args)
        code = code or found
    if args.undecided or code != EXIT_REFUSED:  # that says itself what it waits for, and the command
        desk.next(_next(desk, args, code))
    return code


def _next(desk: Desk, args: argparse.Namespace, code: int) -> str:
    """What to type now: decide, look at what was refused, load what was looked at, let in who asked, else the board."""
    if args.undecided:
        return "mab ntc decide"
    names = shlex.join(str(path) for path in args.paths)
    if code == EXIT_CARRIER and all(path.is_file() for path in args.paths):
        return f"mab verify {names}"
    if code == EXIT_OK and not args.yes and any(_has_new(desk, path) for path in args.paths):
        return f"mab ntc receive --yes {names}"
    waits = (line.device for line in centre_trust.devices(desk.ctx) if line.state == centre_trust.WAITING)
    device = next(waits, "") if args.yes else ""
    return f'mab ntc enrol {device} --groups "…"' if device else "mab ntc status"


def _has_new(desk: Desk, path: Path) -> bool:
    return any(one.verdict is Verdict.NEW for one in transfer.plan(desk.ctx, path)) if path.is_dir() else True


def _drive(desk: Desk, folder: Path, args: argparse.Namespace) -> int:
    """Everything on a drive: the new ones in their order, then those that were asked for, then what is in the way.

    A second file with one number is opened too: it is kept as evidence, so that it can be decided about.
    """
    planned = transfer.plan(desk.ctx, folder)
    asked = (*([Verdict.RESTORED] if args.new_epoch else []), *([Verdict.GAP] if args.gap else []))
    wanted = {Verdict.WAITING, Verdict.FORK, *asked}
    code = EXIT_OK
    if all(one.verdict in (Verdict.FOREIGN, Verdict.OWN) and not _meant_for_here(one) for one in planned):
        desk.say(N_("There is nothing for the centre in {name}."), name=str(folder))
    for one in (*batch.in_order(planned), *(one for one in planned if one.verdict in wanted)):
        found = _files(desk, one.paths[0], one.paths, args)
        code = code or found
    for one in planned:
        if one.verdict in (Verdict.NEW, Verdict.OWN, *wanted):
            continue
        ours = _meant_for_here(one)
        if one.verdict is Verdict.FOREIGN and not ours:
            continue
        _tell(desk, one, args)
        refused = EXIT_CARRIER if ours or one.verdict in _REFUSED else EXIT_OK
        code = code or (EXIT_REFUSED if one.verdict is Verdict.RESTORED else refused)
    return code


def _meant_for_here(one: Planned) -> bool:
    """Was it made for the centre, but in training for the real exam (or the other way round), or for another season?"""
    return one.verdict is Verdict.FOREIGN and one.reason is not None and one.reason.code in _OTHER_SEASON


def _tell(desk: Desk, one: Planned, args: argparse.Namespace) -> None:
    if _meant_for_here(one) and one.reason:
        desk.say(N_("{name}: refused. {reason}"), name=one.paths[0].name, reason=one.reason.message(desk.lang))
        return
    words = desk.word(VERDICT_WORDS[one.verdict])
    reason = one.reason.message(desk.lang) if one.reason and one.verdict not in _QUIET else ""
    desk.say(N_("{name}: {state}. {reason}"), name=one.paths[0].name, state=words, reason=reason)
    if one.verdict is Verdict.RESTORED:
        desk.say(_TALK, name=str(one.paths[0]))
    if one.verdict is Verdict.FROZEN and one.reason:
        _say_whose_turn(desk, one.reason, args)


def _say_whose_turn(desk: Desk, error: UserError, args: argparse.Namespace) -> None:
    """Which of two files counts the centre decides: that is the one next step, whatever else there was."""
    if getattr(error, "code", "") in _UNDECIDED:
        args.undecided = True
        desk.say(N_("Here the centre decides which file counts."))


def _files(desk: Desk, path: Path, paths: Sequence[Path], args: argparse.Namespace) -> int:
    """One carrier with all its parts."""
    try:
        _receive(desk, path, paths, args)
    except UserError as error:
        desk.say(N_("{name}: refused. {reason}"), name=path.name, reason=error.message(desk.lang))
        _say_whose_turn(desk, error, args)
        return error.exit_code
    return EXIT_OK


def _receive(desk: Desk, path: Path, paths: Sequence[Path], args: argparse.Namespace) -> None:
    incoming = transfer.examine(desk.ctx, paths, desk.progress)
    desk.say(N_("{name}: from {sender}, whole and rightly signed."), name=path.name, sender=incoming.arrived.sender)
    desk.lines(incoming.preview)
    if not args.yes:
        desk.say(N_("Nothing was loaded. Look at it, then load it with --yes."))
        return
    if incoming.judged.new_epoch and not args.new_epoch:
        desk.say(_TALK, name=str(path))
    accepted = transfer.accept(
        desk.ctx, incoming, desk.progress, confirm_new_epoch=args.new_epoch, confirm_gap=args.gap
    )
    desk.say(N_("Loaded before; nothing changed.") if accepted.known else N_("Loaded."))
    for more in accepted.followed:
        desk.say(N_("{name}: had waited, loaded."), name=more.manifest.file_name)
        desk.lines(more.summary)
    if accepted.stopped:
        desk.say(N_("{name}: refused. {reason}"), name=path.name, reason=accepted.stopped.message(desk.lang))
    if not args.no_receipt:
        _give(desk, path.parent, accepted.manifest.sender.org, known=accepted.known)


def _give(desk: Desk, folder: Path, sender: str, *, known: bool) -> None:
    given = (
        receipts.give_again(desk.ctx, sender, folder, desk.progress)
        if known else receipts.give(desk.ctx, [sender], folder, desk.progress)
    )  # fmt: skip
    _say_receipts(desk, given.paths)
    if given.kept_for:
        reason = given.why.message(desk.lang) if given.why else ""
        desk.say(N_("The receipt is kept for the next drive: {reason}"), reason=reason)


def _say_receipts(desk: Desk, paths: Iterable[Path]) -> None:
    for path in paths:
        desk.say(N_("Receipt on the drive: {name}"), name=path.name)
