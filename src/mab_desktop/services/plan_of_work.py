"""The state commission's plan of work (p.6): lines with a last day, who answers for them, and when they were done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.commission import PLAN_ITEM
from mab_desktop.domain.entropy import new_id
from mab_desktop.domain.errors import OutOfOrder, Problem, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.work_plan import usual_lines
from mab_desktop.i18n import N_, translate
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.sittings import PlanItem
from mab_desktop.storage.tables.students import Shift

_COLUMNS = ("id", *PLAN_ITEM.names, "done_on")


def lines(ctx: Context) -> list[dict[str, Any]]:
    """The lines of the plan by last day."""
    with ctx.store.read() as session:
        rows = session.scalars(select(PlanItem).order_by(PlanItem.due, PlanItem.id))
        return [{name: getattr(row, name) for name in _COLUMNS} for row in rows]


def save_line(ctx: Context, values: Mapping[str, Any]) -> str:
    """Enter or change (`id` given) a line; gives the id."""
    require(ctx, Role.BASE_UNI)
    row: dict[str, Any] = {name: values.get(name) if values.get(name) != "" else None for name in PLAN_ITEM.names}
    if found := PLAN_ITEM.problems(row):
        raise Refused(found)
    key = str(values.get("id") or new_id(ctx.entropy))
    with ctx.store.write(ctx.actor) as tx:
        tx.session.merge(PlanItem(id=key, **row))
        tx.note("plan-item-saved", key, due=row["due"].isoformat(), text=row["text"])
    return key


def propose(ctx: Context) -> list[str]:
    """Put the usual lines into the plan, in the language of now, those that stand there already left out; their ids.

    Lines that count from the exam come only when the centre's shifts are known.
    """
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        standing = set(tx.session.scalars(select(PlanItem.text)))
        first_exam = tx.session.scalar(select(func.min(Shift.exam_date)))
        made = [
            PlanItem(id=new_id(ctx.entropy), due=due, text=translate(ctx.lang, line.text),
                     responsible=translate(ctx.lang, line.responsible))
            for due, line in usual_lines(ctx.season.year, first_exam)
        ]  # fmt: skip
        made = [row for row in made if row.text not in standing]
        tx.session.add_all(made)
        tx.note("plan-proposed", "", lines=len(made))
        return [row.id for row in made]


def remove_lines(ctx: Context, keys: Iterable[str]) -> list[dict[str, Any]]:
    """Strike out lines that are not done, all or none; the log keeps what they said. Gives them for `put_back`."""
    require(ctx, Role.BASE_UNI)
    gone = []
    with ctx.store.write(ctx.actor) as tx:
        for key in keys:
            row = _line(tx.session, key)
            if row.done_on is not None:
                raise OutOfOrder(N_("What is done stays in the plan of work."))
            gone.append({name: getattr(row, name) for name in _COLUMNS})
            tx.note("plan-item-removed", key, text=row.text)
            tx.session.delete(row)
    return gone


def put_back(ctx: Context, gone: Iterable[Mapping[str, Any]]) -> None:
    """Take back that lines were struck out."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        for row in gone:
            tx.session.merge(PlanItem(**row))
            tx.note("plan-item-saved", row["id"], due=row["due"].isoformat(), text=row["text"])


def finish(ctx: Context, key: str, day: date) -> None:
    """Note on which day a line was done."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _line(tx.session, key)
        if day > ctx.clock.now().date():
            raise Refused([Problem("day", N_("This day has not come yet."))])
        row.done_on = day
        tx.note("plan-item-done", key, day=day.isoformat())


def reopen(ctx: Context, key: str) -> None:
    """Take back that a line was done."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.write(ctx.actor) as tx:
        row = _line(tx.session, key)
        if row.done_on is None:
            raise OutOfOrder(N_("This line of the plan is not done yet."))
        tx.note("plan-item-reopened", key, day=row.done_on.isoformat())
        row.done_on = None


def _line(session: Session, key: str) -> PlanItem:
    if (row := session.get(PlanItem, key)) is None:
        raise UserError(N_("There is no such line in the plan of work."))
    return row
