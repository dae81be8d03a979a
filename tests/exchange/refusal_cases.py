"""One way to meet each refusal, by its code: a real file, drive, key ring or sealed thing, and the call that says no.

A new code in `refusals.REASONS` needs a case here, or a line in ELSEWHERE that names the test where it is met.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyrage

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import Problem
from mab_desktop.exchange import (
    canonical,
    carrier,
    container,
    drive,
    key_envelope,
    kinds,
    payload,
    reset,
    seal,
    stream,
    trust,
)
from mab_desktop.exchange.device import DeviceKeys, SigningKey
from mab_desktop.exchange.keyring import Keyring
from mab_desktop.i18n import N_
from tests.exchange.conftest import CHEAP, PLACE, SEED_HEADER, World, sealed_key, sealed_seed
from tests.exchange.conftest import read_entries as entries_of

Case = Callable[[World], Any]

CASES: dict[str, Case] = {}
# Told by the services that keep the streams, the log, the keys and the logins; met there on real workplaces.
ELSEWHERE = {
    "stream-moved": "services/test_transfer.py",
    "log-shorter": "services/test_transfer.py",
    "records-conflict": "services/test_strange_records.py",
    "log-forked": "services/test_verify_log.py",
    "carrier-set-aside": "services/test_receipts.py",
    "own-key-withdrawn": "services/test_own_keys.py",
    "reset-signer": "services/test_recovery.py",
}

DIGESTS = [f"{n:064x}" for n in range(1, 6)]
LINE = b'{"n":1,"type":"student"}\n'


def case(code: str) -> Callable[[Case], Case]:
    """Put a function into the table."""

    def add(function: Case) -> Case:
        if code in CASES:
            raise ValueError(code)
        CASES[code] = function
        return function

    return add


def _changed(world: World, change: Callable[[bytes], bytes]) -> Path:
    """A sound carrier with other bytes."""
    path = world.send().paths[0]
    changed = world.tmp / "changed.mab"
    changed.write_bytes(change(path.read_bytes()))
    return changed


def _verify(world: World, path: Path) -> carrier.Verdict:
    return carrier.verify(path, world.trust)


def _forged(world: World, change: Callable[[dict[str, Any]], Any], **given: Any) -> carrier.Verdict:
    """Judge a carrier whose sender signed a changed list of contents."""
    return _verify(world, world.forge(world.send(), change, **given))


def _with(world: World, org: str, **changes: Any) -> trust.TrustStore:
    """The next trust list, with one organisation's entry changed."""
    entries = [msgspec.structs.replace(e, **changes) if e.org == org else e for e in world.organisations()]
    return world.issue(entries, previous=world.trust)


# --- the file itself


@case("container-foreign")
def _(world: World) -> None:
    _verify(world, _changed(world, lambda data: b"%PDF-1.7 not a carrier at all" + data))


@case("container-cut")
def _(world: World) -> None:
    _verify(world, _changed(world, lambda data: data[:-1]))


@case("container-damaged")
def _(world: World) -> None:
    _verify(world, _changed(world, lambda data: data[:-1] + b"\1"))


@case("container-tail")
def _(world: World) -> None:
    _verify(world, _changed(world, lambda data: data + b"\0"))


@case("container-names")
def _(world: World) -> None:
    entries = entries_of(world.send().paths[0])
    path = world.tmp / "names.mab"
    container.write(path, [*entries[:3], ("payload/0002.age", entries[3][1])])
    _verify(world, path)


@case("container-too-large")
def _(world: World) -> None:
    path = world.tmp / "large.mab"
    with path.open("wb") as out:
        out.truncate(container.PART_LIMIT + 1)
    _verify(world, path)


@case("json-not-canonical")
def _(world: World) -> None:
    entries = entries_of(world.send().paths[0])
    path = world.tmp / "spaced.mab"
    container.write(path, [*entries[:2], (entries[2][0], entries[2][1].replace(b",", b", ", 1)), entries[3]])
    _verify(world, path)


# --- signatures and the list of contents


@case("envelope-malformed")
def _(world: World) -> None:
    entries = entries_of(world.send().paths[0])
    path = world.tmp / "envelope.mab"
    other = entries[2][1].replace(b"manifest+json", b"other+json")
    container.write(path, [*entries[:2], (entries[2][0], other), entries[3]])
    _verify(world, path)


@case("signature-bad")
def _(world: World) -> None:
    one, two = (entries_of(world.send(seq=n, prev="" if n == 1 else "ab" * 32).paths[0]) for n in (1, 2))
    good, other = (msgspec.json.decode(entries[2][1]) for entries in (one, two))
    path = world.tmp / "exchanged.mab"
    mixed = canonical.encode({**good, "payload": other["payload"]})
    container.write(path, [*one[:2], (one[2][0], mixed), one[3]])
    _verify(world, path)


