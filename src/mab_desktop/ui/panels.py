"""Parts that pages are laid out with: sections, facts, counts with a balance, state words, split panes, empty states."""

from __future__ import annotations

from dataclasses import dataclass

from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class Facts:
    """A titled list of label and value; words ready to show."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """One line of a balance: what is expected and what is found."""

    label: str
    found: int
    expected: int | None = None
    mark: Mark = Mark.NONE


# Widgets: Section(title) .body ; FactsView().show_facts([Facts]) ; CountsView().show_counts([Count]) ; StateLabel(mark, words)
# split(*widgets, stretches=(3, 1)) -> QSplitter ; EmptyState(title, text, Action|None) ; BigWords(text)
