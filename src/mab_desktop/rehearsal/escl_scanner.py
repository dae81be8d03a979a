"""A simulated driverless scanner: an eSCL server on the loopback that feeds a stack of sheets, mishaps included.

It speaks what office scanners speak (Mopria eSCL: capabilities, status, scan jobs, next document), so any program that
scans from the network can be tried on it: ours, SANE's airscan driver, a phone. It listens on the loopback only.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

from mab_desktop.rehearsal.paper_feeder import JPEG, PNG, SMOOTH, TIFF, Fed, Mishaps, PaperFeeder, Sheet, Stop, Wanted
from mab_desktop.rehearsal.scanner import ScannerModel

ROOT = "/eSCL"
RESOLUTIONS = (75, 100, 150, 200, 300, 400)
MODES = {"Grayscale8": "gray", "RGB24": "color", "BlackAndWhite1": "lineart"}
MAX_BODY = 1 << 16
_ADF = {
    Stop.JAM: "ScannerAdfJam", Stop.COVER: "ScannerAdfHatchOpen", Stop.TWO_NOTICED: "ScannerAdfMultipickDetected",
}  # fmt: skip
_ENDS = {Stop.EMPTY: "Completed", Stop.CANCELLED: "Canceled"}
_SPACES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
# 300ths of an inch, the unit of eSCL.
_UNIT = 25.4 / 300


@dataclass
class _Job:
    """A scan job: what was asked, how many images went out, how it ended ("" while it runs)."""

    name: str
    wanted: Wanted
    feeder: bool
    images: int = 0
    end: str = ""
    gone: Event = field(default_factory=Event)


class EsclScanner:
    """A scanner with a feeder at `address`; to be used in a `with` statement.

    `seconds` is what a page takes (0: as fast as it goes). `log` holds every request as "POST ScanJobs", `wanted` what
    the last job asked for. A stopped feeder is set right by the next job: by then the person has laid the sheet back.
    Until then a page is answered with `stopped_code` (real scanners differ: 404, 409, 500, 503), the status says why.
    """

    def __init__(
        self, stack: Sequence[Sheet], mishaps: Mishaps = SMOOTH, *, port: int = 0, seconds: float = 0.0,
        name: str = "MAB Simulated feeder", model: ScannerModel = ScannerModel(), glass: Sheet | None = None,
        stopped_code: int = 409, resolutions: Sequence[int] = RESOLUTIONS,
    ) -> None:  # fmt: skip
        self.resolutions, self._caps = tuple(resolutions), _caps(resolutions)
        self.feeder = PaperFeeder(stack, mishaps, model)
        self.stopped_code = stopped_code
        self.glass, self.name, self.seconds = glass, name, seconds
        self.log: list[str] = []
        self.wanted: Wanted | None = None
        self.stopped: Stop | None = None
        self._refusals = mishaps.refuse
        self._jobs: dict[str, _Job] = {}
        self._lock, self._off = Lock(), Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.scanner = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """Where it listens on the loopback."""
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """The address to give to a scanning program."""
        return f"http://127.0.0.1:{self.port}{ROOT}"

    def __enter__(self) -> EsclScanner:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._off.set()
        for job in list(self._jobs.values()):
            job.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # -- what the requests do

    def start(self, asked: str) -> tuple[int, str]:
        """A new job from its settings: HTTP status and the job's name."""
        with self._lock:
            if self._refusals > 0 or any(not job.end for job in self._jobs.values()):
                self._refusals = max(0, self._refusals - 1)
                return 503, ""
            self.stopped = None
            job = _Job(str(uuid.uuid4()), _wanted(asked, self.resolutions), _text(asked, "InputSource") != "Platen")
            if (job.feeder and not self.feeder.waiting) or (not job.feeder and self.glass is None):
                return 409, ""
            self.wanted = job.wanted
            self._jobs[job.name] = job
            return 201, job.name

    def next_page(self, name: str) -> tuple[_Job | None, Fed]:
        """The next image of a job."""
        job = self._jobs.get(name)
        if job is None or job.end:
            return job, Fed(stop=self.stopped or Stop.EMPTY)
        if self.seconds:
            self._off.wait(self.seconds)
        fed = self.feeder.pull(job.wanted) if job.feeder else self._from_glass(job)
        if fed.stop is Stop.STALL:
            job.gone.wait()
        if fed.stop in _ADF:
            self.stopped = fed.stop
        if fed.stop is not None and fed.stop is not Stop.CUT:
            job.end = _ENDS.get(fed.stop, "Aborted")
        return job, fed

    def delivered(self, job: _Job, fed: Fed) -> None:
        """The image went over the line whole."""
        job.images += 1
        if job.feeder:
            self.feeder.leave(fed)

    def cancel(self, name: str) -> int:
        """The scanning program wants no more."""
        job = self._jobs.get(name)
        if job is None:
            return 404
        job.end = job.end or "Canceled"
        job.gone.set()
        return 200

    def _from_glass(self, job: _Job) -> Fed:
        if job.images or self.glass is None:
            return Fed(stop=Stop.EMPTY)
        return PaperFeeder([self.glass], model=self.feeder.model).pull(job.wanted)

    # -- what it says of itself

    def capabilities(self) -> str:
        """ScannerCapabilities."""
        glass = f"<scan:Platen><scan:PlatenInputCaps>{self._caps}</scan:PlatenInputCaps></scan:Platen>"
        return (
            f"<scan:ScannerCapabilities {_SPACES}><pwg:Version>2.63</pwg:Version>"
            f"<pwg:MakeAndModel>{escape(self.name)}</pwg:MakeAndModel>"
            f"{glass if self.glass is not None else ''}"
            f"<scan:Adf><scan:AdfSimplexInputCaps>{self._caps}</scan:AdfSimplexInputCaps>"
            "<scan:FeederCapacity>100</scan:FeederCapacity><scan:AdfOptions><scan:AdfOption>DetectPaperLoaded"
            "</scan:AdfOption></scan:AdfOptions></scan:Adf></scan:ScannerCapabilities>"
        )

    def status(self) -> str:
        """ScannerStatus."""
        running = any(not job.end for job in self._jobs.values())
        adf = _ADF[self.stopped] if self.stopped else f"ScannerAdf{'Loaded' if self.feeder.waiting else 'Empty'}"
        jobs = "".join(
            f"<scan:JobInfo><pwg:JobUri>{ROOT}/ScanJobs/{job.name}</pwg:JobUri><pwg:JobUuid>{job.name}</pwg:JobUuid>"
            f"<pwg:ImagesCompleted>{job.images}</pwg:ImagesCompleted>"
            f"<pwg:JobState>{job.end or 'Processing'}</pwg:JobState></scan:JobInfo>"
            for job in reversed(self._jobs.values())
        )
        return (
            f"<scan:ScannerStatus {_SPACES}><pwg:Version>2.63</pwg:Version>"
            f"<pwg:State>{'Processing' if running else 'Idle'}</pwg:State><scan:AdfState>{adf}</scan:AdfState>"
            f"<scan:Jobs>{jobs}</scan:Jobs></scan:ScannerStatus>"
        )


