"""The centre does a seating again, with its own half of the seed and its own lists (p.30)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mab_desktop.domain import seating
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.centre import FinalRecord, SeatingSeed
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Allotment, Student


@dataclass(frozen=True, slots=True)
class SeatingCheck:
    """A seating done again; `compared` seats of the final data were looked at, `different` of them do not agree."""

    code: str
    code_agrees: bool
    digest: str
    seats: int
    compared: int
    different: int

    @property
    def agrees(self) -> bool:
        """True when nothing speaks against the seating."""
        return self.code_agrees and not self.different


def check_seating(ctx: Context, base: str, shift: int, local: bytes, code: str = "") -> SeatingCheck:
    """Redraw the seats of a shift from S, the ministry programmer's `local` half and the centre's own lists.

    `code` are the twelve characters read out before the password was told; they show that lists and halls were the
    same on both sides. Seats of the final data, if it has come, are compared one by one.
    """
    require(ctx, Role.NTC)
    if len(local) != seating.LOCAL_BYTES:
        raise UserError(N_("The half of the seed must be 64 hexadecimal characters."))
    with ctx.store.read() as session:
        seed = session.get(SeatingSeed, (base, shift))
        if seed is None:
            raise OutOfOrder(N_("The seating of shift {number} is not sealed for {code} yet."), number=shift, code=base)
        committed, secret = seed.commitment, bytes.fromhex(seed.seed)
        query = select(Allotment.hall, Allotment.student, Allotment.code)
        rows = session.execute(
            query.join(Student, Student.id == Allotment.student)
            .where(Student.base_university == base, Allotment.shift == shift)
        )  # fmt: skip
        roster = [seating.RosterLine(*row) for row in rows]
        used = {line.hall for line in roster}
        seats = select(Hall.number, Hall.seats).where(Hall.base_university == base, Hall.number.in_(used))
        halls = dict(session.execute(seats).all())
        records = session.scalars(
            select(FinalRecord).where(FinalRecord.base_university == base, FinalRecord.record_type == "seat")
        )
        reported = {
            (row.values["hall"], row.values["seat"]): row.values["student"]
            for row in records
            if row.values["shift"] == shift
        }
    frozen = seating.freeze(base, shift, committed, roster, halls, local)
    drawn, _ = seating.rederive(secret, frozen, roster, halls)
    own_code = seating.freeze_code(frozen)
    different = sum(drawn.get(place) != student for place, student in reported.items()) if reported else 0
    if reported:
        different += len(drawn.keys() - reported.keys())
    typed = "".join(c for c in code.upper() if c.isalnum())
    return SeatingCheck(seating.shown_code(own_code), not typed or typed == own_code, seating.result_digest(drawn),
                        len(drawn), len(reported), different)  # fmt: skip
