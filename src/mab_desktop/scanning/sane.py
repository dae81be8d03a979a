"""Scanners on Linux through SANE, by its own `scanimage` program: one process a stack, a file a page.

A page's file gets its name only when it is whole (scanimage writes `….part` first), and `--batch-print` tells it at
once. scanimage asks before each page and gets its Enter as soon as the page before is there: a signal alone does not
end a batch (between two pages it begins a new job and feeds on), the end of its input does, after the sheet that is on
its way. The exit code is the driver's SANE status.

airscan, SANE's driverless driver, has one word for a broken line, an open cover and two sheets noticed by the scanner
(its `escl_decode_scanner_status` knows neither of these states): such a stop is UNNAMED and all three are said. Where
the scanner answers 404 to it, airscan even reports the end of the stack; and it pulls sheets ahead that a Cancel
loses. `escl` hears the scanner itself, so prefer it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.scanning.any_length import gives_any_length, keep_any_length
from mab_desktop.scanning.sane_options import Abilities, SaneOption, abilities, parse_options, plan, resolution
from mab_desktop.scanning.source import Fault, ScannedPage, ScannerFault, ScanSettings, require_fine_enough
from mab_desktop.scanning.tool import Tool
from mab_desktop.scanning.tray import Tray, disk_full
from mab_desktop.scanning.whole import is_whole

PROGRAM, _SAYS = "scanimage", "scanimage: "
# JPEG as driverless scanners send it: a seventh of TIFF's room on the disk and no slower; PNG takes 4 times longer.
FORMATS = {"jpeg": ".jpg", "tiff": ".tif", "png": ".png"}
PATIENCE = 180.0
_ASKING = 60.0
_ROUNDS = 4
_BUSY, _EMPTY, _IO_ERROR = 3, 7, 9
_AIRSCAN = "airscan:"
# sane_strstatus() in English, as scanimage prints it.
_CODES = {
    "Device busy": _BUSY, "Document feeder jammed": 6, "Document feeder out of documents": _EMPTY,
    "Scanner cover is open": 8, "Error during device I/O": _IO_ERROR,
}  # fmt: skip
_LAST_WORDS = re.compile(rf"^{_SAYS}sane_(start|read): ")
# What is said of other troubles, for the catalogs: the rest of sane_strstatus() that a scan can end with.
SANE_WORDS = (
    N_("Operation not supported"), N_("Operation was canceled"), N_("Invalid argument"), N_("End of file reached"),
    N_("Out of memory"), N_("Access to resource has been denied"),
)  # fmt: skip
# scanimage's JPEG wants to know beforehand how long a page is; feeders that cut at its edge cannot say so.
_NO_LENGTH = re.compile(r"Maximum supported image dimension|transferred too few scanlines")
_FULL = re.compile(r"out of disk space|libpng error: Write Error")
_FAULTS = {
    _BUSY: Fault.BUSY, 6: Fault.JAM, _EMPTY: Fault.EMPTY, 8: Fault.COVER_OPEN, _IO_ERROR: Fault.CONNECTION,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SaneDevice:
    """A scanner that a SANE driver knows: its name for `scanimage -d`, maker, model, the driver's word for its kind."""

    address: str
    vendor: str
    model: str
    kind: str

    @property
    def label(self) -> str:
        """How a person knows it."""
        return self.model if self.model.startswith(self.vendor) else f"{self.vendor} {self.model}"


def available() -> bool:
    """True where SANE's program is installed."""
    return shutil.which(PROGRAM) is not None


def devices(progress: Progress) -> list[SaneDevice]:
    """Every scanner that SANE finds now; some drivers search the network for seconds."""
    lines = _ask(["--formatted-device-list", "%d\t%v\t%m\t%t%n"], progress, "SANE")
    found = [line.split("\t") for line in lines if line.count("\t") == 3]
    return [SaneDevice(address, vendor, model, kind) for address, vendor, model, kind in found]


def options_of(device: str, progress: Progress, label: str = "", *chosen: str) -> dict[str, SaneOption]:
    """The device's options as they are after `chosen` were set."""
    lines = _ask(["--device-name", device, *chosen, "--all-options"], progress, label or device)
    return parse_options("\n".join(lines))


def abilities_of(device: str, progress: Progress, label: str = "") -> Abilities:
    """What the device offers of what we ask for."""
    return abilities(options_of(device, progress, label))


