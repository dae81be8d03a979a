"""The agreement of the hall fund with the testing centre (p.6, item 1), step by step: sent, refused, agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.services import fund_versions
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.fund import FundAgreement


class State(StrEnum):
    """How the agreement stands."""

    DRAFT = "draft"
    SENT = "sent"
    AGREED = "agreed"
    REFUSED = "refused"


WORDS: Mapping[State, str] = {
    State.DRAFT: N_("Draft: not sent to the centre yet"),
    State.SENT: N_("Sent: the centre has not answered yet"),
    State.AGREED: N_("Agreed by the centre"),
    State.REFUSED: N_("Refused by the centre, with remarks"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its state and day, the version of the fund, who on either side, the centre's remarks."""

    state: State
    day: date
    version: int
    centre_officer: str
    own_officer: str
    remarks: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: the last step, the answer that still counts, and whether the fund changed since."""

    state: State
    steps: tuple[Step, ...]  # the newest first
    changed_since: bool = False

    @property
    def last(self) -> Step | None:
        """The newest step."""
        return self.steps[0] if self.steps else None

    @property
    def officer(self) -> str:
        """Who agreed at the centre; "" while nobody did."""
        return self.steps[0].centre_officer if self.state is State.AGREED else ""


def standing(ctx: Context) -> Standing:
    """How the agreement stands now."""
    with ctx.store.read() as session:
        return standing_in(ctx, session)


def standing_in(ctx: Context, session: Session) -> Standing:
    """The same inside a session."""
    rows = session.scalars(select(FundAgreement).order_by(FundAgreement.id.desc()))
    steps = tuple(
        Step(State(r.state), date.fromisoformat(r.day), r.version, r.centre_officer, r.own_officer, r.remarks, r.at,
             r.by)
        for r in rows
    )  # fmt: skip
    changed = fund_versions.changed_since_sent(ctx, session)
    return Standing(steps[0].state if steps else State.DRAFT, steps, changed and bool(steps))


def note_answer(
    ctx: Context, state: State, centre_officer: str, day: date | None, *, own_officer: str = "", remarks: str = ""
) -> None:
    """Note what the centre answered: who there, who here took the answer, on which day; a refusal has remarks."""
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    found = []
    if state not in (State.AGREED, State.REFUSED):
        found.append(Problem("state", N_("Choose whether the centre agreed or refused.")))
    if not centre_officer.strip():
        found.append(Problem("officer", N_("Say who at the centre answered.")))
    if day is None or day > ctx.clock.now().date():
        found.append(Problem("date", N_("Give the day of the answer; it cannot lie ahead.")))
    if state is State.REFUSED and not remarks.strip():
        found.append(Problem("remarks", N_("Write down what the centre asks to change.")))
    if found or day is None:
        raise Refused(found)
    with ctx.store.write(ctx.actor) as tx:
        known = fund_versions.last_number(tx.session)
        _add(ctx, tx, state, day, known, centre_officer.strip(), own_officer.strip() or ctx.actor.name,
             " ".join(remarks.split()))  # fmt: skip


def note_sent(ctx: Context, tx: Transaction, version: int) -> None:
    """The fund went to the centre: what was agreed about an older version has to be agreed anew."""
    last = tx.session.scalars(select(FundAgreement).order_by(FundAgreement.id.desc()).limit(1)).first()
    if last is None or last.version != version:
        _add(ctx, tx, State.SENT, ctx.clock.now().date(), version, "", ctx.actor.name, "")


def _add(
    ctx: Context, tx: Transaction, state: State, day: date, version: int, centre: str, own: str, remarks: str
) -> None:
    values: dict[str, Any] = {
        "state": state.value, "day": day.isoformat(), "version": version, "centre_officer": centre,
        "own_officer": own, "remarks": remarks,
    }  # fmt: skip
    tx.session.add(FundAgreement(at=stamp(ctx), by=ctx.actor.login, **values))
    tx.note("hall-fund-agreed", ctx.university, **values)
