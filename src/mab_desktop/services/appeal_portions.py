"""Portions of applications on their way to the appeal commission and back (p.36.1, p.42, p.44.1).

Applications are entered as they gather. A portion is what the commission gets at a time: from the first application
that it has not got yet to the newest one, with the register, the cards, the keys, the booklets and the original sheets,
of which the representative keeps copies. After the sitting the originals come back and are compared with the copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.appeal import AppealState
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_
from mab_desktop.services import shifts
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.results import Appeal

_SETTING = "appeal-portions"
_WORKED_ON = (ShiftState.RESULTS, ShiftState.APPEAL_CLOSED)


@dataclass(frozen=True)
class Portion:
    """Applications `first` to `last` of a shift, when they were handed over and by whom; `sheets` came back."""

    n: int
    first: int
    last: int
    at: str
    by: str
    sheets: int | None = None
    returned_at: str = ""
    remark: str = ""

    @property
    def applications(self) -> int:
        """How many; of each there is one original sheet."""
        return self.last - self.first + 1

    def holds(self, number: int) -> bool:
        """Whether an application of the journal is in it."""
        return self.first <= number <= self.last


def portions(ctx: Context, shift: int) -> list[Portion]:
    """The portions of a shift, the first one first."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return portions_of(session, shift)


def portions_of(session: Session, shift: int) -> list[Portion]:
    """`portions` within a session."""
    return [Portion(**line) for line in setting(session, _SETTING).get(str(shift), ())]


def portion_of(session: Session, shift: int, n: int) -> Portion:
    """One portion; OutOfOrder where it was not handed over."""
    found = next((portion for portion in portions_of(session, shift) if portion.n == n), None)
    if found is None:
        raise OutOfOrder(N_("Portion {n} of shift {shift} was not handed to the commission (p.42)."), n=n, shift=shift)
    return found


def waiting(ctx: Context, shift: int) -> int:
    """How many applications the commission has not got yet."""
    with ctx.store.read() as session:
        return _newest(session, shift) - _handed(portions_of(session, shift))


def hand_over(ctx: Context, shift: int) -> Portion:
    """Give the commission all applications that it has not got yet, as the next portion (p.42)."""
    _may(ctx)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.RESULTS)
        found, newest = portions_of(tx.session, shift), _newest(tx.session, shift)
        if newest == _handed(found):
            raise OutOfOrder(N_("The commission has every application of the journal already (p.42)."))
        made = Portion(len(found) + 1, _handed(found) + 1, newest, stamp(ctx), ctx.actor.name)
        _keep(tx, shift, [*found, made])
        tx.note("appeal-portion-handed", f"shift-{shift}", n=made.n, first=made.first, last=made.last)
    return made


def take_back(ctx: Context, shift: int) -> Portion:
    """Take the newest portion back, as long as nothing of it was decided and its papers did not come back."""
    _may(ctx)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, ShiftState.RESULTS)
        found = portions_of(tx.session, shift)
        newest = portion_of(tx.session, shift, len(found))
        decided = select(func.count()).select_from(Appeal).where(
            Appeal.shift == shift, Appeal.number >= newest.first, Appeal.state != AppealState.PENDING.value
        )  # fmt: skip
        if newest.returned_at or tx.session.scalar(decided):
            raise OutOfOrder(N_("Portion {n} was heard already and is not taken back (p.42, p.43)."), n=newest.n)
        _keep(tx, shift, found[:-1])
        tx.note("appeal-portion-undone", f"shift-{shift}", n=newest.n)
    return newest


def give_back(ctx: Context, shift: int, n: int, sheets: int, remark: str = "") -> Portion:
    """The papers of a portion came back; the original sheets were compared with the copies kept (p.42, p.44).

    Refused when not every sheet came back, or more did, unless `remark` says why. Entered again it takes the place of
    what stood there.
    """
    _may(ctx)
    with ctx.store.write(ctx.actor) as tx:
        shifts.require_state(tx.session, shift, *_WORKED_ON)
        portion = portion_of(tx.session, shift, n)
        if sheets != portion.applications and not remark.strip():
            text = N_("{due} original sheets were handed over, {found} came back. Say why (p.42).")
            raise Refused([Problem("sheets", text, (("due", portion.applications), ("found", sheets)))])
        back = Portion(
            portion.n, portion.first, portion.last, portion.at, portion.by, sheets, stamp(ctx), remark.strip()[:300]
        )
        _keep(tx, shift, [back if one.n == n else one for one in portions_of(tx.session, shift)])
        tx.note("appeal-portion-returned", f"shift-{shift}", n=n, sheets=sheets, remark=back.remark)
    return back


def _may(ctx: Context) -> None:
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE)


def _newest(session: Session, shift: int) -> int:
    return session.scalar(select(func.max(Appeal.number)).where(Appeal.shift == shift)) or 0


def _handed(found: list[Portion]) -> int:
    return found[-1].last if found else 0


def _keep(tx: Transaction, shift: int, found: list[Portion]) -> None:
    every: Mapping[str, Any] = setting(tx.session, _SETTING)
    plain = [{name: getattr(one, name) for name in Portion.__dataclass_fields__} for one in found]
    put_setting(tx, _SETTING, {**every, str(shift): plain})
