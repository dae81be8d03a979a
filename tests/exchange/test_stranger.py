"""What a stranger leaves on a drive, and what a rightful sender who turned may sign: told in words, never believed."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import carrier, container, drive, kinds
from mab_desktop.exchange.drive import FolderDrive
from tests.exchange.conftest import World, read_entries

Contents = list[tuple[str, bytes]]
ABOVE = "../above"


def zipped(contents: Contents, compression: int = zipfile.ZIP_STORED) -> bytes:
    """As any program makes a ZIP file; a name may come twice."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in contents:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = compression
            archive.writestr(info, data)
    return made.getvalue()


def _link(contents: Contents) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("mimetype", (1980, 1, 1, 0, 0, 0))
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        for name, data in contents[1:]:
            archive.writestr(name, data)
    return made.getvalue()


def _renamed(at: int, name: str) -> Callable[[Contents], bytes]:
    return lambda contents: zipped([*contents[:at], (name, contents[at][1]), *contents[at + 1 :]])


STRANGE_ZIPS: dict[str, Callable[[Contents], bytes]] = {
    "a bomb of zeros": lambda c: zipped([*c[:3], ("payload/0001.age", bytes(32 << 20))], zipfile.ZIP_DEFLATED),
    "a bomb in the trust list": lambda c: zipped([c[0], (c[1][0], bytes(16 << 20)), *c[2:]], zipfile.ZIP_DEFLATED),
    "a path above": _renamed(3, ABOVE),
    "a path from the root": _renamed(3, "/above"),
    "a path of Windows": _renamed(3, "..\\..\\above"),
    "a name twice": lambda c: zipped([*c, c[3]]),
    "two manifests": lambda c: zipped([*c[:3], c[2], *c[3:]]),
    "another case": _renamed(3, "PAYLOAD/0001.AGE"),
    "letters that look alike": _renamed(3, "p\u0430yload/0001.age"),
    "letters put together of parts": _renamed(2, "manifest\u0301.dsse.json"),
    "a name that ends early": _renamed(3, "payload/0001.age\0.txt"),
    "a link": _link,
    "another program's data": lambda c: zipped([("hello.txt", b"hello")]),
    "a comment behind": lambda c: zipped(c)[:-2] + b"\x05\x00hello",
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", STRANGE_ZIPS)
def test_strange_zip_files(world: World, tmp_path: Path, name: str) -> None:
    data = STRANGE_ZIPS[name](read_entries(world.send().paths[0]))
    path = tmp_path / "strange.mab"
    path.write_bytes(data)
    with pytest.raises(CarrierRefused) as told:
        world.open(path)
    assert told.value.code.startswith("container-")
    assert not list(tmp_path.rglob("*above*"))
    assert not Path("/above").exists()


def _set(fields: dict[str, Any], *way: Any) -> None:
    *path, last, value = way
    for step in path:
        fields = fields[step]
    fields[last] = value


SIGNED_BY_ITS_SENDER: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a size below nothing": lambda f: _set(f, "files", 0, "size", -1),
    "a size beyond every disk": lambda f: _set(f, "files", 0, "size", 2**53 - 1),
    "plain text of a terabyte": lambda f: _set(f, "files", 0, "plain_size", 1 << 40),
    "a number below the first": lambda f: _set(f, "seq", 0),
    "a number that no stream reaches": lambda f: _set(f, "seq", 2**53 - 1),
    "counts below nothing": lambda f: _set(f, "counts", "student", -2),
    "fewer than nothing of parts": lambda f: _set(f, "parts", -1),
    "a million parts": lambda f: _set(f, "parts", 10**6),
    "a part behind the last": lambda f: _set(f, "part", 2),
    "true for one": lambda f: _set(f, "epoch", True),
    "a path for a file": lambda f: _set(f, "files", 0, "name", ABOVE),
    "a file twice": lambda f: f["files"].append(f["files"][0]),
    "very many files": lambda f: f["files"].extend([f["files"][0]] * 70_000),
    "a campaign that is a path": lambda f: _set(f, "campaign", "../2026"),
    "a moment that is none": lambda f: _set(f, "created", "2026-13-45T99:00:00Z"),
    "a field of his own": lambda f: _set(f, "also", {"deep": [[[[]]]]}),
    "a sum with a name in it": lambda f: _set(f, "control_sums", "students", "Бекова Әлия"),
    "a log below nothing": lambda f: _set(f, "checkpoint", {"n": -1, "hash": "ab" * 32}),
    "a mode that nobody knows": lambda f: _set(f, "mode", "rehearsal"),
}


