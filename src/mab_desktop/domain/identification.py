"""Whose sheet it is (p.38): three keys decide by themselves, everything else goes to the commission.

Identity and marks are independent: nothing here looks at an answer, a key or a point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.i18n import N_

UNREADABLE = frozenset("-*?")


class Method(StrEnum):
    """How a sheet was identified."""

    AUTOMATIC = "auto"
    VISUAL = "visual"


@dataclass(frozen=True, slots=True)
class Place:
    """A seated student: seat and code of the seating sheet, variant of the variant sheet."""

    seat: int
    student: str
    name: str
    code: str
    variant: str


@dataclass(frozen=True, slots=True)
class SheetNumbers:
    """The three numbers of a used sheet as read: digits, `-` for empty, `*` for double, `?` for doubtful columns."""

    serial: str
    code: str
    seat: str
    variant: str
    used: bool = True
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityDecision:
    """The commission's word on a sheet: whose it is, and the true seat and variant (p.38)."""

    serial: str
    code: str
    seat: int
    variant: str
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A sheet with its student, and the seat and variant that count for it."""

    serial: str
    student: str
    code: str
    seat: int
    variant: str
    method: Method


@dataclass(frozen=True, slots=True)
class Candidate:
    """A student of the hall without a sheet and how many digits of the sheet's numbers are his."""

    student: str
    name: str
    code: str
    seat: int
    variant: str
    code_digits: int
    seat_digits: int
    variant_digits: int

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Sorts the nearest first: the code is longest and says most, then the seat, then the variant."""
        weight = self.code_digits * 2 + self.seat_digits * 2 + self.variant_digits
        return (-weight, -self.code_digits, -self.seat_digits, self.seat)


class LineState(StrEnum):
    """The remark or decision of a protocol line (p.38)."""

    OPEN = ""
    ABSENT = "absent"
    CORRECTED = "corrected"
    UNUSED = "unused"


LINE_LABELS = {
    LineState.OPEN: "",
    LineState.ABSENT: N_("Absent"),
    LineState.CORRECTED: N_("Corrected"),
    LineState.UNUSED: N_("Not used"),
}


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A line of table 1 «Unidentified students»."""

    place: Place
    remark: LineState


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of table 2 «Identification of answer sheets»; `wrong` names the cells with a thick frame."""

    sheet: SheetNumbers
    wrong: frozenset[str]
    reasons: tuple[Problem, ...]
    candidates: tuple[Candidate, ...]
    state: LineState
    decision: IdentityDecision | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class HallIdentification:
    """A hall's sheets and students: what is matched, and the protocol's two tables."""

    matches: tuple[Match, ...]
    missing: tuple[MissingLine, ...]
    sheets: tuple[SheetLine, ...]

    @property
    def open_lines(self) -> int:
        """Lines of both tables without a remark or decision."""
        return sum(line.remark is LineState.OPEN for line in self.missing) + sum(
            line.state is LineState.OPEN for line in self.sheets
        )


@dataclass(frozen=True)
class _Hall:
    """The hall's lists under the keys they are asked by."""

    places: Sequence[Place]
    by_seat: Mapping[int, Place]
    by_code: Mapping[str, Place]
    elsewhere: Mapping[str, str]


def identify(
    places: Sequence[Place],
    sheets: Sequence[SheetNumbers],
    decisions: Iterable[IdentityDecision] = (),
    absent: Iterable[str] = (),
    unused: Iterable[str] = (),
    elsewhere: Mapping[str, str] | None = None,
) -> HallIdentification:
    """Identify a hall's sheets.

    `absent` are students with «Келмеді», `unused` serials that the commission found blank. `elsewhere` gives the hall
    of codes of the same shift in other halls; it only makes the reasons plainer.
    """
    hall = _Hall(places, {p.seat: p for p in places}, {p.code: p for p in places}, elsewhere or {})
    decided = {d.serial: d for d in decisions}
    blank = set(unused)
    used = [s for s in sheets if (s.used or s.serial in decided) and s.serial not in blank]
    automatic = _automatic(hall, [s for s in used if s.serial not in decided], {d.code for d in decided.values()})
    visual = [_visual(hall, d) for d in decided.values() if d.code in hall.by_code]
    matches = tuple(sorted((*automatic, *visual), key=lambda m: (m.seat, m.serial)))
    found = {m.student: m.method for m in matches}
    absents = set(absent)
    missing = tuple(
        MissingLine(place, _remark(found.get(place.student), place.student in absents))
        for place in sorted(places, key=lambda p: p.seat)
        if found.get(place.student) is not Method.AUTOMATIC
    )
    identified = {m.serial for m in automatic}
    free = [p for p in places if p.student not in found and p.student not in absents]
    blanks = [s for s in sheets if s.serial in blank]
    open_sheets = [s for s in used if s.serial not in identified]
    lines = [_sheet_line(hall, s, used, free, decided.get(s.serial)) for s in open_sheets]
    lines += [SheetLine(s, frozenset(), (), (), LineState.UNUSED) for s in blanks]
    return HallIdentification(matches, missing, tuple(sorted(lines, key=lambda line: line.sheet.serial)))


