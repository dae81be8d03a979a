"""The centre decides which of two files with one number counts, and tells the recipient by a file signed by two people.

The recipient reads the check groups of both files to the centre by telephone; the sender is asked what happened. A
stream that leads to the centre itself is settled there at once, by the same two people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, Role, parse_organisation
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.kinds import KINDS, STREAM_DECISION
from mab_desktop.exchange.manifest import EVERYBODY
from mab_desktop.i18n import N_
from mab_desktop.services import forks
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, Record
from mab_desktop.services.settings import put_setting, setting
from mab_desktop.storage.store import Transaction

_SETTING = "stream-decisions"
_STREAM = re.compile(r"([a-z0-9-]+)>([a-z0-9-]+)/([a-z-]+)/[a-z0-9]+/(test|official)")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and for whom a file has to go out ("" where it was settled here)."""

    stream: str
    groups: str
    counts: bool
    recipient: str


def decide(
    ctx: Context, stream: str, groups: str, *, counts: bool, recipient: str = "", persons: Sequence[SigningKey] = ()
) -> Decision:
    """Decide about the second file that `groups` names on `stream`; `recipient` only for a stream that goes to all.

    UserError for a name that is no stream, groups that are none, and, for a stream to the centre, without two people.
    """
    require(ctx, Role.NTC)
    to = _recipient(stream, recipient)
    typed = forks.typed_groups(groups)
    if not re.fullmatch(f"[0-9a-f]{{{forks.GROUPS}}}", typed):
        raise UserError(N_("The check groups of a file are four groups of four characters, 0-9 and A-F."))
    if to == NTC_CODE and len({key.keyid for key in persons}) < 2:
        raise UserError(N_("Two people of the centre decide this: both must sign."))
    with ctx.store.write(ctx.actor) as tx:
        if to == NTC_CODE:
            if not forks.settle(ctx, tx, stream, typed, counts=counts):
                raise UserError(N_("No such pair of files waits for a decision here. Nothing was changed."))
        else:
            _keep(tx, to, {"stream": stream, "file": typed, "counts": counts, "decided_at": stamp(ctx)})
        tx.note("stream-decision-made", stream, file=typed, counts=counts, to=to)
    return Decision(stream, forks.shown_groups(typed), counts, "" if to == NTC_CODE else to)


def is_for_centre(stream: str, recipient: str = "") -> bool:
    """Whether the two files came to the centre itself, so that deciding settles them at once."""
    return _recipient(stream, recipient) == NTC_CODE


def _recipient(stream: str, named: str) -> str:
    match = _STREAM.fullmatch(stream)
    if match is None or match[3] not in KINDS:
        raise UserError(N_("{name} is not the name of an order of files."), name=stream)
    to = named or match[2]
    try:
        if to == EVERYBODY:
            raise ValueError(to)
        parse_organisation(to)
    except ValueError as error:
        raise UserError(N_("Say at whose workplace the two files were found.")) from error
    return to


def _keep(tx: Transaction, to: str, line: dict[str, Any]) -> None:
    """A later decision about the same file stands in place of the earlier one."""
    kept = dict(setting(tx.session, _SETTING))
    others = [old for old in kept.get(to, ()) if (old["stream"], old["file"]) != (line["stream"], line["file"])]
    put_setting(tx, _SETTING, {**kept, to: [*others, line]})


def _recipients(ctx: Context, session: Session) -> list[str]:
    return sorted(setting(session, _SETTING)) if ctx.role is Role.NTC else []


def _collect(_ctx: Context, session: Session, recipient: str) -> Collected:
    records: list[Record] = [("stream-decision", line) for line in setting(session, _SETTING)[recipient]]
    return Collected(records)


def _preview(_ctx: Context, _session: Session, arrived: Arrived) -> list[Line]:
    return [
        Line(
            N_("The file {groups} of {sender} counts") if line["counts"] else
            N_("The file {groups} of {sender} does not count"),
            {"groups": forks.shown_groups(line["file"]), "sender": line["stream"].partition(">")[0]},
        )
        for line in arrived.of_type("stream-decision")
    ]  # fmt: skip


def _take(ctx: Context, tx: Transaction, arrived: Arrived) -> list[Line]:
    """Settle what waits for it here; decisions carried out before change nothing."""
    settled = sum(
        forks.settle(ctx, tx, line["stream"], line["file"], counts=line["counts"])
        for line in arrived.of_type("stream-decision")
    )
    return [*_preview(ctx, tx.session, arrived), Line(N_("Senders set free: {count}"), {"count": settled})]


DECISIONS = Handler(
    STREAM_DECISION.name, RECORDS[STREAM_DECISION.name], recipients=_recipients, collect=_collect, preview=_preview,
    take=_take,
)  # fmt: skip
