"""Every carrier file that this workplace made, took, keeps waiting or as evidence, and what its recipients said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from mab_desktop.domain.organisation import ROLE_LABELS, parse_organisation
from mab_desktop.i18n import N_, translate
from mab_desktop.services import forks, receipts, sent_incomplete
from mab_desktop.services.carrier_words import held, kind_title, organisation_words, shown_moment
from mab_desktop.services.carriers import BUILT, RECEIPTED, UNRECEIPTED
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import (
    CarrierIn,
    CarrierOut,
    CarrierReceipt,
    CarrierWaiting,
    StreamFork,
)


class Standing(StrEnum):
    """How a file stands."""

    BUILT = "built"  # made, on no drive yet
    WRITTEN = "written"  # on a drive, its recipient has not said that he took it
    HANDED = "handed"  # a receipt on a drive: nobody confirms it
    RECEIPTED = "receipted"
    TAKEN = "taken"  # taken here, and the sender was told
    UNTOLD = "untold"  # taken here, the receipt is still to be written
    ASIDE = "aside"  # taken here; the centre decided that it does not count
    WAITING = "waiting"
    FORK = "fork"  # evidence; the centre has not decided
    SETTLED = "settled"  # evidence; the centre has decided


STANDING_WORDS = {
    Standing.BUILT: N_("Made, on no drive yet"),
    Standing.WRITTEN: N_("Written, no receipt yet"),
    Standing.HANDED: N_("Written and verified"),
    Standing.RECEIPTED: N_("Confirmed by its recipient"),
    Standing.TAKEN: N_("Taken, the sender was told"),
    Standing.UNTOLD: N_("Taken, the receipt is to be written"),
    Standing.ASIDE: N_("Set aside by the testing centre"),
    Standing.WAITING: N_("Waits for earlier files"),
    Standing.FORK: N_("Second file with this number: the centre decides"),
    Standing.SETTLED: N_("Second file with this number: decided"),
}


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """One file. `at` is the stored moment, `shown_at` as people read it; `partner` sent it or shall have it, `short`
    names him without his university's name, behind an arrow for the way."""

    key: str
    at: str
    shown_at: str
    sent: bool
    title: str
    number: str
    partner: str
    short: str
    standing: Standing
    state: str
    file: str
    digest: str


def rows(ctx: Context) -> list[CarrierRow]:
    """Everything, the newest first."""
    with ctx.store.read() as session:
        found = [*_sent(ctx, session), *_taken(ctx, session), *_waiting(ctx, session), *_forks(ctx, session)]
    return sorted(found, key=lambda row: row.at, reverse=True)


def _sent(ctx: Context, session: Session) -> list[CarrierRow]:
    def standing(row: CarrierOut) -> Standing:
        if row.state == BUILT:
            return Standing.BUILT
        if row.kind in UNRECEIPTED:
            return Standing.HANDED
        return Standing.RECEIPTED if row.state == RECEIPTED else Standing.WRITTEN

    return [
        _row(ctx, session, row, row.created_at, row.recipient, standing(row), sent=True)
        for row in session.scalars(select(CarrierOut).options(defer(CarrierOut.manifest)))
    ]


def _taken(ctx: Context, session: Session) -> list[CarrierRow]:
    unwritten = set(session.scalars(select(CarrierOut.digest).where(CarrierOut.state == BUILT)))

    def standing(row: CarrierIn) -> Standing:
        if row.set_aside:
            return Standing.ASIDE
        told = row.kind in UNRECEIPTED or (row.receipt and row.receipt not in unwritten)
        return Standing.TAKEN if told else Standing.UNTOLD

    return [
        _row(ctx, session, row, row.accepted_at, row.sender, standing(row))
        for row in session.scalars(select(CarrierIn).options(defer(CarrierIn.manifest)))
    ]


def _waiting(ctx: Context, session: Session) -> list[CarrierRow]:
    waiting = session.scalars(select(CarrierWaiting).options(defer(CarrierWaiting.manifest)))
    return [_row(ctx, session, row, row.came_at, row.sender, Standing.WAITING) for row in waiting]


def _forks(ctx: Context, session: Session) -> list[CarrierRow]:
    return [
        _row(ctx, session, row, row.found_at, row.sender, Standing.FORK if row.state == forks.OPEN else
             Standing.SETTLED, prefix="fork-")
        for row in session.scalars(select(StreamFork).options(defer(StreamFork.manifest)))
    ]  # fmt: skip


def _row(
    ctx: Context, session: Session, row: CarrierOut | CarrierIn | CarrierWaiting | StreamFork, at: str, partner: str,
    standing: Standing, *, sent: bool = False, prefix: str = "",
) -> CarrierRow:  # fmt: skip
    number = str(row.seq) if row.epoch == 1 else f"{row.epoch}-{row.seq}"
    who = "; ".join(organisation_words(ctx, session, org) for org in partner.split(",")[:3])
    if more := len(partner.split(",")) - 3:
        who = f"{who} … +{more}" if more > 0 else who
    device = row.stream.partition(">")[0]
    if not sent and device != partner:
        who = f"{who} ({device})"
    short = "; ".join(dict.fromkeys(_short(ctx, org) for org in partner.split(",")))
    name = row.file_name.split("|")[0] if not isinstance(row, StreamFork) else ""
    return CarrierRow(
        f"{prefix}{row.digest}", at, shown_moment(at), sent, kind_title(row.kind, ctx.lang), number, who,
        f"{'→' if sent else '←'} {short}", standing,
        translate(ctx.lang, STANDING_WORDS[standing]), name, row.digest,
    )  # fmt: skip


