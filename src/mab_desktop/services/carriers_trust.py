"""The trust list as a carrier of its own: for news that must not wait for the next file, such as a lost key."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.carriers_ntc import enrolled
from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line
from mab_desktop.storage.store import Transaction


def _everybody(_ctx: Context, session: Session) -> list[str]:
    return enrolled(session, *(role for role in Role if role is not Role.NTC))


def _nothing_more(_ctx: Context, _session: Session, _to: str) -> Collected:
    """Every carrier brings the list along; this one brings nothing else."""
    return Collected(())


def _preview(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    return [Line(N_("Trust list number {n} of the testing centre"), {"n": arrived.manifest["trust"]["version"]})]


def _take(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    return _preview(ctx, tx.session, arrived)


TRUST = Handler("trust", {}, _everybody, None, _nothing_more, _preview, _take, sender=Role.NTC)
