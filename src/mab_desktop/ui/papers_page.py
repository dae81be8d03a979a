"""A page of the printed forms of a role: the list of papers left, the PDF right, print and save in the same place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mab_desktop.domain.progress import Progress
from mab_desktop.ui.page import Page


@dataclass(frozen=True, slots=True)
class Paper:
    """One printed form: `title` and `group` are message ids; `make(progress)` gives the PDF in the language of now.

    `options` are (key, shown words) to choose from (a hall, a shift, a network university); the chosen key reaches `make`.
    `obstacle` gives the words why it cannot be printed yet. `printed(option, copies)` is told after printing.
    """

    key: str
    title: str
    make: Callable[[str, Progress], bytes]
    paragraph: str = ""
    group: str = ""
    copies: int = 1
    options: Callable[[], Sequence[tuple[str, str]]] | None = None
    obstacle: Callable[[], str] | None = None
    printed: Callable[[str, int], None] | None = None


class PapersPage(Page):
    """Override `papers`."""

    def papers(self) -> Sequence[Paper]:
        """The papers of this page."""
        raise NotImplementedError