def nearest(sheet: SheetNumbers, places: Iterable[Place]) -> tuple[Candidate, ...]:
    """Students ranked by how many digits of code, seat and variant agree with the sheet."""
    found = [
        Candidate(
            p.student, p.name, p.code, p.seat, p.variant, _agreeing(sheet.code, p.code),
            _agreeing(sheet.seat, str(p.seat).zfill(len(sheet.seat))), _agreeing(sheet.variant, p.variant),
        )
        for p in places
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda c: c.rank))


def decision_problems(
    places: Sequence[Place],
    sheets: Sequence[SheetNumbers],
    standing: Iterable[IdentityDecision],
    new: Sequence[IdentityDecision],
    absent: Iterable[str],
    seats: int,
    variants: Iterable[str],
) -> list[Problem]:
    """Why decisions as typed from the signed protocol cannot stand together with everything decided before.

    Each names a sheet of the hall, a student of the hall who has no other sheet and did come, a seat of the hall that
    no other sheet has, and a variant of the hall. A seat or variant not the student's own needs its ground (an act).
    """
    by_code = {p.code: p for p in places}
    serials = {s.serial for s in sheets}
    absents, known = set(absent), set(variants)
    renewed = {d.serial for d in new}
    together = [d for d in standing if d.serial not in renewed] + list(new)
    before = {m.student: m for m in identify(places, sheets, standing, absents).matches}
    claimed = Counter(d.code for d in together)
    seat_claims = Counter(d.seat for d in together)
    after = identify(places, sheets, together, absents)
    seat_claims.update(m.seat for m in after.matches if m.method is Method.AUTOMATIC)
    found = []
    for d in new:
        place = by_code.get(d.code)
        here = {"serial": d.serial, "code": d.code, "seat": d.seat, "variant": d.variant}
        if d.serial not in serials:
            found.append(_say(d, "serial", N_("There is no sheet {serial} in this hall."), here))
        if place is None:
            found.append(_say(d, "code", N_("Code {code} belongs to nobody in this hall."), here))
            continue
        if place.student in absents:
            found.append(_say(d, "code", N_("{name} is marked «Келмеді». Take that back first."), {"name": place.name}))
        other = before.get(place.student)
        if claimed[d.code] > 1 or (
            other and other.serial != d.serial and other.serial not in {t.serial for t in together}
        ):
            found.append(_say(d, "code", N_("{name} has another sheet already."), {"name": place.name}))
        if not 1 <= d.seat <= seats:
            found.append(_say(d, "seat", N_("There is no seat {seat} in this hall."), here))
        elif seat_claims[d.seat] > 1:
            found.append(_say(d, "seat", N_("Another sheet has seat {seat} already."), here))
        if d.variant not in known:
            found.append(_say(d, "variant", N_("No booklet of variant {variant} lay in this hall."), here))
        found += _unlike(d, place)
    return found


def _unlike(d: IdentityDecision, place: Place) -> list[Problem]:
    """A seat or variant that is not the student's own needs a ground."""
    if d.ground.strip():
        return []
    found = []
    if d.seat != place.seat:
        params = {"name": place.name, "seat": place.seat}
        found.append(_say(d, "seat", N_("By the seating sheet {name} sits at {seat}. State the ground (act)."), params))
    if d.variant != place.variant:
        params = {"seat": place.seat, "variant": place.variant}
        text = N_("By the variant sheet seat {seat} has variant {variant}. State the ground (act).")
        found.append(_say(d, "variant", text, params))
    return found


def _say(d: IdentityDecision, field: str, text: str, params: Mapping[str, object]) -> Problem:
    return Problem(f"{d.serial}:{field}", text, tuple(params.items()))


def _automatic(hall: _Hall, sheets: Sequence[SheetNumbers], claimed: set[str]) -> list[Match]:
    """The sheets whose three keys hold; two sheets for one student decide nothing."""
    fitting = [(s, p) for s in sheets if (p := _keyed(hall, s)) is not None and p.code not in claimed]
    count = Counter(p.student for _, p in fitting)
    return [
        Match(s.serial, p.student, p.code, p.seat, p.variant, Method.AUTOMATIC)
        for s, p in fitting
        if count[p.student] == 1
    ]


def _keyed(hall: _Hall, sheet: SheetNumbers) -> Place | None:
    """The place whose seat, variant and code the sheet carries, all three (p.38)."""
    if not sheet.seat.isdigit():
        return None
    place = hall.by_seat.get(int(sheet.seat))
    if place is None or sheet.variant != place.variant or sheet.code != place.code:
        return None
    return place


def _visual(hall: _Hall, d: IdentityDecision) -> Match:
    return Match(d.serial, hall.by_code[d.code].student, d.code, d.seat, d.variant, Method.VISUAL)


def _remark(method: Method | None, absent: bool) -> LineState:
    if method is Method.VISUAL:
        return LineState.CORRECTED
    return LineState.ABSENT if absent else LineState.OPEN


