"""Why a sheet was not identified, a plain sentence for every cause; two sheets that bear each other's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.identity_records import (
    CodeElsewhere,
    Exchange,
    ExchangeKind,
    ExchangeWay,
    IdentityDecision,
    Place,
    SheetNumbers,
)
from mab_desktop.i18n import N_


class Cause(StrEnum):
    """Everything that can keep the three keys of a sheet from agreeing."""

    EXCHANGED = "exchanged"
    BOOKLETS = "booklets"
    SAME_NUMBERS = "same-numbers"
    GIVEN_AWAY = "given-away"
    NO_NUMBERS = "no-numbers"
    NONE = "none"
    EMPTY_COLUMN = "empty-column"
    TWO_BUBBLES = "two-bubbles"
    DOUBTFUL = "doubtful"
    OTHER_HALL = "other-hall"
    OTHER_SHIFT = "other-shift"
    NOBODYS_CODE = "nobodys-code"
    SAME_CODE = "same-code"
    NOBODYS_SEAT = "nobodys-seat"
    TWO_PEOPLE = "two-people"
    SAME_SEAT = "same-seat"
    NO_VARIANT_LAID = "no-variant-laid"
    OTHER_VARIANT = "other-variant"


CAUSES: Mapping[Cause, str] = {
    Cause.EXCHANGED: N_("{first} and {second} seem to have swapped seats or sheets: sheet {serial} shows "
                        "the same the other way round."),
    Cause.BOOKLETS: N_("{first} and {second} seem to have swapped booklets: sheet {serial} bears the variant of the "
                       "other."),
    Cause.SAME_NUMBERS: N_("Sheet {serials} carries the same code, seat and variant: both name {name}."),
    Cause.GIVEN_AWAY: N_("All three numbers are of {name}, but the commission has given sheet {serials} to this "
                         "student."),
    Cause.NO_NUMBERS: N_("Neither code nor seat nor variant is marked."),
    Cause.NONE: N_("{what}: nothing is marked."),
    Cause.EMPTY_COLUMN: N_("{what} {shown}: a column is empty."),
    Cause.TWO_BUBBLES: N_("{what} {shown}: two bubbles in a column."),
    Cause.DOUBTFUL: N_("{what} {shown}: a mark is doubtful."),
    Cause.OTHER_HALL: N_("Code {code} belongs to a student of hall {hall}."),
    Cause.OTHER_SHIFT: N_("Code {code} belongs to a student of shift {n}, hall {hall}."),
    Cause.NOBODYS_CODE: N_("Code {code} belongs to nobody in this shift."),
    Cause.SAME_CODE: N_("Sheet {serials} carries the same code."),
    Cause.NOBODYS_SEAT: N_("Nobody is seated at {seat}."),
    Cause.TWO_PEOPLE: N_("The code is of {name}, seat {seat}; the seat read is {read}, of {other}."),
    Cause.SAME_SEAT: N_("Sheet {serials} carries the same seat."),
    Cause.NO_VARIANT_LAID: N_("The centre laid no variant on seat {seat}."),
    Cause.OTHER_VARIANT: N_("Seat {seat} has variant {due}, the sheet says {variant}."),
}  # fmt: skip
_FIELDS = {"code": N_("Code"), "seat": N_("Seat"), "variant": N_("Variant")}
_SIGNS = {"-": Cause.EMPTY_COLUMN, "*": Cause.TWO_BUBBLES, "?": Cause.DOUBTFUL}
SAT_THERE = N_("Each sat in the other's place")
WROTE_CODES = N_("Each wrote the other's code")
WROTE_SEATS = N_("Each wrote the other's seat")
SWAPPED_BOOKLETS = N_("Each worked on the other's booklet")
WROTE_VARIANTS = N_("Each wrote the other's variant")


@dataclass(frozen=True)
class HallLists:
    """The hall's lists under the keys they are asked by; `given` is the serial that each decided code has."""

    places: Sequence[Place]
    by_seat: Mapping[int, Place]
    by_code: Mapping[str, Place]
    elsewhere: Mapping[str, CodeElsewhere]
    given: Mapping[str, str]

    def place_of(self, sheet: SheetNumbers) -> Place | None:
        """Whose seat the sheet bears."""
        return self.by_seat.get(int(sheet.seat)) if sheet.seat.isdigit() else None

    def keyed(self, sheet: SheetNumbers) -> Place | None:
        """The place whose seat, variant and code the sheet bears, all three (p.38)."""
        place = self.place_of(sheet)
        if place is None or sheet.variant != place.variant or sheet.code != place.code:
            return None
        return place


