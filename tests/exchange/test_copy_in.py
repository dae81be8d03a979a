"""A carrier of some megabytes is verified while it is copied: what may happen meanwhile, and what then lies there."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from mab_desktop.domain.errors import Cancelled, UserError
from mab_desktop.exchange import carrier, drive
from mab_desktop.exchange.growing import Growing

MEGABYTES = 12


class AtFirstStep:
    """Somebody waits, and something happens when the first mebibyte is copied."""

    def __init__(self, what: Callable[[], None] = lambda: None) -> None:
        self.what, self.steps = what, 0

    def stage(self, title: str, total: int = 0) -> None:
        self.steps = 0

    def step(self, n: int = 1) -> None:
        self.steps += n
        if self.steps == 1:
            self.what()


@pytest.fixture
def large(world) -> Path:
    image = random.Random("large").randbytes(MEGABYTES << 20)
    return world.send_images({"scans/1.png": image}).paths[0]


@pytest.fixture
def staging(tmp_path) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def test_the_copy_is_the_file_and_each_mebibyte_is_told(world, large, staging):
    told = AtFirstStep()
    (copy,) = carrier.copy_in([large], staging, world.trust, progress=told)
    assert copy.path.parent == staging
    assert drive.digest_of(copy.path) == drive.digest_of(large)
    assert copy.verdict == carrier.verify(large, world.trust)
    assert told.steps == -(-large.stat().st_size // (1 << 20))


def test_what_is_copied_already_is_verified_where_it_lies(world, large, staging):
    (copy,) = carrier.copy_in([large], large.parent, world.trust)
    assert copy.path == large


def test_bytes_that_come_behind_while_it_is_copied(world, large, staging, refused):
    def more() -> None:
        with large.open("ab") as out:
            out.write(b"more")

    with refused("container-tail"):
        carrier.copy_in([large], staging, world.trust, progress=AtFirstStep(more))


def test_a_file_cut_while_it_is_copied(world, large, staging, refused):
    def cut() -> None:
        with large.open("r+b") as out:
            out.truncate(3 << 20)

    with refused("container-cut"):
        carrier.copy_in([large], staging, world.trust, progress=AtFirstStep(cut))


def test_cancelled_while_it_is_copied(world, large, staging):
    def cancel() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        carrier.copy_in([large], staging, world.trust, progress=AtFirstStep(cancel))


def test_damage_in_the_middle(world, large, staging, refused):
    with large.open("r+b") as out:
        out.seek(6 << 20)
        found = out.read(1)
        out.seek(6 << 20)
        out.write(bytes([found[0] ^ 1]))
    with refused("container-damaged"):
        carrier.copy_in([large], staging, world.trust)


def test_nothing_more_is_copied_once_the_reader_has_closed_it(large, staging):
    growing = Growing(staging / "copy", large.stat().st_size)
    drive.copy_in(large, staging / "copy", 1 << 30, AtFirstStep(growing.close), growing)
    assert (staging / "copy").stat().st_size <= 2 << 20


def test_a_private_copy_that_the_disk_does_not_give_again_is_told_in_words(world, staging):
    sent = world.send()
    copies = carrier.copy_in(sent.paths, staging, world.trust)
    kept = copies[0].path.rename(staging / "aside")
    with pytest.raises(UserError, match="Nothing was changed"):
        carrier.open_carrier(copies, me=world.base, campaign="2026", mode="official")
    kept.rename(copies[0].path)
    opened = carrier.open_carrier(copies, me=world.base, campaign="2026", mode="official")
    copies[0].path.unlink()
    with pytest.raises(UserError, match="Nothing was changed"):
        list(opened.records())
