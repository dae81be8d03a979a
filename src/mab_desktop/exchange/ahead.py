"""Work some steps ahead in other threads: the other processors read, hash and encrypt while the caller goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

_S = TypeVar("_S")
_T = TypeVar("_T")


def ahead(work: Callable[[_S], _T], items: Iterable[_S], threads: int = 1) -> Iterator[tuple[_S, _T]]:
    """Each of `items`, in order, with what `work` makes of it.

    The next ones are worked on while the caller is busy with this one, so at most `threads` + 1 results are in memory.
    `items` are drawn in the caller's thread; errors come out in their order. The age library holds Python's lock while
    it works and lets go when it asks for bytes or gives them. What is alone is worked on here: a small carrier starts
    no thread.
    """
    waiting: deque[tuple[_S, Future[_T]]] = deque()
    drawn = iter(items)
    first_two = list(islice(drawn, 2))
    if len(first_two) < 2:
        yield from ((item, work(item)) for item in first_two)
        return
    with ThreadPoolExecutor(threads) as others:
        for item in chain(first_two, drawn):
            waiting.append((item, others.submit(work, item)))
            if len(waiting) > threads:
                first, made = waiting.popleft()
                yield first, made.result()
        while waiting:
            first, made = waiting.popleft()
            yield first, made.result()
