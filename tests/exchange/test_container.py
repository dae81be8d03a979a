"""Not one byte of a carrier can differ."""

from __future__ import annotations

import random
import struct
import zipfile

import pytest

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import carrier, container


@pytest.fixture
def small(world):
    """One small carrier, its bytes, and where payload and signed texts lie in it."""
    built = world.send()
    return built.paths[0], built.paths[0].read_bytes(), carrier.verify(built.paths[0], world.trust)


def _is_refused(world, path, data) -> bool:
    path.write_bytes(data)
    try:
        carrier.verify(path, world.trust)
    except CarrierRefused:
        return True
    return False


def test_standard_tools_read_it(small):
    path, _, verdict = small
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    assert names == ["mimetype", "trust.dsse.json", "manifest.dsse.json", "payload/0001.age"]
    assert verdict.entries[0].name == "payload/0001.age"


def test_every_bit_of_the_structure_and_a_share_of_the_rest(world, small, tmp_path):
    _, data, verdict = small
    first, payload = verdict.entries[0].offset, verdict.entries[0]
    with container.Reader(small[0]) as reader:
        names = ("mimetype", "trust.dsse.json", "manifest.dsse.json")
        for name in names:
            reader.take(name, 1 << 20)
        heads = reader.entries
    structure = [i for entry in heads for i in range(entry.offset, entry.data)]
    structure += [*range(first, payload.data), *range(payload.data + payload.size, len(data))]
    contents = sorted(set(range(len(data))) - set(structure))
    rest = random.Random(7).sample([i * 8 + b for i in contents for b in range(8)], 1500)
    target, accepted = tmp_path / "flipped.mab", []
    for bit in [*(i * 8 + b for i in structure for b in range(8)), *rest]:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        if not _is_refused(world, target, flipped):
            accepted.append(bit)
    assert accepted == []


def test_every_truncation_and_what_is_put_around(world, small, tmp_path, refused):
    _, data, _ = small
    target = tmp_path / "cut.mab"
    assert all(_is_refused(world, target, data[:n]) for n in (*range(0, len(data), 29), len(data) - 1))
    for grown in (b"\0" + data, b"PK" + data, data[:40] + b"\0" + data[40:], data + data):
        assert _is_refused(world, target, grown)
    target.write_bytes(data + b"\0")
    with refused("container-tail"):
        carrier.verify(target, world.trust)
    target.write_bytes(data[:-1])
    with refused("container-cut"):
        carrier.verify(target, world.trust)
    target.write_bytes(b"not a carrier at all")
    with refused("container-foreign"):
        carrier.verify(target, world.trust)


def test_sectors_lost_or_exchanged(world, small, tmp_path):
    _, data, _ = small
    target = tmp_path / "sector.mab"
    for start in range(0, len(data), 512):
        for hole in (bytes(512), b"\xff" * 512, data[:512][::-1]):
            assert _is_refused(world, target, data[:start] + hole[: len(data) - start] + data[start + 512 :])


def test_other_names_in_other_order(world, small, tmp_path, entries_of, refused):
    entries = entries_of(small[0])
    target = tmp_path / "renamed.mab"
    for number, names in enumerate((
        [*entries[:3], ("payload/0002.age", entries[3][1])],
        [entries[0], entries[2], entries[1], entries[3]],
        [*entries, ("payload/0002.age", b"x")],
        entries[:3],
        [entries[0], *entries],
    )):  # fmt: skip
        other = tmp_path / f"renamed{number}.mab"
        container.write(other, names)
        with pytest.raises(CarrierRefused):
            carrier.verify(other, world.trust)
    container.write(target, [*entries[:3], ("payload/0002.age", entries[3][1])])
    with refused("container-names"):
        carrier.verify(target, world.trust)


def test_compressed_described_or_commented(world, small, tmp_path, entries_of, refused):
    for number, change in enumerate((
        lambda archive, info: setattr(info, "compress_type", zipfile.ZIP_DEFLATED),
        lambda archive, info: setattr(info, "comment", b"hello"),
        lambda archive, info: setattr(info, "extra", b"\xfe\xca\0\0"),
        lambda archive, info: setattr(archive, "comment", b"hello"),
        lambda archive, info: setattr(info, "date_time", (2026, 4, 1, 0, 0, 0)),
        lambda archive, info: None,
    )):  # fmt: skip
        path = tmp_path / f"zip{number}.mab"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in entries_of(small[0]):
                info = zipfile.ZipInfo(name)
                change(archive, info)
                archive.writestr(info, data)
        with pytest.raises(CarrierRefused):
            carrier.verify(path, world.trust)
    data = bytearray(small[1])
    data[-1] ^= 1
    path.write_bytes(data)
    with refused("container-damaged"):
        carrier.verify(path, world.trust)


def test_sizes_are_bounded_before_reading(world, tmp_path, refused):
    huge = tmp_path / "huge.mab"
    with huge.open("wb") as out:
        out.truncate(container.PART_LIMIT + 1)
    with refused("container-too-large"):
        carrier.verify(huge, world.trust)
    entry = container.Entry("trust.dsse.json", 0xFFFFFFF0, 0, 69)
    lying = tmp_path / "lying.mab"
    container.write(lying, [("mimetype", container.MIMETYPE)])
    start = lying.read_bytes()[: 30 + 8 + len(container.MIMETYPE)]
    lying.write_bytes(start + entry.local() + b"x")
    with refused("container-too-large"):
        carrier.verify(lying, world.trust)


def test_size_is_foreseen(tmp_path):
    contents = [("mimetype", b"abc"), ("payload/0001.age", bytes(1000))]
    container.write(tmp_path / "c", contents)
    assert container.size_of((name, len(data)) for name, data in contents) == (tmp_path / "c").stat().st_size
    assert struct.unpack("<I", (tmp_path / "c").read_bytes()[:4])[0] == 0x04034B50
