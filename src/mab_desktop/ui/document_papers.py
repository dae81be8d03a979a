"""Papers made of the services' documents: each is made once and shown again until it is printed or its data changes.

Looking at a paper is no printing: only one that went to the printer, or was saved, is counted, and the next one says
that it is a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mab_desktop.domain.progress import Progress
from mab_desktop.services.documents import Document, previewing
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.papers_page import Paper, PapersPage
from mab_desktop.ui.print_desk import desk_of

# Tables that making a paper writes itself.
_OWN_TRACES = frozenset({"print_job", "print_paper", "print_paper_part", "audit", "draft"})
_COUNTED = "pass_copy"  # what of a paper is counted in pieces came out, or will: its next printing is another copy
Make = Callable[[str, Progress], Document]


class DocumentPapersPage(PapersPage):
    """Make each entry of `papers` with `self.paper(...)`."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._made: dict[tuple[str, str], Document] = {}
        desk_of(app)  # takes up what an earlier start of the program left at the printer

    def paper(
        self, key: str, title: str, make: Make, *, paragraph: str = "", group: str = "", copies: int = 1,
        options: Callable[[], Sequence[tuple[str, str]]] | None = None, obstacle: Callable[[], str] | None = None,
        first: Callable[[str], Document] | None = None,
    ) -> Paper:  # fmt: skip
        """A Paper of a `documents_*` function; `make(option, progress)` gives the Document, `first` its first page."""

        def glance(option: str) -> Document | None:
            if first is None or (key, option) in self._made:
                return None
            with previewing():
                return first(option)

        def once(option: str, progress: Progress) -> Document:
            if (key, option) not in self._made:
                with previewing():
                    self._made[key, option] = replace(make(option, progress), copies=copies)
            return self._made[key, option]

        def used(option: str) -> None:
            self._made.pop((key, option), None)

        return Paper(key, title, once, paragraph, group, copies, options, obstacle, used, glance if first else None)

    def refresh(self, changed: set[str] | None = None) -> None:
        """New data makes papers anew; the trace of a paper just made does not."""
        if changed is not None and changed <= _OWN_TRACES:
            return
        if changed is not None and "print_job" in changed and changed <= _OWN_TRACES | {_COUNTED}:
            self._made.clear()  # what is shown stays; whatever is opened or printed next is drawn anew
            return
        self._made.clear()
        super().refresh(changed)
