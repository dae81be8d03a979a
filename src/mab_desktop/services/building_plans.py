"""Plans of buildings (p.4): drawings of site and floors, and the pictures under them.

A picture is decoded by a bounded process (docs/intake.md) and kept in the encrypted database as a small JPEG of our own
making. Drawings name it by its SHA-256; one that no drawing names any more goes when plans are saved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from mab_desktop.domain import building_plan
from mab_desktop.domain.building_plan import BuildingPlan
from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.file_names import readable
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.omr.load import ImageFile, PageSource, load_picture
from mab_desktop.omr.picture import kind_of
from mab_desktop.omr.problems import REFUSALS, PageRefused
from mab_desktop.omr.site_picture import LONGEST, reduced
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.halls import plan_of
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.fund import FundDeleted
from mab_desktop.storage.tables.halls import Building, BuildingPicture, Hall

SUFFIXES = (".jpg", ".jpeg", ".png")
_KINDS = ("jpeg", "png")


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture that was opened and is kept with the next saving of the plans."""

    sha256: str
    source: str
    data: bytes = field(repr=False)


def plans(ctx: Context, code: str) -> BuildingPlan:
    """The drawings of a building; an empty plan where nothing is drawn."""
    with ctx.store.read() as session:
        row = session.get(Building, (ctx.university, code))
        return plan_of(row) if row is not None else BuildingPlan()


def hall_floors(ctx: Context, code: str) -> dict[str, int]:
    """The halls of a building by number, each with its floor."""
    query = select(Hall.number, Hall.floor).where(Hall.base_university == ctx.university, Hall.building == code)
    with ctx.store.read() as session:
        rows = session.execute(query.order_by(Hall.number)).all()
    return {row.number: row.floor for row in rows}


def picture(ctx: Context, sha256: str) -> bytes:
    """A picture under a drawing as a JPEG; b"" when it is not here."""
    with ctx.store.read() as session:
        row = session.get(BuildingPicture, (ctx.university, sha256)) if sha256 else None
        return row.data if row is not None else b""


def open_picture(path: ImageFile) -> NewPicture:
    """A JPEG or PNG from outside, decoded within limits, scaled and encoded anew; UserError when it is none."""
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(16))
        if kind not in _KINDS:
            raise UserError(N_("{name} is neither a JPEG nor a PNG picture."), name=path.name)
        data = reduced(load_picture(PageSource(path, 1, kind), LONGEST))
    except OSError as error:
        raise UserError(N_("{name} cannot be read."), name=path.name) from error
    except PageRefused as refused:
        params = dict(refused.problem.params)
        raise UserError(N_("{name} is not taken."), next_step=REFUSALS[refused.problem.code], **params,
                        name=path.name) from refused  # fmt: skip
    return NewPicture(hashlib.sha256(data).hexdigest(), readable(path.name)[:200], data)


def save(ctx: Context, code: str, plan: BuildingPlan, pictures: Sequence[NewPicture] = ()) -> None:
    """Keep the drawings of a building with the pictures that they lie on.

    Refused when they cannot be kept: a hall drawn twice, a floor gone on which halls stand, a picture that is not here.
    """
    require(ctx, Role.AUDIT_FUND)
    require_person(ctx, PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
    problems = building_plan.structure_problems(plan)
    if not problems and len(building_plan.plan_json(plan)) > building_plan.JSON_LIMIT:
        problems = [Problem("plan", N_("The drawings hold too many things."))]
    floors = {level.number for level in plan.floors}
    if floors:
        problems += [
            Problem("floor", N_("Hall {hall} stands on floor {floor}: the floor cannot go."),
                    (("hall", hall), ("floor", level)))
            for hall, level in hall_floors(ctx, code).items() if level not in floors
        ]  # fmt: skip
    if problems:
        raise Refused(problems)
    with ctx.store.write(ctx.actor) as tx:
        row = tx.session.get(Building, (ctx.university, code))
        if row is None:
            raise UserError(N_("There is no building {building}."), building=code)
        row.plan = building_plan.plan_data(plan)
        tx.session.flush()
        _keep_pictures(ctx, tx, pictures)
        tx.note("building-plan-saved", code, floors=len(plan.floors), pictures=sorted(plan.pictures()))


def _keep_pictures(ctx: Context, tx: Transaction, new: Sequence[NewPicture]) -> None:
    """Keep those that a drawing names, drop those that none does any more, of a building that can come back neither."""
    session = tx.session
    buildings = session.scalars(select(Building).where(Building.base_university == ctx.university))
    deleted = session.scalars(select(FundDeleted).where(FundDeleted.kind == "building"))
    plans_there = (*map(plan_of, buildings), *(building_plan.plan_from(row.values.get("plan")) for row in deleted))
    named = {sha256 for plan in plans_there if plan is not None for sha256 in plan.pictures()}
    known = set(session.scalars(select(BuildingPicture.sha256).where(
        BuildingPicture.base_university == ctx.university)))  # fmt: skip
    for one in new:
        if one.sha256 in named - known:
            known.add(one.sha256)
            session.add(BuildingPicture(base_university=ctx.university, sha256=one.sha256, data=one.data,
                                        source=one.source, at=stamp(ctx)))  # fmt: skip
    if named - known:
        raise UserError(N_("A picture of the plan is not here. Choose its file again."))
    gone = known - named
    if gone:
        session.execute(delete(BuildingPicture).where(
            BuildingPicture.base_university == ctx.university, BuildingPicture.sha256.in_(gone)))  # fmt: skip
