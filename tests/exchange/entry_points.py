"""Everything that reads bytes made by a stranger, as functions of those bytes, and what must hold whatever they are.

A refusal in words may come out, nothing else; what passes is the one spelling of what was understood. Hypothesis tries
a little of it in test_entry_points.py, atheris as much as there is time for in tests/long/fuzz.py.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pyrage

from mab_desktop.bounded.child import WorkRefused
from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.errors import UserError
from mab_desktop.exchange import (
    canonical,
    carrier,
    container,
    envelope,
    key_envelope,
    kinds,
    manifest,
    payload,
    reset,
    seal,
    sealing,
    trust,
)
from mab_desktop.exchange.keyring import Keyring
from mab_desktop.services import table_intake, table_worker
from mab_desktop.services.handlers import record_problems
from tests.exchange.conftest import CHEAP, PLACE, SEED_HEADER, World, read_entries, sealed_key, sealed_seed
from tests.exchange.every_kind import Sent, one_of_every_kind

ENTRIES = ("mimetype", "trust.dsse.json", "manifest.dsse.json")
KIND_NAMES = tuple(RECORDS)
CHEAP_ENOUGH = 4096  # KiB of memory times passes: fuzzing is about the reading, not about Argon2


@dataclass(frozen=True)
class EntryPoint:
    """`probe` raises something else than UserError where a rule is broken. `seeds` are good input."""

    name: str
    probe: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]

    def run(self, data: bytes) -> bool:
        """True where the bytes were taken, False where they were refused in words."""
        try:
            self.probe(data)
        except UserError as error:
            if "{" in error.message("kk"):
                raise AssertionError(error.text) from error
            return False
        return True


@dataclass(frozen=True)
class _Stand:
    world: World
    sent: dict[str, Sent]
    folder: Path
    kept: tempfile.TemporaryDirectory[str]


@cache
def _stand() -> _Stand:
    shared = Path("/dev/shm")
    kept = tempfile.TemporaryDirectory(prefix="mab-entry-", dir=shared if shared.is_dir() else None)
    world = World(Path(kept.name))
    return _Stand(world, one_of_every_kind(world), Path(kept.name), kept)


# --- a carrier's file


def packed(entries: list[tuple[str, bytes]]) -> bytes:
    """A container of these entries, in memory."""
    path = _stand().folder / "packed"
    path.unlink(missing_ok=True)
    container.write(path, entries)
    return path.read_bytes()


def _verified(data: bytes) -> None:
    """What verifies is, made anew from names and contents, the same bytes."""
    verdict = carrier.verify(BytesIO(data), _stand().world.trust)
    with container.Reader(BytesIO(data)) as reader:
        names = (*ENTRIES, *(file.name for file in verdict.manifest.files))
        contents = [(name, reader.take(name, container.PART_LIMIT)) for name in names]
    assert packed(contents) == data
    assert manifest.parse(verdict.manifest.payload()) == verdict.manifest


@cache
def _carriers() -> list[bytes]:
    return [path.read_bytes() for sent in _stand().sent.values() for path in sent.paths]


def _signed(data: bytes) -> None:
    """A list of contents of anybody's making, signed by the sender's own key around a payload that is there."""
    world = _stand().world
    base = _entries("university-students")
    signed = envelope.sign(data, envelope.MANIFEST_TYPE, [world.net.signing])
    _verified(packed([*base[:2], ("manifest.dsse.json", signed), *base[3:]]))


@cache
def _entries(name: str) -> list[tuple[str, bytes]]:
    return read_entries(_stand().sent[name].paths[0])


def _manifest(data: bytes) -> None:
    found = manifest.parse(data)
    assert found.payload() == data
    assert found.file_name.isascii()
    assert "/" not in found.file_name


@cache
def _manifests() -> list[bytes]:
    return [part.payload() for sent in _stand().sent.values() for part in sent.built.manifests]


# --- the trust list


def _trust_list(data: bytes) -> None:
    store = trust.verify_list(data)
    assert trust.adopt(store, data) is store
    assert canonical.encode(json.loads(data)) == data


def _signed_trust(data: bytes) -> None:
    """A list of anybody's making, signed by two of the root keys: as far as a stolen centre could come."""
    world = _stand().world
    _trust_list(envelope.sign(data, envelope.TRUST_TYPE, world.root_keys[:2]))


