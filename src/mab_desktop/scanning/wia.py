"""Scanners on Windows by WIA, its own scanning service, through a short PowerShell script: nothing to install.

It has never met a real scanner: the programs are made on machines without Windows. What could be tried there is: the
script's text, the reading of its lines and the table of errors. WIA's automation objects are documented at
learn.microsoft.com ("Windows Image Acquisition Automation Layer"), the numbers come from WiaDef.h of the Windows SDK.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mab_desktop.domain.progress import Progress
from mab_desktop.scanning.source import Fault, ScannedPage, ScannerFault, ScanSettings
from mab_desktop.scanning.tool import Tool
from mab_desktop.scanning.tray import Tray

PATIENCE = 180.0
_ASKING = 60.0
_INTENTS = {"color": 1, "gray": 2, "lineart": 4}
_EMPTY = 0x80210003
# By number from WiaDef.h; its documentation gives three of them a second number, so both are taken.
_FAULTS = {
    0x80210002: Fault.JAM, _EMPTY: Fault.EMPTY, 0x80210004: Fault.JAM, 0x80210005: Fault.NO_DEVICE,
    0x80210006: Fault.BUSY, 0x80210007: Fault.BUSY, 0x80210009: Fault.NO_DEVICE, 0x8021000A: Fault.CONNECTION,
    0x8021000D: Fault.BUSY, 0x80210010: Fault.COVER_OPEN, 0x80210016: Fault.COVER_OPEN,
    0x80210014: Fault.DOUBLE_FEED, 0x80210020: Fault.DOUBLE_FEED, 0x80210015: Fault.NO_DEVICE,
    0x8021006B: Fault.NO_DEVICE,
}  # fmt: skip
_LIST = """
$manager = New-Object -ComObject WIA.DeviceManager
foreach ($info in $manager.DeviceInfos) {
  if ($info.Type -eq 1) {
    $name = ''; $maker = ''
    foreach ($p in $info.Properties) { if ($p.Name -eq 'Name') { $name = $p.Value }
                                       if ($p.Name -eq 'Manufacturer') { $maker = $p.Value } }
    Write-Output ("DEVICE`t" + $info.DeviceID + "`t" + $maker + "`t" + $name)
  }
}
"""
# 3088 feeder (1) or glass (2), 3096 pages a transfer; 4104 bits are left to the intent; 6146 intent, 6147 and 6148
# resolution, 6149 to 6152 the window in dots, 4168 two sheets at once (1: stop with an error).
_SCAN = """
$device = $null
foreach ($info in (New-Object -ComObject WIA.DeviceManager).DeviceInfos) {{
  if ($info.DeviceID -eq {device}) {{ $device = $info.Connect() }}
}}
if ($device -eq $null) {{ Write-Output "FAULT`t0x80210015"; exit 0 }}
function Put($owner, $id, $value) {{
  foreach ($p in $owner.Properties) {{
    if ($p.PropertyID -eq $id) {{ try {{ $p.Value = $value }} catch {{ Write-Output "REFUSED`t$id`t$value" }} }}
  }}
}}
Put $device 3088 {source}
Put $device 3096 1
$item = $device.Items.Item(1)
{settings}
for ($n = {first}; $n -lt {first} + {limit}; $n++) {{
  try {{ $image = $item.Transfer('{{B96B3CAE-0728-11D3-9D7B-0000F81EF32E}}') }}
  catch {{
    $e = $_.Exception; while ($e.InnerException) {{ $e = $e.InnerException }}
    Write-Output ("FAULT`t0x{{0:X8}}`t{{1}}" -f $e.HResult, ($e.Message -replace '\\s+', ' ')); exit 0
  }}
  $suffix = '.jpg'
  if ($image.FormatID -ne '{{B96B3CAE-0728-11D3-9D7B-0000F81EF32E}}') {{
    $process = New-Object -ComObject WIA.ImageProcess
    $process.Filters.Add($process.FilterInfos.Item('Convert').FilterID)
    $process.Filters.Item(1).Properties.Item('FormatID').Value = '{{B96B3CAF-0728-11D3-9D7B-0000F81EF32E}}'
    $image = $process.Apply($image); $suffix = '.png'
  }}
  $part = Join-Path {folder} ('{{0:D4}}.part' -f $n)
  if (Test-Path -LiteralPath $part) {{ Remove-Item -LiteralPath $part }}
  $image.SaveFile($part)
  Write-Output ("PAGE`t$n`t$suffix")
}}
"""


@dataclass(frozen=True, slots=True)
class WiaDevice:
    """A scanner that Windows knows."""

    address: str
    label: str


def available() -> bool:
    """True on Windows."""
    return sys.platform == "win32"


def devices(progress: Progress) -> list[WiaDevice]:
    """Every scanner that Windows knows, plugged in or not; none on other systems."""
    if not available():
        return []
    try:
        with Tool(powershell(_LIST)) as tool:
            return parse_devices(list(tool.lines(progress, _ASKING)))
    except TimeoutError:
        raise ScannerFault(Fault.CONNECTION, "WIA") from None


def parse_devices(lines: list[str]) -> list[WiaDevice]:
    """The devices in the lines that the list script prints."""
    found = [line.split("\t") for line in lines if line.startswith("DEVICE\t") and line.count("\t") == 3]
    return [
        WiaDevice(address, name if name.startswith(maker) else f"{maker} {name}") for _, address, maker, name in found
    ]


@dataclass
class WiaSource:
    """A stack in the feeder of a WIA device; pages fall into `folder` as `0001.jpg` …, `limit` stops after so many."""

    device: str
    settings: ScanSettings
    folder: Path
    name: str = ""
    limit: int | None = None
    patience: float = PATIENCE

    @property
    def label(self) -> str:
        """The device's name."""
        return self.name or self.device

    def count(self) -> int | None:
        """WIA cannot tell before feeding."""
        return None

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Feed the stack; see `Source`. Cancel ends the script; what is whole stays in the folder."""
        if not available():
            raise ScannerFault(Fault.NO_DEVICE, self.label)
        tray = Tray(self.folder)
        tray.clear()
        came = 0
        script = scan_script(self.device, self.settings, self.folder, tray.next_position(), self.limit)
        try:
            with Tool(powershell(script)) as tool:
                for line in tool.lines(progress, self.patience):
                    self._stop_at(line, came)
                    if page := re.fullmatch(r"PAGE\t(\d+)\t(\.\w+)", line):
                        came += 1
                        progress.step()
                        yield tray.take(int(page[1]), page[2])
                if tool.code != 0:
                    raise ScannerFault(Fault.OTHER, self.label, tool.errors[-1] if tool.errors else str(tool.code))
        except TimeoutError:
            raise ScannerFault(Fault.CONNECTION, self.label) from None
        finally:
            tray.clear()
        if not came:
            raise ScannerFault(Fault.EMPTY, self.label)

    def _stop_at(self, line: str, came: int) -> None:
        """A fault that the script tells; an empty feeder after the first page is the end of the stack."""
        fault, detail = fault_of(line)
        if fault is not None and not (fault is Fault.EMPTY and came):
            raise ScannerFault(fault, self.label, detail)


def fault_of(line: str) -> tuple[Fault | None, str]:
    """The fault in a line of the scan script and its words; None when the line tells none."""
    told = re.match(r"FAULT\t0x([0-9A-Fa-f]{8})(?:\t(.*))?$", line)
    if told is None:
        return None, ""
    return _FAULTS.get(int(told[1], 16), Fault.OTHER), (told[2] or f"0x{told[1]}").strip()


def scan_script(device: str, settings: ScanSettings, folder: Path, first: int, limit: int | None) -> str:
    """The PowerShell text that scans a stack and prints a line for each page or fault."""
    wide, tall = (round(side / 25.4 * settings.dpi) for side in (settings.width, settings.height))
    wanted = {6146: _INTENTS[settings.mode], 6147: settings.dpi, 6148: settings.dpi, 6149: 0, 6150: 0, 6151: wide,
              6152: tall}  # fmt: skip
    if settings.double_feed:
        wanted[4168] = 1
    return _SCAN.format(
        device=_quoted(device), folder=_quoted(str(folder)), source=1 if settings.feeder else 2, first=first,
        limit=(limit if settings.feeder else 1) or 100_000,
        settings="\n".join(f"Put $item {key} {value}" for key, value in wanted.items()),
    )  # fmt: skip


def powershell(script: str) -> list[str]:
    """The command that runs a script whatever the PC's policy says of script files, its output in UTF-8."""
    whole = f"[Console]::OutputEncoding = [Text.Encoding]::UTF8\n$ErrorActionPreference = 'Stop'\n{script}"
    encoded = base64.b64encode(whole.encode("utf-16-le")).decode("ascii")
    return ["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]


def _quoted(text: str) -> str:
    """A PowerShell literal; its quotes include the typographic ones."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"
