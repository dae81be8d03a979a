"""docs/tools/verify-carrier.sh judges carriers with standard tools only and comes to the program's verdict."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import carrier, container, envelope, kinds, trust
from mab_desktop.services import verification
from tests.exchange.conftest import World, read_entries
from tests.exchange.every_kind import SET_WITH_IMAGES, Sent, one_of_every_kind
from tests.exchange.faults import FAMILIES

SCRIPT = Path(__file__).parents[2] / "docs" / "tools" / "verify-carrier.sh"
WHOLE = "WHOLE AND RIGHTLY SIGNED"
NAMES = (*kinds.KINDS, SET_WITH_IMAGES)
CONTAINER = {"container-damaged", "container-cut", "container-tail", "container-foreign"}
ENVELOPE = {"envelope-malformed", "json-not-canonical"}


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("script"))


@pytest.fixture(scope="module")
def every_kind(land: World) -> dict[str, Sent]:
    return one_of_every_kind(land)


@pytest.fixture(scope="module")
def trust_file(land: World) -> Path:
    path = land.tmp / "trust.json"
    path.write_bytes(land.trust.data)
    return path


def script(*arguments: object) -> tuple[int, str]:
    """Exit code and what was said; nothing may go to standard error."""
    done = subprocess.run(["sh", str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.stderr == "" or done.returncode == 2, done.stderr
    return done.returncode, done.stdout + done.stderr


def code_of(said: str) -> str:
    """The refusal's code, "" for none."""
    found = re.search(r"REFUSED \[([a-z-]+)\]", said)
    return found[1] if found else ""


def same_refusal(program: str, the_script: str) -> bool:
    """Whether both refuse for one reason; what is wrong with a container or an envelope is named by who reads it."""
    return program == the_script or any({program, the_script} <= names for names in (CONTAINER, ENVELOPE))


def identity(land: World, sent: Sent) -> Path:
    path = land.tmp / f"{sent.me.device}.txt"
    path.write_text(sent.me.age_identity + "\n", "utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_carrier_of_every_kind(
    land: World, every_kind: dict[str, Sent], trust_file: Path, name: str
) -> None:
    """Every kind that there is: one that is added is compared here before anybody thinks of it."""
    sent = every_kind[name]
    code, said = script("-t", trust_file, "-f", land.trust.fingerprint, "-i", identity(land, sent), *sent.paths[::-1])
    found = verification.verify_set(sent.paths, trust_file)
    assert (code, said.splitlines()[-1]) == (found.exit_code, WHOLE) == (0, WHOLE), said
    last = found.manifests[-1]
    for line in (f"kind: {sent.kind.name}", f"stream: {last.stream}", f"digest: {last.digest}"):
        assert line in said.splitlines()
    assert f"decrypted: {len(sent.records)} records, {len(sent.attachments)} images" in said
    counted = dict(re.findall(r"^count ([a-z-]+): (\d+)$", said, re.MULTILINE))
    assert counted == {record_type: str(count) for record_type, count in last.counts.items()}
    assert len(re.findall(r"^signed by person: ", said, re.MULTILINE)) == len(found.persons) * len(sent.paths)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_carrier_of_every_kind(
    every_kind: dict[str, Sent], trust_file: Path, tmp_path: Path, name: str
) -> None:
    """A bit in the middle of the file, and the last one of its contents by somebody who puts the check sums right."""
    data, rest = every_kind[name].paths[0].read_bytes(), every_kind[name].paths[1:]
    mended = FAMILIES["bit flipped, check sums put right"]
    path = tmp_path / "changed.mab"
    for changed in (FAMILIES["bit flipped"].make(data, 4 * len(data)), mended.make(data, mended.count(data) - 1)):
        path.write_bytes(changed)
        found = verification.verify_set([path, *rest], trust_file)
        assert found.refusal is not None
        code, said = script("-t", trust_file, path, *rest)
        assert code == found.exit_code == 4, said
        assert WHOLE not in said
        assert same_refusal(found.refusal.code, code_of(said)), f"{found.refusal.code}, the script: {said}"


def test_without_a_list_of_one_s_own_it_asks_for_the_paper(land: World, every_kind: dict[str, Sent]) -> None:
    path = every_kind["contingent"].paths[0]
    code, said = script(path)
    assert code == 0
    assert f"root {land.trust.fingerprint}" in said
    assert "compare the groups" in said
    code, said = script("-f", "0000 " * 8, path)
    assert (code, code_of(said)) == (4, "trust-fingerprint")


def test_what_is_decrypted_is_what_was_sent(
    land: World, every_kind: dict[str, Sent], tmp_path: Path, trust_file: Path
) -> None:
    sent = every_kind[SET_WITH_IMAGES]
    code, said = script("-t", trust_file, "-i", identity(land, sent), "-o", tmp_path / "out", *sent.paths[::-1])
    assert code == 0, said
    assert f"digest: {sent.built.digest}" in said
    listed = [line.split("\t") for line in (tmp_path / "out" / "images.txt").read_text("utf-8").splitlines()]
    assert {name: (tmp_path / "out" / number).read_bytes() for number, name in listed} == sent.attachments
    opened = land.open(sent.paths, sent.me)
    assert (tmp_path / "out" / "records.jsonl").read_bytes().count(b"\n") == len(list(opened.records()))


Tamper = Callable[[World, bytes], bytes]


def _with(entries: list[tuple[str, bytes]], index: int, old: bytes, new: bytes, folder: Path) -> bytes:
    """A container made right again around one changed entry."""
    name, content = entries[index]
    assert old in content
    path = folder / f"tampered-{len(list(folder.iterdir()))}.mab"
    container.write(path, [*entries[:index], (name, content.replace(old, new, 1)), *entries[index + 1 :]])
    return path.read_bytes()


