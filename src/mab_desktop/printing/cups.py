"""The spooler CUPS: it is handed the PDF itself, so that fonts and true size stay, and tells what becomes of the job.

What CUPS calls "impressions completed" are pages its filters have passed on; they may lie in the printer's memory. How
many came out only the printer knows: where it speaks IPP itself, it is asked.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from mab_desktop.domain.printing import LargePaper, Sides, page_ranges
from mab_desktop.domain.progress import Progress
from mab_desktop.printing import ipp
from mab_desktop.printing.ipp import Attribute, Group, IppError, Operation, Tag
from mab_desktop.printing.queue import (
    A4,
    ENDED,
    JobStage,
    JobState,
    Printer,
    PrinterState,
    Ticket,
    not_there,
    refused,
)

CLIENT_CONF = Path("/etc/cups/client.conf")
SOCKETS = ("/run/cups/cups.sock", "/var/run/cups/cups.sock")
_AT_ONCE = 3.0  # seconds for a printer to answer; one that is switched off must not hold the others up
_STATES = {3: PrinterState.IDLE, 4: PrinterState.BUSY, 5: PrinterState.STOPPED}
_STAGES = {
    3: JobStage.WAITING, 4: JobStage.WAITING, 5: JobStage.PRINTING, 6: JobStage.PRINTING,
    7: JobStage.CANCELLED, 8: JobStage.FAILED, 9: JobStage.DONE,
}  # fmt: skip
_STOPPED = 5
_NOT_FOUND, _NOT_POSSIBLE = 0x0406, 0x0404
_OF_PRINTER = (
    "printer-name", "printer-info", "printer-state", "printer-state-reasons", "printer-is-accepting-jobs",
    "queued-job-count", "sides-supported", "media-ready", "media-default",
)  # fmt: skip
_OF_JOB = ("job-state", "job-state-reasons", "job-printer-state-reasons", "job-printer-uri", "job-name")
_OF_QUEUE = ("device-uri", "printer-state")
_NO_NEWS = frozenset({
    "cups-waiting-for-job-completed", "job-printing", "job-completed-successfully", "processing-to-stop-point",
})  # fmt: skip


def server() -> str:
    """Where CUPS listens: as CUPS_SERVER or client.conf say, else the socket of this computer, else port 631."""
    if named := os.environ.get("CUPS_SERVER"):
        return named
    for place in (Path.home() / ".cups" / "client.conf", CLIENT_CONF):
        if named := _named_in(place):
            return named
    return next((path for path in SOCKETS if Path(path).exists()), "localhost:631")


def _named_in(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    words = (line.split() for line in lines)
    named = next((found[1] for found in words if len(found) > 1 and found[0].lower() == "servername"), "")
    return named.partition("/version=")[0]


@dataclass(frozen=True)
class Cups:
    """A PrintSystem at `address`; a job's name is its number at the server."""

    address: str

    @property
    def follows(self) -> bool:
        """CUPS tells what becomes of a job."""
        return True

    def printers(self) -> Sequence[Printer]:
        """All queues, the default first."""
        default = ""
        try:
            wanted = ("requested-attributes", Tag.KEYWORD, ("printer-name",))
            found = self._ask(Operation.CUPS_GET_DEFAULT, (wanted,)).of(Tag.PRINTER)
            default = ipp.text(found[0], "printer-name") if found else ""
        except IppError as error:
            if error.status != _NOT_FOUND:
                raise not_there(str(error)) from error
        try:
            answer = self._ask(
                Operation.CUPS_GET_PRINTERS, (_user(), ("requested-attributes", Tag.KEYWORD, _OF_PRINTER))
            )
        except IppError as error:
            if error.status == _NOT_FOUND:
                return ()
            raise not_there(str(error)) from error
        made = [_printer(group, default) for group in answer.of(Tag.PRINTER)]
        return sorted(made, key=lambda printer: (not printer.default, printer.words.casefold()))

    def send(self, printer: str, pdf: bytes | LargePaper, ticket: Ticket, progress: Progress) -> str:
        """Hand the PDF over, unscaled, on A4."""
        progress.step(0)
        whole = ("document-format", Tag.MIME, ("application/pdf",))
        named = ("job-name", Tag.NAME, (ticket.title,))
        target = (_uri(f"/printers/{quote(printer)}"), _user(), named, whole)
        request = ipp.encode(Operation.PRINT_JOB, target, _job_attributes(ticket))
        try:
            answer = self._send(f"/printers/{quote(printer)}", request, pdf)
        except IppError as error:
            raise refused(printer, str(error)) from error
        return str(ipp.number(answer.of(Tag.JOB)[0], "job-id"))

    def find(self, title: str) -> str:
        """Among the jobs that CUPS still remembers."""
        wanted = ("requested-attributes", Tag.KEYWORD, ("job-id", "job-name"))
        try:
            answer = self._ask(Operation.GET_JOBS, (_uri("/"), _user(), ("which-jobs", Tag.KEYWORD, ("all",)), wanted))
        except IppError as error:
            raise not_there(str(error)) from error
        found = [group for group in answer.of(Tag.JOB) if ipp.text(group, "job-name") == title]
        return str(max(ipp.number(group, "job-id") for group in found)) if found else ""

    def look(self, job: str) -> JobState:
        """As CUPS sees it, and what has come out as the printer itself counts."""
        try:
            answer = self._ask(
                Operation.GET_JOB_ATTRIBUTES,
                (_uri(f"/jobs/{job}"), _user(), ("requested-attributes", Tag.KEYWORD, _OF_JOB)),
            )
        except IppError as error:
            if error.status == _NOT_FOUND:
                return JobState(JobStage.UNKNOWN)
            raise not_there(str(error)) from error
        group = answer.of(Tag.JOB)[0]
        stage = _STAGES.get(ipp.number(group, "job-state"), JobStage.UNKNOWN)
        told = [*ipp.texts(group, "job-printer-state-reasons"), *ipp.texts(group, "job-state-reasons")]
        queue = self._queue(urlsplit(ipp.text(group, "job-printer-uri")).path)
        if stage not in ENDED and ipp.number(queue, "printer-state") == _STOPPED:
            told.append("paused")
        sure = _came_out(ipp.text(queue, "device-uri"), ipp.text(group, "job-name"))
        return JobState(stage, sure, tuple(dict.fromkeys(_reason(word) for word in told if word not in _NO_NEWS)))

    def cancel(self, job: str) -> None:
        """Take a job back."""
        try:
            self._ask(Operation.CANCEL_JOB, (_uri(f"/jobs/{job}"), _user()))
        except IppError as error:
            if error.status not in (_NOT_POSSIBLE, _NOT_FOUND):
                raise not_there(str(error)) from error

    def forget(self, job: str) -> None:
        """CUPS keeps the PDF of an ended job for a day unless told otherwise: a key, a seating sheet, results."""
        purge = ("purge-job", Tag.BOOLEAN, (True,))
        try:
            self._ask(Operation.CANCEL_JOB, (_uri(f"/jobs/{job}"), _user(), purge))
        except IppError as error:
            if error.status not in (_NOT_POSSIBLE, _NOT_FOUND):
                raise not_there(str(error)) from error

    def _queue(self, path: str) -> Group:
        try:
            wanted = ("requested-attributes", Tag.KEYWORD, _OF_QUEUE)
            found = self._ask(Operation.GET_PRINTER_ATTRIBUTES, (_uri(path), _user(), wanted)).of(Tag.PRINTER)
        except IppError:
            return {}  # the queue was taken away, the job is still known
        return found[0] if found else {}

    def _ask(self, operation: Operation, attributes: Sequence[Attribute]) -> ipp.Answer:
        return self._send("/", ipp.encode(operation, attributes))

    def _send(self, path: str, request: bytes, document: bytes | LargePaper = b"") -> ipp.Answer:
        try:
            return ipp.ask(self.address, path, request, document)
        except OSError as error:
            raise not_there(error.strerror or str(error)) from error


