"""A plain sentence for every cause, and a swap as one decision for both sheets (p.38)."""

from __future__ import annotations

import pytest

from mab_desktop.domain.identification import (
    CodeElsewhere,
    ExchangeKind,
    IdentityDecision,
    Method,
    Place,
    SheetNumbers,
    decision_problems,
    identify,
)
from mab_desktop.domain.identity_reasons import CAUSES, Cause
from mab_desktop.i18n import translate

PLACES = [Place(n, f"s{n}", f"Студент {n}", f"1000{n}{n}{n}{n}", f"1{n}0{n}") for n in range(1, 7)]
PLACES[5] = Place(6, "s6", "Студент 6", PLACES[5].code, "")
ELSEWHERE = {"20000001": CodeElsewhere("207"), "20000002": CodeElsewhere("305", 3)}
VARIANTS = [p.variant for p in PLACES if p.variant]


def own(n: int, serial: str = "", **changed: str) -> SheetNumbers:
    """What student n's careful sheet says, with changes."""
    place = PLACES[n - 1]
    right = {"code": place.code, "seat": f"{n:03d}", "variant": place.variant or "1606"}
    return SheetNumbers(serial or f"sheet{n}", **(right | changed))


PLANTED: dict[Cause, list[SheetNumbers]] = {
    Cause.EXCHANGED: [own(1, seat="002", variant="1202"), own(2, seat="001", variant="1101")],
    Cause.BOOKLETS: [own(1, variant="1202"), own(2, variant="1101")],
    Cause.SAME_NUMBERS: [own(1), own(1, "again")],
    Cause.GIVEN_AWAY: [own(1), own(2)],
    Cause.NO_NUMBERS: [own(1, code="--------", seat="---", variant="----")],
    Cause.NONE: [own(1, code="--------")],
    Cause.EMPTY_COLUMN: [own(1, code="1000-111")],
    Cause.TWO_BUBBLES: [own(1, seat="0*1")],
    Cause.DOUBTFUL: [own(1, variant="11?1")],
    Cause.OTHER_HALL: [own(1, code="20000001")],
    Cause.OTHER_SHIFT: [own(1, code="20000002")],
    Cause.NOBODYS_CODE: [own(1, code="99999999")],
    Cause.SAME_CODE: [own(1, code=PLACES[1].code), own(2)],
    Cause.NOBODYS_SEAT: [own(1, seat="077")],
    Cause.TWO_PEOPLE: [own(1, seat="002", variant="1202")],
    Cause.SAME_SEAT: [own(1, seat="002"), own(2)],
    Cause.NO_VARIANT_LAID: [own(6)],
    Cause.OTHER_VARIANT: [own(1, variant="1505")],
}


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_its_sentence_with_all_it_speaks_of(cause: Cause) -> None:
    given = [IdentityDecision("sheet2", PLACES[0].code, 1, "1101")] if cause is Cause.GIVEN_AWAY else []
    found = identify(PLACES, PLANTED[cause], given, elsewhere=ELSEWHERE)
    lines = [line for line in found.sheets if not line.decision]
    said = [reason for line in lines for reason in line.reasons if reason.text == CAUSES[cause]]
    assert said, [reason.message("en") for line in lines for reason in line.reasons]
    for lang in ("en", "kk", "ru"):
        assert "{" not in said[0].message(lang)
    assert lines[0].sheet.serial not in dict(said[0].params).values(), "a sheet is not told about itself"
    assert all(line.reasons for line in lines)
    assert translate("en", CAUSES[cause]) == CAUSES[cause]


def test_the_sentences_of_all_causes_are_different() -> None:
    assert len(set(CAUSES.values())) == len(Cause) == len(PLANTED)


