"""Every printed document passes here: it is numbered, and its printing is logged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.services.context import Context, stamp
from mab_desktop.storage.tables.core import PrintJob


@dataclass(frozen=True)
class Document:
    """A finished document: its kind and key, a file name, the PDF, how many copies the order asks for."""

    document: str
    key: str
    file_name: str
    pdf: bytes
    copies: int
    number: int

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


def times_printed(session: Session, document: str, key: str) -> int:
    """How often a document was made before."""
    query = select(func.max(PrintJob.number)).where(PrintJob.document == document, PrintJob.key == key)
    return session.scalar(query) or 0


def print_document(
    ctx: Context, document: str, key: str, draw: Callable[[Printing], bytes], *, copies: int = 1, file_name: str = ""
) -> Document:
    """Draw a document, number it and log it; `draw` must read what it needs before this is called."""
    with ctx.store.read() as session:
        number = times_printed(session, document, key) + 1
    _, head = ctx.store.log_head()
    moment = stamp(ctx)
    printing = Printing(number, moment, ctx.actor.name, head[:12], ctx.lang, not ctx.season.official)
    pdf = draw(printing)
    digest = hashlib.sha256(pdf).hexdigest()
    with ctx.store.write(ctx.actor) as tx:
        number = times_printed(tx.session, document, key) + 1
        tx.session.add(
            PrintJob(
                document=document, key=key, number=number, copies=copies, pages=pdf.count(b"/Type /Page\n"),
                sha256=digest, at=moment, by=ctx.actor.login,
            )
        )  # fmt: skip
        tx.note("document-printed", f"{document}:{key}", number=number, copies=copies, sha256=digest)
    name = file_name or "-".join(part for part in (document, key) if part)
    return Document(document, key, f"{name}.pdf" if number == 1 else f"{name}-{number}.pdf", pdf, copies, number)
