"""The second count, second part: from the pages of two scans to sheets, and from sheets to students (p.38).

Written apart from the program that identified the sheets first; shares no code with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mab_desktop.domain.recount_marks import Column, Conflict, Fields, digits, read_fields, together

Hall = tuple[int, str]
"""A shift and a hall in it."""
BOTH = (1, 2)


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page as one scan saw it; `marks` as `recount_marks` spells them, "" where the page could not be read."""

    page: int
    shift: int
    hall: str
    scan_pass: int
    position: int
    attempt: int
    serial: str
    marks: str


@dataclass(frozen=True, slots=True)
class Word:
    """A person's word that stands: on a mark, on whose sheet it is, on a blank sheet, on a page."""

    shift: int
    hall: str
    kind: str
    serial: str = ""
    page: int = 0
    field: str = ""
    column: int = 0
    values: tuple[str, ...] = ()
    code: str = ""
    seat: int = 0
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Seated:
    """A student of the centre's own list at the seat that the draw gives him, with the variant laid there."""

    student: str
    code: str
    shift: int
    hall: str
    seat: int
    variant: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountedSheet:
    """A sheet with the marks that count, and what was said of it against the rules."""

    serial: str
    shift: int
    hall: str
    marks: Fields
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose sheet it is, and the seat and variant that count for it; `by_eye` when the commission said so."""

    student: Seated
    seat: int
    variant: str
    by_eye: bool


def sheets_of(
    pages: Iterable[RawPage], words: Sequence[Word], machine: Mapping[str, Mapping[Column, str]]
) -> tuple[list[CountedSheet], list[tuple[Hall, str]]]:
    """Every sheet that both scans saw once, by hall and serial; and (hall, serial) of what they did not see so."""
    aside = {w.page for w in words if w.kind == "aside"}
    named = {w.page: w.serial for w in words if w.kind in ("serial", "by-eye")}
    unreadable = {w.page for w in words if w.kind == "by-eye"}
    seen: dict[tuple[Hall, str], dict[int, list[Fields]]] = defaultdict(lambda: {1: [], 2: []})
    for page in _newest(pages):
        if page.page not in aside:
            fields = {} if page.page in unreadable else read_fields(page.marks)
            seen[(page.shift, page.hall), named.get(page.page, page.serial)][page.scan_pass].append(fields)
    person: dict[str, dict[Column, tuple[str, ...]]] = defaultdict(dict)
    for word in words:
        if word.kind == "mark":
            person[word.serial][word.field, word.column] = word.values
    sheets, odd = [], []
    for (hall, serial), passes in sorted(seen.items()):
        if not serial or [len(passes[n]) for n in BOTH] != [1, 1]:
            odd.append((hall, serial))
            continue
        marks, conflicts = together(passes[1][0], passes[2][0], machine.get(serial, {}), person.get(serial, {}))
        sheets.append(CountedSheet(serial, *hall, marks, tuple(conflicts)))
    return sheets, odd


def _newest(pages: Iterable[RawPage]) -> Iterable[RawPage]:
    """Of a place in the envelope that was scanned again only the last page counts."""
    found: dict[tuple[int, str, int, int], RawPage] = {}
    for page in pages:
        place = (page.shift, page.hall, page.scan_pass, page.position)
        known = found.get(place)
        if known is None or known.attempt < page.attempt:
            found[place] = page
    return found.values()


def owners_of(sheets: Sequence[CountedSheet], words: Sequence[Word], seated: Iterable[Seated]) -> dict[str, Owner]:
    """Serial -> whose it is: by the commission's word, else where code, seat and variant all three are one student's.

    Two sheets that name the same student, and a sheet that names one whom the commission gave another, name nobody.
    """
    at_seat: dict[tuple[Hall, str], Seated] = {}
    by_code: dict[tuple[Hall, str], Seated] = {}
    for student in seated:
        hall = (student.shift, student.hall)
        at_seat[hall, str(student.seat)] = by_code[hall, student.code] = student
    said = {w.serial: w for w in words if w.kind == "identity"}
    blank = {w.serial for w in words if w.kind == "unused"}
    given = {((w.shift, w.hall), w.code) for w in said.values()}
    claims: dict[str, Seated] = {}
    for sheet in sheets:
        found = at_seat.get(((sheet.shift, sheet.hall), _number(sheet, "seat").lstrip("0") or "0"))
        if (
            found is not None
            and sheet.serial not in said
            and sheet.serial not in blank
            and (_number(sheet, "code"), _number(sheet, "variant")) == (found.code, found.variant)
            and ((found.shift, found.hall), found.code) not in given
        ):
            claims[sheet.serial] = found
    times = Counter(claim.student for claim in claims.values())
    owners = {s: Owner(c, c.seat, c.variant, by_eye=False) for s, c in claims.items() if times[c.student] == 1}
    known = {sheet.serial for sheet in sheets}
    for serial, word in said.items():
        named = by_code.get(((word.shift, word.hall), word.code))
        if serial in known and serial not in blank and named is not None:
            owners[serial] = Owner(named, word.seat, word.variant, by_eye=True)
    return owners


def _number(sheet: CountedSheet, field: str) -> str:
    return digits(sheet.marks.get(field, ()))
