"""A file for people is written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mab_desktop.services.whole_file import write_whole


def test_it_takes_the_place_of_the_older_one_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / ("ұ" * 125 + ".pdf")  # as long as a name can be
    write_whole(file, (b"one ", b"two"))
    write_whole(file, (b"three",))
    assert file.read_bytes() == b"three"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_breaks_off_leaves_the_older_one_and_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"old")

    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged"):
        write_whole(file, breaks())

    def refused() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_whole(file, (b"new",), refused)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["list.xlsx"]


def test_a_link_stays_one_and_what_is_no_file_gets_the_bytes(tmp_path: Path) -> None:
    target, link = tmp_path / "there.pdf", tmp_path / "here.pdf"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, (b"new",))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    write_whole(Path(os.devnull), (b"away",))
    assert not Path(os.devnull).is_file()