def test_a_sheet_with_all_keys_right_says_which_sheet_its_student_was_given() -> None:
    found = identify(PLACES, [own(1), own(2)], [IdentityDecision("sheet2", PLACES[0].code, 1, "1101")])
    (line,) = [line for line in found.sheets if line.sheet.serial == "sheet1"]
    assert line.reasons[0].message("en") == (
        "All three numbers are of Студент 1, but the commission has given sheet sheet2 to this student."
    )


SWAPS = {
    "codes, or places": (
        [own(1, seat="002", variant="1202"), own(2, seat="001", variant="1101")], ExchangeKind.PLACES,
        [("Each sat in the other's place", True), ("Each wrote the other's code", False)],
    ),
    "seats alone": (
        [own(1, seat="002"), own(2, seat="001")], ExchangeKind.PLACES,
        [("Each sat in the other's place", True), ("Each wrote the other's code", False),
         ("Each wrote the other's seat", False)],
    ),
    "variants": (
        [own(1, variant="1202"), own(2, variant="1101")], ExchangeKind.BOOKLETS,
        [("Each worked on the other's booklet", True), ("Each wrote the other's variant", False)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SWAPS))
def test_a_swap_is_offered_as_one_decision_for_both_sheets(name: str) -> None:
    sheets, kind, ways = SWAPS[name]
    found = identify(PLACES, sheets)
    (exchange,) = found.exchanges
    assert (exchange.kind, exchange.serials, exchange.names) == (
        kind, ("sheet1", "sheet2"), ("Студент 1", "Студент 2"),
    )  # fmt: skip
    assert [(way.words, way.needs_ground) for way in exchange.ways] == ways
    assert found.exchange_of("sheet2") is exchange
    for way in exchange.ways:
        ground = "act 3" if way.needs_ground else ""
        both = [IdentityDecision(d.serial, d.code, d.seat, d.variant, ground) for d in way.decisions]
        assert decision_problems(PLACES, sheets, [], both, [], 6, VARIANTS) == []
        after = identify(PLACES, sheets, both, absent=["s3", "s4", "s5", "s6"])
        assert after.open_lines == 0
        assert after.exchanges == ()
        assert {m.student for m in after.matches} == {"s1", "s2"}
        assert {m.method for m in after.matches} == {Method.VISUAL}


def test_what_the_ways_of_a_swap_say() -> None:
    (exchange,) = identify(PLACES, SWAPS["codes, or places"][0]).exchanges
    sat_there, wrote_codes = exchange.ways
    assert [(d.serial, d.code[-1], d.seat, d.variant) for d in sat_there.decisions] == [
        ("sheet1", "1", 2, "1202"), ("sheet2", "2", 1, "1101"),
    ]  # fmt: skip
    assert [(d.serial, d.code[-1], d.seat, d.variant) for d in wrote_codes.decisions] == [
        ("sheet1", "2", 2, "1202"), ("sheet2", "1", 1, "1101"),
    ]  # fmt: skip


def test_of_several_that_lie_crosswise_the_neighbours_are_one_swap() -> None:
    """Variants repeat in a hall: the sheet of seat 1 lies crosswise with every place of the other variant."""
    places = [Place(n, f"s{n}", f"Студент {n}", f"{n}" * 8, "1101" if n % 2 else "1202") for n in range(1, 5)]
    sheets = [
        SheetNumbers(f"sheet{p.seat}", p.code, f"{p.seat:03d}", "1202" if p.seat % 2 else "1101") for p in places
    ]  # fmt: skip
    found = identify(places, sheets)
    assert [exchange.serials for exchange in found.exchanges] == [("sheet1", "sheet2"), ("sheet3", "sheet4")]


def test_a_code_of_one_and_a_seat_of_another_alone_are_no_swap() -> None:
    found = identify(PLACES, [own(1, seat="002", variant="1202"), own(2)])
    assert found.exchanges == ()
    assert "The code is of Студент 1, seat 1; the seat read is 2, of Студент 2." in [
        reason.message("en") for reason in found.sheets[0].reasons
    ]
