"""Which folders are on this computer's own disks: mount tables and device trees as Linux writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mab_desktop.storage.place import NETWORK_FILE_SYSTEMS, Place, place_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="mount tables are of Linux")

OWN = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"


def mounted(tmp_path: Path, folder: Path, device: str, kind: str, more: str = "", source: str = "what") -> Path:
    """A mount table with the system's disk and one more place."""
    name = str(folder).replace(" ", "\\040")
    table = tmp_path / "mountinfo"
    table.write_text(f"{OWN}23 22 {device} / {name} rw,relatime shared:1 - {kind} {source} rw\n{more}", "utf-8")
    return table


def tree(tmp_path: Path) -> Path:
    """Block devices as sysfs shows them: a disk, a USB stick, a card reader, encrypted ones on a disk and a stick."""
    sysfs = tmp_path / "sys"
    real, numbers, names = sysfs / "devices", sysfs / "dev" / "block", sysfs / "class" / "block"
    numbers.mkdir(parents=True)
    names.mkdir(parents=True)
    for number, path, removable in (
        ("8:1", "pci/ata1/sda/sda1", ""), ("8:17", "pci/usb1/1-1/sdb/sdb1", ""), ("179:1", "pci/mmc/mmcblk0/p1", "1"),
        ("253:0", "virtual/block/dm-0", ""), ("253:1", "virtual/block/dm-1", ""),
    ):  # fmt: skip
        (real / path).mkdir(parents=True)
        (real / path).parent.joinpath("removable").write_text(f"{removable or 0}\n", "utf-8")
        (numbers / number).symlink_to(real / path)
        (names / Path(path).name).symlink_to(real / path)
    for dm, below in (("dm-0", "pci/ata1/sda/sda1"), ("dm-1", "pci/usb1/1-1/sdb/sdb1")):
        slaves = real / "virtual" / "block" / dm / "slaves"
        slaves.mkdir()
        (slaves / "below").symlink_to(real / below)
    return sysfs


@pytest.mark.parametrize(("device", "place"), [
    ("8:2", Place.OWN), ("8:17", Place.REMOVABLE), ("179:1", Place.REMOVABLE), ("253:0", Place.OWN),
    ("253:1", Place.REMOVABLE),
])  # fmt: skip
def test_what_lies_on_a_stick_or_a_card_can_be_taken_out(tmp_path: Path, device: str, place: Place) -> None:
    folder = tmp_path / "Менің дискім (1)"
    (folder / "mab").mkdir(parents=True)
    table, sysfs = mounted(tmp_path, folder, device, "ext4"), tree(tmp_path)
    assert place_of(folder / "mab" / "not yet there", mounts=table, sysfs=sysfs) is place
    assert place_of(tmp_path, mounts=table, sysfs=sysfs) is Place.OWN


@pytest.mark.parametrize(("source", "place"), [
    ("/dev/sda1", Place.OWN), ("/dev/sdb1", Place.REMOVABLE), ("/dev/dm-1", Place.REMOVABLE), ("none", Place.OWN),
    ("/dev/gone", Place.OWN),
])  # fmt: skip
def test_a_stick_whose_file_system_has_a_number_of_its_own(tmp_path: Path, source: str, place: Place) -> None:
    """btrfs: the mount table gives 0:40, no device, and names the device beside it."""
    folder = tmp_path / "stick"
    folder.mkdir()
    table, sysfs = mounted(tmp_path, folder, "0:40", "btrfs", source=source), tree(tmp_path)
    assert place_of(folder / "mab", mounts=table, sysfs=sysfs) is place


def test_a_computer_that_runs_from_such_a_stick_may_keep_its_database_there(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text("22 1 0:25 / / rw - btrfs /dev/sdb1 rw\n", "utf-8")
    assert place_of(tmp_path / "mab", mounts=table, sysfs=tree(tmp_path)) is Place.OWN


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_other_computers_disks_are_the_network(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    own = f"24 22 8:2 / {folder}/own rw - ext4 /dev/sda2 rw\n"
    table = mounted(tmp_path, folder, "0:50", kind, own)
    assert place_of(folder / "mab", mounts=table, sysfs=tmp_path) is Place.NETWORK
    assert place_of(folder / "own" / "mab", mounts=table, sysfs=tmp_path) is Place.OWN
    assert place_of(tmp_path / "shares", mounts=table, sysfs=tmp_path) is Place.OWN


def test_of_two_mounts_on_one_folder_the_later_counts(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    over = f"24 22 8:2 / {folder} rw - ext4 /dev/sda2 rw\n"
    assert place_of(folder, mounts=mounted(tmp_path, folder, "0:50", "cifs", over), sysfs=tmp_path) is Place.OWN


def test_a_link_to_a_stick_is_a_stick(tmp_path: Path) -> None:
    folder, link = tmp_path / "stick", tmp_path / "home"
    folder.mkdir()
    link.symlink_to(folder)
    table, sysfs = mounted(tmp_path, folder, "8:17", "vfat"), tree(tmp_path)
    assert place_of(link / "mab", mounts=table, sysfs=sysfs) is Place.REMOVABLE


def test_a_computer_that_runs_from_a_stick_may_keep_its_database_there(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text("22 1 8:17 / / rw - ext4 /dev/sdb1 rw\n", "utf-8")
    assert place_of(tmp_path / "mab", mounts=table, sysfs=tree(tmp_path)) is Place.OWN


@pytest.mark.parametrize("name", [
    "OneDrive", "OneDrive - ҚазҰУ", "Dropbox", "Dropbox (work)", "Google Drive", "GoogleDrive", "Yandex.Disk",
    "YandexDisk", "Яндекс.Диск", "iCloudDrive", "MEGA", "onedrive", "Nextcloud", "ownCloud", "pCloudDrive",
    "Mail.Ru Cloud", "Облако Mail.ru", "iCloud Drive", "MEGAsync",
])  # fmt: skip
def test_folders_that_a_cloud_copies(tmp_path: Path, name: str) -> None:
    assert place_of(tmp_path / name / "mab") is Place.SYNCED
    assert place_of(tmp_path / f"x{name}" / "mab") is Place.OWN


def test_without_a_mount_table_nothing_is_claimed(tmp_path: Path) -> None:
    assert place_of(tmp_path, mounts=tmp_path / "none") is Place.OWN
    (tmp_path / "odd").write_text("one line of nothing\n\n", "utf-8")
    assert place_of(tmp_path, mounts=tmp_path / "odd") is Place.OWN
