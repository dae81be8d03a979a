"""The board of the season."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.services import centre_allotment, centre_board, centre_trust, own_keys
from mab_desktop.services.carrier_words import KIND_TITLES, shown_moment
from mab_desktop.services.centre_board import Board, State, Step

if TYPE_CHECKING:
    from mab_desktop.ntc.desk import Desk

NAME, HELP = "status", N_("the board of the season: who sent what, what comes next")
ABOUT = (
    N_("The board of the season: who sent what, what went out, what comes next."),
    N_("A column a step: done, so many of so many, ! late, – not yet. With --base every step of one base university "
       "stands on a line of its own, with its date, its last day, and what to type."),
)
EXAMPLES = (
    "mab ntc status",
    "mab ntc status --base 013",
)
STATES = {State.DONE: N_("done"), State.PART: N_("in part"), State.LATE: N_("late"), State.OPEN: N_("not yet")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All, or one."""
    parser.add_argument("--base", default="", help=N_("every step of this base university"))


def run(desk: Desk, args: argparse.Namespace) -> int:
    """The centre's own state, the board, then what is next and what stands in its way."""
    ctx = desk.ctx
    desk.say(N_("Fingerprint for every workplace's first start: {groups}"), groups=centre_trust.fingerprint(ctx))
    desk.lines(own_keys.notices(ctx))
    _waiting(desk)
    found = centre_board.boards(ctx, args.base)
    if args.base and not found:
        raise UserError(N_("{code} is not a base university of this season."), code=args.base)
    if args.base:
        for board in found:
            _one(desk, board)
    else:
        _all(desk, found)
    for board in found:
        for kind, words in board.incomplete.items():
            desk.say(N_("{base}: {file} came incomplete. {words}"), base=board.base,
                     file=desk.word(KIND_TITLES[kind]), words=words)  # fmt: skip
        if board.next is not None and board.next.key == "allotment":
            for problem in centre_allotment.obstacles_to_allot(ctx, board.base):
                desk.say(N_("{base}: {reason}"), base=board.base, reason=problem.message(desk.lang))
    return 0


def _all(desk: Desk, found: list[Board]) -> None:
    if not found:
        desk.say(N_("The ties of base and network universities are not set yet."))
        desk.next("mab ntc reference --tables FOLDER; mab ntc reference --csv FOLDER")
        return
    desk.table(
        (N_("Base"), *(step.short for step in found[0].steps)),
        [(board.base, *(_mark(step) for step in board.steps)) for board in found],
    )
    for board in found:
        if board.next is None:
            _done(desk, board)
        else:
            desk.say(N_("{base}: next: {step}. {command}"), base=board.base, step=desk.word(board.next.title),
                     command=board.next.command)  # fmt: skip


def _done(desk: Desk, board: Board) -> None:
    desk.say(N_("{base}: the season is done."), base=board.base)
    desk.next("mab ntc summary --pdf FILE")


def _waiting(desk: Desk) -> None:
    """Who asked to be let in and still waits, with the command that goes on with it."""
    ctx = desk.ctx
    for line in centre_trust.devices(ctx):
        if line.state == centre_trust.WAITING:
            desk.say(N_("{name} waits to be compared by telephone."), name=line.device)
            desk.next(f'mab ntc enrol {line.device} --groups "…"')
    if centre_trust.is_due(ctx):
        desk.say(N_("Who was compared comes in with the next trust list."))
        desk.next("mab ntc trust issue")


def _one(desk: Desk, board: Board) -> None:
    desk.say(N_("{base} {name}"), base=board.base, name=board.name)
    desk.table((N_("Step"), N_("State"), N_("Count"), N_("When"), N_("Last day"), N_("What to type")), [
        (desk.word(step.title), desk.word(STATES[step.state]), _count(step), shown_moment(step.at),
         step.last_day.strftime("%d.%m.%Y") if step.last_day else "",
         "" if step.state is State.DONE else step.command)
        for step in board.steps
    ])  # fmt: skip
    if board.next is None:
        _done(desk, board)
    else:
        desk.next(board.next.command)


def _mark(step: Step) -> str:
    if step.state is State.DONE:
        return "✓"
    late = "!" if step.state is State.LATE else ""
    return late + (_count(step) or ("" if late else "–"))


def _count(step: Step) -> str:
    return f"{step.done}/{step.of}" if step.of else ""
