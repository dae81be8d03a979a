"""Records right by themselves but not together, from a sender who signs properly: words, and nothing changed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.exchange import carrier, kinds
from mab_desktop.services import transfer, trusting
from tests.exchange.every_kind import record
from tests.services.land import OPERATOR, Land, facts, refused

ROUTES = {
    "operator-portion": (OPERATOR, "nu027"), "operator-corrections": ("nu027", OPERATOR),
    "statistics": ("nu027", "bu013"),
    "university-students": ("nu027", "bu013"), "passes": ("bu013", "nu027"), "wrong-data": ("nu027", "bu013"),
    "hand-over": ("bu013", "mp013"), "hall-fund": ("bu013", "ntc"), "base-students": ("bu013", "ntc"),
    "daily-statistics": ("mp013", "ntc"), "final-data": ("mp013", "ntc"), "reference": ("ntc", "nu027"),
    "contingent": ("ntc", "bu013"), "final-students": ("ntc", "bu013"), "variants": ("ntc", "mp013"),
    "receipt": ("nu027", "bu013"), "enrolment": ("nu041", "ntc"),
}  # fmt: skip
TEXTS = ("{}", "[]", "null", "1", '"x"', '{"a":1}', "[[1,0],[0,2]]", "Ә" * 40, "%s", "-", "2011-03-10T09:00:00+00:00",
         "final", "stage", "present", "A", " ")  # fmt: skip

Records = Sequence[tuple[str, dict[str, Any]]]


def send(land: Land, kind: str, records: Records, folder: Path, at: tuple[int, str] = (0, "")) -> carrier.Built:
    """The next carrier after `at` of a stream, rightly made and signed."""
    sender, recipient = (land.ctx(name) for name in ROUTES[kind])
    with sender.store.read() as session:
        me, trust = transfer.my_keys(session), trusting.trust_store(session)
    folder.mkdir()
    return carrier.build(
        folder, kind=kinds.KINDS[kind], sender=me, recipients=[recipient.organisation], trust=trust,
        campaign=sender.season.campaign, mode="test", epoch=1, seq=at[0] + 1, prev=at[1],
        created="2011-03-10T09:00:00Z", app_version="1", records=records,
    )  # fmt: skip


def at_home(values: dict[str, Any]) -> dict[str, Any]:
    """A record of the universities that the land has."""
    homes = {"university": "027", "base_university": "013"}
    return values | {name: code for name, code in homes.items() if name in values}


@pytest.mark.parametrize("kind", ["statistics", "university-students", "hall-fund", "daily-statistics", "contingent"])
def test_a_record_twice_is_refused_and_changes_nothing(land: Land, tmp_path: Path, kind: str) -> None:
    records = [(of, at_home(record(spec))) for of, spec in RECORDS[kind].items() for _ in range(2)]
    ctx = land.ctx(ROUTES[kind][1])
    seen = transfer.examine(ctx, send(land, kind, records, tmp_path / "out").paths[0])
    before = facts(ctx)
    with refused("records-conflict"):
        transfer.accept(ctx, seen)
    after = facts(ctx)
    assert (after.streams, after.loaded, after.students) == (before.streams, before.loaded, before.students)


def test_any_records_that_keep_their_own_rules_are_taken_or_refused_in_words(land: Land, tmp_path: Path) -> None:
    chance = random.Random(7)
    at: dict[str, tuple[int, str]] = {}
    said: list[str] = []
    for number in range(3):
        for kind, (_, name) in ROUTES.items():
            built = send(land, kind, _strange(kind, chance), tmp_path / f"{kind}-{number}", at.get(kind, (0, "")))
            ctx = land.ctx(name)
            try:
                transfer.accept(ctx, transfer.examine(ctx, built.paths[0]), confirm_gap=True)
            except UserError as error:
                said.append(error.message("kk"))
            else:
                at[kind] = (built.manifest.seq, built.digest)
    assert len(at) > 6
    assert len(said) > 8
    assert all(said)


DEEP = "[" * 1500
TEXTS_IN_RECORDS = [
    ("reference", "setting", {"key": "fund", "json": '{"a":' + DEEP}),
    ("reference", "setting", {"key": "fund", "json": '{"a":NaN}'}),
    ("reference", "setting", {"key": "fund", "json": json.dumps({"a": "Ә" * 30_500}, ensure_ascii=False)}),
    ("reference", "reference", {"extra_json": '{"a":' + DEEP}),
    ("final-data", "decision", {"value_json": '{"values":' + DEEP}),
    ("final-data", "decision", {"value_json": "[]"}),
    ("final-data", "decision", {"value_json": '{"values":[1]}'}),
    ("final-data", "decision", {"value_json": '{"seat":"12"}'}),
    ("operator-portion", "student", {"marks": '{"":' + DEEP}),
    ("operator-portion", "student", {"grounds": '{"surname":' + DEEP}),
    ("operator-portion", "student", {"marks": '{"":{"a":1e400}}'}),
]


@pytest.mark.parametrize(("kind", "of", "strange"), TEXTS_IN_RECORDS)
def test_a_text_inside_a_record_that_nobody_can_read_is_told(
    land: Land, tmp_path: Path, kind: str, of: str, strange: dict[str, Any]
) -> None:
    """Nested until a reader breaks, no number, of another kind than counting needs, longer in bytes than in letters."""
    values = at_home(record(RECORDS[kind][of])) | strange
    ctx = land.ctx(ROUTES[kind][1])
    before = facts(ctx)
    with pytest.raises(UserError) as told:
        transfer.accept(ctx, transfer.examine(ctx, send(land, kind, [(of, values)], tmp_path / "out").paths[0]))
    assert all(told.value.message(lang) for lang in ("kk", "ru", "en"))
    after = facts(ctx)
    assert (after.streams, after.loaded, after.students) == (before.streams, before.loaded, before.students)


def test_what_fits_no_line_is_told_to_its_sender(land: Land, tmp_path: Path) -> None:
    long = {"key": "fund", "json": json.dumps({"a": "Ә" * 40_000}, ensure_ascii=False)}
    with refused("record-too-long"):
        send(land, "reference", [("setting", long)], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def _strange(kind: str, chance: random.Random) -> Records:
    records = []
    for of, spec in RECORDS[kind].items():
        for _ in range(chance.randint(0, 3)):
            values = record(spec, chance.randint(1, 2))
            for field in spec.fields:
                if chance.random() < 0.06:
                    values[field.name] = _value(field, chance)
            records.append((of, at_home(values) if chance.random() < 0.8 else values))
    return records


def _value(field: Field, chance: random.Random) -> Any:
    if field.kind is Kind.INTEGER:
        return chance.choice([field.low or 0, field.high if field.high is not None else 2**40, 1])
    if field.kind is Kind.FLAG:
        return chance.random() < 0.5
    if field.kind is Kind.DATE:
        return chance.choice(["0001-01-01", "9999-12-31", "2011-02-28"])
    length = field.max_length or 40
    text = "".join(chance.choices("0179", k=length)) if field.kind is Kind.DIGITS else chance.choice(TEXTS)
    return (text * length)[:length] if field.exact else text[: chance.randint(1, length)]