def _sheet_line(
    hall: _Hall,
    sheet: SheetNumbers,
    used: Sequence[SheetNumbers],
    free: Sequence[Place],
    decision: IdentityDecision | None,
) -> SheetLine:
    state = LineState.CORRECTED if decision else LineState.OPEN
    name = hall.by_code[decision.code].name if decision and decision.code in hall.by_code else ""
    candidates = nearest(sheet, free) if decision is None else ()
    wrong, reasons = wrong_cells(hall.places, sheet, decision), tuple(_reasons(hall, sheet, used))
    return SheetLine(sheet, wrong, reasons, candidates, state, decision, name)


def wrong_cells(
    places: Sequence[Place], sheet: SheetNumbers, decision: IdentityDecision | None = None
) -> frozenset[str]:
    """The cells of table 2 that are framed: unreadable ones, ones of nobody, and with a decision those that differ."""
    by_seat, codes = {p.seat: p for p in places}, {p.code for p in places}
    found = {name for name in ("code", "seat", "variant") if UNREADABLE & set(getattr(sheet, name))}
    if decision is not None:
        seat_differs = sheet.seat.isdigit() and int(sheet.seat) != decision.seat
        differs = {
            "code": sheet.code != decision.code,
            "seat": seat_differs,
            "variant": sheet.variant != decision.variant,
        }
        return frozenset(found | {name for name, yes in differs.items() if yes})
    place = by_seat.get(int(sheet.seat)) if sheet.seat.isdigit() else None
    if sheet.code not in codes:
        found.add("code")
    if place is None:
        found.add("seat")
    else:
        if sheet.code in codes and sheet.code != place.code:
            found |= {"code", "seat"}
        if sheet.variant != place.variant:
            found.add("variant")
    return frozenset(found)


def _reasons(hall: _Hall, sheet: SheetNumbers, used: Sequence[SheetNumbers]) -> list[Problem]:
    """Plain sentences why a sheet was not identified, the most telling first."""
    place = hall.by_seat.get(int(sheet.seat)) if sheet.seat.isdigit() else None
    owner = hall.by_code.get(sheet.code)
    found: list[Problem] = []
    if owner and place and owner != place:
        found += _swap(used, owner, place)
    if place and owner == place and sheet.variant == place.variant:
        twins = [s.serial for s in used if s.serial != sheet.serial and _keyed(hall, s) == place]
        params = (("serials", ", ".join(twins)), ("name", place.name))
        found.append(
            Problem("", N_("Sheet {serials} carries the same code, seat and variant: both name {name}."), params)
        )
    found += _unreadable(sheet)
    if sheet.code.isdigit() and owner is None:
        found.append(_foreign_code(hall, sheet.code))
    if sheet.seat.isdigit() and place is None:
        found.append(Problem("seat", N_("Nobody is seated at {seat}."), (("seat", int(sheet.seat)),)))
    if place and sheet.variant.isdigit() and sheet.variant != place.variant:
        params_of_variant = (("seat", place.seat), ("due", place.variant), ("variant", sheet.variant))
        found.append(
            Problem("variant", N_("Seat {seat} has variant {due}, the sheet says {variant}."), params_of_variant)
        )
    return found


def _swap(used: Sequence[SheetNumbers], owner: Place, place: Place) -> list[Problem]:
    """Code and seat are of two students: a swap when another sheet says the same the other way round."""
    back = [s.serial for s in used if s.code == place.code and s.seat.isdigit() and int(s.seat) == owner.seat]
    if back:
        params = (("first", owner.name), ("second", place.name), ("serial", back[0]))
        return [Problem("", N_("{first} and {second} seem to have swapped seats or sheets: sheet {serial} shows "
                               "the same the other way round."), params)]  # fmt: skip
    params_of_owner = (("name", owner.name), ("seat", owner.seat), ("read", place.seat), ("other", place.name))
    return [
        Problem("", N_("The code is of {name}, seat {seat}; the seat read is {read}, of {other}."), params_of_owner)
    ]


def _unreadable(sheet: SheetNumbers) -> list[Problem]:
    labels = {"code": N_("Code"), "seat": N_("Seat"), "variant": N_("Variant")}
    texts = {
        "-": N_("{what} {shown}: a column is empty."),
        "*": N_("{what} {shown}: two bubbles in a column."),
        "?": N_("{what} {shown}: a mark is doubtful."),
    }
    return [
        Problem(name, text, (("what", label), ("shown", getattr(sheet, name))))
        for name, label in labels.items()
        for sign, text in texts.items()
        if sign in getattr(sheet, name)
    ]


def _foreign_code(hall: _Hall, code: str) -> Problem:
    if code in hall.elsewhere:
        params = (("code", code), ("hall", hall.elsewhere[code]))
        return Problem("code", N_("Code {code} belongs to a student of hall {hall}."), params)
    return Problem("code", N_("Code {code} belongs to nobody in this shift."), (("code", code),))


def _agreeing(read: str, due: str) -> int:
    """Columns in which a read number has the digit due."""
    return sum(a == b for a, b in zip(read, due, strict=False))
