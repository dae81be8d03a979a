"""Who of a workplace's people may send and take which kinds of carrier files."""

from __future__ import annotations

from mab_desktop.domain.organisation import MANAGERS, PersonRole
from mab_desktop.services.context import Context, require_person

# An operator carries records to the programmer and fetches what typing needs; nobody's database leaves with him.
OPERATOR_SENDS = frozenset({"operator-portion", "enrolment", "receipt"})
OPERATOR_TAKES = frozenset({"operator-corrections", "reference", "trust", "receipt", "stream-decision"})


def may_carry(ctx: Context, kind: str, *, sending: bool) -> bool:
    """True where the person at work may send, or take, files of `kind`."""
    return ctx.actor.role in _persons(kind, sending=sending)


def require_carrier_right(ctx: Context, kind: str, *, sending: bool) -> None:
    """UserError where the person at work has no right to it."""
    require_person(ctx, *_persons(kind, sending=sending))


def _persons(kind: str, *, sending: bool) -> tuple[PersonRole, ...]:
    operators = OPERATOR_SENDS if sending else OPERATOR_TAKES
    return (*MANAGERS, PersonRole.OPERATOR) if kind in operators else MANAGERS
