"""The hall fund out (F3): to the centre and the base university, with the number of its version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import OutOfOrder, Problem
from mab_desktop.domain.organisation import NTC_CODE, PREFIX, Role
from mab_desktop.i18n import N_
from mab_desktop.services import carriers_plans, fund_agreement, fund_incomplete, fund_versions, sent_incomplete
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Collected, Handler, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.core import CarrierOut


def _recipients(ctx: Context, _session: Session) -> list[str]:
    return [NTC_CODE, PREFIX[Role.BASE_UNI] + ctx.university] if ctx.role is Role.AUDIT_FUND else []


def _obstacles(ctx: Context, session: Session, _recipient: str) -> list[Problem]:
    return fund_incomplete.problems(session, ctx.university) + fund_versions.unexplained(ctx, session)


def _collect(ctx: Context, session: Session, _recipient: str) -> Collected:
    going = fund_versions.going(ctx, session)
    seats = [values["seats"] for kind, values in going.records if kind == "hall"]
    version: Record = ("fund-version", {"number": going.number, "reason": going.reason, "digest": going.digest})
    pictures = carriers_plans.outgoing(session, ctx.university, going.records)
    sums: dict[str, Any] = {"version": going.number, "halls": len(seats), "seats": sum(seats), "fund": going.shown}
    lacks = fund_incomplete.shortage_in(session, ctx.university)
    why: list[Record] = []
    if lacks.missing:  # the lists of what came, at the centre and the base university, show it with the reason
        sums["without_seat"] = lacks.missing
        why = [sent_incomplete.record(lacks.reason, lacks.by, lacks.at, without_seat=lacks.missing)]
    return Collected([version, *going.records, *pictures.records, *why], pictures.attachments, control_sums=sums)


def _sent(ctx: Context, tx: Transaction, recipients: Sequence[str], digest: str) -> None:
    """Keep the version as it went out; refused when somebody changed the fund while the file was made."""
    going = fund_versions.going(ctx, tx.session)
    tx.session.flush()
    if tx.session.get_one(CarrierOut, digest).manifest["control_sums"]["fund"] != going.shown:
        raise OutOfOrder(
            N_("The hall fund was changed while the file was being made."),
            next_step=N_("Nothing was sent. Look at the changes and write the file again."),
        )
    fund_versions.keep(ctx, tx, going, recipients, digest)
    fund_incomplete.note_sent(ctx, tx, digest)
    if NTC_CODE in recipients:
        fund_agreement.note_sent(ctx, tx, going.number)


FUND = Handler("hall-fund", RECORDS["hall-fund"], _recipients, _obstacles, _collect, sent=_sent)
