"""A small country: the centre, a base university, two network universities, and their keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical, carrier, container, envelope, kinds, trust
from mab_desktop.exchange.device import DeviceKeys, SigningKey
from mab_desktop.exchange.kdf import KdfParams

CHEAP = KdfParams(8, 1, 1)
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
        self.persons = [SigningKey.generate(self.chance) for _ in range(3)]
        self.roots = trust.make_root([k.keyid for k in self.root_keys], 2, date(2030, 1, 1), self.root_keys)
        self.trust = self.issue()

    def organisations(self) -> list[trust.OrganisationEntry]:
        """Everybody, with the rights of an ordinary season."""
        people = [
            trust.PersonEntry(person=f"ntc-p{n}", keyid=key.keyid, last_valid=None)
            for n, key in enumerate(self.persons, 1)
        ]
        return [
            self.entry("ntc", [self.ntc], to=("*",), persons=people),
            self.entry("bu013", [self.base, self.halls], to=("ntc", "mp013", "nu027", "nu028")),
            self.entry("mp013", [self.ministry], to=("ntc", "bu013")),
            self.entry("nu027", [self.net, self.operator], to=("bu013", "nu027", "ntc")),
            self.entry("nu028", [self.other], to=("bu013", "nu028", "ntc")),
        ]

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

    def open(self, paths: Any, me: DeviceKeys | None = None, **kwargs: Any) -> carrier.Opened:
        """Take a carrier in at the base university."""
        staging = self.tmp / f"in{len(list(self.tmp.iterdir()))}"
        staging.mkdir()
        given = {"trust": self.trust, "campaign": "2026", "mode": "official", **kwargs}
        return carrier.open_carrier(paths, staging, me=me or self.base, **given)

    def forge(
        self, built: carrier.Built, change: Callable[[dict[str, Any]], Any] = lambda fields: None, *,
        keys: Sequence[SigningKey] | None = None, payload: Callable[[list[bytes]], list[bytes]] = lambda data: data,
        trust_data: bytes | None = None,
    ) -> Path:  # fmt: skip
        """Sign an altered copy of a carrier as its sender could."""
        entries = read_entries(built.paths[0])
        signed = json.loads(entries[2][1])
        manifest = json.loads(base64.b64decode(signed["payload"]))
        change(manifest)
        data = payload([content for _, content in entries[3:]])
        names = [file["name"] for file in manifest["files"]] or [name for name, _ in entries[3:]]
        again = envelope.sign(
            canonical.encode(manifest), envelope.MANIFEST_TYPE, [self.net.signing] if keys is None else keys
        )
        head = [entries[0], (entries[1][0], trust_data or entries[1][1]), (entries[2][0], again)]
        path = self.tmp / f"forged{len(list(self.tmp.iterdir()))}.mab"
        container.write(path, [*head, *zip(names, data, strict=False)])
        return path


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
