"""Every printed document passes here: it is numbered, and its printing is logged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.printing import LargePaper, Outcome, Sides
from mab_desktop.services import pass_copies
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.pass_copies import Piece
from mab_desktop.storage.sealed_paper import SealedPaper
from mab_desktop.storage.tables.core import PrintJob

Pdf = bytes | SealedPaper
"""A drawn document: what is small as bytes, what is large as a file that is read in parts."""

_PAGE = b"/Type /Page\n"
_previewing: ContextVar[bool] = ContextVar("previewing", default=False)


@dataclass(frozen=True)
class Document:
    """A finished document: its kind and key, a file name, the PDF, how many copies and sides the order asks for.

    `pieces` are counted one by one (passes): such a document is printed once, and what of it comes out is noted.
    """

    document: str
    key: str
    file_name: str
    pdf: Pdf
    copies: int
    number: int
    sides: Sides = Sides.ONE
    pieces: Sequence[Piece] = ()

    @property
    def is_reprint(self) -> bool:
        """True when this document was printed before (it then says «телнұсқа»)."""
        return self.number > 1


@dataclass(frozen=True)
class Printing:
    """What a drawing function is told: its running number, when and by whom, the head of the log, and the language.

    `head` is the first 12 characters of the log's newest hash (EXCHANGE: it stands on every protocol).
    """

    number: int
    printed_at: str
    printed_by: str
    head: str
    lang: str
    test_mode: bool

    @property
    def is_reprint(self) -> bool:
        """True from the second printing on."""
        return self.number > 1


def finished() -> ColumnElement[bool]:
    """The condition that a printing came to its end: the document lies there on paper or in a file."""
    return PrintJob.outcome.in_((Outcome.PRINTED, Outcome.SAVED))


def gave_paper() -> ColumnElement[bool]:
    """The condition that a printing counts: it left something on paper or in a file, or still may."""
    return or_(PrintJob.outcome.not_in((Outcome.FAILED, Outcome.CANCELLED)), PrintJob.done > PrintJob.start)


def times_printed(session: Session, document: str, key: str) -> int:
    """How often a document was made before."""
    query = select(func.max(PrintJob.number)).where(PrintJob.document == document, PrintJob.key == key, gave_paper())
    return session.scalar(query) or 0


@contextmanager
def previewing() -> Iterator[None]:
    """Documents made inside are only looked at: numbered as the next printing would be, but neither counted nor logged.

    `record_printing` does both once the paper really comes out.
    """
    token = _previewing.set(True)
    try:
        yield
    finally:
        _previewing.reset(token)


def print_document(
    ctx: Context, document: str, key: str, draw: Callable[[Printing], Pdf], *, copies: int = 1, file_name: str = "",
    sides: Sides = Sides.ONE, pieces: Sequence[Piece] = (),
) -> Document:  # fmt: skip
    """Draw a document and, unless it is only previewed, count and log it; `draw` gets data read before this call."""
    with ctx.store.read() as session:
        number = times_printed(session, document, key) + 1
    _, head = ctx.store.log_head()
    printing = Printing(number, stamp(ctx), ctx.actor.name, head[:12], ctx.lang, not ctx.season.official)
    name = file_name or "-".join(part for part in (document, key) if part)
    pdf = draw(printing)
    file = f"{name}.pdf" if number == 1 else f"{name}-{number}.pdf"
    made = Document(document, key, file, pdf, copies, number, sides, pieces)
    if not _previewing.get():
        record_printing(ctx, made)
    return made


def record_printing(ctx: Context, made: Document, title: str = "") -> None:
    """Count and log a document that was saved as a file: nobody knows how often it is printed elsewhere."""
    (digest, pages), now = measured(made.pdf), stamp(ctx)
    with ctx.store.write(ctx.actor) as tx:
        number = times_printed(tx.session, made.document, made.key) + 1
        row = PrintJob(
            document=made.document, key=made.key, number=number, copies=made.copies, pages=pages, sha256=digest,
            at=now, by=ctx.actor.login, title=title, done=pages * made.copies, outcome=Outcome.SAVED,
            sides=made.sides, ended_at=now,
        )  # fmt: skip
        tx.session.add(row)
        if made.pieces:
            tx.session.flush()
            pass_copies.plan(tx, row.id, made.pieces)
            pass_copies.came_out(tx, row.id, range(1, pages + 1), now)
        tx.note("document-printed", f"{made.document}:{made.key}", number=number, copies=made.copies,
                sha256=digest)  # fmt: skip


def pdf_parts(pdf: bytes | LargePaper) -> Iterator[bytes]:
    """A drawn document, a part at a time."""
    if isinstance(pdf, bytes):
        yield pdf
    else:
        yield from pdf.parts()


def measured(pdf: Pdf) -> tuple[str, int]:
    """SHA-256 and number of pages of one of our own documents."""
    digest, pages, tail = hashlib.sha256(), 0, b""
    for part in pdf_parts(pdf):
        digest.update(part)
        seen = tail + part
        pages += seen.count(_PAGE)
        tail = seen[-(len(_PAGE) - 1) :]
    return digest.hexdigest(), pages
