"""A drive holds what was written, or the program says that it does not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mab_desktop.exchange import drive as drives
from mab_desktop.exchange.drive import FolderDrive


class Faulty(FolderDrive):
    """A drive with a fault of the test's choice."""

    faults: dict = {}

    def free(self):
        return self.faults.get("free", 1 << 40)

    def is_writable(self):
        return self.faults.get("writable", True)

    def _write_part(self, source, part, progress):
        digest = super()._write_part(source, part, progress)
        if "flip" in self.faults:
            data = bytearray(part.read_bytes())
            data[0] ^= 1
            part.write_bytes(data)
        if "error" in self.faults:
            raise OSError(self.faults["error"], os.strerror(self.faults["error"]))
        return digest


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "2026-x.mab"
    path.write_bytes(os.urandom(2_500_000))
    return path


@pytest.fixture
def stick(tmp_path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_written_and_read_back(source, stick):
    drive = FolderDrive(stick, "stick")
    written = drive.write(source)
    assert written.read_bytes() == source.read_bytes()
    assert drives.list_carriers(drive) == [written]
    assert drive.write(source) == written
    assert [path.name for path in stick.iterdir()] == [source.name]


def test_nothing_is_overwritten(source, stick, refused):
    (stick / source.name).write_bytes(b"another season")
    with refused("drive-exists"):
        FolderDrive(stick).write(source)
    assert (stick / source.name).read_bytes() == b"another season"


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("drive-full", {"free": 2 * 2_500_000 + (64 << 20) - 1}),
        ("drive-read-only", {"writable": False}),
        ("drive-differs", {"flip": True}),
        ("drive-full", {"error": errno.ENOSPC}),
        ("drive-read-only", {"error": errno.EROFS}),
        ("drive-gone", {"error": errno.EIO}),
        ("drive-file-limit", {"error": errno.EFBIG}),
        ("drive-failed", {"error": errno.EMFILE}),
    ],
)
def test_faults_are_told_and_leave_nothing(source, stick, refused, code, faults):
    drive = Faulty(stick)
    Faulty.faults = faults
    with refused(code):
        drive.write(source)
    assert [path.name for path in stick.iterdir()] == []


def test_a_real_full_disk(source, stick, refused):
    """The kernel refuses every byte."""

    class Full(FolderDrive):
        def _fresh(self, part):
            part.symlink_to("/dev/full")
            return part.open("wb")

    with refused("drive-full"):
        Full(stick).write(source)
    assert [path.name for path in stick.iterdir()] == []


def test_a_link_in_the_way_leads_nowhere(source, stick, tmp_path):
    """A drive with a link under the name that the unfinished file will have must not reach a file of this computer."""
    ours = tmp_path / "ours.db"
    ours.write_bytes(b"all students")
    (stick / f"{source.name}.part").symlink_to(ours)
    written = FolderDrive(stick).write(source)
    assert written.read_bytes() == source.read_bytes()
    assert not written.is_symlink()
    assert ours.read_bytes() == b"all students"


def test_a_drive_that_forgets_after_the_renaming_keeps_nothing(source, stick, refused, monkeypatch):
    """What was written well and is read back otherwise under its last name: not called written, and taken away."""
    real = drives.durable.move

    def worn(part, target):
        real(part, target)
        target.write_bytes(b"?")

    monkeypatch.setattr(drives.durable, "move", worn)
    with refused("drive-differs"):
        FolderDrive(stick).write(source)
    assert list(stick.iterdir()) == []


def test_a_drive_taken_out(source, tmp_path, refused):
    gone = FolderDrive(tmp_path / "nowhere")
    assert (gone.free(), gone.total(), gone.is_writable()) == (0, 0, False)
    with refused("drive-gone"):
        gone.write(source)
    with refused("drive-gone"):
        drives.list_carriers(gone)
    with refused("drive-gone"):
        drives.copy_in(tmp_path / "nothing", tmp_path / "copy", 10)


def test_the_computer_s_own_disk_is_no_drive(source, refused):
    here = Path(drives.sys.executable).parent
    with refused("drive-system"):
        FolderDrive(here, removable=True).write(source)


def test_copies_are_whole_and_bounded(source, tmp_path, refused):
    drives.copy_in(source, tmp_path / "copy", 1 << 30)
    assert drives.digest_of(tmp_path / "copy") == drives.digest_of(source)
    with refused("container-too-large"):
        drives.copy_in(source, tmp_path / "copy2", 1 << 20)


def test_a_large_file_on_fat32(stick, tmp_path, refused):
    large = tmp_path / "large.mab"
    with large.open("wb") as out:
        out.truncate(10)
    drive = FolderDrive(stick, file_system="vfat")
    with refused("drive-file-limit"):
        drive._require_room(4 << 30)


def test_only_whole_carriers_are_listed(stick, source):
    for name in ("b.mab", "A.MAB", "c.mab.part", ".hidden.mab", "notes.txt"):
        (stick / name).write_bytes(b"x")
    (stick / "folder.mab").mkdir()
    (stick / "link.mab").symlink_to(source)
    assert [path.name for path in drives.list_carriers(FolderDrive(stick))] == ["A.MAB", "b.mab"]


def test_mounted_sticks_are_found(tmp_path):
    """A made-up /proc and /sys: the system disk, a stick with a blank in its name, and a virtual file system."""
    devices = tmp_path / "block"
    devices.mkdir()
    found_by_kernel = (("8:1", "pci/sda/sda1", 0), ("8:17", "pci/usb1/sdb/sdb1", 0), ("8:33", "pci/sdc/sdc1", 1))
    for number, place, removable in found_by_kernel:
        real = tmp_path / place
        real.mkdir(parents=True)
        (real.parent / "removable").write_text(f"{removable}\n")
        (devices / number).symlink_to(real)
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "40 25 8:17 / /media/user/MAB\\0402026 rw,nosuid shared:1 - vfat /dev/sdb1 rw\n"
        "41 25 8:33 / /media/user/CARD rw - exfat /dev/sdc1 rw\n"
        "42 25 0:5 / /proc rw - proc proc rw\n"
    )
    found = drives.linux_drives(mounts, devices)
    assert [(drive.name, drive.file_system, drive.removable) for drive in found] == [
        ("CARD", "exfat", True),
        ("MAB 2026", "vfat", True),
    ]
    assert all(isinstance(drive, FolderDrive) for drive in drives.find_drives())
