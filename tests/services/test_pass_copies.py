"""Every pass that was printed is issued, spoilt or lies here; copies say which they are; a jam spoils by number."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.printing import Outcome, PrintOrder, Sides
from mab_desktop.i18n import translate
from mab_desktop.services import base_board, documents_passes, pass_copies, passes, print_jobs
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document, measured, pdf_parts, previewing, record_printing
from mab_desktop.services.pass_copies import PassState
from mab_desktop.services.passes import PassChoice, PassLayout
from mab_desktop.storage.sealed_paper import SealedPaper
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE
from tests.services.test_base_board import allotted

ALL = PassChoice()


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    """Twelve students of three universities with numbered passes."""
    ctx = make_context(Role.BASE_UNI, BASE).speaking("kk")
    allotted(ctx)
    passes.number_passes(ctx)
    return ctx


def drawn(ctx: Context, choice: PassChoice = ALL) -> Document:
    with previewing():
        return documents_passes.print_passes(ctx, choice)


def pages(document: Document) -> list[str]:
    with pypdfium2.PdfDocument(document.pdf) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


def whole(made: Document) -> PrintOrder:
    return PrintOrder("office", tuple(range(1, measured(made.pdf)[1] + 1)), 1, made.sides)


def printed(ctx: Context, choice: PassChoice = ALL) -> Document:
    """To its last page."""
    made = drawn(ctx, choice)
    run = print_jobs.begin(ctx, made, whole(made), "Рұқсаттамалар")
    print_jobs.end(ctx, run, Outcome.PRINTED, run.order.total)
    return made


def balance(ctx: Context, university: str = "013") -> tuple[int, int, int, int, int]:
    found = next(b for b in pass_copies.balances(ctx) if b.university == university)
    return found.printed, found.issued, found.spoilt, found.stock, found.waiting


def of(ctx: Context, university: str = "013") -> list[str]:
    return [line.student for line in passes.pass_lines(ctx, university)]


def test_what_is_printed_lies_here_until_it_is_given(base: Context) -> None:
    assert balance(base) == (0, 0, 0, 0, 4)
    printed(base, PassChoice("013"))
    assert balance(base) == (4, 0, 0, 4, 0)
    first, second, *_ = of(base)
    assert pass_copies.issue(base, "013", [first]) == 1
    assert pass_copies.issue(base, "013") == 3
    assert pass_copies.issue(base, "013") == 0
    assert balance(base) == (4, 4, 0, 0, 0)
    assert next(line for line in base_board.board(base) if line.university == "013").cells["passes"].count == 4
    with pytest.raises(UserError, match="was given to the university"):
        pass_copies.spoil(base, [second], "жыртылған")
    assert pass_copies.take_back(base, [second], "жыртылған, ЖОО қайтарды") == 1
    assert pass_copies.spoil(base, [second], "жыртылған") == 1
    assert balance(base) == (4, 3, 1, 0, 1)
    (spoilt,) = pass_copies.spoilt_passes(base, "013")
    assert (spoilt.student, spoilt.copy, spoilt.why) == (second, 1, "жыртылған")
    assert pass_copies.standings(base)[second].state is PassState.SPOILT
    assert pass_copies.unspoil(base, [second]) == 1
    assert balance(base) == (4, 3, 0, 1, 0)
    with pytest.raises(Refused):
        pass_copies.spoil(base, [second], "  ")


def test_a_copy_knows_its_number_whatever_paper_it_is_on(base: Context) -> None:
    """A whole university, then one student of it by himself, then the university again: 1, 2, 3 for him, 1, 2 else."""
    one = of(base)[1]
    assert "ТЕЛНҰСҚА" not in "".join(pages(printed(base, PassChoice("013"))))
    again = pages(printed(base, PassChoice(students=(one,))))[0]
    assert again.count("ТЕЛНҰСҚА № 2") == 2  # slip and stub
    third = "".join(pages(drawn(base, PassChoice("013"))))
    assert (third.count("ТЕЛНҰСҚА № 2"), third.count("ТЕЛНҰСҚА № 3")) == (6, 2)
    assert pass_copies.standings(base)[one].copy == 2
    assert balance(base) == (5, 0, 0, 5, 0)


def test_a_document_drawn_before_another_printing_is_refused(base: Context) -> None:
    """Else a second first copy would come out, without a mark."""
    stale = drawn(base, PassChoice("013"))
    printed(base, PassChoice(students=(of(base)[0],)))
    with pytest.raises(UserError, match="printed since"):
        print_jobs.begin(base, stale, whole(stale), "x")
    with pytest.raises(UserError, match="printed since"):
        record_printing(base, stale)
    assert balance(base) == (1, 0, 0, 1, 3)
    with pytest.raises(UserError, match="once each"):
        print_jobs.begin(base, drawn(base), replace(whole(stale), copies=2), "x")


def test_a_jam_spoils_by_number_and_the_rest_completes_the_run(base: Context) -> None:
    """Twelve passes on six sheets, both sides; the third sheet is crumpled; nothing is a copy, the balance agrees."""
    made = drawn(base)
    assert [piece.page for piece in made.pieces] == [1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11]
    run = print_jobs.begin(base, made, whole(made), "Рұқсаттамалар")
    print_jobs.end(base, run, Outcome.STOPPED, 7, "media-jam")
    assert sum(b.printed for b in pass_copies.balances(base)) == 0  # nobody has looked yet
    rest = print_jobs.go_on(base, run.job, run.order, good=4, start=4, spoilt=1)
    found = pass_copies.spoilt_passes(base)
    assert [(spoilt.number, spoilt.copy) for spoilt in found] == [("5", 1), ("6", 1)]
    assert {spoilt.why for spoilt in found} == {translate("kk", "Came out of the printer spoilt")}
    print_jobs.end(base, rest, Outcome.PRINTED, run.order.total)
    totals = pass_copies.balances(base)
    names = ("printed", "spoilt", "stock", "printing", "waiting")
    assert [sum(getattr(b, name) for b in totals) for name in names] == [
        14, 2, 12, 0, 0
    ]  # fmt: skip
    assert {standing.copy for standing in pass_copies.standings(base).values()} == {1}


def test_a_sheet_found_spoilt_later_is_printed_whole_again(base: Context) -> None:
    """Somebody says "page 4", the back of the second sheet: both its sides come again, its two passes are noted."""
    made = printed(base)
    job = print_jobs.rows(base)[0].id
    again = print_jobs.go_on(base, job, PrintOrder("office", (4,), 1, Sides.LONG), good=12, start=0, spoilt=1)
    assert again.order.pages == (3, 4)
    assert [spoilt.number for spoilt in pass_copies.spoilt_passes(base)] == ["3", "4"]
    print_jobs.end(base, again, Outcome.PRINTED, 2)
    assert sum(b.stock for b in pass_copies.balances(base)) == 12
    assert len(made.pieces) == 12


def test_what_never_came_out_is_forgotten(base: Context) -> None:
    """A printer that refuses, a run that is given up half-way: numbers of copies go back."""
    made = drawn(base, PassChoice("013"))
    run = print_jobs.begin(base, made, whole(made), "x")
    assert next(b for b in pass_copies.balances(base) if b.university == "013").printing == 4
    print_jobs.end(base, run, Outcome.FAILED, 0, "no paper")
    assert balance(base) == (0, 0, 0, 0, 4)
    run = print_jobs.begin(base, drawn(base, PassChoice("013")), run.order, "x")
    print_jobs.end(base, run, Outcome.STOPPED, 2)
    print_jobs.give_up(base, run.job, 2)
    assert balance(base) == (2, 0, 0, 2, 2)
    marked = "".join(pages(drawn(base, PassChoice("013"))))
    assert marked.count("ТЕЛНҰСҚА № 2") == 4


def test_three_to_a_sheet_without_backs_is_a_setting(base: Context) -> None:
    passes.choose_layout(base, PassLayout(3, backs=False))
    made = printed(base, PassChoice("013"))
    assert (len(pages(made)), made.sides) == (2, Sides.ONE)
    assert [piece.page for piece in made.pieces] == [1, 1, 1, 2]
    assert balance(base) == (4, 0, 0, 4, 0)
    with pytest.raises(UserError, match="two or three"):
        passes.choose_layout(base, PassLayout(4))


def test_the_count_of_the_stock_is_compared(base: Context) -> None:
    printed(base, PassChoice("013"))
    found = pass_copies.count_stock(base, "013", 3)
    assert (found.stock, found.counted, found.difference) == (4, 3, -1)
    pass_copies.issue(base, "013", of(base)[:1])
    assert next(b for b in pass_copies.balances(base) if b.university == "013").difference == 0
    with pytest.raises(Refused):
        pass_copies.count_stock(base, "013", -1)


def test_registers_lists_and_acts_of_every_cut(base: Context) -> None:
    """All universities in one file with their own page numbers; a hall; students one by one."""
    with pytest.raises(OutOfOrder):
        documents_passes.print_given_act(base, "013")
    with pytest.raises(OutOfOrder):
        documents_passes.print_spoilt_act(base)
    printed(base)
    one = of(base)[2]
    pass_copies.spoil(base, [one], "сия жағылған")
    pass_copies.issue(base, "013")
    registers = pages(documents_passes.print_register(base, ALL))
    assert len(registers) == 3
    assert all(re.search(r"парақ 1 /\s+1", " ".join(text.split())) for text in registers)
    lists = pages(documents_passes.print_university_list(base, PassChoice(shift=1, hall="101")))
    assert sum(text.count("2000") for text in lists) == 6
    assert len(pages(documents_passes.print_register(base, PassChoice(students=(one,))))) == 1
    assert len(pages(documents_passes.print_hall_lists(base))) == 2
    given = " ".join(pages(documents_passes.print_given_act(base, "013"))[0].split())
    numbers = [int(line.number) for line in passes.pass_lines(base, "013") if line.student != one]
    assert documents_passes.number_ranges(map(str, numbers)) in given
    assert "сия жағылған" in " ".join(pages(documents_passes.print_spoilt_act(base))[0].split())
    assert "013" in pages(documents_passes.print_balance(base))[0]


def test_number_ranges_are_short() -> None:
    assert documents_passes.number_ranges(["7", "1", "3", "2", "10", "9"]) == "1–3, 7, 9–10"
    assert documents_passes.number_ranges([]) == ""


def test_a_large_paper_is_sealed_kept_in_parts_and_comes_back_whole(base: Context) -> None:
    """What is kept of a printing is the document to the byte; on the disk there is nothing of it in plain."""
    made = drawn(base)
    small = b"".join(pdf_parts(made.pdf))
    large = SealedPaper(in_memory=1000)
    for begin in range(0, len(small), 777):
        large.write(small[begin : begin + 777])
    sealed = large.finished()
    assert isinstance(sealed, SealedPaper)
    assert b"".join(sealed.parts(500)) == small
    assert measured(sealed) == measured(small)
    assert small[5000:5100] == sealed.read_at(5000, 100)
    assert sealed._file is not None
    sealed._file.seek(0)
    assert sealed._file.read(8) != small[:8]
    with pypdfium2.PdfDocument(sealed) as pdf:
        assert len(pdf) == 12
    run = print_jobs.begin(base, replace(made, pdf=sealed, pieces=()), whole(made), "x")
    assert b"".join(pdf_parts(print_jobs.paper(base, run.job))) == small
