"""The plan of a hall with its students, by seat and variant: for the duty officers and the commission (p.30, p.33)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.identification import Place
from mab_desktop.domain.organisation import Role
from mab_desktop.forms import seating_plan
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.exam_heads import duty_names, shift_head
from mab_desktop.services.halls import drawn_plan
from mab_desktop.services.imprint import imprint
from mab_desktop.storage.tables.exam import VariantSeat
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student

PLAN = "seating-plan"


def print_seating_plans(ctx: Context, shift: int, hall: str = "") -> Document:
    """The plan of a hall or of all halls of a shift, a page each; OutOfOrder before the seats are drawn."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        seated = hall_sheets.places(session, shift, hall)
        if not seated:
            raise OutOfOrder(N_("The seats of shift {n} are not drawn (p.30)."), n=shift)
        halls = sorted(seated, key=lambda number: (len(number), number))
        heads = {h: shift_head(ctx, session, shift, h) for h in halls}
        duty = {h: duty_names(session, shift, h) for h in halls}
        drawn = {h: drawn_plan(session.get_one(Hall, (ctx.university, h))) for h in halls}
        sitting = {h: dict(_sitting(session, shift, h, seated[h])) for h in halls}

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        pages = (
            seating_plan.SeatingPlan(heads[h], foot, drawn[h].grid, drawn[h].marks, sitting[h], duty[h]) for h in halls
        )
        return seating_plan.draw(*pages, lang=printing.lang)

    return print_document(ctx, PLAN, f"{shift}-{hall}" if hall else str(shift), draw)


def _sitting(
    session: Session, shift: int, hall: str, seated: Iterable[Place]
) -> Iterable[tuple[int, seating_plan.Sitting]]:
    """Every seat with a booklet or a student; a booklet without a student comes first and is overwritten by one."""
    laid = select(VariantSeat.seat, VariantSeat.variant).where(VariantSeat.shift == shift, VariantSeat.hall == hall)
    for seat, variant in session.execute(laid):
        yield seat, seating_plan.Sitting("", "", "", variant)
    query = (
        select(Student.id, Student.surname, Student.first_name, Student.patronymic)
        .join(Allotment, Allotment.student == Student.id)
        .where(Allotment.shift == shift, Allotment.hall == hall)
    )
    names = {row[0]: row[1:] for row in session.execute(query)}
    for place in seated:
        surname, *rest = names[place.student]
        initials = " ".join(f"{name[0]}." for name in rest if name)
        yield place.seat, seating_plan.Sitting(surname or place.code, initials, place.code, place.variant)