def _short(ctx: Context, organisation: str) -> str:
    try:
        role, code = parse_organisation(organisation)
    except ValueError:
        return organisation
    return f"{translate(ctx.lang, ROLE_LABELS[role])} {code}".strip()


def about(ctx: Context, row: CarrierRow) -> list[tuple[str, list[tuple[str, str]]]]:
    """What stands beside the list: what the file holds; who has taken it and when; what the centre must be told."""
    with ctx.store.read() as session:
        stored = _stored(session, row)
        manifest = stored.manifest
        found = [("", _facts(ctx, row)),
                 (translate(ctx.lang, N_("It holds")), held(ctx, manifest["counts"], manifest["control_sums"]))]
        if isinstance(stored, CarrierOut):
            found.insert(1, (translate(ctx.lang, N_("Receipts")), _receipts(ctx, session, stored)))
        if isinstance(stored, CarrierOut | CarrierIn):
            found.insert(1, (translate(ctx.lang, N_("Sent although incomplete")), _incomplete(ctx, session, stored)))
        if isinstance(stored, StreamFork):
            found.insert(1, (translate(ctx.lang, N_("For the testing centre")), _fork_facts(ctx, stored)))
    return [(title, lines) for title, lines in found if lines]


def _stored(session: Session, row: CarrierRow) -> CarrierOut | CarrierIn | CarrierWaiting | StreamFork:
    if row.sent:
        return session.get_one(CarrierOut, row.digest)
    if row.standing in (Standing.FORK, Standing.SETTLED):
        return session.get_one(StreamFork, row.digest)
    if row.standing is Standing.WAITING:
        return session.get_one(CarrierWaiting, row.digest)
    return session.get_one(CarrierIn, row.digest)


def _facts(ctx: Context, row: CarrierRow) -> list[tuple[str, str]]:
    facts = (
        (N_("When"), row.shown_at), (N_("Number in its order"), row.number),
        (N_("For") if row.sent else N_("From"), row.partner), (N_("State"), row.state), (N_("File"), row.file),
        (N_("Check groups"), forks.shown_groups(row.digest)),
    )  # fmt: skip
    return [(translate(ctx.lang, name), value) for name, value in facts if value]


def _receipts(ctx: Context, session: Session, row: CarrierOut) -> list[tuple[str, str]]:
    """Each recipient, and what he said."""
    query = select(CarrierReceipt).where(CarrierReceipt.digest == row.digest)
    told = {receipt.organisation: receipt for receipt in session.scalars(query)}
    lines = []
    for org in row.recipient.split(","):
        receipt = told.get(org)
        if receipt is None:
            words = translate(ctx.lang, N_("nothing yet"))
        elif receipt.taken_at:
            words = translate(ctx.lang, N_("taken {moment} ({device})")).format(
                moment=shown_moment(receipt.taken_at), device=receipt.device
            )
        else:
            words = translate(ctx.lang, N_("confirmed by a later file, {moment}")).format(
                moment=shown_moment(receipt.known_at)
            )
        lines.append((organisation_words(ctx, session, org), words))
    return lines


def _incomplete(ctx: Context, session: Session, row: CarrierOut | CarrierIn) -> list[tuple[str, str]]:
    """Why it went without everything, who said so and when (p.23)."""
    told = sent_incomplete.told(session, row.digest)
    if told is None:
        return []
    lines = (
        (N_("Reason"), told["reason"]), (N_("Written down by"), f"{told['by']}, {shown_moment(told['at'])}"),
        (N_("Without the database of"), sent_incomplete.joined(told.get("missing", ""))),
        (N_("Without signed statistics of"), sent_incomplete.joined(told.get("unconfirmed", ""))),
        (N_("Students without a seat"), str(told.get("without_seat", ""))),
    )  # fmt: skip
    return [(translate(ctx.lang, name), value) for name, value in lines if value]


def _fork_facts(ctx: Context, fork: StreamFork) -> list[tuple[str, str]]:
    words = {
        forks.OPEN: N_("not decided: read these lines to the testing centre"),
        forks.COUNTS: N_("the second file counts"),
        forks.REFUSED: N_("the second file does not count"),
    }
    facts = (
        (N_("Order of files"), fork.stream), (N_("First file"), forks.shown_groups(fork.loaded)),
        (N_("Second file"), forks.shown_groups(fork.digest)), (N_("Decision"), translate(ctx.lang, words[fork.state])),
    )  # fmt: skip
    return [(translate(ctx.lang, name), value) for name, value in facts]


@dataclass(frozen=True, slots=True)
class Open:
    """What a person should look at: two files with one number, files that wait, receipts and files on no drive yet."""

    forks: int
    waiting: int
    unwritten: int


def left_open(ctx: Context) -> Open:
    """What is not finished."""
    on_no_drive = select(func.count()).where(CarrierOut.state == BUILT, CarrierOut.kind.not_in(UNRECEIPTED))
    with ctx.store.read() as session:
        return Open(
            session.scalar(select(func.count()).where(StreamFork.state == forks.OPEN)) or 0,
            session.scalar(select(func.count()).select_from(CarrierWaiting)) or 0,
            len(receipts.owed(session)) + (session.scalar(on_no_drive) or 0),
        )
