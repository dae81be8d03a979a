"""Seats: drawn once, by chance, and provable (p.30).

The centre commits itself to a secret S (SHA-256) and hands it over sealed. The list of students, the halls and a
secret L of this PC are frozen before the password for S is told; twelve characters of the freeze go to the centre. The
draw follows from S, L and the frozen lists alone: HKDF-SHA256 gives the seed, HMAC-SHA256 of each student's identifier
gives his place in the order, and the seats of each hall are filled from 1 on. A crash repeats the same draw, and
anybody who holds S, L and the lists can redo it with openssl and sort.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.spoken_code import spoken_code
from mab_desktop.i18n import N_

FORM = b"mab-seating-1"
LOCAL_BYTES = 32


@dataclass(frozen=True, slots=True, order=True)
class RosterLine:
    """A student of the shift: the hall the centre allotted, his record's identifier and his code."""

    hall: str
    student: str
    code: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the draw depends on, fixed before the password is known; all hexadecimal."""

    university: str
    shift: int
    commitment: str
    roster: str
    halls: str
    local: str


Seats = dict[tuple[str, int], str]
"""(hall, seat) -> student identifier."""


def commitment(secret: bytes) -> str:
    """What the centre publishes about its secret S: SHA-256, 64 hexadecimal characters."""
    return hashlib.sha256(secret).hexdigest()


def roster_text(university: str, shift: int, roster: Iterable[RosterLine]) -> str:
    """The list of students as it is hashed: a heading, then `hall|student|code` a line, sorted."""
    lines = [f"mab-roster-1|{university}|{shift}", *(f"{r.hall}|{r.student}|{r.code}" for r in sorted(roster))]
    return "\n".join(lines) + "\n"


def halls_text(university: str, shift: int, halls: Mapping[str, int]) -> str:
    """The halls as they are hashed: a heading, then `hall|seats` a line, sorted."""
    lines = [f"mab-halls-1|{university}|{shift}", *(f"{hall}|{halls[hall]}" for hall in sorted(halls))]
    return "\n".join(lines) + "\n"


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def freeze(
    university: str, shift: int, committed: str, roster: Iterable[RosterLine], halls: Mapping[str, int], local: bytes
) -> Frozen:
    """Fix everything the draw depends on; `local` are LOCAL_BYTES fresh random bytes."""
    return Frozen(
        university, shift, committed, digest(roster_text(university, shift, roster)),
        digest(halls_text(university, shift, halls)), local.hex(),
    )  # fmt: skip


def freeze_code(frozen: Frozen) -> str:
    """The twelve characters that are written down and told to the centre before it gives the password."""
    f = frozen
    text = f"mab-freeze-1|{f.university}|{f.shift}|{f.commitment}|{f.roster}|{f.halls}|{f.local}"
    return spoken_code(hashlib.sha256(text.encode()).digest())


def draw_seed(secret: bytes, frozen: Frozen) -> bytes:
    """The seed of the draw: HKDF-SHA256 (RFC 5869) of S and L, bound to the frozen lists; 32 bytes."""
    extracted = hmac.digest(FORM, secret + bytes.fromhex(frozen.local), "sha256")
    info = bytes.fromhex(frozen.roster) + bytes.fromhex(frozen.halls)
    return hmac.digest(extracted, info + b"\x01", "sha256")


def draw(seed: bytes, roster: Iterable[RosterLine], halls: Mapping[str, int]) -> Seats:
    """Seat every student: each hall's students in the order of their HMAC, from seat 1 on.

    ValueError when a hall has fewer seats than students (`size_problems` says so in words first).
    """
    order = sorted(roster, key=lambda r: (hmac.digest(seed, f"student|{r.student}".encode(), "sha256"), r.student))
    taken: dict[str, int] = dict.fromkeys(halls, 0)
    seats: Seats = {}
    for line in order:
        taken[line.hall] += 1
        if taken[line.hall] > halls[line.hall]:
            raise ValueError(line.hall)
        seats[line.hall, taken[line.hall]] = line.student
    return seats


def result_digest(seats: Seats) -> str:
    """SHA-256 of the finished seating: `hall|seat|student` a line, by hall and seat."""
    return digest("".join(f"{hall}|{seat}|{seats[hall, seat]}\n" for hall, seat in sorted(seats)))


def rederive(
    secret: bytes, frozen: Frozen, roster: Iterable[RosterLine], halls: Mapping[str, int]
) -> tuple[Seats, list[Problem]]:
    """Do the draw again from S, L and the lists; also what does not fit the freeze (then the seats prove nothing)."""
    lines = tuple(roster)
    problems = []
    if commitment(secret) != frozen.commitment:
        problems.append(Problem("secret", N_("The secret does not fit what the centre committed itself to.")))
    if digest(roster_text(frozen.university, frozen.shift, lines)) != frozen.roster:
        problems.append(Problem("roster", N_("The list of students is not the one that was frozen.")))
    if digest(halls_text(frozen.university, frozen.shift, halls)) != frozen.halls:
        problems.append(Problem("halls", N_("The halls are not the ones that were frozen.")))
    return draw(draw_seed(secret, frozen), lines, halls), problems


def size_problems(roster: Iterable[RosterLine], halls: Mapping[str, int]) -> list[Problem]:
    """Halls that are unknown or have fewer seats than students."""
    count: dict[str, int] = {}
    for line in roster:
        count[line.hall] = count.get(line.hall, 0) + 1
    found = []
    for hall, students in sorted(count.items()):
        if hall not in halls:
            found.append(Problem("hall", N_("Hall {hall} is not in the hall fund."), (("hall", hall),)))
        elif students > halls[hall]:
            params = (("hall", hall), ("seats", halls[hall]), ("students", students))
            found.append(Problem("hall", N_("Hall {hall} has {seats} seats for {students} students."), params))
    return found
