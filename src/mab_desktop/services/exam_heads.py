"""What the exam's papers name: the sitting at the top, duty officers, the commission's members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.commission import CHAIR, OBSERVER, SECRETARY
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.forms.page import DocumentHead, Imprint
from mab_desktop.i18n import N_, translate
from mab_desktop.services import duty
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Printing
from mab_desktop.services.imprint import head, imprint, official
from mab_desktop.storage.tables.base_university import CommissionMember
from mab_desktop.storage.tables.halls import Building, Hall
from mab_desktop.storage.tables.results import AppealMember
from mab_desktop.storage.tables.students import Shift

SHORT_LANGUAGES = {"1": N_("Kaz"), "2": N_("Rus"), "3": N_("Eng")}


def short_language(code: str, lang: str) -> str:
    """A language of the test in three or four letters, for narrow columns."""
    return translate(lang, SHORT_LANGUAGES[code]) if code in SHORT_LANGUAGES else code


def shift_head(ctx: Context, session: Session, shift: int, hall: str = "") -> DocumentHead:
    """The top of a paper of a shift, or of one hall of it."""
    row = session.get(Shift, shift)
    if row is None:
        raise UserError(N_("There is no shift {n}."), n=shift)
    building = ""
    if hall:
        query = select(Building.code, Building.name).join(
            Hall, (Hall.building == Building.code) & (Hall.base_university == Building.base_university)
        )
        found = session.execute(query.where(Hall.number == hall, Hall.base_university == ctx.university)).first()
        building = f"{found[0]} {found[1]}" if found else ""
    return head(ctx, session, shift=shift, day=row.exam_date, building=building, hall=hall)


def representative_name(session: Session) -> str:
    """The ministry representative who logs in here, as `official` tells."""
    return official(session, PersonRole.REPRESENTATIVE)


def duty_names(session: Session, shift: int, hall: str) -> tuple[str, str]:
    """The two duty officers of a hall, as they were drawn for the day (p.7.5); "" before.

    The list of the base university names halls too, but the draw of the morning may send others: a paper of the eve
    leaves the line to be filled in by hand.
    """
    return (*(duty.names(session, shift, hall) or ()), "", "")[:2]  # type: ignore[return-value]


def commission(session: Session) -> tuple[str, str, tuple[str, ...]]:
    """Chair, secretary and the other voting members of the state commission; "" where none is entered."""
    rows = session.scalars(select(CommissionMember).order_by(CommissionMember.full_name)).all()
    by_role: dict[str, list[str]] = {}
    for row in rows:
        by_role.setdefault(row.role, []).append(row.full_name)
    others = [r.full_name for r in rows if r.role not in (CHAIR, SECRETARY, OBSERVER)]
    return (*by_role.get(CHAIR, []), "")[0], (*by_role.get(SECRETARY, []), "")[0], tuple(others)


def commission_chair(session: Session) -> str:
    """The chair of the state commission; "" when the list is not loaded."""
    return commission(session)[0]


def appeal_commission(session: Session) -> tuple[str, tuple[str, ...]]:
    """Chair and the other listed members of the appeal commission; "" where none is entered."""
    rows = session.scalars(select(AppealMember).order_by(AppealMember.full_name)).all()
    chairs = [row.full_name for row in rows if row.chair]
    return (*chairs, "")[0], tuple(row.full_name for row in rows if not row.chair)


def imprints(printing: Printing, copies: int) -> Sequence[Imprint]:
    """The foot of each numbered copy."""
    return [replace(imprint(printing, copies), copy_no=n) for n in range(1, copies + 1)]
