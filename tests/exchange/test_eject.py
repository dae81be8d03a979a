"""Letting go of a drive: by the programs that are there, with their answers understood."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mab_desktop.exchange import eject as ejecting
from mab_desktop.exchange.drive import FolderDrive
from mab_desktop.exchange.eject import Ejected, eject, eject_linux

MOUNTS = (
    "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "40 25 8:17 / /media/user/MAB\\0402026 rw,nosuid shared:1 - vfat /dev/sdb1 rw\n"
)
STICK = Path("/media/user/MAB 2026")


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Small real programs in place of the system's: each writes down its arguments and ends as told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    said = tmp_path / "said"

    def make(name: str, code: int = 0, words: str = "") -> Path:
        program = folder / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >> {said}\necho "{words}" >&2\nexit {code}\n')
        program.chmod(0o755)
        return said

    return make


def test_udisks_unmounts_and_switches_off(mounts, programs):
    said = programs("udisksctl")
    assert eject_linux(STICK, mounts) is Ejected.DONE
    assert said.read_text().splitlines() == [
        "udisksctl unmount --no-user-interaction -b /dev/sdb1",
        "udisksctl power-off --no-user-interaction -b /dev/sdb1",
    ]


def test_without_udisks_umount_and_eject(mounts, programs):
    said = programs("umount")
    programs("eject", 1)
    assert eject_linux(STICK, mounts) is Ejected.DONE
    assert said.read_text().splitlines() == [f"umount {STICK}", "eject /dev/sdb1"]


@pytest.mark.parametrize(
    ("words", "came"), [("umount: target is busy.", Ejected.BUSY), ("not permitted", Ejected.FAILED)]
)
def test_a_refusal_is_understood(mounts, programs, words, came):
    said = programs("umount", 32, words)
    programs("eject")
    assert eject_linux(STICK, mounts) is came
    assert said.read_text().splitlines() == [f"umount {STICK}"]


def test_where_nothing_can_be_done(mounts, programs, tmp_path):
    assert eject_linux(STICK, mounts) is Ejected.CANNOT
    programs("umount")
    assert eject_linux(tmp_path, mounts) is Ejected.CANNOT
    assert eject(FolderDrive(tmp_path, removable=False), mounts) is Ejected.CANNOT


def test_a_drive_of_the_kernel_s_table_is_let_go(mounts, programs):
    programs("udisksctl")
    drive = FolderDrive(STICK, removable=True)
    assert eject(drive, mounts) is (Ejected.DONE if os.name == "posix" else Ejected.FAILED)
    assert ejecting.device_of(STICK, mounts) == "/dev/sdb1"
