"""Carriers at the ministry programmer's: hand-over, variants and keys in; daily statistics and final data out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain import carrier_records as records
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.organisation import NTC_CODE, Role
from mab_desktop.domain.shift import KEY_KNOWN, STATE_LABELS, ShiftState
from mab_desktop.exchange.key_envelope import read_header
from mab_desktop.i18n import N_
from mab_desktop.services import daily, final_data, final_images
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.base_university import CommissionMember, DutyOfficer, PassSlip
from mab_desktop.storage.tables.exam import SeatingFreeze, SheetStack, ShiftSeal, VariantSeat
from mab_desktop.storage.tables.results import OpenedKey, SealedKey
from mab_desktop.storage.tables.students import Shift, Student

# The password is told after the freeze; from then on nothing that the draw or a seat depends on may change.
_WITH_STATISTICS = frozenset({ShiftState.IDENTIFIED, *KEY_KNOWN})


def _to_centre(ctx: Context, _session: Session) -> list[str]:
    return [NTC_CODE] if ctx.role is Role.MINISTRY_PROGRAMMER else []


# -- F11: the base university's hand-over


def _preview_hand_over(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    counts = _counts(arrived)
    return [
        Line(N_("Duty officers: {count}"), {"count": counts.get("duty-officer", 0)}),
        Line(N_("Members of the state commission: {count}"), {"count": counts.get("commission-member", 0)}),
        Line(N_("Lines of the register of slips: {count}"), {"count": counts.get("register-line", 0)}),
    ]


def _take_hand_over(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Put the lists of the base university in place of the older ones."""
    known = set(tx.session.scalars(select(Student.id)))
    lines = list(arrived.of_type("register-line"))
    strangers = sum(values["student"] not in known for values in lines)
    if strangers:
        raise UserError(N_("The file names {count} students that are not in this database. Nothing was changed."),
                        count=strangers)  # fmt: skip
    for table in (DutyOfficer, CommissionMember, PassSlip):
        tx.session.execute(delete(table))
    for table, name in ((DutyOfficer, "duty-officer"), (CommissionMember, "commission-member")):
        rows = list(arrived.of_type(name))
        if rows:
            tx.session.execute(insert(table), rows)
    if lines:
        at = stamp(ctx)
        tx.session.execute(
            insert(PassSlip),
            [{"student": v["student"], "number": v["number"], "issued_at": at if v["issued"] else None} for v in lines],
        )
    tx.note("hand-over-loaded", arrived.digest, records=_counts(arrived))
    return _preview_hand_over(ctx, tx.session, arrived)


# -- F12: variants, seals, stacks of sheets


