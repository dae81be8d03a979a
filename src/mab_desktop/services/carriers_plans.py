"""Pictures under the plans of buildings on their way with the hall fund (p.4): to the centre and the base university.

A drawing names its picture by digest, so the fund's own digest tells when another picture was laid under it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mab_desktop.domain.building_plan import read_plan
from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_
from mab_desktop.omr.site_picture import MOST_BYTES
from mab_desktop.services.building_plans import open_picture
from mab_desktop.services.carriers_photos import InMemory
from mab_desktop.services.context import Context, stamp
from mab_desktop.services.handlers import Arrived, Collected, Line, Record
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.halls import BuildingPicture

RECORD = "building-picture"


def outgoing(session: Session, base: str, fund: Iterable[Record]) -> Collected:
    """The pictures that the drawings of these buildings lie on, in the order of their digests."""
    query = select(BuildingPicture).where(BuildingPicture.base_university == base).order_by(BuildingPicture.sha256)
    named = _named(values for kind, values in fund if kind == "building")
    records: list[Record] = []
    files = []
    for row in session.scalars(query):
        if row.sha256 in named:
            records.append((RECORD, {"sha256": row.sha256, "size": len(row.data)}))
            files.append((_name_of(row.sha256), InMemory(_name_of(row.sha256), row.data)))
    return Collected(records, tuple(files))


def preview(arrived: Arrived) -> list[Line]:
    """How many pictures come along; nothing when none do."""
    count = sum(1 for _picture in arrived.of_type(RECORD))
    return [Line(N_("Pictures under the plans: {count}"), {"count": count})] if count else []


def take(ctx: Context, tx: Transaction, arrived: Arrived, base: str) -> None:
    """The pictures of a base university's plans; those that no drawing names any more go.

    What came is decoded in a bounded process and made anew: nothing that another organisation wrote is kept or
    printed. Each stays under the digest that the drawings name. Funds from before pictures travelled have none.
    """
    named = _named(arrived.of_type("building"))
    came = {values["sha256"]: values["size"] for values in arrived.of_type(RECORD)}
    if came.keys() - named:
        raise _not_the_one(arrived)
    own = BuildingPicture.base_university == base
    here = set(tx.session.scalars(select(BuildingPicture.sha256).where(own)))
    gone, new = here - named, sorted(came.keys() - here)
    made = [
        BuildingPicture(base_university=base, sha256=sha256, data=_made(arrived, sha256, came[sha256]),
                        source=arrived.sender, at=stamp(ctx))
        for sha256 in new
    ]  # fmt: skip
    if gone:
        tx.session.execute(delete(BuildingPicture).where(own, BuildingPicture.sha256.in_(gone)))
    tx.session.add_all(made)
    if new or gone:
        tx.note("building-pictures-taken", arrived.sender, new=len(new), gone=len(gone))


def _named(buildings: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The pictures that the plans of these buildings lie on."""
    plans = (read_plan(values.get("plan_json") or "") for values in buildings)
    return frozenset(sha256 for plan in plans if plan is not None for sha256 in plan.pictures())


def _name_of(sha256: str) -> str:
    """What a picture is called inside a carrier: a name there has at most 64 characters."""
    return f"plans/{sha256[:40]}.jpg"


def _made(arrived: Arrived, sha256: str, size: int) -> bytes:
    name = _name_of(sha256)
    data = arrived.read(name) if name in arrived.attachments else b""
    if len(data) != size or size > MOST_BYTES or hashlib.sha256(data).hexdigest() != sha256:
        raise _not_the_one(arrived)
    try:
        return open_picture(InMemory(name, data)).data
    except UserError as error:
        raise _not_the_one(arrived) from error


def _not_the_one(arrived: Arrived) -> UserError:
    return UserError(
        N_("The file of {sender} does not hold a picture that its plans name. Nothing was changed."),
        next_step=N_("Call the sender and keep the file."), sender=arrived.sender,
    )  # fmt: skip