@cache
def _trust_lists() -> list[bytes]:
    world = _stand().world
    newer = world.issue(world.organisations()[:3], previous=world.trust)
    return [world.trust.data, newer.data]


def _trust_payloads() -> list[bytes]:
    return [envelope.verify(data, envelope.TRUST_TYPE).payload for data in _trust_lists()]


# --- what is encrypted


def _records(data: bytes) -> None:
    """The first byte names the kind, the rest are its lines."""
    kind = kinds.KINDS[KIND_NAMES[data[0] % len(KIND_NAMES)] if data else KIND_NAMES[0]]
    specs, lines = RECORDS[kind.name], []
    for record_type, fields in payload.read_records(
        kind, memoryview(data)[1:], 1, lambda of, found: record_problems(specs, of, found)
    ):
        lines.append(sealing.record_line(kind, record_type, fields))
    assert b"".join(lines) == data[1:]


@cache
def _bodies() -> list[bytes]:
    found = []
    for name, sent in _stand().sent.items():
        lines = [sealing.record_line(sent.kind, of, fields) for of, fields in sent.records]
        if lines and name in KIND_NAMES:
            found.append(bytes([KIND_NAMES.index(name)]) + b"".join(lines))
    return found


def _piece(data: bytes) -> None:
    """Plain text of anybody's making in place of a piece of a carrier that is for us."""
    sent = _stand().sent["final-data"]
    to = pyrage.x25519.Recipient.from_str(sent.me.public.age)
    part = sent.built.manifest
    piece = payload.decrypt(part, 1, pyrage.encrypt(data, [to]), sent.me.age_identity)
    head = payload.inner_header(part, 1, piece.holds, piece.attachment)
    assert canonical.encode(head) + b"\n" + piece.body == data


def _cipher_text(data: bytes) -> None:
    sent = _stand().sent["contingent"]
    payload.decrypt(sent.built.manifest, 1, data, sent.me.age_identity)


@cache
def _plain_texts() -> list[bytes]:
    sent = _stand().sent["final-data"]
    return [pyrage.decrypt(_entries("final-data")[3][1], [pyrage.x25519.Identity.from_str(sent.me.age_identity)])]


# --- sealed things and key rings


def _costs_too_much(data: bytes) -> bool:
    """True for params that would only keep Argon2 busy."""
    try:
        texts = [json.loads(data)]
    except (ValueError, RecursionError):
        return False
    while texts:
        value = texts.pop()
        if isinstance(value, dict):
            memory, passes = value.get("memory_kib"), value.get("passes")
            if isinstance(memory, int) and isinstance(passes, int) and memory * passes > CHEAP_ENOUGH:
                return True
            texts += value.values()
        elif isinstance(value, list):
            texts += value
    return False


def _sealed(data: bytes) -> None:
    key = sealed_key()
    key_envelope.read_header(data)
    if not _costs_too_much(data):
        opened = key_envelope.open_envelope(data, key.words, **PLACE)
        assert key_envelope.commitment(opened.content, opened.salt) == opened.commitment


def _seed(data: bytes) -> None:
    if not _costs_too_much(data):
        assert seal.unseal(data, sealed_seed().words["centre"], SEED_HEADER) == bytes(range(32))


def _keyring(data: bytes) -> None:
    ring = Keyring(_stand().folder / "fuzzed.keys", CHEAP)
    ring.path.write_bytes(data)
    if not _costs_too_much(data):
        assert ring.logins() is not None
        ring.unlock("әлия", "ұзын құпия сөз")


@cache
def _keyrings() -> list[bytes]:
    ring = Keyring(_stand().folder / "good.keys", CHEAP)
    ring.path.unlink(missing_ok=True)
    key = ring.create("әлия", "ұзын құпия сөз", [str(pyrage.x25519.Identity.generate().to_public())])
    ring.set_password(key, "сергей", "другое длинное слово")
    return [ring.path.read_bytes()]


def _request(data: bytes) -> None:
    assert reset.read_request(data).data() == data


def _answer(data: bytes) -> None:
    reset.read_answer(data)


def _requests() -> list[bytes]:
    return [_asked()[0].data()]


