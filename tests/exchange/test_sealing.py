"""Pieces on their way out: read, encrypted, counted in several threads; bodies of containers in several files."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pyrage
import pytest

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import build, carrier, container, sealing
from mab_desktop.exchange.age_file import Recipient
from mab_desktop.exchange.growing import Growing
from mab_desktop.exchange.sealing import Cut, Sealer
from tests.exchange.conftest import World, read_entries

KEY = pyrage.x25519.Identity.generate()


def sealed(world: World, sealer: Sealer, body: bytes) -> tuple[sealing.Sealed, bytes]:
    """A piece, and the body that its recipient finds in it."""
    manifest = world.send().manifest
    made = sealer.seal(manifest, 1, Cut("records", len(body), body))
    plain = pyrage.decrypt(bytes(made.data), [KEY])
    assert len(plain) == made.plain_size
    return made, plain.partition(b"\n")[2]


def test_memory_that_is_used_again_leaves_nothing_in_what_comes_later(world: World) -> None:
    sealer = Sealer([Recipient.load(str(KEY.to_public()))])
    large, small = os.urandom(3 * sealing._Count.STEP + 17), b"small"
    made, found = sealed(world, sealer, large)
    assert found == large
    assert made.sha256 == hashlib.sha256(made.data).hexdigest()
    assert made.crc == zlib.crc32(made.data)
    sealer.give_back(made)
    again, found = sealed(world, sealer, small)
    assert found == small
    assert again.memory is made.memory
    assert again.sha256 == hashlib.sha256(again.data).hexdigest()


@pytest.mark.parametrize("now", [b"longer than before", b"short"])
def test_a_file_that_changes_between_looking_and_reading_is_an_error(world: World, tmp_path: Path, now: bytes) -> None:
    image = tmp_path / "scan.jpg"
    image.write_bytes(b"as it was")
    (cut,) = sealing.pieces(build.CarrierKind("x", "", (), encloses=True), (), [carrier.Attachment("a", image)], {})
    image.write_bytes(now)
    with pytest.raises(ValueError, match="a changed while it was read"):
        Sealer([Recipient.load(str(KEY.to_public()))]).seal(world.send().manifest, 1, cut)


def test_files_of_the_disk_and_sealed_images_keep_their_order(world: World, tmp_path: Path) -> None:
    images: dict[str, Path | bytes] = {}
    for number in range(12):
        data = os.urandom(1000 + number)
        images[f"{number}.jpg"] = data if number % 4 < 2 else tmp_path / f"{number}.jpg"
        (tmp_path / f"{number}.jpg").write_bytes(data)
    opened = world.open(world.send_images(images).paths, world.ntc)
    found = [(info.name, data) for info, data in opened.each_attachment()]
    assert found == [(f"{n}.jpg", (tmp_path / f"{n}.jpg").read_bytes()) for n in range(12)]


def test_a_body_of_several_files_is_one_and_its_files_go(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(container.Body, "FILE", 5_000)
    images: dict[str, Path | bytes] = {f"{n}.jpg": os.urandom(3_000) for n in range(9)}
    built = world.send_images(images)
    opened = world.open(built.paths, world.ntc)
    assert {info.name: data for info, data in opened.each_attachment()} == images
    with zipfile.ZipFile(built.paths[0]) as archive:
        assert archive.testzip() is None
    assert [path.name for folder in tmp_path.glob("out*") for path in folder.iterdir()] == [built.paths[0].name]


def test_a_disk_that_fails_while_it_is_read_back_is_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real, synced = os.fsync, list[int]()

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 1:
            raise OSError(errno.ENOSPC, "full")
        real(descriptor)

    monkeypatch.setattr(build, "_WORTH_A_THREAD", 0)
    monkeypatch.setattr(build.os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        world.send_images({"a.jpg": os.urandom(20_000)})
    assert [list(folder.iterdir()) for folder in tmp_path.glob("out*")] == [[]]
    monkeypatch.setattr(build.os, "fsync", real)
    assert world.open(world.send_images({"a.jpg": b"x"}).paths, world.ntc).read("a.jpg") == b"x"


def test_a_known_check_sum_is_compared_and_not_believed(world: World) -> None:
    path = world.send().paths[0]
    with zipfile.ZipFile(path) as archive:
        crcs = {info.filename: info.CRC for info in archive.infolist()}
    assert carrier.verify(path, world.trust, crcs=crcs).manifest.files
    assert carrier.verify(path, world.trust, crcs={name: crc ^ 1 for name, crc in crcs.items()}).manifest.files
    contents = read_entries(path)
    name, data = contents[-1]
    path.unlink()
    container.write(path, [*contents[:-1], (name, data[:40] + bytes([data[40] ^ 1]) + data[41:])])  # its own sum fits
    with pytest.raises(CarrierRefused, match="not what the sender signed"):
        carrier.verify(path, world.trust, crcs=crcs)
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"payload/0001.age") + 40] ^= 1
    path.write_bytes(whole)
    with pytest.raises(CarrierRefused, match="damaged"):
        carrier.verify(path, world.trust, crcs=crcs)


# -- what is read while it is written


def test_a_large_part_is_read_back_while_it_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_WORTH_A_THREAD", 0)
    monkeypatch.setattr(container.Body, "FILE", 5_000)
    images: dict[str, Path | bytes] = {f"{n}.jpg": os.urandom(3_000) for n in range(9)}
    opened = world.open(world.send_images(images).paths, world.ntc)
    assert {info.name: data for info, data in opened.each_attachment()} == images


@pytest.mark.parametrize("written", [b"", b"\0" * 600, b"PK\3\4 something else"])
def test_what_lies_on_the_disk_otherwise_than_it_was_written_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    """Whoever writes says that all is there, and it is not."""

    def move(_body: container.Body, out: BinaryIO, grown: Callable[[int], None]) -> None:
        out.write(written)
        grown(1 << 30)

    monkeypatch.setattr(build, "_WORTH_A_THREAD", 0)
    monkeypatch.setattr(container.Body, "move_behind", move)
    with pytest.raises(CarrierRefused):
        world.send_images({"a.jpg": os.urandom(20_000)})


def test_who_reads_waits_for_who_writes_and_not_for_ever(tmp_path: Path) -> None:
    path, whole = tmp_path / "file", os.urandom(90_000)
    growing = Growing(path, len(whole))
    found = list[bytes]()
    reader = threading.Thread(target=lambda: found.extend(growing.read(30_000) for _ in range(4)))
    reader.start()
    with path.open("wb", buffering=0) as out:
        for at in range(0, 60_000, 20_000):
            out.write(whole[at : at + 20_000])
            growing.grown(at + 20_000)
    growing.end()
    reader.join()
    assert found == [whole[:30_000], whole[30_000:60_000], b"", b""]
    growing.close()
    nothing = Growing(tmp_path / "never", 10)
    nothing.end()
    assert nothing.read(10) == b""
