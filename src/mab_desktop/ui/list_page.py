"""A page with a list: search, chips, count, columns, details beside the table, actions on the chosen rows.

    class StudentsPage(ListPage):
        def table(self): return Rows(columns_of(STUDENT, (...)), load=lambda: students.all_rows(self.app.ctx), key_of="id")
        def chips(self): return (FilterChip("partial", N_("Partly filled"), lambda row: row.partial),)
        def row_actions(self): return (Action(N_("Delete"), self.remove, "delete", dangerous=True),)
        def details(self, row): return (Facts(_("Record"), (("...", "..."),)),)

`self.current()` is the row under the cursor, `self.chosen()` the rows selected; `activate(row)` is Enter, F2, double click.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from mab_desktop.ui.page import Action, Page
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import FilterChip, TableSource


class ListPage(Page):
    """See the module. Override `table` at least; the rest has sensible answers."""

    def table(self) -> TableSource:
        """Where the rows come from."""
        raise NotImplementedError

    def chips(self) -> Sequence[FilterChip]:
        """Filters that can be switched on; several at once narrow together."""
        return ()

    def page_actions(self) -> Sequence[Action]:
        """Buttons of the heading: New, Import, ..."""
        return ()

    def row_actions(self) -> Sequence[Action]:
        """Buttons on the chosen rows, under the details."""
        return ()

    def details(self, row: Any) -> Sequence[Facts] | QWidget:
        """What stands beside the table for `row`."""
        return ()

    def empty_words(self) -> tuple[str, str]:
        """What to say when there is nothing: a title and what to do."""
        return ("", "")

    def activate(self, row: Any) -> None:
        """Enter, F2 or double click on `row`."""

    def current(self) -> Any | None:
        """The row under the cursor."""

    def chosen(self) -> list[Any]:
        """The selected rows, in the order shown."""

    def shown_rows(self) -> list[Any]:
        """The rows that pass the search and the chips, in the order shown (for export and print)."""

    def go_to(self, key: Any) -> bool:
        """Put the cursor on the row named `key`; False when it is not shown."""
