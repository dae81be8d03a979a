"""The balance of a hall as an act on paper (p.34, p.38)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.organisation import Role
from mab_desktop.forms import hall_balance
from mab_desktop.i18n import N_
from mab_desktop.services import envelopes, who
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.envelopes import EnvelopeLine
from mab_desktop.services.exam_heads import commission_chair, imprints, representative_name, shift_head
from mab_desktop.storage.tables.exam import ScanBatch

BALANCE = "hall-balance"


def print_balance(ctx: Context, shift: int, hall: str = "") -> Document:
    """The numbers of a hall, or of every hall, as they stand, whether they agree or not; two copies."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    lines = [envelopes.balance(ctx, shift, hall)] if hall else envelopes.envelope_lines(ctx, shift)
    with ctx.store.read() as session:
        heads = {line.hall: shift_head(ctx, session, shift, line.hall) for line in lines}
        present, chair = representative_name(session), commission_chair(session)
        passes = {line.hall: _passes(session, shift, line) for line in lines}

    def draw(printing: Printing) -> bytes:
        lang = printing.lang
        papers = (
            hall_balance.HallBalance(
                heads[line.hall], copy, line.balance.act_number, _counts(line),
                tuple(hall_balance.EqualityLine(one.label, one.found, one.due) for one in line.equalities),
                passes[line.hall], tuple(problem.message(lang) for problem in line.problems),
                tuple(remark.message(lang) for remark in line.remarks), ctx.actor.name, present, chair,
            )  # fmt: skip
            for line in lines
            for copy in imprints(printing, 2)
        )
        return hall_balance.draw(*papers, lang=lang)

    return print_document(ctx, BALANCE, f"{shift}-{hall}" if hall else f"{shift}", draw, copies=2)


def _passes(session: Session, shift: int, line: EnvelopeLine) -> tuple[hall_balance.PassLine, ...]:
    names = who.names(session)
    standing = select(ScanBatch).where(
        ScanBatch.shift == shift, ScanBatch.hall == line.hall, ScanBatch.discarded_at.is_(None)
    )
    read = {1: line.balance.read1 or 0, 2: line.balance.read2 or 0}
    return tuple(
        hall_balance.PassLine(
            row.scan_pass, read[row.scan_pass], datetime.fromisoformat(row.at), names.get(row.by, row.by), row.source
        )
        for row in session.scalars(standing.order_by(ScanBatch.scan_pass))
    )


def _counts(line: EnvelopeLine) -> tuple[tuple[str, int], ...]:
    b = line.balance
    found = b.used1 is not None  # before that nobody knows who has a sheet
    counts = (
        (N_("Students seated"), b.seated), (N_("Present"), b.present if found else None),
        (N_("Absent"), b.absent if found else None), (N_("Removed"), b.removed), (N_("Used"), b.used),
        (N_("Unused"), b.unused),
    )  # fmt: skip
    return tuple((label, number) for label, number in counts if number is not None)