@case("signature-missing")
def _(world: World) -> None:
    _forged(world, lambda m: None, keys=[])


@case("persons-missing")
def _(world: World) -> None:
    world.send(kind=kinds.ANSWER_KEY, sender=world.ntc, recipients=["mp013"], persons=world.persons[:1],
               records=[("sealed-key", {"shift": 1})])  # fmt: skip


@case("manifest-malformed")
def _(world: World) -> None:
    _forged(world, lambda m: m.update(note="by the way"))


@case("manifest-newer")
def _(world: World) -> None:
    _forged(world, lambda m: m.update(format="mab-carrier-2", more={"new": True}))


@case("kind-unknown")
def _(world: World) -> None:
    _forged(world, lambda m: m.update(kind="lottery"))


# --- trust


@case("trust-malformed")
def _(world: World) -> None:
    world.issue([*world.organisations(), world.organisations()[0]])


@case("trust-signatures")
def _(world: World) -> None:
    world.issue(signers=world.root_keys[:1])


@case("trust-root")
def _(world: World) -> None:
    trust.make_root([key.keyid for key in world.root_keys], 2, date(2030, 1, 1), world.root_keys[:1])


@case("trust-centre")
def _(world: World) -> None:
    keys = [SigningKey.generate() for _ in range(3)]
    foreign = world.issue(roots=trust.make_root([k.keyid for k in keys], 2, date(2030, 1, 1), keys), signers=keys)
    _verify(world, world.send(trust=foreign).paths[0])


@case("trust-older")
def _(world: World) -> None:
    sent = world.send(kind=kinds.TRUST, sender=world.ntc, recipients=["nu027"], records=[], persons=world.persons[:2])
    carrier.verify(sent.paths[0], world.issue(previous=world.trust))


@case("trust-fork")
def _(world: World) -> None:
    other = world.issue(world.organisations()[:4], previous=world.trust)
    carrier.verify(world.send(trust=world.issue(previous=world.trust)).paths[0], other)


@case("trust-expired")
def _(world: World) -> None:
    carrier.verify(world.send().paths[0], world.trust, date(2027, 1, 1))


@case("trust-fingerprint")
def _(world: World) -> None:
    trust.bootstrap(world.trust.data, "0000 " * 8)


@case("trust-fingerprint-old")
def _(world: World) -> None:
    keys = [key.keyid for key in world.root_keys]
    chain = trust.make_root(keys, 3, date(2031, 1, 1), world.root_keys, world.roots)
    newer = world.issue(roots=chain, signers=world.root_keys, previous=world.trust)
    trust.bootstrap(newer.data, world.trust.fingerprint)


# --- sender and recipient


@case("sender-unknown")
def _(world: World) -> None:
    carrier.verify(world.send().paths[0], _with(world, "nu027", devices=()))


@case("sender-revoked")
def _(world: World) -> None:
    first = world.send()
    last = trust.LastValid(stream=first.manifest.stream, epoch=1, seq=1)
    device = msgspec.structs.replace(trust.device_entry(world.net.public), last_valid=(last,))
    newer = _with(world, "nu027", devices=(device,))
    carrier.verify(first.paths[0], newer)
    carrier.verify(world.send(seq=2, prev=first.digest).paths[0], newer)


@case("sender-role")
def _(world: World) -> None:
    world.send(kind=kinds.BASE_STUDENTS, recipients=["ntc"])


@case("sender-kind")
def _(world: World) -> None:
    carrier.verify(world.send().paths[0], _with(world, "nu027", may_send=("statistics",)))


@case("sender-recipient")
def _(world: World) -> None:
    carrier.verify(world.send().paths[0], _with(world, "nu027", may_send_to=("ntc",)))


@case("recipient-other")
def _(world: World) -> None:
    world.open(world.send().paths[0], world.other)


@case("recipient-role")
def _(world: World) -> None:
    world.open(world.send().paths[0], world.halls)


@case("recipient-device")
def _(world: World) -> None:
    later = DeviceKeys.generate("bu013", "bu013-2", kinds.BASE_UNI)
    devices = (*(trust.device_entry(d.public) for d in (world.base, world.halls, later)),)
    world.open(world.send().paths[0], later, trust=_with(world, "bu013", devices=devices))


@case("recipient-none")
def _(world: World) -> None:
    world.send(trust=_with(world, "bu013", devices=()))


@case("own-carrier")
def _(world: World) -> None:
    world.open(world.send().paths[0], world.net)


@case("campaign-other")
def _(world: World) -> None:
    world.open(world.send().paths[0], campaign="2027")


