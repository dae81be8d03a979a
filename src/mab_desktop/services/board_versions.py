"""Everything that a network university sent or brought, version by version: what stands, what it replaced (p.21-24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.board import ITEMS
from mab_desktop.domain.organisation import Role, organisation_id
from mab_desktop.i18n import N_
from mab_desktop.services.base_board import brought_again
from mab_desktop.services.carriers import BUILT, UNRECEIPTED
from mab_desktop.services.context import Context, require
from mab_desktop.services.forks import shown_groups
from mab_desktop.storage.tables.base_university import BoardEntry
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, CarrierWaiting, StreamFork


class Standing(StrEnum):
    """What became of a version."""

    STANDS = "stands"
    REPLACED = "replaced"
    AGAIN = "again"  # the next one brought just the same
    ASIDE = "aside"
    WAITING = "waiting"
    FORK = "fork"


STANDING_WORDS = {
    Standing.STANDS: N_("In force"),
    Standing.REPLACED: N_("Replaced by a newer one"),
    Standing.AGAIN: N_("Sent twice: the next one is just the same"),
    Standing.ASIDE: N_("Set aside by the testing centre"),
    Standing.WAITING: N_("Waits for earlier files"),
    Standing.FORK: N_("Second file with this number: the centre decides"),
}


@dataclass(frozen=True, slots=True)
class Received:
    """One version of an item. `carrier` is its number and file; `told` the moment of the receipt, `owes` one is due.

    `late` are days after the last day; `again` how often the very same file was brought once more.
    """

    item: str
    number: int
    at: str
    by: str
    count: int
    content: str
    standing: Standing
    late: int = 0
    carrier: str = ""
    file: str = ""
    check: str = ""
    made: str = ""
    told: str = ""
    owes: bool = False
    again: int = 0


def received(ctx: Context, university: str) -> dict[str, list[Received]]:
    """What came from a university by carrier or hand, by item, the newest first."""
    require(ctx, Role.BASE_UNI)
    org = organisation_id(Role.NETWORK_UNI, university)
    with ctx.store.read() as session:
        entries: dict[str, list[BoardEntry]] = defaultdict(list)
        query = select(BoardEntry).where(BoardEntry.university == university).order_by(BoardEntry.id)
        for entry in session.scalars(query):
            entries[entry.item].append(entry)
        taken = {row.digest: row for row in session.scalars(select(CarrierIn).where(CarrierIn.sender == org))}
        told, again = _receipts(session, org), brought_again(session)
        return {
            item: [
                *_odd_files(session, org, item),
                *(replace(_received(ctx, one, n, entries[item], taken, told), again=again[one.digest])
                  for n, one in reversed(list(enumerate(entries[item], 1)))),
            ]
            for item in ITEMS
        }  # fmt: skip


def _received(
    ctx: Context, entry: BoardEntry, number: int, all_of_item: Sequence[BoardEntry], taken: Mapping[str, CarrierIn],
    told: Mapping[str, str],
) -> Received:  # fmt: skip
    carrier, due = taken.get(entry.digest), ITEMS[entry.item].due(ctx.season.year)
    late = max(0, (datetime.fromisoformat(entry.at).date() - due).days) if due else 0
    following = all_of_item[number] if number < len(all_of_item) else None
    standing = Standing.STANDS
    if following is not None:
        standing = Standing.AGAIN if entry.note and entry.note == following.note else Standing.REPLACED
    if carrier is None:
        return Received(entry.item, number, entry.at, entry.by, entry.count, entry.note, standing, late)
    if carrier.set_aside:
        standing = Standing.ASIDE
    moment = told.get(carrier.receipt, "")
    return Received(
        entry.item, number, entry.at, entry.by, entry.count, entry.note, standing, late, _number(carrier),
        carrier.file_name.split("|")[0], shown_groups(carrier.digest), str(carrier.manifest.get("created", "")),
        moment, not moment and carrier.kind not in UNRECEIPTED,
    )  # fmt: skip


def _receipts(session: Session, org: str) -> dict[str, str]:
    """When each receipt for the university was written to a drive."""
    written = (CarrierOut.recipient == org, CarrierOut.state != BUILT)
    return dict(session.execute(select(CarrierOut.digest, CarrierOut.created_at).where(*written)).all())


# Which item a kind of file brings; statistics say their stage inside.
_ITEM_OF = {"university-students": "database", "wrong-data": "wrong-data", "statistics": "final"}


def _odd_files(session: Session, org: str, item: str) -> list[Received]:
    """Files that were not taken: those that came too early, and second files with one number."""
    kinds = [kind for kind, of in _ITEM_OF.items() if of == item]
    waiting = select(CarrierWaiting).where(CarrierWaiting.sender == org, CarrierWaiting.kind.in_(kinds))
    forks = select(StreamFork).where(StreamFork.sender == org, StreamFork.kind.in_(kinds), StreamFork.state == "open")
    found: list[tuple[CarrierWaiting | StreamFork, str, Standing]] = [
        *((row, row.came_at, Standing.WAITING) for row in session.scalars(waiting)),
        *((row, row.found_at, Standing.FORK) for row in session.scalars(forks)),
    ]
    return [
        Received(item, 0, at, "", 0, "", standing, 0, _number(row), "", shown_groups(row.digest),
                 str(row.manifest.get("created", "")))
        for row, at, standing in found
    ]  # fmt: skip


def _number(row: CarrierIn | CarrierWaiting | StreamFork) -> str:
    return str(row.seq) if row.epoch == 1 else f"{row.epoch}-{row.seq}"
