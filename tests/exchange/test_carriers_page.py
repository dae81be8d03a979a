"""docs/carriers.md says what the program does: its tables of kinds and refusals, its fields, its numbers."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from mab_desktop.exchange import container, manifest, payload, trust
from mab_desktop.exchange.kinds import KINDS
from mab_desktop.exchange.refusals import REASONS

PAGE = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text("utf-8")


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _rows(title: str) -> list[list[str]]:
    rows = [line.strip("| ").split(" | ") for line in _section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_refusal_stands_there_in_its_words() -> None:
    assert {row[0].strip("`"): row[1] for row in _rows("Refusals")} == {
        code: reason.text.replace("|", "/") for code, reason in REASONS.items()
    }


def test_every_kind_stands_there() -> None:
    rows = _rows("Kinds")
    assert [row[0].strip("`") for row in rows] == list(KINDS)
    for row, kind in zip(rows, KINDS.values(), strict=True):
        assert row[1] == (kind.number or "–")
        assert row[3] == kind.mode
        for mark, on in (("two persons", kind.two_persons), ("broadcast", kind.broadcast),
                         ("listed", kind.unlisted), ("images", kind.encloses)):  # fmt: skip
            assert (mark in row[4]) == on, row
        if row[2] != "any → any":
            routes = [part.split(" → ") for part in row[2].split("; ")]
            assert tuple((s, r) for s, to in routes for r in to.split(", ")) == kind.routes


def test_every_field_stands_there() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", _section("The list of contents (manifest)")))
    assert set(manifest.Manifest.__struct_fields__) <= named
    for struct in (manifest.Sender, manifest.PayloadFile, manifest.Checkpoint, manifest.Ack, manifest.TrustReference):
        assert set(struct.__struct_fields__) <= named | {"stream", "epoch", "seq"}
    trusted = set(re.findall(r"`([a-z0-9_]+)`", _section("Trust")))
    structs: tuple[type[msgspec.Struct], ...] = (
        trust.OrganisationEntry, trust.DeviceEntry, trust.PersonEntry, trust.LastValid,
    )  # fmt: skip
    for struct in structs:
        assert set(struct.__struct_fields__) <= trusted, struct
    assert set(trust.TrustList.__struct_fields__) - {"format"} <= trusted


def test_limits_are_those_of_the_program() -> None:
    assert container.PART_LIMIT == 1 << 30
    assert payload.LINE_LIMIT == 64 << 10
    assert manifest.MAX_PIECE == 16 << 20
    assert payload.ATTACHMENT_LIMIT == 64 << 20
    assert payload.MAX_ATTACHMENTS == 200_000
    for words in ("At most 1 GiB", "at most 64 KiB", "16 MiB each", "at most 64 MiB", "at most 200,000"):
        assert words in PAGE
    assert container.MIMETYPE.decode() in PAGE
