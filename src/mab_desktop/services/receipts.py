"""Receipts: the recipient tells the sender, signed, what was taken and when.

A receipt lists everything that was taken from one organisation here, so a newer one stands for those that were lost on
the way. It goes back on the drive that the files came on; whatever else is sent to the same organisation says so too
(acks). Nobody gives a receipt for a receipt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange.drive import Drive
from mab_desktop.exchange.kinds import RECEIPT
from mab_desktop.exchange.manifest import Manifest
from mab_desktop.exchange.trust import ANYBODY, TrustStore
from mab_desktop.i18n import N_
from mab_desktop.services import sending, trusting
from mab_desktop.services.carriers import BUILT, RECEIPTED, UNRECEIPTED, WRITTEN, as_drive, my_keys, outbox
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierIn, CarrierOut, CarrierReceipt


@dataclass(frozen=True)
class Given:
    """What became of the receipts: files on the drive, and whose are kept for later and why."""

    paths: tuple[Path, ...] = ()
    kept_for: tuple[str, ...] = ()
    why: CarrierRefused | None = None


# -- giving


def owed(session: Session) -> list[str]:
    """Organisations from which something was taken here and no file on a drive tells them so."""
    senders = select(CarrierIn.sender).where(
        CarrierIn.receipt == "", CarrierIn.kind.not_in(UNRECEIPTED), CarrierIn.set_aside.is_(False)
    )
    unwritten = select(CarrierOut.recipient).where(CarrierOut.kind == RECEIPT.name, CarrierOut.state == BUILT)
    found = {*session.scalars(senders.distinct()), *session.scalars(unwritten.distinct())}
    if not found:
        return []
    trust, me = trusting.trust_store(session), my_keys(session)
    return sorted(org for org in found if _may_tell(trust, me.org, me.role, org))


def _may_tell(trust: TrustStore, me: str, role: str, org: str) -> bool:
    """Whether the trust list knows us and a workplace of `org`, and lets us write to it."""
    mine = trust.org(me)
    allowed = mine is not None and (org in mine.may_send_to or ANYBODY in mine.may_send_to)
    return allowed and bool(trust.openers(org, RECEIPT.recipients_of(role)))


def give(ctx: Context, senders: Iterable[str], drive: Drive | Path, progress: Progress = Silent()) -> Given:
    """Write the receipts owed to `senders` on the drive; what the drive does not take is kept for another one."""
    place = as_drive(drive)
    with ctx.store.read() as session:
        wanted = [org for org in owed(session) if org in set(senders)]
    paths: list[Path] = []
    for number, org in enumerate(wanted):
        try:
            if not place.is_writable():
                raise CarrierRefused("drive-read-only", N_("The drive is write-protected."))
            written = _give_one(ctx, org, place, progress)
        except CarrierRefused as error:
            return Given(tuple(paths), tuple(wanted[number:]), error)
        paths += [*written.along, *written.paths]
    return Given(tuple(paths))


def _give_one(ctx: Context, org: str, drive: Drive, progress: Progress) -> sending.Exported:
    with ctx.store.read() as session:
        last = _last_to(session, org)
        if last is not None and last.state == BUILT and not sending.untold(session, [org]):
            return sending.write(ctx, sending.made_before(ctx, last.digest), drive, progress)
    return sending.export(ctx, RECEIPT.name, org, drive, progress)


def give_again(ctx: Context, sender: str, drive: Drive | Path, progress: Progress = Silent()) -> Given:
    """The receipt once more for a file that came again: the same one, where nothing was taken since."""
    place = as_drive(drive)
    with ctx.store.read() as session:
        trust, me = trusting.trust_store(session), my_keys(session)
        if not place.is_writable() or not _may_tell(trust, me.org, me.role, sender):
            return Given()
        last = _last_to(session, sender)
        lines = session.scalar(select(func.count()).select_from(_taken_from(sender).subquery()))
        same = last is not None and last.manifest["counts"].get(RECEIPT.name) == lines
        kept = same and last is not None and all((outbox(ctx) / name).is_file() for name in last.file_name.split("|"))
        made = sending.made_before(ctx, last.digest) if kept and last is not None else None
    try:
        written = (
            sending.write(ctx, made, place, progress)
            if made else sending.export(ctx, RECEIPT.name, sender, place, progress)
        )  # fmt: skip
    except CarrierRefused as error:
        return Given((), (sender,), error)
    return Given((*written.along, *written.paths))


def _last_to(session: Session, org: str) -> CarrierOut | None:
    query = select(CarrierOut).where(CarrierOut.kind == RECEIPT.name, CarrierOut.recipient == org)
    return session.scalars(query.order_by(CarrierOut.epoch.desc(), CarrierOut.seq.desc()).limit(1)).first()


def _taken_from(org: str) -> Select[CarrierIn]:
    return (
        select(CarrierIn)
        .where(CarrierIn.sender == org, CarrierIn.kind.not_in(UNRECEIPTED), CarrierIn.set_aside.is_(False))
        .order_by(CarrierIn.stream, CarrierIn.epoch, CarrierIn.seq)
    )


def _collect(_ctx: Context, session: Session, recipient: str) -> Collected:
    records: list[Record] = [
        ("receipt", {"digest": row.digest, "stream": row.stream, "seq": row.seq, "accepted_at": row.accepted_at})
        for row in session.scalars(_taken_from(recipient))
    ]
    return Collected(records)


# -- taking


def _ours(session: Session, arrived: Arrived) -> list[tuple[CarrierOut, str]]:
    """Carriers made here that the receipt names, with the moment they were taken; others' are none of our business."""
    found = []
    for line in arrived.of_type("receipt"):
        row = session.get(CarrierOut, line["digest"])
        if row is not None and arrived.sender in row.recipient.split(","):
            found.append((row, line["accepted_at"]))
    return found


