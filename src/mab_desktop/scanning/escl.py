"""Driverless scanners (eSCL, "AirScan") spoken to directly: on the network, or on USB through the ipp-usb service.

Nothing but HTTP of the standard library: no driver on Linux nor Windows. Each request has a connection of its own, so
that a page is never asked for twice on a line that died while it was idle; redirects are not followed; what comes is
bounded in size and time. A page's file appears only when its length and its end mark say that it is whole.

Discovery: ipp-usb listens on the loopback from port 60000 on, and a network scanner's address is typed or comes from
SANE's airscan, which listens to the network's announcements (mDNS); Python's standard library cannot.
"""

from __future__ import annotations

import http.client
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from mab_desktop.domain.errors import EXIT_USAGE, UserError
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_
from mab_desktop.scanning.escl_xml import (
    MAX_XML,
    Capabilities,
    Intake,
    NotUnderstood,
    Status,
    job_settings,
    read_capabilities,
    read_status,
)
from mab_desktop.scanning.source import Fault, ScannedPage, ScannerFault, ScanSettings, require_fine_enough
from mab_desktop.scanning.tray import Tray
from mab_desktop.scanning.whole import is_whole, suffix_of

# Where the ipp-usb service offers scanners on USB.
USB_ADDRESSES = tuple(f"http://127.0.0.1:{port}/eSCL" for port in range(60000, 60010))
MAX_PAGE = 128 << 20
# Seconds: to connect, between two pieces of a page, for the next page to begin.
CONNECT, STALL, PATIENCE = 5.0, 20.0, 120.0
LOOK, AGAIN = 0.2, 0.5
_PIECE = 1 << 16

Wait = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Address:
    """Host, port and path of a scanner, read from what a person typed: `192.168.1.20`, `http://scan:8080/eSCL`."""

    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address; UserError when it is none. Only plain HTTP: scanners' own certificates prove nothing."""
        try:
            parts = urlsplit(text.strip() if "://" in text else f"http://{text.strip()}")
            port = parts.port or 80
        except ValueError:
            parts, port = urlsplit(""), 0
        path = parts.path.rstrip("/") or "/eSCL"
        if parts.scheme != "http" or not parts.hostname or parts.query or any(c <= " " or c > "~" for c in path):
            raise UserError(
                N_("{address} is no address of a scanner."),
                next_step=N_("Type it like http://192.168.1.20/eSCL; the scanner's network page shows the number."),
                exit_code=EXIT_USAGE, address=text,
            )  # fmt: skip
        return cls(parts.hostname, port, path)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}{'' if self.port == 80 else f':{self.port}'}{self.path}"


def capabilities(address: str, *, timeout: float = CONNECT) -> Capabilities:
    """What the scanner at `address` offers; ScannerFault NO_DEVICE when none answers there."""
    return _Line(Address.parse(address), address).capabilities(timeout)


@dataclass
class EsclSource:
    """A stack in the feeder of a driverless scanner; pages fall into `folder` as `0001.jpg` …

    `limit` stops after so many pages. `wait` waits for a page that is not ready; tests give their own.
    """

    address: str
    settings: ScanSettings
    folder: Path
    name: str = ""
    limit: int | None = None
    patience: float = PATIENCE
    wait: Wait = field(default_factory=lambda: Event().wait)

    @property
    def label(self) -> str:
        """The device's name."""
        return self.name or self.address

    def count(self) -> int | None:
        """A scanner tells that paper lies in the feeder, not how much."""
        return None

    def pages(self, progress: Progress) -> Iterator[ScannedPage]:
        """Feed the stack; see `Source`. Cancel takes the job back; what is whole stays in the folder."""
        line = _Line(Address.parse(self.address), self.label, self.patience)
        tray = Tray(self.folder)
        tray.clear()
        intake = self._intake(line.capabilities(CONNECT))
        job = line.start_job(job_settings(self.settings, intake), progress)
        came, ended = 0, False
        try:
            while self.limit is None or came < self.limit:
                position = tray.next_position()
                suffix = self._next(line, job, tray, position, progress)
                if not suffix:
                    ended = True
                    break
                came += 1
                yield tray.take(position, suffix)
                progress.step()  # after it was given out: a page that came whole is not lost to Cancel
            if not came:
                raise ScannerFault(Fault.EMPTY, self.label)
        finally:
            tray.clear()
            if not ended:
                line.take_back(job)

    def _intake(self, able: Capabilities) -> Intake:
        intake = able.feeder if self.settings.feeder else able.glass
        if intake is None:
            raise UserError(
                N_("{device} has no feeder.") if self.settings.feeder else N_("{device} has no glass."),
                next_step=N_("Choose a scanner with a feeder, or scan from the glass.") if self.settings.feeder
                else N_("Scan from the feeder."), device=self.label,
            )  # fmt: skip
        require_fine_enough(self.label, intake.resolution(self.settings.dpi), self.settings.dpi)
        return intake

    def _next(self, line: _Line, job: str, tray: Tray, position: int, progress: Progress) -> str:
        """Fetch the next page into the tray: its suffix, "" at the end of the stack."""
        waited = 0.0
        while True:
            code, suffix = line.fetch_page(job, tray, position, progress)
            if suffix:
                return suffix
            status = line.status(progress)
            if status.fault not in {None, Fault.EMPTY}:
                raise ScannerFault(status.fault or Fault.OTHER, self.label)
            if job in status.broken_off:
                raise ScannerFault(Fault.OTHER, self.label, N_("the job was broken off at the scanner"))
            if code in {404, 410}:
                return ""
            if code != 503 or waited >= self.patience:
                raise ScannerFault(Fault.OTHER, self.label, f"HTTP {code}")
            # The page is on its way: many scanners answer so until the sheet has gone through.
            progress.step(0)
            self.wait(AGAIN)
            waited += AGAIN