def _tampered_signature(land: World, data: bytes, folder: Path) -> bytes:
    entries = _entries(data, folder)
    signature = re.search(rb'"sig":"(.)', entries[2][1])
    assert signature
    other = b"A" if signature[1] != b"A" else b"B"
    return _with(entries, 2, b'"sig":"' + signature[1], b'"sig":"' + other, folder)


def _tampered_payload(land: World, data: bytes, folder: Path) -> bytes:
    entries = _entries(data, folder)
    return _with(entries, 3, entries[3][1][-4:], b"abcd", folder)


def _tampered_list(land: World, data: bytes, folder: Path) -> bytes:
    entries = _entries(data, folder)
    return _with(entries, 1, b'"payloadType"', b'"payloadtype"', folder)


def _without_signer(land: World, data: bytes, folder: Path) -> bytes:
    entries = _entries(data, folder)
    payload = envelope.verify(entries[2][1], envelope.MANIFEST_TYPE).payload
    again = envelope.sign(payload, envelope.MANIFEST_TYPE, [land.ntc.signing, land.persons[0]])
    return _with(entries, 2, entries[2][1], again, folder)


def _entries(data: bytes, folder: Path) -> list[tuple[str, bytes]]:
    path = folder / "entries.mab"
    path.write_bytes(data)
    return read_entries(path)


def _bit(at: int) -> Callable[[World, bytes, Path], bytes]:
    return lambda _land, data, _folder: FAMILIES["bit flipped"].make(data, at if at >= 0 else 8 * len(data) + at)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("signature tampered with", _tampered_signature),
        ("payload tampered with", _tampered_payload),
        ("trust list tampered with", _tampered_list),
        ("one of two persons missing", _without_signer),
        ("date in a header", _bit(8 * 12)),
        ("flags in the directory's end", _bit(-8 * 18)),
        ("byte behind the end", lambda _land, data, _folder: data + b"\0"),
        ("cut", lambda _land, data, _folder: data[:-1]),
        ("no carrier", lambda _land, _data, _folder: b"PK not at all"),
    ],
)
def test_what_the_program_refuses_the_script_refuses(
    land: World, every_kind: dict[str, Sent], trust_file: Path, tmp_path: Path, name: str, change: Any
) -> None:
    path = tmp_path / "changed.mab"
    path.write_bytes(change(land, every_kind["answer-key"].paths[0].read_bytes(), tmp_path))
    with pytest.raises(CarrierRefused) as caught:
        carrier.verify(BytesIO(path.read_bytes()), land.trust)
    code, said = script("-t", trust_file, path)
    assert code == 4, said
    assert WHOLE not in said
    assert same_refusal(caught.value.code, code_of(said)), f"{caught.value.code}, the script: {said}"


def test_rights_and_withdrawn_keys(land: World, tmp_path: Path, replaced: Any) -> None:
    def judged(**changes: Any) -> str:
        entries = [replaced(e, **changes) if e.org == "nu027" else e for e in land.organisations()]
        newer = tmp_path / "newer.json"
        newer.write_bytes(land.issue(entries, previous=land.trust).data)
        return code_of(script("-t", newer, path)[1])

    first = land.send()
    path = first.paths[0]
    last = trust.LastValid(stream=first.manifest.stream, epoch=1, seq=1)
    device = trust.device_entry(land.net.public, (last,))
    assert judged(devices=(device,)) == ""
    assert judged(devices=(trust.device_entry(land.net.public, ()),)) == "sender-revoked"
    assert judged(may_send=("statistics",)) == "sender-kind"
    assert judged(may_send_to=("ntc",)) == "sender-recipient"
    path = land.send(seq=2, prev=first.digest).paths[0]
    assert judged(devices=(device,)) == "sender-revoked"


def test_sets_that_are_not_whole(every_kind: dict[str, Sent], trust_file: Path) -> None:
    paths = every_kind[SET_WITH_IMAGES].paths
    assert code_of(script("-t", trust_file, paths[0], paths[2])[1]) == "set-incomplete"
    assert code_of(script("-t", trust_file, paths[0], every_kind["trust"].paths[0])[1]) == "set-mixed"


def test_foreign_lists_and_identities(land: World, every_kind: dict[str, Sent], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other")
    other.root_keys = [type(key).generate() for key in other.root_keys]
    (tmp_path / "other.json").write_bytes(_issued_anew(other).data)
    path = every_kind["contingent"].paths[0]
    assert code_of(script("-t", tmp_path / "other.json", path)[1]) == "trust-centre"
    assert code_of(script("-i", identity(land, every_kind["answer-key"]), path)[1]) == "payload-locked"


def _issued_anew(other: World) -> trust.TrustStore:
    from datetime import date

    other.roots = trust.make_root([key.keyid for key in other.root_keys], 2, date(2030, 1, 1), other.root_keys)
    return other.issue()


def test_wrong_usage_is_told() -> None:
    assert script()[0] == 2
    assert script("-x")[0] == 2
    code, said = script("no-such-file.mab")
    assert (code, "there is no file" in said) == (2, True)


def test_the_script_knows_the_kinds_that_two_persons_sign() -> None:
    text = SCRIPT.read_text("utf-8")
    two, unlisted = (re.search(rf'^{name}=" ([a-z -]+) "$', text, re.MULTILINE) for name in ("TWO_PERSONS", "UNLISTED"))
    assert two
    assert unlisted
    assert two[1].split() == sorted(kind.name for kind in kinds.KINDS.values() if kind.two_persons)
    assert unlisted[1].split() == [kind.name for kind in kinds.KINDS.values() if kind.unlisted]