def _preview_variants(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    shifts = sorted({values["shift"] for values in arrived.of_type("shift-seal")})
    counts = _counts(arrived)
    return [
        Line(N_("Sealed seating of shifts: {shifts}"), {"shifts": ", ".join(map(str, shifts))}),
        Line(N_("Seats with a variant: {count}"), {"count": counts.get("variant-seat", 0)}),
        Line(N_("Halls with answer sheets: {count}"), {"count": counts.get("sheet-stack", 0)}),
    ]


def _take_variants(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Shifts that are frozen or drawn keep what they have; a file that says otherwise is refused."""
    fixed = _fixed_shifts(tx.session)
    for values in arrived.of_type("shift-seal"):
        seal = tx.session.get(ShiftSeal, values["shift"])
        if values["shift"] in fixed:
            if seal is None or (seal.commitment, seal.sealed_seed) != (values["commitment"], values["sealed_seed"]):
                raise _begun(values["shift"])
            continue
        tx.session.merge(ShiftSeal(received_at=stamp(ctx), **values))
    _replace(tx, VariantSeat, list(arrived.of_type("variant-seat")), fixed)
    _replace(tx, SheetStack, list(arrived.of_type("sheet-stack")), fixed)
    tx.note("exam-data-loaded", arrived.digest, records=_counts(arrived))
    return _preview_variants(ctx, tx.session, arrived)


def _replace(
    tx: Transaction, table: type[VariantSeat] | type[SheetStack], rows: list[dict[str, Any]], fixed: frozenset[int]
) -> None:
    names = [column.key for column in table.__table__.columns]
    for shift in fixed & {row["shift"] for row in rows}:
        here = {
            tuple(getattr(r, n) for n in names) for r in tx.session.scalars(select(table).where(table.shift == shift))
        }
        if here != {tuple(row[n] for n in names) for row in rows if row["shift"] == shift}:
            raise _begun(shift)
    new = [row for row in rows if row["shift"] not in fixed]
    tx.session.execute(delete(table).where(table.shift.in_({row["shift"] for row in new})))
    if new:
        tx.session.execute(insert(table), new)


def _fixed_shifts(session: Session) -> frozenset[int]:
    drawn = session.scalars(select(Shift.number).where(Shift.state != ShiftState.PLANNED.value))
    return frozenset(drawn) | frozenset(session.scalars(select(SeatingFreeze.shift)))


def _begun(shift: int) -> OutOfOrder:
    return OutOfOrder(
        N_("The file changes the seal, variants or sheets of shift {number}, which is frozen or drawn already. Nothing "
           "was changed."), next_step=N_("Call the testing centre."), number=shift,
    )  # fmt: skip


# -- F14: sealed keys


def _preview_keys(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    shifts = sorted({values["shift"] for values in arrived.of_type("sealed-key")})
    return [Line(N_("Sealed answer keys of shifts: {shifts}"), {"shifts": ", ".join(map(str, shifts))})]


def _take_keys(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Keep the sealed keys; they stay shut. An opened one is never replaced by another."""
    for values in arrived.of_type("sealed-key"):
        shift = values["shift"]
        if read_header(values["envelope"].encode()).commitment != values["commitment"]:
            raise UserError(N_("The sealed key of shift {number} is not the one announced. Nothing was changed."),
                            next_step=N_("Call the testing centre."), number=shift)  # fmt: skip
        opened, sealed = tx.session.get(OpenedKey, shift), tx.session.get(SealedKey, shift)
        if opened is not None and opened.commitment != values["commitment"]:
            raise UserError(N_("The key of shift {number} is open and cannot be replaced. Nothing was changed."),
                            next_step=N_("Call the testing centre."), number=shift)  # fmt: skip
        if sealed is None or sealed.commitment != values["commitment"]:
            tx.session.merge(SealedKey(received_at=stamp(ctx), **values))
    tx.note("exam-data-loaded", arrived.digest, records=_counts(arrived))
    return _preview_keys(ctx, tx.session, arrived)


# -- F15: daily statistics


def _statistics_shifts(session: Session) -> list[int]:
    rows = session.execute(select(Shift.number, Shift.state).order_by(Shift.number))
    return [number for number, state in rows if ShiftState(state) in _WITH_STATISTICS]


def _daily_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    if _statistics_shifts(session):
        return []
    return [Problem("shift", N_("No shift is identified yet."))]


def _collect_daily(_ctx: Context, session: Session, _to: str) -> Collected:
    shifts = _statistics_shifts(session)
    found: list[Record] = [("daily", row.record()) for n in shifts for row in daily.daily_rows_of(session, n)]
    return Collected(found, control_sums={"shifts": ",".join(map(str, shifts))})


# -- F16: final data


def _final_obstacles(_ctx: Context, session: Session, _to: str) -> list[Problem]:
    """Everything must be closed: the data go once, at the end (p.37)."""
    rows = session.execute(select(Shift.number, Shift.state).order_by(Shift.number)).all()
    if not rows:
        return [Problem("shift", N_("There are no shifts here yet."))]
    text = N_("Shift {n} is not closed: it is at «{state}» (p.37).")
    return [
        Problem("shift", text, (("n", number), ("state", STATE_LABELS[ShiftState(state)])))
        for number, state in rows
        if state != ShiftState.CLOSED.value
    ]


def _collect_final(ctx: Context, session: Session, _to: str) -> Collected:
    """The data and every scanned image; these are unsealed into the carrier piece by piece."""
    images = final_images.outgoing(ctx, session)
    records = chain(final_data.final_records(session), images.records)
    return Collected(records, images.files, final_data.control_sums(session), told=True)


def _counts(arrived: Arrived) -> dict[str, int]:
    found: dict[str, int] = {}
    kinds: Iterable[str] = (record_type for record_type, _ in arrived.records())
    for record_type in kinds:
        found[record_type] = found.get(record_type, 0) + 1
    return found


HANDLERS: tuple[Handler, ...] = (
    Handler("hand-over", records.HAND_OVER_RECORDS, preview=_preview_hand_over, take=_take_hand_over),
    Handler("variants", records.VARIANTS_RECORDS, preview=_preview_variants, take=_take_variants),
    Handler("answer-key", records.ANSWER_KEY_RECORDS, preview=_preview_keys, take=_take_keys),
    Handler("daily-statistics", records.DAILY_STATISTICS_RECORDS, _to_centre, _daily_obstacles, _collect_daily),
    Handler("final-data", records.FINAL_DATA_RECORDS, _to_centre, _final_obstacles, _collect_final),
)