@case("mode-other")
def _(world: World) -> None:
    world.open(world.send(mode="test").paths[0])


# --- a set of parts


@case("set-incomplete")
def _(world: World) -> None:
    made = world.send_images({"1.jpg": bytes(1000), "2.jpg": bytes(1000)}, part_limit=1)
    world.open((made.paths[0], made.paths[2]), world.ntc)


@case("set-mixed")
def _(world: World) -> None:
    one, two = (world.send_images({"1.jpg": bytes(1000)}, part_limit=1, seq=n, prev="" if n == 1 else "ab" * 32)
                for n in (1, 2))  # fmt: skip
    world.open((one.paths[0], two.paths[1]), world.ntc)


# --- what is inside


@case("payload-digest")
def _(world: World) -> None:
    _verify(world, world.forge(world.send(), contents=lambda data: [bytes(len(data[0]))]))


@case("payload-locked")
def _(world: World) -> None:
    data = pyrage.encrypt(LINE, [pyrage.x25519.Identity.generate().to_public()])
    file = {"name": "payload/0001.age", "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "plain_size": 1}
    world.open(world.forge(world.send(), lambda m: m.update(files=[file]), contents=lambda _: [data]))


@case("payload-header")
def _(world: World) -> None:
    """A network university signs the cipher text of the other."""
    theirs, mine = world.send(sender=world.other), world.send()
    stolen = [data for name, data in entries_of(theirs.paths[0]) if name.startswith("payload")]
    files = theirs.manifest.fields()["files"]
    world.open(world.forge(mine, lambda m: m.update(files=files), contents=lambda _: stolen))


@case("record-malformed")
def _(world: World) -> None:
    world.open(world.with_payload(b'{"n":1,"n":1,"type":"student"}\n'))


@case("record-too-long")
def _(world: World) -> None:
    world.open(world.with_payload(b'{"n":"' + b"x" * payload.LINE_LIMIT + b'","type":"student"}\n'))


@case("record-type")
def _(world: World) -> None:
    world.open(world.with_payload(b'{"n":1,"type":"score"}\n'))


@case("record-fields")
def _(world: World) -> None:
    problem = Problem("n", N_("At most {n} characters."), (("n", 5),))
    world.open(world.send().paths[0], check=lambda *_: [problem])


@case("counts-differ")
def _(world: World) -> None:
    world.open(world.with_payload(LINE + LINE))


@case("attachment-damaged")
def _(world: World) -> None:
    built = world.send_images({}, records=[])
    fields = {"name": "1.jpg", "size": 2, "sha256": hashlib.sha256(b"xy").hexdigest(), "offset": 0}
    header = payload.inner_header(built.manifest, 1, "attachment", fields)
    world.open(world.with_payload(b"xx", built=built, header=header, counts={}), world.ntc)


@case("attachment-unasked")
def _(world: World) -> None:
    fields = {"name": "1.jpg", "size": 2, "sha256": hashlib.sha256(b"xx").hexdigest(), "offset": 0}
    built = world.send(kind=kinds.STATISTICS, records=[])
    header = payload.inner_header(built.manifest, 1, "attachment", fields)
    world.open(world.with_payload(b"xx", built=built, header=header, counts={}))


# --- order of files


def _judge(world: World, seq: int, *, frozen: bool = False, came: Sequence[int] = (1, 2, 3), at: int = 1) -> None:
    """A file at a place of a stream of which the numbers `came` are loaded, 3 as the last."""
    history = {(1, n): DIGESTS[n] for n in came} | ({(2, 1): DIGESTS[3]} if at == 2 else {})
    state = stream.StreamState(at, 3 if at == 1 else 1, DIGESTS[3], history, frozen)
    made = world.send(kind=kinds.OPERATOR_PORTION, sender=world.operator, recipients=["nu027"], seq=seq,
                      prev=DIGESTS[seq - 1] if 1 < seq < 5 else "ab" * 32)  # fmt: skip
    refusal = stream.judge(state, made.manifest, DIGESTS[4]).refusal
    if refusal:
        raise refusal


@case("stream-replay")
def _(world: World) -> None:
    _judge(world, 2, came=(1, 3))


@case("stream-fork")
def _(world: World) -> None:
    _judge(world, 3)


@case("stream-frozen")
def _(world: World) -> None:
    _judge(world, 4, frozen=True)


@case("stream-gap")
def _(world: World) -> None:
    _judge(world, 9)


@case("stream-gap-large")
def _(world: World) -> None:
    _judge(world, 5000)


@case("stream-epoch-older")
def _(world: World) -> None:
    _judge(world, 4, at=2)


# --- drives


def _drive(world: World, **given: Any) -> drive.FolderDrive:
    folder = world.tmp / "stick"
    folder.mkdir(exist_ok=True)
    return drive.FolderDrive(**{"folder": folder, "name": "stick", **given})


def _failing(number: int) -> None:
    with drive.drive_errors(1000):
        raise OSError(number, os.strerror(number))


@case("drive-gone")
def _(world: World) -> None:
    _drive(world, folder=world.tmp / "taken out").write(world.send().paths[0])


@case("drive-failed")
def _(world: World) -> None:
    """The drive's root holds so many files that the system opens no more."""
    _failing(errno.EMFILE)


@case("drive-full")
def _(world: World) -> None:
    """The kernel refuses every byte."""
    _Full(_drive(world).folder).write(world.send().paths[0])


@case("drive-read-only")
def _(world: World) -> None:
    """A file system in which the kernel lets nobody make a file, not even the administrator."""
    drive.copy_in(world.send().paths[0], Path("/sys/kernel/mab.part"), 1 << 20)


@case("drive-file-limit")
def _(world: World) -> None:
    large = world.tmp / "large.mab"
    with large.open("wb") as out:
        out.truncate(drive.FAT32_LIMIT + 1)
    _drive(world, file_system="vfat")._require_room(large.stat().st_size)


@case("drive-system")
def _(world: World) -> None:
    _drive(world, folder=Path(sys.executable).parent, removable=True).write(world.send().paths[0])


@case("drive-exists")
def _(world: World) -> None:
    source = world.send().paths[0]
    stick = _drive(world)
    (stick.folder / source.name).write_bytes(b"of another season")
    stick.write(source)


class _Full(drive.FolderDrive):
    """A drive without any room."""

    def _fresh(self, part: Path) -> BinaryIO:
        part.symlink_to("/dev/full")
        return part.open("wb")


class _Forgetful(drive.FolderDrive):
    """A worn stick that returns another byte than it took."""

    def _write_part(self, source: Path, part: Path, progress: Any) -> str:
        digest = super()._write_part(source, part, progress)
        with part.open("r+b") as out:
            out.write(b"?")
        return digest


@case("drive-differs")
def _(world: World) -> None:
    _Forgetful(_drive(world).folder).write(world.send().paths[0])


# --- sealed things, passwords, key rings


@case("sealed-malformed")
def _(_world: World) -> None:
    seal.unseal(sealed_seed().data[:-2], sealed_seed().words["centre"], SEED_HEADER)


@case("sealed-other")
def _(_world: World) -> None:
    key = sealed_key()
    key_envelope.open_envelope(key.data, key.words, **{**PLACE, "shift": "2026-05-13-1"})


@case("sealed-commitment")
def _(_world: World) -> None:
    key = sealed_key()
    key_envelope.open_envelope(key.data, key.words, **PLACE, announced="ab" * 32)


@case("keyring-malformed")
def _(world: World) -> None:
    ring = Keyring(world.tmp / "mab.keys", CHEAP)
    ring.create("әлия", "ұзын құпия сөз")
    ring.path.write_bytes(ring.path.read_bytes()[:-1])
    ring.unlock("әлия", "ұзын құпия сөз")


def _asked(world: World, centre: str, name: str = "a") -> tuple[reset.Waiting, reset.Request]:
    ring = Keyring(world.tmp / f"{name}.keys", CHEAP)
    ring.create("әлия", "ұзын құпия сөз", [str(pyrage.x25519.Identity.from_str(centre).to_public())])
    waiting = reset.Waiting(world.tmp / f"{name}.reset")
    return waiting, waiting.begin(ring.lid(), "әлия", "жаңа ұзын сөз", "2026-04-01", params=CHEAP,
                                  entropy=SeededEntropy(name))  # fmt: skip


@case("reset-malformed")
def _(_world: World) -> None:
    reset.read_request(b'{"format":"mab-reset-request-1"}')


@case("reset-not-asked")
def _(world: World) -> None:
    reset.Waiting(world.tmp / "never.reset").take(b"{}", "жаңа ұзын сөз")


@case("reset-other")
def _(world: World) -> None:
    centre = str(pyrage.x25519.Identity.generate())
    (mine, _), (_, theirs) = _asked(world, centre, "a"), _asked(world, centre, "b")
    mine.take(reset.answer(theirs, [centre], world.trust.data, world.ntc.signing), "жаңа ұзын сөз")


@case("reset-no-centre")
def _(world: World) -> None:
    ring = Keyring(world.tmp / "alone.keys", CHEAP)
    ring.create("әлия", "ұзын құпия сөз")
    reset.Waiting(world.tmp / "alone.reset").begin(
        ring.lid(), "әлия", "жаңа ұзын сөз", "2026-04-01", params=CHEAP, entropy=SeededEntropy("alone")
    )
