"""The disk whose power is cut: it keeps what was synced, and it can lose everything else."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.faults.disk import ROOT, Disk, Names, Tree


def outcomes(make: Callable[[Disk], None], names: Names, times: int = 300) -> list[Tree]:
    """What is left after each of many cuts behind the same work."""
    disk = Disk(names)
    make(disk)
    return [disk.after_cut(random.Random(n)) for n in range(times)]  # noqa: S311


def write_and_rename(disk: Disk, *, sync_file: bool, sync_folder: bool) -> None:
    """What a program does that wants a file to be there: with fsync, or without."""
    old = disk.create(ROOT, "a")
    disk.files[old].write(0, b"old" * 500)
    disk.sync_all()
    new = disk.create(ROOT, "a.new")
    disk.files[new].write(0, b"new" * 500)
    if sync_file:
        disk.sync(new)
    disk.rename(ROOT, "a.new", ROOT, "a")
    if sync_folder:
        disk.sync_folder(ROOT)


@pytest.mark.parametrize("names", [Names.JOURNALLED, Names.ASKED])
def test_synced_and_renamed_is_old_or_new(names: Names) -> None:
    left = outcomes(lambda disk: write_and_rename(disk, sync_file=True, sync_folder=False), names)
    assert {tree.get("a") for tree in left} == {b"old" * 500, b"new" * 500}


@pytest.mark.parametrize("names", list(Names))
def test_synced_to_the_end_is_new(names: Names) -> None:
    left = outcomes(lambda disk: write_and_rename(disk, sync_file=True, sync_folder=True), names)
    assert all(tree == {"a": b"new" * 500} for tree in left)


@pytest.mark.parametrize("names", list(Names))
def test_renamed_without_a_sync_may_be_empty_or_torn(names: Names) -> None:
    left = {tree.get("a") for tree in outcomes(lambda d: write_and_rename(d, sync_file=False, sync_folder=True), names)}
    assert b"" in left
    assert any(data not in (None, b"", b"new" * 500, b"old" * 500) for data in left)


def rename_only(disk: Disk) -> None:
    disk.create(ROOT, "a")
    disk.sync_all()
    disk.rename(ROOT, "a", ROOT, "b")


def test_on_fat_a_rename_may_leave_both_names_or_none() -> None:
    left = {tuple(sorted(tree)) for tree in outcomes(rename_only, Names.FAT)}
    assert left == {(), ("a",), ("b",), ("a", "b")}
    assert {tuple(sorted(tree)) for tree in outcomes(rename_only, Names.ASKED)} == {("a",), ("b",)}


def test_only_the_journal_takes_names_along_with_a_file() -> None:
    def work(disk: Disk) -> None:
        folder = disk.make_folder(ROOT, "folder")
        disk.sync(disk.create(folder, "file"))

    assert all("folder/file" in tree for tree in outcomes(work, Names.JOURNALLED))
    assert not all("folder/file" in tree for tree in outcomes(work, Names.ASKED))


def test_writes_are_lost_kept_torn_and_reordered() -> None:
    def work(disk: Disk) -> None:
        number = disk.create(ROOT, "a")
        disk.sync_all()
        disk.files[number].write(0, b"1" * 1024)
        disk.files[number].write(0, b"2" * 512)
        disk.files[number].truncate(700)

    left = {tree["a"] for tree in outcomes(work, Names.ASKED, 2000)}
    whole, uncut, first = b"2" * 512 + b"1" * 188, b"2" * 512 + b"1" * 512, b"1" * 1024
    assert {b"", whole, uncut, first, first[:700], b"2" * 512, bytes(512) + b"1" * 188} <= left  # type: ignore[operator]


def test_what_programs_see_is_the_whole() -> None:
    disk = Disk()
    inner = disk.make_folder(disk.make_folder(ROOT, "a"), "b")
    disk.files[disk.create(inner, "c")].write(3, b"x")
    disk.rename(inner, "c", ROOT, "c")
    disk.remove(disk.folders[ROOT]["a"], "b")
    assert disk.now() == {"a": None, "c": b"\0\0\0x"}
