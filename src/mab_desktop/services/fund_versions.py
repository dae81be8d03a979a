"""Versions of the hall fund (p.17): each state that went out is kept; what changed between two of them, and since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder, Problem, Refused
from mab_desktop.domain.fund_change import FundChanges, Record, fund_changes, fund_digest
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services import halls
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.fund import FundVersion

REASON = "fund-change-reason"
NOW = 0  # the fund as it stands here, among the numbers of versions
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Version:
    """A version as a list shows it; `sent` tells to whom and when, newest last."""

    number: int
    at: str
    by: str
    reason: str
    halls: int
    seats: int
    sent: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Going:
    """The fund as it would go out now, and the version that it is."""

    number: int
    digest: str
    reason: str
    records: list[tuple[str, dict[str, Any]]]
    new: bool

    @property
    def shown(self) -> str:
        """As much of the digest as people can compare: on the carrier and on the paper."""
        return self.digest[:12]


# -- reading -----------------------------------------------------------------------------------------------------------


def versions(ctx: Context) -> list[Version]:
    """Every version that went out, the newest first."""
    with ctx.store.read() as session:
        return [_version(row) for row in session.scalars(select(FundVersion).order_by(FundVersion.number.desc()))]


def changes(ctx: Context, before: int, after: int = NOW) -> FundChanges:
    """What changed from one version to another, or to the fund as it stands now."""
    with ctx.store.read() as session:
        return fund_changes(_records(ctx, session, before), _records(ctx, session, after))


def changed_since_sent(ctx: Context, session: Session) -> bool:
    """Whether the fund differs from the last version; False while none went out."""
    return _last(session) is not None and going(ctx, session).new


def unexplained(ctx: Context, session: Session) -> list[Problem]:
    """A change after 16 March needs a reason before it may go out (p.17)."""
    if not is_late(ctx) or not changed_since_sent(ctx, session) or reason(session):
        return []
    return [Problem("reason", N_("The fund changed after 16 March. Give the reason on the page of versions."))]


def is_late(ctx: Context) -> bool:
    """Whether the day is over by which the fund had to be at the centre: before 16 March."""
    return ctx.clock.now().date() >= date(ctx.season.year, 3, 16)


def reason(session: Session) -> str:
    """The reason given for the next version."""
    return str(setting(session, REASON).get("reason", ""))


def given_reason(ctx: Context) -> str:
    """The same, for a page."""
    with ctx.store.read() as session:
        return reason(session)


def going(ctx: Context, session: Session) -> Going:
    """The fund as it would go out now: the last version again while nothing changed, else the next one."""
    records = halls.hall_records(session, ctx.university)
    digest, last = fund_digest(records), _last(session)
    if last is not None and last.digest == digest:
        return Going(last.number, digest, last.reason, records, new=False)
    return Going(last.number + 1 if last else 1, digest, reason(session) if last else "", records, new=True)


# -- changing ----------------------------------------------------------------------------------------------------------


def explain(ctx: Context, words: str) -> None:
    """Say why the fund changes after 16 March; the reason travels with the next version."""
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    kept = " ".join(words.split())
    if not kept:
        raise Refused([Problem("reason", N_("Give the reason of the change."))])
    if len(kept) > REASON_LENGTH:
        raise Refused([Problem("reason", N_("At most {n} characters."), (("n", REASON_LENGTH),))])
    with ctx.store.write(ctx.actor) as tx:
        put_setting(tx, REASON, {"reason": kept})
        tx.note("fund-change-explained", ctx.university, reason=kept)


def keep(ctx: Context, tx: Transaction, what: Going, recipients: Sequence[str], carrier: str) -> None:
    """Freeze what went out, or note that a version known already went out once more."""
    sent = [{"to": to, "carrier": carrier, "at": stamp(ctx)} for to in recipients]
    row = tx.session.get(FundVersion, what.number)
    if row is not None:
        row.sent = [*row.sent, *sent]
        return
    records = [[kind, _plain(values)] for kind, values in what.records]
    tx.session.add(
        FundVersion(number=what.number, at=stamp(ctx), by=ctx.actor.name[:64], digest=what.digest, reason=what.reason,
                    records=records, sent=sent)
    )  # fmt: skip
    put_setting(tx, REASON, {})
    tx.note("fund-version-frozen", str(what.number), digest=what.digest, reason=what.reason)


def last_number(session: Session) -> int:
    """The number of the last version; 0 while none went out."""
    last = _last(session)
    return last.number if last else 0


# -- inside ------------------------------------------------------------------------------------------------------------


def _last(session: Session) -> FundVersion | None:
    return session.scalars(select(FundVersion).order_by(FundVersion.number.desc()).limit(1)).first()


def _records(ctx: Context, session: Session, number: int) -> list[Record]:
    if number == NOW:
        return list(halls.hall_records(session, ctx.university))
    row = session.get(FundVersion, number)
    if row is None:
        raise OutOfOrder(N_("There is no version {number} of the fund."), number=number)
    return [(kind, values) for kind, values in row.records]


def _version(row: FundVersion) -> Version:
    seats = [int(values["seats"]) for kind, values in row.records if kind == "hall"]
    sent = tuple((str(one["to"]), str(one["at"])) for one in row.sent)
    return Version(row.number, row.at, row.by, row.reason, len(seats), sum(seats), sent)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != ""}