@cache
def _asked() -> tuple[reset.Request, bytes]:
    from mab_desktop.domain.entropy import SeededEntropy

    centre, folder = pyrage.x25519.Identity.generate(), _stand().folder
    ring = Keyring(folder / "asking.keys", CHEAP)
    ring.create("әлия", "ұзын құпия сөз", [str(centre.to_public())])
    request = reset.Waiting(folder / "asking.reset").begin(
        ring.lid(), "әлия", "жаңа ұзын сөз", "2026-04-01", params=CHEAP, entropy=SeededEntropy("ask")
    )
    world = _stand().world
    return request, reset.answer(request, [str(centre)], world.trust.data, world.ntc.signing)


# --- tables of people


class _Parts:
    """The parent's end of the table worker, in the same process."""

    def __init__(self, data: bytes) -> None:
        self._data, self.rows = data, list[tuple[int, list[str]]]()

    def read_whole(self) -> bytes:
        return self._data

    def part(self, data: bytes) -> None:
        self.rows += msgspec.json.decode(data, type=list[tuple[int, list[str]]])


def _table(data: bytes) -> None:
    """Cells come as texts within the bounds; cleaned once they are clean."""
    parts: Any = _Parts(data)
    table_worker._get_ready()
    try:
        facts = table_worker.work({"sheet": ""}, parts, parts)
    except WorkRefused as error:
        text, next_step = table_intake._REASONS[error.code]
        raise UserError(text, next_step=next_step, **{"name": "a", "size": 1, "seconds": 1, **error.params}) from error
    except BaseException as error:
        # The reader of workbooks is Rust; where it gives up, its process ends, and the pool says so in words.
        if type(error).__name__ == "PanicException":
            raise UserError(table_intake._REASONS["crashed"][0], name="a") from error
        raise
    assert facts["kind"] in ("csv", "xlsx")
    for _, cells in parts.rows:
        assert len(cells) <= table_worker.MAX_COLUMNS
        for cell in cells:
            assert len(cell) <= table_worker.MAX_CELL
            cleaned = table_intake.clean(cell)
            assert cleaned.isprintable() or "\n" not in cleaned
            assert unicodedata.is_normalized("NFC", cleaned)


@cache
def _tables() -> list[bytes]:
    text = "Тегі;Аты;ЖСН\r\nАхметова;Әлия;080512600123\r\n\"Қали; кіші\";Ерлан;080512500123\r\n"
    return [text.encode(), text.encode("utf-16"), text.replace(";", "\t").encode(), b"sep=,\r\na,b\r\n1,2\r\n",
            "Тегі,Аты\nПетров,Иван\n".encode("cp1251"), workbook([["Тегі", "Аты"], ["Ахметова", "Әлия"]])]  # fmt: skip


def workbook(rows: list[list[str]]) -> bytes:
    """The smallest XLSX with these texts on its one sheet."""
    lines = "".join(
        f'<row r="{r}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for r, row in enumerate(rows, 1)
    )
    main, office = (f"http://schemas.openxmlformats.org/{name}" for name in
                    ("spreadsheetml/2006/main", "officeDocument/2006/relationships"))  # fmt: skip
    packages = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


ENTRY_POINTS: dict[str, EntryPoint] = {
    point.name: point
    for point in (
        EntryPoint("reader", _verified, _carriers),
        EntryPoint("signed-manifest", _signed,
                   lambda: [_stand().sent["university-students"].built.manifest.payload()]),
        EntryPoint("manifest", _manifest, _manifests),
        EntryPoint("trust-list", _trust_list, _trust_lists),
        EntryPoint("signed-trust-list", _signed_trust, _trust_payloads),
        EntryPoint("records", _records, _bodies),
        EntryPoint("piece", _piece, _plain_texts),
        EntryPoint("cipher-text", _cipher_text, lambda: [_entries("contingent")[3][1]]),
        EntryPoint("sealed-key", _sealed, lambda: [sealed_key().data]),
        EntryPoint("sealed-seed", _seed, lambda: [sealed_seed().data]),
        EntryPoint("key-ring", _keyring, _keyrings),
        EntryPoint("reset-request", _request, _requests),
        EntryPoint("reset-answer", _answer, lambda: [_asked()[1]]),
        EntryPoint("table", _table, _tables),
    )
}  # fmt: skip