def _caps(resolutions: Sequence[int]) -> str:
    """What feeder and glass can do."""
    return (
        "<scan:MinWidth>300</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth>"
        "<scan:MinHeight>300</scan:MinHeight><scan:MaxHeight>4200</scan:MaxHeight><scan:MaxScanRegions>1"
        "</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile><scan:ColorModes>"
        + "".join(f"<scan:ColorMode>{mode}</scan:ColorMode>" for mode in MODES)
        + "</scan:ColorModes><scan:DocumentFormats>"
        + "".join(f"<pwg:DocumentFormat>{media}</pwg:DocumentFormat>" for media in (JPEG, PNG, TIFF))
        + "</scan:DocumentFormats><scan:SupportedResolutions><scan:DiscreteResolutions>"
        + "".join(
            f"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>"
            "</scan:DiscreteResolution>"
            for dpi in resolutions
        )
        + "</scan:DiscreteResolutions></scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>"
    )


class _Server(ThreadingHTTPServer):
    """Every request in a thread of its own; none outlives the scanner."""

    scanner: EsclScanner
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own affair; anything else is told."""
        import sys

        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """The few requests of eSCL."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        """Capabilities, status, the next page."""
        scanner, path = self._noted()
        if path == "ScannerCapabilities":
            self._say(200, scanner.capabilities().encode(), "text/xml")
        elif path == "ScannerStatus":
            self._say(200, scanner.status().encode(), "text/xml")
        elif found := re.fullmatch(r"ScanJobs/([0-9a-f-]{36})/NextDocument", path):
            self._send_page(*scanner.next_page(found[1]))
        else:
            self._say(404)

    def do_POST(self) -> None:
        """A new job."""
        scanner, path = self._noted()
        length = int(self.headers.get("Content-Length") or 0)
        if path != "ScanJobs" or not 0 < length <= MAX_BODY:
            self._say(400)
            self.close_connection = True
            return
        status, name = scanner.start(self.rfile.read(length).decode("utf-8", "replace"))
        self._say(status, location=f"{scanner.address}/ScanJobs/{name}" if name else "")

    def do_DELETE(self) -> None:
        """No more of a job."""
        scanner, path = self._noted()
        self._say(scanner.cancel(path.removeprefix("ScanJobs/")))

    def log_message(self, *_args: Any) -> None:
        """Requests stand in the scanner's own log."""

    def _noted(self) -> tuple[EsclScanner, str]:
        scanner, path = self.server.scanner, self.path.removeprefix(ROOT).strip("/")
        scanner.log.append(f"{self.command} {re.sub('[0-9a-f-]{36}', 'JOB', path)}")
        return scanner, path

    def _send_page(self, job: _Job | None, fed: Fed) -> None:
        scanner = self.server.scanner
        if job is None or fed.stop is Stop.EMPTY:
            self._say(404)
        elif fed.stop is Stop.CUT:
            job.end = "Aborted"
            self._say(200, fed.image, job.wanted.media, cut=True)
        elif fed.stop is not None:
            self._say(scanner.stopped_code if fed.stop in _ADF else 404)
        else:
            scanner.delivered(job, fed)
            self._say(200, fed.image, job.wanted.media)

    def _say(self, status: int, body: bytes = b"", media: str = "", *, location: str = "", cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if media:
            self.send_header("Content-Type", media)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if cut:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)


def _text(xml: str, name: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}>\s*([^<]*?)\s*</", xml)
    return found[1] if found else ""


def _number(xml: str, name: str, otherwise: int) -> int:
    text = _text(xml, name)
    return int(text) if text.isdecimal() else otherwise


def _wanted(xml: str, resolutions: Sequence[int]) -> Wanted:
    """The settings of a job; what is missing or not offered is as the scanner likes it."""
    media = _text(xml, "DocumentFormatExt") or _text(xml, "DocumentFormat")
    dpi = _number(xml, "XResolution", 200)
    return Wanted(
        dpi=min(resolutions, key=lambda offered: abs(offered - dpi)),
        mode=MODES.get(_text(xml, "ColorMode"), "gray"),
        width=_number(xml, "Width", 2480) * _UNIT, height=_number(xml, "Height", 3508) * _UNIT,
        media=media if media in {JPEG, PNG, TIFF} else JPEG,
    )  # fmt: skip
