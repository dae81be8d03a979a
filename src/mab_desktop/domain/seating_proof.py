"""The proof of a seating (p.30): a plain text from which anybody who has the centre's secret can draw again.

Values first, a line each; then the list of students and the halls word for word as they were hashed, and the seats
drawn. It holds identifiers and codes, no names, and nothing secret: the centre's half stays with the centre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.seating import Frozen, RosterLine, Seats, halls_text, roster_text
from mab_desktop.i18n import N_

FORM = "mab-seating-proof-1"
_NAMES = ("university", "shift", "commitment", "roster", "halls", "local", "code", "result", "drawn_at")
_DIGESTS = ("commitment", "roster", "halls", "local", "result")
_PARTS = ("[roster]", "[halls]", "[seats]")


@dataclass(frozen=True)
class SeatingProof:
    """What was frozen, and what was drawn from it."""

    frozen: Frozen
    code: str
    result: str
    drawn_at: str
    roster: tuple[RosterLine, ...]
    halls: Mapping[str, int]
    seats: Seats

    def text(self) -> str:
        """The proof as it is saved and printed."""
        f = self.frozen
        values = (
            f.university,
            f.shift,
            f.commitment,
            f.roster,
            f.halls,
            f.local,
            self.code,
            self.result,
            self.drawn_at,
        )
        lines = [FORM, *(f"{name}={value}" for name, value in zip(_NAMES, values, strict=True))]
        parts = (
            roster_text(f.university, f.shift, self.roster), halls_text(f.university, f.shift, self.halls),
            "".join(f"{hall}|{seat}|{self.seats[hall, seat]}\n" for hall, seat in sorted(self.seats)),
        )  # fmt: skip
        return "\n".join(lines) + "\n" + "".join(f"{name}\n{text}" for name, text in zip(_PARTS, parts, strict=True))


def read_proof(text: str) -> SeatingProof:
    """The proof that `SeatingProof.text` wrote, line for line; UserError for anything else."""
    try:
        head, roster, halls, seats = _parts(text)
        values = dict(line.split("=", 1) for line in head)
        if tuple(values) != _NAMES or any(len(bytes.fromhex(values[name])) != 32 for name in _DIGESTS):
            raise ValueError("values")
        rows = [line.split("|") for line in seats]
        frozen = Frozen(values["university"], int(values["shift"]), *(values[name] for name in _DIGESTS[:4]))
        proof = SeatingProof(
            frozen, values["code"], values["result"], values["drawn_at"],
            tuple(RosterLine(*line.split("|")) for line in roster[1:]),
            {hall: int(count) for hall, count in (line.split("|") for line in halls[1:])},
            {(hall, int(seat)): student for hall, seat, student in rows},
        )  # fmt: skip
        if proof.text() != text:
            raise ValueError("spelling")
    except (ValueError, TypeError) as error:
        raise UserError(
            N_("This is not the proof of a seating, or it was changed."),
            next_step=N_("Save it once more on the seating page of the ministry programmer."),
        ) from error
    return proof


def _parts(text: str) -> Iterable[list[str]]:
    lines = text.split("\n")
    places = [lines.index(name) for name in _PARTS]
    if lines[0] != FORM or lines[-1] or places != sorted(places):
        raise ValueError("parts")
    starts, ends = [0, *places], [*places, len(lines) - 1]
    return [lines[start + 1 : end] for start, end in zip(starts, ends, strict=True)]
