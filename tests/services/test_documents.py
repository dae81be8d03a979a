"""Every paper is numbered, logged with its digest, and carries the head of the log."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from mab_desktop.domain.organisation import Role
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, Printing, print_document, times_printed
from mab_desktop.services.sheets import blank_sheets
from mab_desktop.storage.tables.core import AuditEntry, PrintJob
from tests.conftest import MakeContext


def printed(ctx: Context, key: str = "1", pdf: bytes = b"%PDF paper", **more: object) -> tuple[Document, Printing]:
    """Print a paper; the document, and what its drawing was told."""
    told: list[Printing] = []

    def draw(printing: Printing) -> bytes:
        told.append(printing)
        return pdf

    return print_document(ctx, "hall-list", key, draw, **more), told[0]  # type: ignore[arg-type]


def jobs(ctx: Context) -> list[PrintJob]:
    with ctx.store.read() as session:
        rows = list(session.scalars(select(PrintJob).order_by(PrintJob.id)))
        session.expunge_all()
    return rows


def test_a_first_print_and_its_reprints_are_numbered(make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013")
    first, told = printed(ctx, copies=2)
    assert (first.number, first.is_reprint, first.file_name, first.copies) == (1, False, "hall-list-1.pdf", 2)
    assert (told.number, told.is_reprint) == (1, False)
    second, told = printed(ctx)
    assert (second.number, second.is_reprint, second.file_name) == (2, True, "hall-list-1-2.pdf")
    assert (told.number, told.is_reprint) == (2, True)
    other, told = printed(ctx, key="2")
    assert (other.number, told.is_reprint) == (1, False)
    named, _ = printed(ctx, key="", file_name="жоспар")
    assert named.file_name == "жоспар.pdf"
    with ctx.store.read() as session:
        assert times_printed(session, "hall-list", "1") == 2
        assert times_printed(session, "act", "1") == 0


def test_the_drawing_is_told_who_when_and_the_head_of_the_log(make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013").speaking("ru")
    head = ctx.store.log_head()[1]
    _, told = printed(ctx)
    assert told.head == head[:12]
    assert (told.printed_by, told.lang, told.test_mode) == ("Асан Үсенұлы", "ru", True)
    assert told.printed_at.startswith("2011-03-10T09:0")
    _, again = printed(ctx)
    assert again.head != told.head


def test_the_print_is_logged_with_its_digest(make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013")
    pdf = blank_sheets(3)
    printed(ctx, pdf=pdf, copies=4)
    (job,) = jobs(ctx)
    assert (job.document, job.key, job.number, job.copies, job.pages) == ("hall-list", "1", 1, 4, 3)
    assert job.sha256 == hashlib.sha256(pdf).hexdigest()
    with ctx.store.read() as session:
        entry = session.get_one(AuditEntry, ctx.store.log_head()[0])
        assert (entry.event, entry.object) == ("document-printed", "hall-list:1")
        assert entry.details == {"number": 1, "copies": 4, "sha256": job.sha256}
        assert job.by == entry.user == "programmer"


def test_a_drawing_that_fails_is_no_print(make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013")
    before = ctx.store.log_head()

    def draw(_printing: Printing) -> bytes:
        raise ValueError("no font")

    with pytest.raises(ValueError, match="no font"):
        print_document(ctx, "hall-list", "1", draw)
    assert jobs(ctx) == []
    assert ctx.store.log_head() == before
    document, _ = printed(ctx)
    assert document.number == 1
