"""WIA as far as it can be tried without Windows: the script's text, its lines, its errors."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from mab_desktop.domain.progress import Silent
from mab_desktop.scanning import wia
from mab_desktop.scanning.source import Fault, ScannerFault, ScanSettings
from mab_desktop.scanning.wia import WiaSource, fault_of, parse_devices, powershell, scan_script


@pytest.mark.parametrize(
    ("line", "fault", "detail"),
    [
        ("FAULT\t0x80210002\tПри подаче бумаги произошло замятие", Fault.JAM, "При подаче бумаги произошло замятие"),
        ("FAULT\t0x80210003\tempty", Fault.EMPTY, "empty"),
        ("FAULT\t0x80210006", Fault.BUSY, "0x80210006"),
        ("FAULT\t0x80210010\t", Fault.COVER_OPEN, "0x80210010"),
        ("FAULT\t0x80210016\tx", Fault.COVER_OPEN, "x"),
        ("FAULT\t0x80210014\tx", Fault.DOUBLE_FEED, "x"),
        ("FAULT\t0x80210020\tx", Fault.DOUBLE_FEED, "x"),
        ("FAULT\t0x80210015", Fault.NO_DEVICE, "0x80210015"),
        ("FAULT\t0x8021000A\tx", Fault.CONNECTION, "x"),
        ("FAULT\t0x80070005\tAccess is denied", Fault.OTHER, "Access is denied"),
        ("PAGE\t1\t.jpg", None, ""),
        ("REFUSED\t4168\t1", None, ""),
    ],
)
def test_errors_by_their_numbers(line: str, fault: Fault | None, detail: str) -> None:
    assert fault_of(line) == (fault, detail)


def test_devices_are_read_from_their_lines() -> None:
    found = parse_devices(
        ["", "DEVICE\t{6BDD1FC6}\\0001\tFujitsu\tfi-7160", "DEVICE\t{1}\tHP\tHP ScanJet", "DEVICE\tx"]
    )
    assert [(one.address, one.label) for one in found] == [
        ("{6BDD1FC6}\\0001", "Fujitsu fi-7160"), ("{1}", "HP ScanJet"),
    ]  # fmt: skip


def test_the_script_says_what_is_wanted_and_nothing_can_break_out_of_it() -> None:
    evil = "x'; Remove-Item C:\\ \u2019 -Recurse; '"
    text = scan_script(evil, ScanSettings(dpi=200), Path("C:/O'Hara/$env"), 7, 3)
    assert "'x''; Remove-Item C:\\ \u2019\u2019 -Recurse; '''" in text
    assert "'C:/O''Hara/$env'" in text
    for line in ("Put $device 3088 1", "Put $item 6146 2", "Put $item 6147 200", "Put $item 6151 1654",
                 "Put $item 6152 2339", "Put $item 4168 1", "$n = 7; $n -lt 7 + 3"):  # fmt: skip
        assert line in text
    assert text.count("{") == text.count("}")
    glass = scan_script("x", ScanSettings(feeder=False, double_feed=False, mode="color"), Path(), 1, None)
    assert "Put $device 3088 2" in glass
    assert "$n -lt 1 + 1" in glass
    assert "4168 1" not in glass


def test_the_command_carries_the_script_whole() -> None:
    command = powershell("Write-Output 'Қазақша'")
    assert base64.b64decode(command[-1]).decode("utf-16-le").endswith("Write-Output 'Қазақша'")
    assert sum(map(len, powershell(scan_script("x" * 200, ScanSettings(), Path("y" * 200), 1, None)))) < 30_000


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_there_is_no_wia(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert not wia.available()
    assert wia.devices(Silent()) == []
    with pytest.raises(ScannerFault, match="is not there"):
        list(WiaSource("{1}", ScanSettings(), tmp_path).pages(Silent()))
