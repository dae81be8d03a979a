"""Made-up students for tests of services, and carriers handed over without a drive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from mab_desktop.services.context import Context
from mab_desktop.services.handlers import Arrived, Collected, Handler, Line, decode, encode, record_problems
from mab_desktop.services.transfer import handlers


def student(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A complete record; `number` makes its TO code, certificate and document its own."""
    values: dict[str, Any] = {
        "surname": "Ахметов", "first_name": "Ерлан", "patronymic": "Серікұлы", "birth_date": date(1991, 5, 14),
        "citizenship": "398", "nationality": "005", "sex": "1", "specialty": "050102", "course": "2",
        "study_language": "1", "study_form": "1", "payment": "3", "to_code": f"{20000000 + number}",
        "certificate": f"{30000000 + number}", "grant_certificate": None, "identity_document": f"{100000000 + number}",
        "admission_year": 2009, "record_book": f"09-{number:04d}", "foreign_language": "1",
    }  # fmt: skip
    return values | changes


def handler_of(kind: str, sending: bool) -> Handler:
    """The side of a carrier kind that sends, or the one that takes."""
    return next(h for h in handlers()[kind] if (h.collect if sending else h.take))


def collect(ctx: Context, kind: str, recipient: str) -> Collected:
    """What a carrier would hold."""
    handler = handler_of(kind, sending=True)
    assert handler.collect
    with ctx.store.read() as session:
        assert handler.recipients is None or recipient in handler.recipients(ctx, session)
        found = handler.collect(ctx, session, recipient)
        return Collected(list(found.records), found.attachments, found.control_sums)


def obstacles(ctx: Context, kind: str, recipient: str) -> list[str]:
    """Why it may not be sent, in English."""
    handler = handler_of(kind, sending=True)
    with ctx.store.read() as session:
        return [p.message("en") for p in handler.obstacles(ctx, session, recipient)] if handler.obstacles else []


def arrive(sender: Context, receiver: Context, kind: str, collected: Collected) -> Arrived:
    """The carrier as the receiver has it: through JSON, every record checked against the receiver's specs."""
    specs = handler_of(kind, sending=False).specs
    lines = [json.dumps(encode(record), ensure_ascii=False) for record in collected.records]
    objects: list[Mapping[str, Any]] = [json.loads(line) for line in lines]
    for obj in objects:
        assert record_problems(specs, obj["type"], {k: v for k, v in obj.items() if k != "type"}) == []
    manifest = {"sender": {"device": sender.actor.device}, "control_sums": dict(collected.control_sums)}
    return Arrived(
        kind, sender.organisation, "0" * 64, manifest,
        lambda: ((obj["type"], decode(specs[obj["type"]], obj)) for obj in objects),
    )  # fmt: skip


def take(receiver: Context, arrived: Arrived) -> list[Line]:
    """Load a carrier in one transaction."""
    handler = handler_of(arrived.kind, sending=False)
    assert handler.take
    with receiver.store.write(receiver.actor) as tx:
        lines = handler.take(receiver, tx, arrived)
        tx.note("carrier-accepted", arrived.digest, kind=arrived.kind)
    return lines


def send(sender: Context, receiver: Context, kind: str) -> list[Line]:
    """Hand a carrier over."""
    return take(receiver, arrive(sender, receiver, kind, collect(sender, kind, receiver.organisation)))
