"""A small table model over rows in memory: sorted in Kazakh order, filtered as one types, 20,000 rows at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from mab_desktop.domain.fields import RecordSpec
from mab_desktop.ui.states import Mark


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `title` is a message id; `width` in positions (characters); `show` makes words of a value."""

    key: str
    title: str
    width: int = 12
    align: Literal["left", "right", "center"] = "left"
    kind: Literal["text", "code", "number", "date", "mark", "flag"] = "text"
    shown: bool = True
    show: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter of the list: `title` is a message id, `keep` tells which rows stay."""

    key: str
    title: str
    keep: Callable[[Any], bool]


class TableSource(Protocol):
    """Where a list's rows come from. A row is a tuple in column order, a mapping, or a frozen dataclass."""

    columns: Sequence[Column]

    def rows(self) -> Sequence[Any]:
        """All rows, read anew; UserError makes the list say what is wrong."""

    def key(self, row: Any) -> Hashable:
        """What names the row among the others."""

    def mark(self, row: Any) -> Mark:
        """How the row stands (a shape and a colour before its first cell)."""


@dataclass(frozen=True)
class Rows:
    """A TableSource made of callables; `key_of` is a column key or a function."""

    columns: Sequence[Column]
    load: Callable[[], Sequence[Any]]
    key_of: str | Callable[[Any], Hashable] = "id"
    mark_of: Callable[[Any], Mark] | None = None


def columns_of(spec: RecordSpec, names: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns of a record's fields, all or `names`, in that order."""
    raise NotImplementedError
