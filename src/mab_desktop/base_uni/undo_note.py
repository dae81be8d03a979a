"""What was done needs no question when it can be taken back: the page says it, with a button that does so."""

from __future__ import annotations

from collections.abc import Callable

from mab_desktop.ui.page import Page


def done_and_undoable(page: Page, words: str, take_back: Callable[[], object]) -> None:
    """Show `page` anew and say what was done; "Undo" and Ctrl+Z carry `take_back` out and show the page anew."""

    def back() -> None:
        take_back()
        page.refresh()

    page.refresh()
    page.offer_undo(words, back)
