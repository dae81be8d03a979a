"""A small country: the centre, a base university, two network universities, and their keys."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyrage
import pytest

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import (
    canonical,
    carrier,
    container,
    envelope,
    key_envelope,
    kinds,
    passwords,
    payload,
    seal,
    trust,
)
from mab_desktop.exchange.device import DeviceKeys, SigningKey
from mab_desktop.exchange.kdf import KdfParams

CHEAP = KdfParams(8, 1, 1)
PLACE = {"campaign": "2026", "mode": "official", "shift": "2026-05-12-1"}
SEED_HEADER = {"what": "seating", **PLACE}
CREATED = "2026-04-01T09:00:00+05:00"
ISSUED, EXPIRES = date(2026, 1, 1), date(2026, 12, 31)


@contextmanager
def _refused(code: str) -> Iterator[None]:
    """The block is refused with this very code, and the refusal can be said in all languages."""
    with pytest.raises(CarrierRefused) as caught:
        yield
    assert caught.value.code == code
    for lang in ("kk", "ru", "en"):
        assert "{" not in caught.value.message(lang)


@dataclass
class World:
    """Keys and the trust list; `send` makes a carrier with everything right unless told otherwise."""

    tmp: Path
    chance: SeededEntropy = field(default_factory=lambda: SeededEntropy("exchange"))

    def __post_init__(self) -> None:
        self.root_keys = [SigningKey.generate(self.chance) for _ in range(3)]
        make = DeviceKeys.generate
        self.ntc = make("ntc", "ntc", kinds.NTC, self.chance)
        self.base = make("bu013", "bu013", kinds.BASE_UNI, self.chance)
        self.halls = make("bu013", "bu013-halls", kinds.AUDIT_FUND, self.chance)
        self.ministry = make("mp013", "mp013", kinds.MINISTRY_PROGRAMMER, self.chance)
        self.net = make("nu027", "nu027", kinds.NETWORK_UNI, self.chance)
        self.operator = make("nu027", "nu027-op1", kinds.NETWORK_UNI, self.chance)
        self.other = make("nu028", "nu028", kinds.NETWORK_UNI, self.chance)
        self.devices = {device.role: device for device in (self.ntc, self.base, self.halls, self.ministry, self.net)}
        self.persons = [SigningKey.generate(self.chance) for _ in range(3)]
        self.commission = [SigningKey.generate(self.chance) for _ in range(2)]
        self.roots = trust.make_root([k.keyid for k in self.root_keys], 2, date(2030, 1, 1), self.root_keys)
        self.trust = self.issue()

    def organisations(self) -> list[trust.OrganisationEntry]:
        """Everybody, with the rights of an ordinary season."""
        people, commission = (
            [
                trust.PersonEntry(person=f"{org}-p{n}", keyid=key.keyid, last_valid=None)
                for n, key in enumerate(self.persons_of(org), 1)
            ]
            for org in ("ntc", "mp013")
        )
        return [
            self.entry("ntc", [self.ntc], to=("*",), persons=people),
            self.entry("bu013", [self.base, self.halls], to=("ntc", "mp013", "nu027", "nu028")),
            self.entry("mp013", [self.ministry], to=("ntc", "bu013"), persons=commission),
            self.entry("nu027", [self.net, self.operator], to=("bu013", "nu027", "ntc")),
            self.entry("nu028", [self.other], to=("bu013", "nu028", "ntc")),
        ]

    def persons_of(self, org: str) -> list[SigningKey]:
        """The people who sign for the centre, or for the ministry's representative."""
        return self.persons if org == "ntc" else self.commission

    def entry(
        self, org: str, devices: Sequence[DeviceKeys], *, to: Sequence[str], persons: Sequence[Any] = (),
        send: Sequence[str] = ("*",),
    ) -> trust.OrganisationEntry:  # fmt: skip
        return trust.OrganisationEntry(
            org=org, roles=tuple(dict.fromkeys(d.role for d in devices)), may_send=tuple(send), may_send_to=tuple(to),
            devices=tuple(trust.device_entry(d.public) for d in devices), persons=tuple(persons),
        )  # fmt: skip

    def issue(
        self, organisations: Sequence[trust.OrganisationEntry] | None = None,
        previous: trust.TrustStore | None = None, **kwargs: Any,
    ) -> trust.TrustStore:  # fmt: skip
        """The next trust list."""
        given = {"roots": self.roots, "signers": self.root_keys[:2], "issued": ISSUED, "expires": EXPIRES, **kwargs}
        roots = given.pop("roots")
        entries = self.organisations() if organisations is None else organisations
        return trust.issue_list(roots, entries, previous=previous, **given)

    def send(self, **kwargs: Any) -> carrier.Built:
        """A carrier of two students from the network university to its base university."""
        given: dict[str, Any] = {
            "kind": kinds.UNIVERSITY_STUDENTS, "sender": self.net, "recipients": ["bu013"], "trust": self.trust,
            "campaign": "2026", "mode": "official", "epoch": 1, "seq": 1, "prev": "", "created": CREATED,
            "app_version": "0.1.0", "records": [("student", {"n": 1, "name": "Әлия"}), ("student", {"n": 2})], **kwargs,
        }  # fmt: skip
        out = self.tmp / f"out{len(list(self.tmp.iterdir()))}"
        out.mkdir()
        return carrier.build(out, **given)

    def send_images(self, images: Mapping[str, Path | bytes], **kwargs: Any) -> carrier.Built:
        """The final data of the ministry's representative, the one kind that encloses images."""
        given = {"kind": kinds.FINAL_DATA, "sender": self.ministry, "recipients": ["ntc"],
                 "records": [("seat", {"n": 1}), ("seat", {"n": 2})], **kwargs}  # fmt: skip
        return self.send(**given, attachments=[carrier.Attachment(name, data) for name, data in images.items()])

    def open(self, paths: Any, me: DeviceKeys | None = None, **kwargs: Any) -> carrier.Opened:
        """Take a carrier in at the base university."""
        staging = self.tmp / f"in{len(list(self.tmp.iterdir()))}"
        staging.mkdir()
        given = {"campaign": "2026", "mode": "official", **kwargs}
        trust, today = given.pop("trust", self.trust), given.pop("today", None)
        copies = carrier.copy_in([paths] if isinstance(paths, Path) else paths, staging, trust, today)
        return carrier.open_carrier(copies, me=me or self.base, **given)

    def forge(
        self, built: carrier.Built, change: Callable[[dict[str, Any]], Any] = lambda fields: None, *,
        keys: Sequence[SigningKey] | None = None, contents: Callable[[list[bytes]], list[bytes]] = lambda data: data,
        trust_data: bytes | None = None,
    ) -> Path:  # fmt: skip
        """Sign an altered copy of a carrier as its sender could."""
        entries = read_entries(built.paths[0])
        signed = json.loads(entries[2][1])
        manifest = json.loads(base64.b64decode(signed["payload"]))
        change(manifest)
        data = contents([content for _, content in entries[3:]])
        names = [file["name"] for file in manifest["files"]] or [name for name, _ in entries[3:]]
        again = envelope.sign(
            canonical.encode(manifest), envelope.MANIFEST_TYPE, [self.net.signing] if keys is None else keys
        )
        head = [entries[0], (entries[1][0], trust_data or entries[1][1]), (entries[2][0], again)]
        path = self.tmp / f"forged{len(list(self.tmp.iterdir()))}.mab"
        container.write(path, [*head, *zip(names, data, strict=False)])
        return path


    def with_payload(
        self, body: bytes, *, built: carrier.Built | None = None, header: Mapping[str, Any] | None = None,
        counts: Mapping[str, int] | None = None, plain_size: int | None = None,
    ) -> Path:  # fmt: skip
        """A carrier that its sender signed properly over one payload of the test's choice."""
        built = built or self.send()
        manifest = built.manifest
        (to,) = manifest.recipients
        head = canonical.encode(header or payload.inner_header(manifest, 1, "records", None))
        opener, keys = self.trust.device(to.devices[0]), {d.keyid: d.signing for d in self.devices.values()}
        assert opener is not None
        data = pyrage.encrypt(head + b"\n" + body, [pyrage.x25519.Recipient.from_str(opener[1].age)])
        size = len(head) + 1 + len(body) if plain_size is None else plain_size
        file = {"name": "payload/0001.age", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

        def change(fields: dict[str, Any]) -> None:
            fields["files"] = [{**file, "plain_size": size}]
            fields["counts"] = {"student": 1} if counts is None else dict(counts)

        return self.forge(built, change, keys=[keys[manifest.sender.keyid]], contents=lambda _: [data])


@dataclass(frozen=True)
class Sealed:
    """Something sealed, and the passwords that open it by holder."""

    data: bytes
    words: dict[str, str]


@cache
def sealed_key() -> Sealed:
    """The sealed key of a shift, opened by three people in two ways."""
    chance = SeededEntropy("key")
    words = {holder: passwords.generate(chance) for holder in ("ministry", "chair", "deputy", "centre")}
    ways = [
        {"ministry": words["ministry"], "chair": words["chair"]},
        {"ministry": words["ministry"], "deputy": words["deputy"], "centre": words["centre"]},
    ]
    data = key_envelope.make(b"ABCDE" * 20, **PLACE, ways=ways, params=CHEAP, entropy=chance)
    return Sealed(data, words)


@cache
def sealed_seed() -> Sealed:
    """The sealed seed of a shift's seating."""
    chance = SeededEntropy("seed")
    password = passwords.generate(chance)
    data = seal.seal(bytes(range(32)), password, SEED_HEADER, params=CHEAP, entropy=chance)
    return Sealed(data, {"centre": password})


def read_entries(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents by the standard library's reader, which is not ours."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def _replaced(entry: trust.OrganisationEntry, **kwargs: Any) -> trust.OrganisationEntry:
    return msgspec.structs.replace(entry, **kwargs)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def refused() -> Callable[[str], Any]:
    return _refused


@pytest.fixture
def cheap() -> KdfParams:
    return CHEAP


@pytest.fixture
def replaced() -> Callable[..., trust.OrganisationEntry]:
    return _replaced


@pytest.fixture
def entries_of() -> Callable[[Path], list[tuple[str, bytes]]]:
    return read_entries
