"""Hall fund data «Аудитория қоры туралы мәліметтер» (p.4, 10, 17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import BASE_COORDINATOR, BASE_PROGRAMMER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Hall fund data")
AGREED = N_("Agreed with the National Testing Centre")


@dataclass(frozen=True, slots=True)
class HallLine:
    """One hall; `distance` between seats in centimetres."""

    floor: str
    number: str
    kind: str
    rows: int
    places: int
    seats: int
    distance: int | None
    board: bool
    camera: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class BuildingHalls:
    """A building, «код, атауы, мекенжайы», and its halls."""

    building: str
    halls: tuple[HallLine, ...]


@dataclass(frozen=True, slots=True)
class ContingentLine:
    """Students of a direction in one language, for whom seats are needed (p.17)."""

    direction: str
    language: str
    students: int


@dataclass(frozen=True, slots=True)
class HallFund:
    """The halls of a base university planned for the MAB, and the contingent against them over `shifts` shifts.

    `version` and the beginning of the fund's `digest` stand on the carrier too: who has both can compare them.
    """

    head: DocumentHead
    imprint: Imprint
    buildings: tuple[BuildingHalls, ...]
    contingent: tuple[ContingentLine, ...] = ()
    shifts: int = 0
    coordinator: str = ""
    programmer: str = ""
    centre_officer: str = ""
    version: int = 0
    digest: str = ""


COLUMNS = (
    Column(N_("Row No"), 8, "right"),
    Column(N_("Floor"), 12, "center"),
    Column(N_("Hall"), 18, "center"),
    Column(N_("Kind of hall"), 30),
    Column(N_("Rows × places"), 17, "center"),
    Column(N_("Seats planned"), 24, "right"),
    Column(N_("Distance, cm"), 20, "right"),
    Column(N_("Board"), 12, "center"),
    Column(N_("Camera"), 14, "center"),
    Column(N_("Remark"), 37),
)
CONTINGENT_COLUMNS = (
    Column(N_("Direction of training"), 110), Column(N_("Language of the test"), 40),
    Column(N_("Number of students"), 30, "right"),
)  # fmt: skip


def draw(*documents: HallFund, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The hall funds as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, fund: HallFund) -> None:
    told = ((N_("Version of the fund"), str(fund.version)), (N_("Digest of the fund"), fund.digest))
    sheet.begin(TITLE, fund.head, fund.imprint, facts=told if fund.version else ())
    signers = (Signer(BASE_COORDINATOR, fund.coordinator, seal=True), Signer(BASE_PROGRAMMER, fund.programmer),
               Signer(AGREED, fund.centre_officer, seal=True))  # fmt: skip
    keep = signatures_height(sheet, signers)
    draw_table(sheet, COLUMNS, _rows(sheet, fund), keep=0 if fund.contingent else keep)
    if fund.contingent:
        sheet.caption(N_("Contingent and seats"))
        draw_table(sheet, CONTINGENT_COLUMNS, _contingent(sheet, fund), keep=keep)
    signatures(sheet, signers)


def _rows(sheet: Sheet, fund: HallFund) -> Iterator[Row]:
    words, no = sheet.words, 0
    yes = {True: words(N_("yes")), False: words(N_("no"))}
    for building in fund.buildings:
        yield Band(building.building)
        for h in building.halls:
            no += 1
            yield (str(no), h.floor, h.number, h.kind, f"{h.rows} × {h.places}", str(h.seats),
                   str(h.distance or "–"), yes[h.board], yes[h.camera], h.remark)  # fmt: skip
        yield _total(words(N_("Halls: {n}"), n=len(building.halls)), sum(h.seats for h in building.halls))
    halls = [h for building in fund.buildings for h in building.halls]
    yield _total(words(N_("In all, halls: {n}"), n=len(halls)), sum(h.seats for h in halls))


def _total(text: str, seats: int) -> Total:
    return Total(("", "", "", text, "", str(seats), "", "", "", ""))


def _contingent(sheet: Sheet, fund: HallFund) -> Iterator[Row]:
    words = sheet.words
    for line in fund.contingent:
        yield line.direction, line.language, str(line.students)
    seats = sum(h.seats for building in fund.buildings for h in building.halls)
    yield Total((words(N_("Students in all")), "", str(sum(line.students for line in fund.contingent))))
    yield Total((words(N_("Seats in one shift × shifts: {seats} × {n}"), seats=seats, n=fund.shifts), "",
                 str(seats * fund.shifts)))  # fmt: skip