@dataclass
class SaneSource:
    """A stack in the feeder of a SANE device; pages fall into `folder` as `0001.jpg` …, `limit` stops after so many."""

    device: str
    settings: ScanSettings
    folder: Path
    name: str = ""
    limit: int | None = None
    format: str = "jpeg"
    patience: float = PATIENCE
    _arguments: list[str] = field(default_factory=list, init=False)
    _came: int = field(default=0, init=False)
    # Pages that went through when the scan was stopped: given out first when it goes on.
    _owed: list[ScannedPage] = field(default_factory=list, init=False)

    @property
    def label(self) -> str:
        """The device's name."""
        return self.name or self.device

    def count(self) -> int | None:
        """SANE cannot tell before feeding."""
        return None

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Feed the stack; see `Source`. Cancel ends scanimage; what is whole stays in the folder."""
        if not self._arguments:
            self._arguments = self._fitting(progress)
        tray = Tray(self.folder)
        tray.clear()
        self._came = len(self._owed)
        while self._owed:
            progress.step()
            yield self._owed.pop(0)
        tool = Tool(self._command(tray.next_position()), folder=self.folder, prompted=True)
        hangs = False
        try:
            yield from self._fed(tool, progress)
        except TimeoutError:
            hangs = True
        finally:
            tool.stop()
            self._sort_out(tool)
            tray.clear()
        self._judge(tool, hangs=hangs)

    def _fed(self, tool: Tool, progress: Progress) -> Iterator[ScannedPage]:
        """The pages as scanimage names them."""
        for line in tool.lines(progress, self.patience, _LAST_WORDS):
            for page in self._pages([line]):
                # On a full disk scanimage goes on feeding and names files that are empty or cut.
                if not is_whole(page.path):
                    page.path.unlink()
                    raise disk_full()
                self._came += 1
                self._owed.append(page)
                progress.step()
                yield self._owed.pop()

    def _sort_out(self, tool: Tool) -> None:
        """What went through after the last page was given out: whole pages are owed, the rest goes."""
        for page in (*self._pages(tool.left), *self._pages(tool.late)):
            if page.path.name in tool.left and is_whole(page.path):
                self._owed.append(page)
            else:
                page.path.unlink()

    def _judge(self, tool: Tool, *, hangs: bool) -> None:
        """How it ended, by the exit code; by its words when scanimage hung after them."""
        if any(_FULL.search(line) for line in tool.errors):
            raise disk_full()
        if self._form == "jpeg" and any(_NO_LENGTH.search(line) for line in tool.errors):
            keep_any_length(self.device)
            raise ScannerFault(Fault.LENGTH, self.label)
        said = _last_words(tool)
        if hangs and not any(_LAST_WORDS.search(line) for line in tool.errors):
            raise ScannerFault(Fault.CONNECTION, self.label)
        code = _CODES.get(said.rpartition(": ")[2], 1) if hangs else tool.code
        # Busy in the middle of its own stack is the same three for airscan, from scanners that answer 503 to them.
        if self.device.startswith(_AIRSCAN) and (code == _IO_ERROR or (code == _BUSY and self._came)):
            raise ScannerFault(Fault.UNNAMED, self.label)
        if code != 0 and not (code == _EMPTY and self._came):
            raise _fault(code, said, self.label)
        if not self._came:
            raise ScannerFault(Fault.EMPTY, self.label)

    def _pages(self, lines: list[str]) -> list[ScannedPage]:
        """The pages that scanimage names."""
        paths = [self.folder / line for line in lines]
        return [ScannedPage(int(path.stem), path) for path in paths if path.stem.isdecimal() and path.is_file()]

    @property
    def _form(self) -> str:
        """The files' form; TIFF takes pages of any length."""
        return "tiff" if gives_any_length(self.device) else self.format

    def _command(self, first: int) -> list[str]:
        # On the glass lies one page, however often it is scanned.
        count = self.limit if self.settings.feeder else 1
        return [
            PROGRAM, f"--device-name={self.device}", *self._arguments, f"--format={self._form}",
            f"--batch=%04d{FORMATS[self._form]}", f"--batch-start={first}", "--batch-print",
            "--batch-prompt",
            *([] if count is None else [f"--batch-count={count}"]),
        ]  # fmt: skip

    def _fitting(self, progress: Progress) -> list[str]:
        """The options for our settings; asked again while setting some opens up others (double feed, page size)."""
        chosen: list[str] = []
        for _ in range(_ROUNDS):
            try:
                options = options_of(self.device, progress, self.label, *chosen)
                wanted = plan(options, self.settings)
            except LookupError:
                raise UserError(
                    N_("{device} has no feeder."),
                    next_step=N_("Choose a scanner with a feeder, or scan from the glass."), device=self.label,
                ) from None  # fmt: skip
            if wanted == chosen:
                break
            chosen = wanted
        require_fine_enough(self.label, resolution(options, self.settings), self.settings.dpi)
        return chosen


def _ask(arguments: list[str], progress: Progress, label: str) -> list[str]:
    """The lines that scanimage answers with."""
    if not available():
        raise UserError(
            N_("SANE's program {program} is not installed."),
            next_step=N_("Install the packages sane-utils and sane-airscan."), exit_code=EXIT_SYSTEM, program=PROGRAM,
        )  # fmt: skip
    try:
        with Tool([PROGRAM, *arguments]) as tool:
            lines = list(tool.lines(progress, _ASKING))
            if tool.code == 0:
                return lines
            raise _fault(tool.code, _last_words(tool), label)
    except TimeoutError:
        raise ScannerFault(Fault.CONNECTION, label) from None
    except subprocess.SubprocessError as error:
        raise ScannerFault(Fault.OTHER, label, str(error)) from None


def _last_words(tool: Tool) -> str:
    """What scanimage said of the trouble, without its own name: the status rather than what it did about it."""
    said = [line for line in tool.errors if line.startswith(_SAYS)]
    status = [_LAST_WORDS.sub("", line) for line in said if _LAST_WORDS.match(line)]
    return (status or [line.removeprefix(_SAYS) for line in said[-1:]] or [""])[0]


def _fault(code: int, said: str, label: str) -> ScannerFault:
    """The exit code as a fault; a device that does not open says why in words only."""
    refused = re.match(r"open of device .* failed: (.*)", said)
    if refused is None:
        return ScannerFault(_FAULTS.get(code, Fault.OTHER), label, said or str(code))
    reasons = {"Device busy": Fault.BUSY, "Access to resource has been denied": Fault.OTHER}
    return ScannerFault(reasons.get(refused[1], Fault.NO_DEVICE), label, refused[1])
