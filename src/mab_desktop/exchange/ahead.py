"""Work one step ahead in a second thread: the other processor reads and hashes while the first one encrypts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_S = TypeVar("_S")
_T = TypeVar("_T")


def ahead(work: Callable[[_S], _T], items: Iterable[_S]) -> Iterator[tuple[_S, _T]]:
    """Each of `items`, in order, with what `work` makes of it: the next is worked on while the caller is busy with this
    one, so at most two results are in memory. `items` are drawn in the caller's thread; errors come out in their order.
    """
    with ThreadPoolExecutor(1) as other:
        waiting: tuple[_S, Future[_T]] | None = None
        for item in items:
            made = other.submit(work, item)
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = (item, made)
        if waiting is not None:
            yield waiting[0], waiting[1].result()
