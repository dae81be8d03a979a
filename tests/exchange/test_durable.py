"""Room on our own disk is asked for before it is written to."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from mab_desktop.exchange import durable

MIB = 1 << 20


def test_room_is_part_of_the_file_and_what_is_written_there_stays(tmp_path: Path) -> None:
    with (tmp_path / "part").open("xb") as out:
        out.write(b"head")
        durable.reserve(out.fileno(), 4, 2 * MIB)
        out.write(b"x" * 2 * MIB)
    assert (tmp_path / "part").read_bytes() == b"head" + b"x" * 2 * MIB


def test_a_disk_without_that_much_room_says_so_before_anything_is_written(tmp_path: Path) -> None:
    with (tmp_path / "part").open("xb") as out:
        with pytest.raises(OSError) as refused:
            durable.reserve(out.fileno(), 0, 1 << 60)
        assert refused.value.errno in (errno.ENOSPC, errno.EFBIG)
    assert (tmp_path / "part").stat().st_size == 0
