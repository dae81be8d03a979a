"""What is left of a printing after a stop: all that is not good, and nothing twice but a sheet without its back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.printing import Part, PrintOrder, Sides, page_numbers, page_ranges, page_words

orders = st.builds(
    PrintOrder,
    st.just("p"),
    st.sets(st.integers(1, 40), min_size=1, max_size=12).map(lambda pages: tuple(sorted(pages))),
    st.integers(1, 4),
    st.sampled_from(Sides),
    st.booleans(),
)


def row(order: PrintOrder) -> list[tuple[int, int]]:
    """Copy and page of every side that comes out, in order."""
    copies = range(1, order.copies + 1)
    if order.by_copy:
        return [(copy, page) for copy in copies for page in order.pages]
    return [(copy, page) for page in order.pages for copy in copies]


def out(order: PrintOrder, parts: tuple[Part, ...]) -> list[int]:
    """The pages that these parts bring."""
    pages: list[int] = []
    for part in parts:
        pages += [page for _copy, page in row(PrintOrder("p", part.pages, part.copies, order.sides, order.collate))]
    return pages


@given(orders, st.integers(0, 48))
def test_good_and_rest_make_the_whole(order: PrintOrder, good: int) -> None:
    """The rest begins where the good ends, two-sided at the front of the sheet, and goes to the last page."""
    good = min(good, order.total)
    rest, whole = out(order, order.rest(good)), [page for _copy, page in row(order)]
    assert whole[len(whole) - len(rest) :] == rest
    again = good - (len(whole) - len(rest))
    assert 0 <= again <= (0 if order.sides is Sides.ONE else 1)


@given(orders, st.integers(1, 48))
def test_a_place_is_named_by_copy_and_page(order: PrintOrder, good: int) -> None:
    good = min(good, order.total)
    assert order.place(good) == row(order)[good - 1]
    assert order.good(*order.place(good)) == good


def test_nothing_out_has_no_last_page() -> None:
    order = PrintOrder("p", (3, 4), 2)
    assert order.place(0) == (1, 0)
    assert order.good(1, 0) == 0
    assert order.good(2, 0) == 2
    assert order.rest(4) == ()


def test_a_copy_broken_in_the_middle() -> None:
    order = PrintOrder("p", (1, 2, 3, 4), 3, Sides.LONG)
    assert order.rest(7) == (Part((3, 4), 1), Part((1, 2, 3, 4), 1))
    assert order.rest(4) == (Part((1, 2, 3, 4), 2),)
    pages = PrintOrder("p", (1, 2, 3), 4, collate=False)
    assert pages.rest(6) == (Part((2,), 2), Part((3,), 4))


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ("", (1, 2, 3, 4)), ("2", (2,)), ("1-2, 4", (1, 2, 4)), ("3–4", (3, 4)), ("4; 1", (1, 4)),
        ("2, 1-3", (1, 2, 3)), ("3-", (3, 4)), ("-2", (1, 2)), ("1, 3 -", (1, 3, 4)), ("2\u20113", (2, 3)),
        ("\u0663", (3,)),
        ("5-", None), ("-5", None), ("-", None), ("1--2", None), ("1 2", None), ("5", None), ("2-1", None),
        ("x", None), ("1,", None), ("0-2", None),
        ("1-9999999999", None),
    ],
)  # fmt: skip
def test_page_numbers(words: str, pages: tuple[int, ...] | None) -> None:
    assert page_numbers(words, 4) == pages


@given(st.sets(st.integers(1, 99), min_size=1))
def test_pages_in_words_are_read_back(pages: set[int]) -> None:
    rising = tuple(sorted(pages))
    assert page_numbers(page_words(rising), 99) == rising
    assert [page for first, last in page_ranges(rising) for page in range(first, last + 1)] == list(rising)
