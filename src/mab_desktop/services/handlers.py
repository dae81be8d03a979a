"""What a carrier kind needs of a use case: how to collect its records, how to take them in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange.payload import Enclosed
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context
from mab_desktop.storage.store import Transaction

Record = tuple[str, Mapping[str, Any]]  # record type and values, named as in its spec


@dataclass(frozen=True)
class Collected:
    """What goes into a carrier: records in a fixed order, files, and the sums that stand on the signed paper too.

    `told`: the records hold the digest of every file, so that equal records mean equal files.
    """

    records: Iterable[Record]
    attachments: tuple[tuple[str, Enclosed], ...] = ()  # name inside the carrier, and what opens for reading
    control_sums: Mapping[str, str | int] = field(default_factory=dict)
    told: bool = False

    @property
    def untold(self) -> bool:
        """True where files might differ although the records are the same."""
        return bool(self.attachments) and not self.told


@dataclass(frozen=True)
class Arrived:
    """An opened carrier: verified, decrypted, every record checked against its spec."""

    kind: str
    sender: str
    digest: str
    manifest: Mapping[str, Any]
    records: Callable[[], Iterator[Record]]
    attachments: tuple[str, ...] = ()
    read: Callable[[str], bytes] = field(default=lambda _name: b"", repr=False)  # a whole enclosed file by name

    def of_type(self, record_type: str) -> Iterator[dict[str, Any]]:
        """Values of the records of one type, in the carrier's order."""
        return (dict(values) for kind, values in self.records() if kind == record_type)


@dataclass(frozen=True)
class Line:
    """One line of a preview or summary: a message id and its parameters."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Handler:
    """One side or both sides of a carrier kind.

    `recipients(ctx, session)` lists whom this workplace may send to now; `obstacles` says why it may not yet.
    `collect` runs in a read session; `take` in the one import transaction and must note its own event only for what
    it adds beyond "carrier-accepted". `preview` tells what would change, before anything does. `sent(ctx, tx, to,
    digest)` keeps what has to stay of a carrier here, in the transaction that gives its number away.
    """

    kind: str
    specs: Mapping[str, RecordSpec]
    recipients: Callable[[Context, Session], list[str]] | None = None
    obstacles: Callable[[Context, Session, str], list[Problem]] | None = None
    collect: Callable[[Context, Session, str], Collected] | None = None
    preview: Callable[[Context, Session, Arrived], list[Line]] | None = None
    take: Callable[[Context, Transaction, Arrived], list[Line]] | None = None
    sender: Role | None = None  # whose way of collecting this is, where two roles send the kind differently
    sent: Callable[[Context, Transaction, Sequence[str], str], None] | None = None


def encode(record: Record) -> dict[str, Any]:
    """A record as one JSON object: its type beside its values, dates as ISO text, empty values left out."""
    record_type, values = record
    out: dict[str, Any] = {"type": record_type}
    for name, value in values.items():
        if type(value) is str:
            if value:
                out[name] = value
        elif value is not None:
            out[name] = value.isoformat() if isinstance(value, date) else value
    return out


def decode(spec: RecordSpec, obj: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a JSON object by its spec: every field present, dates as dates; bad dates stay text."""
    values: dict[str, Any] = dict.fromkeys(spec.names)
    values.update(obj)
    if "type" not in spec.names:
        values.pop("type", None)
    for name in spec.dates:
        text = values[name]
        if isinstance(text, str):
            values[name] = _date(text) or text
    return values


def _date(text: str) -> date | None:
    """The day that `text` spells as YYYY-MM-DD; Python would also take 20110310 and 2011-W10-4."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def checked(specs: Mapping[str, RecordSpec], record_type: str, obj: Mapping[str, Any]) -> tuple[Record, list[Problem]]:
    """A carrier's record decoded, and every rule that it breaks."""
    spec = specs.get(record_type)
    if spec is None:
        return (record_type, {}), [Problem("type", N_("Unknown record type {value}."), (("value", record_type),))]
    values = decode(spec, obj)
    return (record_type, values), spec.problems(values)


def record_problems(specs: Mapping[str, RecordSpec], record_type: str, obj: Mapping[str, Any]) -> list[Problem]:
    """Every rule that a carrier's record breaks."""
    return checked(specs, record_type, obj)[1]
