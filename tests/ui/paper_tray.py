"""A print service whose paper falls into a list: as quick, slow or broken as a test wants it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.printing import Sides
from mab_desktop.domain.progress import Progress
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.services.printers import JobStage, JobState, Printer, PrinterState, Ticket, refused
from mab_desktop.ui.app import Banner
from mab_desktop.ui.page import PageSpec
from mab_desktop.ui.shell import Shell
from tests.ui.conftest import MakeShell

OFFICE = Printer("office", "Office", PrinterState.IDLE, default=True, paper=("iso_a4_210x297mm",))
CELLAR = Printer(
    "cellar", "Cellar", PrinterState.STOPPED, ("media-jam",), sides=frozenset({Sides.ONE}),
    paper=("na_letter_8.5x11in",), waiting=3,
)  # fmt: skip


@dataclass
class PaperTray:
    """`sent` is what was handed over; `stands` says how every job stands until a test says otherwise."""

    found: Sequence[Printer] = (OFFICE, CELLAR)
    follows: bool = True
    sent: list[tuple[str, bytes, Ticket]] = field(default_factory=list)
    stands: dict[str, JobState] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def printers(self) -> Sequence[Printer]:
        return self.found

    def send(self, printer: str, pdf: bytes, ticket: Ticket, progress: Progress) -> str:
        if printer not in {one.name for one in self.found}:
            raise refused(printer, "unknown")
        self.sent.append((printer, pdf, ticket))
        job = str(len(self.sent))
        self.stands[job] = JobState(JobStage.PRINTING)
        return job

    def find(self, title: str) -> str:
        return next((str(n) for n, (_p, _pdf, ticket) in enumerate(self.sent, 1) if ticket.title == title), "")

    def look(self, job: str) -> JobState:
        return self.stands[job]

    def cancel(self, job: str) -> None:
        self.cancelled.append(job)
        before = self.stands[job]
        self.stands[job] = JobState(JobStage.CANCELLED, before.sure)

    def forget(self, job: str) -> None:
        self.forgotten.append(job)


def pdf(pages: int = 1, *, landscape: bool = False) -> bytes:
    """Pages whose left half is black."""
    out = io.BytesIO()
    wide, high = (841.89, 595.28) if landscape else (595.28, 841.89)
    canvas = Canvas(out, pagesize=(wide, high), invariant=1)
    for _n in range(pages):
        canvas.rect(0, 0, wide / 2, high, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def document(pages: int = 1, *, kind: str = "journal", copies: int = 1, sides: Sides = Sides.ONE) -> Document:
    """A document of the services."""
    return Document(kind, "1", f"{kind}.pdf", pdf(pages), copies, 1, sides)


def work_window(make_shell: MakeShell, ctx: Context, *pages: PageSpec) -> Shell:
    """The trial application on a real workplace."""
    shown = Banner("2011", "University 013", ctx.actor.name, test_mode=True)
    return make_shell(pages=pages, authenticate=lambda _login, _word: ctx, banner=lambda _app: shown)
