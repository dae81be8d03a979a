"""Who has to be reminded: what network universities owe, since when, and whom to ask (p.19-24)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mab_desktop.domain.board import ITEMS, CellState
from mab_desktop.i18n import N_, translate
from mab_desktop.services import base_board, network_register
from mab_desktop.services.context import Context

_LATE, _SOON = (CellState.LATE,), (CellState.LATE, CellState.DUE)
# What needs doing again although something came.
_AGAIN = (CellState.OUTDATED, CellState.DIFFERS)
AGAIN_WORDS = {
    CellState.OUTDATED: N_("A newer database came: to be signed and sealed anew"),
    CellState.DIFFERS: N_("Not the statistics of the database: to be sent anew"),
}


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is owed: its item, its last day, how many days ago that was (negative: to come), and why."""

    item: str
    due: date
    days: int
    state: CellState


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a network university owes, and whom to ask there."""

    university: str
    name: str
    owed: tuple[Owed, ...]
    person: str
    phone: str


def reminders(ctx: Context, *, soon: bool = False) -> list[Reminder]:
    """Universities that are late or must do something again; with `soon` also those that owe something this week."""
    today, year = ctx.clock.now().date(), ctx.season.year
    wanted, whom = (*(_SOON if soon else _LATE), *_AGAIN), network_register.contacts(ctx)
    found = []
    for line in base_board.board(ctx):
        owed = []
        for key, cell in line.cells.items():
            due = ITEMS[key].due(year)
            if cell.state in wanted and due is not None:
                owed.append(Owed(key, due, (today - due).days, cell.state))
        if owed:
            contact = whom.get(line.university, network_register.Contact("", ""))
            found.append(Reminder(line.university, line.name, tuple(owed), contact.person, contact.phone))
    return found


def owed_words(owed: Owed, lang: str) -> str:
    """One thing in a sentence."""
    label = translate(lang, ITEMS[owed.item].label)
    if owed.state in AGAIN_WORDS:
        return f"{label}: {translate(lang, AGAIN_WORDS[owed.state])}"
    text = N_("{item}: was due on {day}, {n} days ago") if owed.days > 0 else N_("{item}: due on {day}")
    return translate(lang, text).format(item=label, day=f"{owed.due:%d.%m.%Y}", n=owed.days)


def as_text(ctx: Context, found: list[Reminder]) -> str:
    """The list as plain text, for a letter or the telephone."""
    blocks = []
    for one in found:
        contact = ", ".join(part for part in (one.person, one.phone) if part)
        head = f"{one.university} {one.name}" + (f" ({contact})" if contact else "")
        blocks.append("\n".join([head, *(f"– {owed_words(owed, ctx.lang)}" for owed in one.owed)]))
    return "\n\n".join(blocks)