def reasons(
    hall: HallLists, sheet: SheetNumbers, used: Sequence[SheetNumbers], exchange: Exchange | None
) -> list[Problem]:
    """Why a sheet was not identified, the most telling sentence first; never empty."""
    others = [s for s in used if s.serial != sheet.serial]
    place, owner = hall.place_of(sheet), hall.by_code.get(sheet.code)
    found = [_exchanged(exchange, sheet.serial)] if exchange else []
    if hall.keyed(sheet) is not None and place is not None:
        found.append(_taken(hall, place, others))
    found += _unreadable(sheet)
    if sheet.code.isdigit() and owner is None:
        found.append(_foreign_code(hall, sheet.code))
    same = [s.serial for s in others if s.code == sheet.code and sheet.code.isdigit()]
    if same and hall.keyed(sheet) is None:
        found.append(_say(Cause.SAME_CODE, "code", serials=", ".join(same)))
    if owner and place and owner != place and exchange is None:
        found.append(_say(Cause.TWO_PEOPLE, name=owner.name, seat=owner.seat, read=place.seat, other=place.name))
    if exchange is None:
        found += _seat_and_variant(sheet, place, others)
    return found


def exchanges(hall: HallLists, sheets: Iterable[SheetNumbers]) -> tuple[Exchange, ...]:
    """The pairs of undecided sheets that bear each other's numbers; no sheet is in two of them."""
    whole = [s for s in sheets if s.code in hall.by_code and hall.place_of(s) and s.variant.isdigit()]
    found: list[Exchange] = []
    taken: set[str] = set()
    for sheet in whole:
        fitting = (
            made for other in whole
            if other.serial > sheet.serial and not {sheet.serial, other.serial} & taken
            and (made := _crosswise(hall, sheet, other)) is not None
        )  # fmt: skip
        if (nearest := min(fitting, key=lambda made: _apart(hall, made), default=None)) is not None:
            found.append(nearest)
            taken |= set(nearest.serials)
    return tuple(found)


def _crosswise(hall: HallLists, first: SheetNumbers, second: SheetNumbers) -> Exchange | None:
    """What the owners of two codes seem to have exchanged, None when their numbers do not lie crosswise."""
    x, y = hall.by_code[first.code], hall.by_code[second.code]
    seats = (hall.place_of(first), hall.place_of(second))
    if x == y or x.variant == "" or y.variant == "":
        return None
    if seats == (y, x):
        return _exchange(ExchangeKind.PLACES, first, second, (x, y))
    crossed = (first.variant, second.variant) == (y.variant, x.variant) != (x.variant, y.variant)
    return _exchange(ExchangeKind.BOOKLETS, first, second, (x, y)) if seats == (x, y) and crossed else None


def _exchange(kind: ExchangeKind, first: SheetNumbers, second: SheetNumbers, owners: tuple[Place, Place]) -> Exchange:
    x, y = owners
    own = _way(WROTE_VARIANTS, (first, second), owners, (x, y))
    ways: tuple[ExchangeWay, ...]
    if kind is ExchangeKind.BOOKLETS:
        ways = (_way(SWAPPED_BOOKLETS, (first, second), owners, (x, y), (y.variant, x.variant)), own)
    else:
        # Whose booklet lay before whom is told by the sheets; a variant of neither is the one that lay on the seat.
        pair = {x.variant, y.variant}
        laid = tuple(s.variant if s.variant in pair else p.variant for s, p in ((first, y), (second, x)))
        ways = (_way(SAT_THERE, (first, second), owners, (y, x), (laid[0], laid[1])),
                _way(WROTE_CODES, (first, second), (y, x), (y, x)))  # fmt: skip
        if (first.variant, second.variant) == (x.variant, y.variant):
            ways = (*ways, _way(WROTE_SEATS, (first, second), owners, (x, y)))
    return Exchange(kind, (first.serial, second.serial), (x.name, y.name), ways)


