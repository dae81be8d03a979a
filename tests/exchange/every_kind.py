"""A small but complete carrier of every kind: each type of record, every field of the manifest, real sealed things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.hall import grid_json
from mab_desktop.domain.student import ON_THE_PASS
from mab_desktop.exchange import carrier, kinds
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.kinds import CarrierKind
from tests.exchange.conftest import World, sealed_key, sealed_seed

SET_WITH_IMAGES = "final-data in parts"


@dataclass(frozen=True)
class Sent:
    """A set of one or more parts, its records and enclosed files, and who may open it."""

    kind: CarrierKind
    built: carrier.Built
    me: DeviceKeys
    records: list[tuple[str, dict[str, Any]]]
    attachments: Mapping[str, bytes]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the set, in order."""
        return self.built.paths


def one_of_every_kind(world: World) -> dict[str, Sent]:
    """By the kind's name; the kind with images once more as a set of parts."""
    sent = {name: send(world, kind) for name, kind in kinds.KINDS.items()}
    images = {f"shift-1/hall-101/{n}.jpg": jpeg(n, 4_000) for n in (1, 2)}
    sent[SET_WITH_IMAGES] = send(world, kinds.FINAL_DATA, images, part_limit=1)
    return sent


def send(world: World, kind: CarrierKind, images: Mapping[str, bytes] | None = None, **given: Any) -> Sent:
    """One carrier of `kind` over its first route, as the second of its stream."""
    role, to = next((route for route in kind.routes if route[0] != route[1]), kind.routes[0])
    sender, me = _sender(world, kind, role), world.devices[to]
    if images is None:
        images = {"shift-1/hall-101/1.jpg": jpeg(1, 1_500)} if kind.encloses else {}
    records = records_of(kind, sender)
    built = world.send(
        kind=kind, sender=sender, recipients=["bu013", "mp013", "nu027", "nu028"] if kind.broadcast else [me.org],
        seq=2, prev="5a" * 32, records=records, control_sums={"students": 2, "control_sum": "0A1B-2C3D-4E5F-6071"},
        checkpoint=carrier.Checkpoint(n=17, hash="c4" * 32),
        acks=[carrier.Ack(stream=f"{me.device}>{sender.org}/receipt/2026/official", epoch=1, seq=3, digest="d5" * 32)],
        persons=world.persons_of(sender.org)[:2] if kind.two_persons else (),
        attachments=[carrier.Attachment(name, data) for name, data in images.items()], **given,
    )  # fmt: skip
    return Sent(kind, built, me, records, images)


def _sender(world: World, kind: CarrierKind, role: str) -> DeviceKeys:
    if kind.unlisted:
        return DeviceKeys.generate("bu014", "bu014", role, world.chance)
    if kind.routes == ((kinds.NETWORK_UNI, kinds.NETWORK_UNI),):
        return world.operator
    return world.devices[role]


def jpeg(number: int, size: int) -> bytes:
    """Bytes that begin and end as a JPEG does and look like noise between."""
    noise = b"".join(number.to_bytes(2, "big") + step.to_bytes(2, "big") for step in range(size // 4))
    return b"\xff\xd8\xff\xe0" + noise + b"\xff\xd9"


def records_of(kind: CarrierKind, sender: DeviceKeys) -> list[tuple[str, dict[str, Any]]]:
    """Two records of each type that the kind may hold."""
    found = []
    for record_type, spec in RECORDS[kind.name].items():
        for number in (1, 2):
            found.append((record_type, record(spec, number) | (_device(sender) if record_type == "device" else {})))
    return found


def record(spec: RecordSpec, number: int = 1) -> dict[str, Any]:
    """A record that breaks no rule, every field filled; sealed things are real ones."""
    values = {field.name: _value(field, number) for field in spec.fields}
    if "admission_year" in values:
        values["birth_date"] = date(values["admission_year"] - 18, 5, 12).isoformat()
    if "plan_json" in values:
        values["plan_json"] = grid_json([tuple(range(1, values["seats"] + 1))]) if "seats" in values else ""
    if "value_json" in values:
        values["value_json"] = '{"values":["A"]}'
    if spec.name == "wrong-data":
        values |= {"field": ON_THE_PASS[number], "right_value": "Астана"}
    if spec.name == "second-difference":
        values |= {"field": "surname", "choice": "first"}
    if spec.name == "sealed-key":
        values["envelope"] = sealed_key().data.decode()
    if spec.name == "shift-seal":
        values["sealed_seed"] = sealed_seed().data.decode()
    return values


def _device(sender: DeviceKeys) -> dict[str, Any]:
    return sender.public.fields()


def _value(field: Field, number: int) -> Any:
    if field.kind is Kind.INTEGER:
        return min(max(field.low or 0, number), field.high if field.high is not None else number)
    if field.kind is Kind.FLAG:
        return number == 1
    if field.kind is Kind.DATE:
        return (date(2008, 5, 12) + timedelta(number)).isoformat()
    text = str(number) if field.kind in (Kind.DIGITS, Kind.CODE) else {Kind.NAME: "ӘЛИЯ"}.get(field.kind, "Қала")
    if field.exact and field.max_length:
        return (text * field.max_length)[: field.max_length]
    return text[: field.max_length] if field.max_length else text
