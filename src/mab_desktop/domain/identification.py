"""Whose sheet it is (p.38): three keys decide by themselves, everything else goes to the commission.

Identity and marks are independent: nothing here looks at an answer, a key or a point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mab_desktop.domain import identity_reasons, nearness
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.identity_reasons import HallLists
from mab_desktop.domain.identity_records import (
    LINE_LABELS,
    Candidate,
    CodeElsewhere,
    Exchange,
    ExchangeKind,
    ExchangeWay,
    HallIdentification,
    IdentityDecision,
    LineState,
    Match,
    Method,
    MissingLine,
    Place,
    SheetLine,
    SheetNumbers,
)
from mab_desktop.i18n import N_

__all__ = [
    "LINE_LABELS", "Candidate", "CodeElsewhere", "Exchange", "ExchangeKind", "ExchangeWay",
    "HallIdentification", "IdentityDecision", "LineState", "Match", "Method", "MissingLine", "Place", "SheetLine",
    "SheetNumbers", "decision_problems", "identify", "nearest", "wrong_cells",
]  # fmt: skip


def identify(
    places: Sequence[Place],
    sheets: Sequence[SheetNumbers],
    decisions: Iterable[IdentityDecision] = (),
    absent: Iterable[str] = (),
    unused: Iterable[str] = (),
    elsewhere: Mapping[str, CodeElsewhere] | None = None,
    removed: Iterable[str] = (),
) -> HallIdentification:
    """Identify a hall's sheets.

    `absent` are students with «Келмеді», `unused` serials that the commission found blank. `elsewhere` says where codes
    belong that are not of this hall; it only makes the reasons plainer. `removed` were sent out by an act: they came
    and signed both sheets by which p.38 finds who did not, so the act is their remark, not «Келмеді».
    """
    decided = {d.serial: d for d in decisions}
    given = {d.code: d.serial for d in decided.values()}
    hall = HallLists(places, {p.seat: p for p in places}, {p.code: p for p in places}, elsewhere or {}, given)
    blank = set(unused)
    used = [s for s in sheets if (s.used or s.serial in decided) and s.serial not in blank]
    automatic = _automatic(hall, [s for s in used if s.serial not in decided], {d.code for d in decided.values()})
    visual = [_visual(hall, d) for d in decided.values() if d.code in hall.by_code]
    matches = tuple(sorted((*automatic, *visual), key=lambda m: (m.seat, m.serial)))
    found = {m.student: m.method for m in matches}
    absents, gone = set(absent), set(removed)
    missing = tuple(
        MissingLine(place, _remark(found.get(place.student), place.student in absents, place.student in gone))
        for place in sorted(places, key=lambda p: p.seat)
        if found.get(place.student) is not Method.AUTOMATIC
    )
    identified = {m.serial for m in automatic}
    free = [p for p in places if p.student not in found and p.student not in absents]
    blanks = [s for s in sheets if s.serial in blank]
    open_sheets = [s for s in used if s.serial not in identified]
    crossed = identity_reasons.exchanges(hall, [s for s in open_sheets if s.serial not in decided])
    by_serial = {serial: exchange for exchange in crossed for serial in exchange.serials}
    lines = [_sheet_line(hall, s, used, free, decided.get(s.serial), by_serial.get(s.serial)) for s in open_sheets]
    lines += [SheetLine(s, frozenset(), (), (), LineState.UNUSED) for s in blanks]
    return HallIdentification(matches, missing, tuple(sorted(lines, key=lambda line: line.sheet.serial)), crossed)


def nearest(sheet: SheetNumbers, free: Iterable[Place], places: Sequence[Place] = ()) -> tuple[Candidate, ...]:
    """Students without a sheet, the nearest to its three numbers first (the rule is told in `domain.nearness`).

    `places` are all students of the hall: a number that is wholly another's was copied, not mistyped.
    """
    digits = len(sheet.seat)
    seats = {str(p.seat).zfill(digits) for p in places}
    codes, variants = {p.code for p in places}, {p.variant for p in places}
    found = [
        Candidate(
            p.student, p.name, p.code, p.seat, p.variant,
            nearness.distance(sheet.code, p.code, codes, nearness.ANOTHERS_CODE),
            nearness.distance(sheet.seat, str(p.seat).zfill(digits), seats),
            nearness.distance(sheet.variant, p.variant, variants),
        )
        for p in free
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


def _automatic(hall: HallLists, sheets: Sequence[SheetNumbers], claimed: set[str]) -> list[Match]:
    """The sheets whose three keys hold; two sheets for one student decide nothing."""
    fitting = [(s, p) for s in sheets if (p := hall.keyed(s)) is not None and p.code not in claimed]
    count = Counter(p.student for _, p in fitting)
    return [
        Match(s.serial, p.student, p.code, p.seat, p.variant, Method.AUTOMATIC)
        for s, p in fitting
        if count[p.student] == 1
    ]


def _visual(hall: HallLists, d: IdentityDecision) -> Match:
    return Match(d.serial, hall.by_code[d.code].student, d.code, d.seat, d.variant, Method.VISUAL)


def _remark(method: Method | None, absent: bool, removed: bool) -> LineState:
    if method is Method.VISUAL:
        return LineState.CORRECTED
    if removed:
        return LineState.REMOVED
    return LineState.ABSENT if absent else LineState.OPEN


def _sheet_line(
    hall: HallLists, sheet: SheetNumbers, used: Sequence[SheetNumbers], free: Sequence[Place],
    decision: IdentityDecision | None, exchange: Exchange | None,
) -> SheetLine:  # fmt: skip
    wrong = wrong_cells(hall.places, sheet, decision)
    if decision is not None:
        name = hall.by_code[decision.code].name if decision.code in hall.by_code else ""
        return SheetLine(sheet, wrong, (), (), LineState.CORRECTED, decision, name)
    told = tuple(identity_reasons.reasons(hall, sheet, used, exchange))
    return SheetLine(sheet, wrong, told, nearest(sheet, free, hall.places), LineState.OPEN)


def wrong_cells(
    places: Sequence[Place], sheet: SheetNumbers, decision: IdentityDecision | None = None
) -> frozenset[str]:
    """The cells of table 2 that are framed: unreadable ones, ones of nobody, and with a decision those that differ."""
    by_seat, codes = {p.seat: p for p in places}, {p.code for p in places}
    found = {name for name in ("code", "seat", "variant") if nearness.UNREADABLE & set(getattr(sheet, name))}
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
