"""The centre does a seating again, with its own half of the seed and its own lists (p.30)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain import seating
from mab_desktop.domain.errors import OutOfOrder, Problem, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.seating_proof import SeatingProof
from mab_desktop.domain.spoken_code import shown_code, typed_code
from mab_desktop.i18n import N_
from mab_desktop.services import centre_evidence, centre_secrets
from mab_desktop.services.context import Context, require
from mab_desktop.storage.tables.centre import FinalRecord, SeatingSeed


@dataclass(frozen=True, slots=True)
class SeatingCheck:
    """A seating done again: its code and digest, how many seats of how many compared differ, and what does not fit."""

    code: str
    digest: str
    seats: int
    compared: int
    different: int
    problems: tuple[Problem, ...]

    @property
    def agrees(self) -> bool:
        """True when nothing speaks against the seating."""
        return not self.problems and not self.different


def check_seating(
    ctx: Context, base: str, shift: int, local: bytes = b"", code: str = "", proof: SeatingProof | None = None
) -> SeatingCheck:
    """Redraw the seats of a shift from the centre's secret and its own lists, and compare them.

    The ministry programmer's half of the seed comes from his `proof`, from `local`, or else from the final data. `code`
    are the twelve characters read out before the password was told, without it those that were written down then; they
    show that lists and halls were the same on both sides. Seats of the proof and of the final data are compared one by
    one.
    """
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        values = _final_values(session, base, shift)
        half = bytes.fromhex(proof.frozen.local) if proof else local or bytes.fromhex(values.get("local", ""))
        if not half:
            raise UserError(
                N_("The final data of {code} has not come yet."),
                next_step=N_("Give the proof of the seating: --proof FILE."), code=base,
            )  # fmt: skip
        if len(half) != seating.LOCAL_BYTES:
            raise UserError(N_("The half of the seed must be 64 hexadecimal characters."))
        draw = centre_evidence.draw_again(session, base, shift, half)
        if draw is None:
            raise _not_sealed(base, shift)
        reported = _final_seats(session, base, shift)
        noted = centre_secrets.frozen_told(session, base, shift)
    if proof is not None:
        reported |= proof.seats
    typed = typed_code(code) or noted
    problems = _proof_problems(draw, proof) if proof else []
    if (typed and typed != draw.code) or (proof is None and values.get("code", draw.code) != draw.code):
        problems.append(_other_code())
    digest = seating.result_digest(draw.seats)
    if proof is None and values.get("result", digest) != digest:
        problems.append(Problem("result", N_("The digest of the seats is not the one reported.")))
    different = sum(draw.seats.get(place) != student for place, student in reported.items())
    different += len(draw.seats.keys() - reported.keys()) if reported else 0
    return SeatingCheck(shown_code(draw.code), digest, len(draw.seats), len(reported), different, tuple(problems))


def reveal_secret(ctx: Context, base: str, shift: int, to: str) -> str:
    """The centre's secret of a drawn seating, for somebody who draws again without our program; noted who asked."""
    require(ctx, Role.NTC)
    if not to.strip():
        raise UserError(N_("Write down to whom the secret is told."))
    with ctx.store.write(ctx.actor) as tx:
        seed = tx.session.get(SeatingSeed, (base, shift))
        if seed is None:
            raise _not_sealed(base, shift)
        tx.note("seating-secret-told", f"{base}-{shift}", to=to.strip())
        return seed.seed


def _proof_problems(draw: centre_evidence.Draw, proof: SeatingProof) -> list[Problem]:
    """What the proof says otherwise than the centre's own lists, and where it contradicts itself."""
    own, told = draw.frozen, proof.frozen
    found = []
    if (told.university, told.shift) != (own.university, own.shift):
        found.append(Problem("shift", N_("The proof is of another shift or university.")))
    if told.commitment != own.commitment:
        found.append(Problem("secret", N_("The secret does not fit what the centre committed itself to.")))
    if told.roster != own.roster or _list_digest(proof) != told.roster:
        found.append(Problem("roster", N_("The list of students is not the one that the centre allotted.")))
    halls = seating.digest(seating.halls_text(told.university, told.shift, proof.halls))
    if told.halls != own.halls or halls != told.halls:
        found.append(Problem("halls", N_("The halls are not the ones that the centre has.")))
    if proof.code != draw.code:
        found.append(_other_code())
    if proof.result != seating.result_digest(proof.seats):
        found.append(Problem("result", N_("The digest of the seats is not the one reported.")))
    return found


def _list_digest(proof: SeatingProof) -> str:
    return seating.digest(seating.roster_text(proof.frozen.university, proof.frozen.shift, proof.roster))


def _other_code() -> Problem:
    return Problem("code", N_("The twelve characters differ: the list or the halls were not those of the centre."))


def _not_sealed(base: str, shift: int) -> OutOfOrder:
    return OutOfOrder(N_("The seating of shift {number} is not sealed for {code} yet."), number=shift, code=base)


def _final_values(session: Session, base: str, shift: int) -> dict[str, str]:
    """The draw as the final data tells it, {} before it has come."""
    query = select(FinalRecord.values).where(FinalRecord.base_university == base, FinalRecord.record_type == "seating")
    return next((values for values in session.scalars(query) if values["shift"] == shift), {})


def _final_seats(session: Session, base: str, shift: int) -> seating.Seats:
    query = select(FinalRecord.values).where(FinalRecord.base_university == base, FinalRecord.record_type == "seat")
    return {(v["hall"], v["seat"]): v["student"] for v in session.scalars(query) if v["shift"] == shift}