class _Line:
    """Requests to one scanner, each on a connection of its own."""

    def __init__(self, address: Address, label: str, patience: float = PATIENCE) -> None:
        self._at, self._label, self._patience = address, label, patience

    def capabilities(self, timeout: float) -> Capabilities:
        """ScannerCapabilities."""
        try:
            code, data, _ = self._ask("GET", f"{self._at.path}/ScannerCapabilities", timeout=timeout)
            if code != 200:
                raise ScannerFault(Fault.BUSY if code == 503 else Fault.NO_DEVICE, self._label, f"HTTP {code}")
            return read_capabilities(data)
        except ConnectionError:
            raise ScannerFault(Fault.NO_DEVICE, self._label) from None
        except (NotUnderstood, http.client.HTTPException) as error:
            raise ScannerFault(Fault.OTHER, self._label, str(error)) from None

    def status(self, progress: Progress) -> Status:
        """ScannerStatus; a scanner that has none says nothing of its feeder."""
        code, data, _ = self._asked("GET", f"{self._at.path}/ScannerStatus", progress)
        if code != 200:
            return Status()
        try:
            return read_status(data)
        except NotUnderstood as error:
            raise ScannerFault(Fault.OTHER, self._label, str(error)) from None

    def start_job(self, settings: bytes, progress: Progress) -> str:
        """Begin a job: its path on this scanner, whatever host name the scanner thinks it has."""
        code, _, location = self._asked("POST", f"{self._at.path}/ScanJobs", progress, settings)
        path = urlsplit(location).path.rstrip("/")
        if code == 201 and path.startswith("/") and not any(c <= " " or c > "~" for c in path):
            return path
        fault = self.status(progress).fault
        if fault is None:
            fault = Fault.BUSY if code == 503 else Fault.OTHER
        raise ScannerFault(fault, self._label, f"HTTP {code}")

    def fetch_page(self, job: str, tray: Tray, position: int, progress: Progress) -> tuple[int, str]:
        """NextDocument into the tray: HTTP status and the page's suffix, "" when no page came."""
        with self._cut_is_a_fault():
            connection = self._connect(CONNECT)
        try:
            with self._cut_is_a_fault():
                connection.request("GET", f"{job}/NextDocument")
                self._until_answered(connection, progress)
                response = connection.getresponse()
            return response.status, self._receive(response, tray, position, progress) if response.status == 200 else ""
        finally:
            connection.close()

    def take_back(self, job: str) -> None:
        """Nobody wants more of the job. The scanner may be gone by now: then there is nothing to take back."""
        try:
            self._ask("DELETE", job, timeout=CONNECT)
        except (OSError, http.client.HTTPException):
            return

    def _receive(
        self, response: http.client.HTTPResponse, tray: Tray, position: int, progress: Progress
    ) -> str:  # fmt: skip
        """The body into a file; a body that breaks off or lacks its end is a cut line."""
        size, suffix = 0, ""
        with tray.part(position).open("wb") as file:
            while True:
                with self._cut_is_a_fault():
                    piece = response.read(_PIECE)
                if not piece:
                    break
                suffix = suffix or suffix_of(piece)
                size += len(piece)
                if not suffix or size > MAX_PAGE:
                    raise ScannerFault(Fault.OTHER, self._label, response.headers.get("Content-Type", "")[:60])
                tray.write(file, piece)
                progress.step(0)
        if response.length or not is_whole(tray.part(position)):
            raise ScannerFault(Fault.CONNECTION, self._label)
        return suffix

    def _asked(self, method: str, path: str, progress: Progress, body: bytes | None = None) -> tuple[int, bytes, str]:
        """A small request during a scan: a line that fails is a cut one."""
        progress.step(0)
        with self._cut_is_a_fault():
            return self._ask(method, path, body, timeout=STALL)

    def _ask(self, method: str, path: str, body: bytes | None = None, *, timeout: float) -> tuple[int, bytes, str]:
        """HTTP status, the answer's body (at most as much as is ever looked at) and its Location."""
        connection = self._connect(min(timeout, CONNECT))
        try:
            connection.sock.settimeout(timeout)
            connection.request(method, path, body, {"Content-Type": "text/xml"} if body else {})
            response = connection.getresponse()
            return response.status, response.read(MAX_XML + 1), response.headers.get("Location", "")
        finally:
            connection.close()

    @contextmanager
    def _cut_is_a_fault(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException):
            raise ScannerFault(Fault.CONNECTION, self._label) from None

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self._at.host, self._at.port, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise ConnectionError(str(error)) from error
        return connection

    def _until_answered(self, connection: http.client.HTTPConnection, progress: Progress) -> None:
        """Wait for the first byte of the answer in small steps, so that Cancel is heard while a sheet goes through."""
        line: socket.socket = connection.sock
        line.settimeout(STALL)
        waited = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ)
            while not selector.select(LOOK):
                progress.step(0)
                waited += LOOK
                if waited >= self._patience:
                    raise TimeoutError