def _came_out(device: str, title: str) -> int:
    """How many sides the printer itself says have come out of the job with this title; 0 where it cannot be asked."""
    if not device.startswith(("ipp://", "ipps://")):
        return 0
    path, counted = urlsplit(device).path or "/", 0
    wanted = ("requested-attributes", Tag.KEYWORD, ("job-name", "job-impressions-completed"))
    try:
        for which in ("not-completed", "completed"):
            query = (("printer-uri", Tag.URI, (device,)), _user(), ("which-jobs", Tag.KEYWORD, (which,)), wanted)
            answer = ipp.ask(device, path, ipp.encode(Operation.GET_JOBS, query), timeout=_AT_ONCE)
            found = [group for group in answer.of(Tag.JOB) if ipp.text(group, "job-name") == title]
            counted = max([counted, *(ipp.number(group, "job-impressions-completed") for group in found)])
    except (IppError, OSError):
        return 0  # one that is switched off counts nothing
    return counted


def _job_attributes(ticket: Ticket) -> list[Attribute]:
    together = "separate-documents-collated-copies" if ticket.collate else "separate-documents-uncollated-copies"
    return [
        ("copies", Tag.INTEGER, (ticket.copies,)),
        ("sides", Tag.KEYWORD, (ticket.sides.value,)),
        ("media", Tag.KEYWORD, (A4,)),
        ("print-scaling", Tag.KEYWORD, ("none",)),
        ("multiple-document-handling", Tag.KEYWORD, (together,)),
        ("page-ranges", Tag.RANGE, tuple(page_ranges(ticket.pages))),
    ]


def _printer(group: Group, default: str) -> Printer:
    name = ipp.text(group, "printer-name")
    state = _STATES.get(ipp.number(group, "printer-state"), PrinterState.UNKNOWN)
    if group.get("printer-is-accepting-jobs") == [False]:
        state = PrinterState.CLOSED
    told = [_reason(word) for word in ipp.texts(group, "printer-state-reasons") if word not in _NO_NEWS]
    paper = ipp.texts(group, "media-ready") or ipp.texts(group, "media-default")
    sides = frozenset(side for side in Sides if side in ipp.texts(group, "sides-supported")) | {Sides.ONE}
    return Printer(
        name, ipp.text(group, "printer-info") or name, state, tuple(dict.fromkeys(told)), name == default, sides, paper,
        ipp.number(group, "queued-job-count"),
    )  # fmt: skip


def _reason(word: str) -> str:
    """"media-jam-error" is "media-jam"."""
    for ending in ("-report", "-warning", "-error"):
        word = word.removesuffix(ending)
    return word


def _uri(path: str) -> Attribute:
    name = "job-uri" if path.startswith("/jobs/") else "printer-uri"
    return name, Tag.URI, (f"ipp://localhost{path}",)


def _user() -> Attribute:
    return "requesting-user-name", Tag.NAME, (getpass.getuser(),)
