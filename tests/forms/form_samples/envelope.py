"""The balance of a hall: everything agrees, and not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mab_desktop.domain.attendance import Balance, balance_problems, equalities, remarks
from mab_desktop.forms import hall_balance

from .people import IMPRINT, MEMBERS, SITTING

AGREEING = Balance(
    seated=60, used=57, unused=5, read1=62, read2=62, used1=57, used2=57, identified=57, absent=2, removed=2,
    counted_present=58, removed_with_sheet=1, act_number="14", act_used=57, act_unused=5,
)  # fmt: skip
DIFFERING = replace(
    AGREEING, read1=61, used1=None, used2=None, identified=0, absent=0, removed_with_sheet=0, act_used=58, act_unused=4,
    remark="Актіде бос парақ пайдаланылған деп саналған; конверт үш студенттің көзінше қайта саналды.",
    counted_present=59,
)  # fmt: skip


def balance(b: Balance) -> hall_balance.HallBalance:
    """As the service makes it of the hall's numbers."""
    lines = tuple(hall_balance.EqualityLine(one.label, one.found, one.due) for one in equalities(b))
    source = "Fujitsu fi-8170 (eSCL, 192.168.7.20)"
    passes = tuple(
        hall_balance.PassLine(n, count, datetime(2011, 5, 14, 13, 20 + 9 * n, tzinfo=UTC), MEMBERS[0], source)
        for n, count in ((1, b.read1), (2, b.read2))
        if count is not None
    )
    known = (("Present", b.present), ("Absent", b.absent)) if b.used1 is not None else ()
    counts = (("Students seated", b.seated), *known, ("Removed", b.removed), ("Used", b.used or 0),
              ("Unused", b.unused or 0))  # fmt: skip
    return hall_balance.HallBalance(
        SITTING, IMPRINT, b.act_number, counts, lines, passes,
        tuple(problem.message("kk") for problem in balance_problems(b)),
        tuple(remark.message("kk") for remark in remarks(b)), MEMBERS[0], MEMBERS[2], MEMBERS[1],
    )  # fmt: skip
