"""Sealed files: what goes in comes out, from anywhere; nothing else opens."""

from __future__ import annotations

import hashlib
import io
import os
import random
from pathlib import Path

import pytest

from mab_desktop.storage import scratch
from mab_desktop.storage.sealed import HEAD, PIECE, TAG, SealBroken, SealedFile, Vault, wipe

PLACE = "shift-01/hall-312/pass-1-0a1b2c3d/0001.jpg"
OTHER = "shift-01/hall-312/pass-1-0a1b2c3d/0002.jpg"
PLAIN = random.Random(4).randbytes(3 * PIECE + 500)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.of_database(tmp_path / "scans", bytes(range(32)))


def sealed(vault: Vault, data: bytes = PLAIN, place: str = PLACE) -> SealedFile:
    vault.put(io.BytesIO(data), place)
    return vault.file(place)


def broken(file: SealedFile) -> bool:
    """Whether the file is refused before or while it is read."""
    try:
        file.read_bytes()
    except SealBroken:
        return True
    return False


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 500])
def test_what_goes_in_comes_out(vault: Vault, size: int) -> None:
    data = PLAIN[:size]
    told = vault.put(io.BytesIO(data), PLACE)
    assert (told.size, told.sha256) == (size, hashlib.sha256(data).hexdigest())
    file = vault.file(PLACE)
    assert file.read_bytes() == data
    assert file.path.stat().st_size == HEAD + size + TAG * max(1, -(-size // PIECE))


def test_a_source_that_gives_little_at_a_time_is_sealed_whole(vault: Vault) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 1000))

    vault.put(Slow(PLAIN), PLACE)
    assert vault.file(PLACE).read_bytes() == PLAIN


def test_it_is_read_from_anywhere(vault: Vault) -> None:
    rng = random.Random(5)
    with sealed(vault).open() as file:
        for _ in range(200):
            at, size = rng.randrange(len(PLAIN) + 10), rng.randrange(2 * PIECE)
            file.seek(at)
            assert file.read(size) == PLAIN[at : at + size]
        assert file.seek(-5, os.SEEK_END) == len(PLAIN) - 5
        assert file.read() == PLAIN[-5:]


def test_nothing_of_it_lies_in_clear_and_no_two_files_look_alike(vault: Vault) -> None:
    text = b"handwriting of a student " * 1000
    one, two = sealed(vault, text), sealed(vault, text, OTHER)
    assert b"handwriting" not in one.path.read_bytes()
    assert one.path.read_bytes()[8:] != two.path.read_bytes()[8:]
    assert repr(vault.key) not in repr(one) + repr(vault)
    if os.name == "posix":
        assert one.path.parent.stat().st_mode & 0o077 == 0


def test_every_changed_byte_is_seen(vault: Vault) -> None:
    file = sealed(vault, PLAIN[: 2 * PIECE + 9])
    data, rng = file.path.read_bytes(), random.Random(6)
    for at in [*range(HEAD + 2), *(rng.randrange(HEAD, len(data)) for _ in range(60)), len(data) - 1]:
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << rng.randrange(8)
        file.path.write_bytes(spoilt)
        assert broken(file), at


@pytest.mark.parametrize("cut", [1, TAG, PIECE, PIECE + TAG, 2 * (PIECE + TAG), 3 * (PIECE + TAG), 10**6])
def test_a_cut_file_is_seen_at_every_border(vault: Vault, cut: int) -> None:
    file = sealed(vault, PLAIN[: 3 * PIECE])
    file.path.write_bytes(file.path.read_bytes()[:-cut])
    assert broken(file)


def test_pieces_in_another_order_and_more_behind_the_end_are_seen(vault: Vault) -> None:
    file = sealed(vault, PLAIN[: 3 * PIECE])
    data = file.path.read_bytes()
    head, one, two, three = data[:HEAD], *(data[HEAD + n * (PIECE + TAG) :][: PIECE + TAG] for n in range(3))
    for order in ([two, one, three], [one, three], [one, two, three, three], [one, two, three, b"\0"]):
        file.path.write_bytes(head + b"".join(order))
        assert broken(file)


def test_a_file_in_another_place_or_under_another_key_does_not_open(vault: Vault) -> None:
    file, other = sealed(vault), vault.file(OTHER)
    other.path.write_bytes(file.path.read_bytes())
    assert broken(other)
    assert broken(SealedFile(Vault.of_database(vault.root, bytes(32)), PLACE))
    assert not broken(file)


def test_nothing_is_overwritten_and_a_source_that_fails_leaves_nothing(vault: Vault) -> None:
    file = sealed(vault)
    with pytest.raises(FileExistsError):
        vault.put(io.BytesIO(b"other"), PLACE)

    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        vault.put(Failing(), OTHER)
    assert [path.name for path in file.path.parent.iterdir()] == ["0001.jpg.sealed"]
    vault.replace(b"newer", PLACE)
    assert file.read_bytes() == b"newer"


@pytest.mark.parametrize("place", ["/etc/passwd", "a/../../b", ".."])
def test_a_place_is_inside(vault: Vault, place: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        vault.file(place)


def test_a_wiped_file_is_gone_and_was_empty_before(tmp_path: Path) -> None:
    path, link = tmp_path / "page.jpg", tmp_path / "same"
    path.write_bytes(PLAIN)
    os.link(path, link)
    wipe(path)
    assert not path.exists()
    assert link.read_bytes() == b""
    wipe(path)


def test_a_private_folder_is_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "memory_roots", lambda: [])
    folder = scratch.private_folder("test", tmp_path / "beside")
    assert folder == tmp_path / "beside" / "mab-test"
    (folder / "page.jpg").write_bytes(PLAIN)
    assert scratch.private_folders("test", tmp_path / "beside") == [folder]
    assert scratch.left_behind("te", tmp_path / "beside") == [folder]
    scratch.remove(folder)
    assert not folder.exists()
    if os.name == "posix":
        (tmp_path / "beside" / "mab-open").mkdir(mode=0o777)
        (tmp_path / "beside" / "mab-open").chmod(0o777)
        with pytest.raises(PermissionError):
            scratch.private_folder("open", tmp_path / "beside")
