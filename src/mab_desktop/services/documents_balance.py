"""The balance of a hall as an act on paper (p.34, p.38)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from mab_desktop.domain.organisation import Role
from mab_desktop.forms import hall_balance
from mab_desktop.i18n import N_
from mab_desktop.services import envelopes
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.envelopes import EnvelopeLine
from mab_desktop.services.exam_heads import commission_chair, imprints, representative_name, shift_head
from mab_desktop.storage.tables.core import Account
from mab_desktop.storage.tables.exam import ScanBatch

BALANCE = "hall-balance"


def print_balance(ctx: Context, shift: int, hall: str) -> Document:
    """The numbers of a hall as they stand, whether they agree or not; two copies."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    line = envelopes.balance(ctx, shift, hall)
    with ctx.store.read() as session:
        top, present = shift_head(ctx, session, shift, hall), representative_name(session)
        chair = commission_chair(session)
        names = {row[0]: row[1] for row in session.execute(select(Account.login, Account.full_name))}
        standing = select(ScanBatch).where(
            ScanBatch.shift == shift, ScanBatch.hall == hall, ScanBatch.discarded_at.is_(None)
        )
        read = {1: line.balance.read1 or 0, 2: line.balance.read2 or 0}
        passes = tuple(
            hall_balance.PassLine(
                row.scan_pass, read[row.scan_pass], datetime.fromisoformat(row.at), names.get(row.by, row.by),
                row.source,
            )  # fmt: skip
            for row in session.scalars(standing.order_by(ScanBatch.scan_pass))
        )

    def draw(printing: Printing) -> bytes:
        lang = printing.lang
        papers = (
            hall_balance.HallBalance(
                top, copy, line.balance.act_number, _counts(line),
                tuple(hall_balance.EqualityLine(one.label, one.found, one.due) for one in line.equalities), passes,
                tuple(problem.message(lang) for problem in line.problems),
                tuple(remark.message(lang) for remark in line.remarks), ctx.actor.name, present, chair,
            )  # fmt: skip
            for copy in imprints(printing, 2)
        )
        return hall_balance.draw(*papers, lang=lang)

    return print_document(ctx, BALANCE, f"{shift}-{hall}", draw, copies=2)


def _counts(line: EnvelopeLine) -> tuple[tuple[str, int], ...]:
    b = line.balance
    found = b.used1 is not None  # before that nobody knows who has a sheet
    counts = (
        (N_("Students seated"), b.seated), (N_("Present"), b.present if found else None),
        (N_("Absent"), b.absent if found else None), (N_("Removed"), b.removed), (N_("Used"), b.used),
        (N_("Unused"), b.unused),
    )  # fmt: skip
    return tuple((label, number) for label, number in counts if number is not None)
