"""Tables over pages: heads, numbers of pages, rows whole, signatures with the last row, frames, long words."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import printed_page
import pytest
from form_samples import exam, preparation
from form_samples.people import IMPRINT, SEASON
from hypothesis import given, settings
from hypothesis import strategies as st

from mab_desktop.forms import hall_list, identification_protocol, pass_register, seating_sheet
from mab_desktop.forms.lettering import fitted, width, wrap
from mab_desktop.forms.page import Imprint, Sheet, printed
from mab_desktop.forms.signature import REPRESENTATIVE, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Cell, Column, Total, draw_table

COLUMNS = (
    Column("Number", 20, "right"),
    Column("Text", 100),
    Column("Group", parts=(Column("a", 30), Column("b", 30))),
)
WORDS = st.text(alphabet="АӘҒҚҢӨҰҮҺІбвгд-/ xyz", min_size=0, max_size=120)


def draw(rows: list, signers: int = 0, **options: object) -> bytes:
    def body(sheet: Sheet, _: None) -> None:
        sheet.begin("Number", SEASON, IMPRINT)
        block = tuple(Signer(REPRESENTATIVE, f"signer {i}") for i in range(signers))
        draw_table(sheet, COLUMNS, rows, keep=signatures_height(sheet, block), **options)  # type: ignore[arg-type]
        signatures(sheet, block)

    return printed((None,), body, "en", None)


def test_two_hundred_rows_repeat_the_head_and_number_the_pages() -> None:
    pages = printed_page.texts(draw([(str(i), f"row {i}", "", "") for i in range(1, 201)]))
    assert len(pages) > 3
    for no, text in enumerate(pages, 1):
        flat = " ".join(text.split())
        assert "Text" in text
        assert "Group" in text
        assert f"page {no} of {len(pages)}" in flat
    assert re.findall(r"row (\d+)", "\n".join(pages)) == [str(i) for i in range(1, 201)]


@pytest.mark.parametrize("rows", range(30, 46))
def test_signatures_never_stand_without_the_last_row(rows: int) -> None:
    pages = printed_page.texts(
        draw([(str(i), f"row {i}", "", "") for i in range(1, rows + 1)], signers=3, row_height=18)
    )
    for text in pages:
        if "signer 0" in text:
            assert f"row {rows}" in text
            assert "signer 2" in text


@pytest.mark.parametrize("rows", range(36, 44))
def test_a_band_never_stands_last_on_a_page(rows: int) -> None:
    table = [(str(i), f"row {i}", "", "") for i in range(rows)] + [
        Band("GROUP"),
        ("1", "first of group", "", ""),
        Total(("", "sum", "", "")),
    ]
    page = next(text for text in printed_page.texts(draw(table)) if "GROUP" in text)
    assert "first of group" in page


def test_a_row_taller_than_a_page_goes_on_whole() -> None:
    story = " ".join(f"w{i}" for i in range(3000))
    pages = printed_page.texts(draw([("1", story, "", ""), ("2", "after", "", "")]))
    assert re.findall(r"w\d+", "\n".join(pages)) == story.split()
    assert "after" in pages[-1]


def test_a_table_without_rows_keeps_its_head_with_the_signatures() -> None:
    pages = printed_page.texts(draw([], signers=2))
    assert len(pages) == 1
    assert "Text" in pages[0]
    assert "signer 1" in pages[0]


def test_rows_are_taken_one_by_one() -> None:
    taken = 0

    def rows():  # noqa: ANN202
        nonlocal taken
        for taken in range(1, 501):
            yield str(taken), "x", "", ""

    def body(sheet: Sheet, _: None) -> None:
        sheet.begin("Number", SEASON, IMPRINT)
        broke_at: list[int] = []
        first, sheet.break_page = sheet.break_page, lambda: (broke_at.append(taken), first())[1]  # type: ignore[method-assign]
        draw_table(sheet, COLUMNS, rows())
        assert broke_at[0] < 60

    printed((None,), body, "en", None)
    assert taken == 500


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 4 columns"):
        draw([("1", "2")])


def test_wrong_cells_are_framed_in_a_thick_line() -> None:
    def frames(pdf: bytes) -> int:
        return sum(len(re.findall(rb"1\.6 w\s+n [\d. ]+ re S", stream)) for stream in printed_page.streams(pdf))

    plain = draw([("1", Cell("wrong"), "", "")])
    framed = draw([("1", Cell("wrong", framed=True), "", Cell("too", framed=True))])
    assert (frames(plain), frames(framed)) == (0, 2)
    protocol = identification_protocol.draw(exam.protocol())
    assert frames(protocol) == sum(len(sheet.wrong) for sheet in exam.protocol().sheets)


def test_protocol_shows_the_name_fields() -> None:
    pdf = identification_protocol.draw(exam.protocol())
    assert len(re.findall(rb"/Subtype /Image", pdf)) >= 1


@settings(max_examples=150, deadline=None)
@given(WORDS, st.floats(20, 300))
def test_wrapping_loses_no_letter_and_stays_inside(text: str, room: float) -> None:
    lines = wrap(text, room, "PTSans", 9)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(width(line, "PTSans", 9) <= room for line in lines)


@given(WORDS, st.floats(40, 300))
@settings(max_examples=60, deadline=None)
def test_fitting_never_goes_below_eight_points(text: str, room: float) -> None:
    size, lines = fitted(text, room, "PTSans-Bold", 10)
    assert 8 <= size <= 10
    assert all(width(line, "PTSans-Bold", size) <= room for line in lines)


def test_long_names_stand_whole_in_the_narrowest_registers() -> None:
    name = "АБДРАХМАНҚЫЗЫ-ӘЛІМҒАЗИЕВАҰЗЫНТЕГІБІРСӨЗБЕНЖАЗЫЛҒАН Нұрсұлтанбек Мұхамедқалиқызы"
    lines = (
        pass_register.PassLine("31450000", name, "050102", "қазақ", 2, datetime(2011, 5, 14, tzinfo=UTC).date(), "312"),
    )
    pdf = pass_register.draw(pass_register.PassRegister(SEASON, IMPRINT, lines))
    shown = "".join(printed_page.texts(pdf)[0].split()).replace("\ufffe", "-").replace("\x02", "-")
    for part in ("АБДРАХМАНҚЫЗЫ", "Нұрсұлтанбек", "Мұхамедқалиқызы"):
        assert part in shown
    letters = [letter for _, _, letter, _, _ in printed_page.letters(pdf)]
    assert letters.count("Ғ") == name.count("Ғ")


def test_unknown_characters_are_shown_not_dropped() -> None:
    assert "a?b" in printed_page.texts(draw([("1", "a\U0001f600b", "", "")]))[0]


def test_seats_are_printed_in_their_order_whatever_the_order_given() -> None:
    sheet = preparation.seating(12)
    turned = seating_sheet.SeatingSheet(sheet.head, sheet.imprint, sheet.seats, tuple(reversed(sheet.lines)))
    text = printed_page.texts(seating_sheet.draw(turned))[0]
    places = [text.index(line.code) for line in sheet.lines]
    assert places == sorted(places)


def test_reprint_and_test_mode_are_marked_on_every_page() -> None:
    pages = printed_page.texts(seating_sheet.draw(preparation.seating(60, reprint=True)))
    assert len(pages) > 1
    for text in pages:
        assert "ТЕЛНҰСҚА" in text
        assert "ЖАТТЫҒУ РЕЖИМІ" in text
    original = printed_page.texts(seating_sheet.draw(preparation.seating(60)))
    assert not any("ТЕЛНҰСҚА" in text or "ЖАТТЫҒУ" in text for text in original)


def test_hall_list_names_no_seats() -> None:
    for by_university in (False, True):
        text = printed_page.texts(hall_list.draw(preparation.hall_students(by_university)))[0]
        assert "Орын" not in text


def test_a_file_gets_the_same_bytes_as_are_returned() -> None:
    out = io.BytesIO()
    assert seating_sheet.draw(preparation.seating(5), out=out) == b""
    assert out.getvalue() == seating_sheet.draw(preparation.seating(5))


def test_copies_are_numbered() -> None:
    def body(sheet: Sheet, imprint: Imprint) -> None:
        sheet.begin("Number", SEASON, imprint)

    copies = [Imprint(IMPRINT.printed_at, "p", "0" * 64, no, 3) for no in (1, 2, 3)]
    pages = printed_page.texts(printed(copies, body, "en", None))
    assert [f"copy {no} of 3" in text for no, text in enumerate(pages, 1)] == [True] * 3
