"""No changed byte passes, in a carrier of any kind. An even share here; all of it: tests/long/flips.py."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.exchange import carrier, container, kinds
from mab_desktop.services.handlers import record_problems
from tests.exchange.conftest import World
from tests.exchange.every_kind import SET_WITH_IMAGES, Sent, one_of_every_kind
from tests.exchange.faults import ACCEPTED, FAMILIES, judge

NAMES = (*kinds.KINDS, SET_WITH_IMAGES)
MOST = {
    "bit flipped": 200, "bit flipped, check sums put right": 200, "cut short": 30, "byte appended": 8,
    "byte prepended": 8,
}  # fmt: skip
FEW = 12


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("every-kind"))


@pytest.fixture(scope="module")
def every_kind(land: World) -> dict[str, Sent]:
    return one_of_every_kind(land)


@pytest.mark.parametrize("name", NAMES)
def test_it_arrives_with_every_record_and_image(land: World, every_kind: dict[str, Sent], name: str) -> None:
    sent = every_kind[name]
    specs = RECORDS[sent.kind.name]
    opened = land.open(sent.paths, sent.me, check=lambda type_, fields: record_problems(specs, type_, fields))
    assert list(opened.records()) == sent.records
    assert {info.name: data for info, data in opened.each_attachment()} == sent.attachments
    assert {record_type for record_type, _ in sent.records} == set(sent.kind.record_types)
    assert (name == SET_WITH_IMAGES) == (len(sent.paths) == 3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", NAMES)
def test_a_share_of_every_fault_is_refused(
    land: World, every_kind: dict[str, Sent], name: str, family: str
) -> None:
    accepted = 0
    for path in every_kind[name].paths:
        data = path.read_bytes()
        for changed in FAMILIES[family].share(data, MOST.get(family, FEW)):
            accepted += changed != data and judge(changed, land.trust) == ACCEPTED
    assert accepted == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_file_follows_from_its_contents(land: World, every_kind: dict[str, Sent], name: str) -> None:
    """Verified means: written anew from names and contents it is the same file, byte for byte."""
    for path in every_kind[name].paths:
        data = path.read_bytes()
        assert judge(data, land.trust) == ACCEPTED
        with container.Reader(io.BytesIO(data)) as reader:
            listed = carrier.verify(path, land.trust).manifest.files
            names = ("mimetype", "trust.dsse.json", "manifest.dsse.json", *(file.name for file in listed))
            contents = [(name, reader.take(name, 1 << 20)) for name in names]
        again = path.with_suffix(".again")
        container.write(again, contents)
        assert again.read_bytes() == data
        again.unlink()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_the_cipher_text_can_name_a_person(every_kind: dict[str, Sent], name: str) -> None:
    """Every text of a manifest, and the file's name, is an id, a digest, a number or a word without blanks."""
    sent = every_kind[name]
    for path, manifest in zip(sent.paths, sent.built.manifests, strict=True):
        assert re.fullmatch(r"[a-z0-9-]+\.mab", path.name)
        for text in _texts(manifest.fields()):
            assert re.fullmatch(r"[A-Za-z0-9.,:+>/_-]*", text), text
        raw = path.read_bytes()
        for word in ("ӘЛИЯ", "Қала", "Астана"):
            assert word.encode() not in raw


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(app_version="Әлия"),
        lambda m: m.update(app_version="made by Alija"),
        lambda m: m.update(control_sums={"name": "Ахметова Әлия"}),
        lambda m: m.update(control_sums={"name": "Alija Akhmetova"}),
        lambda m: m.update(control_sums={"Әлия": 1}),
        lambda m: m["acks"].append({"stream": "Alija A", "epoch": 1, "seq": 1, "digest": "ab" * 32}),
        lambda m: m.update(created="2026-13-40T99:99:99Z"),
    ],
)
def test_a_manifest_with_room_for_a_name_is_refused(
    world: World, refused: Callable[[str], Any], change: Callable[[dict[str, Any]], None]
) -> None:
    with refused("manifest-malformed"):
        carrier.verify(world.forge(world.send(), change), world.trust)


def test_a_sender_nobody_knows_may_bring_little(world: World, refused: Callable[[str], Any]) -> None:
    fresh = type(world.net).generate("nu029", "nu029", kinds.NETWORK_UNI)
    record = ("device", fresh.public.fields())
    given: dict[str, Any] = {"kind": kinds.ENROLMENT, "sender": fresh, "recipients": ["ntc"]}
    one = world.send(**given, records=[record] * 100)
    assert carrier.verify(one.paths[0], world.trust).sender is None
    with refused("manifest-malformed"):
        world.send(**given, records=[record] * 400)
    with refused("manifest-malformed"):
        carrier.verify(world.forge(one, lambda m: m.update(parts=2), keys=[fresh.signing]), world.trust)