def _way(
    words: str, sheets: tuple[SheetNumbers, SheetNumbers], people: tuple[Place, Place], seats: tuple[Place, Place],
    variants: tuple[str, str] | None = None,
) -> ExchangeWay:  # fmt: skip
    booklets = variants or (seats[0].variant, seats[1].variant)
    decisions = tuple(
        IdentityDecision(s.serial, p.code, q.seat, v)
        for s, p, q, v in zip(sheets, people, seats, booklets, strict=True)
    )
    strange = people != seats or booklets != (people[0].variant, people[1].variant)
    return ExchangeWay(words, (decisions[0], decisions[1]), strange)


def _apart(hall: HallLists, made: Exchange) -> int:
    first, second = made.ways[0].decisions
    return abs(hall.by_code[first.code].seat - hall.by_code[second.code].seat)


def _exchanged(exchange: Exchange, serial: str) -> Problem:
    cause = Cause.EXCHANGED if exchange.kind is ExchangeKind.PLACES else Cause.BOOKLETS
    first, second = exchange.names
    return _say(cause, first=first, second=second, serial=exchange.other(serial))


def _taken(hall: HallLists, place: Place, others: Sequence[SheetNumbers]) -> Problem:
    """All three keys agree, and still: another sheet bears them too, or was given to the student."""
    twins = [s.serial for s in others if hall.keyed(s) == place]
    if place.code in hall.given:
        return _say(Cause.GIVEN_AWAY, name=place.name, serials=hall.given[place.code])
    return _say(Cause.SAME_NUMBERS, name=place.name, serials=", ".join(twins))


def _unreadable(sheet: SheetNumbers) -> list[Problem]:
    values = {name: getattr(sheet, name) for name in _FIELDS}
    if not "".join(values.values()).strip("-"):
        return [_say(Cause.NO_NUMBERS)]
    found = []
    for name, label in _FIELDS.items():
        if not values[name].strip("-"):
            found.append(_say(Cause.NONE, name, what=label))
            continue
        found += [_say(c, name, what=label, shown=values[name]) for sign, c in _SIGNS.items() if sign in values[name]]
    return found


def _foreign_code(hall: HallLists, code: str) -> Problem:
    there = hall.elsewhere.get(code)
    if there is None:
        return _say(Cause.NOBODYS_CODE, "code", code=code)
    if there.shift:
        return _say(Cause.OTHER_SHIFT, "code", code=code, n=there.shift, hall=there.hall)
    return _say(Cause.OTHER_HALL, "code", code=code, hall=there.hall)


def _seat_and_variant(sheet: SheetNumbers, place: Place | None, others: Sequence[SheetNumbers]) -> list[Problem]:
    found = []
    if sheet.seat.isdigit() and place is None:
        found.append(_say(Cause.NOBODYS_SEAT, "seat", seat=int(sheet.seat)))
    same = [s.serial for s in others if s.seat == sheet.seat and s.code != sheet.code and sheet.seat.isdigit()]
    if same:
        found.append(_say(Cause.SAME_SEAT, "seat", serials=", ".join(same)))
    if place is not None and place.variant == "":
        found.append(_say(Cause.NO_VARIANT_LAID, "variant", seat=place.seat))
    elif place is not None and sheet.variant.isdigit() and sheet.variant != place.variant:
        found.append(_say(Cause.OTHER_VARIANT, "variant", seat=place.seat, due=place.variant, variant=sheet.variant))
    return found


def _say(cause: Cause, field: str = "", **params: object) -> Problem:
    return Problem(field, CAUSES[cause], tuple(params.items()))