@pytest.mark.parametrize("name", SIGNED_BY_ITS_SENDER)
def test_a_list_of_contents_that_lies_although_it_is_signed(world: World, name: str) -> None:
    path = world.forge(world.send(), SIGNED_BY_ITS_SENDER[name])
    with pytest.raises(CarrierRefused) as told:
        world.open(path)
    assert told.value.code in ("manifest-malformed", "container-names", "container-too-large", "set-incomplete",
                               "payload-header", "envelope-malformed", "json-not-canonical")  # fmt: skip
    assert all(told.value.message(lang) for lang in ("kk", "ru", "en"))


@pytest.mark.parametrize("created", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00"])
def test_a_clock_that_is_wrong_refuses_nothing(world: World, created: str) -> None:
    """A PC of a university without a battery makes carriers of 1970, and they count: no clock is believed."""
    assert world.open(world.send(created=created).paths).counts == {"student": 2}


def test_parts_of_two_sets_do_not_make_one(world: World) -> None:
    images = {f"{n}.jpg": os.urandom(3_000) for n in range(2)}
    one, two = (world.send_images(images, part_limit=1, created=f"2026-05-12T09:00:0{n}+06:00") for n in range(2))
    assert len(one.paths) == len(two.paths) > 1
    with pytest.raises(CarrierRefused) as told:
        world.open([one.paths[0], *two.paths[1:]], world.ntc)
    assert told.value.code == "set-mixed"
    with pytest.raises(CarrierRefused) as told:
        world.open([*one.paths, one.paths[-1]], world.ntc)
    assert told.value.code == "set-mixed"
    assert world.open(reversed(one.paths), world.ntc).attachments.keys() == images.keys()


def test_payloads_exchanged_between_two_carriers_of_one_sender(world: World) -> None:
    """Rightly encrypted for the same recipient by the same sender, but for another number of the stream."""
    first, second = world.send(), world.send(seq=2, prev="ab" * 32)
    foreign = read_entries(first.paths[0])[3][1]
    listed = first.manifest.fields()["files"]
    path = world.forge(second, lambda fields: fields.update(files=listed), contents=lambda _: [foreign])
    with pytest.raises(CarrierRefused) as told:
        world.open(path)
    assert told.value.code == "payload-header"


def test_what_lies_on_a_strange_drive(world: World, tmp_path: Path) -> None:
    """Only plain files are offered: no links, pipes, folders, hidden or unfinished ones; names are only shown."""
    stick = tmp_path / "stick"
    stick.mkdir()
    good = world.send().paths[0]
    (stick / good.name).write_bytes(good.read_bytes())
    (stick / good.name.upper()).write_bytes(b"another case")
    (stick / "link.mab").symlink_to(good)
    (stick / "nowhere.mab").symlink_to("/nowhere")
    os.mkfifo(stick / "pipe.mab")
    (stick / "folder.mab").mkdir()
    (stick / ".hidden.mab").write_bytes(b"")
    (stick / "half.mab.part").write_bytes(b"")
    (stick / "\u202egnp.mab").write_bytes(b"backwards")
    (stick / "two\nlines.mab").write_bytes(b"")
    found = [path.name for path in drive.list_carriers(FolderDrive(stick))]
    assert sorted(found) == sorted([good.name, good.name.upper(), "\u202egnp.mab", "two\nlines.mab"])
    refused = []
    for name in found:
        try:
            carrier.peek(stick / name, world.trust)
        except CarrierRefused as error:
            refused.append(error.code)
    assert refused == ["container-foreign"] * 3


def test_a_trust_list_of_his_own(world: World, tmp_path: Path) -> None:
    """A second centre, made by a stranger, in which he may send everything."""
    other = World(tmp_path / "other")
    (tmp_path / "other").mkdir()
    mine = other.send()
    with pytest.raises(CarrierRefused) as told:
        world.open(mine.paths)
    assert told.value.code in ("trust-centre", "trust-fork")
    entries, theirs = read_entries(world.send().paths[0]), read_entries(mine.paths[0])
    mixed = tmp_path / "mixed.mab"
    container.write(mixed, [theirs[0], entries[1], *theirs[2:]])
    with pytest.raises(CarrierRefused) as told:
        world.open(mixed)
    assert told.value.code == "payload-digest"


def test_a_kind_sent_the_wrong_way(world: World) -> None:
    """A university cannot say results, and a base university cannot say a key."""
    built = world.send()
    for kind in (kinds.RESULTS, kinds.ANSWER_KEY, kinds.TRUST):

        def change(fields: dict[str, Any], kind: kinds.CarrierKind = kind) -> None:
            fields.update(kind=kind.name, schema=kind.schema, content=kind.mode, counts={},
                          stream=f"{fields['sender']['device']}>bu013/{kind.name}/2026/official")  # fmt: skip

        with pytest.raises(CarrierRefused) as told:
            world.open(world.forge(built, change))
        assert told.value.code in ("sender-role", "manifest-malformed")