def _withdrawn(session: Session, arrived: Arrived) -> list[CarrierReceipt]:
    """What this workplace had confirmed before and no longer names: it went back to a backup, or set it aside."""
    named = {line["digest"] for line in arrived.of_type("receipt")}
    query = select(CarrierReceipt).where(CarrierReceipt.device == arrived.manifest["sender"]["device"])
    return [row for row in session.scalars(query) if row.taken_at and row.digest not in named]


def _preview(_ctx: Context, session: Session, arrived: Arrived) -> list[Line]:
    lines = [Line(N_("Files of ours that were taken there: {count}"), {"count": len(_ours(session, arrived))})]
    if gone := _withdrawn(session, arrived):
        lines.append(Line(N_("Files of ours that are no longer there (a backup was restored): {count}. Write them "
                             "again."), {"count": len(gone)}))  # fmt: skip
    return lines


def _take(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    lines = _preview(ctx, tx.session, arrived)
    device = arrived.manifest["sender"]["device"]
    for gone in _withdrawn(tx.session, arrived):
        row = tx.session.get_one(CarrierOut, gone.digest)
        tx.session.delete(gone)
        row.state = WRITTEN
        tx.note("carrier-receipt-withdrawn", row.digest, by=arrived.sender)
    for row, taken_at in _ours(tx.session, arrived):
        _confirm(ctx, tx, row, arrived.sender, device, taken_at)
        _confirm_older(ctx, tx, row, arrived.sender, device)
    return lines


def take_acks(ctx: Context, tx: Transaction, manifest: Manifest) -> None:
    """The recipient has everything of a stream up to this carrier; nobody else can say so for him."""
    for ack in manifest.acks:
        row = tx.session.get(CarrierOut, ack.digest)
        if row is not None and manifest.sender.org in row.recipient.split(","):
            _confirm(ctx, tx, row, manifest.sender.org, manifest.sender.device, "")
            _confirm_older(ctx, tx, row, manifest.sender.org, manifest.sender.device)


def _confirm_older(ctx: Context, tx: Transaction, row: CarrierOut, organisation: str, device: str) -> None:
    """Earlier ones of the epoch were taken before it, or are replaced by it."""
    query = select(CarrierOut).where(
        CarrierOut.stream == row.stream, CarrierOut.epoch == row.epoch, CarrierOut.seq < row.seq,
        CarrierOut.state != RECEIPTED,
    )  # fmt: skip
    for older in tx.session.scalars(query).all():
        _confirm(ctx, tx, older, organisation, device, "")


def _confirm(ctx: Context, tx: Transaction, row: CarrierOut, organisation: str, device: str, taken_at: str) -> None:
    known = tx.session.get(CarrierReceipt, (row.digest, organisation))
    if known is None:
        tx.session.add(
            CarrierReceipt(digest=row.digest, organisation=organisation, device=device, taken_at=taken_at,
                           known_at=stamp(ctx))
        )  # fmt: skip
    elif taken_at and not known.taken_at:
        known.taken_at, known.device = taken_at, device
    tx.session.flush()
    told = set(tx.session.scalars(select(CarrierReceipt.organisation).where(CarrierReceipt.digest == row.digest)))
    if row.state != RECEIPTED and told >= set(row.recipient.split(",")):
        row.state = RECEIPTED
        tx.note("carrier-receipted", row.digest, by=organisation)


RECEIPTS = Handler(
    RECEIPT.name, RECORDS[RECEIPT.name], recipients=lambda _ctx, session: owed(session), collect=_collect,
    preview=_preview, take=_take,
)  # fmt: skip
